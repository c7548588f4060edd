//! Property tests of the engine against a service with random faults.

mod delivery;
mod partitions;
mod server;

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{BuildHasher as _, RandomState},
    ops::Range,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures::StreamExt as _;
use proptest::{
    prelude::*,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use tokio::runtime::Runtime;

use super::{
    adaptive::Pacer,
    batch_stream::BatchStream,
    begin,
    concurrency::Concurrency,
    options::{Delivery, IngestOptions},
    result::IngestionResult,
    source::Rows,
};
use crate::error::{Error, ErrorKind};
use server::{Fault, Schedule, Server, Truth};

/// Delivery modes, including both kinds of reconciliation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Mode {
    AtLeastOnce,
    AtMostOnce,
    ByCount,
    ByKey,
}

const MODES: [Mode; 4] = [Mode::AtLeastOnce, Mode::AtMostOnce, Mode::ByCount, Mode::ByKey];

impl Mode {
    fn delivery(self) -> Delivery {
        match self {
            Self::AtLeastOnce => Delivery::AtLeastOnce,
            Self::AtMostOnce => Delivery::AtMostOnce,
            Self::ByCount | Self::ByKey => Delivery::Reconciled,
        }
    }
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        12 => Just(Fault::None),
        1 => Just(Fault::NotConnected),
        1 => Just(Fault::NeverAccepts),
        1 => Just(Fault::Busy),
        2 => Just(Fault::LostAfter),
        2 => Just(Fault::LostBefore),
        3 => (0..90_u64).prop_map(Fault::Late),
        2 => prop::option::of(0..90_u64).prop_map(Fault::InPart),
        1 => (0..60_u64).prop_map(Fault::Silent),
        1 => (0..40_u64).prop_map(Fault::Slow),
        1 => Just(Fault::Short),
        1 => Just(Fault::Wordless),
        1 => prop::bool::weighted(0.3).prop_map(|yes| if yes { Fault::Unauthorized } else { Fault::None }),
    ]
}

/// A row with a number, a key, and a flag for rows that cannot be encoded.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    n: usize,
    key: Option<Value>,
    writable: bool,
    padding: usize,
}

impl Row {
    fn numbered(n: usize) -> Self {
        Self { n, key: Some(n.into()), writable: true, padding: 0 }
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.writable {
            return Err(serde::ser::Error::custom("not this one"));
        }
        let key = self.key.iter().map(|key| ("id", key.clone()));
        let others = [("n", Value::from(self.n)), ("p", "x".repeat(self.padding).into())];
        serializer.collect_map(key.chain(others))
    }
}

fn row() -> impl Strategy<Value = Row> {
    // A few rows have no key, or share a key with other rows.
    let key = prop_oneof![
        10 => Just(0),
        10 => Just(1),
        1 => Just(2),
        1 => Just(3),
    ];
    (key, prop::bool::weighted(0.95), 0..30_usize).prop_map(|(key, writable, padding)| {
        let key = match key {
            0 => Some(Value::from(0)),
            1 => Some(Value::from("")),
            2 => Some(Value::from("shared")),
            _ => None,
        };
        Row { n: 0, key, writable, padding }
    })
}

/// Assigns numbers to rows, and unique keys to most of them.
fn numbered(rows: Vec<Row>) -> Vec<Row> {
    let numbered = |(n, row): (usize, Row)| {
        let key = match &row.key {
            Some(Value::Number(_)) => Some(Value::from(n)),
            Some(Value::String(text)) if text.is_empty() => Some(Value::from(format!("row {n}"))),
            key => key.clone(),
        };
        Row { n, key, ..row }
    };
    rows.into_iter().enumerate().map(numbered).collect()
}

/// One run and the behavior of the service.
#[derive(Clone, Debug)]
struct Case {
    rows: Vec<Row>,
    schedule: Schedule,
    batch_size: usize,
    max_batch_bytes: usize,
    concurrency: usize,
    /// Set if concurrency and batch size are adaptive, below the limits above.
    adaptive: bool,
    max_isolation_requests: usize,
    max_batches_without_success: usize,
    window: u64,
    /// Delays of the source for some rows, in seconds.
    source_delays: Vec<u64>,
    /// Index of the row at which the source fails.
    source_fails: Option<usize>,
}

