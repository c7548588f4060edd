//! The records of delimited text, good and bad.

use super::split::{Progress, Splitter};
use crate::read::{
    bad_row::{Fault, bad, not_utf8, over_limit},
    lines::Lines,
    origin::{CellStart, Origin, TextCells},
    position::{Position, characters},
};

/// Reads one record after the other.
pub(super) struct CsvRecords {
    lines: Lines,
    limit: usize,
    splitter: Splitter,
    /// The record as it stands in the file.
    record: Vec<u8>,
    /// Where in `record` its lines begin.
    starts: Vec<usize>,
    /// The number of its first line.
    first: u64,
    /// Blank lines so far, and as many as there were when lines were kept.
    blank: u64,
    blank_before: u64,
    /// Bytes that are kept before no more is read.
    most_kept: usize,
}

impl CsvRecords {
    pub(super) fn new(lines: Lines, delimiter: u8, limit: usize) -> Self {
        let splitter = Splitter::new(delimiter);
        let (record, starts) = (Vec::new(), Vec::new());
        let most_kept = usize::MAX;
        Self { lines, limit, splitter, record, starts, first: 1, blank: 0, blank_before: 0, most_kept }
    }

    /// Keeps what is read from now on, so that it can be read again. The records end when this many bytes are kept.
    pub(super) fn keep(&mut self, most: usize) {
        self.lines.keep();
        self.blank_before = self.blank;
        self.most_kept = most;
    }

    /// Goes back to where [`keep`](Self::keep) was called, and keeps no more.
    pub(super) fn rewind(&mut self) {
        self.lines.rewind();
        self.blank = self.blank_before;
        self.most_kept = usize::MAX;
    }

    /// Blank lines so far.
    pub(super) fn blank_lines(&self) -> u64 {
        self.blank
    }

    pub(super) fn name(&self) -> &str {
        self.lines.name()
    }

    /// Reads the next record, to be looked at by [`cells`](Self::cells); false at the end. Blank lines are no
    /// records.
    pub(super) fn next(&mut self) -> Result<bool, Fault> {
        self.record.clear();
        self.starts.clear();
        self.splitter.clear();
        loop {
            let from = self.record.len();
            // Blank lines are kept, too, and there may be any number of them before the next record.
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

    /// The cells of the record.
    pub(super) fn cells(&self) -> Result<impl ExactSizeIterator<Item = &str> + Clone, Fault> {
        self.splitter.cells().ok_or_else(|| {
            let valid = std::str::from_utf8(&self.record).map_or_else(|error| error.valid_up_to(), str::len);
            self.bad(valid, not_utf8(&self.record[valid..]))
        })
    }

    /// Whether a cell of the record stands in quotes.
    pub(super) fn is_quoted(&self, cell: usize) -> bool {
        self.splitter.is_quoted(cell)
    }

    /// How many cells the record has.
    pub(super) fn len(&self) -> usize {
        self.splitter.len()
    }

    /// The record has another number of cells than there are columns.
    pub(super) fn wrong_count(&self, columns: usize) -> Fault {
        let cells = self.splitter.len();
        // The first cell too many, or where the first one missing would be.
        let s = if cells == 1 { "" } else { "s" };
        self.bad_cell(cells.min(columns), format_args!("{cells} cell{s} instead of {columns}"))
    }

    /// The record is bad because of one cell.
    pub(super) fn bad_cell(&self, cell: usize, message: impl std::fmt::Display) -> Fault {
        self.bad(self.splitter.start(cell), message)
    }

    /// The record is bad at an offset in it.
    pub(super) fn bad(&self, at: usize, message: impl std::fmt::Display) -> Fault {
        bad(self.lines.name(), self.position(at), message, &self.record)
    }

    /// Where in the file an offset in the record is. `Position::after` will not do: a CR may end a line here.
    fn position(&self, at: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= at).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        Position { line: self.first + line as u64, column: 1 + characters(&self.record[start..at]) }
    }

    /// Where the record and its cells stand in the file. `inferred` says that cells get types.
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
            // The limit of a record is far below; one that is set higher makes the places less exact.
            let small = |number| u32::try_from(number).unwrap_or(u32::MAX);
            starts.push(CellStart { lines: small(line as u64), column: small(column) });
        }
        let cells = TextCells { starts: starts.into(), inferred };
        Origin::text(Position::of_line(self.first), cells)
    }

    /// The record is broken at an offset in it.
    ///
    /// If the cell there begins on an earlier line, it is in quotes. Either the quote that opens it or the one that closes
    /// it is stray, and the lines between them may be good records, so they are read again.
    fn broken(&mut self, at: usize, how: &str) -> Fault {
        let opened = self.opened();
        if self.lines_up_to(opened) == self.lines_up_to(at) {
            return self.bad(at, how);
        }
        let position = self.position(at);
        self.give_back_behind(opened);
        self.bad(opened, format_args!("a quote is not closed before {position}, where {how}"))
    }

    /// A quote is not closed.
    fn not_closed(&mut self) -> Fault {
        let opened = self.opened();
        self.give_back_behind(opened);
        self.bad(opened, "a quote is not closed")
    }

    /// Where in the record the cell begins that is not finished.
    fn opened(&self) -> usize {
        self.splitter.start(self.splitter.len())
    }

    /// How many lines of the record begin at or before an offset in it.
    fn lines_up_to(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at)
    }

    /// Ends the record with the line in which its unfinished cell begins, and has the lines behind it read as other
    /// records. Otherwise one stray quote would take all lines up to the next one, or the rest of the file, with it.
    ///
    /// No byte is read a third time. Up to the quote that closes the cell, what is given back holds quotes in pairs only, as
    /// any other would have closed it, and a pair opens nothing that goes on in the next line. So each line before the
    /// last is a record by itself when it is read again, and the last line is the first one of its record. A first line is
    /// never given back.
    fn give_back_behind(&mut self, opened: usize) {
        let lines = self.lines_up_to(opened);
        if let Some(&end) = self.starts.get(lines) {
            self.lines.give_back(self.first + lines as u64 - 1, &self.record[end..]);
            self.record.truncate(end);
            self.starts.truncate(lines);
        }
    }
}
