//! Questions, answered by a model.
//!
//! It plans steps, writes the query of each when its turn comes, and answers from the rows that the queries found.
//! What it asks the data goes through the query language, so it sees nothing that the caller may not see.

use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};

use super::author::{Author, Job, Refused, Said, StageModel};
use super::catalog::{LANGUAGE, catalog};
use super::checkpoint::{Checkpoint, Draft, Plan, Planned, Step};
use crate::access::{Caller, Sight};
use crate::lock::read;
use crate::models::{Asker, ModelError, Prompt, said};
use crate::problem::Problem;
use crate::query::{self, Query};
use crate::state::State;
use crate::store::Namespace;

/// A plan has this many steps at the most.
const STEPS: usize = 8;

const PLAN: &str = "You plan how to answer a question from datasets. Say which look-ups are needed, in order, each in a \
                    sentence that tells what to find in which dataset; as few as possible, at least one. Each look-up is \
                    one query. Answer as {\"steps\": [\"...\"], \"reasoning\": \"why these\"}.";
const QUERY: &str = "You write one query for one step of a plan. Answer as {\"query\": \"...\", \"reasoning\": \"why \
                     this one\"}.";
const ANSWER: &str = "You answer a question from what queries found, and from nothing else. If they found too little, \
                      say so. Answer as {\"response\": \"...\"}, with an answer for people in it.";

/// The author where there is a model.
#[derive(Debug)]
pub(crate) struct Model;

#[derive(Deserialize)]
struct PlanSaid {
    steps: Vec<String>,
    #[serde(default)]
    reasoning: String,
}

#[derive(Deserialize)]
struct QuerySaid {
    query: String,
    #[serde(default)]
    reasoning: String,
}

#[derive(Deserialize)]
struct AnswerSaid {
    response: String,
}

impl Author for Model {
    fn plan<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Result<Said<Plan>, Problem>> {
        async move {
            let prompt = prompt("plan", PLAN, job, true, json!({}), job.asked.wishes.plan.as_ref());
            let asker = asker(job)?;
            let said = asker.ask(prompt, |json| {
                let said: PlanSaid = said(json)?;
                match said.steps.len() {
                    1..=STEPS => Ok(said),
                    n => Err(format!("a plan has 1 to {STEPS} steps, and this one has {n}")),
                }
            });
            let PlanSaid { steps, reasoning } = said.await?;
            let steps = steps.into_iter().map(|instruction| Planned { instruction, draft: None }).collect();
            Ok(paid(Plan { reasoning, steps }))
        }
        .boxed()
    }

    fn query<'a>(
        &'a self,
        job: &'a Job,
        done: &'a Checkpoint,
        refused: &'a [Refused],
    ) -> BoxFuture<'a, Result<Said<Draft>, Problem>> {
        async move {
            let step = done.plan.steps.get(done.steps.len());
            let refused =
                refused.iter().map(|own| json!({ "query": own.query, "refusedBecause": own.reason }));
            let material = json!({
                "step": step.map(|step| &step.instruction),
                "done": steps(&done.steps),
                "refused": refused.collect::<Vec<_>>(),
            });
            let prompt = prompt("query", QUERY, job, true, material, job.asked.wishes.query.as_ref());
            let asker = asker(job)?;
            let said = asker.ask(prompt, |json| {
                let said: QuerySaid = said(json)?;
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
        job: &'a Job,
        done: &'a Checkpoint,
    ) -> BoxFuture<'a, Result<Said<String>, Problem>> {
        async move {
            let material = json!({ "found": steps(&done.steps) });
            let prompt = prompt("answer", ANSWER, job, false, material, job.asked.wishes.answer.as_ref());
            let asker = asker(job)?;
            let said = asker.ask(prompt, |json| {
                let said: AnswerSaid = said(json)?;
                Ok(said.response)
            });
            Ok(paid(said.await?))
        }
        .boxed()
    }
}

fn asker(job: &Job) -> Result<Asker<'_>, Problem> {
    Asker::new(&job.state, &job.caller.user).ok_or_else(|| Problem::internal("there is no model to ask"))
}

/// What was said, and paid for as it was said.
fn paid<T>(what: T) -> Said<T> {
    Said { what, tokens: 0 }
}

fn steps(done: &[Step]) -> Vec<Value> {
    let told = |step: &Step| json!({ "instruction": step.instruction, "query": step.query, "rowsFound": step.rows, "firstRows": step.data });
    done.iter().map(told).collect()
}

/// The prompt of a stage: the material, what was asked and how, and the data that may be queried.
fn prompt(
    purpose: &'static str,
    task: &str,
    job: &Job,
    with_data: bool,
    mut material: Value,
    stage: Option<&StageModel>,
) -> Prompt {
    let wishes = &job.asked.wishes;
    material["question"] = json!(job.asked.question);
    material["instructions"] = json!(wishes.helper_prompt);
    material["saidBefore"] = json!(said_before(job));
    material["callerContext"] = json!(wishes.caller_context);
    let mut task = task.to_owned();
    if with_data {
        let store = read(&job.state.store);
        material["data"] = catalog(Sight::new(&store, &job.caller), &job.asked.space);
        task = format!("{task}\n{LANGUAGE}");
    }
    // A stage's own choice takes the place of the run's as a whole.
    let model = stage.unwrap_or(&wishes.model).model.as_deref();
    Prompt::new(purpose, &task, material.to_string()).model(model)
}

/// The questions and answers of the conversation before this run.
fn said_before(job: &Job) -> Vec<Value> {
    let Some((_, runs)) = job.state.memory.conversation(job.conversation, &job.caller) else {
        return Vec::new();
    };
    let before = runs.iter().take_while(|run| run.id != job.run);
    before
        .filter_map(|run| Some(json!({ "question": run.asked.question, "answer": run.response()? })))
        .collect()
}

/// A question that one query answers.
pub(crate) struct OneQuery<'a> {
    pub(crate) state: &'a State,
    pub(crate) caller: &'a Caller,
    pub(crate) space: &'a Namespace,
    /// The dataset that it is about, if that was said.
    pub(crate) dataset: Option<&'a str>,
    pub(crate) question: &'a str,
    pub(crate) instructions: Option<&'a str>,
    pub(crate) model: Option<&'a str>,
}

impl OneQuery<'_> {
    /// The query for it, as the model writes it. One that cannot be run is objected to.
    pub(crate) async fn ask(&self, asker: &Asker<'_>) -> Result<Query, ModelError> {
        let material = {
            let store = read(&self.state.store);
            json!({
                "question": self.question,
                "dataset": self.dataset.map(|name| self.space.dataset(name).to_string()),
                "instructions": self.instructions,
                "data": catalog(Sight::new(&store, self.caller), self.space),
            })
        };
        let task = format!(
            "You write the query that answers a question. Answer as {{\"query\": \"...\"}}.\n{LANGUAGE}"
        );
        let prompt = Prompt::new("query", &task, material.to_string()).model(self.model);
        asker
            .ask(prompt, |json| {
                let said: QuerySaid = said(json)?;
                let query = query::parse(&said.query).map_err(|error| error.to_string())?;
                let store = read(&self.state.store);
                query::run(Sight::new(&store, self.caller), &query, self.space)
                    .map(|_| query)
                    .map_err(|error| error.to_string())
            })
            .await
    }
}
