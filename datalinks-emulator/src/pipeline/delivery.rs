//! The stages after modeling: preview, ingestion and ontology.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::extract::extract;
use super::failure::Failure;
use super::job::PipelineJob;
use super::levels::{Levels, PlanError};
use super::plan::DatasetPlan;
use super::progress::RunContext;
use super::project::Projection;
use super::question::Question;
use super::review::Samples;
use super::stage::Stage;
use super::transition::{Transition, spend, transition};
use super::{ingest, ontology};
use crate::accounts::CallerView;
use crate::concurrency::lock::write;
use crate::concurrency::work::background;
use crate::models::ModelSession;
use crate::resources::Resources;
use crate::response::Problem;
use crate::store::Right;
use crate::store::column_profile::columns;

/// The facts of a preview event.
#[derive(Serialize)]
struct Sampled {
    samples: Samples,
}

#[derive(Serialize)]
struct Schema {
    datasets: Vec<DatasetSchema>,
}

#[derive(Serialize)]
struct DatasetSchema {
    name: String,
    description: String,
    identifier: Option<String>,
    rows: usize,
    /// The kinds of values in each column.
    columns: BTreeMap<String, Vec<&'static str>>,
}

/// The datasets that a person is to review.
#[derive(Serialize)]
struct Reviewed {
    datasets: Vec<Named>,
}

#[derive(Serialize)]
struct Named {
    name: String,
    columns: Vec<String>,
}

#[derive(Serialize)]
struct NoFacts {}

/// The switch that turned a phase off, always `false`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum SwitchedOff {
    Ingest(bool),
    Ontology(bool),
}

impl SwitchedOff {
    const INGEST: Self = Self::Ingest(false);
    const ONTOLOGY: Self = Self::Ontology(false);
}

#[derive(Serialize)]
struct Ingesting<'a> {
    namespace: &'a str,
    datasets: Vec<&'a str>,
}

#[derive(Serialize)]
struct Linked {
    links: usize,
    added: Vec<ontology::LinkReport>,
}

/// The result of a run.
#[derive(Serialize)]
struct Outcome {
    rows: usize,
    indexed: usize,
    datasets: Vec<CreatedDataset>,
    /// The namespace and name of the first dataset, if the run created any.
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dataset: Option<String>,
}

#[derive(Serialize)]
struct CreatedDataset {
    dataset: String,
    rows: usize,
}

/// Reports samples of the datasets, and asks a person for a review if the request says so.
pub(super) async fn preview(
    job: &PipelineJob,
    session: Option<&ModelSession<'_>>,
) -> Result<Transition, Failure> {
    let mut levels = job.levels().await?;
    if let Some(session) = session {
        extract(job, &mut levels, session, job.sample).await?;
    }
    let own = job.clone();
    let (schema, samples) = background(move || preview_of(&own, &levels)).await?;
    let named = |own: &DatasetPlan| Named {
        name: own.name.clone(),
        columns: own.column_names().into_iter().map(str::to_owned).collect(),
    };
    let names: Vec<Named> = job.known.plan.iter().map(named).collect();
    let asks = job.switches.ask_human;
    Ok(transition(move |context| {
        context.emit("emulator.sampled", Sampled { samples });
        context.emit("emulator.schema", schema);
        context.progress.stage = Stage::Ingest;
        if asks {
            context.question(Question::SchemaReview, Reviewed { datasets: names });
        }
    }))
}

/// Returns the schemas of all datasets and samples of their rows.
fn preview_of(job: &PipelineJob, levels: &Levels) -> Result<(Schema, Samples), PlanError> {
    let plan = &job.known.plan;
    let mut datasets: Vec<DatasetSchema> = Vec::new();
    let projection = Projection::new(levels, plan);
    let mut samples = Samples::new();
    for dataset in plan {
        let mut rows = projection.rows(dataset)?;
        let kinds = columns(&rows).into_iter().map(|column| (column.name.to_owned(), column.kinds));
        datasets.push(DatasetSchema {
            name: dataset.name.clone(),
            description: dataset.described().to_owned(),
            identifier: dataset.identifier.clone(),
            rows: rows.len(),
            columns: kinds.collect(),
        });
        rows.truncate(job.sample);
        samples.insert(dataset.name.clone(), rows);
    }
    Ok((Schema { datasets }, samples))
}

