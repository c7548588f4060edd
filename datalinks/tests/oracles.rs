//! The decoders against others that do the same, over streams made to be awkward.
//!
//! Server-sent events are compared with two other decoders and with a model that follows the text of the
//! WHATWG standard line by line; NDJSON, which has no standard decoder, with a model alone.

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
    /// The reconnection time that the event's own block tells.
    retry: Option<u64>,
}

impl Event {
    /// The event without its reconnection time, which each decoder tells in its own way.
    fn untimed(&self) -> (&str, &str, &str) {
        (&self.name, &self.data, &self.id)
    }
}

/// How a stream arrives: the lengths of its chunks, and whether events are taken after each. What is left
/// after the last length is one chunk.
type Cuts = Vec<(usize, bool)>;

fn cuts() -> impl Strategy<Value = Cuts> {
    let length = prop_oneof![4 => 0..4usize, 3 => 0..20usize, 1 => 0..200usize];
    vec((length, prop::bool::weighted(0.8)), 0..60)
}

/// The chunks, and after which of them to take what has come.
fn chunks(stream: &[u8], cuts: &Cuts) -> Vec<(Bytes, bool)> {
    let mut rest = Bytes::copy_from_slice(stream);
    let mut chunks: Vec<(Bytes, bool)> =
        cuts.iter().map(|(length, take)| (rest.split_to(rest.len().min(*length)), *take)).collect();
    chunks.push((rest, true));
    chunks
}

/// Bytes that mean something to either decoder, and some that mean nothing.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let telling = select(b"\r\n\r\n\n:  dataeventidretry\0{}\t07\xEF\xBB\xBF\xC3\xFF".to_vec());
    vec(prop_oneof![6 => telling, 1 => any::<u8>()], 0..120)
}

/// A byte order mark at the start: none, whole, in part, or twice.
fn beginning() -> impl Strategy<Value = Vec<u8>> {
    let twice = BOM.repeat(2);
    prop_oneof![
        4 => Just(Vec::new()),
        2 => Just(BOM.as_bytes().to_vec()),
        2 => (1..6usize).prop_map(move |length| twice.as_bytes()[..length].to_vec()),
        1 => Just(b"\xEF\xBB\xEF\xBB\xBF".to_vec()),
    ]
}

/// A part of a value.
fn scrap() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => vec(select(b"abc xyz:{}\",.".to_vec()), 0..12),
        1 => Just(b"\0".to_vec()),
        1 => select(vec![BOM, "é", "€", "😀", "\u{2028}", "\u{85}"]).prop_map(|text| text.as_bytes().to_vec()),
        // A character without its end, one without its beginning, a surrogate, an overlong form.
        2 => select(vec![&b"\xC3"[..], b"\xE2\x82", b"\xF0\x9F\x98", b"\x80", b"\xED\xA0\x80", b"\xC0\x80", b"\xFF"])
            .prop_map(<[u8]>::to_vec),
    ]
}

/// Numbers for `retry` and what looks like them. The large ones stand around the ends of the integers.
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
        // Without a colon the value would belong to the name.
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

/// A stream of server-sent events, with or without the blank line that would complete the last one.
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

/// The text of the standard, taken word for word: the whole stream is decoded first, then cut into lines.
/// It says nothing of a reconnection time of an event; here it is the last one told in the event's block.
fn sse_model(stream: &[u8]) -> (Vec<Event>, String, Option<u64>) {
    let text = String::from_utf8_lossy(stream);
    let text = text.strip_prefix(BOM).unwrap_or(&text);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<&str> = text.split('\n').collect();
    // What follows the last line end is no line yet.
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
            // A number that no u64 holds is ignored, as is the absence of one.
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

/// What the decoder has ready.
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

    /// Whatever the chunks are, the events are those of the standard's text.
    #[test]
    fn server_sent_events_follow_the_text(stream in sse_stream(), cuts in cuts()) {
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

    /// The same events as `sse-parse`, after the same chunks, and the same state of the stream.
    ///
    /// The standard gives events no reconnection time. This oracle gives an event the last one since the
    /// event before, we the one of its own block: so it is the stream's time that is compared here.
    #[test]
    fn server_sent_events_as_sse_parse(stream in sse_stream(), cuts in cuts()) {
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

    /// The same events as `sse-core`, after the same chunks, and the same state of the stream.
    ///
    /// This oracle deviates from the standard in one place: a `retry` which no u32 holds is ignored (its
    /// `Mode::Value(ValueMode::Retry)`), while the standard knows no largest number. Such a time is
    /// therefore not compared. It has no reconnection time of an event either.
    #[test]
    fn server_sent_events_as_sse_core(stream in sse_stream(), cuts in cuts()) {
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
            // This oracle has no id where the standard has an empty one.
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

/// A stream of JSON values, one a line, some of them no JSON at all.
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

/// The lines that are not blank, and what follows the last line end.
fn ndjson_model(stream: &[u8]) -> (Vec<&[u8]>, Option<&[u8]>) {
    let stream = stream.strip_prefix(BOM.as_bytes()).unwrap_or(stream);
    let mut lines: Vec<&[u8]> = stream.split(|byte| *byte == b'\n').collect();
    let tail = lines.pop();
    let told = |line: &&[u8]| line.iter().any(|byte| !b" \t\r".contains(byte));
    lines.retain(told);
    (lines, tail.filter(told))
}

proptest! {
    #![proptest_config(config())]

    /// Whatever the chunks are, the lines are those of the model.
    #[test]
    fn one_json_value_a_line_as_the_model(stream in ndjson_stream(), cuts in cuts()) {
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
