//! The body of a stream as chunks, under the idle limit.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures::Stream;

use super::{
    attempt::{corrupt, innermost},
    compression::{DecodeError, decode_error},
    context::CallContext,
    timer::Running,
};
use crate::{
    error::{Error, ErrorKind},
    platform::clock::Instant,
};

/// Delay of a poll after the end of the idle limit that shows that the consumer was busy. Time in which the stream was not
/// polled does not count as silence of the server.
const SLACK: Duration = Duration::from_secs(1);

type BodyStream = Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>;

/// A stream of the chunks of a body. Ends after the first error.
pub(crate) struct Chunks {
    parts: Option<BodyStream>,
    idle: Duration,
    /// The time since which there is no chunk, or `None` if the stream was not polled since the last one.
    silent_since: Option<Instant>,
    /// Ends with the idle limit, or with that of an earlier chunk, because starting it for each chunk costs system calls.
    clock: Option<Running>,
    context: CallContext,
}

impl Chunks {
    pub(crate) fn new(
        parts: impl Stream<Item = reqwest::Result<Bytes>> + Send + 'static,
        idle: Duration,
        context: CallContext,
    ) -> Self {
        Self { parts: Some(Box::pin(parts)), idle, silent_since: None, clock: None, context }
    }

    /// Returns the context of the call, for errors in the content of the stream.
    pub(crate) fn context(&self) -> &CallContext {
        &self.context
    }

    /// Ends the stream and closes the connection.
    pub(crate) fn close(&mut self) {
        self.parts = None;
        self.clock = None;
    }

    /// Completes when the server was silent for the idle limit.
    fn silence(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let since = match self.silent_since {
                Some(since) => since,
                None => {
                    self.clock = self.clock.take().filter(Running::is_usable);
                    *self.silent_since.insert(Instant::now())
                }
            };
            let Some(end) = since.checked_add(self.idle) else { return Poll::Pending };
            ready!(self.clock.get_or_insert_with(|| Running::start(end)).poll_until(end, cx));
            if Instant::now().saturating_duration_since(end) <= SLACK {
                return Poll::Ready(());
            }
            self.silent_since = None;
        }
    }
}

impl Stream for Chunks {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = loop {
            let Some(parts) = self.parts.as_mut() else { return Poll::Ready(None) };
            match parts.as_mut().poll_next(cx) {
                // Compressed bytes arrived, and no content is complete.
                Poll::Ready(Some(Ok(part))) if part.is_empty() => self.silent_since = None,
                next => break next,
            }
        };
        match next {
            Poll::Ready(Some(Ok(part))) => {
                self.silent_since = None;
                Poll::Ready(Some(Ok(part)))
            }
            Poll::Ready(Some(Err(error))) => {
                if let Some(invalid @ DecodeError::Corrupt { .. }) = decode_error(&error) {
                    let error = self.context.annotate(corrupt(invalid));
                    self.close();
                    return Poll::Ready(Some(Err(error)));
                }
                let error = error.without_url();
                let what = format!("the connection of the stream was lost: {}", innermost(&error));
                let error = self.context.annotate(Error::new(ErrorKind::Interrupted, what).caused_by(error));
                self.close();
                Poll::Ready(Some(Err(error)))
            }
            Poll::Ready(None) => {
                self.close();
                Poll::Ready(None)
            }
            Poll::Pending if self.silence(cx).is_ready() => {
                let what = format!("the stream was silent for {} s", self.idle.as_secs_f64());
                let error = self.context.annotate(Error::new(ErrorKind::Stalled, what));
                self.close();
                Poll::Ready(Some(Err(error)))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::{StreamExt, stream};
    use tokio::time::sleep;

    use super::*;

    fn chunks(parts: impl Stream<Item = reqwest::Result<Bytes>> + Send + 'static) -> Chunks {
        let context = CallContext {
            operation: "test",
            target: "GET /".to_owned(),
            proxy: None,
            attempts: 1,
            elapsed: Duration::ZERO,
            redactor: Default::default(),
        };
        Chunks::new(parts, Duration::from_secs(10), context)
    }

    fn every(pause: Duration) -> impl Stream<Item = reqwest::Result<Bytes>> + Send {
        stream::unfold((), move |()| async move {
            sleep(pause).await;
            Some((Ok(Bytes::from_static(b"x")), ()))
        })
    }

    #[tokio::test(start_paused = true)]
    async fn silence_ends_the_stream_and_chunks_reset_the_limit() {
        let mut lively = chunks(every(Duration::from_secs(9)));
        for _ in 0..5 {
            assert!(lively.next().await.unwrap().is_ok());
        }
        let mut dead = chunks(every(Duration::from_secs(11)));
        assert_eq!(dead.next().await.unwrap().unwrap_err().kind(), ErrorKind::Stalled);
        assert!(dead.next().await.is_none());
    }

    /// The server is not silent while it sends compressed bytes that complete no content.
    #[tokio::test(start_paused = true)]
    async fn chunks_without_content_reset_the_limit_and_are_not_yielded() {
        let parts = stream::unfold(0, |number| async move {
            sleep(Duration::from_secs(9)).await;
            let part = if number == 4 { Bytes::from_static(b"x") } else { Bytes::new() };
            Some((Ok(part), number + 1))
        });
        assert_eq!(chunks(parts).next().await.unwrap().unwrap(), "x");
    }

    #[tokio::test(start_paused = true)]
    async fn idle_limit_excludes_time_without_polls() {
        let mut stream = chunks(every(Duration::from_secs(5)));
        assert!(futures::poll!(stream.next()).is_pending());
        // Only this task polls the producer, so no chunk is ready after the long delay.
        let mut slow = chunks(stream::pending());
        assert!(futures::poll!(slow.next()).is_pending());
        tokio::time::advance(Duration::from_secs(60)).await;
        assert!(futures::poll!(slow.next()).is_pending());
        assert!(stream.next().await.unwrap().is_ok());
        assert_eq!(slow.next().await.unwrap().unwrap_err().kind(), ErrorKind::Stalled);
    }
}
