//! What shall go wrong, when, and how often.

use std::time::Duration;

use super::effect::Effect;
use super::error::FaultError;

/// Something that shall go wrong with one operation.
///
/// Beside the operations of the API there are `putPart`, a part sent to its presigned URL, and two that happen in the
/// background and have no response:
///
/// - `ingestFile`, the ingestion of an uploaded file, can fail ([`Fault::status`]) and take its time
///   ([`Fault::delay`]).
/// - `agentRun`, the work on a run of the agent, can do the same, before the first event. It can also stop
///   ([`Fault::end_after`]), as if the process that works on the run had ended. The run then has its last checkpoint,
///   or has failed if there is none. A fault counts each time that the work on a run begins: when it is asked, and
///   when it is resumed.
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
/// let lost = Fault::new("ingestData").lose_response();
/// // The stream of a pipeline run breaks after three events, every time.
/// let broken = Fault::new("streamPipeline").cut_after(3).always();
/// // A slow call that ends well.
/// let slow = Fault::new("queryData").delay(Duration::from_millis(50));
/// // The presigned URL of the second part has expired.
/// let expired = Fault::new("putPart").expired_url().after(1);
/// // Grants take five seconds to take effect.
/// let eventual = Fault::new("shareDatasetAccess").effective_after(Duration::from_secs(5)).always();
/// // One query in ten is answered garbage; which ones follows from the emulator's seed.
/// let bad = Fault::new("queryData").garbage().probability(0.1).always();
/// # let _ = (busy, lost, broken, slow, expired, eventual, bad);
/// ```
///
/// A fault can be written in one line, which the command line takes, and as JSON, with the same names:
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
/// | setting | method | what goes wrong |
/// |---|---|---|
/// | `status=503` | [`status`](Fault::status) | refused in the API's error shape, a part in the storage's |
/// | `html=502` | [`html`](Fault::html) | refused with an HTML page, as gateways do |
/// | `expired-url` | [`expired_url`](Fault::expired_url) | 403 in XML: the presigned URL has expired |
/// | `cut-after=3` | [`cut_after`](Fault::cut_after) | the connection breaks after 3 events |
/// | `cut-bytes=100` | [`cut_bytes`](Fault::cut_bytes) | the connection breaks after 100 bytes of the answer |
/// | `end-after=3` | [`end_after`](Fault::end_after) | the stream ends in good order after 3 events |
/// | `lose-response` | [`lose_response`](Fault::lose_response) | carried out, and the connection closed |
/// | `truncate-body` | [`truncate_body`](Fault::truncate_body) | half a JSON answer, as if it were all |
/// | `garbage` | [`garbage`](Fault::garbage) | the answer is not what its content type says |
/// | `garbage-after=3` | [`garbage_after`](Fault::garbage_after) | the fourth event is garbage |
/// | `repeat-call` | [`repeat_call`](Fault::repeat_call) | carried out twice |
/// | `repeat-event=3` | [`repeat_event`](Fault::repeat_event) | the fourth event comes twice |
/// | `without-header=etag` | [`without_header`](Fault::without_header) | the answer lacks a header |
/// | `effective-after=5s` | [`effective_after`](Fault::effective_after) | a grant or revocation takes effect later |
/// | `delay=50ms` | [`delay`](Fault::delay) | it takes longer |
/// | `retry-after=2` | [`retry_after`](Fault::retry_after) | a header that goes with `status` and `html` |
/// | `probability=0.5` | [`probability`](Fault::probability) | it acts on some calls only |
/// | `after=1` | [`after`](Fault::after) | the first calls pass |
/// | `times=2`, `always` | [`times`](Fault::times), [`always`](Fault::always) | how often, if not once |
///
/// In the text a backslash stands before a comma that belongs to a value. In JSON, settings without a value are
/// `true`: `{"operation": "ingestData", "lose-response": true, "always": true}`.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a fault acts when it is injected: emulator.faults().inject(fault)"]
pub struct Fault {
    pub(super) operation: String,
    pub(super) effect: Effect,
    pub(super) delay: Duration,
    pub(super) retry_after: Option<String>,
    pub(super) probability: Option<f64>,
    pub(super) skip: usize,
    pub(super) times: Option<usize>,
}

