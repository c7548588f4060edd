//! The stages of a run, one after the other.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::coalesce::{self, Coalesced, coalesce, merge};
use super::explode::explode;
use super::question::Question;
use super::run::{Run, Teller};
use super::trace::TraceStep;
use super::{Job, ontology};
use crate::access::Sight;
use crate::lock::write;
use crate::models::Asker;
use crate::problem::Problem;
use crate::state::State;
use crate::store::{DatasetName, Definition, InputRow, Right, Store};
use crate::usage::tokens;

/// What a run does next.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Stage {
    Start,
    Explode,
    Coalesce,
    Look,
    Ingest,
    /// With the dataset that the rows went into, if they did.
    Ontology(Option<DatasetName>),
    Over,
}

/// What a stage changes in its run and in the store, all at once.
type Turn = Box<dyn FnOnce(&mut Teller<'_>) -> Result<(), Problem> + Send>;

fn turn(act: impl FnOnce(&mut Teller<'_>) + Send + 'static) -> Turn {
    Box::new(|teller| {
        act(teller);
        Ok(())
    })
}

impl Run {
    /// Carries the run out until it waits for a person, or ends.
    pub(super) async fn go_on(&self, state: &Arc<State>) {
        if !self.claim() {
            return;
        }
        while let Some((stage, job)) = self.due() {
            let user = job.caller.user.clone();
            let asker = Asker::new(state, &user);
            let watch = state.clock.watch();
            let done = step(state, stage.clone(), job, asker.as_ref()).await;
            let told = asker.map(|asker| asker.told()).unwrap_or_default();
            let kept = state.whole(|| {
                self.turn(|teller| {
                    // It may be gone: the state may have been replaced meanwhile.
                    if teller.progress.stage != stage {
                        return;
                    }
                    teller.progress.llm_calls.extend(told.into_iter().map(Into::into));
                    let ms = watch.elapsed().as_secs_f64() * 1000.0;
                    teller.progress.steps.push(TraceStep { name: stage.name().to_owned(), ms });
                    if let Err(problem) = done.and_then(|turn| turn(teller)) {
                        teller.fail(&problem);
                    }
                });
            });
            if let Err(error) = kept {
                state.runs.give_up(self.id(), &error.into());
            }
        }
    }
}

/// Works a stage out. What it changes is changed afterwards.
async fn step(
    state: &Arc<State>,
    stage: Stage,
    job: Job,
    asker: Option<&Asker<'_>>,
) -> Result<Turn, Problem> {
    Ok(match (stage, asker) {
        (Stage::Start, _) => turn(move |teller| start(&job, teller)),
        (Stage::Explode, Some(asker)) => {
            let exploded = explode(&job, asker).await?;
            turn(move |teller| {
                let facts = json!({ "columns": exploded.columns, "rows": exploded.rows.len() });
                teller.tell("emulator.exploded", facts);
                teller.progress.job.rows = exploded.rows;
                teller.progress.stage = Stage::Coalesce;
            })
        }
        (Stage::Explode | Stage::Coalesce, None) => {
            let note = "a model would reshape the rows here; they stay as they are";
            let spend = spend(state, &job, note);
            turn(move |teller| {
                spend();
                teller.script("emulator.modeling", note, json!({}));
                teller.progress.stage = Stage::Look;
            })
        }
        (Stage::Coalesce, Some(asker)) => match coalesce(&job, asker).await? {
            Coalesced::Clarify(question) => turn(move |teller| {
                let facts = json!({ "question": question });
                teller.question(Question::Clarification(question), facts);
            }),
            Coalesced::Columns(merged) => turn(move |teller| {
                teller.tell("emulator.coalesced", json!({ "columns": merged }));
                teller.progress.job.rows = merge(&job.rows, &merged);
                teller.progress.job.descriptions = coalesce::descriptions(&merged);
                teller.progress.stage = Stage::Look;
            }),
        },
        (Stage::Look, _) => turn(move |teller| look(&job, teller)),
        (Stage::Ingest, _) => ingest(state, job)?,
        (Stage::Ontology(Some(new)), Some(asker)) if job.switches.ontology => {
            if let Some(question) = let_in(state, &job)? {
                return Ok(question);
            }
            let links = ontology::links(state, &job, &new, asker).await?;
            let state = Arc::clone(state);
            Box::new(move |teller| {
                let mut store = write(&state.store);
                for link in &links {
                    store.add_link(link.clone())?;
                }
                let added = ontology::told(&store, &links);
                teller.tell("emulator.ontology", json!({ "links": links.len(), "added": added }));
                complete(&job, Some(&new), teller);
                Ok(())
            })
        }
        (Stage::Ontology(new), asker) => {
            let model = asker.is_some();
            let note = "a model would choose links here; none was added";
            let spend = spend(state, &job, note);
            turn(move |teller| {
                if !job.switches.ontology {
                    teller.tell("emulator.ontologySkipped", json!({ "ontology": false }));
                } else if model {
                    teller.tell("emulator.ontologySkipped", json!({ "ingest": false }));
                } else {
                    spend();
                    teller.script("emulator.ontology", note, json!({ "links": 0 }));
                }
                complete(&job, new.as_ref(), teller);
            })
        }
        (Stage::Over, _) => turn(|_| {}),
    })
}

/// Counts what a rule has read and said in the place of a model, once the stage is done: the rows of the sample.
fn spend(state: &Arc<State>, job: &Job, note: &'static str) -> impl FnOnce() + Send + 'static {
    let (state, user) = (Arc::clone(state), job.caller.user.clone());
    let sample: Vec<&InputRow<'_>> = job.rows.iter().take(job.sample).collect();
    let shown = serde_json::to_string(&sample).unwrap_or_default();
    let tokens = tokens(&shown) + tokens(note);
    move || state.usage.add(&user, state.clock.now(), tokens)
}

/// `None`: the token of the run is still valid. Where it is not, a person is asked for another.
fn let_in(state: &State, job: &Job) -> Result<Option<Turn>, Problem> {
    if state.accounts.is_valid(&job.caller, state.clock.now()) {
        return Ok(None);
    }
    if !job.switches.ask_human {
        return Err(Problem::unauthorized(
            "the token that the run was started with is not valid any more; start it again with another one",
        ));
    }
    Ok(Some(turn(|teller| teller.question(Question::TokenRefresh, json!({})))))
}

fn ingest(state: &Arc<State>, job: Job) -> Result<Turn, Problem> {
    if !job.switches.ingest {
        return Ok(turn(|teller| {
            teller.tell("emulator.ingestSkipped", json!({ "ingest": false }));
            teller.progress.stage = Stage::Ontology(None);
        }));
    }
    if let Some(question) = let_in(state, &job)? {
        return Ok(question);
    }
    let state = Arc::clone(state);
    Ok(Box::new(move |teller| {
        let mut kept = write(&state.store);
        Sight::new(&kept, &job.caller).check_all(&job.namespace, Right::Write)?;
        let name = store(&mut kept, &job);
        teller.tell("emulator.ingesting", json!({ "namespace": name.namespace, "dataset": name.name }));
        teller.tell("emulator.ingested", facts(&job, Some(&name)));
        teller.progress.stage = Stage::Ontology(Some(name));
        Ok(())
    }))
}

impl Stage {
    fn name(&self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Explode => "explosion",
            Self::Coalesce => "coalescence",
            Self::Look => "look",
            Self::Ingest => "ingest",
            Self::Ontology(_) => "ontology",
            Self::Over => "over",
        }
    }
}

fn start(job: &Job, teller: &mut Teller<'_>) {
    let rows = job.rows.len();
    teller.tell("emulator.started", json!({ "namespace": job.namespace.name, "rows": rows }));
    teller.tell("emulator.received", json!({ "rows": rows, "columns": job.column_names() }));
    teller.progress.stage = if job.switches.model && rows > 0 {
        Stage::Explode
    } else {
        teller.tell("emulator.modelingSkipped", json!({ "model": job.switches.model }));
        Stage::Look
    };
}

fn look(job: &Job, teller: &mut Teller<'_>) {
    let sample = job.rows.iter().take(job.sample).collect::<Vec<_>>();
    teller.tell("emulator.sampled", json!({ "sample": sample }));
    teller.tell("emulator.schema", json!({ "columns": job.kinds(), "descriptions": job.descriptions }));
    teller.progress.stage = Stage::Ingest;
    if job.switches.ask_human {
        teller.question(Question::SchemaReview, json!({ "columns": job.column_names() }));
    }
}

fn complete(job: &Job, dataset: Option<&DatasetName>, teller: &mut Teller<'_>) {
    teller.end("complete", facts(job, dataset));
}

/// What a run came to.
fn facts(job: &Job, dataset: Option<&DatasetName>) -> Value {
    let rows = job.rows.len();
    match dataset {
        None => json!({ "rows": rows, "indexed": 0 }),
        Some(name) => {
            json!({ "rows": rows, "indexed": rows, "namespace": name.namespace, "dataset": name.name })
        }
    }
}

/// Stores the rows in a new dataset of the namespace.
fn store(store: &mut Store, job: &Job) -> DatasetName {
    let described = job.descriptions.iter().next().is_some();
    let definition = Definition {
        schema_definition: described.then(|| job.descriptions.clone()),
        ..Definition::default()
    };
    let mut number = 1u64;
    loop {
        let name = job.namespace.dataset(format!("pipeline_{number}"));
        if store.create(name.clone(), definition.clone()).is_ok() {
            if let Ok(dataset) = store.find_mut(&name) {
                let rows: Vec<InputRow<'static>> = job.rows.as_ref().clone();
                dataset.append(rows);
            }
            return name;
        }
        number += 1;
    }
}
