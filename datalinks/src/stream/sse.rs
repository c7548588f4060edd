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

use super::limit::{self, LimitExceeded};

const BOM: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// The fields that the standard knows. All others are dropped, and so are comments.
#[derive(Clone, Copy)]
enum Field {
    Data,
    Event,
    Id,
    Retry,
}

const NAMES: [&[u8]; 4] = [b"data", b"event", b"id", b"retry"];

/// The field that a line is, and where its value begins.
fn field(line: &[u8]) -> Option<(Field, usize)> {
    // Patterns of constant length: each is one comparison of integers.
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

/// Turns chunks of bytes into events.
///
/// - One byte order mark at the start is dropped; lines end at LF, CR or CRLF, and nothing else.
/// - An event is handed out at its blank line, at once; one that the stream leaves unfinished never is.
/// - `data` lines are joined by LF; invalid UTF-8 becomes U+FFFD.
/// - Comments and unknown fields are dropped as they come, however long they are.
/// - An event whose data is over the limit ends the decoder, and so does a line of another known field.
#[derive(Debug)]
pub struct Decoder {
    limit: usize,
    chunk: Bytes,
    /// Where in the chunk the next line begins.
    position: usize,
    /// The beginning of a line whose end is in a later chunk, unless `partial` tells more of it.
    carry: Vec<u8>,
    partial: Partial,
    /// The last line ended in CR at the end of its chunk: an LF at the start of the next belongs to it.
    after_cr: bool,
    /// Bytes of the byte order mark seen; all of them also once there can be none.
    bom: usize,
    name: Text,
    data: Data,
    /// There was a `data` line: even an empty one makes an event.
    has_data: bool,
    /// An id that waits for its blank line, if `has_id`.
    id: Text,
    has_id: bool,
    retry: Option<u64>,
    reconnection_time: Option<u64>,
    last_id: String,
    /// The event handed out last is cleared when the next is asked for.
    handed_out: bool,
    exceeded: Option<LimitExceeded>,
}

/// What is known of a line that goes on in the next chunk.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Partial {
    /// All of it is in `carry`.
    #[default]
    Kept,
    /// It is a `data` line, and what there is of its value is in `data`: a long one is copied once only.
    Data,
    /// It is of no interest.
    Skipped,
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

    /// Takes a value: `part` is where it lies in the chunk, if it does.
    fn set(&mut self, value: &[u8], part: Option<Range<usize>>) {
        self.copy.clear();
        if part.is_none() {
            self.copy.extend_from_slice(value);
        }
        self.part = part;
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

/// The data of an event: a part of the present chunk, or copied.
///
/// What is copied is decoded at once, while the processor has it at hand: that is faster than to read all
/// of a long event again at its end.
#[derive(Debug, Default)]
struct Data {
    part: Option<Range<usize>>,
    copy: String,
    /// The beginning of a character whose end has not come yet.
    character: Vec<u8>,
    /// The length of what was copied, before it was decoded.
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
                // It goes on.
                Err(error) if error.error_len().is_none() => {}
                Err(_) => {
                    // The byte does not belong to it, and is read again.
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

    /// No more bytes come: a character without its end is none.
    fn end(&mut self) {
        if !self.character.is_empty() {
            self.copy.push(char::REPLACEMENT_CHARACTER);
            self.character.clear();
        }
    }

    /// All of it, once it has ended.
    fn text<'a>(&'a self, chunk: &'a [u8]) -> Cow<'a, str> {
        match &self.part {
            Some(range) => lossy(chunk.get(range.clone()).unwrap_or_default()),
            None => Cow::Borrowed(&self.copy),
        }
    }

    /// Makes the data independent of the chunk.
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

    /// Longest data of one event, and longest line of another field, in bytes. Default 16 MiB.
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Takes the next chunk. Events of the last one that were not taken are still there.
    pub fn push(&mut self, chunk: Bytes) {
        if self.exceeded.is_some() {
            // Nothing more will come out: so nothing more is kept.
            return;
        }
        self.forget_handed_out();
        self.name.keep(&self.chunk);
        self.data.keep(&self.chunk);
        self.id.keep(&self.chunk);
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
        // Taken out, so that fields can change while lines are read.
        let chunk = std::mem::take(&mut self.chunk);
        let found = self.advance(&chunk);
        self.chunk = chunk;
        match found {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(what) => {
                let exceeded = LimitExceeded { what, limit: self.limit };
                self.exceeded = Some(exceeded);
                (self.chunk, self.carry, self.data) = Default::default();
                self.position = 0;
                return Err(exceeded);
            }
        }
        self.handed_out = true;
        Ok(Some(Event {
            name: lossy(self.name.bytes(&self.chunk)),
            data: self.data.text(&self.chunk),
            last_id: &self.last_id,
            retry: self.retry,
        }))
    }

    /// Ends the input, and returns the event that lacks its last line end or its blank line.
    ///
    /// The standard discards such an event. A caller who knows that the body ended cleanly, and who can see that the
    /// data is whole, may use it. Call this after [`next`](Self::next) has returned `None`.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    pub fn pending(&mut self) -> Result<Option<Event<'_>>, LimitExceeded> {
        // The first of them ends a line, or is the rest of CRLF.
        self.push(Bytes::from_static(b"\n\n"));
        self.next()
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
                    // It was not one: what looked like it is the beginning of the first line.
                    self.carry.extend_from_slice(&BOM[..self.bom]);
                    self.bom = BOM.len();
                }
            }
        }
    }

    /// Keeps the beginning of a line, or its continuation, if it can matter.
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
            // What is kept is less than the head, for the head was not complete before.
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

    /// Reads the end of a line that began in an earlier chunk; true when it completes an event.
    fn end_partial(&mut self, chunk: &[u8], rest: &[u8]) -> Result<bool, &'static str> {
        match std::mem::take(&mut self.partial) {
            Partial::Skipped => return Ok(false),
            Partial::Data => return self.continue_data(rest).map(|()| false),
            Partial::Kept => {}
        }
        let head = self.head(rest);
        if !head.is_known() {
            // Dropped before it is copied: it may be of any length.
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
        // The buffer is used again.
        self.carry = line;
        complete
    }

    /// The beginning of the line that is kept so far and goes on with `rest`.
    fn head(&self, rest: &[u8]) -> Head {
        let mut head = Head::default();
        for (slot, byte) in head.bytes.iter_mut().zip(self.carry.iter().chain(rest)) {
            *slot = *byte;
            head.length += 1;
        }
        head
    }

    /// Reads one line; true when it completes an event. `start` is where it lies in the chunk, if it does.
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

    /// Takes the value of a `data` line, or its beginning.
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

    /// Adds to data that was copied.
    fn continue_data(&mut self, value: &[u8]) -> Result<(), &'static str> {
        if self.data.length + value.len() > self.limit {
            return Err("an event");
        }
        self.data.push(value);
        Ok(())
    }

    /// A blank line: the id is told, and the event is complete if there was data.
    fn end_of_block(&mut self, chunk: &[u8]) -> bool {
        if std::mem::take(&mut self.has_id) {
            self.last_id.clear();
            self.last_id.push_str(&lossy(self.id.bytes(chunk)));
            self.id.clear();
        }
        if !self.has_data {
            self.forget_block();
        }
        self.data.end();
        self.has_data
    }
}

