//! Errors of the client as errors of the engine.

use std::fmt;

use datafusion::error::DataFusionError;

/// A row of a dataset that does not fit the columns of its table, or pages that cannot be joined.
///
/// It is the source of a [`DataFusionError::External`].
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RowError {
    /// The dataset, with its namespace.
    pub dataset: String,
    /// The reason.
    pub reason: String,
    pub(crate) advice: &'static str,
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "reading {}: {}; {}", self.dataset, self.reason, self.advice)
    }
}

impl std::error::Error for RowError {}

/// Returns an error of the client as one of the engine. Callers find it with `downcast_ref::<datalinks::Error>()` at the
/// source of [`DataFusionError::External`].
pub(crate) fn external(error: datalinks::Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}
