//! From an answer that is no success to an error that keeps all it tells.

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header::LOCATION};
use reqwest::Url;
use serde::Deserialize;

use crate::error::{Error, ErrorKind, REQUEST_ID_KEPT, SubError};

/// Headers in which servers and gateways name a request. The service documents none.
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

/// The error for a response with this head and body to a request for `url`. The body may not be `whole`.
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
                    "this is not the API's own 404, and the host has no version prefix: it may have to end in /api/v1",
                )
            } else {
                error
            }
        }
    };
    error.with_response(status, headers, body).with_whole_body(whole).with_request_id(request_id(headers))
}

/// The id of the request, in whichever of the usual headers it came.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    REQUEST_ID_HEADERS
        .iter()
        .find_map(|name| headers.get(*name))
        .and_then(|value| value.to_str().ok())
        .map(|id| id.chars().take(REQUEST_ID_KEPT).collect())
}

fn plain(body: &[u8], whole: bool) -> &'static str {
    let start = body.trim_ascii_start();
    if !whole {
        "the body of the response was cut off, or is longer than what is read of it"
    } else if start.is_empty() {
        "the answer has no body"
    } else if start.starts_with(b"<") {
        "the answer is a page, not the API's JSON; a proxy or another server may have sent it"
    } else {
        "the answer is not in the API's error shape"
    }
}

fn redirected(headers: &HeaderMap, url: &Url) -> String {
    let target =
        headers.get(LOCATION).and_then(|value| value.to_str().ok()).and_then(|text| url.join(text).ok());
    match target {
        Some(mut target) => {
            // Its query may hold a signature, and what follows it a token.
            target.set_query(None);
            target.set_fragment(None);
            format!("the server redirects to {target}, which is not followed with your key")
        }
        None => "the server redirects without saying where".to_owned(),
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
    fn keeps_what_the_api_says() {
        let body =
            r#"{"error_code":"BAD","message":"no","sub_errors":[{"code":"F","message":"data is missing"}]}"#;
        let error = made(422, body);
        assert_eq!((error.kind(), error.code(), error.message()), (ErrorKind::Rejected, Some("BAD"), "no"));
        assert_eq!(error.sub_errors()[0].message, "data is missing");
        assert_eq!(error.to_string().lines().count(), 1);
    }

    #[test]
    fn says_that_the_prefix_may_be_missing() {
        assert!(made(404, "<html>").to_string().contains("/api/v1"));
        assert!(!made(404, r#"{"error_code":"N","message":"none"}"#).to_string().contains("/api/v1"));
        assert!(!made(403, "<html>").to_string().contains("/api/v1"));
    }
}
