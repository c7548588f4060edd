//! The engine against a server that fails in every way, by any schedule.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{BuildHasher as _, RandomState},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures::{StreamExt as _, future::BoxFuture};
use proptest::{
    prelude::*,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::{Acknowledged, Deliver, Delivery, IngestOptions, IngestionResult, begin};
use tokio::sync::Notify;

use crate::{Error, ErrorKind};

/// What the server does with one request.
#[derive(Clone, Copy, Debug)]
enum Fault {
    None,
    /// Nothing was sent.
    NotConnected,
    /// 408, 429 and 503 after all repetitions: nothing was stored.
    Busy,
    /// The connection closed, 500, 502: the rows are stored.
    LostAfter,
    /// The same: the rows are not stored.
    LostBefore,
    /// Stored twice: an attempt before was lost.
    Twice,
    /// One row less is indexed than was sent.
    Short,
    /// Acknowledged without a word about the rows.
    Silent,
    /// The key is deleted in the middle of it all.
    Unauthorized,
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        8 => Just(Fault::None),
        1 => Just(Fault::NotConnected),
        1 => Just(Fault::Busy),
        1 => Just(Fault::LostAfter),
        1 => Just(Fault::LostBefore),
        1 => Just(Fault::Twice),
        1 => Just(Fault::Short),
        1 => Just(Fault::Silent),
        1 => Just(Fault::Unauthorized),
    ]
}

/// A row: its number, and whether it can be written.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    n: usize,
    writable: bool,
    padding: usize,
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.writable {
            return Err(serde::ser::Error::custom("not this one"));
        }
        serializer.collect_map([("n", Value::from(self.n)), ("p", "x".repeat(self.padding).into())])
    }
}

/// A schedule and what it did.
struct Server {
    faults: Vec<Fault>,
    bad: BTreeSet<usize>,
    most_bytes: usize,
    delivery: Delivery,
    requests: AtomicUsize,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
    /// Requests until the run dies, and whether the rows of the last are stored.
    death: Mutex<Option<(usize, bool)>>,
    dies: Notify,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How often each row is stored.
    stored: BTreeMap<usize, u32>,
    acknowledged: BTreeSet<usize>,
    sent_after_acknowledged: Vec<usize>,
}

fn rows_of(body: &[u8]) -> Vec<usize> {
    let body: Value = serde_json::from_slice(body).unwrap();
    let rows = body["data"].as_array().unwrap();
    rows.iter().map(|row| usize::try_from(row["n"].as_u64().unwrap()).unwrap()).collect()
}

fn lost() -> Error {
    Error::new(ErrorKind::Interrupted, "the answer was lost").with_outcome_unknown(true)
}

impl Case {
    fn options(&self) -> IngestOptions {
        IngestOptions {
            batch_size: self.batch_size,
            max_batch_bytes: self.max_batch_bytes,
            concurrency: self.concurrency,
            delivery: self.delivery,
            max_isolation_requests: self.max_isolation_requests,
            ..IngestOptions::default()
        }
    }
}

impl Server {
    fn new(case: &Case) -> Self {
        Self {
            faults: case.faults.clone(),
            bad: case.bad.clone(),
            most_bytes: case.most_bytes,
            delivery: case.delivery,
            requests: AtomicUsize::new(0),
            in_flight: AtomicUsize::new(0),
            most_in_flight: AtomicUsize::new(0),
            death: Mutex::default(),
            dies: Notify::new(),
            state: Mutex::default(),
        }
    }

    /// Whether the run dies with this request, and whether its rows are stored then.
    fn death(&self) -> Option<bool> {
        let mut death = self.death.lock().unwrap();
        let (left, stored) = death.as_mut()?;
        if *left == 0 {
            return Some(*stored);
        }
        *left -= 1;
        None
    }

    fn answer(&self, body: &Bytes, repeat_doubtful: bool) -> Result<Acknowledged, Error> {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let fault = self.faults.get(number).copied().unwrap_or(Fault::None);
        let rows = rows_of(body);
        let mut state = self.state.lock().unwrap();
        let again: Vec<usize> = rows.iter().copied().filter(|n| state.acknowledged.contains(n)).collect();
        state.sent_after_acknowledged.extend(again);
        if body.len() > self.most_bytes {
            return Err(Error::new(ErrorKind::TooLarge, "413"));
        }
        match fault {
            Fault::NotConnected => return Err(Error::new(ErrorKind::Connect, "refused")),
            Fault::Busy => return Err(Error::new(ErrorKind::RateLimited, "429")),
            Fault::Unauthorized => return Err(Error::new(ErrorKind::Unauthorized, "401")),
            Fault::LostBefore => return Err(lost()),
            _ if rows.iter().any(|n| self.bad.contains(n)) => {
                return Err(Error::new(ErrorKind::Rejected, "422"));
            }
            _ => {}
        }
        // Only a transport that may repeat sends a second time.
        let twice = matches!(fault, Fault::Twice) && repeat_doubtful;
        for n in &rows {
            *state.stored.entry(*n).or_default() += if twice { 2 } else { 1 };
        }
        if matches!(fault, Fault::LostAfter) {
            return Err(lost());
        }
        state.acknowledged.extend(&rows);
        let indexed = match fault {
            Fault::Silent => None,
            Fault::Short => Some(rows.len() as u64 - 1),
            _ => Some(rows.len() as u64),
        };
        Ok(Acknowledged { indexed, repeated: twice, attempts: if twice { 2 } else { 1 } })
    }
}

