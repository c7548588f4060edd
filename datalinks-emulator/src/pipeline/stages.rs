//! The stages of a run, one after the other.

use std::sync::Arc;

use super::failure::Failure;
use super::job::Job;
use super::stage::Stage;
use super::turn::{Turn, turn};
use super::{delivery, modeling};
use crate::models::Asker;
use crate::resources::Resources;
use crate::response::Problem;

/// Works a stage out. What it changes is changed afterwards.
pub(crate) async fn work_out(
    resources: &Arc<Resources>,
    stage: Stage,
    job: Job,
    asker: Option<&Asker<'_>>,
) -> Result<Turn, Failure> {
    Ok(match (stage, asker) {
        (Stage::Start, _) => modeling::start(resources, job).await,
        (Stage::Base, Some(_)) => modeling::base(resources, &job)?,
        (Stage::Base, None) => modeling::by_rule(resources, &job).await?,
        (Stage::Predefined, asker) => modeling::predefined(resources, &job, asker).await?,
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
        (Stage::Ingest, asker) => delivery::ingest_all(resources, job, asker).await?,
        (Stage::Ontology, asker) => delivery::link_all(resources, job, asker).await?,
        (Stage::Over, _) => turn(|_| {}),
    })
}
