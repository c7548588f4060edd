//! What can be set for Parquet files.

use crate::error::Error;

/// The settings of a [`Reader`] for Parquet files.
#[derive(Clone, Debug, Default)]
pub(in crate::read) struct Options {
    /// The columns to read; all unless given.
    pub(super) only: Option<Vec<String>>,
    /// The columns to leave out.
    pub(super) without: Vec<String>,
    pub(super) binary_as_string: bool,
}

impl Options {
    /// Whether columns are selected, which only Parquet files allow.
    pub(in crate::read) fn selects(&self) -> bool {
        self.only.is_some() || !self.without.is_empty()
    }

    /// The indexes of the columns to read.
    pub(super) fn select(&self, file: &str, columns: &[&str]) -> Result<Vec<usize>, Error> {
        for name in self.only.iter().flatten().chain(&self.without) {
            if !columns.contains(&name.as_str()) {
                let message = format!("{file} has no column that is named {name:?}");
                return Err(Error::invalid(message).advice(format!("its columns are {columns:?}")));
            }
        }
        let is_read = |name: &str| {
            let named = |names: &[String]| names.iter().any(|other| other == name);
            self.only.as_deref().is_none_or(named) && !named(&self.without)
        };
        let selected: Vec<_> = (0..columns.len()).filter(|index| is_read(columns[*index])).collect();
        if selected.is_empty() && self.selects() {
            return Err(Error::invalid(format!("none of the columns of {file} is read"))
                .advice("select at least one with Reader::columns, or leave out fewer"));
        }
        Ok(selected)
    }
}
