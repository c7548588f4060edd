//! The examples run, and say what they should.

use std::{env, process::Command};

/// Runs an example, which cargo builds beside the tests, and answers what it printed.
fn run(name: &str) -> Result<String, Box<dyn std::error::Error>> {
    let tests = env::current_exe()?;
    let built = tests.ancestors().nth(2).ok_or("no folder of built things")?;
    let example = built.join("examples").join(name).with_extension(env::consts::EXE_EXTENSION);
    let output = Command::new(&example).env_clear().output().map_err(|error| {
        format!(
            "{}: {error}; `cargo build --examples` makes it, and so does a plain `cargo test`",
            example.display()
        )
    })?;
    let text = String::from_utf8(output.stdout)? + &String::from_utf8(output.stderr)?;
    if output.status.success() { Ok(text) } else { Err(text.into()) }
}

#[test]
fn the_facade() {
    let text = run("facade").unwrap();
    assert!(text.contains("3 rows stored, 0 failed"), "{text}");
    assert!(text.contains("Parasite") && text.contains("Arrival"), "{text}");
    assert!(text.contains("(run-started)") || text.contains("(planningStarted)"), "{text}");
}

/// The cursor loses its connection at row 1,234 of 2,500, goes on there, and a second one is dropped before its end.
#[test]
fn the_database_cursor() {
    let text = run("database_cursor").unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0].starts_with("1234 rows stored, 0 failed; the rows ended early: the source of the rows failed after the row with index 1233: server closed the connection"),
        "{text}"
    );
    let rest = [
        "connected again, going on behind row 1234",
        "1266 rows stored, 0 failed",
        "2500 rows in the dataset",
        "canceled after 200 rows, 0 cursors open",
    ];
    assert_eq!(lines[1..], rest, "{text}");
}

#[test]
fn the_low_level_client() {
    let text = run("low_level").unwrap();
    assert!(text.contains("1 row indexed") && text.contains("series: Some(404)"), "{text}");
}
