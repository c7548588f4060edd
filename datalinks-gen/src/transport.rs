//! The seam between what is asked (generated) and how it is sent (the application's choice).

use std::{future::Future, pin::Pin};

use reqwest::header::{AUTHORIZATION, HeaderValue};

use crate::Operation;

/// The future that [`Transport::send`] answers.
pub type Sending<'a> = Pin<Box<dyn Future<Output = reqwest::Result<reqwest::Response>> + Send + 'a>>;

/// Sends the requests of a generated client: the place for credentials, retries and tracing.
///
/// Implementations answer with the response whatever its status is; an error is for requests that
/// got no response at all.
pub trait Transport: Send + Sync {
    /// Sends `request`, which is complete but for its credentials, and answers its response.
    fn send<'a>(
        &'a self,
        http: &'a reqwest::Client,
        request: reqwest::Request,
        operation: &'static Operation,
    ) -> Sending<'a>;
}

/// Sends once, with a bearer token.
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
