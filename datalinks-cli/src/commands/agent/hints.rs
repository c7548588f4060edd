//! What to do next about an agent.

use datalinks::agents::Agent;

use crate::failure::{Exit, Failure, nearest};
use crate::session::Session;

/// Adds the name that was probably meant to a failure about an agent that does not exist.
pub(super) async fn explain(failure: Failure, agent: &Agent) -> Failure {
    if failure.exit() != Exit::NotFound {
        return failure;
    }
    let listed = agent.client().agents().await.ok();
    let names: Vec<String> = listed.into_iter().flat_map(|list| list.items).map(|entry| entry.name).collect();
    match nearest(agent.name(), names.iter().map(String::as_str)) {
        Some(near) if near != agent.name() => failure.next(format!("did you mean {near}?")),
        _ => failure.next("datalinks agent list"),
    }
}

/// Warns of addresses that are not those of the host of the settings.
pub(super) fn warn_of_addresses(addresses: &[String], session: &Session) {
    for address in addresses {
        let what = format!("{address} is at another host than the API; no request is sent there");
        session.diagnostics().warning(&what);
    }
}
