//! What a file is made of.

use std::path::Path;

use super::Compression;

/// How rows are written in a file.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Format {
    /// Cells with a delimiter between them, under a line with the names of the columns. Which delimiter is
    /// found out, unless [given](super::Reader::delimiter).
    Csv,
    /// The same with tabs.
    Tsv,
    /// One JSON array of objects.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// A sheet of an Excel or OpenDocument spreadsheet, the first one unless [set](super::Reader::sheet). The
    /// first row that is not empty names the columns; other empty rows are left out. An empty cell is
    /// `null`, whole numbers are written without a point, dates and times are text in ISO 8601. A cell that
    /// holds an error (`#N/A`), or has no column name above it, makes its row a bad record.
    ///
    /// Such a file is held in memory as a whole. Lines and columns of errors are those of the sheet.
    #[cfg(feature = "excel")]
    Excel,
    /// Parquet, compressed by snappy, gzip, zstd, brotli or LZ4.
    ///
    /// - Integers and decimals keep all digits, floats have the shortest digits that give the same float.
    /// - Dates, times, durations and intervals are strings in ISO 8601. A timestamp keeps its instant and its fraction, to
    ///   the nanosecond: as `2024-07-01T12:00:00Z` if the column is in UTC or in a zone with a name (the name and the wall
    ///   clock time of that zone are not kept), with the offset if the column has one (`+05:30`), and without either if the
    ///   column has no zone. INT96 timestamps have no zone and may be of any year.
    /// - Bytes are strings in hexadecimal, or in UTF-8 with [`binary_as_string`](super::Reader::binary_as_string).
    /// - Lists, structs and maps are arrays and objects. Keys of maps that are no strings become strings (`{"1":2}`).
    ///
    /// A row with a value that JSON cannot hold is a bad record, at any depth: a number that is not finite, a date or time
    /// that the calendar does not have, bytes that are not UTF-8, a map with one key twice. A column that JSON cannot hold
    /// (maps whose keys are structs or lists) is an error before the first row, and so is a schema that is nested deeper than
    /// 64 levels. [`columns`](super::Reader::columns) and [`without_columns`](super::Reader::without_columns) select
    /// columns.
    ///
    /// The line of an error is the number of the row, from 1, and the column that of the columns which are read. Memory
    /// holds up to 256 rows (fewer if rows are large, about 4 MiB), and a page and a dictionary of every column that is
    /// read. A file is read in place; what is [from a reader](super::Reader::from_reader) or compressed around the format
    /// is held in memory whole.
    ///
    /// zstd is a C library that the build compiles, which needs a C compiler.
    #[cfg(feature = "parquet")]
    Parquet,
}

impl Format {
    /// The format that a file name stands for: `.csv`; `.tsv` or `.tab`; `.json`; `.ndjson`, `.jsonl` or
    /// `.ldjson`; and with the feature `excel` `.xlsx`, `.xlsm`, `.xlsb`, `.xls` or `.ods`, with
    /// `parquet` `.parquet` or `.pq`. Case does not matter, and an ending of compression (`.gz`, `.gzip`, `.zst`, `.zstd`) may
    /// follow.
    ///
    /// ```
    /// use datalinks::read::Format;
    ///
    /// assert_eq!(Format::of_name("data/Films.CSV.gz"), Some(Format::Csv));
    /// assert_eq!(Format::of_name("films.txt"), None);
    /// ```
    pub fn of_name(name: impl AsRef<Path>) -> Option<Self> {
        let mut name = name.as_ref();
        if Compression::of_name(name).is_some() {
            name = Path::new(name.file_stem()?);
        }
        match ending(name)?.as_str() {
            "csv" => Some(Self::Csv),
            "tsv" | "tab" => Some(Self::Tsv),
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" | "ldjson" => Some(Self::Ndjson),
            #[cfg(feature = "excel")]
            "xlsx" | "xlsm" | "xlsb" | "xls" | "ods" => Some(Self::Excel),
            #[cfg(feature = "parquet")]
            "parquet" | "pq" => Some(Self::Parquet),
            _ => None,
        }
    }
}

/// What follows the last dot, in small letters.
pub(super) fn ending(name: &Path) -> Option<String> {
    Some(name.extension()?.to_str()?.to_ascii_lowercase())
}
