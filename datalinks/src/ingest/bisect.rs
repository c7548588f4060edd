//! Pieces of a batch that are still to be sent: the whole, then halves of what was refused.

use std::ops::Range;

/// The pieces, in the order of their rows.
#[derive(Debug)]
pub(super) struct Pieces(Vec<Range<usize>>);

impl Pieces {
    pub(super) fn whole(rows: usize) -> Self {
        Self(std::iter::once(0..rows).filter(|whole| !whole.is_empty()).collect())
    }

    /// The piece to send next.
    pub(super) fn next(&mut self) -> Option<Range<usize>> {
        self.0.pop()
    }

    /// Sends a piece again in halves. A single row has none.
    pub(super) fn halve(&mut self, piece: Range<usize>) {
        let middle = piece.start + piece.len() / 2;
        // The last in is the first out.
        self.0.extend([middle..piece.end, piece.start..middle].into_iter().filter(|half| !half.is_empty()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_come_in_order_and_lose_nothing() {
        let mut pieces = Pieces::whole(7);
        let mut single = Vec::new();
        while let Some(piece) = pieces.next() {
            if piece.len() == 1 { single.push(piece.start) } else { pieces.halve(piece) }
        }
        assert_eq!(single, (0..7).collect::<Vec<_>>());
        assert!(Pieces::whole(0).next().is_none());
    }
}
