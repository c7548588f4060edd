//! JSON-RPC 2.0 requests, responses and errors. Batches are not supported.

use serde::Serialize;
use serde_json::{Map, Value};

/// A well-formed request.
#[derive(Debug, PartialEq)]
pub(crate) struct Request {
    pub(crate) id: Value,
    pub(crate) method: String,
    pub(crate) params: Map<String, Value>,
}

/// An error with a code of JSON-RPC or of the agent protocol.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct RpcError {
    code: i32,
    message: String,
}

impl RpcError {
    fn parse(message: String) -> Self {
        Self { code: -32700, message }
    }

    fn request(message: &str) -> Self {
        Self { code: -32600, message: message.to_owned() }
    }

    pub(crate) fn method(method: &str) -> Self {
        let message = format!(
            "no such method {method:?}; use SendMessage, SendStreamingMessage or GetExtendedAgentCard of version \
             1.0 of the protocol"
        );
        Self { code: -32601, message }
    }

    pub(crate) fn params(message: impl Into<String>) -> Self {
        Self { code: -32602, message: message.into() }
    }

    /// Creates the error for a failure of the server.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self { code: -32603, message: message.into() }
    }

    pub(crate) fn no_task() -> Self {
        let message =
            "no such task: the agents store no tasks after their response; continue with its contextId";
        Self { code: -32001, message: message.to_owned() }
    }

    pub(crate) fn no_push_notifications() -> Self {
        let message = "the agents send no push notifications; use SendStreamingMessage";
        Self { code: -32003, message: message.to_owned() }
    }

    pub(crate) fn no_list_of_tasks() -> Self {
        Self { code: -32004, message: "the agents store no tasks, so they cannot be listed".to_owned() }
    }

    /// Creates the error for a client that accepts no content type of the agent.
    pub(super) fn content_type(message: String) -> Self {
        Self { code: -32005, message }
    }
}

/// The response to a request.
#[derive(Serialize)]
pub(crate) struct Response<T> {
    jsonrpc: &'static str,
    id: Value,
    #[serde(flatten)]
    outcome: Outcome<T>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome<T> {
    Result(T),
    Error(RpcError),
}

impl<T> Response<T> {
    pub(crate) fn new(id: Value, result: Result<T, RpcError>) -> Self {
        let outcome = match result {
            Ok(result) => Outcome::Result(result),
            Err(error) => Outcome::Error(error),
        };
        Self { jsonrpc: "2.0", id, outcome }
    }
}

impl Request {
    /// Reads one request. An error comes with the id that the response must contain.
    pub(crate) fn read(body: &[u8]) -> Result<Self, (Value, RpcError)> {
        let without_id = |error| (Value::Null, error);
        let value: Value = serde_json::from_slice(body)
            .map_err(|error| without_id(RpcError::parse(format!("the body is not valid JSON: {error}"))))?;
        let Value::Object(mut fields) = value else {
            return Err(without_id(RpcError::request(
                "the body is not a JSON object; send one request at a time",
            )));
        };
        let id = match fields.remove("id") {
            Some(id @ (Value::Number(_) | Value::String(_))) => id,
            _ => return Err(without_id(RpcError::request("id: must be a number or a string"))),
        };
        let rejected = |error| Err((id.clone(), error));
        if fields.get("jsonrpc") != Some(&Value::from("2.0")) {
            return rejected(RpcError::request("jsonrpc: must be \"2.0\""));
        }
        let Some(Value::String(method)) = fields.remove("method") else {
            return rejected(RpcError::request("method: must be a string"));
        };
        match fields.remove("params") {
            None => Ok(Self { id, method, params: Map::new() }),
            Some(Value::Object(params)) => Ok(Self { id, method, params }),
            Some(_) => rejected(RpcError::params("params: must be an object")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn malformed_request_is_an_error_with_its_code() {
        let request = Request::read(br#"{"jsonrpc":"2.0","id":"a","method":"m","params":{"b":1}}"#).unwrap();
        assert_eq!(
            (&request.id, request.method.as_str(), &request.params["b"]),
            (&json!("a"), "m", &json!(1))
        );
        for (body, id, code) in [
            ("{", Value::Null, -32700),
            ("", Value::Null, -32700),
            ("[]", Value::Null, -32600),
            ("1", Value::Null, -32600),
            (r#"{"jsonrpc":"2.0","method":"m"}"#, Value::Null, -32600),
            (r#"{"jsonrpc":"2.0","id":{},"method":"m"}"#, Value::Null, -32600),
            (r#"{"jsonrpc":"1.0","id":1,"method":"m"}"#, json!(1), -32600),
            (r#"{"id":1,"method":"m"}"#, json!(1), -32600),
            (r#"{"jsonrpc":"2.0","id":1}"#, json!(1), -32600),
            (r#"{"jsonrpc":"2.0","id":1,"method":"m","params":[]}"#, json!(1), -32602),
        ] {
            let (own_id, error) = Request::read(body.as_bytes()).unwrap_err();
            assert_eq!((own_id, error.code), (id, code), "{body}");
        }
    }

    #[test]
    fn response_has_a_result_or_an_error() {
        let serialized = |result| serde_json::to_value(Response::new(json!(7), result)).unwrap();
        assert_eq!(serialized(Ok(json!({}))), json!({ "jsonrpc": "2.0", "id": 7, "result": {} }));
        let error = serialized(Err(RpcError::method("message/send")));
        assert_eq!((&error["error"]["code"], error.get("result")), (&json!(-32601), None));
    }
}
