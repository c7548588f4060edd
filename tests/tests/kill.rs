//! A process that ingests with a journal, or in partitions with a journal each, is killed repeatedly, at any point, and restarted
//! until it is done.
//!
//! The child is this program itself, with environment variables that set its task.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use datalinks::{
    DataLinks, RetryPolicy,
    ingest::partitions::{JournalDirectory, Partition, PartitionPlan},
};
use datalinks_tests::server::read;
use serde_json::json;
use tokio::{
    io::{AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

const HOST: &str = "KILL_TEST_HOST";
const JOURNAL: &str = "KILL_TEST_JOURNAL";
const REPORT: &str = "KILL_TEST_REPORT";

/// Number of rows, in batches of 5, so 300 batches. A child completes 1 batch on average before it is killed,
/// and every fourth child completes 1 more, so that the last child, which is not killed, still has some left.
const ROWS: u64 = 1_500;
const KILLS: usize = 200;

/// The task of the child. Without the environment of a child, the test does nothing.
#[tokio::test]
async fn child() {
    let (Ok(host), Ok(journal), Ok(report)) = (env::var(HOST), env::var(JOURNAL), env::var(REPORT)) else {
        return;
    };
    let dl = DataLinks::builder(host, "k").retry(RetryPolicy::never()).build().unwrap();
    let rows = futures::stream::iter((0..ROWS).map(|n| json!({ "n": n })));
    let ingest = dl.dataset("plants", "trees").unwrap().ingest_stream(rows);
    let mut outcomes = ingest.batch_size(5).journal(journal).batches().unwrap();
    let mut doubtful = Vec::new();
    while let Some(outcome) = outcomes.next().await {
        doubtful.extend(outcome.possibly_duplicated.iter().cloned().flatten());
    }
    let summary = outcomes.summary();
    assert_eq!((summary.counts.stored as u64, summary.counts.failed), (ROWS, 0), "{summary:?}");
    std::fs::write(report, serde_json::to_string(&doubtful).unwrap()).unwrap();
}

const JOURNALS: &str = "KILL_TEST_JOURNALS";

/// Number of times that a process with several partitions is killed.
const PARTITION_KILLS: usize = 40;

/// Four partitions that together have all rows.
fn partitions() -> PartitionPlan {
    let rows = ROWS / 4;
    PartitionPlan::new((0..4).map(|number| Partition::rows("numbers", number * rows..(number + 1) * rows)))
        .unwrap()
}

/// The task of a child that runs all partitions at once. Without the environment of a child, the test does nothing.
#[tokio::test]
async fn child_with_partitions() {
    let (Ok(host), Ok(journals)) = (env::var(HOST), env::var(JOURNALS)) else { return };
    let dl = DataLinks::builder(host, "k").retry(RetryPolicy::never()).build().unwrap();
    let trees = dl.dataset("plants", "trees").unwrap();
    let (plan, journals) = (partitions(), Arc::new(JournalDirectory::new(journals)));
    let runs = plan.partitions().iter().enumerate().map(|(number, partition)| {
        let rows = partition.range.rows().unwrap().map(|n| json!({ "n": n }));
        plan.run_partition(number, journals.clone(), trees.ingest(rows).batch_size(5))
    });
    for run in futures::future::join_all(runs).await {
        run.unwrap().summary.check().unwrap();
    }
}

/// The moment at which the child is killed.
#[derive(Clone, Copy, Debug)]
enum Point {
    /// Before the rows are stored.
    Before,
    /// After the rows are stored and before the response.
    Stored,
    /// In the middle of the response.
    Answering,
    /// After the response, at any point of its further work.
    After,
}

#[derive(Default)]
struct Shared {
    stored: BTreeMap<u64, u32>,
    child: Option<Child>,
    /// `true` if the child was killed. A further request of it may still be served and must not kill another
    /// child.
    killed: bool,
    /// Number of requests until the child is killed.
    left: usize,
    kills: usize,
    /// Number of times that children are killed.
    most_kills: usize,
}

impl Shared {
    /// Returns the moment at which this request kills the child, if it does.
    fn point(&mut self) -> Option<Point> {
        if self.kills >= self.most_kills || self.killed {
            return None;
        }
        if self.left > 0 {
            self.left -= 1;
            return None;
        }
        let points = [Point::Before, Point::Stored, Point::Answering, Point::After];
        Some(points[self.kills % points.len()])
    }

    /// Sends SIGKILL, so that the child cannot clean up.
    fn kill(&mut self) {
        // Two requests may reach this point at the same time.
        if let Some(child) = self.child.as_mut().filter(|_| !self.killed) {
            child.kill().unwrap();
            self.killed = true;
            self.kills += 1;
            // The progress of the next child, which varies.
            self.left = self.kills * 7 % 3;
        }
    }
}

/// Runs the task of a child, kills it this number of times, and starts it again until it succeeds. Returns how often each row was
/// stored. `environment` has a variable and a path for the child.
async fn killed(task: &str, most_kills: usize, environment: &[(&str, &Path)]) -> BTreeMap<u64, u32> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let host = format!("http://{}/api/v1", listener.local_addr().unwrap());
    let shared = Arc::new(Mutex::new(Shared { left: 1, most_kills, ..Shared::default() }));
    let serving = Arc::clone(&shared);
    let accepting = tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            // The task ends with its only request.
            tokio::spawn(serve(connection, Arc::clone(&serving)));
        }
    });

    let mut starts = 0;
    loop {
        let child = Command::new(env::current_exe().unwrap())
            .args(["--exact", task, "--quiet"])
            .env(HOST, &host)
            .envs(environment.iter().copied())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        {
            let mut shared = shared.lock().unwrap();
            shared.child = Some(child);
            shared.killed = false;
        }
        starts += 1;
        let done = loop {
            let ended = shared.lock().unwrap().child.as_mut().unwrap().try_wait().unwrap();
            match ended {
                Some(status) => break status.success(),
                None => tokio::task::yield_now().await,
            }
        };
        if done {
            break;
        }
        assert!(starts < 2 * most_kills, "the ingestion does not end");
    }
    accepting.abort();

    let shared = shared.lock().unwrap();
    assert_eq!(shared.kills, most_kills);
    assert_eq!(starts, most_kills + 1, "a child ended for another reason");
    shared.stored.clone()
}

