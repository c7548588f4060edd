//! Tests of runs that stop, fail, wait, or continue an earlier run.

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use futures::{FutureExt as _, SinkExt as _, StreamExt as _, channel::mpsc, future::BoxFuture};
use serde_json::{Map, Value, json};

use super::{
    batch_stream::BatchStream,
    begin,
    concurrency::Concurrency,
    engine::{Acknowledged, Deliver},
    options::IngestOptions,
    reconcile::Key,
    result::IngestionResult,
    source::Rows,
};
use crate::error::{Error, ErrorKind};

/// A service that returns the n-th error for the n-th request, and stores the rows of all other requests.
#[derive(Default)]
struct Service {
    errors: Mutex<Vec<Option<Error>>>,
    /// Number of rows that it reports as indexed, per request.
    indexed: Option<u64>,
    bodies: Mutex<Vec<String>>,
}

impl Service {
    fn failing(errors: impl IntoIterator<Item = Option<ErrorKind>>) -> Arc<Self> {
        let error = |kind: Option<ErrorKind>| kind.map(|kind| Error::new(kind, "the service rejects it"));
        let mut errors: Vec<_> = errors.into_iter().map(error).collect();
        errors.reverse();
        Arc::new(Self { errors: Mutex::new(errors), ..Self::default() })
    }

    /// The rows of each request.
    fn sent(&self) -> Vec<Vec<u64>> {
        let row = |row: &Value| row["n"].as_u64().unwrap();
        let rows = |body: &String| {
            let body: Value = serde_json::from_str(body).unwrap();
            body["data"].as_array().unwrap().iter().map(row).collect()
        };
        self.bodies.lock().unwrap().iter().map(rows).collect()
    }
}

impl Deliver for Service {
    fn deliver(&self, body: Bytes, _: bool) -> BoxFuture<'_, Result<Acknowledged, Error>> {
        let text = String::from_utf8(body.to_vec()).unwrap();
        self.bodies.lock().unwrap().push(text);
        let error = self.errors.lock().unwrap().pop().flatten();
        let stored = Acknowledged { indexed: self.indexed, repeated: false, attempts: 1 };
        std::future::ready(error.map_or(Ok(stored), Err)).boxed()
    }

    fn row_count(&self) -> BoxFuture<'_, Result<u64, Error>> {
        std::future::ready(Err(Error::invalid("this test has no row count"))).boxed()
    }

    fn find_keys<'a>(&'a self, _: &'a str, _: &'a [Key]) -> BoxFuture<'a, Result<Vec<String>, Error>> {
        std::future::ready(Err(Error::invalid("this test has no keys"))).boxed()
    }

    fn dataset_name(&self) -> String {
        "plants/trees".to_owned()
    }
}

fn row(n: usize) -> Value {
    json!({ "n": n })
}

fn list(count: usize) -> Rows<Value> {
    Rows::All((0..count).map(row).collect())
}

fn stream(rows: Vec<Result<Value, Error>>) -> Rows<Value> {
    Rows::Stream(futures::stream::iter(rows).boxed())
}

fn start(service: &Arc<Service>, rows: Rows<Value>, options: IngestOptions) -> BatchStream<Value> {
    begin(service.clone(), rows, &Map::new(), options).unwrap()
}

async fn run(
    service: &Arc<Service>,
    rows: Rows<Value>,
    options: IngestOptions,
) -> Result<IngestionResult<Value>, Error> {
    IngestionResult::collect(begin(service.clone(), rows, &Map::new(), options)?).await
}

fn batches_of(batch_size: usize) -> IngestOptions {
    IngestOptions { batch_size, ..IngestOptions::default() }
}

fn with_files(directory: &Path, batch_size: usize) -> IngestOptions {
    IngestOptions {
        journal: Some(directory.join("journal")),
        dead_letters: Some(directory.join("letters")),
        ..batches_of(batch_size)
    }
}

/// Returns the state and row of each dead letter.
fn letters(directory: &Path) -> Vec<(String, u64)> {
    let text = std::fs::read_to_string(directory.join("letters")).unwrap();
    let letter = |line: &str| {
        let letter: Value = serde_json::from_str(line).unwrap();
        assert_eq!(letter["index"], letter["row"]["n"]);
        (letter["state"].as_str().unwrap().to_owned(), letter["index"].as_u64().unwrap())
    };
    text.lines().map(letter).collect()
}

