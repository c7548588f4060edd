//! `datalinks link create`.

use clap::Args;
use datalinks::datasets::AddLinkOutcome;
use serde::Serialize;

use super::column::ColumnName;
use super::matching::{Kind, MatchOptions};
use super::missing::explain_missing_column;
use crate::failure::{Exit, Failure, Result};
use crate::session::Session;

/// Create an active link between two columns
///
/// A suggested link between the columns becomes active. A link that is active already is not changed, and is no error.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    datalinks link create cinema/films:director cinema/people:name\n  \
    datalinks link create plants/trees:place plants/towns:place --match geo --distance 2.5")]
pub(super) struct Arguments {
    /// Column at which the link starts, as NAMESPACE/DATASET:COLUMN
    from: ColumnName,

    /// Column at which the link ends
    to: ColumnName,

    /// How values are compared
    #[arg(long = "match", value_name = "KIND", default_value = "exact")]
    kind: Kind,

    #[command(flatten)]
    options: MatchOptions,
}

/// A link that was changed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Changed<'a> {
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    /// `created`, `alreadyExists`, `activated` or `deactivated`.
    pub(super) change: &'a str,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    arguments.options.check(&[arguments.kind])?;
    let from = arguments.from.resolve(session).await?;
    let to = arguments.to.resolve(session).await?;
    let link = session.client().await?.add_link(from.reference(), to.reference());
    let link = match arguments.kind {
        Kind::Exact => link.exact(arguments.options.exact()),
        Kind::Geo => link.geo(arguments.options.geo()),
    };
    let outcome = match link.await {
        Ok(outcome) => outcome,
        Err(error) => {
            let mut failure = Failure::from(error);
            if failure.exit() == Exit::NotFound {
                for column in [&from, &to] {
                    failure = explain_missing_column(failure, column).await;
                }
            }
            return Err(failure);
        }
    };
    let (from, to) = (arguments.from.to_string(), arguments.to.to_string());
    let (sentence, change) = match outcome {
        AddLinkOutcome::Created => (format!("linked {from} to {to}"), "created"),
        AddLinkOutcome::AlreadyExists => (format!("{from} is linked to {to} already"), "alreadyExists"),
    };
    session.output.change(&sentence, &Changed { from: &from, to: &to, change })
}
