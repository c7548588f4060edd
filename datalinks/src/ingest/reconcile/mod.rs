//! Reconciliation of requests with an ambiguous outcome.
//!
//! 1. A request has an ambiguous outcome, so all, some or none of its rows may be stored, now or later.
//! 2. [`watch`] reads the dataset until the result has not changed for a window.
//! 3. [`count`] decides by the row count, which [`ledger`] compares with the requests of the run. [`keys`] decides
//!    by the keys of the rows.
//! 4. Rows that are not found are sent again. A request may still take effect later, so these rows are always
//!    reported as possibly stored twice, and never as certainly not stored.

mod count;
mod key;
mod keys;
mod ledger;
mod watch;

pub(crate) use key::Key;
pub(super) use key::check_column;
pub(super) use ledger::Ledger;

/// Maximum number of times that rows are sent again after the dataset did not show them.
const MAX_RECONCILE_RETRIES: u32 = 3;

/// Maximum number of keys per query.
pub(super) const KEYS_PER_QUERY: usize = 50;

/// Returns the advice for rows that stay ambiguous after the last retry.
fn retries_exhausted(times: u32) -> String {
    format!(
        "the rows were sent {times} times and are not in the dataset so far; a request may still take effect, so \
         check the dataset before you send them again"
    )
}
