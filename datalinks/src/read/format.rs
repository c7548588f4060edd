//! The formats of files.

use std::path::Path;

use super::compression::{Compression, ending};

/// The format of a file.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Format {
    /// Delimited text with a header line that contains the column names. The delimiter is detected unless it is
    /// [set](super::Reader::delimiter).
    ///
    /// The encoding of this and the other text formats is UTF-8, or UTF-16 with a byte order mark. UTF-16 without a
    /// mark is decoded if its first two characters are from Latin-1. If the delimiter is detected, it is also decoded
    /// if the zero bytes of the first 64 KiB indicate it. A zero byte in a column name is an error.
    ///
    /// LF and CR LF end lines. A CR alone ends lines in a file whose first two line ends are such. In any other file, a
    /// CR alone is text inside quotes, and makes the record a bad record outside of them. Blank lines are not records,
    /// even in a file with one column. [`Rows::blank_lines`](super::Rows::blank_lines) counts them.
    Csv,
    /// Tab-separated text, otherwise read like [`Csv`](Self::Csv).
    Tsv,
    /// One JSON array of objects.
    Json,
    /// One JSON object per line.
    Ndjson,
    /// A sheet of an Excel or OpenDocument spreadsheet (`.xlsx`, `.xlsm`, `.xlsb`, `.xls`, `.ods`). The kind is
    /// detected from the bytes.
    ///
    /// By default, the first visible worksheet is read. [`sheet`](super::Reader::sheet) and
    /// [`sheet_number`](super::Reader::sheet_number) select another one. The first row that is not empty contains the
    /// column names, unless [`header_row`](super::Reader::header_row) is set. Empty rows are skipped. Lines and columns
    /// in errors are those of the sheet.
    ///
    /// # Values
    ///
    /// - An empty cell is `null`. Of merged cells, the first one has the value, and the others are empty.
    /// - A number is a 64-bit float, as in a spreadsheet program. An integer up to 2<sup>53</sup> is written without a
    ///   decimal point.
    /// - A number with a date format is a string in ISO 8601: `2024-02-29`, `2024-02-29T12:00:00`, or `06:00:00` for a
    ///   time of day alone. It stays a number if it is not a valid date: negative, later than the year 9999, or in the
    ///   1900 date system 0 and 60 (the day 1900-02-29, which never existed). In that system, 0 stays a number even
    ///   with a time format, because the file does not distinguish midnight from an empty time.
    /// - A number with the format of a duration (`[h]:mm`) is a string such as `PT36H0M0S`.
    /// - Strings keep their spaces. Rich text becomes plain text. Dates and durations that OpenDocument and ISO
    ///   workbooks store as strings stay these strings.
    /// - The value of a formula is its stored result. Some libraries store 0 for formulas that were never calculated,
    ///   which cannot be distinguished from a result.
    /// - The name of a column is the value of its header cell, converted in the same way.
    ///
    /// A row is a bad record if it has a cell with an error (`#N/A`), a formula without a stored result (unless
    /// [`uncalculated_as_null`](super::Reader::uncalculated_as_null) is set), a value in a column without a name, a
    /// number that is not finite, or two values for one cell. In `.xlsb`, a formula whose result is an error is read as
    /// an empty cell.
    ///
    /// # Memory
    ///
    /// `.xlsx` and `.xlsb` are read cell by cell. Memory holds one row and the table of shared strings, regardless of
    /// the distance between cells. The file is read in place unless it comes [from a
    /// reader](super::Reader::from_reader) or is compressed as a whole. The following limits are this crate's choice. A
    /// file that exceeds one of them is an error.
    ///
    /// - Each part of a file that is read as a whole, above all the shared strings, has at most 512 MiB. There are at
    ///   most 4 Mi shared strings, or more if they have 18 bytes on average. A worksheet may have any size. If it has
    ///   more than 512 MiB, each tag and each text in it has at most 16 MiB.
    /// - `.xls` and `.ods` are held in memory as one rectangle of cells per sheet. All of them together have at most 4
    ///   Mi cells, plus 16 for each cell that has a value. Their strings, counted once for each cell, have at most 512
    ///   MiB in `.xls` and 256 MiB in `.ods`.
    /// - A file that is not read in place has at most 1 GiB, and so does every `.xls` file.
    #[cfg(feature = "excel")]
    Excel,
    /// Parquet, compressed with snappy, gzip, zstd, brotli or LZ4.
    ///
    /// - Integers and decimals keep all digits. Floats have the shortest digits that produce the same float.
    /// - Dates, times, durations and intervals are strings in ISO 8601. A timestamp keeps its instant and its fraction,
    ///   to the nanosecond. It is written as `2024-07-01T12:00:00Z` if the column is in UTC or in a named zone (the
    ///   name and the local time of that zone are not kept), with the offset if the column has one (`+05:30`), and
    ///   without either if the column has no zone. INT96 timestamps have no zone and may be of any year.
    /// - Bytes are strings in hexadecimal, or in UTF-8 with [`binary_as_string`](super::Reader::binary_as_string).
    /// - Lists, structs and maps are arrays and objects. Keys of maps become strings (`{"1":2}`).
    ///
    /// A row with a value that JSON cannot represent, at any depth, is a bad record: a number that is not finite, a
    /// date or time that the calendar does not have, bytes that are not UTF-8, or a map with a duplicate key. A column
    /// that JSON cannot represent (maps whose keys are structs or lists) is an error before the first row, and so is a
    /// schema with more than 64 nested levels. [`columns`](super::Reader::columns) and
    /// [`without_columns`](super::Reader::without_columns) select columns.
    ///
    /// The line of an error is the row number, from 1, and the column is the number of the column among those that are
    /// read. Memory holds up to 256 rows (fewer if rows are large, about 4 MiB), and one page and one dictionary for
    /// every column that is read. A file is read in place. The bytes [of a reader](super::Reader::from_reader) and of a
    /// file with outer compression are held in memory as a whole.
    ///
    /// The build compiles the C library zstd and therefore needs a C compiler.
    #[cfg(feature = "parquet")]
    Parquet,
}

impl Format {
    /// Returns the format that the extension of a file name indicates, or `None`. The extensions are `.csv`, `.tsv`,
    /// `.tab`, `.json`, `.ndjson`, `.jsonl` and `.ldjson`. The feature `excel` adds `.xlsx`, `.xlsm`, `.xlsb`, `.xls`
    /// and `.ods`, and the feature `parquet` adds `.parquet` and `.pq`. Case is ignored, and an extension of
    /// compression (`.gz`, `.gzip`, `.zst`, `.zstd`) may follow.
    ///
    /// # Examples
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
