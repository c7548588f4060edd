//! Prompts in a terminal.

use crate::pty::Pty;
use crate::support::{World, interrupt};

const COLUMNS: u16 = 80;

/// Runs a command that asks, and types an answer.
fn answered(world: &World, arguments: &[&str], letters: &str) -> (i32, Vec<String>) {
    let mut pty = Pty::spawn(world.command(arguments), COLUMNS);
    pty.wait_for("to confirm: ");
    pty.type_in(letters);
    let (code, screen) = pty.finish();
    (code, screen.lines)
}

#[test]
fn dataset_is_cleared_and_deleted_after_its_name_is_typed() {
    let world = World::new();
    world.ingest("n", "d", &[serde_json::json!({"a": 1})]);
    let question = "Type n/d to confirm: n/d";
    assert_eq!(
        answered(&world, &["dataset", "clear", "n/d"], "n/d\n"),
        (
            0,
            ["This will clear the dataset n/d, which has 1 row.", question, "cleared n/d, which had 1 row"]
                .map(str::to_owned)
                .to_vec()
        )
    );
    assert_eq!(
        answered(&world, &["dataset", "delete", "n/d"], "n/d\n"),
        (
            0,
            [
                "This will delete the dataset n/d, which has 0 rows.",
                question,
                "deleted n/d, which had 0 rows"
            ]
            .map(str::to_owned)
            .to_vec()
        )
    );
    assert_eq!(world.ok(&["dataset", "list", "--output", "json"]), "[]\n");
}

#[test]
fn namespace_is_deleted_after_its_name_is_typed() {
    let world = World::new();
    world.ok(&["dataset", "create", "n/d"]);
    let (code, lines) = answered(&world, &["namespace", "delete", "n"], "n/d\n");
    assert_eq!(code, 2, "{lines:?}");
    assert!(world.ok(&["dataset", "list"]).contains('d'));
    let (code, lines) = answered(&world, &["namespace", "delete", "n"], "n\n");
    assert_eq!(code, 0, "{lines:?}");
    assert_eq!(world.ok(&["dataset", "list", "--output", "json"]), "[]\n");
}

#[test]
fn another_answer_and_no_answer_delete_nothing() {
    let world = World::new();
    world.ok(&["dataset", "create", "n/d"]);
    let delete = ["dataset", "delete", "n/d"];
    // Ctrl-D ends the input.
    for (letters, shown) in
        [("d\n", "d"), ("N/D\n", "N/D"), ("\n", ""), ("\u{4}", ""), ("n/x\u{7f}d\u{15}d\n", "d")]
    {
        let (code, lines) = answered(&world, &delete, letters);
        assert_eq!(code, 2, "{lines:?}");
        let error = format!("error: not confirmed: {shown:?} is not \"n/d\"; nothing was changed");
        assert_eq!(lines.last(), Some(&error), "the error has a line of its own");
    }
    let mut pty = Pty::spawn(world.command(&delete), COLUMNS);
    pty.wait_for("to confirm: ");
    interrupt(&pty.child);
    let (code, screen) = pty.finish();
    assert_eq!((code, screen.lines.last().map(String::as_str)), (130, Some("error: interrupted")));
    assert!(world.emulator.requests().iter().all(|request| request.method != "DELETE"));
}

#[test]
fn token_is_typed_without_echo_and_saved() {
    let world = World::new();
    let host = world.emulator.api_url();
    let mut pty = Pty::spawn(world.offline(&["auth", "login", "--host", &host]), COLUMNS);
    pty.wait_for("Token for ");
    pty.wait_for("API): ");
    while pty.has_echo() {
        std::thread::yield_now();
    }
    pty.type_in(&format!("{}\n", world.emulator.api_key()));
    pty.wait_for("saved the token");
    assert!(pty.has_echo(), "typed letters are shown again");
    let (code, screen) = pty.finish();
    assert_eq!(code, 0, "{screen:?}");
    assert!(!screen.text().contains(world.emulator.api_key()), "the token is shown: {screen:?}");
    assert!(screen.text().contains("user ana"), "{screen:?}");
    let saved = std::fs::read_to_string(world.home.path().join("credentials.toml")).unwrap();
    assert!(saved.contains(world.emulator.api_key()));
}

#[cfg(target_os = "linux")]
#[test]
fn echo_is_on_again_after_ctrl_c() {
    let world = World::new();
    let host = world.emulator.api_url();
    let mut pty = Pty::spawn_in_session(&world.offline(&["auth", "login", "--host", &host]), COLUMNS);
    pty.wait_for("API): ");
    while pty.has_echo() {
        std::thread::yield_now();
    }
    pty.type_in("canary\u{3}");
    pty.wait_for("interrupted");
    assert!(pty.has_echo());
    let (code, screen) = pty.finish();
    assert_eq!((code, screen.lines.last().map(String::as_str)), (130, Some("error: interrupted")));
    assert!(!screen.text().contains("canary"), "{screen:?}");
    assert!(!world.home.path().join("credentials.toml").exists());
}
