//! `datalinks query`.

mod columns;
mod explain;
mod text;

use clap::Args;
use datalinks::query::{QueryAnswer, QueryBuilder, QueryText};
use datalinks::{Error, ErrorKind};
use datalinks_emulator::query::parse;

use super::model;
use crate::failure::{Failure, Place, Result};
use crate::output::Record;
use crate::session::{Session, explain_missing_dataset};

/// Query datasets, in the query language or in natural language
///
/// A query names the dataset it starts at: 'Ontology("cinema/films").filter(year > 2010).limit(3)'. Without a query, all
/// rows of a dataset are returned.
///
/// A question in natural language is turned into a query by a model, which costs tokens. The query that ran is shown on
/// standard error.
#[derive(Args, Default)]
#[command(after_help = "Examples:\n  \
    datalinks query 'Ontology(\"cinema/films\").filter(year > 2010)'\n  \
    datalinks query --dataset cinema/films --output csv\n  \
    datalinks query -n 'the three oldest films' --dataset cinema/films\n  \
    datalinks query --explain 'Ontology(\"cinema/films\").searchAround().find(\"people\")'")]
pub(crate) struct Arguments {
    /// Query, or question with --natural-language; `-` reads it from standard input
    #[arg(value_name = "QUERY")]
    text: Option<String>,

    /// QUERY is a question in natural language
    #[arg(short, long, requires = "text")]
    natural_language: bool,

    /// Show how the query ran, as a tree with the number of rows of each dataset, instead of the rows
    #[arg(long)]
    explain: bool,

    /// Keep columns whose names begin with an underscore
    #[arg(long)]
    metadata_columns: bool,

    /// Model that turns the question into a query
    #[arg(long, value_name = "NAME", requires = "natural_language")]
    model: Option<String>,

    /// Provider of the model
    #[arg(long, value_name = "NAME", requires = "natural_language")]
    provider: Option<String>,
}

pub(crate) async fn run(arguments: Arguments, session: &Session) -> Result {
    let text = match &arguments.text {
        Some(text) => Some(text::given(text).await?),
        None => None,
    };
    let answer = answer(&arguments, text.as_deref(), session).await?;
    if arguments.explain {
        return explain::write(&answer, session);
    }
    let is_empty = answer.rows.is_empty();
    write_rows(answer, session)?;
    if is_empty && let Some(text) = text.filter(|_| !arguments.natural_language) {
        columns::note_unknown(&text, session).await;
    }
    Ok(())
}

/// Returns the rows of a query, or of a question in natural language. Notes what the user would otherwise wonder about.
pub(super) async fn rows_of(text: &str, natural_language: bool, session: &Session) -> Result<Vec<Record>> {
    let arguments = Arguments { natural_language, ..Arguments::default() };
    let rows = answer(&arguments, Some(text), session).await?.rows;
    if rows.is_empty() && !natural_language {
        columns::note_unknown(text, session).await;
    }
    Ok(rows)
}

/// Sends a query. Notes the query that a question in natural language became.
async fn answer(arguments: &Arguments, text: Option<&str>, session: &Session) -> Result<QueryAnswer<Record>> {
    let query = builder(arguments, text, session).await?;
    let answer = match query.answer::<Record>().await {
        Ok(answer) => answer,
        Err(error) => {
            let is_rejected = error.kind() == ErrorKind::Rejected && !arguments.natural_language;
            let is_missing = error.kind() == ErrorKind::NotFound && !arguments.natural_language;
            return Err(match text {
                Some(text) if is_rejected => with_place(error, text),
                _ if is_missing => with_meant_dataset(error, text, session).await,
                _ => error.into(),
            });
        }
    };
    if arguments.natural_language
        && let Some(query) = &answer.executed_query
    {
        session.diagnostics().note(&format!("query: {query}"));
    }
    Ok(answer)
}

fn write_rows(answer: QueryAnswer<Record>, session: &Session) -> Result {
    let mut rows = session.output.rows(&[]);
    rows.write_all(answer.rows)?;
    rows.finish()
}

/// Returns the query. Its namespace is that of the dataset of the settings, else that of the query, else that of the settings.
async fn builder(arguments: &Arguments, text: Option<&str>, session: &Session) -> Result<QueryBuilder> {
    let mut query = match (&session.settings.dataset, text) {
        (Some(_), _) | (None, None) => session.dataset(None).await?.query(),
        (None, Some(text)) => {
            let named = if arguments.natural_language { None } else { text::namespace(text) };
            session.namespace(named.as_deref()).await?.query()
        }
    };
    query = match text {
        Some(text) if arguments.natural_language => query.natural_language(text),
        Some(text) => query.query_text(QueryText::raw(text)),
        None => query,
    };
    query = query.model(model(arguments.model.clone(), arguments.provider.clone()));
    if arguments.explain {
        query = query.explain();
    }
    if arguments.metadata_columns {
        query = query.metadata_columns();
    }
    Ok(query)
}

/// Adds the dataset that was probably meant, if the one at which the query starts does not exist.
async fn with_meant_dataset(error: Error, text: Option<&str>, session: &Session) -> Failure {
    let failure = Failure::from(error);
    let name = text.and_then(|text| parse(text).ok()?.dataset.parse().ok());
    if text.is_some() && name.is_none() {
        return failure;
    }
    let Ok(dataset) = session.dataset(name.as_ref()).await else { return failure };
    match dataset.info().await {
        Err(error) if error.kind() == ErrorKind::NotFound => explain_missing_dataset(failure, &dataset).await,
        _ => failure,
    }
}

/// Adds where the query is wrong, as far as the parser of the emulator can tell.
///
/// The service does not document where its own parser stops.
fn with_place(error: Error, text: &str) -> Failure {
    let drawing = error.message().split_once('\n').map(|(_, drawing)| drawing.replace('\n', " "));
    let failure = Failure::from(error);
    let Err(wrong) = parse(text) else { return failure };
    // The emulator draws the query into its message, which is shown in one line. The place shows it below instead.
    let failure = match drawing {
        Some(drawing) => failure.without(&format!(" {drawing}")),
        None => failure,
    };
    let is_explained = failure.message().contains(wrong.expected());
    let failure = failure.at(Place::Text { text: text.to_owned(), at: wrong.offset() });
    if !text.trim_start().starts_with("Ontology") {
        return failure.next("a question in natural language needs -n, and in the shell `?` before it");
    }
    if is_explained {
        return failure;
    }
    failure.next(format!("the query language expects {} there", wrong.expected()))
}
