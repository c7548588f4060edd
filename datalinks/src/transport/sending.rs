//! One request on its way: its limits, and whether it left.
//!
//! An outcome is ambiguous only after the request was handed to a connection. Neither reqwest nor hyper reports that
//! moment, but the body of a request shows it: the HTTP client moves the body, and never clones it, from the future
//! that the caller polls to the task that drives a connection. That task writes the head to its buffer, takes the body,
//! and flushes afterwards. So a body that is dropped by the caller's own future was never taken by a connection, and
//! nothing of its request was written. A body that was polled or dropped anywhere else was taken, and counts as sent.
//!
//! The same body shows progress: each piece that the connection takes resets the clock of the idle limit.

use std::{
    cell::Cell,
    error::Error as StdError,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use http::{Method, header::CONTENT_LENGTH};
use reqwest::{Body, Request, Response};
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until, timeout_at},
};

use super::{send_error::SendError, sender::Sender};

/// Size of the pieces in which a body in memory is handed to the connection. The idle limit cannot see progress that is
/// smaller.
const PIECE: usize = 16 * 1024;

/// The limits that one request runs under.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Longest time without progress: while the body is sent, until the response begins, and between two chunks of the
    /// response. The time before a connection takes the request does not count; it has the connect limit.
    pub(crate) idle: Duration,
    /// End of the whole call.
    pub(crate) deadline: Option<Instant>,
}

/// Why there is no response, or no next chunk of one.
#[derive(Debug)]
pub(crate) enum Interruption {
    /// The HTTP client failed.
    Failed(SendError),
    /// Nothing moved for the idle limit.
    Silent,
    /// The time allowed for the call ended.
    Late,
}

/// A request without a response.
#[derive(Debug)]
pub(crate) struct Unanswered {
    pub(crate) why: Interruption,
    /// Whether a connection may have taken the request. If not, nothing was sent.
    pub(crate) sent: bool,
}

/// Splits a body in memory into pieces.
pub(crate) fn pieces(body: Bytes) -> impl Stream<Item = Result<Bytes, std::convert::Infallible>> + Send {
    stream::unfold(body, |mut rest| async move {
        let piece = rest.split_to(rest.len().min(PIECE));
        (!piece.is_empty()).then_some((Ok(piece), rest))
    })
}

