//! Superlatives in a question: "the oldest film", "the three largest cities".
//!
//! Without a model, a rule turns a superlative into a sort and a limit if exactly one column of the dataset matches it
//! best. A question that asks for several rows, or for a number that the rule cannot read, becomes a sort without a
//! limit.

mod count;

use chrono::NaiveDate;

use self::count::Count;
use crate::query::Direction::{Ascending, Descending};
use crate::query::{Clause, Direction, Sort};
use crate::store::{Cell, Dataset, Number};

/// Groups of column names, matched as whole words. A match in an earlier group is better.
type Names = &'static [&'static [&'static str]];

/// Columns that hold a point in time. Words such as "time" and "day" may as well hold a duration.
const TIMES: Names = &[
    &[
        "year",
        "date",
        "datetime",
        "timestamp",
        "birthdate",
        "birthday",
        "birthyear",
        "releasedate",
        "releaseyear",
    ],
    &["born", "built", "founded", "released", "created"],
];
const AGES: Names = &[&["age"]];
const SIZES: Names = &[&["size", "area", "population", "volume"]];
const HEIGHTS: Names = &[&["height", "elevation", "altitude"]];
const LENGTHS: Names = &[&["length", "duration", "runtime"], &["minutes"]];
const WEIGHTS: Names = &[&["weight", "mass"]];

/// Columns of numbers that a superlative is about only if the question names them.
const OTHERS: Names = &[&["id", "key", "zip", "postcode", "time", "day", "month"]];

/// Superlatives, the direction in which the requested rows come first, and the names of matching columns. The first
/// entry with a matching column is used.
#[rustfmt::skip]
const SUPERLATIVES: [(&str, Direction, Names); 20] = [
    ("oldest", Descending, AGES), ("oldest", Ascending, TIMES), ("earliest", Ascending, TIMES),
    ("youngest", Ascending, AGES), ("youngest", Descending, TIMES), ("newest", Descending, TIMES),
    ("latest", Descending, TIMES),
    ("largest", Descending, SIZES), ("biggest", Descending, SIZES), ("greatest", Descending, SIZES),
    ("highest", Descending, HEIGHTS), ("tallest", Descending, HEIGHTS), ("longest", Descending, LENGTHS),
    ("heaviest", Descending, WEIGHTS), ("top", Descending, &[]),
    ("smallest", Ascending, SIZES), ("lowest", Ascending, HEIGHTS), ("shortest", Ascending, LENGTHS),
    ("shortest", Ascending, HEIGHTS), ("lightest", Ascending, WEIGHTS),
];

/// Maximum number of superlatives per question for which a column is searched. Each search reads all rows.
const MAX_SUPERLATIVES: usize = 20;

/// The rows that a superlative asks for.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Superlative {
    pub(super) sort: Sort,
    /// The number of rows, or `None` if the question asks for several rows or for a number that the rule cannot read.
    pub(super) limit: Option<u64>,
}

impl Superlative {
    /// Finds the first superlative in a question for which the dataset has a column. The question must be in lower
    /// case.
    pub(super) fn read(question: &str, dataset: &Dataset) -> Option<Self> {
        let question = question.replace("most recent", "latest");
        let words: Vec<&str> = question.split(is_separator).filter(|word| !word.is_empty()).collect();
        let is_superlative = |word: &&str| SUPERLATIVES.iter().any(|(own, ..)| own == word);
        let tried = words.iter().enumerate().filter(|(_, word)| is_superlative(word)).take(MAX_SUPERLATIVES);
        tried.into_iter().find_map(|(at, word)| {
            // "top" alone is not a superlative, but "top 5" is.
            if *word == "top" && !Count::follows(&words, at) {
                return None;
            }
            let entries = SUPERLATIVES.iter().filter(|(own, ..)| own == word);
            let (column, direction) = entries
                .filter_map(|(_, direction, names)| Some((column(dataset, &words, at, names)?, *direction)))
                .next()?;
            let limit = match Count::read(&words, at, &words_of(column)) {
                Count::Named(rows) => Some(rows),
                Count::One => Some(1),
                Count::Unknown => None,
            };
            Some(Self { sort: Sort { column: column.to_owned(), direction }, limit })
        })
    }

    /// Returns the calls that select the rows.
    pub(super) fn clauses(&self) -> impl Iterator<Item = Clause> {
        [Clause::Sort(self.sort.clone())].into_iter().chain(self.limit.map(Clause::Limit))
    }

    /// Returns the selection in words.
    pub(super) fn in_words(&self) -> String {
        let first = if self.sort.direction == Ascending { "smallest" } else { "largest" };
        let column = &self.sort.column;
        match self.limit {
            None => format!("all rows with the {first} {column} first"),
            Some(1) => format!("the row with the {first} {column}"),
            Some(rows) => format!("the {rows} rows with the {first} {column}"),
        }
    }
}

