//! Messages: what comes to the agent, and what it says when it has nothing to work on.

use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::rpc::RpcError;

/// What a message asks.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Incoming {
    /// The texts of its parts, one a line. Empty: nothing is asked.
    pub(crate) text: String,
    /// The conversation that it goes on with.
    pub(crate) context: Option<String>,
    /// Whose namespace, and which; the protocol does not know them, so they are metadata.
    pub(crate) username: Option<String>,
    pub(crate) namespace: Option<String>,
}

impl Incoming {
    /// Reads the parameters of `message/send`.
    pub(crate) fn read(params: &Map<String, Value>) -> Result<Self, RpcError> {
        let Some(message) = params.get("message") else { return Ok(Self::default()) };
        let Value::Object(message) = message else {
            return Err(RpcError::params("message: must be an object"));
        };
        if message.contains_key("taskId") {
            return Err(RpcError::params(
                "message.taskId: a task is over when it is answered; go on with its contextId instead",
            ));
        }
        let Some(Value::Array(parts)) = message.get("parts") else {
            return Err(RpcError::params("message.parts: must be a list of parts"));
        };
        let texts: Option<Vec<&str>> = parts.iter().map(|part| part.get("text")?.as_str()).collect();
        let texts =
            texts.ok_or_else(|| RpcError::params("message.parts: only parts with a text are understood"))?;
        let place = |name: &str| {
            let places = [message.get("metadata"), params.get("metadata")];
            places.into_iter().flatten().find_map(|metadata| Some(metadata.get(name)?.as_str()?.to_owned()))
        };
        Ok(Self {
            text: texts.join("\n"),
            context: message.get("contextId").and_then(Value::as_str).map(str::to_owned),
            username: place("username"),
            namespace: place("namespace"),
        })
    }
}

/// A message of the agent: what it needs to know before it can work.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    kind: &'static str,
    role: &'static str,
    message_id: Uuid,
    parts: [TextPart; 1],
}

#[derive(Serialize)]
pub(super) struct TextPart {
    kind: &'static str,
    text: String,
}

impl TextPart {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { kind: "text", text: text.into() }
    }
}

impl Reply {
    pub(crate) fn new(message_id: Uuid, text: impl Into<String>) -> Self {
        Self { kind: "message", role: "agent", message_id, parts: [TextPart::new(text)] }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(params: Value) -> Result<Incoming, RpcError> {
        Incoming::read(params.as_object().unwrap())
    }

    #[test]
    fn texts_are_joined_and_metadata_says_where() {
        let parts = json!([{ "kind": "text", "text": "Who?" }, { "kind": "text", "text": "When?" }]);
        let message = json!({ "parts": parts, "contextId": "c", "metadata": { "namespace": "cinema" } });
        let incoming =
            read(json!({ "message": message, "metadata": { "namespace": "x", "username": "bo" } }));
        let expected = Incoming {
            text: "Who?\nWhen?".into(),
            context: Some("c".into()),
            username: Some("bo".into()),
            namespace: Some("cinema".into()),
        };
        assert_eq!(incoming.unwrap(), expected);
    }

    #[test]
    fn nothing_asks_nothing_and_nonsense_is_refused() {
        assert_eq!(read(json!({})).unwrap(), Incoming::default());
        for message in [
            json!(1),
            json!({}),
            json!({ "parts": 1 }),
            json!({ "parts": [{ "kind": "data", "data": {} }] }),
            json!({ "parts": [], "taskId": "t" }),
        ] {
            assert!(read(json!({ "message": message })).is_err(), "{message}");
        }
    }
}
