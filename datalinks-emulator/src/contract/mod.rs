//! Validation of requests against the OpenAPI document, before their handlers run.
//!
//! Values that are missing, of the wrong type or beyond a limit are rejected, and the error lists each by its path. Some
//! requests of real clients are invalid in other ways: they have unknown fields, null in an optional field, or another
//! content type. These are accepted with a warning, unless the emulator is strict.

mod body;
mod idle;
mod media;
mod query;
mod rules;
mod tolerance;
mod violations;
mod warnings;

use http::StatusCode;
use serde_json::Value;

pub(crate) use warnings::Warnings;

use crate::response::Problem;
use media::Media;
use rules::{BodyRule, Rules};

/// The operation whose handler validates the body, because JSON-RPC has its own format of errors.
const JSON_RPC: &str = "a2aJsonRpc";

/// The parts of a request that are validated.
pub(crate) struct Given<'a> {
    pub(crate) content_type: Option<&'a str>,
    pub(crate) query: &'a str,
    pub(crate) body: &'a [u8],
    /// `true` to reject requests that would be accepted with a warning.
    pub(crate) strict: bool,
}

/// Validates a request of an operation. Returns warnings about invalid parts that are accepted.
pub(crate) fn check(operation: &str, given: &Given<'_>) -> Result<Warnings, Problem> {
    let rules = rules::of(operation)?;
    if let Some(rule) = &rules.query {
        let violations = violations::all(&rule.compiled()?, &query::values(given.query, rule.schema())?);
        Problem::check("query string", violations)?;
    }
    match &rules.body {
        Some(rule) if operation == JSON_RPC => rule.media.admit(given.content_type, given.strict),
        Some(rule) if is_blank(given.body) => missing(rule),
        Some(rule) => present(operation, rule, given),
        None => unwanted(given),
    }
}

/// Sets the status of a readable but invalid request to 422 if the document declares that status for the operation, and to
/// 400 otherwise. A request that cannot be read always gets 400.
pub(crate) fn declared(operation: &str, problem: Problem) -> Problem {
    let declares = |rules: &Rules| {
        rules.statuses.iter().any(|status| status == StatusCode::UNPROCESSABLE_ENTITY.as_str())
    };
    if rules::of(operation).is_ok_and(declares) { problem.unprocessable_if_readable() } else { problem }
}

/// Checks a request without a body.
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
    let violations = if given.strict {
        violations::all(&schema, &value)
    } else {
        tolerance::tolerate(&schema, value, &mut warnings)
    };
    Problem::check("body", violations)?;
    Ok(warnings)
}

/// Checks the body of an operation that has none. An empty object is accepted, because older clients send it.
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
