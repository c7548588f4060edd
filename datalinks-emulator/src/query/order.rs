//! The order of rows.
//!
//! Numbers come before all other values, whether they are stored as numbers or as text. Other values are ordered by code
//! point. Descending order is the reverse. Null and missing values come last in both directions.

use std::cmp::Ordering;

use super::ast::{Direction, Sort};
use crate::concurrency::work::count;
use crate::store::{Cell, Dataset, Number};

/// The sort key of a value.
#[derive(Clone, Copy)]
enum Key<'a> {
    Number(Number),
    Text(&'a str),
    Missing,
}

impl<'a> Key<'a> {
    fn new(cell: Option<&'a Cell>) -> Self {
        match cell.and_then(Cell::as_text) {
            None => Self::Missing,
            Some(text) => Number::parse(text).map_or(Self::Text(text), Self::Number),
        }
    }

    fn compare(self, other: Self, direction: Direction) -> Ordering {
        let ascending = match (self, other) {
            (Self::Missing, Self::Missing) => return Ordering::Equal,
            (Self::Missing, _) => return Ordering::Greater,
            (_, Self::Missing) => return Ordering::Less,
            (Self::Number(own), Self::Number(other)) => own.compare(other),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
            (Self::Text(own), Self::Text(other)) => own.cmp(other),
        };
        match direction {
            Direction::Ascending => ascending,
            Direction::Descending => ascending.reverse(),
        }
    }
}

/// Returns the sorted rows, or the first ones up to a limit. Rows that all sorts consider equal keep their order.
///
/// Each value is parsed once. With a limit, only the rows within it are sorted.
pub(crate) fn sorted(dataset: &Dataset, rows: &[u32], sorts: &[&Sort], limit: Option<u64>) -> Vec<u32> {
    let columns: Vec<Option<u32>> = sorts.iter().map(|sort| dataset.columns().number(&sort.column)).collect();
    let mut keys = Vec::with_capacity(rows.len().saturating_mul(columns.len()));
    count(rows.len().saturating_mul(columns.len()));
    for row in rows.iter().map(|row| dataset.rows().get(*row as usize)) {
        keys.extend(columns.iter().map(|column| Key::new(column.and_then(|column| row?.get(column)))));
    }
    let keys_of = |at: u32| keys.iter().skip(at as usize * columns.len());
    let compare = |own: &u32, other: &u32| {
        let pairs = keys_of(*own).zip(keys_of(*other)).zip(sorts);
        let mut orders = pairs.map(|((own, other), sort)| own.compare(*other, sort.direction));
        // The index decides last, which makes the order total and the sort stable.
        orders.find(|order| order.is_ne()).unwrap_or_else(|| own.cmp(other))
    };
    let mut order: Vec<u32> = (0..).take(rows.len()).collect();
    if let Some(limit) = limit.and_then(|limit| usize::try_from(limit).ok()).filter(|n| *n < order.len()) {
        order.select_nth_unstable_by(limit, compare);
        order.truncate(limit);
    }
    order.sort_unstable_by(compare);
    order.into_iter().filter_map(|at| rows.get(at as usize).copied()).collect()
}
