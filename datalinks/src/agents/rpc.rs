//! JSON-RPC 2.0, as agents speak it.
//!
//! One HTTP exchange carries one request. [`encode`] writes it, [`result`] reads a response to it, and an [`Exchange`]
//! turns what is wrong with a response into an error with all that is known of the exchange.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::proto::Members;
use crate::{
    error::{Error, ErrorKind, rpc::name},
    json::name::Name,
    secrets,
    transport::{Facts, request_id},
};

/// The id of every request: an exchange carries one request, so its response cannot be that to another.
const ID: &str = "1";
const VERSION: &str = "2.0";

#[derive(Serialize)]
struct Request<P> {
    jsonrpc: &'static str,
    id: &'static str,
    method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<P>,
}

/// Members that are missing are `None`, and so are those that are `null`.
struct Response<'a> {
    jsonrpc: Option<&'a RawValue>,
    id: Option<&'a RawValue>,
    result: Option<&'a RawValue>,
    error: Option<&'a RawValue>,
}

impl<'a> Response<'a> {
    fn read(body: &'a [u8]) -> Result<Self, serde_json::Error> {
        let mut members: BTreeMap<Name, &RawValue> = serde_json::from_slice(body)?;
        let mut take = |name| members.remove(name).filter(|raw| raw.get() != "null");
        Ok(Self { jsonrpc: take("jsonrpc"), id: take("id"), result: take("result"), error: take("error") })
    }
}

struct ErrorObject {
    code: i64,
    message: String,
}

impl<'de> Deserialize<'de> for ErrorObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Members::deserialize(deserializer)?;
        Ok(Self { code: members.required("code")?, message: members.optional("message") })
    }
}

/// A response without a result.
#[derive(Debug, PartialEq)]
pub(super) enum Fault {
    /// The agent responded with an error.
    Agent { code: i64, message: String },
    /// The response is not one to the request. Says why, to go after "the response to METHOD is not valid".
    Malformed(String),
}

/// Writes a request.
pub(super) fn encode(method: &'static str, params: Option<impl Serialize>) -> Result<Bytes, Error> {
    let request = Request { jsonrpc: VERSION, id: ID, method, params };
    let body = serde_json::to_vec(&request).map_err(|error| {
        Error::invalid(format!("the message to the agent cannot be written: {error}")).caused_by(error)
    })?;
    Ok(body.into())
}

/// Reads a response to the request: its result, or the reason why there is none.
pub(super) fn result(body: &[u8]) -> Result<&RawValue, Fault> {
    let malformed = |what: String| Err(Fault::Malformed(what));
    let response = match Response::read(body) {
        Ok(response) => response,
        Err(error) => return malformed(format!("it is not a JSON object: {error}")),
    };
    if response.jsonrpc.and_then(string).is_none_or(|version| version != VERSION) {
        return malformed(match response.jsonrpc {
            Some(version) => format!("its jsonrpc is {}, expected \"{VERSION}\"", start(version)),
            None => format!("its jsonrpc is missing, expected \"{VERSION}\""),
        });
    }
    match response.id {
        Some(id) if string(id).is_none_or(|id| id != ID) => {
            return malformed(format!("its id is {}, expected \"{ID}\"", start(id)));
        }
        // A server that cannot read the id of a request leaves it out of the error.
        None if response.error.is_none() => {
            return malformed(format!("its id is missing, expected \"{ID}\""));
        }
        _ => {}
    }
    match (response.error, response.result) {
        (Some(error), _) => match serde_json::from_str(error.get()) {
            Ok(ErrorObject { code, message }) => Err(Fault::Agent { code, message }),
            Err(cause) => malformed(format!("its error cannot be read: {cause}")),
        },
        (None, Some(result)) => Ok(result),
        (None, None) => malformed("it has neither a result nor an error".to_owned()),
    }
}

/// Returns `true` if this is a JSON-RPC response, valid or not.
pub(super) fn is_response(body: &[u8]) -> bool {
    Response::read(body).is_ok_and(|response| response.jsonrpc.is_some())
}

