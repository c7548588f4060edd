//! Paths inside a data directory.

use std::borrow::{Borrow, Cow};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::names::is_device;

/// Maximum length of a path, in bytes.
const LONGEST_PATH: usize = 1_024;
/// Maximum length of one component, in bytes: the limit of common file systems.
const LONGEST_COMPONENT: usize = 255;
/// Number of characters of a rejected path that an error shows.
const SHOWN: usize = 100;

/// A path below a data directory, as components separated by slashes. Each component is a plain file name.
///
/// A path names a file inside the directory on Linux, macOS and Windows. Empty and absolute paths are rejected, and so
/// are `.`, `..`, backslashes, colons, control characters and names of devices. Hidden names are rejected as well,
/// because they belong to other programs, such as version control.
///
/// Everything that reads or changes a data directory takes a path of this type.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct RelativePath(Cow<'static, str>);

/// The reason why a string is not a [`RelativePath`].
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
#[error("{path:?} is not a path inside the data directory: {reason}")]
pub(crate) struct PathError {
    path: String,
    reason: &'static str,
}

impl RelativePath {
    pub(crate) fn new(path: impl Into<String>) -> Result<Self, PathError> {
        let path = path.into();
        match check(&path) {
            Ok(()) => Ok(Self(Cow::Owned(path))),
            Err(reason) => Err(PathError { path: path.chars().take(SHOWN).collect(), reason }),
        }
    }

    /// Creates a path from a constant name of this crate, which may be hidden.
    pub(super) const fn constant(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the components, from the top down.
    pub(super) fn components(&self) -> std::str::Split<'_, char> {
        self.0.split('/')
    }
}

fn check(path: &str) -> Result<(), &'static str> {
    if path.is_empty() {
        return Err("it is empty");
    }
    if path.len() > LONGEST_PATH {
        return Err("it is longer than 1024 bytes");
    }
    path.split('/').try_for_each(check_component)
}

fn check_component(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("a component is empty; write a relative path with single slashes");
    }
    if name.len() > LONGEST_COMPONENT {
        return Err("a component is longer than 255 bytes");
    }
    if name.starts_with('.') {
        return Err("a component begins with a dot");
    }
    if name.ends_with(['.', ' ']) {
        return Err("a component ends with a dot or a space");
    }
    if name.chars().any(|c| c.is_control() || matches!(c, '\\' | ':' | '<' | '>' | '"' | '|' | '?' | '*')) {
        return Err("a component has a character that file names cannot have everywhere");
    }
    if is_device(&name.to_ascii_lowercase()) {
        return Err("a component is the name of a device on Windows");
    }
    Ok(())
}

impl TryFrom<String> for RelativePath {
    type Error = PathError;

    fn try_from(path: String) -> Result<Self, PathError> {
        Self::new(path)
    }
}

impl From<RelativePath> for String {
    fn from(path: RelativePath) -> Self {
        path.0.into_owned()
    }
}

impl Borrow<str> for RelativePath {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for RelativePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_states_are_accepted() {
        for path in [
            "ids.json",
            "datasets/ana/%46ilms/rows.ndjson",
            "uploads/0f8fad5bd9cb469fa16570867728950e/1.part",
            "a/b..c/d~e",
        ] {
            assert_eq!(RelativePath::new(path).unwrap().as_str(), path);
        }
    }

    #[test]
    fn paths_that_lead_elsewhere_are_rejected() {
        let long = "a/".repeat(600) + "a";
        let wide = "a".repeat(256);
        for path in [
            "",
            "/",
            "/etc/passwd",
            "a/",
            "a//b",
            ".",
            "..",
            "a/..",
            "../a",
            "a/../b",
            "a/./b",
            "a\\b",
            "..\\a",
            "c:",
            "c:/a",
            "a:b",
            "a\0",
            "a\nb",
            "\u{85}",
            ".git/config",
            "a/.hidden",
            "a.",
            "a ",
            "con",
            "a/NUL",
            "Aux.txt",
            "lpt1.json",
            "COM\u{b9}",
            "a*",
            "\"",
            &long,
            &wide,
        ] {
            let error = RelativePath::new(path).unwrap_err().to_string();
            assert!(error.contains("is not a path inside the data directory"), "{path:?}: {error}");
            assert!(error.len() < 600, "{path:?} is shown in full");
            let json = serde_json::to_string(path).unwrap();
            assert!(serde_json::from_str::<RelativePath>(&json).is_err(), "{path:?}");
        }
    }
}
