//! Commands whose reader has closed the pipe end quietly.

use crate::support::{Ran, World};

#[test]
fn closed_pipe_ends_commands_quietly() {
    let world = World::new();
    world.ok(&["dataset", "create", "n/d"]);
    world.ok(&["ask", "?", "--namespace", "n", "--save", "saved.ndjson"]);
    for arguments in [
        &["demo"][..],
        &[],
        &["completions", "bash"],
        &["man"],
        &["whoami"],
        &["whoami", "--output", "json"],
        &["dataset", "list"],
        &["dataset", "list", "--output", "json"],
        &["dataset", "list", "--output", "csv"],
        &["config"],
        &["api", "GET", "/user/me"],
        &["ask", "?", "--namespace", "n", "--quiet"],
        &["ask", "?", "--namespace", "n", "--output", "ndjson", "--quiet"],
        &["ask", "replay", "saved.ndjson", "--output", "json", "--quiet"],
        &["conversation", "list", "--namespace", "n"],
        &["agent", "list"],
        &["agent", "card", "assistant"],
        &["emulator", "--address", "127.0.0.1:0"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = world.command(arguments).stdout(writer).output().unwrap();
        let ran = Ran::of(output);
        assert_eq!((ran.code, ran.err.as_str()), (141, ""), "{arguments:?}");
    }
    // Help is written by the parser of the command line.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let ran = Ran::of(world.command(&["--help"]).stdout(writer).output().unwrap());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}

#[test]
fn closed_error_output_changes_nothing() {
    let world = World::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = world.command(&["dataset", "show", "n/none"]).stderr(writer).output().unwrap();
    assert_eq!(output.status.code(), Some(5));
}

/// A command that wrote to a full pipe, such as that of a pager, could not be stopped.
#[cfg(unix)]
#[test]
fn signals_stop_a_command_whose_output_is_not_read() {
    use std::io::Read;
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Command, Stdio};

    let world = World::new();
    let rows: Vec<_> = (0..2_000).map(|n| serde_json::json!({ "n": n, "text": "x".repeat(200) })).collect();
    world.ingest("cinema", "many", &rows);
    let mut command = world.command(&["query", "--dataset", "cinema/many", "--output", "ndjson"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    // The pipe holds less than the rest of the output.
    child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    let stop = || Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(stop().success() && stop().success());
    let status = child.wait().unwrap();
    assert_eq!((status.code(), status.signal()), (Some(143), None));
}
