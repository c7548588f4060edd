//! Who carries steps out, and what is known about the rows.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use crate::models::ModelSession;
use crate::store::{Definition, InputRow, OrderedTexts};
use crate::usage::tokens;

/// What a request or its dataset says about the rows.
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

/// Works on rows of one kind.
pub(crate) struct StepRunner<'a> {
    /// `None`: there is no model, and rules stand in its place.
    pub(super) session: Option<ModelSession<'a>>,
    pub(super) about: DatasetContext,
    spent: AtomicU64,
}

impl<'a> StepRunner<'a> {
    /// Works with a model, or by rules where there is none.
    pub(crate) fn new(session: Option<ModelSession<'a>>, about: DatasetContext) -> Self {
        Self { session, about, spent: AtomicU64::new(0) }
    }

    #[cfg(test)]
    pub(super) fn by_rule() -> Self {
        Self { session: None, about: DatasetContext::default(), spent: AtomicU64::new(0) }
    }

    /// Counts what a rule reads or writes in the place of a model.
    pub(super) fn count(&self, rows: &[InputRow<'_>]) {
        let texts = rows.iter().flat_map(|row| &row.cells).filter_map(|(_, cell)| cell.as_text());
        self.spent.fetch_add(texts.map(tokens).sum(), Ordering::Relaxed);
    }

    /// What rules have taken so far. What a model takes is counted as it is asked.
    pub(crate) fn spent(&self) -> u64 {
        self.spent.load(Ordering::Relaxed)
    }
}
