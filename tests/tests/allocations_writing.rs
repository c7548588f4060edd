//! The ingestion of a list encodes each row once, into the body that is sent, and keeps each row once.
//!
//! The test is a separate program, because its counter replaces the global allocator. The counter only counts the
//! thread that measures, so the server has a thread of its own.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

use std::{sync::mpsc, thread};

use allocation_counter::AllocationInfo;
use datalinks::{DataLinks, Dataset, IngestionResult};
use datalinks_tests::server::{Reply, Server};
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::{runtime, sync::oneshot};

const BATCH: usize = 1_000;
/// Length of the text in each row.
const TEXT: usize = 1_000;

#[derive(Serialize)]
struct Row {
    id: usize,
    score: f64,
    text: String,
}

fn row(id: usize) -> Row {
    Row { id, score: id as f64 / 7.0, text: "x".repeat(TEXT) }
}

fn map(id: usize) -> Map<String, Value> {
    let row = json!({ "id": id, "score": id as f64 / 7.0, "text": "x".repeat(TEXT) });
    row.as_object().unwrap().clone()
}

/// A server on a thread of its own, which acknowledges every batch.
struct Acknowledging {
    origin: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Acknowledging {
    fn start() -> Self {
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = mpsc::channel();
        let thread = thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let server = Server::start().await;
                server.always(Reply::json(200, json!({ "indexed": BATCH })));
                tell.send(server.origin().to_owned()).unwrap();
                stopped.await.unwrap();
            });
        });
        Self { origin: told.recv().unwrap(), stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Acknowledging {
    fn drop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.thread.take().unwrap().join().unwrap();
    }
}

/// Ingests a list on one thread, and returns the allocations and the bytes of all bodies.
fn ingest<T: Serialize + Send + 'static>(server: &Acknowledging, rows: Vec<T>) -> (AllocationInfo, u64) {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = DataLinks::builder(format!("{}/api/v1", server.origin), "k").build().unwrap();
    let films: Dataset = client.dataset("cinema", "films").unwrap();
    let (count, memory) = (rows.len(), rows.as_ptr());
    let mut result: Option<IngestionResult<T>> = None;
    let counted = allocation_counter::measure(|| {
        result = Some(runtime.block_on(films.ingest(rows).batch_size(BATCH).into_future()).unwrap());
    });
    let result = result.unwrap();
    assert_eq!((result.successful.len(), result.counts.requests), (count, count / BATCH));
    assert_eq!(result.successful.as_ptr(), memory, "the result has the list itself");
    (counted, result.counts.bytes)
}

/// Returns the allocations of the later batches of a long list, and the bytes of their bodies.
fn later_batches<T: Serialize + Send + 'static>(row: fn(usize) -> T) -> (AllocationInfo, u64) {
    let server = Acknowledging::start();
    let rows = |batches: usize| (0..batches * BATCH).map(row).collect::<Vec<T>>();
    let (short, short_bytes) = ingest(&server, rows(5));
    let (long, long_bytes) = ingest(&server, rows(15));
    let later = AllocationInfo {
        count_total: long.count_total - short.count_total,
        bytes_total: long.bytes_total - short.bytes_total,
        ..long
    };
    (later, long_bytes - short_bytes)
}

#[track_caller]
fn check(later: AllocationInfo, bodies: u64) {
    let (rows, batches) = (10 * BATCH as u64, 10);
    assert!(bodies > rows * TEXT as u64);
    // A call with a connection of its own has some hundreds of allocations, and a row has none.
    assert!(later.count_total < rows / 2, "{later:?}");
    // A batch allocates its body once. A copy of it, or of the rows, would be a second one.
    assert!(later.bytes_total < bodies * 3 / 2, "{later:?} for bodies of {bodies} bytes");
    // One body is in flight, and one is being written.
    assert!(later.bytes_max < 4 * bodies / batches, "{later:?} for bodies of {bodies} bytes");
}

#[test]
fn structs_are_written_once_and_kept_once() {
    let (later, bodies) = later_batches(row);
    check(later, bodies);
}

#[test]
fn maps_are_written_once_and_kept_once() {
    let (later, bodies) = later_batches(map);
    check(later, bodies);
}
