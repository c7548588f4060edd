//! What a file is made of.

use std::path::Path;

use super::Compression;

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
    /// A sheet of an Excel or OpenDocument spreadsheet, the first one unless [set](super::Reader::sheet). The
    /// first row that is not empty names the columns; other empty rows are left out. An empty cell is
    /// `null`, whole numbers are written without a point, dates and times are text in ISO 8601. A cell that
    /// holds an error (`#N/A`), or has no column name above it, makes its row a bad record.
    ///
    /// Such a file is held in memory as a whole. Lines and columns of errors are those of the sheet.
    #[cfg(feature = "excel")]
    Excel,
    /// Parquet. Decimals keep their digits; dates and times are text in ISO 8601; bytes are text in
    /// hexadecimal. A number that is not finite makes its row a bad record, except within a list or an
    /// object, where it is `null`.
    ///
    /// The line of an error is the number of the row, from 1, and the column that of the table. Memory holds
    /// 256 rows, and a page of every column. A file is read in place; what is
    /// [from a reader](super::Reader::from_reader) or compressed around the format is held in memory whole.
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
