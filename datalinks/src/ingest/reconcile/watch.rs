//! Repeated reads of the dataset until the result is stable.

use std::time::Duration;

use super::{KEYS_PER_QUERY, key::Key};
use crate::{
    error::{Error, ErrorKind},
    ingest::engine::Engine,
    platform::clock::{self, Instant},
};

/// The part of the dataset that is read.
pub(super) enum WatchTarget<'a> {
    /// The row count. A count outside of this range has no explanation and ends the wait.
    Count { least: u64, most: u64 },
    /// The keys of rows. The wait ends when all keys are found.
    Keys { column: &'a str, keys: &'a [Key] },
}

/// The result of one read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Observation {
    Count(u64),
    /// Number of rows per key.
    Keys(Vec<u32>),
}

/// Number of windows after which reading of a dataset that keeps changing stops. At least [`MIN_LIMIT`] applies.
const MAX_WINDOWS: u32 = 10;
const MIN_LIMIT: Duration = Duration::from_secs(10);

/// Divisors of the window: delays between reads double from `window / FIRST_DELAY` to `window / LONGEST_DELAY`.
const FIRST_DELAY: u32 = 32;
const LONGEST_DELAY: u32 = 4;

impl Engine {
    /// Reads with increasing delays until the result has not changed for a whole window.
    ///
    /// A failed read is ignored unless it cannot be retried. Returns the error if no read succeeds for a window.
    pub(super) async fn watch(&self, target: &WatchTarget<'_>) -> Result<Observation, Error> {
        let window = self.options().reconcile_window;
        let (start, first, longest) = (Instant::now(), window / FIRST_DELAY, window / LONGEST_DELAY);
        let mut delay = first;
        let mut last: Option<(Observation, Instant)> = None;
        let mut last_success = start;
        loop {
            let requested = Instant::now();
            match self.observe(target, last.as_ref().map(|(observation, _)| observation)).await {
                Ok(observation) if target.is_decided_by(&observation) => return Ok(observation),
                Ok(observation) => {
                    last_success = Instant::now();
                    match last {
                        Some((before, since)) if before == observation => {
                            if requested.duration_since(since) >= window {
                                return Ok(observation);
                            }
                            last = Some((before, since));
                        }
                        _ => {
                            last = Some((observation, last_success));
                            delay = first;
                        }
                    }
                }
                Err(error) if !error.is_retryable() || last_success.elapsed() >= window => return Err(error),
                Err(_) => {}
            }
            if start.elapsed() >= window.saturating_mul(MAX_WINDOWS).max(MIN_LIMIT) {
                let seconds = start.elapsed().as_secs();
                let what = format!("the dataset kept changing for {seconds} s");
                return Err(Error::new(ErrorKind::Timeout, what));
            }
            let rest = last.as_ref().map_or(window, |(_, since)| window.saturating_sub(since.elapsed()));
            clock::sleep(delay.min(rest)).await;
            delay = delay.saturating_mul(2).min(longest);
        }
    }

    /// Reads once. Keys that were found before are not queried again.
    pub(super) async fn observe(
        &self,
        target: &WatchTarget<'_>,
        before: Option<&Observation>,
    ) -> Result<Observation, Error> {
        let (column, keys) = match target {
            WatchTarget::Count { .. } => return self.deliver().row_count().await.map(Observation::Count),
            WatchTarget::Keys { column, keys } => (*column, *keys),
        };
        let mut times = match before {
            Some(Observation::Keys(times)) => times.clone(),
            _ => vec![0; keys.len()],
        };
        let missing: Vec<usize> = (0..keys.len()).filter(|index| times[*index] == 0).collect();
        for requested in missing.chunks(KEYS_PER_QUERY) {
            let batch: Vec<Key> = requested.iter().map(|index| keys[*index].clone()).collect();
            let found = self.deliver().find_keys(column, &batch).await?;
            for index in requested {
                let key = keys[*index].canonical();
                let count = found.iter().filter(|found| **found == key).count();
                times[*index] = u32::try_from(count).unwrap_or(u32::MAX);
            }
        }
        Ok(Observation::Keys(times))
    }
}

impl WatchTarget<'_> {
    /// Returns `true` if a later read cannot change the decision.
    fn is_decided_by(&self, observation: &Observation) -> bool {
        match (self, observation) {
            (Self::Count { least, most }, Observation::Count(count)) => !(least..=most).contains(&count),
            (Self::Keys { .. }, Observation::Keys(times)) => times.iter().all(|times| *times > 0),
            // A read always returns the kind of observation that was requested.
            _ => false,
        }
    }
}
