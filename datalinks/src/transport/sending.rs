//! The sending of one request: its limits, and whether it was sent.
//!
//! An outcome is ambiguous only if a connection took the request. Neither reqwest nor hyper reports this, but the body of the
//! request shows it. The HTTP client moves the body, without cloning it, from the future that the caller polls to the task that
//! drives a connection. That task writes the head to its buffer, takes the body, and flushes afterwards.
//!
//! Therefore, a body that the caller's own future drops was not taken by a connection, and no byte of its request was written.
//! A body that is polled or dropped anywhere else was taken, and counts as sent.
//!
//! The body also shows progress: each chunk that the connection takes resets the idle limit.

use std::{
    cell::Cell,
    convert::Infallible,
    error::Error as StdError,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures::{FutureExt as _, Stream, StreamExt as _};
use http::{Method, header::CONTENT_LENGTH};
use reqwest::{Body, Request, Response};

use super::{
    send_error::SendError,
    sender::Sender,
    timer::{Timer, Timers},
};
use crate::platform::clock::Instant;

/// Size of the chunks in which a body in memory is passed to the connection, in bytes. The idle limit does not see smaller
/// progress.
const CHUNK: usize = 16 * 1024;

/// The limits that one request runs under.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Longest time without progress: while the body is sent, until the response begins, and between two chunks of the
    /// response. Excludes the time before a connection takes the request, to which the connect limit applies.
    pub(crate) idle: Duration,
    /// End of the whole call.
    pub(crate) deadline: Option<Instant>,
}

/// The reason for a missing response, or a missing chunk of a response.
#[derive(Debug)]
pub(crate) enum Interruption {
    /// The HTTP client failed.
    Failed(SendError),
    /// There was no progress within the idle limit.
    Silent,
    /// The deadline of the call passed.
    Late,
}

/// A request without a response.
#[derive(Debug)]
pub(crate) struct NoResponse {
    pub(crate) why: Interruption,
    /// A connection may have taken the request. If `false`, nothing was sent.
    pub(crate) sent: bool,
}

/// A body in memory, as a stream of chunks.
pub(crate) struct Chunked(pub(crate) Bytes);

impl Stream for Chunked {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let length = self.0.len().min(CHUNK);
        Poll::Ready((length > 0).then(|| Ok(self.0.split_to(length))))
    }
}

