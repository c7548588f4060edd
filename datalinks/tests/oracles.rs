//! The decoders compared with other implementations, over generated streams with many special cases.
//!
//! Server-sent events are compared with two other decoders and with a model that follows the WHATWG standard
//! line by line. NDJSON has no standard decoder and is compared with a model only.

use bytes::Bytes;
use datalinks::stream::{ndjson, sse};
use proptest::{collection::vec, prelude::*, sample::select};

const BOM: &str = "\u{feff}";

fn config() -> ProptestConfig {
    ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() }
}

/// An event, independent of its decoder.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Event {
    name: String,
    data: String,
    id: String,
    /// The reconnection time in the event's own block.
    retry: Option<u64>,
}

impl Event {
    /// Returns the event without its reconnection time, which each decoder reports differently.
    fn untimed(&self) -> (&str, &str, &str) {
        (&self.name, &self.data, &self.id)
    }
}

/// The arrival of a stream: the lengths of its chunks, and whether events are taken after each. The bytes after
/// the last length are one chunk.
type Cuts = Vec<(usize, bool)>;

fn cuts() -> impl Strategy<Value = Cuts> {
    let length = prop_oneof![4 => 0..4usize, 3 => 0..20usize, 1 => 0..200usize];
    vec((length, prop::bool::weighted(0.8)), 0..60)
}

/// Returns the chunks, and whether events are taken after each.
fn chunks(stream: &[u8], cuts: &Cuts) -> Vec<(Bytes, bool)> {
    let mut rest = Bytes::copy_from_slice(stream);
    let mut chunks: Vec<(Bytes, bool)> =
        cuts.iter().map(|(length, take)| (rest.split_to(rest.len().min(*length)), *take)).collect();
    chunks.push((rest, true));
    chunks
}

/// Generates bytes with a meaning to one of the decoders, and some without.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let telling = select(b"\r\n\r\n\n:  dataeventidretry\0{}\t07\xEF\xBB\xBF\xC3\xFF".to_vec());
    vec(prop_oneof![6 => telling, 1 => any::<u8>()], 0..120)
}

/// Generates a byte order mark at the start: none, complete, incomplete, or repeated.
fn beginning() -> impl Strategy<Value = Vec<u8>> {
    let twice = BOM.repeat(2);
    prop_oneof![
        4 => Just(Vec::new()),
        2 => Just(BOM.as_bytes().to_vec()),
        2 => (1..6usize).prop_map(move |length| twice.as_bytes()[..length].to_vec()),
        1 => Just(b"\xEF\xBB\xEF\xBB\xBF".to_vec()),
    ]
}

/// Generates a part of a value.
fn scrap() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => vec(select(b"abc xyz:{}\",.".to_vec()), 0..12),
        1 => Just(b"\0".to_vec()),
        1 => select(vec![BOM, "é", "€", "😀", "\u{2028}", "\u{85}"]).prop_map(|text| text.as_bytes().to_vec()),
        // A character without its end, one without its start, a surrogate, an overlong form.
        2 => select(vec![&b"\xC3"[..], b"\xE2\x82", b"\xF0\x9F\x98", b"\x80", b"\xED\xA0\x80", b"\xC0\x80", b"\xFF"])
            .prop_map(<[u8]>::to_vec),
    ]
}

/// Generates numbers for `retry` and similar strings. Large numbers are near the limits of integers.
fn number() -> impl Strategy<Value = Vec<u8>> {
    let awkward = select(vec![
        "",
        "0",
        "007",
        "+1",
        "-1",
        "1 ",
        "1e3",
        "4294967295",
        "4294967296",
        "18446744073709551615",
        "18446744073709551616",
        "00000000000000000000000000042",
        "99999999999999999999999999999999999999999999999999",
        "٣",
    ]);
    prop_oneof![
        2 => any::<u16>().prop_map(|number| number.to_string().into_bytes()),
        3 => awkward.prop_map(|text| text.as_bytes().to_vec()),
    ]
}

fn sse_line() -> impl Strategy<Value = Vec<u8>> {
    let value = || vec(scrap(), 0..4).prop_map(|scraps| scraps.concat());
    let known = select(vec!["data", "data", "data", "event", "id"]);
    let unknown = select(vec![
        "",
        "dat",
        "dataa",
        "Data",
        " data",
        "eventid",
        "i",
        "ids",
        "retr",
        "data ",
        "\u{feff}data",
    ]);
    let separator = || select(vec!["", ":", ": ", ": ", ":  ", "::", ":\t"]);
    let join = |name: &str, separator: &str, value: Vec<u8>| {
        // Without a colon, the value would belong to the name.
        let value = if separator.is_empty() { Vec::new() } else { value };
        [name.as_bytes(), separator.as_bytes(), &value].concat()
    };
    prop_oneof![
        5 => Just(Vec::new()),
        6 => (known, separator(), value()).prop_map(move |(name, mark, value)| join(name, mark, value)),
        2 => (separator(), number()).prop_map(move |(mark, value)| join("retry", mark, value)),
        1 => (unknown, separator(), value()).prop_map(move |(name, mark, value)| join(name, mark, value)),
        1 => value(),
    ]
}

