//! Text to tree.
//!
//! The grammar needs no backtracking but at one place (`.filter("...")` is an expression in a
//! string or one that begins with a quoted field), so each rule looks at the next character and
//! commits; what it expected there is what a message says.

use std::fmt;

use winnow::Parser;
use winnow::ascii::multispace0;
use winnow::combinator::opt;
use winnow::error::ParserError;
use winnow::stream::{LocatingSlice, Location, Stream};
use winnow::token::{any, literal, take_while};

use super::ast::{Call, Comparison, Expr, Op, Query};

/// How deep parentheses may nest.
const MAX_DEPTH: usize = 64;

type Input<'i> = LocatingSlice<&'i str>;

/// Why a text is not a query that the emulator can run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum QueryError {
    /// The text breaks the rules of the language.
    Syntax { query: String, at: usize, expected: String },
    /// The text uses a call whose spelling or meaning is not public.
    UnknownCall { call: String },
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownCall { call } => write!(
                f,
                "the spelling of `{call}` is not public; the emulator computes filter, column, searchAround, \
                 find and get; do the rest in your program"
            ),
            Self::Syntax { query, at, expected } => {
                let before = query.get(..*at).unwrap_or(query);
                // The line of the fault alone, with a caret under it.
                let start = before.rfind('\n').map_or(0, |newline| newline + 1);
                let line = query.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
                let column = before.get(start..).unwrap_or_default().chars().count();
                write!(
                    f,
                    "cannot read the query at character {}: expected {expected}\n  {line}\n  {:column$}^",
                    before.chars().count() + 1,
                    "",
                )
            }
        }
    }
}

/// Where reading stopped.
#[derive(Clone, Debug)]
struct Stop {
    at: usize,
    expected: String,
    /// Set when the stop is a call that nobody knows.
    call: Option<String>,
}

impl Stop {
    fn at(at: usize, expected: impl Into<String>) -> Self {
        Self { at, expected: expected.into(), call: None }
    }

    fn here(input: &Input<'_>, expected: impl Into<String>) -> Self {
        Self::at(input.current_token_start(), expected)
    }
}

impl<'i> ParserError<Input<'i>> for Stop {
    type Inner = Self;

    fn from_input(input: &Input<'i>) -> Self {
        Self::here(input, "something else")
    }

    fn into_inner(self) -> Result<Self, Self> {
        Ok(self)
    }
}

/// Reads a query.
pub(crate) fn parse(text: &str) -> Result<Query, QueryError> {
    query(&mut LocatingSlice::new(text)).map_err(|stop| match stop.call {
        Some(call) => QueryError::UnknownCall { call },
        None => QueryError::Syntax { query: text.to_owned(), at: stop.at, expected: stop.expected },
    })
}

fn query(input: &mut Input<'_>) -> Result<Query, Stop> {
    space(input)?;
    let entry = input.current_token_start();
    let word = identifier(input)?;
    if word != "Ontology" && word != "OntologyObject" {
        return Err(Stop::at(entry, "Ontology(\"name of a dataset\")"));
    }
    expect(input, "(", "`(` and the name of a dataset")?;
    let dataset = dataset_name(input)?;
    let mut calls = Vec::new();
    loop {
        space(input)?;
        if input.is_empty() {
            return Ok(Query { dataset, calls });
        }
        dot(input)?;
        let at = input.current_token_start();
        match identifier(input)? {
            "filter" => filter(input, &mut calls)?,
            "searchAround" => calls.push(hop(input)?),
            "get" => {
                expect(input, "(", "`()`")?;
                expect(input, ")", "`)`: get takes nothing")?;
                space(input)?;
                if !input.is_empty() {
                    return Err(Stop::here(input, "the end of the query: nothing follows get()"));
                }
            }
            "find" => return Err(Stop::at(at, "searchAround() before find")),
            "column" => return Err(Stop::at(at, "filter() before column")),
            "" => return Err(Stop::at(at, "the name of a call, e.g. filter")),
            other => return Err(unknown_call(at, other)),
        }
    }
}

fn unknown_call(at: usize, name: &str) -> Stop {
    Stop { at, expected: String::new(), call: Some(name.to_owned()) }
}

