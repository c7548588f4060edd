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
mod ending;
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
mod records;
mod row_stream;
mod rows;
mod settings;
mod source;
mod utf16;

use std::{io::Read, path::PathBuf};

pub use bad_row::{BadRow, OnBadRow};
pub use compression::Compression;
pub use format::Format;
pub use raw_row::RawRow;
pub use row_stream::RowStream;
pub use rows::Rows;

use settings::Settings;
use source::{Source, resolve};

/// Reads one file. Nothing is opened before the first row is asked for.
pub fn file(path: impl Into<PathBuf>) -> Reader {
    Reader::new(vec![Source::File(path.into())])
}

/// Reads several files, one after the other in the order given. Each item is one of these:
///
/// - a file;
/// - a directory: its files in the order of their names, without directories in it, and without files whose name tells
///   no [format](Format::of_name) (unless one is [given](Reader::format));
/// - a pattern, if there is no file of that name: `*`, `?`, `[a-z]`, and `**` for directories at any depth. The files that
///   match come in the order of their paths.
///
/// Directories and patterns leave out hidden files and the lock files of Excel: names that begin with `.` or `~$`. A
/// pattern finds them if it begins with these characters itself, and a file that is named is read whatever its name.
///
/// Links are followed. A directory or pattern yields each file once, whichever links lead to it, and not if an earlier
/// directory or pattern did. A file that is also named as an item is read there only, as often as it is named. Files are
/// identified by their canonical paths. Hard links are different files.
///
/// [`Reader::rows`] finds out which files those are. A path that does not exist, a link that leads nowhere (unless it is
/// left out by its name), and a directory or pattern without any file are errors before the first row. Every file has its
/// own format and its own header.
///
/// ```
/// use datalinks::read;
///
/// # let folder = tempfile::tempdir().unwrap();
/// # std::fs::write(folder.path().join("2023.csv"), "title\nAlien\n").unwrap();
/// # std::fs::write(folder.path().join("2024.json"), "[{\"title\":\"Aliens\"}]").unwrap();
/// # let pattern = folder.path().join("*.*");
/// // let pattern = "films/*.*";
/// let rows: Vec<_> = read::files([pattern]).rows().collect::<Result<_, _>>()?;
/// assert_eq!(rows[1].json(), r#"{"title":"Aliens"}"#);
/// # Ok::<(), datalinks::Error>(())
/// ```
pub fn files<P: Into<PathBuf>>(paths: impl IntoIterator<Item = P>) -> Reader {
    Reader::new(paths.into_iter().map(|path| Source::Several(path.into())).collect())
}

/// What is read, and how.
#[derive(Debug)]
#[must_use = "nothing is read until the rows are asked for"]
pub struct Reader {
    sources: Vec<Source>,
    settings: Settings,
}

impl Reader {
    fn new(sources: Vec<Source>) -> Self {
        Self { sources, settings: Settings::default() }
    }

    /// Reads bytes that are at hand, an open connection or the standard input for example. The name stands in
    /// messages, and tells the format by its ending unless that is [given](Self::format).
    ///
    /// The bytes are read in blocks of 64 KiB; no buffer of yours is needed.
    pub fn from_reader(reader: impl Read + Send + 'static, name: impl Into<String>) -> Self {
        Self::new(vec![Source::Reader { name: name.into(), reader: Box::new(reader) }])
    }

    /// The format; by the ending of the file's name ([`Format::of_name`]) unless given.
    pub fn format(mut self, format: Format) -> Self {
        self.settings.format = Some(format);
        self
    }

    /// How the file is compressed. Unless set, its first bytes tell; and where they do not, its name
    /// (`.gz`, `.gzip`, `.zst`, `.zstd`), which has to be true then.
    pub fn compression(mut self, compression: Compression) -> Self {
        self.settings.compression = Some(compression);
        self
    }

    /// What stands between the cells of CSV and TSV: one ASCII character, given as a byte.
    ///
    /// Unless set, a first line `sep=;` names it, as Excel has it, and that line is no row. Otherwise it is a tab for
    /// TSV. For CSV it is the one of `,` `;` tab `|` that makes the most regular table of the first 100 records: with as
    /// many cells in each record as in the header, and one value in each cell. Up to 64 KiB are read for that before the
    /// first row. Set it where such a wait matters.
    pub fn delimiter(mut self, delimiter: u8) -> Self {
        self.settings.delimiter = Some(delimiter);
        self
    }

