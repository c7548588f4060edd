//! `datalinks ingest`.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;
use std::time::Duration;

use datalinks_emulator::Fault;
use serde_json::{Value, json};

use crate::support::{Ran, World, parsed, text};

/// Returns the number of rows of a dataset.
fn rows(world: &World, dataset: &str) -> u64 {
    let shown = parsed(&world.ok(&["dataset", "show", dataset, "-o", "json"]));
    shown["rowCount"].as_u64().unwrap()
}

/// A frame of zstd with one block that is not compressed.
fn zstd(content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap();
    let header = (u32::from(length) << 3 | 1).to_le_bytes();
    [&[0x28, 0xB5, 0x2F, 0xFD, 0x20, length], &header[..3], content].concat()
}

/// `{"n":4}` and `{"n":5}`, compressed by gzip.
const GZIP: &[u8] = &[
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 202, 83, 178, 50, 169, 229, 170, 6, 209, 166, 181, 92, 0, 130,
    124, 128, 202, 16, 0, 0, 0,
];

#[test]
fn files_of_all_formats_are_read() {
    let world = World::new();
    world.file("1.csv", "n\n1\n2\n");
    world.file("2.json", r#"[{"n":3}]"#);
    std::fs::write(world.home.path().join("3.ndjson.gz"), GZIP).unwrap();
    std::fs::write(world.home.path().join("4.ndjson.zst"), zstd(b"{\"n\":6}\n")).unwrap();
    let arguments =
        ["ingest", "[1-3].*", "4.ndjson.zst", "--infer-types", "--dataset", "n/d", "--create", "-o", "json"];
    let result = parsed(&world.ok(&arguments));
    assert_eq!(
        (&result["stored"], &result["complete"], &result["dataset"]),
        (&json!(6), &json!(true), &json!("n/d"))
    );
    let lines = world.ok(&["query", "Ontology(\"n/d\").sortAscending(n)", "-o", "csv"]);
    assert_eq!(lines, "n\n1\n2\n3\n4\n5\n6\n");
    let ran = world.run(&["ingest", "none.csv", "--dataset", "n/d"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("none.csv"), "{}", ran.err);
}

#[test]
fn standard_input_needs_a_format() {
    let world = World::new();
    let run = |arguments: &[&str]| {
        let mut child = world
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that fails before it reads closes the pipe.
        let _ = child.stdin.take().unwrap().write_all(b"{\"n\":1}\n{\"n\":2}\n");
        Ran::of(child.wait_with_output().unwrap())
    };
    let ran = run(&["ingest", "-", "--format", "ndjson", "--dataset", "n/d", "--create", "-o", "ndjson"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(parsed(&ran.out)["stored"], 2);
    let ran = run(&["ingest", "-", "--dataset", "n/d"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("--format"), "{}", ran.err);
    assert_eq!(run(&["ingest", "-", "x.csv", "--format", "csv", "--dataset", "n/d"]).code, 2);
}

#[test]
fn dry_run_counts_the_batches_of_a_run_and_sends_nothing() {
    let world = World::new();
    let lines: String =
        (0..1_234).map(|n| format!("{{\"n\":{n},\"text\":\"{}\"}}\n", "x".repeat(n % 50))).collect();
    world.file("rows.ndjson", &lines);
    let limits = [
        "ingest",
        "rows.ndjson",
        "--dataset",
        "n/d",
        "--batch-size",
        "100",
        "--max-batch-bytes",
        "2kB",
        "-o",
        "json",
    ];
    let plan = parsed(&world.ok(&[&limits[..], &["--dry-run"]].concat()));
    assert!(world.emulator.requests().is_empty());
    assert_eq!(plan["rows"], 1_234);
    assert_eq!(plan["preview"].as_array().unwrap().len(), 5);
    let result = parsed(&world.ok(&[&limits[..], &["--create"]].concat()));
    assert_eq!((&result["batches"], &result["bytes"]), (&plan["batches"], &plan["bytes"]));
    assert!(plan["batches"].as_u64().unwrap() > 13, "{plan}");
}

#[test]
fn exit_codes_follow_the_rows() {
    let world = World::new();
    world.file("good.csv", "n\n1\n2\n");
    world.file("bad.csv", "n\n1\n2,3\n4\n");
    world.ok(&["dataset", "create", "n/d"]);
    let run = |arguments: &[&str]| {
        world.run(&[&["ingest"], arguments, &["--dataset", "n/d", "-o", "json"]].concat())
    };

    let ran = run(&["bad.csv"]);
    assert_eq!((ran.code, &parsed(&ran.out)["stored"]), (3, &json!(1)), "{}", ran.err);
    assert!(ran.err.contains("    bad.csv:3\n") && ran.err.contains("--bad-rows skip"), "{}", ran.err);
    let again = "without a journal, another run sends the stored rows again";
    assert!(ran.err.contains(again), "{}", ran.err);
    let ran = run(&["bad.csv", "--dry-run"]);
    assert!(ran.code == 1 && ran.err.contains("--bad-rows skip"), "{}", ran.err);
    let ran = run(&["bad.csv", "--bad-rows", "skip"]);
    assert_eq!((ran.code, &parsed(&ran.out)["badRecords"]), (0, &json!(1)), "{}", ran.err);
    assert!(ran.err.contains("warning: 1 record that is no row was skipped\n"), "{}", ran.err);
    let ran = run(&["bad.csv", "--dead-letter", "letters"]);
    assert_eq!((ran.code, &parsed(&ran.out)["stored"]), (3, &json!(2)), "{}", ran.err);
    let letters = std::fs::read_to_string(world.home.path().join("letters")).unwrap();
    assert!(letters.contains(r#""file":"bad.csv","line":3"#), "{letters}");

    // An ambiguous outcome precedes a partial one.
    world.emulator.faults().inject(Fault::new("ingestData").lose_response()).unwrap();
    let ran = run(&["bad.csv", "--delivery", "at-most-once", "--dead-letter", "letters"]);
    let result = parsed(&ran.out);
    assert_eq!(
        (ran.code, &result["ambiguous"], &result["badRecords"]),
        (7, &json!(2), &json!(1)),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("datalinks query --dataset n/d"), "{}", ran.err);
    // Rows that are sent again are a warning.
    world.emulator.faults().inject(Fault::new("ingestData").lose_response()).unwrap();
    let ran = run(&["good.csv"]);
    assert_eq!((ran.code, &parsed(&ran.out)["possiblyDuplicated"]), (0, &json!(2)), "{}", ran.err);
    assert!(ran.err.contains("warning: 2 rows may be stored twice"), "{}", ran.err);

    world.emulator.faults().inject(Fault::new("ingestData").status(501)).unwrap();
    assert_eq!(run(&["good.csv"]).code, 6);
    world.emulator.faults().inject(Fault::new("ingestData").status(401)).unwrap();
    assert_eq!(run(&["good.csv"]).code, 4);
    let ran = world.run(&["ingest", "good.csv", "--dataset", "n/none"]);
    assert_eq!(ran.code, 5);
    assert!(ran.err.contains("next: datalinks ingest good.csv --dataset n/none --create\n"), "{}", ran.err);
}

#[test]
fn missing_dataset_precedes_a_bad_record() {
    let world = World::new();
    world.file("bad.csv", "n\n1\n2,3\n");
    let ran = world.run(&["ingest", "bad.csv", "--dataset", "n/none"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert!(ran.err.contains("cause: ingestData failed: "), "{}", ran.err);
    assert!(ran.err.contains("next: the input has an error, too: bad.csv, line 3"), "{}", ran.err);
}

#[test]
fn steps_and_links_are_sent_from_flags_and_from_a_file() {
    let world = World::new();
    world
        .file("x.csv", "title,cast\nAlien,\"[{\"\"name\"\":\"\"Weaver\"\"},{\"\"name\"\":\"\"Hurt\"\"}]\"\n");
    world.ok(&[
        "ingest",
        "x.csv",
        "--dataset",
        "n/flag",
        "--create",
        "--step",
        "rows=cast",
        "--links",
        "exact",
    ]);
    assert_eq!(rows(&world, "n/flag"), 2);
    world.file(
        "x.toml",
        "steps = [{ type = \"rows\", deriveFrom = \"cast\" }]\n[links.exact]\nminDistinct = 0.2\n",
    );
    world.ok(&["ingest", "x.csv", "--dataset", "n/file", "--create", "--config-file", "x.toml"]);
    assert_eq!(rows(&world, "n/file"), 2);
    world.ok(&[
        "ingest",
        "x.csv",
        "--dataset",
        "n/over",
        "--create",
        "--config-file",
        "x.toml",
        "--steps",
        "[]",
    ]);
    assert_eq!(rows(&world, "n/over"), 1);
    world.file("wrong.toml", "curate = false\nstepps = []\n");
    let ran = world.run(&["ingest", "x.csv", "--dataset", "n/d", "--config-file", "wrong.toml"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("wrong.toml:2"), "{}", ran.err);
}

/// Starts a run, and kills it while its request after `batches` batches is held.
fn killed_run(world: &World, arguments: &[&str], batches: usize) {
    let hold = Fault::new("ingestData").delay(Duration::from_secs(600)).after(batches);
    world.emulator.faults().inject(hold).unwrap();
    let mut child = world.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    world.wait_until_held(&mut child);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// A file of 5 MB.
fn large_file(world: &World) -> usize {
    let mut lines = String::new();
    let mut count = 0;
    while lines.len() < 5_000_000 {
        lines.push_str(&format!("{{\"id\":{count},\"text\":\"{}\"}}\n", "row ".repeat(count % 60)));
        count += 1;
    }
    world.file("large.ndjson", &lines);
    count
}

#[test]
fn killed_run_is_resumed_without_lost_or_repeated_rows() {
    let world = World::new();
    let count = large_file(&world);
    let arguments = [
        "ingest",
        "large.ndjson",
        "--dataset",
        "n/d",
        "--create",
        "--journal",
        "j",
        "--delivery",
        "reconciled",
        "--reconcile-window",
        "0s",
        "-o",
        "json",
    ];
    killed_run(&world, &arguments, 15);
    assert_eq!(rows(&world, "n/d"), 15_000);

    let ran = world.run(&arguments);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert!(
        ran.err.contains("next: datalinks ingest large.ndjson") && ran.err.contains("--resume\n"),
        "{}",
        ran.err
    );

    let ran = world.run(&[&arguments[..], &["--resume"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let result = parsed(&ran.out);
    assert_eq!((&result["stored"], &result["failed"]), (&json!(count), &json!(0)), "{result}");
    // The dataset does not show the rows of the killed request. It could still arrive, which is reported.
    assert_eq!(result["possiblyDuplicated"], 1_000, "{result}");
    assert!(ran.err.contains("warning: 1000 rows may be stored twice"), "{}", ran.err);
    assert_eq!(result["alreadyStored"], 15_000, "{result}");
    assert_eq!(rows(&world, "n/d"), u64::try_from(count).unwrap());

    // A run that is complete sends nothing again.
    let before = world.emulator.requests().len();
    let result = parsed(&world.ok(&[&arguments[..], &["--resume"]].concat()));
    assert_eq!((&result["alreadyStored"], &result["requests"]), (&json!(count), &json!(0)));
    let sent = world.emulator.requests()[before..]
        .iter()
        .filter(|request| request.operation == Some("ingestData"))
        .count();
    assert_eq!(sent, 0);
}

/// Reads lines of a process until one contains a text.
#[cfg(unix)]
fn read_until(errors: &mut impl BufRead, text: &str) {
    let mut line = String::new();
    while !line.contains(text) {
        line.clear();
        assert!(errors.read_line(&mut line).unwrap() > 0, "the run ended before {text:?}");
    }
}

/// Runs the command that the errors of a run advise to continue it with, and returns its result.
#[cfg(unix)]
fn continued(world: &World, errors: &str) -> Value {
    let next = errors.lines().find_map(|line| line.trim().strip_prefix("next: datalinks ")).unwrap();
    let arguments: Vec<&str> = next.split(' ').collect();
    assert_eq!(arguments.last(), Some(&"--resume"));
    parsed(&world.ok(&arguments))
}

#[cfg(unix)]
#[test]
fn interrupted_run_accounts_for_batches_in_flight() {
    let world = World::new();
    let count = large_file(&world);
    let arguments =
        ["ingest", "large.ndjson", "--dataset", "n/d", "--create", "--journal", "j", "-o", "json"];
    world
        .emulator
        .faults()
        .inject(Fault::new("ingestData").delay(Duration::from_millis(50)).always())
        .unwrap();
    let mut child = world.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    read_until(&mut errors, "%)");
    crate::support::interrupt(&child);
    let output = child.wait_with_output().unwrap();
    let mut rest = String::new();
    errors.read_to_string(&mut rest).unwrap();
    assert_eq!(output.status.code(), Some(130), "{rest}");
    let result = parsed(&String::from_utf8(output.stdout).unwrap());
    // Every row that is stored was counted, so nothing is ambiguous.
    assert_eq!(result["stored"], rows(&world, "n/d"));
    assert_eq!((&result["ambiguous"], &result["complete"]), (&json!(0), &json!(false)));
    assert!(result["stored"].as_u64().unwrap() < u64::try_from(count).unwrap());
    world.emulator.faults().clear();
    let after = continued(&world, &rest);
    assert_eq!((&after["stored"], &after["alreadyStored"]), (&json!(count), &result["stored"]));
    assert_eq!(rows(&world, "n/d"), u64::try_from(count).unwrap());
}

/// A second Ctrl-C dropped the run, and nothing said what was stored, what may be, and how to continue.
#[cfg(unix)]
#[test]
fn run_that_is_interrupted_twice_accounts_for_what_it_knows() {
    let world = World::new();
    let count = large_file(&world);
    for journal in [true, false] {
        let dataset = if journal { "n/d" } else { "n/e" };
        let mut arguments = vec!["ingest", "large.ndjson", "--dataset", dataset, "--create", "-o", "json"];
        if journal {
            arguments.extend(["--journal", "j"]);
        }
        let hold = Fault::new("ingestData").delay(Duration::from_secs(600)).after(2);
        world.emulator.faults().inject(hold).unwrap();
        let mut child =
            world.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        world.wait_until_held(&mut child);
        crate::support::interrupt(&child);
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        read_until(&mut errors, "a second Ctrl-C stops at once");
        crate::support::interrupt(&child);
        let output = child.wait_with_output().unwrap();
        let mut rest = String::new();
        errors.read_to_string(&mut rest).unwrap();
        assert_eq!(output.status.code(), Some(130), "{rest}");
        let result = parsed(&String::from_utf8(output.stdout).unwrap());
        assert_eq!((&result["stored"], &result["complete"]), (&json!(2_000), &json!(false)), "{rest}");
        // The batch in flight, and the rows of the next one that were read.
        let ambiguous = result["ambiguous"].as_u64().unwrap();
        assert!((1_000..u64::try_from(count).unwrap()).contains(&ambiguous), "{result}");
        assert_eq!(result["failed"], result["ambiguous"]);
        let known = format!("interrupted twice: 2000 rows stored, {ambiguous} failed");
        assert!(rest.contains(&known) && rest.contains("rows were aborted"), "{rest}");
        assert!(rest.contains(&format!("datalinks query --dataset {dataset}")), "{rest}");
        world.emulator.faults().clear();
        if journal {
            let after = continued(&world, &rest);
            assert_eq!(
                (&after["stored"], &after["alreadyStored"]),
                (&json!(count), &json!(2_000)),
                "{after}"
            );
        } else {
            assert!(!rest.contains("next: datalinks ") && rest.contains("add --journal FILE"), "{rest}");
        }
    }
}

#[test]
fn dry_run_needs_neither_token_nor_service() {
    let world = World::new();
    world.file("x.csv", "n\n1\n2\n");
    let run = |arguments: &[&str], variables: &[(&str, &str)]| {
        let all = [&["ingest", "x.csv", "--dry-run", "-o", "json"], arguments].concat();
        Ran::of(world.offline(&all).envs(variables.iter().copied()).output().unwrap())
    };
    let before = world.emulator.requests().len();
    for variables in [&[][..], &[("DL_HOST", "https://127.0.0.1:9"), ("DL_API_KEY", "k")]] {
        let ran = run(&["--dataset", "n/d"], variables);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let plan = parsed(&ran.out);
        assert_eq!((&plan["rows"], &plan["batches"]), (&json!(2), &json!(1)), "{plan}");
        assert!(ran.err.contains("nothing was sent"), "{}", ran.err);
    }
    // No emulator is started for it.
    let ran = run(&["--dataset", "n/d", "--emulator"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!world.home.path().join("emulator").exists());
    assert_eq!(world.emulator.requests().len(), before);
    assert_eq!(run(&[], &[]).code, 2, "no dataset");
    assert_eq!(run(&["--dataset", "n/d", "--profile", "none"], &[]).code, 2);
}

#[test]
fn run_without_rows_left_to_resume_is_a_mistake() {
    let world = World::new();
    let file = world.file("x.csv", "n\n1\n");
    let ran = world.run(&["ingest", text(&file), "--dataset", "n/d", "--journal", "none", "--resume"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("there is no journal none to resume"), "{}", ran.err);
    assert_eq!(world.run(&["ingest", text(&file), "--resume", "--dataset", "n/d"]).code, 2);
}

#[test]
fn files_of_rows_are_given_once_and_not_written() {
    let world = World::new();
    let one = world.file("1.ndjson", "{\"n\":1}\n");
    let refused = |arguments: &[&str], what: &str| {
        let ran = world.run(&[&["ingest", "1.ndjson", "--dataset", "n/d", "--create"], arguments].concat());
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains(what) && ran.err.contains("nothing was sent"), "{}", ran.err);
    };
    refused(&["./1.ndjson"], "is given twice");
    refused(&["--dead-letter", "1.ndjson"], "is a file of rows");
    refused(&["--journal", "1.ndjson"], "is a file of rows");
    refused(&["--journal", "."], "is not a regular file");
    assert_eq!(std::fs::read_to_string(one).unwrap(), "{\"n\":1}\n");
    assert_eq!(rows(&world, "n/d"), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk_does_not_hide_that_failed_rows_are_not_kept() {
    let world = World::new();
    world.file("1.ndjson", "{\"n\":1}\n");
    let ran = world.run(&["ingest", "1.ndjson", "--dataset", "n/none", "--dead-letter", "/dev/full"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert!(ran.err.contains("lacks failed rows") && ran.err.contains("No space left"), "{}", ran.err);
    assert!(!ran.err.contains("are in /dev/full"), "{}", ran.err);
}