/// Sends `request` with a body of `length` bytes, and returns the head of its response.
///
/// # Cancel safety
///
/// Dropping the future stops the request; it may have been sent.
pub(crate) async fn send<E: Into<Box<dyn StdError + Send + Sync>> + 'static>(
    http: &Sender,
    mut request: Request,
    body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    length: u64,
    limits: &Limits,
) -> Result<Response, Unanswered> {
    // Without a length, the body would be sent in chunks.
    if length > 0 || request.method() != Method::GET {
        request.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    let progress = Arc::new(Progress::default());
    *request.body_mut() = Some(Progress::observe(&progress, body));
    let response = progress.as_own(|| http.execute(request));
    let mut response = Own { work: Some(Box::pin(response)), progress: Arc::clone(&progress) };
    let outcome = limits.watch(&mut response, &progress).await;
    // A body that was not handed over is dropped here.
    drop(response);
    let why = match outcome {
        Ok(Ok(response)) => return Ok(response),
        Ok(Err(error)) => Interruption::Failed(error),
        Err(interruption) => interruption,
    };
    Err(Unanswered { why, sent: progress.may_have_left() })
}

impl Limits {
    /// Returns the next chunk of a response, or `None` at its end.
    pub(crate) async fn chunk(&self, response: &mut Response) -> Result<Option<Bytes>, Interruption> {
        let chunk = response.chunk();
        let silence = Instant::now().checked_add(self.idle);
        let chunk = match earliest(silence, self.deadline) {
            Some(until) => timeout_at(until, chunk).await.map_err(|_| self.interruption())?,
            None => chunk.await,
        };
        chunk.map_err(|error| Interruption::Failed(error.into()))
    }

    /// Waits for `work` as long as the limits allow.
    async fn watch<T>(
        &self,
        work: impl Future<Output = T> + Unpin,
        progress: &Progress,
    ) -> Result<T, Interruption> {
        let mut work = work;
        loop {
            let moved = progress.moved();
            let silence = moved.and_then(|moved| moved.checked_add(self.idle));
            tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                () = reached(earliest(silence, self.deadline)) => {}
                // From now on there is a silence to limit.
                () = progress.taken.notified(), if moved.is_none() => continue,
            }
            let silence = progress.moved().and_then(|moved| moved.checked_add(self.idle));
            if silence.is_some_and(is_over) || self.deadline.is_some_and(is_over) {
                return Err(self.interruption());
            }
        }
    }

    /// Returns which of the two limits was reached: the deadline if it has passed.
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

async fn reached(end: Option<Instant>) {
    match end {
        Some(end) => sleep_until(end).await,
        None => std::future::pending().await,
    }
}

thread_local! {
    /// Identifies the [`Progress`] whose future this thread polls or drops at the moment; 0 if there is none.
    static OWN: Cell<usize> = const { Cell::new(0) };
}

/// How far a request is.
#[derive(Debug, Default)]
struct Progress {
    state: Mutex<State>,
    /// Notified when a connection takes the request.
    taken: Notify,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// The body is in the caller's future, or waits for the task of a connection.
    #[default]
    Held,
    /// The caller's own future dropped the body, so no connection ever took it.
    Withdrawn,
    /// A connection took the body, or may have. It last moved then.
    Taken(Instant),
}

impl Progress {
    /// Wraps a body so that `progress` sees what becomes of it.
    fn observe<E: Into<Box<dyn StdError + Send + Sync>> + 'static>(
        progress: &Arc<Self>,
        body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    ) -> Body {
        let token = Token(Arc::clone(progress));
        Body::wrap_stream(Observed { body: Box::pin(body), token })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state cannot be left half-written by a panic elsewhere.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when the body last moved; `None` while no connection has taken it.
    fn moved(&self) -> Option<Instant> {
        match *self.lock() {
            State::Taken(at) => Some(at),
            State::Held | State::Withdrawn => None,
        }
    }

    /// Returns `false` if it is certain that nothing was sent.
    fn may_have_left(&self) -> bool {
        !matches!(*self.lock(), State::Withdrawn)
    }

    /// Notes that a connection has the body.
    fn advance(&self) {
        let before = std::mem::replace(&mut *self.lock(), State::Taken(Instant::now()));
        if !matches!(before, State::Taken(_)) {
            self.taken.notify_one();
        }
    }

    /// Notes that the body is gone.
    fn end(self: &Arc<Self>) {
        // A body that a connection has polled is as good as sent, wherever it is dropped.
        let is_held = matches!(*self.lock(), State::Held);
        if is_held && OWN.get() == self.id() {
            *self.lock() = State::Withdrawn;
        } else {
            self.advance();
        }
    }

    fn id(self: &Arc<Self>) -> usize {
        Arc::as_ptr(self).addr()
    }

    /// Runs a part of the caller's own future.
    fn as_own<T>(self: &Arc<Self>, run: impl FnOnce() -> T) -> T {
        let _restore = Restore(OWN.replace(self.id()));
        run()
    }
}

/// Restores the identity that was set before, also after a panic.
struct Restore(usize);

impl Drop for Restore {
    fn drop(&mut self) {
        OWN.set(self.0);
    }
}

/// The caller's own future: what it drops, no connection has.
struct Own<F> {
    work: Option<Pin<Box<F>>>,
    progress: Arc<Progress>,
}

impl<F: Future> Future for Own<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let own = &mut *self;
        let Some(work) = &mut own.work else { return Poll::Pending };
        own.progress.as_own(|| work.as_mut().poll(cx))
    }
}

impl<F> Drop for Own<F> {
    fn drop(&mut self) {
        let work = self.work.take();
        self.progress.as_own(|| drop(work));
    }
}

/// A body that reports its progress.
struct Observed<S> {
    body: Pin<Box<S>>,
    token: Token,
}

