//! Closing a connection in the middle, to play an answer that got lost.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

/// Closes one connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConnectionControl(Arc<ConnectionState>);

#[derive(Debug, Default)]
struct ConnectionState {
    cut: AtomicBool,
    /// The other side has yet to read what was sent.
    blocked: AtomicBool,
}

impl ConnectionControl {
    /// From now on nothing more is written; the connection closes at the next attempt.
    pub(crate) fn cut(&self) {
        self.0.cut.store(true, Ordering::Release);
    }

    /// Waits until what was handed to the connection has left.
    pub(crate) async fn flushed(&self) {
        loop {
            // The connection writes when the task that drives it comes back to it.
            tokio::task::yield_now().await;
            if !self.0.blocked.load(Ordering::Acquire) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Notes whether a write had to wait.
    pub(crate) fn note<T>(&self, written: Poll<T>) -> Poll<T> {
        self.0.blocked.store(written.is_pending(), Ordering::Release);
        written
    }

    pub(crate) fn check(&self) -> io::Result<()> {
        if self.0.cut.load(Ordering::Acquire) {
            Err(io::Error::new(io::ErrorKind::ConnectionReset, "cut by an injected fault"))
        } else {
            Ok(())
        }
    }
}
