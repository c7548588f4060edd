//! `datalinks ontology`.

use serde_json::{Value, json};

use crate::support::World;

#[test]
fn links_of_a_namespace_are_shown_once() {
    let world = World::new();
    world.ingest("n", "people", &[json!({"name": "Mann"})]);
    world.ingest("n", "films", &[json!({"title": "Heat", "director": "Mann"})]);
    assert_eq!(world.ok(&["ontology", "show", "--all-of", "n", "-o", "json"]), "[]\n");
    world.ok(&["link", "create", "n/films:director", "n/people:name"]);
    let all = world.ok(&["ontology", "show", "--all-of", "n", "--output", "json"]);
    let all: Vec<Value> = serde_json::from_str(&all).unwrap();
    let link = json!({
        "origin": "ana/n/films:director", "destination": "ana/n/people:name", "matchType": "ExactMatch", "hits": 1,
    });
    assert_eq!(all, [link]);
    let tree = world.ok(&["ontology", "show", "n/films"]);
    assert_eq!(tree, "ana/n/films\n└─ director → ana/n/people:name  ExactMatch, 1 hit\n");
}
