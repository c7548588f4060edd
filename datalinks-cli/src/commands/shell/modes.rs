//! The modes of the terminal, which the line editor changes while it reads.

#[cfg(unix)]
pub(super) use unix::Saved;

#[cfg(not(unix))]
pub(super) use elsewhere::Saved;

#[cfg(unix)]
mod unix {
    use std::io;

    use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

    /// The modes of standard input, which are restored when this value is dropped. A signal may end the shell while the editor
    /// still waits for a key.
    pub(in super::super) struct Saved(Option<Termios>);

    impl Saved {
        pub(in super::super) fn new() -> Self {
            Self(tcgetattr(io::stdin()).ok())
        }
    }

    impl Drop for Saved {
        fn drop(&mut self) {
            if let Some(modes) = &self.0 {
                // The terminal may be gone.
                let _ = tcsetattr(io::stdin(), OptionalActions::Now, modes);
            }
        }
    }
}

#[cfg(not(unix))]
mod elsewhere {
    /// Nothing is restored on this platform.
    pub(in super::super) struct Saved;

    impl Saved {
        pub(in super::super) fn new() -> Self {
            Self
        }
    }
}
