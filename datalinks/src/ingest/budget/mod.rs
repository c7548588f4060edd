//! The limit on what an ingestion may cost.
//!
//! 1. `book` decides whether a request may start, from what usage reports and from estimates. It has no clock.
//! 2. `spender` asks it before each attempt, reads usage, and waits.
//! 3. `report` is the account of the spending.

mod book;
mod report;
mod spender;

use std::{str::FromStr, time::Duration};

use super::estimate::{Estimate, USAGE_DELAY};
use crate::{
    error::Error,
    spending::{Amount, Usd},
};

pub use report::{BudgetReport, BudgetState};
pub(crate) use spender::Spender;

/// A limit on what an ingestion may cost, in US dollars or in tokens. See [`Ingest::budget`](super::Ingest::budget).
///
/// `FromStr` reads an amount such as `5USD` or `200000tokens`.
///
/// # Examples
///
/// ```
/// use datalinks::{ingest::Budget, spending::Usd};
///
/// assert_eq!("5USD".parse::<Budget>()?, Budget::usd(Usd::dollars(5)));
/// assert_eq!("200000tokens".parse::<Budget>()?, Budget::tokens(200_000));
/// # Ok::<(), datalinks::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Budget {
    pub(super) limit: Amount,
    pub(super) usage_delay: Duration,
    /// Cost in the smallest unit, and the bytes that cost as much.
    pub(super) rate: Option<(u64, u64)>,
}

impl Budget {
    fn new(limit: Amount) -> Self {
        Self { limit, usage_delay: USAGE_DELAY, rate: None }
    }

    /// Creates a limit in US dollars.
    pub fn usd(limit: Usd) -> Self {
        Self::new(Amount::Usd(limit))
    }

    /// Creates a limit in tokens.
    pub fn tokens(limit: u64) -> Self {
        Self::new(Amount::Tokens(limit))
    }

    /// Returns the limit.
    pub fn limit(&self) -> Amount {
        self.limit
    }

    /// Sets the time after which the usage of a request counts as reported. Until then, its estimate counts, too.
    ///
    /// The service does not document how late usage is reported. If it is later than this, the run can cost more than the
    /// budget. Defaults to 30 seconds.
    pub fn usage_delay(mut self, delay: Duration) -> Self {
        self.usage_delay = delay;
        self
    }

    /// Estimates the first requests by the upper end of this estimate. By default, the first request is sent alone, and its
    /// usage is the first estimate. Has no effect if the estimate is not measurable.
    pub fn estimate(mut self, estimate: &Estimate) -> Self {
        self.rate = estimate.rate(self.limit);
        self
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        match self.limit.units() {
            0 => Err(Error::invalid("the budget is 0, which allows no request: set a budget above 0")),
            _ => Ok(()),
        }
    }
}

impl FromStr for Budget {
    type Err = Error;

    /// # Errors
    ///
    /// Fails if the text is not an [`Amount`], or if the amount is 0.
    fn from_str(text: &str) -> Result<Self, Error> {
        let budget = Self::new(text.parse()?);
        budget.check().map(|()| budget)
    }
}

#[cfg(test)]
mod property_tests;
