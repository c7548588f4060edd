//! The changes that a stage makes.

use std::sync::Arc;

use super::failure::Failure;
use super::job::PipelineJob;
use super::progress::RunContext;
use crate::resources::Resources;
use crate::store::InputRow;
use crate::usage::tokens;

/// The changes of a stage to its run and to the store, applied in one step.
pub(crate) type Transition = Box<dyn FnOnce(&mut RunContext<'_>) -> Result<(), Failure> + Send>;

pub(super) fn transition(act: impl FnOnce(&mut RunContext<'_>) + Send + 'static) -> Transition {
    Box::new(|context| {
        act(context);
        Ok(())
    })
}

/// Counts the tokens that a rule read and wrote in the place of a model, once the stage is complete. The rows of the
/// sample count as read.
pub(super) fn spend(
    resources: &Arc<Resources>,
    job: &PipelineJob,
    note: &'static str,
) -> impl FnOnce() + Send + 'static {
    let (resources, user) = (Arc::clone(resources), job.caller.user.clone());
    let sample: Vec<&InputRow<'_>> = job.rows.iter().take(job.sample).collect();
    let shown = serde_json::to_string(&sample).unwrap_or_default();
    let tokens = tokens(&shown) + tokens(note);
    move || resources.usage.add(&user, resources.clock.now(), tokens)
}
