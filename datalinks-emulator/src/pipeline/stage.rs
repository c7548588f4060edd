//! The stages of a run, one after the other.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Job;
use super::coalesce::{coalesce, normalise};
use super::expand::expand;
use super::extract::extract;
use super::failure::Failure;
use super::question::Question;
use super::review::{describe, evaluate, samples};
use super::rule::{self, Ruled};
use super::run::{Run, Teller};
use super::trace::TraceStep;
use super::{ingest, ontology, prompt};
use crate::access::Sight;
use crate::ask::catalog;
use crate::lock::{read, write};
use crate::models::Asker;
use crate::problem::Problem;
use crate::seen::columns;
use crate::state::State;
use crate::store::{InputRow, Right};
use crate::usage::tokens;

/// What a run does next.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Stage {
    Start,
    /// Modeling, with the schemas of the namespace as a base. Without a model, all of it by a rule.
    Base,
    Prompt,
    Explode,
    Coalesce,
    Describe,
    Evaluate,
    /// Predefined datasets, in the place of modeling.
    Predefined,
    Preview,
    Ingest,
    Ontology,
    Over,
}

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Base => "schemas",
            Self::Prompt => "prompt",
            Self::Explode => "explosion",
            Self::Coalesce => "coalescence",
            Self::Describe => "descriptions",
            Self::Evaluate => "evaluation",
            Self::Predefined => "normalisation",
            Self::Preview => "preview",
            Self::Ingest => "ingestion",
            Self::Ontology => "ontology",
            Self::Over => "over",
        }
    }
}