/// Generates a stream of server-sent events, with or without the blank line that completes the last event.
fn sse_stream() -> impl Strategy<Value = Vec<u8>> {
    let end = select(vec!["\n", "\n", "\r", "\r\n", "\r\n", "\n\r"]);
    let lines = vec((sse_line(), end), 0..24)
        .prop_map(|lines| lines.into_iter().flat_map(|(line, end)| [line, end.into()].concat()).collect());
    let tail = prop_oneof![Just(Vec::new()), sse_line()];
    let written = (beginning(), lines, tail)
        .prop_map(|(start, lines, tail): (_, Vec<u8>, _)| [start, lines, tail].concat());
    let arbitrary = (beginning(), noise()).prop_map(|(start, noise)| [start, noise].concat());
    prop_oneof![3 => written, 1 => arbitrary]
}

/// The standard, taken literally: the whole stream is decoded, then split into lines. The standard does not
/// define a reconnection time of an event. Here, it is the last one in the event's block.
fn sse_model(stream: &[u8]) -> (Vec<Event>, String, Option<u64>) {
    let text = String::from_utf8_lossy(stream);
    let text = text.strip_prefix(BOM).unwrap_or(&text);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<&str> = text.split('\n').collect();
    // The text after the last line end is not a line yet.
    lines.pop();
    let (mut events, mut last_id, mut time) = (Vec::new(), String::new(), None);
    let (mut data, mut name, mut id, mut retry) = (String::new(), String::new(), String::new(), None);
    for line in lines {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            _ if line.is_empty() => {
                last_id.clone_from(&id);
                let (name, retry) = (std::mem::take(&mut name), retry.take());
                if let Some(data) = std::mem::take(&mut data).strip_suffix('\n') {
                    events.push(Event {
                        name: if name.is_empty() { "message".into() } else { name },
                        data: data.into(),
                        id: last_id.clone(),
                        retry,
                    });
                }
            }
            "event" => name = value.into(),
            "data" => data.extend([value, "\n"]),
            "id" if !value.contains('\0') => id = value.into(),
            // A number that does not fit a u64 is ignored, and so is an empty one.
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                if let Ok(number) = value.parse() {
                    (retry, time) = (Some(number), Some(number));
                }
            }
            _ => {}
        }
    }
    (events, last_id, time)
}

/// Takes the events that the decoder has ready.
fn take(decoder: &mut sse::Decoder, events: &mut Vec<Event>) {
    while let Some(event) = decoder.next().unwrap_or_else(|error| panic!("{error}")) {
        events.push(Event {
            name: event.name().to_owned(),
            data: event.data().to_owned(),
            id: event.last_event_id().to_owned(),
            retry: event.retry().map(|time| time.as_millis() as u64),
        });
    }
}

fn reconnection_time(decoder: &sse::Decoder) -> Option<u64> {
    decoder.reconnection_time().map(|time| time.as_millis() as u64)
}

