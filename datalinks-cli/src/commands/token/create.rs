//! `datalinks token create`.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{ArgGroup, Args};
use serde::Serialize;

use super::secret_file::SecretFile;
use crate::commands::moment;
use crate::failure::{Exit, Failure, Result};
use crate::session::Session;
use crate::settings::{DatasetName, NamespaceName};

/// Create a token
///
/// The service returns the secret of a token once, when the token is created. Choose where it goes: to the output, or to
/// a new file that only you may read.
#[derive(Args)]
#[command(
    group = ArgGroup::new("secret").args(["show_secret", "secret_file"]).required(true),
    after_help = "Examples:\n  \
        datalinks token create ci --secret-file ci.token --expires 2030-01-01\n  \
        datalinks token create ci --only-namespace cinema --show-secret --output json"
)]
pub(super) struct Arguments {
    /// Name of the token
    name: String,

    /// Print the secret with the token
    #[arg(long)]
    show_secret: bool,

    /// New file for the secret, which `--token-file` reads
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,

    /// Date or time at which the token expires [default: that of the service]
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    expires: Option<DateTime<Utc>>,

    /// Restrict the token to this namespace (repeatable)
    #[arg(long, value_name = "NAMESPACE")]
    only_namespace: Vec<NamespaceName>,

    /// Restrict the token to this dataset (repeatable)
    #[arg(long, value_name = "DATASET")]
    only_dataset: Vec<DatasetName>,
}

/// A token that was created. What the service did not return in a readable form is `null`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Created<'a> {
    id: Option<&'a str>,
    name: &'a str,
    expires_at: Option<&'a str>,
    /// The secret, or `null` if it is in a file.
    secret: Option<&'a str>,
    secret_file: Option<&'a str>,
    /// `created`.
    change: &'a str,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let mut create = session.client().await?.create_token(&arguments.name);
    if let Some(moment) = arguments.expires {
        create = create.expires_at(moment);
    }
    for name in &arguments.only_namespace {
        create = create.restrict_to_namespace(&session.owned_namespace(Some(name)).await?);
    }
    for name in &arguments.only_dataset {
        create = create.restrict_to(&session.dataset(Some(name)).await?);
    }
    let file = arguments.secret_file.as_deref().map(SecretFile::prepare).transpose()?;
    let created = create.await.map_err(|error| {
        let failure = Failure::from(error);
        match failure.exit() {
            Exit::Ambiguous => failure.next("datalinks token list, and delete the token if it is there"),
            _ => failure,
        }
    })?;
    let token = created.token.as_ref();
    let id = token.map(|token| token.id.as_str());
    if let Some(file) = file
        && let Err(error) = file.save(&created.secret)
    {
        let id = id.unwrap_or("ID");
        return Err(Failure::new(Exit::Failure, "the token was created, and its secret cannot be saved")
            .caused_by(&error)
            .next(format!("datalinks token delete {id}, because the secret cannot be read again")));
    }
    let path = arguments.secret_file.as_ref().map(|path| path.display().to_string());
    let item = Created {
        id,
        name: token.map_or(&arguments.name, |token| &token.name),
        expires_at: token.and_then(|token| token.expires_at.as_deref()),
        secret: arguments.show_secret.then(|| created.secret.expose()),
        secret_file: path.as_deref(),
        change: "created",
    };
    match &path {
        Some(path) => {
            session.output.change(&format!("created {}, whose secret is in {path}", item.name), &item)
        }
        None => session.output.object(&item).inspect_err(|_| {
            let id = id.unwrap_or("ID");
            session.diagnostics().warning(&format!(
                "the token was created, and its secret is lost with the output: datalinks token delete {id}"
            ));
        }),
    }
}
