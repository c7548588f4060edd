//! Reading the dataset until what it shows does not change any more.

use std::time::Duration;

use tokio::time::Instant;

use super::{KEYS_PER_QUERY, key::Key};
use crate::{
    error::{Error, ErrorKind},
    ingest::engine::Engine,
};

/// What is read.
pub(super) enum Sought<'a> {
    /// The row count. A count that is not in this range is explained by nothing, and ends the wait.
    Count { least: u64, most: u64 },
    /// The keys of rows. The wait ends when all are there.
    Keys { column: &'a str, keys: &'a [Key] },
}

/// What one look shows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Observation {
    Count(u64),
    /// How many rows have each key.
    Keys(Vec<u32>),
}

/// Windows after which a dataset that keeps changing is not read any more, but not before [`LEAST_LIMIT`].
const MOST_WINDOWS: u32 = 10;
const LEAST_LIMIT: Duration = Duration::from_secs(10);

/// Looks per window, about: delays double from this fraction of the window to [`LONGEST_DELAY`].
const FIRST_DELAY: u32 = 32;
const LONGEST_DELAY: u32 = 4;

impl Engine {
    /// Looks, with growing delays, until the same was seen over a whole window.
    ///
    /// A look that fails shows nothing. When no look succeeds for a window, the dataset cannot be read.
    pub(super) async fn watch(&self, sought: &Sought<'_>) -> Result<Observation, Error> {
        let window = self.options().reconcile_window;
        let (start, first, longest) = (Instant::now(), window / FIRST_DELAY, window / LONGEST_DELAY);
        let mut delay = first;
        let mut last: Option<(Observation, Instant)> = None;
        let mut last_success = start;
        loop {
            let asked = Instant::now();
            match self.look(sought, last.as_ref().map(|(sight, _)| sight)).await {
                Ok(sight) if sought.is_decided_by(&sight) => return Ok(sight),
                Ok(sight) => {
                    last_success = Instant::now();
                    match last {
                        Some((before, since)) if before == sight => {
                            if asked.duration_since(since) >= window {
                                return Ok(sight);
                            }
                            last = Some((before, since));
                        }
                        _ => {
                            last = Some((sight, last_success));
                            delay = first;
                        }
                    }
                }
                Err(error) if !error.is_retryable() || last_success.elapsed() >= window => return Err(error),
                Err(_) => {}
            }
            if start.elapsed() >= window.saturating_mul(MOST_WINDOWS).max(LEAST_LIMIT) {
                let seconds = start.elapsed().as_secs();
                let what = format!("the dataset kept changing for {seconds} s");
                return Err(Error::new(ErrorKind::Timeout, what));
            }
            let rest = last.as_ref().map_or(window, |(_, since)| window.saturating_sub(since.elapsed()));
            tokio::time::sleep(delay.min(rest)).await;
            delay = delay.saturating_mul(2).min(longest);
        }
    }

    /// Looks once. Keys that were there before are not asked for again.
    pub(super) async fn look(
        &self,
        sought: &Sought<'_>,
        before: Option<&Observation>,
    ) -> Result<Observation, Error> {
        let (column, keys) = match sought {
            Sought::Count { .. } => return self.deliver().row_count().await.map(Observation::Count),
            Sought::Keys { column, keys } => (*column, *keys),
        };
        let mut times = match before {
            Some(Observation::Keys(times)) => times.clone(),
            _ => vec![0; keys.len()],
        };
        let missing: Vec<usize> = (0..keys.len()).filter(|index| times[*index] == 0).collect();
        for asked in missing.chunks(KEYS_PER_QUERY) {
            let batch: Vec<Key> = asked.iter().map(|index| keys[*index].clone()).collect();
            let found = self.deliver().find_keys(column, &batch).await?;
            for index in asked {
                let key = keys[*index].canonical();
                let count = found.iter().filter(|found| **found == key).count();
                times[*index] = u32::try_from(count).unwrap_or(u32::MAX);
            }
        }
        Ok(Observation::Keys(times))
    }
}

impl Sought<'_> {
    /// Whether a later look cannot show anything that matters.
    fn is_decided_by(&self, sight: &Observation) -> bool {
        match (self, sight) {
            (Self::Count { least, most }, Observation::Count(count)) => !(least..=most).contains(&count),
            (Self::Keys { .. }, Observation::Keys(times)) => times.iter().all(|times| *times > 0),
            // A look shows what it was asked for.
            _ => false,
        }
    }
}
