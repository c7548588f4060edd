//! The target of requests: an HTTP client, or a script in a unit test.

use std::sync::Arc;

use futures::{TryFutureExt as _, future::Either};
use reqwest::{Request, Response};

use super::{script::Player, send_error::SendError, timer::Timers};

/// Sends single requests, through an HTTP client or to a script. Code above it, such as retries and time limits, does not
/// distinguish them.
#[derive(Clone)]
pub(crate) struct Sender {
    http: reqwest::Client,
    script: Option<Arc<Player>>,
    timers: Timers,
}

impl Sender {
    pub(crate) fn new(http: reqwest::Client, script: Option<Arc<Player>>) -> Self {
        Self { http, script, timers: Timers::default() }
    }

    /// Returns the HTTP client, to build requests. Requests must not be sent through it, because that bypasses the transport.
    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.http
    }

    /// Returns the timers of the requests.
    pub(crate) fn timers(&self) -> &Timers {
        &self.timers
    }

    pub(super) fn execute(
        &self,
        request: Request,
    ) -> impl Future<Output = Result<Response, SendError>> + Unpin {
        match &self.script {
            Some(script) => Either::Right(Box::pin(script.respond(request))),
            None => Either::Left(self.http.execute(request).map_err(SendError::Http)),
        }
    }
}
