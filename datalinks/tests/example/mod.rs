//! Running an example.

use std::{env, process::Command};

/// Runs an example, which cargo builds beside the tests, with these environment variables and no others. Returns its
/// output.
pub(crate) fn run(name: &str, environment: &[(&str, &str)]) -> Result<String, Box<dyn std::error::Error>> {
    let tests = env::current_exe()?;
    let built = tests.ancestors().nth(2).ok_or("the directory of build results is missing")?;
    let example = built.join("examples").join(name).with_extension(env::consts::EXE_EXTENSION);
    let output =
        Command::new(&example).env_clear().envs(environment.iter().copied()).output().map_err(|error| {
            format!("{}: {error}; build it with `cargo build --examples` or `cargo test`", example.display())
        })?;
    let text = String::from_utf8(output.stdout)? + &String::from_utf8(output.stderr)?;
    if output.status.success() { Ok(text) } else { Err(text.into()) }
}
