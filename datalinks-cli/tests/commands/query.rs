//! `datalinks query`.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::{Ran, World, parsed};

fn films() -> World {
    let world = World::new();
    let rows = [
        json!({"title": "Alien", "year": 1979, "_note": "x"}),
        json!({"title": "Ran \u{1b}[2J", "year": 1985}),
        json!({"title": "Heat", "year": 1995, "by": ["Mann"]}),
    ];
    world.ingest("n", "films", &rows);
    world
}

#[test]
fn all_formats_have_the_same_rows() {
    let world = films();
    let query = "Ontology(\"n/films\").sortAscending(year)";
    let json = world.ok(&["query", query, "--output", "json"]);
    let rows: Vec<Value> = serde_json::from_str(&json).unwrap();
    assert_eq!(rows[0], json!({"title": "Alien", "year": 1979}));
    assert_eq!(rows.len(), 3);
    let lines = world.ok(&["query", query, "--output", "ndjson"]);
    let from_lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(from_lines, rows);
    let csv = world.ok(&["query", query, "--output", "csv"]);
    assert_eq!(csv, "title,year,by\nAlien,1979,\nRan \u{1b}[2J,1985,\nHeat,1995,\"[\"\"Mann\"\"]\"\n");
    let table = world.ok(&["query", query]);
    assert_eq!(
        table,
        "title        year  by\n\
         Alien        1979\n\
         Ran \\x1b[2J  1985\n\
         Heat         1995  [\"Mann\"]\n"
    );
    let columns = world.ok(&["query", query, "--metadata-columns", "--output", "csv"]);
    assert!(columns.starts_with("_note,title,year,by\nx,Alien,1979,\n"), "{columns}");
}

#[test]
fn dataset_without_a_query_has_all_rows() {
    let world = films();
    assert_eq!(world.ok(&["query", "--dataset", "n/films", "--output", "ndjson"]).lines().count(), 3);
    let limited = "Ontology(films).limit(1)";
    assert_eq!(world.ok(&["query", limited, "--namespace", "n", "--output", "ndjson"]).lines().count(), 1);
    let ran = world.run(&["query", limited]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("no namespace is given"), "{}", ran.err);
}

#[test]
fn question_shows_the_query_that_ran() {
    let world = films();
    let ran = world.run(&["query", "-n", "films of 1979", "--dataset", "n/films", "--output", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("query: Ontology"), "{}", ran.err);
    serde_json::from_str::<Vec<Value>>(&ran.out).unwrap();
}

#[test]
fn explanation_is_a_tree_or_an_object() {
    let world = films();
    let query = "Ontology(\"n/films\").limit(2)";
    let tree = world.ok(&["query", "--explain", query]);
    assert!(tree.contains("n/films  "), "{tree}");
    let object = parsed(&world.ok(&["query", "--explain", query, "-o", "json"]));
    assert!(object["rows"].is_number() && object["children"].is_array(), "{object}");
}

#[test]
fn wrong_query_is_shown_with_its_place() {
    let world = films();
    let ran = world.run(&["query", "Ontology(\"n/films\").filter(year >)", "--namespace", "n"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let lines: Vec<&str> = ran.err.lines().collect();
    let at = lines.iter().position(|line| line.trim() == "^").unwrap_or_else(|| panic!("{}", ran.err));
    assert_eq!(lines[at].find('^'), lines[at - 1].find(">)").map(|at| at + 1), "{}", ran.err);
    assert_eq!(ran.out, "");
}

#[test]
fn unknown_column_of_an_empty_result_is_noted() {
    let world = films();
    let ran = world.run(&["query", "Ontology(\"n/films\").filter(yaer > 1)", "--output", "json"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "[]\n"));
    assert!(ran.err.contains("n/films has no column \"yaer\"; did you mean \"year\"?"), "{}", ran.err);
}

#[test]
fn query_that_is_too_long_is_not_cut() {
    let world = films();
    let mut command = world.command(&["query", "-"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let query = "Ontology(\"n/films\")".to_owned() + &" ".repeat(16 * 1024 * 1024);
    // The command stops to read.
    let _ = child.stdin.take().unwrap().write_all(query.as_bytes());
    let before = world.emulator.requests().len();
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{}", ran.err);
    assert!(ran.err.contains("standard input is longer than 16777216 bytes"), "{}", ran.err);
    assert_eq!(world.emulator.requests().len(), before);
}

#[test]
fn question_without_its_option_is_recognized() {
    let ran = films().run(&["query", "how many films are there", "--namespace", "n"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("next: a question in natural language needs -n"), "{}", ran.err);
}

#[test]
fn dataset_that_does_not_exist_has_a_likely_name() {
    let world = films();
    for arguments in [["query", "Ontology(\"n/flims\").limit(1)"], ["query", "--dataset=n/flims"]] {
        let ran = world.run(&arguments);
        assert_eq!(ran.code, 5, "{}", ran.err);
        assert!(ran.err.contains("next: did you mean n/films?\n"), "{}", ran.err);
    }
}
