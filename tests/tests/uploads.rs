//! Uploads in parts against the emulator: stored files, retries, cleanup after failures, and secrecy of URLs.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use datalinks::{
    CallOptions, DataLinks, Dataset, Error, ErrorKind, RetryPolicy, SchemaDefinition,
    uploads::{SessionStatus, UploadFile, UploadProgress, Uploaded, WaitOutcome},
};
use datalinks_emulator::{Emulator, EmulatorBuilder, Fault};
use datalinks_tests::{
    clock::{settle, skip},
    gate::PartGate,
    log,
    server::{Reply, Server},
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Size of a part in bytes.
const PART: u64 = 64;

/// An emulator with an empty dataset, a client without delays between attempts, and a directory.
struct Place {
    emulator: Emulator,
    client: DataLinks,
    films: Dataset,
    directory: TempDir,
}

fn small() -> EmulatorBuilder {
    Emulator::builder().part_size(PART)
}

fn client(emulator: &Emulator) -> DataLinks {
    log::keep();
    let policy = RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO);
    DataLinks::builder(emulator.api_url(), emulator.api_key()).retry(policy).build().unwrap()
}

impl Place {
    async fn new() -> Self {
        let emulator = small().start().await.unwrap();
        let client = client(&emulator);
        let films = client.dataset("cinema", "films").unwrap();
        films.create().await.unwrap();
        Self { emulator, client, films, directory: tempfile::tempdir().unwrap() }
    }

    /// Creates a file with this content.
    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.directory.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn journal(&self) -> PathBuf {
        self.directory.path().join("films.journal")
    }

    fn inject(&self, fault: Fault) {
        self.emulator.faults().inject(fault).unwrap();
    }

    /// Returns the number of calls of an operation.
    fn calls(&self, operation: &str) -> usize {
        self.emulator.requests().iter().filter(|seen| seen.operation == Some(operation)).count()
    }

    /// Returns the number of PUT requests by part number.
    fn puts(&self) -> BTreeMap<String, usize> {
        let mut puts = BTreeMap::new();
        for seen in self.emulator.requests().iter().filter(|seen| seen.operation == Some("putPart")) {
            *puts.entry(seen.path.rsplit('/').next().unwrap().to_owned()).or_default() += 1;
        }
        puts
    }

    /// Returns the stored rows after a successful ingestion.
    async fn rows(&self, uploaded: &Uploaded) -> Vec<Value> {
        let end = self.films.wait_for(uploaded.ingestion).every(Duration::from_millis(100)).await.unwrap();
        assert!(matches!(end, WaitOutcome::Completed(_)), "{end:?}");
        self.films.query().fetch().await.unwrap()
    }
}

/// Returns the rows of a file, and its content as CSV.
fn table(rows: usize) -> (Vec<Value>, String) {
    let (mut values, mut content) = (Vec::new(), "title,year\n".to_owned());
    for index in 0..rows {
        let (title, year) = (format!("Film number {index}"), (1900 + index).to_string());
        content += &format!("{title},{year}\n");
        values.push(json!({ "title": title, "year": year }));
    }
    (values, content)
}

/// Returns a content of exactly this length.
fn exactly(length: u64) -> String {
    format!("title\n{}\n", "x".repeat(usize::try_from(length).unwrap() - 7))
}

fn count(puts: &BTreeMap<String, usize>) -> usize {
    puts.values().sum()
}

#[tokio::test]
async fn parts_in_any_order_make_the_file() {
    let place = Place::new().await;
    let (rows, content) = table(100);
    // The first and the third part arrive after the parts that follow them. The URLs of parts have the host of the request.
    let upstream = place.emulator.api_url().split('/').nth(2).unwrap().to_owned();
    let gate = PartGate::start(upstream, [1, 3]).await;
    let origin = format!("{}/api/v1", gate.origin());
    let client = DataLinks::builder(origin, place.emulator.api_key()).build().unwrap();
    let reports = Arc::new(Mutex::new(Vec::<UploadProgress>::new()));
    let keep = Arc::clone(&reports);
    let uploaded = client
        .dataset("cinema", "films")
        .unwrap()
        .upload(place.file("films.csv", &content))
        .name("films of today")
        .data_description("Films")
        .schema(SchemaDefinition::new().field("title", "Title as released"))
        .infer_batch_size(7)
        .concurrency(3)
        .on_progress(move |now| keep.lock().unwrap().push(now.clone()))
        .await
        .unwrap();
    let parts = content.len().div_ceil(PART as usize);
    assert_eq!((uploaded.bytes, uploaded.parts), (content.len() as u64, parts));
    assert_eq!(place.rows(&uploaded).await, rows);
    let seen = place.emulator.requests();
    let puts = seen.iter().filter(|seen| seen.operation == Some("putPart"));
    let order: Vec<usize> = puts.map(|seen| seen.path.rsplit('/').next().unwrap().parse().unwrap()).collect();
    assert_eq!(order.len(), parts);
    let position = |part| order.iter().position(|own| *own == part).unwrap();
    assert!(
        position(2) < position(1) && position(4) < position(3),
        "the parts arrive out of order: {order:?}"
    );

    let reports = std::mem::take(&mut *reports.lock().unwrap());
    let last = reports.last().unwrap();
    assert_eq!((last.sent, last.stored, last.total), (uploaded.bytes, uploaded.bytes, uploaded.bytes));
    assert_eq!((last.parts_stored, last.parts), (parts, parts));
    assert!(reports.is_sorted_by_key(|now| now.stored) && reports.is_sorted_by_key(|now| now.elapsed));
    assert!(reports.iter().all(|now| now.stored <= now.sent && now.sent <= now.total));

    let info = place.films.info().await.unwrap();
    assert_eq!(info.metadata.data_description.unwrap().as_str(), "Films");
    assert_eq!(info.metadata.schema_definition.unwrap().get("title"), Some("Title as released"));
    let listed = place.films.ingestions().await.unwrap().ingestions;
    assert_eq!(listed[0].attributes.as_ref().unwrap().name.as_deref(), Some("films of today"));
}

