//! The definition of a fault: effect, target, and number of calls.

use std::time::Duration;

use super::effect::Effect;
use super::error::FaultError;

/// An injected failure of one operation.
///
/// [`Faults::inject`](crate::Faults::inject) injects a fault into a running emulator. In addition to the operations of the
/// API, a fault can have the target `putPart`, the upload of a part to its presigned URL. Two other targets run in the
/// background and have no response:
///
/// - `ingestFile`, the ingestion of an uploaded file. It can fail ([`Fault::status`]) or be delayed ([`Fault::delay`]).
/// - `agentRun`, the work on a run of the agent. It can also fail or be delayed before the first event. In addition, it can
///   stop ([`Fault::end_after`]), as if the process that works on the run had ended. The run then has its last
///   checkpoint, or has failed if there is none. Each start of the work counts as one call: for a new question, and for
///   each resume.
///
/// By default, a fault acts once, on the first call of its operation. A fault has one effect, and setting a second one
/// replaces the first. A delay can be combined with any effect.
///
/// ```
/// use datalinks_emulator::Fault;
/// use std::time::Duration;
///
/// // The third and fourth ingest call fail with status 503 and ask for a retry after two seconds.
/// let busy = Fault::new("ingestData").status(503).retry_after("2").after(2).times(2);
/// // The response to an ingest call is lost, although its rows are stored.
/// let lost = Fault::new("ingestData").lose_response();
/// // The stream of a pipeline run breaks after three events, every time.
/// let broken = Fault::new("streamPipeline").cut_after(3).always();
/// // A call is slow and succeeds.
/// let slow = Fault::new("queryData").delay(Duration::from_millis(50));
/// // The presigned URL of the second part has expired.
/// let expired = Fault::new("putPart").expired_url().after(1);
/// // Ingest calls above 50 per second are rejected.
/// let limit = Fault::new("ingestData").status(429).retry_after("1").above(50).always();
/// // Grants take five seconds to take effect.
/// let eventual = Fault::new("shareDatasetAccess").effective_after(Duration::from_secs(5)).always();
/// // One query in ten returns garbage. The emulator's seed determines which ones.
/// let bad = Fault::new("queryData").garbage().probability(0.1).always();
/// # let _ = (busy, lost, broken, slow, expired, eventual, bad, limit);
/// ```
///
/// A fault can be written as a string, which the command line accepts, and as JSON, with the same names:
///
/// ```
/// use datalinks_emulator::Fault;
///
/// let busy = Fault::new("ingestData").status(503).retry_after("2").after(2).times(2);
/// let text = "ingestData:status=503,retry-after=2,after=2,times=2";
/// assert_eq!(busy.to_string(), text);
/// assert_eq!(text.parse::<Fault>()?, busy);
/// # Ok::<(), datalinks_emulator::FaultError>(())
/// ```
///
/// | setting | method | effect |
/// |---|---|---|
/// | `status=503` | [`status`](Fault::status) | the call fails in the API's error format, a part in the storage's |
/// | `html=502` | [`html`](Fault::html) | the call fails with an HTML page, as from a gateway |
/// | `expired-url` | [`expired_url`](Fault::expired_url) | 403 in XML: the presigned URL has expired |
/// | `cut-after=3` | [`cut_after`](Fault::cut_after) | the connection closes after 3 events |
/// | `cut-bytes=100` | [`cut_bytes`](Fault::cut_bytes) | the connection closes after 100 bytes of the body |
/// | `end-after=3` | [`end_after`](Fault::end_after) | the stream ends normally after 3 events |
/// | `lose-response` | [`lose_response`](Fault::lose_response) | the call runs, and the connection closes without a response |
/// | `truncate-body` | [`truncate_body`](Fault::truncate_body) | the first half of a JSON body is sent as a complete body |
/// | `garbage` | [`garbage`](Fault::garbage) | the body does not match its content type |
/// | `garbage-after=3` | [`garbage_after`](Fault::garbage_after) | the fourth event is garbage |
/// | `repeat-call` | [`repeat_call`](Fault::repeat_call) | the call runs twice |
/// | `repeat-event=3` | [`repeat_event`](Fault::repeat_event) | the fourth event is sent twice |
/// | `without-header=etag` | [`without_header`](Fault::without_header) | the response lacks a header |
/// | `effective-after=5s` | [`effective_after`](Fault::effective_after) | a grant or revocation takes effect later |
/// | `delay=50ms` | [`delay`](Fault::delay) | the call is delayed |
/// | `retry-after=2` | [`retry_after`](Fault::retry_after) | adds a header to `status` or `html` |
/// | `probability=0.5` | [`probability`](Fault::probability) | the fault acts on a random share of calls |
/// | `above=50` | [`above`](Fault::above) | the fault acts only on calls above 50 per second |
/// | `after=1` | [`after`](Fault::after) | the first calls are skipped |
/// | `times=2`, `always` | [`times`](Fault::times), [`always`](Fault::always) | number of calls that the fault acts on |
///
/// In the string form, a backslash escapes a comma in a value. In JSON, settings without a value are `true`:
/// `{"operation": "ingestData", "lose-response": true, "always": true}`.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a fault acts only when it is injected: emulator.faults().inject(fault)"]
pub struct Fault {
    pub(super) operation: String,
    pub(super) effect: Effect,
    pub(super) delay: Duration,
    pub(super) retry_after: Option<String>,
    pub(super) probability: Option<f64>,
    /// Number of calls per second that the fault lets through.
    pub(super) above: Option<usize>,
    pub(super) skip: usize,
    pub(super) times: Option<usize>,
}

