//! Records of files that are no rows, on their way to the dead letters.
//!
//! A run may turn out to have other rows than its journal records. Then it is rejected, and its bad records are not those of
//! the journal either. So a bad record waits until the batch around it was compared with the journal.

use std::{collections::BTreeMap, ops::Range};

use crate::{error::Error, read::BadRow};

/// Bad records that wait at most. They are written as soon as nobody else writes.
const MOST_WAITING: Most = Most { records: 1_000, bytes: 1024 * 1024 };
/// The same while the journal may still reject the run.
const MOST_HELD: Most = Most { records: 10_000, bytes: 16 * 1024 * 1024 };

struct Most {
    records: usize,
    /// Bytes of the records, before the last one.
    bytes: usize,
}

/// Bad records that were met and not written yet.
#[derive(Debug)]
pub(super) struct BadRecords {
    /// They go to the dead letters. Otherwise, every error ends the run.
    wanted: bool,
    waiting: Vec<Waiting>,
    /// Bytes of those that wait.
    bytes: usize,
    /// How many were taken to be written.
    taken: usize,
    /// Those that were taken last are not written yet. One after the other, they keep their order.
    writing: bool,
    accepted: Accepted,
}

#[derive(Debug)]
struct Waiting {
    error: Error,
    /// It is written when the journal has accepted this many rows.
    rows: usize,
}

/// Rows that the journal accepted as those that it records.
#[derive(Debug)]
struct Accepted {
    /// How many rows the journal records.
    known: usize,
    /// All rows up to here were accepted.
    rows: usize,
    /// Batches that were accepted before earlier ones: their first row, and the one behind their last.
    ahead: BTreeMap<usize, usize>,
}

impl BadRecords {
    /// `known` is the number of rows that the journal records.
    pub(super) fn new(wanted: bool, known: usize) -> Self {
        let accepted = Accepted { known, rows: 0, ahead: BTreeMap::new() };
        Self { wanted, waiting: Vec::new(), bytes: 0, taken: 0, writing: false, accepted }
    }

    /// Takes an error of the source, or gives it back if it ends the rows. `next` is the index of the row behind it.
    pub(super) fn take(&mut self, error: Error, next: usize) -> Option<Error> {
        let Some(bad) = BadRow::of(&error).filter(|_| self.wanted) else { return Some(error) };
        if !bad.is_among_others() {
            return Some(error.and_advice(
                "the reader stops at it, so the rows behind it were not read: set OnBadRow::Report on the reader to \
                 have bad records among the dead letters and go on",
            ));
        }
        self.bytes += bad.record().len();
        self.waiting.push(Waiting { error, rows: self.accepted.known.min(next + 1) });
        None
    }

    /// The journal accepted a batch.
    pub(super) fn accept(&mut self, batch: Range<usize>) {
        let Accepted { known, rows, ahead } = &mut self.accepted;
        if *rows < *known {
            ahead.insert(batch.start, batch.end);
            while let Some(end) = ahead.remove(rows) {
                *rows = end;
            }
        }
    }

    /// Writes all of them, although the journal did not accept the batches around them.
    pub(super) fn release(&mut self) {
        self.waiting.iter_mut().for_each(|waiting| waiting.rows = 0);
    }

    /// Writes none of those that wait: the run is rejected.
    pub(super) fn discard(&mut self) {
        self.waiting.clear();
        self.bytes = 0;
    }

    /// Whether no more are taken until some were written.
    pub(super) fn is_full(&self) -> bool {
        let held = self.waiting.last().is_some_and(|last| last.rows > self.accepted.rows);
        let most = if held { MOST_HELD } else { MOST_WAITING };
        self.waiting.len() >= most.records || self.bytes >= most.bytes
    }

    /// The bad records to write now, and how many were written before them.
    pub(super) fn next(&mut self) -> Option<(usize, Vec<Error>)> {
        // They wait in the order of their rows.
        let ready = self.waiting.partition_point(|waiting| waiting.rows <= self.accepted.rows);
        if self.writing || ready == 0 {
            return None;
        }
        let records: Vec<_> = self.waiting.drain(..ready).map(|waiting| waiting.error).collect();
        let bytes = |error| BadRow::of(error).map_or(0, |bad| bad.record().len());
        self.bytes -= records.iter().map(bytes).sum::<usize>();
        let first = self.taken;
        self.taken += records.len();
        self.writing = true;
        Some((first, records))
    }

    /// Those that were taken last are written.
    pub(super) fn written(&mut self) {
        self.writing = false;
    }
}
