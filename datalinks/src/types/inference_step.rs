//! Inference steps.

use std::borrow::Cow;

pub use datalinks_gen::enums::{NormaliseMode, ValidateMode};
use datalinks_gen::{InferenceStep as Wire, Row, api::types};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{description::description, model::Model};
use crate::error::Error;

/// One step of an inference. The service runs the steps on each row before it is stored, in order, each on the rows that
/// the step before made.
///
/// All steps but [`rows`](Self::rows) and [`reverse_geo`](Self::reverse_geo) are documented to use a model, which costs
/// tokens for every row. A setting that is not set is left out, and the default of the service holds.
///
/// A step is checked when its request is built: a setting that its kind does not have is an error of kind
/// [`InvalidInput`](crate::ErrorKind::InvalidInput), and nothing is sent.
///
/// # Examples
///
/// ```
/// use datalinks::{InferenceStep, ingest::NormaliseMode};
///
/// let steps = [
///     InferenceStep::rows("cast"),
///     InferenceStep::table("plot").replace_original_column(true).model(("gpt-x", "openai")),
///     InferenceStep::normalise(NormaliseMode::AllInOne).target_column("year", "Year of release"),
/// ];
/// assert_eq!(
///     serde_json::to_string(&steps).unwrap(),
///     concat!(
///         r#"[{"type":"rows","deriveFrom":"cast"},"#,
///         r#"{"type":"table","deriveFrom":"plot","model":"gpt-x","provider":"openai","replaceOriginalColumn":true},"#,
///         r#"{"type":"normalise","mode":"all-in-one","targetCols":{"year":"Year of release"}}]"#,
///     )
/// );
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct InferenceStep {
    wire: Wire,
    /// The first setting that the step cannot have, and why.
    fault: Option<Cow<'static, str>>,
}

impl InferenceStep {
    /// Creates a step that makes columns of the free text in one column. The model chooses the names of the columns.
    pub fn table(column: impl Into<String>) -> Self {
        Self::of(Wire::Table(types::TableStep {
            derive_from: column.into(),
            additional_instructions: None,
            helper_prompt: None,
            model: None,
            provider: None,
            replace_original_column: None,
        }))
    }

    /// Creates a step that makes rows of a JSON array held in one column.
    pub fn rows(column: impl Into<String>) -> Self {
        Self::of(Wire::Rows(types::RowsStep { derive_from: column.into() }))
    }

    /// Creates a step that makes the target columns out of the columns of a row. Add them by
    /// [`target_column`](Self::target_column).
    pub fn normalise(mode: NormaliseMode) -> Self {
        Self::of(Wire::Normalise(types::NormaliseStep {
            mode,
            target_cols: None,
            data_description: None,
            helper_prompt: None,
            model: None,
            provider: None,
        }))
    }

