//! Requests that put a part to its presigned URL. Responses have the XML form of S3, not that of the API.

use axum::body::Body;
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use http::{HeaderValue, Method, Request, StatusCode, header};

use super::{Expected, PartUrl, Storage, etag};
use crate::concurrency::work::background;
use crate::persistence::StateError;
use crate::request::read_body::{collect, discard};
use crate::response::ApiResponse;
use crate::runtime::Ids;

/// Handles a request to a presigned URL. `expected` is the result of [`expected_size`]. `store` stores the part with its
/// ETag and returns `false` if the upload no longer exists.
pub(crate) async fn put<K: Future<Output = Result<bool, StateError>>>(
    expected: Result<u64, ApiResponse>,
    request: Request<Body>,
    store: impl FnOnce(Bytes, String) -> K,
) -> ApiResponse {
    let body = request.into_body();
    let expected = match expected {
        Ok(expected) => expected,
        Err(rejection) => {
            // The body is read to its end, so that the client receives the response.
            discard(body).await;
            return rejection;
        }
    };
    let limit = usize::try_from(expected).unwrap_or(usize::MAX);
    let content = match collect(body, limit).await {
        Ok(content) if content.len() == limit => content,
        _ => return wrong_size(expected),
    };
    let digested = content.clone();
    let etag = background(move || etag::of(&digested)).await;
    match (HeaderValue::from_str(&format!("\"{etag}\"")), store(content, etag).await) {
        (Ok(etag), Ok(true)) => ApiResponse::empty().header(header::ETAG, etag),
        (_, Err(error)) => not_persisted(&error),
        // The upload was aborted while its part was received.
        _ => no_such_upload(),
    }
}

/// Returns the size that the part must have, or the response that rejects the request.
///
/// The URL must be valid when the request starts, even if the part arrives after it has expired.
pub(crate) fn expected_size(
    storage: &Storage,
    ids: &Ids,
    url: &PartUrl,
    now: DateTime<Utc>,
    request: &Request<Body>,
) -> Result<u64, ApiResponse> {
    if *request.method() != Method::PUT {
        let what = "parts are sent with PUT";
        return Err(rejection(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", what));
    }
    if request.headers().contains_key(header::AUTHORIZATION) {
        let what = "the URL itself authorizes the request, and the API key must not be sent to the storage; remove the header";
        return Err(rejection(StatusCode::BAD_REQUEST, "InvalidArgument", what));
    }
    let Expected { size: expected, expires_at } = storage.expected(ids, url).ok_or_else(no_such_upload)?;
    if let Some(expires_at) = expires_at.filter(|expires_at| *expires_at <= now) {
        return Err(expired(expires_at, now));
    }
    let length: Option<u64> =
        request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    match length {
        Some(length) if length == expected => Ok(expected),
        Some(_) => Err(wrong_size(expected)),
        None => {
            let what = "the request has no Content-Length; send it, without chunked transfer encoding";
            Err(rejection(StatusCode::LENGTH_REQUIRED, "MissingContentLength", what))
        }
    }
}

fn no_such_upload() -> ApiResponse {
    rejection(
        StatusCode::NOT_FOUND,
        "NoSuchUpload",
        "the upload does not exist; it may be finished or aborted",
    )
}

fn not_persisted(error: &StateError) -> ApiResponse {
    tracing::warn!(%error, "storing a part failed or was not confirmed");
    let what = match error {
        StateError::Unconfirmed(_) => {
            "the part may or may not be stored, because the disk did not confirm it; send it again"
        }
        _ => "the part could not be stored; check the data directory of the emulator and send the part again",
    };
    rejection(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", what)
}

fn wrong_size(expected: u64) -> ApiResponse {
    let what = format!("the part must have exactly {expected} bytes");
    rejection(StatusCode::BAD_REQUEST, "IncompleteBody", &what)
}

/// Returns the response to a request whose URL has expired, as S3 sends it.
pub(crate) fn expired(expires_at: DateTime<Utc>, now: DateTime<Utc>) -> ApiResponse {
    let text = |moment: DateTime<Utc>| moment.to_rfc3339_opts(SecondsFormat::Secs, true);
    let more = format!("<Expires>{}</Expires><ServerTime>{}</ServerTime>", text(expires_at), text(now));
    error(StatusCode::FORBIDDEN, "AccessDenied", "Request has expired", &more)
}

/// Returns an error response in the form of the storage.
pub(crate) fn rejection(status: StatusCode, code: &str, what: &str) -> ApiResponse {
    error(status, code, what, "")
}

fn error(status: StatusCode, code: &str, what: &str, more: &str) -> ApiResponse {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{what}</Message>{more}</Error>"
    );
    ApiResponse::xml(body).status(status)
}
