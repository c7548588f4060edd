//! The binary and its output.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_datalinks");

/// Returns `datalinks emulator` with an environment that names the service.
pub(crate) fn emulator(arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command
        .arg("emulator")
        .args(arguments)
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("DL_HOST", "https://example.com/api/v1")
        .env("DL_API_KEY", "real-canary")
        .env("DL_OTHER_SECRET", "other-canary")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Returns a client that ignores the proxies of the environment.
pub(crate) fn http() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder().no_proxy().build()?)
}

/// Runs a command to its end. Returns its exit code, output and error output.
pub(crate) async fn finish(mut command: Command) -> Result<(Option<i32>, String, String)> {
    let output = command.output().await?;
    Ok((output.status.code(), String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?))
}

/// A process, with the lines of its output as they arrive.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Result<Self> {
        let mut child = command.spawn()?;
        let output = child.stdout.take().ok_or("the output is piped")?;
        Ok(Self { child, lines: BufReader::new(output).lines() })
    }

    /// Returns the lines up to the one that contains this text.
    pub(crate) async fn until(&mut self, text: &str) -> Result<Vec<String>> {
        let mut seen = Vec::new();
        while let Some(line) = self.lines.next_line().await? {
            let found = line.contains(text);
            seen.push(line);
            if found {
                return Ok(seen);
            }
        }
        Err(format!("{text:?} is not in the output {seen:#?}").into())
    }

    #[cfg(unix)]
    pub(crate) fn send(&self, signal: rustix::process::Signal) -> Result {
        let id = self.child.id().ok_or("it runs")?;
        let id = rustix::process::Pid::from_raw(id.try_into()?).ok_or("an id is not 0")?;
        Ok(rustix::process::kill_process(id, signal)?)
    }
}
