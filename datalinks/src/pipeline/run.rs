//! A pipeline run as a stream of events.

use std::{
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
};

use datalinks_gen::{PathSegment, Row, proxy::types};
use futures::{Stream, StreamExt, stream::FusedStream};
use serde::de::{DeserializeOwned, IgnoredAny};

use super::{
    event::{JsonObject, PipelineEvent},
    follow::Follower,
    reconnect::ReconnectPolicy,
    typed::{self, Kind},
};
use crate::{
    client::IngestProxy,
    error::{Error, ErrorKind},
    secrets::Redactor,
};

/// A pipeline run, as a stream of its events in order, each once.
///
/// The stream reconnects by itself after an interruption, as its [`ReconnectPolicy`] allows. It ends with
/// [`Complete`](PipelineEvent::Complete), with [`Error`](PipelineEvent::Error), or with an `Err` if the run cannot be followed
/// any longer. The run itself continues on the service then.
///
/// Events are read when [`next`](Self::next) is awaited, not ahead. Dropping the value closes the connection.
///
/// Events are JSON objects by default. [`typed`](Self::typed) deserializes them into a type of the application.
pub struct PipelineRun<T = JsonObject> {
    follower: Follower,
    redactor: Redactor,
    event: PhantomData<fn() -> T>,
}

impl PipelineRun {
    pub(super) fn new(proxy: IngestProxy, id: PathSegment, cursor: u64) -> Self {
        let redactor = proxy.connection().transport.redactor.clone();
        Self { follower: Follower::new(proxy, id, cursor), redactor, event: PhantomData }
    }

    /// Removes the secrets of the call that started the run, too, such as the URL of its source.
    pub(super) fn redacted(mut self, redactor: Redactor) -> Self {
        self.redactor = redactor;
        self
    }
}

impl<T> PipelineRun<T> {
    /// Deserializes the following events into `U`, directly from the text.
    ///
    /// Numbers keep all digits that `U` can hold. The events that end the run stay JSON objects, so `U` describes only
    /// the events before. An event that does not fit `U` is yielded as [`PipelineEvent::Rejected`] and does not end the
    /// stream. The service does not document its types of events, so plan for others than those that you know.
    ///
    /// Deserializing into a struct costs less than reading JSON objects. A `U` that is not read as a map or a struct, such
    /// as an enum without a tag or raw JSON, is supported as well, but each line is read several times.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(proxy: datalinks::IngestProxy) -> Result<(), datalinks::Error> {
    /// use datalinks::PipelineEvent;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Progress { #[serde(rename = "type")] kind: String, rows: Option<u64> }
    ///
    /// let mut run = proxy.follow("run-1", 0)?.typed::<Progress>();
    /// while let Some(event) = run.next().await {
    ///     match event? {
    ///         PipelineEvent::Other(progress) => println!("{}: {:?} rows", progress.kind, progress.rows),
    ///         PipelineEvent::Rejected(event) => println!("{}: {}", event.text, event.reason),
    ///         PipelineEvent::Error(object) => println!("failed: {object:?}"),
    ///         _ => {}
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn typed<U: DeserializeOwned>(self) -> PipelineRun<U> {
        PipelineRun { follower: self.follower, redactor: self.redactor, event: PhantomData }
    }

    /// Sets how the run is followed after interruptions. Defaults to [`ReconnectPolicy::default`].
    pub fn reconnect(mut self, policy: ReconnectPolicy) -> Self {
        self.follower.policy = policy;
        self
    }

    /// Returns the id of the run.
    pub fn id(&self) -> &str {
        self.follower.id.as_str()
    }

    /// Returns the number of events that were yielded, from which [`IngestProxy::follow`] continues, in this process or another.
    pub fn cursor(&self) -> u64 {
        self.follower.cursor
    }

    /// Reads the stream to the end of the run and returns the `complete` event.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`next`](Self::next), and [`Reported`](ErrorKind::Reported) if the run ends with an error event.
    pub async fn finish(self) -> Result<JsonObject, Error> {
        // Only the event that ends the run is needed.
        let mut run = self.typed::<IgnoredAny>();
        while let Some(event) = run.next().await {
            match event? {
                PipelineEvent::Complete(object) => return Ok(object),
                PipelineEvent::Error(object) => {
                    let what = object.get("message").and_then(serde_json::Value::as_str);
                    let what =
                        format!("run {} failed: {}", run.id(), what.unwrap_or("the event has no message"));
                    return Err(Error::new(ErrorKind::Reported, what).redacted(&run.redactor));
                }
                PipelineEvent::Other(_) | PipelineEvent::Unreadable(_) | PipelineEvent::Rejected(_) => {}
            }
        }
        Err(Error::new(ErrorKind::PrematureEnd, format!("run {} was read to its end before", run.id())))
    }

