//! Inference steps.

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Error},
};
use serde_json::Value;

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
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
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
    /// A place becomes one column with latitude and longitude.
    #[serde(rename = "reverseGeo")]
    ReverseGeo(types::ReverseGeoStep),
    /// Named entities are found.
    #[serde(rename = "namedEntities")]
    NamedEntities(types::NamedEntitiesStep),
    /// A step that the document does not know, written as given; it holds its own `type`.
    #[serde(untagged)]
    Other(Row),
}

// Derived, a known step with a fault would be read as an unknown one.
impl<'de> Deserialize<'de> for InferenceStep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        fn known<T: DeserializeOwned, E: Error>(mut fields: Row) -> Result<T, E> {
            fields.remove("type");
            serde_json::from_value(Value::Object(fields)).map_err(E::custom)
        }
        let fields = Row::deserialize(deserializer)?;
        Ok(match fields.get("type").and_then(Value::as_str) {
            Some("table") => Self::Table(known(fields)?),
            Some("rows") => Self::Rows(known(fields)?),
            Some("normalise") => Self::Normalise(known(fields)?),
            Some("normalize") => Self::Normalize(known(fields)?),
            Some("validate") => Self::Validate(known(fields)?),
            Some("reverseGeo") => Self::ReverseGeo(known(fields)?),
            Some("namedEntities") => Self::NamedEntities(known(fields)?),
            Some(_) => Self::Other(fields),
            None => return Err(Error::missing_field("type")),
        })
    }
}
