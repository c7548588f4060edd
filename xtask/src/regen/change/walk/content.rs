//! Bodies by media type, and the events of streams.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    super::{found::Place, kind::Kind},
    Walk,
};
use crate::regen::against::model::Content;

impl<'a> Walk<'_, 'a> {
    pub(super) fn content(&mut self, old: &Content<'a>, new: &Content<'a>, place: &Place) {
        // A parameter has a name, and a body has none.
        let field = Some(place.path.as_str()).filter(|path| !path.is_empty());
        for media in old.keys().filter(|media| !new.contains_key(*media)) {
            let values = [media.as_str().into(), Value::Null];
            self.changes.add(Kind::MediaTypeRemoved, place, field, values, &[]);
        }
        for (media, later) in new {
            let Some(earlier) = old.get(media) else {
                let values = [Value::Null, media.as_str().into()];
                self.changes.add(Kind::MediaTypeAdded, place, field, values, &[]);
                continue;
            };
            match (&earlier.events, &later.events) {
                (Some(earlier), Some(later)) => self.events(earlier, later, place),
                // Newly listed events describe the stream better, and the stream itself may be unchanged.
                _ => self.schemas(earlier.schema, later.schema, place.clone()),
            }
        }
    }

    /// Compares the events of a stream, which are choices that their names distinguish.
    fn events(
        &mut self,
        old: &BTreeMap<&'a str, &'a Value>,
        new: &BTreeMap<&'a str, &'a Value>,
        place: &Place,
    ) {
        let shown = |event: &str| format!("event={event}");
        for event in old.keys().filter(|event| !new.contains_key(*event)) {
            let values = [shown(event).into(), Value::Null];
            self.changes.at(Kind::ChoiceRemoved, place, values, &[]);
        }
        for (event, later) in new {
            match old.get(event) {
                Some(earlier) => self.schemas(earlier, later, place.then(&format!("<{}>", shown(event)))),
                None => {
                    let values = [Value::Null, shown(event).into()];
                    self.changes.at(Kind::ChoiceAdded, place, values, &[]);
                }
            }
        }
    }
}
