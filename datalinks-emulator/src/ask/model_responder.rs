//! Questions, answered by a model.
//!
//! The model plans steps, writes a query for each step when it is due, and answers from the rows that the queries
//! found. It accesses data only through the query language, so it sees only what the caller may see.

use futures::FutureExt;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::catalog::{Catalog, LANGUAGE, catalog};
use super::checkpoint::{Checkpoint, Draft, Plan, Planned, Step};
use super::request::StageModel;
use super::responder::{Metered, RejectedQuery, Responder, RunContext};
use super::rule_responder::query_for;
use crate::accounts::{Caller, CallerView};
use crate::concurrency::lock::read;
use crate::concurrency::work::background;
use crate::models::{ModelError, ModelSession, Prompt, parse_response};
use crate::query::{self, Query};
use crate::resources::Resources;
use crate::response::Problem;
use crate::store::Namespace;

/// Maximum number of steps of a plan.
pub(crate) const STEPS: usize = 8;

const PLAN: &str = "You plan how to answer a question from datasets. Say which look-ups are needed, in order, each in a \
                    sentence that names what to find in which dataset; as few as possible, at least one. Each look-up is \
                    one query. Answer as {\"steps\": [\"...\"], \"reasoning\": \"why these\"}.";
const QUERY: &str = "You write one query for one step of a plan. Answer as {\"query\": \"...\", \"reasoning\": \"why \
                     this one\"}.";
const ANSWER: &str = "You answer a question from what queries found, and from nothing else. If they found too little, \
                      say so. Answer as {\"response\": \"...\"}, with an answer for people in it.";

/// The responder that calls the configured model.
#[derive(Debug)]
pub(crate) struct ModelResponder;

#[derive(Deserialize)]
struct PlanResponse {
    steps: Vec<String>,
    #[serde(default)]
    reasoning: String,
}

#[derive(Deserialize)]
struct QueryResponse {
    query: String,
    #[serde(default)]
    reasoning: String,
}

#[derive(Deserialize)]
struct AnswerResponse {
    response: String,
}

impl Responder for ModelResponder {
    fn plan<'a>(&'a self, context: &'a RunContext) -> BoxFuture<'a, Result<Metered<Plan>, Problem>> {
        async move {
            let prompt =
                prompt("plan", PLAN, context, true, Planning {}, context.asked.options.plan.as_ref())?;
            let session = session(context)?;
            let response = session.ask(prompt, |json| {
                let response: PlanResponse = parse_response(json)?;
                match response.steps.len() {
                    1..=STEPS => Ok(response),
                    n => Err(format!("a plan has 1 to {STEPS} steps, and this one has {n}")),
                }
            });
            let PlanResponse { steps, reasoning } = response.await?;
            let steps = steps.into_iter().map(|instruction| Planned { instruction, draft: None }).collect();
            Ok(metered(Plan { reasoning, steps }))
        }
        .boxed()
    }

    fn query<'a>(
        &'a self,
        context: &'a RunContext,
        done: &'a Checkpoint,
        rejected: &'a [RejectedQuery],
    ) -> BoxFuture<'a, Result<Metered<Draft>, Problem>> {
        async move {
            let step = done.plan.steps.get(done.steps.len());
            let rejected = rejected
                .iter()
                .map(|own| RejectedQueryReport { query: &own.query, rejected_because: &own.reason });
            let material = Querying {
                step: step.map(|step| step.instruction.as_str()),
                done: steps(&done.steps),
                rejected: rejected.collect(),
            };
            let prompt =
                prompt("query", QUERY, context, true, material, context.asked.options.query.as_ref())?;
            let session = session(context)?;
            let response = session.ask(prompt, |json| {
                let response: QueryResponse = parse_response(json)?;
                // A syntax error is reported to the model within this call. Other errors appear when the query runs.
                query::parse(&response.query).map_err(|error| error.to_string())?;
                Ok(Draft { query: response.query, reasoning: response.reasoning })
            });
            Ok(metered(response.await?))
        }
        .boxed()
    }

    fn answer<'a>(
        &'a self,
        context: &'a RunContext,
        done: &'a Checkpoint,
    ) -> BoxFuture<'a, Result<Metered<String>, Problem>> {
        async move {
            let material = Answering { found: steps(&done.steps) };
            let prompt =
                prompt("answer", ANSWER, context, false, material, context.asked.options.answer.as_ref())?;
            let session = session(context)?;
            let response = session.ask(prompt, |json| {
                let response: AnswerResponse = parse_response(json)?;
                Ok(response.response)
            });
            Ok(metered(response.await?))
        }
        .boxed()
    }
}

fn session(context: &RunContext) -> Result<ModelSession<'_>, Problem> {
    context.resources.session(&context.caller.user).ok_or_else(|| Problem::internal("no model is configured"))
}

/// Returns a value whose tokens the session has already counted.
fn metered<T>(what: T) -> Metered<T> {
    Metered { value: what, tokens: 0 }
}

/// The material for the prompt that plans. The other stages have their own.
#[derive(Serialize)]
struct Planning {}

