//! Sending of a scenario's steps, and the judgment of their outcomes.

use std::net::SocketAddr;
use std::sync::Mutex;

use serde_json::Value;

use super::locked;
use crate::hostile::known::Known;
use crate::hostile::request::{Framing, Request};
use crate::hostile::scenario::{self, Scenario, Step};
use crate::hostile::server::Server;
use crate::hostile::setup::{self, KEY};
use crate::hostile::wire::{Connection, Response, WireError};

/// Sends the steps of a scenario. `seen` is called for each request.
pub(super) fn play(
    scenario: &Scenario,
    connection: &mut Connection,
    server: &Server,
    known: &Mutex<Known>,
    seen: &mut dyn FnMut(&Request, &Result<Response, WireError>),
) {
    let host = server.address.to_string();
    let mut send = |request: &Request| {
        let outcome = connection.exchange(&request.bytes(&host), &request.method);
        if request.framing == Framing::Raw {
            connection.close();
        }
        seen(request, &outcome);
        if let Ok(response) = &outcome {
            locked(known).learn(&request.operation, response);
        }
        outcome.ok()
    };
    for step in &scenario.steps {
        match step {
            Step::Send(request) => drop(send(request)),
            Step::Upload { prepare, content, finish } => {
                let Some(prepared) = send(prepare) else { return };
                let prepared: Value = serde_json::from_slice(&prepared.body).unwrap_or_default();
                let mut parts = Vec::new();
                let mut rest = content.as_slice();
                for (number, url) in (1..).zip(prepared["presignedUrls"].as_array().into_iter().flatten()) {
                    let size =
                        usize::try_from(url["size"].as_u64().unwrap_or_default()).unwrap_or(usize::MAX);
                    let (part, left) = rest.split_at(size.min(rest.len()));
                    rest = left;
                    let mut request =
                        Request::new("putPart", "PUT", setup::path(url["url"].as_str().unwrap_or_default()));
                    request.body = part.to_vec();
                    let Some(put) = send(&request) else { return };
                    parts.push(format!(r#"{{"partNumber":{number},"etag":{}}}"#, put.header("etag")));
                }
                let mut finish = finish.clone();
                let body = String::from_utf8_lossy(&finish.body).into_owned();
                finish.body = body
                    .replace(scenario::UPLOAD_ID, &prepared["uploadId"].to_string())
                    .replace(scenario::UPLOAD_KEY, &prepared["key"].to_string())
                    .replace(scenario::UPLOAD_PARTS, &format!("[{}]", parts.join(",")))
                    .into_bytes();
                drop(send(&finish));
            }
        }
    }
}

/// Returns the defect in the outcome of a request. The same defect always has the same text.
pub(super) fn symptom(request: &Request, outcome: &Result<Response, WireError>) -> Option<String> {
    let raw = request.framing == Framing::Raw;
    match outcome {
        // Injected faults decide their own status.
        Ok(response) if !response.header("x-datalinks-emulator-fault").is_empty() => None,
        Ok(response) if response.status == 500 => {
            let body = String::from_utf8_lossy(&response.body);
            let message: String =
                body.chars().filter(|character| !character.is_ascii_digit()).take(160).collect();
            Some(format!("500 from {}: {message}", request.operation))
        }
        Ok(response) if response.status >= 200 => None,
        Ok(response) => Some(format!("status {} from {}", response.status, request.operation)),
        // A response to bytes that are not HTTP is optional.
        Err(WireError::Closed | WireError::Late) if raw => None,
        Err(WireError::NotConnected) => Some("the emulator does not accept connections".to_owned()),
        Err(WireError::Closed) => Some(format!("closed connection by {}", request.operation)),
        Err(WireError::Late) => Some(format!("no response within 10 s from {}", request.operation)),
        Err(WireError::InvalidHttp(line)) => Some(format!("invalid HTTP from {}: {line}", request.operation)),
    }
}

pub(super) fn directory_symptom(error: &str) -> String {
    let digitless: String = error.chars().filter(|character| !character.is_ascii_digit()).take(200).collect();
    format!("the directory cannot be opened again: {digitless}")
}

/// Sends a request of the setup, which must succeed.
pub(super) fn must(
    connection: &mut Connection,
    server: &Server,
    request: &Request,
) -> Result<Response, String> {
    let host = server.address.to_string();
    let response = connection
        .exchange(&request.bytes(&host), &request.method)
        .map_err(|trouble| format!("{}: {trouble:?}", request.line()))?;
    let tolerated = matches!(response.status, 404 | 409) && request.operation != "putPart";
    if response.status < 300 || tolerated {
        return Ok(response);
    }
    Err(format!("{}: {} {}", request.line(), response.status, String::from_utf8_lossy(&response.body)))
}

/// Sends a GET request, to find out whether the emulator responds.
pub(super) fn get(address: SocketAddr, path: &str) -> Result<Response, WireError> {
    let request = Request::new("probe", "GET", path).key(KEY);
    Connection::new(address).exchange(&request.bytes(&address.to_string()), "GET")
}

pub(super) fn shortened(line: &str) -> String {
    let short: String = line.chars().take(160).collect();
    if short.len() < line.len() { format!("{short}...") } else { short }
}
