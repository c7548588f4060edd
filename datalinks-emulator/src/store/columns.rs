//! The columns of a dataset, in the order in which they were first seen.

use std::collections::HashMap;
use std::sync::Arc;

/// Column names and their numbers.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl Columns {
    /// The number of a column, given one if it is new.
    pub(crate) fn intern(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let name: Arc<str> = name.into();
        self.names.push(Arc::clone(&name));
        self.numbers.insert(name, number);
        number
    }

    /// Forgets all columns but the first ones.
    pub(super) fn truncate(&mut self, columns: usize) {
        for name in self.names.drain(columns.min(self.names.len())..) {
            self.numbers.remove(&name);
        }
    }

    pub(crate) fn number(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    pub(crate) fn name(&self, number: u32) -> &str {
        self.names.get(number as usize).map_or("", |name| name)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }
}