/// Sends `request` with a body of `length` bytes, and returns the head of its response.
///
/// # Cancel safety
///
/// This function is not cancel safe. If the future is dropped after the request was sent, the outcome is ambiguous.
pub(crate) fn send<E: Into<Box<dyn StdError + Send + Sync>> + 'static>(
    http: &Sender,
    mut request: Request,
    body: impl Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
    length: u64,
    limits: &Limits,
) -> impl Future<Output = Result<Response, NoResponse>> {
    // Without this header, hyper would use the chunked transfer encoding.
    if length > 0 || request.method() != Method::GET {
        request.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    let progress = Arc::new(Progress { timers: http.timers().clone(), ..Progress::default() });
    *request.body_mut() = Some(Progress::observe(&progress, body));
    let response = progress.as_own(|| http.execute(request));
    let mut response = Own { work: Some(response), progress: Arc::clone(&progress) };
    // The request is not part of the future, which is moved and kept on the heap.
    async move {
        let outcome = limits.watch(&mut response, &progress).await;
        // A body that no connection took is dropped here, which `may_have_left` reports.
        drop(response);
        let why = match outcome {
            Ok(Ok(response)) => return Ok(response),
            Ok(Err(error)) => Interruption::Failed(error),
            Err(interruption) => interruption,
        };
        Err(NoResponse { why, sent: progress.may_have_left() })
    }
}

impl Limits {
    /// Returns the next chunk of a response, or `None` at its end.
    pub(crate) async fn chunk(
        &self,
        response: &mut Response,
        timer: &mut Timer<'_>,
    ) -> Result<Option<Bytes>, Interruption> {
        let silence = Instant::now().checked_add(self.idle);
        let chunk = timer.run_until(earliest(silence, self.deadline), response.chunk()).await;
        chunk.ok_or_else(|| self.interruption())?.map_err(|error| Interruption::Failed(error.into()))
    }

    /// Awaits `work` within the limits.
    async fn watch<T>(
        &self,
        work: impl Future<Output = T> + Unpin,
        progress: &Progress,
    ) -> Result<T, Interruption> {
        let mut work = work;
        let mut timer = progress.timers.timer();
        loop {
            // The idle limit starts when a connection takes the request, which is now or later. Nothing wakes this future then.
            let moved = progress.moved().unwrap_or_else(Instant::now);
            let silence = moved.checked_add(self.idle);
            if let Some(done) = timer.run_until(earliest(silence, self.deadline), &mut work).await {
                timer.keep();
                return Ok(done);
            }
            let silence = progress.moved().and_then(|moved| moved.checked_add(self.idle));
            if silence.is_some_and(is_over) || self.deadline.is_some_and(is_over) {
                return Err(self.interruption());
            }
        }
    }

    /// Returns the limit that was reached. The deadline takes precedence.
    fn interruption(&self) -> Interruption {
        if self.deadline.is_some_and(is_over) { Interruption::Late } else { Interruption::Silent }
    }
}

fn is_over(end: Instant) -> bool {
    end <= Instant::now()
}

fn earliest(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}

thread_local! {
    /// Id of the [`Progress`] whose future this thread currently polls or drops, or 0 if there is none.
    static OWN: Cell<usize> = const { Cell::new(0) };
}

/// The progress of a request.
#[derive(Debug, Default)]
struct Progress {
    state: Mutex<State>,
    /// The timers of the client.
    timers: Timers,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// The caller's future has the body, or the body waits for the task of a connection.
    #[default]
    Held,
    /// The caller's own future dropped the body, so no connection took it.
    Withdrawn,
    /// A connection took the body, or may have. Contains the time of the last progress.
    Taken(Instant),
}

impl Progress {
    /// Wraps a body so that `progress` observes it.
    fn observe<E: Into<Box<dyn StdError + Send + Sync>> + 'static>(
        progress: &Arc<Self>,
        body: impl Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
    ) -> Body {
        let token = Token(Arc::clone(progress));
        Body::wrap_stream(Observed { body, token })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere cannot leave the state invalid.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the time of the last progress, or `None` if no connection has taken the body.
    fn moved(&self) -> Option<Instant> {
        match *self.lock() {
            State::Taken(at) => Some(at),
            State::Held | State::Withdrawn => None,
        }
    }

    /// Returns `false` if certainly nothing was sent.
    fn may_have_left(&self) -> bool {
        !matches!(*self.lock(), State::Withdrawn)
    }

    /// Records that a connection has the body and made progress.
    fn advance(&self) {
        *self.lock() = State::Taken(Instant::now());
    }

    /// Records that the body was dropped.
    fn end(self: &Arc<Self>) {
        // A body that a connection has polled counts as sent, wherever it is dropped. Its end is not progress.
        if !matches!(*self.lock(), State::Held) {
            return;
        }
        if OWN.get() == self.id() {
            *self.lock() = State::Withdrawn;
        } else {
            self.advance();
        }
    }

    fn id(self: &Arc<Self>) -> usize {
        Arc::as_ptr(self).addr()
    }

    /// Runs code of the caller's own future, so that a body that it drops counts as not taken.
    fn as_own<T>(self: &Arc<Self>, run: impl FnOnce() -> T) -> T {
        let _restore = Restore(OWN.replace(self.id()));
        run()
    }
}

/// Restores the previous id in [`OWN`], also after a panic.
struct Restore(usize);

impl Drop for Restore {
    fn drop(&mut self) {
        OWN.set(self.0);
    }
}

/// The caller's own future. A body that it drops was not taken by a connection.
struct Own<F> {
    work: Option<F>,
    progress: Arc<Progress>,
}

impl<F: Future + Unpin> Future for Own<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let own = &mut *self;
        let Some(work) = &mut own.work else { return Poll::Pending };
        own.progress.as_own(|| work.poll_unpin(cx))
    }
}