    /// Answers a question of the run: a clarification, the review of a schema (approve, edit or reject) or a fresh token. The
    /// service does not document the fields of the payload.
    ///
    /// # Errors
    ///
    /// Returns the [errors of every call](crate::error#errors-of-every-call). The call is not retried after an ambiguous outcome,
    /// so that a question is not answered twice.
    pub async fn resume_hook(&self, payload: JsonObject) -> Result<JsonObject, Error> {
        let call = self.follower.proxy.call();
        let payload = types::PipelineHookRequest(payload);
        let result = call.client().resume_pipeline_hook(&self.follower.id, &payload).await;
        call.finish(result).map(|answer| answer.0)
    }

    /// Returns the trace of the run so far: start and end, the duration of each step, each model call with its
    /// input and output tokens, the number of evaluations, and a summary. The service stores the trace after every step, so a
    /// failed run has a partial trace. The service documents the name of one field, `runId`.
    ///
    /// # Errors
    ///
    /// - [`NotFound`](ErrorKind::NotFound) if the run does not exist.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub async fn trace(&self) -> Result<Row, Error> {
        let call = self.follower.proxy.call();
        let result = call.client().get_pipeline_trace(&self.follower.id).await;
        call.finish(result).map(|answer| answer.0)
    }
}

impl<T: DeserializeOwned> PipelineRun<T> {
    /// Waits for the next event and returns it, or `None` after the last event.
    ///
    /// # Errors
    ///
    /// Returns an error, and ends the stream, if the run cannot be followed any longer:
    ///
    /// - The proxy rejects the request permanently (401, 403, 404 and others).
    /// - The proxy requests a longer delay than [`RetryPolicy::max_retry_after`](crate::RetryPolicy::max_retry_after) allows.
    /// - Too many consecutive reconnects delivered no new event.
    /// - A line exceeds the limit of the [`ReconnectPolicy`].
    /// - The event that ends the run cannot be decoded, for example because of the number `1e400`. The kind is then
    ///   [`UnexpectedResponse`](ErrorKind::UnexpectedResponse) for a run that is complete, and
    ///   [`Reported`](ErrorKind::Reported) for one that failed.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If the future is dropped before it completes, no event is lost.
    pub async fn next(&mut self) -> Option<Result<PipelineEvent<T>, Error>> {
        StreamExt::next(self).await
    }
}

impl<T: DeserializeOwned> Stream for PipelineRun<T> {
    type Item = Result<PipelineEvent<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let run = &mut *self;
        loop {
            let advanced = match run.follower.next_line() {
                Ok(true) => {
                    let mut kind = Kind::Other;
                    if let Ok(event) = typed::decode(run.follower.line(), &mut kind)
                        && kind == Kind::Other
                    {
                        // The cursor moves in the poll that yields the event, so that it cannot get ahead of it.
                        run.follower.cursor += 1;
                        return Poll::Ready(Some(Ok(PipelineEvent::Other(event))));
                    }
                    return Poll::Ready(Some(run.read_again()));
                }
                Ok(false) if run.follower.is_ended() => return Poll::Ready(None),
                Ok(false) => ready!(run.follower.poll_advance(cx)),
                Err(error) => run.follower.handle_disconnect(error),
            };
            if let Err(error) = advanced {
                return Poll::Ready(Some(Err(error)));
            }
        }
    }
}

impl<T: DeserializeOwned> PipelineRun<T> {
    /// Reads a line that is not a common event, and moves the cursor past it.
    #[cold]
    fn read_again(&mut self) -> Result<PipelineEvent<T>, Error> {
        let mut event = match PipelineEvent::read_again(self.follower.line()) {
            Ok(event) => event,
            Err(end) => {
                self.follower.end();
                return Err(end.into_error(self.id()).redacted(&self.redactor));
            }
        };
        let index = self.follower.cursor;
        self.follower.cursor += 1;
        if event.is_final() {
            self.follower.end();
        }
        event.complete(index, &self.redactor);
        Ok(event)
    }
}

impl<T: DeserializeOwned> FusedStream for PipelineRun<T> {
    /// Returns `true` after the last item.
    fn is_terminated(&self) -> bool {
        self.follower.is_ended()
    }
}

impl<T> std::fmt::Debug for PipelineRun<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PipelineRun")
            .field("id", &self.id())
            .field("cursor", &self.cursor())
            .finish_non_exhaustive()
    }
}

crate::client::builder_options!(PipelineRun<T>, follower.proxy);
