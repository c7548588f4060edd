//! The expected row count of the dataset.

/// The conclusion from a row count about a request with an ambiguous outcome.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Finding {
    /// All rows of the request are stored.
    Stored,
    /// No row of the request is stored so far.
    Unseen,
    /// Some rows arrived, and it is not known which ones.
    Undecided,
    /// Another writer changed the dataset.
    OtherWriter,
}

/// The row count that results from the requests of this run.
///
/// Requests are sent one after the other. A request with an ambiguous outcome that the count did not show stays
/// open. Its rows may arrive later, in part or as a whole, and must not be mistaken for the rows of another
/// request.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Ledger {
    /// The count if no open request takes effect, or `None` before the first count.
    expected: Option<u64>,
    /// Number of rows in open requests.
    open: u64,
    /// Set if an earlier run left open requests with an unknown number of rows.
    unbounded: bool,
    /// Set if the count changed in a way that no request of this run explains.
    foreign: bool,
}

impl Ledger {
    /// Records the count before a request.
    pub(super) fn before(&mut self, count: u64) {
        if self.expected.is_none() {
            self.expected = Some(count);
        }
        let most = self.max_after(count, 0);
        if count > most {
            self.foreign = true;
        } else if count == most {
            // All open rows have arrived.
            (self.expected, self.open) = (Some(count), 0);
        }
        // A smaller count may be outdated, so it is ignored.
    }

    /// Returns `true` if the count before a request includes all acknowledged rows and no others.
    pub(super) fn is_exact(&self, before: u64) -> bool {
        !self.foreign && !self.unbounded && self.open == 0 && self.expected == Some(before)
    }

    /// Returns the largest count that acknowledged rows, open requests and a request with `sent` rows explain.
    pub(super) fn max_after(&self, before: u64, sent: u64) -> u64 {
        if self.unbounded {
            return u64::MAX;
        }
        self.expected.unwrap_or(before).saturating_add(self.open).saturating_add(sent)
    }

    /// Evaluates a request with `sent` rows that was sent when the count was `before`, if the count is `now`.
    pub(super) fn evaluate(&mut self, before: u64, now: u64, sent: u64) -> Finding {
        let most = self.max_after(before, sent);
        if self.foreign || now < before || now > most {
            self.foreign = true;
            return Finding::OtherWriter;
        }
        if now == before || self.expected.is_some_and(|expected| now <= expected) {
            return Finding::Unseen;
        }
        // A smaller increase may come from an open request or from a part of this request.
        if self.unbounded || now < most {
            return Finding::Undecided;
        }
        (self.expected, self.open) = (Some(now), 0);
        Finding::Stored
    }

    /// Records that a request with `sent` rows was acknowledged. `indexed` is the number of rows that the service
    /// reports as indexed, or `None` if it reports no number.
    ///
    /// The service does not document whether rows that are not indexed are counted, so they are treated as open.
    pub(super) fn acknowledged(&mut self, sent: u64, indexed: Option<u64>) {
        let indexed = indexed.unwrap_or(sent);
        self.expected = self.expected.map(|expected| expected.saturating_add(indexed));
        self.add_open(sent.saturating_sub(indexed));
    }

    /// Records that a request stays open.
    pub(super) fn add_open(&mut self, rows: u64) {
        self.open = self.open.saturating_add(rows);
    }

    /// Records that an earlier run left requests open.
    pub(super) fn add_unbounded_open(&mut self) {
        self.unbounded = true;
    }

