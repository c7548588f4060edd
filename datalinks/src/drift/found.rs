//! Differences between responses and the document.

use std::fmt;

use serde::Serialize;

/// Something that a response has and the document does not.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Drift {
    /// `operationId` of the operation in the document.
    pub operation: String,
    /// HTTP status of the response.
    pub status: u16,
    /// Kind of the difference.
    pub kind: DriftKind,
    /// Place in the body, as a JSON pointer. `*` stands for the index of an item, and for a key that is data. Empty for the
    /// whole response.
    pub pointer: String,
    /// What the document declares there: the values of an enum, types, statuses or media types. Empty for fields.
    pub declared: Vec<String>,
    /// What was seen: a value of an enum, a type, a status or a media type. For fields, the type of the value, or `absent`.
    pub seen: String,
    /// Number of times that it was seen.
    pub count: u64,
}

impl Drift {
    /// Creates a difference that was seen once in a response with status 200.
    pub fn new(
        operation: impl Into<String>,
        kind: DriftKind,
        pointer: impl Into<String>,
        seen: impl Into<String>,
    ) -> Self {
        Self {
            operation: operation.into(),
            status: 200,
            kind,
            pointer: pointer.into(),
            declared: Vec::new(),
            seen: seen.into(),
            count: 1,
        }
    }
}

/// The kind of a difference.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum DriftKind {
    /// A status that the document does not list. Statuses from 500 on and 429 are not reported, because gateways send them.
    Status,
    /// A media type that the document does not declare for the status.
    MediaType,
    /// A field that the document does not have.
    Field,
    /// A field that the document requires is absent.
    Missing,
    /// A value that is not in the list of an enum.
    Value,
    /// A value of another type.
    Type,
}

impl fmt::Display for DriftKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Status => "status",
            Self::MediaType => "media type",
            Self::Field => "field",
            Self::Missing => "missing field",
            Self::Value => "value",
            Self::Type => "type",
        })
    }
}
