//! The examples run and print the expected output.

use std::{env, process::Command};

/// Runs an example, which cargo builds beside the tests, and returns its output.
fn run(name: &str) -> Result<String, Box<dyn std::error::Error>> {
    let tests = env::current_exe()?;
    let built = tests.ancestors().nth(2).ok_or("the directory of build results is missing")?;
    let example = built.join("examples").join(name).with_extension(env::consts::EXE_EXTENSION);
    let output = Command::new(&example).env_clear().output().map_err(|error| {
        format!("{}: {error}; build it with `cargo build --examples` or `cargo test`", example.display())
    })?;
    let text = String::from_utf8(output.stdout)? + &String::from_utf8(output.stderr)?;
    if output.status.success() { Ok(text) } else { Err(text.into()) }
}

#[test]
fn facade_example_runs() {
    let text = run("facade").unwrap();
    assert!(text.contains("3 rows stored, 0 failed"), "{text}");
    assert!(text.contains("Parasite") && text.contains("Arrival"), "{text}");
    assert!(text.contains("(run-started)") || text.contains("(planningStarted)"), "{text}");
}

#[test]
fn low_level_example_runs() {
    let text = run("low_level").unwrap();
    assert!(text.contains("1 row indexed") && text.contains("series: Some(404)"), "{text}");
}
