//! The events of a pipeline run.

use serde::Serialize;

use datalinks_gen::Row;

use crate::secrets::Redactor;

/// A JSON object, the form of the proxy's free-form responses.
pub(crate) type JsonObject = Row;

/// An event of a [`PipelineRun`](super::PipelineRun). The service documents only the two types of events
/// that end a run. Other events are kept unchanged. Serialized, an event is the object, or the line as a string.
///
/// # Examples
///
/// ```
/// use datalinks::PipelineEvent;
///
/// let event = serde_json::from_str(r#"{"type":"complete","rows":7}"#)?;
/// assert!(matches!(PipelineEvent::from_object(event), PipelineEvent::Complete(_)));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum PipelineEvent {
    /// The run succeeded, which is its last event (`complete`).
    Complete(JsonObject),
    /// The run failed, which is its last event (`error`). The service documents that an error is retryable (network, rate limit)
    /// or fatal, and does not document the field that distinguishes the two.
    Error(JsonObject),
    /// Any other event, unchanged.
    Other(JsonObject),
    /// A line that is not a JSON object. The cursor counts it as an event.
    Unreadable(String),
}

impl PipelineEvent {
    /// Creates the event for an object, by the object's `type`.
    pub fn from_object(object: JsonObject) -> Self {
        match object.get("type").and_then(serde_json::Value::as_str) {
            Some("complete") => Self::Complete(object),
            Some("error") => Self::Error(object),
            _ => Self::Other(object),
        }
    }

    /// Removes secrets from reports of failures, and the key from lines that cannot be decoded.
    pub(super) fn cleaned(mut self, redactor: &Redactor) -> Self {
        match &mut self {
            Self::Error(object) => redactor.row(object),
            Self::Unreadable(line) => *line = redactor.exact(line, false).into_owned(),
            Self::Complete(_) | Self::Other(_) => {}
        }
        self
    }

    /// Returns the `type` of the event, or `None` if it has none.
    pub fn kind(&self) -> Option<&str> {
        self.object()?.get("type")?.as_str()
    }

    /// Returns all fields of the event, or `None` for a line that is not a JSON object.
    pub fn object(&self) -> Option<&JsonObject> {
        match self {
            Self::Complete(object) | Self::Error(object) | Self::Other(object) => Some(object),
            Self::Unreadable(_) => None,
        }
    }

    /// Returns `true` if the run ends with this event.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Complete(_) | Self::Error(_))
    }
}
