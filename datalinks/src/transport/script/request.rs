//! Requests that a script received.

use std::{borrow::Cow, fmt};

use bytes::Bytes;
use http::{HeaderMap, Method};
use reqwest::Url;
use serde::de::DeserializeOwned;

use crate::secrets::Redactor;

/// A request that a [`Script`](crate::testing::Script) received.
///
/// `Display` writes the method, the path and the query, such as `GET /api/v1/user/me`. A query that signs the URL is written as
/// `[query]`. `Debug` also writes the headers and the body, without the API key and without presigned URLs.
#[derive(Clone)]
pub struct RecordedRequest {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl RecordedRequest {
    /// Returns the HTTP method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Returns the whole URL. For a part of an upload, this is the presigned URL.
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Returns the percent-encoded path, including the prefix of the host.
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// Returns the value of a query parameter, or `None` if the query does not have it.
    pub fn query(&self, name: &str) -> Option<String> {
        self.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// Returns the headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the value of a header, or `None` if it is missing or not ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Decodes the body as JSON.
    ///
    /// # Errors
    ///
    /// Returns the error of `serde_json` if the body is not JSON, or cannot be decoded as `T`.
    pub fn json<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(&self.body)
    }
}

impl fmt::Display for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&line(&self.method, &self.url))
    }
}

impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = String::from_utf8_lossy(&self.body);
        // The transport marks the API key and headers of the application as sensitive, which hides their values here.
        f.debug_struct("RecordedRequest")
            .field("request", &line(&self.method, &self.url))
            .field("headers", &self.headers)
            .field("body", &redactor().text(&body, false))
            .finish()
    }
}

/// Returns the method, the path and the query of a request. A query that signs the URL is left out.
pub(super) fn line(method: &Method, url: &Url) -> String {
    let query = url.query().map(|query| match redactor().text(query, false) {
        Cow::Borrowed(query) => format!("?{query}"),
        Cow::Owned(_) => "?[query]".to_owned(),
    });
    format!("{method} {}{}", url.path(), query.unwrap_or_default())
}

/// Returns a redactor that recognizes secrets by their form and by the names of their fields.
fn redactor() -> Redactor {
    Redactor::new("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(url: &str, body: &'static str) -> RecordedRequest {
        RecordedRequest {
            method: Method::PUT,
            url: url.parse().unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    #[test]
    fn presigned_urls_are_not_printed() {
        let signed = request("https://s3.test/key?X-Amz-Signature=canary&part=1", "rows");
        assert_eq!(signed.to_string(), "PUT /key?[query]");
        let body = r#"{"dataUrl":"https://s3.test/a?sig=canary","token":"canary","namespace":"n"}"#;
        let printed = format!("{signed:?} {:?}", request("https://h.test/a", body));
        assert!(!printed.contains("canary") && printed.contains("namespace"), "{printed}");
        // The accessors return the request as it was sent.
        assert!(signed.url().ends_with("?X-Amz-Signature=canary&part=1"));
        let other = request("https://h.test/a?username=self&pageSize=25", "");
        assert_eq!(other.to_string(), "PUT /a?username=self&pageSize=25");
    }
}
