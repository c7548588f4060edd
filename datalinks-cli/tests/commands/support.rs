//! An emulator, a home directory, and the program with nothing else in its environment.

pub(crate) mod altered;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use datalinks_emulator::{Emulator, EmulatorBuilder};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_datalinks");

/// Where commands run: an empty home directory, and an emulator that DL_HOST and DL_API_KEY name.
pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) home: TempDir,
    runtime: tokio::runtime::Runtime,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Emulator::builder())
    }

    /// Starts an emulator with other settings.
    pub(crate) fn with(emulator: EmulatorBuilder) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let emulator = runtime.block_on(emulator.start()).unwrap();
        Self { emulator, home: tempfile::tempdir().unwrap(), runtime }
    }

    /// Returns the program with these arguments.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.offline(arguments);
        command.env("DL_HOST", self.emulator.api_url()).env("DL_API_KEY", self.emulator.api_key());
        command
    }

    /// Returns the program with these arguments, and no address and no token in its environment.
    pub(crate) fn offline(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.args(arguments).env_clear().current_dir(&self.home).stdin(Stdio::null());
        for name in ["HOME", "DL_CONFIG_DIR", "DL_DATA_DIR"] {
            command.env(name, self.home.path());
        }
        command
    }

    /// Runs the program and returns its exit code, its output and its errors.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().unwrap())
    }

    /// Runs the program, which has to succeed, and returns its output.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
        ran.out
    }

    /// Sends rows to a dataset, which is created.
    pub(crate) fn ingest(&self, namespace: &str, name: &str, rows: &[Value]) {
        let client = datalinks::DataLinks::builder(self.emulator.api_url(), self.emulator.api_key());
        let dataset = client.no_proxy().build().unwrap().dataset(namespace, name).unwrap();
        self.runtime.block_on(async {
            dataset.create().await.unwrap();
            assert!(dataset.ingest(rows.to_vec()).await.unwrap().is_complete());
        });
    }

    /// Waits until the emulator holds a request of a command by its last fault.
    pub(crate) fn wait_until_held(&self, child: &mut Child) {
        while self.emulator.faults().pending() > 0 {
            assert!(child.try_wait().unwrap().is_none(), "the command ended early");
            std::thread::yield_now();
        }
    }

    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        let file = self.home.path().join(name);
        std::fs::write(&file, content).unwrap();
        file
    }
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Returns the JSON of an output.
pub(crate) fn parsed(out: &str) -> Value {
    serde_json::from_str(out).unwrap_or_else(|error| panic!("{error}: {out}"))
}

/// Returns the JSON of each line of an output.
pub(crate) fn lines(out: &str) -> Vec<Value> {
    out.lines().map(parsed).collect()
}

/// Sends what Ctrl-C sends.
#[cfg(unix)]
pub(crate) fn interrupt(child: &Child) {
    use rustix::process::{Pid, Signal, kill_process};

    kill_process(Pid::from_raw(child.id().cast_signed()).unwrap(), Signal::INT).unwrap();
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
