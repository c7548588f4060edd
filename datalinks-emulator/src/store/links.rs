//! Links between columns.

use super::{DatasetName, Store};

/// One column of one dataset.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ColumnName {
    pub(crate) dataset: DatasetName,
    pub(crate) column: String,
}

impl ColumnName {
    /// The dotted identifier of the column.
    pub(crate) fn identifier(&self) -> String {
        let DatasetName { owner, namespace, name } = &self.dataset;
        format!("ri.{owner}.{namespace}.{name}.{}", self.column)
    }
}

/// Two columns whose equal values connect rows (`ExactMatch`, the only kind the emulator computes).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Link {
    pub(crate) from: ColumnName,
    pub(crate) to: ColumnName,
}

impl Link {
    pub(crate) fn touches(&self, dataset: &DatasetName) -> bool {
        self.from.dataset == *dataset || self.to.dataset == *dataset
    }

    /// The pairs of columns by which one gets from one dataset to the other, in either direction.
    pub(crate) fn ways<'a>(&'a self, from: &DatasetName, to: &DatasetName) -> Vec<(&'a str, &'a str)> {
        let mut ways = Vec::new();
        if self.from.dataset == *from && self.to.dataset == *to {
            ways.push((self.from.column.as_str(), self.to.column.as_str()));
        }
        if self.to.dataset == *from && self.from.dataset == *to {
            ways.push((self.to.column.as_str(), self.from.column.as_str()));
        }
        ways
    }
}

impl Store {
    /// How many pairs of rows a link connects.
    pub(crate) fn hits(&self, link: &Link) -> u64 {
        let index = |column: &ColumnName| {
            let dataset = self.dataset(&column.dataset)?;
            Some(dataset.index(dataset.columns().number(&column.column)?))
        };
        let (Some(from), Some(to)) = (index(&link.from), index(&link.to)) else { return 0 };
        from.iter().map(|(key, rows)| rows.len() as u64 * to.get(key).len() as u64).sum()
    }
}
