//! Where rows come from.

use std::{error::Error as StdError, fmt};

use futures::stream::BoxStream;

use crate::error::{Error, ErrorKind};

/// Rows to be sent.
pub(crate) enum Rows<T> {
    /// All of them, in memory.
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

/// The error of a source of rows, as an error of this crate. An error of this crate stays as it is.
pub(crate) fn source_failed(error: Box<dyn StdError + Send + Sync>) -> Error {
    match error.downcast::<Error>() {
        Ok(ours) => *ours,
        Err(error) => Error::new(ErrorKind::Source, format!("the source of the rows failed: {error}"))
            .caused_by_boxed(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_error_keeps_its_cause_and_ours_stays_itself() {
        let error = source_failed(Box::new(std::io::Error::other("the tape broke")));
        assert_eq!(error.kind(), ErrorKind::Source);
        assert!(error.to_string().contains("the tape broke"), "{error}");
        let cause = error.source().unwrap();
        assert!(cause.downcast_ref::<std::io::Error>().is_some(), "{cause:?}");
        assert_eq!(source_failed("only text".into()).message(), "the source of the rows failed: only text");
        let ours = source_failed(Error::new(ErrorKind::RateLimited, "429").into());
        assert_eq!(ours.kind(), ErrorKind::RateLimited);
    }
}