impl<S: Stream> Stream for Observed<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let next = self.body.poll_next_unpin(cx);
        // The first poll counts even if there is nothing yet: the connection has written the head.
        if next.is_ready() || self.token.0.moved().is_none() {
            self.token.0.advance();
        }
        next
    }
}

/// Lives as long as the body.
struct Token(Arc<Progress>);

impl Drop for Token {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::{
        sync::{mpsc, oneshot},
        time::sleep,
    };

    use super::*;

    const IDLE: Duration = Duration::from_secs(10);

    type Sent = Observed<stream::Pending<Result<Bytes, std::convert::Infallible>>>;

    fn observed(progress: &Arc<Progress>) -> Sent {
        Observed { body: Box::pin(stream::pending()), token: Token(Arc::clone(progress)) }
    }

    /// A body of endless pieces.
    fn endless(progress: &Arc<Progress>) -> Observed<impl Stream<Item = Bytes> + use<>> {
        let body = Box::pin(stream::repeat(Bytes::from_static(b"x")));
        Observed { body, token: Token(Arc::clone(progress)) }
    }

    fn limits(deadline: Option<Duration>) -> Limits {
        Limits { idle: IDLE, deadline: deadline.map(|after| Instant::now() + after) }
    }

    fn own<F>(progress: &Arc<Progress>, work: F) -> Own<F> {
        Own { work: Some(Box::pin(work)), progress: Arc::clone(progress) }
    }

    #[tokio::test]
    async fn a_body_comes_in_pieces() {
        let body = Bytes::from((0..PIECE * 2 + 1).map(|n| n as u8).collect::<Vec<u8>>());
        let found: Vec<Bytes> = pieces(body.clone()).map(Result::unwrap).collect().await;
        assert_eq!(found.iter().map(Bytes::len).collect::<Vec<_>>(), [PIECE, PIECE, 1]);
        assert_eq!(found.concat(), body);
        assert_eq!(pieces(Bytes::new()).count().await, 0);
    }

    /// A call that ended while its connection was being made claimed an unknown outcome.
    #[tokio::test(start_paused = true)]
    async fn a_request_that_no_connection_took_did_not_leave() {
        // The limit of the call ends before there is a connection. Silence has no part in that.
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

        // The connection was closed before it took the request, and the client gives the request back.
        let progress = Arc::new(Progress::default());
        let body = observed(&progress);
        own(&progress, async move { drop(body) }).await;
        assert!(!progress.may_have_left());
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_a_connection_took_may_have_left() {
        // A body without content is dropped and never polled.
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

        // A body that was polled counts, even where the caller's future drops it.
        let progress = Arc::new(Progress::default());
        let mut body = observed(&progress);
        assert!(futures::poll!(body.next()).is_pending());
        own(&progress, async move { drop(body) }).await;
        assert!(progress.may_have_left());

        // The task of a connection that takes the body while the caller's future is dropped proves nothing.
        let progress = Arc::new(Progress::default());
        let (to_connection, queue) = mpsc::unbounded_channel();
        to_connection.send(observed(&progress)).map_err(drop).unwrap();
        drop(own(&progress, async move { drop(to_connection) }));
        assert!(progress.may_have_left(), "it waits for a connection");
        drop(queue);
        assert!(progress.may_have_left());

        // Neither does the future of another request.
        let progress = Arc::new(Progress::default());
        let other = Arc::new(Progress::default());
        let body = observed(&progress);
        own(&other, async move { drop(body) }).await;
        assert!(progress.may_have_left());
    }

    /// The limit of silence ended requests whose body was still being sent.
    ///
    /// Regression 19.
    #[tokio::test(start_paused = true)]
    async fn a_body_that_moves_is_not_silent() {
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
    async fn a_body_that_stops_is_silent_after_the_limit() {
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

    #[tokio::test(start_paused = true)]
    async fn limits_without_an_end_do_not_overflow() {
        let progress = Arc::new(Progress::default());
        drop(observed(&progress));
        let limits = Limits { idle: Duration::MAX, deadline: None };
        let work = Box::pin(sleep(Duration::from_secs(1_000_000)));
        limits.watch(own(&progress, work), &progress).await.unwrap();
    }
}
