//! Another program that runs in place of a command.

use std::io::{self, ErrorKind};
use std::process::ExitStatus;

use tokio::process::Command;

use crate::signals::Signals;

/// Exit codes of a program that did not run, by the convention of shells.
pub(crate) const CANNOT_RUN: u8 = 126;
pub(crate) const NOT_FOUND: u8 = 127;

/// Runs a program with the standard streams of this process until it ends. Signals are passed on to it. It is killed if the
/// future is dropped.
pub(crate) async fn run(command: &mut Command, mut signals: Signals) -> io::Result<ExitStatus> {
    let mut child = command.kill_on_drop(true).spawn()?;
    let id = child.id();
    tokio::select! {
        ended = child.wait() => ended,
        () = signals.forward_to(id) => Err(ErrorKind::Interrupted.into()),
    }
}

/// Replaces this process by a program, so that a signal to the process group reaches the program once. Returns only what failed.
/// Where a process cannot be replaced, runs the program as a child.
pub(crate) async fn replace(command: &mut Command) -> io::Result<ExitStatus> {
    #[cfg(unix)]
    let ended = Err(std::os::unix::process::CommandExt::exec(command.as_std_mut()));
    #[cfg(not(unix))]
    let ended = run(command, Signals::new()?).await;
    ended
}

/// Returns the exit code for the end of a program: its own, or 128 plus the number of the signal that ended it.
pub(crate) fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    status.code().map_or(u8::MAX, |code| u8::try_from(code).unwrap_or(u8::MAX))
}
