//! Being told to stop, by Ctrl-C and by what else the operating system has for it.

use std::io;

#[cfg(unix)]
pub(super) use unix::Signals;

#[cfg(not(unix))]
pub(super) use elsewhere::Signals;

#[cfg(unix)]
mod unix {
    use super::io;

    use rustix::process::Signal;
    use rustix::{process, termios};
    use tokio::signal::unix::{self, SignalKind, signal};

    /// The signals that ask a program to stop. As long as this lives they do nothing by themselves.
    pub(in super::super) struct Signals {
        interrupt: unix::Signal,
        quit: unix::Signal,
        terminate: unix::Signal,
        hangup: unix::Signal,
    }

    impl Signals {
        pub(in super::super) fn new() -> io::Result<Self> {
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                quit: signal(SignalKind::quit())?,
                terminate: signal(SignalKind::terminate())?,
                hangup: signal(SignalKind::hangup())?,
            })
        }

        /// Waits for any of them. Returns the exit code of a program that it ends.
        pub(in super::super) async fn told_to_stop(&mut self) -> u8 {
            u8::try_from(128 + self.next().await.as_raw()).unwrap_or(u8::MAX)
        }

        /// Passes on what arrives, for ever. A signal from the terminal goes to all programs in its foreground, so a
        /// child has had it already.
        pub(in super::super) async fn pass_on(&mut self, child: Option<u32>) {
            loop {
                let signal = self.next().await;
                let by_terminal = matches!(signal, Signal::INT | Signal::QUIT) && in_foreground();
                let child = child.and_then(|id| i32::try_from(id).ok()).and_then(process::Pid::from_raw);
                if let (Some(child), false) = (child, by_terminal) {
                    // It may have ended meanwhile, which is what was asked for.
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

    /// Whether the keys of a terminal send their signals to us.
    fn in_foreground() -> bool {
        let own = Ok(process::getpgrp());
        [termios::tcgetpgrp(io::stdin()), termios::tcgetpgrp(io::stdout()), termios::tcgetpgrp(io::stderr())]
            .contains(&own)
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use super::io;

    /// Ctrl-C, which all programs of a console hear.
    pub(in super::super) struct Signals;

    impl Signals {
        pub(in super::super) fn new() -> io::Result<Self> {
            Ok(Self)
        }

        /// Waits for it. Returns the exit code of a program that it ends, the one that Ctrl-C has elsewhere.
        pub(in super::super) async fn told_to_stop(&mut self) -> u8 {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            130
        }

        /// A child hears Ctrl-C by itself; we only have to outlive it.
        pub(in super::super) async fn pass_on(&mut self, _child: Option<u32>) {
            loop {
                self.told_to_stop().await;
            }
        }
    }
}
