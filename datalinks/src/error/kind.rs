//! Kinds of failure.

use std::fmt;

use http::StatusCode;
use serde::Serialize;

/// The kind of an [`Error`](crate::Error). Kinds may be added in later versions.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting is missing or invalid. Nothing was sent.
    Config,
    /// A value was rejected by this crate. Nothing was sent.
    #[default]
    InvalidInput,
    /// A row cannot be encoded as a JSON object. The row was not sent.
    Encode,
    /// No connection was made, or it closed before it took the request. Nothing was sent.
    Connect,
    /// A time limit ended the call.
    Timeout,
    /// The request was sent, and the connection ended before the whole response was received. Or the run was stopped, and the
    /// error is not ambiguous.
    Interrupted,
    /// The service rejected the content of the request (400, 422).
    Rejected,
    /// The API key is missing, wrong or expired (401).
    Unauthorized,
    /// The API key does not allow the operation (403).
    Forbidden,
    /// The resource does not exist, or the API key does not give access to it (404).
    NotFound,
    /// The current state of the resource does not allow the operation (409).
    Conflict,
    /// The resource existed and was removed (410).
    Gone,
    /// The body is too large for the service (413).
    TooLarge,
    /// The service received too many requests (429).
    RateLimited,
    /// The service rejected the request with another 4xx.
    Client,
    /// The service failed, or a gateway before it (5xx other than 501).
    Server,
    /// The server does not support the operation (501). The emulator responds so to operations that it cannot compute.
    Unsupported,
    /// The response is a redirect that the client does not follow. It follows 307 and 308 on the same origin.
    Redirect,
    /// The response is a success whose body is missing, cannot be decompressed, is not JSON, or has another shape.
    UnexpectedResponse,
    /// A stream ended without its last event.
    PrematureEnd,
    /// A stream sent nothing for longer than the idle limit.
    Stalled,
    /// A response, an event or a line is longer than the limit.
    LimitExceeded,
    /// The service reported a failure in a stream (`error` event).
    Reported,
    /// An agent responded with a JSON-RPC error ([`Error::rpc_code`](crate::Error::rpc_code)). The HTTP status is a
    /// success.
    JsonRpc,
    /// The storage rejected a presigned URL, which has expired or is invalid (403). The service does not renew URLs, so the
    /// upload must start again.
    Expired,
    /// A file changed during its upload, or after its journal was written.
    Changed,
    /// Another run uses the journal. Nothing was sent, and the same call may succeed later.
    InUse,
    /// A file could not be read or written.
    Io,
    /// The caller's source of rows failed. [`source`](std::error::Error::source) returns its error.
    Source,
    /// The budget of an ingestion is reached, or cannot be held because usage is not known. The request was not sent.
    Budget,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl ErrorKind {
    /// Returns the kind for a status that is not a success.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            300..=399 => Self::Redirect,
            400 | 422 => Self::Rejected,
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            408 => Self::Timeout,
            409 => Self::Conflict,
            410 => Self::Gone,
            413 => Self::TooLarge,
            429 => Self::RateLimited,
            400..=499 => Self::Client,
            501 => Self::Unsupported,
            _ => Self::Server,
        }
    }

    /// Returns the name of the kind in snake case, such as `not_found`, for logs and metrics. `Display` writes this name.
    ///
    /// ```
    /// assert_eq!(datalinks::ErrorKind::NotFound.to_string(), "not_found");
    /// ```
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::InvalidInput => "invalid_input",
            Self::Encode => "encode",
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::Rejected => "rejected",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Gone => "gone",
            Self::TooLarge => "too_large",
            Self::RateLimited => "rate_limited",
            Self::Client => "client",
            Self::Server => "server",
            Self::Unsupported => "unsupported",
            Self::Redirect => "redirect",
            Self::UnexpectedResponse => "unexpected_response",
            Self::PrematureEnd => "premature_end",
            Self::Stalled => "stalled",
            Self::LimitExceeded => "limit_exceeded",
            Self::Reported => "reported",
            Self::JsonRpc => "json_rpc",
            Self::Expired => "expired",
            Self::Changed => "changed",
            Self::InUse => "in_use",
            Self::Io => "io",
            Self::Source => "source",
            Self::Budget => "budget",
        }
    }

    /// Returns the advice for errors of this kind that have none of their own.
    pub(crate) fn advice(self) -> &'static str {
        match self {
            Self::Config => "set the value in the environment, in a .env file or on the builder",
            Self::InvalidInput => "nothing was sent; change the value",
            Self::Encode => "the row was not sent; make it a JSON object with string keys and finite numbers",
            Self::Connect => "check the host, the port and the network (DL_HOST, DL_INGEST_PROXY)",
            Self::Timeout => "try again, or allow more time",
            Self::Interrupted => "check whether the request was carried out before you send it again",
            Self::Rejected => "correct what the message names and send it again",
            Self::Unauthorized => "check DL_API_KEY: the API key is missing, wrong, expired or deleted",
            Self::Forbidden => "ask the owner for access, or use an API key that is not restricted",
            Self::NotFound => "check the names and ids",
            Self::Conflict => "read the current state of the resource, then decide",
            Self::Gone => "start again",
            Self::TooLarge => "send less in one request",
            Self::RateLimited => "wait, then try again with fewer requests",
            Self::Client => "correct the request",
            Self::Server => "try again later; if it fails again, report this to the operator of the service",
            Self::Unsupported => "use a server that supports the operation",
            Self::Redirect => "use the target of the redirect as the host",
            Self::UnexpectedResponse => "check that the host is the API and ends in its prefix, /api/v1",
            Self::PrematureEnd => "what was received so far is valid; ask again or resume",
            Self::Stalled => "ask again or resume; raise idle_timeout if the service needs more time",
            Self::LimitExceeded => "raise the limit if you trust the server",
            Self::Reported => "read the message; the service ended the work",
            Self::JsonRpc => "read the message of the agent",
            Self::Expired => "upload the file again, which creates new URLs",
            Self::Changed => "upload the file again while no program writes to it",
            Self::InUse => "nothing was sent; wait until the other run has ended",
            Self::Io => "check the file and its permissions",
            Self::Budget => {
                "raise the budget and send the rows that were not stored; a journal skips the others"
            }
            Self::Source => "correct the source of the rows, then send the rows that were not stored",
        }
    }
}
