//! Everything that is not data, on standard error.

use indicatif::{MultiProgress, ProgressDrawTarget};

use crate::failure::Failure;
use crate::terminal::{self, Style, escape};

/// Writes notes, warnings and failures to standard error. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Diagnostics {
    quiet: bool,
    /// Progress bars are drawn.
    pub(super) bars: bool,
    style: Style,
    /// The bars, which are removed while a line is written.
    pub(super) drawn: MultiProgress,
}

impl Diagnostics {
    /// Creates the writer. `is_terminal` is `true` if standard error is a terminal, and `style` is that of standard error.
    pub(crate) fn new(quiet: bool, is_terminal: bool, style: Style) -> Self {
        let bars = is_terminal && !quiet;
        let target = if bars { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { quiet, bars, style, drawn: MultiProgress::with_draw_target(target) }
    }

    /// Returns the style of standard error.
    pub(crate) fn style(&self) -> Style {
        self.style
    }

    /// Writes a line unless `--quiet` is set.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.line(&escape(text));
        }
    }

    /// Writes a line of less importance unless `--quiet` is set.
    pub(crate) fn detail(&self, text: &str) {
        if !self.quiet {
            self.line(&self.style.dim(escape(text)));
        }
    }

    /// Writes a warning, even with `--quiet`: something may be wrong.
    pub(crate) fn warning(&self, text: &str) {
        self.line(&format!("{} {}", self.style.yellow("warning:"), escape(text)));
    }

    /// Writes a failure.
    pub(crate) fn failure(&self, failure: &Failure) {
        for line in failure.lines(self.style) {
            self.line(&line);
        }
    }

    /// Writes a line as it is. The caller has made control characters visible.
    pub(crate) fn line(&self, text: &str) {
        self.drawn.suspend(|| terminal::diagnostic(text));
    }
}
