//! Helpers that read and change the cells of rows.

use std::borrow::Cow;

use crate::concurrency::work::Map;
use crate::response::SCRIPTED_PREFIX;
use crate::store::{Cell, InputRow};

/// The method by which a row was processed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Method {
    ByRule,
    ByModel,
}

impl Method {
    /// Returns a free text about a row. It begins with [`SCRIPTED_PREFIX`] if a rule stood in for a model, so that
    /// stored rows keep the label.
    pub(super) fn text(self, about: &str) -> Cell {
        Cell::Text(match self {
            Self::ByRule => format!("{SCRIPTED_PREFIX} {about}").into(),
            Self::ByModel => about.into(),
        })
    }
}

/// Converts a text to the value that it denotes: a number, a boolean, null, or a string.
pub(super) fn parse_cell(text: &str) -> Cell {
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

/// Sets a column, at its position or as the last column.
pub(super) fn set(row: &mut InputRow<'_>, column: &str, value: Cell) {
    match row.cells.iter_mut().find(|(name, _)| name == column) {
        Some((_, cell)) => *cell = value,
        None => row.cells.push((Cow::Owned(column.to_owned()), value)),
    }
}

/// Removes a column from a row.
pub(super) fn remove(row: &mut InputRow<'_>, column: &str) {
    row.cells.retain(|(name, _)| name != column);
}

/// Adds a column unless the row already has it.
pub(super) fn add(row: &mut InputRow<'_>, column: &str, value: Cell) {
    if row.get(column).is_none() {
        row.cells.push((Cow::Owned(column.to_owned()), value));
    }
}

/// Returns the string value of a column, if it is not blank.
pub(super) fn text<'a>(row: &'a InputRow<'_>, column: &str) -> Option<&'a str> {
    row.get(column)?.link_key()
}

/// Returns the cells of a row by name, for many lookups in one row.
pub(super) fn by_name<'a>(row: &'a InputRow<'_>) -> Map<&'a str, &'a Cell> {
    row.cells.iter().map(|(name, cell)| (&**name, cell)).collect()
}

/// Returns the approximate size of a cell in memory, in bytes.
pub(super) fn size(name: &str, text: &str) -> usize {
    size_of::<(Cow<'_, str>, Cell)>() + name.len() + text.len()
}

/// Returns the approximate size of some cells in memory, in bytes.
pub(super) fn sizes<'a, 'b: 'a>(cells: impl Iterator<Item = &'a (Cow<'b, str>, Cell)>) -> usize {
    cells.map(|(name, cell)| size(name, cell.as_text().unwrap_or_default())).sum()
}