#[tokio::test]
async fn files_of_zero_one_and_two_parts_are_uploaded() {
    for (length, parts) in [(0, 1), (PART, 1), (PART + 1, 2), (2 * PART, 2)] {
        let place = Place::new().await;
        let content = if length == 0 { String::new() } else { exactly(length) };
        let uploaded = place.films.upload(place.file("films.csv", &content)).await.unwrap();
        assert_eq!((uploaded.bytes, uploaded.parts), (length, parts));
        assert_eq!(place.rows(&uploaded).await.len(), usize::from(length > 0));
        assert_eq!(place.puts().len(), parts);
    }
}

#[tokio::test]
async fn failed_part_is_retried_alone() {
    let place = Place::new().await;
    let (rows, content) = table(20);
    let parts = content.len().div_ceil(PART as usize);
    place.inject(Fault::new("putPart").status(503).after(1).times(1));
    place.inject(Fault::new("putPart").lose_response().after(2).times(1));
    let uploaded = place.films.upload(place.file("films.csv", &content)).concurrency(1).await.unwrap();
    assert_eq!(place.rows(&uploaded).await, rows);
    let puts = place.puts();
    assert_eq!((puts["1"], puts["2"], puts["3"]), (1, 3, 1));
    assert_eq!(count(&puts), parts + 2);

    for status in [408, 429, 500, 502, 503, 504] {
        let place = Place::new().await;
        place.inject(Fault::new("putPart").status(status));
        assert!(place.films.upload(place.file("films.csv", &content)).await.is_ok(), "{status}");
        assert_eq!(count(&place.puts()), parts + 1, "{status}");
    }
}

#[tokio::test]
async fn part_that_keeps_failing_aborts_the_upload() {
    for (status, attempts, kind) in [
        (503, 2, ErrorKind::Server),
        (403, 1, ErrorKind::Expired),
        (400, 1, ErrorKind::Rejected),
        (404, 1, ErrorKind::NotFound),
    ] {
        let place = Place::new().await;
        place.inject(Fault::new("putPart").status(status).after(1).always());
        let path = place.file("films.csv", table(20).1);
        let upload = place.films.upload(&path).concurrency(1).max_attempts_per_part(2);
        let error = upload.await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (kind, attempts), "{error}");
        assert_eq!(error.operation(), Some("putPart"));
        assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
        assert!(error.to_string().contains("part 2 of 7 of films.csv"), "{error}");
        assert_eq!(place.calls("abortMultipartUpload"), 1);
        assert_eq!(place.calls("finishMultipartUpload"), 0);
        assert_eq!(place.puts().len(), 2, "no further part is sent");
        assert!(place.films.ingestions().await.unwrap().ingestions.is_empty());
    }
}

#[tokio::test]
async fn error_names_an_upload_that_cannot_be_aborted() {
    let place = Place::new().await;
    place.inject(Fault::new("putPart").status(403));
    place.inject(Fault::new("abortMultipartUpload").status(500).always());
    let error = place.films.upload(place.file("films.csv", "a\n1\n")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Expired);
    let text = error.to_string();
    assert!(text.contains("abort upload \"") && text.contains("with key \"uploads/"), "{text}");

    let name = |what: &str| text.split(what).nth(1).unwrap().split('"').next().unwrap().to_owned();
    place.emulator.faults().clear();
    place.films.abort_upload(name("abort upload \""), name("with key \"")).await.unwrap();
}

#[tokio::test]
async fn changed_file_is_an_error() {
    let changed = |error: Error| {
        assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
        assert!(error.to_string().contains("films.csv changed"), "{error}");
    };
    // Changed after the last part and before the finish request: longer, or modified.
    let longer = exactly(PART + 5);
    let other = exactly(PART).replace('x', "y");
    for then in [longer, other] {
        let place = Place::new().await;
        let path = place.file("films.csv", exactly(PART));
        let old = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(old).unwrap();
        let target = path.clone();
        let upload = place.films.upload(&path).on_progress(move |now| {
            if now.parts_stored == now.parts {
                std::fs::write(&target, &then).unwrap();
            }
        });
        changed(upload.await.unwrap_err());
        assert_eq!((place.calls("abortMultipartUpload"), place.calls("finishMultipartUpload")), (1, 0));
    }
    // Truncated during the upload: too short for the second part.
    let place = Place::new().await;
    let path = place.file("films.csv", exactly(2 * PART));
    let target = path.clone();
    let upload = place.films.upload(&path).concurrency(1).on_progress(move |now| {
        if now.parts_stored == 1 {
            std::fs::write(&target, "short").unwrap();
        }
    });
    changed(upload.await.unwrap_err());
    assert_eq!((place.calls("abortMultipartUpload"), place.calls("putPart") <= 2), (1, true));
    // Deleted.
    let path = place.file("films.csv", exactly(PART));
    let target = path.clone();
    let upload = place.films.upload(&path).on_progress(move |now| {
        if now.parts_stored == 1 {
            std::fs::remove_file(&target).unwrap();
        }
    });
    assert_eq!(upload.await.unwrap_err().kind(), ErrorKind::Io);
    assert_eq!(place.calls("abortMultipartUpload"), 2);
}

