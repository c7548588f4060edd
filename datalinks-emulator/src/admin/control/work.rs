//! The endpoint that returns the number of steps of work.

use serde::Serialize;

use crate::concurrency::work::counted;
use crate::response::ApiResponse;

/// The steps of all requests so far. A step is about one cell, one name or one comparison. Steps allow a comparison of two
/// requests without measuring time.
#[derive(Serialize)]
struct Work {
    steps: u64,
}

/// Returns the steps of the serving thread, which include the background work that it waited for.
pub(super) fn read() -> ApiResponse {
    ApiResponse::json(&Work { steps: counted() })
}
