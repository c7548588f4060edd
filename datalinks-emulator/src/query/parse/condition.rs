//! Conditions.

use winnow::stream::{LocatingSlice, Location};

use super::error::Stop;
use super::token::{Input, Quoted, accept, identifier, is_quote, is_word, operand, quoted, space};
use crate::query::ast::{Comparison, Condition, Operator};

/// Maximum number of nested parentheses and strings around a comparison.
pub(crate) const MAX_NESTING: usize = 64;

/// Parses conditions separated by commas, and the closing parenthesis. All conditions must hold.
pub(super) fn conditions(input: &mut Input<'_>) -> Result<Condition, Stop> {
    let mut parts = vec![any_of(input, 0)?];
    while accept(input, ",")? {
        parts.push(any_of(input, 0)?);
    }
    if accept(input, ")")? { Ok(group(parts, Condition::All)) } else { Err(leftover(input, "`,` or `)`")) }
}

/// Parses `a || b || ...`.
fn any_of(input: &mut Input<'_>, depth: usize) -> Result<Condition, Stop> {
    let mut parts = vec![all_of(input, depth)?];
    while accept(input, "||")? {
        parts.push(all_of(input, depth)?);
    }
    Ok(group(parts, Condition::Any))
}

/// Parses `a && b && ...`, which binds more tightly than `||`.
fn all_of(input: &mut Input<'_>, depth: usize) -> Result<Condition, Stop> {
    let mut parts = vec![term(input, depth)?];
    while accept(input, "&&")? {
        parts.push(term(input, depth)?);
    }
    Ok(group(parts, Condition::All))
}

/// Returns a single part unchanged, and several parts as a group.
fn group(mut parts: Vec<Condition>, many: fn(Vec<Condition>) -> Condition) -> Condition {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            many(parts)
        }
    }
}

/// Parses a comparison, or a condition in parentheses or in a string, and the space around it.
fn term(input: &mut Input<'_>, depth: usize) -> Result<Condition, Stop> {
    space(input)?;
    let at = input.current_token_start();
    let condition = if accept(input, "(")? {
        let condition = any_of(input, nested(depth, at)?)?;
        if !accept(input, ")")? {
            return Err(leftover(input, "`)`"));
        }
        condition
    } else if is_quote(input) {
        let text = quoted(input)?;
        space(input)?;
        // A string is a condition unless an operator follows.
        if input.is_empty() || input.starts_with([')', ',', '&', '|']) {
            in_string(&text, nested(depth, at)?)?
        } else {
            Condition::Compare(comparison(input, text.text)?)
        }
    } else {
        let field = operand(input, "the name of a field").map_err(|stop| match input.starts_with('!') {
            true => stop.advice("there is no negation; compare with !="),
            false => stop,
        })?;
        space(input)?;
        Condition::Compare(comparison(input, field)?)
    };
    space(input)?;
    Ok(condition)
}

fn nested(depth: usize, at: usize) -> Result<usize, Stop> {
    if depth == MAX_NESTING {
        return Err(Stop::at(at, format!("at most {MAX_NESTING} nested parentheses"))
            .advice("remove unnecessary ones"));
    }
    Ok(depth + 1)
}

/// Parses the content of a string as a condition. Errors have the offset in the query.
fn in_string(string: &Quoted, depth: usize) -> Result<Condition, Stop> {
    let mut inner = LocatingSlice::new(string.text.as_str());
    let read = any_of(&mut inner, depth).and_then(|condition| match inner.is_empty() {
        true => Ok(condition),
        false => Err(leftover(&inner, "the closing quote")),
    });
    read.map_err(|stop| Stop { at: string.outside(stop.at), ..stop })
}

/// Parses the operator and the value after a field.
fn comparison(input: &mut Input<'_>, field: String) -> Result<Comparison, Stop> {
    for operator in Operator::ALL {
        if accept(input, operator.symbol())? {
            space(input)?;
            let value = operand(input, "a value")?;
            return Ok(Comparison { field, operator, value });
        }
    }
    let stop = Stop::here(input, "a comparison: == != < <= > or >=");
    Err(if input.starts_with('=') { stop.advice("equality is written ==") } else { stop })
}

/// Returns the error for text after a condition that does not belong to it.
fn leftover(input: &Input<'_>, closing: &str) -> Stop {
    let stop = Stop::here(input, format!("`&&`, `||`, {closing}"));
    let mut ahead = *input;
    let word = identifier(&mut ahead).unwrap_or_default();
    if word.eq_ignore_ascii_case("and") || input.starts_with('&') {
        stop.advice("\"and\" is written &&")
    } else if word.eq_ignore_ascii_case("or") || input.starts_with('|') {
        stop.advice("\"or\" is written ||")
    } else if input.starts_with(is_word) {
        stop.advice("write a value of several words in quotes")
    } else {
        stop
    }
}
