//! The parsing of messages to an agent.

use serde_json::{Map, Value};

use super::RpcError;
use super::part::OutputModes;
use crate::ask::StageModel;

/// The kinds of parts. A part has exactly one of these members.
const KINDS: [&str; 4] = ["text", "raw", "url", "data"];

/// A message to an agent: the parameters of `SendMessage` and `SendStreamingMessage`.
#[derive(Debug)]
pub(crate) struct Incoming {
    /// The first text among the parts.
    pub(crate) question: String,
    /// The namespace to query, from the metadata of the message. The caller owns it: the protocol has no field for an
    /// owner.
    pub(crate) namespace: String,
    pub(crate) model: StageModel,
    /// The context to continue.
    pub(crate) context: Option<String>,
    pub(crate) modes: OutputModes,
}

impl Incoming {
    /// Reads the parameters. With `strict`, members of older protocol versions are rejected. Otherwise they are
    /// ignored.
    pub(crate) fn read(params: &Map<String, Value>, strict: bool) -> Result<Self, RpcError> {
        let message =
            object(params, "", "message")?.ok_or_else(|| RpcError::params("message: is missing"))?;
        if string(message, "message.", "messageId")?.is_none() {
            return Err(RpcError::params(
                "message.messageId: is missing; give each message an id of its own",
            ));
        }
        match message.get("role") {
            Some(Value::String(role)) if role == "ROLE_USER" => {}
            _ => return Err(RpcError::params("message.role: must be ROLE_USER")),
        }
        if string(message, "message.", "taskId")?.is_some() {
            return Err(RpcError::no_task());
        }
        let question = question(message, strict)?;
        check_extensions(message)?;
        let no_metadata = Map::new();
        let metadata = object(message, "message.", "metadata")?.unwrap_or(&no_metadata);
        let own = |name| string(metadata, "message.metadata.", name);
        let namespace = own("namespace")?.ok_or_else(|| no_namespace(params))?.to_owned();
        let model = StageModel {
            model: own("model")?.map(str::to_owned),
            provider: own("provider")?.map(str::to_owned),
        };
        let modes = match object(params, "", "configuration")? {
            Some(configuration) => read_configuration(configuration)?,
            None => OutputModes::ALL,
        };
        let context = string(message, "message.", "contextId")?.map(str::to_owned);
        Ok(Self { question, namespace, model, context, modes })
    }
}

/// Returns the error for a message that does not name a namespace.
fn no_namespace(params: &Map<String, Value>) -> RpcError {
    let elsewhere = params.get("metadata").and_then(|metadata| metadata.get("namespace")).is_some();
    let hint = if elsewhere { "; the metadata of the request does not count" } else { "" };
    RpcError::params(format!(
        "message.metadata.namespace is missing: name the namespace in the metadata of the message itself{hint}"
    ))
}

/// Returns the question, which is the first text among the parts. Checks that all parts are well-formed.
fn question(message: &Map<String, Value>, strict: bool) -> Result<String, RpcError> {
    let Some(Value::Array(parts)) = message.get("parts") else {
        return Err(RpcError::params("message.parts: must be an array of parts"));
    };
    let mut question = None;
    for (index, part) in parts.iter().enumerate() {
        let invalid = |what: &str| RpcError::params(format!("message.parts[{index}]: {what}"));
        let Value::Object(part) = part else { return Err(invalid("must be an object")) };
        // Null means absent, except as the content of a data part.
        let present = |name: &&str| part.get(*name).is_some_and(|value| *name == "data" || !value.is_null());
        let mut kinds = KINDS.iter().copied().filter(|kind| present(kind));
        let (Some(kind), None) = (kinds.next(), kinds.next()) else {
            return Err(invalid("must have exactly one of `text`, `raw`, `url` and `data`"));
        };
        if strict && part.contains_key("kind") {
            return Err(invalid("has a `kind`, which version 1.0 of the protocol does not have"));
        }
        match &part[kind] {
            Value::String(text) if kind == "text" => {
                question.get_or_insert(text);
            }
            Value::String(_) => {}
            _ if kind == "data" => {}
            _ => return Err(invalid(&format!("`{kind}` must be a string"))),
        }
    }
    match question {
        Some(text) if !text.trim().is_empty() => Ok(text.clone()),
        _ => Err(RpcError::params("message.parts: the first text is the question, and there is none")),
    }
}

