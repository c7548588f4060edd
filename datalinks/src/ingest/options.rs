//! Options of an ingestion, and the delivery modes.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use super::{budget::Budget, concurrency::Concurrency, progress::IngestProgress, reconcile::check_column};
use crate::error::Error;

/// Maximum number of requests in flight.
const MAX_CONCURRENCY: usize = 64;

/// Default time after which a partial batch of a stream is sent.
pub(super) const STREAM_LINGER: Duration = Duration::from_secs(1);

/// Maximum reconciliation window.
const MAX_WINDOW: Duration = Duration::from_secs(3_600);

/// The handling of requests with an ambiguous outcome.
///
/// An outcome is ambiguous if the request was sent and its response was lost, or was a 5xx other than 501, 503, 505
/// and 511. All, some or none of the rows may be stored then, now or later. For example, a gateway responds with
/// 504 while the service behind it still inserts. The service does not accept an idempotency key, so each mode is a
/// compromise:
///
/// | mode | after an ambiguous outcome | certain | not certain |
/// |---|---|---|---|
/// | [`AtLeastOnce`](Self::AtLeastOnce) | sends the rows again | which rows are acknowledged, and which may be stored twice | whether a row that may be stored twice is |
/// | [`AtMostOnce`](Self::AtMostOnce) | does not send the rows again | this run stores no row twice | whether the rows of an ambiguous request are stored |
/// | [`Reconciled`](Self::Reconciled) by count | reads the row count until it is stable, and sends the rows again if it did not change | a request is stored if the count grew by exactly its rows | which rows arrived if only some did, whether a request that the count does not show takes effect later, and anything while another client writes |
/// | [`Reconciled`](Self::Reconciled) [by key](crate::ingest::Ingest::reconcile_by) | queries the keys until they are stable, and sends again only rows whose key is missing | each row whose key is found is stored | whether a missing row arrives later, and anything about rows without a unique key |
///
/// The following holds in every mode:
///
/// - Each row is reported exactly once, in [`successful`](super::IngestionResult::successful) or in
///   [`failed`](super::IngestionResult::failed).
/// - A failed row without [`is_ambiguous`](super::FailedRow::is_ambiguous) is not stored by this run, now or later.
///   After a request with an ambiguous outcome, no row of that request is reported in this way.
/// - A row that was sent again after an ambiguous outcome, and that both requests may store, is listed in
///   [`possibly_duplicated`](super::IngestionResult::possibly_duplicated), whatever its final outcome.
///
/// # Reconciliation by count
///
/// The mode reads the row count before each request. After an ambiguous outcome, it reads the count until the
/// count has not changed for the [window](crate::ingest::Ingest::reconcile_window). The result is exact only if
/// this run is the only writer of the dataset. Two runs into the same dataset are two writers. The mode requires a
/// concurrency of 1. It is rejected with inference steps, because they may change the number of rows.
///
/// The run compares each count with the rows that it had acknowledged. A larger count shows another writer. From
/// then on, the count is not used, and ambiguous rows are reported as ambiguous. If another client adds exactly as
/// many rows as the ambiguous request while it is reconciled, the run does not notice. If an earlier request may
/// still take effect, a count is accepted only if it shows the rows of all such requests.
///
/// # Reconciliation by key
///
/// A row counts as stored if its key is in the dataset. The caller ensures that no other row has the key. The mode
/// does not notice an older row with the same key, or a row with the same key in another batch. Other writers and
/// concurrency do not affect the result. See [`reconcile_by`](crate::ingest::Ingest::reconcile_by).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Delivery {
    /// Sends the rows again. They may be stored, and their inference steps paid for, twice. They are listed in
    /// [`possibly_duplicated`](super::IngestionResult::possibly_duplicated). The default.
    #[default]
    AtLeastOnce,
    /// Does not send the rows again. They are reported as failed with [`is_ambiguous`](crate::Error::is_ambiguous).
    AtMostOnce,
    /// Reads the dataset, and sends again the rows that it does not show.
    ///
    /// The row count decides, or the keys of the rows if [`reconcile_by`](crate::ingest::Ingest::reconcile_by)
    /// names their column. Rows that are sent again are listed in
    /// [`possibly_duplicated`](super::IngestionResult::possibly_duplicated), because the earlier request may still
    /// take effect. Rows that cannot be decided are reported as failed with
    /// [`is_ambiguous`](crate::Error::is_ambiguous).
    Reconciled,
}

/// A function that receives progress reports.
pub(crate) type ProgressHook = Arc<dyn Fn(&IngestProgress) + Send + Sync>;

