//! `datalinks infer describe` and `schema`.

use clap::Args;
use serde::Serialize;

use super::sample::{ModelChoice, Sample};
use crate::commands::field;
use crate::failure::Result;
use crate::output::Format;
use crate::session::Session;
use crate::set::set;

/// Let a model describe sample rows in a text
#[derive(Args)]
#[command(after_help = "Examples:\n  datalinks infer describe films.csv\n  \
    datalinks infer describe films.csv --current 'Films of the last century' --output json")]
pub(super) struct Describe {
    #[command(flatten)]
    sample: Sample,

    /// Present description, which the model improves
    #[arg(long, value_name = "TEXT")]
    current: Option<String>,

    #[command(flatten)]
    model: ModelChoice,
}

/// Let a model describe the fields of sample rows
#[derive(Args)]
#[command(after_help = "Examples:\n  datalinks infer schema films.csv\n  \
    datalinks infer schema films.csv --description 'Feature films' --field 'title=Title as released' --output json")]
pub(super) struct Schema {
    #[command(flatten)]
    sample: Sample,

    /// Description of the rows, which the model reads
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,

    /// Present description of a field, which the model improves (repeatable)
    #[arg(long = "field", value_name = "NAME=TEXT", value_parser = field)]
    fields: Vec<(String, String)>,

    #[command(flatten)]
    model: ModelChoice,
}

/// The description of rows.
#[derive(Serialize)]
struct Description {
    description: String,
}

/// The description of a field.
#[derive(Serialize)]
struct Field<'a> {
    field: &'a str,
    description: &'a str,
}

pub(super) async fn describe(arguments: Describe, session: &Session) -> Result {
    let rows = arguments.sample.input.sample(arguments.sample.sample).await?;
    let mut infer = session.client().await?.infer(rows).model(arguments.model.model());
    infer = set!(infer, current_description: arguments.current);
    let description = infer.description().await?;
    match session.output.format() {
        Format::Table => session.output.text(&description),
        _ => session.output.object(&Description { description }),
    }
}

pub(super) async fn schema(arguments: Schema, session: &Session) -> Result {
    let rows = arguments.sample.input.sample(arguments.sample.sample).await?;
    let mut infer = session.client().await?.infer(rows).model(arguments.model.model());
    infer = set!(infer, current_description: arguments.description);
    if !arguments.fields.is_empty() {
        infer = infer.current_schema(arguments.fields.iter().cloned().collect());
    }
    let schema = infer.schema().await?;
    let fields: Vec<Field<'_>> =
        schema.iter().map(|(field, description)| Field { field, description }).collect();
    session.output.list(&fields, &["field", "description"])
}
