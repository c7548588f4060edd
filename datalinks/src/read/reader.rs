//! The reader: what is read, and its options.

use std::{io::Read, path::PathBuf};

#[cfg(feature = "excel")]
use super::excel::WantedSheet;
use super::{
    bad_row::OnBadRow, compression::Compression, format::Format, row_stream::RowStream, rows::Rows,
    settings::Settings, source::Source,
};

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
        self.settings.excel.sheet = WantedSheet::Name(name.into());
        self
    }

    /// Reads the sheet of a spreadsheet by its number, from 1, in the order of the workbook. Hidden sheets and charts are
    /// counted, too. Of this setting and [`sheet`](Self::sheet), the one that is set last applies.
    #[cfg(feature = "excel")]
    pub fn sheet_number(mut self, number: usize) -> Self {
        self.settings.excel.sheet = WantedSheet::Number(number);
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
        Rows::new(self.sources, self.settings)
    }

    /// Returns the rows as a stream, which reads on a thread for blocking work.
    ///
    /// It goes straight into [`Dataset::ingest_try_stream`](crate::Dataset::ingest_try_stream). A stream that is made of
    /// [`rows`](Self::rows), with `stream::iter`, would block the thread that polls it.
    ///
    /// # Examples
    ///
    /// From a file to a dataset, and back:
    ///
    /// ```
    /// # use datalinks_emulator::Emulator;
    /// use datalinks::{DataLinks, field, read::{self, OnBadRow}};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start().await?;
    /// # let dl = DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;
    /// # let folder = tempfile::tempdir()?;
    /// # let (path, failed) = (folder.path().join("films.csv"), folder.path().join("failed.ndjson"));
    /// # std::fs::write(&path, "title,year\nAlien,1979\nBrazil\nAliens,1986\n")?;
    /// let films = dl.dataset("cinema", "films")?;
    /// films.create().await?;
    ///
    /// // Numbers become numbers, and the stream goes on after a record that is no row.
    /// let rows = read::file(&path).infer_types().on_bad_row(OnBadRow::Report).into_stream();
    /// let summary = films
    ///     .ingest_try_stream(rows)
    ///     .dead_letters(&failed) // failed rows, and bad records with their position and text
    ///     .bad_records_to_dead_letters()
    ///     .batches()?
    ///     .finish()
    ///     .await?;
    /// assert_eq!((summary.stored, summary.failed, summary.bad_records), (2, 0, 1));
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
    /// Sets the columns that are read from Parquet files, by name. Other columns are neither read nor decompressed.
    ///
    /// The order in a row remains that of the file. A column that a file does not have is an error, and so is a file of
    /// another format: it would have all of its columns. Defaults to all columns.
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

    /// Leaves out columns of Parquet files, by name. Such a column is neither read nor decompressed, so the other
    /// columns of a file can be read even if it cannot.
    ///
    /// A name that a file does not have is an error, and so is a file of another format: a column that was to be left
    /// out would be in the rows. Defaults to none.
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
