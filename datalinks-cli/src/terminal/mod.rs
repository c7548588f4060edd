//! The terminal: what may be written to it, its width, and its colors.

mod escape;
mod input;
mod style;
mod write;

pub(crate) use escape::{escape, escape_lines, json_safe};
pub(crate) use input::{read_line, read_to_end};
pub(crate) use style::{ColorChoice, Style};
pub(crate) use write::{WriteError, diagnostic, line, print};

use std::io::IsTerminal;

/// What the command line knows about its output streams.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal {
    /// Standard output is a terminal.
    pub(crate) stdout: bool,
    /// Standard error is a terminal.
    pub(crate) stderr: bool,
    /// Standard input is a terminal.
    pub(crate) stdin: bool,
    /// Number of columns of the terminal, or `None` if standard output is no terminal.
    pub(crate) width: Option<usize>,
}

impl Terminal {
    /// Examines the streams of this process.
    pub(crate) fn of_process() -> Self {
        let stdout = std::io::stdout().is_terminal();
        let size = console::Term::stdout().size_checked();
        Self {
            stdout,
            stderr: std::io::stderr().is_terminal(),
            stdin: std::io::stdin().is_terminal(),
            width: size.filter(|_| stdout).map(|(_, columns)| usize::from(columns)),
        }
    }
}
