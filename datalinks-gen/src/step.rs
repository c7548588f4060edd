//! Inference steps.

use serde::{Deserialize, Serialize};

use crate::{Row, api::types};

/// One step of an inference, run by the service on each row before it is stored. Steps run in
/// order, each on what the one before made. All but `Rows` use a model, which costs tokens.
///
/// ```
/// use datalinks_gen::{InferenceStep, api::types::RowsStep};
///
/// let step = InferenceStep::Rows(RowsStep { derive_from: "cast".into() });
/// assert_eq!(serde_json::to_string(&step).unwrap(), r#"{"type":"rows","deriveFrom":"cast"}"#);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "type")]
#[non_exhaustive]
pub enum InferenceStep {
    /// Free text of one column becomes columns.
    #[serde(rename = "table")]
    Table(types::TableStep),
    /// A JSON array held in one column becomes rows.
    #[serde(rename = "rows")]
    Rows(types::RowsStep),
    /// Columns are brought to one form.
    #[serde(rename = "normalise")]
    Normalise(types::NormaliseStep),
    /// The same under the other spelling that the schema lists.
    #[serde(rename = "normalize")]
    Normalize(types::NormaliseStep),
    /// Columns are checked.
    #[serde(rename = "validate")]
    Validate(types::ValidateStep),
    /// A place becomes latitude and longitude.
    #[serde(rename = "reverseGeo")]
    ReverseGeo(types::ReverseGeoStep),
    /// Named entities are found.
    #[serde(rename = "namedEntities")]
    NamedEntities(types::NamedEntitiesStep),
    /// A step that the document does not know, written as given; it holds its own `type`.
    #[serde(untagged)]
    Other(Row),
}
