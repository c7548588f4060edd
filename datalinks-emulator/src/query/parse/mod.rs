//! The parser: text to tree.
//!
//! 1. `token` parses words, quoted text, names and numbers.
//! 2. `condition` parses the conditions in `filter` and `column`.
//! 3. This file parses the start and the clauses.
//!
//! The grammar needs no backtracking. Each rule decides by the next character, so that an error names what the rule
//! expected there. The recursion of conditions, the length of the text and the number of clauses are limited.

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

use super::ast::{Clause, Direction, Query, SearchAround, Sort};
use crate::response::did_you_mean::did_you_mean;

/// Maximum length of a query in bytes.
pub(crate) const MAX_LENGTH: usize = 256 * 1024;

/// Maximum number of clauses. The tree that explains a query has a node for each, and JSON parsers limit the depth.
pub(crate) const MAX_CLAUSES: usize = 50;

/// Maximum number of links of one `searchAround`.
pub(crate) const MAX_DEPTH: u64 = 16;

/// The names of all clauses.
const CLAUSES: [&str; 10] = [
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

/// Names of aggregations and projections in other languages.
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
/// not resolved.
///
/// # Errors
///
/// Returns the first position at which the text is not a valid query, with the expected token.
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

/// Returns the last boundary between characters at or before an offset.
fn floor(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// The state of `column` clauses.
#[derive(Clone, Copy, PartialEq)]
enum Columns {
    /// `column` is not allowed.
    Closed,
    /// `column` is required, after an empty `filter()`.
    Required,
    /// `column` is allowed, after another one.
    Optional,
}

fn query(input: &mut Input<'_>) -> Result<Query, Stop> {
    let mut query = Query::all(start(input)?);
    let mut columns = Columns::Closed;
    loop {
        space(input)?;
        if input.is_empty() && columns != Columns::Required {
            return Ok(query);
        }
        let (at, name) = clause_name(input, columns)?;
        if query.clauses.len() == MAX_CLAUSES && !matches!(name, "follow" | "get") {
            return Err(Stop::at(at, format!("at most {MAX_CLAUSES} clauses"))
                .advice("combine conditions with && in one filter, or split the query into several"));
        }
        let before = std::mem::replace(&mut columns, Columns::Closed);
        match name {
            "filter" => match filter(input)? {
                Some(condition) => query.clauses.push(condition),
                None => columns = Columns::Required,
            },
            "column" if before != Columns::Closed => {
                open(input, "a condition")?;
                query.clauses.push(Clause::Filter(conditions(input)?));
                columns = Columns::Optional;
            }
            "searchAround" => query.clauses.push(Clause::SearchAround(search_around(input)?)),
            "follow" => match query.clauses.last_mut() {
                Some(Clause::SearchAround(step)) if step.follow.is_empty() => step.follow = follow(input)?,
                Some(Clause::SearchAround(_)) => {
                    return Err(Stop::at(at, "one follow").advice("write all columns in one: follow(c1, c2)"));
                }
                _ => {
                    return Err(Stop::at(at, "searchAround().find(\"name of a dataset\") before follow")
                        .advice("write follow directly after find"));
                }
            },
            "sortAscending" => query.clauses.push(Clause::Sort(sort_in(input, Direction::Ascending)?)),
            "sortDescending" => query.clauses.push(Clause::Sort(sort_in(input, Direction::Descending)?)),
            "sort" => query.clauses.push(Clause::Sort(sort(input)?)),
            "limit" => {
                open(input, "a number of rows")?;
                query.clauses.push(Clause::Limit(number(input, "a number of rows")?));
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

/// Parses the start and returns the name of the dataset.
fn start(input: &mut Input<'_>) -> Result<String, Stop> {
    space(input)?;
    let at = input.current_token_start();
    match identifier(input)? {
        "Ontology" | "OntologyObject" => dataset_name(input),
        word => {
            let stop = Stop::at(at, "Ontology(\"name of a dataset\")");
            Err(match word {
                _ if word.eq_ignore_ascii_case("select") => {
                    stop.advice("the query language is not SQL; start with Ontology and add .filter(...)")
                }
                _ if word.eq_ignore_ascii_case("ontology") || word.eq_ignore_ascii_case("ontologyobject") => {
                    stop.advice("letter case matters here")
                }
                _ => stop.advice("start the query with it"),
            })
        }
    }
}

/// Parses the dot and the name of a clause, and returns its offset.
fn clause_name<'i>(input: &mut Input<'i>, columns: Columns) -> Result<(usize, &'i str), Stop> {
    if columns == Columns::Required && input.is_empty() {
        return Err(Stop::here(input, ".column(\"condition\") after an empty filter()")
            .advice("write it, or write the condition in filter(...)"));
    }
    if !accept(input, ".")? {
        let stop = Stop::here(input, "`.` and a clause, or the end of the query");
        return Err(if input.starts_with([';', '/', '#', '-']) {
            stop.advice("remove `;` and comments, which are not part of the language")
        } else {
            stop
        });
    }
    space(input)?;
    let at = input.current_token_start();
    let name = identifier(input)?;
    if columns == Columns::Required && name != "column" {
        return Err(Stop::at(at, "column(\"condition\") after an empty filter()")
            .advice("write it, or write the condition in filter(...)"));
    }
    Ok((at, name))
}

/// Returns the error for a clause that does not exist or is not allowed here.
fn misplaced(at: usize, name: &str) -> Stop {
    let is = |other: &&str| name.eq_ignore_ascii_case(other);
    let known = || format!("the name of a clause: {}", CLAUSES.join(", "));
    match name {
        "column" => Stop::at(at, "filter() before column")
            .advice("write filter().column(\"condition\"), or filter(condition)"),
        "find" => Stop::at(at, "searchAround() before find")
            .advice("write searchAround().find(\"name of a dataset\"); find alone is no longer documented"),
        "" => Stop::at(at, known()),
        _ if is(&"sortBy") || is(&"orderBy") => Stop::at(at, known())
            .advice(format!("`{name}` does not exist; use sortAscending, sortDescending or sort(column, DESC)")),
        _ if ABSENT.iter().any(is) => Stop::at(at, known()).advice(format!(
            "`{name}` does not exist: the language has neither aggregation nor projection; read the rows and compute it in \
             your program"
        )),
        _ => {
            let meant = did_you_mean(name, CLAUSES.into_iter());
            Stop::at(at, known()).advice(format!("`{name}` does not exist, {meant}").trim_end_matches([',', ' ']))
        }
    }
}

/// Parses the condition of a filter, or `None` if the parentheses are empty.
fn filter(input: &mut Input<'_>) -> Result<Option<Clause>, Stop> {
    open(input, "a condition")?;
    space(input)?;
    if accept(input, ")")? { Ok(None) } else { Ok(Some(Clause::Filter(conditions(input)?))) }
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
            return Err(Stop::at(at, expected).advice("chain several searchAround clauses to go further"));
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
        _ => Err(Stop::at(at, missing).advice("name the dataset whose rows are requested")),
    }
}

/// Parses the columns of `follow`.
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
            stop.advice("chain one sort per column, the primary one first")
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
                true => stop.advice("write it in upper case, without quotes"),
                false => stop,
            });
        }
    };
    close(input, "`)` after the direction")?;
    Ok(Sort { column, direction })
}

/// Parses the end of an older query.
fn get(input: &mut Input<'_>) -> Result<(), Stop> {
    open(input, "`)`")?;
    close(input, "`)`").map_err(|stop| stop.advice("get has no arguments"))?;
    space(input)?;
    if input.is_empty() {
        return Ok(());
    }
    Err(Stop::here(input, "the end of the query").advice("write get() last, or omit it"))
}
