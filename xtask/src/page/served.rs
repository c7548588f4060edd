//! An emulator that runs during the tests of the page.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};

use crate::emulator;

/// The words of the emulator before its address.
const READY: &str = " serves on ";

/// A running emulator. `Drop` ends it.
pub(super) struct Served {
    child: Child,
    /// Held open for the remaining output, which fits into the pipe.
    output: BufReader<ChildStdout>,
    /// The URL of the emulator without a path.
    pub(super) origin: String,
}

impl Served {
    /// Starts an emulator with a key of the tests. Port 0 means a free port.
    pub(super) fn start(root: &Path, address: &str, key: &str) -> Result<Self, String> {
        let mut command = emulator::emulator(root)?;
        command.args(["--address", address, "--api-key", key]);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start the emulator: {error}"))?;
        let output = child.stdout.take().ok_or("the emulator has no standard output")?;
        let mut served = Self { child, output: BufReader::new(output), origin: String::new() };
        let mut line = String::new();
        served
            .output
            .read_line(&mut line)
            .map_err(|error| format!("cannot read the emulator's output: {error}"))?;
        let (_, origin) =
            line.split_once(READY).ok_or("the emulator did not print its address; see above")?;
        served.origin = origin.trim_end().to_owned();
        Ok(served)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
