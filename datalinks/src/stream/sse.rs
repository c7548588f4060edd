//! Server-sent events, by the text of the WHATWG standard.
//!
//! ```
//! use datalinks::stream::sse::Decoder;
//!
//! # fn main() -> Result<(), datalinks::stream::LimitExceeded> {
//! let mut decoder = Decoder::new();
//! decoder.push("event: plan\ndata: {}\n\ndata: half".into());
//! while let Some(event) = decoder.next()? {
//!     assert_eq!((event.name(), event.data()), ("plan", "{}"));
//! }
//! # Ok(())
//! # }
//! ```

use std::{borrow::Cow, ops::Range, time::Duration};

use bytes::Bytes;
use memchr::{memchr, memchr2};

use super::{LimitExceeded, limit};

const BOM: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// The fields that the standard knows. All others are dropped, and so are comments.
#[derive(Clone, Copy)]
enum Field {
    Data,
    Event,
    Id,
    Retry,
}

const FIELDS: [(&[u8], Field); 4] =
    [(b"data", Field::Data), (b"event", Field::Event), (b"id", Field::Id), (b"retry", Field::Retry)];

/// Turns chunks of bytes into events.
///
/// - One byte order mark at the start is dropped; lines end at LF, CR or CRLF, and nothing else.
/// - An event is handed out at its blank line, at once; one that the stream leaves unfinished never is.
/// - `data` lines are joined by LF; invalid UTF-8 becomes U+FFFD.
/// - Comments and unknown fields are dropped as they come, however long they are.
/// - A line or the data of an event over the limit ends the decoder.
#[derive(Debug)]
pub struct Decoder {
    limit: usize,
    chunk: Bytes,
    /// Where in the chunk the next line begins.
    position: usize,
    /// The beginning of a line whose end is in a later chunk.
    carry: Vec<u8>,
    /// The line that goes on in the next chunk is of no interest.
    skipping: bool,
    /// The last line ended in CR at the end of its chunk: an LF at the start of the next belongs to it.
    after_cr: bool,
    /// Bytes of the byte order mark seen; all of them also once there can be none.
    bom: usize,
    name: Text,
    data: Text,
    /// There was a `data` line: even an empty one makes an event.
    has_data: bool,
    /// An id that waits for its blank line.
    pending_id: Option<Vec<u8>>,
    retry: Option<u64>,
    reconnection_time: Option<u64>,
    last_id: String,
    /// The event handed out last is cleared when the next is asked for.
    handed_out: bool,
    exceeded: Option<LimitExceeded>,
}

/// The value of a field: a part of the present chunk, or copied.
#[derive(Debug, Default)]
struct Text {
    part: Option<Range<usize>>,
    copy: Vec<u8>,
}

impl Text {
    fn bytes<'a>(&'a self, chunk: &'a [u8]) -> &'a [u8] {
        match &self.part {
            Some(range) => chunk.get(range.clone()).unwrap_or_default(),
            None => &self.copy,
        }
    }

    /// Makes the text independent of the chunk.
    fn keep(&mut self, chunk: &[u8]) {
        if let Some(range) = self.part.take() {
            self.copy.clear();
            self.copy.extend_from_slice(chunk.get(range).unwrap_or_default());
        }
    }

    fn clear(&mut self) {
        self.part = None;
        self.copy.clear();
    }
}

/// One event.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event<'a> {
    name: Cow<'a, str>,
    data: Cow<'a, str>,
    last_id: &'a str,
    retry: Option<u64>,
}

