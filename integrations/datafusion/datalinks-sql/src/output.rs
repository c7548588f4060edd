//! Rows and objects on standard output.
//!
//! Rows are written as they arrive, so memory does not grow with them. A table is written in pieces of some rows.

use std::io::{self, Write};

use datafusion::{
    arrow::{
        array::{Array, RecordBatch},
        datatypes::{Schema, SchemaRef},
        json::{LineDelimitedWriter, WriterBuilder, writer::LineDelimited},
        util::display::{ArrayFormatter, FormatOptions},
    },
    parquet::{arrow::ArrowWriter, file::properties::WriterProperties},
};
use serde::{Serializer as _, ser::SerializeMap as _};
use serde_json::Value;
use unicode_width::UnicodeWidthStr as _;

use crate::{
    arguments::Format,
    failure::{Failure, Result, exit},
    terminal::{self, escape, json_safe},
};

/// Rows of a table that are measured together.
const PIECE: usize = 1_000;

/// Rows of a row group of a Parquet file, which is in memory until it is whole.
const ROW_GROUP: usize = 65_536;

/// Space between columns.
const SPACE: usize = 2;

/// Writes the rows of a statement.
pub(crate) struct Rows {
    format: Format,
    schema: SchemaRef,
    /// Cells of a table that are not written yet.
    held: Vec<Vec<String>>,
    /// The widths of the columns so far.
    widths: Vec<usize>,
    parquet: Option<ArrowWriter<Standard>>,
    /// The header of the table is written.
    has_header: bool,
    written: usize,
}

