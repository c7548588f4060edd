//! The records of delimited text, valid or bad.

use super::split::{Progress, Splitter};
use crate::read::{
    bad_row::{RowError, bad, not_utf8, over_limit},
    lines::Lines,
    origin::{CellStart, Origin, TextCells},
    position::{Position, characters},
};

/// A reader of records.
pub(super) struct CsvRecords {
    lines: Lines,
    limit: usize,
    splitter: Splitter,
    /// The current record as it is in the file.
    record: Vec<u8>,
    /// Offsets in `record` at which its lines begin.
    starts: Vec<usize>,
    /// Number of its first line.
    first: u64,
    /// Blank lines so far, and their number when `keep` was called.
    blank: u64,
    blank_before: u64,
    /// Number of kept bytes at which the records end.
    most_kept: usize,
}

impl CsvRecords {
    pub(super) fn new(lines: Lines, delimiter: u8, limit: usize) -> Self {
        let splitter = Splitter::new(delimiter);
        let (record, starts) = (Vec::new(), Vec::new());
        let most_kept = usize::MAX;
        Self { lines, limit, splitter, record, starts, first: 1, blank: 0, blank_before: 0, most_kept }
    }

    /// Keeps everything read from now on, so that it can be read again. The records end when `most` bytes are kept.
    pub(super) fn keep(&mut self, most: usize) {
        self.lines.keep();
        self.blank_before = self.blank;
        self.most_kept = most;
    }

    /// Returns to the position at which [`keep`](Self::keep) was called, and stops keeping.
    pub(super) fn rewind(&mut self) {
        self.lines.rewind();
        self.blank = self.blank_before;
        self.most_kept = usize::MAX;
    }

    /// Returns the number of blank lines so far.
    pub(super) fn blank_lines(&self) -> u64 {
        self.blank
    }

    pub(super) fn name(&self) -> &str {
        self.lines.name()
    }

    /// Reads the next record, whose cells [`cells`](Self::cells) returns. Returns `false` at the end. Blank lines are
    /// not records.
    pub(super) fn next(&mut self) -> Result<bool, RowError> {
        self.record.clear();
        self.starts.clear();
        self.splitter.clear();
        loop {
            let from = self.record.len();
            // Blank lines are kept as well, and any number of them may come before the next record.
            if from == 0 && self.lines.kept() >= self.most_kept {
                return Ok(false);
            }
            let Some(line) = self.lines.next(&mut self.record)? else {
                if from == 0 {
                    return Ok(false);
                }
                return Err(self.not_closed());
            };
            if from == 0 {
                if line.content == 0 && !line.too_long {
                    self.blank += 1;
                    self.record.clear();
                    continue;
                }
                self.first = line.number;
            }
            self.starts.push(from);
            if line.too_long {
                return Err(match from {
                    0 => self.bad(0, over_limit("the line", self.limit)),
                    _ => self.not_closed(),
                });
            }
            let (content, end) = self.record[from..].split_at(line.content);
            match self.splitter.push(from, content, end) {
                Progress::Whole => return Ok(true),
                Progress::Broken(at, how) => return Err(self.broken(at, how)),
                Progress::Open if self.record.len() > self.limit => return Err(self.not_closed()),
                Progress::Open => {}
            }
        }
    }

    /// Returns the cells of the record.
    pub(super) fn cells(&self) -> Result<impl ExactSizeIterator<Item = &str> + Clone, RowError> {
        self.splitter.cells().ok_or_else(|| {
            let valid = std::str::from_utf8(&self.record).map_or_else(|error| error.valid_up_to(), str::len);
            self.bad(valid, not_utf8(&self.record[valid..]))
        })
    }

    /// Returns `true` if a cell of the record is in quotes.
    pub(super) fn is_quoted(&self, cell: usize) -> bool {
        self.splitter.is_quoted(cell)
    }

    /// Returns the number of cells of the record.
    pub(super) fn len(&self) -> usize {
        self.splitter.len()
    }

