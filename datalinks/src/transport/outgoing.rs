//! Requests, as an application can observe them before they are sent.

use std::{borrow::Cow, fmt, ops::Range, path::Path, sync::Arc};

use bytes::Bytes;
use http::{HeaderName, Method};

use crate::secrets::Redactor;

/// A request that is about to be sent, without its secrets.
///
/// The API key, secret fields and the values of parameters that sign URLs are replaced in the URL and in the body, and the
/// values of sensitive headers are left out. Everything else is the caller's data, which is kept.
pub struct OutgoingRequest<'a> {
    pub(super) operation: &'static str,
    pub(super) number: u32,
    pub(super) request: &'a reqwest::Request,
    pub(super) body: &'a Bytes,
    pub(super) redactor: &'a Redactor,
    /// The part of a file that the body is read from.
    pub(super) file: Option<(&'a Path, Range<u64>)>,
}

impl OutgoingRequest<'_> {
    /// Returns the `operationId` of the operation in the OpenAPI document, or `putPart` for a part of a file that is sent to a
    /// presigned URL.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// Returns the number of the request within its call, from 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Returns the HTTP method.
    pub fn method(&self) -> &Method {
        self.request.method()
    }

    /// Returns the URL with its query. Of a presigned URL, which is a secret as a whole, only scheme, host and port are shown,
    /// such as `https://storage.example/[presigned]`.
    pub fn url(&self) -> String {
        if self.file.is_some() {
            return format!("{}/[presigned]", self.request.url().origin().ascii_serialization());
        }
        self.redactor.request(self.request.url().as_str()).into_owned()
    }

    /// Returns the names of the headers with their values. The value is `None` if it may be a secret or is not text.
    pub fn headers(&self) -> impl Iterator<Item = (&HeaderName, Option<&str>)> {
        self.request.headers().iter().map(|(name, value)| {
            let shown = if value.is_sensitive() { None } else { value.to_str().ok() };
            (name, shown)
        })
    }

    /// Returns the file that the body is read from, and the range of its bytes. `None` if the body is in memory.
    pub fn file(&self) -> Option<(&Path, Range<u64>)> {
        self.file.clone()
    }

    /// Returns the body. It is empty if the request has none, or if the body is read from a [`file`](Self::file). A body that
    /// is [compressed](crate::DataLinksBuilder::compress_requests) is shown before compression.
    pub fn body(&self) -> Cow<'_, [u8]> {
        match std::str::from_utf8(self.body) {
            Ok(text) => match self.redactor.request(text) {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            },
            Err(_) => match self.redactor.body(self.body) {
                Some(cleaned) => Cow::Owned(cleaned),
                None => Cow::Borrowed(self.body),
            },
        }
    }
}

impl fmt::Debug for OutgoingRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingRequest")
            .field("operation", &self.operation)
            .field("number", &self.number)
            .field("method", self.method())
            .field("url", &self.url())
            .finish_non_exhaustive()
    }
}

/// A function that is called before each request.
#[derive(Clone)]
pub(crate) struct SendObserver(Arc<dyn Fn(&OutgoingRequest<'_>) + Send + Sync>);

impl SendObserver {
    pub(crate) fn new(call: impl Fn(&OutgoingRequest<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(call))
    }

    pub(super) fn call(&self, request: &OutgoingRequest<'_>) {
        (self.0)(request);
    }
}

impl fmt::Debug for SendObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SendObserver")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::testing::{Reply, Script};

    #[tokio::test]
    async fn each_attempt_is_observed_without_secrets() {
        const KEY: &str = "canary-4711-0815";
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let record = Arc::clone(&seen);
        let script = Script::new().reply(Reply::status(503)).reply(Reply::status(204));
        let dl = crate::client::DataLinks::builder("https://example.com/api/v1", KEY)
            .script(&script)
            .retry(
                crate::transport::RetryPolicy::default()
                    .backoff(std::time::Duration::ZERO, std::time::Duration::ZERO),
            )
            .on_send(move |request| {
                let (body, headers) = (request.body(), request.headers());
                let body = String::from_utf8_lossy(&body);
                let headers: Vec<_> = headers.filter(|(name, _)| *name != "accept").collect();
                let line =
                    format!("{} {} {} {body} {headers:?}", request.number(), request.method(), request.url());
                record.lock().unwrap().push(line);
            })
            .build()
            .unwrap();
        dl.request(Method::POST, format!("/new?q=1&a={KEY}"))
            .body(format!(r#"{{"b":"{KEY}","u":"https://h/p?a=1&sig=canary"}}"#))
            .await
            .unwrap();
        let seen = seen.lock().unwrap().join("\n");
        assert!(!seen.contains("canary"), "{seen}");
        let head = r#"POST https://example.com/api/v1/new?q=1&a=[key] {"b":"[key]","u":"https://h/p?a=1&sig=[secret]"} "#;
        assert!(seen.starts_with(&format!("1 {head}")) && seen.contains(&format!("\n2 {head}")), "{seen}");
        assert!(seen.contains(r#"("authorization", None)"#), "{seen}");
    }
}
