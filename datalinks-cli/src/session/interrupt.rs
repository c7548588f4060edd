//! Signals that ask a command to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use crate::output::Diagnostics;
use crate::signals::Signals;

/// Longest time between the first signal and the end of the process.
const PATIENCE: Duration = Duration::from_secs(5);

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

    /// Installs the handlers of signals. The result waits until the command has to be abandoned, and is the exit code.
    ///
    /// The signals are awaited by a task of its own, because a command that writes to a full pipe blocks its thread. A
    /// command that has not ended [`PATIENCE`] after it was abandoned, or at a further signal, ends with the process.
    ///
    /// Without handlers of signals, a signal ends the process, and the result never comes.
    pub(crate) fn abandoned(self: &Arc<Self>, diagnostics: &Diagnostics) -> impl Future<Output = u8> + use<> {
        let (abandon, abandoned) = oneshot::channel();
        if let Ok(mut signals) = Signals::new() {
            let (interrupt, diagnostics) = (Arc::clone(self), diagnostics.clone());
            tokio::spawn(async move {
                let code = loop {
                    let code = signals.stop_requested().await;
                    if interrupt.stop(code) {
                        break code;
                    }
                    diagnostics.note("stopping; a second Ctrl-C stops at once");
                };
                // The command may have ended just now.
                let _ = abandon.send(code);
                let code = tokio::time::timeout(PATIENCE, signals.stop_requested()).await.unwrap_or(code);
                std::process::exit(code.into());
            });
        }
        async {
            match abandoned.await {
                Ok(code) => code,
                Err(_) => std::future::pending().await,
            }
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

    /// Takes the request as answered, so that the next signal is a first one again.
    pub(crate) fn answer(&self) {
        self.interrupt.code.send_replace(0);
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

    #[tokio::test]
    async fn signal_after_an_answer_is_a_first_one() {
        let interrupt = Interrupt::new();
        let stop = interrupt.claim();
        for _ in 0..2 {
            assert!(!interrupt.stop(130));
            assert_eq!(stop.requested().await, 130);
            stop.answer();
        }
    }

    #[test]
    fn first_signal_ends_other_commands() {
        let interrupt = Interrupt::new();
        drop(interrupt.claim());
        assert!(interrupt.stop(143));
    }
}
