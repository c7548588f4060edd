//! The JSON form of a fault: an object with `operation` and the settings, named as in the string form.

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

/// Also accepts a JSON string in the form that [`Fault`]'s `FromStr` reads.
impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Json::deserialize(deserializer)?;
        Self::of_json(&json).map_err(D::Error::custom)
    }
}

impl Fault {
    /// Reads a fault from a JSON object, or from a JSON string in the form of the command line.
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
            let (name, kind) = find(name)?;
            let value = match value {
                // Both mean that the setting is not set.
                Json::Null => continue,
                Json::Bool(false) if kind == ValueKind::Flag => continue,
                Json::Bool(true) if kind == ValueKind::Flag => Some(Value::Flag),
                Json::String(text) if matches!(kind, ValueKind::Text | ValueKind::Time) => {
                    Value::read(kind, text)
                }
                // `retry-after` is a string, but people write its seconds as a number.
                Json::Number(number) if kind != ValueKind::Time => Value::read(kind, &number.to_string()),
                _ => None,
            };
            fault.set(name, value.ok_or(FaultError::WrongValue { name, expected: kind.expected() })?)?;
        }
        fault.checked()
    }
}
