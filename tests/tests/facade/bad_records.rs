//! Records of files that are not rows, written to the dead-letter file of an ingestion.

use std::path::Path;

use datalinks::{
    Dataset, ErrorKind, IngestionResult,
    read::{self, OnBadRow, Reader},
};
use datalinks_tests::server::{Reply, Server};
use futures::{Stream, StreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clients;

async fn trees(server: &Server) -> Dataset {
    clients(server, "k").dl.dataset("plants", "trees").unwrap()
}

fn reader(name: &str, bytes: &[u8]) -> Reader {
    Reader::from_reader(std::io::Cursor::new(bytes.to_vec()), name).on_bad_row(OnBadRow::Report)
}

fn letters(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A bad record ended the run, so that the rows after it were not stored unless the application handled it.
#[tokio::test]
async fn bad_records_are_written_to_dead_letters_with_position_and_text() {
    let server = Server::start().await;
    server.always(Reply::json(200, json!({ "indexed": 2 })));
    let trees = trees(&server).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letters");
    let long = "x".repeat(5_000);
    let csv = format!("a,b\r\n1,2\r\n\"3\r\n\u{e9}\",{long},5\r\n6,7\r\n");
    let result = trees
        .ingest_try_stream(reader("x.csv", csv.as_bytes()).into_stream())
        .dead_letters(&path)
        .bad_records_to_dead_letters()
        .await
        .unwrap();
    assert_eq!((result.successful.len(), result.failed.len(), result.bad_records.len()), (2, 0, 1));
    assert!(result.source_error.is_none() && result.stopped.is_none());
    assert!(!result.is_complete());
    assert!(
        result.to_string().contains("2 rows stored, 0 failed, 1 bad records in the dead-letter file"),
        "{result}"
    );
    let error = result.into_result().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
    let expected = format!("x.csv, line 4, column {}: 3 cells instead of 2", 4 + long.len() + 1);
    assert_eq!(error.message(), expected);
    let found = letters(&path);
    assert_eq!(
        found,
        [json!({
            "state": "failed", "badRecord": 0, "error": error.to_string(), "ambiguous": false, "row": null,
            "file": "x.csv", "line": 4, "column": 4 + long.len() + 1, "text": format!("\"3\r\n\u{e9}\",{long},5"),
        })]
    );

    // As a summary, from lines of which one is not valid UTF-8.
    let lines = b"{\"a\":1}\n{\"a\":\n{\"a\":2}\n{\"a\":\"\xFF\"}\n";
    let progress = std::sync::Arc::new(std::sync::Mutex::new((0, 0)));
    let seen = std::sync::Arc::clone(&progress);
    let summary = trees
        .ingest_try_stream(reader("x.ndjson", lines).into_stream())
        .dead_letters(&path)
        .bad_records_to_dead_letters()
        .on_progress(move |progress| {
            *seen.lock().unwrap() = (progress.counts.stored, progress.counts.bad_records)
        })
        .batches()
        .unwrap()
        .finish()
        .await
        .unwrap();
    assert_eq!(
        (summary.counts.stored, summary.counts.failed, summary.counts.bad_records, summary.counts.batches),
        (2, 0, 2, 1)
    );
    assert_eq!(*progress.lock().unwrap(), (2, 2));
    assert!(!summary.is_complete());
    assert!(summary.to_string().contains("2 bad records"), "{summary}");
    assert_eq!(summary.check().unwrap_err().message(), summary.first_bad_record.unwrap().message());
    let found = letters(&path);
    assert_eq!(found.len(), 3);
    assert_eq!(
        (&found[1]["line"], &found[1]["column"], &found[1]["text"]),
        (&json!(2), &json!(5), &json!("{\"a\":"))
    );
    assert!(found[1].get("base64").is_none());
    assert_eq!((&found[2]["badRecord"], &found[2]["base64"]), (&json!(1), &json!("eyJhIjoi/yJ9")));

    // Without the option, the first bad record ends the run.
    let result = trees.ingest_try_stream(reader("x.ndjson", lines).into_stream()).await.unwrap();
    assert_eq!((result.successful.len(), result.bad_records.len()), (1, 0));
    assert!(result.source_error.is_some());
}

#[tokio::test]
async fn rows_of_another_type_are_written_to_dead_letters() {
    #[derive(Debug, Deserialize, Serialize)]
    struct Film {
        title: String,
        year: u16,
    }
    let server = Server::start().await;
    server.always(Reply::json(200, json!({ "indexed": 1 })));
    let trees = trees(&server).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letters");
    let text = b"[{\"title\":\"Tron\",\"year\":\"soon\"},\n {\"title\":\"Alien\",\"year\":1979}, 7]";
    let rows = reader("x.json", text).into_stream().map(|row| row?.deserialize::<Film>());
    let result =
        trees.ingest_try_stream(rows).dead_letters(&path).bad_records_to_dead_letters().await.unwrap();
    assert_eq!((result.successful.len(), result.bad_records.len()), (1, 2));
    let found = letters(&path);
    let place = |letter: &Value| (letter["line"].clone(), letter["column"].clone(), letter["text"].clone());
    let tron = r#"{"title":"Tron","year":"soon"}"#;
    assert_eq!(place(&found[0]), (json!(1), json!(25), json!(tron)));
    assert!(found[0]["error"].as_str().unwrap().contains("the field \"year\""), "{}", found[0]);
    assert_eq!(place(&found[1]), (json!(2), json!(33), json!("7")));
    let body = server.seen()[0].json.clone().unwrap();
    assert_eq!(body["data"], json!([{ "title": "Alien", "year": 1979 }]));
}

/// A reader that stops at a bad record ends the run. The rows after it are not read and not silently skipped.
#[tokio::test]
async fn reader_that_stops_ends_the_run() {
    let server = Server::start().await;
    server.always(Reply::json(200, json!({ "indexed": 1 })));
    let trees = trees(&server).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letters");
    let rows = || reader("x.ndjson", b"{\"a\":1}\n[]\n{\"a\":2}\n").on_bad_row(OnBadRow::Stop).into_stream();
    let ingest = trees.ingest_try_stream(rows()).dead_letters(&path).bad_records_to_dead_letters();
    let result = ingest.await.unwrap();
    assert_eq!((result.successful.len(), result.bad_records.len()), (1, 0));
    let error = result.source_error.unwrap().to_string();
    assert!(error.contains("x.ndjson, line 2") && error.contains("OnBadRow::Report"), "{error}");
    assert!(letters(&path).is_empty());

    // Any other error of the source ends the run, too.
    let rows = read::file(folder.path().join("missing.csv")).on_bad_row(OnBadRow::Report).into_stream();
    let ingest = trees.ingest_try_stream(rows).dead_letters(&path).bad_records_to_dead_letters();
    assert_eq!(ingest.await.unwrap_err().kind(), ErrorKind::Io);

    server.seen();
    let error = trees.ingest_try_stream(rows_of(1)).bad_records_to_dead_letters().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("dead_letters"), "{error}");
    assert!(server.seen().is_empty(), "nothing was sent");
}

/// Returns a stream of this many bad records, each after a row.
fn rows_of(bad: usize) -> read::RowStream {
    let lines: String = (0..bad).map(|n| format!("{{\"n\":{n}}}\n[{n}]\n")).collect();
    reader("x.ndjson", lines.as_bytes()).into_stream()
}

#[tokio::test]
async fn run_of_bad_records_only_has_a_result() {
    let server = Server::start().await;
    let trees = trees(&server).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letters");
    let rows = reader("x.ndjson", b"[0]\n[1]").into_stream();
    let ingest = trees.ingest_try_stream(rows).dead_letters(&path).bad_records_to_dead_letters();
    let summary = ingest.batches().unwrap().finish().await.unwrap();
    assert_eq!(
        (summary.counts.stored, summary.counts.bad_records, summary.counts.batches, summary.counts.requests),
        (0, 2, 0, 0)
    );
    assert_eq!(letters(&path).len(), 2);
    // The source fails after the bad records.
    let bad = reader("x.ndjson", b"[0]\n").into_stream();
    let rows = bad.chain(read::file(folder.path().join("missing.csv")).into_stream());
    let ingest = trees.ingest_try_stream(rows).dead_letters(&path).bad_records_to_dead_letters();
    let result = ingest.await.unwrap();
    assert_eq!((result.bad_records.len(), result.source_error.unwrap().kind()), (1, ErrorKind::Io));
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn many_bad_records_keep_their_order_and_their_rows() {
    let server = Server::start().await;
    server.always(Reply::json(200, json!({ "indexed": 100 })));
    let trees = trees(&server).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letters");
    let ingest = trees.ingest_try_stream(rows_of(3_000)).batch_size(100).concurrency(4);
    let result = ingest.dead_letters(&path).bad_records_to_dead_letters().await.unwrap();
    assert_eq!((result.successful.len(), result.bad_records.len()), (3_000, 3_000));
    assert_eq!(result.counts.requests, 30);
    for (n, letter) in letters(&path).iter().enumerate() {
        assert_eq!((&letter["badRecord"], &letter["text"]), (&json!(n), &json!(format!("[{n}]"))));
    }
    for (n, error) in result.bad_records.iter().enumerate() {
        assert_eq!(datalinks::read::BadRow::of(error).unwrap().line(), 2 * n as u64 + 2);
    }
}

#[tokio::test]
async fn later_run_marks_dead_letters_of_bad_records() {
    let server = Server::start().await;
    let trees = trees(&server).await;
    let folder = tempfile::tempdir().unwrap();
    let (path, journal) = (folder.path().join("letters"), folder.path().join("journal"));
    let run = || {
        let ingest = trees.ingest_try_stream(rows_of(2)).journal(&journal).dead_letters(&path);
        ingest.bad_records_to_dead_letters()
    };
    let states = || {
        let state = |letter: &Value| {
            let about =
                letter.get("index").map_or_else(|| format!("bad {}", letter["badRecord"]), Value::to_string);
            format!("{about} {}", letter["state"].as_str().unwrap())
        };
        let mut states: Vec<String> = letters(&path).iter().map(state).collect();
        states.sort();
        states
    };
    server.expect([Reply::json(400, r#"{"error_code":"NO","message":"no"}"#)]);
    let result = run().max_isolation_requests(0).await.unwrap();
    assert_eq!((result.failed.len(), result.bad_records.len()), (2, 2));
    assert_eq!(states(), ["0 failed", "1 failed", "bad 0 failed", "bad 1 failed"]);
    server.expect([Reply::json(200, json!({ "indexed": 2 }))]);
    let result = run().await.unwrap();
    assert_eq!((result.successful.len(), result.bad_records.len()), (2, 2));
    let expected =
        ["0 stored", "1 stored", "bad 0 failed", "bad 0 superseded", "bad 1 failed", "bad 1 superseded"];
    assert_eq!(states(), expected);
}

/// Returns state and text of each dead letter of a bad record.
fn texts(path: &Path) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let letters = letters(path).into_iter().filter(|letter| letter.get("badRecord").is_some());
    letters.map(|letter| (text(&letter["state"]), text(&letter["text"]))).collect()
}

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.map(|(state, text)| (state.to_owned(), text.to_owned())).to_vec()
}

/// Runs with one journal over versions of a file.
struct Runs {
    server: Server,
    trees: Dataset,
    folder: tempfile::TempDir,
}

impl Runs {
    async fn new() -> Self {
        let server = Server::start().await;
        server.always(Reply::json(200, json!({ "indexed": 1 })));
        let trees = trees(&server).await;
        Self { server, trees, folder: tempfile::tempdir().unwrap() }
    }

    fn letters(&self) -> std::path::PathBuf {
        self.folder.path().join("letters")
    }

    async fn run(
        &self,
        rows: impl Stream<Item = Result<read::RawRow, datalinks::Error>> + Send + 'static,
        batch_size: usize,
    ) -> Result<IngestionResult<read::RawRow>, datalinks::Error> {
        let ingest = self.trees.ingest_try_stream(rows).batch_size(batch_size);
        let ingest = ingest.journal(self.folder.path().join("journal")).dead_letters(self.letters());
        ingest.bad_records_to_dead_letters().await
    }

    async fn file(&self, text: &str) -> Vec<(String, String)> {
        let rows = reader("x.csv", text.as_bytes()).into_stream();
        assert!(self.run(rows, 1_000).await.unwrap().source_error.is_none());
        texts(&self.letters())
    }
}

/// Bad records were identified by their number. When an earlier one was corrected, the letter of another record
/// was marked. One record then had two letters with the state `failed`, and another had none.
#[tokio::test]
async fn bad_record_is_recognized_after_an_earlier_one_is_removed() {
    let runs = Runs::new().await;
    let found = runs.file("a,b\n1,1\n2,2,x\n3,3\n4\t \n5,5\n").await;
    assert_eq!(found, pairs([("failed", "2,2,x"), ("failed", "4\t ")]));
    let found = runs.file("a,b\n1,1\n3,3\n4\t \n5,5\n").await;
    assert_eq!(found, pairs([("superseded", "2,2,x"), ("superseded", "4\t "), ("failed", "4\t ")]));
    let again = &letters(&runs.letters())[2];
    assert_eq!(
        (&again["badRecord"], &again["occurrence"], &again["line"]),
        (&json!(0), &json!(0), &json!(4))
    );
    assert_eq!(again["record"].as_str().unwrap().len(), 16);
    let found = runs.file("a,b\n1,1\n3,3\n5,5\n").await;
    assert!(found.iter().all(|(state, _)| state == "superseded"), "{found:?}");
}

#[tokio::test]
async fn equal_bad_records_have_one_dead_letter_each() {
    let runs = Runs::new().await;
    let found = runs.file("a,b\nx\n1,1\nx\nx\ny\n").await;
    assert_eq!(found, pairs([("failed", "x"), ("failed", "x"), ("failed", "x"), ("failed", "y")]));
    let of_all = |found: &[(String, String)]| {
        let mut open: Vec<_> =
            found.iter().filter(|(state, _)| state == "failed").map(|(_, text)| text).collect();
        open.sort();
        open.into_iter().cloned().collect::<Vec<_>>()
    };
    let found = runs.file("a,b\n1,1\nx\nx\ny\n").await;
    assert_eq!((found.len(), of_all(&found)), (7, vec!["x".into(), "x".into(), "y".into()]));
    // One more record is treated like the others.
    let found = runs.file("a,b\nx\nx\n1,1\nx\nx\n").await;
    assert_eq!((found.len(), of_all(&found)), (11, vec!["x".to_owned(); 4]));
    // The same content in another file is another record.
    let rows = reader("y.csv", b"a,b\nx\n1,1\n").into_stream();
    let _ = runs.run(rows, 1_000).await.unwrap();
    let failed: Vec<_> =
        letters(&runs.letters()).into_iter().filter(|letter| letter["state"] == "failed").collect();
    assert_eq!((failed.len(), &failed[0]["file"]), (1, &json!("y.csv")));
}

#[tokio::test]
async fn dead_letters_stay_failed_until_the_whole_source_is_read() {
    let runs = Runs::new().await;
    let with_bad = "{\"a\":1}\n[1]\n{\"a\":2}\n[2]\n";
    let rows = |text: &str| reader("x.ndjson", text.as_bytes()).into_stream();
    let _ = runs.run(rows(with_bad), 1).await.unwrap();
    let unchanged = pairs([("failed", "[1]"), ("failed", "[2]")]);
    assert_eq!(texts(&runs.letters()), unchanged);

    // The source fails at its end.
    let good = "{\"a\":1}\n{\"a\":2}\n";
    let missing = read::file(runs.folder.path().join("missing.csv")).into_stream();
    let result = runs.run(rows(good).chain(missing), 1).await.unwrap();
    assert!(result.source_error.is_some());
    assert_eq!(texts(&runs.letters()), unchanged);
    // The source has fewer rows than before.
    let result = runs.run(rows("{\"a\":1}\n"), 1).await.unwrap();
    assert_eq!(result.counts.skipped, 1);
    assert_eq!(texts(&runs.letters()), unchanged);
    // The run stops.
    runs.server.always(Reply::json(401, r#"{"error_code":"NO","message":"no"}"#));
    let good = "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n";
    let result = runs.run(rows(good), 1).await.unwrap();
    assert!(result.stopped.is_some());
    assert_eq!(texts(&runs.letters()), unchanged);
    runs.server.always(Reply::json(200, json!({ "indexed": 1 })));
    // Bad records are not written to the dead letters.
    let (journal, path) = (runs.folder.path().join("journal"), runs.letters());
    let ingest = runs.trees.ingest_try_stream(rows(good)).batch_size(1).journal(journal).dead_letters(path);
    assert!(ingest.await.unwrap().is_complete());
    assert_eq!(texts(&runs.letters()), unchanged);

    // Letters of an earlier release do not identify their record.
    let text = std::fs::read_to_string(runs.letters()).unwrap();
    let (begin, rest) = text.split_once(",\"record\"").unwrap();
    let old = format!("{begin},{}", &rest[rest.find("\"error\"").unwrap()..]);
    std::fs::write(runs.letters(), old).unwrap();
    assert!(runs.run(rows(good), 1).await.unwrap().is_complete());
    assert_eq!(texts(&runs.letters()), pairs([("superseded", "[1]"), ("superseded", "[2]")]));
}

/// Letters of bad records were written before the rows around them were compared with the journal.
#[tokio::test]
async fn run_with_other_rows_than_its_journal_writes_no_dead_letters() {
    let rows = |text: &str| reader("x.ndjson", text.as_bytes()).into_stream();
    for batch_size in [1, 2, 1_000] {
        let runs = Runs::new().await;
        let _ = runs.run(rows("[0]\n{\"a\":1}\n[1]\n{\"a\":2}\n{\"a\":3}\n"), batch_size).await.unwrap();
        let before = std::fs::read(runs.letters()).unwrap();
        runs.server.seen();
        for other in [
            "[0]\n{\"b\":1}\n[1]\n{\"b\":2}\n",
            "[0]\n[1]\n{\"a\":2}\n",
            "{\"a\":4}\n{\"a\":2}\n[1]\n{\"a\":3}\n[2]\n",
        ] {
            let error = runs.run(rows(other), batch_size).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(runs.server.seen().is_empty());
            assert!(std::fs::read(runs.letters()).unwrap() == before, "{other}");
        }
        // Letters of the correct rows are written.
        let result = runs.run(rows("[7]\n{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n[8]\n"), batch_size).await.unwrap();
        assert_eq!((result.counts.skipped, result.bad_records.len()), (3, 2));
        let expected = [("superseded", "[0]"), ("superseded", "[1]"), ("failed", "[7]"), ("failed", "[8]")];
        assert_eq!(texts(&runs.letters()), pairs(expected));
    }
    // The previous batch was accepted, and the letter of the record after it was not written.
    let runs = Runs::new().await;
    let _ = runs.run(rows("{\"a\":1}\n{\"a\":2}\n"), 1).await.unwrap();
    let error = runs.run(rows("{\"a\":1}\n[1]\n{\"b\":2}\n"), 1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(letters(&runs.letters()).is_empty());
}

/// The number of bad records in one batch of an earlier run exceeds the number that may wait.
#[tokio::test]
async fn many_bad_records_in_an_earlier_batch_are_written() {
    let runs = Runs::new().await;
    let text = ["{\"a\":1}\n", &"[0]\n".repeat(10_500), "{\"a\":2}\n"].concat();
    for run in 1..=2 {
        let result = runs.run(reader("x.ndjson", text.as_bytes()).into_stream(), 2).await.unwrap();
        assert_eq!((result.successful.len(), result.bad_records.len()), (2, 10_500));
        let found = texts(&runs.letters());
        assert_eq!(found.len(), run * 10_500);
        assert_eq!(found.iter().filter(|(state, _)| state == "failed").count(), 10_500);
    }
}

/// A letter that cannot be written stops the run with an error.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn unwritable_dead_letter_file_stops_the_run() {
    let server = Server::start().await;
    let trees = trees(&server).await;
    let rows = reader("x.ndjson", b"[0]\n{\"a\":1}\n").into_stream();
    let result =
        trees.ingest_try_stream(rows).dead_letters("/dev/full").bad_records_to_dead_letters().await.unwrap();
    assert_eq!(result.bad_records.len(), 1);
    assert!(result.dead_letter_error.is_some() && result.stopped.is_some());
}
