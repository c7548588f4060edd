//! An event as a line of JSON: of the output, and of a saved question.

use datalinks::AskEvent;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// An event. `data` is `null` if the event has none.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line<'a> {
    name: &'a str,
    data: Option<Box<RawValue>>,
}

impl<'a> Line<'a> {
    /// Returns the line for an event.
    pub(super) fn of(event: &'a AskEvent) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Data {
            #[serde(default)]
            data: Option<Box<RawValue>>,
        }
        let Data { data } = serde_json::from_str(&serde_json::to_string(event)?)?;
        Ok(Self { name: event.name(), data })
    }
}

#[cfg(test)]
mod tests {
    use datalinks::ask::AskAnswer;

    use super::*;

    #[test]
    fn every_line_has_the_same_fields() {
        let line = |event: &AskEvent| serde_json::to_string(&Line::of(event).unwrap()).unwrap();
        assert_eq!(line(&AskEvent::PlanningStarted), r#"{"name":"planningStarted","data":null}"#);
        let answer = AskEvent::Answer(AskAnswer::new("1979"));
        assert_eq!(line(&answer), r#"{"name":"answer","data":{"response":"1979"}}"#);
        assert_eq!(serde_json::from_str::<AskEvent>(&line(&answer)).unwrap(), answer);
    }
}
