//! An emulator that serves until it is told to stop.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::pin;
use std::process::ExitCode;

use clap::Args;
use datalinks_emulator::{Coverage, Emulator, EmulatorBuilder, EmulatorError};

use super::{Options, address, complain, signals::Signals, variables};

#[derive(Args)]
pub(super) struct Arguments {
    /// The address to serve, e.g. 127.0.0.1:8080 or :0 for any free port. Default: 127.0.0.1:7070, or a free port
    /// where that one is taken.
    #[arg(long, value_name = "HOST:PORT", value_parser = address::parse)]
    address: Option<SocketAddr>,

    /// Allow an address that other hosts can reach. Nothing is encrypted, and whoever has the key can read and replace
    /// the whole state from there. The default key is published and rejected: choose one with --api-key. The page and
    /// the places below /_emulator/ then need the key as well.
    #[arg(long)]
    allow_other_hosts: bool,

    /// Answer requests that name this host, such as the name of a container, with any port or with one. May be given
    /// more than once. Other names than those of the loopback interface are answered 403, because a website can make
    /// its own name mean this machine. The default key is published and rejected together with such a name: choose one
    /// with --api-key. The page and the places below /_emulator/ need the key from requests by the name.
    #[arg(long = "allow-host", value_name = "NAME[:PORT]")]
    allowed_hosts: Vec<String>,

    #[command(flatten)]
    options: Options,
}

impl Arguments {
    /// The options that an emulator for a command has, too.
    pub(super) fn options(&self) -> &Options {
        &self.options
    }
}

pub(super) async fn run(arguments: Arguments) -> ExitCode {
    match serve(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&*error);
            ExitCode::FAILURE
        }
    }
}

async fn serve(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    // Before the address is told, so that whoever reads it can stop us.
    let mut signals = Signals::new()?;
    let mut builder = arguments.options.builder();
    if arguments.allow_other_hosts {
        builder = builder.allow_other_hosts();
    }
    for host in &arguments.allowed_hosts {
        builder = builder.allow_host(host);
    }
    let emulator = match arguments.address {
        Some(address) => builder.address(address).start().await?,
        None => start_near(builder, address::USUAL).await?,
    };
    arguments.options.spoil(&emulator)?;
    println!("{}", greeting(&emulator, &arguments.options));
    let end = until_stopped(signals.told_to_stop(), emulator.stopped()).await;
    // Dropping it would wait, too.
    let mut shutdown = pin!(emulator.shutdown());
    tokio::select! {
        biased;
        () = &mut shutdown => end,
        code = signals.told_to_stop() => {
            eprintln!("{}", cut_short(arguments.options.data()));
            std::process::exit(code.into());
        }
    }
}

/// What becomes of the state when a second signal does not wait for work in progress.
fn cut_short(data: Option<&Path>) -> String {
    let lost = match data {
        Some(folder) => format!(
            "what was not answered yet, and when tokens were used last, may not be saved in {}",
            folder.display()
        ),
        None => "nothing is saved without --data".to_owned(),
    };
    format!("warning: stopped before work in progress was finished; {lost}")
}

/// Waits for a signal to stop. Returns the reason if the emulator stops by itself.
async fn until_stopped<E: std::error::Error + 'static>(
    told_to_stop: impl Future<Output = u8>,
    stopped: impl Future<Output = E>,
) -> Result<(), Box<dyn std::error::Error>> {
    tokio::select! {
        _ = told_to_stop => Ok(()),
        reason = stopped => Err(reason.into()),
    }
}

/// Starts at the address, or at a free port of the same host where its port is taken.
async fn start_near(builder: EmulatorBuilder, address: SocketAddr) -> Result<Emulator, EmulatorError> {
    match builder.clone().address(address).start().await {
        Err(EmulatorError::Bind { source, .. }) if source.kind() == ErrorKind::AddrInUse => {
            let emulator = builder.address((address.ip(), 0)).start().await?;
            eprintln!(
                "note: {address} is taken, perhaps by another emulator; serving on port {} instead. Choose an address \
                 with --address",
                emulator.address().port()
            );
            Ok(emulator)
        }
        started => started,
    }
}

/// What people want to know of an emulator that has started.
fn greeting(emulator: &Emulator, options: &Options) -> String {
    let mut lines = vec![format!("The DataLinks emulator serves on {}", emulator.proxy_url()), String::new()];
    for (name, value) in variables::of(emulator, None) {
        let value = if name == variables::KEY && !options.has_public_key() {
            "the key that you chose"
        } else {
            &value
        };
        lines.push(format!("  export {name}={value}"));
    }
    lines.push(String::new());
    lines.push(format!("Try it: {}", curl(emulator, options)));
    lines.push(coverage(emulator));
    lines.push(format!("See what is in it: {}/", emulator.proxy_url()));
    lines.push(match options.data() {
        Some(folder) => format!("Stop it with Ctrl-C. What it holds stays in {}", folder.display()),
        None => "Stop it with Ctrl-C. What it holds is gone then.".to_owned(),
    });
    lines.join("\n")
}

/// A command that the emulator answers. A key that somebody chose is not repeated: the variable has it.
fn curl(emulator: &Emulator, options: &Options) -> String {
    let key = if options.has_public_key() { emulator.api_key() } else { "$DL_API_KEY" };
    format!("curl -H \"Authorization: Bearer {key}\" {}/user/me", emulator.api_url())
}

/// How many operations are answered how.
fn coverage(emulator: &Emulator) -> String {
    let operations = emulator.coverage();
    let kinds = [
        (Coverage::Computed, "computed"),
        (Coverage::Recorded, "recorded (a model said it once)"),
        (Coverage::PartlyScripted, "partly scripted (a rule stands for a model in a part)"),
        (Coverage::Scripted, "scripted (a rule stands for a model)"),
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
    async fn an_emulator_that_stops_by_itself_is_an_error() {
        let told = until_stopped(std::future::ready(130), std::future::pending::<EmulatorError>()).await;
        assert!(told.is_ok());
        let reason = std::io::Error::other("out of order");
        let stopped = until_stopped(std::future::pending(), std::future::ready(reason)).await;
        assert_eq!(stopped.unwrap_err().to_string(), "out of order");
    }

    #[tokio::test]
    async fn a_taken_port_leads_to_a_free_one() {
        let first = start_near(Emulator::builder(), address::FREE).await.unwrap();
        let second = start_near(Emulator::builder(), first.address()).await.unwrap();
        assert_eq!(second.address().ip(), first.address().ip());
        assert_ne!(second.address().port(), first.address().port());
    }
}