    /// Creates a step that checks the values of columns. Every row is kept and gets a field `__valid` that says whether it
    /// passed.
    pub fn validate<C: Into<String>>(mode: ValidateMode, columns: impl IntoIterator<Item = C>) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        Self::of(Wire::Validate(types::ValidateStep { mode, columns, model: None, provider: None }))
    }

    /// Creates a step that adds one column with the latitude and longitude of a place. [`derive_from`](Self::derive_from)
    /// names the column of the place. The service does not document which column is read without it.
    pub fn reverse_geo() -> Self {
        Self::of(Wire::ReverseGeo(types::ReverseGeoStep { derive_from: None }))
    }

    /// Creates a step that finds the named entities in a row. The service does not document its output.
    pub fn named_entities() -> Self {
        Self::of(Wire::NamedEntities(Default::default()))
    }

    /// Creates a step of a type that this crate does not know, with these members beside the type.
    ///
    /// # Examples
    ///
    /// ```
    /// use datalinks::InferenceStep;
    ///
    /// let step = InferenceStep::other("translate", [("to".to_owned(), "en".into())]);
    /// assert_eq!(serde_json::to_string(&step).unwrap(), r#"{"to":"en","type":"translate"}"#);
    /// ```
    pub fn other(kind: impl Into<String>, members: impl IntoIterator<Item = (String, Value)>) -> Self {
        let mut row = Row::from_iter([("type".to_owned(), Value::String(kind.into()))]);
        row.extend(members.into_iter().filter(|(name, _)| name != "type"));
        Self::of(Wire::Other(row))
    }

    fn of(wire: Wire) -> Self {
        Self { wire, fault: None }
    }

    /// Returns the type of the step, as it is written on the wire.
    pub fn kind(&self) -> &str {
        match &self.wire {
            Wire::Table(_) => "table",
            Wire::Rows(_) => "rows",
            Wire::Normalise(_) => "normalise",
            Wire::Normalize(_) => "normalize",
            Wire::Validate(_) => "validate",
            Wire::ReverseGeo(_) => "reverseGeo",
            Wire::NamedEntities(_) => "namedEntities",
            Wire::Other(row) => row.get("type").and_then(Value::as_str).unwrap_or_default(),
            // The generated enum is non-exhaustive for other crates.
            _ => "",
        }
    }

    /// Sets the column that a step of [`table`](Self::table), [`rows`](Self::rows) or [`reverse_geo`](Self::reverse_geo)
    /// reads.
    pub fn derive_from(mut self, column: impl Into<String>) -> Self {
        let column = column.into();
        match &mut self.wire {
            Wire::Table(step) => step.derive_from = column,
            Wire::Rows(step) => step.derive_from = column,
            Wire::ReverseGeo(step) => step.derive_from = Some(column),
            _ => return self.lacks("derive_from"),
        }
        self
    }

    /// Sets the model of a step of [`table`](Self::table), [`normalise`](Self::normalise) or
    /// [`validate`](Self::validate). Unset, the service chooses.
    pub fn model(mut self, model: impl Into<Model>) -> Self {
        let Model { name, provider } = model.into();
        let set = match &mut self.wire {
            Wire::Table(step) => (&mut step.model, &mut step.provider),
            Wire::Normalise(step) | Wire::Normalize(step) => (&mut step.model, &mut step.provider),
            Wire::Validate(step) => (&mut step.model, &mut step.provider),
            _ => return self.lacks("model"),
        };
        (*set.0, *set.1) = (name, provider);
        self
    }

    /// Sets instructions to a step of [`table`](Self::table), in plain words.
    pub fn additional_instructions(mut self, text: impl Into<String>) -> Self {
        let Wire::Table(step) = &mut self.wire else { return self.lacks("additional_instructions") };
        step.additional_instructions = Some(text.into());
        self
    }

    /// Sets the older form of instructions to a step of [`table`](Self::table) or [`normalise`](Self::normalise). The
    /// vendor's client sends it.
    pub fn helper_prompt(mut self, text: impl Into<String>) -> Self {
        let set = match &mut self.wire {
            Wire::Table(step) => &mut step.helper_prompt,
            Wire::Normalise(step) | Wire::Normalize(step) => &mut step.helper_prompt,
            _ => return self.lacks("helper_prompt"),
        };
        *set = Some(text.into());
        self
    }

    /// Sets whether a step of [`table`](Self::table) drops the column that held the text. The contract declares `false`
    /// as the default.
    pub fn replace_original_column(mut self, replace: bool) -> Self {
        let Wire::Table(step) = &mut self.wire else { return self.lacks("replace_original_column") };
        step.replace_original_column = Some(replace);
        self
    }

    /// Adds a column that a step of [`normalise`](Self::normalise) makes, and its meaning.
    pub fn target_column(mut self, name: impl Into<String>, meaning: impl Into<String>) -> Self {
        let (Wire::Normalise(step) | Wire::Normalize(step)) = &mut self.wire else {
            return self.lacks("target_column");
        };
        step.target_cols.get_or_insert_default().insert(name.into(), meaning.into());
        self
    }

    /// Sets a description of the data for a step of [`normalise`](Self::normalise). At most 10,000 characters.
    pub fn data_description(mut self, text: impl AsRef<str>) -> Self {
        let (Wire::Normalise(step) | Wire::Normalize(step)) = &mut self.wire else {
            return self.lacks("data_description");
        };
        match description(text.as_ref()) {
            Ok(text) => step.data_description = Some(text),
            Err(error) => {
                self.fault.get_or_insert(Cow::Owned(error.message().to_owned()));
            }
        }
        self
    }

    fn lacks(mut self, setting: &'static str) -> Self {
        let fault = format!("an inference step of the type {:?} has no setting {setting}", self.kind());
        self.fault.get_or_insert(Cow::Owned(fault));
        self
    }

    /// The step as it is sent.
    fn checked(self) -> Result<Wire, Error> {
        self.fault.map_or(Ok(self.wire), |fault| Err(Error::invalid(fault)))
    }
}

