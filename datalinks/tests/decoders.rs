//! The decoders with vectors of public test suites, with all splits of their bytes.

mod support;

use bytes::Bytes;
use datalinks::stream::{ndjson, sse};
use serde_json::Value;
use support::{Vector, cuts};

/// An event, independent of its decoder.
#[derive(Clone, Debug, PartialEq)]
struct Event {
    name: String,
    data: String,
    id: String,
    retry: Option<u64>,
}

fn sse_events(decoder: &mut sse::Decoder, found: &mut Vec<Event>) {
    while let Some(event) = decoder.next().unwrap_or_else(|error| panic!("{error}")) {
        found.push(Event {
            name: event.name().to_owned(),
            data: event.data().to_owned(),
            id: event.last_event_id().to_owned(),
            retry: event.retry().map(|time| time.as_millis() as u64),
        });
    }
}

#[track_caller]
fn check_sse(vector: &Vector, chunks: &[Vec<u8>], prompt: Option<&[u64]>) {
    let mut decoder = sse::Decoder::new();
    let mut found = Vec::new();
    for (index, chunk) in chunks.iter().enumerate() {
        decoder.push(chunk.clone().into());
        sse_events(&mut decoder, &mut found);
        if let Some(count) = prompt.and_then(|prompt| prompt.get(index)) {
            assert_eq!(found.len() as u64, *count, "{}: late after chunk {index}", vector.name);
        }
    }
    let expected = vector.expected();
    assert_eq!(found.len(), expected.len(), "{}: {found:?}", vector.name);
    for (found, expected) in found.iter().zip(expected) {
        let text = |key: &str| expected[key].as_str().unwrap_or_default();
        assert_eq!(found.name, text("event"), "{}", vector.name);
        assert_eq!(found.data, text("data"), "{}", vector.name);
        assert_eq!(found.id, text("id"), "{}", vector.name);
        assert_eq!(found.retry, expected["retry"].as_u64(), "{}", vector.name);
    }
    assert_eq!(
        decoder.last_event_id(),
        vector.fields["last_event_id"].as_str().unwrap_or_default(),
        "{}",
        vector.name
    );
    let time = decoder.reconnection_time().map(|time| time.as_millis() as u64);
    assert_eq!(time, vector.fields["reconnection_time_ms"].as_u64(), "{}", vector.name);
}

#[test]
fn server_sent_events_match_the_vectors() {
    let vectors = support::load(include_str!("vectors/sse.json"));
    assert_eq!(vectors.len(), 206);
    for vector in &vectors {
        let prompt: Option<Vec<u64>> = vector.fields["events_after_chunk"]
            .as_array()
            .map(|counts| counts.iter().filter_map(Value::as_u64).collect());
        check_sse(vector, &vector.chunks, prompt.as_deref());
        for chunks in cuts(&vector.chunks) {
            check_sse(vector, &chunks, None);
        }
    }
}

/// The incomplete event at the end of the input is available separately. It does not belong to the stream.
#[test]
fn incomplete_event_is_available_at_the_end() {
    let whole = "event: answer\r\ndata: {\"a\":\r\ndata: 1}";
    let expected = Some(("answer".to_owned(), "{\"a\":\n1}".to_owned()));
    let table = [
        (whole.to_owned(), expected.clone()),
        (format!("{whole}\r"), expected.clone()),
        (format!("{whole}\r\n"), expected.clone()),
        (format!(": hello\n\ndata: first\n\n{whole}\n"), expected),
        ("data: x".to_owned(), Some(("message".to_owned(), "x".to_owned()))),
        // No event is left, because it was dispatched or has no data.
        (format!("{whole}\n\n"), None),
        ("event: answer\n".to_owned(), None),
        ("dat".to_owned(), None),
        (": comment".to_owned(), None),
        (String::new(), None),
    ];
    for (text, expected) in table {
        for at in 0..=text.len() {
            let mut decoder = sse::Decoder::new();
            for chunk in [&text.as_bytes()[..at], &text.as_bytes()[at..]] {
                decoder.push(chunk.to_vec().into());
                sse_events(&mut decoder, &mut Vec::new());
            }
            let mut pending = || {
                let event = decoder.pending().unwrap();
                event.map(|event| (event.name().to_owned(), event.data().to_owned()))
            };
            assert_eq!(pending(), expected, "{text:?} cut at {at}");
            assert_eq!(pending(), None, "{text:?} cut at {at}: it is offered once");
        }
    }
}

