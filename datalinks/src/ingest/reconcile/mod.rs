//! Reading back what an ambiguous request stored.
//!
//! 1. A request has an ambiguous outcome: it may be stored, whole or in part, now or later.
//! 2. [`watch`] reads the dataset until what it shows has not changed over a window.
//! 3. [`count`] decides by the number of rows, which [`ledger`] explains; [`keys`] decides by the keys of the rows.
//! 4. Rows that are not seen are sent again. A request may still take effect later, so these rows are always reported as
//!    possibly stored twice, and none is ever reported as not stored.

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

/// Why rows stay ambiguous that were sent again as often as is allowed.
fn never_seen(times: u32) -> String {
    format!(
        "the rows were sent {times} times and are not in the dataset so far; a request may still take effect, so \
         read the dataset before you send them again"
    )
}
