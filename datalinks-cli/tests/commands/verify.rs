//! `datalinks ask --verify` and `datalinks ask verify`.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use datalinks_emulator::{Emulator, Fault};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::chat::{self, Asked};
use crate::support::{Ran, World, lines, parsed, text};

const QUESTION: [&str; 4] = ["ask", "Which film is the oldest?", "--namespace", "n"];

fn films(world: &World, year: u16) {
    world.ingest(
        "n",
        "films",
        &[json!({"title": "Alien", "year": year}), json!({"title": "Heat", "year": 1995})],
    );
}

/// Replaces the rows of the dataset.
fn change(world: &World, year: u16) {
    world.ok(&["dataset", "clear", "n/films", "--yes", "n/films"]);
    let rows = json!({ "data": [{ "title": "Alien", "year": year }, { "title": "Heat", "year": 1995 }] });
    world.ok(&["api", "POST", "/ingest/n/films", "--data", &rows.to_string()]);
}

fn saved(world: &World, more: &[&str]) -> PathBuf {
    let file = world.home.path().join("saved.ndjson");
    world.ok(&[&QUESTION[..], &["--save", text(&file)], more].concat());
    file
}

/// Returns a saved question as the first version of the format has it: without the line of digests.
fn of_first_version(saved: &str) -> String {
    let end = saved.trim_end().rfind('\n').unwrap() + 1;
    saved[..end].replacen("\"version\":2", "\"version\":1", 1)
}

/// A world whose agent has a model: it looks for a film and for people, and its answer names values that are in no row.
fn with_model(on_answer: impl Fn() + Send + 'static) -> World {
    let url = chat::start(move |asked| match asked {
        Asked::Plan => json!({ "steps": ["Find the film.", "Find people."], "reasoning": "two" }),
        Asked::Query(material) if material.contains("\"step\":\"Find the film.\"") => {
            json!({ "query": "Ontology(\"n/films\").filter(title == Alien)", "reasoning": "the film" })
        }
        Asked::Query(_) => {
            json!({ "query": "Ontology(\"n/people\").sortAscending(name)", "reasoning": "the people" })
        }
        Asked::Answer => {
            on_answer();
            json!({ "response": "Alien is from 1979. It was directed by James Cameron. He made 3 of them." })
        }
    });
    let world = World::with(Emulator::builder().model_url(url));
    films(&world, 1979);
    world.ingest("n", "people", &[json!({"name": "Ridley Scott"}), json!({"name": "Michael Mann"})]);
    world
}

#[test]
fn answer_holds_until_a_row_changes() {
    let world = World::new();
    films(&world, 1979);
    let file = saved(&world, &[]);
    let verify = ["ask", "verify", text(&file)];
    let ran = world.run(&verify);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "step 1 holds: 1 row\n", ""));

    change(&world, 1980);
    let ran = world.run(&verify);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(
        ran.out,
        "step 1 changed: 1 row missing, 1 row new\n  Ontology(\"n/films\").sortAscending(year).limit(1)\n  \
         missing: {\"title\":\"Alien\",\"year\":1979}\n  new: {\"title\":\"Alien\",\"year\":1980}\n"
    );
    assert_eq!(ran.err, "error: step 1 of the answer does not hold\n");

    let ran = world.run(&[&verify[..], &["--output", "json"]].concat());
    let object = parsed(&ran.out);
    assert_eq!((ran.code, &object["holds"]), (1, &json!(false)));
    let step = &object["steps"][0];
    assert_eq!((&step["index"], &step["outcome"]), (&json!(0), &json!("changed")));
    assert_eq!(step["missing"], json!([{"title": "Alien", "year": 1979}]));
    assert_eq!(step["added"], json!([{"title": "Alien", "year": 1980}]));
    assert_eq!(
        (&step["missingRows"], &step["addedRows"], &step["foundRows"]),
        (&json!(1), &json!(1), &json!(1))
    );

    change(&world, 1979);
    assert_eq!(world.run(&verify).code, 0);
}

#[test]
fn steps_of_a_model_are_verified_one_by_one() {
    let world = with_model(|| {});
    let file = saved(&world, &[]);
    let hint = "in no row: \"James Cameron\"\n  It was directed by James Cameron.\nin no row: \"3\"\n  He made 3 of them.\n";
    let asked = world.emulator.requests().len();
    let ran = world.run(&["ask", "verify", text(&file)]);
    assert_eq!(
        (ran.code, ran.out),
        (0, format!("step 1 holds: 1 row\nstep 2 holds: 2 rows\n{hint}")),
        "{}",
        ran.err
    );
    // Nothing was asked again.
    let requests = world.emulator.requests();
    assert!(
        requests[asked..].iter().all(|request| request.path.ends_with("/query")),
        "{:?}",
        &requests[asked..]
    );

    world.ok(&[
        "api",
        "POST",
        "/ingest/n/people",
        "--data",
        "{\"data\":[{\"name\":\"Ana\"},{\"name\":\"Bo\"}]}",
    ]);
    let ran = world.run(&["ask", "verify", text(&file)]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.starts_with("step 1 holds: 1 row\nstep 2 changed: 2 rows new\n"), "{}", ran.out);
    assert!(ran.out.contains("  new: {\"name\":\"Ana\"}\n  new: {\"name\":\"Bo\"}\n"), "{}", ran.out);
    assert_eq!(ran.err, "error: step 2 of the answer does not hold\n");
}

