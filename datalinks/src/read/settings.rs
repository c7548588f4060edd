//! The options of a reader, for all formats.

use std::sync::{Arc, atomic::AtomicBool};

#[cfg(feature = "excel")]
use super::excel::ExcelSettings;
#[cfg(feature = "parquet")]
use super::parquet::Options as ParquetOptions;
use super::{
    bad_row::OnBadRow, compression::Compression, csv::is_delimiter, format::Format, progress::ReadProgress,
};
use crate::error::Error;

/// Default of the maximum size of a record: 16 MiB, this crate's choice.
const RECORD_LIMIT: usize = 16 * 1024 * 1024;
/// Default number of rows that decide the types of columns: this crate's choice, and that of DuckDB.
const TYPE_SAMPLE: usize = 20_480;

/// The options of a reader.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) format: Option<Format>,
    pub(super) compression: Option<Compression>,
    /// Delimiter between cells, or `None` to detect it.
    pub(super) delimiter: Option<u8>,
    /// Set if cells become numbers, booleans and null.
    pub(super) infer: bool,
    /// Number of rows that decide the types.
    pub(super) type_sample: usize,
    /// Names of the columns whose cells stay strings.
    pub(super) string_columns: Vec<String>,
    #[cfg(feature = "excel")]
    pub(super) excel: ExcelSettings,
    #[cfg(feature = "parquet")]
    pub(super) parquet: ParquetOptions,
    pub(super) on_bad_row: OnBadRow,
    pub(super) record_limit: usize,
    /// Set when the consumer of the rows was dropped.
    pub(super) stopped: Arc<AtomicBool>,
    pub(super) progress: ReadProgress,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            format: None,
            compression: None,
            delimiter: None,
            infer: false,
            type_sample: TYPE_SAMPLE,
            string_columns: Vec::new(),
            #[cfg(feature = "excel")]
            excel: ExcelSettings::default(),
            #[cfg(feature = "parquet")]
            parquet: ParquetOptions::default(),
            on_bad_row: OnBadRow::default(),
            record_limit: RECORD_LIMIT,
            stopped: Arc::default(),
            progress: ReadProgress::default(),
        }
    }
}

impl Settings {
    /// Validates the options.
    pub(super) fn check(&self) -> Result<(), Error> {
        if let Some(delimiter) = self.delimiter.filter(|delimiter| !is_delimiter(*delimiter)) {
            return Err(Error::invalid(format!("the byte {delimiter:#04x} cannot be a delimiter"))
                .advice("use an ASCII character that is neither a quote nor a line break"));
        }
        if self.type_sample == 0 {
            return Err(Error::invalid("Reader::type_sample is 0: expected at least 1 row")
                .advice("set Reader::type_sample to a larger number"));
        }
        #[cfg(feature = "excel")]
        self.excel.check()?;
        Ok(())
    }
}
