//! How an error reads.

use std::fmt;

use super::{facts::Facts, rpc};

/// Characters of it that are shown in the one line.
const BODY_SHOWN: usize = 80;
/// Causes that are shown.
const CAUSES_SHOWN: usize = 8;

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
    if facts.ambiguous {
        line.push_str("; it may have been carried out");
    }
    let advice = facts.advice.as_deref().unwrap_or(facts.kind.advice());
    for clause in advice.split("; ") {
        // The message may say it already.
        if !line.contains(clause) {
            line.push_str("; ");
            line.push_str(clause);
        }
    }
    if let Some(place) = place(facts) {
        line.push_str(&format!(" [{place}]"));
    }
    write_line(&line, f)
}

/// ` (Kind, caused by: ...)`: what the one line does not have, on the same line.
pub(super) fn details(facts: &Facts, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut parts = vec![format!("{:?}", facts.kind)];
    parts.extend(facts.retry_after.map(|wait| format!("retry after {} s", wait.as_secs_f64())));
    if let Some(body) = facts.body.as_deref().filter(|body| body.chars().count() > BODY_SHOWN) {
        parts.push(format!("body {body:?}"));
    }
    let causes = causes(facts);
    if !causes.is_empty() {
        parts.push(format!("caused by: {}", causes.join(": ")));
    }
    write_line(&format!(" ({})", parts.join(", ")), f)
}

/// The texts of the causes that the message does not have.
pub(super) fn causes(facts: &Facts) -> Vec<String> {
    let mut cause = facts.source.as_deref().map(|source| source as &dyn std::error::Error);
    let mut causes: Vec<String> = Vec::new();
    while let Some(error) = cause.filter(|_| causes.len() < CAUSES_SHOWN) {
        let text = error.to_string();
        // Causes usually repeat each other.
        if !facts.message.contains(&text) && !causes.iter().any(|earlier| earlier.contains(&text)) {
            causes.push(text);
        }
        cause = error.source();
    }
    causes
}

/// A server's text cannot forge a second line in a log.
fn write_line(line: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    line.chars().try_for_each(|c| fmt::Write::write_char(f, if is_line_break(c) { ' ' } else { c }))
}

/// Control characters, and what some programs take for the end of a line.
fn is_line_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
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
