//! `datalinks build-spec show`.

use clap::Args;

use super::spec::Spec;
use crate::failure::{Failure, Result};
use crate::session::Session;

/// Show a build spec, or its code alone
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    datalinks build-spec show 6f1c1f0e-8d3b-4c53-9a61-0d1f4f6f2a10\n  \
    datalinks build-spec show 6f1c1f0e-8d3b-4c53-9a61-0d1f4f6f2a10 --code")]
pub(super) struct Arguments {
    /// Id of the build spec
    id: String,

    /// Print the code as it is stored, and nothing else
    #[arg(long)]
    code: bool,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let spec = session.client().await?.build_spec(&arguments.id).await;
    let spec = spec.map_err(explain_missing)?;
    if arguments.code {
        return session.output.bytes(spec.code.as_bytes());
    }
    session.output.object(&Spec::of(spec))
}

/// Adds the command that lists the ids to a failure about a build spec that was not found.
pub(super) fn explain_missing(error: datalinks::Error) -> Failure {
    Failure::from(error).next_if_missing("datalinks build-spec list")
}