/// The steps as they are sent.
pub(crate) fn checked(steps: impl IntoIterator<Item = InferenceStep>) -> Result<Vec<Wire>, Error> {
    steps.into_iter().map(InferenceStep::checked).collect()
}

/// Writes the step as it is sent.
impl Serialize for InferenceStep {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.fault {
            Some(fault) => Err(serde::ser::Error::custom(fault)),
            None => self.wire.serialize(serializer),
        }
    }
}

/// Reads a step, for example from a configuration file. A step of an unknown type is kept.
impl<'de> Deserialize<'de> for InferenceStep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Wire::deserialize(deserializer).map(Self::of)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_and_setting_reaches_the_wire() {
        let model = ("m", "p");
        let normalise = |mode| InferenceStep::normalise(mode).model(model).helper_prompt("h");
        for (step, expected) in [
            (
                InferenceStep::table("t")
                    .additional_instructions("i")
                    .helper_prompt("h")
                    .model(model)
                    .replace_original_column(true),
                json!({
                    "type": "table", "deriveFrom": "t", "additionalInstructions": "i", "helperPrompt": "h",
                    "model": "m", "provider": "p", "replaceOriginalColumn": true,
                }),
            ),
            (InferenceStep::rows("r"), json!({ "type": "rows", "deriveFrom": "r" })),
            (
                normalise(NormaliseMode::FieldByField).target_column("a", "b").data_description("d"),
                json!({
                    "type": "normalise", "mode": "field-by-field", "targetCols": { "a": "b" },
                    "dataDescription": "d", "helperPrompt": "h", "model": "m", "provider": "p",
                }),
            ),
            (
                InferenceStep::validate(ValidateMode::Regex, ["a", "b"]).model(model),
                json!({ "type": "validate", "mode": "regex", "columns": ["a", "b"], "model": "m", "provider": "p" }),
            ),
            (InferenceStep::reverse_geo(), json!({ "type": "reverseGeo" })),
            (
                InferenceStep::reverse_geo().derive_from("place"),
                json!({ "type": "reverseGeo", "deriveFrom": "place" }),
            ),
            (InferenceStep::named_entities(), json!({ "type": "namedEntities" })),
            (
                InferenceStep::other("new", [("type".to_owned(), json!("old")), ("x".to_owned(), json!(1))]),
                json!({ "type": "new", "x": 1 }),
            ),
        ] {
            assert_eq!(serde_json::to_value(&step).unwrap(), expected);
            assert_eq!(step.kind(), expected["type"]);
            let read: InferenceStep = serde_json::from_value(expected).unwrap();
            assert_eq!(read, step);
            assert_eq!(checked([step.clone()]).unwrap(), [step.wire]);
        }
    }

    #[test]
    fn a_setting_that_a_step_does_not_have_is_rejected() {
        let text = || InferenceStep::table("t");
        for (step, what) in [
            (InferenceStep::rows("r").model("m"), "\"rows\" has no setting model"),
            (
                InferenceStep::named_entities().derive_from("c"),
                "\"namedEntities\" has no setting derive_from",
            ),
            (text().target_column("a", "b"), "\"table\" has no setting target_column"),
            (InferenceStep::reverse_geo().helper_prompt("h"), "has no setting helper_prompt"),
            (InferenceStep::rows("r").additional_instructions("i"), "has no setting additional_instructions"),
            (
                InferenceStep::rows("r").replace_original_column(true),
                "has no setting replace_original_column",
            ),
            // The first fault is reported.
            (text().data_description("d").target_column("a", "b"), "has no setting data_description"),
            (
                InferenceStep::normalise(NormaliseMode::Embeddings).data_description("x".repeat(10_001)),
                "10001 characters, 10000 are allowed",
            ),
        ] {
            assert!(serde_json::to_string(&step).is_err());
            let error = checked([InferenceStep::rows("a"), step]).unwrap_err();
            assert_eq!(error.kind(), crate::error::ErrorKind::InvalidInput);
            assert!(error.message().contains(what), "{error}");
        }
    }
}
