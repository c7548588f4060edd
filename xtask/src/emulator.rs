//! An emulator for the duration of one command, built from this checkout.
//!
//! The tasks start the command line instead of linking the emulator, because `regen` has to work when the
//! generated code does not compile. The emulator stops with the command, whatever the outcome.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Returns a command that runs the program and arguments appended to it with their own emulator, which
/// `DL_HOST` and the related variables name. The options are those of `datalinks emulator exec`.
pub(crate) fn exec(root: &Path, options: &[&str]) -> Result<Command, String> {
    let mut command = emulator(root)?;
    command.arg("exec").args(options).arg("--");
    // The emulator is on this machine, so a proxy must not be used.
    for name in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(name);
    }
    Ok(command)
}

/// Returns the command `datalinks emulator`, to which the caller adds arguments.
pub(crate) fn emulator(root: &Path) -> Result<Command, String> {
    let mut command = Command::new(program(root)?);
    command.arg("emulator");
    Ok(command)
}

/// Builds the command line and returns its path.
pub(crate) fn program(root: &Path) -> Result<PathBuf, String> {
    build(root)?;
    Ok(target(root).join("debug").join("datalinks"))
}

/// Builds the command line with the cargo that runs this task.
fn build(root: &Path) -> Result<(), String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(root)
        .args(["build", "--quiet", "--locked", "-p", "datalinks-cli"])
        .status()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err("building the command line failed; see above".to_owned()) }
}

/// Returns the directory of build results.
pub(crate) fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder))
}
