//! The stream of an answer.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use datalinks_gen::api::types::AutoRagResponseStep;
use futures::{Stream, StreamExt, future::BoxFuture};
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE};
use tokio::time::sleep;

use super::{
    Answer, AskEvent, AutoRagAnswer, EVENT_LIMIT, Step,
    resume::{HandedOut, ResumeRuns},
};
use crate::{
    DataLinks, Error, ErrorKind,
    call::Facts,
    stream::sse,
    transport::{Chunks, request_id},
};

/// The events of an answer, as they come. It ends after [`Answer`](AskEvent::Answer) or
/// [`Error`](AskEvent::Error) (or, when a run is resumed, [`NoCheckpoint`](AskEvent::NoCheckpoint) or
/// [`Terminal`](AskEvent::Terminal)); any other end is an `Err` of kind
/// [`PrematureEnd`](ErrorKind::PrematureEnd).
///
/// Nothing is read ahead: events are pulled by [`next`](Self::next), which may be dropped at any point
/// without losing one. Dropping the stream, or [`close`](Self::close), closes its connection.
pub struct AskStream {
    state: State,
    head: Head,
    event_limit: usize,
    run_id: Option<String>,
    conversation_id: Option<String>,
    resume: Option<Resume>,
}

/// Where the stream stands between two polls.
enum State {
    Reading(Chunks, Box<sse::Decoder>),
    /// An event that was not read from a connection, and the last.
    Ready(Box<AskEvent>),
    /// Waiting before the run is resumed, and resuming it.
    Resuming(BoxFuture<'static, Result<AskStream, Error>>),
    Ended,
}

/// The head of the answer.
#[derive(Clone)]
struct Head {
    status: StatusCode,
    headers: HeaderMap,
}

/// What it takes to go on after a break.
struct Resume {
    client: DataLinks,
    policy: ResumeRuns,
    handed_out: HandedOut,
    /// Resumptions in a row that brought no new event.
    fruitless: u32,
    /// The run goes on; nothing of it was handed out since.
    restarted: bool,
}

impl AskStream {
    pub(crate) fn open(
        parts: impl Stream<Item = reqwest::Result<Bytes>> + Send + 'static,
        facts: Facts,
        idle: Duration,
        event_limit: usize,
    ) -> Result<Self, Error> {
        let content_type =
            facts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("text/event-stream") {
            let found = if media_type.is_empty() { "has no content type" } else { media_type };
            return Err(facts.unexpected(format!("the answer is no event stream ({found})"), b""));
        }
        let chunks = Chunks::new(parts, idle, facts.effort);
        let decoder = Box::new(sse::Decoder::new().limit(event_limit));
        let head = Head { status: facts.status, headers: facts.headers };
        Ok(Self::new(State::Reading(chunks, decoder), head, event_limit))
    }

    /// A stream of one event, made of an answer that is no stream.
    pub(crate) fn only(event: AskEvent, status: StatusCode, headers: HeaderMap) -> Self {
        Self::new(State::Ready(Box::new(event)), Head { status, headers }, EVENT_LIMIT)
    }

    fn new(state: State, head: Head, event_limit: usize) -> Self {
        Self { state, head, event_limit, run_id: None, conversation_id: None, resume: None }
    }

    /// The same, which resumes its run after a break.
    pub(super) fn resuming(mut self, client: DataLinks, policy: ResumeRuns) -> Self {
        let handed_out = HandedOut::default();
        self.resume = Some(Resume { client, policy, handed_out, fruitless: 0, restarted: false });
        self
    }

    /// The next event; nothing after the last.
    ///
    /// # Errors
    ///
    /// When the connection is lost, is silent for too long, or ends without a last event; when a known
    /// event has an unreadable payload, or an event is too long. The stream ends then.
    pub async fn next(&mut self) -> Option<Result<AskEvent, Error>> {
        StreamExt::next(self).await
    }

