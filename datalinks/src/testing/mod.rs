//! A scripted transport for unit tests: no socket, no server.
//!
//! A [`Script`] replaces the network below a client. It holds a reply for each request that the code under test should
//! send, records the requests, and fails the test if requests and replies do not match. Everything above the network
//! works as in production: retries, time limits, redaction of secrets, and decoding.
//!
//! Use a script to test how code reacts to certain responses and failures, ambiguous outcomes included. Use the emulator
//! (crate `datalinks-emulator`) if the code needs a service that remembers what it is sent.
//!
//! This module is part of the crate without a feature, because it adds no dependency.
//!
//! # Examples
//!
//! ```
//! use datalinks::testing::{Reply, Script};
//! use serde_json::json;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), datalinks::Error> {
//! let script = Script::new().reply(Reply::status(503)).reply(Reply::json(json!({ "indexed": 1 })));
//! let films = script.client().dataset("cinema", "films")?;
//! let result = films.ingest([json!({ "title": "Alien" })]).await?; // retried once
//! assert!(result.is_complete());
//! assert_eq!(script.finish()[1].to_string(), "POST /api/v1/ingest/cinema/films");
//! # Ok(())
//! # }
//! ```
//!
//! A response that is lost leaves an ambiguous outcome:
//!
//! ```
//! use datalinks::testing::{Reply, Script};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), datalinks::Error> {
//! let script = Script::new().reply(Reply::lost_response());
//! let error = script.client().create_token("ci").await.unwrap_err();
//! assert!(error.is_ambiguous());
//! assert_eq!(error.attempts(), 1); // a token that may exist is not created again
//! # Ok(())
//! # }
//! ```

use std::{sync::Arc, time::Duration};

use http::Method;

pub use crate::transport::script::{RecordedRequest, Reply};
use crate::{
    client::{DataLinks, DataLinksBuilder, IngestProxy, IngestProxyBuilder},
    transport::{RetryPolicy, script::Player},
};

/// Responses in place of a network, and a record of the requests.
///
/// A request takes the first reply that is for it and unused. Requests that no reply is for fail with an error of kind
/// [`Config`](crate::ErrorKind::Config) and are not sent again.
///
/// # Panics
///
/// Dropping a script panics if a request came that it has no reply for, or if a reply was not used, unless
/// [`finish`](Self::finish) was called or the thread is panicking already. Keep the script until the end of the test.
#[derive(Debug)]
#[must_use = "dropping a script checks it"]
pub struct Script {
    player: Arc<Player>,
    finished: bool,
}

impl Script {
    /// The host of [`client`](Self::client). The name is reserved for tests and cannot be resolved.
    pub const HOST: &str = "https://datalinks.test/api/v1";
    /// The host of [`ingest_proxy`](Self::ingest_proxy).
    pub const INGEST_PROXY: &str = "https://proxy.datalinks.test";
    /// The API key of both clients.
    pub const KEY: &str = "test-key";

    /// Creates a script without replies.
    pub fn new() -> Self {
        Self { player: Arc::default(), finished: false }
    }

    /// Appends a reply to any request.
    pub fn reply(self, reply: Reply) -> Self {
        self.push(reply);
        self
    }

    /// Appends a reply to a request with this method and a path that ends in `path`, for requests whose order is not
    /// known.
    pub fn reply_to(self, method: Method, path: impl Into<String>, reply: Reply) -> Self {
        self.player.expect(Some((method, path.into())), reply);
        self
    }

    /// Sets the reply to all requests that nothing else is for. It need not be used.
    pub fn otherwise(self, reply: Reply) -> Self {
        self.player.otherwise(reply);
        self
    }

    /// Appends a reply to any request, while clients of the script are in use.
    pub fn push(&self, reply: Reply) {
        self.player.expect(None, reply);
    }

    /// Creates a client of the API that sends to this script. It retries without delay.
    ///
    /// # Panics
    ///
    /// Panics if no HTTP client can be made, for example because the feature `rustls-no-provider` is on and no provider
    /// is installed.
    pub fn client(&self) -> DataLinks {
        self.builder().build().unwrap_or_else(|error| panic!("no client for the script: {error}"))
    }

    /// Returns the builder of [`client`](Self::client), to set more.
    pub fn builder(&self) -> DataLinksBuilder {
        DataLinks::builder(Self::HOST, Self::KEY).retry(without_delay()).script(self)
    }

    /// Creates a client of the ingest proxy that sends to this script. It retries without delay.
    ///
    /// # Panics
    ///
    /// Panics under the conditions of [`client`](Self::client).
    pub fn ingest_proxy(&self) -> IngestProxy {
        self.ingest_proxy_builder()
            .build()
            .unwrap_or_else(|error| panic!("no client for the script: {error}"))
    }

    /// Returns the builder of [`ingest_proxy`](Self::ingest_proxy), to set more.
    pub fn ingest_proxy_builder(&self) -> IngestProxyBuilder {
        IngestProxy::builder(Self::INGEST_PROXY, Self::KEY).retry(without_delay()).script(self)
    }

    /// Returns the requests that were sent so far, in the order in which they were.
    ///
    /// A request that met [`Reply::no_connection`] or no reply was not sent.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.player.recorded()
    }

    /// Checks that all replies were used and all requests had one, and returns the requests.
    ///
    /// # Panics
    ///
    /// Panics if a request came that the script has no reply for, or if a reply was not used.
    #[track_caller]
    pub fn finish(mut self) -> Vec<RecordedRequest> {
        self.finished = true;
        if let Some(deviations) = self.player.deviations() {
            panic!("{deviations}");
        }
        self.player.recorded()
    }
}

impl Default for Script {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        if self.finished || std::thread::panicking() {
            return;
        }
        if let Some(deviations) = self.player.deviations() {
            panic!("{deviations}; keep the script until the end of the test");
        }
    }
}

impl DataLinksBuilder {
    /// Sends requests to a script of responses instead of the network, for unit tests. Settings of connections have no
    /// effect then.
    pub fn script(self, script: &Script) -> Self {
        self.play(Arc::clone(&script.player))
    }
}

impl IngestProxyBuilder {
    /// Sends requests to a script of responses instead of the network, for unit tests. Settings of connections have no
    /// effect then.
    pub fn script(self, script: &Script) -> Self {
        self.play(Arc::clone(&script.player))
    }
}

fn without_delay() -> RetryPolicy {
    RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO)
}

#[cfg(test)]
mod tests;
