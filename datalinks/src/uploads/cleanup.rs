//! The cleanup after a failed upload.

use super::journal::Journal;
use crate::error::{Error, ErrorKind};

/// Keeps the upload if another run can continue it, and aborts it otherwise. Adds the result to the error. `which`
/// names the upload for a manual abort.
pub(super) async fn failed(
    error: Error,
    journal: Option<Journal>,
    abort: impl Future<Output = Result<(), Error>>,
    which: &str,
) -> Error {
    if journal.as_ref().is_some_and(Journal::begun) && !is_lost(error.kind()) {
        return error.and_advice(
            "the parts that arrived are kept; run the upload again with the same journal to continue",
        );
    }
    let aborted = abort.await;
    if let Some(journal) = journal {
        journal.remove().await;
    }
    match aborted {
        Ok(()) => error,
        Err(second) => error.and_advice(&format!(
            "aborting the upload failed, too ({}), so the service may keep and charge for its parts; abort {which} yourself",
            second.message()
        )),
    }
}

/// Returns `true` if another run cannot continue after this error.
fn is_lost(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Expired | ErrorKind::Changed | ErrorKind::NotFound | ErrorKind::Gone)
}
