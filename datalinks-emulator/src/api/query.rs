//! The handler that runs a query.

use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Serialize;

use super::call::OperationCall;
use crate::accounts::CallerView;
use crate::ask::{OneQuery, ScoredRows};
use crate::concurrency::work::background;
use crate::query::{self, EvalError, FoundRows, Query, QueryError};
use crate::request::Fields;
use crate::response::{ApiResponse, Problem, SubError};
use crate::store::{DatasetName, Namespace};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found<'a> {
    data: Rows<'a>,
    metadata: Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain_results: Option<query::Explanation>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Rows<'a> {
    /// The rows found by a query text, as they are stored.
    AsStored(FoundRows<'a>),
    /// The rows found for a question, with their scores.
    Scored(ScoredRows<'a>),
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

/// The body of a query request.
struct Request {
    space: Namespace,
    dataset: Option<String>,
    text: String,
    question: Option<String>,
    instructions: Option<String>,
    model: Option<String>,
    explain: bool,
}

/// The source of the rows.
enum QuerySource {
    Query(Query),
    /// All rows of a dataset. Not expressed as a query, so that a slash in the name has no special meaning.
    All(DatasetName),
}

impl Request {
    fn read(call: &OperationCall<'_>) -> Result<Self, Problem> {
        let mut fields = Fields::read(&call.body)?;
        let (username, namespace): (String, String) =
            (fields.required("username"), fields.required("namespace"));
        let _: Option<String> = fields.optional("provider");
        let request = Self {
            space: call.space_of(&username, &namespace),
            dataset: fields.optional("dataset"),
            text: fields.optional("query").unwrap_or_default(),
            question: fields.optional("naturalLanguageQuery"),
            instructions: fields.optional("helperPrompt"),
            model: fields.optional("model"),
            explain: fields.optional("explainRequested").unwrap_or(false),
        };
        fields.finish()?;
        Ok(request)
    }

    /// Returns the query in the request, otherwise the query for its question, otherwise one for a whole dataset.
    async fn source(&self, call: &OperationCall<'_>) -> Result<QuerySource, Problem> {
        if !self.text.trim().is_empty() {
            return Ok(QuerySource::Query(query::parse(&self.text)?));
        }
        match (&self.question, &self.dataset) {
            (Some(question), _) => Ok(QuerySource::Query(self.query_for(call, question).await?)),
            (None, Some(dataset)) => Ok(QuerySource::All(self.space.dataset(dataset))),
            (None, None) => Err(Problem::bad_request(
                "there is no query and no dataset; send a `query` such as Ontology(\"name of a dataset\")",
            )),
        }
    }

    /// Returns the query for a question, written by the model or by a rule.
    async fn query_for(&self, call: &OperationCall<'_>, question: &str) -> Result<Query, Problem> {
        let asked = OneQuery {
            resources: call.state,
            caller: &call.caller,
            space: &self.space,
            dataset: self.dataset.as_deref(),
            question,
            instructions: self.instructions.as_deref(),
            model: self.model.as_deref(),
        };
        let by_rule = asked.by_rule().await?;
        let Some(session) = call.model_for_part("`naturalLanguageQuery`")? else {
            call.spend(&[question, &by_rule.to_string()]);
            return Ok(by_rule);
        };
        Ok(asked.ask(&session).await?)
    }
}

pub(super) fn run<'a>(call: &'a OperationCall<'a>) -> BoxFuture<'a, Result<ApiResponse, Problem>> {
    async move {
        let request = Request::read(call)?;
        let source = request.source(call).await?;
        let Request { space, text, question, explain, .. } = request;
        let (store, caller, clock) = (call.state.snapshot(), call.caller.clone(), call.state.clock.clone());
        let (unknown, store, outcome) = background(move || {
            let view = CallerView::new(&store, &caller);
            let outcome = match &source {
                QuerySource::Query(query) => query::run_by(&clock, view, query, &space)?,
                QuerySource::All(dataset) => query::read_all(&clock, view, dataset)?,
            };
            Ok::<_, Problem>((query::unknown_columns(&store, &outcome), store, outcome))
        })
        .await?;
        unknown.into_iter().for_each(|remark| call.provenance.remark(remark));
        let explain_results = if explain { query::explain(&outcome, &call.state.ids) } else { None };
        Ok(background(move || {
            let asked = question.filter(|_| text.trim().is_empty());
            let found = FoundRows::new(&store, &outcome, usize::MAX);
            let data = match &asked {
                Some(question) => Rows::Scored(ScoredRows::new(found, question)),
                None => Rows::AsStored(found),
            };
            let metadata = Metadata {
                count: outcome.last().rows.len(),
                executed_query: outcome.executed.to_string(),
                original_query: asked.unwrap_or(text),
                starting_dataset: outcome.start().to_string(),
                final_dataset: outcome.last().dataset.to_string(),
            };
            ApiResponse::json(&Found { data, metadata, explain_results })
        })
        .await)
    }
    .boxed()
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        Self::bad_request(error.to_string()).with_sub_errors(vec![SubError {
            code: "QUERY_SYNTAX",
            message: format!("query: expected {}", error.expected()),
        }])
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
