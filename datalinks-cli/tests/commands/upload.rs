//! `datalinks upload` and `datalinks ingestion`.

use std::process::{Child, Stdio};
use std::time::Duration;

use datalinks_emulator::Fault;
use serde_json::{Value, json};

use crate::support::{Ran, World, parsed};

fn count(world: &World, operation: &str) -> usize {
    let requests = world.emulator.requests();
    requests.iter().filter(|request| request.operation == Some(operation)).count()
}

#[test]
fn file_is_uploaded_and_its_ingestion_is_watched() {
    let world = World::new();
    world.file("films.csv", "title,year\nAlien,1979\nHeat,1995\n");
    let uploaded = parsed(&world.ok(&[
        "upload",
        "films.csv",
        "--dataset",
        "n/d",
        "--create",
        "--name",
        "films",
        "-o",
        "json",
    ]));
    assert_eq!(
        (&uploaded["dataset"], &uploaded["parts"], &uploaded["bytes"]),
        (&json!("n/d"), &json!(1), &json!(32))
    );
    let id = uploaded["ingestion"].as_str().unwrap();
    let end =
        parsed(&world.ok(&["ingestion", "watch", id, "--dataset", "n/d", "--every", "100ms", "-o", "json"]));
    assert_eq!((&end["id"], &end["name"], &end["processedRows"]), (&json!(id), &json!("films"), &json!(2)));
    let listed = parsed(&world.ok(&["ingestion", "list", "--dataset", "n/d", "-o", "json"]));
    assert_eq!(listed, json!([end]));
    let shown = parsed(&world.ok(&["ingestion", "show", "--dataset", "n/d", "-o", "json"]));
    assert_eq!(shown, end);
    assert_eq!(world.ok(&["query", "Ontology(\"n/d\")", "-o", "ndjson"]).lines().count(), 2);
    world.ok(&["ingestion", "seen", id]);
    let csv = world.ok(&["ingestion", "list", "--dataset", "n/d", "--limit", "1", "-o", "csv"]);
    assert!(
        csv.starts_with(
            "id,name,status,processedRows,processedBytes,totalBytes,message,repeats,lastRetryAt,seenAt\n"
        ),
        "{csv}"
    );
    assert_eq!(csv.lines().count(), 2);
    assert!(!csv.ends_with(",\n"), "marked as seen: {csv}");
}

