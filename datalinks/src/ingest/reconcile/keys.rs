//! Reconciliation by the keys of the rows.

use std::{
    collections::HashMap,
    pin::pin,
    task::{Context, Poll},
};

use super::{
    MAX_RECONCILE_RETRIES,
    key::Key,
    retries_exhausted,
    watch::{Observation, WatchTarget},
};
use crate::{
    error::{Error, ErrorKind},
    ingest::{
        engine::{BatchState, Engine, Hashed, index_range, sent_by_earlier_run},
        journal::State,
        sub_batches::{Earlier, SubBatch},
    },
    json::{SealedBuffer, encode::Encoded},
};

/// Number of rows whose keys are extracted before other tasks may run.
const ROWS_PER_YIELD: usize = 1_000;

impl Engine {
    /// Sends rows until their keys are in the dataset, or cannot be found.
    ///
    /// Rows whose key is missing are sent again. An error applies to the rows that are not decided.
    pub(in crate::ingest) async fn send_keyed<T>(
        &self,
        column: &str,
        sub_batch: &SubBatch,
        rows: &[Encoded],
        body: Hashed,
        batch_state: &mut BatchState<T>,
    ) -> Result<(), Error> {
        let mut earlier = sub_batch.earlier;
        let mut rest = batch_state.undecided(rows);
        let mut cause = sent_by_earlier_run();
        let mut times = 0;
        let error = loop {
            if earlier.is_ambiguous() {
                match self.query_keys(column, earlier, &rest, &cause, batch_state).await {
                    Ok(missing) => rest = missing,
                    Err(error) => {
                        self.stop_if_lasting(&error);
                        let why = "the keys of the rows could not be queried, so it is not known which rows are \
                                   stored; check the dataset before you send them again";
                        break Some(cause.advice(format!("{why} ({error})")));
                    }
                }
                if rest.is_empty() {
                    break None;
                }
                if times > MAX_RECONCILE_RETRIES || self.stopped().is_some() {
                    break Some(cause.advice(retries_exhausted(times)));
                }
            }
            let part =
                if rest.len() == rows.len() { body.bytes.clone() } else { self.body(&rest, batch_state) };
            // The journal records the whole sub-batch, of which these rows may be a part.
            self.record_request(rows, body.hash, None, earlier.is_ambiguous(), &batch_state.batch()).await?;
            times += 1;
            match self.request(part, earlier.is_ambiguous(), batch_state).await {
                Ok(acknowledged) => {
                    batch_state.store(&rest, acknowledged.indexed, earlier.is_ambiguous());
                    break None;
                }
                Err(error) if !error.is_ambiguous() => {
                    let ambiguous = earlier.is_ambiguous();
                    let state = if ambiguous { batch_state.ambiguous_state(rows) } else { State::Rejected };
                    self.record_outcome(&index_range(rows), state).await;
                    return Err(error.with_ambiguous(ambiguous));
                }
                Err(error) => {
                    if earlier.is_ambiguous() {
                        batch_state.possibly_duplicated(&rest);
                    }
                    earlier = Earlier::Ambiguous;
                    cause = error;
                    self.record_outcome(&index_range(rows), batch_state.ambiguous_state(rows)).await;
                }
            }
        };
        if let Some(error) = error {
            batch_state.fail_sent(&rest, &error.with_ambiguous(true));
        }
        self.record_decided(rows, batch_state).await;
        Ok(())
    }

    /// Marks the rows whose key is in the dataset as stored, and fails the rows without a usable key. Returns the
    /// other rows.
    async fn query_keys<T>(
        &self,
        column: &str,
        earlier: Earlier,
        rows: &[Encoded],
        cause: &Error,
        batch_state: &mut BatchState<T>,
    ) -> Result<Vec<Encoded>, Error> {
        let (keyed, unusable) = usable_keys(column, rows, batch_state.buffer()).await;
        let error = cause.clone().with_ambiguous(true).advice(format!(
            "the row has no unique key in column {column:?} (a string or an integer that no other row of its batch has), \
             so it cannot be queried; check the dataset before you send it again"
        ));
        if batch_state.has_sent() {
            batch_state.fail_sent(&unusable, &error);
        } else {
            // The outcome is that of an earlier run, and says nothing about the service now.
            batch_state.fail_all(&unusable, &error);
        }
        let (rows, keys): (Vec<Encoded>, Vec<Key>) = keyed.into_iter().unzip();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let target = WatchTarget::Keys { column, keys: &keys };
        let observation = if earlier == Earlier::AmbiguousAndSettled {
            self.observe(&target, None).await?
        } else {
            self.watch(&target).await?
        };
        let Observation::Keys(times) = observation else {
            return Err(Error::new(ErrorKind::UnexpectedResponse, "the keys were not read"));
        };
        let mut missing = Vec::new();
        for (row, times) in rows.into_iter().zip(times) {
            if times == 0 {
                missing.push(row);
            } else {
                batch_state.store(std::slice::from_ref(&row), Some(1), times > 1);
            }
        }
        Ok(missing)
    }
}

/// Returns those of these rows with a key that no other row of the batch has, and the other ones. `buffer` has all rows of the
/// batch that can be encoded.
async fn usable_keys(
    column: &str,
    rows: &[Encoded],
    buffer: &SealedBuffer,
) -> (Vec<(Encoded, Key)>, Vec<Encoded>) {
    // The other rows of the batch may be stored already, and would be found in place of these.
    let mut keys = Vec::with_capacity(buffer.rows.len());
    for (count, row) in buffer.rows.iter().enumerate() {
        if count > 0 && count.is_multiple_of(ROWS_PER_YIELD) {
            yield_to_runtime().await;
        }
        keys.push(Key::of_row(&buffer.bytes[row.bytes.clone()], column));
    }
    let mut owners: HashMap<String, usize> = HashMap::with_capacity(keys.len());
    for key in keys.iter().flatten() {
        *owners.entry(key.canonical().into_owned()).or_default() += 1;
    }
    let (mut keyed, mut unusable) = (Vec::new(), Vec::new());
    let mut rows = rows.iter().cloned().peekable();
    for (of_batch, key) in buffer.rows.iter().zip(keys) {
        let Some(row) = rows.next_if(|row| row.index == of_batch.index) else { continue };
        match key {
            Some(key) if owners.get(key.canonical().as_ref()) == Some(&1) => keyed.push((row, key)),
            _ => unusable.push(row),
        }
    }
    // All rows come from the buffer, in its order, so none is left.
    unusable.extend(rows);
    (keyed, unusable)
}

/// Yields to the runtime once.
async fn yield_to_runtime() {
    let mut pending = true;
    let turn = std::future::poll_fn(|cx: &mut Context<'_>| {
        if std::mem::take(&mut pending) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    });
    pin!(turn).await;
}
