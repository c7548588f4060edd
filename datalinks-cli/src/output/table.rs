//! Tables for people.

use std::collections::HashSet;

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

use super::record::{Record, shown};
use super::render;
use crate::terminal::Style;

/// Columns that are narrower than this are hard to read.
const READABLE: usize = 12;

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
        return vertical(columns, records, style);
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
        table.add_row(columns.iter().map(|name| {
            let text = record.cell(name);
            let cell = Cell::new(shown(&text));
            if is_number(&text) { cell.set_alignment(CellAlignment::Right) } else { cell }
        }));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
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

/// Returns one line per field, with a line between rows.
fn vertical(columns: &[String], records: &[Record], style: Style) -> String {
    let chosen = |record: &Record| {
        let fields = columns.iter().map(|name| (name.as_str(), record.cell(name)));
        render::aligned(fields, style)
    };
    let numbered = records.iter().enumerate().map(|(index, record)| {
        format!("{}\n{}", style.dim(format_args!("-- {} --", index + 1)), chosen(record))
    });
    numbered.collect()
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(f64::is_finite)
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
