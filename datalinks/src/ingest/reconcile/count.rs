//! Reconciliation by the row count of the dataset.

use std::{
    ops::Range,
    sync::{MutexGuard, PoisonError},
};

use super::{
    MAX_RECONCILE_RETRIES,
    ledger::{Finding, Ledger},
    retries_exhausted,
    watch::{Observation, WatchTarget},
};
use crate::{
    error::Error,
    ingest::{
        engine::{BatchState, Engine, Hashed, index_range},
        journal::{OpenRequest, State},
        sub_batches::SubBatch,
    },
    json::encode::Encoded,
};

impl Engine {
    /// Sends rows until the row count shows that they are stored, or cannot decide.
    ///
    /// Rows that the count does not show are sent again. An error applies to the rows that are not decided.
    pub(in crate::ingest) async fn send_counted<T>(
        &self,
        sub_batch: &SubBatch,
        rows: &[Encoded],
        body: Hashed,
        batch_state: &mut BatchState<T>,
    ) -> Result<(), Error> {
        let sent = rows.len() as u64;
        let mut ambiguous = sub_batch.earlier.is_ambiguous();
        let mut times = 0;
        loop {
            let before = match self.deliver().row_count().await {
                Ok(before) => before,
                Err(error) => {
                    // The request for the count failed, so the error does not concern the rows.
                    self.fail_sent(&error.with_ambiguous(ambiguous), rows, batch_state);
                    return Ok(());
                }
            };
            let exact = {
                let mut ledger = self.ledger();
                ledger.before(before);
                ledger.is_exact(before)
            };
            // A count that is not exact must not be recorded, because the next run would rely on it.
            self.record_request(rows, body.hash, exact.then_some(before), ambiguous, &batch_state.batch())
                .await?;
            let result = self.request(body.bytes.clone(), ambiguous, batch_state).await;
            times += 1;
            let error = match result {
                Err(error) if error.is_ambiguous() => error,
                decided => {
                    if let Ok(acknowledged) = &decided {
                        self.ledger().acknowledged(sent, acknowledged.indexed);
                    }
                    return self.apply_result(rows, ambiguous, decided, batch_state).await;
                }
            };
            if ambiguous {
                batch_state.possibly_duplicated(rows);
            }
            self.record_outcome(&index_range(rows), State::Ambiguous { twice: ambiguous }).await;
            let (finding, why) = self.evaluate(before, sent).await;
            match finding {
                Finding::Stored => {
                    self.record_outcome(
                        &index_range(rows),
                        State::Acknowledged { twice: ambiguous, missing: 0 },
                    )
                    .await;
                    batch_state.store(rows, Some(sent), ambiguous);
                    return Ok(());
                }
                Finding::Unseen if times <= MAX_RECONCILE_RETRIES && self.stopped().is_none() => {
                    self.ledger().add_open(sent);
                    ambiguous = true;
                }
                Finding::Unseen => {
                    self.ledger().add_open(sent);
                    return Err(error.advice(retries_exhausted(times)));
                }
                Finding::Undecided | Finding::OtherWriter => {
                    self.ledger().add_open(sent);
                    return Err(error.advice(why));
                }
            }
        }
    }

    /// Reads the row count until it is stable, and evaluates a request with `sent` rows.
    async fn evaluate(&self, before: u64, sent: u64) -> (Finding, String) {
        let undecided = |why: &str| {
            format!(
                "{why}, so it is not known which rows are stored; check the dataset before you send them again"
            )
        };
        let foreign = undecided("the row count shows rows of another writer");
        if self.ledger().has_other_writer() {
            return (Finding::OtherWriter, foreign);
        }
        let most = self.ledger().max_after(before, sent);
        match self.watch(&WatchTarget::Count { least: before, most }).await {
            Ok(Observation::Count(now)) => {
                let finding = self.ledger().evaluate(before, now, sent);
                let why = match finding {
                    Finding::OtherWriter => foreign,
                    _ => undecided(&format!(
                        "the dataset had {before} rows before a request with {sent} rows and has {now} now"
                    )),
                };
                (finding, why)
            }
            // A query for the count never returns keys.
            Ok(Observation::Keys(_)) => (Finding::Undecided, undecided("the row count was not read")),
            Err(error) => {
                self.stop_if_lasting(&error);
                (Finding::Undecided, undecided(&format!("the row count did not decide ({error})")))
            }
        }
    }

    /// Reads the row count until it is stable, before this run sends any row, to decide the last request of an
    /// earlier run. Returns the row indexes of that request if the count does not show its rows.
    pub(in crate::ingest) async fn reconcile_earlier_run(&self) -> Option<Range<usize>> {
        let journal = self.journal()?;
        let (is_new, ambiguous) = (journal.is_new(), journal.ambiguous());
        if is_new {
            return None;
        }
        let [OpenRequest { rows, sent, before: Some(before) }] = ambiguous.as_slice() else {
            // Rows that the earlier run stored may become visible after the first count, and must not be mistaken
            // for rows of this run.
            let least = journal.least_count();
            let count = self.watch(&WatchTarget::Count { least: 0, most: u64::MAX }).await;
            let mut ledger = self.ledger();
            match (count, least) {
                (Ok(Observation::Count(count)), Some(least)) if ambiguous.is_empty() => {
                    ledger.before(count.max(least))
                }
                _ => ledger.add_unbounded_open(),
            }
            return None;
        };
        self.ledger().before(*before);
        let (finding, _) = self.evaluate(*before, *sent).await;
        if finding == Finding::Stored {
            self.record_outcome(rows, State::Acknowledged { twice: false, missing: 0 }).await;
            return None;
        }
        self.record_outcome(rows, State::Ambiguous { twice: false }).await;
        self.ledger().add_open(*sent);
        (finding == Finding::Unseen).then(|| rows.clone())
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        // A panic in another thread cannot leave the numbers inconsistent.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
