//! Where the future of a sheet leaves its rows.

use std::sync::{Mutex, PoisonError};

use crate::read::{bad_row::Fault, raw_row::RawRow};

/// Where the future leaves a row.
#[derive(Default)]
pub(super) struct Out(Mutex<Ready>);

#[derive(Default)]
pub(super) struct Ready {
    pub(super) row: Option<Result<RawRow, Fault>>,
    pub(super) uncalculated: u64,
}

impl Out {
    pub(super) fn lock(&self) -> std::sync::MutexGuard<'_, Ready> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves a row, and waits for the next poll.
    pub(super) async fn put(&self, row: Result<RawRow, Fault>, uncalculated: u64) {
        {
            let mut ready = self.lock();
            ready.row = Some(row);
            ready.uncalculated += uncalculated;
        }
        futures::pending!();
    }
}
