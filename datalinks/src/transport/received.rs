//! Responses, as other rooms of this crate can observe them.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use datalinks_gen::Operation;
use http::{HeaderMap, StatusCode};

use super::attempt::{Body, Failure, Success};
use crate::secrets::Redactor;

/// A response as it was received, secrets included. It must not leave this crate.
pub(crate) struct Received<'a> {
    pub(crate) operation: &'static Operation,
    pub(crate) status: StatusCode,
    pub(crate) headers: &'a HeaderMap,
    /// The whole body, or `None` if it is a stream or was not received completely.
    pub(crate) body: Option<&'a Bytes>,
    /// Removes the secrets of the call from strings.
    pub(crate) redactor: &'a Redactor,
}

/// A function that is called with each response.
#[derive(Clone)]
pub(crate) struct ResponseObserver(Arc<dyn Fn(&Received<'_>) + Send + Sync>);

impl ResponseObserver {
    pub(crate) fn new(call: impl Fn(&Received<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(call))
    }

    /// Calls the function if the attempt had a response.
    pub(super) fn call(
        &self,
        operation: &'static Operation,
        outcome: &Result<Success, Failure>,
        redactor: &Redactor,
    ) {
        match outcome {
            Ok(Success { status, headers, body, .. }) => {
                let body = match body {
                    Body::Whole(body) => Some(body),
                    Body::Open(_) => None,
                };
                (self.0)(&Received { operation, status: *status, headers, body, redactor });
            }
            Err(failure) => {
                let Some((status, headers, body)) = failure.error.raw_response() else { return };
                let body = Some(&body).filter(|_| !failure.error.is_incomplete());
                (self.0)(&Received { operation, status, headers: &headers, body, redactor });
            }
        }
    }
}

impl fmt::Debug for ResponseObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseObserver")
    }
}
