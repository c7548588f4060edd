//! Positions in a text.

use std::fmt;

use memchr::{memchr_iter, memrchr};

/// A position in a text: line and column, both from 1. The column counts characters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Position {
    pub(super) line: u64,
    pub(super) column: u64,
}

impl Position {
    pub(super) const START: Self = Self { line: 1, column: 1 };

    /// Returns the start of a line.
    pub(super) fn of_line(line: u64) -> Self {
        Self { line, column: 1 }
    }

    /// Returns the position after `bytes`, which begin at this position.
    pub(super) fn after(self, bytes: &[u8]) -> Self {
        let Some(last) = memrchr(b'\n', bytes) else {
            return Self { column: self.column + characters(bytes), ..self };
        };
        let lines = memchr_iter(b'\n', &bytes[..=last]).count() as u64;
        Self { line: self.line + lines, column: 1 + characters(&bytes[last + 1..]) }
    }
}

/// Returns the number of characters in UTF-8 text, which are all bytes except continuation bytes.
pub(super) fn characters(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u64
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_characters() {
        let at = |text: &str| Position::START.after(text.as_bytes());
        assert_eq!(at(""), Position { line: 1, column: 1 });
        assert_eq!(at("aé€"), Position { line: 1, column: 4 });
        assert_eq!(at("a\r\n\nbc"), Position { line: 3, column: 3 });
        assert_eq!(at("a\n").after(b"bc"), Position { line: 2, column: 3 });
        assert_eq!(at("a").after(b"bc").to_string(), "line 1, column 4");
    }
}
