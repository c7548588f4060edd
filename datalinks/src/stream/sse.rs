//! Decoder for server-sent events, by the WHATWG standard.
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

use super::limit::{self, LimitExceeded};

const BOM: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// The name of an event without a name.
const UNNAMED: &str = "message";

/// The fields of the standard. All other fields and comments are dropped.
#[derive(Clone, Copy)]
enum Field {
    Data,
    Event,
    Id,
    Retry,
}

const NAMES: [&[u8]; 4] = [b"data", b"event", b"id", b"retry"];

/// Returns the field of a line, and the offset at which its value begins.
fn field(line: &[u8]) -> Option<(Field, usize)> {
    // The patterns have a constant length, so each is one comparison of integers.
    let (field, length) = match line {
        [b'd', b'a', b't', b'a', ..] => (Field::Data, 4),
        [b'e', b'v', b'e', b'n', b't', ..] => (Field::Event, 5),
        [b'i', b'd', ..] => (Field::Id, 2),
        [b'r', b'e', b't', b'r', b'y', ..] => (Field::Retry, 5),
        _ => return None,
    };
    match &line[length..] {
        [] => Some((field, length)),
        [b':', b' ', ..] => Some((field, length + 2)),
        [b':', ..] => Some((field, length + 1)),
        _ => None,
    }
}

/// A decoder that converts chunks of bytes to events.
///
/// - One byte order mark at the start is dropped. Lines end at LF, CR or CRLF only.
/// - An event is yielded as soon as its blank line arrives. An unfinished event at the end of the stream is not
///   yielded.
/// - `data` lines are joined by LF. Invalid UTF-8 becomes U+FFFD.
/// - Comments and unknown fields of any length are dropped as they arrive.
/// - An event whose data is over the limit ends the decoder, and so does a line of another known field.
#[derive(Debug)]
pub struct Decoder {
    limit: usize,
    chunk: Bytes,
    /// Offset in the chunk at which the next line begins.
    position: usize,
    /// Start of a line that continues in a later chunk, unless `partial` is not `Kept`.
    carry: Vec<u8>,
    partial: Partial,
    /// Set if the last line ended with a CR at the end of its chunk. An LF at the start of the next chunk belongs to
    /// it.
    after_cr: bool,
    /// Number of matched bytes of the byte order mark. It is complete once the mark can no longer come.
    bom: usize,
    name: Text,
    data: Data,
    /// Set if there was a `data` line. An empty one makes an event as well.
    has_data: bool,
    /// An id that takes effect at the blank line, if `has_id` is set.
    id: Text,
    has_id: bool,
    retry: Option<u64>,
    reconnection_time: Option<u64>,
    last_id: String,
    /// Set if an event was yielded, whose fields the next call clears.
    yielded: bool,
    exceeded: Option<LimitExceeded>,
}

/// The state of a line that continues in the next chunk.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Partial {
    /// All of the line is in `carry`.
    #[default]
    Kept,
    /// The line is a `data` line whose value so far is in `data`, so a long value is copied only once.
    Data,
    /// The line is dropped.
    Skipped,
}

/// The value of a field: a range of the current chunk, or a copy.
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

    /// Sets the value. `part` is its range in the chunk, if it is in the chunk.
    fn set(&mut self, value: &[u8], part: Option<Range<usize>>) {
        self.copy.clear();
        if part.is_none() {
            self.copy.extend_from_slice(value);
        }
        self.part = part;
    }

    /// Copies the text, so that it does not depend on the chunk.
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

/// The data of an event: a range of the current chunk, or a copy.
///
/// Copied data is decoded immediately, while it is in the processor's cache. This is faster than a second pass over a
/// long event at its end.
#[derive(Debug, Default)]
struct Data {
    part: Option<Range<usize>>,
    copy: String,
    /// Start of a character that is not complete yet.
    character: Vec<u8>,
    /// Length of the copied bytes before decoding.
    length: usize,
}

impl Data {
    fn push(&mut self, bytes: &[u8]) {
        self.length += bytes.len();
        let mut rest = bytes;
        while !self.character.is_empty()
            && let Some((byte, after)) = rest.split_first()
        {
            self.character.push(*byte);
            match std::str::from_utf8(&self.character) {
                Ok(character) => {
                    self.copy.push_str(character);
                    self.character.clear();
                }
                // The character continues.
                Err(error) if error.error_len().is_none() => {}
                Err(_) => {
                    // The byte does not belong to the character, and is read again.
                    self.end();
                    continue;
                }
            }
            rest = after;
        }
        while let Err(error) = std::str::from_utf8(rest).map(|text| self.copy.push_str(text)) {
            let (valid, invalid) = rest.split_at(error.valid_up_to());
            self.copy.push_str(&lossy(valid));
            let Some(length) = error.error_len() else {
                self.character.extend_from_slice(invalid);
                return;
            };
            self.copy.push(char::REPLACEMENT_CHARACTER);
            rest = &invalid[length..];
        }
    }