    /// Creates the error for a record with another number of cells than there are columns.
    pub(super) fn wrong_count(&self, columns: usize) -> RowError {
        let cells = self.splitter.len();
        // The position is that of the first excess cell, or of the first missing one.
        let s = if cells == 1 { "" } else { "s" };
        self.bad_cell(cells.min(columns), format_args!("{cells} cell{s} instead of {columns}"))
    }

    /// Creates the error for a record with one bad cell.
    pub(super) fn bad_cell(&self, cell: usize, message: impl std::fmt::Display) -> RowError {
        self.bad(self.splitter.start(cell), message)
    }

    /// Creates the error for a record that is bad at an offset.
    pub(super) fn bad(&self, at: usize, message: impl std::fmt::Display) -> RowError {
        bad(self.lines.name(), self.position(at), message, &self.record)
    }

    /// Returns the position in the file of an offset in the record. `Position::after` counts LFs only, but a CR may end
    /// a line here.
    fn position(&self, at: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= at).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        Position { line: self.first + line as u64, column: 1 + characters(&self.record[start..at]) }
    }

    /// Returns the positions of the record and its cells in the file. `inferred` is set if the cells have inferred
    /// types.
    pub(super) fn origin(&self, inferred: bool) -> Origin {
        let mut starts = Vec::with_capacity(self.splitter.len());
        let (mut line, mut from, mut column) = (0, 0, 1);
        for cell in 0..self.splitter.len() {
            let at = self.splitter.start(cell);
            while let Some(start) = self.starts.get(line + 1).filter(|start| **start <= at) {
                (line, from, column) = (line + 1, *start, 1);
            }
            column += characters(&self.record[from..at]);
            from = at;
            // The default limit of a record is far below `u32::MAX`. With a higher limit, positions are less exact.
            let small = |number| u32::try_from(number).unwrap_or(u32::MAX);
            starts.push(CellStart { lines: small(line as u64), column: small(column) });
        }
        let cells = TextCells { starts: starts.into(), inferred };
        Origin::text(Position::of_line(self.first), cells)
    }

    /// Handles a syntax error at an offset in the record.
    ///
    /// If the cell at that offset begins on an earlier line, it is in quotes. One of its two quotes is stray, and the
    /// lines between them may be valid records, so they are read again.
    fn broken(&mut self, at: usize, how: &str) -> RowError {
        let opened = self.opened();
        if self.lines_up_to(opened) == self.lines_up_to(at) {
            return self.bad(at, how);
        }
        let position = self.position(at);
        self.give_back_behind(opened);
        self.bad(opened, format_args!("a quote is not closed before {position}, where {how}"))
    }

    /// Handles a quote that is not closed.
    fn not_closed(&mut self) -> RowError {
        let opened = self.opened();
        self.give_back_behind(opened);
        self.bad(opened, "a quote is not closed")
    }

    /// Returns the offset in the record at which its unfinished cell begins.
    fn opened(&self) -> usize {
        self.splitter.start(self.splitter.len())
    }

    /// Returns the number of lines of the record that begin at or before an offset.
    fn lines_up_to(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at)
    }

    /// LineEnds the record after the line in which its unfinished cell begins, and pushes back the lines after it. They are
    /// read as records of their own, so that a stray quote does not invalidate all lines up to the next quote.
    ///
    /// No byte is read a third time. Between the opening quote and the quote that closes the cell, the pushed-back
    /// lines contain quotes in pairs only, because any other quote would have closed the cell. A pair does not open a
    /// cell that continues in the next line. Therefore each line before the last is a complete record when it is read
    /// again, and the last line is the first line of its record. A first line is never pushed back.
    fn give_back_behind(&mut self, opened: usize) {
        let lines = self.lines_up_to(opened);
        if let Some(&end) = self.starts.get(lines) {
            self.lines.give_back(self.first + lines as u64 - 1, &self.record[end..]);
            self.record.truncate(end);
            self.starts.truncate(lines);
        }
    }
}
