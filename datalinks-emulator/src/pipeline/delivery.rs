//! The stages after modeling: preview, ingestion and ontology.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::extract::extract;
use super::failure::Failure;
use super::levels::{Levels, Unfit};
use super::project::Projection;
use super::question::Question;
use super::review::Samples;
use super::run::Teller;
use super::stage::{Stage, Turn, spend, turn};
use super::{Job, ingest, ontology};
use crate::access::Sight;
use crate::lock::write;
use crate::models::Asker;
use crate::problem::Problem;
use crate::seen::columns;
use crate::state::State;
use crate::store::Right;
use crate::work::background;

/// The facts of a preview.
#[derive(Serialize)]
struct Sampled {
    samples: Samples,
}

/// Shows samples of the datasets, and asks a person for a review.
pub(super) async fn preview(job: &Job, asker: Option<&Asker<'_>>) -> Result<Turn, Failure> {
    let mut levels = job.levels().await?;
    if let Some(asker) = asker {
        extract(job, &mut levels, asker, job.sample).await?;
    }
    let own = job.clone();
    let (schema, samples) = background(move || preview_of(&own, &levels)).await?;
    let names = job.known.plan.iter().map(|own| json!({ "name": own.name, "columns": own.column_names() }));
    let names: Vec<Value> = names.collect();
    let asks = job.switches.ask_human;
    Ok(turn(move |teller| {
        teller.tell("emulator.sampled", Sampled { samples });
        teller.tell("emulator.schema", json!({ "datasets": schema }));
        teller.progress.stage = Stage::Ingest;
        if asks {
            teller.question(Question::SchemaReview, json!({ "datasets": names }));
        }
    }))
}

/// The schemas of all datasets, and their first rows.
fn preview_of(job: &Job, levels: &Levels) -> Result<(Vec<Value>, Samples), Unfit> {
    let plan = &job.known.plan;
    let mut schema: Vec<Value> = Vec::new();
    let projection = Projection::new(levels, plan);
    let mut samples = Samples::new();
    for dataset in plan {
        let mut rows = projection.rows(dataset)?;
        let kinds = columns(&rows).into_iter().map(|column| (column.name.to_owned(), json!(column.kinds)));
        schema.push(json!({
            "name": dataset.name,
            "description": dataset.described(),
            "identifier": dataset.identifier,
            "rows": rows.len(),
            "columns": kinds.collect::<Map<String, Value>>(),
        }));
        rows.truncate(job.sample);
        samples.insert(dataset.name.clone(), rows);
    }
    Ok((schema, samples))
}

/// `None`: the token of the run is still valid. Where it is not, a person is asked for another.
fn let_in(state: &State, job: &Job) -> Result<Option<Turn>, Failure> {
    if state.accounts.is_valid(&job.caller, state.clock.now()) {
        return Ok(None);
    }
    if !job.switches.ask_human {
        let expired =
            "the token that the run was started with is not valid any more; start it again with another one";
        return Err(Problem::unauthorized(expired).into());
    }
    Ok(Some(turn(|teller| teller.question(Question::TokenRefresh, json!({})))))
}

/// Makes the datasets, with all rows.
pub(super) async fn ingest_all(
    state: &Arc<State>,
    job: Job,
    asker: Option<&Asker<'_>>,
) -> Result<Turn, Failure> {
    if !job.switches.ingest {
        return Ok(turn(|teller| {
            teller.tell("emulator.ingestSkipped", json!({ "ingest": false }));
            teller.progress.stage = Stage::Ontology;
        }));
    }
    if let Some(question) = let_in(state, &job)? {
        return Ok(question);
    }
    let ready = ingest::prepare(&job, asker).await?;
    let state = Arc::clone(state);
    Ok(Box::new(move |teller| {
        let mut store = write(&state.store);
        Sight::new(&store, &job.caller).check_all(&job.namespace, Right::Write)?;
        let made = ingest::store(&mut store, &job, ready)?;
        let names: Vec<&String> = made.iter().map(|(name, _)| &name.name).collect();
        teller.tell("emulator.ingesting", json!({ "namespace": job.namespace.name, "datasets": names }));
        teller.progress.job.known.made = made;
        let facts = facts(&teller.progress.job);
        teller.tell("emulator.ingested", facts);
        teller.progress.stage = Stage::Ontology;
        Ok(())
    }))
}

/// Links the datasets, and ends the run.
pub(super) async fn link_all(
    state: &Arc<State>,
    job: Job,
    asker: Option<&Asker<'_>>,
) -> Result<Turn, Failure> {
    let skipped = [("ontology", job.switches.ontology), ("ingest", job.switches.ingest)];
    if let Some((switch, _)) = skipped.into_iter().find(|(_, is_on)| !is_on) {
        return Ok(turn(move |teller| {
            teller.tell("emulator.ontologySkipped", json!({ switch: false }));
            complete(teller);
        }));
    }
    if let Some(question) = let_in(state, &job)? {
        return Ok(question);
    }
    let judged = match asker {
        None => None,
        Some(asker) => Some(ontology::by_model(state, &job, asker).await?),
    };
    let by_rule = judged.is_none();
    let (snapshot, own) = (state.snapshot(), job.clone());
    let links = background(move || ontology::found(&snapshot, &own, judged.unwrap_or_default())).await;
    let note = "a model would judge columns of other names (level 3) here; none of them was linked";
    let spend = spend(state, &job, note);
    let state = Arc::clone(state);
    Ok(Box::new(move |teller| {
        let mut store = write(&state.store);
        let mut added = Vec::with_capacity(links.len());
        for (link, told) in links {
            // A dataset may be gone since it was looked at.
            if store.has_column(&link.from) && store.has_column(&link.to) && store.add_link(link)? {
                added.push(told);
            }
        }
        teller.progress.job.known.links += added.len();
        let facts = json!({ "links": added.len(), "added": added });
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
    let facts = facts(&teller.progress.job);
    teller.end("complete", facts);
}

/// What a run came to.
fn facts(job: &Job) -> Value {
    let made = &job.known.made;
    let datasets = made.iter().map(|(name, rows)| json!({ "dataset": name.name, "rows": rows }));
    let mut facts = json!({
        "rows": job.rows.len(),
        "indexed": made.iter().map(|(_, rows)| rows).sum::<usize>(),
        "datasets": datasets.collect::<Vec<_>>(),
    });
    if let Some((first, _)) = made.first() {
        facts["namespace"] = first.namespace.clone().into();
        facts["dataset"] = first.name.clone().into();
    }
    facts
}
