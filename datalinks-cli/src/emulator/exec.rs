//! The subcommand `exec`: a command with its own emulator.

use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind};
use std::process::ExitStatus;

use clap::Args;
use datalinks_emulator::Emulator;
use tokio::process::Command;

use super::options::Options;
use super::{address, variables};
use crate::child::{self, CANNOT_RUN, NOT_FOUND};
use crate::failure::{Exit, Failure, Result};
use crate::signals::Signals;

/// The exit code if the emulator did not start, or stopped before the command ended.
const NO_EMULATOR: u8 = 125;

#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    options: Options,

    /// Command to run, with its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Runs the command and returns its exit code. `outer` contains the options before `exec`, which the options behind it
/// override.
pub(super) async fn run(outer: &Options, arguments: Arguments, namespace: Option<&str>) -> Result<u8> {
    let no_emulator = |failure: Failure| failure.with_exit(Exit::Code(NO_EMULATOR));
    let started = async {
        // Installed before the command runs, so that no signal ends this process and leaves the command
        // running.
        let signals = Signals::new()?;
        let builder = arguments.options.apply(outer.builder());
        let emulator = builder.address(address::FREE_PORT).start().await?;
        outer.inject_faults(&emulator)?;
        arguments.options.inject_faults(&emulator)?;
        Ok::<_, Failure>((signals, emulator))
    };
    let (signals, emulator) = started.await.map_err(no_emulator)?;
    let ended = tokio::select! {
        ended = run_command(&arguments, namespace, &emulator, signals) => Ok(ended),
        // The command ends when this future is dropped.
        reason = emulator.stopped() => Err(reason),
    };
    emulator.shutdown().await;
    match ended.map_err(|reason| no_emulator(reason.into()))? {
        Ok(status) => Ok(child::code(status)),
        Err(error) => {
            let name = arguments.command.first().map(OsString::as_os_str).unwrap_or_default();
            Err(failure(name, &error))
        }
    }
}

async fn run_command(
    arguments: &Arguments,
    namespace: Option<&str>,
    emulator: &Emulator,
    signals: Signals,
) -> io::Result<ExitStatus> {
    let (name, rest) = arguments.command.split_first().ok_or(ErrorKind::InvalidInput)?;
    let mut command = Command::new(name);
    command.args(rest);
    for name in variables::withheld(std::env::vars_os().map(|(name, _)| name)) {
        command.env_remove(name);
    }
    for name in variables::WITHOUT_PROXY {
        command.env(name, variables::without_proxy(std::env::var_os(name)));
    }
    command.envs(variables::of(emulator, namespace));
    child::run(&mut command, signals).await
}

/// Returns the failure of a command that did not run.
fn failure(name: &OsStr, error: &io::Error) -> Failure {
    let name = name.to_string_lossy();
    match error.kind() {
        ErrorKind::NotFound => {
            let what = format!("the command {name:?} does not exist; check its name and PATH");
            Failure::new(Exit::Code(NOT_FOUND), what)
        }
        _ => {
            Failure::new(Exit::Code(CANNOT_RUN), format!("cannot run the command {name:?}")).caused_by(error)
        }
    }
}
