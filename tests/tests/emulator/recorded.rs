//! The response to every recorded request has the recorded status and a body of the recorded shape.

use std::collections::BTreeSet;

use datalinks_gen::StreamKind;
use datalinks_tests::difference::{apply, assert_all_shown};
use datalinks_tests::recordings::{self, Exchange};
use datalinks_tests::world::{self, Answer, World, key};
use serde_json::Value;

use crate::differences::DIFFERENCES;
use crate::shape::differences;

#[tokio::test]
async fn recorded_calls_get_responses_of_the_recorded_shape() {
    let mut found = Vec::new();
    let mut applied = BTreeSet::new();
    let http = world::client();
    for recording in recordings::all() {
        for mut exchange in recording.exchanges {
            applied.extend(apply(DIFFERENCES, &mut exchange));
            // Each call has its own world, so that calls do not affect each other.
            let world = World::start(&http).await;
            let ready = world.ready(&exchange).await;
            let answer = world.send(&ready, Some(&key("ana"))).await;
            // Tests of the emulator report operations without a handler, which return 501.
            if !world.answers(&exchange.operation_id) {
                assert_eq!((answer.status, answer.label()), (501, "unsupported"), "{}", recording.id);
                continue;
            }
            for difference in judged(&exchange, &answer) {
                found.push(format!("{}, {}: {difference}", recording.id, exchange.operation_id));
            }
        }
    }
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
    assert_all_shown(DIFFERENCES, applied);
}

fn judged(exchange: &Exchange, answer: &Answer) -> Vec<String> {
    if answer.status != exchange.response.status {
        return vec![format!(
            "recorded status {}, actual status {} {}",
            exchange.response.status, answer.status, answer.body
        )];
    }
    let recorded = exchange.response.whole_body();
    match exchange.operation().stream {
        // The selection of events depends on the run. The shape requires events of this kind.
        Some(kind) => events(kind, &answer.body).err().into_iter().collect(),
        // A response to an operation with an empty recorded body may have one, because older responses were
        // empty.
        None if recorded.is_empty() => Vec::new(),
        None => {
            let recorded: Value = serde_json::from_str(&recorded).unwrap();
            differences(&exchange.operation_id, &recorded, &answer.json())
        }
    }
}

/// Checks the events of a stream, which must not be empty.
fn events(kind: StreamKind, body: &str) -> Result<(), String> {
    let readable = match kind {
        StreamKind::Sse => body.split_terminator("\n\n").all(|event| {
            let data = event.strip_prefix("event: ").and_then(|event| event.split_once("\ndata: "));
            data.is_some_and(|(_, data)| serde_json::from_str::<Value>(data).is_ok())
        }),
        StreamKind::Ndjson => body
            .lines()
            .all(|line| serde_json::from_str::<Value>(line).is_ok_and(|event| event["type"].is_string())),
    };
    if readable && !body.is_empty() { Ok(()) } else { Err(format!("contains no events: {body:?}")) }
}