impl Fault {
    /// Creates a fault of an operation by its id, such as `ingestData`. An effect or a delay must be added.
    pub fn new(operation: impl Into<String>) -> Self {
        Self {
            operation: operation.into(),
            effect: Effect::None,
            delay: Duration::ZERO,
            retry_after: None,
            probability: None,
            above: None,
            skip: 0,
            times: Some(1),
        }
    }

    /// Responds with this error status instead of running the call. The body has the API's error format. For a part, it has
    /// the storage's format, XML.
    pub fn status(mut self, status: u16) -> Self {
        self.effect = Effect::Status(status);
        self
    }

    /// Responds with this error status and an HTML page, as from a gateway, instead of running the call.
    pub fn html(mut self, status: u16) -> Self {
        self.effect = Effect::Html(status);
        self
    }

    /// Adds a `Retry-After` header to [`Fault::status`] or [`Fault::html`]. The value is usually a number of seconds or an
    /// HTTP date, but may be any string that a header can contain.
    pub fn retry_after(mut self, value: impl Into<String>) -> Self {
        self.retry_after = Some(value.into());
        self
    }

    /// Rejects a part as if its presigned URL had expired, as S3 does: 403, `AccessDenied`, `Request has expired`.
    /// The part is not stored.
    pub fn expired_url(mut self) -> Self {
        self.effect = Effect::ExpiredUrl;
        self
    }

    /// Runs the call and closes the connection after this many bytes of the body.
    ///
    /// The `Content-Length` is that of the whole body. A stream can be cut in the middle of an event. A shorter body is
    /// sent completely.
    pub fn cut_bytes(mut self, bytes: usize) -> Self {
        self.effect = Effect::CutBytes(bytes);
        self
    }

    /// Closes the connection of a stream after this many events.
    pub fn cut_after(mut self, events: usize) -> Self {
        self.effect = Effect::CutAfter(events);
        self
    }

    /// Ends a stream normally after this many events, even if it is not complete. With `agentRun`, the work on the run
    /// ends as well.
    pub fn end_after(mut self, events: usize) -> Self {
        self.effect = Effect::EndAfter(events);
        self
    }

    /// Runs the call, including its changes, and closes the connection instead of sending the response.
    pub fn lose_response(mut self) -> Self {
        self.effect = Effect::LoseResponse;
        self
    }

    /// Runs the call and sends the first half of the JSON body as if it were complete. Other bodies are not changed.
    pub fn truncate_body(mut self) -> Self {
        self.effect = Effect::TruncateBody;
        self
    }

    /// Runs the call and sends bytes that are neither JSON, nor events, nor UTF-8. The content type is that of the
    /// original response. A response without a body is not changed.
    pub fn garbage(mut self) -> Self {
        self.effect = Effect::Garbage;
        self
    }

    /// Replaces the data of one event of a stream by garbage that is not JSON, after this many events. The frame of the event
    /// stays valid.
    pub fn garbage_after(mut self, events: usize) -> Self {
        self.effect = Effect::GarbageAfter(events);
        self
    }

    /// Runs the call twice and sends the second response. This happens behind a proxy that retries requests. The changes of
    /// the call are made twice.
    pub fn repeat_call(mut self) -> Self {
        self.effect = Effect::RepeatCall;
        self
    }

    /// Sends one event of a stream twice, after this many events.
    pub fn repeat_event(mut self, events: usize) -> Self {
        self.effect = Effect::RepeatEvent(events);
        self
    }

    /// Runs the call and removes a header from the response, such as `x-workflow-run-id`.
    pub fn without_header(mut self, name: impl Into<String>) -> Self {
        self.effect = Effect::WithoutHeader(name.into());
        self
    }

    /// Delays the effect of a grant or a revocation, because sharing in the service is eventually consistent.
    ///
    /// The call succeeds immediately, and the list of shares shows the change. Until this much time has passed on the
    /// emulator's clock, the user has the previous permissions. For example, a read immediately after a grant returns
    /// 404. A later change of the same share replaces a pending one.
    ///
    /// Valid for `shareDatasetAccess`, `shareNamespaceAccess`, `revokeDatasetAccess` and `revokeNamespaceAccess`.
    pub fn effective_after(mut self, delay: Duration) -> Self {
        self.effect = Effect::EffectiveAfter(delay);
        self
    }

    /// Delays the call, or its error response. Defaults to no delay.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Acts only on due calls above this number per second, as a rate limit does: a token bucket that holds the tokens of one
    /// second and is full at the first call. `0` acts on every call. Defaults to every due call.
    ///
    /// Time is that of the machine, not that of the emulator's clock.
    pub fn above(mut self, calls_per_second: usize) -> Self {
        self.above = Some(calls_per_second);
        self
    }

    /// Skips this many calls of the operation, counted from the injection. Defaults to 0.
    pub fn after(mut self, calls: usize) -> Self {
        self.skip = calls;
        self
    }

    /// Acts on each due call with this probability, from 0 to 1. Defaults to every due call.
    ///
    /// The choice is determined by the emulator's seed and the previous calls. [`Fault::times`] counts only the calls that
    /// the fault acts on.
    pub fn probability(mut self, probability: f64) -> Self {
        self.probability = Some(probability);
        self
    }

    /// Acts on this many calls. Defaults to 1.
    pub fn times(mut self, times: usize) -> Self {
        self.times = Some(times);
        self
    }

    /// Acts on every call, without a limit.
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    /// Validates a fault that was read from a string or from JSON. In these forms, a fault must have an effect.
    pub(super) fn checked(self) -> Result<Self, FaultError> {
        self.check()?;
        if self.effect == Effect::None && self.delay.is_zero() {
            return Err(FaultError::NoEffect(self.operation));
        }
        Ok(self)
    }
}
