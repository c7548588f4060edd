//! `datalinks upload FILE`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde::Serialize;
use uuid::Uuid;

use super::stop::{Options, Stop};
use crate::commands::ingestion;
use crate::commands::rows::{Processing, ProcessingOptions};
use crate::failure::{Failure, Result};
use crate::session::{Session, full_name, or_missing_dataset};
use crate::set::set;
use crate::settings::parse_duration;

#[derive(Args)]
pub(super) struct FileArguments {
    /// File to upload; the service reads .csv and .json files
    #[arg(required = true, value_name = "FILE")]
    file: Option<PathBuf>,

    /// Name of the file for the service, whose extension is the format [default: that of the file]
    #[arg(long, value_name = "NAME")]
    filename: Option<String>,

    /// Name of the ingestion
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Create the dataset if it does not exist
    #[arg(long)]
    create: bool,

    /// Wait until the rows are stored
    #[arg(long)]
    wait: bool,

    /// Time between two polls of the ingestion [default: 5s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration, requires = "wait")]
    every: Option<Duration>,

    /// Finish an upload whose finish was sent before and may have been carried out
    ///
    /// The rows may be stored twice. Look for the ingestion first, by `datalinks ingestion list`.
    #[arg(long, requires = "journal")]
    force_finish: bool,

    #[command(flatten)]
    options: Options,

    #[command(flatten)]
    processing: Processing,
}

/// An uploaded file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Uploaded<'a> {
    dataset: &'a str,
    file: String,
    ingestion: Uuid,
    bytes: u64,
    parts: usize,
}

pub(super) async fn run(arguments: FileArguments, session: &Session) -> Result {
    let Some(file) = arguments.file else { return Err(Failure::usage("no file is given")) };
    let ProcessingOptions { steps, links, description, schema, instructions, curate } =
        arguments.processing.resolve().await?;
    if instructions.is_some() || curate.is_some() {
        return Err(Failure::usage(
            "`instructions` and `curate` are options of `datalinks ingest`, and uploads have none",
        ));
    }
    let dataset = session.dataset(None).await?;
    if arguments.create {
        dataset.create().await?;
    }
    let (stop, stopped) = Stop::new(session, Some(full_name(&dataset)));
    let label = format!("upload {}", file.display());
    let mut upload = set!(
        dataset.upload(&file).on_progress(stop.progress(label, session)).stop_when(stopped),
        filename: arguments.filename,
        name: arguments.name,
        steps: steps,
        link: links,
        data_description: description,
        schema: schema,
        journal: arguments.options.journal.as_ref(),
        concurrency: arguments.options.concurrency,
    );
    if arguments.force_finish {
        upload = upload.force_finish();
    }
    let uploaded = or_missing_dataset(
        stop.drive(std::future::IntoFuture::into_future(upload), &arguments.options).await,
        &dataset,
    )
    .await?;
    let name = full_name(&dataset);
    let result = Uploaded {
        dataset: &name,
        file: file.display().to_string(),
        ingestion: uploaded.ingestion,
        bytes: uploaded.bytes,
        parts: uploaded.parts,
    };
    if arguments.wait {
        session.diagnostics().note(&format!("uploaded {}: ingestion {}", result.file, result.ingestion));
        return ingestion::watch(&dataset, uploaded.ingestion, arguments.every, None, session).await;
    }
    session.output.object(&result)?;
    if let Some(command) = session.command(&format!("ingestion watch {} --dataset {name}", result.ingestion))
    {
        session.diagnostics().note(&format!("the service reads the file now: {command}"));
    }
    Ok(())
}
