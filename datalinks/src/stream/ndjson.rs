//! One JSON value a line.
//!
//! ```
//! use datalinks::stream::ndjson::Decoder;
//!
//! # fn main() -> Result<(), datalinks::stream::LimitExceeded> {
//! let mut decoder = Decoder::new();
//! decoder.push("{\"type\":\"complete\"}\n{\"ty".into());
//! while let Some(line) = decoder.next()? {
//!     assert_eq!(line.bytes(), b"{\"type\":\"complete\"}");
//! }
//! assert_eq!(decoder.finish()?.unwrap().bytes(), b"{\"ty");
//! # Ok(())
//! # }
//! ```

use bytes::Bytes;
use memchr::memchr;

use super::limit::{self, LimitExceeded};

const BOM: &[u8] = &[0xEF, 0xBB, 0xBF];

/// Cuts chunks of bytes into lines.
///
/// - Only LF ends a line; white space around the JSON belongs to the line and means nothing.
/// - Blank lines are skipped and not counted; every other line is handed out and counts.
/// - What follows the last LF is handed out by [`finish`](Self::finish) alone: whether it is a line is
///   known only when the stream has ended well.
/// - One byte order mark at the start is dropped; a line over the limit ends the decoder.
#[derive(Debug)]
pub struct Decoder {
    limit: usize,
    chunk: Bytes,
    position: usize,
    carry: Vec<u8>,
    /// The line handed out last stands in `carry`.
    carry_handed_out: bool,
    /// Nothing was read yet: a byte order mark may come.
    at_start: bool,
    exceeded: Option<LimitExceeded>,
}

/// A line that is not blank, without its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Line<'a>(&'a [u8]);

impl<'a> Line<'a> {
    /// Its bytes.
    pub fn bytes(&self) -> &'a [u8] {
        self.0
    }

    /// Reads it as JSON.
    ///
    /// # Errors
    ///
    /// When it is not JSON, or not of that type. The line counts all the same.
    pub fn json<T: serde::Deserialize<'a>>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(self.0)
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            limit: limit::DEFAULT,
            chunk: Bytes::new(),
            position: 0,
            carry: Vec::new(),
            carry_handed_out: false,
            at_start: true,
            exceeded: None,
        }
    }
}

impl Decoder {
    /// A decoder at the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Longest line, in bytes. Default 16 MiB.
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Takes the next chunk. Lines of the last one that were not taken are still there.
    pub fn push(&mut self, chunk: Bytes) {
        if self.exceeded.is_some() {
            // Nothing more will come out: so nothing more is kept.
            return;
        }
        let rest = self.chunk.slice(self.position..);
        self.chunk = if rest.is_empty() { chunk } else { [rest, chunk].concat().into() };
        self.position = 0;
    }

    /// The next line that is complete; nothing when another chunk is needed.
    ///
    /// # Errors
    ///
    /// When a line is over the limit; the same again from then on.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend what it owns")]
    pub fn next(&mut self) -> Result<Option<Line<'_>>, LimitExceeded> {
        self.clear_handed_out();
        if let Some(exceeded) = self.exceeded {
            return Err(exceeded);
        }
        loop {
            let rest = &self.chunk[self.position..];
            let end = memchr(b'\n', rest);
            let length = end.unwrap_or(rest.len());
            if self.carry.len() + length > self.limit {
                return Err(self.exceed());
            }
            let start = self.position;
            let Some(length) = end else {
                self.carry.extend_from_slice(rest);
                self.position = self.chunk.len();
                return Ok(None);
            };
            self.position = start + length + 1;
            let from_carry = !self.carry.is_empty();
            if from_carry {
                self.carry.extend_from_slice(&self.chunk[start..start + length]);
            }
            let line = if from_carry { &self.carry[..] } else { &self.chunk[start..start + length] };
            let skip =
                if std::mem::take(&mut self.at_start) && line.starts_with(BOM) { BOM.len() } else { 0 };
            if is_blank(&line[skip..]) {
                self.carry.clear();
                continue;
            }
            self.carry_handed_out = from_carry;
            let line = if from_carry { &self.carry[..] } else { &self.chunk[start..start + length] };
            return Ok(Some(Line(&line[skip..])));
        }
    }

    /// What follows the last line end, unless it is blank. Only after a stream that ended well can it
    /// be a line; after one that was cut it is a part of one.
    ///
    /// # Errors
    ///
    /// When it is over the limit, or a line before it was.
    pub fn finish(&mut self) -> Result<Option<Line<'_>>, LimitExceeded> {
        self.clear_handed_out();
        if let Some(exceeded) = self.exceeded {
            return Err(exceeded);
        }
        if self.carry.len() + self.chunk.len() - self.position > self.limit {
            return Err(self.exceed());
        }
        let rest = self.chunk.slice(self.position..);
        self.position = self.chunk.len();
        self.carry.extend_from_slice(&rest);
        self.carry_handed_out = true;
        let skip = if self.at_start && self.carry.starts_with(BOM) { BOM.len() } else { 0 };
        let line = &self.carry[skip..];
        Ok((!is_blank(line)).then_some(Line(line)))
    }

    fn clear_handed_out(&mut self) {
        if std::mem::take(&mut self.carry_handed_out) {
            self.carry.clear();
        }
    }

    fn exceed(&mut self) -> LimitExceeded {
        let exceeded = LimitExceeded { what: "a line", limit: self.limit };
        self.exceeded = Some(exceeded);
        (self.chunk, self.carry, self.position) = Default::default();
        exceeded
    }
}

/// Nothing but JSON white space.
fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}
