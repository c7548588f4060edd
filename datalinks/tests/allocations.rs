//! The decoders reuse their memory.
//!
//! The test is a separate program, because its counter replaces the global allocator.

use bytes::Bytes;
use datalinks::stream::{ndjson, sse};

/// Returns the chunks of `count` copies of `text`, split at every `length` bytes.
fn chunks(text: &str, count: usize, length: usize) -> Vec<Bytes> {
    let mut rest = Bytes::from(text.repeat(count));
    let mut chunks = Vec::new();
    while !rest.is_empty() {
        chunks.push(rest.split_to(length.min(rest.len())));
    }
    chunks
}

/// Returns the number of allocations of `read` for the second half of the chunks. The first half is a warm-up.
fn allocations(chunks: &[Bytes], mut read: impl FnMut(Bytes)) -> u64 {
    let (first, second) = chunks.split_at(chunks.len() / 2);
    let mut read_all = |chunks: &[Bytes]| chunks.iter().cloned().for_each(&mut read);
    read_all(first);
    allocation_counter::measure(|| read_all(second)).count_total
}

#[track_caller]
fn check_sse(text: &str, length: usize) {
    let (mut decoder, mut count) = (sse::Decoder::new(), 0);
    let allocations = allocations(&chunks(text, 1_000, length), |chunk| {
        decoder.push(chunk);
        while let Ok(Some(event)) = decoder.next() {
            assert!(!event.data().is_empty());
            count += 1;
        }
    });
    assert_eq!((count, allocations), (1_000, 0), "chunks of {length} bytes");
}

const TOKEN: &str = "event: step\ndata: {\"t\":\" tok\"}\n\n";

#[test]
fn counter_counts_allocations() {
    let mut kept = Vec::new();
    assert!(allocations(&chunks(TOKEN, 10, TOKEN.len()), |chunk| kept.push(chunk.to_vec())) >= 5);
}

#[test]
fn event_within_a_chunk_allocates_nothing() {
    check_sse(TOKEN, TOKEN.len());
    check_sse(TOKEN, 40 * TOKEN.len());
}

#[test]
fn event_across_chunks_allocates_nothing_after_warm_up() {
    for length in [1, 7, 1_400] {
        check_sse(TOKEN, length);
        check_sse("id: 17\nretry: 1000\nevent: plan\ndata: two\ndata: lines\n: and more\n\n", length);
    }
}

#[test]
fn line_allocates_nothing_after_warm_up() {
    for length in [1, 7, 1_400] {
        let (mut decoder, mut count) = (ndjson::Decoder::new(), 0);
        let allocations = allocations(&chunks("{\"type\":\"row\"}\n", 1_000, length), |chunk| {
            decoder.push(chunk);
            while let Ok(Some(_)) = decoder.next() {
                count += 1;
            }
        });
        assert_eq!((count, allocations), (1_000, 0), "chunks of {length} bytes");
    }
}
