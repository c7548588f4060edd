//! Options of both kinds of uploads, their progress, and their end by a signal.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use clap::Args;
use datalinks::uploads::{UploadName, UploadProgress};
use datalinks::{Error, ErrorKind};
use tokio::sync::oneshot;

use crate::commands::rows::command_again;
use crate::failure::{Exit, Failure, Result};
use crate::output::{Progress, Unit};
use crate::session::{Session, StopRequest};
use crate::terminal::quoted;

/// Options of both kinds of uploads.
#[derive(Args, Clone, Debug)]
pub(super) struct Options {
    /// Record the parts that arrived in a file, so that the same command continues the upload
    ///
    /// The file contains secrets while the upload runs, and only its owner can read it. It is removed after success.
    #[arg(long, value_name = "FILE")]
    pub(super) journal: Option<PathBuf>,

    /// Number of parts in flight, 1 to 64 [default: 4]
    #[arg(long, value_name = "N")]
    pub(super) concurrency: Option<usize>,
}

/// Ends an upload at a signal, and shows its progress.
pub(super) struct Stop {
    request: StopRequest,
    sender: oneshot::Sender<()>,
    /// The last progress of the upload.
    last: Arc<Mutex<Option<UploadProgress>>>,
    /// Full name of the dataset, or `None` for a session.
    dataset: Option<String>,
}

impl Stop {
    /// Creates the end of an upload, and the future that the upload waits for.
    pub(super) fn new(
        session: &Session,
        dataset: Option<String>,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (sender, stopped) = oneshot::channel();
        let stopped = async move {
            if stopped.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        (Self { request: session.stop_request(), sender, last: Arc::default(), dataset }, stopped)
    }

    /// Returns a function that shows the progress of the upload.
    pub(super) fn progress(
        &self,
        label: String,
        session: &Session,
    ) -> impl Fn(&UploadProgress) + Send + Sync + 'static {
        let diagnostics = session.diagnostics().clone();
        let last = Arc::clone(&self.last);
        let progress: OnceLock<Progress> = OnceLock::new();
        move |now| {
            let total = Some(now.total);
            progress
                .get_or_init(|| Progress::start(&diagnostics, label.clone(), Unit::Bytes, total))
                .set(now.stored);
            *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(now.clone());
        }
    }

    /// Waits for an upload. After a signal, the upload is aborted, or kept with its journal. A second signal abandons it.
    pub(super) async fn drive<T>(
        self,
        upload: impl Future<Output = std::result::Result<T, Error>>,
        options: &Options,
    ) -> Result<T> {
        let accounting = self.request.accounting();
        tokio::pin!(upload);
        let (result, signal) = tokio::select! {
            biased;
            code = self.request.requested() => {
                // The upload may have ended.
                let _ = self.sender.send(());
                tokio::select! {
                    biased;
                    code = accounting.demanded() => {
                        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
                        return Err(abandoned(code, last, self.dataset.as_deref(), options).await);
                    }
                    result = &mut upload => (result, Some(code)),
                }
            }
            result = &mut upload => (result, None),
        };
        match (result, signal) {
            (Ok(uploaded), _) => Ok(uploaded),
            (Err(error), Some(code)) if error.kind() == ErrorKind::Interrupted && !error.is_ambiguous() => {
                Err(interrupted(code, &error, options).await)
            }
            (Err(error), signal) => {
                // The same command would be rejected again.
                let is_rejected = error.kind() == ErrorKind::InvalidInput;
                let failure = Failure::from(error);
                let failure = match signal {
                    Some(code) => {
                        let exit = failure.exit().and(Exit::Interrupted(code));
                        failure.with_exit(exit)
                    }
                    None => failure,
                };
                Err(match &options.journal {
                    Some(journal) if !is_rejected && is_there(journal).await => {
                        failure.next(command_again(None))
                    }
                    _ => failure,
                })
            }
        }
    }
}

/// Returns the end of an upload by a second signal, while it was aborted, or finished.
async fn abandoned(
    code: u8,
    last: Option<UploadProgress>,
    dataset: Option<&str>,
    options: &Options,
) -> Failure {
    let known = last.as_ref().map_or_else(
        || "it is not known whether the service keeps an upload".to_owned(),
        |last| format!("{} of {} parts are stored", last.parts_stored, last.parts),
    );
    let failure = |what: String| Failure::new(Exit::Interrupted(code), format!("interrupted twice: {what}"));
    if let Some(journal) = &options.journal
        && is_there(journal).await
    {
        return failure(format!("{known}, and {} records them", journal.display())).next(command_again(None));
    }
    let mut failure = failure(known);
    let Some(last) = last else { return failure };
    let of_dataset = dataset.map_or_else(String::new, |name| format!(" --dataset {}", quoted(name)));
    let abort = match &last.upload {
        Some(UploadName::Dataset { upload_id, key }) => {
            format!("datalinks upload abort {} --key {}{of_dataset}", quoted(upload_id), quoted(key))
        }
        Some(UploadName::Session(session)) => format!("datalinks upload abort {session}"),
        _ => return failure,
    };
    let mut left = "the service may keep and charge for the parts";
    if dataset.is_some() && last.parts_stored == last.parts {
        let list = format!("datalinks ingestion list{of_dataset}");
        failure = failure.next(format!("the service may have begun to read the file: {list}"));
        left = "if it has not, the service may keep and charge for the parts";
    }
    failure.next(format!("{left}: {abort}"))
}

/// Returns the end of an upload by a signal.
async fn interrupted(code: u8, error: &Error, options: &Options) -> Failure {
    let exit = Exit::Interrupted(code);
    match &options.journal {
        Some(journal) if is_there(journal).await => {
            let what = format!(
                "interrupted: the parts that arrived are kept, and {} records them",
                journal.display()
            );
            Failure::new(exit, what).next(command_again(None))
        }
        // The error says so if the abort failed.
        _ if error.to_string().contains("aborting the upload failed") => {
            Failure::new(exit, "interrupted, and the upload could not be aborted").caused_by(error)
        }
        _ => Failure::new(exit, "interrupted: the upload was aborted, and the service discards its parts")
            .next("add --journal FILE to continue an upload that was interrupted"),
    }
}

async fn is_there(journal: &Path) -> bool {
    tokio::fs::try_exists(journal).await.unwrap_or(false)
}
