//! Questions, answered by a model.
//!
//! It plans steps, writes the query of each when its turn comes, and answers from the rows that the queries found.
//! What it asks the data goes through the query language, so it sees nothing that the caller may not see.

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

/// A plan has this many steps at the most.
pub(crate) const STEPS: usize = 8;

const PLAN: &str = "You plan how to answer a question from datasets. Say which look-ups are needed, in order, each in a \
                    sentence that tells what to find in which dataset; as few as possible, at least one. Each look-up is \
                    one query. Answer as {\"steps\": [\"...\"], \"reasoning\": \"why these\"}.";
const QUERY: &str = "You write one query for one step of a plan. Answer as {\"query\": \"...\", \"reasoning\": \"why \
                     this one\"}.";
const ANSWER: &str = "You answer a question from what queries found, and from nothing else. If they found too little, \
                      say so. Answer as {\"response\": \"...\"}, with an answer for people in it.";

/// The author where there is a model.
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
    fn plan<'a>(&'a self, job: &'a RunContext) -> BoxFuture<'a, Result<Metered<Plan>, Problem>> {
        async move {
            let prompt = prompt("plan", PLAN, job, true, Planning {}, job.asked.wishes.plan.as_ref())?;
            let session = session(job)?;
            let said = session.ask(prompt, |json| {
                let said: PlanResponse = parse_response(json)?;
                match said.steps.len() {
                    1..=STEPS => Ok(said),
                    n => Err(format!("a plan has 1 to {STEPS} steps, and this one has {n}")),
                }
            });
            let PlanResponse { steps, reasoning } = said.await?;
            let steps = steps.into_iter().map(|instruction| Planned { instruction, draft: None }).collect();
            Ok(paid(Plan { reasoning, steps }))
        }
        .boxed()
    }

    fn query<'a>(
        &'a self,
        job: &'a RunContext,
        done: &'a Checkpoint,
        refused: &'a [RejectedQuery],
    ) -> BoxFuture<'a, Result<Metered<Draft>, Problem>> {
        async move {
            let step = done.plan.steps.get(done.steps.len());
            let refused = refused
                .iter()
                .map(|own| RejectedQueryReport { query: &own.query, refused_because: &own.reason });
            let material = Querying {
                step: step.map(|step| step.instruction.as_str()),
                done: steps(&done.steps),
                refused: refused.collect(),
            };
            let prompt = prompt("query", QUERY, job, true, material, job.asked.wishes.query.as_ref())?;
            let session = session(job)?;
            let said = session.ask(prompt, |json| {
                let said: QueryResponse = parse_response(json)?;
                // What is no query at all is told at once. Whether it can be run, running it tells.
                query::parse(&said.query).map_err(|error| error.to_string())?;
                Ok(Draft { query: said.query, reasoning: said.reasoning })
            });
            Ok(paid(said.await?))
        }
        .boxed()
    }

    fn answer<'a>(
        &'a self,
        job: &'a RunContext,
        done: &'a Checkpoint,
    ) -> BoxFuture<'a, Result<Metered<String>, Problem>> {
        async move {
            let material = Answering { found: steps(&done.steps) };
            let prompt = prompt("answer", ANSWER, job, false, material, job.asked.wishes.answer.as_ref())?;
            let session = session(job)?;
            let said = session.ask(prompt, |json| {
                let said: AnswerResponse = parse_response(json)?;
                Ok(said.response)
            });
            Ok(paid(said.await?))
        }
        .boxed()
    }
}

fn session(job: &RunContext) -> Result<ModelSession<'_>, Problem> {
    job.resources.session(&job.caller.user).ok_or_else(|| Problem::internal("there is no model to ask"))
}

/// What was said, and paid for as it was said.
fn paid<T>(what: T) -> Metered<T> {
    Metered { value: what, tokens: 0 }
}

/// What only the prompt of one stage holds.
#[derive(Serialize)]
struct Planning {}

#[derive(Serialize)]
struct Querying<'a> {
    step: Option<&'a str>,
    done: Vec<StepDone<'a>>,
    refused: Vec<RejectedQueryReport<'a>>,
}

#[derive(Serialize)]
struct Answering<'a> {
    found: Vec<StepDone<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RejectedQueryReport<'a> {
    query: &'a str,
    refused_because: &'a str,
}

/// A step that is done. The rows are written as they came.
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

/// The material of a stage, and the parts that every stage gets.
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

/// The prompt of a stage: the material, what was asked and how, and the data that may be queried.
fn prompt(
    purpose: &'static str,
    task: &str,
    job: &RunContext,
    with_data: bool,
    stage: impl Serialize,
    choice: Option<&StageModel>,
) -> Result<Prompt, ModelError> {
    let wishes = &job.asked.wishes;
    let before = job.history.before(job.run, job.conversation, &job.caller);
    let said_before =
        before.iter().map(|own| EarlierExchange { question: &own.question, answer: &own.answer });
    let mut material = Material {
        stage,
        question: &job.asked.question,
        instructions: wishes.helper_prompt.as_deref(),
        said_before: said_before.collect(),
        caller_context: wishes.caller_context.as_deref(),
        data: None,
    };
    // A stage's own choice takes the place of the run's as a whole.
    let model = choice.unwrap_or(&wishes.model).model.as_deref();
    let prompt = if with_data {
        let store = read(&job.resources.store);
        material.data = Some(catalog(CallerView::new(&store, &job.caller), &job.asked.space));
        Prompt::of(purpose, &format!("{task}\n{LANGUAGE}"), &material)?
    } else {
        Prompt::of(purpose, task, &material)?
    };
    Ok(prompt.model(model))
}

/// The material of a question that one query answers.
#[derive(Serialize)]
struct OneQueryMaterial<'a> {
    question: &'a str,
    dataset: Option<String>,
    instructions: Option<&'a str>,
    data: Catalog<'a>,
}

/// A question that one query answers.
pub(crate) struct OneQuery<'a> {
    pub(crate) resources: &'a Resources,
    pub(crate) caller: &'a Caller,
    pub(crate) space: &'a Namespace,
    /// The dataset that it is about, if that was said.
    pub(crate) dataset: Option<&'a str>,
    pub(crate) question: &'a str,
    pub(crate) instructions: Option<&'a str>,
    pub(crate) model: Option<&'a str>,
}

impl OneQuery<'_> {
    /// The query that a rule chooses. It stands in where there is no model.
    pub(crate) async fn by_rule(&self) -> Result<Query, Problem> {
        let (store, caller) = (self.resources.snapshot(), self.caller.clone());
        let (space, dataset) = (self.space.clone(), self.dataset.map(str::to_owned));
        let question = self.question.to_owned();
        let query = background(move || {
            query_for(CallerView::new(&store, &caller), &space, dataset.as_deref(), &question)
        });
        query.await.ok_or_else(|| {
            Problem::not_found(format!("there is no dataset to ask in {}; create one first", self.space))
        })
    }

    /// The query for it, as the model writes it. One that cannot be run is objected to.
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
                let said: QueryResponse = parse_response(json)?;
                let query = query::parse(&said.query).map_err(|error| error.to_string())?;
                let store = read(&self.resources.store);
                query::run(CallerView::new(&store, self.caller), &query, self.space)
                    .map(|_| query)
                    .map_err(|error| error.to_string())
            })
            .await
    }
}
