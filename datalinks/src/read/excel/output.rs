//! The row that the reader of a sheet has produced.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::read::{bad_row::RowError, raw_row::RawRow};

/// The row that the future has produced.
#[derive(Default)]
pub(super) struct Output(Mutex<Ready>);

#[derive(Default)]
pub(super) struct Ready {
    pub(super) row: Option<Result<RawRow, RowError>>,
    pub(super) uncalculated: u64,
}

impl Output {
    pub(super) fn lock(&self) -> MutexGuard<'_, Ready> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores a row and suspends the future until the next poll.
    pub(super) async fn put(&self, row: Result<RawRow, RowError>, uncalculated: u64) {
        {
            let mut ready = self.lock();
            ready.row = Some(row);
            ready.uncalculated += uncalculated;
        }
        futures::pending!();
    }
}