impl Event<'_> {
    /// Its name: `message` when it has none.
    pub fn name(&self) -> &str {
        if self.name.is_empty() { "message" } else { &self.name }
    }

    /// Its data lines, joined by LF.
    pub fn data(&self) -> &str {
        &self.data
    }

    /// The last event id that the stream has told so far; empty when none.
    pub fn last_event_id(&self) -> &str {
        self.last_id
    }

    /// The reconnection time, when the event's block tells one.
    pub fn retry(&self) -> Option<Duration> {
        self.retry.map(Duration::from_millis)
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            limit: limit::DEFAULT,
            chunk: Bytes::new(),
            position: 0,
            carry: Vec::new(),
            skipping: false,
            after_cr: false,
            bom: 0,
            name: Text::default(),
            data: Text::default(),
            has_data: false,
            pending_id: None,
            retry: None,
            reconnection_time: None,
            last_id: String::new(),
            handed_out: false,
            exceeded: None,
        }
    }
}

impl Decoder {
    /// A decoder at the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Longest line, and longest data of one event, in bytes. Default 16 MiB.
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Takes the next chunk. Events of the last one that were not taken are still there.
    pub fn push(&mut self, chunk: Bytes) {
        self.forget_handed_out();
        self.name.keep(&self.chunk);
        self.data.keep(&self.chunk);
        let rest = self.chunk.slice(self.position..);
        self.chunk = if rest.is_empty() { chunk } else { [rest, chunk].concat().into() };
        self.position = 0;
    }

