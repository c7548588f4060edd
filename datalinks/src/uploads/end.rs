//! What becomes of an upload that failed.

use super::journal::Journal;
use crate::error::{Error, ErrorKind};

/// Keeps the upload where another run can go on with it, gives it up otherwise, and says in the error what
/// was done. `which` names it for those who must give it up by hand.
pub(super) async fn failed(
    error: Error,
    journal: Option<Journal>,
    abort: impl Future<Output = Result<(), Error>>,
    which: &str,
) -> Error {
    if journal.as_ref().is_some_and(Journal::begun) && !is_lost(error.kind()) {
        return error.and_advice("what arrived is kept: run it again with the same journal to go on");
    }
    let aborted = abort.await;
    if let Some(journal) = journal {
        journal.remove().await;
    }
    match aborted {
        Ok(()) => error,
        Err(second) => error.and_advice(&format!(
            "giving it up failed too ({}), so that its parts may be kept and paid for: abort {which} by hand",
            second.message()
        )),
    }
}

/// Whether no other run could go on.
fn is_lost(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Expired | ErrorKind::Changed | ErrorKind::NotFound | ErrorKind::Gone)
}
