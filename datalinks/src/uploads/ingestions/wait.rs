//! Waiting for the end of an ingestion.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use datalinks_gen::Row;
use futures::{StreamExt as _, TryStreamExt as _, stream, stream::BoxStream};
use serde::Serialize;
use uuid::Uuid;

use super::ingestion::Ingestion;
use crate::{
    datasets::Dataset,
    error::Error,
    platform::clock::{Instant, sleep},
    types::{Rejected, impl_into_future},
};

/// Names of states in progress, letters only. The service does not document its states. The list contains the usual
/// names and one that was recorded (`Processing`).
const ACTIVE: [&str; 14] = [
    "created",
    "inprogress",
    "ingesting",
    "new",
    "pending",
    "preparing",
    "processing",
    "queued",
    "retrying",
    "running",
    "scheduled",
    "started",
    "submitted",
    "waiting",
];

/// Names of final states, as in the vendor's client.
const COMPLETED: [&str; 5] = ["complete", "completed", "done", "success", "succeeded"];
const FAILED: [&str; 2] = ["failed", "error"];

/// Minimum delay between two polls, which limits the load on the service.
const MIN_INTERVAL: Duration = Duration::from_millis(100);

/// The result of waiting for an ingestion.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum WaitOutcome {
    /// The rows are stored.
    Completed(Ingestion),
    /// The ingestion failed. Its status message may contain the reason. [`DataLinks::retry_ingestion`] starts a new
    /// ingestion.
    ///
    /// [`DataLinks::retry_ingestion`]: crate::DataLinks::retry_ingestion
    Failed(Ingestion),
    /// The ingestion has a status that this version does not recognize, which ends the wait. Read its status.
    Other(Ingestion),
    /// The ingestion is not, or no longer, in the list.
    Vanished,
    /// The ingestion was still in progress at the timeout.
    TimedOut(Ingestion),
    /// The ingestion is in the list, but its status could not be decoded until the timeout. Contains the undecoded
    /// item.
    Unreadable(Rejected),
}

/// A builder for a wait. Await it to wait for the end of an ingestion.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct WaitForIngestion {
    dataset: Dataset,
    ingestion: Uuid,
    every: Duration,
    timeout: Duration,
}

impl Dataset {
    /// Returns a builder that waits for the end of an ingestion; await it to get the [`WaitOutcome`].
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the interval is below 100 ms. No request is sent.
    ///
    /// The first request that fails after its retries ends the wait. See also [errors of every
    /// call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the request. This operation only reads.
    pub fn wait_for(&self, ingestion: Uuid) -> WaitForIngestion {
        WaitForIngestion::new(self.clone(), ingestion)
    }
}

impl WaitForIngestion {
    fn new(dataset: Dataset, ingestion: Uuid) -> Self {
        Self { dataset, ingestion, every: Duration::from_secs(5), timeout: Duration::from_secs(1_200) }
    }

    /// Sets the interval between two polls, at least 100 ms.
    ///
    /// A shorter interval is rejected with [`InvalidInput`](crate::ErrorKind::InvalidInput) before any request.
    /// Defaults to 5 seconds.
    pub fn every(mut self, pause: Duration) -> Self {
        self.every = pause;
        self
    }

    /// Sets the maximum time to wait. Zero polls once. Defaults to 20 minutes.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Returns the timeout and the interval.
    #[cfg(test)]
    pub(crate) fn limits(&self) -> (Duration, Duration) {
        (self.timeout, self.every)
    }

