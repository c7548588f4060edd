//! Faults on demand: what a network and a busy service do to a client.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use datalinks_gen::Operation;
use http::{HeaderName, StatusCode};

use crate::lock::lock;

/// A part put to its presigned URL: no operation of the API, but something that goes wrong.
pub(crate) const PUT_PART: &str = "putPart";
/// The ingestion of an uploaded file, which happens in the background.
pub(crate) const INGEST_FILE: &str = "ingestFile";

/// Something that shall go wrong with one operation.
///
/// Beside the operations of the API there are `putPart`, a part sent to its presigned URL, and
/// `ingestFile`, the ingestion of an uploaded file: it happens in the background and answers nobody, so
/// it can fail ([`Fault::status`]) and take its time ([`Fault::delay`]), and nothing else.
///
/// A fault acts once unless told otherwise, on the first call of its operation unless told
/// otherwise. It knows one way to go wrong; naming a second one replaces the first. A delay goes
/// with any of them.
///
/// ```
/// use datalinks_emulator::Fault;
/// use std::time::Duration;
///
/// // The third and fourth ingest call are turned away, to be tried again in two seconds.
/// let busy = Fault::new("ingestData").status(503).retry_after("2").after(2).times(2);
/// // The answer to an ingest call gets lost on its way; its rows are stored.
/// let lost = Fault::new("ingestData").lose_answer();
/// // The stream of a pipeline run breaks after three events, every time.
/// let broken = Fault::new("streamPipeline").cut_after(3).always();
/// // A slow call that ends well.
/// let slow = Fault::new("queryData").delay(Duration::from_millis(50));
/// // The presigned URL of the second part has expired.
/// let expired = Fault::new("putPart").status(403).after(1);
/// # let _ = (busy, lost, broken, slow, expired);
/// ```
#[derive(Clone, Debug)]
#[must_use = "a fault acts when it is injected: emulator.faults().inject(fault)"]
pub struct Fault {
    operation: String,
    effect: Effect,
    delay: Duration,
    retry_after: Option<String>,
    skip: usize,
    times: Option<usize>,
}

/// The ways in which a call goes wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Effect {
    /// Nothing but the delay.
    None,
    Status(u16),
    Html(u16),
    CutAfter(usize),
    EndAfter(usize),
    LoseAnswer,
    TruncateBody,
    WithoutHeader(String),
}

impl Effect {
    /// What the answer's header calls it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::None => "delay",
            Self::Status(_) => "status",
            Self::Html(_) => "html",
            Self::CutAfter(_) => "cut",
            Self::EndAfter(_) => "end",
            Self::LoseAnswer => "lose-answer",
            Self::TruncateBody => "truncate-body",
            Self::WithoutHeader(_) => "without-header",
        }
    }
}

impl Fault {
    /// A fault of this operation, by its id, e.g. `ingestData`. It does nothing yet.
    pub fn new(operation: impl Into<String>) -> Self {
        Self {
            operation: operation.into(),
            effect: Effect::None,
            delay: Duration::ZERO,
            retry_after: None,
            skip: 0,
            times: Some(1),
        }
    }

    /// Answers this status in the API's error shape. The call is not carried out.
    pub fn status(mut self, status: u16) -> Self {
        self.effect = Effect::Status(status);
        self
    }

    /// Answers this status with an HTML page, as gateways do. The call is not carried out.
    pub fn html(mut self, status: u16) -> Self {
        self.effect = Effect::Html(status);
        self
    }

    /// Adds a `Retry-After` header to [`Fault::status`] or [`Fault::html`]: seconds, a date, or
    /// whatever a client must bear.
    pub fn retry_after(mut self, value: impl Into<String>) -> Self {
        self.retry_after = Some(value.into());
        self
    }

    /// Breaks the connection of a stream after this many events.
    pub fn cut_after(mut self, events: usize) -> Self {
        self.effect = Effect::CutAfter(events);
        self
    }

