//! What the document demands of a request, checked before its handler sees it.
//!
//! Fields that are missing, of the wrong type or beyond a limit are refused, each named by its place. What real
//! clients send beyond the document is accepted with a warning, unless the emulator is strict: unknown fields, null in
//! a field that could be left out, and another content type.

mod body;
mod faults;
mod idle;
mod media;
mod query;
mod rules;
mod tolerance;
mod warnings;

use http::StatusCode;
use serde_json::Value;

pub(crate) use warnings::Warnings;

use crate::response::Problem;
use media::Media;
use rules::{BodyRule, Rules};

/// JSON-RPC tells what is wrong with a body in a form of its own.
const JSON_RPC: &str = "a2aJsonRpc";

/// What is checked of a request.
pub(crate) struct Given<'a> {
    pub(crate) content_type: Option<&'a str>,
    pub(crate) query: &'a str,
    pub(crate) body: &'a [u8],
    /// Refuse what would be accepted with a warning.
    pub(crate) strict: bool,
}

/// Checks a request of this operation. What is odd and accepted all the same is a warning.
pub(crate) fn check(operation: &str, given: &Given<'_>) -> Result<Warnings, Problem> {
    let rules = rules::of(operation)?;
    if let Some(rule) = &rules.query {
        let faults = faults::all(&rule.compiled()?, &query::values(given.query, rule.schema())?);
        Problem::unfit("query string", faults)?;
    }
    match &rules.body {
        Some(rule) if operation == JSON_RPC => rule.media.admit(given.content_type, given.strict),
        Some(rule) if is_blank(given.body) => missing(rule),
        Some(rule) => present(operation, rule, given),
        None => unwanted(given),
    }
}

/// Answers a request that can be read and is wrong by 422 where the document declares that status for the operation,
/// and else by 400. A request that cannot be read is answered 400 in any case.
pub(crate) fn declared(operation: &str, problem: Problem) -> Problem {
    let declares = |rules: &Rules| {
        rules.statuses.iter().any(|status| status == StatusCode::UNPROCESSABLE_ENTITY.as_str())
    };
    if rules::of(operation).is_ok_and(declares) { problem.unprocessable_if_readable() } else { problem }
}

/// A request without its body.
fn missing(rule: &BodyRule) -> Result<Warnings, Problem> {
    if rule.required {
        return Err(Problem::malformed(format!("the request has no body; send one as {}", rule.media)));
    }
    Ok(Warnings::default())
}

fn present(operation: &str, rule: &BodyRule, given: &Given<'_>) -> Result<Warnings, Problem> {
    let mut warnings = rule.media.admit(given.content_type, given.strict)?;
    let value = match rule.media {
        Media::Json => body::outline(given.body, &rule.rows)?,
        Media::Text => Value::String(body::text(given.body)?.to_owned()),
    };
    warnings.idle(idle::fields(operation, &value));
    let schema = rule.schema.compiled()?;
    if schema.validator.is_valid(&value) {
        return Ok(warnings);
    }
    let faults = if given.strict {
        faults::all(&schema, &value)
    } else {
        tolerance::judge(&schema, value, &mut warnings)
    };
    Problem::unfit("body", faults)?;
    Ok(warnings)
}

/// A body where none is wanted. Older clients send an empty object.
fn unwanted(given: &Given<'_>) -> Result<Warnings, Problem> {
    let text = given.body.trim_ascii();
    if text.is_empty() || text == b"{}" {
        Ok(Warnings::default())
    } else if given.strict {
        Err(Problem::malformed("this operation takes no body; leave it out"))
    } else {
        Ok(Warnings::unread_body())
    }
}

fn is_blank(body: &[u8]) -> bool {
    body.iter().all(u8::is_ascii_whitespace)
}

#[cfg(test)]
mod tests;
