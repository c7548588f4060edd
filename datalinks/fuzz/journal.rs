//! What must hold of an ingestion whose journal has any content, and of one that was ended at any byte of its journal. Shared
//! by the fuzz targets and by a test that runs them over the corpus.

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use datalinks::testing::{Reply, Script};
use datalinks::{Delivery, IngestionResult};
use serde_json::{Value, json};

/// The settings of an ingestion.
struct Settings {
    rows: usize,
    batch_size: usize,
    delivery: Delivery,
}

impl Settings {
    /// The settings of a journal of any content.
    fn fixed() -> Self {
        Self { rows: 6, batch_size: 2, delivery: Delivery::default() }
    }

    /// Runs the ingestion with a journal. The service replies as the bytes select, and then acknowledges. Returns the requests
    /// that it has seen.
    fn run(
        &self,
        path: &Path,
        replies: &[u8],
    ) -> (Result<IngestionResult<Value>, datalinks::Error>, Vec<Attempt>) {
        let attempts = Arc::new(Mutex::new(Vec::new()));
        let replies = Mutex::new(replies.iter().copied().collect::<VecDeque<u8>>());
        let (seen, journal) = (Arc::clone(&attempts), path.to_owned());
        let script = Script::new().respond_with(move |request| {
            let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
            let rows: BTreeSet<usize> =
                body["data"].as_array().into_iter().flatten().filter_map(row).collect();
            let byte = replies.lock().unwrap_or_else(PoisonError::into_inner).pop_front().unwrap_or(0);
            let (stored, reply) = match byte % 8 {
                0 | 1 => (true, Reply::json(json!({ "indexed": rows.len() }))),
                2 => (false, Reply::status(503)),
                3 => (true, Reply::lost_response()),
                4 => (false, Reply::lost_response()),
                5 => (false, Reply::error(400, "invalid_request", "a row is not valid")),
                6 => (true, Reply::status(504)),
                _ => (false, Reply::status(504)),
            };
            let length = std::fs::metadata(&journal).map_or(0, |file| file.len());
            let attempt = Attempt { rows, stored, length };
            seen.lock().unwrap_or_else(PoisonError::into_inner).push(attempt);
            reply
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let result = runtime.block_on(async {
            let films = script.client().dataset("cinema", "films")?;
            let rows = (0..self.rows).map(|row| json!({ "row": row }));
            films.ingest(rows).batch_size(self.batch_size).delivery(self.delivery).journal(path).await
        });
        script.finish();
        let attempts = std::mem::take(&mut *attempts.lock().unwrap_or_else(PoisonError::into_inner));
        (result, attempts)
    }
}

/// A request that the service has seen.
struct Attempt {
    rows: BTreeSet<usize>,
    stored: bool,
    /// Number of bytes of the journal when the request arrived.
    length: u64,
}

/// Returns the index of a row.
fn row(row: &Value) -> Option<usize> {
    row["row"].as_u64().and_then(|row| row.try_into().ok())
}

/// Returns how often requests have stored a row.
fn stored<'a>(attempts: impl IntoIterator<Item = &'a Attempt>, row: usize) -> usize {
    attempts.into_iter().filter(|attempt| attempt.stored && attempt.rows.contains(&row)).count()
}

/// Returns an empty directory in memory if the system has one, because a journal is synced often.
fn directory() -> tempfile::TempDir {
    let memory = PathBuf::from("/dev/shm");
    let place = if memory.is_dir() { memory } else { std::env::temp_dir() };
    tempfile::tempdir_in(place).expect("a directory")
}

/// Returns the lines of the journal of a complete run.
fn complete() -> &'static str {
    static COMPLETE: OnceLock<String> = OnceLock::new();
    COMPLETE.get_or_init(|| {
        let folder = directory();
        let path = folder.path().join("journal");
        assert!(Settings::fixed().run(&path, &[]).0.expect("a run").is_complete());
        std::fs::read_to_string(path).expect("a journal")
    })
}

/// Returns the rows that complete lines of a journal record as acknowledged.
fn acknowledged<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> BTreeSet<usize> {
    let mut rows = BTreeSet::new();
    for line in lines {
        let entry: Value = serde_json::from_slice(line).unwrap_or_default();
        let index = |name: &str| entry["acknowledged"][name].as_u64();
        let range = index("from").unwrap_or(0)..index("to").unwrap_or(0).min(100);
        rows.extend(range.filter_map(|row| usize::try_from(row).ok()));
    }
    rows
}

/// A journal of any content: an error leaves the file as it is, and sends nothing. Otherwise every row is in the account, only
/// rows that the journal records as acknowledged are stored without a request, and a later run with the same journal sends
/// no stored row and agrees.
///
/// An input is the content of the journal. In it, the line `@` stands for the first line of a journal of this run, so
/// that its other lines are read as well.
pub(crate) fn journal(input: &[u8]) {
    let first = complete().lines().next().unwrap_or_default().as_bytes();
    let lines: Vec<&[u8]> =
        input.split(|byte| *byte == b'\n').map(|line| if line == b"@" { first } else { line }).collect();
    let content = lines.join(&b'\n');
    let folder = directory();
    let path = folder.path().join("journal");
    std::fs::write(&path, &content).expect("a file");
    let settings = Settings::fixed();
    match settings.run(&path, &[]) {
        (Err(error), attempts) => rejected(&error, &attempts, &path, &content),
        (Ok(result), attempts) => {
            let known = acknowledged(lines);
            let successful = account(&result, settings.rows);
            for row in &successful {
                assert!(stored(&attempts, *row) > 0 || known.contains(row), "row {row}: {result:?}");
            }
            agrees(&settings, &path, &result, &successful);
        }
    }
}

