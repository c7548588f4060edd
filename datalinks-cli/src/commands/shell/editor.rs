//! The line editor, on a thread of its own, because it blocks while it waits for keys.

use std::sync::mpsc;

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::{History as _, MemHistory};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Helper};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::completion::complete;
use super::history::{History, KEPT};
use super::names::{Names, WaitingNames};
use super::syntax;
use crate::failure::{Exit, Failure, Result};
use crate::output::Diagnostics;

/// What the user sees before a line.
const PROMPT: &str = "datalinks> ";

/// What was typed.
#[derive(Debug)]
pub(super) enum Input {
    /// A query, a question or a command, maybe of several lines.
    Line(String),
    /// Ctrl-C: what was typed is discarded.
    Interrupted,
    /// Ctrl-D, or the end of the terminal.
    End,
}

type Answer = std::result::Result<Input, ReadlineError>;

/// The line editor. Its thread ends with this value, or, if it waits for a key, with the process.
pub(super) struct Editor {
    requests: mpsc::Sender<oneshot::Sender<Answer>>,
}

impl Editor {
    pub(super) fn start(history: History, names: Names, diagnostics: Diagnostics) -> Result<Self> {
        let (requests, received) = mpsc::channel();
        let names = WaitingNames { names, runtime: Handle::current() };
        std::thread::Builder::new()
            .name("editor".to_owned())
            .spawn(move || edit(&received, &history, names, &diagnostics))?;
        Ok(Self { requests })
    }

    /// Waits for a line.
    ///
    /// Cancel safe for the terminal only: a line that is typed after the future is dropped is lost.
    pub(super) async fn line(&self) -> Result<Input> {
        let (sender, answer) = oneshot::channel();
        let ended = || Failure::new(Exit::Failure, "the line editor has ended");
        self.requests.send(sender).map_err(|_| ended())?;
        let answer = answer.await.map_err(|_| ended())?;
        answer.map_err(|error| Failure::new(Exit::Failure, "cannot read from the terminal").caused_by(&error))
    }
}

/// Answers requests for lines until there are no more.
fn edit(
    requests: &mpsc::Receiver<oneshot::Sender<Answer>>,
    history: &History,
    names: WaitingNames,
    diagnostics: &Diagnostics,
) {
    let mut editor = match open(history, names, diagnostics) {
        Ok(editor) => editor,
        Err(error) => {
            if let Ok(request) = requests.recv() {
                let _ = request.send(Err(error));
            }
            return;
        }
    };
    for request in requests {
        let answer = match editor.readline(PROMPT) {
            Ok(line) => {
                if history.keeps(&line) {
                    // Without the file, this shell still has the line.
                    let _ = editor.add_history_entry(line.as_str());
                    let _ = history.append(&line);
                }
                Ok(Input::Line(line))
            }
            Err(ReadlineError::Interrupted) => Ok(Input::Interrupted),
            Err(ReadlineError::Eof) => Ok(Input::End),
            Err(error) => Err(error),
        };
        // The shell may have ended.
        let _ = request.send(answer);
    }
}

fn open(
    history: &History,
    names: WaitingNames,
    diagnostics: &Diagnostics,
) -> rustyline::Result<rustyline::Editor<Completion, MemHistory>> {
    let config = Config::builder().max_history_size(KEPT)?.completion_type(CompletionType::List).build();
    let mut lines = MemHistory::with_config(&config);
    match history.load() {
        Ok(earlier) => {
            for line in earlier {
                lines.add_owned(line)?;
            }
        }
        Err(error) => diagnostics.warning(&format!("the history is not kept: {error}")),
    }
    let mut editor = rustyline::Editor::with_history(config, lines)?;
    editor.set_helper(Some(Completion { names }));
    Ok(editor)
}

/// What the editor asks while a line is typed.
struct Completion {
    names: WaitingNames,
}

impl Helper for Completion {}

impl Highlighter for Completion {}

impl Hinter for Completion {
    type Hint = String;
}

impl Validator for Completion {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(if syntax::is_complete(context.input()) {
            ValidationResult::Valid(None)
        } else {
            ValidationResult::Incomplete
        })
    }
}

impl Completer for Completion {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let before = line.get(..position).unwrap_or_default();
        Ok(complete(before, &self.names))
    }
}
