//! The events of an agent that works on a message.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures::{Stream, StreamExt, stream::FusedStream};
use http::{HeaderMap, StatusCode};

use super::{
    answer::AgentAnswer,
    assembly::Assembly,
    event::AgentEvent,
    rpc::{Exchange, Fault},
    task::AgentTaskState,
};
use crate::{
    error::{Error, ErrorKind},
    transport::SseReader,
};

/// The events of an agent that works on a message, made by [`AgentAsk::stream`](super::AgentAsk::stream).
///
/// The stream ends after the event that ends the task: a terminal state ([`AgentTaskState::is_terminal`]), or a message
/// instead of a task. A task that waits for the caller ([`AgentTaskState::is_interrupted`]) does not end the stream, but
/// the agent may end it then. Any other end is an `Err`, usually of kind [`PrematureEnd`](ErrorKind::PrematureEnd).
///
/// Nothing is read ahead: events are pulled by [`next`](Self::next). Dropping the stream, or [`close`](Self::close),
/// closes its connection. A stream cannot be resumed, because agents do not keep their tasks.
///
/// # Examples
///
/// ```no_run
/// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
/// use datalinks::agents::AgentEvent;
///
/// let assistant = dl.agent("assistant")?;
/// let mut events = assistant.ask("Which trees are the tallest?").namespace("arboretum").stream().await?;
/// while let Some(event) = events.next().await {
///     match event? {
///         AgentEvent::StatusUpdate(update) => println!("{}", update.status.state),
///         AgentEvent::ArtifactUpdate(update) => println!("{}", update.artifact.text()),
///         _ => {} // the list of events is open
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct AgentStream {
    state: State,
    exchange: Exchange,
    /// The state of the task that was reported last.
    task_state: AgentTaskState,
    task_id: Option<String>,
    context_id: Option<String>,
}

enum State {
    Reading(SseReader),
    Ended,
}

impl AgentStream {
    pub(super) fn new(reader: SseReader, exchange: Exchange) -> Self {
        Self {
            state: State::Reading(reader),
            exchange,
            task_state: AgentTaskState::default(),
            task_id: None,
            context_id: None,
        }
    }

    /// Returns the next event, or `None` after the last one.
    ///
    /// # Errors
    ///
    /// - [`PrematureEnd`](ErrorKind::PrematureEnd) if the stream ends before the task.
    /// - [`Interrupted`](ErrorKind::Interrupted) if the connection is lost, and [`Stalled`](ErrorKind::Stalled) if
    ///   nothing comes for longer than the idle limit of the client.
    /// - [`JsonRpc`](ErrorKind::JsonRpc) if the agent sends an error.
    /// - [`UnexpectedResponse`](ErrorKind::UnexpectedResponse) if a known event has an invalid payload.
    /// - [`LimitExceeded`](ErrorKind::LimitExceeded) if an event is longer than
    ///   [`AgentAsk::event_limit`](super::AgentAsk::event_limit).
    ///
    /// The stream ends with the error.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If the future is dropped before it completes, no event is lost.
    pub async fn next(&mut self) -> Option<Result<AgentEvent, Error>> {
        StreamExt::next(self).await
    }

    /// Reads the stream to its end and returns the result, as awaiting the message does.
    ///
    /// The status is that of the last update. Artifacts are those of the updates, and of the task if the agent sent it.
    ///
    /// # Errors
    ///
    /// See [`next`](Self::next).
    ///
    /// # Cancel safety
    ///
    /// This method is not cancel safe: events that were read are lost.
    pub async fn answer(mut self) -> Result<AgentAnswer, Error> {
        let mut assembly = Assembly::default();
        while let Some(event) = self.next().await {
            match event? {
                AgentEvent::Message(message) => return Ok(AgentAnswer::Message(message)),
                AgentEvent::Task(task) => assembly.whole(task),
                AgentEvent::StatusUpdate(update) => assembly.status(update),
                AgentEvent::ArtifactUpdate(update) => assembly.artifact(update),
                AgentEvent::Unknown { .. } => {}
            }
        }
        let task = assembly.finish();
        task.map(AgentAnswer::Task)
            .ok_or_else(|| Error::new(ErrorKind::PrematureEnd, "the stream was read to its end before"))
    }

