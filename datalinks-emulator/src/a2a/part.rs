//! Parts of messages and artifacts, and the kinds of parts that a client accepts.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::RpcError;

/// A part that an agent sends. Its single member names its kind.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Part {
    Text(String),
    Data(Data),
}

/// The content of a data part.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Data {
    /// The instructions of a plan.
    InferenceSteps { steps: Vec<String> },
    /// Rows that a query found, as JSON.
    Rows { rows: Box<RawValue> },
}

/// The kinds of parts that a client accepts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct OutputModes {
    pub(crate) text: bool,
    pub(crate) data: bool,
}

impl OutputModes {
    /// The modes of a client that does not name any.
    pub(crate) const ALL: Self = Self { text: true, data: true };

    /// Reads `acceptedOutputModes`: mode names as in agent cards, or media types.
    pub(super) fn read(configuration: &Map<String, Value>) -> Result<Self, RpcError> {
        const NAME: &str = "configuration.acceptedOutputModes";
        let modes = match configuration.get("acceptedOutputModes") {
            None | Some(Value::Null) => return Ok(Self::ALL),
            Some(Value::Array(modes)) if modes.is_empty() => return Ok(Self::ALL),
            Some(Value::Array(modes)) => modes,
            Some(_) => return Err(RpcError::params(format!("{NAME}: must be an array"))),
        };
        let mut accepted = Self { text: false, data: false };
        for mode in modes {
            let Value::String(mode) = mode else {
                return Err(RpcError::params(format!("{NAME}: must be an array of strings")));
            };
            let media_type = mode.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            match media_type.as_str() {
                "text" | "text/plain" | "text/*" => accepted.text = true,
                "data" | "application/json" | "application/*" => accepted.data = true,
                "*/*" => accepted = Self::ALL,
                _ => {}
            }
        }
        if accepted.text || accepted.data {
            return Ok(accepted);
        }
        Err(RpcError::content_type(format!(
            "{NAME}: the agent sends text and data; accept at least one of them"
        )))
    }

    /// Removes the parts that are not accepted.
    pub(super) fn apply(self, parts: &mut Vec<Part>) {
        parts.retain(|part| match part {
            Part::Text(_) => self.text,
            Part::Data(_) => self.data,
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(modes: Value) -> Result<OutputModes, Value> {
        let configuration = json!({ "acceptedOutputModes": modes });
        let read = OutputModes::read(configuration.as_object().unwrap());
        read.map_err(|error| serde_json::to_value(error).unwrap()["code"].clone())
    }

    #[test]
    fn output_modes_are_names_or_media_types() {
        let (text, data) = (OutputModes { text: true, data: false }, OutputModes { text: false, data: true });
        assert_eq!(OutputModes::read(&Map::new()).unwrap(), OutputModes::ALL);
        for modes in [json!(null), json!([]), json!(["text", "data"]), json!(["*/*"])] {
            assert_eq!(read(modes.clone()), Ok(OutputModes::ALL), "{modes}");
        }
        for modes in [json!(["text"]), json!(["Text/Plain; charset=utf-8"]), json!(["image/png", "text/*"])] {
            assert_eq!(read(modes.clone()), Ok(text), "{modes}");
        }
        assert_eq!(read(json!(["application/json"])), Ok(data));
        assert_eq!(read(json!(["image/png"])), Err(json!(-32005)));
        for modes in [json!("text"), json!([1])] {
            assert_eq!(read(modes.clone()), Err(json!(-32602)), "{modes}");
        }
    }

    #[test]
    fn part_serializes_as_one_member() {
        let rows = RawValue::from_string("[1e999]".to_owned()).unwrap();
        let parts = vec![Part::Text("a".into()), Part::Data(Data::Rows { rows })];
        assert_eq!(serde_json::to_string(&parts).unwrap(), r#"[{"text":"a"},{"data":{"rows":[1e999]}}]"#);
        let mut texts = parts;
        OutputModes { text: true, data: false }.apply(&mut texts);
        assert_eq!(serde_json::to_string(&texts).unwrap(), r#"[{"text":"a"}]"#);
    }
}
