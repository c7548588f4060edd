//! Waiting for the end of an ingestion.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use datalinks_gen::Row;
use futures::{StreamExt as _, TryStreamExt as _, stream, stream::BoxStream};
use serde::Serialize;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::Ingestion;
use crate::{
    datasets::Dataset,
    error::Error,
    types::{Rejected, impl_into_future},
};

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

/// Shortest pause between two looks: this crate's choice, which keeps a wait from hammering the service.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);

/// How waiting ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum WaitOutcome {
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
    /// It is in the list, and its status could not be read by the time the wait was over. Contains the entry as it came.
    Unreadable(Rejected),
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

impl Dataset {
    /// Waits for the end of an ingestion. Await what this answers.
    pub fn wait_for(&self, ingestion: Uuid) -> WaitForIngestion {
        WaitForIngestion::new(self.clone(), ingestion)
    }
}

impl WaitForIngestion {
    fn new(dataset: Dataset, ingestion: Uuid) -> Self {
        Self { dataset, ingestion, every: Duration::from_secs(5), timeout: Duration::from_secs(1_200) }
    }

    /// Sets the pause between two looks, at least 100 ms. A shorter one is rejected with
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) before anything is sent. Defaults to 5 seconds, as in the
    /// vendor's client.
    pub fn every(mut self, pause: Duration) -> Self {
        self.every = pause;
        self
    }

    /// The longest wait; zero looks once. Default 1,200 s, as in the vendor's client.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Returns the longest wait, and the delay between two polls.
    #[cfg(test)]
    pub(crate) fn limits(&self) -> (Duration, Duration) {
        (self.timeout, self.every)
    }

    /// The states that are seen on the way, the last one included: for showing how far it is. The stream ends with
    /// the wait; it is pulled, and dropping it stops.
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
        let looks = stream::try_unfold(Some((self, None::<Duration>, false)), move |state| async move {
            let Some((wait, pause, mut seen)) = state else { return Ok(None) };
            if let Some(pause) = pause {
                sleep(pause).await;
            }
            let look = wait.look().await?;
            seen |= look != Look::Missing;
            let active = match &look {
                Look::Found(ingestion) => stage(&ingestion.status) == Stage::Active,
                Look::Unreadable(_) => true,
                // One that was never seen may only just have begun.
                Look::Missing => !seen,
            };
            let ingestion = match look {
                Look::Found(ingestion) => Some(ingestion),
                Look::Unreadable(_) | Look::Missing => None,
            };
            let goes_on = active && start.elapsed().saturating_add(wait.every) <= wait.timeout;
            let every = wait.every;
            Ok::<_, Error>(Some((ingestion, goes_on.then_some((wait, Some(every), seen)))))
        });
        looks.try_filter_map(|ingestion| std::future::ready(Ok(ingestion))).boxed()
    }

    /// Waits. A refusal of the service (4xx) ends it; failures that may pass are repeated by the client's
    /// policy, and end it when that gives up.
    async fn send(self) -> Result<WaitOutcome, Error> {
        self.check()?;
        let start = Instant::now();
        let mut seen = false;
        loop {
            let look = self.look().await?;
            let out_of_time = start.elapsed().saturating_add(self.every) > self.timeout;
            match look {
                Look::Found(ingestion) => {
                    seen = true;
                    match (stage(&ingestion.status), out_of_time) {
                        (Stage::Completed, _) => return Ok(WaitOutcome::Completed(ingestion)),
                        (Stage::Failed, _) => return Ok(WaitOutcome::Failed(ingestion)),
                        (Stage::Other, _) => return Ok(WaitOutcome::Other(ingestion)),
                        (Stage::Active, true) => return Ok(WaitOutcome::TimedOut(ingestion)),
                        (Stage::Active, false) => {}
                    }
                }
                Look::Unreadable(entry) if out_of_time => return Ok(WaitOutcome::Unreadable(entry)),
                Look::Unreadable(_) => seen = true,
                // One that was never seen may only just have begun.
                Look::Missing if seen || out_of_time => return Ok(WaitOutcome::Vanished),
                Look::Missing => {}
            }
            sleep(self.every).await;
        }
    }

    /// Rejects a pause under which the service would be asked without end.
    fn check(&self) -> Result<(), Error> {
        if self.every >= SHORTEST_PAUSE {
            return Ok(());
        }
        let what =
            format!("the pause between two looks is {:?}: expected at least {SHORTEST_PAUSE:?}", self.every);
        Err(Error::invalid(what).advice("set WaitForIngestion::every; nothing was sent"))
    }

    /// Looks for the ingestion on every page of the list.
    async fn look(&self) -> Result<Look, Error> {
        let odd = Arc::new(Mutex::new(None));
        let (note, wanted) = (Arc::clone(&odd), self.ingestion);
        let mut ingestions = self.dataset.ingestions().page_size(100).items_noting(move |rejected| {
            if let Some(entry) = rejected.iter().find(|entry| id_of(&entry.text) == Some(wanted)) {
                note.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| entry.clone());
            }
        });
        while let Some(ingestion) = ingestions.next().await {
            let ingestion = ingestion?;
            if ingestion.id == self.ingestion {
                return Ok(Look::Found(ingestion));
            }
        }
        let odd = odd.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(match odd {
            Some(entry) => essence(&entry.text).map_or(Look::Unreadable(entry), Look::Found),
            None => Look::Missing,
        })
    }
}

/// Result of one look at the list.
#[derive(PartialEq)]
enum Look {
    Found(Ingestion),
    /// It is in the list, and its status cannot be read.
    Unreadable(Rejected),
    Missing,
}

/// The id of an entry that cannot be read as a whole.
fn id_of(entry: &str) -> Option<Uuid> {
    let fields: Row = serde_json::from_str(entry).ok()?;
    Uuid::parse_str(fields.get("id")?.as_str()?).ok()
}

/// An ingestion of the id and the status of an entry, whose other fields are not as they should be.
fn essence(entry: &str) -> Option<Ingestion> {
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

crate::client::builder_options!(WaitForIngestion, dataset);

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

    fn wait() -> WaitForIngestion {
        // Nothing listens there.
        let client = crate::client::DataLinks::builder("http://127.0.0.1:9/api/v1", "k").build().unwrap();
        client.dataset("cinema", "films").unwrap().wait_for(Uuid::nil())
    }

    /// A pause of zero sent 88 requests in 0.3 s.
    #[tokio::test]
    async fn pauses_that_would_hammer_the_service_are_rejected() {
        for pause in [Duration::ZERO, Duration::from_millis(99)] {
            let error = wait().every(pause).await.unwrap_err();
            assert_eq!((error.kind(), error.attempts()), (crate::error::ErrorKind::InvalidInput, 0));
            assert!(error.to_string().contains("100ms"), "{error}");
            let states: Vec<_> = wait().every(pause).stream().collect().await;
            assert!(
                matches!(&states[..], [Err(error)] if error.kind() == crate::error::ErrorKind::InvalidInput)
            );
        }
        assert!(wait().every(SHORTEST_PAUSE).check().is_ok());
    }
}
