//! The rows of a result, serialized without copying.

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::eval::Outcome;
use crate::store::{DatasetName, RowView, Store};

/// The rows of a result, up to a limit.
pub(crate) struct FoundRows<'a> {
    store: &'a Store,
    dataset: &'a DatasetName,
    rows: &'a [u32],
}

impl<'a> FoundRows<'a> {
    pub(crate) fn new(store: &'a Store, outcome: &'a Outcome, limit: usize) -> Self {
        let stage = outcome.last();
        let end = stage.rows.len().min(limit);
        Self { store, dataset: &stage.dataset, rows: stage.rows.get(..end).unwrap_or_default() }
    }

    /// Returns the rows in order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = RowView<'a>> {
        let dataset = self.store.dataset(self.dataset);
        self.rows.iter().filter_map(move |row| dataset?.view(*row))
    }
}

impl Serialize for FoundRows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.rows.len()))?;
        for row in self.rows() {
            list.serialize_element(&row)?;
        }
        list.end()
    }
}
