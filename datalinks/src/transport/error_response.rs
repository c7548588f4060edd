//! Errors from responses that are not a success.

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header::LOCATION};
use reqwest::Url;
use serde::Deserialize;

use crate::error::{Error, ErrorKind, REQUEST_ID_KEPT, SubError};

/// Headers in which servers and gateways send the id of a request. The service does not document one.
const REQUEST_ID_HEADERS: [&str; 4] = ["x-request-id", "request-id", "x-correlation-id", "x-amzn-requestid"];

/// The error body of the API.
#[derive(Deserialize)]
struct Shape {
    error_code: String,
    message: String,
    #[serde(default)]
    sub_errors: Option<Vec<Sub>>,
}

#[derive(Deserialize)]
struct Sub {
    code: String,
    message: String,
}

/// Returns the error for a response to a request for `url`. `whole` is `false` if the body is incomplete.
pub(crate) fn error(status: StatusCode, headers: &HeaderMap, body: &Bytes, whole: bool, url: &Url) -> Error {
    let kind = ErrorKind::of_status(status);
    let error = match serde_json::from_slice::<Shape>(body) {
        Ok(shape) => {
            let sub_errors = shape.sub_errors.unwrap_or_default().into_iter();
            let sub_errors =
                sub_errors.map(|sub| SubError { code: sub.code, message: sub.message }).collect();
            Error::new(kind, shape.message).with_code(shape.error_code, sub_errors)
        }
        Err(_) if kind == ErrorKind::Redirect => Error::new(kind, redirected(headers, url)),
        Err(_) => {
            let error = Error::new(kind, plain(body, whole)).with_body(body);
            let no_prefix = url.path().split('/').nth(1) != Some("api");
            if kind == ErrorKind::NotFound && no_prefix {
                error.advice(
                    "the 404 is not in the API's error shape, and the host has no version prefix: it may have to end in /api/v1",
                )
            } else {
                error
            }
        }
    };
    error.with_response(status, headers, body).with_whole_body(whole).with_request_id(request_id(headers))
}

/// Returns the id of the request from the first of the usual headers that is present.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    REQUEST_ID_HEADERS
        .iter()
        .find_map(|name| headers.get(*name))
        .and_then(|value| value.to_str().ok())
        .map(|id| id.chars().take(REQUEST_ID_KEPT).collect())
}

/// Describes a body that is not in the error shape of the API.
fn plain(body: &[u8], whole: bool) -> &'static str {
    let start = body.trim_ascii_start();
    if !whole {
        "the body of the response is incomplete, cannot be decompressed, or is longer than the limit for error responses"
    } else if start.is_empty() {
        "the response has no body"
    } else if start.starts_with(b"<") {
        "the response is a web page, not the API's JSON; a proxy or another server may have sent it"
    } else {
        "the response is not in the API's error shape"
    }
}

/// Describes a redirect that is not followed.
fn redirected(headers: &HeaderMap, url: &Url) -> String {
    let target =
        headers.get(LOCATION).and_then(|value| value.to_str().ok()).and_then(|text| url.join(text).ok());
    match target {
        Some(mut target) => {
            // The query may contain a signature, and the fragment a token.
            target.set_query(None);
            target.set_fragment(None);
            format!("the server redirects to {target}, which is not followed, to protect the API key")
        }
        None => "the server redirects without a valid location".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(status: u16, body: &str) -> Error {
        let url = Url::parse("https://example.com/data/a?x=1").unwrap();
        error(
            StatusCode::from_u16(status).unwrap(),
            &HeaderMap::new(),
            &Bytes::copy_from_slice(body.as_bytes()),
            true,
            &url,
        )
    }

    #[test]
    fn error_has_code_message_and_details_of_the_api() {
        let body =
            r#"{"error_code":"BAD","message":"no","sub_errors":[{"code":"F","message":"data is missing"}]}"#;
        let error = made(422, body);
        assert_eq!((error.kind(), error.code(), error.message()), (ErrorKind::Rejected, Some("BAD"), "no"));
        assert_eq!(error.sub_errors()[0].message, "data is missing");
        assert_eq!(error.to_string().lines().count(), 1);
    }

    #[test]
    fn other_404_suggests_that_the_prefix_is_missing() {
        assert!(made(404, "<html>").to_string().contains("/api/v1"));
        assert!(!made(404, r#"{"error_code":"N","message":"none"}"#).to_string().contains("/api/v1"));
        assert!(!made(403, "<html>").to_string().contains("/api/v1"));
    }
}
