//! Garbage bytes that replace a body or an event.

use bytes::Bytes;
use datalinks_gen::StreamKind;

use crate::response::EventBytes;
use crate::runtime::mix;

/// Number of garbage bytes: enough that they are never valid by chance, and few enough to read in a log.
const LENGTH: u64 = 48;

/// Returns bytes that are derived from a number. They are invalid as JSON and as UTF-8, and have no line break.
pub(super) fn bytes(number: u64) -> Bytes {
    let letters = (0..LENGTH).map(|index| mix(number ^ mix(index)) as u8);
    let mut bytes: Vec<u8> =
        letters.map(|letter| if letter.is_ascii_control() { letter | 0x80 } else { letter }).collect();
    // A continuation byte at the beginning makes them invalid UTF-8.
    bytes.insert(0, 0xbf);
    bytes.into()
}

/// Returns an event with the frame of another one and garbage as its data.
pub(super) fn event(kind: StreamKind, event: &EventBytes, number: u64) -> EventBytes {
    let mut garbled = Vec::new();
    if kind == StreamKind::Sse {
        let name = event.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
        // An event of the agent protocol has no name: its first line is the data.
        if name.starts_with(b"event:") {
            garbled.extend_from_slice(name);
        }
        garbled.extend_from_slice(b"data: ");
    }
    garbled.extend_from_slice(&bytes(number));
    garbled.extend_from_slice(if kind == StreamKind::Sse { b"\n\n" } else { b"\n" });
    Bytes::from(garbled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn garbage_bytes_are_invalid_utf8_and_reproducible() {
        for number in 0..200 {
            let garbage = bytes(number);
            assert_eq!(garbage, bytes(number));
            assert_ne!(garbage, bytes(number + 1));
            assert!(std::str::from_utf8(&garbage).is_err());
            assert!(!garbage.contains(&b'\n') && !garbage.contains(&b'\r'));
        }
    }

    #[test]
    fn garbage_event_keeps_its_frame() {
        let whole = Bytes::from_static(b"event: plan\ndata: {\"a\":1}\n\n");
        let garbled = event(StreamKind::Sse, &whole, 7);
        assert!(garbled.starts_with(b"event: plan\ndata: \xbf") && garbled.ends_with(b"\n\n"));
        let garbled = event(StreamKind::Sse, &Bytes::from_static(b"data: {\"a\":1}\n\n"), 7);
        assert!(garbled.starts_with(b"data: \xbf") && garbled.ends_with(b"\n\n"));
        let garbled = event(StreamKind::Ndjson, &Bytes::from_static(b"{\"a\":1}\n"), 7);
        assert!(garbled.starts_with(b"\xbf") && garbled.ends_with(b"\n"));
    }
}
