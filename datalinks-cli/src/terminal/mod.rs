//! The terminal: what may be written to it, its width, and its colors.

mod escape;
mod input;
mod shell_word;
mod style;
mod wrap;
mod write;

pub(crate) use escape::{escape, escape_lines, json_safe};
pub(crate) use input::{read_line, read_to_end};
pub(crate) use shell_word::quoted;
pub(crate) use style::{ColorChoice, Style};
pub(crate) use wrap::{fill, shorten, wrap, wrap_lines};
pub(crate) use write::{WriteError, diagnostic, line, print};

use std::io::IsTerminal;

/// What the command line knows about its output streams.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Terminal {
    /// Standard output is a terminal.
    pub(crate) stdout: bool,
    /// Standard error is a terminal.
    pub(crate) stderr: bool,
    /// Standard input is a terminal.
    pub(crate) stdin: bool,
    /// A line that was written can be erased. A terminal of the type `dumb` cannot do that.
    pub(crate) can_erase: bool,
    /// Number of columns of the terminal, or `None` without a terminal on standard output.
    pub(crate) width: Option<usize>,
    /// The same for standard error.
    pub(crate) stderr_width: Option<usize>,
}

impl Terminal {
    /// Examines the streams of this process.
    pub(crate) fn of_process() -> Self {
        Self {
            stdout: std::io::stdout().is_terminal(),
            stderr: std::io::stderr().is_terminal(),
            stdin: std::io::stdin().is_terminal(),
            can_erase: std::env::var_os("TERM").is_none_or(|name| name != "dumb"),
            width: width(&console::Term::stdout()),
            stderr_width: width(&console::Term::stderr()),
        }
    }
}

/// Returns the number of columns. A terminal that does not know its size reports 0, which says nothing.
fn width(terminal: &console::Term) -> Option<usize> {
    let size = terminal.size_checked().filter(|_| terminal.is_term());
    size.map(|(_, columns)| usize::from(columns)).filter(|columns| *columns > 0)
}

/// Returns the number of columns of standard output, or `None` without a terminal.
pub(crate) fn stdout_width() -> Option<usize> {
    width(&console::Term::stdout())
}
