//! Which operation is answered how.

use serde::Serialize;

use crate::answer::Answer;
use crate::handlers::{Coverage, HANDLERS};

#[derive(Serialize)]
struct Operation {
    operation: &'static str,
    coverage: Coverage,
}

pub(super) fn read() -> Answer {
    let operations: Vec<Operation> =
        HANDLERS.iter().map(|entry| Operation { operation: entry.id, coverage: entry.coverage }).collect();
    Answer::json(&operations)
}
