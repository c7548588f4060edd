//! The settings of a fault by name. Both the string form and the JSON form of a fault use this table.

use std::fmt;
use std::time::Duration;

use jiff::SignedDuration;
use serde::{Serialize, Serializer};

/// The kind of value that a setting has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ValueKind {
    /// No value: naming the setting enables it.
    Flag,
    Status,
    Count,
    Probability,
    Text,
    Time,
}

/// All settings, in the order in which they are written.
pub(super) const SETTINGS: &[(&str, ValueKind)] = &[
    ("status", ValueKind::Status),
    ("html", ValueKind::Status),
    ("expired-url", ValueKind::Flag),
    ("cut-after", ValueKind::Count),
    ("cut-bytes", ValueKind::Count),
    ("end-after", ValueKind::Count),
    ("lose-response", ValueKind::Flag),
    ("truncate-body", ValueKind::Flag),
    ("garbage", ValueKind::Flag),
    ("garbage-after", ValueKind::Count),
    ("repeat-call", ValueKind::Flag),
    ("repeat-event", ValueKind::Count),
    ("without-header", ValueKind::Text),
    ("effective-after", ValueKind::Time),
    ("retry-after", ValueKind::Text),
    ("delay", ValueKind::Time),
    ("probability", ValueKind::Probability),
    ("above", ValueKind::Count),
    ("after", ValueKind::Count),
    ("times", ValueKind::Count),
    ("always", ValueKind::Flag),
];

/// Returns the names of all settings.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    SETTINGS.iter().map(|(name, _)| *name)
}

impl ValueKind {
    /// Returns a description of valid values for error messages.
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Flag => "left out, or true in JSON",
            Self::Status => "a status such as 503",
            Self::Count => "a whole number of at least 0",
            Self::Probability => "a number such as 0.5",
            Self::Text => "a string",
            Self::Time => "a number and a unit, such as 50ms or 2s",
        }
    }
}

/// The value of a setting.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Flag,
    Status(u16),
    Count(usize),
    Probability(f64),
    Text(String),
    Time(Duration),
}

impl Value {
    /// Parses a value of this kind. Returns `None` if the string is invalid.
    pub(super) fn read(kind: ValueKind, text: &str) -> Option<Self> {
        Some(match kind {
            ValueKind::Flag => return None,
            ValueKind::Status => Self::Status(text.parse().ok()?),
            ValueKind::Count => Self::Count(text.parse().ok()?),
            ValueKind::Probability => Self::Probability(text.parse().ok()?),
            ValueKind::Text => Self::Text(text.to_owned()),
            ValueKind::Time => Self::Time(text.parse::<SignedDuration>().ok()?.try_into().ok()?),
        })
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => Ok(()),
            Self::Status(status) => status.fmt(f),
            Self::Count(count) => count.fmt(f),
            Self::Probability(probability) => probability.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::Time(time) => {
                write!(f, "{:#}", SignedDuration::try_from(*time).unwrap_or(SignedDuration::MAX))
            }
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Flag => serializer.serialize_bool(true),
            Self::Status(status) => serializer.serialize_u16(*status),
            Self::Count(count) => count.serialize(serializer),
            Self::Probability(probability) => serializer.serialize_f64(*probability),
            Self::Text(_) | Self::Time(_) => serializer.collect_str(self),
        }
    }
}
