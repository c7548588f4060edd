//! Threads and runtimes around a blocking client.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    thread,
};

use datalinks::{
    ErrorKind, IngestionResult,
    blocking::{DataLinks, Dataset},
    testing::{Reply, Script},
};
use serde_json::{Value, json};

use super::{client, emulator, films};

#[test]
fn threads_call_at_the_same_time() {
    let emulator = emulator();
    let dl = client(&emulator);
    let dataset = dl.dataset("cinema", "films").unwrap();
    dataset.create().run().unwrap();
    let result: IngestionResult<_> = dataset.ingest(films()).run().unwrap();
    result.check().unwrap();
    let ready = std::sync::Barrier::new(8);
    let rounds = |dataset: Dataset| {
        ready.wait();
        (0..20).map(|_| dataset.query().fetch::<Value>().unwrap().len()).sum::<usize>()
    };
    thread::scope(|scope| {
        let threads = [(); 8].map(|()| dataset.clone()).map(|dataset| scope.spawn(|| rounds(dataset)));
        let rows: usize = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
        assert_eq!(rows, 8 * 20 * 3);
    });
}

/// A stream that one thread reads does not keep another thread from calling.
#[test]
fn call_goes_through_while_another_thread_waits_for_an_event() {
    let emulator = emulator();
    let dl = client(&emulator);
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let silent =
        DataLinks::builder(format!("http://{}/api/v1", listener.local_addr().unwrap()), "k").build().unwrap();
    thread::scope(|scope| {
        let asked = scope.spawn(|| silent.namespace("cinema").unwrap().ask("Why?").run());
        // The question has arrived, and is not answered.
        let (mut connection, _) = listener.accept().unwrap();
        assert!(connection.read(&mut [0; 64]).unwrap() > 0);
        assert_eq!(dl.namespaces().unwrap().len(), 0);
        drop((connection, listener));
        asked.join().unwrap().unwrap_err();
    });
}

fn is_rejected<T: std::fmt::Debug>(result: Result<T, datalinks::Error>) {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.is_ambiguous(), error.attempts()), (ErrorKind::InvalidInput, false, 0));
    assert!(error.to_string().contains("spawn_blocking"), "{error}");
}

#[tokio::test]
async fn calls_are_errors_on_the_thread_of_a_current_thread_runtime() {
    let script = Script::new().otherwise(Reply::json(json!([])));
    let dl = DataLinks::from(script.client());
    is_rejected(dl.namespaces());
    is_rejected(dl.namespace("cinema").unwrap().ask("Why?").run());
    let dataset = dl.dataset("cinema", "films").unwrap();
    let mut batches = dataset.ingest([json!({ "n": 1 })]).batches().unwrap();
    is_rejected(batches.next().unwrap());
    assert!(batches.next().is_none(), "a loop over the iterator must end");
    let mut states = dataset.wait_for(uuid::Uuid::nil()).stream();
    is_rejected(states.next().unwrap());
    assert!(states.next().is_none());
    assert_eq!(script.requests().len(), 0);
    // Inside of a runtime, but not on one of its tasks.
    let namespaces = tokio::task::spawn_blocking(move || dl.namespaces()).await.unwrap();
    assert_eq!(namespaces.unwrap().len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_are_errors_on_workers_and_work_in_block_in_place() {
    let emulator = emulator();
    let dl = client(&emulator);
    is_rejected(dl.namespaces());
    let of_task = dl.clone();
    tokio::spawn(async move { is_rejected(of_task.namespaces()) }).await.unwrap();
    assert_eq!(tokio::task::block_in_place(|| dl.namespaces()).unwrap().len(), 0);
    let of_blocking = dl.clone();
    assert_eq!(
        tokio::task::spawn_blocking(move || of_blocking.namespaces()).await.unwrap().unwrap().len(),
        0
    );
}

/// A client, a stream and an ingestion that were used, dropped on the thread of a runtime.
#[tokio::test]
async fn values_are_dropped_inside_a_runtime() {
    let emulator = emulator();
    let dl = client(&emulator);
    let (dl, events, batches) = tokio::task::spawn_blocking(move || {
        let dataset = dl.dataset("cinema", "films").unwrap();
        dataset.create().run().unwrap();
        let mut batches = dataset.ingest(films()).batch_size(1).batches().unwrap();
        assert!(batches.next().unwrap().unwrap().failed.is_empty());
        let mut events = dataset.namespace().ask("Why?").stream().unwrap();
        events.next().unwrap().unwrap();
        (dl, events, batches)
    })
    .await
    .unwrap();
    drop(batches);
    drop(events);
    drop(dl);
}

/// Serves one stream of events that does not end, and returns once the client has closed its connection.
fn serve_endless(listener: &TcpListener) {
    let (mut connection, _) = listener.accept().unwrap();
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut bytes = [0; 1_024];
        let read = connection.read(&mut bytes).unwrap();
        request.extend_from_slice(&bytes[..read]);
    }
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    write!(connection, "{head}event: planningStarted\ndata: {{}}\n\n").unwrap();
    // Reading ends with the connection, which the client may reset.
    while connection.read(&mut [0; 1_024]).is_ok_and(|read| read > 0) {}
}

#[test]
fn dropping_a_half_read_iterator_ends_its_request() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let host = format!("http://{}/api/v1", listener.local_addr().unwrap());
    let server = thread::spawn(move || serve_endless(&listener));
    let dl = DataLinks::builder(host, "k").build().unwrap();
    let mut events = dl.namespace("cinema").unwrap().ask("Why?").stream().unwrap();
    assert_eq!(events.next().unwrap().unwrap().name(), "planningStarted");
    drop(events);
    // The client lives, so only the end of the stream can have closed the connection.
    server.join().unwrap();
    drop(dl);
}

/// An iterator keeps the thread that drives its connection.
#[test]
fn iterators_outlive_their_client() {
    let emulator = emulator();
    let dl = client(&emulator);
    let dataset = dl.dataset("cinema", "films").unwrap();
    dataset.create().run().unwrap();
    let events = dataset.namespace().ask("Why?").stream().unwrap();
    drop((dl, dataset));
    let names: Vec<String> = events.map(|event| event.unwrap().name().to_owned()).collect();
    assert!(names.len() > 1, "{names:?}");
}