fn case() -> impl Strategy<Value = Case> {
    let schedule = (
        prop::collection::vec(fault(), 0..30),
        prop::collection::btree_set(0..40_usize, 0..4),
        60..2_000_usize,
        1..4_u32,
        prop::collection::vec(prop::bool::weighted(0.9), 0..30),
        prop_oneof![3 => Just(0), 1 => 0..40_u64],
        prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec((0..300_u64, 1..12_u64), 1..4)],
    )
        .prop_map(|(faults, bad, most_bytes, attempts, looks, lag, others)| Schedule {
            faults,
            bad,
            most_bytes,
            attempts,
            looks,
            lag,
            others,
        });
    let source = (
        prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(0..20_u64, 1..10)],
        prop_oneof![4 => Just(None), 1 => (0..40_usize).prop_map(Some)],
    );
    (
        prop::collection::vec(row(), 0..40),
        schedule,
        (0..12_usize, 20..2_000_usize, 1..6_usize, any::<bool>()),
        (0..20_usize, prop_oneof![Just(0), 1..6_usize]),
        prop_oneof![1 => Just(0_u64), 3 => 1..60_u64],
        source,
    )
        .prop_map(
            |(rows, schedule, (size, bytes, concurrency, adaptive), (cap, most_failed), window, source)| {
                Case {
                    rows: numbered(rows),
                    schedule,
                    batch_size: size,
                    max_batch_bytes: bytes,
                    concurrency,
                    adaptive,
                    max_isolation_requests: cap,
                    max_batches_without_success: most_failed,
                    window,
                    source_delays: source.0,
                    source_fails: source.1,
                }
            },
        )
}

impl Case {
    fn options(&self, mode: Mode) -> IngestOptions {
        IngestOptions {
            batch_size: self.batch_size,
            max_batch_bytes: self.max_batch_bytes,
            concurrency: match mode {
                Mode::ByCount => 1.into(),
                _ if self.adaptive => Concurrency::auto().max_requests(self.concurrency),
                _ => self.concurrency.into(),
            },
            adaptive_batch_size: self.adaptive,
            delivery: mode.delivery(),
            reconcile_by: (mode == Mode::ByKey).then(|| "id".to_owned()),
            reconcile_window: Duration::from_secs(self.window),
            max_isolation_requests: self.max_isolation_requests,
            max_batches_without_success: self.max_batches_without_success,
            ..IngestOptions::default()
        }
    }

    fn is_stream(&self) -> bool {
        !self.source_delays.is_empty() || self.source_fails.is_some()
    }

    fn source(&self) -> Rows<Row> {
        if !self.is_stream() {
            return Rows::All(self.rows.clone());
        }
        let (delays, fails) = (self.source_delays.clone(), self.source_fails);
        let rows = futures::stream::iter(self.rows.clone()).then(move |row| {
            let delay = delays.get(row.n % 13).copied().unwrap_or_default();
            async move {
                if delay > 0 {
                    tokio::time::sleep(Duration::from_secs(delay)).await;
                }
                if fails == Some(row.n) { Err(Error::new(ErrorKind::Io, "no more rows")) } else { Ok(row) }
            }
        });
        Rows::Stream(rows.boxed())
    }

    fn begin(&self, server: &Arc<Server>, options: IngestOptions) -> BatchStream<Row> {
        *server.pacer.lock().unwrap() = Pacer::new(&options);
        *server.delivery.lock().unwrap() = options.delivery;
        begin(server.clone(), self.source(), &Map::new(), options).unwrap()
    }

    /// Returns `true` if another row has the same key.
    fn shares_key(&self, n: usize) -> bool {
        let key = &self.rows[n].key;
        key.is_some() && self.rows.iter().filter(|row| row.key == *key).count() > 1
    }

    /// Returns `true` if a row of another batch has the same key. A row that is in none of these batches is a batch of its own.
    fn shares_key_with_other_batch(&self, n: usize, batches: &[Range<usize>]) -> bool {
        let own = batches.iter().find(|batch| batch.contains(&n)).cloned().unwrap_or(n..n + 1);
        let key = &self.rows[n].key;
        let mut others = (0..self.rows.len()).filter(|other| !own.contains(other));
        key.is_some() && others.any(|other| self.rows[other].key == *key)
    }
}

