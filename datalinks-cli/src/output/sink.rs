//! Where output goes, and in which format.

use super::diagnostics::Diagnostics;
use super::format::Format;
use crate::terminal::{Style, Terminal};

/// The target of output.
pub(super) struct Sink {
    pub(super) format: Format,
    pub(super) terminal: Terminal,
    /// The style of standard output.
    pub(super) style: Style,
    pub(super) diagnostics: Diagnostics,
}
