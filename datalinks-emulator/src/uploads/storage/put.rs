//! A part that is put to its presigned URL. Answers are in the storage's shape, XML, not in the API's.

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

/// Answers one request to a place of the storage. `expected` is what [`expected_size`] says. `keep` keeps the part with
/// its tag, if there is still an upload.
pub(crate) async fn put<K: Future<Output = Result<bool, StateError>>>(
    expected: Result<u64, ApiResponse>,
    request: Request<Body>,
    keep: impl FnOnce(Bytes, String) -> K,
) -> ApiResponse {
    let body = request.into_body();
    let expected = match expected {
        Ok(expected) => expected,
        Err(refusal) => {
            // Read to its end, so that the client hears the refusal.
            discard(body).await;
            return refusal;
        }
    };
    let limit = usize::try_from(expected).unwrap_or(usize::MAX);
    let content = match collect(body, limit).await {
        Ok(content) if content.len() == limit => content,
        _ => return wrong_size(expected),
    };
    let digested = content.clone();
    let etag = background(move || etag::of(&digested)).await;
    match (HeaderValue::from_str(&format!("\"{etag}\"")), keep(content, etag).await) {
        (Ok(etag), Ok(true)) => ApiResponse::empty().header(header::ETAG, etag),
        (_, Err(error)) => not_kept(&error),
        // It was given up while its part came.
        _ => no_such_upload(),
    }
}

/// The size that the part must have, or the refusal of the request. The URL must be valid when the request begins, however long the part takes.
pub(crate) fn expected_size(
    storage: &Storage,
    ids: &Ids,
    place: &PartUrl,
    now: DateTime<Utc>,
    request: &Request<Body>,
) -> Result<u64, ApiResponse> {
    if *request.method() != Method::PUT {
        let what = "parts are sent with PUT";
        return Err(refusal(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", what));
    }
    if request.headers().contains_key(header::AUTHORIZATION) {
        let what = "the URL is the permission, and a key must not go to the storage; leave the header out";
        return Err(refusal(StatusCode::BAD_REQUEST, "InvalidArgument", what));
    }
    let Expected { size: expected, expires_at } = storage.expected(ids, place).ok_or_else(no_such_upload)?;
    if let Some(moment) = expires_at.filter(|moment| *moment <= now) {
        return Err(expired(moment, now));
    }
    let length: Option<u64> =
        request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    match length {
        Some(length) if length == expected => Ok(expected),
        Some(_) => Err(wrong_size(expected)),
        None => {
            let what = "the length must be known beforehand; send Content-Length and no chunks";
            Err(refusal(StatusCode::LENGTH_REQUIRED, "MissingContentLength", what))
        }
    }
}

fn no_such_upload() -> ApiResponse {
    refusal(StatusCode::NOT_FOUND, "NoSuchUpload", "the upload was finished or given up, or never begun")
}

fn not_kept(error: &StateError) -> ApiResponse {
    tracing::warn!(%error, "a part was not kept for certain");
    let what = match error {
        StateError::Unconfirmed(_) => {
            "the part may or may not be kept, because the disk did not confirm it; send it again"
        }
        _ => "the part could not be kept; look at the folder of the emulator and send it again",
    };
    refusal(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", what)
}

fn wrong_size(expected: u64) -> ApiResponse {
    let what = format!("the part has {expected} bytes, and other bytes came");
    refusal(StatusCode::BAD_REQUEST, "IncompleteBody", &what)
}

/// The response to a URL that has expired, as S3 gives it.
pub(crate) fn expired(expires_at: DateTime<Utc>, now: DateTime<Utc>) -> ApiResponse {
    let text = |moment: DateTime<Utc>| moment.to_rfc3339_opts(SecondsFormat::Secs, true);
    let more = format!("<Expires>{}</Expires><ServerTime>{}</ServerTime>", text(expires_at), text(now));
    error(StatusCode::FORBIDDEN, "AccessDenied", "Request has expired", &more)
}

/// A refusal in the storage's shape.
pub(crate) fn refusal(status: StatusCode, code: &str, what: &str) -> ApiResponse {
    error(status, code, what, "")
}

fn error(status: StatusCode, code: &str, what: &str, more: &str) -> ApiResponse {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{what}</Message>{more}</Error>"
    );
    ApiResponse::xml(body).status(status)
}