impl Rows {
    /// Begins the rows. A Parquet file cannot be shown in a terminal.
    pub(crate) fn new(format: Format, schema: SchemaRef) -> Result<Self> {
        if matches!(format, Format::Json | Format::Ndjson | Format::Parquet) {
            check_names(&schema)?;
        }
        let parquet = match format {
            Format::Parquet => {
                check_parquet()?;
                let properties =
                    WriterProperties::builder().set_max_row_group_row_count(Some(ROW_GROUP)).build();
                let writer = ArrowWriter::try_new(Standard, SchemaRef::clone(&schema), Some(properties));
                Some(writer.map_err(parquet_failure)?)
            }
            _ => None,
        };
        let widths = schema.fields().iter().map(|field| escape(field.name()).width()).collect();
        Ok(Self { format, schema, held: Vec::new(), widths, parquet, has_header: false, written: 0 })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result {
        match self.format {
            Format::Table => {
                self.held.extend(cells(batch, true)?);
                if self.held.len() >= PIECE {
                    self.write_table()?;
                }
            }
            Format::Csv => {
                let mut text = String::new();
                if self.written == 0 {
                    text.push_str(&csv_line(self.schema.fields().iter().map(|field| field.name().as_str())));
                }
                for row in cells(batch, terminal::is_output())? {
                    text.push_str(&csv_line(row.iter().map(String::as_str)));
                }
                terminal::print(text.as_bytes())?;
            }
            Format::Json | Format::Ndjson => {
                let lines = json_lines(batch)?;
                let mut text = String::with_capacity(lines.len());
                for line in json_safe(&lines).lines() {
                    match (self.format, text.is_empty() && self.written == 0) {
                        (Format::Json, true) => text.push_str("[\n  "),
                        (Format::Json, false) => text.push_str(",\n  "),
                        _ => {}
                    }
                    text.push_str(line);
                    if self.format == Format::Ndjson {
                        text.push('\n');
                    }
                }
                terminal::print(text.as_bytes())?;
            }
            Format::Parquet => {
                if let Some(writer) = &mut self.parquet {
                    writer.write(batch).map_err(parquet_failure)?;
                }
            }
        }
        self.written += batch.num_rows();
        Ok(())
    }

    /// Writes what is left, and returns the number of rows.
    pub(crate) fn finish(mut self) -> Result<usize> {
        match self.format {
            Format::Table if self.written == 0 => {}
            Format::Table => self.write_table()?,
            Format::Csv if self.written == 0 => {
                let names = self.schema.fields().iter().map(|field| field.name().as_str());
                terminal::print(csv_line(names).as_bytes())?;
            }
            Format::Json if self.written == 0 => terminal::print(b"[]\n")?,
            Format::Json => terminal::print(b"\n]\n")?,
            Format::Csv | Format::Ndjson => {}
            Format::Parquet => {
                if let Some(writer) = self.parquet.take() {
                    writer.close().map_err(parquet_failure)?;
                }
                io::stdout().flush().map_err(|error| terminal::write_failure(&error))?;
            }
        }
        Ok(self.written)
    }

    /// Writes the rows of a table that are held. Columns of later rows may be wider.
    fn write_table(&mut self) -> Result {
        let rows = std::mem::take(&mut self.held);
        for row in &rows {
            for (width, cell) in self.widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        let names: Vec<String> =
            self.schema.fields().iter().map(|field| escape(field.name()).into_owned()).collect();
        let whole = self.widths.iter().sum::<usize>() + SPACE * self.widths.len().saturating_sub(1);
        let mut text = String::new();
        if terminal::width().is_some_and(|width| whole > width) {
            for row in &rows {
                text.push_str(&aligned(names.iter().map(String::as_str).zip(row.iter().map(String::as_str))));
                text.push('\n');
            }
        } else {
            let is_number =
                |at: usize| self.schema.fields().get(at).is_some_and(|field| field.data_type().is_numeric());
            if !self.has_header {
                text.push_str(&line(&names, &self.widths, is_number));
            }
            for row in &rows {
                text.push_str(&line(row, &self.widths, is_number));
            }
        }
        self.has_header = true;
        terminal::print(text.as_bytes())
    }
}

/// Checks that standard output can get a Parquet file.
pub(crate) fn check_parquet() -> Result {
    match terminal::is_output() {
        true => Err(Failure::usage("a terminal cannot show Parquet")
            .next("write it to a file: --output parquet > rows.parquet")),
        false => Ok(()),
    }
}

/// Rejects names that two columns share, because an object has each name once.
fn check_names(schema: &Schema) -> Result {
    for (at, field) in schema.fields().iter().enumerate() {
        if schema.fields().iter().take(at).any(|other| other.name() == field.name()) {
            let name = field.name();
            return Err(Failure::usage(format!("the result has several columns {name:?}; name them by AS")));
        }
    }
    Ok(())
}

/// Writes one object.
pub(crate) fn object(fields: &[(&'static str, Value)], format: Format) -> Result {
    let shown = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => escape(text).into_owned(),
        other => escape(&other.to_string()).into_owned(),
    };
    let json = |is_pretty: bool| {
        let mut bytes = Vec::new();
        let written = if is_pretty {
            write_map(&mut serde_json::Serializer::pretty(&mut bytes), fields)
        } else {
            write_map(&mut serde_json::Serializer::new(&mut bytes), fields)
        };
        let failed =
            |what: String| Failure::new(exit::FAILURE, format!("the account cannot be written: {what}"));
        written.map_err(|error| failed(error.to_string()))?;
        String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
    };
    let text = match format {
        Format::Json => format!("{}\n", json_safe(&json(true)?)),
        Format::Ndjson => format!("{}\n", json_safe(&json(false)?)),
        Format::Csv => {
            let cells: Vec<String> = fields.iter().map(|(_, value)| shown(value)).collect();
            csv_line(fields.iter().map(|(name, _)| *name)) + &csv_line(cells.iter().map(String::as_str))
        }
        Format::Table | Format::Parquet => {
            let cells: Vec<(&str, String)> =
                fields.iter().map(|(name, value)| (*name, shown(value))).collect();
            aligned(cells.iter().map(|(name, cell)| (*name, cell.as_str())))
        }
    };
    match format {
        // Standard output has a file of rows.
        Format::Parquet => {
            terminal::diagnostic(text.trim_end());
            Ok(())
        }
        _ => terminal::print(text.as_bytes()),
    }
}

fn write_map<W: Write, F: serde_json::ser::Formatter>(
    serializer: &mut serde_json::Serializer<W, F>,
    fields: &[(&'static str, Value)],
) -> serde_json::Result<()> {
    let mut map = serializer.serialize_map(Some(fields.len()))?;
    fields.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
    map.end()
}

/// Returns names and values, one pair per line.
fn aligned<'a>(fields: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> String {
    let widest = fields.clone().map(|(name, _)| name.width()).max().unwrap_or_default();
    let line = |(name, value): (&str, &str)| {
        let space = " ".repeat(widest - name.width() + SPACE);
        format!("{name}{space}{value}").trim_end().to_owned() + "\n"
    };
    fields.map(line).collect()
}

/// Returns a line of a table.
fn line(cells: &[String], widths: &[usize], is_number: impl Fn(usize) -> bool) -> String {
    let mut text = String::new();
    for (at, (cell, width)) in cells.iter().zip(widths).enumerate() {
        if at > 0 {
            text.push_str(&" ".repeat(SPACE));
        }
        let space = " ".repeat(width.saturating_sub(cell.width()));
        match is_number(at) {
            true => text.extend([space.as_str(), cell]),
            false => text.extend([cell, space.as_str()]),
        }
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// Returns a line of a CSV file.
fn csv_line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            text.push(',');
        }
        if cell.contains(['"', ',', '\n', '\r']) {
            text.extend(["\"", &cell.replace('"', "\"\""), "\""]);
        } else {
            text.push_str(cell);
        }
    }
    // Readers skip an empty line.
    if text.is_empty() {
        text.push_str("\"\"");
    }
    text.push('\n');
    text
}

/// Returns the cells of the rows of a batch as text, with JSON for lists and structs. Null is empty.
fn cells(batch: &RecordBatch, is_escaped: bool) -> Result<Vec<Vec<String>>> {
    let failed = |error: datafusion::arrow::error::ArrowError| Failure::new(exit::FAILURE, error.to_string());
    let options = FormatOptions::default().with_display_error(false);
    let mut rows = vec![Vec::with_capacity(batch.num_columns()); batch.num_rows()];
    for (at, (field, column)) in batch.schema().fields().iter().zip(batch.columns()).enumerate() {
        if field.data_type().is_nested() {
            let column = batch.project(&[at]).map_err(failed)?;
            let lines = json_lines(&column)?;
            let prefix = serde_json::to_string(field.name()).unwrap_or_default().len() + 2;
            for (row, (line, cells)) in lines.lines().zip(&mut rows).enumerate() {
                // A line is `{"name":value}`.
                let json = line.get(prefix..line.len() - 1).unwrap_or_default();
                cells.push(if column.column(0).is_null(row) {
                    String::new()
                } else {
                    json_safe(json).into_owned()
                });
            }
            continue;
        }
        let formatter = ArrayFormatter::try_new(column.as_ref(), &options).map_err(failed)?;
        for (row, cells) in rows.iter_mut().enumerate() {
            let text = formatter.value(row).try_to_string().map_err(failed)?;
            cells.push(if is_escaped { escape(&text).into_owned() } else { text });
        }
    }
    Ok(rows)
}

/// Returns the rows of a batch as lines of JSON. Null is written, and a number that is not finite is null.
fn json_lines(batch: &RecordBatch) -> Result<String> {
    let mut bytes = Vec::new();
    let mut writer: LineDelimitedWriter<_> =
        WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(&mut bytes);
    let failed =
        |what: String| Failure::new(exit::FAILURE, format!("the rows cannot be written as JSON: {what}"));
    writer.write(batch).and_then(|()| writer.finish()).map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
}

/// Standard output, locked for each write.
struct Standard;

impl Write for Standard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::stdout().lock().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().lock().flush()
    }
}

fn parquet_failure(error: datafusion::parquet::errors::ParquetError) -> Failure {
    use datafusion::parquet::errors::ParquetError;

    if let ParquetError::External(source) = &error
        && let Some(error) = source.downcast_ref::<io::Error>()
    {
        return terminal::write_failure(error);
    }
    Failure::new(exit::FAILURE, format!("the Parquet file cannot be written: {error}"))
}
