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
    let mut end = LineEnd { is_missing: true };
    let answer = crate::terminal::read_line().await?;
    // The end of a line that was typed is shown, unless typed letters are hidden.
    end.is_missing = echo.is_some() || answer.is_none();
    Ok(answer.map(|text| text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Ends the line of the question, so that what follows begins in a new line also after Ctrl-C and Ctrl-D.
struct LineEnd {
    is_missing: bool,
}

impl Drop for LineEnd {
    fn drop(&mut self) {
        if self.is_missing {
            crate::terminal::diagnostic("");
        }
    }
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
            // A secret that was typed and not read must not be read by the next program. The terminal may be gone.
            let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.0);
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
