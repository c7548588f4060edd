//! `datalinks upload session`, and the sessions of earlier uploads.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use uuid::Uuid;

use super::stop::{Options, Stop};
use crate::commands::counted;
use crate::failure::{Failure, Result};
use crate::session::Session;
use crate::set::set;

/// Upload several files in one session
///
/// Files of a session are stored and not ingested.
#[derive(Args)]
#[command(after_help = "Examples:\n  datalinks upload session plan.pdf sales.csv\n  \
    datalinks upload session plan.pdf sales.csv --journal files.journal --output json")]
pub(super) struct Arguments {
    /// Files to upload
    #[arg(required = true, value_name = "FILES")]
    files: Vec<PathBuf>,

    #[command(flatten)]
    options: Options,
}

/// Show the files of a session
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks upload show 0191d2f4-3c8e-7a60-9b1d-1f2e3d4c5b6a")]
pub(super) struct Show {
    /// Id of the session
    session: Uuid,
}

/// Abort an upload that was left on the service, or a whole session
///
/// The service discards the parts.
#[derive(Args)]
#[command(after_help = "Examples:\n  datalinks upload abort 0191d2f4-3c8e-7a60-9b1d-1f2e3d4c5b6a\n  \
    datalinks upload abort UPLOAD-ID --key KEY --dataset cinema/films")]
pub(super) struct Abort {
    /// Id of the session, or of the upload into a dataset
    id: String,

    /// Key of the upload into a dataset
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

/// A file of a session.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File {
    session: Uuid,
    session_status: String,
    id: Uuid,
    file: String,
    /// Status of the file, or `null` if the service does not report it.
    status: Option<String>,
    bytes: i64,
}

/// An upload that was aborted.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Aborted<'a> {
    id: &'a str,
    /// Status of the session, or `null` for an upload into a dataset.
    session_status: Option<String>,
    change: &'a str,
}

const COLUMNS: &[&str] = &["session", "sessionStatus", "id", "file", "status", "bytes"];

pub(super) async fn run(arguments: &Arguments, session: &Session) -> Result {
    let client = session.client().await?;
    let (stop, stopped) = Stop::new(session, None);
    let label = format!("upload {}", counted(arguments.files.len(), "file"));
    let upload = set!(
        client.upload_files(&arguments.files).on_progress(stop.progress(label, session)).stop_when(stopped),
        journal: arguments.options.journal.as_ref(),
        concurrency: arguments.options.concurrency,
    );
    let uploaded = stop.drive(std::future::IntoFuture::into_future(upload), &arguments.options).await?;
    let files = uploaded.files.into_iter().map(|file| File {
        session: uploaded.session,
        session_status: uploaded.status.to_string(),
        id: file.id,
        file: file.path.display().to_string(),
        status: Some(file.status.to_string()),
        bytes: i64::try_from(file.bytes).unwrap_or(i64::MAX),
    });
    session.output.list(&files.collect::<Vec<_>>(), COLUMNS)
}

pub(super) async fn show(arguments: &Show, session: &Session) -> Result {
    let found = session.client().await?.session(arguments.session)?.files().await?;
    session.warn_of_rejected(&found.rejected);
    let files = found.files.into_iter().map(|file| File {
        session: arguments.session,
        session_status: found.status.to_string(),
        id: file.file_id,
        file: file.filename,
        status: None,
        bytes: file.file_size,
    });
    session.output.list(&files.collect::<Vec<_>>(), COLUMNS)
}

pub(super) async fn abort(arguments: &Abort, session: &Session) -> Result {
    let id = arguments.id.as_str();
    let session_status = match &arguments.key {
        Some(key) => {
            session.dataset(None).await?.abort_upload(id, key).await?;
            None
        }
        None => {
            let parsed = id.parse::<Uuid>().map_err(|_| {
                Failure::usage(format!("{id:?} is not the id of a session"))
                    .next("for an upload into a dataset, add --key KEY and --dataset")
            })?;
            Some(session.client().await?.session(parsed)?.abort().await?.to_string())
        }
    };
    session.output.change(&format!("aborted {id}"), &Aborted { id, session_status, change: "aborted" })
}