    /// The next event that is complete; nothing when another chunk is needed.
    ///
    /// # Errors
    ///
    /// When a line or an event is over the limit; the same again from then on.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend what it owns")]
    pub fn next(&mut self) -> Result<Option<Event<'_>>, LimitExceeded> {
        self.forget_handed_out();
        if let Some(exceeded) = self.exceeded {
            return Err(exceeded);
        }
        match self.advance() {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(what) => {
                let exceeded = LimitExceeded { what, limit: self.limit };
                self.exceeded = Some(exceeded);
                (self.chunk, self.carry, self.data.copy) = Default::default();
                self.position = 0;
                return Err(exceeded);
            }
        }
        self.handed_out = true;
        Ok(Some(Event {
            name: String::from_utf8_lossy(self.name.bytes(&self.chunk)),
            data: String::from_utf8_lossy(self.data.bytes(&self.chunk)),
            last_id: &self.last_id,
            retry: self.retry,
        }))
    }

    /// What a reconnect has to send as `Last-Event-ID`; empty when nothing.
    pub fn last_event_id(&self) -> &str {
        &self.last_id
    }

    /// The pause before a reconnect that the stream asked for last.
    pub fn reconnection_time(&self) -> Option<Duration> {
        self.reconnection_time.map(Duration::from_millis)
    }

    fn forget_handed_out(&mut self) {
        if self.handed_out {
            self.handed_out = false;
            self.forget_block();
        }
    }

    fn forget_block(&mut self) {
        self.name.clear();
        self.data.clear();
        self.has_data = false;
        self.retry = None;
    }

    /// Reads lines until an event is complete (true) or the chunk is used up (false).
    fn advance(&mut self) -> Result<bool, &'static str> {
        self.skip_bom();
        // A handle of its own (a reference count), so that fields can change while lines are read.
        let chunk = self.chunk.clone();
        loop {
            if self.after_cr && self.position < chunk.len() {
                self.after_cr = false;
                if chunk[self.position] == b'\n' {
                    self.position += 1;
                }
            }
            let rest = &chunk[self.position..];
            let Some(length) = memchr2(b'\n', b'\r', rest) else {
                self.keep_partial(rest)?;
                self.position = chunk.len();
                return Ok(false);
            };
            let start = self.position;
            self.after_cr = rest[length] == b'\r';
            self.position = start + length + 1;
            if self.skipping {
                self.skipping = false;
                continue;
            }
            let complete = if self.carry.is_empty() {
                if length > self.limit {
                    return Err("a line");
                }
                self.line(&chunk[start..start + length], Some(start))?
            } else {
                if self.carry.len() + length > self.limit {
                    return Err("a line");
                }
                let mut line = std::mem::take(&mut self.carry);
                line.extend_from_slice(&rest[..length]);
                let complete = self.line(&line, None);
                line.clear();
                // The buffer is used again.
                self.carry = line;
                complete?
            };
            if complete {
                return Ok(true);
            }
        }
    }

    fn skip_bom(&mut self) {
        while self.bom < BOM.len() {
            match self.chunk.get(self.position) {
                None => return,
                Some(byte) if *byte == BOM[self.bom] => {
                    self.bom += 1;
                    self.position += 1;
                }
                Some(_) => {
                    // It was not one: what looked like it is the beginning of the first line.
                    self.carry.extend_from_slice(&BOM[..self.bom]);
                    self.bom = BOM.len();
                }
            }
        }
    }

    /// Keeps the beginning of a line, unless nothing that can follow would make it matter.
    fn keep_partial(&mut self, rest: &[u8]) -> Result<(), &'static str> {
        if self.skipping || rest.is_empty() {
            return Ok(());
        }
        if self.carry.len() + rest.len() > self.limit {
            // A comment or an unknown field may be of any length.
            let mut start: Vec<u8> = self.carry.iter().chain(rest).copied().take(8).collect();
            start.truncate(8);
            if may_matter(&start) {
                return Err("a line");
            }
        }
        self.carry.extend_from_slice(rest);
        if !may_matter(&self.carry) {
            self.carry.clear();
            self.skipping = true;
        }
        Ok(())
    }

    /// Reads one line; true when it completes an event. `start` is where it lies in the chunk.
    fn line(&mut self, line: &[u8], start: Option<usize>) -> Result<bool, &'static str> {
        if line.is_empty() {
            return Ok(self.end_of_block());
        }
        let colon = memchr(b':', line);
        let name = &line[..colon.unwrap_or(line.len())];
        let Some((_, field)) = FIELDS.iter().find(|(known, _)| *known == name) else { return Ok(false) };
        let mut begin = colon.map_or(line.len(), |colon| colon + 1);
        if line.get(begin) == Some(&b' ') {
            begin += 1;
        }
        let value = &line[begin..];
        let part = start.map(|start| start + begin..start + line.len());
        match field {
            Field::Data => self.add_data(value, part)?,
            Field::Event => {
                self.name.clear();
                match part {
                    Some(part) => self.name.part = Some(part),
                    None => self.name.copy.extend_from_slice(value),
                }
            }
            Field::Id if memchr(0, value).is_none() => self.pending_id = Some(value.to_vec()),
            Field::Id => {}
            Field::Retry => {
                let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
                let number = digits.then(|| std::str::from_utf8(value).ok()?.parse().ok()).flatten();
                if let Some(number) = number {
                    self.retry = Some(number);
                    self.reconnection_time = Some(number);
                }
            }
        }
        Ok(false)
    }

    fn add_data(&mut self, value: &[u8], part: Option<Range<usize>>) -> Result<(), &'static str> {
        if !self.has_data {
            self.has_data = true;
            self.data.clear();
            match part {
                Some(part) => self.data.part = Some(part),
                None => self.data.copy.extend_from_slice(value),
            }
            return Ok(());
        }
        let chunk = self.chunk.clone();
        self.data.keep(&chunk);
        if self.data.copy.len() + 1 + value.len() > self.limit {
            return Err("an event");
        }
        self.data.copy.push(b'\n');
        self.data.copy.extend_from_slice(value);
        Ok(())
    }

    /// A blank line: the id is told, and the event is complete if there was data.
    fn end_of_block(&mut self) -> bool {
        if let Some(id) = self.pending_id.take() {
            self.last_id = String::from_utf8_lossy(&id).into_owned();
        }
        if !self.has_data {
            self.forget_block();
        }
        self.has_data
    }
}

/// Whether a line that begins like this can be a field that is known.
fn may_matter(start: &[u8]) -> bool {
    match memchr(b':', start) {
        Some(colon) => FIELDS.iter().any(|(name, _)| *name == &start[..colon]),
        None => FIELDS.iter().any(|(name, _)| name.starts_with(start)),
    }
}
