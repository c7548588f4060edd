//! The options for Parquet files.

use crate::error::Error;

/// The options of a [`Reader`](crate::read::Reader) for Parquet files.
#[derive(Clone, Debug, Default)]
pub(in crate::read) struct Options {
    /// Names of the columns to read, or `None` for all columns.
    pub(in crate::read) only: Option<Vec<String>>,
    /// Names of the columns to skip.
    pub(in crate::read) without: Vec<String>,
    pub(in crate::read) binary_as_string: bool,
}

impl Options {
    /// Returns `true` if columns are selected, which only Parquet files support.
    pub(in crate::read) fn selects(&self) -> bool {
        self.only.is_some() || !self.without.is_empty()
    }

    /// Returns the indexes of the columns to read.
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
            return Err(Error::invalid(format!("no column of {file} is selected"))
                .advice("select at least one with Reader::columns, or skip fewer"));
        }
        Ok(selected)
    }
}
