//! `datalinks doctor --drift`.

use datalinks::drift::survey;

use crate::commands::counted;
use crate::failure::{Exit, Failure, Result};
use crate::output::Format;
use crate::session::Session;

pub(super) async fn run(session: &Session) -> Result {
    // Registered before the client is created.
    let observer = session.observe_drift();
    let calls = survey(session.client().await?).await;
    let mut last = None;
    for call in &calls {
        if let Some(error) = &call.error {
            session.diagnostics().note(&format!("{}: {}", call.operation, error.message()));
            last = Some(error);
        }
    }
    session.diagnostics().note(&counted(calls.len(), "reading call"));
    let report = observer.report();
    let is_compared = report.responses > report.uncompared;
    // A report on calls that were rejected, or on responses that cannot be read, would claim that nothing differs.
    if report.is_empty() && (!is_compared || calls.len() == 1) {
        if let Some(error) = last {
            return Err(error.clone().into());
        }
        if !is_compared {
            let what = "nothing was compared: no response has JSON that can be read";
            return Err(Failure::new(Exit::Failure, what).next("datalinks doctor"));
        }
    }
    match session.output.format() {
        Format::Table => session.output.text(report.to_markdown().trim_end())?,
        _ => session.output.object(&report)?,
    }
    if !report.is_empty() {
        let places = counted(report.drifts.len(), "place");
        let what = format!("the responses differ from the contract in {places}");
        return Err(Failure::new(Exit::Failure, what)
            .next("file the report with the project that you got this program from"));
    }
    Ok(())
}
