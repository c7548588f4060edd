//! Repair of responses that the generated code cannot read, without loss of their status.

use reqwest::{Response, StatusCode};
use serde_json::Value;

use crate::{Operation, api::types::ErrorResponse};

/// The `error_code` of a response whose body does not have the API's error shape. This crate sets it, not the
/// service. Such a body is empty or comes from a proxy or a load balancer.
pub const UNREADABLE_BODY: &str = "UNREADABLE_BODY";

/// Number of characters of an unreadable body that become the message.
const KEPT: usize = 1_000;

/// Replaces the body of a 204 for a list by an empty list, and the body of a 4xx without the API's error shape
/// by an error of that shape.
pub(crate) async fn mend(response: Response, operation: &Operation) -> reqwest::Result<Response> {
    let status = response.status();
    if status == StatusCode::NO_CONTENT && operation.answers_list {
        return Ok(with_body(response, b"[]".to_vec()));
    }
    if !status.is_client_error() {
        return Ok(response);
    }
    let head = head(&response);
    let body = response.bytes().await?;
    let body = match serde_json::from_slice::<ErrorResponse>(&body) {
        Ok(_) => body.to_vec(),
        Err(_) => {
            let message: String = String::from_utf8_lossy(&body).chars().take(KEPT).collect();
            let fields = [("error_code", UNREADABLE_BODY), ("message", &message)];
            let fields = fields.into_iter().map(|(name, text)| (name.to_owned(), text.into()));
            Value::Object(fields.collect()).to_string().into_bytes()
        }
    };
    Ok(rebuild(head, body))
}

fn with_body(response: Response, body: Vec<u8>) -> Response {
    rebuild(head(&response), body)
}

fn head(response: &Response) -> (StatusCode, http::HeaderMap) {
    (response.status(), response.headers().clone())
}

fn rebuild((status, headers): (StatusCode, http::HeaderMap), body: Vec<u8>) -> Response {
    let mut response = http::Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Response::from(response)
}
