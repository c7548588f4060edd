//! The commands of `tests/operations.txt`: the emulator records the operations that they send.

use std::collections::BTreeSet;

use datalinks_emulator::Emulator;
use serde_json::Value;

use crate::support::{Ran, World};

/// A line counts if the operation is sent, whatever the response is. Other tests show what the commands do with it.
#[test]
fn every_command_sends_its_operations() {
    let world = World::with(Emulator::builder().user("bo", "key-of-bo"));
    world.file("films.csv", "title,director\nAlien,Scott\nHeat,Mann\n");
    world.file("people.csv", "name\nScott\nMann\n");
    let (mut problems, mut id) = (Vec::new(), String::new());
    for line in include_str!("../operations.txt").lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let columns: Vec<&str> = line.splitn(3, '|').map(str::trim).collect();
        let [operation, command, arguments] = columns[..] else { panic!("{line}") };
        if command == "none" {
            continue;
        }
        let arguments = arguments.replace("$id", &id);
        let command = command.strip_prefix("datalinks ").unwrap();
        let arguments: Vec<&str> = command.split(' ').chain(arguments.split_whitespace()).collect();
        let before = world.emulator.requests().len();
        let mut program = world.command(&arguments);
        program.env("DL_INGEST_PROXY", world.emulator.proxy_url());
        let ran = Ran::of(program.output().unwrap());
        let requests = world.emulator.requests();
        let sent: BTreeSet<&str> =
            requests[before..].iter().filter_map(|request| request.operation).collect();
        if let Ok(Value::Object(output)) = serde_json::from_str(&ran.out) {
            id = output.get("id").and_then(Value::as_str).unwrap_or(&id).to_owned();
        }
        if !sent.contains(operation) {
            problems.push(format!("{line}\n  sends {sent:?}: {}", ran.err.trim_end()));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