/// A source that failed after two requests were acknowledged returned only its error.
///
/// Regression 2.
#[tokio::test]
async fn failing_source_keeps_the_result() {
    let broken = || Error::new(ErrorKind::Source, "the tape broke");
    let rows = || stream((0..5).map(|n| Ok(row(n))).chain([Err(broken()), Ok(row(9))]).collect());
    let service = Service::failing([]);
    let result = run(&service, rows(), batches_of(2)).await.unwrap();
    assert_eq!(service.sent(), [vec![0, 1], vec![2, 3], vec![4]]);
    assert_eq!((result.successful.len(), result.failed.len()), (5, 0));
    assert_eq!(result.source_error.as_ref().unwrap().message(), "the tape broke");
    assert!(!result.is_complete());
    assert!(result.to_string().contains("the rows ended early: the tape broke"), "{result}");
    assert_eq!(result.into_result().unwrap_err().message(), "the tape broke");

    let summary = start(&service, rows(), batches_of(2)).finish().await.unwrap();
    assert_eq!((summary.counts.stored, summary.counts.requests), (5, 3));
    assert_eq!(summary.check().unwrap_err().message(), "the tape broke");
    assert!(summary.to_string().contains("the rows ended early: the tape broke"), "{summary}");
    // The counts, which are part of the advice, were displayed twice.
    assert_eq!(summary.to_string().matches("5 rows stored, 0 failed").count(), 1, "{summary}");
    assert!(summary.check().unwrap_err().to_string().contains("5 rows stored, 0 failed"), "{summary}");

    // Without a row, the error itself is returned.
    for error in [
        run(&service, stream(vec![Err(broken())]), batches_of(2)).await.unwrap_err(),
        start(&service, stream(vec![Err(broken())]), batches_of(2)).finish().await.unwrap_err(),
    ] {
        assert_eq!(error.message(), "the tape broke");
    }
}

/// After a 401 only the rows of the rejected batch reached the dead-letter file, and the summary left out the others.
///
/// Regression 4.
#[tokio::test]
async fn every_failed_row_of_a_stopped_run_is_a_dead_letter() {
    for kind in [ErrorKind::Unauthorized, ErrorKind::Forbidden, ErrorKind::NotFound] {
        for concurrency in [1, 3] {
            for with_journal in [false, true] {
                let directory = tempfile::tempdir().unwrap();
                let mut options = IngestOptions {
                    concurrency: Concurrency::from(concurrency),
                    ..with_files(directory.path(), 2)
                };
                if !with_journal {
                    options.journal = None;
                }
                let service = Service::failing([None, Some(kind)]);
                let summary = start(&service, list(11), options).finish().await.unwrap();
                let stored = service.sent().concat().len() - 2;
                assert_eq!((summary.counts.stored, summary.counts.failed), (stored, 11 - stored));
                assert_eq!(summary.stopped.as_ref().unwrap().kind(), kind);
                let first = summary.first_failure.as_ref().unwrap().0 as u64;
                assert!(summary.to_string().contains("the run stopped: the service rejects it"), "{summary}");
                assert_eq!(summary.into_result().unwrap_err().kind(), kind);
                let mut written: Vec<u64> =
                    letters(directory.path()).into_iter().map(|(_, index)| index).collect();
                written.sort_unstable();
                written.dedup();
                assert_eq!((written.len(), written[0]), (11 - stored, first), "{written:?}");
            }
        }
    }
}

/// After a stop, rows that were pulled from a stream are reported, and no further row is pulled.
#[tokio::test]
async fn stopped_run_pulls_no_further_rows() {
    let directory = tempfile::tempdir().unwrap();
    let pulled = Arc::new(Mutex::new(0));
    let count = Arc::clone(&pulled);
    let endless = futures::stream::iter(0..).map(move |n| {
        *count.lock().unwrap() += 1;
        Ok(row(n))
    });
    let service = Service::failing([None, Some(ErrorKind::Unauthorized)]);
    let options = IngestOptions { journal: None, ..with_files(directory.path(), 2) };
    let result = run(&service, Rows::Stream(endless.boxed()), options).await.unwrap();
    let pulled = *pulled.lock().unwrap();
    assert_eq!((result.successful.len(), result.failed.len()), (2, pulled - 2));
    assert_eq!(letters(directory.path()).len(), pulled - 2);
    assert_eq!(result.stopped.unwrap().kind(), ErrorKind::Unauthorized);
}