    /// Reads to the end and answers what the agent answered.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next); and [`Reported`](ErrorKind::Reported) when the stream ends with an error, or
    /// there was nothing to resume.
    pub async fn answer(mut self) -> Result<Answer, Error> {
        loop {
            if let AskEvent::Answer(answer) = self.event().await? {
                return Ok(answer);
            }
        }
    }

    /// The same with the steps that led to the answer, as [`Ask::autorag`](super::Ask::autorag) has it.
    ///
    /// # Errors
    ///
    /// As [`answer`](Self::answer).
    pub async fn collect(mut self) -> Result<AutoRagAnswer, Error> {
        let mut steps = Vec::new();
        loop {
            match self.event().await? {
                AskEvent::Step(Step { index: _, instruction, query, reasoning, data, extra }) => {
                    steps.push(AutoRagResponseStep { instruction, query, reasoning, data, extra });
                }
                AskEvent::Answer(Answer { response, extra }) => {
                    return Ok(AutoRagAnswer { response, steps, extra });
                }
                _ => {}
            }
        }
    }

    /// The next event on the way to an answer; an end without one is an error.
    async fn event(&mut self) -> Result<AskEvent, Error> {
        let reported = |what: String, headers: &HeaderMap| {
            Error::new(ErrorKind::Reported, what).with_request_id(request_id(headers))
        };
        match self.next().await {
            Some(Ok(AskEvent::Error(failure))) => Err(reported(failure.message, &self.head.headers)),
            Some(Ok(event @ (AskEvent::NoCheckpoint(_) | AskEvent::Terminal(_)))) => {
                let what = format!("there is nothing to resume ({})", event.name());
                Err(reported(what, &self.head.headers).advice("look at the status of the run"))
            }
            Some(event) => event,
            None => Err(Error::new(ErrorKind::PrematureEnd, "the stream was read to its end before")),
        }
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.head.status
    }

    /// The headers of the answer.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The id of the run, once `run-started` told it. Whether it does is not certain.
    pub fn run_id(&self) -> Option<&str> {
        self.run_id.as_deref()
    }

    /// The id of the conversation, once `run-started` told it: what
    /// [`Ask::conversation`](super::Ask::conversation) takes to go on with it.
    pub fn conversation_id(&self) -> Option<&str> {
        self.conversation_id.as_deref()
    }

    /// Drops the connection now; the stream ends.
    pub fn close(&mut self) {
        self.state = State::Ended;
    }

    /// The next event of the connection that is open, read or still to come.
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Result<AskEvent, Error>> {
        let State::Reading(chunks, decoder) = &mut self.state else { return Poll::Pending };
        loop {
            let event = match decoder.next() {
                Ok(Some(event)) => event,
                Ok(None) => match ready!(chunks.poll_next_unpin(cx)) {
                    Some(Ok(part)) => {
                        decoder.push(part);
                        continue;
                    }
                    Some(Err(error)) => return Poll::Ready(Err(error)),
                    None => {
                        let what = "the stream ended without an answer or an error";
                        let error = Error::new(ErrorKind::PrematureEnd, what)
                            .with_request_id(request_id(&self.head.headers));
                        return Poll::Ready(Err(chunks.effort().tell(error)));
                    }
                },
                Err(error) => {
                    let error = Error::new(ErrorKind::LimitExceeded, error.to_string()).caused_by(error);
                    return Poll::Ready(Err(chunks.effort().tell(error)));
                }
            };
            return Poll::Ready(AskEvent::decode(event.name(), event.data()).map_err(|error| {
                let what = format!("the event {} is not what it should be: {error}", event.name());
                let error = Error::new(ErrorKind::UnexpectedAnswer, what)
                    .with_body(event.data().as_bytes())
                    .caused_by(error)
                    .advice("a newer version of this crate may know it");
                chunks.effort().tell(error)
            }));
        }
    }