fn paused() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

/// The result of a run.
#[derive(Debug, Default)]
struct Report {
    successful: BTreeSet<usize>,
    /// Set if the outcome is ambiguous.
    failed: BTreeMap<usize, bool>,
    twice: BTreeSet<usize>,
    /// Index ranges of the batches, unless the outcomes were collected into one result.
    batches: Vec<Range<usize>>,
}

impl Report {
    fn is_ambiguous(&self) -> impl Iterator<Item = usize> + '_ {
        self.failed.iter().filter(|(_, unknown)| **unknown).map(|(row, _)| *row)
    }
}

/// Runs a case, and checks that each row is reported once.
async fn run(case: &Case, mode: Mode, server: &Arc<Server>) -> Result<Report, TestCaseError> {
    let mut report = Report::default();
    // What the key decides depends on the batches.
    let by_batch = mode == Mode::ByKey && (0..case.rows.len()).any(|n| case.shares_key(n));
    if case.source_fails.is_none() && !by_batch {
        let result = IngestionResult::collect(case.begin(server, case.options(mode))).await.unwrap();
        prop_assert!(result.successful.is_sorted_by_key(|row| row.n), "{result:?}");
        prop_assert!(result.failed.is_sorted_by_key(|row| row.index), "{result:?}");
        prop_assert!(result.failed.iter().all(|row| row.index == row.row.n));
        let rows = result.successful.iter().chain(result.failed.iter().map(|row| &row.row));
        let mut rows: Vec<Row> = rows.cloned().collect();
        rows.sort_by_key(|row| row.n);
        // Every row is reported once and unchanged. A stopped run leaves the rest of a stream in its source.
        let whole = !case.is_stream() || result.stopped.is_none();
        let came = if whole { case.rows.len() } else { rows.len() };
        prop_assert_eq!(&rows[..], &case.rows[..came]);
        prop_assert_eq!(result.counts.requests, server.calls.load(Ordering::Relaxed));
        report.failed = result.failed.iter().map(|row| (row.index, row.is_ambiguous())).collect();
        report.twice = result.possibly_duplicated.iter().cloned().flatten().collect();
        report.successful = result.successful.iter().map(|row| row.n).collect();
        return Ok(report);
    }
    let mut outcomes = case.begin(server, case.options(mode));
    let mut reported = 0;
    while let Some(outcome) = outcomes.next().await {
        reported += outcome.successful.len() + outcome.failed.len();
        report.batches.push(outcome.rows.clone());
        report.failed.extend(outcome.failed.iter().map(|row| (row.index, row.is_ambiguous())));
        report.twice.extend(outcome.possibly_duplicated.iter().cloned().flatten());
        report.successful.extend(outcome.successful.iter().map(|row| row.n));
    }
    let summary = outcomes.summary();
    prop_assert_eq!(reported, report.failed.len() + report.successful.len());
    prop_assert_eq!(
        (summary.counts.stored, summary.counts.failed),
        (report.successful.len(), report.failed.len())
    );
    prop_assert_eq!(summary.counts.possibly_duplicated, report.twice.len());
    prop_assert_eq!(summary.counts.ambiguous, report.is_ambiguous().count());
    let came = case.source_fails.unwrap_or(case.rows.len()).min(case.rows.len());
    let reported: BTreeSet<usize> = report.failed.keys().chain(&report.successful).copied().collect();
    prop_assert!(summary.stopped.is_some() || reported == (0..came).collect(), "{reported:?}");
    Ok(report)
}

