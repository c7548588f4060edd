//! The stages after modeling: preview, ingestion and ontology.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::extract::extract;
use super::failure::Failure;
use super::job::Job;
use super::levels::{Levels, Unfit};
use super::plan::DatasetPlan;
use super::progress::Teller;
use super::project::Projection;
use super::question::Question;
use super::review::Samples;
use super::stage::Stage;
use super::turn::{Turn, spend, turn};
use super::{ingest, ontology};
use crate::accounts::Sight;
use crate::concurrency::lock::write;
use crate::concurrency::work::background;
use crate::models::Asker;
use crate::resources::Resources;
use crate::response::Problem;
use crate::store::Right;
use crate::store::seen::columns;

/// The facts of a preview.
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
    /// The kinds of values of each column.
    columns: BTreeMap<String, Vec<&'static str>>,
}

/// What a person is to review.
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

/// A phase that its switch has turned off: `false`, by the name of the switch.
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
    added: Vec<ontology::Told>,
}

/// What a run came to.
#[derive(Serialize)]
struct Outcome {
    rows: usize,
    indexed: usize,
    datasets: Vec<Made>,
    /// The first dataset, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dataset: Option<String>,
}

#[derive(Serialize)]
struct Made {
    dataset: String,
    rows: usize,
}

/// Shows samples of the datasets, and asks a person for a review.
pub(super) async fn preview(job: &Job, asker: Option<&Asker<'_>>) -> Result<Turn, Failure> {
    let mut levels = job.levels().await?;
    if let Some(asker) = asker {
        extract(job, &mut levels, asker, job.sample).await?;
    }
    let own = job.clone();
    let (schema, samples) = background(move || preview_of(&own, &levels)).await?;
    let named = |own: &DatasetPlan| Named {
        name: own.name.clone(),
        columns: own.column_names().into_iter().map(str::to_owned).collect(),
    };
    let names: Vec<Named> = job.known.plan.iter().map(named).collect();
    let asks = job.switches.ask_human;
    Ok(turn(move |teller| {
        teller.tell("emulator.sampled", Sampled { samples });
        teller.tell("emulator.schema", schema);
        teller.progress.stage = Stage::Ingest;
        if asks {
            teller.question(Question::SchemaReview, Reviewed { datasets: names });
        }
    }))
}

/// The schemas of all datasets, and their first rows.
fn preview_of(job: &Job, levels: &Levels) -> Result<(Schema, Samples), Unfit> {
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

/// `None`: the token of the run is still valid. Where it is not, a person is asked for another.
fn let_in(resources: &Resources, job: &Job) -> Result<Option<Turn>, Failure> {
    if resources.accounts.is_valid(&job.caller, resources.clock.now()) {
        return Ok(None);
    }
    if !job.switches.ask_human {
        let expired =
            "the token that the run was started with is not valid any more; start it again with another one";
        return Err(Problem::unauthorized(expired).into());
    }
    Ok(Some(turn(|teller| teller.question(Question::TokenRefresh, NoFacts {}))))
}

/// Makes the datasets, with all rows.
pub(super) async fn ingest_all(
    resources: &Arc<Resources>,
    job: Job,
    asker: Option<&Asker<'_>>,
) -> Result<Turn, Failure> {
    if !job.switches.ingest {
        return Ok(turn(|teller| {
            teller.tell("emulator.ingestSkipped", SwitchedOff::INGEST);
            teller.progress.stage = Stage::Ontology;
        }));
    }
    if let Some(question) = let_in(resources, &job)? {
        return Ok(question);
    }
    let ready = ingest::prepare(&job, asker).await?;
    let resources = Arc::clone(resources);
    Ok(Box::new(move |teller| {
        let mut store = write(&resources.store);
        Sight::new(&store, &job.caller).check_all(&job.namespace, Right::Write)?;
        let made = ingest::store(&mut store, &job, ready)?;
        let datasets = made.iter().map(|(name, _)| name.name.as_str()).collect();
        teller.tell("emulator.ingesting", Ingesting { namespace: &job.namespace.name, datasets });
        teller.progress.job.known.made = made;
        let outcome = Outcome::of(&teller.progress.job);
        teller.tell("emulator.ingested", outcome);
        teller.progress.stage = Stage::Ontology;
        Ok(())
    }))
}

/// Links the datasets, and ends the run.
pub(super) async fn link_all(
    resources: &Arc<Resources>,
    job: Job,
    asker: Option<&Asker<'_>>,
) -> Result<Turn, Failure> {
    let skipped =
        [(SwitchedOff::ONTOLOGY, job.switches.ontology), (SwitchedOff::INGEST, job.switches.ingest)];
    if let Some((switch, _)) = skipped.into_iter().find(|(_, is_on)| !is_on) {
        return Ok(turn(move |teller| {
            teller.tell("emulator.ontologySkipped", switch);
            complete(teller);
        }));
    }
    if let Some(question) = let_in(resources, &job)? {
        return Ok(question);
    }
    let judged = match asker {
        None => None,
        Some(asker) => Some(ontology::by_model(resources, &job, asker).await?),
    };
    let by_rule = judged.is_none();
    let (snapshot, own) = (resources.snapshot(), job.clone());
    let links = background(move || ontology::found(&snapshot, &own, judged.unwrap_or_default())).await;
    let note = "a model would judge columns of other names (level 3) here; none of them was linked";
    let spend = spend(resources, &job, note);
    let resources = Arc::clone(resources);
    Ok(Box::new(move |teller| {
        let mut store = write(&resources.store);
        let mut added = Vec::with_capacity(links.len());
        for (link, told) in links {
            // A dataset may be gone since it was looked at.
            if store.has_column(&link.from) && store.has_column(&link.to) && store.add_link(link)? {
                added.push(told);
            }
        }
        let facts = Linked { links: added.len(), added };
        let known = &mut teller.progress.job.known;
        known.links = known.links.saturating_add(facts.links);
        if by_rule {
            spend();
            teller.script("emulator.ontology", note, facts);
        } else {
            teller.tell("emulator.ontology", facts);
        }
        complete(teller);
        Ok(())
    }))
}

fn complete(teller: &mut Teller<'_>) {
    let outcome = Outcome::of(&teller.progress.job);
    teller.end("complete", outcome);
}

impl Outcome {
    fn of(job: &Job) -> Self {
        let made = &job.known.made;
        let first = made.first().map(|(name, _)| name);
        Self {
            rows: job.rows.len(),
            indexed: made.iter().map(|(_, rows)| *rows).fold(0, usize::saturating_add),
            datasets: made
                .iter()
                .map(|(name, rows)| Made { dataset: name.name.clone(), rows: *rows })
                .collect(),
            namespace: first.map(|name| name.namespace.clone()),
            dataset: first.map(|name| name.name.clone()),
        }
    }
}
