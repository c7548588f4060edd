//! Text to tree.
//!
//! 1. `token` reads words, quoted text, names and numbers.
//! 2. `condition` reads what stands in `filter` and `column`.
//! 3. This file reads the entry and the calls.
//!
//! The grammar needs no backtracking: each rule looks at the next character and commits, so an error names what the
//! rule expected there. The recursion of conditions has a limit, and so have the length of the text and the number of
//! calls.

mod condition;
mod error;
mod token;

use winnow::stream::{LocatingSlice, Location};

use condition::conditions;
pub use error::QueryError;

#[cfg(test)]
pub(crate) use condition::MAX_NESTING;
use error::Stop;
use token::{
    Input, accept, close, dataset_name, expect, identifier, is_quote, is_word, number, open, operand, space,
};

use super::ast::{Call, Direction, Query, SearchAround, Sort};
use crate::response::did_you_mean::did_you_mean;

/// Maximum length of a query in bytes.
pub(crate) const MAX_LENGTH: usize = 256 * 1024;

/// Maximum number of calls. The tree that explains a query has a node for each, and readers of JSON limit its depth.
pub(crate) const MAX_CALLS: usize = 50;

/// Maximum number of links that one `searchAround` goes over.
pub(crate) const MAX_DEPTH: u64 = 16;

/// Calls that the language has.
const CALLS: [&str; 10] = [
    "filter",
    "column",
    "searchAround",
    "find",
    "follow",
    "sortAscending",
    "sortDescending",
    "sort",
    "limit",
    "get",
];

/// Calls that other languages have for aggregation and projection.
const ABSENT: [&str; 14] = [
    "select",
    "unique",
    "distinct",
    "groupBy",
    "aggregate",
    "count",
    "sum",
    "avg",
    "average",
    "min",
    "max",
    "project",
    "having",
    "join",
];

/// Parses the text of a query.
///
/// The parser accepts every spelling of the [query language](crate::query#the-language). Names of datasets and columns are
/// not looked up.
///
/// # Errors
///
/// Returns the first place at which the text is not a query.
///
/// # Examples
///
/// ```
/// use datalinks_emulator::query::parse;
///
/// let query = parse("OntologyObject('cinema/films').filter(year >= 1990, country == Japan).sort(year, DESC).limit(3)")?;
/// assert_eq!(
///     query.to_string(),
///     r#"Ontology("cinema/films").filter(year >= 1990 && country == Japan).sortDescending(year).limit(3)"#
/// );
///
/// let error = parse("Ontology(films).limit(three)").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "cannot read the query at character 23: expected a number of rows; write it in digits, without quotes or sign
///   Ontology(films).limit(three)
///                         ^"
/// );
/// # Ok::<(), datalinks_emulator::query::QueryError>(())
/// ```
pub fn parse(text: &str) -> Result<Query, QueryError> {
    let read = if text.len() > MAX_LENGTH {
        Err(Stop::at(floor(text, MAX_LENGTH), format!("at most {MAX_LENGTH} bytes"))
            .advice("split the query into several"))
    } else {
        query(&mut LocatingSlice::new(text))
    };
    read.map_err(|stop| QueryError::new(text, stop))
}

