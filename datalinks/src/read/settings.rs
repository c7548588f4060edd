//! How files are read.

use std::sync::{Arc, atomic::AtomicBool};

#[cfg(feature = "excel")]
use super::excel::ExcelSettings;
#[cfg(feature = "parquet")]
use super::parquet::Options as ParquetOptions;
use super::{bad_row::OnBadRow, compression::Compression, csv::is_delimiter, format::Format};
use crate::error::Error;

/// Bytes of one record, unless set otherwise: 16 MiB, this crate's choice.
const RECORD_LIMIT: usize = 16 * 1024 * 1024;

/// Rows that decide on the types of columns, unless set otherwise: this crate's choice, and that of DuckDB.
const TYPE_SAMPLE: usize = 20_480;

/// How files are read.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) format: Option<Format>,
    pub(super) compression: Option<Compression>,
    /// Between cells; found out unless given.
    pub(super) delimiter: Option<u8>,
    /// Whether cells become numbers, booleans and null.
    pub(super) infer: bool,
    /// How many rows decide on the types.
    pub(super) type_sample: usize,
    /// Columns whose cells stay text.
    pub(super) string_columns: Vec<String>,
    #[cfg(feature = "excel")]
    pub(super) excel: ExcelSettings,
    #[cfg(feature = "parquet")]
    pub(super) parquet: ParquetOptions,
    pub(super) on_bad_row: OnBadRow,
    pub(super) record_limit: usize,
    /// Set when nobody takes rows any longer.
    pub(super) stopped: Arc<AtomicBool>,
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
        }
    }
}

impl Settings {
    /// Whether files can be read so.
    pub(super) fn check(&self) -> Result<(), Error> {
        if let Some(delimiter) = self.delimiter.filter(|delimiter| !is_delimiter(*delimiter)) {
            return Err(Error::invalid(format!("the byte {delimiter:#04x} cannot stand between cells"))
                .advice("take an ASCII character that is neither a quote nor a line break"));
        }
        if self.type_sample == 0 {
            return Err(Error::invalid(
                "Reader::type_sample is 0, so that no row decides on the types of columns",
            )
            .advice("set it to at least one row"));
        }
        #[cfg(feature = "excel")]
        self.excel.check()?;
        Ok(())
    }
}