    /// Ends a stream in good order after this many events, whether or not it was complete.
    pub fn end_after(mut self, events: usize) -> Self {
        self.effect = Effect::EndAfter(events);
        self
    }

    /// Carries the call out and closes the connection instead of answering. What the call stores
    /// is stored.
    pub fn lose_answer(mut self) -> Self {
        self.effect = Effect::LoseAnswer;
        self
    }

    /// Carries the call out and sends the first half of the JSON answer, as if it were all. An
    /// answer without JSON is left as it is.
    pub fn truncate_body(mut self) -> Self {
        self.effect = Effect::TruncateBody;
        self
    }

    /// Carries the call out and leaves a header out of the answer, e.g. `x-workflow-run-id`.
    pub fn without_header(mut self, name: impl Into<String>) -> Self {
        self.effect = Effect::WithoutHeader(name.into());
        self
    }

    /// Waits before the call is carried out or refused.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Lets this many calls of the operation pass first, counted from the injection.
    pub fn after(mut self, calls: usize) -> Self {
        self.skip = calls;
        self
    }

    /// Acts this many times.
    pub fn times(mut self, times: usize) -> Self {
        self.times = Some(times);
        self
    }

    /// Acts on every call.
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    fn check(&self) -> Result<&'static str, FaultError> {
        let (id, streams) = match Operation::by_id(&self.operation) {
            Some(operation) => (operation.id, operation.stream.is_some()),
            None if self.operation == PUT_PART => (PUT_PART, false),
            None if self.operation == INGEST_FILE => (INGEST_FILE, false),
            None => return Err(FaultError::UnknownOperation(self.operation.clone())),
        };
        if id == INGEST_FILE && !matches!(self.effect, Effect::None | Effect::Status(_)) {
            return Err(FaultError::NoAnswer(INGEST_FILE));
        }
        match &self.effect {
            Effect::Status(status) | Effect::Html(status) => {
                let known = StatusCode::from_u16(*status).ok();
                if known.is_none_or(|status| !status.is_client_error() && !status.is_server_error()) {
                    return Err(FaultError::NotAnError(*status));
                }
            }
            Effect::CutAfter(_) | Effect::EndAfter(_) if !streams => {
                return Err(FaultError::NoStream(id));
            }
            Effect::WithoutHeader(name) if HeaderName::try_from(name.as_str()).is_err() => {
                return Err(FaultError::NotAHeader(name.clone()));
            }
            _ => {}
        }
        if let Some(value) = &self.retry_after {
            if http::HeaderValue::from_str(value).is_err() {
                return Err(FaultError::NotAHeader(value.clone()));
            }
            if !matches!(self.effect, Effect::Status(_) | Effect::Html(_)) {
                return Err(FaultError::RetryAfterNeedsStatus);
            }
        }
        Ok(id)
    }
}

/// Why a fault was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FaultError {
    /// There is no operation of this id.
    #[error("there is no operation {0:?}; use an operation id such as \"ingestData\"")]
    UnknownOperation(String),
    /// The status is not one that refuses a call.
    #[error("{0} is no error status; use one from 400 to 599")]
    NotAnError(u16),
    /// The operation answers at once, so there is no stream to break.
    #[error("{0} does not stream; use `status`, `lose_answer` or `truncate_body`")]
    NoStream(&'static str),
    /// It happens in the background, so there is no answer to spoil.
    #[error("{0} answers nobody; use `status` or `delay`")]
    NoAnswer(&'static str),
    /// Not a name or value that a header can have.
    #[error("{0:?} cannot stand in a header; use visible ASCII")]
    NotAHeader(String),
    /// `Retry-After` was asked for without a status to go with it.
    #[error("`retry_after` goes with `status` or `html`; name one of them")]
    RetryAfterNeedsStatus,
}

/// Injects faults into a running emulator. Clones share one list.
///
/// Every call of an operation counts for each of its faults, but at most one acts on it: the
/// earliest injected whose turn it is. Calls count before their key is looked at, as they would at
/// a gateway.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    list: Arc<Mutex<Vec<Injected>>>,
}

