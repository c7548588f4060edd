//! `datalinks share list`.

use clap::Args;
use serde::Serialize;

use super::target::{Target, TargetArguments};
use crate::failure::Result;
use crate::session::Session;

/// List the users who have access to a dataset or a namespace
#[derive(Args)]
#[command(
    after_help = "Examples:\n  datalinks share list cinema/films\n  datalinks share list --all-of cinema"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    target: TargetArguments,
}

/// A user who has access.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Share {
    user: String,
    role: String,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let target = Target::of(&arguments.target, session).await?;
    let listing = match &target {
        Target::Dataset(dataset) => dataset.shares().await,
        Target::Namespace(namespace) => namespace.shares().await,
    };
    let listing = target.or_missing(listing).await?;
    session.warn_of_rejected(&listing.rejected);
    let shares = listing.items.into_iter();
    let shares: Vec<Share> =
        shares.map(|share| Share { user: share.username, role: share.role.to_string() }).collect();
    session.output.list(&shares, &["user", "role"])
}
