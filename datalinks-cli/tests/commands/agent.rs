//! `datalinks agent`.

use datalinks_emulator::Fault;
use serde_json::{Value, json};

use crate::support::{World, parsed};

fn films() -> World {
    let world = World::new();
    world.ingest("n", "films", &[json!({"title": "Alien \u{1b}[2J", "year": 1979})]);
    world
}

fn ask<'a>(agent: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["agent", "ask", agent, "Which film is the oldest?", "--namespace", "n"][..], more].concat()
}

#[test]
fn agents_are_listed_and_described() {
    let world = World::new();
    let listed = parsed(&world.ok(&["agent", "list", "-o", "json"]));
    let names: Vec<&Value> = listed.as_array().unwrap().iter().map(|agent| &agent["name"]).collect();
    assert!(names.contains(&&json!("assistant")) && names.contains(&&json!("nl2ql")), "{listed}");
    let table = world.ok(&["agent", "list"]);
    assert!(table.starts_with("name") && table.contains("\nassistant "), "{table}");
    for more in [&[][..], &["--extended"]] {
        let arguments = [&["agent", "card", "assistant"], more].concat();
        let card = parsed(&world.ok(&[&arguments[..], &["-o", "json"]].concat()));
        let fields: Vec<&String> = card.as_object().unwrap().keys().collect();
        let expected = [
            "capabilities",
            "defaultInputModes",
            "defaultOutputModes",
            "description",
            "name",
            "preferredTransport",
            "skills",
            "supportedInterfaces",
            "version",
        ];
        assert_eq!(fields, expected);
        let text = world.ok(&arguments);
        assert!(text.contains(card["description"].as_str().unwrap()), "{text}");
        assert!(text.contains(card["skills"][0]["id"].as_str().unwrap()), "{text}");
    }
    let ran = world.run(&["agent", "card", "asistant"]);
    assert_eq!(ran.code, 5);
    assert!(ran.err.contains("did you mean assistant?"), "{}", ran.err);
}

#[test]
fn assistant_answers_and_shows_its_steps() {
    let world = films();
    let ran = world.run(&ask("assistant", &[]));
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("Alien \\x1b[2J"), "{}", ran.out);
    assert!(ran.err.contains("Ontology("), "{}", ran.err);
    assert!(![&ran.out, &ran.err].iter().any(|text| text.contains('\u{1b}')));
    let events: Vec<Value> = world.ok(&ask("assistant", &["-o", "ndjson"])).lines().map(parsed).collect();
    assert!(events.iter().all(|event| event.as_object().unwrap().len() == 1));
    assert_eq!(events.last().unwrap()["statusUpdate"]["status"]["state"], "TASK_STATE_COMPLETED");
    let answer = parsed(&world.ok(&ask("assistant", &["-o", "json"])));
    assert_eq!(answer["task"]["status"]["state"], "TASK_STATE_COMPLETED");
    let context = answer["task"]["contextId"].as_str().unwrap();
    let next = parsed(&world.ok(&ask("assistant", &["-o", "json", "--context-id", context])));
    assert_eq!(next["task"]["contextId"], context);
}

#[test]
fn rows_are_a_table() {
    let world = films();
    let ran = world.run(&ask("nl2ql", &[]));
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (0, "title          year\nAlien \\x1b[2J  1979\n"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("  Ontology("), "{}", ran.err);
}

#[test]
fn failures_have_exit_codes() {
    let world = films();
    let ran = world.run(&ask("nl2q", &[]));
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert!(ran.err.contains("did you mean nl2ql?"), "{}", ran.err);
    assert_eq!(world.run(&["agent", "ask", "nl2ql", "x"]).code, 2);
    assert_eq!(world.run(&["agent", "ask", "nl2ql", " ", "--namespace", "n"]).code, 2);
    let ran = world.run(&["agent", "ask", "nl2ql", "x", "--dataset", "bo/n/films"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    // A namespace without data: the task fails.
    for format in ["table", "json", "ndjson"] {
        let ran = world.run(&["agent", "ask", "assistant", "x", "--namespace", "empty", "-o", format]);
        assert_eq!(ran.code, 1, "{format}: {}", ran.err);
        assert!(ran.err.contains("error: "), "{}", ran.err);
    }
    world.emulator.faults().inject(Fault::new("a2aJsonRpc").cut_after(1)).unwrap();
    let ran = world.run(&ask("assistant", &[]));
    assert_eq!(ran.code, 7, "{}", ran.err);
    assert!(ran.err.contains("agents keep no tasks"), "{}", ran.err);
}
