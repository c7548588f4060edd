//! A stop, after which batches that wait are not sent.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use datalinks::{
    DataLinks, ErrorKind, RetryPolicy,
    ingest::{BatchStream, Budget, Concurrency, Delivery, FailedRow, Ingest, IngestionSummary},
    testing::{Reply, Script},
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

const ROWS: usize = 400;
const SECOND: Duration = Duration::from_secs(1);

/// Counts the requests with rows, and the rows that are stored.
#[derive(Default)]
struct Service {
    requests: AtomicUsize,
    stored: AtomicUsize,
}

impl Service {
    fn store(&self, body: &[u8]) -> Reply {
        let body: Value = serde_json::from_slice(body).unwrap();
        let rows = body["data"].as_array().unwrap().len();
        self.stored.fetch_add(rows, Ordering::SeqCst);
        Reply::json(json!({ "indexed": rows }))
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn busy(status: u16, seconds: &str) -> Reply {
    Reply::error(status, "BUSY", "later").header("Retry-After", seconds)
}

fn client(script: &Script) -> DataLinks {
    script.builder().retry(RetryPolicy::default()).jitter_seed(7).build().unwrap()
}

fn ingest(client: &DataLinks, concurrency: Concurrency) -> Ingest<Value> {
    let rows: Vec<Value> = (0..ROWS).map(|n| json!({ "n": n })).collect();
    let films = client.dataset("cinema", "films").unwrap();
    films.ingest(rows).batch_size(10).concurrency(concurrency).max_batches_without_success(0)
}

/// Stops a run after this time. Returns the rows that fail afterwards, and checks that it ends at once.
async fn stop_after(
    time: Duration,
    service: &Service,
    mut batches: BatchStream<Value>,
) -> (Vec<FailedRow<Value>>, IngestionSummary) {
    let at = Instant::now() + time;
    loop {
        tokio::select! {
            biased;
            () = sleep_until(at) => break,
            outcome = batches.next() => assert!(outcome.is_some(), "the run ended before the stop"),
        }
    }
    let (stopped, before) = (Instant::now(), service.requests());
    batches.stop();
    let mut failed = Vec::new();
    while let Some(outcome) = batches.next().await {
        failed.extend(outcome.failed);
    }
    assert!(stopped.elapsed() <= SECOND, "{:?} after the stop", stopped.elapsed());
    assert_eq!(service.requests(), before, "requests after the stop");
    let summary = batches.finish().await.unwrap();
    assert_eq!(summary.stopped.as_ref().unwrap().kind(), ErrorKind::Interrupted);
    assert_eq!(summary.counts.stored + summary.counts.failed, ROWS);
    assert_eq!(summary.counts.requests + summary.counts.retries, before, "requests of the result");
    (failed, summary)
}

/// Checks that a row was not sent.
fn check_unsent(row: &FailedRow<Value>) {
    let error = &row.error;
    assert_eq!((error.kind(), error.attempts(), error.is_ambiguous()), (ErrorKind::Interrupted, 0, false));
    assert!(error.to_string().contains("this row was not sent"), "{error}");
}

/// In an outage, each of the batches that waited at the gate was sent after the stop, at up to three seconds each.
#[tokio::test(start_paused = true)]
async fn batches_that_wait_at_the_gate_are_not_sent_after_a_stop() {
    let service = Arc::new(Service::default());
    let requests = Arc::clone(&service);
    let script =
        Script::new().respond_with(move |request| match requests.requests.fetch_add(1, Ordering::SeqCst) {
            0..30 => requests.store(request.body()).after(Duration::from_millis(100)),
            _ => Reply::status(503).after(Duration::from_millis(5)),
        });
    let client = client(&script);
    let ingest = ingest(&client, Concurrency::auto().max_requests(32));
    let (failed, summary) = stop_after(Duration::from_millis(800), &service, ingest.batches().unwrap()).await;
    let (rejected, unsent): (Vec<_>, Vec<_>) = failed.into_iter().partition(|row| row.error.attempts() > 0);
    assert!(!rejected.is_empty() && !unsent.is_empty(), "{summary}");
    unsent.iter().for_each(check_unsent);
    for row in rejected {
        assert_eq!((row.error.kind(), row.error.is_ambiguous()), (ErrorKind::Server, false));
        assert!(row.error.to_string().contains("the run stopped"), "{}", row.error);
    }
    assert_eq!(summary.counts.ambiguous, 0);
}

/// Batches wait for the delay that another call of the client was asked for.
#[tokio::test(start_paused = true)]
async fn batches_that_wait_for_a_delay_are_not_sent_after_a_stop_and_can_be_resumed() {
    for concurrency in [Concurrency::from(1), Concurrency::from(8), Concurrency::auto()] {
        let service = Arc::new(Service::default());
        let requests = Arc::clone(&service);
        let script = Script::new().respond_with(move |request| {
            if request.path().contains("/ingest/") {
                requests.requests.fetch_add(1, Ordering::SeqCst);
                return requests.store(request.body());
            }
            busy(429, "30")
        });
        let client = client(&script);
        let once = client.with_options(datalinks::CallOptions::new().max_attempts(1));
        assert_eq!(once.current_user().await.unwrap_err().status().unwrap(), 429);
        let directory = tempfile::tempdir().unwrap();
        let ingest = || ingest(&client, concurrency).journal(directory.path().join("journal"));
        let (failed, summary) = stop_after(SECOND, &service, ingest().batches().unwrap()).await;
        assert_eq!((failed.len(), summary.counts.requests), (ROWS, 0));
        failed.iter().for_each(check_unsent);
        // The journal records no row as sent.
        let result = ingest().await.unwrap();
        assert_eq!((result.counts.stored, result.counts.skipped), (ROWS, 0), "{result}");
        assert!(result.possibly_duplicated.is_empty());
        assert_eq!(service.stored.load(Ordering::SeqCst), ROWS);
    }
}

/// A retry that waits for its pause is not sent either.
#[tokio::test(start_paused = true)]
async fn rejected_batches_are_not_sent_again_after_a_stop() {
    let service = Arc::new(Service::default());
    let requests = Arc::clone(&service);
    let script = Script::new().respond_with(move |_| {
        requests.requests.fetch_add(1, Ordering::SeqCst);
        busy(503, "30")
    });
    let client = client(&script);
    let batches = ingest(&client, Concurrency::from(4)).batches().unwrap();
    let (failed, summary) = stop_after(SECOND, &service, batches).await;
    assert_eq!((failed.len(), summary.counts.requests, summary.counts.ambiguous), (ROWS, 4, 0));
    let (rejected, unsent) = failed.split_at(40);
    for row in rejected {
        assert_eq!((row.error.status().unwrap().as_u16(), row.error.attempts()), (503, 1));
        assert!(row.error.to_string().contains("not sent again"), "{}", row.error);
    }
    unsent.iter().for_each(check_unsent);
}

/// Batches wait until usage is read.
#[tokio::test(start_paused = true)]
async fn batches_that_wait_for_the_budget_are_not_sent_after_a_stop() {
    for concurrency in [Concurrency::from(4), Concurrency::auto()] {
        let service = Service::default();
        let script = Script::new().respond_with(|request| {
            assert!(!request.path().contains("/ingest/"), "rows were sent");
            Reply::status(503).after(3_600 * SECOND)
        });
        let client = client(&script);
        let batches = ingest(&client, concurrency).budget(Budget::tokens(1_000)).batches().unwrap();
        let (failed, summary) = stop_after(SECOND, &service, batches).await;
        assert_eq!((failed.len(), summary.counts.requests), (ROWS, 0));
        failed.iter().for_each(check_unsent);
    }
}

/// A stopped run read the row count for its journal, and waited for it.
#[tokio::test(start_paused = true)]
async fn stop_before_the_first_batch_reads_no_row_count() {
    let service = Arc::new(Service::default());
    let requests = Arc::clone(&service);
    let script = Script::new().respond_with(move |request| {
        requests.requests.fetch_add(1, Ordering::SeqCst);
        if request.path().contains("/ingest/") { Reply::lost_response() } else { Reply::status(503) }
    });
    let client = client(&script);
    let directory = tempfile::tempdir().unwrap();
    let ingest = |delivery| {
        let ingest = ingest(&client, Concurrency::from(1)).delivery(delivery);
        ingest.journal(directory.path().join("journal"))
    };
    let result = ingest(Delivery::AtMostOnce).await.unwrap();
    assert_eq!(result.counts.ambiguous, ROWS);
    let (before, start) = (service.requests(), Instant::now());
    let batches = ingest(Delivery::Reconciled).batches().unwrap();
    batches.stop();
    let summary = batches.finish().await.unwrap();
    assert_eq!((summary.counts.failed, summary.counts.ambiguous), (ROWS, ROWS));
    assert_eq!((service.requests(), start.elapsed()), (before, Duration::ZERO));
}