/// Rejects content of extensions. The agent cards advertise none, and the service rejects content that an agent did not
/// advertise.
fn check_extensions(message: &Map<String, Value>) -> Result<(), RpcError> {
    let named = message.get("extensions").and_then(Value::as_array).is_some_and(|uris| !uris.is_empty());
    // A part that belongs to an extension has its URI among the keys of its metadata.
    let is_tagged = |part: &Value| {
        let metadata = part.get("metadata").and_then(Value::as_object);
        metadata.is_some_and(|metadata| metadata.keys().any(|name| name.contains("://")))
    };
    let parts = message.get("parts").and_then(Value::as_array);
    if named || parts.is_some_and(|parts| parts.iter().any(is_tagged)) {
        return Err(RpcError::params(
            "message: it has content of an extension, such as caller context, and the card of this agent advertises none",
        ));
    }
    Ok(())
}

fn read_configuration(configuration: &Map<String, Value>) -> Result<OutputModes, RpcError> {
    if configuration.get("taskPushNotificationConfig").is_some_and(|config| !config.is_null()) {
        return Err(RpcError::no_push_notifications());
    }
    OutputModes::read(configuration)
}

/// Reads an optional member that is an object. `path` is the prefix of its name in errors.
fn object<'a>(
    fields: &'a Map<String, Value>,
    path: &str,
    name: &str,
) -> Result<Option<&'a Map<String, Value>>, RpcError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(value)) => Ok(Some(value)),
        Some(_) => Err(RpcError::params(format!("{path}{name}: must be an object"))),
    }
}

