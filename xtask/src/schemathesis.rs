//! `cargo xtask schemathesis`: tests of the emulator with requests that schemathesis generates from the
//! document.

use std::path::Path;

use crate::{emulator, python::Environment};

/// The directory of the settings, the fixtures and the pinned packages.
const DIRECTORY: &str = "tests/schemathesis";

/// A user to share with. `world.py` contains the name.
const OTHER: &str = "bo=bo-key";

/// Runs all phases and all checks against an emulator that rejects unknown fields.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let environment = Environment::prepare(root, "schemathesis", &format!("{DIRECTORY}/requirements.txt"))?;
    let directory = root.join(DIRECTORY);
    let mut command = emulator::exec(root, &["--strict=fields", "--checkpoints", "--user", OTHER])?;
    environment.isolate(&mut command);
    command.current_dir(emulator::target(root)).env("PYTHONPATH", &directory);
    command
        .arg(environment.binary("schemathesis"))
        .arg("--config-file")
        .arg(directory.join("schemathesis.toml"));
    command.arg("run").arg(root.join("openapi/datalinks.yaml"));
    let status = command.status().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("the emulator violates the document; see above, and {DIRECTORY}/schemathesis.toml"))
}
