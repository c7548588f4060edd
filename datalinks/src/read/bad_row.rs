//! Records that are no rows, and what to do about them.

use std::{error::Error as StdError, fmt, sync::Arc};

use bytes::Bytes;

use super::position::Position;
use crate::error::{Error, ErrorKind};

/// Bytes of a bad record that are kept.
const TEXT_KEPT: usize = 2000;
/// Characters of it that are shown.
const TEXT_SHOWN: usize = 80;

/// What is wrong with text in another encoding, which is no UTF-8 from its first byte.
pub(super) fn not_utf8(bytes: &[u8]) -> &'static str {
    match bytes {
        // This is how UTF-16 comes out of its decoder when it is broken.
        [0xED, 0xA0..=0xBF, ..] => "half of a surrogate pair is no character",
        _ => "the bytes are not UTF-8",
    }
}

/// What to do about a record that cannot be read as a row: one with a wrong number of cells, broken quoting,
/// broken JSON, bytes that are not UTF-8, or an item that is no object.
///
/// A file that cannot be read at all ends the rows whatever the choice. So does a JSON array with an item whose end is
/// not certain: quotes or brackets are missing or too many. An item with wrong words only, such as `NaN`, is a bad record.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum OnBadRow {
    /// Yield its error and end the rows. The default, so that no record is lost unnoticed.
    #[default]
    Stop,
    /// Leave it out and go on; [`Rows::skipped`](super::Rows::skipped) counts them.
    Skip,
    /// Yield its error as an item, and go on. An ingestion can write such records to its dead letters
    /// ([`bad_records_to_dead_letters`](crate::ingest::Ingest::bad_records_to_dead_letters)).
    Report,
}

/// A record that is no row, or that does not fit the type asked for: the [`source`](StdError::source) of the error that
/// says so.
///
/// ```
/// use datalinks::read::{BadRow, Format, OnBadRow, Reader};
///
/// let lines = "{\"a\":1}\n{\"a\":\n{\"a\":3}\n";
/// let rows = Reader::from_reader(lines.as_bytes(), "lines").format(Format::Ndjson);
/// let mut good = 0;
/// for row in rows.on_bad_row(OnBadRow::Report).rows() {
///     match row {
///         Ok(_) => good += 1,
///         Err(error) => {
///             let bad = BadRow::of(&error).ok_or(error.clone())?; // another error is the end
///             assert_eq!((bad.file(), bad.line(), bad.column(), bad.text()), ("lines", 2, 5, "{\"a\":"));
///         }
///     }
/// }
/// assert_eq!(good, 2);
/// # Ok::<(), datalinks::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct BadRow {
    file: String,
    position: Position,
    text: String,
    record: Bytes,
    /// The records after it are read all the same.
    among_others: bool,
    cause: Option<Arc<dyn StdError + Send + Sync>>,
}

impl BadRow {
    /// The bad record that `error` is about, if it is about one.
    pub fn of(error: &Error) -> Option<&Self> {
        error.source()?.downcast_ref()
    }

    /// The file's name, as given.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line of the file where the fault is, from 1.
    pub fn line(&self) -> u64 {
        self.position.line
    }

    /// The position of the fault in its line, in characters from 1. In a spreadsheet and in Parquet, it is the number of the
    /// column, from 1.
    pub fn column(&self) -> u64 {
        self.position.column
    }

    /// The record as it stands in the file, without its line end; at most its first 2000 bytes. What is not
    /// UTF-8 is replaced. Of a row that does not fit a type, it is the JSON of the row.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the bytes of the record as they stand in the file, without the line end. A record that is longer than
    /// the [limit](super::Reader::record_limit) ends there.
    pub fn record(&self) -> &[u8] {
        &self.record
    }

    pub(super) fn new(file: &str, position: Position, record: &[u8]) -> Self {
        let end = record.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
        let record = Bytes::copy_from_slice(&record[..end]);
        let text = String::from_utf8_lossy(&record[..record.len().min(TEXT_KEPT)]).into_owned();
        Self { file: file.to_owned(), position, text, record, among_others: false, cause: None }
    }

    /// Notes that the records after it are read all the same.
    pub(super) fn among_others(self) -> Self {
        Self { among_others: true, ..self }
    }

    /// Returns `true` if the records after it are read all the same.
    pub(crate) fn is_among_others(&self) -> bool {
        self.among_others
    }

    pub(super) fn caused_by(self, cause: impl StdError + Send + Sync + 'static) -> Self {
        Self { cause: Some(Arc::new(cause)), ..self }
    }
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.text.chars().take(TEXT_SHOWN).collect();
        let more = if shown.len() < self.text.len() { "..." } else { "" };
        write!(f, "the record is {shown:?}{more}")
    }
}

impl StdError for BadRow {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn StdError + 'static))
    }
}

/// Why there is no next row.
#[derive(Debug)]
pub(super) enum Fault {
    /// One record is bad; what follows may be good.
    Bad(Error),
    /// Nothing can follow.
    End(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::End(error)
    }
}

/// What is wrong with a record that is too long.
pub(super) fn over_limit(what: impl fmt::Display, limit: usize) -> String {
    format!("{what} is longer than the limit for a record, {limit} bytes (Reader::record_limit)")
}

/// The error of a bad record.
pub(super) fn bad(file: &str, position: Position, message: impl fmt::Display, record: &[u8]) -> Fault {
    Fault::Bad(
        Error::new(ErrorKind::Encode, format!("{file}, {position}: {message}"))
            .advice("correct the record, or leave bad records out with Reader::on_bad_row")
            .caused_by(BadRow::new(file, position, record)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::Reader;

    #[test]
    fn a_record_keeps_the_space_at_its_end() {
        for (name, text, record) in [
            ("x.tsv", "a\tb\n1\t \t\t\r\n", "1\t \t\t"),
            ("x.csv", "a,b\n1,2,  \n", "1,2,  "),
            ("x.ndjson", " 7\t\r\n", " 7\t"),
            ("x.csv", "a,b\n1\r", "1"),
        ] {
            let error = Reader::from_reader(text.as_bytes(), name).rows().find_map(Result::err).unwrap();
            let bad = BadRow::of(&error).unwrap();
            assert_eq!((bad.record(), bad.text()), (record.as_bytes(), record));
        }
    }
}
