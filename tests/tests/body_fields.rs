//! Fields of request bodies that no handler of the emulator reads.
//!
//! Handlers take fields by name, and every access to a field is a `tracing` event. This test sends each
//! recorded request, as recorded and with every field that the document names, and compares the accessed fields
//! with the document. The test is a separate program, because the emulator reads on its own thread, and only
//! the global subscriber receives those events.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Mutex,
};

use datalinks_tests::{
    body_fields::{self, Bodies, LeftOut},
    recordings,
    world::{self, World, key},
};
use serde_json::json;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// Fields that the emulator accepts without reading them. An entry covers the fields below it.
const NOT_READ: &[LeftOut] = &[
    (
        "addLink",
        "options.bidirectional",
        "it applies to the search for links, and this request names its link",
    ),
    ("addLink", "options.ignorePrivateColumns", "the request names both columns"),
    ("addLink", "options.targetColumns", "the request names both columns"),
    ("autorag", "callerContext.facts", "the context is handed to the model as one JSON text"),
    ("autorag", "callerContext.turns", "the context is handed to the model as one JSON text"),
    ("autoragStream", "callerContext.facts", "the context is handed to the model as one JSON text"),
    ("autoragStream", "callerContext.turns", "the context is handed to the model as one JSON text"),
    ("createDataset", "visibility", "older clients send it, and every dataset is private all the same"),
    ("curateLinks", "provider", "the emulator has one model, which its settings name"),
    ("runPipeline", "datalinksInferenceSettings.ontologyCurationProvider", "the emulator has one model"),
    (
        "runPipeline",
        "datalinksInferenceSettings.provider",
        "the emulator has one model, which its settings name",
    ),
    ("runPipeline", "llm.provider", "the emulator has one model, which its settings name"),
    ("saveConnections", "add[].hits", "a link is saved as it is, and its hits follow from the rows"),
    ("saveConnections", "remove[].hits", "a link is removed whatever hits it had"),
];

/// The documentation of the emulator's decisions.
const DECISIONS: &str = include_str!("../../datalinks-emulator/docs/decisions.md");

/// The documentation must list the fields without an effect: in the table of such fields, or, for fields that
/// only a model reads, in the chapter on models.
#[test]
fn every_ignored_field_is_documented() {
    for (operation, field, _) in NOT_READ {
        let has = |text: &str, word: &str| text.contains(&format!("`{word}`"));
        let is_row = |line: &str| line.starts_with('|') && has(line, operation) && has(line, field);
        let for_a_model = field.split('.').next().is_some_and(|name| has(DECISIONS, name));
        let operation_is_asking = operation.starts_with("autorag");
        assert!(
            DECISIONS.lines().any(is_row) || (operation_is_asking && for_a_model),
            "{operation} {field} has no effect, which datalinks-emulator/docs/decisions.md does not document"
        );
    }
}

/// Fields that handlers accessed since the last check.
static ASKED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

struct Asked;

impl Subscriber for Asked {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "datalinks_emulator::body"
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut asked = Place::default();
        event.record(&mut asked);
        ASKED.lock().unwrap().insert(format!("{}{}", asked.at, asked.name));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// The path of a field, with `[]` for the index of an item.
#[derive(Default)]
struct Place {
    at: String,
    name: String,
}

impl Visit for Place {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "at" => {
                let parts = value.split('[').map(|part| part.split_once(']').map_or(part, |(_, rest)| rest));
                self.at = parts.collect::<Vec<_>>().join("[]");
            }
            "name" => value.clone_into(&mut self.name),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

#[tokio::test]
async fn every_body_field_is_read_or_listed_with_a_reason() {
    tracing::subscriber::set_global_default(Asked).unwrap();
    let http = world::client();
    let bodies = Bodies::default();
    let mut read: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for recording in recordings::all() {
        for exchange in recording.exchanges {
            let world = World::start(&http).await;
            if !world.answers(&exchange.operation_id) {
                continue;
            }
            let recorded = world.ready(&exchange).await;
            let body = recorded.json.clone().unwrap_or_else(|| json!({}));
            let Some(body) = bodies.filled(exchange.operation(), &body) else { continue };
            let mut full = recorded.clone();
            full.json = Some(body);
            for request in [recorded, full] {
                // Accesses during the setup of the world belong to other calls.
                ASKED.lock().unwrap().clear();
                world.send(&request, Some(&key("ana"))).await;
                let asked = std::mem::take(&mut *ASKED.lock().unwrap());
                read.entry(exchange.operation_id.clone()).or_default().extend(asked);
            }
        }
    }
    let lines = body_fields::compare(&read, NOT_READ);
    assert!(
        lines.is_empty(),
        "no handler of the emulator reads these fields ({}):\n{}\nOpen datalinks-emulator/src/api, and read the field \
         in the handler of the operation. If it cannot have an effect there, add it with the reason to NOT_READ in \
         tests/tests/body_fields.rs.",
        lines.len(),
        lines.join("\n")
    );
}