#[derive(Serialize)]
struct Querying<'a> {
    step: Option<&'a str>,
    done: Vec<StepDone<'a>>,
    rejected: Vec<RejectedQueryReport<'a>>,
}

#[derive(Serialize)]
struct Answering<'a> {
    found: Vec<StepDone<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RejectedQueryReport<'a> {
    query: &'a str,
    rejected_because: &'a str,
}

/// A completed step in a prompt. The rows are written unchanged.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StepDone<'a> {
    instruction: &'a str,
    query: &'a str,
    rows_found: usize,
    first_rows: &'a RawValue,
}

fn steps(done: &[Step]) -> Vec<StepDone<'_>> {
    done.iter().map(StepDone::from).collect()
}

impl<'a> From<&'a Step> for StepDone<'a> {
    fn from(step: &'a Step) -> Self {
        let Step { instruction, query, rows, data, .. } = step;
        Self { instruction, query, rows_found: *rows, first_rows: data }
    }
}

/// The material of a prompt: that of its stage, and what every stage gets.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Material<'a, M> {
    #[serde(flatten)]
    stage: M,
    question: &'a str,
    instructions: Option<&'a str>,
    said_before: Vec<EarlierExchange<'a>>,
    caller_context: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Catalog<'a>>,
}

#[derive(Serialize)]
struct EarlierExchange<'a> {
    question: &'a str,
    answer: &'a str,
}

/// Builds the prompt of a stage: its material, the question with its options, and a catalog of the data if queries are
/// to be written.
fn prompt(
    purpose: &'static str,
    task: &str,
    context: &RunContext,
    with_data: bool,
    stage: impl Serialize,
    choice: Option<&StageModel>,
) -> Result<Prompt, ModelError> {
    let options = &context.asked.options;
    let before = context.history.before(context.run, context.conversation, &context.caller);
    let said_before =
        before.iter().map(|own| EarlierExchange { question: &own.question, answer: &own.answer });
    let mut material = Material {
        stage,
        question: &context.asked.question,
        instructions: options.helper_prompt.as_deref(),
        said_before: said_before.collect(),
        caller_context: options.caller_context.as_deref(),
        data: None,
    };
    // The model of a stage replaces the model of the run as a whole, including the provider.
    let model = choice.unwrap_or(&options.model).model.as_deref();
    let prompt = if with_data {
        let store = read(&context.resources.store);
        material.data = Some(catalog(CallerView::new(&store, &context.caller), &context.asked.space));
        Prompt::of(purpose, &format!("{task}\n{LANGUAGE}"), &material)?
    } else {
        Prompt::of(purpose, task, &material)?
    };
    Ok(prompt.model(model))
}

/// The material for a question that is answered by one query.
#[derive(Serialize)]
struct OneQueryMaterial<'a> {
    question: &'a str,
    dataset: Option<String>,
    instructions: Option<&'a str>,
    data: Catalog<'a>,
}

/// A question that is answered by one query.
pub(crate) struct OneQuery<'a> {
    pub(crate) resources: &'a Resources,
    pub(crate) caller: &'a Caller,
    pub(crate) space: &'a Namespace,
    /// The dataset that the question is about, if the request names one.
    pub(crate) dataset: Option<&'a str>,
    pub(crate) question: &'a str,
    pub(crate) instructions: Option<&'a str>,
    pub(crate) model: Option<&'a str>,
}

impl OneQuery<'_> {
    /// Returns the query that a rule chooses, for use without a model.
    pub(crate) async fn by_rule(&self) -> Result<Query, Problem> {
        let (store, caller) = (self.resources.snapshot(), self.caller.clone());
        let (space, dataset) = (self.space.clone(), self.dataset.map(str::to_owned));
        let question = self.question.to_owned();
        let query = background(move || {
            query_for(CallerView::new(&store, &caller), &space, dataset.as_deref(), &question)
        });
        query.await.ok_or_else(|| {
            Problem::not_found(format!(
                "the namespace {} has no dataset to query; create one first",
                self.space
            ))
        })
    }

    /// Returns the query that the model writes. A query that cannot be run is sent back to the model.
    pub(crate) async fn ask(&self, session: &ModelSession<'_>) -> Result<Query, ModelError> {
        let task = format!(
            "You write the query that answers a question. Answer as {{\"query\": \"...\"}}.\n{LANGUAGE}"
        );
        let prompt = {
            let store = read(&self.resources.store);
            let material = OneQueryMaterial {
                question: self.question,
                dataset: self.dataset.map(|name| self.space.dataset(name).to_string()),
                instructions: self.instructions,
                data: catalog(CallerView::new(&store, self.caller), self.space),
            };
            Prompt::of("query", &task, &material)?.model(self.model)
        };
        session
            .ask(prompt, |json| {
                let response: QueryResponse = parse_response(json)?;
                let query = query::parse(&response.query).map_err(|error| error.to_string())?;
                let store = read(&self.resources.store);
                query::run(CallerView::new(&store, self.caller), &query, self.space)
                    .map(|_| query)
                    .map_err(|error| error.to_string())
            })
            .await
    }
}