#[tokio::test]
async fn invalid_uploads_are_rejected_before_sending() {
    let place = Place::new().await;
    let path = place.file("films.csv", "a\n1\n");
    let before = place.emulator.requests().len();
    let kind = |upload: UploadFile| async { upload.await.unwrap_err().kind() };
    let upload = || place.films.upload(&path);
    for refused in [
        upload().concurrency(0),
        upload().concurrency(65),
        upload().infer_batch_size(0),
        upload().data_description("x".repeat(10_001)),
        place.films.upload(place.directory.path()),
        place.films.upload("/"),
    ] {
        assert_eq!(kind(refused).await, ErrorKind::InvalidInput);
    }
    assert_eq!(kind(place.films.upload(place.directory.path().join("none.csv"))).await, ErrorKind::Io);
    assert_eq!(kind(upload().journal(place.directory.path())).await, ErrorKind::InvalidInput);
    assert_eq!(kind(upload().journal(&path)).await, ErrorKind::InvalidInput, "the file is not a journal");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "a\n1\n");
    let none: [&Path; 0] = [];
    assert_eq!(place.client.upload_files(none).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(place.emulator.requests().len(), before);
}

#[tokio::test]
async fn part_sizes_that_do_not_match_the_file_are_rejected() {
    let server = Server::start().await;
    let client = DataLinks::builder(format!("{}/api/v1", server.origin()), "test-key").build().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("films.csv");
    std::fs::write(&path, "abcde").unwrap();
    let url = format!("{}/canary", server.origin());
    for (sizes, place) in [
        (vec![4], &*url),
        (vec![4, 2], &*url),
        (vec![], &*url),
        (vec![6, -1], &*url),
        (vec![i64::MAX, i64::MAX, 7], &*url),
        (vec![5], "canary"),
        (vec![5], "http://example.com/canary"),
        (vec![5], "ftp://127.0.0.1/canary"),
    ] {
        let parts: Vec<Value> = sizes.iter().map(|size| json!({ "url": place, "size": size })).collect();
        let prepared = json!({ "uploadId": "u", "key": "k", "partSize": 4, "presignedUrls": parts });
        server.expect([Reply::json(200, prepared), Reply::empty(200)]);
        let error = client.dataset("cinema", "films").unwrap().upload(&path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{sizes:?} {place}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
        let seen = server.seen();
        assert!(seen[1].target.ends_with("/abort"), "{seen:?}");
        assert_eq!(seen[1].json, Some(json!({ "uploadId": "u", "key": "k" })));
    }
}

#[tokio::test]
async fn parts_have_a_length_and_no_credentials() {
    let server = Server::start().await;
    let client = DataLinks::builder(format!("{}/api/v1", server.origin()), "test-key").build().unwrap();
    let client = client.with_options(CallOptions::new().header("x-team", "secret-of-the-team").unwrap());
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("films.csv");
    std::fs::write(&path, "abcde").unwrap();
    let part =
        |number, size| json!({ "url": format!("{}/p/{number}?sig=1%2F2", server.origin()), "size": size });
    let prepared =
        json!({ "uploadId": "u", "key": "k", "partSize": 4, "presignedUrls": [part(1, 4), part(2, 1)] });
    let id = "00000000-0000-4000-8000-000000000001";
    server.expect([
        Reply::json(200, prepared),
        Reply::empty(200).with_header("etag", "\"tag-1\""),
        // The tag is sent back without quotes, whether it had quotes or not.
        Reply::empty(200).with_header("etag", "tag-2"),
        Reply::json(201, json!({ "id": id })),
    ]);
    let uploaded = client.dataset("cinema", "films").unwrap().upload(&path).concurrency(1).await.unwrap();
    assert_eq!(uploaded.ingestion.to_string(), id);
    let seen = server.seen();
    for (put, (target, body)) in seen[1..3].iter().zip([("/p/1?sig=1%2F2", "abcd"), ("/p/2?sig=1%2F2", "e")])
    {
        assert_eq!((put.method.as_str(), put.target.as_str()), ("PUT", target));
        assert_eq!(put.text.as_deref(), Some(body));
        assert_eq!(put.headers["content-length"], body.len().to_string());
        for absent in ["authorization", "x-team", "transfer-encoding", "content-type", "referer", "cookie"] {
            assert!(!put.headers.contains_key(absent), "{absent}: {put:?}");
        }
        // Bytes of files stay exact, in both directions.
        for absent in ["accept-encoding", "content-encoding"] {
            assert!(!put.headers.contains_key(absent), "{absent}: {put:?}");
        }
    }
    assert_eq!(seen[3].headers["accept-encoding"], "gzip, br, zstd");
    assert_eq!(seen[3].headers["authorization"], "Bearer test-key");
    let parts = json!([{ "partNumber": 1, "etag": "tag-1" }, { "partNumber": 2, "etag": "tag-2" }]);
    assert_eq!(seen[3].json.as_ref().unwrap()["parts"], parts);
}

#[tokio::test]
async fn unexpected_storage_responses_end_the_upload() {
    for (answer, kind) in [
        (Reply::empty(200), ErrorKind::UnexpectedResponse),
        (Reply::empty(307).with_header("location", "/elsewhere?canary=1"), ErrorKind::Redirect),
        (
            Reply::of_type(400, "application/xml", "<Error><Code>ExpiredToken</Code>canary</Error>"),
            ErrorKind::Expired,
        ),
    ] {
        let server = Server::start().await;
        let client = DataLinks::builder(format!("{}/api/v1", server.origin()), "test-key").build().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("films.csv");
        std::fs::write(&path, "abcde").unwrap();
        let url = format!("{}/canary", server.origin());
        let prepared = json!({ "uploadId": "u", "key": "k", "partSize": 8, "presignedUrls": [{ "url": url, "size": 5 }] });
        server.expect([Reply::json(200, prepared), answer, Reply::empty(200)]);
        let error = client.dataset("cinema", "films").unwrap().upload(&path).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
        assert!(server.seen()[2].target.ends_with("/abort"));
    }
}

#[tokio::test]
async fn silent_storage_times_out() {
    let place = Place::new().await;
    place.inject(Fault::new("putPart").delay(Duration::from_secs(3_600)));
    // The time of the limit passes once the storage is silent. It would not end by itself.
    let idle = Duration::from_secs(600);
    let impatient = DataLinks::builder(place.emulator.api_url(), place.emulator.api_key())
        .idle_timeout(idle)
        .retry(RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO));
    let films = impatient.build().unwrap().dataset("cinema", "films").unwrap();
    let sent = Arc::new(AtomicU64::new(0));
    let now = Arc::clone(&sent);
    let upload = films.upload(place.file("films.csv", "a\n1\n"));
    let upload = upload.on_progress(move |progress| now.store(progress.sent, Ordering::SeqCst));
    let mut upload = upload.into_future();
    // The head of a request may arrive before its body is read from the file.
    let is_sent = || place.emulator.faults().pending() == 0 && sent.load(Ordering::SeqCst) == 4;
    tokio::select! {
        biased;
        ended = &mut upload => panic!("{ended:?}"),
        () = settle(is_sent) => skip(idle).await,
    }
    let uploaded = upload.await.unwrap();
    assert_eq!(place.rows(&uploaded).await, [json!({ "a": "1" })]);
}

