//! The orderly end of statements in progress.

use std::sync::Arc;

use datafusion::{arrow::array::RecordBatch, execution::SendableRecordBatchStream};
use datalinks::{Error, ErrorKind};
use futures::{Stream, StreamExt as _, future, stream};
use tokio::sync::watch;

/// Ends each `INSERT INTO` in an orderly way, for example after Ctrl-C.
///
/// Rows that were not read yet are not sent, and requests in flight are completed. The statement fails with an
/// [`InsertError`](crate::InsertError) that has the account, and goes on from its [journals](crate::TableOptions::journals).
///
/// # Examples
///
/// ```
/// use datalinks_datafusion::{StopInserts, TableOptions};
///
/// let stop = StopInserts::new();
/// let options = TableOptions::default().stop_inserts(stop.clone());
/// // Elsewhere, while a statement is run:
/// stop.stop();
/// # let _ = options;
/// ```
#[derive(Clone, Debug)]
pub struct StopInserts(Arc<watch::Sender<bool>>);

impl Default for StopInserts {
    fn default() -> Self {
        Self::new()
    }
}

impl StopInserts {
    /// Creates a value that has not stopped anything.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Stops the statements in progress, and those that begin later, until [`reset`](Self::reset).
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Lets later statements run.
    pub fn reset(&self) {
        self.0.send_replace(false);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns the batches until the stop, and then an error.
    pub(crate) fn until_stopped(
        &self,
        batches: SendableRecordBatchStream,
    ) -> impl Stream<Item = Result<RecordBatch, SourceError>> + Send + use<> {
        let stop = self.clone();
        stream::unfold(Some((batches, stop)), |state| async move {
            let (mut batches, stop) = state?;
            let mut receiver = stop.0.subscribe();
            let next = {
                let stopped = receiver.wait_for(|stopped| *stopped);
                futures::pin_mut!(stopped);
                match future::select(stopped, batches.next()).await {
                    future::Either::Left(_) => Err(stopped_error()),
                    future::Either::Right((batch, _)) => Ok(batch),
                }
            };
            match next {
                Ok(batch) => batch.map(|batch| (batch.map_err(Into::into), Some((batches, stop)))),
                Err(error) => Some((Err(error), None)),
            }
        })
    }
}

/// The error of the rows of a statement.
pub(crate) type SourceError = Box<dyn std::error::Error + Send + Sync>;

/// An error of [`Interrupted`](ErrorKind::Interrupted): the rows need no correction.
pub(crate) fn stopped_error() -> SourceError {
    Box::new(Error::new(ErrorKind::Interrupted, "the statement was stopped before its last row"))
}
