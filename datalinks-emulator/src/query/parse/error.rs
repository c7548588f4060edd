//! Syntax errors, and the line that shows their position.

use std::fmt;

use winnow::error::ParserError;
use winnow::stream::{LocatingSlice, Location};

use crate::response::debug_error::debug_as_sentence;

/// Number of characters that a message shows on each side of the error.
const SHOWN: usize = 60;

/// A syntax error of a query.
///
/// The message contains the position, the expected token and advice. The line of the query follows, with a caret below
/// the position.
#[derive(Clone, Eq, PartialEq)]
pub struct QueryError {
    at: usize,
    /// Position of the error in characters, from 1.
    position: usize,
    expected: String,
    advice: Option<String>,
    /// The line of the query, or the part of it around the error.
    line: String,
    /// Number of characters before the caret.
    column: usize,
}

impl QueryError {
    pub(super) fn new(text: &str, stop: Stop) -> Self {
        let Stop { at, expected, advice } = stop;
        let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
        let is_in_line = |c: &char| !matches!(c, '\n' | '\r');
        let mut head: Vec<char> = before.chars().rev().take_while(is_in_line).take(SHOWN + 1).collect();
        if head.len() > SHOWN {
            head.truncate(SHOWN);
            head.push('…');
        }
        let mut tail: Vec<char> = after.chars().take_while(is_in_line).take(SHOWN + 1).collect();
        if tail.len() > SHOWN {
            tail.truncate(SHOWN);
            tail.push('…');
        }
        // A tab would move the caret away from the position.
        let visible = |c: char| if c.is_control() { ' ' } else { c };
        Self {
            at: before.len(),
            position: before.chars().count() + 1,
            expected,
            advice,
            column: head.len(),
            line: head.into_iter().rev().chain(tail).map(visible).collect(),
        }
    }

    /// Returns the byte offset of the error.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// Returns a description of what the parser expected at [`offset`](Self::offset).
    pub fn expected(&self) -> &str {
        &self.expected
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { position, expected, line, column, .. } = self;
        write!(f, "cannot read the query at character {position}: expected {expected}")?;
        if let Some(advice) = &self.advice {
            write!(f, "; {advice}")?;
        }
        write!(f, "\n  {line}\n  {:column$}^", "")
    }
}

impl std::error::Error for QueryError {}

debug_as_sentence!(QueryError);

/// The position at which the parser stopped, and the reason.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    pub(super) at: usize,
    pub(super) expected: String,
    pub(super) advice: Option<String>,
}

impl Stop {
    pub(super) fn at(at: usize, expected: impl Into<String>) -> Self {
        Self { at, expected: expected.into(), advice: None }
    }

    pub(super) fn here(input: &LocatingSlice<&str>, expected: impl Into<String>) -> Self {
        Self::at(input.current_token_start(), expected)
    }

    /// Adds advice to the error.
    pub(super) fn advice(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }
}

impl<'i> ParserError<LocatingSlice<&'i str>> for Stop {
    type Inner = Self;

    fn from_input(input: &LocatingSlice<&'i str>) -> Self {
        Self::here(input, "something else")
    }

    fn into_inner(self) -> Result<Self, Self> {
        Ok(self)
    }
}
