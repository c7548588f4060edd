//! The queue of bad records on their way to the dead-letter file.
//!
//! A run is rejected if its rows differ from those that its journal records. Its bad records are then not written.
//! Therefore a bad record waits until the batch around it has been compared with the journal.

use std::{collections::BTreeMap, ops::Range};

use crate::{error::Error, read::BadRow};

/// Maximum of bad records that wait to be written.
const MAX_WAITING: Limit = Limit { records: 1_000, bytes: 1024 * 1024 };
/// Maximum of bad records that wait until their batch has been compared with the journal.
const MAX_HELD: Limit = Limit { records: 10_000, bytes: 16 * 1024 * 1024 };

struct Limit {
    records: usize,
    /// Bytes of the records, not counting the last one.
    bytes: usize,
}

/// Bad records that were read and not written yet.
#[derive(Debug)]
pub(super) struct BadRecords {
    /// Set if bad records are written to the dead letters. Otherwise, every error ends the run.
    enabled: bool,
    waiting: Vec<Waiting>,
    /// Bytes of the waiting records.
    bytes: usize,
    /// Number of records that were taken to be written.
    taken: usize,
    /// Set while a write is in progress. Only one write runs at a time, which keeps the order.
    writing: bool,
    accepted: Accepted,
}

#[derive(Debug)]
struct Waiting {
    error: Error,
    /// Number of rows that the journal must have accepted before the record is written.
    rows: usize,
}

/// Rows that the journal accepted as its own.
#[derive(Debug)]
struct Accepted {
    /// Number of rows that the journal records.
    known: usize,
    /// Number of consecutive rows from the first one that were accepted.
    rows: usize,
    /// Batches that were accepted before earlier ones, from the index of the first row to the index after the last.
    ahead: BTreeMap<usize, usize>,
}

impl BadRecords {
    /// Creates an empty queue. `known` is the number of rows that the journal records.
    pub(super) fn new(enabled: bool, known: usize) -> Self {
        let accepted = Accepted { known, rows: 0, ahead: BTreeMap::new() };
        Self { enabled, waiting: Vec::new(), bytes: 0, taken: 0, writing: false, accepted }
    }

    /// Queues the error of a bad record. Returns any other error, which ends the rows. `next` is the index of the
    /// next row.
    pub(super) fn take(&mut self, error: Error, next: usize) -> Option<Error> {
        let Some(bad) = BadRow::of(&error).filter(|_| self.enabled) else { return Some(error) };
        if !bad.is_among_others() {
            return Some(error.and_advice(
                "the reader stops at a bad record, so the rows after it were not read; set OnBadRow::Report on the reader to \
                 write bad records to the dead letters and continue",
            ));
        }
        self.bytes += bad.record().len();
        self.waiting.push(Waiting { error, rows: self.accepted.known.min(next + 1) });
        None
    }

    /// Records that the journal accepted a batch.
    pub(super) fn accept(&mut self, batch: Range<usize>) {
        let Accepted { known, rows, ahead } = &mut self.accepted;
        if *rows < *known {
            ahead.insert(batch.start, batch.end);
            while let Some(end) = ahead.remove(rows) {
                *rows = end;
            }
        }
    }

    /// Releases all waiting records, although the journal has not accepted their batches.
    pub(super) fn release(&mut self) {
        self.waiting.iter_mut().for_each(|waiting| waiting.rows = 0);
    }

    /// Discards all waiting records because the run is rejected.
    pub(super) fn discard(&mut self) {
        self.waiting.clear();
        self.bytes = 0;
    }

    /// Returns `true` if records must be written before more are taken.
    pub(super) fn is_full(&self) -> bool {
        let held = self.waiting.last().is_some_and(|last| last.rows > self.accepted.rows);
        let limit = if held { MAX_HELD } else { MAX_WAITING };
        self.waiting.len() >= limit.records || self.bytes >= limit.bytes
    }

