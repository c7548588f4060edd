//! Superlatives in a question: "the oldest film", "the three largest cities".
//!
//! Without a model, a rule turns a superlative into a sort and a limit, if the dataset has a column that fits it.

use crate::query::Direction::{Ascending, Descending};
use crate::query::{Call, Direction, Sort};
use crate::store::{Cell, Dataset, Number};

/// Number of rows at which the rule looks to tell a column of numbers.
const SAMPLE: usize = 100;

/// Larger numbers beside a superlative are rather years or names.
const MOST: u64 = 999;

/// Names of columns that hold a point in time.
const TIMES: &[&str] = &["year", "date", "time", "day", "born", "built", "founded", "released", "created"];
const AGES: &[&str] = &["age"];
const SIZES: &[&str] = &["size", "area", "population", "volume"];
const HEIGHTS: &[&str] = &["height", "elevation", "altitude"];
const LENGTHS: &[&str] = &["length", "duration", "runtime", "minutes"];
const WEIGHTS: &[&str] = &["weight", "mass"];
const IDS: &[&str] = &["id", "key", "zip", "postcode"];

/// Superlatives, the direction in which the wanted rows come first, and the names of columns that they are about. The
/// first entry with a column counts.
#[rustfmt::skip]
const SUPERLATIVES: [(&str, Direction, &[&str]); 20] = [
    ("oldest", Descending, AGES), ("oldest", Ascending, TIMES), ("earliest", Ascending, TIMES),
    ("youngest", Ascending, AGES), ("youngest", Descending, TIMES), ("newest", Descending, TIMES),
    ("latest", Descending, TIMES),
    ("largest", Descending, SIZES), ("biggest", Descending, SIZES), ("greatest", Descending, SIZES),
    ("highest", Descending, HEIGHTS), ("tallest", Descending, HEIGHTS), ("longest", Descending, LENGTHS),
    ("heaviest", Descending, WEIGHTS), ("top", Descending, &[]),
    ("smallest", Ascending, SIZES), ("lowest", Ascending, HEIGHTS), ("shortest", Ascending, LENGTHS),
    ("shortest", Ascending, HEIGHTS), ("lightest", Ascending, WEIGHTS),
];

const NUMBERS: [&str; 10] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/// The rows that a superlative asks for.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Superlative {
    pub(super) sort: Sort,
    pub(super) count: u64,
}

impl Superlative {
    /// Reads the first superlative of a question in lower case for which the dataset has a column.
    pub(super) fn read(question: &str, dataset: &Dataset) -> Option<Self> {
        let question = question.replace("most recent", "latest");
        let words: Vec<&str> = words(&question).collect();
        words.iter().enumerate().find_map(|(at, word)| {
            let entries = SUPERLATIVES.iter().filter(|(own, ..)| own == word);
            let (column, direction) = entries
                .filter_map(|(_, direction, names)| Some((column(dataset, &words, names)?, *direction)))
                .next()?;
            let beside = [at.checked_sub(1), at.checked_add(1)].into_iter().flatten();
            let count = beside.filter_map(|at| words.get(at)).find_map(|word| count(word));
            // Not every "top" is a superlative, but "top 5" is.
            if *word == "top" && count.is_none() {
                return None;
            }
            Some(Self { sort: Sort { column: column.to_owned(), direction }, count: count.unwrap_or(1) })
        })
    }

    /// The calls that select the rows.
    pub(super) fn calls(&self) -> [Call; 2] {
        [Call::Sort(self.sort.clone()), Call::Limit(self.count)]
    }

    /// The calls in words.
    pub(super) fn in_words(&self) -> String {
        let first = if self.sort.direction == Ascending { "smallest" } else { "largest" };
        match self.count {
            1 => format!("the row with the {first} {}", self.sort.column),
            count => format!("the {count} rows with the {first} {}", self.sort.column),
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn count(word: &str) -> Option<u64> {
    let named = NUMBERS.iter().zip(1..).find_map(|(name, number)| (*name == word).then_some(number));
    named.or_else(|| word.parse().ok()).filter(|count| (1..=MOST).contains(count))
}

/// The column that a superlative is about: a column of numbers that the question names, else one whose name fits, else
/// the only column of numbers that is neither a time nor an identifier. The last does not hold for times and ages.
fn column<'a>(dataset: &'a Dataset, question: &[&str], names: &[&str]) -> Option<&'a str> {
    let is_of_time = names == TIMES || names == AGES;
    let columns = || dataset.column_names().into_iter();
    let numbers = || columns().filter(|column| holds_numbers(dataset, column));
    let fits = |column: &str, names: &[&str]| {
        let column = column.to_lowercase();
        words(&column.replace('_', " ")).any(|word| names.iter().any(|name| word.ends_with(name)))
    };
    let named = |column: &str| {
        let column = column.to_lowercase();
        let mut parts = words(&column).peekable();
        parts.peek().is_some() && parts.all(|part| question.contains(&part))
    };
    if is_of_time {
        return columns().find(|column| fits(column, names));
    }
    numbers().find(|column| named(column)).or_else(|| numbers().find(|column| fits(column, names))).or_else(
        || {
            let mut others =
                numbers().filter(|column| ![TIMES, AGES, IDS].into_iter().any(|names| fits(column, names)));
            others.next().filter(|_| others.next().is_none())
        },
    )
}

/// Whether most values of a column are numbers.
fn holds_numbers(dataset: &Dataset, column: &str) -> bool {
    let Some(column) = dataset.columns().number(column) else { return false };
    let values = dataset.rows().iter().take(SAMPLE).filter_map(|row| row.get(column).and_then(Cell::as_text));
    let (numbers, all) = values.fold((0, 0), |(numbers, all), value| {
        (numbers + usize::from(Number::parse(value).is_some()), all + 1)
    });
    all > 0 && numbers * 2 > all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(question: &str, rows: &str) -> Option<(String, Direction, u64)> {
        let mut dataset = Dataset::default();
        dataset.append(serde_json::from_str(rows).unwrap());
        let Superlative { sort, count } = Superlative::read(&question.to_lowercase(), &dataset)?;
        Some((sort.column, sort.direction, count))
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
            (films, "the films with the highest score", "score", Descending, 1),
            (films, "the four lowest-rated films", "score", Ascending, 4),
            (films, "the highest id", "id", Descending, 1),
            (people, "Who is the oldest?", "age", Descending, 1),
            (people, "the ten youngest people", "age", Ascending, 10),
            (people, "Who was born latest?", "birth date", Descending, 1),
            (people, "the two tallest", "height", Descending, 2),
            (people, "the shortest person", "height", Ascending, 1),
        ] {
            assert_eq!(read(question, rows), Some((column.to_owned(), direction, count)), "{question}");
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
        assert_eq!(read("the town with the largest cars", towns), Some(("cars".to_owned(), Descending, 1)));
        assert_eq!(read("the largest town", "[]"), None);
        assert_eq!(read("at the top of 2000 towns", r#"[{"cars":1}]"#), None);
    }
}