fn string(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// The start of a JSON text, for an error.
fn start(raw: &RawValue) -> String {
    secrets::start(raw.get(), 40)
}

/// Facts about an exchange: its target, its attempts and time, and the head of its response.
pub(super) struct Exchange {
    pub(super) facts: Facts,
    pub(super) method: &'static str,
    /// `true` if the method lets the agent work, so that a response without a result has an ambiguous outcome.
    pub(super) works: bool,
}

impl Exchange {
    /// Returns the error for a response without a result. Keeps the start of a body that cannot be understood.
    pub(super) fn error(&self, fault: Fault, body: &[u8]) -> Error {
        match fault {
            Fault::Agent { code, message } => self.agent_error(code, message),
            Fault::Malformed(what) => {
                let what = format!("the response to {} is not valid: {what}", self.method);
                let error = self.facts.unexpected(what, body).advice(
                    "check that the host is the API and speaks A2A 1.0; DataLinks::agent and Agent::call send any request",
                );
                self.ambiguous(error)
            }
        }
    }

    /// Returns the error of a stream that ended too early.
    pub(super) fn interrupted(&self, error: Error) -> Error {
        self.ambiguous(
            error.default_advice("what came so far is valid; the agent does not keep the task, so ask again"),
        )
    }

    /// Returns an error after the head of the response, with what is known of the exchange.
    pub(super) fn ambiguous(&self, error: Error) -> Error {
        let error = error.with_request_id(request_id(&self.facts.headers));
        self.facts.context.annotate(error).with_ambiguous(self.works)
    }

    fn agent_error(&self, code: i64, message: String) -> Error {
        let message = match (message.is_empty(), name(code)) {
            (false, _) => message,
            (true, Some(name)) => format!("the agent responded with the error {name}, without a message"),
            (true, None) => format!("the agent responded with the error {code}, without a message"),
        };
        let error = Error::new(ErrorKind::JsonRpc, message)
            .with_rpc_code(code)
            .with_response(self.facts.status, &self.facts.headers, &Bytes::new())
            .with_request_id(request_id(&self.facts.headers));
        let error = match code {
            -32602 => error.advice("change what the message names, and ask again"),
            -32601 | -32004 | -32007 => {
                error.advice("the agent does not offer this; read Agent::card for what it offers")
            }
            _ => error,
        };
        // An internal error may come after the agent began to work.
        let error = self.facts.context.annotate(error);
        if code == -32603 { error.with_ambiguous(self.works) } else { error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_to_another_request_or_of_another_form_is_rejected() {
        let good = r#"{"jsonrpc":"2.0","id":"1","result":{"a":1},"later":true}"#;
        assert_eq!(result(good.as_bytes()).unwrap().get(), r#"{"a":1}"#);
        let table = [
            ("", "not a JSON object"),
            ("[]", "not a JSON object"),
            ("{", "not a JSON object"),
            ("<html>", "not a JSON object"),
            ("{}", "jsonrpc is missing"),
            (r#"{"id":"1","result":{}}"#, "jsonrpc is missing"),
            (r#"{"jsonrpc":"1.0","id":"1","result":{}}"#, "jsonrpc is \"1.0\""),
            (r#"{"jsonrpc":2.0,"id":"1","result":{}}"#, "jsonrpc is 2.0"),
            (r#"{"jsonrpc":"2.0","result":{}}"#, "id is missing"),
            (r#"{"jsonrpc":"2.0","id":null,"result":{}}"#, "id is missing"),
            (r#"{"jsonrpc":"2.0","id":"2","result":{}}"#, "id is \"2\""),
            (r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, "id is 1"),
            (r#"{"jsonrpc":"2.0","id":"2","error":{"code":1,"message":"m"}}"#, "id is \"2\""),
            (r#"{"jsonrpc":"2.0","id":"1"}"#, "neither a result nor an error"),
            (r#"{"jsonrpc":"2.0","id":"1","result":null,"error":null}"#, "neither a result nor an error"),
            (r#"{"jsonrpc":"2.0","id":"1","error":"no"}"#, "error cannot be read"),
            (r#"{"jsonrpc":"2.0","id":"1","error":{"code":"x"}}"#, "error cannot be read"),
        ];
        for (body, expected) in table {
            let Err(Fault::Malformed(what)) = result(body.as_bytes()) else { panic!("{body}") };
            assert!(what.contains(expected), "{body}: {what}");
        }
    }

    #[test]
    fn error_of_the_agent_wins_and_may_have_no_id() {
        for body in [
            r#"{"jsonrpc":"2.0","id":"1","error":{"code":-32602,"message":"m","data":[]}}"#,
            r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32602,"message":"m"}}"#,
            r#"{"jsonrpc":"2.0","error":{"code":-32602,"message":"m"}}"#,
            r#"{"jsonrpc":"2.0","id":"1","result":{},"error":{"code":-32602,"message":"m"}}"#,
        ] {
            let fault = Fault::Agent { code: -32602, message: "m".to_owned() };
            assert_eq!(result(body.as_bytes()).unwrap_err(), fault, "{body}");
        }
    }

    #[test]
    fn request_without_parameters_leaves_them_out() {
        let body = encode("GetExtendedAgentCard", None::<()>).unwrap();
        assert_eq!(body, r#"{"jsonrpc":"2.0","id":"1","method":"GetExtendedAgentCard"}"#);
    }
}
