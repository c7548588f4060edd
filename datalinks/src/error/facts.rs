//! The data of an error, without secrets.

use std::{borrow::Cow, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::{
    hidden::{Source, cleaned},
    kind::ErrorKind,
};
use crate::secrets::Redactor;

/// Maximum number of characters kept of a request id.
pub(crate) const REQUEST_ID_KEPT: usize = 200;
/// Maximum number of characters kept of a body that could not be decoded.
pub(super) const BODY_KEPT: usize = 500;

/// The data of an error. `Default` has no response and no attempt.
#[derive(Clone, Default)]
pub(super) struct Facts {
    pub(super) kind: ErrorKind,
    pub(super) message: String,
    pub(super) advice: Option<Cow<'static, str>>,
    pub(super) operation: Option<&'static str>,
    pub(super) target: Option<String>,
    pub(super) status: Option<StatusCode>,
    pub(super) code: Option<String>,
    pub(super) rpc_code: Option<i64>,
    pub(super) sub_errors: Vec<SubError>,
    pub(super) request_id: Option<String>,
    pub(super) headers: HeaderMap,
    pub(super) raw: Bytes,
    /// The body of the response is incomplete.
    pub(super) incomplete: bool,
    pub(super) body: Option<String>,
    pub(super) attempts: u32,
    pub(super) elapsed: Duration,
    pub(super) retry_after: Option<Duration>,
    pub(super) ambiguous: bool,
    pub(super) ambiguous_attempts: u32,
    /// The certificate of the server was rejected.
    pub(super) untrusted: bool,
    pub(super) source: Option<Source>,
    /// Removes secrets from the other fields whenever they change.
    pub(super) redactor: Option<Redactor>,
}

impl Facts {
    /// Removes secrets from all fields whose content may come from a server.
    pub(super) fn clean(&mut self, redactor: &Redactor) {
        redactor.string(&mut self.message);
        if let Some(Cow::Owned(advice)) = &mut self.advice {
            redactor.string(advice);
        }
        if let Some(code) = &mut self.code {
            redactor.string(code);
        }
        for sub_error in &mut self.sub_errors {
            redactor.string(&mut sub_error.code);
            redactor.string(&mut sub_error.message);
        }
        for (text, kept) in [(&mut self.body, BODY_KEPT), (&mut self.request_id, REQUEST_ID_KEPT)] {
            if let Some(text) = text {
                // Text that was truncated may end in a part of a secret.
                *text = redactor.text(text, text.chars().count() >= kept).into_owned();
            }
        }
        if let Some(target) = &mut self.target {
            *target = redactor.exact(target, false).into_owned();
        }
        redactor.headers(&mut self.headers);
        if let Some(raw) = redactor.body(&self.raw) {
            self.raw = raw.into();
        }
        self.source = self.source.take().map(|source| cleaned(source, redactor));
    }
}

/// A detail in the API's error body (`sub_errors`).
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SubError {
    /// The code that the service assigned.
    pub code: String,
    /// The message of the service.
    pub message: String,
}

impl SubError {
    /// Creates a sub-error with this code and message.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }
}

/// Returns the start of a body as text.
pub(super) fn first_part(body: &[u8]) -> String {
    // A character has at most four bytes, so this is enough, and a large body is not decoded as a whole.
    let start = &body[..body.len().min(BODY_KEPT * 4)];
    String::from_utf8_lossy(start).trim().chars().take(BODY_KEPT).collect()
}
