//! What a run would send.

use datalinks::Dataset;
use datalinks::read::RawRow;
use serde::Serialize;

use super::arguments::Arguments;
use super::{report, send};
use crate::commands::rows::{ProcessingOptions, input_failure};
use crate::failure::{Exit, Failure, Result};
use crate::output::Format;
use crate::session::{Session, full_name};

/// Number of rows that are shown.
const PREVIEW: usize = 5;

/// What a run would send.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Plan<'a> {
    dataset: &'a str,
    rows: usize,
    /// Rows that cannot be sent as JSON.
    invalid_rows: usize,
    /// Records that cannot be read as rows.
    bad_records: u64,
    batches: usize,
    /// Size of all request bodies.
    bytes: u64,
}

/// A plan with the first rows.
#[derive(Serialize)]
struct WithPreview<'a> {
    #[serde(flatten)]
    plan: Plan<'a>,
    preview: &'a [RawRow],
}

pub(super) async fn run(
    arguments: &Arguments,
    dataset: &Dataset,
    processing: ProcessingOptions,
    session: &Session,
) -> Result {
    let bad_rows = arguments.bad_rows_without_file();
    let (_keep, never) = tokio::sync::oneshot::channel();
    let skipped = send::Skipped::default();
    let rows = send::until_stopped(arguments.input.reader(bad_rows)?.into_stream(), never, skipped.clone());
    let mut batches = send::with_options(dataset.ingest_try_stream(rows), arguments, processing).dry_run()?;
    let mut preview = Vec::new();
    let mut invalid = None;
    while let Some(outcome) = batches.next().await {
        let missing = PREVIEW.saturating_sub(preview.len());
        invalid = invalid.or_else(|| outcome.failed.first().map(|row| row.error.clone()));
        preview.extend(outcome.successful.into_iter().take(missing));
    }
    let summary = batches.finish().await.map_err(input_failure)?;
    let counts = &summary.counts;
    let name = full_name(dataset);
    let plan = Plan {
        dataset: &name,
        rows: counts.stored,
        invalid_rows: counts.failed,
        bad_records: skipped.count(),
        batches: counts.batches,
        bytes: counts.bytes,
    };
    if session.output.format() == Format::Table {
        session.output.object(&plan)?;
        session.output.text("")?;
        session.output.list(&preview, &[])?;
    } else {
        session.output.object(&WithPreview { plan, preview: &preview })?;
    }
    session.diagnostics().note("nothing was sent");
    match (summary.source_error, invalid) {
        (Some(error), _) => Err(input_failure(error).next(report::CORRECT)),
        (None, Some(error)) => Err(Failure::new(Exit::Failure, "some rows cannot be sent").caused_by(&error)),
        (None, None) => Ok(()),
    }
}
