//! Signals that ask a command to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::watch;

use crate::output::Diagnostics;
use crate::signals::Signals;

/// Turns signals into the end of a command.
///
/// By default, the first signal drops the future of the command. A command that has something to account for takes over
/// with a [`StopRequest`]: it then ends by itself, and only a second signal drops its future.
#[derive(Debug)]
pub(crate) struct Interrupt {
    /// The exit code that the signal asks for, or 0 before the first signal.
    code: watch::Sender<u8>,
    claims: AtomicUsize,
}

impl Interrupt {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { code: watch::Sender::new(0), claims: AtomicUsize::new(0) })
    }

    /// Waits until the command has to be abandoned. Returns the exit code.
    ///
    /// Without handlers of signals, a signal ends the process, and this method never returns.
    pub(crate) async fn abandoned(&self, diagnostics: &Diagnostics) -> u8 {
        let Ok(mut signals) = Signals::new() else { return std::future::pending().await };
        loop {
            let code = signals.stop_requested().await;
            if self.stop(code) {
                return code;
            }
            diagnostics.note("stopping; a second Ctrl-C stops at once");
        }
    }

    /// Records a signal. Returns `true` if the command does not end by itself.
    fn stop(&self, code: u8) -> bool {
        let earlier = self.code.send_replace(code);
        earlier != 0 || self.claims.load(Ordering::SeqCst) == 0
    }

    pub(super) fn claim(self: &Arc<Self>) -> StopRequest {
        self.claims.fetch_add(1, Ordering::SeqCst);
        StopRequest { interrupt: Arc::clone(self), code: self.code.subscribe() }
    }
}

/// The right to end a command in an orderly way. Ctrl-C does not drop the command's future while this value exists.
///
/// ```text
/// let stop = session.stop_request();
/// tokio::select! {
///     result = work.next() => …,
///     code = stop.requested() => return Err(account(work, Failure::interrupted(code))),
/// }
/// ```
#[derive(Debug)]
pub(crate) struct StopRequest {
    interrupt: Arc<Interrupt>,
    code: watch::Receiver<u8>,
}

impl StopRequest {
    /// Waits for the first signal. Returns the exit code that it asks for, usually 130. Cancel safe.
    pub(crate) async fn requested(&self) -> u8 {
        let mut code = self.code.clone();
        // The sender lives as long as this value.
        match code.wait_for(|code| *code != 0).await {
            Ok(code) => *code,
            Err(_) => std::future::pending().await,
        }
    }
}

impl Drop for StopRequest {
    fn drop(&mut self) {
        self.interrupt.claims.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn first_signal_is_a_request_for_commands_that_take_over() {
        let interrupt = Interrupt::new();
        let stop = interrupt.claim();
        assert!(!interrupt.stop(130), "the command ends by itself");
        assert_eq!(stop.requested().await, 130);
        assert!(interrupt.stop(130), "a second signal ends it");
    }

    #[test]
    fn first_signal_ends_other_commands() {
        let interrupt = Interrupt::new();
        drop(interrupt.claim());
        assert!(interrupt.stop(143));
    }
}