/// A dead-letter file that cannot be written is reported, also by a run that was stopped already.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn dead_letter_write_errors_are_reported() {
    let service = Service::failing([Some(ErrorKind::Unauthorized)]);
    let options = IngestOptions { dead_letters: Some("/dev/full".into()), ..batches_of(2) };
    let result = run(&service, list(4), options).await.unwrap();
    assert_eq!(result.stopped.as_ref().unwrap().kind(), ErrorKind::Unauthorized);
    assert_eq!(result.dead_letter_error.as_ref().unwrap().kind(), ErrorKind::Io);
    assert!(result.to_string().contains("failed rows are missing in the dead-letter file"), "{result}");
}

/// A partial batch of a slow stream waited until the stream ended.
///
/// Regression 6.
#[tokio::test(start_paused = true)]
async fn partial_batch_of_a_slow_stream_is_sent_after_the_linger() {
    let service = Service::failing([]);
    let (mut rows, source) = mpsc::channel(10);
    let mut outcomes = start(&service, Rows::Stream(source.map(Ok).boxed()), batches_of(3));
    let begin = tokio::time::Instant::now();
    // The time runs from the first row of the batch, not from the last one.
    rows.send(row(0)).await.unwrap();
    let wait = tokio::time::timeout(Duration::from_millis(600), outcomes.next());
    assert!(wait.await.is_err(), "dropping the future of next loses no outcome");
    rows.send(row(1)).await.unwrap();
    let outcome = outcomes.next().await.unwrap();
    assert_eq!((outcome.rows, begin.elapsed().as_secs()), (0..2, 1));
    // A full batch does not wait, and time without a row does not count.
    tokio::time::advance(Duration::from_secs(60)).await;
    for n in 2..6 {
        rows.send(row(n)).await.unwrap();
    }
    assert_eq!(outcomes.next().await.unwrap().rows, 2..5);
    assert_eq!(begin.elapsed().as_secs(), 61);
    assert_eq!(outcomes.next().await.unwrap().rows, 5..6);
    assert_eq!(begin.elapsed().as_secs(), 62);
    rows.send(row(6)).await.unwrap();
    drop(rows);
    assert_eq!(outcomes.next().await.unwrap().rows, 6..7);
    assert_eq!(begin.elapsed().as_secs(), 62);
    assert!(outcomes.next().await.is_none());
    assert_eq!(service.sent(), [vec![0, 1], vec![2, 3, 4], vec![5], vec![6]]);
}

/// A service that never responds.
struct Stuck;

impl Deliver for Stuck {
    fn deliver(&self, _: Bytes, _: bool) -> BoxFuture<'_, Result<Acknowledged, Error>> {
        std::future::pending().boxed()
    }

    fn row_count(&self) -> BoxFuture<'_, Result<u64, Error>> {
        std::future::pending().boxed()
    }

    fn find_keys<'a>(&'a self, _: &'a str, _: &'a [Key]) -> BoxFuture<'a, Result<Vec<String>, Error>> {
        std::future::ready(Err(Error::invalid("this test has no keys"))).boxed()
    }

    fn dataset_name(&self) -> String {
        "plants/trees".to_owned()
    }
}

#[tokio::test(start_paused = true)]
async fn batches_in_flight_limit_the_rows_pulled_from_a_fast_stream() {
    let pulled = Arc::new(Mutex::new(0));
    let count = Arc::clone(&pulled);
    let endless = futures::stream::iter(0..).map(move |n| {
        *count.lock().unwrap() += 1;
        Ok(row(n))
    });
    let options = IngestOptions { concurrency: 2.into(), ..batches_of(3) };
    let mut outcomes = begin(Arc::new(Stuck), Rows::Stream(endless.boxed()), &Map::new(), options).unwrap();
    for _ in 0..3 {
        // The time limit passes while no further request is allowed.
        assert!(tokio::time::timeout(Duration::from_secs(5), outcomes.next()).await.is_err());
    }
    assert_eq!(*pulled.lock().unwrap(), (2 + 1) * 3);
}

