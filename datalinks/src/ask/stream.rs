//! The stream of events of a question.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures::{Stream, StreamExt, future::BoxFuture, stream::FusedStream};
use http::{HeaderMap, StatusCode};

use super::{
    event::AskEvent,
    outcome,
    payload::{AskAnswer, AutoRagAnswer},
    resume::ResumePolicy,
    resumption::Resumption,
};
use crate::{
    client::DataLinks,
    error::{Error, ErrorKind},
    platform::clock::sleep,
    secrets::Redactor,
    stream::EVENT_LIMIT,
    transport::{Facts, SseReader, request_id},
};

/// The events of a question to the agent, as a stream.
///
/// The stream ends after [`Answer`](AskEvent::Answer) or [`Error`](AskEvent::Error), or, when a run is resumed, after
/// [`NoCheckpoint`](AskEvent::NoCheckpoint) or [`Terminal`](AskEvent::Terminal). Any other end is an `Err`, usually of
/// kind [`PrematureEnd`](ErrorKind::PrematureEnd). With [`Ask::resume`](super::Ask::resume), the stream first tries to resume
/// its run.
///
/// Events are read when [`next`](Self::next) is awaited, not ahead. Dropping the stream, or [`close`](Self::close), closes the
/// connection.
pub struct AskStream {
    state: State,
    head: ResponseHead,
    event_limit: usize,
    run_id: Option<String>,
    conversation_id: Option<String>,
    resumption: Option<Resumption>,
    redactor: Redactor,
    /// The request of this stream asked the question, so a failed stream may have been paid for.
    asked: bool,
}

