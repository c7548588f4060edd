//! Everything that is not data, on standard error.

use indicatif::{MultiProgress, ProgressDrawTarget};

use super::target::Target;
use crate::failure::Failure;
use crate::terminal::{self, Style, Terminal, escape};

/// Greatest number of times that bars are drawn in a second.
const DRAWN_PER_SECOND: u8 = 10;
/// Smallest number of columns in which bars are drawn. A line that the terminal breaks would not be removed as a whole.
pub(super) const NARROWEST: usize = 20;

/// Writes notes, warnings and failures to standard error. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Diagnostics {
    quiet: bool,
    /// Progress bars are drawn.
    pub(super) bars: bool,
    style: Style,
    /// Number of columns of the terminal, or `None` without a terminal on standard error.
    pub(super) width: Option<usize>,
    /// The bars, which are removed while a line is written.
    pub(super) drawn: MultiProgress,
}

impl Diagnostics {
    /// Creates the writer. `style` is that of standard error.
    pub(crate) fn new(quiet: bool, terminal: Terminal, style: Style) -> Self {
        let is_wide = terminal.stderr_width.is_none_or(|width| width >= NARROWEST);
        let bars = terminal.stderr && terminal.can_erase && is_wide && !quiet;
        let target = if bars {
            ProgressDrawTarget::term_like_with_hz(Box::new(Target::stderr()), DRAWN_PER_SECOND)
        } else {
            ProgressDrawTarget::hidden()
        };
        Self {
            quiet,
            bars,
            style,
            width: terminal.stderr_width,
            drawn: MultiProgress::with_draw_target(target),
        }
    }

    /// Returns the style of standard error.
    pub(crate) fn style(&self) -> Style {
        self.style
    }

    /// Writes a line unless `--quiet` is set.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.wrapped(&escape(text));
        }
    }

    /// Writes a line of less importance unless `--quiet` is set.
    pub(crate) fn detail(&self, text: &str) {
        if !self.quiet {
            self.wrapped(&self.style.dim(escape(text)));
        }
    }

    /// Writes a command to try, in one line, so that it can be copied.
    pub(crate) fn next(&self, command: &str) {
        if !self.quiet {
            self.line(&format!("  {} {}", self.style.bold("next:"), escape(command)));
        }
    }

    /// Writes a warning, even with `--quiet`: something may be wrong.
    pub(crate) fn warning(&self, text: &str) {
        self.wrapped(&format!("{} {}", self.style.bold_magenta("warning:"), escape(text)));
    }

    /// Writes a failure.
    pub(crate) fn failure(&self, failure: &Failure) {
        for line in failure.wrapped_lines(self.style, self.width) {
            self.line(&line);
        }
    }

    /// Writes a line that breaks between words on a terminal.
    fn wrapped(&self, text: &str) {
        match self.width {
            Some(width) => self.line(&terminal::wrap_lines(text, width, 2)),
            None => self.line(text),
        }
    }

    /// Writes a line as it is. The caller has made control characters visible.
    pub(crate) fn line(&self, text: &str) {
        self.drawn.suspend(|| terminal::diagnostic(text));
    }
}
