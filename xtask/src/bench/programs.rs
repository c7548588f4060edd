//! The programs that are measured: built, started and read.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Instant,
};

use serde::Deserialize;

use crate::{emulator::target, python::Environment};

/// The published client that the table compares with.
const PYTHON_VERSION: &str = "2.2.0";
const SCRIPT: &str = "benchmarks/python/bench.py";

/// A program that does the work of a workload.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Program {
    Plain,
    Facade,
    Python,
    Emulator,
}

/// One workload with its parameters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    pub(super) workload: &'static str,
    /// Number of items: rows, events, calls or MiB.
    pub(super) size: usize,
    pub(super) in_flight: usize,
    /// The delay of the server before each response, in milliseconds.
    pub(super) delay: u64,
}

/// The line that a program prints.
#[derive(Deserialize)]
struct Report {
    items: usize,
    wall_ns: u64,
    cpu_ns: u64,
    peak_kib: Option<u64>,
}

/// What one run cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// Elapsed time in seconds.
    pub(super) wall: f64,
    /// CPU time in seconds, user and system.
    pub(super) cpu: f64,
    /// Peak of resident memory in MiB, or `None` if the platform does not report it.
    pub(super) peak: Option<f64>,
}

/// The programs of this checkout.
pub(super) struct Programs {
    root: PathBuf,
    python: Option<Environment>,
}

impl Programs {
    /// Builds the programs in release. `emulator` builds the one that contains the emulator, too.
    pub(super) fn build(root: &Path, emulator: bool) -> Result<Self, String> {
        let clients = ["--bin", "bench-server", "--bin", "bench-facade", "--bin", "bench-plain"];
        let benchmarks = ["-p", "datalinks-benchmarks"];
        cargo(root, &[&benchmarks[..], &clients].concat())?;
        if emulator {
            let emulator = ["--bin", "bench-emulator", "--features", "emulator"];
            cargo(root, &[&benchmarks[..], &emulator].concat())?;
        }
        Ok(Self { root: root.to_owned(), python: None })
    }

    /// Makes the environment of the Python client. Returns the reason if that is not possible.
    pub(super) fn with_python(mut self) -> (Self, Option<String>) {
        let requirements = format!("tests/interop/requirements-{PYTHON_VERSION}.txt");
        match Environment::prepare(&self.root, &format!("interop-{PYTHON_VERSION}"), &requirements) {
            Ok(environment) => self.python = Some(environment),
            Err(error) => return (self, Some(error)),
        }
        (self, None)
    }

    pub(super) fn has_python(&self) -> bool {
        self.python.is_some()
    }

    /// Returns the path of a program written in Rust.
    pub(super) fn path(&self, program: Program) -> PathBuf {
        let name = match program {
            Program::Plain => "bench-plain",
            Program::Facade => "bench-facade",
            Program::Emulator => "bench-emulator",
            Program::Python => SCRIPT,
        };
        target(&self.root).join("release").join(name)
    }

    /// Runs a program once.
    pub(super) fn run(&self, program: Program, job: &Job, server: &Server) -> Result<Sample, String> {
        let mut command = match (program, &self.python) {
            (Program::Python, Some(environment)) => {
                let mut command = Command::new(environment.binary("python"));
                environment.isolate(&mut command);
                command.arg(self.root.join(SCRIPT));
                command
            }
            _ => Command::new(self.path(program)),
        };
        command.args(job.arguments(&server.origin));
        let what = format!("{program:?} with {}", job.workload);
        let begin = Instant::now();
        let mut child = without_proxies(&mut command)
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{what}: {error}"))?;
        let line = first_line(&mut child);
        let process = begin.elapsed().as_secs_f64();
        let status = child.wait().map_err(|error| format!("{what}: {error}"))?;
        if !status.success() {
            return Err(format!("{what} failed ({status}); see above"));
        }
        let report: Report =
            serde_json::from_str(&line).map_err(|error| format!("{what} printed {line:?}: {error}"))?;
        if report.items != job.size {
            return Err(format!("{what} handled {} items instead of {}", report.items, job.size));
        }
        // The workload `start` measures the whole process, from outside.
        let wall = if job.workload == "start" { process } else { report.wall_ns as f64 / 1e9 };
        let peak = report.peak_kib.map(|kib| kib as f64 / 1024.0);
        Ok(Sample { wall, cpu: report.cpu_ns as f64 / 1e9, peak })
    }
}

impl Job {
    /// Returns the arguments of a program.
    pub(super) fn arguments(&self, origin: &str) -> [String; 5] {
        let Self { workload, size, in_flight, delay } = self;
        [
            (*workload).to_owned(),
            size.to_string(),
            origin.to_owned(),
            in_flight.to_string(),
            delay.to_string(),
        ]
    }
}

/// The server, which ends with this value.
pub(super) struct Server {
    child: Child,
    pub(super) origin: String,
}

impl Server {
    pub(super) fn start(programs: &Programs) -> Result<Self, String> {
        Self::start_with(programs, &[])
    }

    /// Starts a server with TLS, whose certificates are in `benchmarks/tls`.
    pub(super) fn start_tls(programs: &Programs) -> Result<Self, String> {
        Self::start_with(programs, &["tls"])
    }

    fn start_with(programs: &Programs, arguments: &[&str]) -> Result<Self, String> {
        let path = target(&programs.root).join("release").join("bench-server");
        let mut child = Command::new(&path)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let origin = first_line(&mut child).trim().to_owned();
        let server = Self { child, origin };
        if server.origin.is_empty() {
            return Err("the server did not start; see above".to_owned());
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the first line that a process prints, or an empty string. The pipe stays open until the process ends.
pub(super) fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    if let Some(output) = &mut child.stdout {
        // An unreadable line is reported as an empty one.
        let _ = BufReader::new(output).read_line(&mut line);
    }
    line
}

/// Removes proxies from the environment of a command, because the server is on this machine.
pub(super) fn without_proxies(command: &mut Command) -> &mut Command {
    for name in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(name);
    }
    command
}

/// Builds programs in release.
pub(super) fn cargo(root: &Path, arguments: &[&str]) -> Result<(), String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(root)
        .args(["build", "--quiet", "--release", "--locked"])
        .args(arguments)
        .status()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err("building the programs failed; see above".to_owned()) }
}