#[derive(Debug)]
struct Injected {
    operation: &'static str,
    fault: Fault,
}

/// What shall go wrong with one call.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) effect: Effect,
    pub(crate) delay: Duration,
    pub(crate) retry_after: Option<String>,
}

impl Faults {
    /// Makes the fault act from now on.
    ///
    /// # Errors
    ///
    /// When the operation is unknown or cannot go wrong in this way.
    pub fn inject(&self, fault: Fault) -> Result<(), FaultError> {
        let operation = fault.check()?;
        lock(&self.list).push(Injected { operation, fault });
        Ok(())
    }

    /// Forgets all faults.
    pub fn clear(&self) {
        lock(&self.list).clear();
    }

    /// How many faults have still to act, those for every call included.
    pub fn pending(&self) -> usize {
        lock(&self.list).len()
    }

    /// Counts one call and says what shall go wrong with it.
    pub(crate) fn next(&self, operation: &str) -> Option<Plan> {
        let mut list = lock(&self.list);
        let mut plan = None;
        for injected in list.iter_mut().filter(|injected| injected.operation == operation) {
            let fault = &mut injected.fault;
            if fault.skip > 0 {
                fault.skip -= 1;
            } else if plan.is_none() && fault.times != Some(0) {
                fault.times = fault.times.map(|times| times - 1);
                plan = Some(Plan {
                    effect: fault.effect.clone(),
                    delay: fault.delay,
                    retry_after: fault.retry_after.clone(),
                });
            }
        }
        list.retain(|injected| injected.fault.times != Some(0));
        plan
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effects(faults: &Faults, operation: &str, calls: usize) -> Vec<Option<Effect>> {
        (0..calls).map(|_| faults.next(operation).map(|plan| plan.effect)).collect()
    }

    #[test]
    fn faults_count_calls_of_their_operation() {
        let faults = Faults::default();
        faults.inject(Fault::new("ingestData").status(503).after(1).times(2)).unwrap();
        assert_eq!(effects(&faults, "queryData", 3), [None, None, None]);
        let busy = Some(Effect::Status(503));
        assert_eq!(effects(&faults, "ingestData", 4), [None, busy.clone(), busy, None]);
        assert_eq!(faults.pending(), 0);
    }

    #[test]
    fn the_earliest_acts_first() {
        let faults = Faults::default();
        faults.inject(Fault::new("queryData").lose_answer()).unwrap();
        faults.inject(Fault::new("queryData").truncate_body().always()).unwrap();
        let (lost, cut) = (Some(Effect::LoseAnswer), Some(Effect::TruncateBody));
        assert_eq!(effects(&faults, "queryData", 3), [lost, cut.clone(), cut]);
        faults.clear();
        assert_eq!(effects(&faults, "queryData", 1), [None]);
    }

    #[test]
    fn nonsense_is_refused() {
        let faults = Faults::default();
        let refused = |fault: Fault| faults.inject(fault).unwrap_err();
        assert!(matches!(refused(Fault::new("ingest")), FaultError::UnknownOperation(_)));
        assert!(matches!(refused(Fault::new("ingestData").status(200)), FaultError::NotAnError(200)));
        assert!(matches!(refused(Fault::new("ingestData").html(999)), FaultError::NotAnError(999)));
        assert!(matches!(refused(Fault::new("ingestData").cut_after(1)), FaultError::NoStream(_)));
        assert!(matches!(refused(Fault::new("putPart").end_after(1)), FaultError::NoStream(_)));
        assert!(matches!(refused(Fault::new("ingestFile").lose_answer()), FaultError::NoAnswer(_)));
        assert!(matches!(refused(Fault::new("queryData").without_header("a b")), FaultError::NotAHeader(_)));
        assert!(matches!(
            refused(Fault::new("queryData").lose_answer().retry_after("1")),
            FaultError::RetryAfterNeedsStatus
        ));
        assert_eq!(faults.pending(), 0);
    }
}
