//! The usage since a moment.

use std::{fmt, time::Duration};

use chrono::{DateTime, SecondsFormat, Utc};
use datalinks_gen::api::types;
use futures::future::BoxFuture;
use serde::Serialize;

use super::usd::Usd;
use crate::{
    client::DataLinks,
    error::{Error, ErrorKind},
    platform::clock::{self, Instant, sleep},
};

/// Time before the start of a measurement from which usage is read, so that a clock of the service that is slow by less than
/// this does not hide usage.
const CLOCK_MARGIN: Duration = Duration::from_secs(3_600);

/// Time between two readings of usage while a change is awaited.
const INTERVAL: Duration = Duration::from_secs(1);
/// Time without a change after which usage counts as complete.
pub(crate) const STABLE: Duration = Duration::from_secs(3);

/// Tokens of models, and their cost.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Spent {
    /// Number of tokens.
    pub tokens: u64,
    /// Cost in US dollars. Serialized as `costUSD`.
    #[serde(rename = "costUSD")]
    pub cost: Usd,
}

impl Spent {
    /// Creates an amount of tokens with its cost.
    pub fn new(tokens: u64, cost: Usd) -> Self {
        Self { tokens, cost }
    }

    /// Returns the sum of two amounts.
    pub(crate) fn and(self, other: &Self) -> Self {
        Self { tokens: self.tokens.saturating_add(other.tokens), cost: self.cost.saturating_add(other.cost) }
    }

    /// Returns the lower number of tokens and the lower cost of two totals.
    pub(crate) fn least(&self, other: &Self) -> Self {
        Self { tokens: self.tokens.min(other.tokens), cost: self.cost.min(other.cost) }
    }

    /// Returns the difference to an earlier total. Totals that shrank count as unchanged.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        Self {
            tokens: self.tokens.saturating_sub(earlier.tokens),
            cost: self.cost.saturating_sub(earlier.cost),
        }
    }
}

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tokens, {}", self.tokens, self.cost)
    }
}

/// Reads totals of usage.
pub(crate) trait UsageReading: Send + Sync {
    /// Returns the usage since a moment that is the same for all calls.
    fn total(&self) -> BoxFuture<'_, Result<Spent, Error>>;
}

/// The usage of the account since a moment, created by [`DataLinks::usage_meter`].
///
/// The service ties usage neither to a run nor to a question, so a measurement includes all work of the account, such as that
/// of other programs. The service does not document how late usage is reported, so a measurement may be incomplete, and may
/// include work from before its start.
///
/// # Examples
///
/// ```
/// # use datalinks_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::start().await?;
/// # let dl = datalinks::DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;
/// # let films = dl.dataset("cinema", "films")?;
/// # films.create().await?;
/// # films.ingest([serde_json::json!({ "title": "Alien" })]).await?;
/// let meter = dl.usage_meter().await?;
/// films.namespace().ask("How many films are there?").await?;
/// println!("{}", meter.spent().await?);
/// # assert!(meter.spent().await?.tokens > 0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct UsageMeter {
    account: AccountUsage,
    before: Spent,
}

impl DataLinks {
    /// Begins to measure the usage of the account. Reads the usage until now.
    ///
    /// # Errors
    ///
    /// See [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the request. This operation only reads.
    pub async fn usage_meter(&self) -> Result<UsageMeter, Error> {
        let account = AccountUsage::new(self.clone());
        let before = account.read().await?;
        Ok(UsageMeter { account, before })
    }
}

impl UsageMeter {
    /// Returns the usage that the service has reported since the start of the measurement.
    ///
    /// # Errors
    ///
    /// See [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the request. This operation only reads.
    pub async fn spent(&self) -> Result<Spent, Error> {
        Ok(self.account.read().await?.since(&self.before))
    }

    /// Reads usage until it has grown and has not changed for three seconds, at most for `delay`. A delay of zero reads once.
    ///
    /// The service does not document how late it reports usage, so the result may be incomplete, and zero if usage did not
    /// grow.
    ///
    /// # Errors
    ///
    /// See [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the request. This operation only reads.
    pub async fn settled(&self, delay: Duration) -> Result<Spent, Error> {
        let (total, _) = settled(&self.account, self.before, delay).await?;
        Ok(total.since(&self.before))
    }
}

/// Reads usage until it has changed and is stable, or until `delay` is over. Returns `false` if it still changes then.
pub(crate) async fn settled(
    usage: &(impl UsageReading + ?Sized),
    before: Spent,
    delay: Duration,
) -> Result<(Spent, bool), Error> {
    let (start, stable) = (Instant::now(), STABLE.min(delay));
    let (mut last, mut since) = (before, start);
    loop {
        let now = usage.total().await?;
        if now != last {
            (last, since) = (now, Instant::now());
        }
        let is_stable = since.elapsed() >= stable;
        if last != before && is_stable {
            return Ok((last, true));
        }
        if start.elapsed() >= delay {
            return Ok((last, last == before || is_stable));
        }
        sleep(INTERVAL).await;
    }
}

/// The usage of an account, in totals by day, so that a reading is one small response however many models were used.
#[derive(Debug)]
pub(crate) struct AccountUsage {
    client: DataLinks,
    from: DateTime<Utc>,
}

impl AccountUsage {
    pub(crate) fn new(client: DataLinks) -> Self {
        Self { client, from: clock::utc() - CLOCK_MARGIN }
    }

    async fn read(&self) -> Result<Spent, Error> {
        let call = self.client.call();
        let from = self.from.to_rfc3339_opts(SecondsFormat::Secs, true);
        let result = call.client().get_user_usage_by_day(None, Some(&from), None).await;
        let days: types::UserUsageByDayResponse = call.finish(result)?;
        let mut total = Spent::default();
        for day in &days.data {
            let tokens = u64::try_from(day.tokens_used).ok();
            let (Some(tokens), Some(cost)) = (tokens, Usd::of_wire(day.cost_usd)) else {
                return Err(Error::new(
                    ErrorKind::UnexpectedResponse,
                    format!(
                        "the usage of {} is {} tokens for {} USD, which is no amount",
                        day.date, day.tokens_used, day.cost_usd
                    ),
                ));
            };
            total = total.and(&Spent::new(tokens, cost));
        }
        Ok(total)
    }
}

impl UsageReading for AccountUsage {
    fn total(&self) -> BoxFuture<'_, Result<Spent, Error>> {
        Box::pin(self.read())
    }
}
