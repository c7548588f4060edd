//! Reading from the terminal.

use std::io::{self, Write};

/// Asks on standard error, and returns a line of standard input without its end. `None` is the end of the input.
///
/// Cancel safe for the terminal: echo is on again when the future is dropped. A line that arrives later is lost.
pub(super) async fn line(question: &str, hidden: bool) -> io::Result<Option<String>> {
    {
        let mut stderr = io::stderr().lock();
        // Without a reader, the question cannot be seen, and the answer still counts.
        let _ = write!(stderr, "{question}").and_then(|()| stderr.flush());
    }
    let echo = if hidden { Some(echo::Off::new()?) } else { None };
    let answer = crate::terminal::read_line().await;
    if echo.is_some() {
        crate::terminal::diagnostic("");
    }
    Ok(answer?.map(|text| text.trim_end_matches(['\r', '\n']).to_owned()))
}

#[cfg(unix)]
mod echo {
    use std::io;

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    /// Typed letters are not shown while this value exists.
    pub(super) struct Off(Termios);

    impl Off {
        pub(super) fn new() -> io::Result<Self> {
            let before = tcgetattr(io::stdin())?;
            let mut without = before.clone();
            without.local_modes.remove(LocalModes::ECHO);
            tcsetattr(io::stdin(), OptionalActions::Flush, &without)?;
            Ok(Self(before))
        }
    }

    impl Drop for Off {
        fn drop(&mut self) {
            // The terminal may be gone.
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
        }
    }
}

#[cfg(not(unix))]
mod echo {
    use std::io;

    /// Hidden input is not supported without `termios`.
    pub(super) struct Off;

    impl Off {
        pub(super) fn new() -> io::Result<Self> {
            Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "input cannot be hidden on this platform; pass the token with --token-file",
            ))
        }
    }
}
