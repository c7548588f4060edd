//! The sizes of batches, by additive increase and multiplicative decrease.

/// Latency above which batches are halved, in seconds.
const SLOW: f64 = 10.0;
/// Number of answers between two increases.
const ANSWERS_PER_STEP: u32 = 4;
/// Two numbers of bytes are close if they differ by less than this part of the larger one.
const CLOSE: usize = 16;
/// Number of rows of the first batches, if the maximum has no limit.
const UNLIMITED_STEP: usize = 1_000;

/// The maximum number of rows and of bytes of a request.
#[derive(Debug)]
pub(super) struct BatchSize {
    max_rows: usize,
    step: usize,
    rows: usize,
    bytes: usize,
    /// Number of bytes of the largest body that was accepted.
    accepted: usize,
    /// Number of bytes of the smallest body that was rejected as too large.
    rejected: Option<usize>,
    answers: u32,
}

impl BatchSize {
    /// Creates the sizes of the first batches. A `max_rows` of 0 removes the limit on rows.
    pub(super) fn new(max_rows: usize, max_bytes: usize) -> Self {
        let step = if max_rows == 0 { UNLIMITED_STEP } else { max_rows.div_ceil(8) };
        let max_rows = if max_rows == 0 { usize::MAX } else { max_rows };
        Self { max_rows, step, rows: step, bytes: max_bytes, accepted: 0, rejected: None, answers: 0 }
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Records an answer. Returns `true` if the number of rows or of bytes changed.
    pub(super) fn answer(&mut self, latency: f64, bytes: usize) -> bool {
        self.accepted = self.accepted.max(bytes);
        if latency > SLOW {
            return self.halve();
        }
        // The number of rows does not limit a body that is as long as it may be.
        let is_full = bytes >= self.bytes - self.bytes / CLOSE;
        if is_full { self.raise_bytes() } else { self.raise_rows() }
    }

    /// Raises the maximum number of bytes towards what was rejected. Returns `true` if it changed.
    fn raise_bytes(&mut self) -> bool {
        let before = self.bytes;
        self.bytes = before.max(self.between().unwrap_or(0));
        before != self.bytes
    }

    /// Returns the middle between what was accepted and what was rejected, or `None` if the two are close.
    fn between(&self) -> Option<usize> {
        let rejected = self.rejected?;
        let gap = rejected.saturating_sub(self.accepted);
        (gap >= rejected / CLOSE).then_some(self.accepted + gap / 2)
    }

    /// Raises the number of rows after some answers. Returns `true` if it changed.
    fn raise_rows(&mut self) -> bool {
        self.answers += 1;
        if self.answers < ANSWERS_PER_STEP || self.rows == self.max_rows {
            return false;
        }
        self.answers = 0;
        self.rows = self.rows.saturating_add(self.step).min(self.max_rows);
        true
    }

    /// Halves the number of rows. Returns `true` if it changed.
    pub(super) fn halve(&mut self) -> bool {
        self.answers = 0;
        let before = self.rows;
        self.rows = (self.rows / 2).max(1);
        before != self.rows
    }

    /// Records that a body was too large, which was sent while `limit` was the maximum number of bytes of its rows.
    /// Returns `true` if the maximum changed.
    pub(super) fn too_large(&mut self, bytes: usize, limit: usize) -> bool {
        if bytes <= self.accepted {
            // The limit is lower than it was.
            self.accepted = 0;
        }
        self.rejected = Some(self.rejected.map_or(bytes, |rejected| rejected.min(bytes)));
        let between = self.between().unwrap_or(self.accepted);
        let before = self.bytes;
        // A body is larger than its rows, so a limit that did not prevent the rejection is lowered in any case.
        let most = if limit == before { before - before.div_ceil(CLOSE) } else { before };
        self.bytes = between.min(most).max(1);
        before != self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_grow_by_a_step_and_are_halved() {
        let mut size = BatchSize::new(1_000, 1 << 20);
        assert_eq!((size.rows(), size.bytes()), (125, 1 << 20));
        assert_eq!((0..4).map(|_| size.answer(0.1, 10)).collect::<Vec<_>>(), [false, false, false, true]);
        assert_eq!(size.rows(), 250);
        assert!(size.answer(10.1, 10));
        assert_eq!(size.rows(), 125);
        for _ in 0..1_000 {
            size.answer(0.1, 10);
        }
        assert_eq!(size.rows(), 1_000);
        for _ in 0..20 {
            size.halve();
        }
        assert_eq!(size.rows(), 1);
        assert_eq!(BatchSize::new(0, 1).rows(), 1_000);
        assert_eq!(BatchSize::new(3, 1).rows(), 1);
    }

    #[test]
    fn bytes_approach_the_limit_of_the_service() {
        let mut size = BatchSize::new(0, 8_000);
        let limit = 3_000;
        let mut rejected = 0;
        for _ in 0..100 {
            let bytes = size.bytes();
            if bytes > limit {
                rejected += 1;
                assert!(size.too_large(bytes, bytes));
            } else {
                size.answer(0.1, bytes);
            }
        }
        // Within a sixteenth of the limit.
        assert_eq!((rejected, size.bytes()), (5, 2_855));
        // The limit falls.
        assert!(size.too_large(2_000, 2_855));
        assert_eq!(size.bytes(), 1_000);
    }
}