#[tokio::test]
async fn upload_with_an_ambiguous_finish_is_not_aborted() {
    let place = Place::new().await;
    place.inject(Fault::new("finishMultipartUpload").lose_response());
    let path = place.file("films.csv", "a\n1\n");
    let error = place.films.upload(&path).await.unwrap_err();
    assert!(error.is_ambiguous(), "{error}");
    assert!(error.to_string().contains("look for the ingestion of upload \""), "{error}");
    assert_eq!(place.calls("abortMultipartUpload"), 0);
    assert_eq!(place.films.ingestions().await.unwrap().ingestions.len(), 1);

    // After a rejected finish request, the upload is aborted.
    place.inject(Fault::new("finishMultipartUpload").status(400));
    let error = place.films.upload(&path).await.unwrap_err();
    assert_eq!((error.kind(), place.calls("abortMultipartUpload")), (ErrorKind::Rejected, 1));
}

#[tokio::test]
async fn later_run_sends_the_missing_parts() {
    let place = Place::new().await;
    let (rows, content) = table(20);
    let path = place.file("films.csv", &content);
    let upload = || place.films.upload(&path).concurrency(1).journal(place.journal());
    place.inject(Fault::new("putPart").status(503).after(3).always());
    let error = upload().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    assert!(error.to_string().contains("run the upload again with the same journal"), "{error}");
    assert_eq!(place.calls("abortMultipartUpload"), 0);
    let puts = place.puts();
    assert_eq!((puts["3"], puts["4"], puts.len()), (1, 3, 4));

    // The last line is incomplete, as after a crash while it was written.
    let mut torn = std::fs::read(place.journal()).unwrap();
    assert_eq!(torn.iter().filter(|byte| **byte == b'\n').count(), 4);
    torn.extend_from_slice(b"{\"part\":{\"file\":0,\"numb");
    std::fs::write(place.journal(), torn).unwrap();

    place.emulator.faults().clear();
    let reports = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&reports);
    let uploaded = upload().on_progress(move |now| keep.lock().unwrap().push(now.stored)).await.unwrap();
    assert_eq!(place.rows(&uploaded).await, rows);
    let again = place.puts();
    assert_eq!((again["1"], again["2"], again["3"], again["4"]), (1, 1, 1, 4));
    assert_eq!(count(&again) - count(&puts), uploaded.parts - 3);
    assert!(
        reports.lock().unwrap().iter().all(|stored| *stored >= 3 * PART),
        "stored parts count as progress"
    );
    assert_eq!(place.calls("prepareMultipartUpload"), 1);
    assert!(!place.journal().exists());
}

#[tokio::test]
async fn dropped_upload_can_be_resumed() {
    let place = Place::new().await;
    let (rows, content) = table(20);
    let path = place.file("films.csv", &content);
    place.inject(Fault::new("putPart").delay(Duration::from_secs(3_600)).after(2));
    let (progress, mut stored) = tokio::sync::watch::channel(0);
    let upload = place.films.upload(&path).concurrency(1).journal(place.journal());
    let upload = upload.on_progress(move |now| {
        progress.send_replace(now.parts_stored);
    });
    tokio::select! {
        ended = upload.into_future() => panic!("{ended:?}"),
        two = stored.wait_for(|stored| *stored == 2) => drop(two.unwrap()),
    }
    // The third part may have been in flight.
    place.emulator.faults().clear();
    let uploaded = place.films.upload(&path).journal(place.journal()).await.unwrap();
    assert_eq!(place.rows(&uploaded).await, rows);
    let puts = place.puts();
    assert_eq!((puts["1"], puts["2"]), (1, 1));
}

