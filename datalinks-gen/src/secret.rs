//! Values that are worth something to whoever reads them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A token or a presigned URL. Formatting it prints no more than that it is there.
///
/// ```
/// use datalinks_gen::Secret;
///
/// let token = Secret::from("abc".to_owned());
/// assert_eq!(format!("{token:?}"), "[secret]");
/// assert_eq!(token.expose(), "abc");
/// ```
#[derive(Clone, Eq, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The value itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self(value)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}
