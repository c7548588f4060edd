//! A scripted transport for unit tests, without a socket or a server.
//!
//! A [`Script`] replaces the network below a client. It has a reply for each request that the code under test should send,
//! records the requests, and fails the test if requests and replies do not match. Retries, time limits, redaction of secrets
//! and decoding work as in production.
//!
//! Use a script to test the reaction of code to certain responses and failures, including ambiguous outcomes. Use the emulator
//! (crate `datalinks-emulator`) if the code needs a service with a state.
//!
//! The module needs no feature, because it adds no dependency.
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
//! After a lost response, the outcome is ambiguous:
//!
//! ```
//! use datalinks::testing::{Reply, Script};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), datalinks::Error> {
//! let script = Script::new().reply(Reply::lost_response());
//! let error = script.client().create_token("ci").await.unwrap_err();
//! assert!(error.is_ambiguous());
//! assert_eq!(error.attempts(), 1); // not retried, because the token may exist
//! # Ok(())
//! # }
//! ```
//!
//! # JSON of replies
//!
//! [`Reply::json`] takes the body in the form in which the service sends it, which is not always the form of the result. Names are in
//! camel case, with one exception: the fields of tokens are in snake case. The request paths of a test run show the operation,
//! `openapi/datalinks.yaml` declares the body of each, and the requests and responses in `tests/data` are samples.
//!
//! | Call | Body of a success |
//! |---|---|
//! | an ingestion, per request | `{ "indexed": 1 }` |
//! | a query | `{ "data": [row, …], "metadata": { "count": 1 } }` |
//! | datasets, namespaces, links, grants, tokens, agents | the list itself: `[item, …]` |
//! | conversations, build specs | `{ "conversations": [item, …] }`, `{ "items": [item, …] }` |
//! | a page of ingestions, of usage | `{ "data": [item, …], "metadata": {} }`, `{ "data": [item, …], "meta": {} }` |
//! | a description, a schema of fields | `{ "description": "…" }`, `{ "schema": { "field": "…" } }` |
//! | a call that returns `()` | [`Reply::status(204)`](Reply::status) |
//! | an error | [`Reply::error`] |
//!
//! ```
//! use datalinks::testing::{Reply, Script};
//! use serde_json::json;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), datalinks::Error> {
//! let token = json!({
//!     "id": "tok_1", "name": "ci", "token": null,
//!     "created_at": "2025-01-01T00:00:00Z", "expires_at": "2026-01-01T00:00:00Z",
//! });
//! let conversation = json!({
//!     "id": "4a1d6a7e-5a0f-4c39-a6c4-9be2f02c55d4", "title": "films", "createdAt": 1738555506789_u64, "updatedAt": 1738555506790_u64,
//! });
//! let script = Script::new()
//!     .reply(Reply::json([token]))
//!     .reply(Reply::json(json!({ "conversations": [conversation] })))
//!     .reply(Reply::json(json!({ "data": [{ "title": "Alien" }], "metadata": { "count": 1 } })))
//!     .reply(Reply::status(204));
//! let dl = script.client();
//! assert_eq!(dl.tokens().await?[0].name, "ci");
//! assert_eq!(dl.namespace("cinema")?.conversations().await?[0].title, "films");
//! assert_eq!(dl.dataset("cinema", "films")?.query().fetch::<serde_json::Value>().await?.len(), 1);
//! dl.delete_token("tok_1").await?;
//! script.finish();
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

/// A script of replies that replaces the network, and records the requests.
///
/// A request gets the first unused reply that matches it. A request without a matching reply fails with an error of kind
/// [`Config`](crate::ErrorKind::Config), and is not retried.
///
/// # Panics
///
/// Dropping a script panics if a request had no matching reply, or if a reply was not used. It does not panic after
/// [`finish`](Self::finish), or while the thread is panicking. Keep the script until the end of the test.
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

    /// Appends a reply to a request with this method and a path that ends in `path`. Use it for requests in unknown order.
    pub fn reply_to(self, method: Method, path: impl Into<String>, reply: Reply) -> Self {
        self.player.expect(Some((method, path.into())), reply);
        self
    }

    /// Sets the reply to all requests that no other reply matches. This reply may remain unused.
    pub fn otherwise(self, reply: Reply) -> Self {
        self.player.otherwise(reply);
        self
    }

    /// Sets a function that replies to all requests that no other reply matches. Use it for a server with a state, such
    /// as one with a rate limit.
    ///
    /// The function is called when a request arrives, also on paused time. Its reply arrives after the delay of
    /// [`Reply::after`]. These requests are not kept in [`requests`](Self::requests), so that a test can send many. They
    /// were sent, so [`Reply::no_connection`] has the effect of [`Reply::lost_response`].
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    ///
    /// use datalinks::testing::{Reply, Script};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), datalinks::Error> {
    /// let count = AtomicUsize::new(0);
    /// let script = Script::new().respond_with(move |_| match count.fetch_add(1, Ordering::Relaxed) % 2 {
    ///     0 => Reply::status(503),
    ///     _ => Reply::json(json!({ "indexed": 1 })),
    /// });
    /// let films = script.client().dataset("cinema", "films")?;
    /// assert_eq!(films.ingest([json!({ "title": "Alien" })]).await?.counts.retries, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn respond_with(self, reply: impl Fn(&RecordedRequest) -> Reply + Send + Sync + 'static) -> Self {
        self.player.respond_with(Arc::new(reply));
        self
    }

    /// Appends a reply to any request. Use it while clients of the script are in use.
    pub fn push(&self, reply: Reply) {
        self.player.expect(None, reply);
    }

    /// Creates a client of the API that sends to this script. It retries without delay.
    ///
    /// # Panics
    ///
    /// Panics if the HTTP client cannot be created, for example because the feature `rustls-no-provider` is enabled and no
    /// provider is installed.
    pub fn client(&self) -> DataLinks {
        self.builder().build().unwrap_or_else(|error| panic!("no client for the script: {error}"))
    }

    /// Returns the builder of [`client`](Self::client), for more settings.
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

    /// Returns the builder of [`ingest_proxy`](Self::ingest_proxy), for more settings.
    pub fn ingest_proxy_builder(&self) -> IngestProxyBuilder {
        IngestProxy::builder(Self::INGEST_PROXY, Self::KEY).retry(without_delay()).script(self)
    }

    /// Returns the requests that were sent so far, in order.
    ///
    /// A request whose reply was [`Reply::no_connection`], or that had no reply, was not sent.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.player.recorded()
    }

    /// Checks that all replies were used and all requests had a reply, and returns the requests.
    ///
    /// # Panics
    ///
    /// Panics if a request had no matching reply, or if a reply was not used.
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
    /// Sends requests to a script instead of the network, for unit tests. Settings of connections then have no effect.
    pub fn script(self, script: &Script) -> Self {
        self.play(Arc::clone(&script.player))
    }
}

impl IngestProxyBuilder {
    /// Sends requests to a script instead of the network, for unit tests. Settings of connections then have no effect.
    pub fn script(self, script: &Script) -> Self {
        self.play(Arc::clone(&script.player))
    }
}

fn without_delay() -> RetryPolicy {
    RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO)
}

#[cfg(test)]
mod tests;
