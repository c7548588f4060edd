//! One JSON object a line.

use super::{
    bad_row::{Fault, bad, not_utf8, over_limit},
    lines::Lines,
    origin::Origin,
    position::{Position, offset},
    raw_row::{NoRow, RawRow},
    records::Records,
};

/// Rows of NDJSON. Only LF ends a line, and blank lines are no records.
pub(super) struct Ndjson {
    lines: Lines,
    bytes: Vec<u8>,
    blank: u64,
}

impl Ndjson {
    pub(super) fn new(lines: Lines) -> Self {
        Self { lines, bytes: Vec::new(), blank: 0 }
    }
}

impl Records for Ndjson {
    fn next(&mut self) -> Result<Option<RawRow>, Fault> {
        loop {
            self.bytes.clear();
            let Some(line) = self.lines.next(&mut self.bytes)? else { return Ok(None) };
            let start = Position::of_line(line.number);
            let name = self.lines.name();
            let content = &self.bytes[..line.content];
            if line.too_long {
                return Err(bad(name, start, over_limit("the line", self.lines.limit()), content));
            }
            if content.trim_ascii().is_empty() {
                self.blank += 1;
                continue;
            }
            let row = object(name, start, content)?;
            let space = content.len() - content.trim_ascii_start().len();
            return Ok(Some(row.at(Origin::json(start.after(&content[..space])))));
        }
    }

    fn blank_lines(&self) -> u64 {
        self.blank
    }
}

/// The row that `bytes`, which begin at `start`, are.
pub(super) fn object(name: &str, start: Position, bytes: &[u8]) -> Result<RawRow, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let (valid, broken) = bytes.split_at(error.valid_up_to());
        bad(name, start.after(valid), not_utf8(broken), bytes)
    })?;
    RawRow::parse(text).map_err(|no_row| {
        let before = match &no_row {
            NoRow::Broken(error) => offset(text, error),
            NoRow::Other(_) => text.len() - text.trim_ascii_start().len(),
        };
        bad(name, start.after(&bytes[..before]), no_row, bytes)
    })
}