impl Fault {
    /// A fault of this operation, by its id, e.g. `ingestData`. It does nothing yet.
    pub fn new(operation: impl Into<String>) -> Self {
        Self {
            operation: operation.into(),
            effect: Effect::None,
            delay: Duration::ZERO,
            retry_after: None,
            probability: None,
            skip: 0,
            times: Some(1),
        }
    }

    /// Answers this status in the API's error shape; a part is answered in the storage's, XML. The call is not
    /// carried out.
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

    /// Answers a part that its presigned URL has expired, as S3 does: 403, `AccessDenied`, `Request has expired`.
    /// The part is not kept.
    pub fn expired_url(mut self) -> Self {
        self.effect = Effect::ExpiredUrl;
        self
    }

    /// Carries the call out and breaks the connection after this many bytes of the answer's body, whose
    /// `Content-Length` is that of the whole. A stream breaks where this many bytes have been sent, be it in the
    /// middle of an event; an answer that is shorter is whole.
    pub fn cut_bytes(mut self, bytes: usize) -> Self {
        self.effect = Effect::CutBytes(bytes);
        self
    }

    /// Breaks the connection of a stream after this many events.
    pub fn cut_after(mut self, events: usize) -> Self {
        self.effect = Effect::CutAfter(events);
        self
    }

    /// Ends a stream in good order after this many events, whether or not it was complete. With `agentRun`, the work
    /// on the run ends as well.
    pub fn end_after(mut self, events: usize) -> Self {
        self.effect = Effect::EndAfter(events);
        self
    }

    /// Carries the call out and closes the connection instead of answering. What the call stores
    /// is stored.
    pub fn lose_response(mut self) -> Self {
        self.effect = Effect::LoseResponse;
        self
    }

    /// Carries the call out and sends the first half of the JSON answer, as if it were all. An
    /// answer without JSON is left as it is.
    pub fn truncate_body(mut self) -> Self {
        self.effect = Effect::TruncateBody;
        self
    }

    /// Carries the call out and answers bytes that are not what the content type says: no JSON, no events, no
    /// UTF-8. An answer without a body stays without.
    pub fn garbage(mut self) -> Self {
        self.effect = Effect::Garbage;
        self
    }

    /// Garbles one event of a stream, the one after this many: its frame is whole, its data is not JSON.
    pub fn garbage_after(mut self, events: usize) -> Self {
        self.effect = Effect::GarbageAfter(events);
        self
    }

    /// Carries the call out twice and gives the second answer, as happens behind a proxy that sends a request
    /// again when an answer fails to come. What the call stores is stored twice.
    pub fn repeat_call(mut self) -> Self {
        self.effect = Effect::RepeatCall;
        self
    }

    /// Sends one event of a stream twice, the one after this many.
    pub fn repeat_event(mut self, events: usize) -> Self {
        self.effect = Effect::RepeatEvent(events);
        self
    }

    /// Carries the call out and leaves a header out of the answer, e.g. `x-workflow-run-id`.
    pub fn without_header(mut self, name: impl Into<String>) -> Self {
        self.effect = Effect::WithoutHeader(name.into());
        self
    }

    /// Delays the effect of a grant or a revocation, as the service does, whose sharing is eventually consistent.
    ///
    /// The call succeeds at once, and the list of shares shows the change. Until this much time has passed on the
    /// emulator's clock, the user may do what they could do before: a read right after a grant gets the 404 of
    /// something that is not visible. A later change of the same share replaces one that is still pending.
    ///
    /// Only `shareDatasetAccess`, `shareNamespaceAccess`, `revokeDatasetAccess` and `revokeNamespaceAccess` can go
    /// wrong in this way.
    pub fn effective_after(mut self, delay: Duration) -> Self {
        self.effect = Effect::EffectiveAfter(delay);
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

    /// Acts on a call with this probability, from 0 to 1, instead of on every one whose turn it is. On which ones it
    /// acts follows from the emulator's seed and the calls before. [`Fault::times`] counts those on which it did.
    pub fn probability(mut self, share: f64) -> Self {
        self.probability = Some(share);
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

    pub(super) fn checked(self) -> Result<Self, FaultError> {
        self.check()?;
        if self.effect == Effect::None && self.delay.is_zero() {
            return Err(FaultError::NoEffect(self.operation));
        }
        Ok(self)
    }
}
