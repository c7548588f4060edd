//! The sources of rows.

use std::{
    error::Error as StdError,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    vec,
};

use futures::{Stream, StreamExt as _, stream::BoxStream};
use serde::Serialize;

use super::batch::BatchBuilder;
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

/// The source of the batches of a run. The outcomes contain a `T` for each row.
pub(super) enum Source<T> {
    List(vec::IntoIter<T>),
    Stream(BoxStream<'static, Result<T, Error>>),
    /// Rows that stay in their list.
    Lent(Box<Fill<T>>),
}

/// Adds rows to a batch until it is full. Returns `false` if no row is left.
type Fill<T> = dyn FnMut(&mut BatchBuilder<T>) -> bool + Send;

impl<T: Serialize> Source<T> {
    /// Adds the next row to a batch that is not full. Lent rows are added until the batch is full.
    ///
    /// Returns `None` after the last row.
    pub(super) fn poll_push(
        &mut self,
        cx: &mut Context<'_>,
        batch: &mut BatchBuilder<T>,
    ) -> Poll<Option<Result<(), Error>>> {
        let row = match self {
            Self::List(rows) => rows.next().map(Ok),
            Self::Stream(rows) => std::task::ready!(rows.poll_next_unpin(cx)),
            Self::Lent(fill) => return Poll::Ready(fill(batch).then_some(Ok(()))),
        };
        Poll::Ready(row.map(|row| row.map(|row| batch.push(row))))
    }
}

/// A list whose rows are encoded where they are, so that the result of the run can return the list itself.
pub(super) struct LentRows<T>(Arc<Mutex<Vec<T>>>);

impl<T: Serialize + Send + 'static> LentRows<T> {
    pub(super) fn new(rows: Vec<T>) -> Self {
        Self(Arc::new(Mutex::new(rows)))
    }

    /// Returns the source of these rows.
    pub(super) fn source(&self) -> Source<()> {
        let (rows, mut next) = (Arc::clone(&self.0), 0);
        Source::Lent(Box::new(move |batch| {
            // A panic of a row's own code leaves the list unchanged.
            let rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
            let first = next;
            while !batch.is_full()
                && let Some(row) = rows.get(next)
            {
                batch.push_borrowed(row, ());
                next += 1;
            }
            next > first
        }))
    }

    /// Returns the rows after the run.
    pub(super) fn into_rows(self) -> Vec<T> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
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
