//! The stages of modeling: from the rows to the datasets that are to be made.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::value::to_raw_value;

use super::coalesce::{coalesce, normalise};
use super::expand::expand;
use super::failure::Failure;
use super::job::Job;
use super::prompt;
use super::question::Question;
use super::review::{describe, evaluate};
use super::rule::{self, Ruled};
use super::stage::Stage;
use super::turn::{Turn, spend, turn};
use crate::accounts::Sight;
use crate::ask::catalog;
use crate::concurrency::lock::read;
use crate::concurrency::work::background;
use crate::models::Asker;
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

/// Datasets, by their names or with their plans.
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
struct Asked<'a> {
    question: &'a str,
}

#[derive(Serialize)]
struct Exploded<'a> {
    columns: &'a [String],
    /// The number of items that each array had.
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

/// Begins a run.
pub(super) async fn start(resources: &Arc<Resources>, job: Job) -> Turn {
    let (store, own) = (resources.snapshot(), job.clone());
    let ((explode, plan), columns) = background(move || {
        let columns: Vec<String> = own.column_names().into_iter().map(str::to_owned).collect();
        (rule::as_they_are(&own.rows, is_taken(&store, &own)), columns)
    })
    .await;
    turn(move |teller| {
        let rows = job.rows.len();
        teller.tell("emulator.started", Started { namespace: &job.namespace.name, rows });
        let columns = columns.iter().map(String::as_str).collect();
        teller.tell("emulator.received", Received { rows, columns });
        let known = &mut teller.progress.job.known;
        (known.explode, known.plan) = (explode, plan);
        if job.switches.model && rows > 0 {
            teller.progress.stage = Stage::Base;
            return;
        }
        teller.tell("emulator.modelingSkipped", Skipped { model: job.switches.model });
        let is_predefined = job.predefined_schema.is_some();
        teller.progress.stage = if is_predefined { Stage::Predefined } else { Stage::Preview };
    })
}

/// Whether the namespace has a dataset of a name.
fn is_taken<'a>(store: &'a Store, job: &'a Job) -> impl Fn(&str) -> bool + 'a {
    |name| store.dataset(&job.namespace.dataset(name)).is_some()
}

/// Loads the schemas of the namespace.
pub(super) fn base(resources: &Resources, job: &Job) -> Result<Turn, Failure> {
    let (names, base) = {
        let store = read(&resources.store);
        let catalog = catalog(Sight::new(&store, &job.caller), &job.namespace);
        let base = to_raw_value(&catalog)
            .map_err(|error| Problem::internal(format!("the schemas cannot be written: {error}")))?;
        (catalog.names(), base)
    };
    Ok(turn(move |teller| {
        teller.tell("emulator.schemas", Datasets { datasets: names });
        teller.progress.job.known.base = Some(base);
        teller.progress.job.known.plan.clear();
        teller.progress.stage = Stage::Prompt;
    }))
}

/// The whole of modeling, where there is no model.
pub(super) async fn by_rule(resources: &Arc<Resources>, job: &Job) -> Result<Turn, Failure> {
    let (store, own) = (resources.snapshot(), job.clone());
    let ruled = background(move || {
        let wanted = own.predefined();
        if wanted.is_empty() {
            rule::split(&own.rows, is_taken(&store, &own))
        } else {
            rule::predefined(&own.rows, &wanted)
        }
    })
    .await?;
    let note = "a model would design datasets here; a rule made one of the rows, one of the items of each column \
                that holds arrays of objects, or those that were predefined";
    Ok(scripted(resources, job, ("emulator.modeling", note), ruled))
}

/// Goes on to what follows modeling, with the datasets of a rule.
fn scripted(
    resources: &Arc<Resources>,
    job: &Job,
    (kind, note): (&'static str, &'static str),
    ruled: Ruled,
) -> Turn {
    let spend = spend(resources, job, note);
    let next = after_modeling(job);
    turn(move |teller| {
        spend();
        let (explode, plan) = ruled;
        let datasets: Vec<&str> = plan.iter().map(|dataset| dataset.name.as_str()).collect();
        teller.script(kind, note, Datasets { datasets });
        let known = &mut teller.progress.job.known;
        (known.explode, known.plan) = (explode, plan);
        teller.progress.stage = next;
    })
}

/// Predefined datasets without modeling are ingested straight away.
fn after_modeling(job: &Job) -> Stage {
    if job.predefined_schema.is_some() && !job.switches.model { Stage::Ingest } else { Stage::Preview }
}

