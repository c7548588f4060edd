//! The body of a stream, part by part, under an idle clock.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures::Stream;
use tokio::time::{Instant, Sleep, sleep};

use super::{attempt::innermost, context::CallContext};
use crate::error::{Error, ErrorKind};

/// A poll that comes this much after the clock ran out was not waiting: the consumer was busy
/// elsewhere, and silence that nobody listened to does not count.
const SLACK: Duration = Duration::from_secs(1);

type Parts = Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>;

/// The parts of a body as they come. Ends at the first error, unlike the stream below it.
pub(crate) struct Chunks {
    parts: Option<Parts>,
    idle: Duration,
    clock: Option<Pin<Box<Sleep>>>,
    context: CallContext,
}

impl Chunks {
    pub(crate) fn new(
        parts: impl Stream<Item = reqwest::Result<Bytes>> + Send + 'static,
        idle: Duration,
        context: CallContext,
    ) -> Self {
        Self { parts: Some(Box::pin(parts)), idle, clock: None, context }
    }

    /// Where the stream comes from, for errors found in its content.
    pub(crate) fn context(&self) -> &CallContext {
        &self.context
    }

    /// Drops the connection.
    pub(crate) fn close(&mut self) {
        self.parts = None;
        self.clock = None;
    }

    fn silence(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let clock = self.clock.get_or_insert_with(|| Box::pin(sleep(self.idle)));
        if clock.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        if Instant::now().saturating_duration_since(clock.deadline()) <= SLACK {
            return Poll::Ready(());
        }
        *clock = Box::pin(sleep(self.idle));
        clock.as_mut().poll(cx)
    }
}

impl Stream for Chunks {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(parts) = self.parts.as_mut() else { return Poll::Ready(None) };
        match parts.as_mut().poll_next(cx) {
            Poll::Ready(Some(Ok(part))) => {
                self.clock = None;
                Poll::Ready(Some(Ok(part)))
            }
            Poll::Ready(Some(Err(error))) => {
                let error = error.without_url();
                let what = format!("the stream was cut: {}", innermost(&error));
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
    async fn silence_ends_the_stream_and_parts_reset_the_clock() {
        let mut lively = chunks(every(Duration::from_secs(9)));
        for _ in 0..5 {
            assert!(lively.next().await.unwrap().is_ok());
        }
        let mut dead = chunks(every(Duration::from_secs(11)));
        assert_eq!(dead.next().await.unwrap().unwrap_err().kind(), ErrorKind::Stalled);
        assert!(dead.next().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_paused_consumer_does_not_count() {
        let mut stream = chunks(every(Duration::from_secs(5)));
        assert!(futures::poll!(stream.next()).is_pending());
        // The producer is polled only by us: it has nothing ready after the long pause.
        let mut slow = chunks(stream::pending());
        assert!(futures::poll!(slow.next()).is_pending());
        tokio::time::advance(Duration::from_secs(60)).await;
        assert!(futures::poll!(slow.next()).is_pending());
        assert!(stream.next().await.unwrap().is_ok());
        assert_eq!(slow.next().await.unwrap().unwrap_err().kind(), ErrorKind::Stalled);
    }
}
