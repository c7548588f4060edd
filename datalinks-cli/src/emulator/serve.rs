//! An emulator that runs until a signal.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use clap::Args;
use datalinks_emulator::{Coverage, Emulator, EmulatorBuilder, EmulatorError};

use super::options::Options;
use super::{address, announcement, variables};
use crate::failure::Result;
use crate::settings::parse_duration;
use crate::signals::Signals;
use crate::terminal;

#[derive(Args)]
pub(super) struct Arguments {
    /// Address of the emulator, e.g. :8080 [default: 127.0.0.1:7070]
    ///
    /// Port 0 means a free port. If no address is given and port 7070 is in use, the emulator listens on a free port.
    #[arg(long, value_name = "HOST:PORT", value_parser = address::parse)]
    address: Option<SocketAddr>,

    /// Permission to listen on an address that other hosts can reach
    ///
    /// Traffic is not encrypted, and every host with the key can read and replace the whole state. The default
    /// key is published and therefore rejected: choose another one with --api-key. The page and the paths below
    /// /_emulator/ then require the key, too.
    #[arg(long)]
    allow_other_hosts: bool,

    /// Further host name of requests, e.g. of a container (repeatable)
    ///
    /// The name applies with any port, or with the given one. Requests with a name that is neither allowed nor
    /// one of the loopback interface get 403, because a website can let its own name resolve to this machine.
    /// The default key is published and therefore rejected together with such a name: choose another one with
    /// --api-key. The page and the paths below /_emulator/ require the key from requests with the name.
    #[arg(long = "allow-host", value_name = "NAME[:PORT]")]
    allowed_hosts: Vec<String>,

    /// Stop when no client has been connected for this time, e.g. 10m
    ///
    /// A browser that shows the page is a client.
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    idle_timeout: Option<Duration>,

    /// File to write the addresses and a new key to while the emulator runs
    ///
    /// Also waits for another emulator that is leaving the data directory.
    #[arg(long, value_name = "FILE", hide = true, conflicts_with = "api_key")]
    announce: Option<PathBuf>,

    #[command(flatten)]
    options: Options,
}

impl Arguments {
    /// Returns the options that `exec` has, too.
    pub(super) fn options(&self) -> &Options {
        &self.options
    }
}

pub(super) async fn run(arguments: Arguments) -> Result {
    // Installed before the address is printed, so that a reader of the address can stop this process.
    let mut signals = Signals::new()?;
    let mut builder = arguments.options.builder();
    if arguments.allow_other_hosts {
        builder = builder.allow_other_hosts();
    }
    for host in &arguments.allowed_hosts {
        builder = builder.allow_host(host);
    }
    if arguments.announce.is_some() {
        builder = builder.api_key(announcement::new_key());
    }
    let emulator = match arguments.address {
        Some(address) if arguments.announce.is_some() => {
            announcement::start_patiently(&builder.address(address)).await?
        }
        Some(address) => builder.address(address).start().await?,
        None => start_near(builder, address::DEFAULT).await?,
    };
    arguments.options.inject_faults(&emulator)?;
    // Removed before the emulator stops, so that nobody finds one that is about to end.
    let announced =
        arguments.announce.map(|file| announcement::Announcement::write(file, &emulator)).transpose()?;
    let greeted = terminal::line(&greeting(&emulator, &arguments.options));
    // Nobody reads the output of an announced emulator after its start.
    if announced.is_none() {
        greeted?;
    }
    let idle = async {
        match arguments.idle_timeout {
            Some(limit) => emulator.idle(limit).await,
            None => std::future::pending().await,
        }
    };
    let stop_requested = async {
        tokio::select! {
            _ = signals.stop_requested() => {}
            () = idle => {}
        }
    };
    let end = until_stopped(stop_requested, emulator.stopped()).await;
    drop(announced);
    // Dropping the emulator would wait, too.
    let mut shutdown = pin!(emulator.shutdown());
    match interrupted(&mut shutdown, signals.stop_requested()).await {
        None => end,
        Some(code) => {
            terminal::diagnostic(&interruption(arguments.options.data()));
            std::process::exit(code.into());
        }
    }
}

/// Waits for the end of work in progress. Returns the exit code if a second signal comes first.
async fn interrupted(
    shutdown: impl Future<Output = ()>,
    second_signal: impl Future<Output = u8>,
) -> Option<u8> {
    tokio::select! {
        biased;
        () = shutdown => None,
        code = second_signal => Some(code),
    }
}

/// Returns the warning about the state if a second signal stops the emulator before work in progress has ended.
fn interruption(data: Option<&Path>) -> String {
    let lost = match data {
        Some(directory) => format!(
            "requests without a response, and the last use of tokens, may not be saved in {}",
            directory.display()
        ),
        None => "nothing is saved without --data".to_owned(),
    };
    format!("warning: stopped before work in progress was finished; {lost}")
}