impl Server {
    async fn take(&self, body: Bytes, repeat_doubtful: bool) -> Result<Acknowledged, Error> {
        assert_eq!(repeat_doubtful, self.delivery == Delivery::AtLeastOnce);
        let now = self.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_in_flight.fetch_max(now, Ordering::Relaxed);
        // Answers overtake each other, on a paused clock.
        let wait = (self.requests.load(Ordering::Relaxed) * 7 + body.len()) % 5;
        tokio::time::sleep(Duration::from_millis(wait as u64)).await;
        if let Some(stored) = self.death() {
            if stored && !rows_of(&body).iter().any(|n| self.bad.contains(n)) && body.len() <= self.most_bytes
            {
                let mut state = self.state.lock().unwrap();
                rows_of(&body).into_iter().for_each(|n| *state.stored.entry(n).or_default() += 1);
            }
            self.dies.notify_one();
            std::future::pending::<()>().await;
        }
        let answer = self.answer(&body, repeat_doubtful);
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        answer
    }
}

impl Deliver for Server {
    fn deliver(&self, body: Bytes, repeat_doubtful: bool) -> BoxFuture<'_, Result<Acknowledged, Error>> {
        Box::pin(self.take(body, repeat_doubtful))
    }

    fn row_count(&self) -> BoxFuture<'_, Result<u64, Error>> {
        let rows = self.state.lock().unwrap().stored.values().map(|times| u64::from(*times)).sum();
        Box::pin(std::future::ready(Ok(rows)))
    }

    fn place(&self) -> String {
        "plants/trees".to_owned()
    }
}

#[derive(Debug)]
struct Case {
    rows: Vec<Row>,
    bad: BTreeSet<usize>,
    faults: Vec<Fault>,
    batch_size: usize,
    max_batch_bytes: usize,
    most_bytes: usize,
    concurrency: usize,
    delivery: Delivery,
    max_isolation_requests: usize,
}

fn case() -> impl Strategy<Value = Case> {
    let rows = prop::collection::vec((prop::bool::weighted(0.95), 0..30_usize), 0..40);
    let delivery =
        prop_oneof![Just(Delivery::AtLeastOnce), Just(Delivery::AtMostOnce), Just(Delivery::Reconciled)];
    (
        rows,
        prop::collection::btree_set(0..40_usize, 0..4),
        prop::collection::vec(fault(), 0..30),
        (0..12_usize, 20..2_000_usize, 60..2_000_usize),
        1..6_usize,
        delivery,
        0..20_usize,
    )
        .prop_map(
            |(rows, bad, faults, (batch_size, max_batch_bytes, most_bytes), concurrency, delivery, cap)| {
                let rows = rows.into_iter().enumerate();
                Case {
                    rows: rows.map(|(n, (writable, padding))| Row { n, writable, padding }).collect(),
                    bad,
                    faults,
                    batch_size,
                    max_batch_bytes,
                    most_bytes,
                    concurrency: if delivery == Delivery::Reconciled { 1 } else { concurrency },
                    delivery,
                    max_isolation_requests: cap,
                }
            },
        )
}

