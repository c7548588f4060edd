//! Waiting for the end of an ingestion.

use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _, stream, stream::BoxStream};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::Ingestion;
use crate::{Dataset, Error, awaitable::awaitable};

/// Words for an ingestion that is in progress, letters only. The service does not document its list of states:
/// these are the usual words, and one that was recorded (`Processing`).
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

/// Words for an end, as the vendor's client knows them.
const COMPLETED: [&str; 5] = ["complete", "completed", "done", "success", "succeeded"];
const FAILED: [&str; 2] = ["failed", "error"];

/// How waiting ended.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Waited {
    /// The rows are stored.
    Completed(Ingestion),
    /// The ingestion failed; its status message may say why. [`DataLinks::retry_ingestion`] tries again.
    ///
    /// [`DataLinks::retry_ingestion`]: crate::DataLinks::retry_ingestion
    Failed(Ingestion),
    /// It is in a state that this version does not know, which ends the wait: look at its status.
    Other(Ingestion),
    /// It is not in the list (any more).
    Vanished,
    /// It still went on when the time was up.
    TimedOut(Ingestion),
}

/// A wait about to begin; await it.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct WaitForIngestion {
    dataset: Dataset,
    ingestion: Uuid,
    every: Duration,
    timeout: Duration,
}

impl WaitForIngestion {
    pub(super) fn new(dataset: Dataset, ingestion: Uuid) -> Self {
        Self { dataset, ingestion, every: Duration::from_secs(5), timeout: Duration::from_secs(1_200) }
    }

    /// The pause between two looks. Default 5 s, as in the vendor's client.
    pub fn every(mut self, pause: Duration) -> Self {
        self.every = pause;
        self
    }

    /// The longest wait; zero looks once. Default 1,200 s, as in the vendor's client.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The states that are seen on the way, the last one included: for showing how far it is. The stream ends with
    /// the wait; it is pulled, and dropping it stops.
    ///
    /// ```no_run
    /// # async fn run(films: datalinks::Dataset, id: uuid::Uuid) -> Result<(), datalinks::Error> {
    /// use futures::TryStreamExt;
    ///
    /// let mut states = films.wait_for(id).states();
    /// while let Some(ingestion) = states.try_next().await? {
    ///     println!("{}: {:?} of {} bytes", ingestion.status, ingestion.processed_bytes, ingestion.expected_total_bytes);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn states(self) -> BoxStream<'static, Result<Ingestion, Error>> {
        let start = Instant::now();
        let looks = stream::try_unfold(Some((self, None::<Duration>)), move |state| async move {
            let Some((wait, pause)) = state else { return Ok(None) };
            if let Some(pause) = pause {
                sleep(pause).await;
            }
            let ingestion = wait.look().await?;
            let active = ingestion.as_ref().is_none_or(|ingestion| stage(&ingestion.status) == Stage::Active);
            let goes_on = active && start.elapsed() + wait.every <= wait.timeout;
            let every = wait.every;
            Ok::<_, Error>(Some((ingestion, goes_on.then_some((wait, Some(every))))))
        });
        looks.try_filter_map(|ingestion| std::future::ready(Ok(ingestion))).boxed()
    }

    /// Waits. A refusal of the service (4xx) ends it; failures that may pass are repeated by the client's
    /// policy, and end it when that gives up.
    async fn send(self) -> Result<Waited, Error> {
        let start = Instant::now();
        let mut seen = false;
        loop {
            let ingestion = self.look().await?;
            let out_of_time = start.elapsed() + self.every > self.timeout;
            match ingestion {
                Some(ingestion) => {
                    seen = true;
                    match (stage(&ingestion.status), out_of_time) {
                        (Stage::Completed, _) => return Ok(Waited::Completed(ingestion)),
                        (Stage::Failed, _) => return Ok(Waited::Failed(ingestion)),
                        (Stage::Other, _) => return Ok(Waited::Other(ingestion)),
                        (Stage::Active, true) => return Ok(Waited::TimedOut(ingestion)),
                        (Stage::Active, false) => {}
                    }
                }
                // One that was never seen may only just have begun.
                None if seen || out_of_time => return Ok(Waited::Vanished),
                None => {}
            }
            sleep(self.every).await;
        }
    }

    /// The ingestion, wherever it is in the list.
    async fn look(&self) -> Result<Option<Ingestion>, Error> {
        let mut ingestions = self.dataset.ingestions().page_size(100).items();
        while let Some(ingestion) = ingestions.next().await {
            let ingestion = ingestion?;
            if ingestion.id == self.ingestion {
                return Ok(Some(ingestion));
            }
        }
        Ok(None)
    }
}

awaitable!(WaitForIngestion => Waited);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    Active,
    Completed,
    Failed,
    Other,
}

/// Case, spaces and punctuation do not count.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_known_by_name_and_others_end_the_wait() {
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
}
