//! How much the emulator has worked.

use serde::Serialize;

use crate::concurrency::work::counted;
use crate::response::Answer;

/// The steps of all requests so far. A step is about one cell, one name or one comparison, so that two requests can be
/// compared without a clock.
#[derive(Serialize)]
struct Work {
    steps: u64,
}

/// Requests are served by one thread, and what others do for them counts for it.
pub(super) fn read() -> Answer {
    Answer::json(&Work { steps: counted() })
}
