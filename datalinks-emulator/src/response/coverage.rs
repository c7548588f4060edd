//! The kind of response that each operation returns.

use std::fmt;

use serde::{Serialize, Serializer};

/// The kind of response that an operation returns.
///
/// [The crate's documentation](crate#computed-scripted-unsupported) describes the kinds.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Coverage {
    /// Computed from the emulator's state, or by the configured model (`computed`).
    Computed,
    /// Based on recorded completions of a model (`recorded`).
    Recorded,
    /// Computed, except for a part that may be rule-based or made up (`partly-scripted`). The label of each response shows
    /// whether it has such a part.
    PartlyScripted,
    /// Rule-based, where the service would call a model (`scripted`).
    Scripted,
    /// Rejected with status 501 (`unsupported`).
    Unsupported,
}

/// An operation and the kind of response that it returns.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OperationCoverage {
    /// Operation id, such as `ingestData`.
    pub operation: &'static str,
    /// HTTP method, such as `POST`.
    pub method: &'static str,
    /// Path on the emulator with parameters in braces, such as `/api/v1/ingest/{namespace}/{datasetName}`.
    pub path: OperationPath,
    /// Kind of response.
    pub coverage: Coverage,
}

/// The path of an operation on an emulator. The `Display` form is the path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OperationPath {
    pub(crate) prefix: &'static str,
    pub(crate) path: &'static str,
}

impl fmt::Display for OperationPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.prefix, self.path)
    }
}

impl Serialize for OperationPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
