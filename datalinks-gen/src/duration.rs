//! ISO 8601 durations, the format of durations in the explanation of a query.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// A duration such as `PT0.021S`, stored as the string that was received.
///
/// ```
/// use datalinks_gen::IsoDuration;
/// use std::time::Duration;
///
/// assert_eq!(IsoDuration::from("PT1M0.5S").get(), Some(Duration::from_millis(60_500)));
/// assert_eq!(IsoDuration::from("soon").get(), None);
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct IsoDuration(String);

impl IsoDuration {
    /// Returns the duration. Returns `None` if it is negative, has calendar units (a month has no fixed
    /// length), or is not an ISO 8601 duration.
    pub fn get(&self) -> Option<Duration> {
        let signed: jiff::SignedDuration = self.0.parse().ok()?;
        Duration::try_from(signed).ok()
    }

    /// Returns the string that was received.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for IsoDuration {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for IsoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
