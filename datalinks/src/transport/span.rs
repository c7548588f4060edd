//! Spans of calls and of their attempts, with the names of the OpenTelemetry conventions for HTTP.

use http::{Method, StatusCode};
use reqwest::Url;
use tracing::{Span, field::Empty};

use crate::error::ErrorKind;

/// The data of a span.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traced<'a> {
    pub(crate) operation: &'static str,
    /// Path of the operation in the OpenAPI document, with names in braces. Empty for a presigned URL.
    pub(crate) template: &'static str,
    pub(crate) method: &'a Method,
    pub(crate) url: &'a Url,
}

impl Traced<'_> {
    /// Opens the span of a call, which covers all attempts and the delays between them.
    pub(super) fn call(&self) -> Span {
        tracing::info_span!(
            "datalinks_call",
            otel.name = self.operation,
            otel.kind = "internal",
            otel.status_code = Empty,
            http.request.method = self.method.as_str(),
            url.template = self.template(),
            server.address = self.url.host_str(),
            server.port = self.url.port_or_known_default(),
            http.request.resend_count = Empty,
            http.response.status_code = Empty,
            "error.type" = Empty,
        )
    }

    /// Opens the span of one attempt. `resends` is the number of earlier attempts.
    pub(crate) fn attempt(&self, resends: u32) -> Span {
        tracing::debug_span!(
            "datalinks_request",
            otel.name = self.operation,
            otel.kind = "client",
            otel.status_code = Empty,
            http.request.method = self.method.as_str(),
            url.template = self.template(),
            server.address = self.url.host_str(),
            server.port = self.url.port_or_known_default(),
            // The conventions omit this field for the first attempt.
            http.request.resend_count = (resends > 0).then_some(resends),
            http.response.status_code = Empty,
            "error.type" = Empty,
            datalinks.ingest.concurrency = Empty,
            datalinks.ingest.batch_size = Empty,
            datalinks.ingest.reason = Empty,
        )
    }

    fn template(&self) -> Option<&'static str> {
        Some(self.template).filter(|template| !template.is_empty())
    }
}

/// Records the outcome of a call or an attempt.
pub(crate) fn record(span: &Span, status: Option<StatusCode>, failure: Option<ErrorKind>) {
    if let Some(status) = status {
        span.record("http.response.status_code", status.as_u16());
    }
    if let Some(error_type) = error_type(status, failure) {
        span.record("error.type", error_type.as_str());
        span.record("otel.status_code", "ERROR");
    }
}

/// Returns the value of `error.type`: the status if it is not a success, and otherwise the kind of the error. `None` without a
/// failure.
pub(super) fn error_type(status: Option<StatusCode>, failure: Option<ErrorKind>) -> Option<String> {
    let kind = failure?;
    Some(match status.filter(|status| !status.is_success()) {
        Some(status) => status.as_str().to_owned(),
        None => kind.to_string(),
    })
}