proptest! {
    #![proptest_config(config())]

    /// The events equal those of the standard, whatever the chunks.
    #[test]
    fn server_sent_events_follow_the_standard(stream in sse_stream(), cuts in cuts()) {
        let (expected, last_id, time) = sse_model(&stream);
        for cuts in [Vec::new(), vec![(1, true); stream.len()], cuts] {
            let (mut decoder, mut events) = (sse::Decoder::new(), Vec::new());
            for (chunk, now) in chunks(&stream, &cuts) {
                decoder.push(chunk);
                if now {
                    take(&mut decoder, &mut events);
                }
            }
            prop_assert_eq!(&events, &expected);
            prop_assert_eq!(decoder.last_event_id(), &last_id);
            prop_assert_eq!(reconnection_time(&decoder), time);
        }
    }

    /// The events equal those of `sse-parse` after the same chunks, and so does the state of the stream.
    ///
    /// The standard does not define a reconnection time of an event. This oracle assigns the last one since the
    /// previous event, and we assign the one in the event's own block. The test therefore compares the time of
    /// the stream.
    #[test]
    fn server_sent_events_equal_sse_parse(stream in sse_stream(), cuts in cuts()) {
        let (mut decoder, mut oracle) = (sse::Decoder::new(), sse_parse::SseParser::new());
        for (chunk, _) in chunks(&stream, &cuts) {
            oracle.feed(&chunk);
            decoder.push(chunk);
            let mut events = Vec::new();
            take(&mut decoder, &mut events);
            let expected: Vec<_> = std::iter::from_fn(|| oracle.next_event()).collect();
            let expected: Vec<_> =
                expected.iter().map(|event| (&*event.event, &*event.data, &*event.id)).collect();
            prop_assert_eq!(events.iter().map(Event::untimed).collect::<Vec<_>>(), expected);
            prop_assert_eq!(decoder.last_event_id(), oracle.last_event_id());
            prop_assert_eq!(decoder.reconnection_time(), oracle.retry());
        }
    }

    /// The events equal those of `sse-core` after the same chunks, and so does the state of the stream.
    ///
    /// The oracle deviates from the standard in one point. It ignores a `retry` that does not fit a u32 (its
    /// `Mode::Value(ValueMode::Retry)`), although the standard has no limit. The test does not compare such a
    /// time, nor reconnection times of events, which this oracle lacks.
    #[test]
    fn server_sent_events_equal_sse_core(stream in sse_stream(), cuts in cuts()) {
        let (mut decoder, mut oracle) = (sse::Decoder::new(), sse_core::SseDecoder::new());
        let mut oracle_time = None;
        for (mut chunk, _) in chunks(&stream, &cuts) {
            decoder.push(chunk.clone());
            let mut events = Vec::new();
            take(&mut decoder, &mut events);
            let mut expected = Vec::new();
            while let Some(event) = oracle.next(&mut chunk) {
                match event.map_err(|error| TestCaseError::fail(error.to_string()))? {
                    sse_core::SseEvent::Message(event) => expected.push(event),
                    sse_core::SseEvent::Retry(time) => oracle_time = Some(u64::from(time)),
                }
            }
            // This oracle has no id if the id in the standard is empty.
            let expected: Vec<_> = expected
                .iter()
                .map(|event| (&*event.event, &*event.data, event.last_event_id.as_deref().unwrap_or_default()))
                .collect();
            prop_assert_eq!(events.iter().map(Event::untimed).collect::<Vec<_>>(), expected);
            prop_assert_eq!(
                decoder.last_event_id(),
                oracle.last_event_id().map(|id| &**id).unwrap_or_default()
            );
            let time = reconnection_time(&decoder);
            if time.is_none_or(|time| time <= u64::from(u32::MAX)) {
                prop_assert_eq!(time, oracle_time);
            }
        }
    }
}

/// Generates a stream of JSON values, one per line, some of them invalid.
fn ndjson_stream() -> impl Strategy<Value = Vec<u8>> {
    let line = || {
        prop_oneof![
            3 => select(vec!["", "", " ", "\r", " \t\r", "\u{feff}", "\u{a0}", "\0"])
                .prop_map(|text| text.as_bytes().to_vec()),
            3 => select(vec!["{}", "{\"a\":1}\r", "  [1,\t2] ", "\"\\n\"", "null", "{\"a\""])
                .prop_map(|text| text.as_bytes().to_vec()),
            3 => vec(scrap(), 0..4).prop_map(|scraps| scraps.concat()),
        ]
    };
    let end = select(vec!["\n", "\n", "\n", "\r\n", "\r", "\n\n"]);
    let lines = vec((line(), end), 0..24)
        .prop_map(|lines| lines.into_iter().flat_map(|(line, end)| [line, end.into()].concat()).collect());
    let tail = prop_oneof![Just(Vec::new()), line()];
    let written = (beginning(), lines, tail)
        .prop_map(|(start, lines, tail): (_, Vec<u8>, _)| [start, lines, tail].concat());
    let arbitrary = (beginning(), noise()).prop_map(|(start, noise)| [start, noise].concat());
    prop_oneof![3 => written, 1 => arbitrary]
}

/// Returns the lines that are not blank, and the text after the last line end.
fn ndjson_model(stream: &[u8]) -> (Vec<&[u8]>, Option<&[u8]>) {
    let stream = stream.strip_prefix(BOM.as_bytes()).unwrap_or(stream);
    let mut lines: Vec<&[u8]> = stream.split(|byte| *byte == b'\n').collect();
    let tail = lines.pop();
    let has_content = |line: &&[u8]| line.iter().any(|byte| !b" \t\r".contains(byte));
    lines.retain(has_content);
    (lines, tail.filter(has_content))
}

proptest! {
    #![proptest_config(config())]

    /// The lines equal those of the model, whatever the chunks.
    #[test]
    fn ndjson_lines_equal_the_model(stream in ndjson_stream(), cuts in cuts()) {
        let (expected, tail) = ndjson_model(&stream);
        for cuts in [Vec::new(), vec![(1, true); stream.len()], cuts] {
            let (mut decoder, mut lines) = (ndjson::Decoder::new(), Vec::new());
            for (chunk, now) in chunks(&stream, &cuts) {
                decoder.push(chunk);
                while now && let Some(line) = decoder.next()? {
                    lines.push(line.bytes().to_vec());
                }
            }
            prop_assert_eq!(&lines, &expected);
            prop_assert_eq!(decoder.finish()?.map(|line| line.bytes()), tail);
            prop_assert_eq!(decoder.finish()?, None);
        }
    }
}
