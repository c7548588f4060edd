//! The ending of a file's name.

use std::path::Path;

/// What follows the last dot, in small letters.
pub(super) fn ending(name: &Path) -> Option<String> {
    Some(name.extension()?.to_str()?.to_ascii_lowercase())
}
