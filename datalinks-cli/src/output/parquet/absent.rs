//! A build that cannot write Parquet.

use super::super::record::Record;
use crate::failure::{Failure, Result};
use crate::terminal::Terminal;

/// Rejects the format.
pub(in super::super) fn check(_: Terminal) -> Result {
    Err(Failure::usage("this build of datalinks cannot write Parquet; nothing was sent")
        .next("build it with the feature: cargo install --path datalinks-cli --features parquet")
        .next("choose another format: --output table, json, ndjson or csv"))
}

/// Rows that cannot be written.
#[derive(Default)]
pub(in super::super) struct Rows {}

impl Rows {
    pub(in super::super) fn write(&mut self, _: &Record) -> Result {
        check(Terminal::default())
    }

    pub(in super::super) fn finish(self, _: &[String]) -> Result {
        check(Terminal::default())
    }
}