/// Where the first line ends.
fn line_end(bytes: &[u8]) -> Option<usize> {
    match bytes.first() {
        // Every event has a blank line.
        Some(b'\n' | b'\r') => Some(0),
        _ => memchr2(b'\n', b'\r', bytes),
    }
}

/// Invalid UTF-8 becomes U+FFFD. Looking first whether there is any is much faster where there is none.
fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// The beginning of a line: enough to tell what field it is, and where the value of `data` begins.
#[derive(Default)]
struct Head {
    bytes: [u8; 6],
    length: usize,
}

impl Head {
    fn shown(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// If the line ended here, it would be empty or a field that is known.
    fn is_known(&self) -> bool {
        self.length == 0 || field(self.shown()).is_some()
    }

    fn may_become_known(&self) -> bool {
        self.is_known() || NAMES.iter().any(|name| name.starts_with(self.shown()))
    }

    /// It is a known field, and not `data`, whose limit is that of the event. As long as the name is not
    /// complete, the line can still be an unknown field.
    fn is_limited(&self) -> bool {
        !self.shown().starts_with(b"data") && self.shown().contains(&b':')
    }

    /// Where the value of `data` begins, if it is that.
    fn data(&self) -> Option<usize> {
        match self.shown() {
            [b'd', b'a', b't', b'a', b':', b' '] => Some(6),
            [b'd', b'a', b't', b'a', b':', _] => Some(5),
            _ => None,
        }
    }
}
