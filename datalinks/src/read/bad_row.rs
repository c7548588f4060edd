//! Records that are not rows, and the choices for them.

use std::{error::Error as StdError, fmt, sync::Arc};

use bytes::Bytes;

use super::position::Position;
use crate::error::{Error, ErrorKind};

/// Maximum number of bytes of a bad record in [`BadRow::text`].
const TEXT_KEPT: usize = 2000;
/// Maximum number of characters of a bad record in messages.
const TEXT_SHOWN: usize = 80;

/// Returns the reason why bytes, from the first one, are not UTF-8.
pub(super) fn not_utf8(bytes: &[u8]) -> &'static str {
    match bytes {
        // The UTF-16 decoder writes a lone surrogate as these bytes.
        [0xED, 0xA0..=0xBF, ..] => "a lone surrogate is not a character",
        _ => "the bytes are not UTF-8",
    }
}

/// The action after a record that cannot be read as a row: one with a wrong number of cells, invalid quoting, invalid
/// JSON, bytes that are not UTF-8, or an item that is not an object.
///
/// A file that cannot be read at all ends the rows with every choice. So does a JSON array with an item whose end is
/// ambiguous because of missing or excess quotes or brackets. An item with an invalid word, such as `NaN`, is a bad
/// record.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum OnBadRow {
    /// Yields the error and ends the rows. The default, so that no record is lost unnoticed.
    #[default]
    Stop,
    /// Skips the record and continues. [`Rows::skipped`](super::Rows::skipped) counts such records.
    Skip,
    /// Yields the error as an item and continues. An ingestion can write such records to its dead-letter file
    /// ([`bad_records_to_dead_letters`](crate::ingest::Ingest::bad_records_to_dead_letters)).
    Report,
}

/// A record that is not a row, or that does not fit the requested type.
///
/// An error about such a record has it as its [`source`](StdError::source).
///
/// # Examples
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
    /// Set if the records after it are still read.
    among_others: bool,
    cause: Option<Arc<dyn StdError + Send + Sync>>,
}

impl BadRow {
    /// Returns the bad record that `error` is about, or `None` if the error is about something else.
    pub fn of(error: &Error) -> Option<&Self> {
        error.source()?.downcast_ref()
    }

    /// Returns the name of the file, as it was given.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Returns the line of the error in the file, from 1.
    pub fn line(&self) -> u64 {
        self.position.line
    }

    /// Returns the column of the error in its line, in characters from 1. In a spreadsheet and in Parquet, it is the
    /// number of the column, from 1.
    pub fn column(&self) -> u64 {
        self.position.column
    }

    /// Returns the record as it is in the file, without its line end, and at most its first 2000 bytes. Bytes that are
    /// not UTF-8 are replaced. For a row that does not fit a type, it is the JSON of the row.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the bytes of the record as they are in the file, without the line end. A record that is longer than the
    /// [limit](super::Reader::record_limit) is truncated there.
    pub fn record(&self) -> &[u8] {
        &self.record
    }

    pub(super) fn new(file: &str, position: Position, record: &[u8]) -> Self {
        let end = record.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
        let record = Bytes::copy_from_slice(&record[..end]);
        let text = String::from_utf8_lossy(&record[..record.len().min(TEXT_KEPT)]).into_owned();
        Self { file: file.to_owned(), position, text, record, among_others: false, cause: None }
    }

    /// Marks that the records after it are still read.
    pub(super) fn among_others(self) -> Self {
        Self { among_others: true, ..self }
    }

    /// Returns `true` if the records after it are still read.
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

/// The reason why there is not a next row.
#[derive(Debug)]
pub(super) enum RowError {
    /// One record is bad. The records after it may be valid.
    Bad(Error),
    /// The rows end.
    End(Error),
}

impl From<Error> for RowError {
    fn from(error: Error) -> Self {
        Self::End(error)
    }
}

/// Returns the message for a record over the limit.
pub(super) fn over_limit(what: impl fmt::Display, limit: usize) -> String {
    format!("{what} is longer than the limit for a record, {limit} bytes (Reader::record_limit)")
}

/// Creates the error for a bad record.
pub(super) fn bad(file: &str, position: Position, message: impl fmt::Display, record: &[u8]) -> RowError {
    RowError::Bad(
        Error::new(ErrorKind::Encode, format!("{file}, {position}: {message}"))
            .advice("correct the record, or skip bad records with Reader::on_bad_row")
            .caused_by(BadRow::new(file, position, record)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::Reader;

    #[test]
    fn bad_record_keeps_trailing_space() {
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

    fn record(text: &str) -> BadRow {
        BadRow::new("x", Position::START, text.as_bytes())
    }

    #[test]
    fn long_record_is_shown_up_to_a_length() {
        let whole = "ü".repeat(TEXT_SHOWN);
        assert_eq!(record(&whole).to_string(), format!("the record is {whole:?}"));
        assert_eq!(record(&format!("{whole}a")).to_string(), format!("the record is {whole:?}..."));
        assert_eq!(record("a\r\n\n").to_string(), "the record is \"a\"");
        assert_eq!(record("\r\n").text(), "");
        let long = "a".repeat(TEXT_KEPT + 1);
        assert_eq!((record(&long).text().len(), record(&long).record().len()), (TEXT_KEPT, TEXT_KEPT + 1));
    }

    #[test]
    fn cause_is_the_source() {
        assert!(record("a").source().is_none());
        let bad = record("a").caused_by(std::io::Error::other("the cause"));
        assert_eq!(bad.source().unwrap().to_string(), "the cause");
        let error = Error::new(ErrorKind::InvalidInput, "a bad record").caused_by(bad);
        assert_eq!(BadRow::of(&error).unwrap().record(), b"a");
    }

    #[test]
    fn lone_surrogates_are_named() {
        assert_eq!(not_utf8(&[0xED, 0xA0, 0x80]), "a lone surrogate is not a character");
        assert_eq!(not_utf8(&[0xED, 0xBF, 0xBF]), "a lone surrogate is not a character");
        for bytes in [&[0xED, 0x9F, 0xBF][..], &[0xED, 0xC0], &[0xED], &[0xFF], &[]] {
            assert_eq!(not_utf8(bytes), "the bytes are not UTF-8", "{bytes:?}");
        }
    }
}
