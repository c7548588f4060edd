//! `datalinks api`.

use crate::support::{World, parsed, text};

#[test]
fn body_of_the_response_is_printed_as_it_came() {
    let world = World::new();
    let user = parsed(&world.ok(&["api", "GET", "/user/me"]));
    assert_eq!(user["username"], "ana");
    let ran = world.run(&["api", "POST", "/ingest/new/n/d", "--data", "{}"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let file = world.file("query.json", r#"{"username":"self","namespace":"n","query":"Ontology(d)"}"#);
    let answer = world.ok(&["api", "POST", "/query", "--data", &format!("@{}", text(&file))]);
    assert!(answer.starts_with("{\"data\":[]"), "{answer}");
}

#[test]
fn events_are_printed_as_they_come() {
    let world = World::new();
    world.ingest("n", "d", &[serde_json::json!({"a": 1})]);
    let question = r#"{"username":"self","namespace":"n","query":"?"}"#;
    let events = world.ok(&["api", "POST", "/query/ask", "--data", question]);
    assert!(events.contains("event: plan\n") && events.contains("event: answer\n"), "{events}");
}

#[test]
fn other_statuses_are_failures() {
    let world = World::new();
    let ran = world.run(&["api", "GET", "/no/such/path"]);
    assert_eq!((ran.code, ran.out.as_str()), (5, ""), "{}", ran.err);
}
