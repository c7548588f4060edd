//! Signals that ask the program to stop.

use std::{io, sync::Arc, time::Duration};

use tokio::sync::watch;

use crate::failure::{Failure, Result, exit};

/// Longest time between the second signal and the end of the process.
const PATIENCE: Duration = Duration::from_secs(5);

/// The signals so far.
#[derive(Clone, Copy, Debug, Default)]
struct Received {
    count: usize,
    /// The exit code that the last one asks for.
    code: u8,
}

/// Counts the signals that ask the program to stop.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt(Arc<watch::Sender<Received>>);

impl Interrupt {
    /// Installs the handlers. From then on, a signal does not end the process, unless it does not react to several.
    pub(crate) fn install() -> io::Result<Self> {
        let own = Self(Arc::new(watch::Sender::new(Received::default())));
        let (mut signals, interrupt) = (Signals::new()?, own.clone());
        // The task ends with the process: a statement that writes to a full pipe blocks its thread.
        tokio::spawn(async move {
            loop {
                let code = signals.next().await;
                let mut count = 0;
                interrupt.0.send_modify(|received| {
                    received.count += 1;
                    received.code = code;
                    count = received.count;
                });
                if count >= 2 {
                    let mut answered = interrupt.0.subscribe();
                    let code = tokio::select! {
                        biased;
                        _ = answered.wait_for(|received| received.count < 2) => continue,
                        code = signals.next() => code,
                        () = tokio::time::sleep(PATIENCE) => code,
                    };
                    std::process::exit(code.into());
                }
            }
        });
        Ok(own)
    }

    /// Waits for this number of signals, and returns the exit code that the last one asks for. Cancel safe.
    pub(crate) async fn received(&self, count: usize) -> u8 {
        let mut receiver = self.0.subscribe();
        // The sender lives as long as this value.
        match receiver.wait_for(|received| received.count >= count).await {
            Ok(received) => received.code,
            Err(_) => std::future::pending().await,
        }
    }

    /// Runs a function that may block, such as a read of a pipe. A signal abandons the function, whose thread does not keep the
    /// process alive.
    pub(crate) async fn unless_received<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let work = tokio::task::spawn_blocking(work);
        tokio::select! {
            biased;
            code = self.received(1) => Err(Failure::interrupted(code)),
            result = work => result.unwrap_or_else(|error| {
                Err(Failure::new(exit::FAILURE, "a read has panicked").caused_by(&error))
            }),
        }
    }

    /// Takes a signal as answered, so that the next one is a first one again.
    pub(crate) fn answer(&self) {
        self.0.send_replace(Received::default());
    }
}

#[cfg(unix)]
struct Signals([(tokio::signal::unix::Signal, u8); 3]);

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [interrupt, terminate, hangup] = kinds.map(|kind| {
            let code = u8::try_from(128 + kind.as_raw_value()).unwrap_or(u8::MAX);
            signal(kind).map(|signal| (signal, code))
        });
        Ok(Self([interrupt?, terminate?, hangup?]))
    }

    /// Waits for a signal, and returns 128 plus its number.
    async fn next(&mut self) -> u8 {
        let Self([interrupt, terminate, hangup]) = self;
        tokio::select! {
            _ = interrupt.0.recv() => interrupt.1,
            _ = terminate.0.recv() => terminate.1,
            _ = hangup.0.recv() => hangup.1,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> u8 {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        130
    }
}

#[cfg(all(test, unix))]
mod tests {
    use rustix::process::{Signal, getpid, kill_process};

    use super::*;

    /// Regression: the prompt ended five seconds after a statement that two signals had ended, also during the next statement.
    #[tokio::test(start_paused = true)]
    async fn answered_signals_do_not_end_the_process() {
        let interrupt = Interrupt::install().unwrap();
        for count in 1..=2 {
            kill_process(getpid(), Signal::INT).unwrap();
            assert_eq!(interrupt.received(count).await, 130);
        }
        interrupt.answer();
        tokio::time::sleep(PATIENCE * 2).await;
        kill_process(getpid(), Signal::TERM).unwrap();
        assert_eq!(interrupt.received(1).await, 143, "it is a first one again");
    }
}