/// The options of one ingestion.
#[derive(Clone)]
pub(crate) struct IngestOptions {
    pub(crate) batch_size: usize,
    pub(crate) max_batch_bytes: usize,
    pub(crate) concurrency: Concurrency,
    /// Set if the size of batches is adapted below `batch_size` and `max_batch_bytes`.
    pub(crate) adaptive_batch_size: bool,
    pub(crate) delivery: Delivery,
    /// Name of the column that contains the keys.
    pub(crate) reconcile_by: Option<String>,
    pub(crate) reconcile_window: Duration,
    pub(crate) max_batches_without_success: usize,
    pub(crate) max_isolation_requests: usize,
    /// Time after which a partial batch is sent. `None` selects the default of the source.
    pub(crate) linger: Option<Duration>,
    pub(crate) journal: Option<PathBuf>,
    pub(crate) dead_letters: Option<PathBuf>,
    /// Set if bad records of a file are written to the dead letters instead of ending the run.
    #[cfg(feature = "read")]
    pub(crate) bad_records: bool,
    pub(crate) progress: Option<ProgressHook>,
    pub(crate) budget: Option<Budget>,
}

impl Default for IngestOptions {
    fn default() -> Self {
        Self {
            batch_size: 1_000,
            max_batch_bytes: 8 * 1024 * 1024,
            concurrency: Concurrency::default(),
            adaptive_batch_size: false,
            delivery: Delivery::default(),
            reconcile_by: None,
            reconcile_window: Duration::from_secs(30),
            max_batches_without_success: 10,
            max_isolation_requests: 100,
            linger: None,
            journal: None,
            dead_letters: None,
            #[cfg(feature = "read")]
            bad_records: false,
            progress: None,
            budget: None,
        }
    }
}

impl fmt::Debug for IngestOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IngestOptions")
            .field("batch_size", &self.batch_size)
            .field("max_batch_bytes", &self.max_batch_bytes)
            .field("concurrency", &self.concurrency)
            .field("adaptive_batch_size", &self.adaptive_batch_size)
            .field("delivery", &self.delivery)
            .field("reconcile_by", &self.reconcile_by)
            .field("reconcile_window", &self.reconcile_window)
            .field("max_batches_without_success", &self.max_batches_without_success)
            .field("max_isolation_requests", &self.max_isolation_requests)
            .field("linger", &self.linger)
            .field("journal", &self.journal)
            .field("dead_letters", &self.dead_letters)
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}

impl IngestOptions {
    /// Validates the options.
    pub(crate) fn check(&self, has_steps: bool) -> Result<(), Error> {
        self.budget.as_ref().map_or(Ok(()), Budget::check)?;
        if self.max_batch_bytes == 0 {
            return Err(Error::invalid(
                "max_batch_bytes is 0: expected at least 1; set Ingest::max_batch_bytes",
            ));
        }
        #[cfg(feature = "read")]
        if self.bad_records && self.dead_letters.is_none() {
            return Err(Error::invalid(
                "bad_records_to_dead_letters is set without a dead-letter file: set Ingest::dead_letters, too",
            ));
        }
        let most = self.concurrency.max();
        if most == 0 || most > MAX_CONCURRENCY {
            return Err(Error::invalid(format!(
                "concurrency is {most}: expected 1 to {MAX_CONCURRENCY}; set Ingest::concurrency"
            )));
        }
        if self.reconcile_window > MAX_WINDOW {
            return Err(Error::invalid(format!(
                "reconcile_window is {} s: expected at most {} s",
                self.reconcile_window.as_secs(),
                MAX_WINDOW.as_secs()
            )));
        }
        if let Some(column) = &self.reconcile_by {
            check_column(column)?;
            if self.delivery != Delivery::Reconciled {
                return Err(Error::invalid(
                    "reconcile_by is set with another delivery: set Delivery::Reconciled, or leave out the key column",
                ));
            }
        }
        if self.delivery != Delivery::Reconciled {
            return Ok(());
        }
        if has_steps {
            return Err(Error::invalid(
                "reconciled delivery is set with inference steps: the steps may change the rows and their number, so \
                 the rows cannot be found again; use another delivery",
            ));
        }
        if self.reconcile_by.is_none() && most != 1 {
            return Err(Error::invalid(
                "reconciled delivery by count requires a concurrency of 1, because every request in flight changes \
                 the count; set Ingest::reconcile_by for concurrent requests",
            ));
        }
        Ok(())
    }
}
