//! `datalinks ask verify`.

use std::path::PathBuf;

use clap::Args;
use datalinks::Namespace;

use super::checked::{Checked, verdict};
use super::checking::Checking;
use super::saved::{Header, Saved};
use super::scope;
use crate::failure::{Exit, Failure, Result};
use crate::output::Format;
use crate::session::Session;
use crate::settings::Origin;

/// Run the queries of a saved question again, and fail unless all return the same rows
///
/// The rows of each step are compared with those that are saved: in any order, unless the query sorts, and without columns
/// whose names begin with an underscore. No model runs. Sentences of the answer with values that are in no saved row are
/// listed, too. They are a hint and do not count.
///
/// The namespace is the one that the question was about, unless --namespace or --dataset names another. The exit code is 1 if
/// a step does not hold or cannot be repeated, or if the answer has no step. If a query fails, the code is that of its failure.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  datalinks ask verify oldest.ndjson\n  datalinks ask verify oldest.ndjson --output json"
)]
pub(super) struct Arguments {
    /// File that `datalinks ask --save` has written
    file: PathBuf,
}

pub(super) async fn run(arguments: &Arguments, session: &Session) -> Result {
    let (mut saved, header) = Saved::open(&arguments.file).await?;
    let mut checking = Checking::new(namespace(&header, session).await?, header.question);
    let mut ended = false;
    while !ended && let Some(event) = saved.next().await? {
        ended = event.is_final();
        checking.event(event);
    }
    if !ended {
        return Err(saved.incomplete());
    }
    let Some(verify) = checking.verify() else {
        return Err(Failure::new(Exit::Failure, "the saved question has no answer"));
    };
    let verification = verify.await?;
    let verdict = verdict(&verification);
    let checked = Checked::new(verification);
    match session.output.format() {
        Format::Table => session.output.text(&checked.lines().join("\n"))?,
        _ => session.output.object(&checked)?,
    }
    verdict
}

/// Returns the namespace of a saved question, or the one that a flag names.
async fn namespace(header: &Header, session: &Session) -> Result<Namespace> {
    let settings = &session.settings;
    let origins =
        [settings.namespace.as_ref().map(|it| &it.origin), settings.dataset.as_ref().map(|it| &it.origin)];
    if origins.into_iter().flatten().any(Origin::is_flag) {
        return scope::namespace(session).await;
    }
    Ok(session.client().await?.namespace(&header.namespace)?.with_owner(&header.owner)?)
}
