//! Rows of all sources, in order.

use std::{collections::VecDeque, fmt, sync::Arc};

use super::{
    bad_row::{BadRow, OnBadRow, RowError},
    raw_row::RawRow,
    records::Records,
    settings::Settings,
    source::{Source, open, resolve, total},
};
use crate::error::Error;

/// The rows of a [`Reader`](super::Reader), in the order of the files.
///
/// Iteration performs blocking I/O. In async code, use [`Reader::into_stream`](super::Reader::into_stream). Each file
/// is opened when iteration reaches it.
///
/// # Memory
///
/// Memory holds one record and buffers. A record has at most the [limit](super::Reader::record_limit) of 16 MiB, or
/// twice as much if quotes span several lines. A record of CSV or TSV needs up to 24 bytes per cell in addition to its
/// text, which is significant only for a line that consists of delimiters. The buffers are 64 KiB of text, 128 KiB to
/// detect a delimiter, 64 KiB of compressed bytes, and the window of zstd. The window is usually 8 MiB and at most 128
/// MiB. A file that requires more is an error. [Types](super::Reader::infer_types) are inferred from at most 16 MiB of
/// text and one record, which are held until their rows were yielded. Spreadsheets and Parquet have other limits,
/// described at [`Format`](super::Format).
///
/// # Errors
///
/// An error that is not about a bad record ends the rows. If a file is truncated or cannot be read further, every
/// complete record before that position is yielded first. In CSV and TSV, lines after a quote that is still open at
/// that position are not yielded, because they may belong to the record with the quote.
pub struct Rows {
    sources: VecDeque<Source>,
    settings: Settings,
    current: Option<Box<dyn Records>>,
    /// Name of the current file.
    file: Arc<str>,
    /// An error found before any file was opened.
    early_error: Option<Error>,
    skipped: u64,
    /// Number of such formulas in the files before the current one.
    uncalculated: u64,
    blank_lines: u64,
    ended: bool,
    /// Number of items that were returned.
    returned: u64,
}

impl Rows {
    pub(super) fn new(sources: Vec<Source>, settings: Settings) -> Self {
        let sources = settings.check().and_then(|()| resolve(sources, settings.format));
        settings
            .progress
            .set_total(sources.as_ref().ok().and_then(|sources| total(sources, settings.format)));
        let (sources, early_error) = match sources {
            Ok(sources) => (sources, None),
            Err(error) => (VecDeque::new(), Some(error)),
        };
        Self {
            sources,
            settings,
            current: None,
            file: Arc::from(""),
            early_error,
            skipped: 0,
            uncalculated: 0,
            blank_lines: 0,
            ended: false,
            returned: 0,
        }
    }

    /// Returns the number of bad records skipped so far ([`OnBadRow::Skip`]).
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Returns the number of cells read so far with a formula whose result is not stored, and that became `null`
    /// (`Reader::uncalculated_as_null`, feature `excel`).
    pub fn uncalculated(&self) -> u64 {
        self.uncalculated + self.current.as_ref().map_or(0, |records| records.uncalculated())
    }

    /// Returns the number of blank lines skipped so far.
    ///
    /// In CSV, TSV and NDJSON, a blank line is not a record, even in a file with one column, where an empty cell is
    /// written as `""`. The other formats have no blank lines.
    ///
    /// # Examples
    ///
    /// ```
    /// use datalinks::read::Reader;
    ///
    /// let mut rows = Reader::from_reader("email\na@x.example\n\nb@x.example\n\n".as_bytes(), "a.csv").rows();
    /// assert_eq!(rows.by_ref().count(), 2);
    /// assert_eq!(rows.blank_lines(), 2);
    /// ```
    pub fn blank_lines(&self) -> u64 {
        self.blank_lines + self.current.as_ref().map_or(0, |records| records.blank_lines())
    }

    /// Returns the number of rows and errors that were returned, and of rows that were read ahead.
    pub(super) fn read(&self) -> u64 {
        self.returned + self.current.as_ref().map_or(0, |records| records.rows_ahead())
    }

    /// Closes the current file and keeps its counts.
    fn close(&mut self) {
        self.uncalculated = self.uncalculated();
        self.blank_lines = self.blank_lines();
        self.current = None;
    }

    fn advance(&mut self) -> Result<Option<RawRow>, RowError> {
        if let Some(error) = self.early_error.take() {
            return Err(RowError::End(error));
        }
        loop {
            let records = match &mut self.current {
                Some(records) => records,
                None => match self.sources.pop_front() {
                    Some(source) => {
                        self.file = source.name().into();
                        self.current.insert(open(source, &self.settings)?)
                    }
                    None => return Ok(None),
                },
            };
            if let Some(row) = records.next()? {
                return Ok(Some(row.in_file(&self.file)));
            }
            self.close();
        }
    }
}

impl Iterator for Rows {
    type Item = Result<RawRow, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let error = match self.advance() {
                Ok(Some(row)) => {
                    self.returned += 1;
                    return Some(Ok(row));
                }
                Ok(None) => None,
                Err(RowError::End(error)) => Some(error),
                Err(RowError::Bad(error)) => match self.settings.on_bad_row {
                    OnBadRow::Stop => Some(error),
                    OnBadRow::Skip => {
                        self.skipped += 1;
                        continue;
                    }
                    OnBadRow::Report => {
                        self.returned += 1;
                        return Some(Err(among_others(error)));
                    }
                },
            };
            self.ended = true;
            self.close();
            self.sources.clear();
            return error.map(Err);
        }
        None
    }
}

/// Marks the error of a bad record that other records follow.
fn among_others(error: Error) -> Error {
    match BadRow::of(&error).cloned() {
        Some(bad) => error.caused_by(bad.among_others()),
        None => error,
    }
}

impl std::iter::FusedIterator for Rows {}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows")
            .field("sources", &self.sources)
            .field("settings", &self.settings)
            .field("skipped", &self.skipped)
            .field("uncalculated", &self.uncalculated())
            .field("blank_lines", &self.blank_lines())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
