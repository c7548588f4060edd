//! Options that several commands share: where rows come from, and what the service does with them.

mod again;
mod input;
mod links;
mod processing;

pub(super) use again::command_again;
pub(super) use input::{BadRows, Input, input_failure};
pub(super) use processing::{Processing, ProcessingOptions};
