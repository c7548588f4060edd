//! Cutting text into lines.

use memchr::{memchr, memchr2};

use super::{input::Input, position::Position};
use crate::error::Error;

/// What ends a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ends {
    /// LF alone.
    Lf,
    /// LF, and the CRs right before it. A CR anywhere else is a part of its line.
    CrLf,
    /// LF, CR LF, and a CR alone.
    Any,
}

/// A line was read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: u64,
    /// How many bytes it has without its end; at most the limit. Only with [`Ends::CrLf`] do CRs count against it.
    pub(super) content: usize,
    /// It has more bytes than the limit allows; what is over was dropped.
    pub(super) too_long: bool,
}

/// The lines of a text.
pub(super) struct Lines {
    input: Input,
    ends: Ends,
    limit: usize,
    next: u64,
    kept: Option<Kept>,
}

/// Lines that are to be read again.
struct Kept {
    /// The number of the first one.
    first: u64,
    bytes: Vec<u8>,
}

impl Lines {
    pub(super) fn new(input: Input, ends: Ends, limit: usize) -> Self {
        Self { input, ends, limit, next: 1, kept: None }
    }

    pub(super) fn name(&self) -> &str {
        self.input.name()
    }

    /// How many bytes a line may have.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// The next bytes, or all there are, without reading them.
    pub(super) fn look_ahead(&mut self, count: usize) -> &[u8] {
        self.input.look_ahead(count)
    }

    /// Appends the next line, with its end, to `bytes`; nothing at the end of the text.
    ///
    /// Of a line that is too long, one byte more than the limit is kept: so it still is too long when it is given back
    /// and read again. When there is an error, half a line may have been appended: it is not to be used.
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
                // The line is whole. What is wrong is said when the next one is asked for.
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
                Ends::Lf | Ends::CrLf => memchr(b'\n', chunk),
                Ends::Any => memchr2(b'\n', b'\r', chunk),
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
            // Whether a LF belongs to this CR is seen in the bytes that follow.
            after_cr = true;
        }
        let too_long = content > self.limit;
        if self.ends == Ends::CrLf && !too_long {
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

    /// Gives lines back that were read last. The one before them has this number.
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

    /// How many bytes are kept.
    pub(super) fn kept(&self) -> usize {
        self.kept.as_ref().map_or(0, |kept| kept.bytes.len())
    }

    /// Goes back to the first line that was kept, and keeps no more.
    pub(super) fn rewind(&mut self) {
        if let Some(kept) = self.kept.take() {
            self.input.read_again(kept.bytes);
            self.next = kept.first;
        }
    }
}
