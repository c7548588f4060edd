//! What the document demands of a request, checked before its handler sees it.
//!
//! Fields that are missing, of the wrong type or beyond a limit are refused, each named by its place. What the
//! published clients send beyond the document is accepted with a warning, unless the emulator is strict: unknown
//! fields, and null in a field that could be left out.

mod body;
mod faults;
mod media;
mod query;
mod rules;
mod tolerance;
mod warnings;

use serde_json::Value;

pub(crate) use warnings::Warnings;

use crate::problem::Problem;
use media::Media;
use rules::BodyRule;

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
        Some(rule) if operation == JSON_RPC => {
            rule.media.admit(given.content_type).map(|()| Warnings::default())
        }
        Some(rule) if is_blank(given.body) => missing(rule),
        Some(rule) => present(rule, given),
        None => unwanted(given),
    }
}

/// A request without its body.
fn missing(rule: &BodyRule) -> Result<Warnings, Problem> {
    if rule.required {
        return Err(Problem::bad_request(format!("the request has no body; send one as {}", rule.media)));
    }
    Ok(Warnings::default())
}

fn present(rule: &BodyRule, given: &Given<'_>) -> Result<Warnings, Problem> {
    rule.media.admit(given.content_type)?;
    let value = match rule.media {
        Media::Json => body::outline(given.body, &rule.rows)?,
        Media::Text => Value::String(body::text(given.body)?.to_owned()),
    };
    let schema = rule.schema.compiled()?;
    if schema.validator.is_valid(&value) {
        return Ok(Warnings::default());
    }
    let (faults, warnings) = if given.strict {
        (faults::all(&schema, &value), Warnings::default())
    } else {
        tolerance::judge(&schema, value)
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
        Err(Problem::bad_request("this operation takes no body; leave it out"))
    } else {
        Ok(Warnings::unread_body())
    }
}

fn is_blank(body: &[u8]) -> bool {
    body.iter().all(u8::is_ascii_whitespace)
}

#[cfg(test)]
mod tests;
