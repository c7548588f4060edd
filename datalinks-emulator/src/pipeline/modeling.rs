//! The stages of modeling: from the rows to the plan of the datasets.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::value::to_raw_value;

use super::coalesce::{coalesce, normalise};
use super::expand::expand;
use super::failure::Failure;
use super::job::PipelineJob;
use super::prompt;
use super::question::Question;
use super::review::{describe, evaluate};
use super::rule::{self, RulePlan};
use super::stage::Stage;
use super::transition::{Transition, spend, transition};
use crate::accounts::CallerView;
use crate::ask::catalog;
use crate::concurrency::lock::read;
use crate::concurrency::work::background;
use crate::models::ModelSession;
use crate::resources::Resources;
use crate::response::Problem;
use crate::store::Store;

#[derive(Serialize)]
struct Started<'a> {
    namespace: &'a str,
    rows: usize,
}

#[derive(Serialize)]
struct Received<'a> {
    rows: usize,
    columns: Vec<&'a str>,
}

#[derive(Serialize)]
struct Skipped {
    model: bool,
}

/// The datasets in an event: their names or their plans.
#[derive(Serialize)]
struct Datasets<T> {
    datasets: T,
}

#[derive(Serialize)]
struct PromptFacts<'a> {
    prompt: &'a str,
    confidence: f64,
}

#[derive(Serialize)]
struct QuestionEvent<'a> {
    question: &'a str,
}

#[derive(Serialize)]
struct Exploded<'a> {
    columns: &'a [String],
    /// The number of items from each array column.
    items: BTreeMap<String, usize>,
    derived: Vec<&'a str>,
}

#[derive(Serialize)]
struct Described<'a> {
    descriptions: BTreeMap<&'a str, &'a str>,
}

#[derive(Serialize)]
struct Evaluated<'a> {
    approved: bool,
    reasons: &'a str,
    evaluations: usize,
    again: bool,
}

/// Starts a run.
pub(super) async fn start(resources: &Arc<Resources>, job: PipelineJob) -> Transition {
    let (store, own) = (resources.snapshot(), job.clone());
    let ((explode, plan), columns) = background(move || {
        let columns: Vec<String> = own.column_names().into_iter().map(str::to_owned).collect();
        (rule::single_dataset(&own.rows, is_taken(&store, &own)), columns)
    })
    .await;
    transition(move |context| {
        let rows = job.rows.len();
        context.emit("emulator.started", Started { namespace: &job.namespace.name, rows });
        let columns = columns.iter().map(String::as_str).collect();
        context.emit("emulator.received", Received { rows, columns });
        let known = &mut context.progress.job.known;
        (known.explode, known.plan) = (explode, plan);
        if job.switches.model && rows > 0 {
            context.progress.stage = Stage::Base;
            return;
        }
        context.emit("emulator.modelingSkipped", Skipped { model: job.switches.model });
        let is_predefined = job.predefined_schema.is_some();
        context.progress.stage = if is_predefined { Stage::Predefined } else { Stage::Preview };
    })
}

/// Returns a predicate that is `true` for names of existing datasets in the namespace.
fn is_taken<'a>(store: &'a Store, job: &'a PipelineJob) -> impl Fn(&str) -> bool + 'a {
    |name| store.dataset(&job.namespace.dataset(name)).is_some()
}

/// Loads the schemas of the namespace.
pub(super) fn base(resources: &Resources, job: &PipelineJob) -> Result<Transition, Failure> {
    let (names, base) = {
        let store = read(&resources.store);
        let catalog = catalog(CallerView::new(&store, &job.caller), &job.namespace);
        let base = to_raw_value(&catalog)
            .map_err(|error| Problem::internal(format!("the schemas cannot be written: {error}")))?;
        (catalog.names(), base)
    };
    Ok(transition(move |context| {
        context.emit("emulator.schemas", Datasets { datasets: names });
        context.progress.job.known.base = Some(base);
        context.progress.job.known.plan.clear();
        context.progress.stage = Stage::Prompt;
    }))
}

/// Does all of modeling by a rule.
pub(super) async fn by_rule(resources: &Arc<Resources>, job: &PipelineJob) -> Result<Transition, Failure> {
    let (store, own) = (resources.snapshot(), job.clone());
    let ruled = background(move || {
        let predefined = own.predefined();
        if predefined.is_empty() {
            rule::split(&own.rows, is_taken(&store, &own))
        } else {
            rule::predefined(&own.rows, &predefined)
        }
    })
    .await?;
    let note = "a model would design datasets here; a rule made one of the rows, one of the items of each column \
                that holds arrays of objects, or those that were predefined";
    Ok(scripted(resources, job, ("emulator.modeling", note), ruled))
}

/// Continues after modeling with the datasets of a rule.
fn scripted(
    resources: &Arc<Resources>,
    job: &PipelineJob,
    (kind, note): (&'static str, &'static str),
    ruled: RulePlan,
) -> Transition {
    let spend = spend(resources, job, note);
    let next = after_modeling(job);
    transition(move |context| {
        spend();
        let (explode, plan) = ruled;
        let datasets: Vec<&str> = plan.iter().map(|dataset| dataset.name.as_str()).collect();
        context.emit_scripted(kind, note, Datasets { datasets });
        let known = &mut context.progress.job.known;
        (known.explode, known.plan) = (explode, plan);
        context.progress.stage = next;
    })
}