#[tokio::test(start_paused = true)]
async fn the_linger_can_be_zero_or_endless() {
    for (linger, expected) in
        [(Duration::ZERO, vec![vec![0, 1], vec![2]]), (Duration::MAX, vec![vec![0, 1, 2]])]
    {
        let service = Service::failing([]);
        let (mut rows, source) = mpsc::channel(10);
        let options = IngestOptions { linger: Some(linger), ..batches_of(5) };
        let mut outcomes = start(&service, Rows::Stream(source.map(Ok).boxed()), options);
        rows.send(row(0)).await.unwrap();
        rows.send(row(1)).await.unwrap();
        let first = tokio::time::timeout(Duration::from_secs(100_000), outcomes.next()).await;
        assert_eq!(first.is_ok(), linger.is_zero());
        rows.send(row(2)).await.unwrap();
        drop(rows);
        while outcomes.next().await.is_some() {}
        assert_eq!(service.sent(), expected);
    }
}

/// Batches that the time limit ended have the same rows in the next run, however fast its source is.
#[tokio::test(start_paused = true)]
async fn journal_records_batches_that_the_linger_ended() {
    let directory = tempfile::tempdir().unwrap();
    let service = Service::failing([]);
    let (mut rows, source) = mpsc::channel(10);
    let source = Rows::Stream(source.map(Ok).boxed());
    let mut outcomes = start(&service, source, with_files(directory.path(), 3));
    for n in 0..2 {
        rows.send(row(n)).await.unwrap();
    }
    assert_eq!(outcomes.next().await.unwrap().rows, 0..2);
    drop(outcomes);

    let again = stream((0..6).map(|n| Ok(row(n))).collect());
    let result = run(&service, again, with_files(directory.path(), 3)).await.unwrap();
    assert_eq!((result.successful.len(), result.counts.skipped), (6, 2));
    assert_eq!(service.sent(), [vec![0, 1], vec![2, 3, 4], vec![5]]);
}

/// Dead letters stayed `failed` although a later run of the same journal stored their rows.
///
/// Regression 8b.
#[tokio::test]
async fn later_run_updates_the_dead_letters_of_an_earlier_run() {
    let directory = tempfile::tempdir().unwrap();
    let service = Service::failing([None, Some(ErrorKind::Unauthorized)]);
    run(&service, list(6), with_files(directory.path(), 2)).await.unwrap().check().unwrap_err();
    let failed = |index: u64| ("failed".to_owned(), index);
    assert_eq!(letters(directory.path()), (2..6).map(failed).collect::<Vec<_>>());

    let service = Service::failing([None, Some(ErrorKind::Server)]);
    let result = run(&service, list(6), with_files(directory.path(), 2)).await.unwrap();
    assert_eq!((result.successful.len(), result.counts.skipped), (4, 2));
    let state = |state: &str, index: u64| (state.to_owned(), index);
    let expected = [
        state("stored", 2),
        state("stored", 3),
        state("superseded", 4),
        state("superseded", 5),
        failed(4),
        failed(5),
    ];
    assert_eq!(letters(directory.path()), expected);

    let result = run(&Service::failing([]), list(6), with_files(directory.path(), 2)).await.unwrap();
    assert!(result.is_complete());
    assert!(letters(directory.path()).iter().all(|(state, _)| state != "failed"));
}

/// A run whose journal records other rows failed row by row, and wrote a dead letter for each row.
///
/// Regression 8b.
#[tokio::test]
async fn journal_of_other_rows_is_rejected_before_sending() {
    let directory = tempfile::tempdir().unwrap();
    let options = || with_files(directory.path(), 2);
    let service = Service::failing([None, None, Some(ErrorKind::Server)]);
    run(&service, list(6), options()).await.unwrap().check().unwrap_err();
    let before = std::fs::read(directory.path().join("letters")).unwrap();
    let journal = std::fs::read(directory.path().join("journal")).unwrap();

    let service = Service::failing([]);
    let changed = |at: usize| (0..6).map(move |n| if n == at { row(100) } else { row(n) });
    for at in 0..6 {
        let error = run(&service, Rows::All(changed(at).collect()), options()).await.unwrap_err();
        assert!(error.to_string().contains("differ from those of the earlier run"), "{error}");
    }
    for rows in [1, 3] {
        run(&service, list(rows), options()).await.unwrap_err();
        let fewer = stream((0..rows).map(|n| Ok(row(n))).collect());
        run(&service, fewer, options()).await.unwrap_err();
    }
    for at in 0..6 {
        let rows = || stream(changed(at).map(Ok).collect());
        run(&service, rows(), options()).await.unwrap_err();
        start(&service, rows(), options()).finish().await.unwrap_err();
    }
    assert_eq!(service.sent(), Vec::<Vec<u64>>::new());
    assert_eq!(std::fs::read(directory.path().join("letters")).unwrap(), before);
    assert_eq!(std::fs::read(directory.path().join("journal")).unwrap(), journal);

    // Rows may be appended.
    let result = run(&service, list(7), options()).await.unwrap();
    assert_eq!((result.successful.len(), result.counts.skipped), (7, 4));
    assert_eq!(service.sent(), [vec![4, 5], vec![6]]);
}