    /// Ends the data. An incomplete character becomes U+FFFD.
    fn end(&mut self) {
        if !self.character.is_empty() {
            self.copy.push(char::REPLACEMENT_CHARACTER);
            self.character.clear();
        }
    }

    /// Returns the data after its end.
    fn text<'a>(&'a self, chunk: &'a [u8]) -> Cow<'a, str> {
        match &self.part {
            Some(range) => lossy(chunk.get(range.clone()).unwrap_or_default()),
            None => Cow::Borrowed(&self.copy),
        }
    }

    /// Copies the data, so that it does not depend on the chunk.
    fn keep(&mut self, chunk: &[u8]) {
        if let Some(range) = self.part.take() {
            self.push(chunk.get(range).unwrap_or_default());
        }
    }

    fn clear(&mut self) {
        self.part = None;
        self.copy.clear();
        self.character.clear();
        self.length = 0;
    }
}

/// A server-sent event.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event<'a> {
    name: Cow<'a, str>,
    data: Cow<'a, str>,
    last_id: &'a str,
    retry: Option<u64>,
}

impl Event<'_> {
    /// Returns the name of the event, which is `message` if it has none.
    pub fn name(&self) -> &str {
        if self.name.is_empty() { UNNAMED } else { &self.name }
    }

    /// Returns the data lines of the event, joined by LF.
    pub fn data(&self) -> &str {
        &self.data
    }

    /// Returns the last event id of the stream so far, or an empty string.
    pub fn last_event_id(&self) -> &str {
        self.last_id
    }

    /// Returns the reconnection time that the event sets, or `None`.
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
            partial: Partial::default(),
            after_cr: false,
            bom: 0,
            name: Text::default(),
            data: Data::default(),
            has_data: false,
            id: Text::default(),
            has_id: false,
            retry: None,
            reconnection_time: None,
            last_id: String::new(),
            yielded: false,
            exceeded: None,
        }
    }
}

impl Decoder {
    /// Creates a decoder at the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the maximum size of an event's data, and of a line of another field, in bytes. Defaults to 16 MiB.
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Adds the next chunk. Events of earlier chunks that were not taken are kept.
    pub fn push(&mut self, chunk: Bytes) {
        if self.exceeded.is_some() {
            // The decoder yields no more data, so it keeps none.
            return;
        }
        self.clear_yielded();
        let last = std::mem::take(&mut self.chunk);
        self.keep(&last);
        let rest = &last[self.position..];
        self.chunk = if rest.is_empty() { chunk } else { [rest, &chunk].concat().into() };
        self.position = 0;
    }