/// Returns `true` if a character separates words.
fn is_separator(c: char) -> bool {
    !c.is_alphanumeric()
}

/// Returns the words of a column's name in lower case. A capital letter after a lower-case letter starts a word.
fn words_of(name: &str) -> Vec<String> {
    let mut spaced = String::new();
    let mut is_small = false;
    for c in name.chars() {
        if is_small && c.is_uppercase() {
            spaced.push(' ');
        }
        spaced.push(c);
        is_small = c.is_lowercase();
    }
    spaced.split(is_separator).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// Returns the column that a superlative is about. The candidates are, in this order,
///
/// - the columns of numbers that the question names,
/// - the columns whose names match the superlative best,
/// - the columns of numbers that are neither times nor identifiers.
///
/// For times and ages, only a matching name counts. Returns `None` if several columns match equally well.
fn column<'a>(dataset: &'a Dataset, question: &[&str], at: usize, names: Names) -> Option<&'a str> {
    let columns = || dataset.column_names().into_iter();
    let numbers = || columns().filter(|column| holds(dataset, column, is_number));
    if names == TIMES {
        return best(
            columns().filter(|column| holds(dataset, column, is_number) || holds(dataset, column, is_date)),
            names,
        );
    }
    if names == AGES {
        return best(numbers(), names);
    }
    let named: Vec<&str> = numbers().filter(|column| is_named(column, question)).collect();
    if !named.is_empty() {
        // Several are named: the one directly behind the superlative wins, as in "the highest score of the films with a
        // year".
        let behind = question.get(at + 1..).unwrap_or_default();
        return only(named.iter().copied())
            .or_else(|| only(named.iter().copied().filter(|column| begins_with(behind, column))));
    }
    let is_other = |column: &str| [TIMES, AGES, OTHERS].iter().any(|names| rank(column, names).is_some());
    match numbers().filter_map(|column| rank(column, names)).min() {
        Some(_) => best(numbers(), names),
        None => only(numbers().filter(|column| !is_other(column))),
    }
}

/// Returns the column whose name matches best, or `None` if several match equally well.
fn best<'a>(columns: impl Iterator<Item = &'a str>, names: Names) -> Option<&'a str> {
    let ranked: Vec<_> = columns.filter_map(|column| Some((rank(column, names)?, column))).collect();
    let first = ranked.iter().map(|(rank, _)| *rank).min()?;
    only(ranked.into_iter().filter(|(rank, _)| *rank == first).map(|(_, column)| column))
}

/// Returns the index of the first group that contains a word of the column's name.
fn rank(column: &str, names: Names) -> Option<usize> {
    let words = words_of(column);
    names.iter().position(|group| words.iter().any(|word| group.contains(&word.as_str())))
}

fn only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    items.next().filter(|_| items.next().is_none())
}

/// Returns `true` if the question contains all words of a column's name, or the name as one word.
fn is_named(column: &str, question: &[&str]) -> bool {
    let words = words_of(column);
    let has = |word: &str| question.contains(&word);
    !words.is_empty() && (words.iter().all(|word| has(word)) || has(&words.concat()))
}

fn begins_with(words: &[&str], column: &str) -> bool {
    let own = words_of(column);
    words.len() >= own.len() && own.iter().zip(words).all(|(own, word)| own == word)
}

/// Returns `true` if a column has values and `is_of_kind` holds for all of them. Null and missing values are ignored,
/// because they are sorted last.
///
/// A single other value, such as "n/a" among numbers, would be sorted first in descending order.
fn holds(dataset: &Dataset, column: &str, is_of_kind: fn(&str) -> bool) -> bool {
    let Some(column) = dataset.columns().number(column) else { return false };
    let mut values =
        dataset.rows().iter().filter_map(|row| row.get(column).and_then(Cell::as_text)).peekable();
    values.peek().is_some() && values.all(is_of_kind)
}

fn is_number(value: &str) -> bool {
    Number::parse(value).is_some()
}

