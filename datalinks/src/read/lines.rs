//! Splitting text into lines.

use memchr::{memchr, memchr2};

use super::{input::Input, position::Position};
use crate::error::Error;

/// The line ends of a text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum LineEnds {
    /// LF alone.
    Lf,
    /// LF, and the CRs immediately before it. A CR elsewhere is part of its line.
    CrLf,
    /// LF, CR LF, and a CR alone.
    Any,
}

/// A line that was read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Line {
    /// Number of the line, from 1.
    pub(super) number: u64,
    /// Length in bytes without the line end, at most the limit. CRs before the LF count against the limit only with
    /// [`LineEnds::CrLf`].
    pub(super) content: usize,
    /// Set if the line exceeds the limit. The bytes over the limit were dropped.
    pub(super) too_long: bool,
}

/// The lines of a text.
pub(super) struct Lines {
    input: Input,
    ends: LineEnds,
    limit: usize,
    next: u64,
    kept: Option<Kept>,
}

/// Lines that will be read again.
struct Kept {
    /// Number of the first one.
    first: u64,
    bytes: Vec<u8>,
}

impl Lines {
    pub(super) fn new(input: Input, ends: LineEnds, limit: usize) -> Self {
        Self { input, ends, limit, next: 1, kept: None }
    }

    pub(super) fn name(&self) -> &str {
        self.input.name()
    }

    /// Returns the maximum length of a line in bytes.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Returns the next bytes without consuming them, or fewer at the end.
    pub(super) fn look_ahead(&mut self, count: usize) -> &[u8] {
        self.input.look_ahead(count)
    }

    /// Appends the next line, with its line end, to `bytes`. Returns `None` at the end of the text.
    ///
    /// Of a line over the limit, one byte more than the limit is kept, so that it is still over the limit when it is
    /// pushed back and read again. After an error, `bytes` may contain part of a line and must not be used.
    pub(super) fn next(&mut self, bytes: &mut Vec<u8>) -> Result<Option<Line>, Error> {
        let start = bytes.len();
        let room = start.saturating_add(self.limit).saturating_add(1);
        let mut content = 0;
        let mut any = false;
        let mut after_cr = false;
        loop {
            let position = Position::of_line(self.next + u64::from(after_cr));
            let chunk = match self.input.fill(position) {
                Ok(chunk) => chunk,
                // The line is complete. The next call reports the error.
                Err(_) if after_cr => break,
                Err(error) => return Err(error),
            };
            if chunk.is_empty() {
                if !any {
                    return Ok(None);
                }
                break;
            }
            if after_cr {
                if chunk[0] == b'\n' {
                    bytes.push(b'\n');
                    self.input.consume(1);
                }
                break;
            }
            any = true;
            let end = match self.ends {
                LineEnds::Lf | LineEnds::CrLf => memchr(b'\n', chunk),
                LineEnds::Any => memchr2(b'\n', b'\r', chunk),
            };
            let part = &chunk[..end.unwrap_or(chunk.len())];
            let kept = part.len().min(room.saturating_sub(bytes.len()));
            bytes.extend_from_slice(&part[..kept]);
            content = bytes.len() - start;
            let part = part.len();
            let Some(end) = end else {
                self.input.consume(part);
                continue;
            };
            let ending = chunk[end];
            bytes.push(ending);
            self.input.consume(end + 1);
            if ending == b'\n' {
                break;
            }
            // The next byte decides if a LF belongs to this CR.
            after_cr = true;
        }
        let too_long = content > self.limit;
        if self.ends == LineEnds::CrLf && !too_long {
            let line = &bytes[start..start + content];
            content = line.iter().rposition(|byte| *byte != b'\r').map_or(0, |last| last + 1);
        }
        if let Some(kept) = &mut self.kept {
            kept.bytes.extend_from_slice(&bytes[start..]);
        }
        let line = Line { number: self.next, content: content.min(self.limit), too_long };
        self.next += 1;
        Ok(Some(line))
    }

    /// Pushes back the lines read last. `number` is the number of the line before them.
    pub(super) fn give_back(&mut self, number: u64, bytes: &[u8]) {
        self.input.give_back(bytes);
        self.next = number + 1;
        if let Some(kept) = &mut self.kept {
            kept.bytes.truncate(kept.bytes.len().saturating_sub(bytes.len()));
        }
    }

    /// Keeps the lines that are read from now on.
    pub(super) fn keep(&mut self) {
        self.kept = Some(Kept { first: self.next, bytes: Vec::new() });
    }

    /// Returns the number of kept bytes.
    pub(super) fn kept(&self) -> usize {
        self.kept.as_ref().map_or(0, |kept| kept.bytes.len())
    }

    /// Returns to the first kept line, and stops keeping.
    pub(super) fn rewind(&mut self) {
        if let Some(kept) = self.kept.take() {
            self.input.read_again(kept.bytes);
            self.next = kept.first;
        }
    }
}