/// A list is compared as a whole before any row is sent. For a stream, a later difference stops the run.
#[tokio::test]
async fn later_difference_stops_a_stream_and_rejects_a_list() {
    let directory = tempfile::tempdir().unwrap();
    let options = || with_files(directory.path(), 2);
    let service = Service::failing([Some(ErrorKind::Server)]);
    run(&service, list(6), options()).await.unwrap().check().unwrap_err();

    let other = || (0..6).map(|n| if n == 3 { row(100) } else { row(n) });
    let service = Service::failing([]);
    run(&service, Rows::All(other().collect()), options()).await.unwrap_err();
    assert_eq!(service.sent(), Vec::<Vec<u64>>::new());
    let result = run(&service, stream(other().map(Ok).collect()), options()).await.unwrap();
    assert_eq!(service.sent(), [vec![0, 1]]);
    assert!(result.stopped.unwrap().message().contains("differ from those of the earlier run"));
    // Other rows are stored at these positions.
    assert!(result.failed.iter().all(|row| row.index >= 2 && row.is_ambiguous()));
}

#[tokio::test]
async fn run_with_a_journal_in_use_is_rejected() {
    let directory = tempfile::tempdir().unwrap();
    let service = Service::failing([]);
    let options = || IngestOptions { dead_letters: None, ..with_files(directory.path(), 2) };
    let first = start(&service, list(4), options());
    let error = run(&service, list(4), options()).await.unwrap_err();
    assert!(error.to_string().contains(&format!("in use by process {}", std::process::id())), "{error}");
    assert_eq!(first.finish().await.unwrap().counts.stored, 4);
    assert_eq!(run(&service, list(4), options()).await.unwrap().counts.skipped, 4);
}

/// Regression: the journal and the dead letters were written to one file, and the journal could not be read again.
#[tokio::test]
async fn dead_letter_file_that_is_the_journal_is_rejected() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("a")).unwrap();
    for letters in ["journal", "a/../journal", "journal.lock"] {
        let service = Service::failing([Some(ErrorKind::Server), Some(ErrorKind::Server)]);
        let options = IngestOptions {
            dead_letters: Some(directory.path().join(letters)),
            ..with_files(directory.path(), 2)
        };
        let error = run(&service, list(6), options).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(letters), "{error}");
        assert!(service.sent().is_empty());
    }
    run(&Service::failing([]), list(6), with_files(directory.path(), 2)).await.unwrap().check().unwrap();
}

/// Regression: after a crash, the number of rows that the service had not indexed was lost.
#[tokio::test]
async fn next_run_reports_rows_that_the_earlier_run_did_not_index() {
    let directory = tempfile::tempdir().unwrap();
    let service = Arc::new(Service { indexed: Some(1), ..Service::default() });
    let mut first = start(&service, list(5), with_files(directory.path(), 2));
    let _ = first.next().await.unwrap();
    let _ = first.next().await.unwrap();
    drop(first);
    let result = run(&Service::failing([]), list(5), with_files(directory.path(), 2)).await.unwrap();
    assert_eq!((result.successful.len(), result.counts.skipped), (5, 4));
    let short: Vec<_> =
        result.partially_indexed.iter().map(|s| (s.rows.clone(), s.sent, s.indexed)).collect();
    assert_eq!(short, [(0..2, 2, 1), (2..4, 2, 1)]);
    assert!(!result.is_complete());
}

/// Regression: a source that failed earlier than in the earlier run was reported as a journal of other rows.
#[tokio::test]
async fn source_error_before_the_end_of_the_journal_is_returned() {
    let directory = tempfile::tempdir().unwrap();
    run(&Service::failing([]), list(4), with_files(directory.path(), 4)).await.unwrap().check().unwrap();
    let service = Service::failing([]);
    let rows = || stream(vec![Ok(row(0)), Err(Error::new(ErrorKind::Source, "the tape broke"))]);
    let error = run(&service, rows(), with_files(directory.path(), 4)).await.unwrap_err();
    assert_eq!(error.message(), "the tape broke");
    assert!(service.sent().is_empty());
}
