//! Detection of line ends.

use super::{separator, sniff::DELIMITERS, split::QUOTE};
use crate::read::{
    input::{BUFFER, Input},
    lines::LineEnds,
};

/// Detects the line ends of a file from its first line ends outside of quotes.
///
/// If the first two are CRs alone, as old Mac programs write them, a CR ends a line everywhere. In any other file, a CR
/// alone is an error inside a cell, and ending the line there would make two wrong records of one.
pub(super) fn find(input: &mut Input, delimiter: Option<u8>, limit: usize) -> LineEnds {
    let mut scan = Scan::new(delimiter);
    let mut scanned = 0;
    loop {
        let bytes = input.peek(scanned + 1);
        if bytes.len() == scanned {
            return scan.at_end();
        }
        while scanned < bytes.len() {
            // The line that defines the delimiter ends here.
            if bytes[scanned] == b'\r' && scan.delimiter.is_none() && scan.run + scan.alone == 0 {
                scan.delimiter = separator::declared(&bytes[..scanned]);
            }
            if let Some(ends) = scan.take(bytes[scanned]) {
                return ends;
            }
            scanned += 1;
        }
        // A record cannot be longer, so a quote is not closed.
        if scanned > limit.saturating_add(BUFFER) {
            return scan.at_end();
        }
    }
}

struct Scan {
    delimiter: Option<u8>,
    state: State,
    /// Number of CRs immediately before the next byte.
    run: usize,
    /// Number of CRs that no LF followed.
    alone: usize,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum State {
    /// A quote here begins a quoted cell.
    Start,
    Plain,
    Quoted,
    /// After a quote that either closes the cell or is the first of a doubled quote.
    Closing,
}

impl Scan {
    fn new(delimiter: Option<u8>) -> Self {
        Self { delimiter, state: State::Start, run: 0, alone: 0 }
    }

    fn take(&mut self, byte: u8) -> Option<LineEnds> {
        if self.state == State::Quoted {
            if byte == QUOTE {
                self.state = State::Closing;
            }
            return None;
        }
        match byte {
            b'\n' => return Some(LineEnds::CrLf),
            b'\r' => {
                self.run += 1;
                self.state = State::Start;
                return None;
            }
            _ => {}
        }
        self.alone += std::mem::take(&mut self.run);
        if self.alone > 1 {
            return Some(LineEnds::Any);
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

    fn at_end(&self) -> LineEnds {
        if self.alone + self.run > 0 { LineEnds::Any } else { LineEnds::CrLf }
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Cursor, sync::Arc};

    use super::*;

    fn ends(text: &str) -> LineEnds {
        let mut input = Input::of_utf8(Arc::from("x"), Box::new(Cursor::new(text.to_owned())));
        let ends = find(&mut input, None, 1 << 20);
        assert_eq!(input.look_ahead(usize::MAX), text.as_bytes());
        ends
    }

    #[test]
    fn lone_carriage_returns_end_lines_only_if_they_come_first() {
        for text in [
            "a,b\r1,2\r",
            "a\r\r1\r",
            "a,b\r1,2",
            "a\r",
            "\"x\ny\",b\r1,\"\n\"\r",
            "a\rb\r1\n",
            "sep=^\r\"a\"^\"\n\"\r1^2\r",
        ] {
            assert_eq!(ends(text), LineEnds::Any, "{text:?}");
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
            assert_eq!(ends(text), LineEnds::CrLf, "{text:?}");
        }
    }

    #[test]
    fn quote_that_no_record_can_close_ends_the_search() {
        let ends = |quoted: usize, limit: usize| {
            let text = format!("x\r\"{}\"\n", "a".repeat(quoted));
            find(&mut Input::of_utf8(Arc::from("x"), Box::new(Cursor::new(text))), Some(b','), limit)
        };
        // The line end after the quote comes first, if the quote is closed.
        assert_eq!(ends(100, BUFFER), LineEnds::CrLf);
        assert_eq!(ends(2 * BUFFER, BUFFER), LineEnds::CrLf, "the record may be as long as the limit");
        assert_eq!(ends(3 * BUFFER, BUFFER), LineEnds::Any);
        assert_eq!(ends(3 * BUFFER, 2 * BUFFER), LineEnds::CrLf);
        assert_eq!(ends(3 * BUFFER, usize::MAX), LineEnds::CrLf);
    }
}
