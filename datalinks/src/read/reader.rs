//! The builder for reading rows.

use std::{io::Read, path::PathBuf};

#[cfg(feature = "excel")]
use super::excel::WantedSheet;
use super::{
    bad_row::OnBadRow, compression::Compression, format::Format, row_stream::RowStream, rows::Rows,
    settings::Settings, source::Source,
};

/// Creates a reader of one file. The file is opened when the first row is requested.
pub fn file(path: impl Into<PathBuf>) -> Reader {
    Reader::new(vec![Source::File(path.into())])
}

/// Creates a reader of several files, which are read in the given order. Each item is one of these:
///
/// - a file,
/// - a directory: its files in the order of their names. Subdirectories are skipped, and so are files whose name does
///   not indicate a [format](Format::of_name), unless the format is [set](Reader::format),
/// - a pattern, if no file has that name: `*`, `?`, `[a-z]`, and `**` for directories at any depth. The matching files
///   are read in the order of their paths.
///
/// Directories and patterns skip hidden files and the lock files of Excel, whose names begin with `.` or `~$`. A
/// pattern includes them if it begins with these characters itself. A file given by its path is read whatever its name.
///
/// Links are followed. A directory or pattern yields each file once, regardless of how many links lead to it, and skips
/// files that an earlier directory or pattern yielded. A file that is also an item of its own is read only in the
/// position of that item, and as often as it is given. Files are identified by their canonical paths. Hard links count
/// as different files.
///
/// [`Reader::rows`] resolves the paths. A path that does not exist, a broken link (unless its name is skipped), and a
/// directory or pattern without any file are errors before the first row. Every file has its own format and its own
/// header.
///
/// # Examples
///
/// ```
/// use datalinks::read;
///
/// # let directory = tempfile::tempdir().unwrap();
/// # std::fs::write(directory.path().join("2023.csv"), "title\nAlien\n").unwrap();
/// # std::fs::write(directory.path().join("2024.json"), "[{\"title\":\"Aliens\"}]").unwrap();
/// # let pattern = directory.path().join("*.*");
/// // let pattern = "films/*.*";
/// let rows: Vec<_> = read::files([pattern]).rows().collect::<Result<_, _>>()?;
/// assert_eq!(rows[1].json(), r#"{"title":"Aliens"}"#);
/// # Ok::<(), datalinks::Error>(())
/// ```
pub fn files<P: Into<PathBuf>>(paths: impl IntoIterator<Item = P>) -> Reader {
    Reader::new(paths.into_iter().map(|path| Source::Several(path.into())).collect())
}

/// A builder for reading rows: the sources and the options.
#[derive(Debug)]
#[must_use = "nothing is read until the rows are requested"]
pub struct Reader {
    sources: Vec<Source>,
    settings: Settings,
}

impl Reader {
    fn new(sources: Vec<Source>) -> Self {
        Self { sources, settings: Settings::default() }
    }

    /// Creates a reader of bytes, for example from an open connection or from standard input. `name` appears in
    /// messages, and its extension indicates the format unless the format is [set](Self::format).
    ///
    /// The bytes are read in blocks of 64 KiB, so the source needs no buffer of its own.
    pub fn from_reader(reader: impl Read + Send + 'static, name: impl Into<String>) -> Self {
        Self::new(vec![Source::Reader { name: name.into(), reader: Box::new(reader) }])
    }

    /// Sets the format. Defaults to the format of the file's extension ([`Format::of_name`]).
    pub fn format(mut self, format: Format) -> Self {
        self.settings.format = Some(format);
        self
    }

    /// Sets the compression. By default it is detected from the first bytes, then from the extension (`.gz`, `.gzip`,
    /// `.zst`, `.zstd`). If only the extension indicates compression, the content must match it.
    pub fn compression(mut self, compression: Compression) -> Self {
        self.settings.compression = Some(compression);
        self
    }

