//! Who writes what a run says.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;
use uuid::Uuid;

use super::checkpoint::{Checkpoint, Draft, Plan};
use super::request::AskRequest;
use crate::accounts::Caller;
use crate::resources::Resources;
use crate::response::Problem;

/// Writes the plan, the queries and the answer of a run. Each is asked for when its turn comes, and may take its
/// time. What the author keeps in mind between them is the checkpoint, so that another one can go on with it. An
/// error fails the run.
pub(crate) trait Responder: Send + Sync {
    fn plan<'a>(&'a self, job: &'a RunContext) -> BoxFuture<'a, Result<Metered<Plan>, Problem>>;

    /// The query of the next step: the first of the plan that is not done. `refused` holds what was written for
    /// it before and could not be run.
    fn query<'a>(
        &'a self,
        job: &'a RunContext,
        done: &'a Checkpoint,
        refused: &'a [RejectedQuery],
    ) -> BoxFuture<'a, Result<Metered<Draft>, Problem>>;

    /// The answer, once all steps are done.
    fn answer<'a>(
        &'a self,
        job: &'a RunContext,
        done: &'a Checkpoint,
    ) -> BoxFuture<'a, Result<Metered<String>, Problem>>;
}

/// Something that was written, and what it took.
#[derive(Debug)]
pub(crate) struct Metered<T> {
    pub(crate) value: T,
    pub(crate) tokens: u64,
}

/// A query that could not be run, and why.
#[derive(Debug)]
pub(crate) struct RejectedQuery {
    pub(crate) query: String,
    pub(crate) reason: String,
}

/// What was asked and answered in a conversation before.
pub(crate) trait History: Send + Sync {
    /// The questions of the conversation before a run, with their answers, as far as the caller sees them.
    fn before(&self, run: Uuid, conversation: Uuid, caller: &Caller) -> Vec<Exchange>;
}

/// A question and its answer.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) question: String,
    pub(crate) answer: String,
}

/// What an author works on.
pub(crate) struct RunContext {
    pub(crate) resources: Arc<Resources>,
    pub(crate) history: Arc<dyn History>,
    /// Whose rights the run has: those of who asked, or of who resumed it.
    pub(crate) caller: Caller,
    pub(crate) run: Uuid,
    pub(crate) conversation: Uuid,
    pub(crate) asked: AskRequest,
}

impl fmt::Debug for RunContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("run", &self.run).field("asked", &self.asked).finish_non_exhaustive()
    }
}
