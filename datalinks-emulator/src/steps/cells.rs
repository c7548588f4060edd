//! Putting values into rows.

use std::borrow::Cow;

use crate::concurrency::work::Map;
use crate::response::SCRIPTED_PREFIX;
use crate::store::{Cell, InputRow};

/// Who worked on a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Worked {
    ByRule,
    ByModel,
}

impl Worked {
    /// A free text about a row. It begins with [`SCRIPTED_PREFIX`] if a rule stood in for a model, so that stored rows still say so.
    pub(super) fn text(self, about: &str) -> Cell {
        Cell::Text(match self {
            Self::ByRule => format!("{SCRIPTED_PREFIX} {about}").into(),
            Self::ByModel => about.into(),
        })
    }
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

/// Removes a column from a row.
pub(super) fn remove(row: &mut InputRow<'_>, column: &str) {
    row.cells.retain(|(name, _)| name != column);
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

/// The cells of a row by their names, for lookups of many names in one row.
pub(super) fn by_name<'a>(row: &'a InputRow<'_>) -> Map<&'a str, &'a Cell> {
    row.cells.iter().map(|(name, cell)| (&**name, cell)).collect()
}

/// About how many bytes a cell takes in memory.
pub(super) fn size(name: &str, text: &str) -> usize {
    size_of::<(Cow<'_, str>, Cell)>() + name.len() + text.len()
}

/// About how many bytes some cells take in memory.
pub(super) fn sizes<'a, 'b: 'a>(cells: impl Iterator<Item = &'a (Cow<'b, str>, Cell)>) -> usize {
    cells.map(|(name, cell)| size(name, cell.as_text().unwrap_or_default())).sum()
}