/// The last boundary between characters at or before an offset.
fn floor(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// Whether `column` may follow.
#[derive(Clone, Copy, PartialEq)]
enum Columns {
    /// It may not.
    Closed,
    /// It must, after an empty `filter()`.
    Wanted,
    /// It may, after another one.
    Open,
}

fn query(input: &mut Input<'_>) -> Result<Query, Stop> {
    let mut query = Query::all(entry(input)?);
    let mut columns = Columns::Closed;
    loop {
        space(input)?;
        if input.is_empty() && columns != Columns::Wanted {
            return Ok(query);
        }
        let (at, name) = call_name(input, columns)?;
        if query.calls.len() == MAX_CALLS && !matches!(name, "follow" | "get") {
            return Err(Stop::at(at, format!("at most {MAX_CALLS} calls"))
                .advice("combine conditions with && in one filter, or split the query into several"));
        }
        let before = std::mem::replace(&mut columns, Columns::Closed);
        match name {
            "filter" => match filter(input)? {
                Some(condition) => query.calls.push(condition),
                None => columns = Columns::Wanted,
            },
            "column" if before != Columns::Closed => {
                open(input, "a condition")?;
                query.calls.push(Call::Filter(conditions(input)?));
                columns = Columns::Open;
            }
            "searchAround" => query.calls.push(Call::SearchAround(search_around(input)?)),
            "follow" => match query.calls.last_mut() {
                Some(Call::SearchAround(step)) if step.follow.is_empty() => step.follow = follow(input)?,
                Some(Call::SearchAround(_)) => {
                    return Err(Stop::at(at, "one follow").advice("write all columns in one: follow(c1, c2)"));
                }
                _ => {
                    return Err(Stop::at(at, "searchAround().find(\"name of a dataset\") before follow")
                        .advice("write follow directly behind find"));
                }
            },
            "sortAscending" => query.calls.push(Call::Sort(sort_in(input, Direction::Ascending)?)),
            "sortDescending" => query.calls.push(Call::Sort(sort_in(input, Direction::Descending)?)),
            "sort" => query.calls.push(Call::Sort(sort(input)?)),
            "limit" => {
                open(input, "a number of rows")?;
                query.calls.push(Call::Limit(number(input, "a number of rows")?));
                close(input, "`)` after the number")?;
            }
            "get" => {
                get(input)?;
                return Ok(query);
            }
            _ => return Err(misplaced(at, name)),
        }
    }
}

/// Reads the entry and returns the name of the dataset.
fn entry(input: &mut Input<'_>) -> Result<String, Stop> {
    space(input)?;
    let at = input.current_token_start();
    match identifier(input)? {
        "Ontology" | "OntologyObject" => dataset_name(input),
        word => {
            let stop = Stop::at(at, "Ontology(\"name of a dataset\")");
            Err(match word {
                _ if word.eq_ignore_ascii_case("select") => {
                    stop.advice("the query language is not SQL; begin with Ontology and add .filter(...)")
                }
                _ if word.eq_ignore_ascii_case("ontology") || word.eq_ignore_ascii_case("ontologyobject") => {
                    stop.advice("letter case counts here")
                }
                _ => stop.advice("begin the query with it"),
            })
        }
    }
}

/// Reads the dot and the name of a call, and returns its offset.
fn call_name<'i>(input: &mut Input<'i>, columns: Columns) -> Result<(usize, &'i str), Stop> {
    if columns == Columns::Wanted && input.is_empty() {
        return Err(Stop::here(input, ".column(\"condition\") after an empty filter()")
            .advice("write it, or write the condition in filter(...)"));
    }
    if !accept(input, ".")? {
        let stop = Stop::here(input, "`.` and a call, or the end of the query");
        return Err(if input.starts_with([';', '/', '#', '-']) {
            stop.advice("remove `;` and comments, they are not part of the language")
        } else {
            stop
        });
    }
    space(input)?;
    let at = input.current_token_start();
    let name = identifier(input)?;
    if columns == Columns::Wanted && name != "column" {
        return Err(Stop::at(at, "column(\"condition\") after an empty filter()")
            .advice("write it, or write the condition in filter(...)"));
    }
    Ok((at, name))
}

/// A call that the language does not have, or not here.
fn misplaced(at: usize, name: &str) -> Stop {
    let is = |other: &&str| name.eq_ignore_ascii_case(other);
    let known = || format!("the name of a call: {}", CALLS.join(", "));
    match name {
        "column" => Stop::at(at, "filter() before column")
            .advice("write filter().column(\"condition\"), or filter(condition)"),
        "find" => Stop::at(at, "searchAround() before find")
            .advice("write searchAround().find(\"name of a dataset\"); find alone is not documented any more"),
        "" => Stop::at(at, known()),
        _ if is(&"sortBy") || is(&"orderBy") => Stop::at(at, known())
            .advice(format!("`{name}` does not exist; use sortAscending, sortDescending or sort(column, DESC)")),
        _ if ABSENT.iter().any(is) => Stop::at(at, known()).advice(format!(
            "`{name}` does not exist: the language has no aggregation and no projection; read the rows and do it in \
             your program"
        )),
        _ => {
            let meant = did_you_mean(name, CALLS.into_iter());
            Stop::at(at, known()).advice(format!("`{name}` does not exist, {meant}").trim_end_matches([',', ' ']))
        }
    }
}

