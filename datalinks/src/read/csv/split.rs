//! Splitting a record into cells.
//!
//! This is our own code because the usual parsers accept invalid quoting: a quote that is never closed would make one
//! valid row of the rest of the file. For valid records, the cells are those of the `csv` crate, which a test verifies.

use memchr::{memchr, memchr2};

pub(super) const QUOTE: u8 = b'"';
/// An error for files in which CRs do not end lines.
const STRAY_CR: &str = "a carriage return without a line feed is outside of quotes";

/// A record that is passed in line by line.
pub(super) struct Splitter {
    delimiter: u8,
    state: State,
    /// The text of all cells, without quotes and delimiters.
    text: Vec<u8>,
    /// The cells of the record.
    cells: Vec<Cell>,
    /// Offset in the record at which the current cell begins.
    start: usize,
}

#[derive(Clone, Copy)]
struct Cell {
    end: usize,
    start: usize,
    quoted: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    /// At the start of a cell.
    Start,
    /// In a cell without quotes. A quote in it is text.
    Plain,
    /// Between quotes.
    Quoted,
    /// After a quote that either closes the cell or is the first of a doubled quote.
    Closing,
}

/// The state of the record after a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Progress {
    /// The record ends with this line.
    Whole,
    /// The line ends inside quotes, so the record continues.
    Open,
    /// The record is invalid at this offset, for this reason.
    Broken(usize, &'static str),
}

impl Splitter {
    pub(super) fn new(delimiter: u8) -> Self {
        Self { delimiter, state: State::Start, text: Vec::new(), cells: Vec::new(), start: 0 }
    }

    /// Begins a new record.
    pub(super) fn clear(&mut self) {
        self.state = State::Start;
        self.text.clear();
        self.cells.clear();
        self.start = 0;
    }

    /// Adds the line that begins at offset `from` of the record. `end` is its line end, which is text inside quotes.
    pub(super) fn push(&mut self, from: usize, content: &[u8], end: &[u8]) -> Progress {
        let mut at = 0;
        while let Some(&byte) = content.get(at) {
            let left = &content[at..];
            match self.state {
                State::Start if byte == QUOTE => {
                    self.state = State::Quoted;
                    at += 1;
                }
                State::Start | State::Plain => {
                    let length = memchr2(self.delimiter, b'\r', left);
                    self.text.extend_from_slice(&left[..length.unwrap_or(left.len())]);
                    self.state = State::Plain;
                    at += match length {
                        Some(length) if left[length] == self.delimiter => {
                            self.close_cell(from + at + length + 1);
                            length + 1
                        }
                        Some(length) => return Progress::Broken(from + at + length, STRAY_CR),
                        None => left.len(),
                    };
                }
                State::Quoted => {
                    let length = memchr(QUOTE, left);
                    self.text.extend_from_slice(&left[..length.unwrap_or(left.len())]);
                    at += match length {
                        Some(length) => {
                            self.state = State::Closing;
                            length + 1
                        }
                        None => left.len(),
                    };
                }
                State::Closing if byte == QUOTE => {
                    self.text.push(QUOTE);
                    self.state = State::Quoted;
                    at += 1;
                }
                State::Closing if byte == self.delimiter => {
                    at += 1;
                    self.close_cell(from + at);
                }
                State::Closing if byte == b'\r' => return Progress::Broken(from + at, STRAY_CR),
                State::Closing => return Progress::Broken(from + at, "text follows a closing quote"),
            }
        }
        if self.state == State::Quoted {
            self.text.extend_from_slice(end);
            return Progress::Open;
        }
        self.close_cell(from + content.len());
        Progress::Whole
    }

    fn close_cell(&mut self, next: usize) {
        let quoted = self.state == State::Closing;
        self.cells.push(Cell { end: self.text.len(), start: self.start, quoted });
        self.start = next;
        self.state = State::Start;
    }

    /// Returns the number of cells.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// Returns the offset in the record at which a cell begins. The index after the last one returns the offset of the
    /// unfinished cell.
    pub(super) fn start(&self, cell: usize) -> usize {
        self.cells.get(cell).map_or(self.start, |cell| cell.start)
    }

    /// Returns `true` if a cell is in quotes.
    pub(super) fn is_quoted(&self, cell: usize) -> bool {
        self.cells.get(cell).is_some_and(|cell| cell.quoted)
    }

    /// Returns the text of the cells, or `None` if it is not UTF-8.
    pub(super) fn cells(&self) -> Option<impl ExactSizeIterator<Item = &str> + Clone> {
        let text = std::str::from_utf8(&self.text).ok()?;
        // A character that is split across two cells is invalid.
        if !self.cells.iter().all(|cell| text.is_char_boundary(cell.end)) {
            return None;
        }
        let mut start = 0;
        Some(self.cells.iter().map(move |cell| {
            let cell_text = &text[start..cell.end];
            start = cell.end;
            cell_text
        }))
    }
}
