//! Inference steps.

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Error},
};
use serde_json::Value;

use crate::{Row, api::types};

/// A step that the service applies to each row before storing it. Steps run in order, and each step reads the
/// output of the previous one. All steps except `Rows` call a model, which costs tokens.
///
/// ```
/// use datalinks_gen::{InferenceStep, api::types::RowsStep};
///
/// let step = InferenceStep::Rows(RowsStep { derive_from: "cast".into() });
/// assert_eq!(serde_json::to_string(&step).unwrap(), r#"{"type":"rows","deriveFrom":"cast"}"#);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(tag = "type")]
#[non_exhaustive]
pub enum InferenceStep {
    /// Extracts columns from the free text of a column.
    #[serde(rename = "table")]
    Table(types::TableStep),
    /// Expands a JSON array in a column into rows.
    #[serde(rename = "rows")]
    Rows(types::RowsStep),
    /// Converts columns to one format.
    #[serde(rename = "normalise")]
    Normalise(types::NormaliseStep),
    /// Converts columns to one format, under the second spelling that the schema lists.
    #[serde(rename = "normalize")]
    Normalize(types::NormaliseStep),
    /// Validates columns.
    #[serde(rename = "validate")]
    Validate(types::ValidateStep),
    /// Converts a location to a column with latitude and longitude.
    #[serde(rename = "reverseGeo")]
    ReverseGeo(types::ReverseGeoStep),
    /// Extracts named entities.
    #[serde(rename = "namedEntities")]
    NamedEntities(types::NamedEntitiesStep),
    /// A step that the document does not list, sent as given. The object contains its own `type`.
    #[serde(untagged)]
    Other(Row),
}

// With the derived implementation, an invalid known step would be read as an unknown one.
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
