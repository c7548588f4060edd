//! How fast the decoders are, beside others and beside a scan for line ends, which no decoder can beat.
//!
//! `cargo bench -p datalinks-benchmarks --bench decoders`. All in one run, so that figures can be compared.

use std::{convert::Infallible, hint::black_box};

use bytes::Bytes;
use criterion::{
    BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use datalinks::stream::{ndjson, sse};
use eventsource_stream::Eventsource;
use futures::{FutureExt, StreamExt, stream};
use memchr::memchr_iter;

const EVENTS: usize = 5_000;
const LARGE_EVENTS: usize = 100;
const LARGE: usize = 64 * 1024;

fn chunks(stream: String, length: usize) -> Vec<Bytes> {
    let mut rest = Bytes::from(stream);
    let mut chunks = Vec::new();
    while !rest.is_empty() {
        chunks.push(rest.split_to(length.min(rest.len())));
    }
    chunks
}

/// Answers come token by token, and a chunk is about what a network packet holds.
fn token_sized() -> Vec<Bytes> {
    let events =
        (0..EVENTS).map(|number| format!("event: step\ndata: {{\"t\":\" tok{}\"}}\n\n", number % 997));
    chunks(events.collect(), 1_400)
}

fn large() -> Vec<Bytes> {
    chunks(format!("data: {}\n\n", "data and more. ".repeat(LARGE / 15)).repeat(LARGE_EVENTS), 16 * 1024)
}

fn lines() -> Vec<Bytes> {
    let text = "some text of a usual length, ".repeat(5);
    let lines =
        (0..5_000).map(|number| format!("{{\"type\":\"row\",\"index\":{number},\"text\":\"{text}\"}}\n"));
    chunks(lines.collect(), 16 * 1024)
}

/// The bound: every byte is read once.
fn scan(group: &mut BenchmarkGroup<'_, WallTime>, chunks: &[Bytes]) {
    let bytes: usize = chunks.iter().map(Bytes::len).sum();
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("memchr", |bencher| {
        bencher.iter(|| {
            for chunk in chunks {
                for position in memchr_iter(b'\n', chunk) {
                    black_box(position);
                }
            }
        });
    });
}

fn server_sent_events(group: &mut BenchmarkGroup<'_, WallTime>, chunks: &[Bytes], events: usize) {
    group.bench_function("datalinks", |bencher| {
        bencher.iter(|| {
            let (mut decoder, mut count) = (sse::Decoder::new(), 0);
            for chunk in chunks {
                decoder.push(chunk.clone());
                while let Ok(Some(event)) = decoder.next() {
                    black_box((event.name(), event.data()));
                    count += 1;
                }
            }
            assert_eq!(count, events);
        });
    });
    group.bench_function("sse-core", |bencher| {
        bencher.iter(|| {
            let (mut decoder, mut count) = (sse_core::SseDecoder::new(), 0);
            for chunk in chunks {
                let mut chunk = chunk.clone();
                while let Some(event) = decoder.next(&mut chunk) {
                    black_box(event).ok();
                    count += 1;
                }
            }
            assert_eq!(count, events);
        });
    });
    group.bench_function("eventsource-stream", |bencher| {
        bencher.iter(|| {
            let chunks = stream::iter(chunks.iter().cloned().map(Ok::<_, Infallible>));
            // Every chunk is there: one poll reads them all.
            let count = chunks
                .eventsource()
                .fold(0, async |count, event| {
                    black_box(event).ok();
                    count + 1
                })
                .now_or_never();
            assert_eq!(count, Some(events));
        });
    });
}

fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sse, token-sized events");
    scan(&mut group, &token_sized());
    server_sent_events(&mut group, &token_sized(), EVENTS);
    group.finish();

    let mut group = criterion.benchmark_group("sse, events of 64 KiB");
    scan(&mut group, &large());
    server_sent_events(&mut group, &large(), LARGE_EVENTS);
    group.finish();

    let mut group = criterion.benchmark_group("ndjson, lines of 200 bytes");
    scan(&mut group, &lines());
    let chunks = lines();
    group.bench_function("datalinks", |bencher| {
        bencher.iter(|| {
            let (mut decoder, mut count) = (ndjson::Decoder::new(), 0);
            for chunk in &chunks {
                decoder.push(chunk.clone());
                while let Ok(Some(line)) = decoder.next() {
                    black_box(line.bytes());
                    count += 1;
                }
            }
            assert_eq!(count, 5_000);
        });
    });
    group.finish();
}

criterion_group!(decoders, bench);
criterion_main!(decoders);