#[test]
fn live_answer_is_verified_after_it_came() {
    let world = with_model(|| {});
    let verify = [&QUESTION[..], &["--verify"]].concat();
    let ran = world.run(&verify);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.out, "Alien is from 1979. It was directed by James Cameron. He made 3 of them.\n");
    assert!(
        ran.err.contains("\nstep 1 holds: 1 row\nstep 2 holds: 2 rows\nin no row: \"James Cameron\"\n"),
        "{}",
        ran.err
    );

    let events = lines(&world.ok(&[&verify[..], &["--output", "ndjson"]].concat()));
    let last = events.last().unwrap();
    assert_eq!((&last["name"], &last["data"]["holds"]), (&json!("verification"), &json!(true)));
    let object = parsed(&world.ok(&[&verify[..], &["--output", "json"]].concat()));
    assert_eq!(object["verification"], last["data"]);
    assert_eq!(object["verification"]["unsupported"][0]["values"], json!(["James Cameron"]));
}

#[test]
fn live_answer_whose_rows_change_meanwhile_does_not_hold() {
    let address: Arc<OnceLock<(String, String)>> = Arc::default();
    let known = Arc::clone(&address);
    // A row comes while the model answers.
    let world = with_model(move || {
        let (url, key) = known.get().unwrap();
        let rest = url.strip_prefix("http://").unwrap();
        let (host, prefix) = rest.split_once('/').map_or((rest, ""), |(host, prefix)| (host, prefix));
        let body = "{\"data\":[{\"name\":\"Ana\"}]}";
        let mut connection = TcpStream::connect(host).unwrap();
        let head = format!(
            "POST /{prefix}/ingest/n/people HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {key}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        connection.write_all(head.as_bytes()).unwrap();
        let mut response = String::new();
        connection.read_to_string(&mut response).unwrap();
        assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    });
    address.set((world.emulator.api_url().to_string(), world.emulator.api_key().to_owned())).unwrap();
    let file = world.home.path().join("saved.ndjson");
    let ran = world.run(&[&QUESTION[..], &["--verify", "--save", text(&file)]].concat());
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.starts_with("Alien is from 1979."), "the answer was paid for: {}", ran.out);
    assert!(ran.err.contains("step 2 changed: 1 row new\n"), "{}", ran.err);
    assert!(ran.err.ends_with("error: step 2 of the answer does not hold\n"), "{}", ran.err);
    assert!(file.exists());
}

#[test]
fn file_that_appears_while_a_question_is_asked_is_not_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("saved.ndjson");
    let appearing = file.clone();
    let world = with_model(move || std::fs::write(&appearing, "other").unwrap());
    let ran = world.run(&[&QUESTION[..], &["--save", text(&file)]].concat());
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.starts_with("Alien is from 1979."), "the answer was paid for: {}", ran.out);
    assert!(ran.err.contains("cannot write") && ran.err.contains("saved.ndjson"), "{}", ran.err);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "other");
}

#[test]
fn saved_question_can_be_verified_elsewhere() {
    let world = World::new();
    films(&world, 1979);
    let file = saved(&world, &[]);
    let other = World::new();
    // The exit code is that of the failed query: its dataset is not there.
    let ran = other.run(&["ask", "verify", text(&file)]);
    assert_eq!(ran.code, 5, "{ran:?}");
    assert!(ran.out.starts_with("step 1 failed: queryData failed: "), "{}", ran.out);
    films(&other, 1979);
    assert_eq!(other.ok(&["ask", "verify", text(&file)]), "step 1 holds: 1 row\n");
    // The request names the owner, so that the file means the same namespace for other users.
    let ran = other.run(&["ask", "verify", text(&file), "--curl"]);
    assert!(ran.err.contains("\"username\":\"ana\",\"namespace\":\"n\""), "{}", ran.err);
}

