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

/// Returns the exit code for the end of a program: its own, or 128 plus the number of the signal that ended it.
pub(crate) fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    status.code().map_or(u8::MAX, |code| u8::try_from(code).unwrap_or(u8::MAX))
}
