//! The runner of inference steps, and the context of the rows.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use crate::models::ModelSession;
use crate::store::{Definition, InputRow, OrderedTexts};
use crate::usage::tokens;

/// The context of the rows, from the request and its dataset.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DatasetContext {
    #[serde(skip_serializing_if = "Option::is_none")]
    data_description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) schema_definition: Option<OrderedTexts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_instructions: Option<String>,
}

impl DatasetContext {
    pub(crate) fn new(definition: &Definition, additional_instructions: Option<String>) -> Self {
        Self {
            data_description: definition.data_description.clone(),
            schema_definition: definition.schema_definition.clone(),
            additional_instructions,
        }
    }
}

/// Runs inference steps on the rows of one dataset.
pub(crate) struct StepRunner<'a> {
    /// The model session, or `None` if rules replace the model.
    pub(super) session: Option<ModelSession<'a>>,
    pub(super) about: DatasetContext,
    spent: AtomicU64,
}

impl<'a> StepRunner<'a> {
    /// Creates a runner. Without a session, rules are used.
    pub(crate) fn new(session: Option<ModelSession<'a>>, about: DatasetContext) -> Self {
        Self { session, about, spent: AtomicU64::new(0) }
    }

    #[cfg(test)]
    pub(super) fn by_rule() -> Self {
        Self { session: None, about: DatasetContext::default(), spent: AtomicU64::new(0) }
    }

    /// Counts the tokens that a rule reads or writes in the place of a model.
    pub(super) fn count(&self, rows: &[InputRow<'_>]) {
        let texts = rows.iter().flat_map(|row| &row.cells).filter_map(|(_, cell)| cell.as_text());
        self.spent.fetch_add(texts.map(tokens).sum(), Ordering::Relaxed);
    }

    /// Returns the number of tokens that rules have used so far. Tokens of a model are counted with each call.
    pub(crate) fn spent(&self) -> u64 {
        self.spent.load(Ordering::Relaxed)
    }
}
