//! Readers of CSV, JSON, NDJSON, Excel, OpenDocument and Parquet files as rows.
//!
//! ```
//! use datalinks::read;
//!
//! # let directory = tempfile::tempdir().unwrap();
//! # let path = directory.path().join("films.ndjson");
//! # std::fs::write(&path, "{\"title\":\"Alien\",\"id\":12345678901234567890123}\n").unwrap();
//! for row in read::file(path).rows() {
//!     assert_eq!(row?.json(), r#"{"title":"Alien","id":12345678901234567890123}"#);
//! }
//! # Ok::<(), datalinks::Error>(())
//! ```
//!
//! | Task | Item |
//! |---|---|
//! | Read one file, several files or directories, or any bytes | [`file()`], [`files`], [`Reader::from_reader`] |
//! | Get the rows in blocking code or in async code | [`Reader::rows`], [`Reader::into_stream`] |
//! | Choose a format: CSV, TSV, JSON, NDJSON, spreadsheets (feature `excel`), Parquet (feature `parquet`) | [`Format`] |
//! | Read gzip or zstd around any format | [`Compression`] |
//!
//! A row is a [`RawRow`], which keeps its JSON text and therefore every digit of its numbers. [`RawRow::deserialize`]
//! reads it into a Rust type. For CSV, that type decides how the string of each cell is parsed. Errors about a record
//! that is not a row, or that does not fit the type, contain the file, line and column. [`OnBadRow`] decides what
//! happens after a record that is not a row. An ingestion can write such records, and rows that do not fit the type, to
//! its dead-letter file ([`bad_records_to_dead_letters`](crate::ingest::Ingest::bad_records_to_dead_letters)).
//!
//! # Formats
//!
//! | Format | Kept exactly | Bad records | Options |
//! |---|---|---|---|
//! | CSV, TSV | The string of each cell, with its spaces and with the line breaks inside quotes. With `infer_types`, the digits of numbers. An empty cell is then `null`. | Another number of cells than the header has. A quote that is not closed, or text after a closing quote. A carriage return without a line feed outside of quotes. With `infer_types`, a value that does not fit its column. | `delimiter`, `infer_types`, `type_sample`, `string_columns` |
//! | JSON | The text of each object in the array: digits, order of members, spaces. | An item that is not an object. An item that is not valid JSON, but ends where an item can end, for example after `NaN`. | |
//! | NDJSON | The text of each line: digits, order of members, spaces. | A line that is not exactly one JSON object. | |
//! | Excel, OpenDocument | Strings with their spaces, booleans, numbers as 64-bit floats (an integer up to 2<sup>53</sup> is written without a decimal point). Dates, times and durations are strings in ISO 8601 to the millisecond. A number with a date format that is not a valid date stays a number. An empty cell is `null`. | A cell that shows an error (`#N/A`). A formula without a stored result. A value in a column without a name. A number that is not finite. Two values for one cell. | `sheet`, `sheet_number`, `header_row`, `uncalculated_as_null`, `string_columns` |
//! | Parquet | Integers and decimals with all digits, booleans, strings. Dates, times and timestamps are strings in ISO 8601 to the nanosecond. Lists, structs and maps are arrays and objects, and keys of maps are strings. Bytes are strings in hexadecimal. | A number that is not finite, at any depth. A date or time that the calendar does not have. A map with a duplicate key. With `binary_as_string`, bytes that are not UTF-8. | `columns`, `without_columns`, `binary_as_string` |
//!
//! Options are methods of [`Reader`]. An option has no effect on files of formats that do not list it. The exceptions
//! are `columns` and `without_columns`: with them, a file that is not Parquet is an error. Three options apply to every
//! format:
//!
//! - [`Reader::format`] and [`Reader::compression`] replace the detection by file name and first bytes.
//! - [`Reader::on_bad_row`] stops at a bad record, skips and counts bad records, or reports each of them.
//! - [`Reader::record_limit`] is the maximum size of a text record or of a spreadsheet row. A larger one is a bad
//!   record. Parquet has no such limit.
//!
//! In the text formats, a record with bytes that are not UTF-8 is a bad record. A file that cannot be opened,
//! decompressed or decoded further ends the rows with every choice of [`OnBadRow`], and [`BadRow::of`] returns `None`
//! for its error. The same applies to a header that cannot be read, to two columns with one name, and to a JSON array
//! that is invalid between its items. All rows before the error are complete.
//!
//! In CSV and TSV, a quote is stray if it is never closed, or if its closing quote in a later line is followed by text.
//! The line with the opening quote is then a bad record, and the lines after it are read as records of their own. A
//! stray quote therefore does not invalidate the records that follow. These lines can be fragments of a cell that was
//! meant to span several lines. If the file itself becomes unreadable while a quote is open, these lines are not
//! yielded.
//!
//! A record of CSV or TSV needs up to 24 bytes of memory per cell in addition to its text. This is significant only for
//! lines that consist of delimiters.
//!
//! In CSV and TSV, one column may have an empty name, such as the index that pandas writes. Its name in the rows is the
//! empty string. An empty file has no rows.
//!
//! Lines and columns count from 1. In text they are lines and characters. In a spreadsheet they are the rows and
//! columns of the sheet. In Parquet, the line is the row number and the column is the column number.

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
mod progress;
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
pub use progress::ReadProgress;
pub use raw_row::RawRow;
pub use reader::{Reader, file, files};
pub use row_stream::RowStream;
pub use rows::Rows;

#[cfg(test)]
mod tests;
