//! Inference steps of ingestions and uploads.

use std::borrow::Cow;

pub use datalinks_gen::enums::{NormaliseMode, ValidateMode};
use datalinks_gen::{InferenceStep as Wire, Row, api::types};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{description::description, model::Model};
use crate::error::Error;

/// One inference step. The service runs the steps in order on each row before it stores the row. Each step reads
/// the output of the step before it.
///
/// The service documents that all steps except [`rows`](Self::rows) and [`reverse_geo`](Self::reverse_geo) call a
/// model, which uses tokens for every row. Options that are not set are left out, and the defaults of the service
/// apply.
///
/// A step is validated when its request is built. An option that the type of the step does not have causes an error
/// of kind [`InvalidInput`](crate::ErrorKind::InvalidInput), and no request is sent.
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
    /// The first invalid option and the reason.
    fault: Option<Cow<'static, str>>,
}

impl InferenceStep {
    /// Creates a step that derives columns from the text of one column. The model chooses the names of the new
    /// columns.
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

    /// Creates a step that derives rows from a JSON array in one column.
    pub fn rows(column: impl Into<String>) -> Self {
        Self::of(Wire::Rows(types::RowsStep { derive_from: column.into() }))
    }

    /// Creates a step that derives target columns from the columns of a row. Add target columns with
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

    /// Creates a step that validates the values of columns. Every row is kept and gets a field `__valid`, which
    /// states whether the row is valid.
    pub fn validate<C: Into<String>>(mode: ValidateMode, columns: impl IntoIterator<Item = C>) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        Self::of(Wire::Validate(types::ValidateStep { mode, columns, model: None, provider: None }))
    }

    /// Creates a step that adds a column with the latitude and longitude of a place name. Set the column of the
    /// place name with [`derive_from`](Self::derive_from). The service does not document which column is read by
    /// default.
    pub fn reverse_geo() -> Self {
        Self::of(Wire::ReverseGeo(types::ReverseGeoStep { derive_from: None }))
    }

    /// Creates a step that extracts the named entities of a row. The service does not document its output.
    pub fn named_entities() -> Self {
        Self::of(Wire::NamedEntities(Default::default()))
    }

    /// Creates a step of a type that this crate does not support, with these members in addition to the type.
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

    /// Returns the type of the step, as written on the wire.
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

    /// Sets the column that a [`table`](Self::table), [`rows`](Self::rows) or [`reverse_geo`](Self::reverse_geo)
    /// step reads.
    pub fn derive_from(mut self, column: impl Into<String>) -> Self {
        let column = column.into();
        match &mut self.wire {
            Wire::Table(step) => step.derive_from = column,
            Wire::Rows(step) => step.derive_from = column,
            Wire::ReverseGeo(step) => step.derive_from = Some(column),
            _ => return self.without_option("derive_from"),
        }
        self
    }

    /// Sets the model of a [`table`](Self::table), [`normalise`](Self::normalise) or [`validate`](Self::validate)
    /// step. By default, the service chooses.
    pub fn model(mut self, model: impl Into<Model>) -> Self {
        let Model { name, provider } = model.into();
        let set = match &mut self.wire {
            Wire::Table(step) => (&mut step.model, &mut step.provider),
            Wire::Normalise(step) | Wire::Normalize(step) => (&mut step.model, &mut step.provider),
            Wire::Validate(step) => (&mut step.model, &mut step.provider),
            _ => return self.without_option("model"),
        };
        (*set.0, *set.1) = (name, provider);
        self
    }

    /// Sets instructions in natural language for a [`table`](Self::table) step.
    pub fn additional_instructions(mut self, text: impl Into<String>) -> Self {
        let Wire::Table(step) = &mut self.wire else { return self.without_option("additional_instructions") };
        step.additional_instructions = Some(text.into());
        self
    }

    /// Sets the older form of instructions for a [`table`](Self::table) or [`normalise`](Self::normalise) step. The
    /// vendor's client sends this form.
    pub fn helper_prompt(mut self, text: impl Into<String>) -> Self {
        let set = match &mut self.wire {
            Wire::Table(step) => &mut step.helper_prompt,
            Wire::Normalise(step) | Wire::Normalize(step) => &mut step.helper_prompt,
            _ => return self.without_option("helper_prompt"),
        };
        *set = Some(text.into());
        self
    }

    /// Sets whether a [`table`](Self::table) step removes the column that it reads. The contract declares `false`
    /// as the default.
    pub fn replace_original_column(mut self, replace: bool) -> Self {
        let Wire::Table(step) = &mut self.wire else { return self.without_option("replace_original_column") };
        step.replace_original_column = Some(replace);
        self
    }

    /// Adds a column that a [`normalise`](Self::normalise) step derives, with the meaning of the column.
    pub fn target_column(mut self, name: impl Into<String>, meaning: impl Into<String>) -> Self {
        let (Wire::Normalise(step) | Wire::Normalize(step)) = &mut self.wire else {
            return self.without_option("target_column");
        };
        step.target_cols.get_or_insert_default().insert(name.into(), meaning.into());
        self
    }

    /// Sets a description of the data for a [`normalise`](Self::normalise) step. At most 10,000 characters.
    pub fn data_description(mut self, text: impl AsRef<str>) -> Self {
        let (Wire::Normalise(step) | Wire::Normalize(step)) = &mut self.wire else {
            return self.without_option("data_description");
        };
        match description(text.as_ref()) {
            Ok(text) => step.data_description = Some(text),
            Err(error) => {
                self.fault.get_or_insert(Cow::Owned(error.message().to_owned()));
            }
        }
        self
    }

    fn without_option(mut self, setting: &'static str) -> Self {
        let fault = format!("an inference step of the type {:?} has no option {setting}", self.kind());
        self.fault.get_or_insert(Cow::Owned(fault));
        self
    }

    /// Returns the step as it is sent, or the error of its first invalid option.
    fn checked(self) -> Result<Wire, Error> {
        self.fault.map_or(Ok(self.wire), |fault| Err(Error::invalid(fault)))
    }
}

/// Returns the steps as they are sent, or the error of the first invalid step.
pub(crate) fn checked(steps: impl IntoIterator<Item = InferenceStep>) -> Result<Vec<Wire>, Error> {
    steps.into_iter().map(InferenceStep::checked).collect()
}

/// Serializes the step as it is sent. Fails if an option is invalid.
impl Serialize for InferenceStep {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.fault {
            Some(fault) => Err(serde::ser::Error::custom(fault)),
            None => self.wire.serialize(serializer),
        }
    }
}

/// Deserializes a step, for example from a configuration file. A step of an unknown type is kept.
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
    fn serialization_includes_every_type_and_option() {
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
    fn options_of_other_step_types_are_rejected() {
        let text = || InferenceStep::table("t");
        for (step, what) in [
            (InferenceStep::rows("r").model("m"), "\"rows\" has no option model"),
            (InferenceStep::named_entities().derive_from("c"), "\"namedEntities\" has no option derive_from"),
            (text().target_column("a", "b"), "\"table\" has no option target_column"),
            (InferenceStep::reverse_geo().helper_prompt("h"), "has no option helper_prompt"),
            (InferenceStep::rows("r").additional_instructions("i"), "has no option additional_instructions"),
            (InferenceStep::rows("r").replace_original_column(true), "has no option replace_original_column"),
            // The first invalid option is reported.
            (text().data_description("d").target_column("a", "b"), "has no option data_description"),
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