/// State of the stream between two polls. Futures are kept here, so that dropping [`AskStream::next`] neither loses
/// their progress nor restarts their clocks.
enum State {
    Reading(SseReader),
    /// The last events of the stream, not read from a connection.
    Ready(std::vec::IntoIter<AskEvent>),
    /// Waiting before the run is resumed, and resuming it.
    Resuming(BoxFuture<'static, Result<AskStream, Error>>),
    /// Polling the status of the run until there are last events.
    Polling(BoxFuture<'static, Result<Vec<AskEvent>, Error>>),
    Ended,
}

/// Status and headers of a response.
#[derive(Clone)]
struct ResponseHead {
    status: StatusCode,
    headers: HeaderMap,
}

impl AskStream {
    pub(crate) fn open(
        parts: impl Stream<Item = reqwest::Result<Bytes>> + Send + 'static,
        facts: Facts,
        idle: Duration,
        event_limit: usize,
    ) -> Result<Self, Error> {
        let reader = SseReader::open(parts, &facts, idle, event_limit)?;
        let redactor = facts.context.redactor.clone();
        let head = ResponseHead { status: facts.status, headers: facts.headers };
        Ok(Self::new(State::Reading(reader), head, event_limit, redactor))
    }

    /// Creates a stream of one event from a response that is not an event stream.
    pub(crate) fn only(event: AskEvent, status: StatusCode, headers: HeaderMap, redactor: Redactor) -> Self {
        let state = State::Ready(vec![event].into_iter());
        Self::new(state, ResponseHead { status, headers }, EVENT_LIMIT, redactor)
    }

    fn new(state: State, head: ResponseHead, event_limit: usize, redactor: Redactor) -> Self {
        Self {
            state,
            head,
            event_limit,
            run_id: None,
            conversation_id: None,
            resumption: None,
            redactor,
            asked: false,
        }
    }

    /// Makes errors of the stream ambiguous, because its request asked the question.
    pub(super) fn asked(mut self) -> Self {
        self.asked = true;
        self
    }

    /// Lets the stream resume its run after an interruption.
    pub(super) fn resuming(mut self, client: DataLinks, policy: ResumePolicy) -> Self {
        self.resumption = Some(Resumption::new(client, policy));
        self
    }

    /// Waits for the next event and returns it, or `None` after the last event.
    ///
    /// # Errors
    ///
    /// An error ends the stream. If this stream asked the question, the error is
    /// [ambiguous](crate::guide::ambiguous_outcomes): the service may have carried out the run, and a second question costs a
    /// second one.
    ///
    /// - [`Interrupted`](ErrorKind::Interrupted) if the connection is lost, and [`Stalled`](ErrorKind::Stalled) if it is silent
    ///   for the idle timeout.
    /// - [`PrematureEnd`](ErrorKind::PrematureEnd) if the stream ends without a last event.
    /// - [`UnexpectedResponse`](ErrorKind::UnexpectedResponse) if a known event has an invalid payload.
    /// - [`LimitExceeded`](ErrorKind::LimitExceeded) if an event exceeds the [event limit](super::Ask::event_limit).
    ///
    /// With [`Ask::resume`](super::Ask::resume), the first three end the stream only if the run cannot be resumed within the
    /// limits of the policy. The kind is [`Timeout`](ErrorKind::Timeout) if the run was polled and did not end in time. The run
    /// may still complete then.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If the future is dropped before it completes, no event is lost, and the delays and limits of
    /// the policy continue.
    pub async fn next(&mut self) -> Option<Result<AskEvent, Error>> {
        StreamExt::next(self).await
    }

    /// Reads the stream to its end and returns the answer.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`next`](Self::next), and [`Reported`](ErrorKind::Reported) if the stream ends with an error event,
    /// or the run cannot be resumed.
    ///
    /// # Cancel safety
    ///
    /// This method takes the stream: if the future is dropped, the connection is closed.
    pub async fn answer(mut self) -> Result<AskAnswer, Error> {
        loop {
            if let AskEvent::Answer(answer) = self.event().await? {
                return Ok(answer);
            }
        }
    }

    /// Reads the stream to its end and returns the answer with its steps, in the form of
    /// [`Ask::autorag`](super::Ask::autorag).
    ///
    /// # Errors
    ///
    /// Returns the errors of [`answer`](Self::answer).
    pub async fn collect(mut self) -> Result<AutoRagAnswer, Error> {
        let mut steps = Vec::new();
        loop {
            match self.event().await? {
                AskEvent::Step(step) => steps.push(step.without_index()),
                AskEvent::Answer(AskAnswer { response, extra }) => {
                    return Ok(AutoRagAnswer { response, steps, extra });
                }
                _ => {}
            }
        }
    }

    /// Returns the next event, or an error if the stream ended without an answer.
    async fn event(&mut self) -> Result<AskEvent, Error> {
        let reported = |what: String, stream: &Self| {
            let error = Error::new(ErrorKind::Reported, what).redacted(&stream.redactor);
            error.with_request_id(request_id(&stream.head.headers))
        };
        match self.next().await {
            Some(Ok(AskEvent::Error(failure))) => Err(reported(failure.message, self)),
            Some(Ok(event @ (AskEvent::NoCheckpoint(_) | AskEvent::Terminal(_)))) => {
                let what = match &event {
                    AskEvent::Terminal(body)
                        if body.get("status").is_some_and(|status| status == "expired") =>
                    {
                        "the run has expired".to_owned()
                    }
                    _ => format!("there is nothing to resume ({})", event.name()),
                };
                Err(reported(what, self)
                    .advice("read the status of the run with AgentRun::status, or ask again"))
            }
            Some(event) => event,
            None => Err(Error::new(ErrorKind::PrematureEnd, "the stream was read to its end before")),
        }
    }

    /// Returns the status of the latest response to asking or resuming.
    pub fn status(&self) -> StatusCode {
        self.head.status
    }

    /// Returns the headers of the latest response to asking or resuming.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// Returns the id of the run, or `None` before the event `run-started` named it. The service does not document whether the
    /// event comes with every run.
    pub fn run_id(&self) -> Option<&str> {
        self.run_id.as_deref()
    }

    /// Returns the id of the conversation for [`Ask::conversation`](super::Ask::conversation), or `None` before the event
    /// `run-started` named it.
    pub fn conversation_id(&self) -> Option<&str> {
        self.conversation_id.as_deref()
    }

    /// Closes the connection and ends the stream.
    pub fn close(&mut self) {
        self.state = State::Ended;
    }

    /// Returns the error for the event that was read last, which cannot be decoded.
    fn undecodable(&self, error: serde_json::Error) -> Error {
        let State::Reading(reader) = &self.state else {
            return Error::new(ErrorKind::UnexpectedResponse, "the data of an event cannot be decoded")
                .caused_by(error);
        };
        let event = reader.event();
        let what = format!("the data of the event {} cannot be decoded: {error}", event.name());
        let error = Error::new(ErrorKind::UnexpectedResponse, what)
            .with_body(event.data().as_bytes())
            .caused_by(error)
            .advice("a newer version of this crate may know it");
        reader.context().annotate(error)
    }

    /// Returns the error for a body that ended without a last event.
    fn premature_end(reader: &SseReader, head: &ResponseHead) -> Error {
        let what = "the stream ended without an answer or an error";
        let error = Error::new(ErrorKind::PrematureEnd, what).with_request_id(request_id(&head.headers));
        reader.context().annotate(error)
    }

    /// Returns the error that ends the stream.
    fn ended_by(&self, error: Error) -> Error {
        let error = match (self.asked, &self.run_id) {
            (false, _) => error,
            (true, Some(id)) => error
                .with_ambiguous(true)
                .default_advice(format!("wait for the run {id:?} with DataLinks::run before you ask again")),
            (true, None) => error
                .with_ambiguous(true)
                .default_advice("look for the run with Namespace::conversations before you ask again"),
        };
        error.redacted(&self.redactor)
    }

    /// Records the ids of a run that started. Returns `false` for an event that was yielded before the last interruption.
    fn is_new(&mut self, event: &AskEvent) -> bool {
        if let AskEvent::RunStarted(started) = event {
            self.run_id = started.run_id.as_ref().map(ToString::to_string).or(self.run_id.take());
            self.conversation_id = started.conversation_id.clone().or(self.conversation_id.take());
        }
        self.resumption.as_mut().is_none_or(|resumption| resumption.record(event))
    }

    /// Removes secrets from an event that is yielded, and ends the stream after the last one.
    fn yielded(&mut self, event: &mut AskEvent) {
        event.clean(&self.redactor);
        if event.is_final() {
            self.close();
        }
    }

    /// Returns the state after an interruption, or the error that ends the stream.
    fn handle_disconnect(&mut self, error: Error) -> Result<State, Error> {
        let (Some(resumption), Some(run_id)) = (&mut self.resumption, &self.run_id) else {
            return Err(error);
        };
        let (client, pause) = resumption.resume(run_id, error)?;
        let (run, event_limit) = (client.run(run_id)?, self.event_limit);
        Ok(State::Resuming(Box::pin(async move {
            sleep(pause).await;
            run.resume_once(event_limit).await
        })))
    }

    /// Continues with the response to resuming the run: with its events, or, if the run cannot be resumed, with its
    /// outcome. Returns the event that marks the interruption.
    fn resumed(&mut self, resumed: Self) -> Result<Option<AskEvent>, Error> {
        self.head = resumed.head;
        let (Some(resumption), Some(run_id)) = (&mut self.resumption, &self.run_id) else { return Ok(None) };
        self.state = match resumed.state {
            State::Ready(mut events) => {
                // A completed run: the result may be in the response.
                let result = match events.next() {
                    Some(AskEvent::Terminal(body)) => outcome::events_of_body(&body),
                    _ => None,
                };
                match result {
                    Some(events) => State::Ready(events.into_iter()),
                    None => State::Polling(resumption.poll(run_id)?),
                }
            }
            state => state,
        };
        Ok(resumption.announce())
    }
}

impl Stream for AskStream {
    type Item = Result<AskEvent, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let stream = &mut *self;
        loop {
            let next = match &mut stream.state {
                State::Ended => return Poll::Ready(None),
                State::Ready(events) => match events.next() {
                    Some(event) => Next::Event(event),
                    None => Next::End,
                },
                State::Resuming(resuming) => match ready!(resuming.as_mut().poll(cx)) {
                    Ok(resumed) => match stream.resumed(resumed) {
                        Ok(Some(restarted)) => return Poll::Ready(Some(Ok(restarted))),
                        Ok(None) => continue,
                        Err(error) => Next::Failure(error),
                    },
                    Err(error) => Next::Disconnect(error),
                },
                State::Polling(polling) => match ready!(polling.as_mut().poll(cx)) {
                    Ok(events) => {
                        stream.state = State::Ready(events.into_iter());
                        continue;
                    }
                    // The time limit of the polling is final: resuming after it would start the polling again.
                    Err(error) => Next::Failure(error),
                },
                State::Reading(reader) => match ready!(reader.poll_read(cx)) {
                    Ok(true) => {
                        let (name, data) = reader.name_and_data();
                        // The event stays where it was written, because moving it costs time.
                        let mut event = AskEvent::decode(name, &data);
                        match &mut event {
                            Ok(event) if stream.is_new(event) => stream.yielded(event),
                            Ok(_) => continue,
                            Err(_) => {}
                        }
                        match event {
                            Ok(event) => return Poll::Ready(Some(Ok(event))),
                            Err(error) => Next::Disconnect(stream.undecodable(error)),
                        }
                    }
                    Ok(false) => match unterminated(reader) {
                        Some(event) => Next::Event(event),
                        None => Next::Disconnect(Self::premature_end(reader, &stream.head)),
                    },
                    Err(error) => Next::Disconnect(error),
                },
            };
            let error = match next {
                Next::Event(mut event) => {
                    if !stream.is_new(&event) {
                        continue;
                    }
                    stream.yielded(&mut event);
                    return Poll::Ready(Some(Ok(event)));
                }
                Next::Disconnect(error) => match stream.handle_disconnect(error) {
                    Ok(state) => {
                        stream.state = state;
                        continue;
                    }
                    Err(error) => error,
                },
                Next::Failure(error) => error,
                Next::End => {
                    stream.close();
                    return Poll::Ready(None);
                }
            };
            stream.close();
            return Poll::Ready(Some(Err(stream.ended_by(error))));
        }
    }
}

impl FusedStream for AskStream {
    /// Returns `true` after the last item.
    fn is_terminated(&self) -> bool {
        matches!(self.state, State::Ended)
    }
}

/// Returns the last event of a body that ended cleanly, if only its blank line is missing, because the answer was paid for. An
/// event that does not end the stream, or whose JSON is incomplete, is discarded as the standard requires.
fn unterminated(reader: &mut SseReader) -> Option<AskEvent> {
    let event = reader.pending()?;
    AskEvent::decode(event.name().as_bytes(), event.data()).ok().filter(AskEvent::is_final)
}

/// Result of polling one state.
enum Next {
    /// An event, possibly yielded before.
    Event(AskEvent),
    /// The connection was interrupted, or could not be made.
    Disconnect(Error),
    /// An error that ends the stream.
    Failure(Error),
    End,
}

impl std::fmt::Debug for AskStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AskStream")
            .field("status", &self.head.status)
            .field("run_id", &self.run_id)
            .field("ended", &matches!(self.state, State::Ended))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, sleep, timeout};

    use super::{
        super::poll::{ReadStatus, Reading, until_ended},
        *,
    };

    fn stream(state: State) -> AskStream {
        // This client sends nothing.
        let client = DataLinks::builder("http://127.0.0.1:9/api/v1", "k").build().unwrap();
        let head = ResponseHead { status: StatusCode::OK, headers: HeaderMap::new() };
        let mut stream = AskStream::new(state, head, EVENT_LIMIT, Redactor::default())
            .resuming(client, ResumePolicy::default());
        stream.run_id = Some("run".to_owned());
        stream
    }

    /// A run that never ends, whose status takes 3 seconds to read.
    struct Running;

    impl ReadStatus for Running {
        async fn read(&self, _timeout: Duration) -> Result<Reading, Error> {
            sleep(Duration::from_secs(3)).await;
            let status = serde_json::json!({
                "runId": "c2f8a9d3-90b1-4f57-b6a0-1f5be3a7d7e3", "agentKind": "auto_rag", "question": "why?",
                "status": "running", "canResume": false
            });
            Ok(Reading { status: serde_json::from_value(status).unwrap(), requests: 1 })
        }

        fn max_retry_after(&self) -> Duration {
            Duration::MAX
        }

        fn jitter(&self) -> f64 {
            1.0
        }
    }

    #[tokio::test(start_paused = true)]
    async fn dropping_next_does_not_restart_the_clock_of_the_polling() {
        // Shorter and longer than requests and pauses: the wait is dropped within both.
        for patience in [700, 2_900, 7_000].map(Duration::from_millis) {
            let policy = ResumePolicy::default().poll_timeout(Duration::from_secs(600));
            let polling = async move { outcome::events(until_ended("run", &policy, &Running).await?) };
            let mut stream = stream(State::Polling(Box::pin(polling)));
            let start = Instant::now();
            let error = loop {
                if let Ok(next) = timeout(patience, stream.next()).await {
                    break next.unwrap().unwrap_err();
                }
            };
            // A timeout is retryable in general, but the stream does not resume after it.
            assert_eq!(error.kind(), ErrorKind::Timeout);
            let over = start.elapsed() - Duration::from_secs(600);
            assert!(over <= Duration::from_secs(3), "{over:?} after the bound");
            assert!(stream.next().await.is_none());
        }
    }

    #[tokio::test]
    async fn result_in_the_response_to_resuming_needs_no_further_request() {
        let resumed = |body: serde_json::Value| {
            let serde_json::Value::Object(body) = body else { panic!("no object") };
            let mut interrupted = stream(State::Ended);
            interrupted.run_id = Some("c2f8a9d3-90b1-4f57-b6a0-1f5be3a7d7e3".to_owned());
            let end = stream(State::Ready(vec![AskEvent::Terminal(body)].into_iter()));
            assert_eq!(interrupted.resumed(end).unwrap(), Some(AskEvent::Restarted));
            interrupted.state
        };
        let answered = serde_json::json!({ "question": "why?", "result": { "response": "so" } });
        let State::Ready(events) = resumed(answered) else { panic!("another request") };
        assert_eq!(events.collect::<Vec<_>>(), [AskEvent::Answer(AskAnswer::new("so"))]);
        for without in [serde_json::json!({}), serde_json::json!({ "result": null })] {
            assert!(matches!(resumed(without), State::Polling(_)));
        }
    }
}