/// Checks the invariants of all modes.
fn check_claims(case: &Case, mode: Mode, report: &Report, truth: &Truth) -> Result<(), TestCaseError> {
    // The count does not distinguish other writers, and the key does not distinguish rows of several batches that share it.
    let shares_key = |n: usize| case.shares_key_with_other_batch(n, &report.batches);
    let decides = |n: usize| match mode {
        Mode::AtLeastOnce | Mode::AtMostOnce => true,
        Mode::ByCount => case.schedule.others.is_empty(),
        Mode::ByKey => !shares_key(n),
    };
    for n in 0..case.rows.len() {
        let (stored, executed) = (truth.stored(n), truth.executed(n));
        let said_twice = report.twice.contains(&n);
        if report.successful.contains(&n) && decides(n) {
            prop_assert!(stored > 0, "row {n} is lost, and reported as stored");
        }
        match report.failed.get(&n) {
            Some(false) => prop_assert_eq!(stored, 0, "row {} is stored, and reported as not", n),
            // Only rows of ambiguous requests are reported as ambiguous.
            Some(true) => prop_assert!(executed > 0, "row {n} never left, and is reported as ambiguous"),
            None if !report.successful.contains(&n) => {
                prop_assert_eq!(executed, 0, "row {} was sent, and is not reported", n);
            }
            None => {}
        }
        prop_assert!(stored < 2 || said_twice, "row {n} is stored {stored} times, and not reported");
        prop_assert!(!said_twice || executed > 1 || shares_key(n), "row {n} was not sent twice");
        if mode == Mode::AtMostOnce {
            prop_assert!(executed < 2 && !said_twice, "row {n} was sent twice");
        }
    }
    prop_assert_eq!(&truth.sent_after_acknowledged, &Vec::<usize>::new());
    Ok(())
}

fn check(mode: Mode, case: &Case) -> Result<(), TestCaseError> {
    let runtime = paused();
    let server = {
        let _clock = runtime.enter();
        Arc::new(Server::new(case.schedule.clone(), mode.delivery()))
    };
    let report = runtime.block_on(run(case, mode, &server))?;
    check_claims(case, mode, &report, &server.truth())?;
    let most = case.options(mode).concurrency.max();
    prop_assert!(server.most_in_flight.load(Ordering::Relaxed) <= most);
    prop_assert!(case.rows.iter().any(|row| row.writable) || server.requests() == 0);
    Ok(())
}

/// Runs a property for many cases. The seed of a failed case is printed, and `INGEST_SEED` repeats its cases.
/// `INGEST_SCHEDULES` sets the number of cases.
fn for_many<S: Strategy>(cases: u32, strategy: S, check: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let drawn = || RandomState::new().hash_one("a seed");
    let seed = std::env::var("INGEST_SEED").map_or_else(|_| drawn(), |seed| seed.parse().unwrap());
    let cases = std::env::var("INGEST_SCHEDULES").map_or(cases, |cases| cases.parse().unwrap());
    println!("INGEST_SEED={seed} INGEST_SCHEDULES={cases}");
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed.to_le_bytes(); 4].concat());
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let result = TestRunner::new_with_rng(config, rng).run(&strategy, check);
    result.unwrap_or_else(|failure| panic!("INGEST_SEED={seed}: {failure}"));
}

/// Schedules per mode. `INGEST_SCHEDULES=10000` runs the long form.
const SCHEDULES: u32 = 1_000;

#[test]
fn at_least_once_reports_lost_and_duplicated_rows() {
    for_many(SCHEDULES, case(), |case| check(Mode::AtLeastOnce, &case));
}

#[test]
fn at_most_once_does_not_resend_ambiguous_rows() {
    for_many(SCHEDULES, case(), |case| check(Mode::AtMostOnce, &case));
}

#[test]
fn reconciled_by_count_reports_lost_and_duplicated_rows() {
    for_many(SCHEDULES, case(), |case| check(Mode::ByCount, &case));
}

#[test]
fn reconciled_by_key_reports_lost_and_duplicated_rows() {
    for_many(SCHEDULES, case(), |case| check(Mode::ByKey, &case));
}

/// A process that sends rows with a journal.
#[derive(Clone, Copy, Debug)]
struct Process {
    mode: Mode,
    /// Number of rows that the source has, from the first one.
    rows: usize,
    /// Number of requests until the process crashes, and whether the rows of the last one are stored.
    death: Option<(usize, bool)>,
}

