//! The queue of sub-batches of a batch: first the whole batch, then halves of what the service rejected.

use std::ops::Range;

/// Rows of a batch that are sent together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct SubBatch {
    /// Positions of the rows in the buffer of the batch.
    pub(super) rows: Range<usize>,
    /// The outcome of earlier requests with these rows.
    pub(super) earlier: Earlier,
}

/// The outcome of earlier requests with the same rows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Earlier {
    /// The rows are not stored by an earlier request.
    NotStored,
    /// An earlier request had an ambiguous outcome.
    Ambiguous,
    /// An earlier request had an ambiguous outcome, and the dataset has since been read until it was stable.
    AmbiguousAndSettled,
}

impl Earlier {
    pub(super) fn is_ambiguous(self) -> bool {
        self != Self::NotStored
    }
}

/// The sub-batches that are still to be sent, in the order of their rows.
#[derive(Debug)]
pub(super) struct SubBatches(Vec<SubBatch>);

impl SubBatches {
    pub(super) fn whole(rows: usize) -> Self {
        let whole = SubBatch { rows: 0..rows, earlier: Earlier::NotStored };
        Self(std::iter::once(whole).filter(|whole| !whole.rows.is_empty()).collect())
    }

    /// Returns the sub-batch to send next.
    pub(super) fn next(&mut self) -> Option<SubBatch> {
        self.0.pop()
    }

    /// Queues both halves of these rows. A single row is queued alone.
    pub(super) fn halve(&mut self, rows: Range<usize>, earlier: Earlier) {
        let middle = rows.start + rows.len() / 2;
        // The queue is a stack, so the second half is pushed first.
        let halves = [middle..rows.end, rows.start..middle].into_iter().filter(|half| !half.is_empty());
        self.0.extend(halves.map(|rows| SubBatch { rows, earlier }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_ordered_and_complete() {
        let mut sub_batches = SubBatches::whole(7);
        let mut single = Vec::new();
        while let Some(SubBatch { rows, earlier }) = sub_batches.next() {
            if rows.len() == 1 { single.push(rows.start) } else { sub_batches.halve(rows, earlier) }
        }
        assert_eq!(single, (0..7).collect::<Vec<_>>());
        assert!(SubBatches::whole(0).next().is_none());
    }

    #[test]
    fn halves_inherit_an_ambiguous_outcome() {
        let mut sub_batches = SubBatches::whole(2);
        let whole = sub_batches.next().unwrap();
        assert!(!whole.earlier.is_ambiguous());
        sub_batches.halve(whole.rows, Earlier::AmbiguousAndSettled);
        assert!(
            sub_batches.next().unwrap().earlier.is_ambiguous()
                && sub_batches.next().unwrap().earlier.is_ambiguous()
        );
    }
}
