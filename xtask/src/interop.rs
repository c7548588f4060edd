//! `cargo xtask interop`: published Python clients against the emulator, the vendor's and the official one of the
//! agent-to-agent protocol (A2A).

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
    Client { version: "1.2.8", strict: "--strict=responses", resumes: false },
];

/// The script that drives the vendor's client.
const CLIENT: &str = "tests/interop/run.py";

/// The script that drives the official SDK of the A2A protocol, and the version of the SDK.
const A2A: &str = "tests/interop/run_a2a.py";
const A2A_VERSION: &str = "1.3.0";

/// Somebody to share with.
const OTHER: &str = "bo=bo-key";

/// Drives every version of the client, each against an emulator of its own, then against one with checkpoints if the
/// client resumes runs, and then against a strict one. The SDK of the A2A protocol follows, against an emulator and
/// against a strict one.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let mut failed = vec![];
    for Client { version, strict, resumes } in CLIENTS {
        let requirements = format!("tests/interop/requirements-{version}.txt");
        let environment = Environment::prepare(root, &format!("interop-{version}"), &requirements)?;
        if !drive(root, &environment, CLIENT, &[], &[])? {
            failed.push(version.to_owned());
        }
        if resumes && !drive(root, &environment, CLIENT, &["--checkpoints"], &["--checkpoints"])? {
            failed.push(format!("{version} (checkpoints)"));
        }
        if !drive(root, &environment, CLIENT, &[strict], &["--strict"])? {
            failed.push(format!("{version} (strict)"));
        }
    }
    let name = format!("a2a-{A2A_VERSION}");
    let requirements = format!("tests/interop/requirements-{name}.txt");
    let environment = Environment::prepare(root, &format!("interop-{name}"), &requirements)?;
    if !drive(root, &environment, A2A, &[], &[])? {
        failed.push(name.clone());
    }
    if !drive(root, &environment, A2A, &["--strict"], &["--strict"])? {
        failed.push(format!("{name} (strict)"));
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(format!(
        "the emulator and these versions of the clients do not get on: {}; see above",
        failed.join(", ")
    ))
}

/// Runs a script against an emulator with these options. Returns whether all went well.
fn drive(
    root: &Path,
    environment: &Environment,
    script: &str,
    emulator: &[&str],
    told: &[&str],
) -> Result<bool, String> {
    let options = [&["--user", OTHER], emulator].concat();
    let mut command = exec(root, &options)?;
    environment.isolate(&mut command);
    command.arg(environment.binary("python")).arg(root.join(script)).arg(OTHER).args(told);
    let status = command.status().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    Ok(status.success())
}
