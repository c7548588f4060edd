//! The job of a run, and the results of its stages so far.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::levels::{Levels, PlanError};
use super::plan::DatasetPlan;
use super::predefined::{self, Predefined};
use crate::accounts::Caller;
use crate::concurrency::work::background;
use crate::models::{ModelError, Prompt};
use crate::store::column_profile::columns;
use crate::store::{DatasetName, InputRow, Namespace};

/// The instructions for the model if the request contains none.
const DEFAULT_PROMPT: &str =
    "Find out what kinds of things these rows are about, and make one dataset of each kind.";

/// The job of a run.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct PipelineJob {
    pub(crate) namespace: Namespace,
    /// The rows as sent. Cleared when the run ends.
    #[serde(with = "rows")]
    pub(crate) rows: Arc<Vec<InputRow<'static>>>,
    /// The user and token whose rights the run has. A refreshed token replaces the one that started the run.
    pub(crate) caller: Caller,
    pub(crate) switches: Switches,
    /// Number of times that an unusable response is sent back to the model, and that an evaluation may restart
    /// modeling.
    pub(crate) eval_retries: usize,
    /// Number of rows shown to a model.
    pub(crate) rows_for_modeling: usize,
    /// Number of rows of each dataset in a preview.
    pub(crate) sample: usize,
    pub(crate) user_prompt: Option<String>,
    pub(crate) explosion_prompt: Option<String>,
    pub(crate) coalescence_prompt: Option<String>,
    pub(crate) predefined_schema: Option<Value>,
    pub(crate) llm: Llm,
    #[serde(default)]
    pub(crate) known: Known,
}

/// The results of the stages so far.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Known {
    /// The answers of people: each question with the body that answered it.
    pub(super) clarifications: Vec<(String, Value)>,
    /// The datasets of the namespace when modeling began.
    pub(super) base: Option<Box<RawValue>>,
    /// The prompt as refined by a model.
    pub(super) prompt: Option<String>,
    /// The objections of the last evaluation.
    pub(super) objections: Option<String>,
    pub(super) evaluations: usize,
    /// The columns with arrays whose items become records.
    pub(super) explode: Vec<String>,
    pub(super) derived: Vec<Derived>,
    pub(super) plan: Vec<DatasetPlan>,
    /// The created datasets, with their numbers of rows.
    pub(super) made: Vec<(DatasetName, usize)>,
    pub(super) links: usize,
}

/// A column that a model fills from other columns.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Derived {
    pub(super) name: String,
    pub(super) from: Vec<String>,
    #[serde(default)]
    pub(super) description: String,
}

/// The requested phases, and whether a person is asked.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct Switches {
    pub(crate) model: bool,
    pub(crate) ingest: bool,
    pub(crate) ontology: bool,
    pub(crate) ask_human: bool,
}

/// The models and temperatures of the phases.
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
    /// Returns `true` if a phase needs a model, or a rule in its place. Without modeling, predefined datasets still
    /// need their columns assigned.
    pub(crate) fn needs_a_model(&self) -> bool {
        self.switches.model || self.switches.ontology || self.predefined_schema.is_some()
    }

    /// Returns the predefined datasets.
    pub(super) fn predefined(&self) -> Vec<Predefined> {
        // An invalid schema was rejected before the run started.
        self.predefined_schema.as_ref().and_then(|schema| predefined::read(schema).ok()).unwrap_or_default()
    }

    pub(super) fn column_names(&self) -> Vec<&str> {
        columns(&self.rows).into_iter().map(|column| column.name).collect()
    }

    /// Returns the rows, expanded as far as this has been decided.
    pub(super) async fn levels(&self) -> Result<Levels, PlanError> {
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

    /// Returns the instructions for the model.
    pub(super) fn instructions(&self) -> &str {
        let instructions = self.known.prompt.as_deref().or(self.user_prompt.as_deref());
        instructions.filter(|text| !text.trim().is_empty()).unwrap_or(DEFAULT_PROMPT)
    }

    /// Builds a prompt of one phase about the rows.
    pub(super) fn prompt(
        &self,
        purpose: &'static str,
        task: &str,
        material: &impl Serialize,
    ) -> Result<Prompt, ModelError> {
        Ok(Prompt::of(purpose, task, material)?.model(self.llm.model.as_deref()))
    }

    /// Returns the rows and the answers of people, as shown to a model.
    pub(super) fn material<'a>(&'a self, levels: &'a Levels, hint: Option<&'a String>) -> Material<'a> {
        let clarifications = self.known.clarifications.iter();
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
            instructions: [Some(self.instructions()), hint.map(String::as_str)],
            predefined_schema: self.predefined_schema.as_ref(),
            namespace: self.known.base.as_deref(),
            said_by_a_person: clarifications
                .map(|(question, answer)| SaidByAPerson { question, answer })
                .collect(),
            objections: self.known.objections.as_deref(),
        }
    }

    /// Discards the plan and restarts modeling with the objections of an evaluation.
    pub(super) fn restart_modeling(&mut self, objections: String) {
        self.known.objections = Some(objections);
        self.known.explode.clear();
        self.known.derived.clear();
        self.known.plan.clear();
    }
}

/// The rows as shown to a model. Values are written unchanged.
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

/// Serialization of rows that keeps the digits of numbers and the order of columns.
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