/// `filter` and all `column` calls that belong to it.
fn filter(input: &mut Input<'_>, calls: &mut Vec<Call>) -> Result<(), Stop> {
    expect(input, "(", "`(` and a condition")?;
    space(input)?;
    if !input.starts_with(')') {
        calls.push(Call::Filter(condition(input)?));
        return Ok(());
    }
    expect(input, ")", "`)`")?;
    let mut columns = 0;
    loop {
        space(input)?;
        let before = input.checkpoint();
        if columns > 0 && input.is_empty() {
            return Ok(());
        }
        if input.is_empty() {
            return Err(Stop::here(input, "a condition in filter(...), or .column(\"...\") after it"));
        }
        dot(input)?;
        let at = input.current_token_start();
        match identifier(input)? {
            "column" => {
                expect(input, "(", "`(` and a condition")?;
                space(input)?;
                calls.push(Call::Filter(condition(input)?));
                columns += 1;
            }
            _ if columns > 0 => {
                input.reset(&before);
                return Ok(());
            }
            _ => return Err(Stop::at(at, "column(\"...\") after an empty filter()")),
        }
    }
}

/// A condition, bare or in a string, up to and with the closing parenthesis.
fn condition(input: &mut Input<'_>) -> Result<Expr, Stop> {
    if input.starts_with(['"', '\'']) {
        let before = input.checkpoint();
        let text = quoted(input)?;
        space(input)?;
        if opt(literal(")")).parse_next(input)?.is_some() {
            return text.condition();
        }
        // It was the name of a field.
        input.reset(&before);
    }
    let expr = any_of(input, 0)?;
    match opt(literal(")")).parse_next(input)? {
        Some(_) => Ok(expr),
        None => Err(Stop::here(input, after_a_value("`)`", input))),
    }
}

fn hop(input: &mut Input<'_>) -> Result<Call, Stop> {
    expect(input, "(", "`()`")?;
    space(input)?;
    if !input.starts_with(')') && !input.is_empty() {
        return Err(unknown_call(input.current_token_start(), "searchAround with options"));
    }
    expect(input, ")", "`)`")?;
    space(input)?;
    if input.is_empty() {
        return Err(Stop::here(input, ".find(\"name of a dataset\") after searchAround()"));
    }
    dot(input)?;
    let at = input.current_token_start();
    match identifier(input)? {
        "find" => {
            expect(input, "(", "`(` and the name of a dataset")?;
            Ok(Call::Hop(dataset_name(input)?))
        }
        _ => Err(Stop::at(at, "find(\"name of a dataset\") after searchAround()")),
    }
}

/// The name of a dataset and the closing parenthesis. Without quotes, it is all up to there.
fn dataset_name(input: &mut Input<'_>) -> Result<String, Stop> {
    space(input)?;
    let at = input.current_token_start();
    let name = if input.starts_with(['"', '\'']) {
        quoted(input)?.text
    } else {
        let name: &str = take_while(0.., |c| !matches!(c, '(' | ')' | '"' | '\'')).parse_next(input)?;
        name.trim_end().to_owned()
    };
    if name.trim().is_empty() {
        return Err(Stop::at(at, "the name of a dataset, e.g. \"namespace/dataset\""));
    }
    expect(input, ")", "`)` after the name of the dataset")?;
    Ok(name)
}

/// `a || b || ...`
fn any_of(input: &mut Input<'_>, depth: usize) -> Result<Expr, Stop> {
    let mut parts = vec![all_of(input, depth)?];
    while opt(literal("||")).parse_next(input)?.is_some() {
        parts.push(all_of(input, depth)?);
    }
    Ok(one_or(parts, Expr::Or))
}

/// `a && b && ...`, which binds closer than `||`.
fn all_of(input: &mut Input<'_>, depth: usize) -> Result<Expr, Stop> {
    let mut parts = vec![term(input, depth)?];
    while opt(literal("&&")).parse_next(input)?.is_some() {
        parts.push(term(input, depth)?);
    }
    Ok(one_or(parts, Expr::And))
}

fn one_or(mut parts: Vec<Expr>, many: fn(Vec<Expr>) -> Expr) -> Expr {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            many(parts)
        }
    }
}

