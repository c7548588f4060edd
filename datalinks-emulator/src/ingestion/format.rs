//! Formats of uploaded files with rows.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::concurrency::work::Set;
use crate::store::{Cell, InputRow};

/// The format of a file with rows.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// Comma-separated values. The first record contains the names of the columns, and every value is a text.
    Csv,
    /// One JSON array of objects.
    Json,
    /// One JSON object per line. Blank lines are skipped.
    Lines,
}

/// A row and its end as an offset in bytes, or an error message.
type Row<'a> = Result<(InputRow<'a>, usize), String>;

impl Format {
    /// Returns the format for the extension of a file name, or `None` if it is unknown.
    pub(crate) fn of(filename: &str) -> Option<Self> {
        let (_, ending) = filename.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" => Some(Self::Lines),
            _ => None,
        }
    }

    /// Returns the rows of a file. Items after an error are not valid.
    pub(crate) fn rows<'a>(self, content: &'a [u8]) -> Box<dyn Iterator<Item = Row<'a>> + 'a> {
        match self {
            Self::Csv => csv(content),
            Self::Json => json(content),
            Self::Lines => lines(content),
        }
    }
}

fn only<'a>(error: String) -> Box<dyn Iterator<Item = Row<'a>> + 'a> {
    Box::new(std::iter::once(Err(error)))
}

fn csv(content: &[u8]) -> Box<dyn Iterator<Item = Row<'_>> + '_> {
    let mut reader = csv::Reader::from_reader(content);
    let columns: Vec<String> = match reader.headers() {
        Ok(header) => header.iter().map(str::to_owned).collect(),
        Err(error) => {
            return only(format!("the names of the columns cannot be read: {}", describe(content, &error)));
        }
    };
    let mut seen: Set<&str> = Set::default();
    if let Some(column) = columns.iter().find(|column| !seen.insert(column.as_str())) {
        return only(format!("the first line names the column {column:?} twice"));
    }
    Box::new(std::iter::from_fn(move || {
        let mut record = csv::StringRecord::new();
        match reader.read_record(&mut record) {
            Ok(false) => None,
            Err(error) => Some(Err(format!("the file is not CSV: {}", describe(content, &error)))),
            Ok(true) => {
                let cells = columns.iter().zip(&record);
                let cells =
                    cells.map(|(name, value)| (Cow::Owned(name.clone()), Cell::Text(value.into()))).collect();
                let end = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
                Some(Ok((InputRow { cells }, end)))
            }
        }
    }))
}

/// Describes an error in a record, with the line at which the record begins.
///
/// The `csv` crate counts lines up to the end of the previous record. With CR LF, that is before the LF, and blank lines
/// belong to the next record.
fn describe(content: &[u8], error: &csv::Error) -> String {
    let what = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("the record has {len} cells, but there are {expected_len} columns")
        }
        csv::ErrorKind::Utf8 { .. } => "the record is not UTF-8".to_owned(),
        _ => return error.to_string(),
    };
    let Some(position) = error.position() else { return what };
    let end = usize::try_from(position.byte()).unwrap_or(usize::MAX).min(content.len());
    let blank = content[end..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    format!("line {}: {what}", line_of(content, end + blank))
}

/// Returns the line of an offset, from 1. A line ends with LF, CR LF or CR.
fn line_of(content: &[u8], offset: usize) -> usize {
    let before = &content[..offset.min(content.len())];
    let ends = before.iter().enumerate().filter(|(at, byte)| match byte {
        b'\n' => true,
        b'\r' => content.get(at + 1) != Some(&b'\n'),
        _ => false,
    });
    1 + ends.count()
}

/// Returns the message of `serde_json` without the position, which is relative to one row.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&position).unwrap_or(&text).to_owned()
}

fn json(content: &[u8]) -> Box<dyn Iterator<Item = Row<'_>> + '_> {
    let items: Vec<&RawValue> = match serde_json::from_slice(content) {
        Ok(items) => items,
        Err(error) => return only(format!("the file is not one JSON array: {error}")),
    };
    let mut end = 0;
    Box::new(items.into_iter().enumerate().map(move |(index, item)| {
        // Separators between items are not counted. The progress need not be exact.
        end += item.get().len();
        let row = serde_json::from_str(item.get());
        row.map(|row| (row, end)).map_err(|error: serde_json::Error| {
            // The item is a slice of the content.
            let offset = item.get().as_ptr().addr().saturating_sub(content.as_ptr().addr());
            let line = line_of(content, offset) + error.line().saturating_sub(1);
            format!("item {index} is not a row: {}, at line {line}", reason(&error))
        })
    }))
}

