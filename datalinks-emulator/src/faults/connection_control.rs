//! Control over a connection, so that a fault can close it in the middle of a response.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

/// Closes one connection. Clones control the same connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConnectionControl(Arc<ConnectionState>);

#[derive(Debug, Default)]
struct ConnectionState {
    cut: AtomicBool,
    /// `true` if the last write was pending because the client has not read the bytes that were sent.
    blocked: AtomicBool,
}

impl ConnectionControl {
    /// Closes the connection at the next attempt to write to it.
    pub(crate) fn cut(&self) {
        self.0.cut.store(true, Ordering::Release);
    }

    /// Waits until the bytes passed to the connection have been written.
    pub(crate) async fn flushed(&self) {
        loop {
            // The connection writes when the task that drives it is polled again.
            tokio::task::yield_now().await;
            if !self.0.blocked.load(Ordering::Acquire) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Records whether a write is pending, and returns its result unchanged.
    pub(crate) fn record_write<T>(&self, written: Poll<T>) -> Poll<T> {
        self.0.blocked.store(written.is_pending(), Ordering::Release);
        written
    }

    /// Returns an error if the connection is to be closed.
    pub(crate) fn check(&self) -> io::Result<()> {
        if self.0.cut.load(Ordering::Acquire) {
            Err(io::Error::new(io::ErrorKind::ConnectionReset, "cut by an injected fault"))
        } else {
            Ok(())
        }
    }
}
