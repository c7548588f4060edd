//! Signals that ask the process to stop, Ctrl-C among them.

use std::io;

#[cfg(unix)]
pub(crate) use unix::Signals;

#[cfg(not(unix))]
pub(crate) use elsewhere::Signals;

#[cfg(unix)]
mod unix {
    use super::io;

    use rustix::process::Signal;
    use rustix::{process, termios};
    use tokio::signal::unix::{self, SignalKind, signal};

    /// The signals that ask a program to stop. They have no other effect while this value exists.
    pub(crate) struct Signals {
        interrupt: unix::Signal,
        quit: unix::Signal,
        terminate: unix::Signal,
        hangup: unix::Signal,
    }

    impl Signals {
        pub(crate) fn new() -> io::Result<Self> {
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                quit: signal(SignalKind::quit())?,
                terminate: signal(SignalKind::terminate())?,
                hangup: signal(SignalKind::hangup())?,
            })
        }

        /// Waits for one of the signals. Returns the exit code of a program that it ends.
        pub(crate) async fn stop_requested(&mut self) -> u8 {
            u8::try_from(128 + self.next().await.as_raw()).unwrap_or(u8::MAX)
        }

        /// Forwards all signals to a child and never returns. A signal from the terminal goes to all processes
        /// in its foreground, so the child has already received it.
        pub(crate) async fn forward_to(&mut self, child: Option<u32>) {
            loop {
                let signal = self.next().await;
                let by_terminal = matches!(signal, Signal::INT | Signal::QUIT) && in_foreground();
                let child = child.and_then(|id| i32::try_from(id).ok()).and_then(process::Pid::from_raw);
                if let (Some(child), false) = (child, by_terminal) {
                    // An error means that the child has ended, which is the aim of the signal.
                    let _ = process::kill_process(child, signal);
                }
            }
        }

        async fn next(&mut self) -> Signal {
            tokio::select! {
                _ = self.interrupt.recv() => Signal::INT,
                _ = self.quit.recv() => Signal::QUIT,
                _ = self.terminate.recv() => Signal::TERM,
                _ = self.hangup.recv() => Signal::HUP,
            }
        }
    }

    /// Returns `true` if this process is in the foreground of a terminal, whose keys send signals to it.
    fn in_foreground() -> bool {
        let own = Ok(process::getpgrp());
        [termios::tcgetpgrp(io::stdin()), termios::tcgetpgrp(io::stdout()), termios::tcgetpgrp(io::stderr())]
            .contains(&own)
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use super::io;

    /// Ctrl-C, which reaches all processes of a console.
    pub(crate) struct Signals;

    impl Signals {
        pub(crate) fn new() -> io::Result<Self> {
            Ok(Self)
        }

        /// Waits for Ctrl-C. Returns 130, the exit code of a program that Ctrl-C ends elsewhere.
        pub(crate) async fn stop_requested(&mut self) -> u8 {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            130
        }

        /// Ignores signals until the child ends, because Ctrl-C reaches the child directly.
        pub(crate) async fn forward_to(&mut self, _child: Option<u32>) {
            loop {
                self.stop_requested().await;
            }
        }
    }
}
