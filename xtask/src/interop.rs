//! `cargo xtask interop`: the published Python client against the emulator.

use std::path::Path;

use crate::{emulator::exec, python::Environment};

/// The versions of the client that are driven, each in an environment of its own, and how strict an emulator they
/// bear: the older one sends null for what is not set, which one that is strict about fields refuses.
const VERSIONS: [(&str, &str); 2] = [("2.2.0", "--strict"), ("1.2.8", "--strict=answers")];

/// Somebody to share with.
const OTHER: &str = "bo=bo-key";

/// Drives every version of the client, each against an emulator of its own and then against a strict one.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let mut failed = vec![];
    for (version, strict) in VERSIONS {
        let requirements = format!("tests/interop/requirements-{version}.txt");
        let environment = Environment::prepare(root, &format!("interop-{version}"), &requirements)?;
        if !drive(root, &environment, &[], &[])? {
            failed.push(version.to_owned());
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
