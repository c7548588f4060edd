//! `datalinks share add` and `remove`.

use clap::{Args, ValueEnum};
use datalinks::datasets;
use serde::Serialize;

use super::target::{Target, TargetArguments};
use crate::failure::Result;
use crate::session::Session;

/// Give a user access, or change the role of a user
///
/// A second grant replaces the role of the first. The user must have an account. The user names the owner to reach the
/// dataset: USER/NAMESPACE/DATASET.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    datalinks share add cinema/films --user bo --role editor\n  \
    datalinks share add --all-of cinema --user bo")]
pub(super) struct Add {
    #[command(flatten)]
    target: TargetArguments,

    /// Name of the user
    #[arg(long, value_name = "USER")]
    user: String,

    /// Rights of the user
    #[arg(long, value_name = "ROLE", default_value = "viewer")]
    role: Role,
}

/// Take the access of a user away, whatever the role
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks share remove cinema/films --user bo")]
pub(super) struct Remove {
    #[command(flatten)]
    target: TargetArguments,

    /// Name of the user
    #[arg(long, value_name = "USER")]
    user: String,
}

/// The rights of a user.
#[derive(Clone, Copy, ValueEnum)]
enum Role {
    /// Lists, reads and queries
    Viewer,
    /// Also ingests, updates and modifies
    Editor,
}

/// A share that was changed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Changed<'a> {
    /// NAMESPACE/DATASET, or NAMESPACE.
    name: &'a str,
    user: &'a str,
    /// Role of the user, or `null` if the access was removed.
    role: Option<&'a str>,
    /// `shared` or `removed`.
    change: &'a str,
}

pub(super) async fn add(arguments: Add, session: &Session) -> Result {
    let target = Target::of(&arguments.target, session).await?;
    let role = match arguments.role {
        Role::Viewer => datasets::Role::Viewer,
        Role::Editor => datasets::Role::Editor,
    };
    let (name, user) = (target.name(), arguments.user.as_str());
    let result = match &target {
        Target::Dataset(dataset) => dataset.share(user, role.clone()).await,
        Target::Namespace(namespace) => namespace.share(user, role.clone()).await,
    };
    target.or_missing(result).await?;
    session.output.change(
        &format!("shared {name} with {user} as {role}, which takes some seconds to take effect"),
        &Changed { name: &name, user, role: Some(role.as_str()), change: "shared" },
    )
}

pub(super) async fn remove(arguments: Remove, session: &Session) -> Result {
    let target = Target::of(&arguments.target, session).await?;
    let (name, user) = (target.name(), arguments.user.as_str());
    // The request has to name a role, and the service considers the user alone.
    let result = match &target {
        Target::Dataset(dataset) => dataset.revoke(user, datasets::Role::Viewer).await,
        Target::Namespace(namespace) => namespace.revoke(user, datasets::Role::Viewer).await,
    };
    target.or_missing(result).await?;
    session.output.change(
        &format!("removed the access of {user} to {name}, which takes some seconds to take effect"),
        &Changed { name: &name, user, role: None, change: "removed" },
    )
}
