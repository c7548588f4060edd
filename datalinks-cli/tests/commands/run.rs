//! `datalinks run` and `datalinks conversation`.

use datalinks_emulator::Emulator;
use serde_json::{Value, json};

use crate::support::{World, parsed};

const NO_RUN: &str = "c2f8a9d3-90b1-4f57-b6a0-1f5be3a7d7e3";

/// A world in which one question was asked, and the events of its run.
fn asked(world: World) -> (World, Value) {
    world.ingest("n", "films", &[json!({"title": "Alien \u{1b}[2J", "year": 1979})]);
    let out = world.ok(&["ask", "Which film is the oldest?", "--namespace", "n", "-o", "json"]);
    let asked = serde_json::from_str(&out).unwrap();
    (world, asked)
}

#[test]
fn run_is_shown_and_waited_for() {
    let (world, asked) = asked(World::new());
    let id = asked["runId"].as_str().unwrap();
    let shown = parsed(&world.ok(&["run", "show", id, "-o", "json"]));
    let fields: Vec<&String> = shown.as_object().unwrap().keys().collect();
    let expected =
        ["agentKind", "answer", "canResume", "error", "lastNodeId", "question", "result", "runId", "status"];
    assert_eq!(fields, expected);
    assert_eq!((&shown["status"], &shown["answer"]), (&json!("completed"), &asked["answer"]));
    assert!(shown["result"]["steps"].is_array(), "{shown}");
    assert_eq!(parsed(&world.ok(&["run", "wait", id, "-o", "json"])), shown);
    assert_eq!(
        world.ok(&["run", "wait", id]).trim_end(),
        asked["answer"].as_str().unwrap().replace('\u{1b}', "\\x1b")
    );
    let table = world.ok(&["run", "show", id]);
    assert!(table.contains("status      completed\n") && !table.contains('\u{1b}'), "{table}");
    assert!(world.ok(&["run", "show", id, "-o", "csv"]).starts_with("runId,agentKind,"));
    assert_eq!(world.ok(&["run", "show", id, "-o", "ndjson"]).lines().count(), 1);
}

#[test]
fn run_that_has_ended_cannot_be_resumed() {
    let (world, asked) = asked(World::new());
    let id = asked["runId"].as_str().unwrap();
    let ran = world.run(&["run", "resume", id]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{}", ran.err);
    assert!(
        ran.err.contains("its state is completed") && ran.err.contains(&format!("datalinks run show {id}")),
        "{}",
        ran.err
    );
}

#[test]
fn failed_run_is_a_failure() {
    let world = World::new();
    let ran = world.run(&["ask", "?", "--namespace", "n", "-o", "json"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let id = parsed(&ran.out)["runId"].as_str().unwrap().to_owned();
    let ran = world.run(&["run", "wait", &id, "-o", "json"]);
    assert_eq!((ran.code, &parsed(&ran.out)["status"]), (1, &json!("failed")), "{}", ran.err);
    assert!(ran.err.contains("error: the run failed: "), "{}", ran.err);
    assert_eq!(world.run(&["run", "show", &id]).code, 0);
    assert_eq!(world.run(&["run", "rate", &id, "up"]).code, 1);
}

#[test]
fn run_is_rated_and_deleted() {
    let (world, asked) = asked(World::new());
    let id = asked["runId"].as_str().unwrap();
    let ran = world.run(&["run", "rate", id, "down", "--comment", "wrong year"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err), (0, "", format!("rated run {id}\n")));
    let change = parsed(&world.ok(&["run", "rate", id, "up", "-o", "json"]));
    assert_eq!(change, json!({"runId": id, "change": "rated"}));
    let change = parsed(&world.ok(&["run", "delete", id, "-o", "json"]));
    assert_eq!(change, json!({"runId": id, "change": "deleted"}));
    assert_eq!(world.run(&["run", "show", id]).code, 5);
}

#[test]
fn run_that_does_not_exist_is_not_found() {
    let world = World::new();
    for arguments in [
        &["run", "show", NO_RUN][..],
        &["run", "wait", NO_RUN],
        &["run", "resume", NO_RUN],
        &["run", "rate", NO_RUN, "up"],
        &["run", "delete", NO_RUN],
        &["conversation", "show", NO_RUN],
    ] {
        let ran = world.run(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (5, ""), "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains("datalinks conversation list"), "{arguments:?}: {}", ran.err);
    }
    assert_eq!(world.run(&["run", "show", "7"]).code, 2);
    assert_eq!(world.run(&["run", "rate", NO_RUN, "sideways"]).code, 2);
}

#[test]
fn run_that_has_ended_is_not_resumed_at_a_checkpoint() {
    let (world, asked) = asked(World::with(Emulator::builder().checkpoints(true)));
    let id = asked["runId"].as_str().unwrap();
    assert_eq!(world.run(&["run", "resume", id, "-o", "ndjson"]).code, 1);
}

#[test]
fn conversations_are_listed_and_shown() {
    let (world, asked) = asked(World::new());
    let id = asked["conversationId"].as_str().unwrap();
    world.ok(&["ask", "And the newest?", "--namespace", "n", "--conversation", id]);
    let listed = parsed(&world.ok(&["conversation", "list", "--namespace", "n", "-o", "json"]));
    let fields: Vec<&String> = listed[0].as_object().unwrap().keys().collect();
    assert_eq!(fields, ["createdAt", "id", "title", "updatedAt"]);
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["id"]), (1, &json!(id)));
    assert!(world.ok(&["conversation", "list", "--dataset", "n/films"]).contains(id));
    let shown = parsed(&world.ok(&["conversation", "show", id, "-o", "json"]));
    assert_eq!(shown["turns"][0]["runId"], asked["runId"]);
    assert_eq!(shown["turns"][0]["answer"], asked["answer"]);
    assert_eq!(
        (shown["turns"].as_array().unwrap().len(), &shown["turns"][1]["question"]),
        (2, &json!("And the newest?"))
    );
    let table = world.ok(&["conversation", "show", id]);
    assert!(
        table.starts_with("runId") && table.contains("And the newest?") && !table.contains('\u{1b}'),
        "{table}"
    );
    assert_eq!(world.ok(&["conversation", "list", "--namespace", "other", "-o", "json"]), "[]\n");
    assert_eq!(world.run(&["conversation", "list"]).code, 2);
}