/// Returns `true` if a value is a date that sorts as a string: year, month, day and an optional time of day.
fn is_date(value: &str) -> bool {
    let Some((date, rest)) = value.split_at_checked(10) else { return false };
    date.bytes().take(4).all(|byte| byte.is_ascii_digit())
        && NaiveDate::parse_from_str(date, "%Y-%m-%d").is_ok()
        && (rest.is_empty() || rest.starts_with(['T', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(question: &str, rows: &str) -> Option<(String, Direction, Option<u64>)> {
        let mut dataset = Dataset::default();
        dataset.append(serde_json::from_str(rows).unwrap());
        let Superlative { sort, limit } = Superlative::read(&question.to_lowercase(), &dataset)?;
        Some((sort.column, sort.direction, limit))
    }

    #[test]
    fn superlative_becomes_a_sort_and_a_limit() {
        let films = r#"[{"id":1,"title":"Alien","release_year":1979,"score":"8.5","note":"x"},{"id":2}]"#;
        let people = r#"[{"name":"Scott","age":80,"height":174,"birth date":"1937-11-30"}]"#;
        for (rows, question, column, direction, count) in [
            (films, "Which is the oldest film?", "release_year", Ascending, 1),
            (films, "the three most recent films", "release_year", Descending, 3),
            (films, "the newest 2", "release_year", Descending, 2),
            (films, "Top 5 films?", "score", Descending, 5),
            (films, "the film with the highest score", "score", Descending, 1),
            (films, "the four lowest-rated films", "score", Ascending, 4),
            (films, "the highest id", "id", Descending, 1),
            (people, "Who is the oldest?", "age", Descending, 1),
            (people, "the ten youngest people", "age", Ascending, 10),
            (people, "Who was born latest?", "birth date", Descending, 1),
            (people, "the two tallest", "height", Descending, 2),
            (people, "the shortest person", "height", Ascending, 1),
        ] {
            assert_eq!(read(question, rows), Some((column.to_owned(), direction, Some(count))), "{question}");
        }
    }

    #[test]
    fn question_without_a_fitting_column_has_no_superlative() {
        let towns = r#"[{"name":"A","people":3,"cars":5,"mayor":"x"}]"#;
        for question in [
            "the largest town",
            "the oldest town",
            "a town",
            "",
            "the largest mayor",
            "toplist",
            "a recent town",
        ] {
            assert_eq!(read(question, towns), None, "{question}");
        }
        assert_eq!(
            read("the town with the largest cars", towns),
            Some(("cars".to_owned(), Descending, Some(1)))
        );
        assert_eq!(read("the largest town", "[]"), None);
        assert_eq!(read("at the top of 2000 towns", r#"[{"cars":1}]"#), None);
    }

    #[test]
    fn columns_are_found_by_whole_words_and_values() {
        let found = |question, rows| read(question, rows).map(|(column, ..)| column);
        for (question, rows, column) in [
            ("the oldest film", r#"[{"title":"A","language":"en","year":1990}]"#, Some("year")),
            ("the oldest film", r#"[{"runtime_minutes":90,"releaseYear":1990}]"#, Some("releaseYear")),
            (
                "the oldest film",
                r#"[{"runtime_minutes":90,"message":1,"image":2,"mileage":3,"running_time":4}]"#,
                None,
            ),
            ("the oldest person", r#"[{"age":"old","birthdate":"1937-11-30"}]"#, Some("birthdate")),
            ("the oldest person", r#"[{"age":"old"}]"#, None),
            ("the oldest house", r#"[{"built":1900,"year-of-sale":2000}]"#, Some("year-of-sale")),
            ("the oldest house", r#"[{"built":1900,"created_by":"x"}]"#, Some("built")),
            ("the oldest house", r#"[{"built":1900,"founded":1800}]"#, None),
            ("the oldest house", r#"[{"built":"1900 or so"}]"#, None),
            ("the oldest house", r#"[{"built":"30.11.1937"}]"#, None),
            (
                "the latest visit",
                r#"[{"visitDate":"2020-01-02T03:04:05Z"},{"visitDate":null}]"#,
                Some("visitDate"),
            ),
            ("the largest town", r#"[{"area":1,"population":2}]"#, None),
            ("the largest town by area", r#"[{"area":1,"population":2}]"#, Some("area")),
            ("the highest critic score", r#"[{"score":1,"critic_score":2}]"#, Some("critic_score")),
            (
                "the largest town",
                r#"[{"population":2},{"population":"n/a"},{"population":1},{"population":3}]"#,
                None,
            ),
            ("the longest film", r#"[{"time":1}]"#, None),
        ] {
            assert_eq!(found(question, rows).as_deref(), column, "{question} {rows}");
        }
    }

    #[test]
    fn question_for_several_rows_is_sorted_without_a_limit() {
        let towns = r#"[{"name":"A","population":3}]"#;
        for (question, limit) in [
            ("Which cities are the largest?", None),
            ("the largest cities", None),
            ("the second-largest city", None),
            ("top 1,500 cities", None),
            ("top twenty-five cities", Some(25)),
            ("top 2000 cities", Some(2000)),
            ("the three cities with the largest population", Some(3)),
        ] {
            assert_eq!(
                read(question, towns),
                Some(("population".to_owned(), Descending, limit)),
                "{question}"
            );
        }
        let sort = Sort { column: "population".to_owned(), direction: Descending };
        let all = Superlative { sort: sort.clone(), limit: None };
        assert_eq!(all.clauses().collect::<Vec<_>>(), [Clause::Sort(sort)]);
        assert_eq!(all.in_words(), "all rows with the largest population first");
    }
}
