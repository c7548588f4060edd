//! The sources of rows.

use std::{error::Error as StdError, fmt};

use futures::{Stream, StreamExt as _, stream::BoxStream};

use crate::{
    error::{Error, ErrorKind},
    secrets::Redactor,
};

/// The rows of an ingestion.
pub(crate) enum Rows<T> {
    /// All rows, in memory.
    All(Vec<T>),
    /// Rows that are pulled as they are sent.
    Stream(BoxStream<'static, Result<T, Error>>),
}

impl<T> fmt::Debug for Rows<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(rows) => write!(f, "{} rows", rows.len()),
            Self::Stream(_) => f.write_str("a stream of rows"),
        }
    }
}

impl<T> Rows<T> {
    /// Creates rows from a stream that may fail with any error, from which secrets are removed.
    pub(crate) fn fallible<E>(
        rows: impl Stream<Item = Result<T, E>> + Send + 'static,
        redactor: Redactor,
    ) -> Self
    where
        T: 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        let mut read = 0;
        let rows = rows.map(move |row| match row {
            Ok(row) => {
                read += 1;
                Ok(row)
            }
            Err(error) => Err(source_failed(read, error.into(), &redactor)),
        });
        Self::Stream(rows.boxed())
    }
}

/// Converts the error of a source that yielded `read` rows before it. An error of this crate stays unchanged,
/// because a bad record is recognized by its error.
fn source_failed(read: usize, error: Box<dyn StdError + Send + Sync>, redactor: &Redactor) -> Error {
    let error = match error.downcast::<Error>() {
        Ok(ours) => return *ours,
        Err(error) => error,
    };
    let position = match read.checked_sub(1) {
        None => "before its first row".to_owned(),
        Some(last) => format!("after the row with index {last}"),
    };
    Error::new(ErrorKind::Source, format!("the source of the rows failed {position}: {error}"))
        .caused_by_boxed(error)
        .redacted(redactor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_error_keeps_its_cause_and_kind() {
        let source_failed = |read, error| source_failed(read, error, &Redactor::default());
        let error = source_failed(42, Box::new(std::io::Error::other("the tape broke")));
        assert_eq!(error.kind(), ErrorKind::Source);
        let expected = "the source of the rows failed after the row with index 41: the tape broke";
        assert_eq!(error.message(), expected);
        let cause = error.source().unwrap();
        assert!(cause.downcast_ref::<std::io::Error>().is_some(), "{cause:?}");
        let first = source_failed(0, "only text".into());
        assert_eq!(first.message(), "the source of the rows failed before its first row: only text");
        let ours = source_failed(7, Error::new(ErrorKind::RateLimited, "429").into());
        assert_eq!(ours.kind(), ErrorKind::RateLimited);
    }

    /// The error of a source showed the presigned URL that the application read its rows from.
    #[test]
    fn source_error_has_no_secrets() {
        let what = "https://ana:canary@storage.example/rows?X-Amz-Signature=canary failed for canary-key";
        let error = source_failed(0, Box::new(std::io::Error::other(what)), &Redactor::new("canary-key"));
        let shown = format!(
            "{error} {error:?} {} {}",
            error.source().unwrap(),
            serde_json::to_string(&error).unwrap()
        );
        assert!(shown.contains("failed for [key]") && !shown.contains("canary"), "{shown}");
    }
}