    pub(super) fn has_other_writer(&self) -> bool {
        self.foreign
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn count_is_exact_if_it_has_all_acknowledged_rows_and_no_others() {
        let at = |count| {
            let mut ledger = Ledger::default();
            ledger.before(count);
            ledger
        };
        let mut exact = at(5);
        exact.acknowledged(3, None);
        assert!(exact.is_exact(8) && !exact.is_exact(5) && !exact.is_exact(9));
        let mut open = at(5);
        open.add_open(1);
        assert!(!open.is_exact(5));
        let mut unbounded = at(5);
        unbounded.add_unbounded_open();
        assert!(!unbounded.is_exact(5));
        let mut foreign = at(5);
        foreign.before(7);
        assert!(!foreign.is_exact(5) && !foreign.is_exact(7));
    }

    #[test]
    fn count_decides_without_open_requests() {
        let evaluate = |now| {
            let mut ledger = Ledger::default();
            ledger.before(100);
            ledger.evaluate(100, now, 10)
        };
        assert_eq!(evaluate(100), Finding::Unseen);
        assert_eq!(evaluate(110), Finding::Stored);
        assert_eq!(evaluate(105), Finding::Undecided);
        assert_eq!(evaluate(111), Finding::OtherWriter);
        assert_eq!(evaluate(99), Finding::OtherWriter);
    }

    #[test]
    fn rows_of_open_requests_are_not_attributed_to_other_requests() {
        let mut ledger = Ledger::default();
        ledger.before(100);
        assert_eq!(ledger.evaluate(100, 100, 10), Finding::Unseen);
        ledger.add_open(10);
        ledger.before(100);
        // The ten rows that arrive may belong to either request.
        assert_eq!(ledger.evaluate(100, 110, 10), Finding::Undecided);
        assert_eq!(ledger.evaluate(100, 120, 10), Finding::Stored);
        ledger.before(120);
        assert_eq!(ledger.evaluate(120, 130, 10), Finding::Stored);
    }

    #[test]
    fn open_rows_that_arrive_between_requests_are_no_longer_open() {
        let mut ledger = Ledger::default();
        ledger.before(0);
        ledger.add_open(4);
        ledger.acknowledged(6, Some(6));
        ledger.before(10);
        assert_eq!(ledger.evaluate(10, 13, 3), Finding::Stored);
    }

    #[test]
    fn unexplained_counts_disable_the_count() {
        let mut ledger = Ledger::default();
        ledger.before(0);
        ledger.acknowledged(5, None);
        ledger.before(7);
        assert!(ledger.has_other_writer() && !ledger.is_exact(7));
        assert_eq!(ledger.evaluate(7, 10, 3), Finding::OtherWriter);
        assert_eq!(ledger.evaluate(7, 7, 3), Finding::OtherWriter);
    }

    #[test]
    fn acknowledged_rows_that_become_visible_late_are_attributed_correctly() {
        let mut ledger = Ledger::default();
        ledger.before(0);
        ledger.acknowledged(5, None);
        ledger.before(0);
        assert!(!ledger.has_other_writer() && !ledger.is_exact(0));
        // The five rows belong to the acknowledged request.
        assert_eq!(ledger.evaluate(0, 5, 5), Finding::Unseen);
        assert_eq!(ledger.evaluate(0, 7, 5), Finding::Undecided);
        assert_eq!(ledger.evaluate(0, 10, 5), Finding::Stored);
    }

    #[test]
    fn rows_that_were_not_indexed_are_treated_as_open() {
        let mut ledger = Ledger::default();
        ledger.before(0);
        ledger.acknowledged(2, Some(1));
        ledger.before(1);
        assert_eq!(ledger.evaluate(1, 2, 1), Finding::Undecided);
        assert_eq!(ledger.evaluate(1, 3, 1), Finding::Stored);
    }

    #[test]
    fn open_requests_of_an_earlier_run_leave_only_unseen_decidable() {
        let mut ledger = Ledger::default();
        ledger.add_unbounded_open();
        ledger.before(10);
        assert_eq!(ledger.evaluate(10, 10, 3), Finding::Unseen);
        assert_eq!(ledger.evaluate(10, 13, 3), Finding::Undecided);
        assert_eq!(ledger.evaluate(10, 99, 3), Finding::Undecided);
        assert_eq!(ledger.evaluate(10, 9, 3), Finding::OtherWriter);
    }
}
