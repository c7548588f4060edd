//! How rows are sent.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use super::{progress::IngestProgress, reconcile::check_column};
use crate::error::Error;

/// Requests in flight that are allowed at most.
const MOST_CONCURRENT: usize = 64;

/// Time after which a partial batch of a stream is sent, unless set.
pub(super) const STREAM_LINGER: Duration = Duration::from_secs(1);

/// The longest window that can be set.
const LONGEST_WINDOW: Duration = Duration::from_secs(3_600);

/// Treatment of requests with an ambiguous outcome.
///
/// The outcome of a request is ambiguous if it was sent and its response was lost, or was a 5xx other than 501, 503, 505
/// and 511. The rows may be stored then, whole or in part, now or later: a gateway responds with 504 while the service behind it still inserts.
/// The service takes no key that would make a second request harmless, so each mode gives up something:
///
/// | mode | after an ambiguous outcome | what it knows | what it cannot know |
/// |---|---|---|---|
/// | [`AtLeastOnce`](Self::AtLeastOnce) | sends the rows again | which rows are acknowledged, and which may be stored twice | whether a row that may be stored twice is |
/// | [`AtMostOnce`](Self::AtMostOnce) | does not send the rows again | that no row is stored twice by this run | whether the rows of an ambiguous request are stored |
/// | [`Reconciled`](Self::Reconciled) by count | reads the row count until it is stable, and sends the rows again if it did not move | that a request is stored, if the count grew by exactly its rows | which rows arrived if some did; whether a request that it does not see takes effect later; anything while somebody else writes |
/// | [`Reconciled`](Self::Reconciled) [by key](crate::ingest::Ingest::reconcile_by) | queries the keys until they are stable, and sends only the rows again that it does not find | for each row, that it is stored | whether a row that it does not find arrives later; anything about rows without a key of their own |
///
/// These statements hold in every mode:
///
/// - A row is in [`successful`](super::IngestionResult::successful) or in [`failed`](super::IngestionResult::failed), once.
/// - A failed row without [`is_ambiguous`](super::FailedRow::is_ambiguous) is not stored by this run, and will not
///   be. No row is reported in this way after a request with an ambiguous outcome, whatever came after that request.
/// - Every row that was sent again after an ambiguous outcome, and may be stored by both requests, is in
///   [`possibly_duplicated`](super::IngestionResult::possibly_duplicated), no matter how it ended.
///
/// # Reconciliation by count
///
/// The mode reads the row count before each request, and after an ambiguous outcome until the count has not changed for
/// the [window](crate::ingest::Ingest::reconcile_window). It is exact only as long as this run is the only writer of the dataset,
/// so it needs a concurrency of 1, and is rejected with inference steps, which may change the number of rows. Two runs
/// into the same dataset at the same time are two writers.
///
/// The run compares each count with the rows that it had acknowledged. A count that is larger than its own requests
/// explain shows another writer. From then on the count decides nothing, and rows with an ambiguous outcome are reported as such. A
/// writer who adds exactly as many rows as the ambiguous request, while it is reconciled, is not noticed. If an earlier
/// request may still take effect, a count is taken as proof only when it shows the rows of all such requests.
///
/// # Reconciliation by key
///
/// A row counts as stored when its key is in the dataset. The caller ensures that no other row has the key: the mode does
/// not notice a row with the same key that the dataset held before, or that another batch brought. Other writers and
/// concurrency do no harm. See [`reconcile_by`](crate::ingest::Ingest::reconcile_by).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Delivery {
    /// Sends the rows again. They may be stored and paid for twice, and
    /// [`possibly_duplicated`](super::IngestionResult::possibly_duplicated) lists them. The default.
    #[default]
    AtLeastOnce,
    /// Does not send the rows again. They are reported as failed, with
    /// [`is_ambiguous`](crate::Error::is_ambiguous).
    AtMostOnce,
    /// Reads the dataset, and sends rows again that it does not show.
    ///
    /// The row count decides, or the keys of the rows if [`reconcile_by`](crate::ingest::Ingest::reconcile_by) names their
    /// column. Rows that are sent again are listed in [`possibly_duplicated`](super::IngestionResult::possibly_duplicated),
    /// because the earlier request may still take effect. Rows for which nothing can be decided are reported as failed,
    /// with [`is_ambiguous`](crate::Error::is_ambiguous).
    Reconciled,
}

