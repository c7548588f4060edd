//! An emulator for the duration of a chore: built from this checkout, stopped whatever happens.
//!
//! It is a process of its own because chores must not depend on the crates that hold generated code:
//! `regen` has to work when that code does not build.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
};

/// What `serve` prints last; the lines before it are settings too.
const LAST_SETTING: &str = "DL_USERNAME";

/// A running emulator. It ends when it is dropped, and when this process ends in any other way:
/// `serve` stops at the end of its standard input.
pub(crate) struct Emulator {
    child: Child,
    stdin: Option<ChildStdin>,
    settings: BTreeMap<String, String>,
}

impl Emulator {
    /// Builds the emulator and starts it on a free port of the loopback interface.
    pub(crate) fn start(root: &Path) -> Result<Self, String> {
        build(root, &["-p", "datalinks-emulator", "--example", "serve"])?;
        let program = target(root).join("debug/examples/serve");
        let mut child = Command::new(&program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().ok_or("the emulator has no standard output")?;
        let mut emulator = Self { child, stdin, settings: BTreeMap::new() };
        for line in BufReader::new(stdout).lines() {
            let line = line.map_err(|error| format!("the emulator's start-up lines: {error}"))?;
            if let Some((name, value)) = line.split_once('=') {
                emulator.settings.insert(name.to_owned(), value.to_owned());
                if name == LAST_SETTING {
                    return Ok(emulator);
                }
            }
        }
        Err("the emulator ended before it was ready; what it said stands above".to_owned())
    }

    /// One of the settings that clients read from their environment, such as `DL_HOST`.
    pub(crate) fn setting(&self, name: &str) -> Result<&str, String> {
        self.settings
            .get(name)
            .map(String::as_str)
            .ok_or_else(|| format!("the emulator did not tell its {name}"))
    }

    /// Sets all of them for `command`, and none that this process has inherited.
    pub(crate) fn settings_for(&self, command: &mut Command) {
        for name in ["DL_HOST", "DL_API_KEY", "DL_INGEST_PROXY", "DL_USERNAME", "DL_NAMESPACE", "OBJECT_NAME"]
        {
            command.env_remove(name);
        }
        command.envs(&self.settings);
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Builds one thing of the workspace, with the cargo that runs this chore.
fn build(root: &Path, what: &[&str]) -> Result<(), String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(root)
        .args(["build", "--quiet", "--locked"])
        .args(what)
        .status()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`cargo build {}` failed", what.join(" "))) }
}

/// Where cargo builds.
fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder))
}