    /// Sets the delimiter between the cells of CSV and TSV: one ASCII character, given as a byte.
    ///
    /// By default, a first line `sep=;`, as Excel writes it, defines the delimiter. That line is not a row. Otherwise
    /// the delimiter of TSV is a tab. For CSV it is the one of `,` `;` tab `|` that produces the most regular table
    /// from the first 100 records: the same number of cells in each record as in the header, and one value in each
    /// cell. Up to 64 KiB are read for this detection before the first row is yielded. Set the delimiter if the source
    /// should not wait for that much data.
    pub fn delimiter(mut self, delimiter: u8) -> Self {
        self.settings.delimiter = Some(delimiter);
        self
    }

    /// Infers the types of the columns of CSV and TSV. By default, every cell is a string.
    ///
    /// A column contains numbers, booleans (`true`, `True`, `TRUE`, and `false` likewise) or strings. All values in the
    /// first rows decide, so a column never mixes types. The number of these rows is 20,480 unless
    /// [set](Self::type_sample).
    ///
    /// - A quoted value makes its column a column of strings.
    /// - A value that looks like an identifier also does: `007`, `+1`, `12e5`, an integer of more than 15 digits, or a
    ///   number that a 64-bit float does not hold exactly. Other numbers keep their digits: `1.50` stays `1.50`.
    /// - A column without any value in these rows is a column of strings.
    /// - Columns named in [`string_columns`](Self::string_columns) are not inferred.
    ///
    /// An empty cell is `null`. A quoted empty cell is an empty string.
    ///
    /// A value after these rows that does not fit its column makes its row a bad row, with its line and column. The
    /// first rows are read before the first one is yielded, and held in memory until they are yielded: at most 16 MiB
    /// of text and one record. If 16 MiB are reached first, the rows read so far decide.
    ///
    /// # Examples
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

    /// Sets the number of rows that decide the [types](Self::infer_types) of the columns. Defaults to 20,480.
    ///
    /// `0` is rejected before a file is opened. With a smaller number, the first row is yielded sooner. With a larger
    /// number, fewer later values fail to fit their column. At most 16 MiB are read, regardless of the number.
    pub fn type_sample(mut self, rows: usize) -> Self {
        self.settings.type_sample = rows;
        self
    }

    /// Sets the columns whose cells are always strings. This applies to CSV, TSV and spreadsheets.
    ///
    /// In CSV and TSV, [types](Self::infer_types) are inferred for the other columns, and the cells of these columns
    /// keep the text of the file. An empty cell is an empty string. In a spreadsheet, numbers and booleans of these
    /// columns become strings. A spreadsheet does not store leading zeros that only the format of a cell shows, and an
    /// empty cell is `null`.
    ///
    /// A name that a file does not have is an error that lists the columns.
    ///
    /// # Examples
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

    /// Sets the sheet of a spreadsheet by name. Defaults to the first visible worksheet.
    ///
    /// A hidden sheet can be selected. A sheet that does not exist, or that is a chart, is an error that lists the
    /// worksheets.
    #[cfg(feature = "excel")]
    pub fn sheet(mut self, name: impl Into<String>) -> Self {
        self.settings.excel.sheet = WantedSheet::Name(name.into());
        self
    }

    /// Sets the sheet of a spreadsheet by its number, from 1, in the order of the workbook. Hidden sheets and charts
    /// are counted. If both this option and [`sheet`](Self::sheet) are set, the last one applies.
    #[cfg(feature = "excel")]
    pub fn sheet_number(mut self, number: usize) -> Self {
        self.settings.excel.sheet = WantedSheet::Number(number);
        self
    }

    /// Sets the row of a spreadsheet that contains the column names, from 1, as the spreadsheet shows it. Rows above it
    /// are not read. Defaults to the first row that is not empty.
    ///
    /// Set it if a title or a note is above the table.
    #[cfg(feature = "excel")]
    pub fn header_row(mut self, row: u32) -> Self {
        self.settings.excel.header_row = Some(row);
        self
    }

    /// Reads a formula of a spreadsheet as `null` if its result is not stored in the file. By default, the row is a bad
    /// record.
    ///
    /// Libraries that write spreadsheets often store formulas without results. [`Rows::uncalculated`] counts them.
    #[cfg(feature = "excel")]
    pub fn uncalculated_as_null(mut self) -> Self {
        self.settings.excel.uncalculated_as_null = true;
        self
    }

    /// Sets the action after a record that is not a row. Defaults to [`OnBadRow::Stop`].
    pub fn on_bad_row(mut self, choice: OnBadRow) -> Self {
        self.settings.on_bad_row = choice;
        self
    }

