//! How an error reads.

use std::fmt;

use super::Facts;
use crate::agents::rpc;

/// Characters of an unreadable body that are kept.
const BODY_KEPT: usize = 500;
/// Characters of it that are shown in the one line.
const BODY_SHOWN: usize = 80;

/// `operation: message (status, code): advice [where, request id, effort]`, without line breaks.
pub(super) fn one_line(facts: &Facts, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut line = String::new();
    if let Some(operation) = facts.operation {
        line.push_str(operation);
        line.push_str(" failed: ");
    }
    line.push_str(&facts.message);
    if let Some(status) = facts.status {
        line.push_str(&format!(" ({status}"));
        if let Some(code) = &facts.code {
            line.push_str(&format!(", {code}"));
        }
        if let Some(code) = facts.rpc_code {
            line.push_str(&format!(", JSON-RPC error {code}"));
            if let Some(name) = rpc::name(code) {
                line.push_str(&format!(" {name}"));
            }
        }
        line.push(')');
    }
    for sub_error in &facts.sub_errors {
        line.push_str(&format!(", {}: {}", sub_error.code, sub_error.message));
    }
    if let Some(body) = facts.body.as_deref().filter(|body| !body.is_empty()) {
        let shown: String = body.chars().take(BODY_SHOWN).collect();
        let more = if body.chars().count() > BODY_SHOWN { "..." } else { "" };
        line.push_str(&format!(", the body begins with {shown:?}{more}"));
    }
    if facts.outcome_unknown {
        line.push_str("; it may have been carried out");
    }
    line.push_str("; ");
    match &facts.advice {
        Some(advice) => line.push_str(advice),
        None => line.push_str(facts.kind.advice()),
    }
    if let Some(place) = place(facts) {
        line.push_str(&format!(" [{place}]"));
    }
    for letter in line.chars() {
        // A server's message cannot forge a second line in a log.
        fmt::Write::write_char(f, if letter.is_control() { ' ' } else { letter })?;
    }
    Ok(())
}

fn place(facts: &Facts) -> Option<String> {
    let mut parts: Vec<String> = facts.target.iter().cloned().collect();
    parts.extend(facts.request_id.as_ref().map(|id| format!("request id {id}")));
    if facts.attempts > 0 {
        let attempts = if facts.attempts == 1 { "attempt" } else { "attempts" };
        parts.push(format!("{} {attempts} in {:.1} s", facts.attempts, facts.elapsed.as_secs_f64()));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The start of a body as text.
pub(super) fn first_part(body: &[u8]) -> String {
    // A character has at most four bytes: enough is decoded, never all of a large body.
    let start = &body[..body.len().min(BODY_KEPT * 4)];
    String::from_utf8_lossy(start).trim().chars().take(BODY_KEPT).collect()
}
