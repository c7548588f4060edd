//! Questions and their options.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::store::Namespace;

/// A question, its namespace and its options.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct AskRequest {
    pub(crate) space: Namespace,
    pub(crate) question: String,
    pub(crate) options: AskOptions,
}

/// Options that only a model uses.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct AskOptions {
    pub(crate) helper_prompt: Option<String>,
    /// The model of the whole run.
    pub(crate) model: StageModel,
    /// The model of one stage. Replaces the model of the run.
    pub(crate) plan: Option<StageModel>,
    pub(crate) query: Option<StageModel>,
    pub(crate) answer: Option<StageModel>,
    /// The caller's context, as sent.
    pub(crate) caller_context: Option<Box<RawValue>>,
}

/// A model and its provider.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct StageModel {
    pub(crate) model: Option<String>,
    pub(crate) provider: Option<String>,
}