    /// Sets the maximum size of one record in bytes. A longer record is a bad record. Text in UTF-16 is counted as
    /// UTF-8. A record of CSV or TSV needs up to 24 bytes of memory per cell in addition to its text. Defaults to 16
    /// MiB.
    pub fn record_limit(mut self, bytes: usize) -> Self {
        self.settings.record_limit = bytes;
        self
    }

    /// Returns the rows as an iterator. Iteration performs blocking I/O. In async code, use
    /// [`into_stream`](Self::into_stream).
    pub fn rows(self) -> Rows {
        Rows::new(self.sources, self.settings)
    }

    /// Returns the rows as a stream, which reads on a Tokio thread for blocking work.
    ///
    /// Pass the stream to [`Dataset::ingest_try_stream`](crate::Dataset::ingest_try_stream). By contrast,
    /// `stream::iter` over [`rows`](Self::rows) would block the thread that polls it.
    ///
    /// # Examples
    ///
    /// Ingest a file, then query the rows:
    ///
    /// ```
    /// # use datalinks_emulator::Emulator;
    /// use datalinks::{DataLinks, field, read::{self, OnBadRow}};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start().await?;
    /// # let dl = DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;
    /// # let directory = tempfile::tempdir()?;
    /// # let (path, failed) = (directory.path().join("films.csv"), directory.path().join("failed.ndjson"));
    /// # std::fs::write(&path, "title,year\nAlien,1979\nBrazil\nAliens,1986\n")?;
    /// let films = dl.dataset("cinema", "films")?;
    /// films.create().await?;
    ///
    /// // The stream continues after a record that is not a row.
    /// let rows = read::file(&path).infer_types().on_bad_row(OnBadRow::Report).into_stream();
    /// let summary = films
    ///     .ingest_try_stream(rows)
    ///     .dead_letters(&failed) // failed rows, and bad records with their position and text
    ///     .bad_records_to_dead_letters()
    ///     .batches()?
    ///     .finish()
    ///     .await?;
    /// let counts = summary.counts;
    /// assert_eq!((counts.stored, counts.failed, counts.bad_records), (2, 0, 1));
    /// assert!(std::fs::read_to_string(&failed)?.contains(r#""line":3,"column":7,"text":"Brazil""#));
    ///
    /// let late: Vec<serde_json::Value> = films.query().filter(field("year").gt(1980)).fetch().await?;
    /// assert_eq!(late[0]["title"], "Aliens");
    /// # Ok(())
    /// # }
    /// ```
    pub fn into_stream(self) -> RowStream {
        RowStream::new(self.sources, self.settings)
    }
}

/// Options for Parquet files (feature `parquet`).
#[cfg(feature = "parquet")]
impl Reader {
    /// Sets the columns that are read from Parquet files, by name. The other columns are neither read nor decompressed.
    ///
    /// The columns of a row stay in the order of the file. A column that a file does not have is an error. A file of
    /// another format is also an error, because its rows would contain all of its columns. Defaults to all columns.
    ///
    /// # Examples
    ///
    /// ```
    /// use datalinks::read;
    ///
    /// let films = read::file("films.parquet").columns(["title", "year"]);
    /// # let _ = films;
    /// ```
    pub fn columns<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.settings.parquet.only = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the columns that are skipped in Parquet files, by name. They are neither read nor decompressed, so a file
    /// with an unreadable column can be read without it.
    ///
    /// A name that a file does not have is an error. A file of another format is also an error, because its rows would
    /// contain the column. Defaults to none.
    pub fn without_columns<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.settings.parquet.without = names.into_iter().map(Into::into).collect();
        self
    }

    /// Reads bytes in Parquet files (`BYTE_ARRAY`) as strings in UTF-8. Some writers do not mark their strings as such,
    /// for example Impala, Hive and old versions of Spark.
    ///
    /// A value that is not UTF-8 makes its row a bad row. Bytes of a fixed length are not affected. By default, bytes
    /// that are not marked as strings are written in hexadecimal.
    pub fn binary_as_string(mut self) -> Self {
        self.settings.parquet.binary_as_string = true;
        self
    }
}
