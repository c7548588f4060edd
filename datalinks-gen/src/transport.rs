//! The seam between generated requests and the code that sends them, which the application chooses.

use std::{future::Future, pin::Pin};

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, HeaderValue};

use crate::Operation;

/// The future that [`Transport::send`] returns.
pub type Sending<'a> = Pin<Box<dyn Future<Output = reqwest::Result<reqwest::Response>> + Send + 'a>>;

/// Sends the requests of a generated client. Implementations add credentials, retries and tracing.
///
/// An implementation returns every response, whatever the status. An error means that no response was received.
pub trait Transport: Send + Sync {
    /// Sends `request`, which lacks only the credentials, and returns the response.
    fn send<'a>(
        &'a self,
        http: &'a reqwest::Client,
        request: reqwest::Request,
        operation: &'static Operation,
    ) -> Sending<'a>;

    /// Returns the URL with this text, or `None` if the request has to parse it.
    ///
    /// Parsing a URL takes a tenth of the instructions of a small request, so a transport may keep those that it parsed
    /// before. The default keeps none.
    fn url(&self, text: &str) -> Option<reqwest::Url> {
        let _ = text;
        None
    }

    /// Returns the body of the successful response that [`send`](Self::send) returned last, if it was read already. The
    /// response has no body then. `None` and an empty body leave it to the generated function to read the response.
    ///
    /// A context that sends one request at a time can save that the body is read twice. The default returns `None`.
    fn body(&self) -> Option<Bytes> {
        None
    }
}

/// A transport that sends each request once, with a bearer token.
pub(crate) struct Bearer(pub(crate) HeaderValue);

impl Transport for Bearer {
    fn send<'a>(
        &'a self,
        http: &'a reqwest::Client,
        mut request: reqwest::Request,
        _operation: &'static Operation,
    ) -> Sending<'a> {
        request.headers_mut().insert(AUTHORIZATION, self.0.clone());
        Box::pin(http.execute(request))
    }
}
