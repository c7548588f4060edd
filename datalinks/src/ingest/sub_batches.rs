//! Pieces of a batch that are still to be sent: the whole, then halves of what was rejected.

use std::ops::Range;

/// Rows of a batch that are sent together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct SubBatch {
    /// Positions of the rows in the buffer of the batch.
    pub(super) rows: Range<usize>,
    /// What is known of earlier requests with these rows.
    pub(super) earlier: Earlier,
}

/// What is known of earlier requests with the same rows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Earlier {
    /// There was none that the service may have carried out.
    NotStored,
    /// One had an ambiguous outcome.
    Ambiguous,
    /// One had an ambiguous outcome, and the dataset has been read since, until it did not change any more.
    AmbiguousAndSettled,
}

impl Earlier {
    pub(super) fn is_ambiguous(self) -> bool {
        self != Self::NotStored
    }
}

/// The pieces, in the order of their rows.
#[derive(Debug)]
pub(super) struct SubBatches(Vec<SubBatch>);

impl SubBatches {
    pub(super) fn whole(rows: usize) -> Self {
        let whole = SubBatch { rows: 0..rows, earlier: Earlier::NotStored };
        Self(std::iter::once(whole).filter(|whole| !whole.rows.is_empty()).collect())
    }

    /// The piece to send next.
    pub(super) fn next(&mut self) -> Option<SubBatch> {
        self.0.pop()
    }

    /// Sends these rows again in halves. A single row has none.
    pub(super) fn halve(&mut self, rows: Range<usize>, earlier: Earlier) {
        let middle = rows.start + rows.len() / 2;
        // The last in is the first out.
        let halves = [middle..rows.end, rows.start..middle].into_iter().filter(|half| !half.is_empty());
        self.0.extend(halves.map(|rows| SubBatch { rows, earlier }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_come_in_order_and_lose_nothing() {
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
