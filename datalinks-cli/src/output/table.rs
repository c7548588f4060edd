//! Tables for people.

use std::collections::HashSet;

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::record::{Record, shown};
use super::render;
use crate::terminal::Style;

/// Columns that are narrower than this are hard to read.
const READABLE: usize = 12;
/// Words that are longer than this may be broken.
const LONGEST_WORD: usize = 24;
/// Space after a column.
const SPACE: usize = 2;

/// Returns the names of all fields, in the order in which they first appear.
pub(super) fn columns(records: &[Record]) -> Vec<String> {
    let mut seen: HashSet<&str> = HashSet::new();
    let names = records.iter().flat_map(Record::names);
    names.filter(|name| seen.insert(name)).map(str::to_owned).collect()
}

/// Returns a table. It is as wide as its content, unless `width` is less: cells then continue on further lines. If
/// columns would become unreadable, each row is written as one line per field. No text is left out.
pub(super) fn render(columns: &[String], records: &[Record], width: Option<usize>, style: Style) -> String {
    if width.is_some_and(|width| least_width(columns, records) > width) {
        return vertical(columns, records, width, style);
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(match width {
        Some(_) => ContentArrangement::Dynamic,
        None => ContentArrangement::Disabled,
    });
    if let Some(width) = width {
        table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    }
    table.set_header(columns.iter().map(|name| Cell::new(shown(name))));
    for record in records {
        table.add_row(columns.iter().map(|name| Cell::new(shown(&record.cell(name)))));
    }
    let widths = width.and_then(|width| widths(columns, records, width));
    for (index, (column, name)) in table.column_iter_mut().zip(columns).enumerate() {
        column.set_padding((0, 2));
        if has_numbers(name, records) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        if let Some(width) = widths.as_ref().and_then(|widths| widths.get(index)) {
            let width = Width::Fixed(u16::try_from(*width).unwrap_or(u16::MAX));
            column.set_constraint(ColumnConstraint::Absolute(width));
        }
    }
    let mut text = String::new();
    for (index, line) in table.lines().enumerate() {
        let line = line.trim_end();
        // The header may have several lines, too. Only the first one is certain to be one.
        if index == 0 {
            text.push_str(&style.bold(line));
        } else {
            text.push_str(line);
        }
        text.push('\n');
    }
    text
}

/// Returns the width below which a table is unreadable.
fn least_width(columns: &[String], records: &[Record]) -> usize {
    let least = |name: &String| {
        let cells = records.iter().map(|record| console::measure_text_width(&shown(&record.cell(name))));
        let widest = cells.max().unwrap_or_default().max(console::measure_text_width(&shown(name)));
        widest.min(READABLE) + 2
    };
    columns.iter().map(least).sum()
}

/// Returns the width of each column with its space, so that no word is broken, or `None` if that is not possible.
///
/// The columns that need least to show their cells in one line get it first.
fn widths(columns: &[String], records: &[Record], width: usize) -> Option<Vec<usize>> {
    let mut widths: Vec<usize> = columns.iter().map(|name| longest_word(name, records) + SPACE).collect();
    let mut rest = width.checked_sub(widths.iter().sum())?;
    let full = |name: &String| {
        let cells = records.iter().map(|record| console::measure_text_width(&shown(&record.cell(name))));
        cells.max().unwrap_or_default().max(console::measure_text_width(&shown(name))) + SPACE
    };
    let mut needs: Vec<(usize, usize)> = columns
        .iter()
        .zip(&widths)
        .map(|(name, width)| full(name).saturating_sub(*width))
        .enumerate()
        .map(|(index, need)| (need, index))
        .collect();
    needs.sort_unstable();
    for (need, index) in needs {
        let given = need.min(rest);
        if let Some(width) = widths.get_mut(index) {
            *width += given;
        }
        rest -= given;
    }
    Some(widths)
}

/// Returns the width of the longest word of a column, or [`LONGEST_WORD`] if it is longer.
fn longest_word(name: &str, records: &[Record]) -> usize {
    let longest = |text: &str| {
        let words = text.split(' ').map(console::measure_text_width);
        words.max().unwrap_or_default().min(LONGEST_WORD)
    };
    let cells = records.iter().map(|record| longest(&shown(&record.cell(name))));
    cells.max().unwrap_or_default().max(longest(&shown(name)))
}

/// Returns `true` if all values of a column are numbers.
fn has_numbers(name: &str, records: &[Record]) -> bool {
    let mut values = records.iter().filter_map(|record| record.is_number(name)).peekable();
    values.peek().is_some() && values.all(|is_number| is_number)
}

/// Returns one line per field, with a line between rows.
fn vertical(columns: &[String], records: &[Record], width: Option<usize>, style: Style) -> String {
    let chosen = |record: &Record| {
        let fields = columns.iter().map(|name| (name.as_str(), record.cell(name)));
        render::aligned(fields, width, style)
    };
    let numbered = records.iter().enumerate().map(|(index, record)| {
        format!("{}\n{}", style.dim(format_args!("-- {} --", index + 1)), chosen(record))
    });
    numbered.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(rows: &[&str]) -> Vec<Record> {
        rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect()
    }

    fn table(rows: &[&str], width: Option<usize>) -> String {
        let records = records(rows);
        render(&columns(&records), &records, width, Style::plain())
    }

    #[test]
    fn columns_of_all_rows_are_shown() {
        let text = table(&[r#"{"title":"Alien","year":1979}"#, r#"{"title":"Ran","by":"Kurosawa"}"#], None);
        assert_eq!(text, "title  year  by\nAlien  1979\nRan          Kurosawa\n");
    }

    #[test]
    fn tables_fit_the_terminal_without_losing_text() {
        let long = "word ".repeat(30);
        let row = format!(r#"{{"name":"{long}","note":"{long}"}}"#);
        let text = table(&[&row], Some(60));
        assert!(text.lines().all(|line| console::measure_text_width(line) <= 60), "{text}");
        assert_eq!(text.matches("word").count(), 60, "{text}");
        let text = table(&[&row], None);
        assert_eq!(text.lines().count(), 2, "full width without a terminal");
        assert_eq!(text.matches("word").count(), 60);
    }

    #[test]
    fn columns_of_numbers_are_aligned_to_the_right() {
        let rows = [
            r#"{"title":"Alien","minutes":117}"#,
            r#"{"title":"1917","minutes":null}"#,
            r#"{"title":"8","minutes":-1.5}"#,
        ];
        assert_eq!(
            table(&rows, None),
            "title  minutes\n\
             Alien      117\n\
             1917\n\
             8         -1.5\n",
            "titles are text, and the header is above its numbers"
        );
    }

    #[test]
    fn words_are_whole_where_they_fit() {
        let rows: Vec<String> = ["Dune", "The Grand Budapest Hotel", "Portrait of a Lady on Fire"]
            .iter()
            .map(|title| {
                format!(
                    r#"{{"title":"{title}","year":2021,"director":"Christopher Nolan","country":"United Kingdom","runtime_minutes":155,"genre":"science-fiction"}}"#
                )
            })
            .collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let text = table(&rows, Some(80));
        for word in ["runtime_minutes", "science-fiction", "Christopher", "Kingdom", "Portrait"] {
            assert!(text.contains(word), "{word} is broken:\n{text}");
        }
        assert!(text.lines().all(|line| console::measure_text_width(line) <= 80), "{text}");
    }

    #[test]
    fn too_many_columns_are_shown_one_per_line() {
        let fields: Vec<String> = (0..20).map(|n| format!(r#""column{n}":"value {n} of 20""#)).collect();
        let text = table(&[&format!("{{{}}}", fields.join(","))], Some(80));
        assert!(text.starts_with("-- 1 --\ncolumn0   value 0 of 20\ncolumn1   value 1 of 20\n"), "{text}");
        assert_eq!(text.lines().count(), 21);
    }

    #[test]
    fn control_characters_of_cells_and_names_are_visible() {
        let text = table(&["{\"a\\u001b[2J\":\"x\\ny\\u009b\"}"], None);
        assert_eq!(text, "a\\x1b[2J\nx\\ny\\x9b\n");
    }
}