/// Returns the stage after modeling. Predefined datasets without modeling are ingested without a preview.
fn after_modeling(job: &PipelineJob) -> Stage {
    if job.predefined_schema.is_some() && !job.switches.model { Stage::Ingest } else { Stage::Preview }
}

/// Assigns columns to the predefined datasets.
pub(super) async fn predefined(
    resources: &Arc<Resources>,
    job: &PipelineJob,
    session: Option<&ModelSession<'_>>,
) -> Result<Transition, Failure> {
    let predefined = job.predefined();
    let Some(session) = session.filter(|_| !job.rows.is_empty()) else {
        let note =
            "a model would find the columns of the predefined datasets here; a rule went by their names";
        let own = job.clone();
        let ruled = background(move || rule::predefined(&own.rows, &own.predefined())).await?;
        return Ok(scripted(resources, job, ("emulator.normalised", note), ruled));
    };
    let mut job = job.clone();
    let own = job.clone();
    job.known.explode = background(move || rule::arrays(&own.rows, &own.predefined())).await;
    let plan = normalise(&job, &job.levels().await?, &predefined, session).await?;
    let next = after_modeling(&job);
    Ok(transition(move |context| {
        context.emit("emulator.normalised", Datasets { datasets: &plan });
        let known = &mut context.progress.job.known;
        (known.explode, known.plan) = (job.known.explode, plan);
        context.progress.stage = next;
    }))
}

/// Refines the prompt, and asks a person if the model is unsure.
pub(super) async fn refine(job: PipelineJob, session: &ModelSession<'_>) -> Result<Transition, Failure> {
    let refined = prompt::refine(&job, session).await?;
    Ok(transition(move |context| {
        let facts = PromptFacts { prompt: &refined.prompt, confidence: refined.confidence };
        context.emit("emulator.prompt", facts);
        match refined.question(&job) {
            Some(question) => {
                let asked = Question::Clarification(question.clone());
                context.question(asked, QuestionEvent { question: &question });
            }
            None => {
                context.progress.job.known.prompt = Some(refined.prompt);
                context.progress.stage = Stage::Explode;
            }
        }
    }))
}

/// Decides which arrays are opened and which columns are new.
pub(super) async fn expand_rows(job: PipelineJob, session: &ModelSession<'_>) -> Result<Transition, Failure> {
    let (expansion, levels) = expand(&job, session).await?;
    let items = levels.iter().filter_map(|(_, own)| Some((own.array.clone()?, own.records.len())));
    let items: BTreeMap<String, usize> = items.collect();
    Ok(transition(move |context| {
        let derived = expansion.derive.iter().map(|own| own.name.as_str()).collect();
        context.emit("emulator.exploded", Exploded { columns: &expansion.explode, items, derived });
        let known = &mut context.progress.job.known;
        (known.explode, known.derived) = (expansion.explode, expansion.derive);
        context.progress.stage = Stage::Coalesce;
    }))
}

/// Groups the columns into datasets.
pub(super) async fn group(job: PipelineJob, session: &ModelSession<'_>) -> Result<Transition, Failure> {
    let plan = coalesce(&job, &job.levels().await?, session).await?;
    Ok(transition(move |context| {
        context.emit("emulator.coalesced", Datasets { datasets: &plan });
        context.progress.job.known.plan = plan;
        context.progress.stage = Stage::Describe;
    }))
}

/// Describes the datasets.
pub(super) async fn describe_all(
    job: PipelineJob,
    session: &ModelSession<'_>,
) -> Result<Transition, Failure> {
    let plan = describe(&job, &job.levels().await?, session).await?;
    Ok(transition(move |context| {
        let descriptions = plan.iter().map(|own| (own.name.as_str(), own.described())).collect();
        context.emit("emulator.described", Described { descriptions });
        context.progress.job.known.plan = plan;
        context.progress.stage = Stage::Evaluate;
    }))
}

/// Evaluates the datasets, and restarts with the prompt if they are not approved.
pub(super) async fn judge(job: PipelineJob, session: &ModelSession<'_>) -> Result<Transition, Failure> {
    let evaluation = evaluate(&job, &job.levels().await?, session).await?;
    Ok(transition(move |context| {
        let job = &mut context.progress.job;
        job.known.evaluations = job.known.evaluations.saturating_add(1);
        let again = !evaluation.approved && job.known.evaluations <= job.eval_retries;
        let evaluated = Evaluated {
            approved: evaluation.approved,
            reasons: &evaluation.reasons,
            evaluations: job.known.evaluations,
            again,
        };
        context.emit("emulator.evaluated", evaluated);
        if again {
            context.progress.job.restart_modeling(evaluation.reasons);
        }
        context.progress.stage = if again { Stage::Prompt } else { Stage::Preview };
    }))
}
