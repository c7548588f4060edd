//! Pauses that a service asks for, which apply to all requests of an adaptive run.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use datalinks::{
    ErrorKind, RetryPolicy,
    ingest::{Concurrency, IngestionResult},
    testing::{Reply, Script},
};
use serde_json::{Value, json};
use tokio::time::Instant;

const ROWS: u64 = 40;

/// Ingests batches of 10 rows. The first request gets `first`, and all others are stored.
async fn ingest(
    first: Reply,
    retry: RetryPolicy,
    timeout: Option<Duration>,
) -> (IngestionResult<Value>, Vec<Duration>) {
    let start = Instant::now();
    let (sent, times) = (AtomicUsize::new(0), Arc::new(std::sync::Mutex::new(Vec::new())));
    let recorded = Arc::clone(&times);
    let script = Script::new().respond_with(move |_| {
        recorded.lock().unwrap().push(start.elapsed());
        match sent.fetch_add(1, Ordering::SeqCst) {
            0 => first.clone(),
            _ => Reply::json(json!({ "indexed": 10 })),
        }
    });
    let client = script.builder().retry(retry).build().unwrap();
    let client = match timeout {
        Some(timeout) => client.with_options(datalinks::CallOptions::new().timeout(timeout)),
        None => client,
    };
    let rows: Vec<Value> = (0..ROWS).map(|n| json!({ "n": n })).collect();
    let films = client.dataset("cinema", "films").unwrap();
    let result = films.ingest(rows).batch_size(10).concurrency(Concurrency::auto()).await.unwrap();
    let times = times.lock().unwrap().clone();
    (result, times)
}

fn rejected(status: u16, retry_after: &str) -> Reply {
    Reply::error(status, "BUSY", "later").header("Retry-After", retry_after)
}

/// A run waited for a year at the gate.
#[tokio::test(start_paused = true)]
async fn pause_above_the_limit_of_the_policy_does_not_stop_the_run() {
    for status in [429, 503] {
        let (result, times) = ingest(rejected(status, "31536000"), RetryPolicy::default(), None).await;
        assert_eq!((result.failed.len(), result.successful.len()), (10, 30), "{result}");
        assert_eq!(result.failed[0].error.retry_after(), Some(Duration::from_secs(31_536_000)));
        // Waiting is limited by `max_retry_after`.
        assert!(times[1] < Duration::from_secs(70), "{times:?}");
    }
}

/// A call that waited at the gate until its limit was sent then, in the pause that the service asked for.
#[tokio::test(start_paused = true)]
async fn call_whose_time_ends_at_the_gate_is_not_sent() {
    let policy = RetryPolicy::default().retry_timeout(Duration::from_secs(5));
    let ends = [(policy, None), (RetryPolicy::default(), Some(Duration::from_secs(5)))];
    for (policy, timeout) in ends {
        let (result, times) = ingest(rejected(503, "30"), policy, timeout).await;
        assert!(times[1..].iter().all(|at| *at >= Duration::from_secs(30)), "{times:?}");
        let waited = &result.failed[10].error;
        assert_eq!((waited.kind(), waited.attempts(), waited.is_ambiguous()), (ErrorKind::Timeout, 0, false));
        assert!(result.possibly_duplicated.is_empty());
    }
}

/// A pause that another call of the client caused counted as the latency of a batch, and halved the next ones.
#[tokio::test(start_paused = true)]
async fn pause_of_another_call_is_not_latency() {
    let (asked, sizes) = (AtomicUsize::new(0), Arc::new(std::sync::Mutex::new(Vec::new())));
    let recorded = Arc::clone(&sizes);
    let script = Script::new().respond_with(move |request| {
        if request.path().contains("/ingest/") {
            let body: Value = serde_json::from_slice(request.body()).unwrap();
            let rows = body["data"].as_array().unwrap().len();
            recorded.lock().unwrap().push(rows);
            return Reply::json(json!({ "indexed": rows })).after(Duration::from_millis(100));
        }
        match asked.fetch_add(1, Ordering::SeqCst) {
            0 => rejected(429, "30"),
            _ => Reply::status(404),
        }
    });
    let client = script.builder().build().unwrap();
    let rows: Vec<Value> = (0..200).map(|n| json!({ "n": n })).collect();
    let ingest = client.dataset("cinema", "films").unwrap().ingest(rows).batch_size(80).adaptive_batch_size();
    let start = Instant::now();
    let other = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        client.current_user().await
    };
    let (result, user) = tokio::join!(async { ingest.await }, other);
    assert_eq!(user.unwrap_err().attempts(), 2);
    assert_eq!(result.unwrap().successful.len(), 200);
    assert!(start.elapsed() > Duration::from_secs(30));
    let sizes = sizes.lock().unwrap();
    let (_, full) = sizes.split_last().unwrap();
    assert!(full.is_sorted(), "{sizes:?}");
    // The first batches have an eighth of the rows.
    assert!(full[0] == 10 && full.last().unwrap() > &10, "{sizes:?}");
}

/// A batch that waits for its retry is not in flight, so the next one takes its place.
#[tokio::test(start_paused = true)]
async fn batch_that_waits_for_a_retry_does_not_delay_the_next_one() {
    let firsts = Arc::new(std::sync::Mutex::new(Vec::new()));
    let recorded = Arc::clone(&firsts);
    let script = Script::new().respond_with(move |request| {
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        let mut firsts = recorded.lock().unwrap();
        firsts.push(body["data"][0]["n"].as_u64().unwrap());
        if firsts.len() == 1 {
            Reply::error(502, "BAD_GATEWAY", "x")
        } else {
            Reply::json(json!({ "indexed": 10 }))
        }
    });
    let hour = Duration::from_secs(3_600);
    let policy = RetryPolicy::default().backoff(hour, hour).retry_timeout(10 * hour);
    let client = script.builder().retry(policy).build().unwrap();
    let rows: Vec<Value> = (0..ROWS).map(|n| json!({ "n": n })).collect();
    let films = client.dataset("cinema", "films").unwrap();
    let result = films.ingest(rows).batch_size(10).concurrency(Concurrency::auto()).await.unwrap();
    assert_eq!((result.successful.len(), result.possibly_duplicated.len()), (40, 1));
    assert_eq!(result.possibly_duplicated[0], 0..10);
    assert_eq!(*firsts.lock().unwrap(), [0, 10, 20, 30, 0]);
}