#[tokio::test]
async fn journal_is_bound_to_one_file_and_one_dataset() {
    let place = Place::new().await;
    let path = place.file("films.csv", table(20).1);
    place.inject(Fault::new("putPart").status(503).after(1).always());
    place.films.upload(&path).concurrency(1).journal(place.journal()).await.unwrap_err();
    place.emulator.faults().clear();
    let before = (place.emulator.requests().len(), std::fs::read(place.journal()).unwrap());
    let people = place.client.dataset("cinema", "people").unwrap();
    let other = place.file("other.csv", table(20).1);
    for refused in [
        people.upload(&path).journal(place.journal()),
        place.films.upload(&other).journal(place.journal()),
        place.films.upload(&path).filename("movies.csv").journal(place.journal()),
    ] {
        let error = refused.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("films.journal is the journal of"), "{error}");
    }
    assert_eq!((place.emulator.requests().len(), std::fs::read(place.journal()).unwrap()), before);

    // The same file has another content, so the upload cannot be resumed.
    std::fs::write(&path, table(19).1).unwrap();
    let error = place.films.upload(&path).journal(place.journal()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Changed);
    assert_eq!(place.calls("abortMultipartUpload"), 1);
    assert!(!place.journal().exists());
    let uploaded = place.films.upload(&path).journal(place.journal()).await.unwrap();
    assert_eq!(place.rows(&uploaded).await, table(19).0);
}

#[tokio::test]
async fn expired_url_removes_the_journal() {
    let place = Place::new().await;
    let path = place.file("films.csv", table(20).1);
    let upload = || place.films.upload(&path).journal(place.journal());
    place.inject(Fault::new("putPart").status(403).after(1));
    assert_eq!(upload().await.unwrap_err().kind(), ErrorKind::Expired);
    assert_eq!((place.calls("abortMultipartUpload"), place.journal().exists()), (1, false));
    assert!(upload().await.is_ok());
    // Without a dataset, no upload begins, and no journal is left.
    let none = place.client.dataset("cinema", "none").unwrap();
    assert_eq!(none.upload(&path).journal(place.journal()).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(!place.journal().exists());
}

/// Size of a part of a slow upload in bytes.
const SLOW_PART: u64 = 10 * 1024;

/// Returns the response of the storage to a part.
fn stored() -> Reply {
    Reply::empty(200).with_header("etag", "e")
}

/// Uploads five parts, one after the other, with these responses of the storage. Returns the error and the
/// progress reports. Time passes only in replies with a delay.
async fn slow_upload(
    settings: impl FnOnce(UploadFile) -> UploadFile,
    storage: impl IntoIterator<Item = Reply>,
) -> (Result<Uploaded, Error>, Vec<UploadProgress>) {
    log::keep();
    // The paused clock of a test does not advance by itself while a blocking task runs.
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let holder = tokio::task::spawn_blocking(move || held.recv().is_err());
    let server = Server::start().await;
    let client = DataLinks::builder(format!("{}/api/v1", server.origin()), "test-key").build().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("slow.csv");
    std::fs::write(&path, exactly(5 * SLOW_PART)).unwrap();
    let part = |number| json!({ "url": format!("{}/p/{number}", server.origin()), "size": SLOW_PART });
    let parts: Vec<Value> = (1..=5).map(part).collect();
    let prepared = json!({ "uploadId": "u", "key": "k", "partSize": SLOW_PART, "presignedUrls": parts });
    server.expect([Reply::json(200, prepared)].into_iter().chain(storage));
    let reports = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&reports);
    let upload = client.dataset("cinema", "films").unwrap().upload(&path).concurrency(1);
    let upload = settings(upload).on_progress(move |now| keep.lock().unwrap().push(now.clone()));
    let result = upload.await;
    server.seen();
    drop(hold);
    assert!(holder.await.unwrap());
    let reports = std::mem::take(&mut *reports.lock().unwrap());
    (result, reports)
}

fn later(seconds: u64, reply: Reply) -> Reply {
    Reply::Later(Duration::from_secs(seconds), Box::new(reply))
}

