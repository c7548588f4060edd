//! What a file is made of.

use std::path::Path;

use super::{compression::Compression, ending::ending};

/// How rows are written in a file.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Format {
    /// Cells with a delimiter between them, under a line with the names of the columns. Which delimiter is
    /// found out, unless [given](super::Reader::delimiter).
    ///
    /// The text of this and the other text formats is UTF-8, or UTF-16 with a byte order mark. UTF-16 without a mark is
    /// decoded when its first two characters are of Latin-1 and, where the delimiter is found out, also when the zero
    /// bytes of the first 64 KiB show it. A zero byte in the name of a column is an error.
    ///
    /// LF and CR LF end lines. So does a CR alone in a file whose first two line ends are such. In any other file a
    /// CR alone is text inside quotes, and makes the record a bad one outside of them. Blank lines are no records,
    /// also in a file of one column; [`Rows::blank_lines`](super::Rows::blank_lines) counts them.
    Csv,
    /// The same with tabs.
    Tsv,
    /// One JSON array of objects.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// A sheet of an Excel or OpenDocument spreadsheet (`.xlsx`, `.xlsm`, `.xlsb`, `.xls`, `.ods`), whichever of them the
    /// bytes are.
    ///
    /// The first worksheet that is visible is read, unless one is chosen by [name](super::Reader::sheet) or
    /// [number](super::Reader::sheet_number). The first row that is not empty names the columns, unless
    /// [another one](super::Reader::header_row) does. Empty rows are left out, and lines and columns of errors are those of
    /// the sheet.
    ///
    /// # Values
    ///
    /// - An empty cell is `null`. Of merged cells, the first one has the value and the others are empty.
    /// - A number is a 64-bit float, as a spreadsheet has it. A whole number up to 2<sup>53</sup> is written without a
    ///   point.
    /// - A number whose format is one of dates is a string in ISO 8601: `2024-02-29`, `2024-02-29T12:00:00`, or `06:00:00`
    ///   for a time of day alone. It stays a number if it is no date: negative, later than the year 9999, or in the 1900
    ///   date system 0 and 60 (the day 1900-02-29, which never was). 0 stays a number in that system even if its format is
    ///   one of times, because the file does not tell midnight from nothing.
    /// - A number with the format of a duration (`[h]:mm`) is a string such as `PT36H0M0S`.
    /// - Texts keep their spaces. Of rich text, the text remains. Dates and durations that OpenDocument and ISO workbooks
    ///   store as texts are these texts.
    /// - A formula is its stored result. Some libraries store 0 for formulas that were never calculated, which cannot be
    ///   told from a result.
    /// - A column is named by the value of its header cell in the same form.
    ///
    /// A row is a bad record if it has a cell with an error (`#N/A`), a formula without a stored result (unless it is
    /// [`null`](super::Reader::uncalculated_as_null)), a value in a column without a name, a number that is not finite, or
    /// two values for one cell. In `.xlsb`, a formula whose result is an error is read as an empty cell.
    ///
    /// # Memory
    ///
    /// `.xlsx` and `.xlsb` are read cell by cell. Memory holds one row and the table of shared texts, however far the cells
    /// are from each other, and the file is read in place unless it comes [from a reader](super::Reader::from_reader) or is
    /// compressed as a whole. These bounds are this crate's choice, and what exceeds them is an error:
    ///
    /// - Each part of a file that is read as a whole, above all the shared texts, has at most 512 MiB. There are at most
    ///   4 Mi shared texts, or more if they have 18 bytes on average. A worksheet may have any size. If it has more than 512 MiB, each tag and each text in it has at most 16 MiB.
    /// - `.xls` and `.ods` are held in memory as a rectangle of cells per sheet. All of them together have at most 4 Mi
    ///   cells, and 16 more for each cell that has a value. Their texts, counted once for each cell, have
    ///   at most 512 MiB, and those of `.ods` 256 MiB.
    /// - A file that is not read in place has at most 1 GiB, and so has an `.xls` file.
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
