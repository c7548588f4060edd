//! Requests of one client, and what is known after each of them.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;

use super::locked;
use crate::hostile::request::{Framing, Request};
use crate::hostile::wire::{Connection, Response, WireError};

/// The API key of the user who owns all datasets.
const KEY: &str = "emulator-key";

/// Maximum time of a response, on a machine that does other work as well.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The header that names the fault that acted on a response.
const FAULT: &str = "x-datalinks-emulator-fault";

/// What is known after a request.
#[derive(Debug)]
pub(super) enum Reply {
    /// The response to the call, which an injected fault did not change.
    Done(Response),
    /// A response of an injected fault.
    Fault(Response),
    /// The request was not sent.
    NotSent,
    /// The connection ended without a response, so the outcome is ambiguous.
    Lost,
}

impl Reply {
    /// Returns the JSON of a response that no fault changed.
    pub(super) fn json(&self) -> Option<Value> {
        match self {
            Self::Done(response) => serde_json::from_slice(&response.body).ok(),
            _ => None,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }
}

/// Counts and failures of all clients.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Number of calls by kind.
    calls: Mutex<BTreeMap<String, u64>>,
    /// Failures with their number.
    failures: Mutex<BTreeMap<String, u64>>,
}

impl Tally {
    pub(super) fn count(&self, kind: &str) {
        *locked(&self.calls).entry(kind.to_owned()).or_default() += 1;
    }

    pub(super) fn fail(&self, failure: String) {
        let mut failures = locked(&self.failures);
        let count = failures.entry(failure).or_default();
        *count += 1;
    }

    pub(super) fn calls(&self) -> BTreeMap<String, u64> {
        locked(&self.calls).clone()
    }

    pub(super) fn failures(&self) -> BTreeMap<String, u64> {
        locked(&self.failures).clone()
    }
}

/// The connection of one client.
pub(super) struct Caller<'a> {
    pub(super) tally: &'a Tally,
    address: SocketAddr,
    connection: Connection,
}

impl<'a> Caller<'a> {
    pub(super) fn new(tally: &'a Tally, address: SocketAddr) -> Self {
        Self { tally, address, connection: Connection::within(TIMEOUT, address) }
    }

    /// Uses the emulator at an address from now on.
    pub(super) fn move_to(&mut self, address: SocketAddr) {
        if address != self.address {
            *self = Self::new(self.tally, address);
        }
    }

    /// Sends a request once. A status that is not expected is a failure, unless a fault acted.
    pub(super) fn send(&mut self, request: &Request, expected: &[u16]) -> Reply {
        self.tally.count(&request.operation);
        let bytes = request.bytes(&self.address.to_string());
        match self.connection.once(&bytes, &request.method) {
            Ok(response) if !response.header(FAULT).is_empty() => Reply::Fault(response),
            Ok(response) => {
                if !expected.contains(&response.status) {
                    let body: String = String::from_utf8_lossy(&response.body).chars().take(300).collect();
                    let line = request.line();
                    self.tally.fail(format!("{line}: status {}: {body}", response.status));
                }
                Reply::Done(response)
            }
            Err(WireError::NotConnected) => Reply::NotSent,
            Err(WireError::Closed) => Reply::Lost,
            Err(WireError::Late) => {
                self.tally.fail(format!("{}: no response within {TIMEOUT:?}", request.line()));
                Reply::Lost
            }
            Err(WireError::InvalidHttp(line)) => {
                self.tally.fail(format!("{}: the response is not HTTP: {line}", request.line()));
                Reply::Lost
            }
        }
    }

    /// Sends a JSON body to a path of the API.
    pub(super) fn post(&mut self, operation: &str, path: &str, body: &Value, expected: &[u16]) -> Reply {
        self.send(&api(operation, "POST", path).json(body.to_string()), expected)
    }

    /// Sends a request without a body to a path of the API.
    pub(super) fn call(&mut self, operation: &str, method: &str, path: &str, expected: &[u16]) -> Reply {
        self.send(&api(operation, method, path), expected)
    }

    /// Sends a request to the control API.
    pub(super) fn control(&mut self, method: &str, place: &str, body: &[u8], expected: &[u16]) -> Reply {
        let mut request = Request::new(&format!("control {place}"), method, format!("/_emulator/{place}"));
        request.body = body.to_vec();
        request.operation = format!("control {}", place.split(['/', '?']).next().unwrap_or_default());
        self.send(&request, expected)
    }

    /// Sends this share of the bytes of a request, reads up to `read` bytes of the response, and disconnects.
    pub(super) fn disconnect(&mut self, request: &Request, share: f64, read: usize) {
        self.tally.count(&format!("{}, disconnected", request.operation));
        let bytes = request.bytes(&self.address.to_string());
        let end = (bytes.len() as f64 * share) as usize;
        let Ok(mut stream) = TcpStream::connect_timeout(&self.address, TIMEOUT) else { return };
        let _ = stream.set_read_timeout(Some(TIMEOUT));
        if stream.write_all(&bytes[..end.min(bytes.len())]).is_ok() && read > 0 {
            let mut buffer = vec![0; read];
            let _ = stream.read(&mut buffer);
        }
    }
}

/// Returns a request to a path of the API, or of the ingest proxy, with the key.
pub(super) fn api(operation: &str, method: &str, path: &str) -> Request {
    let prefix = if path.starts_with("/api/") { "" } else { "/api/v1" };
    Request::new(operation, method, format!("{prefix}{path}")).key(KEY)
}

/// Returns the request with its body in chunks.
pub(super) fn chunked(mut request: Request, size: usize) -> Request {
    request.framing = Framing::Chunks(size);
    request
}
