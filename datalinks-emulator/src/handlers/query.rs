//! Running a query.

use serde::Serialize;

use super::Call;
use crate::answer::Answer;
use crate::body::Fields;
use crate::lock::read;
use crate::problem::{Problem, SubError};
use crate::query::{self, EvalError, FoundRows, Query, QueryError};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found<'a> {
    data: FoundRows<'a>,
    metadata: Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain_results: Option<query::Explanation>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    count: usize,
    executed_query: String,
    original_query: String,
    starting_dataset: String,
    final_dataset: String,
}

pub(super) fn run(call: &Call<'_>) -> Result<Answer, Problem> {
    let mut fields = Fields::read(&call.body)?;
    let username: String = fields.required("username");
    let namespace: String = fields.required("namespace");
    let dataset: Option<String> = fields.optional("dataset");
    let text: String = fields.optional("query").unwrap_or_default();
    let question: Option<String> = fields.optional("naturalLanguageQuery");
    let explain = fields.optional("explainRequested").unwrap_or(false);
    for name in ["model", "provider", "helperPrompt"] {
        let _: Option<String> = fields.optional(name);
    }
    fields.finish()?;
    let space = call.space_of(&username, &namespace);
    if question.is_some() {
        return Err(Problem::not_implemented(
            "`naturalLanguageQuery` needs a language model, and the emulator has none; send a `query`",
        ));
    }
    let store = read(&call.state.store);
    let query = match (text.trim().is_empty(), dataset) {
        (false, _) => query::parse(&text)?,
        // Nothing but a dataset: all its rows.
        (true, Some(dataset)) => Query::all(space.dataset(dataset).to_string()),
        (true, None) => {
            return Err(Problem::bad_request(
                "there is no query and no dataset; send a `query` such as Ontology(\"name of a dataset\")",
            ));
        }
    };
    let outcome = query::run(call.sight(&store), &query, &space)?;
    let metadata = Metadata {
        count: outcome.last().rows.len(),
        executed_query: outcome.executed.to_string(),
        original_query: text,
        starting_dataset: outcome.first().dataset.to_string(),
        final_dataset: outcome.last().dataset.to_string(),
    };
    let explain_results = if explain { query::explain(&outcome, &call.state.ids) } else { None };
    let data = FoundRows::new(&store, &outcome, usize::MAX);
    Ok(Answer::json(&Found { data, metadata, explain_results }))
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        let message = error.to_string();
        match error {
            QueryError::UnknownCall { .. } => Self::not_implemented(message),
            QueryError::Syntax { expected, .. } => {
                Self::bad_request(message).with_sub_errors(vec![SubError {
                    code: "QUERY_SYNTAX",
                    message: format!("query: expected {expected}"),
                }])
            }
        }
    }
}

impl From<EvalError> for Problem {
    fn from(error: EvalError) -> Self {
        match error {
            EvalError::UnknownDataset { .. } => Self::not_found(error.to_string()),
            EvalError::Ambiguous { .. } | EvalError::NoLink { .. } => Self::bad_request(error.to_string()),
        }
    }
}
