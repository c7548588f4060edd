//! The interface of the two responders, which write the texts of a run.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;
use uuid::Uuid;

use super::checkpoint::{Checkpoint, Draft, Plan};
use super::request::AskRequest;
use crate::accounts::Caller;
use crate::resources::Resources;
use crate::response::Problem;

/// Writes the plan, the queries and the answer of a run. Each method is called when its text is due, and may take long.
/// All state between two calls is in the checkpoint, so that another responder can continue. An error fails the run.
pub(crate) trait Responder: Send + Sync {
    /// Returns the plan of a run.
    fn plan<'a>(&'a self, context: &'a RunContext) -> BoxFuture<'a, Result<Metered<Plan>, Problem>>;

    /// Returns the query of the next step, which is the first step of the plan that is not completed. `rejected`
    /// contains the earlier queries for this step that could not be run.
    fn query<'a>(
        &'a self,
        context: &'a RunContext,
        done: &'a Checkpoint,
        rejected: &'a [RejectedQuery],
    ) -> BoxFuture<'a, Result<Metered<Draft>, Problem>>;

    /// Returns the answer, after all steps are completed.
    fn answer<'a>(
        &'a self,
        context: &'a RunContext,
        done: &'a Checkpoint,
    ) -> BoxFuture<'a, Result<Metered<String>, Problem>>;
}

/// A text and the number of tokens to add to the user's usage for it.
#[derive(Debug)]
pub(crate) struct Metered<T> {
    pub(crate) value: T,
    pub(crate) tokens: u64,
}

/// A query that could not be run, and the reason.
#[derive(Debug)]
pub(crate) struct RejectedQuery {
    pub(crate) query: String,
    pub(crate) reason: String,
}

/// Access to the earlier questions and answers of a conversation.
pub(crate) trait History: Send + Sync {
    /// Returns the questions of the conversation before a run, with their answers, as far as the caller may see them.
    fn before(&self, run: Uuid, conversation: Uuid, caller: &Caller) -> Vec<Exchange>;
}

/// A question and its answer.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) question: String,
    pub(crate) answer: String,
}

/// The run that a responder works on, and its resources.
pub(crate) struct RunContext {
    pub(crate) resources: Arc<Resources>,
    pub(crate) history: Arc<dyn History>,
    /// The user whose rights the run has: the one who started it, or the one who resumed it.
    pub(crate) caller: Caller,
    pub(crate) run: Uuid,
    pub(crate) conversation: Uuid,
    pub(crate) asked: AskRequest,
}

impl fmt::Debug for RunContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunContext")
            .field("run", &self.run)
            .field("asked", &self.asked)
            .finish_non_exhaustive()
    }
}