    /// Returns a stream of the states of the ingestion, including the last one, to report progress.
    ///
    /// The stream ends with the wait. It polls only while it is polled, and dropping it ends the wait.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(films: datalinks::Dataset, id: uuid::Uuid) -> Result<(), datalinks::Error> {
    /// use futures::TryStreamExt;
    ///
    /// let mut states = films.wait_for(id).stream();
    /// while let Some(ingestion) = states.try_next().await? {
    ///     println!("{}: {:?} of {:?} bytes", ingestion.status, ingestion.processed_bytes, ingestion.expected_total_bytes);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(self) -> BoxStream<'static, Result<Ingestion, Error>> {
        if let Err(error) = self.check() {
            return stream::once(std::future::ready(Err(error))).boxed();
        }
        let start = Instant::now();
        let polls = stream::try_unfold(Some((self, None::<Duration>, false)), move |state| async move {
            let Some((wait, pause, mut seen)) = state else { return Ok(None) };
            if let Some(pause) = pause {
                sleep(pause).await;
            }
            let poll_list = wait.poll_list().await?;
            seen |= poll_list != PollResult::Missing;
            let active = match &poll_list {
                PollResult::Found(ingestion) => stage(&ingestion.status) == Stage::Active,
                PollResult::Unreadable(_) => true,
                // An ingestion that was never listed may have just started.
                PollResult::Missing => !seen,
            };
            let ingestion = match poll_list {
                PollResult::Found(ingestion) => Some(ingestion),
                PollResult::Unreadable(_) | PollResult::Missing => None,
            };
            let goes_on = active && start.elapsed().saturating_add(wait.every) <= wait.timeout;
            let every = wait.every;
            Ok::<_, Error>(Some((ingestion, goes_on.then_some((wait, Some(every), seen)))))
        });
        polls.try_filter_map(|ingestion| std::future::ready(Ok(ingestion))).boxed()
    }

    /// Polls until the ingestion ends. Returns the error of the first request that fails after its retries.
    async fn send(self) -> Result<WaitOutcome, Error> {
        self.check()?;
        let start = Instant::now();
        let mut seen = false;
        loop {
            let poll_list = self.poll_list().await?;
            let out_of_time = start.elapsed().saturating_add(self.every) > self.timeout;
            match poll_list {
                PollResult::Found(ingestion) => {
                    seen = true;
                    match (stage(&ingestion.status), out_of_time) {
                        (Stage::Completed, _) => return Ok(WaitOutcome::Completed(ingestion)),
                        (Stage::Failed, _) => return Ok(WaitOutcome::Failed(ingestion)),
                        (Stage::Other, _) => return Ok(WaitOutcome::Other(ingestion)),
                        (Stage::Active, true) => return Ok(WaitOutcome::TimedOut(ingestion)),
                        (Stage::Active, false) => {}
                    }
                }
                PollResult::Unreadable(entry) if out_of_time => return Ok(WaitOutcome::Unreadable(entry)),
                PollResult::Unreadable(_) => seen = true,
                // An ingestion that was never listed may have just started.
                PollResult::Missing if seen || out_of_time => return Ok(WaitOutcome::Vanished),
                PollResult::Missing => {}
            }
            sleep(self.every).await;
        }
    }

    /// Rejects an interval that would send requests without a pause.
    fn check(&self) -> Result<(), Error> {
        if self.every >= MIN_INTERVAL {
            return Ok(());
        }
        let what =
            format!("the interval between two polls is {:?}: expected at least {MIN_INTERVAL:?}", self.every);
        Err(Error::invalid(what).advice("set WaitForIngestion::every; nothing was sent"))
    }

    /// Searches for the ingestion on all pages of the list.
    async fn poll_list(&self) -> Result<PollResult, Error> {
        let undecoded = Arc::new(Mutex::new(None));
        let (note, wanted) = (Arc::clone(&undecoded), self.ingestion);
        let mut ingestions = self.dataset.ingestions().page_size(100).items_noting(move |rejected| {
            if let Some(entry) = rejected.iter().find(|entry| id_of(&entry.text) == Some(wanted)) {
                note.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| entry.clone());
            }
        });
        while let Some(ingestion) = ingestions.next().await {
            let ingestion = ingestion?;
            if ingestion.id == self.ingestion {
                return Ok(PollResult::Found(ingestion));
            }
        }
        let undecoded = undecoded.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(match undecoded {
            Some(entry) => {
                id_and_status(&entry.text).map_or(PollResult::Unreadable(entry), PollResult::Found)
            }
            None => PollResult::Missing,
        })
    }
}

/// The result of one poll.
#[derive(PartialEq)]
enum PollResult {
    Found(Ingestion),
    /// The ingestion is in the list, but its status cannot be decoded.
    Unreadable(Rejected),
    Missing,
}

/// Returns the id of an item that cannot be decoded as a whole.
fn id_of(entry: &str) -> Option<Uuid> {
    let fields: Row = serde_json::from_str(entry).ok()?;
    Uuid::parse_str(fields.get("id")?.as_str()?).ok()
}

/// Returns an ingestion with only the id and status of an item, whose other members are not valid.
fn id_and_status(entry: &str) -> Option<Ingestion> {
    let mut fields: Row = serde_json::from_str(entry).ok()?;
    fields.retain(|name, _| name == "id" || name == "status");
    serde_json::from_value(fields.into()).ok()
}

impl_into_future!(WaitForIngestion => WaitOutcome);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    Active,
    Completed,
    Failed,
    Other,
}

/// Returns the stage of a status. Letter case, spaces and punctuation are ignored.
fn stage(status: &str) -> Stage {
    let word: String = status.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if COMPLETED.contains(&word.as_str()) {
        Stage::Completed
    } else if FAILED.contains(&word.as_str()) {
        Stage::Failed
    } else if ACTIVE.contains(&word.as_str()) {
        Stage::Active
    } else {
        Stage::Other
    }
}

crate::client::builder_options!(WaitForIngestion, dataset);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stage_is_recognized_by_the_name_of_the_status() {
        for (status, expected) in [
            (" Completed ", Stage::Completed),
            ("SUCCESS", Stage::Completed),
            ("error", Stage::Failed),
            ("Processing", Stage::Active),
            ("in_progress", Stage::Active),
            ("In Progress", Stage::Active),
            ("quarantined", Stage::Other),
            ("", Stage::Other),
        ] {
            assert_eq!(stage(status), expected, "{status:?}");
        }
    }

    fn wait() -> WaitForIngestion {
        // No server listens at this address.
        let client = crate::client::DataLinks::builder("http://127.0.0.1:9/api/v1", "k").build().unwrap();
        client.dataset("cinema", "films").unwrap().wait_for(Uuid::nil())
    }

    /// Regression: an interval of zero sent 88 requests in 0.3 s.
    #[tokio::test]
    async fn intervals_below_100_ms_are_rejected() {
        for pause in [Duration::ZERO, Duration::from_millis(99)] {
            let error = wait().every(pause).await.unwrap_err();
            assert_eq!((error.kind(), error.attempts()), (crate::error::ErrorKind::InvalidInput, 0));
            assert!(error.to_string().contains("100ms"), "{error}");
            let states: Vec<_> = wait().every(pause).stream().collect().await;
            assert!(
                matches!(&states[..], [Err(error)] if error.kind() == crate::error::ErrorKind::InvalidInput)
            );
        }
        assert!(wait().every(MIN_INTERVAL).check().is_ok());
    }
}
