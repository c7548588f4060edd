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

/// Characters of a request's id that are kept.
pub(crate) const REQUEST_ID_KEPT: usize = 200;
/// Characters of an unreadable body that are kept.
pub(super) const BODY_KEPT: usize = 500;

/// Everything that is known of a failure. Filled by the constructors below, read by the accessors.
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
    /// Whether the body of the response is not all there.
    pub(super) incomplete: bool,
    pub(super) body: Option<String>,
    pub(super) attempts: u32,
    pub(super) elapsed: Duration,
    pub(super) retry_after: Option<Duration>,
    pub(super) ambiguous: bool,
    pub(super) ambiguous_attempts: u32,
    pub(super) source: Option<Source>,
    /// Cleans everything else here, whenever it changes.
    pub(super) redactor: Option<Redactor>,
}

impl Facts {
    /// Strikes secrets wherever a server may have sent them.
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
                // A secret that was cut at the end is one still.
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

/// One of the finer errors in the API's error body.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SubError {
    /// The service's word for it.
    pub code: String,
    /// What the service says.
    pub message: String,
}

impl SubError {
    /// Creates a sub-error with this code and message.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }
}

/// The start of a body as text.
pub(super) fn first_part(body: &[u8]) -> String {
    // A character has at most four bytes: enough is decoded, never all of a large body.
    let start = &body[..body.len().min(BODY_KEPT * 4)];
    String::from_utf8_lossy(start).trim().chars().take(BODY_KEPT).collect()
}
