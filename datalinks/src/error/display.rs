//! The text of an error.

use std::fmt;

use super::{facts::Facts, rpc};

/// Maximum number of characters of a body in `Display`.
const BODY_SHOWN: usize = 80;
/// Maximum number of causes in `Debug`.
const CAUSES_SHOWN: usize = 8;

/// Writes the line of `Display`: `operation failed: message (status, code); advice [target, request id, attempts]`.
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
        let news = unsaid(&facts.message, &sub_error.message);
        if news.is_some() || facts.code.as_ref() != Some(&sub_error.code) {
            line.push_str(&format!(", {}", sub_error.code));
        }
        if let Some(news) = news {
            line.push_str(&format!(": {news}"));
        }
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
        // The message may contain the clause already.
        if !line.contains(clause) {
            line.push_str("; ");
            line.push_str(clause);
        }
    }
    if let Some(context) = context(facts) {
        line.push_str(&format!(" [{context}]"));
    }
    write_line(&line, f)
}

/// Returns the part of a detail that the message does not contain already, or `None` if it contains all of it.
///
/// Details often have the form `field: text`. If the message has the text only, the field is returned.
fn unsaid<'a>(message: &str, detail: &'a str) -> Option<&'a str> {
    if message.contains(detail) {
        return None;
    }
    match detail.split_once(": ") {
        Some((field, text)) if has_clause(message, text) => Some(field),
        _ => Some(detail),
    }
}

/// Returns `true` if a message has a whole clause after a colon.
fn has_clause(message: &str, clause: &str) -> bool {
    !clause.is_empty()
        && message.match_indices(clause).any(|(at, _)| {
            let (before, rest) = (message.get(..at), message.get(at + clause.len()..));
            before.is_some_and(|before| before.ends_with(": "))
                && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([';', '\n']))
        })
}

/// Writes what `Debug` adds to the line of `Display`: ` (Kind, retry after, body, caused by: ...)`.
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

/// Returns the texts of the causes, without those that the message or another cause contains.
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

/// Writes a line without line breaks, so that text from a server cannot forge a second line in a log.
fn write_line(line: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    line.chars().try_for_each(|c| fmt::Write::write_char(f, if is_line_break(c) { ' ' } else { c }))
}

/// Returns `true` for control characters, and for characters that some programs treat as the end of a line.
fn is_line_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Returns the target, the request id and the attempts.
fn context(facts: &Facts) -> Option<String> {
    let mut parts: Vec<String> = facts.target.iter().cloned().collect();
    parts.extend(facts.request_id.as_ref().map(|id| format!("request id {id}")));
    if facts.attempts > 0 {
        let attempts = if facts.attempts == 1 { "attempt" } else { "attempts" };
        parts.push(format!("{} {attempts} in {:.1} s", facts.attempts, facts.elapsed.as_secs_f64()));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}
