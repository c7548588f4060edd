//! Computations that take long.

use crate::error::{Error, ErrorKind};

/// Computes something on a thread for blocking work. `failure` is the message of the error after a panic.
pub(crate) async fn blocking<T: Send + 'static>(
    failure: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Error::new(ErrorKind::Io, failure).caused_by(error))
}
