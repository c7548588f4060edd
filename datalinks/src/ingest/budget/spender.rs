//! The gate in front of the attempts of a run with a budget.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::future::BoxFuture;
use tokio::sync::Notify;

use super::{
    Budget,
    book::{AttemptCost, Book, Decision},
    report::{BudgetReport, BudgetState},
};
use crate::{
    error::{Error, ErrorKind},
    ingest::attempt_end::ended_before,
    platform::clock::{Instant, sleep_until},
    spending::{Spent, UsageReading},
    transport::{AttemptEnd, Gate, Pass},
};

/// Admits the attempts of one run within its budget, and then by another gate.
pub(crate) struct Spender {
    usage: Box<dyn UsageReading>,
    limits: Arc<dyn Gate>,
    start: Instant,
    /// Usage before the run. Held by the attempt that reads usage or waits, so that attempts are admitted one after the other.
    before: tokio::sync::Mutex<Option<Spent>>,
    state: Mutex<State>,
    /// Notified when an attempt ends.
    ended: Notify,
}

struct State {
    book: Book,
    /// The error of all further attempts.
    stopped: Option<Error>,
}

impl Spender {
    pub(crate) fn new(budget: Budget, usage: Box<dyn UsageReading>, limits: Arc<dyn Gate>) -> Arc<Self> {
        Arc::new(Self {
            usage,
            limits,
            start: Instant::now(),
            before: tokio::sync::Mutex::default(),
            state: Mutex::new(State { book: Book::new(budget), stopped: None }),
            ended: Notify::new(),
        })
    }

    /// Returns the account of the run so far.
    pub(crate) fn report(&self) -> BudgetReport {
        self.lock().book.report()
    }

    /// Waits until an attempt may start.
    async fn reserve(self: Arc<Self>, bytes: u64) -> Result<Reservation, Error> {
        let mut before = self.before.lock().await;
        loop {
            // Created before the state is read, so that no notification is lost.
            let ended = self.ended.notified();
            let decision = {
                let mut state = self.lock();
                if let Some(error) = &state.stopped {
                    return Err(error.clone());
                }
                let decision = state.book.decide(bytes, self.start.elapsed());
                if decision == Decision::Start {
                    let number = state.book.start(bytes);
                    let spender = Arc::clone(&self);
                    return Ok(Reservation { spender, number, cost: AttemptCost::None });
                }
                decision
            };
            match decision {
                Decision::Start => {}
                Decision::Read => {
                    if let Err(error) = self.read(&mut before).await {
                        return Err(self.stop(BudgetState::Unreadable, Some(error)));
                    }
                }
                Decision::WaitForEnd => ended_before(ended, self.start, None).await,
                Decision::WaitUntil(at) => ended_before(ended, self.start, Some(at)).await,
                Decision::Stop(state) => return Err(self.stop(state, None)),
            }
        }
    }

    /// Reads usage. The first reading is the usage before the run.
    async fn read(&self, before: &mut Option<Spent>) -> Result<(), Error> {
        let at = self.start.elapsed();
        let total = self.usage.total().await?;
        let now = self.start.elapsed();
        // Usage of before the run that was corrected downwards would hide as much usage of the run.
        let before = before.insert(before.map_or(total, |before| before.least(&total)));
        let mut state = self.lock();
        let reported = state.book.limit().units_of(&total.since(before));
        state.book.read(reported, at, now);
        Ok(())
    }

    /// Records why no further attempt may start, and returns the error of those that want to.
    fn stop(&self, reason: BudgetState, cause: Option<Error>) -> Error {
        let mut state = self.lock();
        state.book.state = reason;
        let report = state.book.report();
        let (limit, reported) = (report.limit, report.reported);
        let error = match reason {
            BudgetState::Reached | BudgetState::Within => Error::new(
                ErrorKind::Budget,
                format!(
                    "the budget of {limit} is reached: usage reports {reported} since the start of the run, and the \
                     estimate for the next request would pass the limit"
                ),
            ),
            BudgetState::NotReported => Error::new(
                ErrorKind::Budget,
                format!(
                    "the budget of {limit} cannot be held: the service reported no usage for the first request in time"
                ),
            )
            .advice(
                "the request cost nothing, or its usage is reported later: leave out the budget, or allow more time \
                 with Budget::usage_delay",
            ),
            BudgetState::Unreadable => Error::new(
                match &cause {
                    // No other request would be accepted, with or without a budget.
                    Some(cause) if cause.kind() == ErrorKind::Unauthorized => ErrorKind::Unauthorized,
                    _ => ErrorKind::Budget,
                },
                format!("the budget of {limit} cannot be held, because usage cannot be read"),
            )
            .advice("no further request is sent; continue when usage can be read, or without a budget"),
        };
        let error = match cause {
            Some(cause) => error.caused_by(cause),
            None => error,
        };
        state.stopped.get_or_insert(error).clone()
    }

    /// Waits until the usage of all attempts that have ended is reported, and reads it.
    pub(crate) async fn await_usage(self: Arc<Self>) {
        let mut before = self.before.lock().await;
        loop {
            let at = match &self.lock().book {
                book if book.state == BudgetState::Unreadable => return,
                book => book.settled_at(),
            };
            let Some(at) = at.and_then(|at| self.start.checked_add(at)) else { return };
            sleep_until(at).await;
            if self.read(&mut before).await.is_err() {
                // The report shows the requests that are not reported.
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code waits while it holds this lock, and a panic cannot leave the state invalid.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Spender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spender").field("report", &self.report()).finish_non_exhaustive()
    }
}

impl Gate for Spender {
    fn admit(self: Arc<Self>, bytes: usize) -> BoxFuture<'static, Result<Box<dyn Pass>, Error>> {
        Box::pin(async move {
            let limits = Arc::clone(&self.limits);
            let reservation = self.reserve(bytes as u64).await?;
            let inner = limits.admit(bytes).await?;
            let pass: Box<dyn Pass> = Box::new(Admitted { reservation, inner });
            Ok(pass)
        })
    }

    fn slows_down(&self) -> bool {
        self.limits.slows_down()
    }

    fn pause(self: Arc<Self>) -> Box<dyn Send> {
        Arc::clone(&self.limits).pause()
    }

    fn record(&self, span: &tracing::Span) {
        self.limits.record(span);
    }
}

/// The place of an attempt in the book, until it is dropped.
struct Reservation {
    spender: Arc<Spender>,
    number: u64,
    cost: AttemptCost,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let now = self.spender.start.elapsed();
        self.spender.lock().book.end(self.number, self.cost, now);
        self.spender.ended.notify_waiters();
    }
}

/// An admitted attempt.
struct Admitted {
    reservation: Reservation,
    inner: Box<dyn Pass>,
}

impl Pass for Admitted {
    fn sent(&mut self) {
        self.reservation.cost = AttemptCost::Unknown;
        self.inner.sent();
    }

    fn end(mut self: Box<Self>, end: AttemptEnd) {
        // A declined request may have cost nothing, so its bytes must not lower the cost per byte.
        if end == AttemptEnd::Answered {
            self.reservation.cost = AttemptCost::Whole;
        }
        self.inner.end(end);
    }
}
