//! `datalinks ingestion retry` and `seen`.

use clap::Args;
use serde::Serialize;
use uuid::Uuid;

use crate::failure::Result;
use crate::session::Session;

/// Start a new ingestion of an uploaded file whose ingestion failed
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks ingestion retry 0191d2f4-3c8e-7a60-9b1d-1f2e3d4c5b6a")]
pub(super) struct Retry {
    /// Id of the ingestion that failed
    id: Uuid,
}

/// Mark the result of an ingestion as seen
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks ingestion seen 0191d2f4-3c8e-7a60-9b1d-1f2e3d4c5b6a")]
pub(super) struct Seen {
    /// Id of the ingestion
    id: Uuid,
}

/// An ingestion that was changed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Changed<'a> {
    /// The ingestion, or the new one.
    ingestion: Uuid,
    /// The ingestion that the new one repeats, or `null`.
    repeats: Option<Uuid>,
    /// `retried` or `seen`.
    change: &'a str,
}

pub(super) async fn retry(arguments: Retry, session: &Session) -> Result {
    let new = session.client().await?.retry_ingestion(arguments.id).await?;
    let sentence = format!("started ingestion {new}, which repeats {}", arguments.id);
    session
        .output
        .change(&sentence, &Changed { ingestion: new, repeats: Some(arguments.id), change: "retried" })
}

pub(super) async fn seen(arguments: Seen, session: &Session) -> Result {
    session.client().await?.mark_ingestion_seen(arguments.id).await?;
    let sentence = format!("marked ingestion {} as seen", arguments.id);
    session.output.change(&sentence, &Changed { ingestion: arguments.id, repeats: None, change: "seen" })
}
