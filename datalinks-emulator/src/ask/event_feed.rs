//! The channel that carries the events of a run from its driver to its reader.

use futures::StreamExt;
use futures::stream::BoxStream;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::event::Event;
use crate::response::EventBytes;

/// The receiving end of a feed. Unread events are buffered. Dropping it does not affect the run.
///
/// The number of buffered events is bounded by the run: a plan has a few steps, and a step has three events.
pub(crate) struct EventFeed {
    run: Uuid,
    conversation: Uuid,
    events: mpsc::UnboundedReceiver<Event>,
}

/// The sending end of a feed. The feed ends when it is dropped.
pub(crate) struct EventSender(mpsc::UnboundedSender<Event>);

/// Creates the two ends of a feed.
pub(crate) fn feed(run: Uuid, conversation: Uuid) -> (EventSender, EventFeed) {
    let (sender, events) = mpsc::unbounded_channel();
    (EventSender(sender), EventFeed { run, conversation, events })
}

impl EventSender {
    /// Sends an event, or discards it if the reader is gone.
    pub(crate) fn send(&self, event: Event) {
        let _ = self.0.send(event);
    }
}

impl EventFeed {
    /// Returns the id of the run.
    pub(crate) fn run_id(&self) -> Uuid {
        self.run
    }

    /// Returns the id of the conversation of the run.
    pub(crate) fn conversation_id(&self) -> Uuid {
        self.conversation
    }

    /// Returns the next event, or `None` once no driver sends to this feed.
    ///
    /// This method is cancel safe. If the future is dropped before it completes, no event is lost.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        self.events.recv().await
    }

    /// Returns the events as they are sent over HTTP.
    pub(crate) fn into_stream(self) -> BoxStream<'static, EventBytes> {
        self.into_events().map(|event| event.bytes()).boxed()
    }

    /// Returns the events as a stream.
    pub(crate) fn into_events(self) -> BoxStream<'static, Event> {
        futures::stream::unfold(self, |mut feed| async {
            let event = feed.next().await?;
            Some((event, feed))
        })
        .boxed()
    }
}
