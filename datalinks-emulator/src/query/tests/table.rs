//! The cases of `cases.txt`.

use super::{OWNER, Outcome, store};
use crate::accounts::{Caller, CallerView};
use crate::query::{parse, run};
use crate::store::{Cell, Namespace, Store};

struct Case<'a> {
    line: usize,
    query: String,
    expected: Expected<'a>,
}

enum Expected<'a> {
    Rows(Vec<&'a str>),
    Error(&'a str),
}

fn cases(text: &str) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    let mut query = String::new();
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.starts_with('#') && !line.is_empty());
    for (line, number) in lines {
        let expected = if let Some(rows) = line.strip_prefix('=') {
            Expected::Rows(rows.split('|').map(str::trim).filter(|row| !row.is_empty()).collect())
        } else if let Some(error) = line.strip_prefix('!') {
            Expected::Error(error.trim())
        } else {
            query.push_str(line);
            query.push('\n');
            continue;
        };
        cases.push(Case { line: number, query: std::mem::take(&mut query).trim_end().to_owned(), expected });
    }
    assert!(query.is_empty(), "a query without a result: {query}");
    cases
}

/// Returns the first value of each resulting row.
fn labels(store: &Store, outcome: &Outcome) -> Vec<String> {
    let dataset = store.dataset(&outcome.last().dataset).unwrap();
    let label =
        |row: &u32| dataset.rows().get(*row as usize)?.cells().next().and_then(|(_, cell)| cell.as_text());
    outcome.last().rows.iter().map(|row| label(row).unwrap_or_default().to_owned()).collect()
}

#[test]
fn queries_return_the_rows_of_the_table() {
    let cases = cases(include_str!("cases.txt"));
    assert!(cases.len() >= 80, "{}", cases.len());
    let (store, caller) = (store(), Caller::of(OWNER));
    let near = Namespace::new(OWNER, "cinema");
    let mut wrong = Vec::new();
    for Case { line, query, expected } in cases {
        let outcome = parse(&query).map_err(|error| error.to_string()).and_then(|query| {
            run(CallerView::new(&store, &caller), &query, &near).map_err(|error| error.to_string())
        });
        let outcome = outcome.map(|outcome| labels(&store, &outcome));
        let is_right = match (&outcome, &expected) {
            (Ok(rows), Expected::Rows(expected)) => rows == expected,
            (Err(error), Expected::Error(expected)) => error.contains(expected),
            _ => false,
        };
        if !is_right {
            wrong.push(format!("line {line}: {query}\n  gives {outcome:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rows_of_the_table_start_with_a_text() {
    for (name, dataset) in store().datasets() {
        let first = dataset.rows().iter().map(|row| row.cells().next().map(|(_, cell)| cell));
        assert!(first.into_iter().all(|cell| matches!(cell, Some(Cell::Text(_)))), "{name}");
    }
}
