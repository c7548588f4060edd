//! The seam between generated requests and the code that sends them, which the application chooses.

use std::{future::Future, pin::Pin};

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
