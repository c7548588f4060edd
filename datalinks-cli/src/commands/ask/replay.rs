//! `datalinks ask replay`.

use std::path::PathBuf;

use clap::Args;

use super::report::Report;
use super::saved::Saved;
use crate::failure::Result;
use crate::session::Session;

/// Print a saved question as it was, without a request
///
/// The output, its format and the exit code are those of the question.
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks ask replay oldest.ndjson")]
pub(super) struct Arguments {
    /// File that `datalinks ask --save` has written
    file: PathBuf,
}

pub(super) async fn run(arguments: &Arguments, session: &Session) -> Result {
    let (mut saved, header) = Saved::open(&arguments.file).await?;
    let mut report = Report::new(session, Some(header.question));
    while let Some(event) = saved.next().await? {
        report.event(&event)?;
        if event.is_final() {
            return report.finish();
        }
    }
    Err(saved.incomplete())
}