/// Waits for a signal to stop. Returns the reason if the emulator stops by itself.
async fn until_stopped<E: std::error::Error + Send + Sync + 'static>(
    stop_requested: impl Future<Output = ()>,
    stopped: impl Future<Output = E>,
) -> Result {
    tokio::select! {
        () = stop_requested => Ok(()),
        reason = stopped => Err(reason.into()),
    }
}

/// Starts at the address, or at a free port of the same host if the port is in use.
async fn start_near(
    builder: EmulatorBuilder,
    address: SocketAddr,
) -> std::result::Result<Emulator, EmulatorError> {
    match builder.clone().address(address).start().await {
        Err(EmulatorError::Bind { source, .. }) if source.kind() == ErrorKind::AddrInUse => {
            let emulator = builder.address((address.ip(), 0)).start().await?;
            terminal::diagnostic(&format!(
                "note: {address} is in use, perhaps by another emulator; serving on port {} instead. Choose an address \
                 with --address",
                emulator.address().port()
            ));
            Ok(emulator)
        }
        started => started,
    }
}

/// Returns the message of an emulator that has started.
fn greeting(emulator: &Emulator, options: &Options) -> String {
    let mut lines = vec![format!("The DataLinks emulator serves on {}", emulator.proxy_url()), String::new()];
    for (name, value) in variables::of(emulator, None) {
        let value = if name == variables::KEY && !options.has_public_key() {
            "the API key that you chose"
        } else {
            &value
        };
        lines.push(format!("  export {name}={value}"));
    }
    lines.push(String::new());
    lines.push(format!("Try it: {}", curl(emulator, options)));
    lines.push(coverage(emulator));
    lines.push(format!("Inspect its data: {}/", emulator.proxy_url()));
    lines.push(match options.data() {
        Some(folder) => format!("Stop it with Ctrl-C. Its data stays in {}", folder.display()),
        None => "Stop it with Ctrl-C, which discards its data.".to_owned(),
    });
    lines.join("\n")
}

/// Returns a working curl command. It names the variable instead of the API key if the user chose the key.
fn curl(emulator: &Emulator, options: &Options) -> String {
    let key = if options.has_public_key() { emulator.api_key() } else { "$DL_API_KEY" };
    format!("curl -H \"Authorization: Bearer {key}\" {}/user/me", emulator.api_url())
}

/// Returns the number of operations for each kind of response.
fn coverage(emulator: &Emulator) -> String {
    let operations = emulator.coverage();
    let kinds = [
        (Coverage::Computed, "computed"),
        (Coverage::Recorded, "recorded (an earlier response of a model)"),
        (Coverage::PartlyScripted, "partly scripted (a rule replaces a model in a part)"),
        (Coverage::Scripted, "scripted (a rule replaces a model)"),
        (Coverage::Unsupported, "unsupported"),
    ];
    let counts: Vec<String> = kinds
        .into_iter()
        .map(|(kind, name)| (operations.iter().filter(|operation| operation.coverage == kind).count(), name))
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} are {name}"))
        .collect();
    format!(
        "Of {} operations {}: {}/_emulator/coverage",
        operations.len(),
        counts.join(", "),
        emulator.proxy_url()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn emulator_that_stops_by_itself_is_an_error() {
        let result = until_stopped(std::future::ready(()), std::future::pending::<EmulatorError>()).await;
        assert!(result.is_ok());
        let reason = std::io::Error::other("out of order");
        let stopped = until_stopped(std::future::pending(), std::future::ready(reason)).await;
        assert_eq!(stopped.unwrap_err().message(), "out of order");
    }

    // No request from outside holds up the shutdown for a time that a test could rely on.
    #[tokio::test]
    async fn second_signal_does_not_wait_for_work_in_progress() {
        use std::future::{pending, ready};
        assert_eq!(interrupted(pending(), ready(130)).await, Some(130));
        assert_eq!(interrupted(ready(()), ready(130)).await, None);
        assert_eq!(interrupted(ready(()), pending()).await, None);
        let warning = interruption(Some(Path::new("state")));
        assert!(warning.contains("may not be saved in state"), "{warning}");
        assert!(interruption(None).contains("nothing is saved"));
    }

    #[tokio::test]
    async fn port_in_use_is_replaced_by_a_free_port() {
        let first = start_near(Emulator::builder(), address::FREE_PORT).await.unwrap();
        let second = start_near(Emulator::builder(), first.address()).await.unwrap();
        assert_eq!(second.address().ip(), first.address().ip());
        assert_ne!(second.address().port(), first.address().port());
    }
}