/// What a stage changes in its run and in the store, all at once.
type Turn = Box<dyn FnOnce(&mut Teller<'_>) -> Result<(), Failure> + Send>;

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
            let done = step(state, stage, job, asker.as_ref()).await;
            let told = asker.map(|asker| asker.told()).unwrap_or_default();
            let kept = state.whole(|| {
                self.turn(state.clock.now(), |teller| {
                    // It may be gone: the state may have been replaced meanwhile.
                    if teller.progress.stage != stage {
                        return;
                    }
                    teller.progress.llm_calls.extend(told.into_iter().map(Into::into));
                    let ms = watch.elapsed().as_secs_f64() * 1000.0;
                    teller.progress.steps.push(TraceStep { name: stage.name().to_owned(), ms });
                    if let Err(failure) = done.and_then(|turn| turn(teller)) {
                        teller.fail(&failure);
                    }
                });
            });
            if let Err(error) = kept {
                state.runs.give_up(self.id(), error.into(), state.clock.now());
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
) -> Result<Turn, Failure> {
    Ok(match (stage, asker) {
        (Stage::Start, _) => start(state, job),
        (Stage::Base, Some(_)) => base(state, &job),
        (Stage::Base, None) => model_by_rule(state, &job),
        (Stage::Predefined, asker) => predefined(state, &job, asker).await?,
        (Stage::Prompt, Some(asker)) => {
            let refined = prompt::refine(&job, asker).await?;
            turn(move |teller| {
                let facts = json!({ "prompt": refined.prompt, "confidence": refined.confidence });
                teller.tell("emulator.prompt", facts);
                match refined.question(&job) {
                    Some(question) => {
                        let facts = json!({ "question": question });
                        teller.question(Question::Clarification(question), facts);
                    }
                    None => {
                        teller.progress.job.known.prompt = Some(refined.prompt);
                        teller.progress.stage = Stage::Explode;
                    }
                }
            })
        }
        (Stage::Explode, Some(asker)) => {
            let (expansion, levels) = expand(&job, asker).await?;
            let items =
                levels.iter().filter_map(|(_, own)| Some((own.array.clone()?, own.records.len().into())));
            let items: Map<String, Value> = items.collect();
            turn(move |teller| {
                let derived: Vec<&String> = expansion.derive.iter().map(|own| &own.name).collect();
                let facts = json!({ "columns": expansion.explode, "items": items, "derived": derived });
                teller.tell("emulator.exploded", facts);
                let known = &mut teller.progress.job.known;
                (known.explode, known.derived) = (expansion.explode, expansion.derive);
                teller.progress.stage = Stage::Coalesce;
            })
        }
        (Stage::Coalesce, Some(asker)) => {
            let plan = coalesce(&job, &job.levels()?, asker).await?;
            turn(move |teller| {
                teller.tell("emulator.coalesced", json!({ "datasets": plan }));
                teller.progress.job.known.plan = plan;
                teller.progress.stage = Stage::Describe;
            })
        }
        (Stage::Describe, Some(asker)) => {
            let plan = describe(&job, &job.levels()?, asker).await?;
            turn(move |teller| {
                let told = plan.iter().map(|own| (own.name.clone(), own.described().into()));
                let facts = json!({ "descriptions": told.collect::<Map<String, Value>>() });
                teller.tell("emulator.described", facts);
                teller.progress.job.known.plan = plan;
                teller.progress.stage = Stage::Evaluate;
            })
        }
        (Stage::Evaluate, Some(asker)) => {
            let evaluation = evaluate(&job, &job.levels()?, asker).await?;
            turn(move |teller| {
                let job = &mut teller.progress.job;
                job.known.evaluations += 1;
                let again = !evaluation.approved && job.known.evaluations <= job.eval_retries;
                let facts = json!({
                    "approved": evaluation.approved,
                    "reasons": evaluation.reasons,
                    "evaluations": job.known.evaluations,
                    "again": again,
                });
                if again {
                    job.forget_plan(evaluation.reasons);
                }
                teller.tell("emulator.evaluated", facts);
                teller.progress.stage = if again { Stage::Prompt } else { Stage::Preview };
            })
        }
        (Stage::Prompt | Stage::Explode | Stage::Coalesce | Stage::Describe | Stage::Evaluate, None) => {
            // The run was begun with a model, and the emulator has been started again without.
            let lost = "the model that this run was begun with is not there any more; start the emulator with it, \
                        and the run again";
            return Err(Problem::unprocessable(lost).into());
        }
        (Stage::Preview, asker) => preview(&job, asker).await?,
        (Stage::Ingest, asker) => ingest_all(state, job, asker).await?,
        (Stage::Ontology, asker) => link_all(state, job, asker).await?,
        (Stage::Over, _) => turn(|_| {}),
    })
}

fn start(state: &Arc<State>, job: Job) -> Turn {
    let (explode, plan) = rule::as_they_are(&job.rows, is_taken(state, &job));
    turn(move |teller| {
        let rows = job.rows.len();
        teller.tell("emulator.started", json!({ "namespace": job.namespace.name, "rows": rows }));
        teller.tell("emulator.received", json!({ "rows": rows, "columns": job.column_names() }));
        let known = &mut teller.progress.job.known;
        (known.explode, known.plan) = (explode, plan);
        if job.switches.model && rows > 0 {
            teller.progress.stage = Stage::Base;
            return;
        }
        teller.tell("emulator.modelingSkipped", json!({ "model": job.switches.model }));
        let is_predefined = job.predefined_schema.is_some();
        teller.progress.stage = if is_predefined { Stage::Predefined } else { Stage::Preview };
    })
}

/// Whether the namespace has a dataset of a name.
fn is_taken<'a>(state: &'a State, job: &'a Job) -> impl Fn(&str) -> bool + 'a {
    |name| read(&state.store).dataset(&job.namespace.dataset(name)).is_some()
}

fn base(state: &State, job: &Job) -> Turn {
    let base = {
        let store = read(&state.store);
        catalog(Sight::new(&store, &job.caller), &job.namespace)
    };
    turn(move |teller| {
        let names = base["datasets"].as_array().into_iter().flatten().map(|dataset| &dataset["name"]);
        teller.tell("emulator.schemas", json!({ "datasets": names.collect::<Vec<_>>() }));
        teller.progress.job.known.base = base;
        teller.progress.job.known.plan.clear();
        teller.progress.stage = Stage::Prompt;
    })
}

/// The whole of modeling, where there is no model.
fn model_by_rule(state: &Arc<State>, job: &Job) -> Turn {
    let wanted = job.predefined();
    let ruled = if wanted.is_empty() {
        rule::split(&job.rows, is_taken(state, job))
    } else {
        rule::predefined(&job.rows, &wanted)
    };
    let note = "a model would design datasets here; a rule made one of the rows, one of the items of each column \
                that holds arrays of objects, or those that were predefined";
    scripted(state, job, ("emulator.modeling", note), ruled)
}

/// Goes on to what follows modeling, with the datasets of a rule.
fn scripted(state: &Arc<State>, job: &Job, (kind, note): (&'static str, &'static str), ruled: Ruled) -> Turn {
    let spend = spend(state, job, note);
    let next = after_modeling(job);
    turn(move |teller| {
        spend();
        let (explode, plan) = ruled;
        let names: Vec<&String> = plan.iter().map(|dataset| &dataset.name).collect();
        teller.script(kind, note, json!({ "datasets": names }));
        let known = &mut teller.progress.job.known;
        (known.explode, known.plan) = (explode, plan);
        teller.progress.stage = next;
    })
}

/// Predefined datasets without modeling are ingested straight away.
fn after_modeling(job: &Job) -> Stage {
    if job.predefined_schema.is_some() && !job.switches.model { Stage::Ingest } else { Stage::Preview }
}

async fn predefined(state: &Arc<State>, job: &Job, asker: Option<&Asker<'_>>) -> Result<Turn, Failure> {
    let wanted = job.predefined();
    let Some(asker) = asker.filter(|_| !job.rows.is_empty()) else {
        let note =
            "a model would find the columns of the predefined datasets here; a rule went by their names";
        let ruled = rule::predefined(&job.rows, &wanted);
        return Ok(scripted(state, job, ("emulator.normalised", note), ruled));
    };
    let mut job = job.clone();
    job.known.explode = rule::arrays(&job.rows, &wanted);
    let plan = normalise(&job, &job.levels()?, &wanted, asker).await?;
    let next = after_modeling(&job);
    Ok(turn(move |teller| {
        teller.tell("emulator.normalised", json!({ "datasets": plan }));
        let known = &mut teller.progress.job.known;
        (known.explode, known.plan) = (job.known.explode, plan);
        teller.progress.stage = next;
    }))
}

/// Counts what a rule has read and said in the place of a model, once the stage is done: the rows of the sample.
fn spend(state: &Arc<State>, job: &Job, note: &'static str) -> impl FnOnce() + Send + 'static {
    let (state, user) = (Arc::clone(state), job.caller.user.clone());
    let sample: Vec<&InputRow<'_>> = job.rows.iter().take(job.sample).collect();
    let shown = serde_json::to_string(&sample).unwrap_or_default();
    let tokens = tokens(&shown) + tokens(note);
    move || state.usage.add(&user, state.clock.now(), tokens)
}

async fn preview(job: &Job, asker: Option<&Asker<'_>>) -> Result<Turn, Failure> {
    let mut levels = job.levels()?;
    if let Some(asker) = asker {
        extract(job, &mut levels, asker, job.sample).await?;
    }
    let plan = &job.known.plan;
    let mut schema: Vec<Value> = Vec::new();
    for dataset in plan {
        let rows = super::project::project(&levels, dataset, plan.len() == 1)?;
        let kinds = columns(&rows).into_iter().map(|column| (column.name.to_owned(), json!(column.kinds)));
        schema.push(json!({
            "name": dataset.name,
            "description": dataset.described(),
            "identifier": dataset.identifier,
            "rows": rows.len(),
            "columns": kinds.collect::<Map<String, Value>>(),
        }));
    }
    let samples = samples(job, &levels, job.sample);
    let names = plan.iter().map(|own| json!({ "name": own.name, "columns": own.column_names() }));
    let names: Vec<Value> = names.collect();
    let asks = job.switches.ask_human;
    Ok(turn(move |teller| {
        teller.tell("emulator.sampled", json!({ "samples": samples }));
        teller.tell("emulator.schema", json!({ "datasets": schema }));
        teller.progress.stage = Stage::Ingest;
        if asks {
            teller.question(Question::SchemaReview, json!({ "datasets": names }));
        }
    }))
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

async fn ingest_all(state: &Arc<State>, job: Job, asker: Option<&Asker<'_>>) -> Result<Turn, Failure> {
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

async fn link_all(state: &Arc<State>, job: Job, asker: Option<&Asker<'_>>) -> Result<Turn, Failure> {
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
    let note = "a model would judge columns of other names (level 3) here; none of them was linked";
    let spend = spend(state, &job, note);
    let state = Arc::clone(state);
    Ok(Box::new(move |teller| {
        let mut store = write(&state.store);
        let mut links = ontology::by_name(Sight::new(&store, &job.caller), &job);
        let by_rule = judged.is_none();
        links.extend(judged.unwrap_or_default());
        let mut added = Vec::with_capacity(links.len());
        for (level, link) in links {
            if store.add_link(link.clone())? {
                added.push((level, link));
            }
        }
        let facts = json!({ "links": added.len(), "added": ontology::told(&store, &added) });
        teller.progress.job.known.links += added.len();
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
