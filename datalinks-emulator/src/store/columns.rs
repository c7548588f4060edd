//! The columns of a dataset, in order of first occurrence.

use std::sync::Arc;

use super::axis::{Axis, split};
use crate::concurrency::work::Map;

/// Column names by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    /// Names in the order of their numbers.
    names: Map<Arc<str>, ()>,
    /// The first column of each axis, by the prefix of its name.
    axes: Map<(String, Axis), u32>,
}

impl Columns {
    /// Returns the number of a column. A new column gets the next number.
    pub(crate) fn intern(&mut self, name: &str) -> u32 {
        if let Some(number) = self.number(name) {
            return number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.insert(name.into(), ());
        if let Some(axis) = split(name) {
            self.axes.entry(axis).or_insert(number);
        }
        number
    }

    /// Removes all columns beyond a number.
    pub(super) fn truncate(&mut self, columns: usize) {
        self.names.truncate(columns);
        self.axes.retain(|_, number| (*number as usize) < columns);
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(crate) fn number(&self, name: &str) -> Option<u32> {
        u32::try_from(self.names.get_index_of(name)?).ok()
    }

    pub(crate) fn name(&self, number: u32) -> &str {
        self.names.get_index(number as usize).map_or("", |(name, ())| name)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(|name| &**name)
    }

    /// Returns the first column whose name consists of this prefix and an axis, ignoring letter case.
    pub(super) fn on_axis(&self, before: String, axis: Axis) -> Option<u32> {
        self.axes.get(&(before, axis)).copied()
    }
}
