//! Who writes what a run says.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::checkpoint::{Checkpoint, Draft, Plan};
use crate::accounts::Caller;
use crate::response::Problem;
use crate::state::State;
use crate::store::Namespace;

/// Writes the plan, the queries and the answer of a run. Each is asked for when its turn comes, and may take its
/// time. What the author keeps in mind between them is the checkpoint, so that another one can go on with it. An
/// error fails the run.
pub(crate) trait Author: Send + Sync {
    fn plan<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Result<Said<Plan>, Problem>>;

    /// The query of the next step: the first of the plan that is not done. `refused` holds what was written for
    /// it before and could not be run.
    fn query<'a>(
        &'a self,
        job: &'a Job,
        done: &'a Checkpoint,
        refused: &'a [Refused],
    ) -> BoxFuture<'a, Result<Said<Draft>, Problem>>;

    /// The answer, once all steps are done.
    fn answer<'a>(
        &'a self,
        job: &'a Job,
        done: &'a Checkpoint,
    ) -> BoxFuture<'a, Result<Said<String>, Problem>>;
}

/// Something that was written, and what it took.
#[derive(Debug)]
pub(crate) struct Said<T> {
    pub(crate) what: T,
    pub(crate) tokens: u64,
}

/// A query that could not be run, and why.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) query: String,
    pub(crate) reason: String,
}

/// What an author works on.
pub(crate) struct Job {
    pub(crate) state: Arc<State>,
    /// Whose rights the run has: those of who asked, or of who resumed it.
    pub(crate) caller: Caller,
    pub(crate) run: Uuid,
    pub(crate) conversation: Uuid,
    pub(crate) asked: Asked,
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("run", &self.run).field("asked", &self.asked).finish_non_exhaustive()
    }
}

/// What was asked, and how it shall be answered.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Asked {
    pub(crate) space: Namespace,
    pub(crate) question: String,
    pub(crate) wishes: Wishes,
}

/// What only a model has a use for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Wishes {
    pub(crate) helper_prompt: Option<String>,
    /// For the whole run.
    pub(crate) model: StageModel,
    /// For one stage each, in the place of the whole run's.
    pub(crate) plan: Option<StageModel>,
    pub(crate) query: Option<StageModel>,
    pub(crate) answer: Option<StageModel>,
    /// What was said before, as it came.
    pub(crate) caller_context: Option<Box<RawValue>>,
}

/// A model and who provides it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct StageModel {
    pub(crate) model: Option<String>,
    pub(crate) provider: Option<String>,
}
