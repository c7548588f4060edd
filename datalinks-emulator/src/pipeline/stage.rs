//! The stages of a run, one after the other.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use super::run::{Run, Teller};
use super::trace::TraceStep;
use super::{Job, delivery, modeling};
use crate::concurrency::caught::caught;
use crate::models::Asker;
use crate::response::Problem;
use crate::state::State;
use crate::store::InputRow;
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
pub(super) type Turn = Box<dyn FnOnce(&mut Teller<'_>) -> Result<(), Failure> + Send>;

pub(super) fn turn(act: impl FnOnce(&mut Teller<'_>) + Send + 'static) -> Turn {
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
            // A stage works on a copy of the job, and what it changes is changed in its turn.
            let done = caught(step(state, stage, job, asker.as_ref())).await;
            let done = done.unwrap_or_else(|problem| Err(problem.into()));
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
        (Stage::Start, _) => modeling::start(state, job).await,
        (Stage::Base, Some(_)) => modeling::base(state, &job)?,
        (Stage::Base, None) => modeling::by_rule(state, &job).await?,
        (Stage::Predefined, asker) => modeling::predefined(state, &job, asker).await?,
        (Stage::Prompt, Some(asker)) => modeling::refine(job, asker).await?,
        (Stage::Explode, Some(asker)) => modeling::expand_rows(job, asker).await?,
        (Stage::Coalesce, Some(asker)) => modeling::group(job, asker).await?,
        (Stage::Describe, Some(asker)) => modeling::describe_all(job, asker).await?,
        (Stage::Evaluate, Some(asker)) => modeling::judge(job, asker).await?,
        (Stage::Prompt | Stage::Explode | Stage::Coalesce | Stage::Describe | Stage::Evaluate, None) => {
            // The run was begun with a model, and the emulator has been started again without.
            let lost = "the model that this run was begun with is not there any more; start the emulator with it, \
                        and the run again";
            return Err(Problem::unprocessable(lost).into());
        }
        (Stage::Preview, asker) => delivery::preview(&job, asker).await?,
        (Stage::Ingest, asker) => delivery::ingest_all(state, job, asker).await?,
        (Stage::Ontology, asker) => delivery::link_all(state, job, asker).await?,
        (Stage::Over, _) => turn(|_| {}),
    })
}

/// Counts what a rule has read and said in the place of a model, once the stage is done: the rows of the sample.
pub(super) fn spend(state: &Arc<State>, job: &Job, note: &'static str) -> impl FnOnce() + Send + 'static {
    let (state, user) = (Arc::clone(state), job.caller.user.clone());
    let sample: Vec<&InputRow<'_>> = job.rows.iter().take(job.sample).collect();
    let shown = serde_json::to_string(&sample).unwrap_or_default();
    let tokens = tokens(&shown) + tokens(note);
    move || state.usage.add(&user, state.clock.now(), tokens)
}
