//! Path values that address what they say.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// One segment of a request path: a name, an id, or `self` for the owner of the token.
///
/// Any name will do (spaces, slashes, `%`, other scripts: it is percent-encoded as one segment),
/// but for those that would address something else: empty, `.` and `..` (an HTTP client resolves
/// them: a dataset named `.` would address its whole namespace), and names with a backslash or a
/// control character.
///
/// ```
/// use datalinks_gen::PathSegment;
///
/// assert!(PathSegment::new("a name / with 100 %").is_ok());
/// assert!(PathSegment::new("..").is_err());
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct PathSegment(String);

impl PathSegment {
    /// Checks `value`.
    ///
    /// # Errors
    ///
    /// When the value would address something else than it names.
    pub fn new(value: impl Into<String>) -> Result<Self, InvalidSegment> {
        let value = value.into();
        let fault = match value.as_str() {
            "" => "is empty",
            "." | ".." => "is a relative path, which addresses something else",
            text if text.contains('\\') => "has a backslash",
            text if text.chars().any(char::is_control) => "has a control character",
            _ => return Ok(Self(value)),
        };
        Err(InvalidSegment { value, fault })
    }

    /// The owner of the token.
    pub fn own() -> Self {
        Self("self".to_owned())
    }

    /// The value, not encoded.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PathSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for PathSegment {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for PathSegment {
    type Err = InvalidSegment;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        Self::new(value)
    }
}

impl<'de> Deserialize<'de> for PathSegment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// A value that cannot stand in a path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InvalidSegment {
    value: String,
    fault: &'static str,
}

impl fmt::Display for InvalidSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the name {:?} {}; nothing was sent, choose another name", self.value, self.fault)
    }
}

impl std::error::Error for InvalidSegment {}

#[cfg(test)]
mod tests {
    use super::PathSegment;

    #[test]
    fn refuses_what_addresses_something_else() {
        for bad in ["", ".", "..", "a\\b", "a\nb", "\u{7f}", "\u{85}"] {
            let error = PathSegment::new(bad).unwrap_err();
            assert!(error.to_string().contains("nothing was sent"), "{error}");
        }
        for good in ["self", "...", "a/b", "a%2Fb", "ü", " ", "?", "#"] {
            assert_eq!(PathSegment::new(good).unwrap().as_str(), good);
        }
    }
}
