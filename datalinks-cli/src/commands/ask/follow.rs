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
/// If it ends before the run, the failure says how to follow the run, and nothing is saved.
pub(crate) async fn follow(
    mut events: AskStream,
    mut report: Report<'_>,
    mut saving: Option<Saving>,
    mut checking: Option<Checking>,
    stop: &StopRequest,
) -> Result {
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
        report.event(&event)?;
        if let Some(saving) = &mut saving {
            saving.event(&event).await?;
        }
        if let Some(checking) = &mut checking {
            checking.event(event);
        }
    }
    let saved = match saving {
        Some(saving) => saving.finish().await,
        None => Ok(()),
    };
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
    // The answer was paid for, so it is written even if it could not be saved or verified.
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
