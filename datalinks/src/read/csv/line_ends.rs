//! Finding out what ends a line.

use super::{separator, sniff::DELIMITERS, split::QUOTE};
use crate::read::{input::Input, lines::Ends, utf16::BUFFER};

/// What ends the lines of a file, by its first line ends outside of quotes.
///
/// Where the first two are CRs alone, as old Mac programs write them, a CR ends a line everywhere. In any other file a
/// CR alone stands inside a cell by a mistake, and to end the line there would make two wrong records of one.
pub(super) fn find(input: &mut Input, delimiter: Option<u8>, limit: usize) -> Ends {
    let mut scan = Scan::new(delimiter);
    let mut scanned = 0;
    loop {
        let bytes = input.peek(scanned + 1);
        if bytes.len() == scanned {
            return scan.at_end();
        }
        while scanned < bytes.len() {
            // The line that names the delimiter has just ended.
            if bytes[scanned] == b'\r' && scan.delimiter.is_none() && scan.run + scan.alone == 0 {
                scan.delimiter = separator::declared(&bytes[..scanned]);
            }
            if let Some(ends) = scan.take(bytes[scanned]) {
                return ends;
            }
            scanned += 1;
        }
        // No record is longer, so this is about a quote that is not closed.
        if scanned > limit.saturating_add(BUFFER) {
            return scan.at_end();
        }
    }
}

struct Scan {
    delimiter: Option<u8>,
    state: State,
    /// CRs that stand right before the next byte.
    run: usize,
    /// CRs that no LF followed.
    alone: usize,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum State {
    /// A quote here begins a cell in quotes.
    Start,
    Plain,
    Quoted,
    /// Behind a quote that ends the cell, or is the first half of a doubled one.
    Closing,
}

impl Scan {
    fn new(delimiter: Option<u8>) -> Self {
        Self { delimiter, state: State::Start, run: 0, alone: 0 }
    }

    fn take(&mut self, byte: u8) -> Option<Ends> {
        if self.state == State::Quoted {
            if byte == QUOTE {
                self.state = State::Closing;
            }
            return None;
        }
        match byte {
            b'\n' => return Some(Ends::CrLf),
            b'\r' => {
                self.run += 1;
                self.state = State::Start;
                return None;
            }
            _ => {}
        }
        self.alone += std::mem::take(&mut self.run);
        if self.alone > 1 {
            return Some(Ends::Any);
        }
        let delimits = match self.delimiter {
            Some(delimiter) => byte == delimiter,
            None => DELIMITERS.contains(&byte),
        };
        self.state = match self.state {
            State::Start | State::Closing if byte == QUOTE => State::Quoted,
            _ if delimits => State::Start,
            _ => State::Plain,
        };
        None
    }

    fn at_end(&self) -> Ends {
        if self.alone + self.run > 0 { Ends::Any } else { Ends::CrLf }
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Cursor, sync::Arc};

    use super::*;

    fn ends(text: &str) -> Ends {
        let mut input = Input::of_utf8(Arc::from("x"), Box::new(Cursor::new(text.to_owned())));
        let ends = find(&mut input, None, 1 << 20);
        assert_eq!(input.look_ahead(usize::MAX), text.as_bytes());
        ends
    }

    #[test]
    fn carriage_returns_alone_end_lines_only_where_they_come_first() {
        for text in [
            "a,b\r1,2\r",
            "a\r\r1\r",
            "a,b\r1,2",
            "a\r",
            "\"x\ny\",b\r1,\"\n\"\r",
            "a\rb\r1\n",
            "sep=^\r\"a\"^\"\n\"\r1^2\r",
        ] {
            assert_eq!(ends(text), Ends::Any, "{text:?}");
        }
        for text in [
            "",
            "a",
            "a\n1\r2\r",
            "a\r\n1\r",
            "a\r\r\n1",
            "\"x\ry\rz\",b\n",
            "a;\"\r\"\"\r\"\n",
            "a\rb,c\n1\r2\r",
        ] {
            assert_eq!(ends(text), Ends::CrLf, "{text:?}");
        }
    }
}