    /// What is made of an event that came: nothing when it was handed out before.
    fn sift(&mut self, event: AskEvent) -> Option<AskEvent> {
        if let AskEvent::RunStarted(started) = &event {
            self.run_id = started.run_id.as_ref().map(ToString::to_string).or(self.run_id.take());
            self.conversation_id = started.conversation_id.clone().or(self.conversation_id.take());
        }
        if let Some(resume) = &mut self.resume {
            if !resume.handed_out.note(&event) {
                return None;
            }
            // Unknown events may be the same ones again and again.
            if !matches!(event, AskEvent::Other { .. }) {
                resume.fruitless = 0;
            }
        }
        Some(event)
    }

    /// What follows a break: resuming the run, or giving up with `error`.
    fn part(&mut self, error: Error) -> Result<State, Error> {
        let (Some(resume), Some(run_id)) = (&mut self.resume, &self.run_id) else { return Err(error) };
        if !error.is_retryable() {
            return Err(error);
        }
        if resume.fruitless >= resume.policy.without_progress {
            let times = resume.fruitless;
            return Err(error.advice(format!(
                "resuming the run {times} times brought nothing; it may go on: look at it with DataLinks::run"
            )));
        }
        resume.fruitless += 1;
        let draw = resume.client.connection().transport.draw();
        let pause = error.retry_after().unwrap_or_else(|| resume.policy.pause(resume.fruitless, draw));
        tracing::debug!(run = %run_id, pause_ms = pause.as_millis() as u64, %error, "resume");
        let run = resume.client.run(run_id)?;
        let limit = self.event_limit;
        Ok(State::Resuming(Box::pin(async move {
            sleep(pause).await;
            run.resume_once(limit).await
        })))
    }

    /// The run goes on, or there is nothing to resume.
    fn resumed(&mut self, stream: AskStream) -> Option<Result<AskEvent, Error>> {
        self.head = stream.head;
        match stream.state {
            // The run has no checkpoint yet: it may go on all the same, and is asked for again.
            State::Ready(event) if matches!(*event, AskEvent::NoCheckpoint(_)) => {
                let error = Error::new(ErrorKind::Interrupted, "the run has no checkpoint to go on from yet");
                match self.part(error) {
                    Ok(state) => {
                        self.state = state;
                        None
                    }
                    Err(_) => {
                        self.state = State::Ended;
                        Some(Ok(*event))
                    }
                }
            }
            state => {
                let reading = matches!(state, State::Reading(..));
                self.state = state;
                let restarted = self
                    .resume
                    .as_mut()
                    .is_some_and(|resume| !std::mem::replace(&mut resume.restarted, true));
                (reading && restarted).then_some(Ok(AskEvent::Restarted))
            }
        }
    }
}

impl Stream for AskStream {
    type Item = Result<AskEvent, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let stream = &mut *self;
        loop {
            let failed = match &mut stream.state {
                State::Ended => return Poll::Ready(None),
                State::Ready(_) => {
                    let State::Ready(event) = std::mem::replace(&mut stream.state, State::Ended) else {
                        continue;
                    };
                    return Poll::Ready(Some(Ok(*event)));
                }
                State::Resuming(resuming) => match ready!(resuming.as_mut().poll(cx)) {
                    Ok(resumed) => match stream.resumed(resumed) {
                        Some(event) => return Poll::Ready(Some(event)),
                        None => continue,
                    },
                    Err(error) => error,
                },
                State::Reading(..) => match ready!(stream.poll_event(cx)) {
                    Ok(event) => {
                        let Some(event) = stream.sift(event) else { continue };
                        if let Some(resume) = &mut stream.resume {
                            resume.restarted = false;
                        }
                        if event.is_last() {
                            stream.close();
                        }
                        return Poll::Ready(Some(Ok(event)));
                    }
                    Err(error) => error,
                },
            };
            match stream.part(failed) {
                Ok(state) => stream.state = state,
                Err(error) => {
                    stream.close();
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
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
