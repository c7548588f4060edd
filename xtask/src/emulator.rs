//! An emulator for the duration of one command, built from this checkout.
//!
//! It is the command line that runs it: chores must not depend on the crates that hold generated code, because
//! `regen` has to work when that code does not build. It stops with the command, whatever becomes of it.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A command line without its end: the program and the arguments appended to it run with an emulator of their own,
/// which `DL_HOST` and its like lead to. The options are those of `datalinks emulator exec`.
pub(crate) fn exec(root: &Path, options: &[&str]) -> Result<Command, String> {
    let mut command = emulator(root)?;
    command.arg("exec").args(options).arg("--");
    // No detour: the emulator is on this machine.
    for name in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(name);
    }
    Ok(command)
}

/// `datalinks emulator`, for the chore to add what it shall do.
pub(crate) fn emulator(root: &Path) -> Result<Command, String> {
    let mut command = Command::new(program(root)?);
    command.arg("emulator");
    Ok(command)
}

/// The command line, built.
pub(crate) fn program(root: &Path) -> Result<PathBuf, String> {
    build(root)?;
    Ok(target(root).join("debug").join("datalinks"))
}

/// Builds the command line, with the cargo that runs this chore.
fn build(root: &Path) -> Result<(), String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(root)
        .args(["build", "--quiet", "--locked", "-p", "datalinks-cli"])
        .status()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err("the command line does not build; see above".to_owned()) }
}

/// Where cargo builds.
pub(crate) fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder))
}
