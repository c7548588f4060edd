//! What the row count of the dataset should be.

/// What a row count says about a request with an ambiguous outcome.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Finding {
    /// All of its rows are stored.
    Stored,
    /// None of its rows is stored so far.
    Unseen,
    /// Some rows arrived, and which ones cannot be told.
    Undecided,
    /// The dataset was changed by somebody else.
    Foreign,
}

/// The row count that the requests of this run explain.
///
/// Requests are made one after the other. A request with an ambiguous outcome that the count did not show stays open:
/// its rows may arrive at any later time, in part or as a whole, and must not be mistaken for the rows of another
/// request.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Ledger {
    /// The count if no open request ever takes effect; `None` before the first count.
    expected: Option<u64>,
    /// Rows of open requests.
    open: u64,
    /// An earlier run left open requests, and how many rows they have is not known.
    unbounded: bool,
    /// The count changed in a way that no request of this run explains.
    foreign: bool,
}

impl Ledger {
    /// Takes the count before a request.
    pub(super) fn before(&mut self, count: u64) {
        if self.expected.is_none() {
            self.expected = Some(count);
        }
        let most = self.most_after(count, 0);
        if count > most {
            self.foreign = true;
        } else if count == most {
            // Everything that was open has arrived.
            (self.expected, self.open) = (Some(count), 0);
        }
        // A smaller count may be late, so it shows nothing.
    }

    /// Whether the count before a request shows all rows that were acknowledged, and no others.
    pub(super) fn is_exact(&self, before: u64) -> bool {
        !self.foreign && !self.unbounded && self.open == 0 && self.expected == Some(before)
    }

    /// The largest count that a request of `sent` rows, all open requests and all acknowledged rows explain.
    pub(super) fn most_after(&self, before: u64, sent: u64) -> u64 {
        if self.unbounded {
            return u64::MAX;
        }
        self.expected.unwrap_or(before).saturating_add(self.open).saturating_add(sent)
    }

    /// What the count `now` says about a request of `sent` rows that was made when the count was `before`.
    pub(super) fn judge(&mut self, before: u64, now: u64, sent: u64) -> Finding {
        let most = self.most_after(before, sent);
        if self.foreign || now < before || now > most {
            self.foreign = true;
            return Finding::Foreign;
        }
        if now == before || self.expected.is_some_and(|expected| now <= expected) {
            return Finding::Unseen;
        }
        // Fewer rows than all may be those of an open request, or a part of this one.
        if self.unbounded || now < most {
            return Finding::Undecided;
        }
        (self.expected, self.open) = (Some(now), 0);
        Finding::Stored
    }

    /// A request of `sent` rows was acknowledged, and the service says that it indexed `indexed` of them, if it says so.
    ///
    /// Whether rows that are not indexed are counted is not known, so they are treated as open.
    pub(super) fn acknowledged(&mut self, sent: u64, indexed: Option<u64>) {
        let indexed = indexed.unwrap_or(sent);
        self.expected = self.expected.map(|expected| expected.saturating_add(indexed));
        self.left_open(sent.saturating_sub(indexed));
    }

    /// A request stays open.
    pub(super) fn left_open(&mut self, rows: u64) {
        self.open = self.open.saturating_add(rows);
    }

    /// An earlier run left requests open.
    pub(super) fn left_open_by_earlier_run(&mut self) {
        self.unbounded = true;
    }

    pub(super) fn is_foreign(&self) -> bool {
        self.foreign
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_decides_while_nothing_is_open() {
        let judge = |now| {
            let mut ledger = Ledger::default();
            ledger.before(100);
            ledger.judge(100, now, 10)
        };
        assert_eq!(judge(100), Finding::Unseen);
        assert_eq!(judge(110), Finding::Stored);
        assert_eq!(judge(105), Finding::Undecided);
        assert_eq!(judge(111), Finding::Foreign);
        assert_eq!(judge(99), Finding::Foreign);
    }

    #[test]
    fn rows_of_an_open_request_are_not_taken_for_those_of_another() {
        let mut ledger = Ledger::default();
        ledger.before(100);
        assert_eq!(ledger.judge(100, 100, 10), Finding::Unseen);
        ledger.left_open(10);
        ledger.before(100);
        // Ten rows arrive: those of the first request or those of the second.
        assert_eq!(ledger.judge(100, 110, 10), Finding::Undecided);
        assert_eq!(ledger.judge(100, 120, 10), Finding::Stored);
        ledger.before(120);
        assert_eq!(ledger.judge(120, 130, 10), Finding::Stored);
    }

    #[test]
    fn open_rows_that_arrive_between_requests_are_closed() {
        let mut ledger = Ledger::default();
        ledger.before(0);
        ledger.left_open(4);
        ledger.acknowledged(6, Some(6));
        ledger.before(10);
        assert_eq!(ledger.judge(10, 13, 3), Finding::Stored);
    }

    #[test]
    fn counts_that_nothing_explains_end_all_decisions() {
        let mut ledger = Ledger::default();
        ledger.before(0);
        ledger.acknowledged(5, None);
        ledger.before(7);
        assert!(ledger.is_foreign() && !ledger.is_exact(7));
        assert_eq!(ledger.judge(7, 10, 3), Finding::Foreign);
        assert_eq!(ledger.judge(7, 7, 3), Finding::Foreign);
    }

    #[test]
    fn acknowledged_rows_that_the_count_shows_late_are_not_taken_for_others() {
        let mut ledger = Ledger::default();
        ledger.before(0);
        ledger.acknowledged(5, None);
        ledger.before(0);
        assert!(!ledger.is_foreign() && !ledger.is_exact(0));
        // The five rows are those that were acknowledged.
        assert_eq!(ledger.judge(0, 5, 5), Finding::Unseen);
        assert_eq!(ledger.judge(0, 7, 5), Finding::Undecided);
        assert_eq!(ledger.judge(0, 10, 5), Finding::Stored);
    }

    #[test]
    fn rows_that_were_not_indexed_are_not_taken_for_others() {
        let mut ledger = Ledger::default();
        ledger.before(0);
        ledger.acknowledged(2, Some(1));
        ledger.before(1);
        assert_eq!(ledger.judge(1, 2, 1), Finding::Undecided);
        assert_eq!(ledger.judge(1, 3, 1), Finding::Stored);
    }

    #[test]
    fn requests_that_an_earlier_run_left_open_leave_only_what_did_not_move() {
        let mut ledger = Ledger::default();
        ledger.left_open_by_earlier_run();
        ledger.before(10);
        assert_eq!(ledger.judge(10, 10, 3), Finding::Unseen);
        assert_eq!(ledger.judge(10, 13, 3), Finding::Undecided);
        assert_eq!(ledger.judge(10, 99, 3), Finding::Undecided);
        assert_eq!(ledger.judge(10, 9, 3), Finding::Foreign);
    }
}