    /// Returns the next complete event, or `None` if it needs another chunk.
    ///
    /// # Errors
    ///
    /// - [`LimitExceeded`] if a line or an event is over the limit. Every later call returns the same error.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend what it owns")]
    pub fn next(&mut self) -> Result<Option<Event<'_>>, LimitExceeded> {
        Ok(if self.read()? { Some(self.event()) } else { None })
    }

    /// Reads the next complete event, which [`event`](Self::event) then returns. Returns `false` if it needs another chunk.
    pub(crate) fn read(&mut self) -> Result<bool, LimitExceeded> {
        self.clear_yielded();
        if let Some(exceeded) = self.exceeded {
            return Err(exceeded);
        }
        // The chunk is moved out, so that fields can change while lines are read.
        let chunk = std::mem::take(&mut self.chunk);
        match self.advance(&chunk) {
            Ok(true) => {
                self.chunk = chunk;
                self.yielded = true;
                Ok(true)
            }
            Ok(false) => {
                // The connection reuses the memory of a chunk that is free when it reads the next one.
                self.keep(&chunk);
                self.position = 0;
                Ok(false)
            }
            Err(what) => {
                let exceeded = LimitExceeded { what, limit: self.limit };
                self.exceeded = Some(exceeded);
                (self.carry, self.data, self.position) = Default::default();
                Err(exceeded)
            }
        }
    }

    /// Returns the event that [`read`](Self::read) has read, until the next call of another method.
    pub(crate) fn event(&self) -> Event<'_> {
        Event {
            name: lossy(self.name.bytes(&self.chunk)),
            data: self.data(),
            last_id: &self.last_id,
            retry: self.retry,
        }
    }

    /// Returns the name of that event before decoding. Looking it up needs no check of its text.
    pub(crate) fn name(&self) -> &[u8] {
        match self.name.bytes(&self.chunk) {
            [] => UNNAMED.as_bytes(),
            name => name,
        }
    }

    /// Returns the data of that event.
    pub(crate) fn data(&self) -> Cow<'_, str> {
        self.data.text(&self.chunk)
    }

    /// Ends the input, and returns an event without its last line end or its blank line.
    ///
    /// The standard discards such an event. A caller can use it if the body ended without an error and the data is
    /// recognizably complete. Call this after [`next`](Self::next) has returned `None`.
    ///
    /// # Errors
    ///
    /// - [`LimitExceeded`] under the conditions of [`next`](Self::next).
    pub fn pending(&mut self) -> Result<Option<Event<'_>>, LimitExceeded> {
        // The first LF ends a line, or completes a CRLF.
        self.push(Bytes::from_static(b"\n\n"));
        self.next()
    }

    /// Returns the value for the header `Last-Event-ID` of a reconnect, or an empty string if the header must not be
    /// sent.
    pub fn last_event_id(&self) -> &str {
        &self.last_id
    }

    /// Returns the delay before a reconnect that the stream set last, or `None`.
    pub fn reconnection_time(&self) -> Option<Duration> {
        self.reconnection_time.map(Duration::from_millis)
    }

    /// Copies what the current event has in the chunk, so that it does not depend on the chunk.
    fn keep(&mut self, chunk: &[u8]) {
        self.name.keep(chunk);
        self.data.keep(chunk);
        self.id.keep(chunk);
    }

    fn clear_yielded(&mut self) {
        if self.yielded {
            self.yielded = false;
            self.clear_block();
        }
    }

    fn clear_block(&mut self) {
        self.name.clear();
        self.data.clear();
        self.has_data = false;
        self.retry = None;
    }

    /// Reads lines until an event is complete, and then returns `true`. Returns `false` at the end of the chunk.
    fn advance(&mut self, chunk: &[u8]) -> Result<bool, &'static str> {
        self.skip_bom(chunk);
        loop {
            if self.after_cr && self.position < chunk.len() {
                self.after_cr = false;
                if chunk[self.position] == b'\n' {
                    self.position += 1;
                }
            }
            let start = self.position;
            let rest = &chunk[start..];
            let Some(length) = line_end(rest) else {
                self.position = chunk.len();
                self.keep_partial(chunk, rest)?;
                return Ok(false);
            };
            self.after_cr = rest[length] == b'\r';
            self.position = start + length + 1;
            let line = &rest[..length];
            let complete = if self.carry.is_empty() && self.partial == Partial::Kept {
                self.line(chunk, line, Some(start))?
            } else {
                self.end_partial(chunk, line)?
            };
            if complete {
                return Ok(true);
            }
        }
    }

    fn skip_bom(&mut self, chunk: &[u8]) {
        while self.bom < BOM.len() {
            match chunk.get(self.position) {
                None => return,
                Some(byte) if *byte == BOM[self.bom] => {
                    self.bom += 1;
                    self.position += 1;
                }
                Some(_) => {
                    // The bytes are not a byte order mark, but the start of the first line.
                    self.carry.extend_from_slice(&BOM[..self.bom]);
                    self.bom = BOM.len();
                }
            }
        }
    }

    /// Keeps the start of a line, or its continuation, if the line can be a known field.
    fn keep_partial(&mut self, chunk: &[u8], rest: &[u8]) -> Result<(), &'static str> {
        match self.partial {
            _ if rest.is_empty() => return Ok(()),
            Partial::Skipped => return Ok(()),
            Partial::Data => return self.continue_data(rest),
            Partial::Kept => {}
        }
        let head = self.head(rest);
        if !head.may_become_known() {
            self.carry.clear();
            self.partial = Partial::Skipped;
        } else if let Some(begin) = head.data() {
            // `carry` is shorter than the head, because the head was not complete before.
            self.add_data(chunk, &rest[begin - self.carry.len()..], None)?;
            self.carry.clear();
            self.partial = Partial::Data;
        } else {
            if head.is_limited() && self.carry.len() + rest.len() > self.limit {
                return Err("a line");
            }
            self.carry.extend_from_slice(rest);
        }
        Ok(())
    }

    /// Reads the end of a line that began in an earlier chunk. Returns `true` if it completes an event.
    #[cold]
    fn end_partial(&mut self, chunk: &[u8], rest: &[u8]) -> Result<bool, &'static str> {
        match std::mem::take(&mut self.partial) {
            Partial::Skipped => return Ok(false),
            Partial::Data => return self.continue_data(rest).map(|()| false),
            Partial::Kept => {}
        }
        let head = self.head(rest);
        if !head.is_known() {
            // The line is dropped before it is copied, because it may have any length.
            self.carry.clear();
            return Ok(false);
        }
        if head.is_limited() && self.carry.len() + rest.len() > self.limit {
            return Err("a line");
        }
        let mut line = std::mem::take(&mut self.carry);
        line.extend_from_slice(rest);
        let complete = self.line(chunk, &line, None);
        line.clear();
        // The buffer is reused.
        self.carry = line;
        complete
    }

    /// Returns the start of the line that is in `carry` and continues with `rest`.
    fn head(&self, rest: &[u8]) -> Head {
        let mut head = Head::default();
        for (slot, byte) in head.bytes.iter_mut().zip(self.carry.iter().chain(rest)) {
            *slot = *byte;
            head.length += 1;
        }
        head
    }

    /// Reads one line. Returns `true` if it completes an event. `start` is the offset of the line in the chunk, if it
    /// is in the chunk.
    #[inline(always)]
    fn line(&mut self, chunk: &[u8], line: &[u8], start: Option<usize>) -> Result<bool, &'static str> {
        if line.is_empty() {
            return Ok(self.end_of_block(chunk));
        }
        let Some((field, begin)) = field(line) else { return Ok(false) };
        let value = &line[begin..];
        let part = start.map(|start| start + begin..start + line.len());
        match field {
            Field::Data => self.add_data(chunk, value, part)?,
            _ if line.len() > self.limit => return Err("a line"),
            Field::Event => self.name.set(value, part),
            Field::Id if memchr(0, value).is_none() => {
                self.id.set(value, part);
                self.has_id = true;
            }
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

    /// Adds the value of a `data` line, or the start of one.
    fn add_data(
        &mut self,
        chunk: &[u8],
        value: &[u8],
        part: Option<Range<usize>>,
    ) -> Result<(), &'static str> {
        if self.has_data {
            self.data.keep(chunk);
            self.data.push(b"\n");
            return self.continue_data(value);
        }
        if value.len() > self.limit {
            return Err("an event");
        }
        self.has_data = true;
        match part {
            Some(part) => self.data.part = Some(part),
            None => self.data.push(value),
        }
        Ok(())
    }

    /// Appends to copied data.
    fn continue_data(&mut self, value: &[u8]) -> Result<(), &'static str> {
        if self.data.length + value.len() > self.limit {
            return Err("an event");
        }
        self.data.push(value);
        Ok(())
    }

    /// Handles a blank line: the id takes effect, and the event is complete if it has data.
    fn end_of_block(&mut self, chunk: &[u8]) -> bool {
        if std::mem::take(&mut self.has_id) {
            self.last_id.clear();
            self.last_id.push_str(&lossy(self.id.bytes(chunk)));
            self.id.clear();
        }
        if !self.has_data {
            self.clear_block();
        }
        self.data.end();
        self.has_data
    }
}

