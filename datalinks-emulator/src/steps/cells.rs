//! Putting values into rows.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::to_raw_value;

use crate::ask::MARK;
use crate::store::{Cell, InputRow};

/// What is written into a step's column of metadata.
#[derive(Serialize)]
pub(super) struct Metadata<T> {
    #[serde(flatten)]
    facts: T,
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl<T: Serialize> Metadata<T> {
    /// What a rule did; `None`: a model did it.
    pub(super) fn new(facts: T, rule: Option<&str>) -> Self {
        let by = if rule.is_some() { "rule" } else { "model" };
        Self { facts, by, note: rule.map(|rule| format!("{MARK} {rule}")) }
    }

    /// Writes it into its column.
    pub(super) fn write(&self, row: &mut InputRow<'_>, column: &'static str) {
        set(row, column, cell(self));
    }
}

/// Any value, as a cell.
pub(super) fn cell(value: &impl Serialize) -> Cell {
    // Only texts, numbers and lists of them are written here, which cannot fail.
    to_raw_value(value).and_then(|raw| Cell::from_raw(&raw)).unwrap_or(Cell::Null)
}

/// A text, as what it plainly is: a number, true or false, nothing, or itself.
pub(super) fn read(text: &str) -> Cell {
    match text.trim() {
        "" => Cell::Null,
        "true" => Cell::Bool(true),
        "false" => Cell::Bool(false),
        text => match serde_json::from_str::<serde_json::Number>(text) {
            Ok(_) => serde_json::from_str(text).map_or_else(|_| Cell::Text(text.into()), Cell::Number),
            Err(_) => Cell::Text(text.into()),
        },
    }
}

/// Gives a column a value, in its place or as the last one.
pub(super) fn set(row: &mut InputRow<'_>, column: &str, value: Cell) {
    match row.cells.iter_mut().find(|(name, _)| name == column) {
        Some((_, cell)) => *cell = value,
        None => row.cells.push((Cow::Owned(column.to_owned()), value)),
    }
}

/// Gives a column a value that it does not have yet.
pub(super) fn add(row: &mut InputRow<'_>, column: &str, value: Cell) {
    if row.get(column).is_none() {
        row.cells.push((Cow::Owned(column.to_owned()), value));
    }
}

/// The text of a column, if it holds more than space.
pub(super) fn text<'a>(row: &'a InputRow<'_>, column: &str) -> Option<&'a str> {
    row.get(column)?.link_key()
}
