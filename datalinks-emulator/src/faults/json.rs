//! A fault as JSON: an object with `operation`, and the settings under the names that they have in the text.

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value as Json};

use super::error::FaultError;
use super::fault::Fault;
use super::set::find;
use super::setting::{Value, ValueKind};

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let settings = self.settings();
        let mut map = serializer.serialize_map(Some(settings.len() + 1))?;
        map.serialize_entry("operation", &self.operation)?;
        for (name, value) in settings {
            map.serialize_entry(name, &value)?;
        }
        map.end()
    }
}

/// A text is read as [`Fault`]'s `FromStr` reads it.
impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Json::deserialize(deserializer)?;
        Self::of_json(&json).map_err(D::Error::custom)
    }
}

impl Fault {
    /// Reads a fault from JSON, be it an object or a text.
    pub(crate) fn of_json(json: &Json) -> Result<Self, FaultError> {
        match json {
            Json::String(text) => text.parse(),
            Json::Object(settings) => Self::of_object(settings),
            _ => Err(FaultError::NotAFault),
        }
    }

    fn of_object(settings: &Map<String, Json>) -> Result<Self, FaultError> {
        let Some(Json::String(operation)) = settings.get("operation") else {
            return Err(FaultError::NotAFault);
        };
        let mut fault = Self::new(operation);
        for (name, value) in settings.iter().filter(|(name, _)| *name != "operation") {
            let (name, form) = find(name)?;
            let value = match value {
                // As if it were left out.
                Json::Null => continue,
                Json::Bool(false) if form == ValueKind::Flag => continue,
                Json::Bool(true) if form == ValueKind::Flag => Some(Value::Flag),
                Json::String(text) if matches!(form, ValueKind::Text | ValueKind::Time) => {
                    Value::read(form, text)
                }
                // Seconds to wait are a number to whoever writes them.
                Json::Number(number) if form != ValueKind::Time => Value::read(form, &number.to_string()),
                _ => None,
            };
            fault.set(name, value.ok_or(FaultError::WrongValue { name, wanted: form.wanted() })?)?;
        }
        fault.checked()
    }
}