#[track_caller]
fn check_ndjson(vector: &Vector, chunks: &[Vec<u8>]) {
    let mut decoder = ndjson::Decoder::new();
    let mut found: Vec<Option<Value>> = Vec::new();
    for chunk in chunks {
        decoder.push(chunk.clone().into());
        while let Some(line) = decoder.next().unwrap_or_else(|error| panic!("{error}")) {
            found.push(line.json().ok());
        }
    }
    let counted = found.len() as u64;
    let next_start_index = vector.fields["next_start_index"].as_u64();
    if let Some(line) = decoder.finish().unwrap_or_else(|error| panic!("{error}")) {
        found.push(line.json().ok());
    }
    let expected = vector.expected();
    assert_eq!(found.len(), expected.len(), "{}: {found:?}", vector.name);
    for (found, expected) in found.iter().zip(&expected) {
        match (found, expected.get("ok")) {
            (Some(found), Some(value)) => {
                assert!(support::value_matches(found, value), "{}: {found}", vector.name)
            }
            (None, None) => {}
            (found, expected) => panic!("{}: {found:?} instead of {expected:?}", vector.name),
        }
    }
    // A tail counts if it is a complete JSON text.
    let tail_counts = found.len() as u64 > counted && matches!(found.last(), Some(Some(_)));
    assert_eq!(Some(counted + u64::from(tail_counts)), next_start_index, "{}", vector.name);
}

#[test]
fn ndjson_lines_match_the_vectors() {
    let vectors = support::load(include_str!("vectors/ndjson.json"));
    assert_eq!(vectors.len(), 54);
    for vector in &vectors {
        check_ndjson(vector, &vector.chunks);
        for chunks in cuts(&vector.chunks) {
            check_ndjson(vector, &chunks);
        }
    }
}

/// A line of a known field may not be kept without a limit until its end arrives.
#[test]
fn line_over_the_limit_is_an_error_before_its_end() {
    for field in ["id", "event", "retry"] {
        let mut decoder = sse::Decoder::new().limit(16);
        decoder.push(format!("{field}: 1234").into());
        assert!(matches!(decoder.next(), Ok(None)), "{field}");
        decoder.push("56789012345".into());
        assert!(decoder.next().is_err(), "{field}");
    }
}

/// Data of several lines, of any pieces, has one limit together. Here it has five bytes: `ab`, a line end and `cd`.
#[test]
fn lines_of_an_event_have_one_limit() {
    for limit in 2..8 {
        for piece in [1, 3, 64] {
            let mut decoder = sse::Decoder::new().limit(limit);
            let mut found = Ok(None);
            for chunk in b"data: ab\ndata: cd\n\n".chunks(piece) {
                decoder.push(chunk.to_vec().into());
                found = decoder.next().map(|event| event.map(|event| event.data().to_owned()));
                if found.is_err() {
                    break;
                }
            }
            let expected = (limit >= 5).then(|| "ab\ncd".to_owned());
            assert_eq!(found.ok().flatten(), expected, "limit {limit}, pieces of {piece}");
        }
    }
}

#[test]
fn default_limit_is_16_mib() {
    for (length, is_allowed) in [(16 << 20, true), ((16_usize << 20) + 1, false)] {
        let mut decoder = ndjson::Decoder::new();
        decoder.push(format!("1{}\n", " ".repeat(length - 1)).into());
        assert_eq!(decoder.next().is_ok(), is_allowed, "{length}");
    }
}

/// The memory of a chunk is free when the next one is read, also if an event or a line continues in it.
#[test]
fn chunk_that_was_read_is_not_kept() {
    let (mut events, mut lines) = (sse::Decoder::new(), ndjson::Decoder::new());
    for chunk in ["id: 7\nevent: plan\ndata: a\n", "\nevent: st", "ep\ndata: b", "c\n\n"].map(String::from) {
        let chunk = Bytes::from(chunk);
        events.push(chunk.clone());
        while let Some(event) = events.next().unwrap() {
            assert!([("plan", "a"), ("step", "bc")].contains(&(event.name(), event.data())), "{event:?}");
            assert_eq!(event.last_event_id(), "7");
        }
        lines.push(chunk.clone());
        while lines.next().unwrap().is_some() {}
        assert!(chunk.is_unique(), "{chunk:?}");
    }
}
