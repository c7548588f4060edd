//! What can be set for Parquet files.

use crate::{error::Error, read::Reader};

/// The settings of a [`Reader`] for Parquet files.
#[derive(Clone, Debug, Default)]
pub(in crate::read) struct Options {
    /// The columns to read; all unless given.
    only: Option<Vec<String>>,
    /// The columns to leave out.
    without: Vec<String>,
    pub(super) binary_as_string: bool,
}

/// Options for Parquet files (feature `parquet`).
impl Reader {
    /// Sets the columns that are read from Parquet files, by name. Other columns are neither read nor decompressed.
    ///
    /// The order in a row remains that of the file. A column that a file does not have is an error, and so is a file of
    /// another format: it would have all of its columns. Defaults to all columns.
    ///
    /// ```
    /// use datalinks::read;
    ///
    /// let films = read::file("films.parquet").columns(["title", "year"]);
    /// # let _ = films;
    /// ```
    pub fn columns<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.settings.parquet.only = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Leaves out columns of Parquet files, by name. Such a column is neither read nor decompressed, so the other
    /// columns of a file can be read even if it cannot.
    ///
    /// A name that a file does not have is an error, and so is a file of another format: a column that was to be left
    /// out would be in the rows. Defaults to none.
    pub fn without_columns<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.settings.parquet.without = names.into_iter().map(Into::into).collect();
        self
    }

    /// Reads bytes in Parquet files (`BYTE_ARRAY`) as strings in UTF-8. Some writers do not mark their strings as such,
    /// for example Impala, Hive and old versions of Spark.
    ///
    /// A value that is not UTF-8 makes its row a bad row. Bytes of a fixed length are not affected. By default, bytes
    /// that are not marked as strings are written in hexadecimal.
    pub fn binary_as_string(mut self) -> Self {
        self.settings.parquet.binary_as_string = true;
        self
    }
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