    /// Finds out the types of the columns of CSV and TSV. Unless asked for, every cell is a string.
    ///
    /// A column has numbers, booleans (`true`, `True`, `TRUE`, and `false` likewise) or strings. All its values in the
    /// first rows decide, 20,480 of them unless [set](Self::type_sample), so that a column never mixes types:
    ///
    /// - A value in quotes makes its column one of strings.
    /// - So does a value that looks like an identifier: `007`, `+1`, `12e5`, an integer of more than 15 digits, and a
    ///   number that a 64-bit float does not hold exactly. Other numbers keep their digits: `1.50` stays `1.50`.
    /// - A column without any value in these rows is one of strings.
    /// - [`string_columns`](Self::string_columns) names columns that are not looked at.
    ///
    /// An empty cell is `null`. An empty cell in quotes is an empty string.
    ///
    /// A value after these rows that does not fit its column is a bad row with its line and column. The first rows
    /// are read before the first one is yielded, and held until then: at most 16 MiB of text and one record. When
    /// that much is reached first, the rows read so far decide.
    ///
    /// ```
    /// use datalinks::read::Reader;
    ///
    /// let text = "id;price;sold\n007;1.50;\n12;2;true\n";
    /// let mut rows = Reader::from_reader(text.as_bytes(), "films.csv").infer_types().rows();
    /// assert_eq!(rows.next().ok_or("no row")??.json(), r#"{"id":"007","price":1.50,"sold":null}"#);
    /// assert_eq!(rows.next().ok_or("no row")??.json(), r#"{"id":"12","price":2,"sold":true}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn infer_types(mut self) -> Self {
        self.settings.infer = true;
        self
    }

    /// Sets how many rows decide on the [types](Self::infer_types) of the columns: 20,480 unless set.
    ///
    /// `0` is rejected before a file is opened. With a smaller number, the first row is yielded sooner. With a larger number,
    /// fewer values behind these rows do not fit their column. At most 16 MiB are read, whatever the number.
    pub fn type_sample(mut self, rows: usize) -> Self {
        self.settings.type_sample = rows;
        self
    }

    /// Names columns whose cells are strings, whatever they look like. This applies to CSV, TSV and spreadsheets.
    ///
    /// In CSV and TSV, [types](Self::infer_types) are found for the other columns, and the cells of these stay as they stand
    /// in the file. An empty cell is an empty string. In a spreadsheet, numbers and booleans of these columns become
    /// strings. A spreadsheet does not hold leading zeros that only the format of a cell shows, and an empty cell is `null`.
    ///
    /// A name that is no column of a file is an error that lists the columns.
    ///
    /// ```
    /// use datalinks::read::Reader;
    ///
    /// let text = "zip,area\n10115,1.5\n";
    /// let reader = Reader::from_reader(text.as_bytes(), "areas.csv").infer_types().string_columns(["zip"]);
    /// let row = reader.rows().next().ok_or("no row")??;
    /// assert_eq!(row.json(), r#"{"zip":"10115","area":1.5}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn string_columns<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.settings.string_columns.extend(names.into_iter().map(Into::into));
        self
    }

    /// Reads the sheet of a spreadsheet that has this name. The default is the first worksheet that is visible.
    ///
    /// A hidden sheet can be read so. A sheet that is not there, or is a chart, is an error that lists the worksheets.
    #[cfg(feature = "excel")]
    pub fn sheet(mut self, name: impl Into<String>) -> Self {
        self.settings.excel.sheet = excel::WantedSheet::Name(name.into());
        self
    }

    /// Reads the sheet of a spreadsheet by its number, from 1, in the order of the workbook. Hidden sheets and charts are
    /// counted, too. Of this setting and [`sheet`](Self::sheet), the one that is set last applies.
    #[cfg(feature = "excel")]
    pub fn sheet_number(mut self, number: usize) -> Self {
        self.settings.excel.sheet = excel::WantedSheet::Number(number);
        self
    }

    /// Sets the row of a spreadsheet that names the columns, from 1, as the spreadsheet shows it. Rows above it are not
    /// read. The default is the first row that is not empty.
    ///
    /// Set it where a title or a note stands above the table.
    #[cfg(feature = "excel")]
    pub fn header_row(mut self, row: u32) -> Self {
        self.settings.excel.header_row = Some(row);
        self
    }

    /// Reads a formula of a spreadsheet as `null` if its result is not stored in the file. The default is a bad record.
    ///
    /// Libraries that write spreadsheets often store formulas without results. [`Rows::uncalculated`] counts them.
    #[cfg(feature = "excel")]
    pub fn uncalculated_as_null(mut self) -> Self {
        self.settings.excel.uncalculated_as_null = true;
        self
    }

    /// What to do about a record that is no row. The default is [`OnBadRow::Stop`].
    pub fn on_bad_row(mut self, choice: OnBadRow) -> Self {
        self.settings.on_bad_row = choice;
        self
    }

    /// How many bytes of the file one record may have: 16 MiB unless set. A longer one is a bad record. Text in UTF-16
    /// is counted as UTF-8. Besides its text, a record of CSV or TSV needs up to 24 bytes of memory per cell.
    pub fn record_limit(mut self, bytes: usize) -> Self {
        self.settings.record_limit = bytes;
        self
    }

    /// Returns the rows as an iterator, which blocks while a file is read. In async code, use
    /// [`into_stream`](Self::into_stream).
    pub fn rows(self) -> Rows {
        let sources = self.settings.check().and_then(|()| resolve(self.sources, self.settings.format));
        Rows::new(sources, self.settings)
    }
}

#[cfg(test)]
mod tests;
