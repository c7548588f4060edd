//! The dispatch of the stages of a run.

use std::sync::Arc;

use super::failure::Failure;
use super::job::PipelineJob;
use super::stage::Stage;
use super::transition::{Transition, transition};
use super::{delivery, modeling};
use crate::models::ModelSession;
use crate::resources::Resources;
use crate::response::Problem;

/// Runs a stage and returns its changes, which are applied afterwards.
pub(crate) async fn run_stage(
    resources: &Arc<Resources>,
    stage: Stage,
    job: PipelineJob,
    session: Option<&ModelSession<'_>>,
) -> Result<Transition, Failure> {
    Ok(match (stage, session) {
        (Stage::Start, _) => modeling::start(resources, job).await,
        (Stage::Base, Some(_)) => modeling::base(resources, &job)?,
        (Stage::Base, None) => modeling::by_rule(resources, &job).await?,
        (Stage::Predefined, session) => modeling::predefined(resources, &job, session).await?,
        (Stage::Prompt, Some(session)) => modeling::refine(job, session).await?,
        (Stage::Explode, Some(session)) => modeling::expand_rows(job, session).await?,
        (Stage::Coalesce, Some(session)) => modeling::group(job, session).await?,
        (Stage::Describe, Some(session)) => modeling::describe_all(job, session).await?,
        (Stage::Evaluate, Some(session)) => modeling::judge(job, session).await?,
        (Stage::Prompt | Stage::Explode | Stage::Coalesce | Stage::Describe | Stage::Evaluate, None) => {
            // The run was started with a model, and the emulator was restarted without one.
            let lost = "the model that this run was started with is no longer available; restart the emulator with it, \
                        and then start the run again";
            return Err(Problem::unprocessable(lost).into());
        }
        (Stage::Preview, session) => delivery::preview(&job, session).await?,
        (Stage::Ingest, session) => delivery::ingest_all(resources, job, session).await?,
        (Stage::Ontology, session) => delivery::link_all(resources, job, session).await?,
        (Stage::Over, _) => transition(|_| {}),
    })
}