/// A comparison or an expression in parentheses, with the space around it.
fn term(input: &mut Input<'_>, depth: usize) -> Result<Expr, Stop> {
    space(input)?;
    let at = input.current_token_start();
    let expr = if opt(literal("(")).parse_next(input)?.is_some() {
        if depth == MAX_DEPTH {
            return Err(Stop::at(at, format!("at most {MAX_DEPTH} parentheses inside each other")));
        }
        let expr = any_of(input, depth + 1)?;
        if opt(literal(")")).parse_next(input)?.is_none() {
            return Err(Stop::here(input, after_a_value("`)`", input)));
        }
        expr
    } else {
        Expr::Compare(comparison(input)?)
    };
    space(input)?;
    Ok(expr)
}

fn comparison(input: &mut Input<'_>) -> Result<Comparison, Stop> {
    let field = operand(input, "the name of a field")?;
    space(input)?;
    for op in Op::ALL {
        if opt(literal(op.text())).parse_next(input)?.is_some() {
            space(input)?;
            let value = operand(input, "a value")?;
            return Ok(Comparison { field, op, value });
        }
    }
    Err(Stop::here(input, "a comparison: == != < <= > or >="))
}

/// A quoted text or a word.
fn operand(input: &mut Input<'_>, expected: &str) -> Result<String, Stop> {
    if input.starts_with(['"', '\'']) {
        return Ok(quoted(input)?.text);
    }
    let word: &str = take_while(0.., is_word).parse_next(input)?;
    if word.is_empty() { Err(Stop::here(input, expected)) } else { Ok(word.to_owned()) }
}

fn is_word(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '(' | ')' | '"' | '\'' | '=' | '!' | '<' | '>' | '&' | '|' | '\\')
}

fn after_a_value(closing: &str, input: &Input<'_>) -> String {
    let hint = if input.starts_with(is_word) { "; a value of several words stands in quotes" } else { "" };
    format!("`&&`, `||` or {closing}{hint}")
}

/// A text in quotes, and where each of its bytes stood.
struct Quoted {
    text: String,
    places: Vec<usize>,
    end: usize,
}

impl Quoted {
    /// Reads the text as a condition. Faults are told by their place outside.
    fn condition(&self) -> Result<Expr, Stop> {
        let mut inner = LocatingSlice::new(self.text.as_str());
        let read = any_of(&mut inner, 0).and_then(|expr| {
            if inner.is_empty() {
                Ok(expr)
            } else {
                Err(Stop::here(&inner, after_a_value("the closing quote", &inner)))
            }
        });
        read.map_err(|mut stop| {
            stop.at = self.places.get(stop.at).copied().unwrap_or(self.end);
            stop
        })
    }
}

fn quoted(input: &mut Input<'_>) -> Result<Quoted, Stop> {
    let quote = any(input)?;
    let (mut text, mut places) = (String::new(), Vec::new());
    loop {
        let at = input.current_token_start();
        if input.is_empty() {
            return Err(Stop::at(at, format!("the closing quote {quote}")));
        }
        let c = match any(input)? {
            c if c == quote => return Ok(Quoted { text, places, end: at }),
            '\\' => match opt(any::<_, Stop>).parse_next(input)? {
                Some(escaped @ ('\\' | '"' | '\'')) => escaped,
                _ => return Err(Stop::at(at, "one of \\\\ \\\" \\' (a backslash itself is written \\\\)")),
            },
            c => c,
        };
        text.push(c);
        places.extend(std::iter::repeat_n(at, c.len_utf8()));
    }
}

fn identifier<'i>(input: &mut Input<'i>) -> Result<&'i str, Stop> {
    take_while(0.., |c: char| c.is_alphanumeric() || c == '_').parse_next(input)
}

fn dot(input: &mut Input<'_>) -> Result<(), Stop> {
    expect(input, ".", "`.` and a call, or the end of the query")?;
    space(input)
}

fn expect(input: &mut Input<'_>, token: &'static str, expected: &str) -> Result<(), Stop> {
    space(input)?;
    match opt(literal::<_, _, Stop>(token)).parse_next(input)? {
        Some(_) => Ok(()),
        None => Err(Stop::here(input, expected)),
    }
}

fn space(input: &mut Input<'_>) -> Result<(), Stop> {
    multispace0.void().parse_next(input)
}
