//! A profile of columns: kinds of values, counts and examples.

use std::collections::HashMap;

use crate::concurrency::work;
use crate::store::{Cell, InputRow};

/// The profile of one column.
#[derive(Debug)]
pub(crate) struct Column<'a> {
    pub(crate) name: &'a str,
    /// Kinds of its values, in order of first occurrence.
    pub(crate) kinds: Vec<&'static str>,
    /// Number of rows with a value other than null.
    pub(crate) filled: usize,
    /// The first value other than null, as text.
    pub(crate) example: Option<&'a str>,
}

/// Returns the profiles of all columns, in order of first occurrence.
pub(crate) fn columns<'a>(rows: &'a [InputRow<'_>]) -> Vec<Column<'a>> {
    let mut columns: Vec<Column<'a>> = Vec::new();
    let mut indexes: HashMap<&str, usize> = HashMap::new();
    for (name, cell) in rows.iter().flat_map(|row| &row.cells) {
        work::count(1);
        let name: &'a str = name;
        let index = *indexes.entry(name).or_insert_with(|| {
            columns.push(Column { name, kinds: Vec::new(), filled: 0, example: None });
            columns.len() - 1
        });
        let Some(column) = columns.get_mut(index) else { continue };
        if !column.kinds.contains(&kind(cell)) {
            column.kinds.push(kind(cell));
        }
        if let Some(text) = cell.as_text() {
            column.filled += 1;
            column.example.get_or_insert(text);
        }
    }
    columns
}

fn kind(cell: &Cell) -> &'static str {
    match cell {
        Cell::Null => "null",
        Cell::Bool(_) => "boolean",
        Cell::Text(_) => "text",
        Cell::Number(_) => "number",
        Cell::Nested(_) => "nested",
    }
}

/// Formats a number with a noun, in singular or plural.
pub(crate) fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// Returns the first `most` characters of a text, followed by an ellipsis if it is longer.
pub(crate) fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_listed_in_order_of_first_occurrence() {
        let rows: Vec<InputRow<'_>> =
            serde_json::from_str(r#"[{"b":null},{"a":1,"b":"x"},{"a":"y","c":[1]}]"#).unwrap();
        let seen: Vec<String> = columns(&rows)
            .iter()
            .map(|c| format!("{} {} {} {:?}", c.name, c.kinds.join("|"), c.filled, c.example))
            .collect();
        assert_eq!(
            seen,
            [r#"b null|text 1 Some("x")"#, r#"a number|text 2 Some("1")"#, r#"c nested 1 Some("[1]")"#]
        );
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!((short("äöü", 3), short("äöü", 2)), ("äöü".to_owned(), "äö…".to_owned()));
    }
}