/// Finds the columns that belong into the predefined datasets.
pub(super) async fn predefined(
    resources: &Arc<Resources>,
    job: &Job,
    asker: Option<&Asker<'_>>,
) -> Result<Turn, Failure> {
    let wanted = job.predefined();
    let Some(asker) = asker.filter(|_| !job.rows.is_empty()) else {
        let note =
            "a model would find the columns of the predefined datasets here; a rule went by their names";
        let own = job.clone();
        let ruled = background(move || rule::predefined(&own.rows, &own.predefined())).await?;
        return Ok(scripted(resources, job, ("emulator.normalised", note), ruled));
    };
    let mut job = job.clone();
    let own = job.clone();
    job.known.explode = background(move || rule::arrays(&own.rows, &own.predefined())).await;
    let plan = normalise(&job, &job.levels().await?, &wanted, asker).await?;
    let next = after_modeling(&job);
    Ok(turn(move |teller| {
        teller.tell("emulator.normalised", Datasets { datasets: &plan });
        let known = &mut teller.progress.job.known;
        (known.explode, known.plan) = (job.known.explode, plan);
        teller.progress.stage = next;
    }))
}

/// Refines the prompt, and asks a person where the model is not sure of it.
pub(super) async fn refine(job: Job, asker: &Asker<'_>) -> Result<Turn, Failure> {
    let refined = prompt::refine(&job, asker).await?;
    Ok(turn(move |teller| {
        let facts = PromptFacts { prompt: &refined.prompt, confidence: refined.confidence };
        teller.tell("emulator.prompt", facts);
        match refined.question(&job) {
            Some(question) => {
                let asked = Question::Clarification(question.clone());
                teller.question(asked, Asked { question: &question });
            }
            None => {
                teller.progress.job.known.prompt = Some(refined.prompt);
                teller.progress.stage = Stage::Explode;
            }
        }
    }))
}

/// Decides which arrays are opened and which columns are new.
pub(super) async fn expand_rows(job: Job, asker: &Asker<'_>) -> Result<Turn, Failure> {
    let (expansion, levels) = expand(&job, asker).await?;
    let items = levels.iter().filter_map(|(_, own)| Some((own.array.clone()?, own.records.len())));
    let items: BTreeMap<String, usize> = items.collect();
    Ok(turn(move |teller| {
        let derived = expansion.derive.iter().map(|own| own.name.as_str()).collect();
        teller.tell("emulator.exploded", Exploded { columns: &expansion.explode, items, derived });
        let known = &mut teller.progress.job.known;
        (known.explode, known.derived) = (expansion.explode, expansion.derive);
        teller.progress.stage = Stage::Coalesce;
    }))
}

/// Groups the columns into datasets.
pub(super) async fn group(job: Job, asker: &Asker<'_>) -> Result<Turn, Failure> {
    let plan = coalesce(&job, &job.levels().await?, asker).await?;
    Ok(turn(move |teller| {
        teller.tell("emulator.coalesced", Datasets { datasets: &plan });
        teller.progress.job.known.plan = plan;
        teller.progress.stage = Stage::Describe;
    }))
}

/// Says what the datasets are about.
pub(super) async fn describe_all(job: Job, asker: &Asker<'_>) -> Result<Turn, Failure> {
    let plan = describe(&job, &job.levels().await?, asker).await?;
    Ok(turn(move |teller| {
        let descriptions = plan.iter().map(|own| (own.name.as_str(), own.described())).collect();
        teller.tell("emulator.described", Described { descriptions });
        teller.progress.job.known.plan = plan;
        teller.progress.stage = Stage::Evaluate;
    }))
}

/// Lets the datasets through, or begins again with the prompt.
pub(super) async fn judge(job: Job, asker: &Asker<'_>) -> Result<Turn, Failure> {
    let evaluation = evaluate(&job, &job.levels().await?, asker).await?;
    Ok(turn(move |teller| {
        let job = &mut teller.progress.job;
        job.known.evaluations = job.known.evaluations.saturating_add(1);
        let again = !evaluation.approved && job.known.evaluations <= job.eval_retries;
        let evaluated = Evaluated {
            approved: evaluation.approved,
            reasons: &evaluation.reasons,
            evaluations: job.known.evaluations,
            again,
        };
        teller.tell("emulator.evaluated", evaluated);
        if again {
            teller.progress.job.forget_plan(evaluation.reasons);
        }
        teller.progress.stage = if again { Stage::Prompt } else { Stage::Preview };
    }))
}