#[tokio::test(start_paused = true)]
async fn slow_upload_is_reported_before_it_fails() {
    let lifetime = Duration::from_secs(20);
    let parts = [later(5, stored()), later(5, stored()), later(40, Reply::empty(403)), Reply::empty(200)];
    let (result, reports) = slow_upload(|upload| upload.url_lifetime(lifetime), parts).await;

    // Not in the first 10 s, and then by the rate alone, because no part has failed.
    let judged = |now: &&UploadProgress| now.elapsed >= Duration::from_secs(10);
    assert!(
        reports.iter().filter(|now| !judged(now)).all(|now| now.expiry_forecast.is_none()),
        "{reports:?}"
    );
    let slow = reports.iter().find(judged).unwrap().expiry_forecast.clone().unwrap();
    assert_eq!((slow.bytes_per_second, slow.missing), (Some(2.0 * 1024.0), 3 * SLOW_PART));
    assert_eq!((slow.needed, slow.left), (Some(Duration::from_secs(15)), Duration::from_secs(10)));
    let log = log::text();
    let warnings: Vec<&str> = log.lines().filter(|line| line.contains("url_lifetime_s=20")).collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    for part in
        ["WARN", "too slow", "bytes_per_second=2048", "missing_bytes=30720", "needed_s=15", "left_s=10"]
    {
        assert!(warnings[0].contains(part), "{part}: {}", warnings[0]);
    }

    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Expired);
    for part in [
        "probably expired",
        "50 s old",
        "the assumed lifetime is 20 s",
        "0.4 KiB/s",
        "concurrency",
        "upload again",
    ] {
        assert!(error.to_string().contains(part), "{part}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn slow_upload_continues_while_its_urls_are_valid() {
    let id = "00000000-0000-4000-8000-000000000001";
    let finished = Reply::json(201, json!({ "id": id }));
    let parts = (0..5).map(|_| later(100, stored())).chain([finished]);
    let (result, reports) = slow_upload(|upload| upload.url_lifetime(Duration::from_secs(150)), parts).await;
    assert_eq!(result.unwrap().parts, 5);
    assert!(
        reports.iter().any(|now| now.expiry_forecast.as_ref().is_some_and(|slow| slow.left.is_zero())),
        "{reports:?}"
    );
    assert_eq!(reports.last().unwrap().expiry_forecast, None, "all parts are stored");
}

#[tokio::test(start_paused = true)]
async fn upload_within_the_lifetime_of_its_urls_is_not_slow() {
    let id = "00000000-0000-4000-8000-000000000002";
    let finished = Reply::json(201, json!({ "id": id }));
    let parts = (0..5).map(|_| later(100, stored())).chain([finished]);
    let (result, reports) = slow_upload(|upload| upload, parts).await;
    assert_eq!(result.unwrap().parts, 5);
    assert!(reports.iter().all(|now| now.expiry_forecast.is_none()), "15 minutes, unless set: {reports:?}");

    // A URL that is rejected this early has not expired.
    let parts = [later(100, Reply::empty(403)), Reply::empty(200)];
    let (result, _) = slow_upload(|upload| upload, parts).await;
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Expired);
    assert!(!error.to_string().contains("probably"), "{error}");
}

#[tokio::test]
async fn journal_with_old_urls_is_tried_before_it_is_removed() {
    for accepted in [true, false] {
        let place = Place::new().await;
        let (rows, content) = table(20);
        let path = place.file("films.csv", content);
        let upload = || place.films.upload(&path).concurrency(1).journal(place.journal());
        place.inject(Fault::new("putPart").status(503).after(2).always());
        assert_eq!(upload().await.unwrap_err().kind(), ErrorKind::Server);
        place.emulator.faults().clear();

        // The journal contains the time at which its URLs were issued. Sixteen minutes pass.
        let journal = std::fs::read_to_string(place.journal()).unwrap();
        let (head, rest) = journal.split_once('\n').unwrap();
        let issued = serde_json::from_str::<Value>(head).unwrap()["issued"].as_u64().unwrap();
        let (from, to) = (format!("\"issued\":{issued}"), format!("\"issued\":{}", issued - 16 * 60));
        assert!(head.contains(&from), "{head}");
        std::fs::write(place.journal(), format!("{}\n{rest}", head.replace(&from, &to))).unwrap();

        let reports = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&reports);
        let resumed = upload().on_progress(move |now| keep.lock().unwrap().push(now.clone()));
        if accepted {
            // The lifetime of the URLs is not certain, so the parts are sent.
            assert_eq!(place.rows(&resumed.await.unwrap()).await, rows);
        } else {
            place.inject(Fault::new("putPart").status(403));
            let error = resumed.await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Expired);
            for part in ["probably expired", "the assumed lifetime is 900 s", "no rate was measured"] {
                assert!(error.to_string().contains(part), "{part}: {error}");
            }
            assert_eq!((place.calls("abortMultipartUpload"), place.journal().exists()), (1, false));
            assert_eq!(place.rows(&upload().await.unwrap()).await, rows);
            assert_eq!(place.calls("prepareMultipartUpload"), 2);
        }
        let reports = reports.lock().unwrap();
        assert_eq!(
            reports[0].expiry_forecast.as_ref().unwrap().left,
            Duration::ZERO,
            "reported before a request is sent"
        );
    }
}

#[tokio::test]
async fn expired_urls_of_a_session_are_explained() {
    let place = Place::new().await;
    place.inject(Fault::new("putPart").status(403));
    let upload = place.client.upload_files([place.file("films.csv", "a\n1\n")]).url_lifetime(Duration::ZERO);
    let error = upload.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Expired);
    assert!(error.to_string().contains("probably expired"), "{error}");
    assert_eq!(place.calls("abortFileUpload"), 1);
}

#[tokio::test]
async fn journal_records_an_ambiguous_finish() {
    let place = Place::new().await;
    let path = place.file("films.csv", "a\n1\n");
    let upload = || place.films.upload(&path).journal(place.journal());
    // The outcome of a rejected finish request is not ambiguous.
    place.inject(Fault::new("finishMultipartUpload").status(503).times(3));
    assert!(!upload().await.unwrap_err().is_ambiguous());
    assert_eq!(place.puts()["1"], 1);

    place.inject(Fault::new("finishMultipartUpload").status(500));
    assert!(upload().await.unwrap_err().is_ambiguous());
    let before = place.emulator.requests().len();
    let error = upload().await.unwrap_err();
    assert!(error.is_ambiguous() && error.to_string().contains("force_finish"), "{error}");
    assert_eq!(place.emulator.requests().len(), before, "no request is sent");
    let uploaded = upload().force_finish().await.unwrap();
    assert_eq!(place.rows(&uploaded).await, [json!({ "a": "1" })]);
    assert_eq!((place.puts()["1"], place.journal().exists()), (1, false));
}

