//! `datalinks shell`, in a terminal and with a pipe.

use std::io::Write;
use std::process::{Command, Stdio};

#[cfg(target_os = "linux")]
use datalinks_emulator::Fault;
use serde_json::{Value, json};

use crate::pty::Pty;
use crate::support::{Ran, World};

const PROMPT: &str = "datalinks> ";
const UP: &str = "\u{1b}[A";
#[cfg(target_os = "linux")]
const CTRL_C: &str = "\u{3}";
const CTRL_D: &str = "\u{4}";

#[cfg(test)]
fn cinema() -> World {
    let world = World::new();
    let films: Vec<Value> =
        (0..30).map(|n| json!({"title": format!("Film {n:02}"), "year": 1950 + n})).collect();
    world.ingest("cinema", "films", &films);
    world
}

/// Number of columns of the terminal.
const COLUMNS: u16 = 100;

#[cfg(test)]
fn command(world: &World) -> Command {
    let mut command = world.command(&["shell", "--color", "never"]);
    command.env("TERM", "xterm");
    command
}

#[cfg(test)]
fn shell(world: &World) -> Pty {
    let mut shell = Pty::spawn(command(world), COLUMNS);
    shell.wait_for_next(PROMPT);
    shell
}

/// Types letters, and waits for what they lead to and for the next prompt.
#[cfg(test)]
fn answered(shell: &mut Pty, letters: &str, expected: &str) {
    shell.type_in(letters);
    shell.wait_for_next(expected);
    shell.wait_for_next(PROMPT);
}

#[test]
fn queries_are_typed_completed_and_repeated() {
    let world = cinema();
    let mut shell = shell(&world);
    // TAB completes the dataset, a function and a column. Each is the only candidate.
    answered(&mut shell, "Ontology(\"cin\t.fil\tye\t== 1979)\r", "Film 29");
    // Arrow up brings the line again, which ends the parenthesis later now.
    shell.type_in(&format!("{UP}\u{7f}\r"));
    answered(&mut shell, "\r)\r", "Film 29");
    shell.type_in(CTRL_D);
    let (code, all) = shell.end();
    assert_eq!(code, 0, "{all}");
    assert!(all.contains("Ontology(\"cinema/films\").filter(year== 1979"), "{all}");
}

#[test]
fn last_result_is_shown_in_full_and_in_other_formats() {
    let world = cinema();
    let mut shell = shell(&world);
    shell.type_in("Ontology(\"cinema/films\").sortAscending(year)\r");
    shell.wait_for_next("Film 19");
    let rest = shell.wait_for_next("20 of 30 rows; .last shows all");
    assert!(!rest.contains("Film 20"), "{rest}");
    shell.wait_for_next(PROMPT);
    let before = world.emulator.requests().len();
    shell.type_in(".last\r");
    shell.wait_for_next("Film 20");
    shell.wait_for_next("Film 29");
    shell.wait_for_next(PROMPT);
    shell.type_in(".format ndjson\r");
    shell.wait_for_next(PROMPT);
    answered(&mut shell, ".last\r", "{\"title\":\"Film 29\",\"year\":1979}");
    shell.type_in(".last csv\r");
    shell.wait_for_next("title,year\r\n");
    shell.wait_for_next("Film 29,1979");
    shell.wait_for_next(PROMPT);
    // The format of results is as it was.
    shell.type_in(".last\r");
    shell.wait_for_next("{\"title\":\"Film 29\",\"year\":1979}");
    assert_eq!(world.emulator.requests().len(), before, "nothing was sent");
    shell.wait_for_next(PROMPT);
    answered(&mut shell, ".datasets cinema\r", ".datasets takes no argument");
    answered(&mut shell, ".lst\r", "did you mean .last?");
    shell.type_in(".quit\r");
    assert_eq!(shell.end().0, 0);
}

// Ctrl-C is a signal while a query runs, which only the terminal of the session sends.
#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_cancels_the_query_and_keeps_the_shell() {
    let world = cinema();
    let mut shell = Pty::spawn_in_session(&command(&world), COLUMNS);
    shell.wait_for_next(PROMPT);
    for _ in 0..2 {
        world
            .emulator
            .faults()
            .inject(Fault::new("queryData").delay(std::time::Duration::from_secs(600)))
            .unwrap();
        shell.type_in("Ontology(\"cinema/films\")\r");
        world.wait_until_held(&mut shell.child);
        shell.type_in(CTRL_C);
        shell.wait_for_next("canceled");
        shell.wait_for_next(PROMPT);
    }
    // A line that is typed is discarded.
    shell.type_in(&format!("nonsense{CTRL_C}"));
    shell.wait_for_next(PROMPT);
    answered(&mut shell, "Ontology(\"cinema/films\").limit(1)\r", "Film 00");
    shell.type_in(CTRL_D);
    assert_eq!(shell.end().0, 0);
}

#[test]
fn history_outlives_the_shell_and_has_no_secrets() {
    let world = cinema();
    let mut first = shell(&world);
    answered(&mut first, "Ontology(\"cinema/films\").limit(1)\r", "Film 00");
    first.type_in(&format!("? {}\r", world.emulator.api_key()));
    first.wait_for_next(PROMPT);
    first.type_in(CTRL_D);
    assert_eq!(first.end().0, 0);
    let file = world.home.path().join("shell-history");
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text, "\"Ontology(\\\"cinema/films\\\").limit(1)\"\n");
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let mut second = shell(&world);
    answered(&mut second, &format!("{UP}\r"), "Film 00");
    second.type_in(CTRL_D);
    assert_eq!(second.end().0, 0);
}

#[cfg(test)]
fn piped(world: &World, input: &str) -> Ran {
    let mut command = world.command(&["shell", "--output", "ndjson"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    Ran::of(child.wait_with_output().unwrap())
}

#[test]
fn lines_of_a_pipe_run_without_a_prompt() {
    let world = cinema();
    let ran = piped(
        &world,
        "Ontology(\"cinema/films\")\n.limit(\n1)\nOntology(\n  \"cinema/films\"\n).limit(1)\n.columns cinema/films\n.quit\nnever",
    );
    // The first line is a whole statement, and the second one begins with a dot.
    assert_eq!(ran.code, 2, "{ran:?}");
    let ran = piped(
        &world,
        "Ontology(\n  \"cinema/films\"\n).limit(1)\n.columns ana/cinema/films\n.datasets\n.quit\nnever",
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(
        ran.out,
        "{\"title\":\"Film 00\",\"year\":1950}\n{\"name\":\"title\"}\n{\"name\":\"year\"}\n{\"name\":\"cinema/films\"}\n"
    );
    assert!(!ran.err.contains(PROMPT.trim()), "{}", ran.err);
}

#[test]
fn words_of_other_shells_are_not_sent() {
    let world = cinema();
    let before = world.emulator.requests().len();
    for (word, meant) in [("exit", ".quit"), ("quit", ".quit"), ("help", ".help")] {
        let ran = piped(&world, &format!("{word}\n"));
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains(&format!("did you mean {meant}?")), "{}", ran.err);
    }
    assert_eq!(world.emulator.requests().len(), before);
}

#[test]
fn first_failure_of_a_pipe_ends_the_shell() {
    let world = cinema();
    let ran = piped(&world, "Ontology(\"cinema/nothing\")\nOntology(\"cinema/films\").limit(1)\n");
    assert_ne!(ran.code, 0);
    assert_eq!(ran.out, "");
    assert!(!ran.err.is_empty());
}
