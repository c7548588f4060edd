//! The documented exit codes.

use std::net::TcpListener;
use std::time::Duration;

use datalinks_emulator::Fault;

use crate::support::{Ran, World, parsed};

#[test]
fn usage_is_2() {
    let world = World::new();
    for arguments in [
        &["--no-such-option"][..],
        &["no-such-command"],
        &["dataset", "show", "a/b/c/d"],
        &["dataset", "show"],
        &["dataset", "show", "films"],
        &["dataset", "show", "n/.."],
        &["whoami", "--profile", "unknown"],
        &["whoami", "--ca", "/no/such/file"],
        &["whoami", "--host", "ftp://example.com"],
        &["api", "GET", "no-slash"],
        &["whoami", "--live"],
    ] {
        let ran = world.run(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}: {}", ran.err);
        assert!(ran.err.starts_with("error: "), "{}", ran.err);
    }
    let ran = world.run(&["datset", "list"]);
    assert!(ran.err.contains("'dataset'"), "{}", ran.err);
}

#[test]
fn budget_is_8_and_the_run_can_be_resumed() {
    let world = World::new();
    let rows: String = (0..40).map(|n| format!("{{\"text\":\"Genus: Acer {n}\"}}\n")).collect();
    world.file("trees.ndjson", &rows);
    let arguments = |budget: &'static str| {
        let steps =
            ["ingest", "trees.ndjson", "--dataset", "n/trees", "--step", "table=text", "--batch-size", "5"];
        let cost = ["--usage-delay", "0s", "--journal", "trees.journal", "-o", "json", "--budget", budget];
        [&steps[..], &cost[..]].concat()
    };
    world.ok(&["dataset", "create", "n/trees"]);
    let ran = world.run(&arguments("300tokens"));
    assert_eq!(ran.code, 8, "{}", ran.err);
    assert!(ran.err.contains("the budget of 300 tokens is reached"), "{}", ran.err);
    assert!(ran.err.contains("--budget 300tokens --resume"), "{}", ran.err);
    let first = parsed(&ran.out);
    assert_eq!(first["budget"]["state"], "reached");
    let stored = first["stored"].as_u64().unwrap();
    assert!(0 < stored && stored < 40, "{stored}");
    let rest = parsed(&world.ok(&[arguments("1USD"), vec!["--resume"]].concat()));
    assert_eq!((rest["alreadyStored"].as_u64(), rest["stored"].as_u64()), (Some(stored), Some(40)));
    // A wrong key is no reached budget.
    let mut command = world.command(&["ingest", "trees.ndjson", "--dataset", "n/trees", "--budget", "1USD"]);
    assert_eq!(Ran::of(command.env("DL_API_KEY", "wrong").output().unwrap()).code, 4);
}

#[test]
fn authentication_is_4() {
    let world = World::new();
    let ran = Ran::of(world.command(&["whoami"]).env("DL_API_KEY", "wrong-canary").output().unwrap());
    assert_eq!(ran.code, 4);
    assert!(ran.err.contains("datalinks auth login") && !ran.err.contains("canary"), "{}", ran.err);
    let ran = Ran::of(world.offline(&["whoami"]).output().unwrap());
    assert_eq!(ran.code, 4);
    assert!(ran.err.contains("no token for https://api.datalinks.com/api/v1"), "{}", ran.err);
}

#[test]
fn unreachable_server_is_6() {
    let world = World::new();
    // Nobody listens on a port that was just closed.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let host = format!("http://{address}");
    let ran = world.run(&["whoami", "--host", &host, "--timeout", "100ms"]);
    assert_eq!(ran.code, 6, "{}", ran.err);
}

#[test]
fn failing_server_is_6() {
    let world = World::new();
    world.emulator.faults().inject(Fault::new("getCurrentUser").status(501).always()).unwrap();
    let ran = world.run(&["whoami"]);
    assert_eq!(ran.code, 6, "{}", ran.err);
}

#[test]
fn ambiguous_outcome_is_7() {
    let world = World::new();
    world.ok(&["dataset", "create", "n/d"]);
    world.emulator.faults().inject(Fault::new("balefireDataset").lose_response()).unwrap();
    let ran = world.run(&["dataset", "delete", "n/d", "--yes", "n/d"]);
    assert_eq!(ran.code, 7, "{}", ran.err);
    assert!(ran.err.contains("may have been carried out"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn interrupted_command_is_130() {
    use std::process::Stdio;

    use rustix::process::{Pid, Signal, kill_process};

    let world = World::new();
    world.emulator.faults().inject(Fault::new("getCurrentUser").delay(Duration::from_secs(600))).unwrap();
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let mut command = world.command(&["whoami", "--verbose"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // The first line says that the request is being sent, so the handlers of signals are installed.
        let mut errors = std::io::BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        std::io::BufRead::read_line(&mut errors, &mut line).unwrap();
        kill_process(Pid::from_raw(child.id().cast_signed()).unwrap(), signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code), "{line}");
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut errors, &mut rest).unwrap();
        assert!(rest.contains("error: interrupted"), "{rest}");
        world.emulator.faults().inject(Fault::new("getCurrentUser").delay(Duration::from_secs(600))).unwrap();
    }
}
