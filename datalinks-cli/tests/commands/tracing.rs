//! `--verbose` and `--curl`.

use std::process::Command;

use crate::support::{World, parsed};

#[test]
fn curl_command_repeats_the_request() {
    let world = World::new();
    world.ingest("n", "d", &[serde_json::json!({"who": "it's me"})]);
    let query = "Ontology(\"n/d\").filter(who == \"it's me\")";
    let ran = world.run(&["query", query, "--curl", "--output", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let line = ran.err.lines().find(|line| line.starts_with("curl ")).unwrap();
    assert!(line.contains("Bearer $DL_API_KEY") && !line.contains(world.emulator.api_key()), "{line}");
    // The words of the command are those of a shell, if there is one.
    let show = line.replacen("curl", "printf '%s\\n'", 1);
    let Ok(output) = Command::new("sh").args(["-c", &show]).env("DL_API_KEY", "k").output() else { return };
    let words = String::from_utf8(output.stdout).unwrap();
    let body = words.lines().last().unwrap();
    let body = parsed(body);
    assert_eq!(body["query"], query);
}

#[test]
fn verbose_shows_requests_without_secrets() {
    let world = World::new();
    let ran = world.run(&["whoami", "--verbose"]);
    assert_eq!(ran.code, 0);
    assert!(ran.err.contains("> GET http://127.0.0.1:"), "{}", ran.err);
    assert!(ran.err.contains(">   authorization: (hidden)"), "{}", ran.err);
    assert!(ran.err.contains("< 200 OK in "), "{}", ran.err);
    assert!(!ran.err.contains(world.emulator.api_key()), "{}", ran.err);
    assert!(ran.out.starts_with("username"), "{}", ran.out);
}

/// The features of the client are enabled for the command line itself, and not only by tests of the workspace.
/// `cargo xtask audit` compares both builds.
#[test]
fn responses_are_requested_in_all_codings() {
    let world = World::new();
    let ran = world.run(&["whoami", "--verbose"]);
    assert!(ran.err.contains(">   accept-encoding: gzip, br, zstd\n"), "{}", ran.err);
}
