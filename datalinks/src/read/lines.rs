//! Cutting text into lines.

use memchr::{memchr, memchr2};

use super::{input::Input, place::Place};
use crate::Error;

/// What ends a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ends {
    /// LF alone.
    Lf,
    /// LF, CR LF, and a CR alone.
    Any,
}

/// A line was read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: u64,
    /// How many bytes it has without its end; at most the limit.
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
    /// The line that was too long last: it still is when it is read again.
    cut: Option<u64>,
}

impl Lines {
    pub(super) fn new(input: Input, ends: Ends, limit: usize) -> Self {
        Self { input, ends, limit, next: 1, cut: None }
    }

    pub(super) fn name(&self) -> &str {
        self.input.name()
    }

    /// Appends the next line, with its end, to `bytes`; nothing at the end of the text.
    ///
    /// When there is an error, half a line may have been appended: it is not to be used.
    pub(super) fn next(&mut self, bytes: &mut Vec<u8>) -> Result<Option<Line>, Error> {
        let start = bytes.len();
        let room = start.saturating_add(self.limit);
        let mut line = Line { number: self.next, content: 0, too_long: self.cut == Some(self.next) };
        let mut any = false;
        let mut after_cr = false;
        loop {
            let chunk = self.input.fill(Place::of_line(self.next))?;
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
                Ends::Lf => memchr(b'\n', chunk),
                Ends::Any => memchr2(b'\n', b'\r', chunk),
            };
            let content = end.unwrap_or(chunk.len());
            line.too_long |= !keep(bytes, &chunk[..content], room);
            line.content = bytes.len() - start;
            let Some(end) = end else {
                self.input.consume(content);
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
        if line.too_long {
            self.cut = Some(line.number);
        }
        self.next += 1;
        Ok(Some(line))
    }

    /// Gives lines back that follow line `number`.
    pub(super) fn give_back(&mut self, number: u64, bytes: &[u8]) {
        self.input.give_back(bytes);
        self.next = number + 1;
    }
}

/// Appends until `bytes` has reached the limit; whether that was all.
fn keep(bytes: &mut Vec<u8>, more: &[u8], limit: usize) -> bool {
    let kept = more.len().min(limit.saturating_sub(bytes.len()));
    bytes.extend_from_slice(&more[..kept]);
    kept == more.len()
}