/// What is told how far an ingestion is.
pub(crate) type ProgressHook = Arc<dyn Fn(&IngestProgress) + Send + Sync>;

/// The options of one ingestion.
#[derive(Clone)]
pub(crate) struct IngestOptions {
    pub(crate) batch_size: usize,
    pub(crate) max_batch_bytes: usize,
    pub(crate) concurrency: usize,
    pub(crate) delivery: Delivery,
    /// The column that holds the key of a row.
    pub(crate) reconcile_by: Option<String>,
    pub(crate) reconcile_window: Duration,
    pub(crate) max_batches_without_success: usize,
    pub(crate) max_isolation_requests: usize,
    /// Time after which a partial batch is sent. Unset, it depends on the source.
    pub(crate) linger: Option<Duration>,
    pub(crate) journal: Option<PathBuf>,
    pub(crate) dead_letters: Option<PathBuf>,
    /// Bad records of a file go to the dead letters instead of ending the run.
    #[cfg(feature = "read")]
    pub(crate) bad_records: bool,
    pub(crate) progress: Option<ProgressHook>,
}

impl Default for IngestOptions {
    fn default() -> Self {
        Self {
            batch_size: 1_000,
            max_batch_bytes: 8 * 1024 * 1024,
            concurrency: 1,
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
        }
    }
}

impl fmt::Debug for IngestOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IngestOptions")
            .field("batch_size", &self.batch_size)
            .field("max_batch_bytes", &self.max_batch_bytes)
            .field("concurrency", &self.concurrency)
            .field("delivery", &self.delivery)
            .field("reconcile_by", &self.reconcile_by)
            .field("reconcile_window", &self.reconcile_window)
            .field("max_batches_without_success", &self.max_batches_without_success)
            .field("max_isolation_requests", &self.max_isolation_requests)
            .field("linger", &self.linger)
            .field("journal", &self.journal)
            .field("dead_letters", &self.dead_letters)
            .finish_non_exhaustive()
    }
}

impl IngestOptions {
    /// Refuses nonsense before anything is sent.
    pub(crate) fn check(&self, has_steps: bool) -> Result<(), Error> {
        if self.max_batch_bytes == 0 {
            return Err(Error::invalid("max_batch_bytes is 0, so that no row would fit"));
        }
        #[cfg(feature = "read")]
        if self.bad_records && self.dead_letters.is_none() {
            return Err(Error::invalid(
                "bad_records_to_dead_letters needs a file for them: set dead_letters, too",
            ));
        }
        if self.concurrency == 0 || self.concurrency > MOST_CONCURRENT {
            return Err(Error::invalid(format!(
                "the concurrency is {}, allowed are 1 to {MOST_CONCURRENT}",
                self.concurrency
            )));
        }
        if self.reconcile_window > LONGEST_WINDOW {
            return Err(Error::invalid(format!(
                "reconcile_window is {} s: expected at most {} s",
                self.reconcile_window.as_secs(),
                LONGEST_WINDOW.as_secs()
            )));
        }
        if let Some(column) = &self.reconcile_by {
            check_column(column)?;
            if self.delivery != Delivery::Reconciled {
                return Err(Error::invalid(
                    "reconcile_by needs reconciled delivery, and another delivery was set after it",
                ));
            }
        }
        if self.delivery != Delivery::Reconciled {
            return Ok(());
        }
        if has_steps {
            return Err(Error::invalid(
                "reconciled delivery reads rows back as they were sent, and inference steps may change them and their \
                 number",
            ));
        }
        if self.reconcile_by.is_none() && self.concurrency != 1 {
            return Err(Error::invalid(
                "reconciled delivery by count needs a concurrency of 1, because every request in flight changes the \
                 count; name a key column with reconcile_by to send several at once",
            ));
        }
        Ok(())
    }
}
