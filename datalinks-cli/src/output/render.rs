//! Records as text, in each format.

use std::borrow::Cow;

use serde::Serialize;

use super::record::{Record, shown};
use crate::terminal::{Style, escape, fill, json_safe};

/// Returns an object as JSON over several lines.
pub(super) fn json_object<T: Serialize>(item: &T) -> serde_json::Result<String> {
    Ok(format!("{}\n", json_safe(&serde_json::to_string_pretty(item)?)))
}

/// Returns an object as a line of JSON.
pub(super) fn ndjson(record: &Record) -> String {
    format!("{}\n", record.json())
}

/// Number of columns that values need at least to be broken beside their names.
const NARROWEST: usize = 16;

/// Returns the fields of an object, one per line. See [`aligned`].
pub(super) fn fields(record: &Record, width: Option<usize>, style: Style) -> String {
    aligned(record.cells(), width, style)
}

/// Returns names and values, one pair per line. Values that do not fit into `width` columns continue below.
pub(super) fn aligned<'a>(
    fields: impl Iterator<Item = (&'a str, Cow<'a, str>)>,
    width: Option<usize>,
    style: Style,
) -> String {
    let fields: Vec<_> = fields.map(|(name, value)| (shown(name), value)).collect();
    let widest = fields.iter().map(|(name, _)| console::measure_text_width(name)).max().unwrap_or_default();
    let indent = format!("\n{}", " ".repeat(widest + 2));
    let room = width.and_then(|width| width.checked_sub(widest + 2)).filter(|room| *room >= NARROWEST);
    let lines = fields.iter().map(|(name, value)| {
        let space = " ".repeat(widest - console::measure_text_width(name) + 2);
        let value = shown(value);
        let value = room.map_or(value.clone(), |room| fill(&value, room).join(&indent).into());
        format!("{}{space}{value}", style.bold(name)).trim_end().to_owned() + "\n"
    });
    lines.collect()
}

/// Returns the header and the lines of a CSV file. On a terminal, control characters become visible.
pub(super) fn csv<C: AsRef<str>>(
    columns: &[C],
    records: &[Record],
    on_terminal: bool,
) -> Result<String, std::io::Error> {
    let mut text = csv_line(columns.iter().map(AsRef::as_ref), on_terminal)?;
    for record in records {
        text.push_str(&csv_record(columns, record, on_terminal)?);
    }
    Ok(text)
}

/// Returns a line of a CSV file.
pub(super) fn csv_record<C: AsRef<str>>(
    columns: &[C],
    record: &Record,
    on_terminal: bool,
) -> Result<String, std::io::Error> {
    let cells: Vec<_> = columns.iter().map(|column| record.cell(column.as_ref())).collect();
    csv_line(cells.iter().map(AsRef::as_ref), on_terminal)
}

fn csv_line<'a>(cells: impl Iterator<Item = &'a str>, on_terminal: bool) -> Result<String, std::io::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let cells = cells.map(|cell| if on_terminal { escape(cell) } else { cell.into() });
    writer.write_record(cells.map(|cell| cell.into_owned()))?;
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    String::from_utf8(bytes).map_err(std::io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(json: &str) -> Record {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn csv_quotes_what_needs_quotes() {
        let records = [record(r#"{"a":"x, \"y\"","b":1}"#), record(r#"{"b":[1],"c":"\u001b"}"#)];
        assert_eq!(csv(&["a", "b"], &records, false).unwrap(), "a,b\n\"x, \"\"y\"\"\",1\n,[1]\n");
        assert_eq!(csv(&["c"], &records[1..], false).unwrap(), "c\n\u{1b}\n");
        assert_eq!(csv(&["c"], &records[1..], true).unwrap(), "c\n\\x1b\n");
    }

    #[test]
    fn fields_are_aligned() {
        let text = fields(&record(r#"{"name":"films","rowCount":3,"note":null}"#), None, Style::plain());
        assert_eq!(text, "name      films\nrowCount  3\nnote\n");
        let record = record(r#"{"name":"films","note":"a value that is wider than the terminal"}"#);
        let text = fields(&record, Some(26), Style::plain());
        assert_eq!(text, "name  films\nnote  a value that is\n      wider than the\n      terminal\n");
        let text = fields(&record, Some(20), Style::plain());
        assert_eq!(text.lines().count(), 2, "no room beside the names: {text}");
    }

    #[test]
    fn objects_are_written_over_several_lines() {
        assert_eq!(json_object(&record(r#"{"a":1}"#)).unwrap(), "{\n  \"a\": 1\n}\n");
        assert_eq!(ndjson(&record(r#"{"a": 1}"#)), "{\"a\":1}\n");
    }
}
