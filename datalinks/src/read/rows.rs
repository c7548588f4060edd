//! The rows of one file after the other.

use std::{collections::VecDeque, fmt, sync::Arc};

use super::{
    bad_row::{BadRow, Fault, OnBadRow},
    raw_row::RawRow,
    records::Records,
    settings::Settings,
    source::{Source, open},
};
use crate::error::Error;

/// The rows of a [`Reader`](super::Reader), in the order of the files.
///
/// Iteration performs blocking I/O; in async code, use [`Reader::into_stream`](super::Reader::into_stream). Each file is
/// opened when iteration reaches it.
///
/// Memory holds one record, and buffers. A record has at most the [limit](super::Reader::record_limit) of
/// 16 MiB, or twice that where quotes go over lines. A record of CSV or TSV needs up to 24 bytes per cell besides its text:
/// a line that has only delimiters makes many cells of few bytes. The buffers are 64 KiB of text, 128 KiB to find out a
/// delimiter, 64 KiB of compressed bytes, and the window of zstd: usually 8 MiB, at most 128 MiB, a file that
/// wants more is an error. [Types](super::Reader::infer_types) are found in at most 16 MiB of text and one record,
/// which are held until their rows have been yielded. Spreadsheets and Parquet have other bounds; see
/// [`Format`](super::Format).
///
/// After an error that is no bad record there are no more rows. When a file breaks off or cannot be read on, every
/// whole record before that place is yielded first. In CSV and TSV, lines behind a quote that is still open at that place
/// belong to its record: whether they are records by themselves cannot be known then, and they are not yielded.
pub struct Rows {
    sources: VecDeque<Source>,
    settings: Settings,
    current: Option<Box<dyn Records>>,
    /// The name of the current file.
    file: Arc<str>,
    /// What is wrong before any file is opened.
    refused: Option<Error>,
    skipped: u64,
    /// In the files before the current one.
    uncalculated: u64,
    blank_lines: u64,
    ended: bool,
}

impl Rows {
    pub(super) fn new(sources: Result<VecDeque<Source>, Error>, settings: Settings) -> Self {
        let (sources, refused) = match sources {
            Ok(sources) => (sources, None),
            Err(error) => (VecDeque::new(), Some(error)),
        };
        Self {
            sources,
            settings,
            current: None,
            file: Arc::from(""),
            refused,
            skipped: 0,
            uncalculated: 0,
            blank_lines: 0,
            ended: false,
        }
    }

    /// Bad records left out so far ([`OnBadRow::Skip`]).
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Returns the number of cells read so far that hold a formula without a stored result, and became `null`
    /// (`Reader::uncalculated_as_null`, of the feature `excel`).
    pub fn uncalculated(&self) -> u64 {
        self.uncalculated + self.current.as_ref().map_or(0, |records| records.uncalculated())
    }

    /// Returns the number of blank lines that were left out so far.
    ///
    /// A blank line is no record in CSV, TSV and NDJSON, also in a file of one column: there, an empty cell is written
    /// as `""`. The other formats have no blank lines.
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

    /// Closes the file.
    fn close(&mut self) {
        self.uncalculated = self.uncalculated();
        self.blank_lines = self.blank_lines();
        self.current = None;
    }

    fn advance(&mut self) -> Result<Option<RawRow>, Fault> {
        if let Some(error) = self.refused.take() {
            return Err(Fault::End(error));
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
                Ok(Some(row)) => return Some(Ok(row)),
                Ok(None) => None,
                Err(Fault::End(error)) => Some(error),
                Err(Fault::Bad(error)) => match self.settings.on_bad_row {
                    OnBadRow::Stop => Some(error),
                    OnBadRow::Skip => {
                        self.skipped += 1;
                        continue;
                    }
                    OnBadRow::Report => return Some(Err(among_others(error))),
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

/// The error of a bad record that others follow.
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
