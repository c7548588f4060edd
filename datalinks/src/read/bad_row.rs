//! Records that are no rows, and what to do about them.

use std::{error::Error as StdError, fmt};

use super::place::Place;
use crate::{Error, ErrorKind};

/// Bytes of a bad record that are kept.
const TEXT_KEPT: usize = 2000;
/// Characters of it that are shown.
const TEXT_SHOWN: usize = 80;

/// What is wrong with text in another encoding.
pub(super) const NOT_UTF8: &str = "the bytes are not UTF-8";

/// What to do about a record that cannot be read as a row: one with a wrong number of cells, broken quoting,
/// broken JSON, bytes that are not UTF-8, or an item that is no object.
///
/// A file that cannot be read at all ends the rows whatever the choice. So does a JSON array with an item whose end is
/// not certain: quotes or brackets are missing or too many. An item with wrong words only, such as `NaN`, is a bad record.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum OnBadRow {
    /// Hand out its error, and nothing after it. The default: nothing is lost unseen.
    #[default]
    Stop,
    /// Leave it out and go on; [`Rows::skipped`](super::Rows::skipped) counts them.
    Skip,
    /// Hand out its error as an item, and go on.
    Report,
}

/// A record that is no row: the [`source`](StdError::source) of the error that says so.
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
    place: Place,
    text: String,
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
        self.place.line
    }

    /// Where in the line the fault is: the character, from 1.
    pub fn column(&self) -> u64 {
        self.place.column
    }

    /// The record as it stands in the file, without its line end; at most its first 2000 bytes. What is not
    /// UTF-8 is replaced.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.text.chars().take(TEXT_SHOWN).collect();
        let more = if shown.len() < self.text.len() { "..." } else { "" };
        write!(f, "the record is {shown:?}{more}")
    }
}

impl StdError for BadRow {}

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

/// The error of a bad record.
pub(super) fn bad(file: &str, place: Place, message: impl fmt::Display, record: &[u8]) -> Fault {
    let kept = record.trim_ascii_end();
    let kept = &kept[..kept.len().min(TEXT_KEPT)];
    let text = String::from_utf8_lossy(kept).into_owned();
    Fault::Bad(
        Error::new(ErrorKind::Encode, format!("{file}, {place}: {message}"))
            .advice("correct the record, or leave bad records out with Reader::on_bad_row")
            .caused_by(BadRow { file: file.to_owned(), place, text }),
    )
}
