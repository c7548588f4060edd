//! Errors in the format of the API.

use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

use super::api_response::ApiResponse;
use super::label::Label;
use crate::concurrency::generation::Replaced;

/// Maximum number of violations that one response lists.
pub(crate) const MAX_SUB_ERRORS: usize = 20;

/// Maximum number of violations that are collected from one request. A body of 1 MiB can have half a million of them, and a
/// response names [`MAX_SUB_ERRORS`].
pub(crate) const MAX_VIOLATIONS: usize = 1_000;

/// An error response: the request is invalid, or the emulator cannot process it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Problem {
    #[serde(skip)]
    pub(crate) status: StatusCode,
    #[serde(skip)]
    pub(crate) label: Label,
    /// An additional header, such as `Allow`.
    #[serde(skip)]
    header: Option<Box<(HeaderName, HeaderValue)>>,
    /// `true` if the request cannot be read, for example because it is invalid JSON.
    #[serde(skip)]
    malformed: bool,
    error_code: String,
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) sub_errors: Vec<SubError>,
}

/// One violation, usually of one field.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SubError {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            label: Label::Computed,
            header: None,
            malformed: false,
            error_code: code.to_owned(),
            message: message.into(),
            sub_errors: Vec::new(),
        }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
    }

    /// Creates the error of a request that cannot be read: invalid JSON, invalid UTF-8, or no body. See
    /// [`Problem::unprocessable_if_readable`].
    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self { malformed: true, ..Self::bad_request(message) }
    }

    /// Changes status 400 to 422, unless the request cannot be read.
    pub(crate) fn unprocessable_if_readable(self) -> Self {
        if self.status != StatusCode::BAD_REQUEST || self.malformed {
            return self;
        }
        Self { sub_errors: self.sub_errors, ..Self::unprocessable(self.message) }
    }

    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", message)
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "CONFLICT", message)
    }

    pub(crate) fn gone(message: impl Into<String>) -> Self {
        Self::new(StatusCode::GONE, "GONE", message)
    }

    pub(crate) fn unprocessable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "UNPROCESSABLE_ENTITY", message)
    }

    /// Creates the error of a defect.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", message)
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "PAYLOAD_TOO_LARGE",
            format!("the body is larger than {limit} bytes; send fewer rows at a time"),
        )
    }

    /// Creates the error of a compressed body whose content is too large.
    pub(crate) fn too_large_decompressed(limit: usize) -> Self {
        let message =
            format!("the decompressed body is larger than {limit} bytes; send fewer rows at a time");
        Self { message, ..Self::too_large(limit) }
    }

    pub(crate) fn method_not_allowed(message: impl Into<String>, allow: &str) -> Self {
        Self {
            header: HeaderValue::from_str(allow).ok().map(|allow| Box::new((header::ALLOW, allow))),
            ..Self::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message)
        }
    }

    /// Creates the error of an operation or a feature that the emulator does not support.
    pub(crate) fn not_implemented(message: impl Into<String>) -> Self {
        Self {
            label: Label::Unsupported,
            ..Self::new(StatusCode::NOT_IMPLEMENTED, "NOT_IMPLEMENTED", message)
        }
    }

    /// Rejects a part of the request, such as the body, if there are violations.
    pub(crate) fn check(part: &str, mut violations: Vec<SubError>) -> Result<(), Self> {
        let Some(first) = violations.first() else { return Ok(()) };
        let message = match violations.len() {
            1 => format!("the {part} is invalid: {}", first.message),
            n => {
                let least = if n < MAX_VIOLATIONS { "" } else { "at least " };
                format!("the {part} has {least}{n} violations, the first is {}", first.message)
            }
        };
        violations.truncate(MAX_SUB_ERRORS);
        Err(Self::bad_request(message).with_sub_errors(violations))
    }

    pub(crate) fn with_sub_errors(mut self, sub_errors: Vec<SubError>) -> Self {
        self.sub_errors = sub_errors;
        self
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some(Box::new((name, value)));
        self
    }

    pub(crate) fn into_api_response(self) -> ApiResponse {
        let mut response = ApiResponse::json(&self).status(self.status).label(self.label);
        if let Some((name, value)) = self.header.map(|header| *header) {
            response = response.header(name, value);
        }
        response
    }
}

impl From<Replaced> for Problem {
    fn from(_: Replaced) -> Self {
        Self::conflict(
            "the state of the emulator was replaced by a reset, an import or a restore during this request, and changes \
             of the request were lost with the earlier state; send the request again to change the new state",
        )
    }
}
