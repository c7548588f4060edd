//! Sorts of failure.

use std::fmt;

use http::StatusCode;
use serde::Serialize;

/// What sort of failure an [`Error`](crate::Error) is. The list may grow.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting is missing or unusable; nothing was sent.
    Config,
    /// A value is refused by this crate; nothing was sent.
    #[default]
    InvalidInput,
    /// A row cannot be written as a JSON object; it was not sent.
    Encode,
    /// No connection was made, or it closed before it took the request. Nothing was sent.
    Connect,
    /// A time limit ended the call.
    Timeout,
    /// The request was sent and the connection ended before the whole answer came.
    Interrupted,
    /// 400 or 422: the service refuses what was sent.
    Rejected,
    /// 401: the key is missing, wrong or expired.
    Unauthorized,
    /// 403: the key may not do this.
    Forbidden,
    /// 404: there is no such thing, or it is not yours to see.
    NotFound,
    /// 409: the present state does not allow it.
    Conflict,
    /// 410: it existed and is gone.
    Gone,
    /// 413: the body is too large for the service.
    TooLarge,
    /// 429: too many requests.
    RateLimited,
    /// Another 4xx.
    Client,
    /// A 5xx.
    Server,
    /// 501: the server does not offer this; the emulator says so of what it cannot compute.
    Unsupported,
    /// A redirect that is not followed (all but 307 and 308 on the same origin).
    Redirect,
    /// A success whose body is missing, not JSON, or of another shape.
    UnexpectedResponse,
    /// A stream ended without its last event.
    PrematureEnd,
    /// A stream sent nothing for longer than the idle limit.
    Stalled,
    /// An event or line is longer than the limit.
    LimitExceeded,
    /// The service reported a failure in its stream (an `error` event).
    Reported,
    /// An agent responded with a JSON-RPC error ([`Error::rpc_code`](crate::Error::rpc_code)). The HTTP status is a
    /// success.
    JsonRpc,
    /// The storage rejects a presigned URL (403): it has expired or is not valid. The service does not renew URLs,
    /// so the upload must begin anew.
    Expired,
    /// A file changed while it was uploaded, or since its journal was written.
    Changed,
    /// A file could not be read or written.
    Io,
    /// The caller's source of rows failed. The source's own error is the [`source`](std::error::Error::source).
    Source,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl ErrorKind {
    /// The kind for a status that is no success.
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

    /// Returns the name of the kind in snake case, such as `not_found`, for logs and metrics. `Display` writes the same.
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
            Self::UnexpectedResponse => "unexpected_answer",
            Self::PrematureEnd => "premature_end",
            Self::Stalled => "stalled",
            Self::LimitExceeded => "limit_exceeded",
            Self::Reported => "reported",
            Self::JsonRpc => "json_rpc",
            Self::Expired => "expired",
            Self::Changed => "changed",
            Self::Io => "io",
            Self::Source => "source",
        }
    }

    /// What usually helps, when the place of failure knows nothing better.
    pub(crate) fn advice(self) -> &'static str {
        match self {
            Self::Config => "set it in the environment, in a .env file or on the builder",
            Self::InvalidInput => "nothing was sent; change the value",
            Self::Encode => "the row was not sent; make it a JSON object with string keys and finite numbers",
            Self::Connect => "check the host, the port and the network (DL_HOST, DL_INGEST_PROXY)",
            Self::Timeout => "try again, or allow more time",
            Self::Interrupted => "look whether it was carried out before you repeat it",
            Self::Rejected => "correct what the message names and send it again",
            Self::Unauthorized => "check DL_API_KEY: the key is missing, wrong, expired or deleted",
            Self::Forbidden => "ask the owner for access, or use a key that is not restricted",
            Self::NotFound => "check the names and ids",
            Self::Conflict => "look at the present state, then decide",
            Self::Gone => "start anew",
            Self::TooLarge => "send less at once",
            Self::RateLimited => "wait, then try again with fewer requests",
            Self::Client => "correct the request",
            Self::Server => "try again later; tell the service the request id if it stays",
            Self::Unsupported => "do without it here, or ask a server that offers it",
            Self::Redirect => "use the address it points to as the host",
            Self::UnexpectedResponse => "check that the host is the API and ends in its prefix, /api/v1",
            Self::PrematureEnd => "what came so far is valid; ask again or resume",
            Self::Stalled => "ask again or resume; allow a longer pause if the service needs it",
            Self::LimitExceeded => "raise the limit if you trust the server",
            Self::Reported => "read the message; the service ended the work itself",
            Self::JsonRpc => "read the message; the agent reports the error itself",
            Self::Expired => "upload the file anew; that makes new URLs",
            Self::Changed => "upload the file anew when nobody writes to it",
            Self::Io => "check the file and its rights",
            Self::Source => "correct the source of the rows, then send the rows that are not stored",
        }
    }
}