fn lines(content: &[u8]) -> Box<dyn Iterator<Item = Row<'_>> + '_> {
    let mut end = 0;
    let lines = content.split_inclusive(|byte| *byte == b'\n').enumerate();
    let rows = lines.filter_map(move |(index, line)| {
        end += line.len();
        let space = line.len() - line.trim_ascii_start().len();
        let line = line.trim_ascii();
        if line.is_empty() {
            return None;
        }
        let row = serde_json::from_slice(line);
        Some(row.map(|row| (row, end)).map_err(|error: serde_json::Error| {
            let column = space + error.column();
            format!("line {} is not a row: {}, at byte {column} of the line", index + 1, reason(&error))
        }))
    });
    Box::new(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concurrency::work::tests::assert_proportional;

    fn read(format: Format, content: &str) -> Result<String, String> {
        let rows: Vec<_> = format.rows(content.as_bytes()).collect::<Result<_, _>>()?;
        let rows: Vec<_> = rows.into_iter().map(|(row, _)| row).collect();
        Ok(serde_json::to_string(&rows).unwrap())
    }

    #[test]
    fn format_follows_from_the_extension() {
        let formats = ["a.CSV", "a.b.json", "x.ndjson", "x.jsonl", "x.xlsx", "csv", ""].map(Format::of);
        let expected = [
            Some(Format::Csv),
            Some(Format::Json),
            Some(Format::Lines),
            Some(Format::Lines),
            None,
            None,
            None,
        ];
        assert_eq!(formats, expected);
    }

    #[test]
    fn csv_values_are_texts() {
        let rows = read(Format::Csv, "\u{feff}a,b\r\n1,\"x, \"\"y\"\"\nz\"\r\n,3\r\n").unwrap();
        assert_eq!(rows, r#"[{"a":"1","b":"x, \"y\"\nz"},{"a":"","b":"3"}]"#);
        assert_eq!(read(Format::Csv, "").unwrap(), "[]");
        assert_eq!(read(Format::Csv, "a,b\n").unwrap(), "[]");
        assert!(read(Format::Csv, "a,b\n1,2\n3\n").unwrap_err().contains("line"), "the line is reported");
        assert!(read(Format::Csv, "a,a\n1,2\n").unwrap_err().contains("\"a\" twice"));
    }

    /// The reported line was one too low with CR LF, and that of a blank line before the record.
    #[test]
    fn error_reports_the_line_of_the_record() {
        for end in ["\n", "\r\n", "\r"] {
            for (lines, line) in [
                (&["a,b", "1,2", "3"][..], 3),
                (&["a,b", "1,2", "", "", "3"], 5),
                (&["a,b", "\"1", "x\",2", "3"], 4),
                (&["", "a,b", "1,2,3"], 3),
            ] {
                for mark in ["", "\u{feff}"] {
                    let error = read(Format::Csv, &[mark, &lines.join(end)].concat()).unwrap_err();
                    assert!(error.contains(&format!("line {line}: ")), "{lines:?} {end:?}: {error}");
                }
            }
        }
        let bytes = b"a,b\r\n1,2\r\n3,\xFF\r\n";
        let error = Format::Csv.rows(bytes).find_map(Result::err).unwrap();
        assert!(error.ends_with("line 3: the record is not UTF-8"), "{error}");
        let error = read(Format::Json, "[{},\n\n {\"a\":1,\n \"a\":2}, 7\n]").unwrap_err();
        assert!(error.starts_with("item 2 is not a row") && error.ends_with("at line 4"), "{error}");
        let error = read(Format::Lines, "{}\r\n\r\n  {\"a\":x}").unwrap_err();
        assert_eq!(error, "line 3 is not a row: expected value, at byte 8 of the line");
    }

    #[test]
    fn many_columns_take_steps_in_proportion() {
        assert_proportional(20_000, |size| {
            let header: Vec<String> = (0..size).map(|number| format!("c{number}")).collect();
            assert!(Format::Csv.rows(header.join(",").as_bytes()).next().is_none());
        });
    }

    #[test]
    fn json_preserves_digits() {
        let text = r#"[{"a":1.10},{"b":[1,2]}]"#;
        assert_eq!(read(Format::Json, text).unwrap(), text);
        assert_eq!(read(Format::Lines, "{\"a\":1.10}\n\n {\"b\":[1,2]}").unwrap(), text);
        assert!(read(Format::Json, "").unwrap_err().contains("not one JSON array"));
        assert!(read(Format::Json, "[{},1]").unwrap_err().starts_with("item 1 is not a row"));
        assert!(read(Format::Lines, "{}\n\n{").unwrap_err().starts_with("line 3 is not a row"));
        assert_eq!(read(Format::Lines, "\n").unwrap(), "[]");
    }
}
