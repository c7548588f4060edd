//! How a reader is told what to read of Parquet.

use crate::read::Reader;

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