/// Reads the condition of a filter. `None`: the parentheses are empty.
fn filter(input: &mut Input<'_>) -> Result<Option<Call>, Stop> {
    open(input, "a condition")?;
    space(input)?;
    if accept(input, ")")? { Ok(None) } else { Ok(Some(Call::Filter(conditions(input)?))) }
}

fn search_around(input: &mut Input<'_>) -> Result<SearchAround, Stop> {
    open(input, "`)`, or a number of links")?;
    space(input)?;
    let at = input.current_token_start();
    let depth = if accept(input, ")")? {
        SearchAround::DEFAULT_DEPTH
    } else {
        let expected = format!("`)`, or a number of links from 1 to {MAX_DEPTH}");
        let depth = number(input, &expected)?;
        if !(1..=MAX_DEPTH).contains(&depth) {
            return Err(Stop::at(at, expected).advice("chain several searchAround calls to go further"));
        }
        close(input, "`)` after the number")?;
        u32::try_from(depth).unwrap_or(SearchAround::DEFAULT_DEPTH)
    };
    let missing = "find(\"name of a dataset\") after searchAround()";
    expect(input, ".", &format!(".{missing}"))?;
    space(input)?;
    let at = input.current_token_start();
    match identifier(input)? {
        "find" => Ok(SearchAround { depth, ..SearchAround::find(dataset_name(input)?) }),
        _ => Err(Stop::at(at, missing).advice("name the dataset whose rows are wanted")),
    }
}

/// Reads the columns of `follow`.
fn follow(input: &mut Input<'_>) -> Result<Vec<String>, Stop> {
    open(input, "the name of a column")?;
    let mut columns = vec![column(input)?];
    loop {
        space(input)?;
        if !accept(input, ",")? {
            break;
        }
        columns.push(column(input)?);
    }
    close(input, "`,` and another column, or `)`")?;
    Ok(columns)
}

fn column(input: &mut Input<'_>) -> Result<String, Stop> {
    space(input)?;
    operand(input, "the name of a column")
}

fn sort_in(input: &mut Input<'_>, direction: Direction) -> Result<Sort, Stop> {
    open(input, "the name of a column")?;
    let column = column(input)?;
    close(input, "`)` after the column").map_err(|stop| {
        if input.starts_with(',') {
            stop.advice("chain a sort for each column, the main one first")
        } else if input.starts_with(is_word) {
            stop.advice("write a name of several words in quotes")
        } else {
            stop
        }
    })?;
    Ok(Sort { column, direction })
}

fn sort(input: &mut Input<'_>) -> Result<Sort, Stop> {
    open(input, "the name of a column")?;
    let column = column(input)?;
    expect(input, ",", "`, ASC` or `, DESC` after the column")?;
    space(input)?;
    let at = input.current_token_start();
    let is_quoted = is_quote(input);
    let direction = match identifier(input)? {
        "ASC" => Direction::Ascending,
        "DESC" => Direction::Descending,
        word => {
            let stop = Stop::at(at, "ASC or DESC");
            let is_case = word.eq_ignore_ascii_case("asc") || word.eq_ignore_ascii_case("desc");
            return Err(match is_quoted || is_case {
                true => stop.advice("write it in capital letters, without quotes"),
                false => stop,
            });
        }
    };
    close(input, "`)` after the direction")?;
    Ok(Sort { column, direction })
}

/// Reads the end of an older query.
fn get(input: &mut Input<'_>) -> Result<(), Stop> {
    open(input, "`)`")?;
    close(input, "`)`").map_err(|stop| stop.advice("get takes nothing"))?;
    space(input)?;
    if input.is_empty() {
        return Ok(());
    }
    Err(Stop::here(input, "the end of the query").advice("write get() last, or leave it out"))
}