impl<F> Drop for Own<F> {
    fn drop(&mut self) {
        let work = self.work.take();
        self.progress.as_own(|| drop(work));
    }
}

/// A body that records its progress.
struct Observed<S> {
    body: S,
    token: Token,
}

impl<S: Stream + Unpin> Stream for Observed<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let next = self.body.poll_next_unpin(cx);
        // The first poll counts even without a chunk: the connection has written the head.
        if matches!(next, Poll::Ready(Some(_))) || self.token.0.moved().is_none() {
            self.token.0.advance();
        }
        next
    }
}

/// Dropped together with the body, which it records.
struct Token(Arc<Progress>);

impl Drop for Token {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use futures::stream;
    use tokio::{
        sync::{mpsc, oneshot},
        time::sleep,
    };

    use super::*;

    const IDLE: Duration = Duration::from_secs(10);

    type Sent = Observed<stream::Pending<Result<Bytes, Infallible>>>;

    fn observed(progress: &Arc<Progress>) -> Sent {
        Observed { body: stream::pending(), token: Token(Arc::clone(progress)) }
    }

    /// Returns a body with an unlimited number of chunks.
    fn endless(progress: &Arc<Progress>) -> Observed<impl Stream<Item = Bytes> + use<>> {
        let body = stream::repeat(Bytes::from_static(b"x"));
        Observed { body, token: Token(Arc::clone(progress)) }
    }

    fn limits(deadline: Option<Duration>) -> Limits {
        Limits { idle: IDLE, deadline: deadline.map(|after| Instant::now() + after) }
    }

    fn own<F>(progress: &Arc<Progress>, work: F) -> Own<Pin<Box<F>>> {
        Own { work: Some(Box::pin(work)), progress: Arc::clone(progress) }
    }

    #[tokio::test]
    async fn body_is_split_into_chunks() {
        let body = Bytes::from((0..CHUNK * 2 + 1).map(|n| n as u8).collect::<Vec<u8>>());
        let found: Vec<Bytes> = Chunked(body.clone()).map(Result::unwrap).collect().await;
        assert_eq!(found.iter().map(Bytes::len).collect::<Vec<_>>(), [CHUNK, CHUNK, 1]);
        assert_eq!(found.concat(), body);
        assert_eq!(Chunked(Bytes::new()).count().await, 0);
    }

    /// A call that ended while its connection was made was reported with an ambiguous outcome.
    #[tokio::test(start_paused = true)]
    async fn request_that_no_connection_took_was_not_sent() {
        // The deadline passes before there is a connection. The idle limit does not apply.
        let progress = Arc::new(Progress::default());
        let body = observed(&progress);
        let start = Instant::now();
        let mut connecting = own(&progress, async move {
            let _body = body;
            pending::<()>().await;
        });
        let limits = limits(Some(Duration::from_secs(25)));
        let outcome = limits.watch(&mut connecting, &progress).await;
        assert!(matches!(outcome, Err(Interruption::Late)));
        assert_eq!(start.elapsed(), Duration::from_secs(25));
        drop(connecting);
        assert!(!progress.may_have_left());

        // The connection closed before it took the request, and the HTTP client returns the request.
        let progress = Arc::new(Progress::default());
        let body = observed(&progress);
        own(&progress, async move { drop(body) }).await;
        assert!(!progress.may_have_left());
    }

