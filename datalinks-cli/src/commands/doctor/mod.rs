//! `datalinks doctor`.

mod check;
mod clock;
mod connection;
mod drift;
mod settings;
mod token;
mod versions;

use clap::Args;

use crate::failure::{Exit, Failure, Result};
use crate::output::{Format, Output};
use crate::session::Session;
use crate::terminal;
use check::Check;

/// Check the settings, the token, the connection and the clock
///
/// Each check is a line: ok, warning, failed or skipped, with what to do next. Broken settings, a missing token and a service
/// that cannot be reached are reported, too. The exit code is that of the worst check, and warnings do not change it. The
/// token is not shown.
///
/// With --drift, the command makes reading calls (at most 48, which cost no tokens), compares the responses with the contract
/// that this program was built from, and writes a report in Markdown, or as one JSON object: fields, values of enums, types
/// and statuses that the contract does not have, each with its place and number. The report has no values of rows and no
/// secrets, so that it can be filed. The exit code is 1 if something was found.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  datalinks doctor\n  datalinks doctor --output json\n  datalinks doctor --drift > drift.md"
)]
pub(crate) struct Arguments {
    /// Report what the service sends and the contract does not have
    #[arg(long)]
    drift: bool,
}

pub(crate) async fn run(arguments: Arguments, session: &Session) -> Result {
    if arguments.drift {
        return drift::run(session).await;
    }
    let mut checks = settings::checks(&session.settings);
    let probe = connection::Probe::send(session).await;
    checks.push(token::check(session, &probe));
    checks.extend(connection::checks(session, &probe));
    checks.push(clock::check(&probe));
    checks.extend(versions::checks(Some(&probe)));
    report(&checks, &session.output)
}

/// Reports settings that cannot be read. Without them, nothing is sent.
pub(crate) fn report_settings(failure: Failure, output: &Output) -> Result {
    let mut checks = vec![Check::failure("settings", &failure)];
    let names = ["host", "token", "proxy", "connection", "tls", "clock"];
    checks.extend(names.map(|name| Check::skipped(name, "the settings cannot be read")));
    checks.extend(versions::checks(None));
    report(&checks, output)
}

/// Writes the checks, and fails with the code of the worst one.
fn report(checks: &[Check], output: &Output) -> Result {
    match output.format() {
        Format::Table => {
            let lines: Vec<String> = checks.iter().flat_map(|check| check.lines(output.style())).collect();
            terminal::line(&lines.join("\n"))?;
        }
        _ => output.list(checks, &[])?,
    }
    let failed: Vec<&Check> = checks.iter().filter(|check| check.exit() != Exit::Success).collect();
    let worst = failed.iter().fold(Exit::Success, |worst, check| worst.and(check.exit()));
    match failed.len() {
        0 => Ok(()),
        1 => Err(Failure::new(worst, format!("a check failed: {}", failed[0].name()))),
        count => Err(Failure::new(worst, format!("{count} checks failed"))),
    }
}
