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
/// with a [`StopRequest`]: it then ends by itself, and only a second signal drops its future. While it knows something that
/// a dropped future could not tell, it takes over the second signal, too, with [`Accounting`].
#[derive(Debug)]
pub(crate) struct Interrupt {
    signals: watch::Sender<Received>,
    claims: AtomicUsize,
    accounts: AtomicUsize,
}

/// The signals so far.
#[derive(Clone, Copy, Debug, Default)]
struct Received {
    count: usize,
    /// The exit code that the last one asks for.
    code: u8,
}

/// The effect of a signal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Effect {
    /// The command ends by itself, when its work in progress has ended.
    Requested,
    /// The command ends by itself at once.
    Demanded,
    /// The future of the command is dropped.
    Abandoned,
}

impl Interrupt {
    pub(crate) fn new() -> Arc<Self> {
        let signals = watch::Sender::new(Received::default());
        Arc::new(Self { signals, claims: AtomicUsize::new(0), accounts: AtomicUsize::new(0) })
    }

    /// Installs the handlers of signals. The result waits until the command has to be abandoned, and is the exit code.
    ///
    /// The signals are awaited by a task of its own, because a command that writes to a full pipe blocks its thread. A
    /// command that has not ended [`PATIENCE`] after it was to end at once, or at a further signal, ends with the process.
    ///
    /// Without handlers of signals, a signal ends the process, and the result never comes.
    pub(crate) fn abandoned(self: &Arc<Self>, diagnostics: &Diagnostics) -> impl Future<Output = u8> + use<> {
        let (abandon, abandoned) = oneshot::channel();
        if let Ok(mut signals) = Signals::new() {
            let (interrupt, diagnostics) = (Arc::clone(self), diagnostics.clone());
            tokio::spawn(async move {
                let code = loop {
                    let code = signals.stop_requested().await;
                    match interrupt.stop(code) {
                        Effect::Requested => diagnostics.note("stopping; a second Ctrl-C stops at once"),
                        Effect::Demanded => break code,
                        Effect::Abandoned => {
                            // The command may have ended just now.
                            let _ = abandon.send(code);
                            break code;
                        }
                    }
                };
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

    /// Records a signal, and returns its effect.
    fn stop(&self, code: u8) -> Effect {
        let earlier = self.signals.borrow().count;
        self.signals.send_replace(Received { count: earlier + 1, code });
        match earlier {
            0 if self.claims.load(Ordering::SeqCst) > 0 => Effect::Requested,
            1 if self.accounts.load(Ordering::SeqCst) > 0 => Effect::Demanded,
            _ => Effect::Abandoned,
        }
    }

    pub(super) fn claim(self: &Arc<Self>) -> StopRequest {
        self.claims.fetch_add(1, Ordering::SeqCst);
        StopRequest { interrupt: Arc::clone(self), signals: self.signals.subscribe() }
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
    signals: watch::Receiver<Received>,
}

impl StopRequest {
    /// Waits for the first signal. Returns the exit code that it asks for, usually 130. Cancel safe.
    pub(crate) async fn requested(&self) -> u8 {
        self.received(1).await
    }

    /// Takes over the second signal as well.
    pub(crate) fn accounting(&self) -> Accounting<'_> {
        self.interrupt.accounts.fetch_add(1, Ordering::SeqCst);
        Accounting(self)
    }

    /// Waits for a number of signals.
    async fn received(&self, count: usize) -> u8 {
        let mut signals = self.signals.clone();
        // The sender lives as long as this value.
        match signals.wait_for(|received| received.count >= count).await {
            Ok(received) => received.code,
            Err(_) => std::future::pending().await,
        }
    }

    /// Takes the request as answered, so that the next signal is a first one again.
    pub(crate) fn answer(&self) {
        self.interrupt.signals.send_replace(Received::default());
    }
}

/// The right to say what is known when a second signal ends the command at once. While this value exists, that signal does not
/// drop the command's future. The command has to await [`demanded`](Self::demanded) whenever it awaits something else, and to
/// return without waiting.
#[derive(Debug)]
pub(crate) struct Accounting<'a>(&'a StopRequest);

impl Accounting<'_> {
    /// Waits for the second signal. Returns the exit code that it asks for, usually 130. Cancel safe.
    pub(crate) async fn demanded(&self) -> u8 {
        self.0.received(2).await
    }
}

impl Drop for Accounting<'_> {
    fn drop(&mut self) {
        self.0.interrupt.accounts.fetch_sub(1, Ordering::SeqCst);
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
        assert_eq!(interrupt.stop(130), Effect::Requested);
        assert_eq!(stop.requested().await, 130);
        assert_eq!(interrupt.stop(130), Effect::Abandoned, "a second signal ends it");
    }

    #[tokio::test]
    async fn second_signal_is_a_demand_for_commands_that_account() {
        let interrupt = Interrupt::new();
        let stop = interrupt.claim();
        let accounting = stop.accounting();
        assert_eq!(interrupt.stop(130), Effect::Requested);
        assert_eq!(interrupt.stop(143), Effect::Demanded);
        assert_eq!(accounting.demanded().await, 143);
        assert_eq!(interrupt.stop(130), Effect::Abandoned, "a third signal ends it");
        let interrupt = Interrupt::new();
        let stop = interrupt.claim();
        drop(stop.accounting());
        assert_eq!(interrupt.stop(130), Effect::Requested);
        assert_eq!(interrupt.stop(130), Effect::Abandoned, "nothing is accounted for any more");
    }

    #[tokio::test]
    async fn signal_after_an_answer_is_a_first_one() {
        let interrupt = Interrupt::new();
        let stop = interrupt.claim();
        for _ in 0..2 {
            assert_eq!(interrupt.stop(130), Effect::Requested);
            assert_eq!(stop.requested().await, 130);
            stop.answer();
        }
    }

    #[test]
    fn first_signal_ends_other_commands() {
        let interrupt = Interrupt::new();
        drop(interrupt.claim());
        assert_eq!(interrupt.stop(143), Effect::Abandoned);
    }
}
