//! Deciding by the number of rows in the dataset.

use std::{
    ops::Range,
    sync::{MutexGuard, PoisonError},
};

use super::{
    MAX_RECONCILE_RETRIES,
    ledger::{Finding, Ledger},
    never_seen,
    watch::{Observation, Sought},
};
use crate::{
    error::Error,
    ingest::{
        engine::{BatchState, Engine, Hashed, index_range},
        journal::State,
        sub_batches::SubBatch,
    },
    json::encode::Encoded,
};

impl Engine {
    /// Sends rows until the count of rows says that they are stored, or nothing can be said.
    ///
    /// Rows that the count does not show are sent again. An error is about rows that are not decided.
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
                    // The request that failed is the look, so the rows themselves are not to blame.
                    self.give_up(&error.with_ambiguous(ambiguous), rows, batch_state);
                    return Ok(());
                }
            };
            let exact = {
                let mut ledger = self.ledger();
                ledger.before(before);
                ledger.is_exact(before)
            };
            // From a count that is not exact, the next run could draw nothing.
            self.announce(rows, body.hash, exact.then_some(before), ambiguous, &batch_state.batch()).await?;
            let result = self.request(body.bytes.clone(), batch_state).await;
            times += 1;
            let error = match result {
                Err(error) if error.is_ambiguous() => error,
                decided => {
                    if let Ok(acknowledged) = &decided {
                        self.ledger().acknowledged(sent, acknowledged.indexed);
                    }
                    return self.conclude(rows, ambiguous, decided, batch_state).await;
                }
            };
            if ambiguous {
                batch_state.possibly_duplicated(rows);
            }
            self.record_outcome(&index_range(rows), State::InDoubt { twice: ambiguous }).await;
            let (finding, why) = self.judge(before, sent).await;
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
                    self.ledger().left_open(sent);
                    ambiguous = true;
                }
                Finding::Unseen => {
                    self.ledger().left_open(sent);
                    return Err(error.advice(never_seen(times)));
                }
                Finding::Undecided | Finding::Foreign => {
                    self.ledger().left_open(sent);
                    return Err(error.advice(why));
                }
            }
        }
    }

    /// Waits until the row count is stable, and judges a request of `sent` rows by it.
    async fn judge(&self, before: u64, sent: u64) -> (Finding, String) {
        let undecided = |why: &str| {
            format!(
                "{why}, so it is not known which rows are stored: read the dataset before you send them again"
            )
        };
        let foreign = undecided("the row count changed in a way that this run does not explain");
        if self.ledger().is_foreign() {
            return (Finding::Foreign, foreign);
        }
        let most = self.ledger().most_after(before, sent);
        match self.watch(&Sought::Count { least: before, most }).await {
            Ok(Observation::Count(now)) => {
                let finding = self.ledger().judge(before, now, sent);
                let why = match finding {
                    Finding::Foreign => foreign,
                    _ => undecided(&format!(
                        "the dataset had {before} rows before a request with {sent} rows and has {now} now"
                    )),
                };
                (finding, why)
            }
            // A count is answered by a count.
            Ok(Observation::Keys(_)) => (Finding::Undecided, undecided("the row count was not read")),
            Err(error) => {
                self.stop_if_lasting(&error);
                (Finding::Undecided, undecided(&format!("the row count did not decide ({error})")))
            }
        }
    }

    /// Reads the row count until it is stable, before this run sends any row, to learn what became of the rows that an
    /// earlier run sent last. Returns their indexes if the count does not show them.
    pub(in crate::ingest) async fn reconcile_earlier_run(&self) -> Option<Range<usize>> {
        let journal = self.journal()?;
        let (is_new, ambiguous) = (journal.is_new(), journal.ambiguous());
        if is_new {
            return None;
        }
        let [(rows, Some(before))] = ambiguous.as_slice() else {
            // Rows that the earlier run stored may appear after the first count of this one, and must not be taken for
            // rows of this one.
            let least = journal.least_count();
            let count = self.watch(&Sought::Count { least: 0, most: u64::MAX }).await;
            let mut ledger = self.ledger();
            match (count, least) {
                (Ok(Observation::Count(count)), Some(least)) if ambiguous.is_empty() => {
                    ledger.before(count.max(least))
                }
                _ => ledger.left_open_by_earlier_run(),
            }
            return None;
        };
        self.ledger().before(*before);
        let (finding, _) = self.judge(*before, rows.len() as u64).await;
        if finding == Finding::Stored {
            self.record_outcome(rows, State::Acknowledged { twice: false, missing: 0 }).await;
            return None;
        }
        self.record_outcome(rows, State::InDoubt { twice: false }).await;
        self.ledger().left_open(rows.len() as u64);
        (finding == Finding::Unseen).then(|| rows.clone())
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        // Numbers cannot be left half-written by a panic elsewhere.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
