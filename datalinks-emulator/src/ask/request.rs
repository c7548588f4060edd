//! Questions.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::store::Namespace;

/// What was asked, and how it shall be answered.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct AskRequest {
    pub(crate) space: Namespace,
    pub(crate) question: String,
    pub(crate) wishes: AskOptions,
}

/// What only a model has a use for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct AskOptions {
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