#[test]
fn failed_ingestion_is_a_failure_and_can_be_retried() {
    let world = World::new();
    world.file("films.csv", "title\nAlien\n");
    world.emulator.faults().inject(Fault::new("ingestFile").status(500)).unwrap();
    let ran = world.run(&[
        "upload",
        "films.csv",
        "--dataset",
        "n/d",
        "--create",
        "--wait",
        "--every",
        "100ms",
        "-o",
        "json",
    ]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let failed = parsed(&ran.out);
    let retry =
        ran.err.lines().find_map(|line| line.trim().strip_prefix("next: datalinks ")).unwrap().to_owned();
    assert!(retry.starts_with("ingestion retry "), "{retry}");
    let retry: Vec<&str> = retry.split(' ').chain(["-o", "json"]).collect();
    let retried = parsed(&world.ok(&retry));
    assert_eq!((&retried["change"], &retried["repeats"]), (&json!("retried"), &failed["id"]));
    let id = retried["ingestion"].as_str().unwrap();
    world.ok(&["ingestion", "watch", id, "--dataset", "n/d", "--every", "100ms"]);
    let ran = world.run(&["ingestion", "show", "0191d2f4-3c8e-7a60-9b1d-1f2e3d4c5b6a", "--dataset", "n/d"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert_eq!(world.run(&["ingestion", "list", "--dataset", "n/x"]).code, 5);
    for verb in ["show", "watch"] {
        let ran = world.run(&["ingestion", verb, id, "--dataset", "n/x"]);
        assert_eq!(ran.code, 5, "{}", ran.err);
        assert!(ran.err.contains("next: datalinks dataset list --namespace n\n"), "{verb}: {}", ran.err);
    }
}

#[test]
fn session_has_several_files() {
    let world = World::new();
    world.file("plan.txt", "a");
    world.file("sales.csv", "bb");
    let files = parsed(&world.ok(&["upload", "session", "plan.txt", "sales.csv", "-o", "json"]));
    assert_eq!(files.as_array().unwrap().len(), 2);
    let session = files[0]["session"].as_str().unwrap();
    let shown = parsed(&world.ok(&["upload", "show", session, "-o", "json"]));
    let sizes: Vec<&Value> = shown.as_array().unwrap().iter().map(|file| &file["bytes"]).collect();
    assert_eq!(sizes, [&json!(1), &json!(2)]);
    assert_eq!(world.run(&["upload"]).code, 2);
    assert_eq!(world.run(&["upload", "none.csv", "--dataset", "n/d"]).code, 1);
    let ran = world.run(&["upload", "abort", "no-uuid"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("--key"), "{}", ran.err);
}

/// Starts an upload, and interrupts it while its part is held.
#[cfg(unix)]
fn interrupted(world: &World, arguments: &[&str]) -> Ran {
    world.emulator.faults().inject(Fault::new("putPart").delay(Duration::from_secs(600))).unwrap();
    let mut child: Child =
        world.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    world.wait_until_held(&mut child);
    crate::support::interrupt(&child);
    Ran::of(child.wait_with_output().unwrap())
}

#[cfg(unix)]
#[test]
fn interrupted_upload_is_aborted_without_a_journal() {
    let world = World::new();
    world.file("films.csv", "title\nAlien\n");
    world.ok(&["dataset", "create", "n/d"]);
    let ran = interrupted(&world, &["upload", "films.csv", "--dataset", "n/d"]);
    assert_eq!((ran.code, ran.out.as_str()), (130, ""), "{}", ran.err);
    assert!(ran.err.contains("the upload was aborted"), "{}", ran.err);
    assert_eq!(count(&world, "abortMultipartUpload"), 1);

    let ran = interrupted(&world, &["upload", "session", "films.csv"]);
    assert_eq!(ran.code, 130, "{}", ran.err);
    assert_eq!(count(&world, "abortFileUpload"), 1);
}

/// Starts an upload whose part and whose abort are held, and interrupts it twice.
#[cfg(unix)]
fn interrupted_twice(world: &World, arguments: &[&str], held: &str) -> Ran {
    use std::io::{BufRead, BufReader, Read};

    let forever = Duration::from_secs(600);
    world.emulator.faults().inject(Fault::new("putPart").delay(forever)).unwrap();
    let mut child: Child =
        world.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    world.wait_until_held(&mut child);
    world.emulator.faults().inject(Fault::new(held).delay(forever)).unwrap();
    crate::support::interrupt(&child);
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("a second Ctrl-C stops at once") {
        line.clear();
        assert!(errors.read_line(&mut line).unwrap() > 0, "the upload ended early");
    }
    world.wait_until_held(&mut child);
    crate::support::interrupt(&child);
    let mut ran = Ran::of(child.wait_with_output().unwrap());
    errors.read_to_string(&mut ran.err).unwrap();
    world.emulator.faults().clear();
    ran
}

/// A second Ctrl-C while the upload was aborted said nothing about what stayed on the service.
#[cfg(unix)]
#[test]
fn upload_that_is_interrupted_twice_names_what_is_left() {
    let world = World::new();
    world.file("films.csv", "title\nAlien\n");
    world.ok(&["dataset", "create", "n/d"]);
    let file = ["upload", "films.csv", "--dataset", "n/d"];
    let ran = interrupted_twice(&world, &file, "abortMultipartUpload");
    assert_eq!((ran.code, ran.out.as_str()), (130, ""), "{}", ran.err);
    assert!(ran.err.contains("interrupted twice: 0 of 1 parts are stored"), "{}", ran.err);
    let left = "next: the service may keep and charge for the parts: datalinks ";
    let abort = ran.err.lines().find_map(|line| line.trim().strip_prefix(left)).unwrap();
    assert!(abort.ends_with("--dataset ana/n/d") || abort.ends_with("--dataset n/d"), "{abort}");
    world.ok(&abort.split(' ').collect::<Vec<_>>());

    let session = ["upload", "session", "films.csv"];
    let ran = interrupted_twice(&world, &session, "abortFileUpload");
    assert_eq!(ran.code, 130, "{}", ran.err);
    let abort = ran.err.lines().find_map(|line| line.trim().strip_prefix(left)).unwrap();
    world.ok(&abort.split(' ').collect::<Vec<_>>());
}

#[cfg(unix)]
#[test]
fn interrupted_upload_is_kept_by_its_journal() {
    let world = World::new();
    world.file("films.csv", "title\nAlien\n");
    world.ok(&["dataset", "create", "n/d"]);
    let ran = interrupted(&world, &["upload", "films.csv", "--dataset", "n/d", "--journal", "j"]);
    assert_eq!((ran.code, ran.out.as_str()), (130, ""), "{}", ran.err);
    assert!(ran.err.contains("the parts that arrived are kept"), "{}", ran.err);
    let again = ran.err.lines().find_map(|line| line.trim().strip_prefix("next: datalinks ")).unwrap();
    assert_eq!(again, "upload films.csv --dataset n/d --journal j");
    world.file("other.csv", "title\nHeat\n");
    let other = world.run(&["upload", "other.csv", "--dataset", "n/d", "--journal", "j"]);
    assert_eq!(other.code, 2, "{}", other.err);
    assert!(other.err.contains("journal of another file") && !other.err.contains("next:"), "{}", other.err);
    world.ok(&again.split(' ').collect::<Vec<_>>());
    assert_eq!((count(&world, "prepareMultipartUpload"), count(&world, "abortMultipartUpload")), (1, 0));
    assert!(!world.home.path().join("j").exists());
}

/// Parts, which are sent to presigned URLs, were not shown.
#[test]
fn parts_are_shown_without_their_signatures() {
    let world = World::new();
    world.file("films.csv", "title\nAlien\n");
    let ran = world.run(&["upload", "films.csv", "--dataset", "n/d", "--create", "--curl", "--verbose"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let curl = ran.err.lines().find(|line| line.starts_with("tail -c +1 ")).unwrap();
    let part = "films.csv | head -c 12 | curl -X PUT \"$PART_URL\" -H content-type: --data-binary @-";
    assert!(curl.contains(part), "{curl}");
    let verbose = ran.err.lines().find(|line| line.starts_with("> PUT ")).unwrap();
    assert!(verbose.ends_with("/[presigned] (putPart)"), "{verbose}");
    assert!(
        ran.err.contains("films.csv from byte 0)") && ran.err.contains("(putPart, attempt 1)"),
        "{}",
        ran.err
    );
    // The emulator's secret is in the path.
    assert!(!ran.err.contains("/_storage"), "{}", ran.err);
}
