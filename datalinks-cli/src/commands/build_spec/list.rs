//! `datalinks build-spec list`.

use clap::Args;

use super::spec::Spec;
use crate::failure::Result;
use crate::session::Session;

/// List your build specs
///
/// The table leaves the code out.
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks build-spec list")]
pub(super) struct Arguments {}

pub(super) async fn run(_: Arguments, session: &Session) -> Result {
    let listing = session.client().await?.build_specs().await?;
    session.warn_of_rejected(&listing.rejected);
    let specs: Vec<Spec> = listing.items.into_iter().map(Spec::of).collect();
    session.output.list(&specs, &["id", "version", "sources", "destinations", "updatedAt"])
}