/// A case, processes that crash, and one that does not. Each has one of these modes, and at least the rows of the one before.
fn with_restarts(
    case: impl Strategy<Value = Case>,
    modes: &'static [Mode],
    requests: usize,
) -> impl Strategy<Value = (Case, Vec<Process>)> {
    let death = (0..requests, any::<bool>());
    let mode = || prop::sample::select(modes);
    let missing = prop_oneof![3 => Just(0), 1 => 0..20_usize];
    let crashing = prop::collection::vec((mode(), missing, death.prop_map(Some)), 0..5);
    // Some cases have one mode.
    (case, crashing, mode(), prop::bool::weighted(0.7)).prop_map(|(case, mut drawn, last, mixed)| {
        drawn.push((last, 0, None));
        let mut left_out = 0;
        let process = |(mode, missing, death): (Mode, usize, _)| {
            left_out = missing.max(left_out);
            let rows = case.rows.len().saturating_sub(left_out);
            Process { mode: if mixed { mode } else { last }, rows, death }
        };
        // From the last process back, the source had fewer rows.
        let mut processes: Vec<Process> = drawn.into_iter().rev().map(process).collect();
        processes.reverse();
        (case, processes)
    })
}

/// A case with few batches of one size, in which a request fails only because its process crashes.
fn calm_case() -> impl Strategy<Value = Case> {
    (case(), 1..4_usize, 2..4_usize).prop_map(|(mut case, size, batches)| {
        case.rows = (0..size * batches).map(Row::numbered).collect();
        case.schedule = Schedule { most_bytes: usize::MAX, attempts: 1, ..Schedule::default() };
        Case { batch_size: size, max_batch_bytes: usize::MAX, concurrency: 1, adaptive: false, ..case }
    })
}

/// Runs several processes of which all but the last crash during a request. Each one continues with the journal of the one before.
fn check_restarts(case: Case, processes: &[Process]) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal");
    // All runs have the same batches, and no other client writes between them.
    let case = Case {
        source_delays: Vec::new(),
        source_fails: None,
        schedule: Schedule { others: Vec::new(), ..case.schedule },
        ..case
    };
    // All runs share one clock.
    let runtime = paused();
    let server = {
        let _clock = runtime.enter();
        Arc::new(Server::new(case.schedule.clone(), Delivery::default()))
    };
    let mut twice = BTreeSet::new();
    let mut last = Report::default();
    for Process { mode, rows, death } in processes.iter().copied() {
        *server.death.lock().unwrap() = death;
        let case = Case { rows: case.rows[..rows].to_vec(), ..case.clone() };
        let options = IngestOptions { journal: Some(journal.clone()), ..case.options(mode) };
        let mut report = Report::default();
        runtime.block_on(async {
            let mut outcomes = case.begin(&server, options);
            let dies = server.dies.notified();
            let run = async {
                while let Some(outcome) = outcomes.next().await {
                    report.batches.push(outcome.rows.clone());
                    report.failed.extend(outcome.failed.iter().map(|row| (row.index, row.is_ambiguous())));
                    report.successful.extend(outcome.successful.iter().map(|row| row.n));
                    twice.extend(outcome.possibly_duplicated.iter().cloned().flatten());
                }
            };
            tokio::select! {
                biased;
                () = dies => {}
                () = run => {}
            }
        });
        last = report;
    }
    let truth = server.truth();
    let by_key = processes.iter().any(|process| process.mode == Mode::ByKey);
    let at_most_once = processes.iter().all(|process| process.mode == Mode::AtMostOnce);
    for n in 0..case.rows.len() {
        // Later processes keep the batches of rows that were sent.
        let decides = !by_key || !case.shares_key_with_other_batch(n, &last.batches);
        let stored = truth.stored(n);
        if last.successful.contains(&n) && decides {
            prop_assert!(stored > 0, "row {n} is lost, and reported as stored");
        }
        if last.failed.get(&n) == Some(&false) {
            prop_assert_eq!(stored, 0, "row {} is stored, and reported as not", n);
        }
        // A crashed run reports only decided batches.
        let unknown = last.failed.get(&n) == Some(&true);
        prop_assert!(stored < 2 || twice.contains(&n) || unknown, "row {n} is stored {stored} times");
        prop_assert!(stored < 2 || !at_most_once, "row {n}");
    }
    prop_assert_eq!(&truth.sent_after_acknowledged, &Vec::<usize>::new());
    Ok(())
}

#[test]
fn crashed_run_continues_with_its_journal() {
    for_many(400, with_restarts(case(), &MODES, 8), |(case, processes)| check_restarts(case, &processes));
}

