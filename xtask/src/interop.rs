//! `cargo xtask interop`: the published Python client against the emulator.

use std::path::Path;

use crate::{emulator::exec, python::Environment};

/// A published version of the client, driven in an environment of its own.
struct Client {
    version: &'static str,
    /// How strict an emulator it bears: the older one sends null for what is not set, which an emulator that is strict
    /// about fields rejects.
    strict: &'static str,
    /// Whether it resumes runs, for which the emulator needs checkpoints.
    resumes: bool,
}

const CLIENTS: [Client; 2] = [
    Client { version: "2.2.0", strict: "--strict", resumes: true },
    Client { version: "1.2.8", strict: "--strict=answers", resumes: false },
];

/// Somebody to share with.
const OTHER: &str = "bo=bo-key";

/// Drives every version of the client, each against an emulator of its own, then against one with checkpoints if the
/// client resumes runs, and then against a strict one.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let mut failed = vec![];
    for Client { version, strict, resumes } in CLIENTS {
        let requirements = format!("tests/interop/requirements-{version}.txt");
        let environment = Environment::prepare(root, &format!("interop-{version}"), &requirements)?;
        if !drive(root, &environment, &[], &[])? {
            failed.push(version.to_owned());
        }
        if resumes && !drive(root, &environment, &["--checkpoints"], &["--checkpoints"])? {
            failed.push(format!("{version} (checkpoints)"));
        }
        if !drive(root, &environment, &[strict], &["--strict"])? {
            failed.push(format!("{version} (strict)"));
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(format!(
        "the emulator and these versions of the client do not get on: {}; see above",
        failed.join(", ")
    ))
}

/// Runs the drivers against an emulator like this, as they are told. Whether all went well.
fn drive(root: &Path, environment: &Environment, emulator: &[&str], told: &[&str]) -> Result<bool, String> {
    let options = [&["--user", OTHER], emulator].concat();
    let mut command = exec(root, &options)?;
    environment.isolate(&mut command);
    command.arg(environment.binary("python")).arg(root.join("tests/interop/run.py")).arg(OTHER).args(told);
    let status = command.status().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    Ok(status.success())
}
