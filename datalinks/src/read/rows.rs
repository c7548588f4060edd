//! The rows of one file after the other.

use std::{collections::VecDeque, fmt};

use super::{
    OnBadRow, RawRow,
    bad_row::Fault,
    source::{Settings, Source, open},
};
use crate::Error;

/// The records of one file.
pub(super) trait Records: Send {
    /// The next row; none at the end.
    fn next(&mut self) -> Result<Option<RawRow>, Fault>;

    /// Formulas without a stored result that became `null` so far.
    fn uncalculated(&self) -> u64 {
        0
    }
}

/// The rows of a [`Reader`](super::Reader), in the order of the files.
///
/// Iteration performs blocking I/O; in async code, use [`Reader::into_stream`](super::Reader::into_stream). Each file is
/// opened when iteration reaches it.
///
/// Memory holds one record, and buffers. A record has at most the [limit](super::Reader::record_limit) of
/// 16 MiB, or twice that where quotes go over lines. The buffers are 64 KiB of text, 64 KiB to find out a
/// delimiter, 64 KiB of compressed bytes, and the window of zstd: usually 8 MiB, at most 128 MiB, a file that
/// wants more is an error. Spreadsheets and Parquet have other bounds; see [`Format`](super::Format).
///
/// After an error that is no bad record there are no more rows; those handed out before are whole.
pub struct Rows {
    sources: VecDeque<Source>,
    settings: Settings,
    current: Option<Box<dyn Records>>,
    /// What is wrong before any file is opened.
    refused: Option<Error>,
    skipped: u64,
    /// In the files before the current one.
    uncalculated: u64,
    ended: bool,
}

impl Rows {
    pub(super) fn new(sources: Result<VecDeque<Source>, Error>, settings: Settings) -> Self {
        let (sources, refused) = match sources {
            Ok(sources) => (sources, None),
            Err(error) => (VecDeque::new(), Some(error)),
        };
        Self { sources, settings, current: None, refused, skipped: 0, uncalculated: 0, ended: false }
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

    /// Closes the file.
    fn close(&mut self) {
        self.uncalculated = self.uncalculated();
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
                    Some(source) => self.current.insert(open(source, &self.settings)?),
                    None => return Ok(None),
                },
            };
            if let Some(row) = records.next()? {
                return Ok(Some(row));
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
                    OnBadRow::Report => return Some(Err(error)),
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

impl std::iter::FusedIterator for Rows {}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows")
            .field("sources", &self.sources)
            .field("settings", &self.settings)
            .field("skipped", &self.skipped)
            .field("uncalculated", &self.uncalculated())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
