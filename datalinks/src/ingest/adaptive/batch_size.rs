//! The sizes of batches, by additive increase and multiplicative decrease.

/// Latency above which batches are halved, in seconds.
const SLOW: f64 = 10.0;
/// Number of answers between two increases.
const ANSWERS_PER_STEP: u32 = 4;
/// Two numbers of bytes are close if they differ by less than this part of the larger one.
const CLOSE: usize = 16;
/// Number of rows of the first batches, if the maximum has no limit.
const UNLIMITED_STEP: usize = 1_000;
/// Number of answers to full bodies after which a larger one tests whether the limit of the service was raised. For each
/// rejection that the last test led to, so that few requests are rejected.
const ANSWERS_PER_TEST: u32 = 300;
/// Maximum number of rejections that make the next test later.
const MAX_REJECTIONS: u32 = 8;

/// The maximum number of rows and of bytes of a request. Bytes are those of the rows.
#[derive(Debug)]
pub(super) struct BatchSize {
    max_rows: usize,
    max_bytes: usize,
    step: usize,
    rows: usize,
    bytes: usize,
    /// Number of bytes of the largest body that was accepted since the limit of the service fell.
    accepted: usize,
    /// Number of bytes of the smallest body that was rejected as too large, unless a larger one was accepted since.
    rejected: Option<usize>,
    /// Number of rejections that the last test led to, or `None` if the limit of the service fell since.
    rejections: Option<u32>,
    /// Number of answers to full bodies close to the limit of the service since the last rejection.
    settled: u32,
    answers: u32,
}