fn check(case: Case) -> Result<(), TestCaseError> {
    let server = Arc::new(Server::new(&case));
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let source = futures::stream::iter(case.rows.clone()).map(Ok).boxed();
    let outcomes = begin(server.clone(), source, None, &Map::new(), case.options()).unwrap();
    let result = runtime.block_on(IngestionResult::collect(outcomes)).unwrap();
    let state = server.state.lock().unwrap();
    let stored = |n: usize| state.stored.get(&n).copied().unwrap_or_default();

    // Every row once, in the order given, unchanged.
    let order: Vec<usize> = result.successful.iter().map(|row| row.n).collect();
    prop_assert!(order.is_sorted(), "{order:?}");
    let failed: Vec<usize> = result.failed.iter().map(|row| row.index).collect();
    prop_assert!(failed.is_sorted(), "{failed:?}");
    let mut all: Vec<Row> =
        result.successful.iter().chain(result.failed.iter().map(|row| &row.row)).cloned().collect();
    all.sort_by_key(|row| row.n);
    prop_assert_eq!(&all, &case.rows);
    prop_assert!(result.failed.iter().all(|row| row.index == row.row.n));

    // What is called stored is stored; what failed for certain is not.
    for row in &result.successful {
        prop_assert!(stored(row.n) > 0, "row {} is said to be stored", row.n);
    }
    for row in result.failed.iter().filter(|row| !row.outcome_unknown()) {
        prop_assert_eq!(stored(row.index), 0, "row {} is said not to be stored: {}", row.index, row.error);
    }
    prop_assert_eq!(&state.sent_after_acknowledged, &Vec::<usize>::new());

    // A row stored twice is told, and at most once means it.
    for (n, times) in &state.stored {
        prop_assert!(*times < 2 || result.possibly_twice.iter().any(|rows| rows.contains(n)), "row {n}");
        prop_assert!(*times < 2 || case.delivery == Delivery::AtLeastOnce, "row {n}");
    }

    prop_assert_eq!(result.requests, server.requests.load(Ordering::Relaxed));
    prop_assert!(server.most_in_flight.load(Ordering::Relaxed) <= case.concurrency);
    prop_assert!(case.rows.iter().any(|row| row.writable) || result.requests == 0);
    prop_assert_eq!(
        result.is_complete(),
        result.failed.is_empty() && result.short.is_empty() && result.possibly_twice.is_empty()
    );
    Ok(())
}

/// Runs a property for many cases. The seed is printed when one fails; `INGEST_SEED` runs its cases again.
fn for_many<S: Strategy>(cases: u32, strategy: S, check: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let drawn = || RandomState::new().hash_one("a seed");
    let seed = std::env::var("INGEST_SEED").map_or_else(|_| drawn(), |seed| seed.parse().unwrap());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed.to_le_bytes(); 4].concat());
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let result = TestRunner::new_with_rng(config, rng).run(&strategy, check);
    result.unwrap_or_else(|failure| panic!("INGEST_SEED={seed}: {failure}"));
}

#[test]
fn nothing_is_lost_or_doubled_unsaid() {
    for_many(4_000, case(), check);
}

/// Runs that die: each ends after some requests, in the middle of one, and the next goes on with the journal.
fn check_restarts(case: Case, deaths: Vec<(usize, bool)>) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal");
    let rows = case.rows.clone();
    let mut told = BTreeSet::new();
    let server = Arc::new(Server::new(&case));
    // The last run lives.
    let runs = deaths.into_iter().map(Some).chain([None]);
    for death in runs {
        *server.death.lock().unwrap() = death;
        let options = IngestOptions { journal: Some(journal.clone()), ..case.options() };
        let source = futures::stream::iter(rows.clone()).map(Ok).boxed();
        let mut outcomes = begin(server.clone(), source, None, &Map::new(), options).unwrap();
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let dies = server.dies.notified();
        runtime.block_on(async {
            let mut successful = BTreeSet::new();
            let run = async {
                while let Some(outcome) = outcomes.next().await {
                    told.extend(outcome.possibly_twice.iter().cloned().flatten());
                    let unknown = outcome.failed.iter().filter(|row| row.outcome_unknown());
                    told.extend(unknown.map(|row| row.index));
                    successful.extend(outcome.successful.iter().map(|row| row.n));
                }
            };
            tokio::select! {
                () = run => {}
                () = dies => return Ok(()),
            }
            // This one lived: what it says of each row holds.
            let state = server.state.lock().unwrap();
            for row in &rows {
                let stored = state.stored.get(&row.n).copied().unwrap_or_default();
                prop_assert!(
                    stored == 0 || successful.contains(&row.n) || told.contains(&row.n),
                    "row {}",
                    row.n
                );
                prop_assert!(!successful.contains(&row.n) || stored > 0, "row {} is lost", row.n);
                prop_assert!(stored < 2 || told.contains(&row.n), "row {} is doubled unsaid", row.n);
                prop_assert!(stored < 2 || case.delivery == Delivery::AtLeastOnce, "row {}", row.n);
            }
            Ok(())
        })?;
    }
    let state = server.state.lock().unwrap();
    prop_assert_eq!(&state.sent_after_acknowledged, &Vec::<usize>::new());
    Ok(())
}

#[test]
fn a_run_that_dies_goes_on_with_its_journal() {
    let deaths = prop::collection::vec((0..8_usize, any::<bool>()), 0..5);
    for_many(400, (case(), deaths), |(case, deaths)| check_restarts(case, deaths));
}

#[test]
fn documented_defaults() {
    let options = IngestOptions::default();
    assert_eq!((options.batch_size, options.max_batch_bytes), (1_000, 8 * 1024 * 1024));
    assert_eq!((options.concurrency, options.max_isolation_requests), (1, 100));
    assert_eq!(options.delivery, Delivery::AtLeastOnce);
}
