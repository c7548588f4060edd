//! The event at the start of a run.

use datalinks_gen::{Row, api::types};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::types::FromWire;

/// The start of a run (`run-started`).
///
/// The service does not document the fields of this event, so each may be missing. A field of an unexpected type is in
/// `extra`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RunStarted {
    /// Id of the run, for [`DataLinks::run`](crate::DataLinks::run).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<Uuid>,
    /// Id of the conversation of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

impl RunStarted {
    /// Creates an event without any field set.
    pub fn new() -> Self {
        Self::default()
    }
}

impl FromWire for RunStarted {
    type Wire = types::RunStartedEvent;

    fn from_wire(wire: Self::Wire) -> Self {
        let types::RunStartedEvent { conversation_id, run_id, extra } = wire;
        Self { run_id, conversation_id, extra }
    }
}

/// Reads any JSON object. The fields are not documented, so an unexpected one must not end a question that was paid for.
impl<'de> Deserialize<'de> for RunStarted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Row::deserialize(deserializer).map(|fields| Self::from_wire(lenient(fields)))
    }
}

fn lenient(mut extra: Row) -> types::RunStartedEvent {
    /// Takes a field unless it has another type.
    fn take<T: DeserializeOwned>(fields: &mut Row, name: &str) -> Option<T> {
        let value = Option::<T>::deserialize(fields.get(name)?).ok()?;
        fields.remove(name);
        value
    }
    let run_id = take(&mut extra, "runId");
    let conversation_id = take(&mut extra, "conversationId");
    types::RunStartedEvent { conversation_id, run_id, extra }
}