#[test]
fn digests_can_be_checked_by_others() {
    let world = World::new();
    films(&world, 1979);
    let file = saved(&world, &[]);
    let content = std::fs::read_to_string(&file).unwrap();
    let start = content.trim_end().rfind('\n').unwrap() + 1;
    let end = parsed(&content[start..]);
    let hex =
        |bytes: &[u8]| -> String { Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect() };
    assert_eq!(end["format"], "datalinks-ask-end");
    assert_eq!(end["digest"], format!("sha256:{}", hex(&content.as_bytes()[..start])));
    let row = hex(br#"{"title":"Alien","year":1979}"#);
    let of_rows = format!("sha256:{}", hex(format!("{row}\n").as_bytes()));
    assert_eq!(end["steps"], json!([{"index": 0, "rows": 1, "rowsDigest": of_rows}]));
    let verified = parsed(&world.ok(&["ask", "verify", text(&file), "-o", "json"]));
    assert_eq!(verified["steps"][0]["rowsDigest"], of_rows);

    let other = world.file("other.ndjson", &content.replace("1979", "1978"));
    for verb in ["replay", "verify"] {
        let ran = world.run(&["ask", verb, text(&other)]);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{verb}: {}", ran.err);
        assert!(
            ran.err.contains("the file is not as it was saved: its digest differs"),
            "{verb}: {}",
            ran.err
        );
    }
}

#[test]
fn files_of_the_first_version_have_no_digest() {
    let world = World::new();
    films(&world, 1979);
    let file = saved(&world, &[]);
    let content = std::fs::read_to_string(&file).unwrap();
    let first = of_first_version(&content).replacen("\"owner\":\"ana\"", "\"owner\":\"self\"", 1);
    let old = world.file("old.ndjson", &first);
    assert_eq!(
        world.ok(&["ask", "replay", text(&old), "--quiet"]),
        world.ok(&["ask", "replay", text(&file), "--quiet"])
    );
    assert_eq!(world.ok(&["ask", "verify", text(&old)]), "step 1 holds: 1 row\n");
}

#[test]
fn answers_that_cannot_be_verified_are_failures() {
    let world = World::new();
    films(&world, 1979);
    let file = saved(&world, &[]);
    let verify = ["ask", "verify", text(&file)];
    let ran = Ran::of(world.command(&verify).env("DL_HOST", "http://127.0.0.1:1").output().unwrap());
    assert_eq!(ran.code, 6, "{ran:?}");
    assert!(ran.out.starts_with("step 1 failed: "), "{}", ran.out);
    let ran = Ran::of(world.command(&verify).env("DL_API_KEY", "wrong").output().unwrap());
    assert_eq!(ran.code, 4, "{ran:?}");

    // A step without a query, no step, and no answer.
    let content = std::fs::read_to_string(&file).unwrap();
    let first = of_first_version(&content);
    let query = "\"query\":\"Ontology(\\\"n/films\\\").sortAscending(year).limit(1)\"";
    assert!(first.contains(query), "{first}");
    let other = world.file("other.ndjson", &first.replace(query, "\"query\":\"\""));
    let ran = world.run(&["ask", "verify", text(&other)]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.starts_with("step 1 cannot be repeated: the step has no query\n"), "{}", ran.out);
    let without: String =
        first.split_inclusive('\n').filter(|line| !line.starts_with("{\"name\":\"step\"")).collect();
    let ran = world.run(&["ask", "verify", text(&world.file("other.ndjson", &without))]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("the answer has no steps, so there is nothing to verify"), "{}", ran.err);
    let failed: String = first
        .split_inclusive('\n')
        .map(|line| {
            if line.starts_with("{\"name\":\"answer\"") {
                "{\"name\":\"error\",\"data\":{\"message\":\"no\"}}\n"
            } else {
                line
            }
        })
        .collect();
    let ran = world.run(&["ask", "verify", text(&world.file("other.ndjson", &failed))]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{ran:?}");
    assert!(ran.err.contains("the saved question has no answer"), "{}", ran.err);
}

#[test]
fn other_choice_of_unsorted_rows_is_explained() {
    let world = World::new();
    films(&world, 1979);
    let file = saved(&world, &[]);
    let content = std::fs::read_to_string(&file).unwrap();
    let other =
        of_first_version(&content).replace(".sortAscending(year).limit(1)", ".filter(year > 1990).limit(1)");
    let ran = world.run(&["ask", "verify", text(&world.file("other.ndjson", &other))]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("next: a query limits rows that it does not sort"), "{}", ran.err);
}

/// The answer was paid for, so Ctrl-C during the verification prints it.
#[cfg(unix)]
#[test]
fn ctrl_c_while_an_answer_is_verified_prints_the_answer() {
    let world = World::new();
    films(&world, 1979);
    world.emulator.faults().inject(Fault::new("queryData").delay(Duration::from_secs(600))).unwrap();
    let mut command = world.command(&[&QUESTION[..], &["--verify"]].concat());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    world.wait_until_held(&mut child);
    crate::support::interrupt(&child);
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 130, "{ran:?}");
    assert!(ran.out.contains("Alien"), "{}", ran.out);
}

/// A file is read twice. A pipe waited for ever at the second time.
#[cfg(unix)]
#[test]
fn file_that_cannot_be_read_twice_is_rejected() {
    let world = World::new();
    let ran = world.run(&["ask", "verify", "/dev/null"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("/dev/null, which is not a regular file"), "{ran:?}");
}