/// Reads an optional member that is a string. An empty string counts as absent, as everywhere in the protocol.
fn string<'a>(fields: &'a Map<String, Value>, path: &str, name: &str) -> Result<Option<&'a str>, RpcError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(value)) => Ok(Some(value.as_str()).filter(|value| !value.is_empty())),
        Some(_) => Err(RpcError::params(format!("{path}{name}: must be a string"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn params() -> Value {
        json!({ "message": {
            "messageId": "m", "role": "ROLE_USER", "parts": [{ "text": "Who?" }],
            "metadata": { "namespace": "cinema" },
        } })
    }

    /// Returns the parameters with one member set, or removed if the value is null.
    fn with(pointer: &str, value: Value) -> Value {
        let mut params = params();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = params.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        if value.is_null() {
            parent.remove(name)
        } else {
            parent.insert(name.to_owned(), value)
        };
        params
    }

    fn read(params: &Value) -> Result<Incoming, (i64, String)> {
        Incoming::read(params.as_object().unwrap(), false).map_err(|error| {
            let error = serde_json::to_value(error).unwrap();
            (error["code"].as_i64().unwrap(), error["message"].as_str().unwrap().to_owned())
        })
    }

    #[test]
    fn first_text_is_the_question() {
        let parts =
            json!([{ "data": null }, { "text": "Who?", "raw": null }, { "url": "x" }, { "text": "No." }]);
        let incoming = read(&with("/message/parts", parts)).unwrap();
        assert_eq!((incoming.question.as_str(), incoming.namespace.as_str()), ("Who?", "cinema"));
        assert_eq!((incoming.context, incoming.modes), (None, OutputModes::ALL));
        assert_eq!((incoming.model.model, incoming.model.provider), (None, None));
        let metadata = json!({ "namespace": "cinema", "model": "m", "provider": "p", "more": 1 });
        let incoming = read(&with("/message/metadata", metadata)).unwrap();
        assert_eq!(
            (incoming.model.model.as_deref(), incoming.model.provider.as_deref()),
            (Some("m"), Some("p"))
        );
        assert_eq!(read(&with("/message/contextId", json!("c"))).unwrap().context.as_deref(), Some("c"));
        assert_eq!(read(&with("/message/contextId", json!(""))).unwrap().context, None);
    }

    #[test]
    fn namespace_counts_only_in_the_metadata_of_the_message() {
        let (code, message) = read(&with("/message/metadata", Value::Null)).unwrap_err();
        assert_eq!(code, -32602);
        assert!(message.starts_with("message.metadata.namespace is missing"), "{message}");
        let mut elsewhere = with("/message/metadata", Value::Null);
        elsewhere["metadata"] = json!({ "namespace": "cinema" });
        let (code, message) = read(&elsewhere).unwrap_err();
        assert_eq!(code, -32602);
        assert!(message.ends_with("the metadata of the request does not count"), "{message}");
        assert_eq!(read(&with("/message/metadata", json!({ "namespace": "" }))).unwrap_err().0, -32602);
    }

    #[test]
    fn malformed_messages_are_invalid_parameters() {
        for (pointer, value) in [
            ("/message", Value::Null),
            ("/message", json!(1)),
            ("/message/messageId", Value::Null),
            ("/message/messageId", json!(1)),
            ("/message/role", Value::Null),
            ("/message/role", json!("user")),
            ("/message/role", json!("ROLE_AGENT")),
            ("/message/parts", Value::Null),
            ("/message/parts", json!([])),
            ("/message/parts", json!([1])),
            ("/message/parts", json!([{}])),
            ("/message/parts", json!([{ "text": null }])),
            ("/message/parts", json!([{ "text": 1 }])),
            ("/message/parts", json!([{ "text": " " }])),
            ("/message/parts", json!([{ "text": "Who?" }, { "url": 1 }])),
            ("/message/parts", json!([{ "text": "Who?", "data": {} }])),
            ("/message/parts", json!([{ "data": { "text": "Who?" } }])),
            ("/message/metadata", json!("cinema")),
            ("/message/metadata", json!({ "namespace": 1 })),
            ("/message/metadata", json!({ "namespace": "cinema", "model": 1 })),
            ("/message/contextId", json!(1)),
            ("/configuration", json!(1)),
            ("/configuration", json!({ "acceptedOutputModes": "text" })),
            ("/message/extensions", json!(["https://example.org/context"])),
            (
                "/message/parts",
                json!([{ "text": "Who?" }, { "data": {}, "metadata": { "https://example.org/c": {} } }]),
            ),
        ] {
            assert_eq!(read(&with(pointer, value.clone())).unwrap_err().0, -32602, "{pointer} {value}");
        }
    }

    #[test]
    fn tasks_and_push_notifications_have_errors_of_their_own() {
        assert_eq!(read(&with("/message/taskId", json!("t"))).unwrap_err().0, -32001);
        assert_eq!(read(&with("/message/taskId", json!(""))).map(|own| own.question).unwrap(), "Who?");
        let push = json!({ "taskPushNotificationConfig": { "url": "http://127.0.0.1/" } });
        assert_eq!(read(&with("/configuration", push)).unwrap_err().0, -32003);
        let modes = json!({ "acceptedOutputModes": ["image/png"] });
        assert_eq!(read(&with("/configuration", modes)).unwrap_err().0, -32005);
    }

    #[test]
    fn kind_is_ignored_unless_fields_are_strict() {
        let params = with("/message/parts", json!([{ "kind": "text", "text": "Who?" }]));
        assert_eq!(read(&params).unwrap().question, "Who?");
        assert!(Incoming::read(params.as_object().unwrap(), true).is_err());
    }
}
