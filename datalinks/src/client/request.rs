//! Requests with any method and path.

use std::future::IntoFuture;

use bytes::Bytes;
use datalinks_gen::{OPERATIONS, Operation, Server};
use futures::{StreamExt as _, future::BoxFuture};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{ACCEPT, CONTENT_TYPE},
};
use reqwest::Url;

use super::{DataLinks, builder_options};
use crate::{
    error::Error,
    transport::{Body, Chunks},
};

impl DataLinks {
    /// Returns a builder for a request with any method and path, for operations that have no method of their own. Await it to
    /// send the request.
    ///
    /// `path` is below the base URL and begins with a slash. It may have a query. Names in it have to be percent-encoded.
    ///
    /// The API key, time limits and retries are those of other calls. A path that the OpenAPI document declares has the retries
    /// and limits of its operation. For any other, a request is not retried after an ambiguous outcome.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the path does not begin with a slash or is not part of a URL.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call). A status other than 2xx is an error.
    ///
    /// # Examples
    ///
    /// ```
    /// # use datalinks_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start().await?;
    /// # let dl = datalinks::DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;
    /// let response = dl.request(http::Method::GET, "/user/me").await?;
    /// assert_eq!(response.status, 200);
    /// let body = response.bytes().await?;
    /// assert!(body.starts_with(b"{"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn request(&self, method: Method, path: impl Into<String>) -> RawRequest {
        RawRequest { client: self.clone(), method, path: path.into(), body: None }
    }
}

/// A builder for a request with any method and path. Await it to send the request.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct RawRequest {
    client: DataLinks,
    method: Method,
    path: String,
    body: Option<Bytes>,
}

impl RawRequest {
    /// Sets the body, which is sent as `application/json`. Another type can be set with
    /// [`CallOptions::header`](crate::CallOptions::header).
    pub fn body(mut self, json: impl Into<Bytes>) -> Self {
        self.body = Some(json.into());
        self
    }

    async fn send(self) -> Result<RawResponse, Error> {
        let connection = self.client.connection();
        let url = self.url()?;
        let path = self.path.split(['?', '#']).next().unwrap_or_default();
        let operation = operation_of(&self.method, path);
        let mut request = reqwest::Request::new(self.method, url);
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("*/*"));
        if let Some(body) = self.body {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *request.body_mut() = Some(body.into());
        }
        let transport = &connection.transport;
        let response = transport.execute(operation, &mut request, self.client.options()).await?;
        let idle = transport.idle.of(operation.id);
        let body = match response.body {
            Body::Whole(body) => RawBody::Whole(body),
            Body::Open(open) => RawBody::Stream(Chunks::new(open.bytes_stream(), idle, response.context)),
        };
        Ok(RawResponse { status: response.status, headers: response.headers, body })
    }

    fn url(&self) -> Result<Url, Error> {
        let address = &self.client.connection().address;
        let invalid = |what: &str| {
            let what = format!("the path {:?} {what}", self.path);
            Error::invalid(what).advice("nothing was sent; use a path below the base URL, such as /user/me")
        };
        if !self.path.starts_with('/') {
            return Err(invalid("does not begin with a slash"));
        }
        let url = format!("{}{}", address.as_str(), self.path);
        let url = Url::parse(&url).map_err(|error| invalid("is not part of a URL").caused_by(error))?;
        let base = format!("{}/", address.url().path().trim_end_matches('/'));
        if !address.is_origin_of(url.as_str()) || !url.path().starts_with(&base) {
            return Err(invalid("leads out of the base URL"));
        }
        Ok(url)
    }
}

impl IntoFuture for RawRequest {
    type Output = Result<RawResponse, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

builder_options!(RawRequest, client);

/// The response to a request with any method and path.
#[derive(Debug)]
#[non_exhaustive]
pub struct RawResponse {
    /// The status, a 2xx.
    pub status: StatusCode,
    /// The headers, without those that describe the compressed form of a body that was decompressed.
    pub headers: HeaderMap,
    body: RawBody,
}

enum RawBody {
    Whole(Bytes),
    Stream(Chunks),
}

impl std::fmt::Debug for RawBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole(body) => write!(f, "{} bytes", body.len()),
            Self::Stream(_) => f.write_str("stream"),
        }
    }
}

impl RawResponse {
    /// Returns the next part of the body as it arrives, or `None` at its end. Only responses that are streams have several.
    ///
    /// # Errors
    ///
    /// - [`Interrupted`](crate::ErrorKind::Interrupted) or [`Stalled`](crate::ErrorKind::Stalled) if a stream breaks off.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        match &mut self.body {
            RawBody::Whole(body) if body.is_empty() => Ok(None),
            RawBody::Whole(body) => Ok(Some(std::mem::take(body))),
            RawBody::Stream(chunks) => chunks.next().await.transpose(),
        }
    }

    /// Returns the rest of the body.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`chunk`](Self::chunk).
    pub async fn bytes(mut self) -> Result<Bytes, Error> {
        let Some(first) = self.chunk().await? else { return Ok(Bytes::new()) };
        let mut whole = bytes::BytesMut::from(first);
        while let Some(chunk) = self.chunk().await? {
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    }
}

/// Returns the operation of the document with this method and path. Where several match, the one with the fewest parameters.
fn operation_of(method: &Method, path: &str) -> &'static Operation {
    let given: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    let matching = OPERATIONS.iter().filter(|operation| {
        let own: Vec<&str> = operation.path.split('/').collect();
        operation.server == Server::Api
            && operation.method == method.as_str()
            && own.len() == given.len()
            && own
                .iter()
                .zip(&given)
                .all(|(own, given)| own == given || (own.contains('{') && !given.is_empty()))
    });
    matching.min_by_key(|operation| operation.path.matches('{').count()).unwrap_or(&datalinks_gen::UNLISTED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        error::ErrorKind,
        testing::{Reply, Script},
    };

    #[test]
    fn operations_are_found_by_method_and_path() {
        let id = |method, path| operation_of(&method, path).id;
        assert_eq!(id(Method::GET, "/user/me"), "getCurrentUser");
        assert_eq!(id(Method::POST, "/query/"), "queryData");
        assert_eq!(id(Method::POST, "/query/ask"), "autoragStream");
        assert_eq!(id(Method::POST, "/links/add"), "addLink");
        assert_eq!(id(Method::GET, "/user/you"), "unlisted");
        assert_eq!(id(Method::DELETE, "/user/me"), "unlisted");
    }

    #[tokio::test]
    async fn path_stays_below_the_base_url() {
        let dl = DataLinks::builder("https://example.com/api/v1", "k").build().unwrap();
        for path in ["user/me", "", "/../x", "/../v1x", "/../../x", "@evil.example/x"] {
            let error = dl.request(Method::GET, path).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{path}");
        }
    }

    #[tokio::test]
    async fn body_and_status_are_passed_on() {
        let reply = Reply::body("application/json", r#"{"a":1}"#).with_status(202);
        let script = Script::new().reply(reply);
        let response = script.client().request(Method::PATCH, "/new?b=2").body(r#"{"c":3}"#).await.unwrap();
        assert_eq!(response.status, 202);
        assert_eq!(response.bytes().await.unwrap(), r#"{"a":1}"#);
        let requests = script.finish();
        assert_eq!((requests[0].method(), requests[0].query("b").as_deref()), (&Method::PATCH, Some("2")));
        assert_eq!(requests[0].body(), r#"{"c":3}"#);
    }
}
