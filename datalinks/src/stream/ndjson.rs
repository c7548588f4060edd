//! Decoder for NDJSON: one JSON value per line.
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

use std::ops::Range;

use bytes::Bytes;
use memchr::memchr;

use super::limit::{self, LimitExceeded};

const BOM: &[u8] = &[0xEF, 0xBB, 0xBF];

/// A decoder that splits chunks of bytes into lines.
///
/// - Only LF ends a line. White space around the JSON belongs to the line and has no effect.
/// - Blank lines are skipped and not counted. Every other line is yielded and counted.
/// - Only [`finish`](Self::finish) returns the text after the last LF, because it is a line only if the stream ended
///   without an error.
/// - One byte order mark at the start is dropped. A line over the limit ends the decoder.
#[derive(Debug)]
pub struct Decoder {
    limit: usize,
    chunk: Bytes,
    position: usize,
    carry: Vec<u8>,
    /// Set if the line yielded last is in `carry`.
    carry_yielded: bool,
    /// The line yielded last, in `carry` or in the chunk.
    line: Range<usize>,
    /// Set until the first line. A byte order mark may come.
    at_start: bool,
    exceeded: Option<LimitExceeded>,
}

/// A line that is not blank, without its line end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Line<'a>(&'a [u8]);

impl<'a> Line<'a> {
    /// Returns the bytes of the line.
    pub fn bytes(&self) -> &'a [u8] {
        self.0
    }

    /// Deserializes the line as JSON.
    ///
    /// # Errors
    ///
    /// Fails if the line is not JSON, or does not fit the type. The line is counted nevertheless.
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
            carry_yielded: false,
            line: 0..0,
            at_start: true,
            exceeded: None,
        }
    }
}

impl Decoder {
    /// Creates a decoder at the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the maximum size of a line in bytes. Defaults to 16 MiB.
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Adds the next chunk. Lines of earlier chunks that were not taken are kept.
    pub fn push(&mut self, chunk: Bytes) {
        if self.exceeded.is_some() {
            // The decoder yields no more data, so it keeps none.
            return;
        }
        let rest = self.chunk.slice(self.position..);
        self.chunk = if rest.is_empty() { chunk } else { [rest, chunk].concat().into() };
        self.position = 0;
    }

    /// Returns the next complete line, or `None` if it needs another chunk.
    ///
    /// # Errors
    ///
    /// - [`LimitExceeded`] if a line is over the limit. Every later call returns the same error.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend what it owns")]
    pub fn next(&mut self) -> Result<Option<Line<'_>>, LimitExceeded> {
        Ok(if self.advance()? { Some(Line(self.line())) } else { None })
    }

    /// Reads the next complete line, which [`line`](Self::line) then returns. Returns `false` if it needs another chunk.
    pub(crate) fn advance(&mut self) -> Result<bool, LimitExceeded> {
        self.clear_yielded();
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
                // The connection reuses the memory of a chunk that is free when it reads the next one.
                (self.chunk, self.position) = Default::default();
                return Ok(false);
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
            self.carry_yielded = from_carry;
            self.line = if from_carry { skip..line.len() } else { start + skip..start + length };
            return Ok(true);
        }
    }

    /// Returns the line that [`advance`](Self::advance) has read, until the next call of another method.
    pub(crate) fn line(&self) -> &[u8] {
        let text = if self.carry_yielded { &self.carry[..] } else { &self.chunk[..] };
        text.get(self.line.clone()).unwrap_or_default()
    }

    /// Returns the text after the last line end, or `None` if it is blank. It is a line only if the stream ended
    /// without an error. Otherwise it is part of a line.
    ///
    /// # Errors
    ///
    /// - [`LimitExceeded`] if it is over the limit, or if an earlier line was.
    pub fn finish(&mut self) -> Result<Option<Line<'_>>, LimitExceeded> {
        self.clear_yielded();
        if let Some(exceeded) = self.exceeded {
            return Err(exceeded);
        }
        if self.carry.len() + self.chunk.len() - self.position > self.limit {
            return Err(self.exceed());
        }
        let rest = self.chunk.slice(self.position..);
        self.position = self.chunk.len();
        self.carry.extend_from_slice(&rest);
        self.carry_yielded = true;
        let skip = if self.at_start && self.carry.starts_with(BOM) { BOM.len() } else { 0 };
        let line = &self.carry[skip..];
        Ok((!is_blank(line)).then_some(Line(line)))
    }

    fn clear_yielded(&mut self) {
        if std::mem::take(&mut self.carry_yielded) {
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

/// Returns `true` if a line contains only JSON white space.
fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}
