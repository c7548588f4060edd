//! Output: data on standard output, everything else on standard error.
//!
//! Commands give their results to [`Output`], which writes them in the format that the user chose:
//!
//! | | a list | an object | a change |
//! |---|---|---|---|
//! | `table` | a table | one line per field | a sentence, on standard error |
//! | `json` | one array | one object | one object |
//! | `ndjson` | one object per line | one object in a line | one object in a line |
//! | `csv` | a header and a line per item | a header and a line | a header and a line |
//! | `parquet` | a file with a row per item | a file with a row | a file with a row |
//!
//! The fields of an object and the columns of a table have the same names: those of the struct that a command serializes
//! (`#[serde(rename_all = "camelCase")]`, no skipped fields). Nested values are JSON in the cells of tables and of CSV.
//!
//! The type of a Parquet column follows from its values: booleans, 64-bit integers, or floats. All other columns are strings with
//! the texts that CSV has: strings as they are, among them times, and the JSON of lists, objects, mixed types, and numbers that
//! neither type holds without a loss. Null and missing values are null.

mod bar;
mod diagnostics;
mod format;
mod parquet;
mod progress;
mod record;
mod render;
mod rows;
mod sink;
mod table;
mod target;
mod work;

pub(crate) use diagnostics::Diagnostics;
pub(crate) use format::Format;
pub(crate) use progress::Progress;
pub(crate) use record::Record;
pub(crate) use rows::RowWriter;
pub(crate) use work::Unit;

use serde::Serialize;

use sink::Sink;

use crate::failure::Result;
use crate::terminal::{self, Style, Terminal};

/// Writes the results of commands.
pub(crate) struct Output(Sink);

impl Output {
    /// Creates an output. `style` is that of standard output.
    pub(crate) fn new(format: Format, terminal: Terminal, style: Style, diagnostics: Diagnostics) -> Self {
        Self(Sink { format, terminal, style, diagnostics })
    }

    /// Returns an output in another format.
    pub(crate) fn in_format(&self, format: Format) -> Self {
        Self(Sink { format, diagnostics: self.0.diagnostics.clone(), ..self.0 })
    }

    /// Returns the format that the user chose.
    pub(crate) fn format(&self) -> Format {
        self.0.format
    }

    /// Checks that standard output can get the format. A Parquet file cannot be shown in a terminal.
    pub(crate) fn check(&self) -> Result {
        match self.0.format {
            Format::Parquet => parquet::check(self.0.terminal),
            Format::Table | Format::Json | Format::Ndjson | Format::Csv => Ok(()),
        }
    }

    /// Returns what is known about the streams.
    pub(crate) fn terminal(&self) -> Terminal {
        self.0.terminal
    }

    /// Returns the style of standard output.
    pub(crate) fn style(&self) -> Style {
        self.0.style
    }

    /// Returns the writer for standard error.
    pub(crate) fn diagnostics(&self) -> &Diagnostics {
        &self.0.diagnostics
    }

    /// Writes a list. A table shows the `columns`, and all other formats all fields of the items.
    pub(crate) fn list<T: Serialize>(&self, items: &[T], columns: &[&str]) -> Result {
        let mut rows = self.rows(columns);
        for item in items {
            rows.write(item)?;
        }
        rows.finish()
    }

    /// Returns a writer for a list whose items arrive one after the other. See [`list`](Self::list).
    ///
    /// Without `columns`, a table has the columns of all rows.
    pub(crate) fn rows(&self, columns: &[&str]) -> RowWriter<'_> {
        RowWriter::new(&self.0, columns)
    }

    /// Writes one object.
    pub(crate) fn object<T: Serialize>(&self, item: &T) -> Result {
        let record = Record::of(item)?;
        let text = match self.0.format {
            Format::Table => render::fields(&record, self.0.terminal.width, self.0.style),
            Format::Json => render::json_object(item)?,
            Format::Ndjson => render::ndjson(&record),
            Format::Csv => {
                render::csv(&record.names(), std::slice::from_ref(&record), self.0.terminal.stdout)?
            }
            Format::Parquet => return self.list(std::slice::from_ref(&record), &[]),
        };
        Ok(terminal::print(text.as_bytes())?)
    }

    /// Writes what a command changed: as an object, or, for people, as a sentence on standard error.
    pub(crate) fn change<T: Serialize>(&self, sentence: &str, item: &T) -> Result {
        match self.0.format {
            Format::Table => {
                self.0.diagnostics.note(sentence);
                Ok(())
            }
            _ => self.object(item),
        }
    }

    /// Writes a text of several lines, such as an answer. Control characters in it become visible. On a terminal, lines
    /// break between words.
    pub(crate) fn text(&self, text: &str) -> Result {
        let text = terminal::escape_lines(text);
        match self.0.terminal.width {
            Some(width) => Ok(terminal::line(&terminal::wrap_lines(&text, width, 0))?),
            None => Ok(terminal::line(&text)?),
        }
    }

    /// Writes bytes as they are to a pipe or a file. On a terminal, control characters become visible.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result {
        if self.0.terminal.stdout {
            let text = String::from_utf8_lossy(bytes);
            let text = terminal::escape_lines(&text);
            return Ok(terminal::print(text.as_bytes())?);
        }
        Ok(terminal::print(bytes)?)
    }
}
