//! What a run shall do, and what it knows so far.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::access::Caller;
use crate::models::Prompt;
use crate::seen::{Column, columns};
use crate::store::{InputRow, Namespace, OrderedTexts};

/// What a run shall do.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Job {
    pub(crate) namespace: Namespace,
    /// As far as they were reshaped. Gone when the run is over.
    #[serde(with = "rows")]
    pub(crate) rows: Arc<Vec<InputRow<'static>>>,
    /// Whose rights the run has: those of the token that it was started with, or given since.
    pub(crate) caller: Caller,
    pub(crate) switches: Switches,
    /// How often a model is told that its answer is of no use.
    pub(crate) eval_retries: usize,
    /// Rows that a model is shown, and rows that are told as a sample.
    pub(crate) rows_for_modeling: usize,
    pub(crate) sample: usize,
    pub(crate) user_prompt: Option<String>,
    pub(crate) explosion_prompt: Option<String>,
    pub(crate) coalescence_prompt: Option<String>,
    pub(crate) predefined_schema: Option<Value>,
    pub(crate) llm: Llm,
    /// What people have said about it: the question, and the body that answered it.
    pub(crate) clarifications: Vec<(String, Value)>,
    /// What a model says about the columns.
    pub(crate) descriptions: OrderedTexts,
}

/// The phases wanted, and whether a person is to be asked.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct Switches {
    pub(crate) model: bool,
    pub(crate) ingest: bool,
    pub(crate) ontology: bool,
    pub(crate) ask_human: bool,
}

/// The models of the phases, and how daring they are.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Llm {
    pub(crate) model: Option<String>,
    pub(crate) ontology_model: Option<String>,
    pub(crate) explosion_temperature: Option<f64>,
    pub(crate) coalescence_temperature: Option<f64>,
    pub(crate) ontology_temperature: Option<f64>,
}

impl Job {
    pub(super) fn columns(&self) -> Vec<Column<'_>> {
        columns(&self.rows)
    }

    pub(super) fn column_names(&self) -> Vec<&str> {
        self.columns().into_iter().map(|column| column.name).collect()
    }

    /// The kinds of value in each column.
    pub(super) fn kinds(&self) -> Map<String, Value> {
        self.columns().into_iter().map(|column| (column.name.to_owned(), json!(column.kinds))).collect()
    }

    /// A question of one phase about the rows.
    pub(super) fn prompt(
        &self,
        purpose: &'static str,
        task: &str,
        wish: Option<&String>,
        temperature: Option<f64>,
    ) -> Prompt {
        let said = self.clarifications.iter();
        let said = said.map(|(question, answer)| json!({ "question": question, "answer": answer }));
        let material = json!({
            "columns": self.kinds(),
            "firstRows": self.rows.iter().take(self.rows_for_modeling).collect::<Vec<_>>(),
            "instructions": [&self.user_prompt, &wish.cloned()],
            "predefinedSchema": self.predefined_schema,
            "saidByAPerson": said.collect::<Vec<_>>(),
        });
        Prompt::new(purpose, task, material.to_string())
            .model(self.llm.model.as_deref())
            .temperature(temperature)
    }
}

/// Rows as they are written down: with their digits, and their columns in order.
mod rows {
    use std::sync::Arc;

    use serde::de::{Deserialize, Deserializer, Error};
    use serde::{Serialize, Serializer};
    use serde_json::value::RawValue;

    use crate::store::InputRow;

    pub(super) fn serialize<S: Serializer>(
        rows: &Arc<Vec<InputRow<'static>>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        rows.as_ref().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Arc<Vec<InputRow<'static>>>, D::Error> {
        let rows = Vec::<Box<RawValue>>::deserialize(deserializer)?;
        let rows = rows.iter().map(|row| serde_json::from_str(row.get()).map(InputRow::into_owned));
        rows.collect::<Result<_, _>>().map(Arc::new).map_err(D::Error::custom)
    }
}
