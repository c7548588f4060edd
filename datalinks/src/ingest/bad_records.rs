//! Records of files that are no rows, on their way to the dead letters.

use crate::{Error, read::BadRow};

/// Bad records that wait at most. They are written as soon as nobody else writes.
const MOST_WAITING: usize = 1_000;
/// Bytes of bad records that wait, before the last one.
const MOST_BYTES: usize = 1024 * 1024;

/// Bad records that were met and not written yet.
#[derive(Debug)]
pub(super) struct BadRecords {
    /// They go to the dead letters. Otherwise, every error ends the run.
    wanted: bool,
    waiting: Vec<Error>,
    /// Bytes of those that wait.
    bytes: usize,
    /// How many were taken to be written.
    taken: usize,
    /// Those that were taken last are not written yet. One after the other, they keep their order.
    writing: bool,
}

impl BadRecords {
    pub(super) fn new(wanted: bool) -> Self {
        Self { wanted, waiting: Vec::new(), bytes: 0, taken: 0, writing: false }
    }

    /// Takes an error of the source, or gives it back if it ends the rows.
    pub(super) fn take(&mut self, error: Error) -> Option<Error> {
        let Some(bad) = BadRow::of(&error).filter(|_| self.wanted) else { return Some(error) };
        if !bad.is_among_others() {
            return Some(error.and_advice(
                "the reader stops at it, so the rows behind it were not read: set OnBadRow::Report on the reader to \
                 have bad records among the dead letters and go on",
            ));
        }
        self.bytes += bad.record().len();
        self.waiting.push(error);
        None
    }

    /// Whether no more are taken until some were written.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= MOST_WAITING || self.bytes >= MOST_BYTES
    }

    /// The bad records to write now, and how many were written before them.
    pub(super) fn next(&mut self) -> Option<(usize, Vec<Error>)> {
        if self.writing || self.waiting.is_empty() {
            return None;
        }
        let (first, records) = (self.taken, std::mem::take(&mut self.waiting));
        self.taken += records.len();
        (self.bytes, self.writing) = (0, true);
        Some((first, records))
    }

    /// Those that were taken last are written.
    pub(super) fn written(&mut self) {
        self.writing = false;
    }
}
