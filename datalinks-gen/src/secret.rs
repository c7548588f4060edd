//! Secret values: tokens and presigned URLs.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize as _;

/// A token or a presigned URL. Formatting prints a fixed placeholder instead of the value, and dropping it overwrites the
/// memory of the value with zeros.
///
/// ```
/// use datalinks_gen::Secret;
///
/// let token = Secret::from("abc");
/// assert_eq!(format!("{token:?}"), "[secret]");
/// assert_eq!(token.expose(), "abc");
/// ```
#[derive(Clone, Eq, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Returns the value.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self(value)
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}
