//! Work in numbers: what is done, how fast, and the time left.

use std::time::Duration;

use indicatif::{BinaryBytes, HumanCount};

/// What is counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unit {
    /// Rows, with their name in the plural.
    Things(&'static str),
    /// Bytes.
    Bytes,
}

impl Unit {
    fn write(self, amount: u64) -> String {
        match self {
            Self::Things(name) => format!("{} {name}", HumanCount(amount)),
            Self::Bytes => BinaryBytes(amount).to_string(),
        }
    }
}

/// What is done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    pub(super) unit: Unit,
    pub(super) done: u64,
    /// The part that is done, from which the time left follows.
    pub(super) share: Option<Share>,
}

impl Work {
    /// Returns the amount. Bytes have a total, and the total of rows is not known.
    pub(super) fn amount(self) -> String {
        let Self { unit, done, share } = self;
        match share.filter(|share| unit == Unit::Bytes && share.done == done) {
            Some(share) => format!("{} of {}", unit.write(done), unit.write(share.total)),
            None => unit.write(done),
        }
    }

    /// Returns the rate, or `None` in the first second, in which it says little.
    pub(super) fn rate(self, elapsed: Duration) -> Option<String> {
        let seconds = elapsed.as_secs_f64();
        // The rate is shown to people, so it may lose digits.
        #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)]
        let rate = (self.done as f64 / seconds) as u64;
        (seconds >= 1.0).then(|| format!("{}/s", self.unit.write(rate)))
    }
}

/// A part of a whole.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Share {
    pub(super) done: u64,
    pub(super) total: u64,
}

impl Share {
    /// Returns the time left at the average rate so far.
    pub(super) fn left(self, elapsed: Duration) -> Option<Duration> {
        let rest = u128::from(self.total.saturating_sub(self.done));
        let left = elapsed.as_millis().checked_mul(rest)?.checked_div(u128::from(self.done))?;
        Some(Duration::from_secs(u64::try_from(left / 1000).unwrap_or(u64::MAX)))
    }

    pub(super) fn percent(self) -> u128 {
        u128::from(self.done) * 100 / u128::from(self.total.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_needs_some_work() {
        let left = |done, total| Share { done, total }.left(Duration::from_secs(10));
        assert_eq!(left(0, 100), None);
        assert_eq!(left(25, 100), Some(Duration::from_secs(30)));
        assert_eq!(left(100, 100), Some(Duration::ZERO));
        assert!(left(1, u64::MAX).is_some());
    }
}