/// Checks that the token of the run is still valid. Otherwise returns a transition that asks a person for another
/// token, or an error if no person is to be asked.
fn check_token(resources: &Resources, job: &PipelineJob) -> Result<Option<Transition>, Failure> {
    if resources.accounts.is_valid(&job.caller, resources.clock.now()) {
        return Ok(None);
    }
    if !job.switches.ask_human {
        let expired =
            "the token that started the run is no longer valid; start the run again with another token";
        return Err(Problem::unauthorized(expired).into());
    }
    Ok(Some(transition(|context| context.question(Question::TokenRefresh, NoFacts {}))))
}

/// Creates the datasets with all rows.
pub(super) async fn ingest_all(
    resources: &Arc<Resources>,
    job: PipelineJob,
    session: Option<&ModelSession<'_>>,
) -> Result<Transition, Failure> {
    if !job.switches.ingest {
        return Ok(transition(|context| {
            context.emit("emulator.ingestSkipped", SwitchedOff::INGEST);
            context.progress.stage = Stage::Ontology;
        }));
    }
    if let Some(question) = check_token(resources, &job)? {
        return Ok(question);
    }
    let ready = ingest::prepare(&job, session).await?;
    let resources = Arc::clone(resources);
    Ok(Box::new(move |context| {
        let mut store = write(&resources.store);
        CallerView::new(&store, &job.caller).check_all(&job.namespace, Right::Write)?;
        let made = ingest::store(&mut store, &job, ready)?;
        let datasets = made.iter().map(|(name, _)| name.name.as_str()).collect();
        context.emit("emulator.ingesting", Ingesting { namespace: &job.namespace.name, datasets });
        context.progress.job.known.made = made;
        let outcome = Outcome::of(&context.progress.job);
        context.emit("emulator.ingested", outcome);
        context.progress.stage = Stage::Ontology;
        Ok(())
    }))
}

/// Links the datasets and ends the run.
pub(super) async fn link_all(
    resources: &Arc<Resources>,
    job: PipelineJob,
    session: Option<&ModelSession<'_>>,
) -> Result<Transition, Failure> {
    let skipped =
        [(SwitchedOff::ONTOLOGY, job.switches.ontology), (SwitchedOff::INGEST, job.switches.ingest)];
    if let Some((switch, _)) = skipped.into_iter().find(|(_, is_on)| !is_on) {
        return Ok(transition(move |context| {
            context.emit("emulator.ontologySkipped", switch);
            complete(context);
        }));
    }
    if let Some(question) = check_token(resources, &job)? {
        return Ok(question);
    }
    let judged = match session {
        None => None,
        Some(session) => Some(ontology::by_model(resources, &job, session).await?),
    };
    let by_rule = judged.is_none();
    let (snapshot, own) = (resources.snapshot(), job.clone());
    let links = background(move || ontology::with_reports(&snapshot, &own, judged.unwrap_or_default())).await;
    let note = "a model would judge columns of other names (level 3) here; none of them was linked";
    let spend = spend(resources, &job, note);
    let resources = Arc::clone(resources);
    Ok(Box::new(move |context| {
        let mut store = write(&resources.store);
        let mut added = Vec::with_capacity(links.len());
        for (link, report) in links {
            // A dataset may have been deleted since the links were computed.
            if store.has_column(&link.from) && store.has_column(&link.to) && store.add_link(link)? {
                added.push(report);
            }
        }
        let facts = Linked { links: added.len(), added };
        let known = &mut context.progress.job.known;
        known.links = known.links.saturating_add(facts.links);
        if by_rule {
            spend();
            context.emit_scripted("emulator.ontology", note, facts);
        } else {
            context.emit("emulator.ontology", facts);
        }
        complete(context);
        Ok(())
    }))
}

fn complete(context: &mut RunContext<'_>) {
    let outcome = Outcome::of(&context.progress.job);
    context.end("complete", outcome);
}

impl Outcome {
    fn of(job: &PipelineJob) -> Self {
        let made = &job.known.made;
        let first = made.first().map(|(name, _)| name);
        Self {
            rows: job.rows.len(),
            indexed: made.iter().map(|(_, rows)| *rows).fold(0, usize::saturating_add),
            datasets: made
                .iter()
                .map(|(name, rows)| CreatedDataset { dataset: name.name.clone(), rows: *rows })
                .collect(),
            namespace: first.map(|name| name.namespace.clone()),
            dataset: first.map(|name| name.name.clone()),
        }
    }
}