/// Returns the offset of the first line end.
fn line_end(bytes: &[u8]) -> Option<usize> {
    match bytes.first() {
        // Every event has a blank line.
        Some(b'\n' | b'\r') => Some(0),
        _ => memchr2(b'\n', b'\r', bytes),
    }
}

/// Decodes UTF-8 and replaces invalid bytes by U+FFFD. Checking first is much faster if all bytes are valid.
fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// The start of a line, long enough to identify its field and the start of the value of `data`.
#[derive(Default)]
struct Head {
    bytes: [u8; 6],
    length: usize,
}

impl Head {
    fn shown(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// Returns `true` if the line would be empty or a known field if it ended here.
    fn is_known(&self) -> bool {
        self.length == 0 || field(self.shown()).is_some()
    }

    fn may_become_known(&self) -> bool {
        self.is_known() || NAMES.iter().any(|name| name.starts_with(self.shown()))
    }

    /// Returns `true` for a known field except `data`, whose limit is that of the event. While its name is not
    /// complete, the line can still be an unknown field.
    fn is_limited(&self) -> bool {
        !self.shown().starts_with(b"data") && self.shown().contains(&b':')
    }

    /// Returns the offset at which the value of `data` begins, if the line is a `data` line.
    fn data(&self) -> Option<usize> {
        match self.shown() {
            [b'd', b'a', b't', b'a', b':', b' '] => Some(6),
            [b'd', b'a', b't', b'a', b':', _] => Some(5),
            _ => None,
        }
    }
}