/// By their number, the rows of a batch are easily taken for those of another one.
#[test]
fn crashed_run_continues_if_batches_have_one_size() {
    const MOSTLY_BY_COUNT: [Mode; 6] =
        [Mode::ByCount, Mode::ByCount, Mode::ByCount, Mode::AtMostOnce, Mode::AtLeastOnce, Mode::ByKey];
    for_many(1_000, with_restarts(calm_case(), &MOSTLY_BY_COUNT, 3), |(case, processes)| {
        check_restarts(case, &processes)
    });
}

/// A process with all rows that crashes, and one that does not.
fn restart(mode: Mode, case: &Case, death: (usize, bool)) -> [Process; 2] {
    [Some(death), None].map(|death| Process { mode, rows: case.rows.len(), death })
}

/// Regression: the first half of a rejected batch was not sent, because the row count could not be read. The next run treated
/// the batch as rejected as a whole, and sent its stored second half again.
#[test]
fn stored_half_is_found_if_the_other_half_was_not_sent() {
    let schedule = Schedule {
        bad: [1].into(),
        most_bytes: 60,
        attempts: 1,
        looks: vec![true, false],
        ..Schedule::default()
    };
    let case = Case {
        rows: (0..3).map(Row::numbered).collect(),
        schedule,
        batch_size: 3,
        max_batch_bytes: usize::MAX,
        concurrency: 1,
        adaptive: false,
        max_isolation_requests: 2,
        max_batches_without_success: 0,
        window: 0,
        source_delays: Vec::new(),
        source_fails: None,
    };
    let processes = restart(Mode::ByCount, &case, (4, false));
    check_restarts(case, &processes).unwrap();
}

/// Regression: a row of the earlier run became visible while the next run reconciled its first request, and was attributed
/// to that request, whose row was lost.
#[test]
fn late_row_of_an_earlier_run_is_not_attributed_to_another_request() {
    let schedule = Schedule {
        faults: vec![Fault::None, Fault::NotConnected, Fault::LostBefore],
        most_bytes: usize::MAX,
        attempts: 1,
        lag: 15,
        ..Schedule::default()
    };
    let case = Case {
        rows: (0..3).map(Row::numbered).collect(),
        schedule,
        batch_size: 1,
        max_batch_bytes: usize::MAX,
        concurrency: 1,
        adaptive: false,
        max_isolation_requests: 0,
        max_batches_without_success: 1,
        window: 10,
        source_delays: Vec::new(),
        source_fails: None,
    };
    let processes = restart(Mode::ByCount, &case, (2, false));
    check_restarts(case, &processes).unwrap();
}

/// Regression: a row without a key made the outcome of its whole batch ambiguous. The next run then sent an acknowledged row again.
#[test]
fn acknowledged_row_next_to_an_ambiguous_row_is_not_sent_again() {
    let mut rows: Vec<Row> = (0..7).map(Row::numbered).collect();
    rows[4].key = None;
    let schedule = Schedule {
        faults: vec![Fault::LostBefore],
        most_bytes: usize::MAX,
        attempts: 1,
        lag: 1_000,
        ..Schedule::default()
    };
    let case = Case {
        rows,
        schedule,
        batch_size: 0,
        max_batch_bytes: usize::MAX,
        concurrency: 1,
        adaptive: false,
        max_isolation_requests: 0,
        max_batches_without_success: 0,
        window: 0,
        source_delays: Vec::new(),
        source_fails: None,
    };
    let processes = restart(Mode::ByKey, &case, (9, false));
    check_restarts(case, &processes).unwrap();
}

#[test]
fn documented_defaults() {
    let options = IngestOptions::default();
    assert_eq!((options.batch_size, options.max_batch_bytes), (1_000, 8 * 1024 * 1024));
    assert_eq!((options.concurrency, options.max_isolation_requests), (1.into(), 100));
    assert!(!options.adaptive_batch_size);
    assert_eq!(options.delivery, Delivery::AtLeastOnce);
    assert_eq!((options.reconcile_by, options.reconcile_window), (None, Duration::from_secs(30)));
    assert_eq!(options.max_batches_without_success, 10);
}
