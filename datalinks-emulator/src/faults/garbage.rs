//! Bytes that mean nothing, to put in the place of something.

use bytes::Bytes;
use datalinks_gen::StreamKind;

use crate::response::EventBytes;
use crate::runtime::mix;

/// Long enough to be nothing by chance, short enough to be looked at.
const LENGTH: u64 = 48;

/// Bytes that follow from a number. They are no JSON, no UTF-8 and no line.
pub(super) fn bytes(number: u64) -> Bytes {
    let letters = (0..LENGTH).map(|index| mix(number ^ mix(index)) as u8);
    let mut bytes: Vec<u8> =
        letters.map(|letter| if letter.is_ascii_control() { letter | 0x80 } else { letter }).collect();
    // No text begins in the middle of a letter.
    bytes.insert(0, 0xbf);
    bytes.into()
}

/// An event that is one by its frame, and no more.
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
    fn garbage_is_nothing_else_and_comes_again() {
        for number in 0..200 {
            let garbage = bytes(number);
            assert_eq!(garbage, bytes(number));
            assert_ne!(garbage, bytes(number + 1));
            assert!(std::str::from_utf8(&garbage).is_err());
            assert!(!garbage.contains(&b'\n') && !garbage.contains(&b'\r'));
        }
    }

    #[test]
    fn events_keep_their_frame() {
        let whole = Bytes::from_static(b"event: plan\ndata: {\"a\":1}\n\n");
        let garbled = event(StreamKind::Sse, &whole, 7);
        assert!(garbled.starts_with(b"event: plan\ndata: \xbf") && garbled.ends_with(b"\n\n"));
        let garbled = event(StreamKind::Sse, &Bytes::from_static(b"data: {\"a\":1}\n\n"), 7);
        assert!(garbled.starts_with(b"data: \xbf") && garbled.ends_with(b"\n\n"));
        let garbled = event(StreamKind::Ndjson, &Bytes::from_static(b"{\"a\":1}\n"), 7);
        assert!(garbled.starts_with(b"\xbf") && garbled.ends_with(b"\n"));
    }
}