/// Regression: the rejection of a second finish request hid that the first one may have been carried out.
#[tokio::test]
async fn rejected_second_finish_leaves_the_first_ambiguous() {
    for status in [400, 401, 404, 410, 503] {
        let place = Place::new().await;
        let path = place.file("films.csv", "a\n1\n");
        let upload = || place.films.upload(&path).journal(place.journal());
        place.inject(Fault::new("finishMultipartUpload").lose_response());
        assert!(upload().await.unwrap_err().is_ambiguous());
        place.inject(Fault::new("finishMultipartUpload").status(status).always());
        let error = upload().force_finish().await.unwrap_err();
        assert!(error.is_ambiguous(), "{status}: {error}");
        assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
        assert!(error.to_string().contains("Dataset::ingestions"), "{status}: {error}");
        assert_eq!((place.calls("abortMultipartUpload"), place.journal().exists()), (0, true), "{status}");

        // The next run neither sends the request unasked, nor aborts the upload if the file has changed.
        place.emulator.faults().clear();
        for content in ["a\n1\n", "a\n22\n"] {
            if content.len() != 4 {
                std::fs::write(&path, content).unwrap();
            }
            let before = place.emulator.requests().len();
            let error = upload().await.unwrap_err();
            assert!(error.is_ambiguous() && error.to_string().contains("force_finish"), "{status}: {error}");
            assert_eq!(place.emulator.requests().len(), before, "{status}: no request is sent");
        }
        assert_eq!(place.films.ingestions().await.unwrap().ingestions.len(), 1, "{status}");
    }
}

#[tokio::test]
async fn several_files_are_uploaded_in_one_session() {
    let place = Place::new().await;
    let contents = [exactly(3 * PART), String::new(), exactly(PART)];
    let paths: Vec<PathBuf> = ["a.bin", "b.bin", "c.bin"]
        .iter()
        .zip(&contents)
        .map(|(name, content)| place.file(name, content))
        .collect();
    place.inject(Fault::new("putPart").status(503).after(1));
    let uploaded = place.client.upload_files(&paths).await.unwrap();
    assert_eq!(uploaded.status, SessionStatus::Completed);
    assert_eq!(uploaded.files.iter().map(|file| file.path.clone()).collect::<Vec<_>>(), paths);
    assert_eq!(uploaded.files.iter().map(|file| file.parts).collect::<Vec<_>>(), [3, 1, 1]);
    assert_eq!(count(&place.puts()), 6);
    let listed = place.client.session(uploaded.session).unwrap().files().await.unwrap();
    for ((listed, uploaded), content) in listed.files.iter().zip(&uploaded.files).zip(&contents) {
        assert_eq!(listed.file_id, uploaded.id);
        assert_eq!(place.emulator.session_file(&listed.s3_key).unwrap(), content.as_bytes());
    }
}

#[tokio::test]
async fn failed_session_is_aborted_or_resumed() {
    let place = Place::new().await;
    let paths = [place.file("a.bin", exactly(2 * PART)), place.file("b.bin", exactly(PART))];
    place.inject(Fault::new("putPart").status(403).after(1));
    let error = place.client.upload_files(&paths).await.unwrap_err();
    assert_eq!((error.kind(), place.calls("abortFileUpload")), (ErrorKind::Expired, 1));
    place.inject(Fault::new("putPart").status(403));
    place.inject(Fault::new("abortFileUpload").status(500).always());
    let error = place.client.upload_files(&paths).await.unwrap_err();
    assert!(error.to_string().contains("abort session "), "{error}");
    place.emulator.faults().clear();

    let upload = || place.client.upload_files(&paths).concurrency(1).journal(place.journal());
    let before = count(&place.puts());
    place.inject(Fault::new("putPart").status(503).after(1).always());
    assert_eq!(upload().await.unwrap_err().kind(), ErrorKind::Server);
    place.emulator.faults().clear();
    place.inject(Fault::new("finishFileUpload").status(503).after(1).times(3));
    assert_eq!(upload().await.unwrap_err().kind(), ErrorKind::Server, "the second file cannot be finished");
    let uploaded = upload().await.unwrap();
    assert_eq!(uploaded.status, SessionStatus::Completed);
    assert_eq!(count(&place.puts()) - before, 1 + 3 + 2, "each part once, and one part failed three times");
    assert_eq!(place.calls("finishFileUpload"), 1 + 3 + 1);
    assert!(!place.journal().exists());
}

