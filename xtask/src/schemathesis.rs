//! `cargo xtask schemathesis`: the emulator, tried by the document with requests that a tool makes up.

use std::path::Path;

use crate::{emulator, python::Environment};

/// Its settings, what exists while it runs, and its pinned packages.
const FOLDER: &str = "tests/schemathesis";

/// Somebody to share with; `world.py` knows the name.
const OTHER: &str = "bo=bo-key";

/// Runs all phases and all checks against an emulator that refuses fields which the document does not have.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let environment = Environment::prepare(root, "schemathesis", &format!("{FOLDER}/requirements.txt"))?;
    let folder = root.join(FOLDER);
    let mut command = emulator::exec(root, &["--strict=fields", "--checkpoints", "--user", OTHER])?;
    environment.isolate(&mut command);
    command.current_dir(emulator::target(root)).env("PYTHONPATH", &folder);
    command
        .arg(environment.binary("schemathesis"))
        .arg("--config-file")
        .arg(folder.join("schemathesis.toml"));
    command.arg("run").arg(root.join("openapi/datalinks.yaml"));
    let status = command.status().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("the emulator does not keep to the document; see above, and {FOLDER}/schemathesis.toml"))
}
