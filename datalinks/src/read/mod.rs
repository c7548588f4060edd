//! Files of rows, read as streams of rows.
//!
//! ```
//! use datalinks::read;
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("films.ndjson");
//! # std::fs::write(&path, "{\"title\":\"Alien\",\"id\":12345678901234567890123}\n").unwrap();
//! for row in read::file(path).rows() {
//!     assert_eq!(row?.json(), r#"{"title":"Alien","id":12345678901234567890123}"#);
//! }
//! # Ok::<(), datalinks::Error>(())
//! ```
//!
//! | What | Where |
//! |---|---|
//! | one file, several files or folders, any bytes | [`file()`], [`files`], [`Reader::from_reader`] |
//! | the rows, in blocking code and in async code | [`Reader::rows`], [`Reader::into_stream`] |
//! | CSV, TSV, a JSON array, NDJSON; spreadsheets and Parquet by features of this crate | [`Format`] |
//! | gzip and zstd around any of them | [`Compression`] |
//!
//! A row comes as a [`RawRow`], which keeps its JSON text and so every digit of its numbers. [`RawRow::deserialize`] reads
//! it into a type of yours, and text of CSV as the type wants it. What is no row, or does not fit the type, is named by
//! file, line and column. [`OnBadRow`] says what happens to a record that is no row. An ingestion can write such records, and
//! rows that do not fit the type, to its dead letters
//! ([`bad_records_to_dead_letters`](crate::ingest::Ingest::bad_records_to_dead_letters)).
//!
//! # Formats
//!
//! | Format | Kept exactly | Bad records | Settings |
//! |---|---|---|---|
//! | CSV, TSV | The text of each cell, with its spaces and with the line breaks inside quotes. With `infer_types`, the digits of numbers; an empty cell is `null`. | Another number of cells than the header has. A quote that is not closed, or text behind a closing quote. A carriage return without a line feed outside of quotes. With `infer_types`, a value that does not fit its column. | `delimiter`, `infer_types`, `type_sample`, `string_columns` |
//! | JSON | The text of each object in the array: digits, order of members, spaces. | An item that is no object. An item that is broken but ends where an item can end, for example by `NaN`. | |
//! | NDJSON | The text of each line: digits, order of members, spaces. | A line that is not one JSON object. | |
//! | Excel, OpenDocument | Texts with their spaces, booleans, numbers as 64-bit floats (a whole number up to 2<sup>53</sup> has no point). Dates, times and durations are strings in ISO 8601 to the millisecond. A number that is no date, in a cell with the format of a date, stays a number. An empty cell is `null`. | A cell that shows an error (`#N/A`). A formula without a stored result. A value in a column without a name. A number that is not finite. Two values for one cell. | `sheet`, `sheet_number`, `header_row`, `uncalculated_as_null`, `string_columns` |
//! | Parquet | Integers and decimals with all digits, booleans, strings. Dates, times and timestamps are strings in ISO 8601 to the nanosecond. Lists, structs and maps are arrays and objects, and keys of maps are strings. Bytes are strings in hexadecimal. | A number that is not finite, at any depth. A date or time that the calendar does not have. A map with one key twice. With `binary_as_string`, bytes that are not UTF-8. | `columns`, `without_columns`, `binary_as_string` |
//!
//! Settings are methods of [`Reader`]. A setting that a format does not have has no effect on its files, except `columns` and
//! `without_columns`: with them, a file of another format than Parquet is an error. These apply to every format:
//!
//! - [`Reader::format`] and [`Reader::compression`] replace what is found out by the name and the first bytes of a file.
//! - [`Reader::on_bad_row`] ends the rows at a bad record, leaves bad records out and counts them, or reports each.
//! - [`Reader::record_limit`] is the maximum size of a record of text or of a row of a sheet. A larger one is a bad record.
//!   Parquet has no such limit.
//!
//! In the text formats, bytes that are not UTF-8 make their record a bad one. A file that cannot be opened, decompressed or
//! decoded any further ends the rows whatever the choice, and [`BadRow::of`] returns `None` for its error. So do a header that
//! cannot be read, two columns with one name, and a JSON array that is broken between its items. The rows before are whole.
//!
//! In CSV and TSV, a quote that is not closed, or whose closing quote in a later line is followed by text, makes a bad record
//! that ends with the line of the opening quote. The lines behind it are read as other records, so that one stray quote does
//! not take good records with it. They may hold parts of a cell that was meant to go over several lines. If the file itself
//! cannot be read on while a quote is open, these lines are not yielded.
//!
//! A record needs up to 24 bytes of memory per cell besides its text, which matters for lines of delimiters only.
//!
//! In CSV and TSV, one column may have no name, as the index that pandas writes. Its name in the rows is the empty string. An
//! empty file has no rows.
//!
//! Lines and columns count from 1. In text they are lines and characters, in a sheet they are its rows and columns, and in
//! Parquet the line is the number of the row and the column is the number of the column.

mod bad_row;
mod cells;
mod compression;
mod csv;
#[cfg(feature = "excel")]
mod excel;
mod files;
mod format;
mod input;
mod json_array;
mod json_shape;
mod lines;
mod ndjson;
mod origin;
#[cfg(feature = "parquet")]
mod parquet;
mod position;
mod raw_row;
mod reader;
mod records;
mod row_stream;
mod rows;
mod settings;
mod source;
mod utf16;

pub use bad_row::{BadRow, OnBadRow};
pub use compression::Compression;
pub use format::Format;
pub use raw_row::RawRow;
pub use reader::{Reader, file, files};
pub use row_stream::RowStream;
pub use rows::Rows;

#[cfg(test)]
mod tests;