/// The drop of an upload was reported only for uploads of one file, and only after their first part.
///
/// Regression 8.
#[tokio::test]
async fn every_drop_is_reported() {
    log::keep();
    let server = Server::start().await;
    let dl = DataLinks::builder(format!("{}/api/v1", server.origin()), "k").build().unwrap();
    let films = dl.dataset("cinema", "films").unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, "title\n").unwrap();
        path
    };
    async fn drop_when_asked<T>(server: &Server, upload: impl Future<Output = T>) {
        let asked = async {
            while server.seen().is_empty() {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            _ = upload => panic!("it ended"),
            () = asked => {}
        }
    }
    // The response with the id of the upload never arrives.
    server.always(Reply::Stalled { headers: Vec::new(), body: "{}".to_owned() });
    drop_when_asked(&server, films.upload(file("unnamed-1.csv")).into_future()).await;
    drop_when_asked(&server, dl.upload_files([file("unnamed-2.csv"), file("unnamed-3.csv")]).into_future())
        .await;
    let journal = directory.path().join("journal");
    drop_when_asked(&server, films.upload(file("unnamed-4.csv")).journal(journal).into_future()).await;
    let text = log::text();
    for name in ["unnamed-1.csv", "unnamed-2.csv", "unnamed-3.csv", "unnamed-4.csv"] {
        let wanted = |line: &str| line.contains("dropped while it started") && line.contains(name);
        assert!(text.lines().any(wanted), "{name}");
    }

    let place = Place::new().await;
    place.inject(Fault::new("putPart").delay(Duration::from_secs(3_600)).always());
    let (progress, mut sent_bytes) = tokio::sync::watch::channel(0);
    let paths = [place.file("a.csv", exactly(100)), place.file("b.csv", exactly(100))];
    let upload = place.client.upload_files(paths).on_progress(move |now| {
        progress.send_replace(now.sent);
    });
    tokio::select! {
        ended = upload.into_future() => panic!("{ended:?}"),
        sent = sent_bytes.wait_for(|sent| *sent > 0) => drop(sent.unwrap()),
    }
    let text = log::text();
    let wanted = |line: &&str| line.contains("upload of several files dropped");
    let line = text.lines().find(wanted).unwrap();
    let id = line.split("session=").nth(1).unwrap().split_whitespace().next().unwrap();
    let id: uuid::Uuid = id.parse().unwrap();
    assert!(
        place.client.session(id).unwrap().abort().await.is_ok(),
        "the warning contains the id of the session"
    );
}

/// An upload that failed or completed is not reported as dropped.
#[tokio::test]
async fn completed_upload_is_not_reported_as_dropped() {
    let place = Place::new().await;
    let path = place.file("ends.csv", exactly(100));
    place.films.upload(&path).await.unwrap();
    place.inject(Fault::new("putPart").status(403));
    place.client.upload_files([&path]).await.unwrap_err();
    place.inject(Fault::new("prepareMultipartUpload").status(400));
    place.films.upload(&path).await.unwrap_err();
    let aborted = place.emulator.requests();
    let aborted = aborted.iter().find(|seen| seen.operation == Some("abortFileUpload")).unwrap();
    let session = aborted.path.split('/').find(|part| uuid::Uuid::parse_str(part).is_ok()).unwrap();
    let text = log::text();
    let wanted =
        |line: &&str| line.contains("dropped") && (line.contains("ends.csv") || line.contains(session));
    assert_eq!(text.lines().find(wanted), None);
}

/// Two uploads with the same journal wrote into the same file.
#[tokio::test]
async fn upload_journal_is_used_by_one_upload_at_a_time() {
    let place = Place::new().await;
    let path = place.file("films.csv", exactly(200));
    place.inject(Fault::new("putPart").delay(Duration::from_secs(3_600)).always());
    let (progress, mut sent_bytes) = tokio::sync::watch::channel(0);
    let upload = || place.films.upload(&path).journal(place.journal());
    let first = upload().on_progress(move |now| {
        progress.send_replace(now.sent);
    });
    let second = async {
        sent_bytes.wait_for(|sent| *sent > 0).await.unwrap();
        let before = (place.calls("prepareMultipartUpload"), std::fs::read(place.journal()).unwrap());
        let error = upload().await.unwrap_err();
        let after = (place.calls("prepareMultipartUpload"), std::fs::read(place.journal()).unwrap());
        assert_eq!(before, after);
        error
    };
    let error = tokio::select! {
        ended = first.into_future() => panic!("{ended:?}"),
        error = second => error,
    };
    assert!(error.to_string().contains(&format!("in use by process {}", std::process::id())), "{error}");
    place.emulator.faults().clear();
    upload().await.unwrap();
    assert!(!place.journal().exists());
    let left = std::fs::read_dir(place.directory.path()).unwrap().count();
    assert_eq!(left, 1, "the journal and its lock file are removed");
}

#[tokio::test]
async fn presigned_urls_are_never_printed() {
    let place = Place::new().await;
    // The same seed and the same calls: a second emulator returns the URLs that this one will return.
    let twin = small().start().await.unwrap();
    let same = client(&twin).dataset("cinema", "films").unwrap();
    same.create().await.unwrap();
    let mut tokens = Vec::new();
    for _ in 0..4 {
        let upload = same.prepare_upload("films.csv", 9).await.unwrap();
        let url = upload.parts[0].url.expose().to_owned();
        tokens.push(url.split('/').nth_back(1).unwrap().to_owned());
        assert!(!format!("{upload:?}").contains("_storage"), "{upload:?}");
    }
    let path = place.file("films.csv", exactly(9));
    let upload = || place.films.upload(&path).journal(place.journal());
    let mut printed = format!("{:?}", upload());
    for fault in [
        Fault::new("putPart").status(403),
        Fault::new("putPart").html(503).times(3),
        Fault::new("putPart").lose_response().times(3),
    ] {
        place.emulator.faults().clear();
        place.inject(fault);
        let error = upload().await.unwrap_err();
        printed += &format!("{error} {error:?} {error:#?}");
        let mut cause = std::error::Error::source(&error);
        while let Some(next) = cause {
            printed += &format!("{next} {next:?}");
            cause = next.source();
        }
    }
    let journal = std::fs::read_to_string(place.journal()).unwrap();
    assert!(tokens.iter().any(|token| journal.contains(token.as_str())), "the journal contains the secrets");
    printed += &format!("{:?}", upload().await.unwrap());
    printed += &log::text();
    assert!(printed.contains("putPart"));
    for token in &tokens {
        assert!(!printed.contains(token.as_str()), "a URL was printed");
    }
    assert!(!printed.contains("_storage"));
}
