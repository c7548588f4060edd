//! Statements typed at a terminal.

use std::sync::mpsc;

use rustyline::{
    Config, Editor, Helper,
    completion::Completer,
    error::ReadlineError,
    highlight::Highlighter,
    hint::Hinter,
    history::MemHistory,
    validate::{ValidationContext, ValidationResult, Validator},
};
use tokio::sync::oneshot;

use crate::{
    failure::{Failure, Result, exit},
    session::Session,
    statement, terminal,
};

const PROMPT: &str = "sql> ";

/// Words that end the program.
const ENDS: [&str; 4] = ["exit", "quit", "\\q", ".quit"];

const CTRL_C: u8 = 130;

type Answer = std::result::Result<String, ReadlineError>;

/// Reads and runs statements until the user ends the program. A failure of a statement does not end it.
pub(crate) async fn run(session: &Session) -> Result {
    // Restored when this function ends or is abandoned.
    let _modes = modes::Saved::new();
    let (requests, received) = mpsc::channel();
    // The editor blocks its thread, which ends with this function, or with the process if it waits for a key.
    let editor = std::thread::Builder::new().name("editor".to_owned()).spawn(move || edit(&received));
    editor.map_err(|error| {
        Failure::new(exit::FAILURE, "the line editor cannot be started").caused_by(&error)
    })?;
    if !session.is_quiet() {
        terminal::diagnostic(
            "Type a statement, which ends with a semicolon. Ctrl-C cancels it, and Ctrl-D ends the program.",
        );
    }
    loop {
        let ended = || Failure::new(exit::FAILURE, "the line editor has ended");
        let (sender, answer) = oneshot::channel();
        requests.send(sender).map_err(|_| ended())?;
        let text = tokio::select! {
            answer = answer => match answer.map_err(|_| ended())? {
                Ok(text) => text,
                Err(ReadlineError::Interrupted) => continue,
                Err(ReadlineError::Eof) => return Ok(()),
                Err(error) => {
                    return Err(Failure::new(exit::FAILURE, "cannot read from the terminal").caused_by(&error));
                }
            },
            code = session.interrupt().received(1) => return Err(Failure::interrupted(code)),
        };
        if is_end(&text) {
            return Ok(());
        }
        match session.run(&text).await {
            Ok(()) => {}
            Err(failure) if failure.code == exit::OUTPUT_CLOSED => return Err(failure),
            // Another signal than Ctrl-C ends the program.
            Err(failure) if failure.code > 128 && failure.code != CTRL_C => return Err(failure),
            Err(failure) => failure.report(),
        }
        session.interrupt().answer();
    }
}

fn is_end(text: &str) -> bool {
    ENDS.contains(&text.trim().trim_end_matches(';').to_ascii_lowercase().as_str())
}

/// Answers requests for statements until there are no more.
fn edit(requests: &mpsc::Receiver<oneshot::Sender<Answer>>) {
    let opened = || {
        let mut editor = Editor::with_history(Config::default(), MemHistory::new())?;
        editor.set_helper(Some(Statements));
        Ok::<Editor<Statements, MemHistory>, ReadlineError>(editor)
    };
    let mut editor = match opened() {
        Ok(editor) => editor,
        Err(error) => {
            if let Ok(request) = requests.recv() {
                let _ = request.send(Err(error));
            }
            return;
        }
    };
    for request in requests {
        let answer = editor.readline(PROMPT);
        if let Ok(text) = &answer {
            // Without it, the statement has to be typed again.
            let _ = editor.add_history_entry(text.as_str());
        }
        // The program may be ending.
        let _ = request.send(answer);
    }
}

/// Continues a statement on the next line until it is complete.
struct Statements;

impl Helper for Statements {}

impl Highlighter for Statements {}

impl Completer for Statements {
    type Candidate = String;
}

impl Hinter for Statements {
    type Hint = String;
}

impl Validator for Statements {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = context.input();
        Ok(match statement::is_complete(text) || is_end(text) {
            true => ValidationResult::Valid(None),
            false => ValidationResult::Incomplete,
        })
    }
}

/// The modes of the terminal, which the line editor changes while it reads.
#[cfg(unix)]
mod modes {
    use std::io;

    use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

    /// The modes of standard input, which are restored when this value is dropped. A signal may end the program while the
    /// editor still waits for a key.
    pub(super) struct Saved(Option<Termios>);

    impl Saved {
        pub(super) fn new() -> Self {
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
mod modes {
    /// Nothing is restored on this platform.
    pub(super) struct Saved;

    impl Saved {
        pub(super) fn new() -> Self {
            Self
        }
    }
}
