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
    /// What the error is about, and so what to change.
    pub kind: RowErrorKind,
}

/// What a [`RowError`] is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum RowErrorKind {
    /// A value does not fit the type of its column, see [`TableOptions::column`](crate::TableOptions::column).
    ColumnType,
    /// The answer to a question does not fit its columns, see [`NaturalLanguage`](crate::NaturalLanguage).
    AnswerColumns,
    /// The column that orders pages does not have a different integer in every row, see
    /// [`TableOptions::page_by`](crate::TableOptions::page_by).
    PageColumn,
}

impl RowErrorKind {
    fn advice(self) -> &'static str {
        match self {
            Self::ColumnType => {
                "set the type of the column with TableOptions::column, or raise TableOptions::sample_rows"
            }
            Self::AnswerColumns => "name the columns of the answer as the third argument of natural_language",
            Self::PageColumn => {
                "give TableOptions::page_by a column that has a different integer in every row, and run the statement again"
            }
        }
    }
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "reading {}: {}; {}", self.dataset, self.reason, self.kind.advice())
    }
}

impl std::error::Error for RowError {}

/// Returns an error of the client as one of the engine. Callers find it with `downcast_ref::<datalinks::Error>()` at the
/// source of [`DataFusionError::External`].
pub(crate) fn external(error: datalinks::Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}
