//! The part of the terminal where progress bars are drawn.

use std::io;

use console::Term;
use indicatif::TermLike;

/// Number of columns at the end of a line that stay empty. The terminal shows `^C` there after Ctrl-C. In a full line, it
/// would begin a new line, and the bar in the line before would not be removed.
pub(super) const MARGIN: usize = 3;

/// Standard error without the last columns of each line.
#[derive(Debug)]
pub(super) struct Target(Term);

impl Target {
    pub(super) fn stderr() -> Self {
        Self(Term::buffered_stderr())
    }
}

impl TermLike for Target {
    fn width(&self) -> u16 {
        let columns = usize::from(self.0.size().1).saturating_sub(MARGIN).max(1);
        u16::try_from(columns).unwrap_or(u16::MAX)
    }

    fn height(&self) -> u16 {
        self.0.size().0
    }

    fn move_cursor_up(&self, lines: usize) -> io::Result<()> {
        self.0.move_cursor_up(lines)
    }

    fn move_cursor_down(&self, lines: usize) -> io::Result<()> {
        self.0.move_cursor_down(lines)
    }

    fn move_cursor_right(&self, columns: usize) -> io::Result<()> {
        self.0.move_cursor_right(columns)
    }

    fn move_cursor_left(&self, columns: usize) -> io::Result<()> {
        self.0.move_cursor_left(columns)
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.0.write_line(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.0.write_str(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.0.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.0.flush()
    }
}
