//! The stop of a run, after which no attempt starts.

use std::sync::{Arc, OnceLock};

use futures::future::BoxFuture;
use tokio::sync::Notify;

use crate::{
    error::Error,
    transport::{AttemptEnd, Gate, Pass},
};

/// The error that stopped a run, once there is one.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    error: OnceLock<Error>,
    stopped: Notify,
}

impl Stop {
    /// Stops the run. The first error is kept.
    pub(super) fn stop(&self, error: Error) {
        let _ = self.error.set(error);
        self.stopped.notify_waiters();
    }

    /// Returns the error that stopped the run.
    pub(super) fn error(&self) -> Option<&Error> {
        self.error.get()
    }

    /// Waits until the run stops.
    async fn wait(&self) -> Error {
        loop {
            // Created before the error is read, so that no notification is lost.
            let stopped = self.stopped.notified();
            if let Some(error) = self.error() {
                return error.clone();
            }
            stopped.await;
        }
    }
}

/// Admits the attempts of one run until it stops, within the limits of another gate.
#[derive(Debug)]
pub(super) struct RunGate {
    pub(super) stop: Arc<Stop>,
    pub(super) limits: Arc<dyn Gate>,
}

impl Gate for RunGate {
    fn admit(self: Arc<Self>, bytes: usize) -> BoxFuture<'static, Result<Box<dyn Pass>, Error>> {
        Arc::clone(&self.limits).admit(bytes)
    }

    fn closed(self: Arc<Self>) -> BoxFuture<'static, Error> {
        Box::pin(async move { self.stop.wait().await })
    }

    fn slows_down(&self) -> bool {
        self.limits.slows_down()
    }

    fn pause(self: Arc<Self>) -> Box<dyn Send> {
        Arc::clone(&self.limits).pause()
    }

    fn record(&self, span: &tracing::Span) {
        self.limits.record(span);
    }
}

/// Admits every attempt at once.
#[derive(Debug)]
pub(super) struct Unlimited;

impl Gate for Unlimited {
    fn admit(self: Arc<Self>, _: usize) -> BoxFuture<'static, Result<Box<dyn Pass>, Error>> {
        Box::pin(async {
            let pass: Box<dyn Pass> = Box::new(Self);
            Ok(pass)
        })
    }

    fn pause(self: Arc<Self>) -> Box<dyn Send> {
        Box::new(())
    }

    fn record(&self, _: &tracing::Span) {}
}

impl Pass for Unlimited {
    fn sent(&mut self) {}

    fn end(self: Box<Self>, _: AttemptEnd) {}
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;
    use crate::error::ErrorKind;

    #[tokio::test]
    async fn gate_closes_with_the_first_error() {
        let stop = Arc::new(Stop::default());
        let gate = Arc::new(RunGate { stop: Arc::clone(&stop), limits: Arc::new(Unlimited) });
        let mut closed = Arc::clone(&gate).closed();
        assert!((&mut closed).now_or_never().is_none());
        stop.stop(Error::new(ErrorKind::Interrupted, "first"));
        stop.stop(Error::new(ErrorKind::Interrupted, "second"));
        for closed in [closed, gate.closed()] {
            assert!(closed.await.to_string().contains("first"));
        }
    }
}
