//! An emulator that serves while the page is tried, and ends before it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};

use crate::emulator;

/// What the emulator says first, before its address.
const READY: &str = " serves on ";

/// A running emulator. It ends when it is dropped.
pub(super) struct Served {
    child: Child,
    /// Held open: it has a few more lines to say, and they fit into the pipe.
    output: BufReader<ChildStdout>,
    /// Where it is, without a path.
    pub(super) origin: String,
}

impl Served {
    /// Starts one, with a key of our own. Port 0 is any free one.
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
        served.output.read_line(&mut line).map_err(|error| format!("what the emulator says: {error}"))?;
        let (_, origin) =
            line.split_once(READY).ok_or("the emulator does not say where it serves; see above")?;
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
