//! Reading the events of a run until it ends or the user stops.

use std::future::IntoFuture as _;

use datalinks::ask::AskStream;

use super::checking::Checking;
use super::report::Report;
use super::saved::Saving;
use crate::failure::{Failure, Result};
use crate::session::StopRequest;

/// Reports all events of a run, saves them, and verifies the answer.
///
/// If it ends before the run, the failure says how to follow the run, and nothing is saved. The answer was paid for, so it is
/// written even if it can no longer be saved, and saved even if it can no longer be written.
pub(crate) async fn follow(
    mut events: AskStream,
    mut report: Report<'_>,
    mut saving: Option<Saving>,
    mut checking: Option<Checking>,
    stop: &StopRequest,
) -> Result {
    let (mut written, mut saved) = (Ok(()), Ok(()));
    loop {
        let next = tokio::select! {
            biased;
            code = stop.requested() => return Err(after(Failure::interrupted(code), report.run_id())),
            next = events.next() => next,
        };
        let event = match next {
            Some(Ok(event)) => event,
            Some(Err(error)) => return Err(after(Failure::from(error), report.run_id())),
            None => break,
        };
        if written.is_ok() {
            written = report.event(&event);
        }
        if let Some(file) = &mut saving
            && let Err(failure) = file.event(&event).await
        {
            (saving, saved) = (None, Err(failure));
        }
        written = match written {
            Err(failure) if saving.is_none() => return Err(after(failure, report.run_id())),
            written => written,
        };
        if let Some(checking) = &mut checking {
            checking.event(event);
        }
    }
    if let Some(file) = saving {
        saved = file.finish().await;
    }
    written?;
    report.measure(stop).await;
    let mut verified = Ok(());
    if let Some(verify) = checking.and_then(Checking::verify) {
        verified = tokio::select! {
            biased;
            code = stop.requested() => Err(Failure::interrupted(code)),
            found = verify.into_future() => match found {
                Ok(found) => report.verified(found),
                Err(error) => Err(error.into()),
            },
        };
    }
    // The answer is written even if it could not be saved or verified.
    report.finish()?;
    saved.and(verified)
}

/// Adds how to follow a run that this command follows no longer.
fn after(failure: Failure, run: Option<&str>) -> Failure {
    match run {
        Some(id) => failure
            .next(format!("datalinks run wait {id}, which waits for the result of the run"))
            .next("the service does not document whether a run goes on without its reader; the question is not asked again"),
        None => unnamed(failure),
    }
}

/// Adds how to find a run that has not been named.
pub(super) fn unnamed(failure: Failure) -> Failure {
    failure.next("datalinks conversation list, which lists the question if the service has received it")
}