impl BatchSize {
    /// Creates the sizes of the first batches. A `max_rows` of 0 removes the limit on rows.
    pub(super) fn new(max_rows: usize, max_bytes: usize) -> Self {
        let step = if max_rows == 0 { UNLIMITED_STEP } else { max_rows.div_ceil(8) };
        let max_rows = if max_rows == 0 { usize::MAX } else { max_rows };
        Self {
            max_rows,
            max_bytes,
            step,
            rows: step.min(max_rows),
            bytes: max_bytes,
            accepted: 0,
            rejected: None,
            rejections: None,
            settled: 0,
            answers: 0,
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns `true` if a limit of the service on the number of bytes is known.
    pub(super) fn is_limited(&self) -> bool {
        self.rejected.is_some()
    }

    /// Records an answer to a body that was sent while `limit` was the maximum number of bytes. Returns `true` if the number of
    /// rows or of bytes changed.
    pub(super) fn answer(&mut self, latency: f64, bytes: usize, limit: usize) -> bool {
        // An answer to a request from before a rejection does not show that the limit of the service was raised.
        if limit <= self.bytes {
            self.accepted = self.accepted.max(bytes);
            self.rejected = self.rejected.filter(|rejected| bytes < *rejected);
        }
        if latency > SLOW {
            return self.halve();
        }
        // A body of at least half of the bytes may be one to which the next row did not fit.
        let raised = bytes >= self.bytes / 2 && self.raise_bytes();
        // The number of rows does not limit a body that is as long as it may be.
        let is_full = bytes >= self.bytes - self.bytes / CLOSE;
        (!is_full && self.raise_rows()) || raised
    }

    /// Raises the maximum number of bytes towards the limit of the service. Returns `true` if it changed.
    fn raise_bytes(&mut self) -> bool {
        let before = self.bytes;
        let raised = match (self.rejected, self.between()) {
            (None, _) => before.saturating_mul(2),
            (Some(_), Some(between)) if between > before => between,
            (Some(_), _) => {
                self.settled += 1;
                if self.settled < ANSWERS_PER_TEST * self.rejections.unwrap_or(1).clamp(1, MAX_REJECTIONS) {
                    return false;
                }
                (self.rejected, self.rejections, self.settled) = (None, Some(0), 0);
                before.saturating_add(before.div_ceil(CLOSE))
            }
        };
        self.bytes = raised.min(self.max_bytes).max(before);
        before != self.bytes
    }

    /// Returns the middle between what was accepted and what was rejected, or `None` if the two are close.
    fn between(&self) -> Option<usize> {
        let rejected = self.rejected?;
        let gap = rejected.saturating_sub(self.accepted);
        (gap > rejected / CLOSE).then_some(self.accepted + gap / 2)
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

    /// Records that a body was too large. Returns `true` if the maximum number of bytes changed.
    pub(super) fn too_large(&mut self, bytes: usize) -> bool {
        if bytes <= self.accepted {
            // The limit is lower than it was.
            (self.accepted, self.rejections) = (0, None);
        }
        self.settled = 0;
        self.rejections = self.rejections.map(|rejections| rejections.saturating_add(1));
        self.rejected = Some(self.rejected.map_or(bytes, |rejected| rejected.min(bytes)));
        let between = self.between().unwrap_or(self.accepted);
        let before = self.bytes;
        self.bytes = before.min(between).max(1);
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
        assert_eq!(
            (0..4).map(|_| size.answer(0.1, 10, 1 << 20)).collect::<Vec<_>>(),
            [false, false, false, true]
        );
        assert_eq!(size.rows(), 250);
        assert!(size.answer(10.1, 10, 1 << 20));
        assert_eq!(size.rows(), 125);
        for _ in 0..1_000 {
            size.answer(0.1, 10, 1 << 20);
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
                assert!(size.too_large(bytes));
            } else {
                size.answer(0.1, bytes, bytes);
            }
        }
        assert_eq!((rejected, size.bytes()), (5, 3_000));
        // The limit falls.
        assert!(size.too_large(2_000));
        assert_eq!(size.bytes(), 1_000);
    }

    /// Answers bodies that are as long as allowed, by a service with this limit. Returns the number of rejections.
    fn full_bodies(size: &mut BatchSize, number: usize, limit: usize) -> usize {
        let is_rejected = |_: &usize| {
            let bytes = size.bytes();
            let rejected = bytes > limit;
            if rejected {
                size.too_large(bytes)
            } else {
                size.answer(0.1, bytes, bytes)
            };
            rejected
        };
        (0..number).filter(is_rejected).count()
    }

    /// After a limit of the service had fallen and returned, batches stayed as small as it had allowed.
    #[test]
    fn raised_limit_is_found_by_few_tests() {
        let mut size = BatchSize::new(0, 8_000);
        full_bodies(&mut size, 200, 1_000);
        assert!((930..=1_000).contains(&size.bytes()), "{}", size.bytes());
        let rejected = full_bodies(&mut size, 10_000, 1_000);
        assert!((10..100).contains(&rejected), "{rejected}");
        full_bodies(&mut size, 1_000, usize::MAX);
        assert_eq!(size.bytes(), 8_000);
    }

    /// Each half of a batch that was too large lowered the maximum by a sixteenth, although it had not been made with it.
    #[test]
    fn rejections_of_larger_bodies_do_not_lower_the_maximum() {
        let mut size = BatchSize::new(0, 8_000);
        full_bodies(&mut size, 50, 1_000);
        let before = size.bytes();
        assert!((0..20).all(|_| !size.too_large(4_000)));
        assert_eq!(size.bytes(), before);
    }

    /// Rows of more than half of the maximum do not fill a body.
    #[test]
    fn maximum_grows_with_large_rows() {
        let mut size = BatchSize::new(0, 8_000);
        assert!(size.too_large(1_200));
        for _ in 0..1_000 {
            // As many rows of 400 bytes as fit.
            let limit = size.bytes();
            size.answer(0.1, (limit / 400).max(1) * 400, limit);
        }
        assert_eq!(size.bytes(), 8_000);
    }

    /// A change that is not reported is not applied to the batches that wait.
    #[test]
    fn every_change_is_reported_and_no_other() {
        for seed in 0..200 {
            let mut rng = fastrand::Rng::with_seed(seed);
            let mut size = BatchSize::new(rng.usize(..50), 1 << rng.u32(1..20));
            let mut limit = rng.usize(1..1 << 20);
            for step in 0..1_000 {
                let before = (size.rows(), size.bytes());
                if rng.u32(..300) == 0 {
                    limit = rng.usize(1..1 << 20);
                }
                let bytes = rng.usize(..=size.bytes());
                let reported = match rng.u32(..20) {
                    0 => size.halve(),
                    1 => size.answer(SLOW + 1.0, bytes.min(limit), size.bytes()),
                    _ if bytes > limit => size.too_large(bytes),
                    _ => size.answer(0.1, bytes, size.bytes()),
                };
                assert_eq!(reported, (size.rows(), size.bytes()) != before, "seed {seed}, step {step}");
                assert!(size.rows() >= 1 && size.rows() <= size.max_rows, "seed {seed}, step {step}");
                assert!(size.bytes() >= 1 && size.bytes() <= size.max_bytes, "seed {seed}, step {step}");
            }
        }
    }
}
