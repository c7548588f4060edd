//! What must hold of the decoders for every input. Shared by the fuzz targets and by a test which runs
//! them over the corpus.
//!
//! An input states how to read it, then what to read: one byte for the limit (0 is the default), one for the
//! number of chunk lengths (its low four bits), the lengths, the stream. Of a length the low six bits count;
//! the high bit says that nothing is taken after that chunk. The lengths are used again and again.

use std::fmt::Debug;

use datalinks::stream::{LimitExceeded, ndjson, sse};

struct Input<'a> {
    limit: Option<usize>,
    lengths: &'a [u8],
    stream: &'a [u8],
}

impl<'a> Input<'a> {
    fn read(input: &'a [u8]) -> Option<Self> {
        let (limit, input) = input.split_first()?;
        let (count, input) = input.split_first()?;
        let (lengths, stream) = input.split_at_checked(usize::from(count & 0x0F))?;
        Some(Self { limit: (*limit > 0).then_some(usize::from(*limit)), lengths, stream })
    }

    /// The chunks, each with whether to take what has come.
    fn chunks(&self) -> Vec<(&'a [u8], bool)> {
        let mut rest = self.stream;
        let mut chunks = Vec::new();
        // Lengths that are all zero would never come to the end.
        let lengths = if self.lengths.iter().any(|length| length & 0x3F > 0) { self.lengths } else { &[] };
        for length in lengths.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (chunk, next) = rest.split_at(rest.len().min(usize::from(length & 0x3F)));
            chunks.push((chunk, length & 0x80 == 0));
            rest = next;
        }
        chunks.push((rest, true));
        chunks
    }
}

/// Whether `decoder`, done with all it was given, holds no more than the limit allows: an unfinished line, a
/// name, data, and two ids, each byte of which takes at most six to show. What a decoder holds is not to be
/// seen from outside but by its `Debug`.
fn assert_bounded(decoder: &impl Debug, empty: &impl Debug, limit: Option<usize>) {
    if let Some(limit) = limit {
        let (kept, least) = (format!("{decoder:?}").len(), format!("{empty:?}").len());
        assert!(kept <= least + 150 + 30 * limit, "limit {limit}: {decoder:?}");
    }
}

/// All that comes out of a decoder of server-sent events.
#[derive(Debug, Default, PartialEq)]
struct Events {
    events: Vec<(String, String, String, Option<u128>)>,
    last_id: String,
    reconnection_time: Option<u128>,
    exceeded: Option<LimitExceeded>,
}

fn events(chunks: &[(&[u8], bool)], limit: Option<usize>) -> Events {
    let new = || limit.map_or_else(sse::Decoder::new, |limit| sse::Decoder::new().limit(limit));
    let mut decoder = new();
    let mut found = Events::default();
    for (chunk, take) in chunks {
        decoder.push(chunk.to_vec().into());
        if !take {
            continue;
        }
        loop {
            let ended = found.exceeded.is_some();
            let next = decoder.next();
            assert!(!ended || next.is_err(), "it goes on after its end");
            match next {
                Ok(Some(event)) => {
                    // An invalid byte becomes three.
                    let longest = limit.map_or(usize::MAX, |limit| 3 * limit).max("message".len());
                    for text in [event.name(), event.data(), event.last_event_id()] {
                        assert!(text.len() <= longest, "longer than the limit: {text:?}");
                    }
                    found.events.push((
                        event.name().to_owned(),
                        event.data().to_owned(),
                        event.last_event_id().to_owned(),
                        event.retry().map(|time| time.as_millis()),
                    ));
                }
                Ok(None) => break,
                Err(exceeded) => {
                    let first = *found.exceeded.get_or_insert(exceeded);
                    assert_eq!(exceeded, first, "another end");
                    break;
                }
            }
        }
    }
    found.last_id = decoder.last_event_id().to_owned();
    found.reconnection_time = decoder.reconnection_time().map(|time| time.as_millis());
    // The last chunk is let go when the next one comes.
    decoder.push(Vec::new().into());
    assert_bounded(&decoder, &new(), limit);
    found
}

/// Server-sent events: the same whatever the chunks are, and no more kept than the limit allows.
pub(crate) fn sse(input: &[u8]) {
    let Some(input) = Input::read(input) else { return };
    let whole = events(&[(input.stream, true)], input.limit);
    let bytes: Vec<(&[u8], bool)> = input.stream.chunks(1).map(|byte| (byte, true)).collect();
    assert_eq!(events(&bytes, input.limit), whole, "byte by byte, and whole");
    assert_eq!(events(&input.chunks(), input.limit), whole, "in chunks, and whole");
}

/// All that comes out of a decoder of lines.
#[derive(Debug, Default, PartialEq)]
struct Lines {
    lines: Vec<Vec<u8>>,
    tail: Option<Vec<u8>>,
    exceeded: Option<LimitExceeded>,
}

fn lines(chunks: &[(&[u8], bool)], limit: Option<usize>) -> Lines {
    let new = || limit.map_or_else(ndjson::Decoder::new, |limit| ndjson::Decoder::new().limit(limit));
    let mut decoder = new();
    let mut found = Lines::default();
    for (chunk, take) in chunks {
        decoder.push(chunk.to_vec().into());
        if !take {
            continue;
        }
        loop {
            let ended = found.exceeded.is_some();
            let next = decoder.next();
            assert!(!ended || next.is_err(), "it goes on after its end");
            match next {
                Ok(Some(line)) => {
                    assert!(limit.is_none_or(|limit| line.bytes().len() <= limit), "longer than the limit");
                    found.lines.push(line.bytes().to_vec());
                }
                Ok(None) => break,
                Err(exceeded) => {
                    let first = *found.exceeded.get_or_insert(exceeded);
                    assert_eq!(exceeded, first, "another end");
                    break;
                }
            }
        }
    }
    decoder.push(Vec::new().into());
    assert_bounded(&decoder, &new(), limit);
    let tail = decoder.finish();
    assert_eq!(tail.as_ref().err(), found.exceeded.as_ref(), "a tail is looked at when it comes");
    found.tail = tail.ok().flatten().map(|line| line.bytes().to_vec());
    found
}

/// Lines: the same whatever the chunks are, and no more kept than the limit allows.
pub(crate) fn ndjson(input: &[u8]) {
    let Some(input) = Input::read(input) else { return };
    let whole = lines(&[(input.stream, true)], input.limit);
    let bytes: Vec<(&[u8], bool)> = input.stream.chunks(1).map(|byte| (byte, true)).collect();
    assert_eq!(lines(&bytes, input.limit), whole, "byte by byte, and whole");
    assert_eq!(lines(&input.chunks(), input.limit), whole, "in chunks, and whole");
}
