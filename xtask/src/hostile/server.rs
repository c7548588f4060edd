//! The emulator under attack, a process whose output is read.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::setup::OTHER;

/// The words of the emulator before its address.
const READY: &str = " serves on ";

/// Maximum time of a start.
const START: Duration = Duration::from_secs(60);

/// Maximum time of a stop.
const STOP: Duration = Duration::from_secs(20);

/// A running emulator. `Drop` ends it.
pub(crate) struct Server {
    child: Mutex<Child>,
    pub(crate) address: SocketAddr,
    errors: Arc<Mutex<Vec<String>>>,
}

/// Observations of the server after a failure.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    /// Locations and messages of panics in order.
    pub(crate) panics: Vec<String>,
    /// The end of the process, if it ended.
    pub(crate) exit: Option<String>,
}

impl Server {
    /// Starts an emulator in memory or on a directory, with or without a model.
    pub(crate) fn start(
        program: &Path,
        data: Option<&PathBuf>,
        model: Option<SocketAddr>,
    ) -> Result<Self, String> {
        let mut command = Command::new(program);
        command.args([
            "emulator",
            "--address",
            "127.0.0.1:0",
            "--seed",
            "7",
            "--checkpoints",
            "--user",
            OTHER,
        ]);
        command.args(["--part-size", "1000000"]);
        if let Some(folder) = data {
            command.arg("--data").arg(folder);
        }
        if let Some(model) = model {
            command.args(["--model-url", &format!("http://{model}/v1")]);
        }
        command.env("RUST_BACKTRACE", "0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("cannot start the emulator: {error}"))?;
        let errors = Arc::new(Mutex::new(Vec::new()));
        if let Some(stderr) = child.stderr.take() {
            let errors = Arc::clone(&errors);
            std::thread::spawn(move || {
                for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
                    locked(&errors).push(String::from_utf8_lossy(&line).into_owned());
                }
            });
        }
        let (first_line, received) = std::sync::mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            std::thread::spawn(move || {
                let mut output = BufReader::new(stdout);
                let mut line = String::new();
                let _ = output.read_line(&mut line);
                let _ = first_line.send(line);
                // Read until the end, so that the pipe never fills.
                let _ = std::io::copy(&mut output.by_ref(), &mut std::io::sink());
            });
        }
        let line = received.recv_timeout(START).unwrap_or_default();
        let address =
            line.split_once(READY).and_then(|(_, url)| url.trim().strip_prefix("http://")?.parse().ok());
        let Some(address) = address else {
            let _ = child.kill();
            let _ = child.wait();
            // The last output may be on its way.
            std::thread::sleep(Duration::from_millis(50));
            return Err(format!("the emulator did not start: {}", locked(&errors).join("; ")));
        };
        Ok(Self { child: Mutex::new(child), address, errors })
    }

    /// Returns the number of error lines so far.
    pub(crate) fn mark(&self) -> usize {
        locked(&self.errors).len()
    }

    /// Returns the output since a mark, and the end of the process if it ended.
    pub(crate) fn trace(&self, since: usize) -> Trace {
        let exit = locked(&self.child).try_wait().ok().flatten().map(|status| status.to_string());
        let lines = locked(&self.errors);
        let lines = lines.get(since..).unwrap_or_default();
        let mut panics = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            if let Some((_, place)) = line.split_once("panicked at ") {
                let message = lines.get(index + 1).map(String::as_str).unwrap_or_default();
                panics.push(format!(
                    "{} {}",
                    place.trim_end_matches(':'),
                    message.chars().take(160).collect::<String>()
                ));
            } else if line.contains("has overflowed its stack") || line.contains("memory allocation of") {
                panics.push(line.clone());
            }
        }
        Trace { panics, exit }
    }

    /// Returns the peak memory in megabytes, on systems that report it.
    pub(crate) fn peak(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", locked(&self.child).id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().trim_end_matches("kB").trim().parse::<u64>().ok().map(|kilobytes| kilobytes / 1024)
    }

    /// Returns the number of the process.
    pub(crate) fn id(&self) -> u32 {
        locked(&self.child).id()
    }

    /// Kills the process.
    pub(crate) fn kill(&self) {
        let mut child = locked(&self.child);
        let _ = child.kill();
        let _ = child.wait();
    }

    /// Asks the process to stop with a signal. Fails if it does not stop.
    pub(crate) fn stop(&self) -> Result<(), String> {
        let id = locked(&self.child).id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().is_ok_and(|status| status.success());
        let begun = Instant::now();
        while asked && begun.elapsed() < STOP {
            if locked(&self.child).try_wait().is_ok_and(|status| status.is_some()) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.kill();
        if asked { Err(format!("the emulator did not stop within {STOP:?}")) } else { Ok(()) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
