//! Responses made of a body in memory.

use http::{HeaderMap, StatusCode};
use reqwest::{ResponseBuilderExt as _, Url};

/// Creates a response. Without `url`, reqwest parses a placeholder, which takes longer than everything else here.
pub(super) fn rebuild(
    url: Option<Url>,
    status: StatusCode,
    headers: HeaderMap,
    body: impl Into<reqwest::Body>,
) -> reqwest::Response {
    // The builder fails only on invalid input, and a URL is valid.
    let with_url = url.and_then(|url| http::Response::builder().url(url).body(()).ok());
    let mut response = with_url.unwrap_or_default().map(|()| body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    reqwest::Response::from(response)
}