/// A process that ended at any byte of its journal, and a run that continues: no row that is recorded as acknowledged is sent
/// again, no row is skipped, and what the result says of each row is true of the service.
///
/// The input is the number of rows, the batch size with the delivery, two bytes for the place at which the process ended, two
/// for the place of a byte of the journal that is replaced, the value of this byte (0 replaces none), and the replies of the
/// service to the first run.
pub(crate) fn resumed(input: &[u8]) {
    let [rows, batch, end, end_low, at, at_low, value, replies @ ..] = input else { return };
    let settings = Settings {
        rows: 1 + usize::from(rows % 12),
        batch_size: 1 + usize::from(batch >> 1) % 5,
        delivery: if batch & 1 == 0 { Delivery::AtLeastOnce } else { Delivery::AtMostOnce },
    };
    let folder = directory();
    let path = folder.path().join("journal");
    let (result, before) = settings.run(&path, replies);
    account(&result.expect("a run with a new journal"), settings.rows);
    let whole = std::fs::read(&path).expect("a journal");
    let place = |high: &u8, low: &u8, length: usize| usize::from(u16::from_be_bytes([*high, *low])) % length;
    let length = place(end, end_low, whole.len() + 1);
    let mut content = whole[..length].to_vec();
    // A request is sent after its line is in the journal, so those with a later line were not sent.
    let before: Vec<&Attempt> =
        before.iter().filter(|attempt| attempt.length <= u64::try_from(length).unwrap_or(0)).collect();
    let mut damaged = None;
    if *value != 0 && !content.is_empty() {
        let at = place(at, at_low, content.len());
        damaged = (content[at] != *value).then_some(at);
        content[at] = *value;
    }
    // A last line that is damaged may be taken for one that was not written completely. Any other damage is found.
    let lines = whole[..length].split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    let mut lines: Vec<&[u8]> = lines.collect();
    if damaged.is_some() {
        lines.pop();
    }
    let known = acknowledged(lines);
    std::fs::write(&path, &content).expect("a file");
    let (result, after) = settings.run(&path, &[]);
    let result = match result {
        Ok(result) => result,
        Err(error) => {
            assert!(damaged.is_some(), "{error}");
            return rejected(&error, &after, &path, &content);
        }
    };
    let successful = account(&result, settings.rows);
    let twice: BTreeSet<usize> = result.possibly_duplicated.iter().cloned().flatten().collect();
    let impossible: BTreeSet<usize> =
        result.failed.iter().filter(|row| !row.is_ambiguous()).map(|row| row.index).collect();
    for row in 0..settings.rows {
        let again = after.iter().filter(|attempt| attempt.rows.contains(&row)).count();
        let count = stored(before.iter().copied(), row) + stored(&after, row);
        let what =
            || format!("row {row}, stored {count} times: {result:?}\n{}", String::from_utf8_lossy(&content));
        assert!(again == 0 || !known.contains(&row), "an acknowledged row was sent again: {}", what());
        assert!(count > 0 || !successful.contains(&row), "a row was skipped: {}", what());
        assert!(
            count == 0 || !impossible.contains(&row),
            "a stored row is reported as not stored: {}",
            what()
        );
        // A damaged line may hide a request, so these hold only of a journal that was cut.
        if damaged.is_none() {
            assert!(count < 2 || twice.contains(&row), "an unreported copy: {}", what());
            assert!(count < 2 || settings.delivery != Delivery::AtMostOnce, "two copies: {}", what());
        }
    }
    agrees(&settings, &path, &result, &successful);
}

/// Checks a run that has rejected a journal.
fn rejected(error: &datalinks::Error, attempts: &[Attempt], path: &Path, content: &[u8]) {
    assert!(!error.to_string().is_empty());
    assert!(attempts.is_empty(), "{error}, after requests");
    let kept = std::fs::read(path).expect("the file");
    // A torn last line may be dropped.
    assert!(content.starts_with(&kept) || kept.starts_with(content), "{error}: the file changed");
}

/// Checks that a later run sends none of the rows that are stored, and reports them as stored.
fn agrees(settings: &Settings, path: &Path, earlier: &IngestionResult<Value>, successful: &BTreeSet<usize>) {
    let (again, attempts) = settings.run(path, &[]);
    for row in successful {
        assert!(attempts.iter().all(|attempt| !attempt.rows.contains(row)), "row {row} was sent again");
    }
    match again {
        Ok(again) => assert!(account(&again, settings.rows).is_superset(successful), "{again:?}"),
        // A line about later rows that does not fit stops a run, and the next one before its first request.
        Err(error) => assert!(earlier.stopped.is_some(), "{error}"),
    }
}

/// Checks that every row is in the account, which the counts must confirm. Returns the rows that are stored.
fn account(result: &IngestionResult<Value>, rows: usize) -> BTreeSet<usize> {
    let counts = &result.counts;
    let successful: BTreeSet<usize> = result.successful.iter().filter_map(row).collect();
    assert_eq!(successful.len(), result.successful.len(), "{result:?}");
    assert_eq!(counts.decided(), successful.len() + result.failed.len(), "{counts:?}");
    let failed = result.failed.iter().map(|row| row.index);
    let all: BTreeSet<usize> = successful.iter().copied().chain(failed).collect();
    assert!(all.into_iter().eq(0..rows) && counts.decided() == rows, "{result:?}");
    successful
}
