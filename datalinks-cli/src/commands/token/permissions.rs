//! `datalinks token permissions`.

use clap::Args;
use serde::Serialize;

use crate::failure::Result;
use crate::session::Session;

/// List what a restricted token may use
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks token permissions 42")]
pub(super) struct Arguments {
    /// Id of the token, from `datalinks token list`
    id: String,
}

/// A namespace or a dataset that the token may use.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Permission {
    owner: String,
    namespace: String,
    /// Name of the dataset, or `null` for the whole namespace.
    dataset: Option<String>,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let client = session.client().await?;
    let permissions = match client.token_permissions(&arguments.id).await {
        Ok(permissions) => permissions,
        Err(error) => return Err(super::delete::explain_missing(error, &arguments.id, client).await),
    };
    if !permissions.restricted {
        session.diagnostics().note("the token is not restricted");
    }
    let permissions = permissions.permissions.into_iter().map(|item| Permission {
        owner: item.username,
        namespace: item.namespace,
        dataset: item.dataset,
    });
    let permissions: Vec<Permission> = permissions.collect();
    session.output.list(&permissions, &["owner", "namespace", "dataset"])
}