    /// Returns the bad records to write now, and the number of records written before them.
    pub(super) fn next(&mut self) -> Option<(usize, Vec<Error>)> {
        // The records are ordered by their rows.
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

    /// Records that the last write has ended.
    pub(super) fn written(&mut self) {
        self.writing = false;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::read::{Format, OnBadRow, Reader};

    /// Returns the errors of bad records, each with this number of bytes.
    fn bad(count: usize, bytes: usize) -> Vec<Error> {
        let lines = format!("{{{}\n", "a".repeat(bytes - 1)).repeat(count);
        let reader = Reader::from_reader(Cursor::new(lines), "x").format(Format::Ndjson);
        let errors: Vec<Error> = reader.on_bad_row(OnBadRow::Report).rows().filter_map(Result::err).collect();
        assert_eq!(errors.len(), count);
        errors
    }

    fn queue(known: usize, records: Vec<Error>) -> BadRecords {
        let mut queue = BadRecords::new(true, known);
        assert!(records.into_iter().all(|error| queue.take(error, 0).is_none()));
        queue
    }

    #[test]
    fn records_wait_for_the_batches_around_them() {
        let mut queue = BadRecords::new(true, 10);
        for (error, next) in bad(3, 5).into_iter().zip([2, 9, 20]) {
            assert!(queue.take(error, next).is_none());
        }
        let next = |queue: &mut BadRecords| queue.next().map(|(first, records)| (first, records.len()));
        assert_eq!(next(&mut queue), None);
        queue.accept(5..10);
        assert_eq!(next(&mut queue), None);
        queue.accept(0..2);
        assert_eq!(next(&mut queue), None, "the row after the record is part of its batch");
        queue.accept(2..3);
        assert_eq!(next(&mut queue), Some((0, 1)));
        queue.accept(3..5);
        assert_eq!(next(&mut queue), None, "one write runs at a time");
        queue.written();
        assert_eq!(next(&mut queue), Some((1, 2)), "the journal records no rows after the tenth");
        assert_eq!(queue.bytes, 0);
        // The rows after those of the journal are not kept, however many there are.
        queue.accept(20..30);
        queue.accept(10..15);
        assert!(queue.accepted.ahead.is_empty());
        assert_eq!(queue.accepted.rows, 10);
    }

    #[test]
    fn more_records_wait_for_the_journal_than_for_a_write() {
        assert!(!queue(0, bad(MAX_WAITING.records - 1, 1)).is_full());
        assert!(queue(0, bad(MAX_WAITING.records, 1)).is_full());
        assert!(!queue(1, bad(MAX_HELD.records - 1, 1)).is_full());
        assert!(queue(1, bad(MAX_HELD.records, 1)).is_full());
        let half = MAX_WAITING.bytes / 2;
        assert!(!queue(0, bad(1, half)).is_full());
        assert!(queue(0, bad(2, half)).is_full());
        assert!(!queue(0, bad(2, half - 1)).is_full());
        let mut held = queue(1, bad(2, half));
        assert!(!held.is_full());
        held.accept(0..1);
        assert!(held.is_full(), "they wait for a write now");
        assert_eq!(held.next().map(|(first, records)| (first, records.len())), Some((0, 2)));
        assert!(!held.is_full());
    }

    #[test]
    fn stopped_run_releases_or_discards_its_records() {
        let mut released = queue(5, bad(2, 5));
        assert!(released.next().is_none());
        released.release();
        assert_eq!(released.next().map(|(first, records)| (first, records.len())), Some((0, 2)));
        let mut discarded = queue(0, bad(2, 5));
        discarded.discard();
        assert_eq!((discarded.bytes, discarded.next().is_none()), (0, true));
    }

    #[test]
    fn other_errors_end_the_rows() {
        let other = Error::invalid("another error");
        assert!(BadRecords::new(true, 0).take(other, 0).is_some());
        let error = bad(1, 5).remove(0);
        assert!(BadRecords::new(false, 0).take(error, 0).is_some());
        let last = Reader::from_reader(Cursor::new("{\n"), "x").format(Format::Ndjson);
        let last = last.rows().find_map(Result::err).unwrap();
        let error = BadRecords::new(true, 0).take(last, 0).unwrap();
        assert!(error.to_string().contains("set OnBadRow::Report"), "{error}");
    }
}
