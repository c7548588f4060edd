//! The rows at one point of a query.

use crate::store::DatasetName;

/// The rows of one dataset.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) dataset: DatasetName,
    pub(crate) rows: Vec<u32>,
}
