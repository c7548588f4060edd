//! What a run shall do, and what it knows so far.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::levels::{Levels, Unfit};
use super::plan::DatasetPlan;
use super::predefined::{self, Predefined};
use crate::accounts::Caller;
use crate::concurrency::work::background;
use crate::models::{ModelError, Prompt};
use crate::store::column_profile::columns;
use crate::store::{DatasetName, InputRow, Namespace};

/// What a model is asked to do where the request says nothing.
const DEFAULT_PROMPT: &str =
    "Find out what kinds of things these rows are about, and make one dataset of each kind.";

/// What a run shall do.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct PipelineJob {
    pub(crate) namespace: Namespace,
    /// The rows as they came. Gone when the run is over.
    #[serde(with = "rows")]
    pub(crate) rows: Arc<Vec<InputRow<'static>>>,
    /// Whose rights the run has: those of the token that it was started with, or given since.
    pub(crate) caller: Caller,
    pub(crate) switches: Switches,
    /// Number of times that a response which cannot be used is sent back to the model, and that an evaluation may restart modeling.
    pub(crate) eval_retries: usize,
    /// Rows that a model is shown, and rows that are told as a sample of each dataset.
    pub(crate) rows_for_modeling: usize,
    pub(crate) sample: usize,
    pub(crate) user_prompt: Option<String>,
    pub(crate) explosion_prompt: Option<String>,
    pub(crate) coalescence_prompt: Option<String>,
    pub(crate) predefined_schema: Option<Value>,
    pub(crate) llm: Llm,
    #[serde(default)]
    pub(crate) known: Known,
}

/// What a run has found out, and done.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Known {
    /// What people have said about it: the question, and the body that answered it.
    pub(super) clarifications: Vec<(String, Value)>,
    /// The datasets that were in the namespace when modeling began.
    pub(super) base: Option<Box<RawValue>>,
    /// The prompt as a model has refined it.
    pub(super) prompt: Option<String>,
    /// What the last evaluation objected to.
    pub(super) objections: Option<String>,
    pub(super) evaluations: usize,
    /// The columns whose items become records of their own.
    pub(super) explode: Vec<String>,
    pub(super) derived: Vec<Derived>,
    pub(super) plan: Vec<DatasetPlan>,
    /// The datasets that were made, and how many rows each has.
    pub(super) made: Vec<(DatasetName, usize)>,
    pub(super) links: usize,
}

/// A column that a model fills, out of others.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Derived {
    pub(super) name: String,
    pub(super) from: Vec<String>,
    #[serde(default)]
    pub(super) description: String,
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
#[serde(default)]
pub(crate) struct Llm {
    pub(crate) model: Option<String>,
    pub(crate) inference_model: Option<String>,
    pub(crate) ontology_model: Option<String>,
    pub(crate) explosion_temperature: Option<f64>,
    pub(crate) coalescence_temperature: Option<f64>,
    pub(crate) evaluation_temperature: Option<f64>,
    pub(crate) ontology_temperature: Option<f64>,
}

impl PipelineJob {
    /// Whether some phase is a model's, or a rule's in its place. A run without modeling that predefines datasets
    /// has to find the columns that belong into them.
    pub(crate) fn needs_a_model(&self) -> bool {
        self.switches.model || self.switches.ontology || self.predefined_schema.is_some()
    }

    /// The datasets that are predefined.
    pub(super) fn predefined(&self) -> Vec<Predefined> {
        // A schema that cannot be understood was rejected when the run was to start.
        self.predefined_schema.as_ref().and_then(|schema| predefined::read(schema).ok()).unwrap_or_default()
    }

    pub(super) fn column_names(&self) -> Vec<&str> {
        columns(&self.rows).into_iter().map(|column| column.name).collect()
    }

    /// The rows, taken apart as far as it was decided.
    pub(super) async fn levels(&self) -> Result<Levels, Unfit> {
        let own = self.clone();
        background(move || {
            let mut levels = Levels::of(&own.rows, &own.known.explode)?;
            for derived in &own.known.derived {
                levels.derive(derived);
            }
            Ok(levels)
        })
        .await
    }

    /// What is wanted, in words.
    pub(super) fn wish(&self) -> &str {
        let wish = self.known.prompt.as_deref().or(self.user_prompt.as_deref());
        wish.filter(|text| !text.trim().is_empty()).unwrap_or(DEFAULT_PROMPT)
    }

    /// A question of one phase about the rows.
    pub(super) fn prompt(
        &self,
        purpose: &'static str,
        task: &str,
        material: &impl Serialize,
    ) -> Result<Prompt, ModelError> {
        Ok(Prompt::of(purpose, task, material)?.model(self.llm.model.as_deref()))
    }

    /// What a model is shown of the rows, and what was said about them.
    pub(super) fn material<'a>(&'a self, levels: &'a Levels, hint: Option<&'a String>) -> Material<'a> {
        let said = self.known.clarifications.iter();
        let columns = levels.columns().into_iter().map(|(_, column)| (column.name, column.kinds));
        let first =
            |records: &'a [InputRow<'static>]| records.get(..self.rows_for_modeling).unwrap_or(records);
        let items =
            levels.iter().filter_map(|(_, level)| Some((level.array.as_deref()?, first(&level.records))));
        Material {
            columns: columns.collect(),
            first_rows: levels.get(0).map(|level| first(&level.records)),
            first_items: items.collect(),
            derived_columns: &self.known.derived,
            instructions: [Some(self.wish()), hint.map(String::as_str)],
            predefined_schema: self.predefined_schema.as_ref(),
            namespace: self.known.base.as_deref(),
            said_by_a_person: said.map(|(question, answer)| SaidByAPerson { question, answer }).collect(),
            objections: self.known.objections.as_deref(),
        }
    }

    /// Begins modeling again, with what an evaluation objected to.
    pub(super) fn forget_plan(&mut self, objections: String) {
        self.known.objections = Some(objections);
        self.known.explode.clear();
        self.known.derived.clear();
        self.known.plan.clear();
    }
}

/// What a model is shown of the rows. Values are written as they came.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Material<'a> {
    columns: BTreeMap<&'a str, Vec<&'static str>>,
    first_rows: Option<&'a [InputRow<'static>]>,
    first_items: BTreeMap<&'a str, &'a [InputRow<'static>]>,
    derived_columns: &'a [Derived],
    instructions: [Option<&'a str>; 2],
    predefined_schema: Option<&'a Value>,
    namespace: Option<&'a RawValue>,
    said_by_a_person: Vec<SaidByAPerson<'a>>,
    objections: Option<&'a str>,
}

#[derive(Serialize)]
struct SaidByAPerson<'a> {
    question: &'a str,
    answer: &'a Value,
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
