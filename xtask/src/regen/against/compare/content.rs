//! Bodies by media type, and the events of streams.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    super::{
        difference::{Kind, Location},
        model::{Content, Contract, Media},
        schemas::Kind as Type,
    },
    Comparison, only_in,
};

/// The name of an event whose schema is not named.
const INLINE: &str = "(inline schema)";

impl<'a> Comparison<'_, 'a> {
    pub(super) fn content(&mut self, ours: &Content<'a>, theirs: &Content<'a>, location: &Location) {
        for media in only_in(theirs.keys(), ours.keys()) {
            self.one_sided(Kind::MissingMediaType, location, media);
        }
        for media in only_in(ours.keys(), theirs.keys()) {
            self.one_sided(Kind::ExtraMediaType, location, media);
        }
        for (media, want) in theirs {
            let Some(have) = ours.get(media) else { continue };
            match (&have.events, &want.events) {
                (None, None) => self.schemas(have.schema, want.schema, location.clone()),
                (Some(have), Some(want)) => self.events(have, want, location),
                _ => self.events_or_union(have, want, location),
            }
        }
    }

    /// Compares events by key: the event's name or the name of its schema.
    fn events(
        &mut self,
        ours: &BTreeMap<&'a str, &'a Value>,
        theirs: &BTreeMap<&'a str, &'a Value>,
        location: &Location,
    ) {
        for event in only_in(theirs.keys(), ours.keys()) {
            self.one_sided(Kind::MissingEvent, location, event);
        }
        for event in only_in(ours.keys(), theirs.keys()) {
            self.one_sided(Kind::ExtraEvent, location, event);
        }
        for (event, want) in theirs {
            if let Some(have) = ours.get(event) {
                self.schemas(have, want, location.step(&format!(" {event}")));
            }
        }
    }

    /// Compares the events of one document, listed by name, with the stream of the other, whose schema is a union of
    /// the events or does not describe them.
    fn events_or_union(&mut self, ours: &Media<'a>, theirs: &Media<'a>, location: &Location) {
        let (have, want) = (by_schema(self.ours, ours), by_schema(self.theirs, theirs));
        if ours.events.is_some() {
            let theirs = if want.is_some() { "a union of their schemas" } else { "a stream of any" };
            self.differs(Kind::EventsDescribed, location, "", String::new(), theirs.to_owned());
        }
        match (have, want) {
            (Some(have), Some(want)) => self.events(&have, &want, location),
            (None, Some(want)) => self.events(&BTreeMap::new(), &want, location),
            (_, None) => {}
        }
    }
}

/// The events of a stream by the names of their schemas, or `None` if the document does not describe events.
fn by_schema<'a>(contract: &Contract<'a>, media: &Media<'a>) -> Option<BTreeMap<&'a str, &'a Value>> {
    let schemas = &contract.schemas;
    let named = |node: &'a Value| (schemas.name(node).unwrap_or(INLINE), node);
    if let Some(events) = &media.events {
        return Some(events.values().map(|node| named(node)).collect());
    }
    if let Some(members) = schemas.members(media.schema) {
        return Some(members.iter().map(named).collect());
    }
    let is_described = matches!(schemas.shape(media.schema).kind, Type::One("object"));
    is_described.then(|| BTreeMap::from([named(media.schema)]))
}
