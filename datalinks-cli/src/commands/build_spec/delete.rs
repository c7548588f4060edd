//! `datalinks build-spec delete`.

use clap::Args;
use serde::Serialize;

use super::show::explain_missing;
use crate::failure::Result;
use crate::session::Session;

/// Delete a build spec, which changes no dataset
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks build-spec delete 6f1c1f0e-8d3b-4c53-9a61-0d1f4f6f2a10")]
pub(super) struct Arguments {
    /// Id of the build spec
    id: String,
}

/// A build spec that was deleted.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Changed<'a> {
    id: &'a str,
    /// `deleted`.
    change: &'a str,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let id = arguments.id.as_str();
    session.client().await?.delete_build_spec(id).await.map_err(explain_missing)?;
    session.output.change(&format!("deleted the build spec {id}"), &Changed { id, change: "deleted" })
}
