//! Time: the clock of the runtime, which tests pause, and the clock of the system.

use std::time::SystemTime;
pub(crate) use std::{thread::sleep as sleep_blocking, time::Instant as SystemInstant};

use chrono::{DateTime, Utc};
pub(crate) use tokio::time::{Instant, Sleep, sleep, sleep_until, timeout, timeout_at};

/// Returns the time of the system, which may be wrong and may jump.
pub(crate) fn system_time() -> SystemTime {
    SystemTime::now()
}

/// Returns the time of the system as a date.
pub(crate) fn utc() -> DateTime<Utc> {
    Utc::now()
}
