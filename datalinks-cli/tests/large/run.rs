//! A run of the command that is killed and continued until it ends.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::rows::Rows;
use crate::server::{Seen, Server, kills};

/// Number of rows in a request, the default of the command.
const BATCH: usize = 1_000;
/// Size of the rows in a request, the default of the command.
const BATCH_BYTES: u64 = 4 << 20;

/// A run to try.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    /// The program that is run.
    pub(crate) program: PathBuf,
    pub(crate) bytes: u64,
    /// Mean size of a row in bytes, about.
    pub(crate) width: usize,
    pub(crate) kills: usize,
    pub(crate) seed: u64,
    /// Handling of requests whose response was lost: `at-least-once` or `at-most-once`.
    pub(crate) delivery: &'static str,
}

/// The result of all runs, compared with the file.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) rows: usize,
    pub(crate) bytes: u64,
    /// Rows that the server did not store.
    pub(crate) missing: usize,
    /// Rows that the server stored more than once.
    pub(crate) repeated: usize,
    /// Rows that the last run reported as possibly stored twice.
    pub(crate) possibly_duplicated: usize,
    /// Rows that the last run reported as ambiguous.
    pub(crate) ambiguous: usize,
    /// Peak of the resident memory of all runs in KiB.
    pub(crate) peak: u64,
    pub(crate) elapsed: Duration,
}

impl Outcome {
    /// Returns a row of the table of `cargo xtask cli-ingest`.
    pub(crate) fn line(&self, width: usize, delivery: &str) -> String {
        let Self { rows, bytes, missing, repeated, possibly_duplicated, ambiguous, peak, elapsed } = self;
        format!(
            "| {delivery} | {width} | {rows} | {bytes} | {missing} | {ambiguous} | {repeated} | {possibly_duplicated} | {:.1} \
             MiB | {:.1} s |",
            *peak as f64 / 1024.0,
            elapsed.as_secs_f64()
        )
    }
}

impl Job {
    /// Runs the command until no kill is left and it ends, and compares what the server stored with the file.
    ///
    /// # Panics
    ///
    /// Panics if a row was lost, or repeated without a report.
    pub(crate) fn run(&self) -> Outcome {
        let home = tempfile::tempdir().unwrap();
        let rows = Arc::new(Rows::write(&home.path().join("rows.ndjson"), self.bytes, self.width, self.seed));
        let requests = (rows.count / BATCH) as u64;
        let requests = requests.max(rows.bytes / BATCH_BYTES).max(1);
        let server = Server::start(Arc::clone(&rows), kills(self.kills, requests, self.seed));
        let begin = Instant::now();
        let mut runs = 0;
        let output = loop {
            let left = server.kills_left();
            let output = self.command(home.path(), &server, runs > 0);
            runs += 1;
            if output.status.code().is_some() {
                assert_eq!(left, 0, "the command ended before it was killed: {output:?}");
                break output;
            }
            assert_eq!(server.kills_left(), left - 1, "one kill ends one run: {output:?}");
        };
        let elapsed = begin.elapsed();
        let seen = server.finish();
        assert_eq!(runs, self.kills + 1);
        assert!(seen.wrong.is_empty(), "{:?}", seen.wrong);
        let outcome = self.compare(&rows, &seen, &output, home.path());
        Outcome { elapsed, ..outcome }
    }

    fn command(&self, home: &Path, server: &Server, resumes: bool) -> Output {
        let mut command = Command::new(&self.program);
        command.args([
            "ingest",
            "rows.ndjson",
            "--dataset",
            "n/d",
            "--journal",
            "rows.journal",
            "-o",
            "json",
        ]);
        command.args(["--delivery", self.delivery, "--dead-letter", "failed.ndjson"]);
        if resumes {
            command.arg("--resume");
        }
        command.env_clear().current_dir(home).stdin(Stdio::null());
        for name in ["HOME", "DL_CONFIG_DIR", "DL_DATA_DIR"] {
            command.env(name, home);
        }
        command.env("DL_HOST", format!("http://127.0.0.1:{}/api/v1", server.port)).env("DL_API_KEY", "key");
        // A file takes any number of lines about the progress.
        let errors = home.join("errors");
        command.stderr(File::create(&errors).unwrap()).stdout(Stdio::piped());
        let child = command.spawn().unwrap();
        server.client(child.id());
        let output = child.wait_with_output().unwrap();
        Output { stderr: std::fs::read(errors).unwrap(), ..output }
    }

    /// Compares the report of the last run with what is stored.
    fn compare(&self, rows: &Rows, seen: &Seen, output: &Output, home: &Path) -> Outcome {
        let report: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
        let number = |name: &str| usize::try_from(report[name].as_u64().unwrap()).unwrap();
        let missing: BTreeSet<_> = (0..rows.count).filter(|id| seen.stored[*id] == 0).collect();
        let repeated = seen.stored.iter().filter(|times| **times > 1).count();
        let outcome = Outcome {
            rows: rows.count,
            bytes: rows.bytes,
            missing: missing.len(),
            repeated,
            possibly_duplicated: number("possiblyDuplicated"),
            ambiguous: number("ambiguous"),
            peak: seen.peak,
            elapsed: Duration::ZERO,
        };
        let all = number("stored") + number("failed");
        let context = format!("{outcome:?} {report}");
        assert_eq!(all, rows.count, "each row is accounted for once: {context}");
        assert!(repeated <= outcome.possibly_duplicated, "silently repeated rows: {context}");
        let most = self.kills * BATCH;
        assert!(outcome.possibly_duplicated.max(outcome.ambiguous) <= most, "{context}");
        let code = output.status.code().unwrap();
        if self.delivery == "at-least-once" {
            assert_eq!((code, outcome.missing, outcome.ambiguous), (0, 0, 0), "lost rows: {context}");
            // The run is complete if each row is stored once.
            assert_eq!(report["complete"], outcome.possibly_duplicated == 0, "{context}");
        } else {
            assert_eq!((code, repeated), (if outcome.ambiguous > 0 { 7 } else { 0 }, 0), "{context}");
            let ambiguous = ambiguous(&home.join("failed.ndjson"));
            assert_eq!(ambiguous.len(), outcome.ambiguous, "{context}");
            assert!(missing.is_subset(&ambiguous), "silently lost rows: {context}");
        }
        outcome
    }
}

/// Returns the ids of the rows in a dead-letter file, without those that a later run has written again.
fn ambiguous(file: &Path) -> BTreeSet<usize> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let letters = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let row = |letter: Value| {
        assert_eq!(letter["ambiguous"], true, "{letter}");
        usize::try_from(letter["row"]["id"].as_u64().unwrap()).unwrap()
    };
    letters.filter(|letter| letter["state"] != "superseded").map(row).collect()
}
