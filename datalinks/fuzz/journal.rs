//! What must hold of an ingestion whose journal has any content. Shared by the fuzz target and by a test that runs it
//! over the corpus.
//!
//! An input is the content of the journal. In it, the line `@` stands for the first line of a journal of this run, so
//! that its other lines are read as well.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use datalinks::IngestionResult;
use datalinks::testing::{Reply, Script};
use serde_json::{Value, json};

/// Number of rows of the ingestion.
const ROWS: usize = 6;

/// Runs the ingestion with a journal.
fn run(path: &Path) -> Result<IngestionResult<Value>, datalinks::Error> {
    let script = Script::new().respond_with(|request| {
        let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        Reply::json(json!({ "indexed": body["data"].as_array().map_or(0, Vec::len) }))
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let result = runtime.block_on(async {
        let films = script.client().dataset("cinema", "films")?;
        films.ingest((0..ROWS).map(|row| json!({ "row": row }))).batch_size(2).journal(path).await
    });
    script.finish();
    result
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
        assert!(run(&path).expect("a run").is_complete());
        std::fs::read_to_string(path).expect("a journal")
    })
}

/// A journal of any content: an error leaves the file as it is. Otherwise every row is in the account, and a later run
/// with the same journal sends nothing and agrees.
pub(crate) fn journal(input: &[u8]) {
    let first = complete().lines().next().unwrap_or_default().as_bytes();
    let lines: Vec<&[u8]> =
        input.split(|byte| *byte == b'\n').map(|line| if line == b"@" { first } else { line }).collect();
    let content = lines.join(&b'\n');
    let folder = directory();
    let path = folder.path().join("journal");
    std::fs::write(&path, &content).expect("a file");
    match run(&path) {
        Err(error) => {
            assert!(!error.to_string().is_empty());
            let kept = std::fs::read(&path).expect("the file");
            // A torn last line may be dropped.
            assert!(content.starts_with(&kept) || kept.starts_with(&content), "{error}: the file changed");
        }
        Ok(result) => {
            assert_eq!(account(&result), ROWS, "{result:?}");
            let again = run(&path).expect("a run with the journal of a run");
            assert_eq!(account(&again), ROWS, "{again:?}");
        }
    }
}

/// Returns the number of rows in the account, which the counts must confirm.
fn account(result: &IngestionResult<Value>) -> usize {
    let counts = &result.counts;
    let listed = result.successful.len() + result.failed.len();
    assert_eq!(counts.decided(), listed, "{counts:?}");
    listed
}