    /// Returns the status of the HTTP response.
    pub fn status(&self) -> StatusCode {
        self.exchange.facts.status
    }

    /// Returns the headers of the HTTP response.
    pub fn headers(&self) -> &HeaderMap {
        &self.exchange.facts.headers
    }

    /// Returns the id of the task, or `None` until an event named it.
    pub fn task_id(&self) -> Option<&str> {
        self.task_id.as_deref()
    }

    /// Returns the id of the conversation, which [`AgentAsk::context_id`](super::AgentAsk::context_id) takes to continue
    /// it, or `None` until an event named it.
    pub fn context_id(&self) -> Option<&str> {
        self.context_id.as_deref()
    }

    /// Closes the connection and ends the stream.
    pub fn close(&mut self) {
        self.state = State::Ended;
    }

    /// Notes what an event reports.
    fn note(&mut self, event: &AgentEvent) {
        if let Some(state) = event.state() {
            self.task_state = state.clone();
        }
        let (task_id, context_id) = event.ids();
        self.task_id = task_id.cloned().or(self.task_id.take());
        self.context_id = context_id.cloned().or(self.context_id.take());
        if event.is_final() {
            self.close();
        }
    }
}

impl Stream for AgentStream {
    type Item = Result<AgentEvent, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let stream = &mut *self;
        let State::Reading(reader) = &mut stream.state else { return Poll::Ready(None) };
        let exchange = &stream.exchange;
        let error = match ready!(reader.poll_read(cx)) {
            Ok(true) => {
                let event = reader.event();
                match AgentEvent::decode(event.name(), event.data()) {
                    Ok(mut event) => {
                        event.clean(&exchange.facts.context.redactor);
                        stream.note(&event);
                        return Poll::Ready(Some(Ok(event)));
                    }
                    Err(fault) => exchange.error(fault, event.data().as_bytes()),
                }
            }
            Err(error) => exchange.interrupted(error),
            Ok(false) => {
                // Only its blank line is missing, as for the answer to a question.
                match unterminated(reader) {
                    Some(Ok(mut event)) => {
                        event.clean(&exchange.facts.context.redactor);
                        stream.note(&event);
                        return Poll::Ready(Some(Ok(event)));
                    }
                    Some(Err(fault)) => exchange.error(fault, b""),
                    // The next step is the caller's: it is not sent on this connection.
                    None if stream.task_state.is_interrupted() => {
                        stream.close();
                        return Poll::Ready(None);
                    }
                    None => {
                        let what = "the stream ended before the task of the agent";
                        exchange.interrupted(Error::new(ErrorKind::PrematureEnd, what))
                    }
                }
            }
        };
        stream.close();
        Poll::Ready(Some(Err(error)))
    }
}

/// The last event of a body that ended cleanly, or the error of the agent, if only its blank line is missing. An event
/// that does not end the stream, or whose JSON is not whole, is discarded, as the standard of server-sent events demands.
fn unterminated(reader: &mut SseReader) -> Option<Result<AgentEvent, Fault>> {
    let event = reader.pending()?;
    let last = AgentEvent::decode(event.name(), event.data());
    let is_end = match &last {
        Ok(event) => event.is_final(),
        Err(fault) => matches!(fault, Fault::Agent { .. }),
    };
    is_end.then_some(last)
}

impl FusedStream for AgentStream {
    fn is_terminated(&self) -> bool {
        matches!(self.state, State::Ended)
    }
}

impl std::fmt::Debug for AgentStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AgentStream")
            .field("status", &self.status())
            .field("task_id", &self.task_id)
            .field("task_state", &self.task_state)
            .field("ended", &self.is_terminated())
            .finish_non_exhaustive()
    }
}
