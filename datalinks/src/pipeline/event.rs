//! The events of a pipeline run.

use serde::Serialize;

use datalinks_gen::Row;

use crate::secrets::Redactor;

/// A JSON object, as the free-form answers of the proxy are.
pub(crate) type JsonObject = Row;

/// An event of a [`PipelineRun`](super::PipelineRun). The service documents only the two types of events
/// that end a run. All other events are kept as they come. Serialized, an event is what came: an object, or the text of a line.
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
    /// `complete`: the last event of a run that went well.
    Complete(JsonObject),
    /// `error`: the last event of a run that failed. The service documents that an error is retryable (network,
    /// rate limit) or fatal, and does not document the field that says so.
    Error(JsonObject),
    /// Any other event, whole.
    Other(JsonObject),
    /// A line that is no JSON object, as text. It counts as received.
    Unreadable(String),
}

impl PipelineEvent {
    /// Creates the event that an object stands for, by its `type`.
    pub fn from_object(object: JsonObject) -> Self {
        match object.get("type").and_then(serde_json::Value::as_str) {
            Some("complete") => Self::Complete(object),
            Some("error") => Self::Error(object),
            _ => Self::Other(object),
        }
    }

    /// Strikes secrets from what reports a failure, and the key from what is not understood.
    pub(super) fn cleaned(mut self, redactor: &Redactor) -> Self {
        match &mut self {
            Self::Error(object) => redactor.row(object),
            Self::Unreadable(line) => *line = redactor.exact(line, false).into_owned(),
            Self::Complete(_) | Self::Other(_) => {}
        }
        self
    }

    /// Its `type`, when it has one.
    pub fn kind(&self) -> Option<&str> {
        self.object()?.get("type")?.as_str()
    }

    /// All its fields; nothing for a line that is no JSON object.
    pub fn object(&self) -> Option<&JsonObject> {
        match self {
            Self::Complete(object) | Self::Error(object) | Self::Other(object) => Some(object),
            Self::Unreadable(_) => None,
        }
    }

    /// Whether the run ends with it.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Complete(_) | Self::Error(_))
    }
}