/// Checks that every row is stored, and that rows that are stored twice were reported.
fn check(stored: &BTreeMap<u64, u32>, reported: &BTreeSet<u64>) {
    let lost: Vec<u64> = (0..ROWS).filter(|n| !stored.contains_key(n)).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    let unreported: Vec<_> =
        stored.iter().filter(|(n, times)| **times > 1 && !reported.contains(n)).collect();
    assert!(unreported.is_empty(), "stored twice without a report: {unreported:?}");
    let doubled = stored.values().filter(|times| **times > 1).count();
    assert!(doubled > 0, "no kill occurred between storing and responding");
}

#[tokio::test]
async fn killed_process_loses_no_row() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, report) = (folder.path().join("journal"), folder.path().join("report"));
    let stored = killed("child", KILLS, &[(JOURNAL, &journal), (REPORT, &report)]).await;
    check(&stored, &serde_json::from_str(&std::fs::read_to_string(&report).unwrap()).unwrap());
}

/// The account is read from the journals, and includes what the killed processes did.
#[tokio::test]
async fn killed_partitions_lose_no_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journals");
    let stored = killed("child_with_partitions", PARTITION_KILLS, &[(JOURNALS, &path)]).await;
    let plan = partitions();
    let account = plan.account(Arc::new(JournalDirectory::new(path))).await.unwrap();
    let mut reported = BTreeSet::new();
    for (partition, own) in plan.partitions().iter().zip(&account.partitions) {
        let rows = partition.range.rows().unwrap();
        let doubtful = own.possibly_duplicated.iter().cloned().flatten();
        reported.extend(doubtful.map(|row| rows.start + row as u64));
        assert_eq!(own.rows.map(|rows| rows as u64), Some(rows.end - rows.start));
    }
    check(&stored, &reported);
    assert_eq!((account.finished(), account.stored() as u64, account.failed()), (4, ROWS, 0), "{account}");
    assert_eq!(account.possibly_duplicated(), reported.len());
    // The service has every row once, and further copies of reported rows only.
    let copies: u64 = stored.values().map(|times| u64::from(*times)).sum();
    let extra: u64 = reported.iter().map(|n| u64::from(stored[n] - 1)).sum();
    assert_eq!(copies, account.stored() as u64 + extra);
}

async fn serve(connection: TcpStream, shared: Arc<Mutex<Shared>>) {
    let mut connection = BufReader::new(connection);
    let Some(request) = read(&mut connection).await else { return };
    let rows = request.json.unwrap()["data"].as_array().unwrap().clone();
    let point = shared.lock().unwrap().point();
    let mut connection = connection.into_inner();
    if matches!(point, Some(Point::Before)) {
        return shared.lock().unwrap().kill();
    }
    for row in &rows {
        *shared.lock().unwrap().stored.entry(row["n"].as_u64().unwrap()).or_default() += 1;
    }
    if matches!(point, Some(Point::Stored)) {
        return shared.lock().unwrap().kill();
    }
    let body = json!({ "indexed": rows.len() }).to_string();
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\n";
    let answer = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    let half = if matches!(point, Some(Point::Answering)) { answer.len() - 3 } else { answer.len() };
    // The child may have ended, which is the purpose of this test.
    let _ = connection.write_all(&answer.as_bytes()[..half]).await;
    if point.is_some() {
        shared.lock().unwrap().kill();
    }
}