    #[tokio::test(start_paused = true)]
    async fn request_that_a_connection_took_may_have_been_sent() {
        // A connection drops a body without content, and does not poll it.
        let progress = Arc::new(Progress::default());
        let body = observed(&progress);
        let connection = tokio::spawn(async move { drop(body) });
        let mut waiting = own(&progress, pending::<()>());
        let start = Instant::now();
        assert!(matches!(limits(None).watch(&mut waiting, &progress).await, Err(Interruption::Silent)));
        assert_eq!(start.elapsed(), IDLE);
        connection.await.unwrap();
        drop(waiting);
        assert!(progress.may_have_left());

        // A body that was polled counts as sent, even if the caller's future drops it.
        let progress = Arc::new(Progress::default());
        let mut body = observed(&progress);
        assert!(futures::poll!(body.next()).is_pending());
        own(&progress, async move { drop(body) }).await;
        assert!(progress.may_have_left());

        // The body is in the queue of a connection when the caller's future is dropped.
        let progress = Arc::new(Progress::default());
        let (to_connection, queue) = mpsc::unbounded_channel();
        to_connection.send(observed(&progress)).map_err(drop).unwrap();
        drop(own(&progress, async move { drop(to_connection) }));
        assert!(progress.may_have_left(), "the body waits for a connection");
        drop(queue);
        assert!(progress.may_have_left());

        // The future of another request drops the body.
        let progress = Arc::new(Progress::default());
        let other = Arc::new(Progress::default());
        let body = observed(&progress);
        own(&other, async move { drop(body) }).await;
        assert!(progress.may_have_left());
    }

    /// The idle limit ended requests whose body was still being sent.
    ///
    /// Regression 19.
    #[tokio::test(start_paused = true)]
    async fn body_in_progress_resets_the_idle_limit() {
        let progress = Arc::new(Progress::default());
        let mut body = endless(&progress);
        let (respond, response) = oneshot::channel();
        let connection = tokio::spawn(async move {
            sleep(Duration::from_secs(25)).await;
            for _ in 0..6 {
                body.next().await.unwrap();
                sleep(Duration::from_secs(9)).await;
            }
            respond.send(()).unwrap();
        });
        let start = Instant::now();
        limits(None).watch(own(&progress, response), &progress).await.unwrap().unwrap();
        assert_eq!(start.elapsed(), Duration::from_secs(25 + 6 * 9));
        connection.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn body_without_progress_reaches_the_idle_limit() {
        let progress = Arc::new(Progress::default());
        let mut body = endless(&progress);
        let connection = tokio::spawn(async move {
            for _ in 0..3 {
                sleep(Duration::from_secs(7)).await;
                body.next().await.unwrap();
            }
            pending::<()>().await;
        });
        let start = Instant::now();
        let outcome = limits(None).watch(own(&progress, pending::<()>()), &progress).await;
        assert!(matches!(outcome, Err(Interruption::Silent)));
        assert_eq!(start.elapsed(), Duration::from_secs(3 * 7) + IDLE);
        connection.abort();
    }

    /// The end of a body that was read from a file came later than its last chunk, and started the idle limit again.
    #[tokio::test(start_paused = true)]
    async fn end_of_the_body_is_not_progress() {
        let progress = Arc::new(Progress::default());
        let chunk = Box::pin(stream::iter([Bytes::from_static(b"x")]));
        let mut body = Observed { body: chunk, token: Token(Arc::clone(&progress)) };
        let connection = tokio::spawn(async move {
            assert!(body.next().await.is_some());
            sleep(Duration::from_secs(7)).await;
            assert!(body.next().await.is_none());
        });
        let start = Instant::now();
        let outcome = limits(None).watch(own(&progress, pending::<()>()), &progress).await;
        assert!(matches!(outcome, Err(Interruption::Silent)));
        assert_eq!(start.elapsed(), IDLE);
        connection.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn longest_limits_do_not_overflow() {
        let progress = Arc::new(Progress::default());
        drop(observed(&progress));
        let limits = Limits { idle: Duration::MAX, deadline: None };
        let work = Box::pin(sleep(Duration::from_secs(1_000_000)));
        limits.watch(own(&progress, work), &progress).await.unwrap();
    }
}
