//! How an operation is answered.

use std::fmt;

use serde::{Serialize, Serializer};

/// How an operation is answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Coverage {
    /// From what the emulator holds, or by a model that it was given.
    Computed,
    /// By what a model said once, and cassettes kept.
    Recorded,
    /// Computed, but for a part where a rule stands for a model, or that the emulator makes up. Which requests have
    /// such a part, the documentation of the crate says; the label of each response says whether it has one.
    PartlyScripted,
    /// By a rule, where the service would ask a model.
    Scripted,
    /// Not at all.
    Unsupported,
}

/// An operation, and how it is answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OperationCoverage {
    /// The operation's id, e.g. `ingestData`.
    pub operation: &'static str,
    /// The HTTP method, e.g. `POST`.
    pub method: &'static str,
    /// The path on the emulator, names in braces, e.g. `/api/v1/ingest/{namespace}/{datasetName}`.
    pub path: OperationPath,
    /// How it is answered.
    pub coverage: Coverage,
}

/// The path of an operation on an emulator. Its `Display` form is the path.
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
