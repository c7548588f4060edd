//! Ingestion over HTTP under random schedules of faults. Every row is accounted for, and every claim about a
//! row is true.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, VecDeque},
    hash::{BuildHasher as _, RandomState},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use datalinks::{DataLinks, Dataset, Delivery, RetryPolicy};
use datalinks_tests::server::read;
use futures::StreamExt as _;
use proptest::{
    prelude::*,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// The fault of a well-formed request.
#[derive(Clone, Copy, Debug)]
enum Fault {
    None,
    /// The connection closes before the rows are stored.
    ClosedBefore,
    /// The connection closes after the rows are stored.
    ClosedAfter,
    /// The rows are stored, and the response is truncated.
    CutAnswer,
    /// The rows are stored, and the response arrives byte by byte.
    SlowAnswer,
    /// The rows are stored, and the connection is kept alive. It closes when the next request arrives.
    KeptAndDies,
    /// Nothing is read until the client gives up, as by a host that does not accept connections. No row is
    /// stored.
    NeverAccepted,
    /// The rows are stored, and no response is sent until the client gives up.
    NeverAnswered,
    /// The request is rejected with this status, and no row is stored.
    Status(u16),
    /// Status 429 with a header that sets the delay.
    RetryAfter(&'static str, &'static str),
    /// The rows are stored, and the response is a 500 or the page of a gateway.
    StoredAnd500,
    StoredAnd502,
    /// The response is 504. The rows are stored after this many further requests, or at the end.
    Late(usize),
    /// The response is 504, and every second row is stored.
    InPart,
    /// The number of indexed rows is one less than the number of sent rows.
    Short,
    /// The response has no body.
    Silent,
}

fn fault() -> impl Strategy<Value = Fault> {
    let retry_after = prop::sample::select(vec![
        ("retry-after", "0"),
        ("retry-after", "0.001"),
        ("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("retry-after-ms", "1"),
        ("x-ms-retry-after-ms", "0"),
        ("retry-after", "soon"),
    ]);
    prop_oneof![
        10 => Just(Fault::None),
        1 => Just(Fault::ClosedBefore),
        1 => Just(Fault::ClosedAfter),
        1 => Just(Fault::CutAnswer),
        1 => Just(Fault::SlowAnswer),
        1 => Just(Fault::KeptAndDies),
        1 => Just(Fault::NeverAccepted),
        1 => Just(Fault::NeverAnswered),
        1 => prop::sample::select(vec![408, 500, 502, 503, 504]).prop_map(Fault::Status),
        1 => retry_after.prop_map(|(name, value)| Fault::RetryAfter(name, value)),
        1 => Just(Fault::StoredAnd500),
        1 => Just(Fault::StoredAnd502),
        2 => (0..30_usize).prop_map(Fault::Late),
        1 => Just(Fault::InPart),
        1 => Just(Fault::Short),
        1 => Just(Fault::Silent),
    ]
}

/// The delivery of a batch after an ambiguous outcome.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Mode {
    AtLeastOnce,
    AtMostOnce,
    ByCount,
    ByKey,
}

#[derive(Debug)]
struct Case {
    rows: usize,
    batch_size: usize,
    concurrency: usize,
    mode: Mode,
    attempts: u32,
    bad: BTreeSet<u64>,
    most_bytes: usize,
    faults: VecDeque<Fault>,
    /// `true` if the source yields to the runtime before each row.
    slow_source: bool,
    /// `true` if requests without a response stall until the client times out, which takes time. Otherwise
    /// their connection closes.
    stalls: bool,
}

fn case() -> impl Strategy<Value = Case> {
    let mode = prop::sample::select(vec![Mode::AtLeastOnce, Mode::AtMostOnce, Mode::ByCount, Mode::ByKey]);
    (
        (0..40_usize, 0..12_usize, 1..5_usize),
        mode,
        1..4_u32,
        prop::collection::btree_set(0..40_u64, 0..3),
        40..600_usize,
        prop::collection::vec(fault(), 0..20),
        (any::<bool>(), prop::bool::weighted(0.01)),
    )
        .prop_map(|((rows, batch_size, concurrency), mode, attempts, bad, most_bytes, faults, slow)| {
            let (slow_source, stalls) = slow;
            Case {
                rows,
                batch_size,
                concurrency: if mode == Mode::ByCount { 1 } else { concurrency },
                mode,
                attempts,
                bad,
                most_bytes,
                faults: faults.into(),
                slow_source,
                stalls,
            }
        })
}

/// The state of the server during a case.
#[derive(Default)]
struct State {
    faults: VecDeque<Fault>,
    bad: BTreeSet<u64>,
    most_bytes: usize,
    stalls: bool,
    stored: BTreeMap<u64, u32>,
    /// Rows that are stored later, with the number of further requests until then.
    late: Vec<(usize, Vec<u64>)>,
    acknowledged: BTreeSet<u64>,
    sent_after_acknowledged: Vec<u64>,
}

impl State {
    fn store(&mut self, rows: impl IntoIterator<Item = u64>) {
        rows.into_iter().for_each(|n| *self.stored.entry(n).or_default() += 1);
    }

    /// Counts a request, and applies the effects that are due.
    fn pass(&mut self) {
        let (due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.late).into_iter().partition(|(requests, _)| *requests == 0);
        due.into_iter().for_each(|(_, rows)| self.store(rows));
        self.late = later.into_iter().map(|(requests, rows)| (requests - 1, rows)).collect();
    }

    /// Applies all remaining effects.
    fn end(&mut self) {
        std::mem::take(&mut self.late).into_iter().for_each(|(_, rows)| self.store(rows));
    }
}

/// The way in which a response is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Manner {
    AtOnce,
    ByteByByte,
    /// The connection is kept alive, and closes at the first byte of the next request.
    Keep,
    Never,
}

async fn serve(connection: TcpStream, state: Arc<Mutex<State>>) {
    let mut connection = BufReader::new(connection);
    let Some(request) = read(&mut connection).await else { return };
    let (answer, manner) = answer(&request, &mut state.lock().unwrap());
    if manner == Manner::Never {
        // Wait until the client gives up.
        let _ = connection.read(&mut [0]).await;
        return;
    }
    // The client may have closed the connection. The test checks how the client reacts.
    for piece in answer.chunks(if manner == Manner::ByteByByte { 1 } else { usize::MAX }) {
        let _ = connection.write_all(piece).await;
        tokio::task::yield_now().await;
    }
    if manner == Manner::Keep {
        let _ = connection.fill_buf().await;
        return;
    }
    let _ = connection.shutdown().await;
}

fn http(status: u16, headers: &str, body: &str) -> Vec<u8> {
    kept(status, &format!("connection: close\r\n{headers}"), body)
}

/// Returns a response that keeps the connection alive.
fn kept(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status} As Scripted\r\n{headers}");
    format!("{head}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn problem(status: u16) -> Vec<u8> {
    http(status, "", r#"{"error_code":"TEST","message":"as scripted"}"#)
}

/// Returns the response to a read of reconciled delivery: the row count, or rows by their keys.
fn look(request: &datalinks_tests::recordings::Request, state: &State) -> Vec<u8> {
    let Some(body) = &request.json else {
        let rows: u32 = state.stored.values().sum();
        let dataset = json!({ "name": "b", "namespace": "a", "owner": "me", "visibility": "Private" });
        let body = json!({ "dataset": dataset, "metadata": { "columnNames": [], "rowCount": rows } });
        return http(200, "", &body.to_string());
    };
    let query = body["query"].as_str().unwrap();
    let asked = query.split("\"n\" == ").skip(1).map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u64>().unwrap()
    });
    let asked: Vec<u64> = asked.collect();
    assert!((1..=50).contains(&asked.len()), "{query}");
    let copies = |n: &u64| {
        std::iter::repeat_n(json!({ "n": n }), state.stored.get(n).copied().unwrap_or_default() as usize)
    };
    let rows: Vec<Value> = asked.iter().flat_map(copies).collect();
    http(200, "", &json!({ "data": rows, "metadata": {} }).to_string())
}

fn answer(request: &datalinks_tests::recordings::Request, state: &mut State) -> (Vec<u8>, Manner) {
    state.pass();
    let Some(body) = request.json.as_ref().filter(|_| !request.target.ends_with("/query")) else {
        return (look(request, state), Manner::AtOnce);
    };
    let at_once = |answer| (answer, Manner::AtOnce);
    let rows: Vec<u64> =
        body["data"].as_array().unwrap().iter().map(|row| row["n"].as_u64().unwrap()).collect();
    let again: Vec<u64> = rows.iter().copied().filter(|n| state.acknowledged.contains(n)).collect();
    state.sent_after_acknowledged.extend(again);
    if body.to_string().len() > state.most_bytes {
        return at_once(problem(413));
    }
    if rows.iter().any(|n| state.bad.contains(n)) {
        return at_once(problem(if rows.len().is_multiple_of(2) { 400 } else { 422 }));
    }
    let fault = match state.faults.pop_front().unwrap_or(Fault::None) {
        Fault::NeverAccepted if !state.stalls => Fault::ClosedBefore,
        Fault::NeverAnswered if !state.stalls => Fault::ClosedAfter,
        fault => fault,
    };
    match fault {
        Fault::ClosedBefore => return at_once(Vec::new()),
        Fault::NeverAccepted => return (Vec::new(), Manner::Never),
        Fault::Status(502) => return at_once(http(502, "", "<html>no</html>")),
        Fault::Status(status) => return at_once(problem(status)),
        Fault::RetryAfter(name, value) => {
            return at_once(http(429, &format!("{name}: {value}\r\n"), "{}"));
        }
        Fault::Late(requests) => {
            state.late.push((requests, rows));
            return at_once(http(504, "", "<html>too slow</html>"));
        }
        Fault::InPart => {
            state.store(rows.into_iter().step_by(2));
            return at_once(problem(504));
        }
        _ => {}
    }
    state.store(rows.iter().copied());
    let indexed = if matches!(fault, Fault::Short) { rows.len() - 1 } else { rows.len() };
    let indexed = json!({ "indexed": indexed }).to_string();
    let good = http(200, "", &indexed);
    let (answer, manner) = match fault {
        Fault::ClosedAfter => at_once(Vec::new()),
        Fault::NeverAnswered => (Vec::new(), Manner::Never),
        Fault::CutAnswer => at_once(good[..good.len() - 3].to_vec()),
        Fault::StoredAnd500 => at_once(problem(500)),
        Fault::StoredAnd502 => at_once(http(502, "", "<html>no</html>")),
        Fault::Silent => at_once(http(200, "", "")),
        Fault::SlowAnswer => (good, Manner::ByteByByte),
        Fault::KeptAndDies => (kept(200, "", &indexed), Manner::Keep),
        _ => at_once(good),
    };
    let acknowledges =
        matches!(fault, Fault::None | Fault::SlowAnswer | Fault::KeptAndDies | Fault::Short | Fault::Silent);
    if acknowledges {
        state.acknowledged.extend(&rows);
    }
    (answer, manner)
}

async fn check(films: &Dataset, state: &Mutex<State>, case: Case) -> Result<(), TestCaseError> {
    *state.lock().unwrap() = State {
        faults: case.faults.clone(),
        bad: case.bad.clone(),
        most_bytes: case.most_bytes,
        stalls: case.stalls,
        ..State::default()
    };
    let rows: Vec<Value> = (0..case.rows).map(|n| json!({ "n": n })).collect();
    // A run that stops pulls no more rows from its source.
    let pulled = Arc::new(AtomicUsize::new(if case.slow_source { 0 } else { case.rows }));
    let ingest = if case.slow_source {
        let pulled = Arc::clone(&pulled);
        films.ingest_stream(futures::stream::iter(rows.clone()).then(move |row| {
            let pulled = Arc::clone(&pulled);
            async move {
                tokio::task::yield_now().await;
                pulled.fetch_add(1, Ordering::Relaxed);
                row
            }
        }))
    } else {
        films.ingest(rows.clone())
    };
    let ingest = ingest.batch_size(case.batch_size).concurrency(case.concurrency);
    // The schedules count requests instead of time.
    let ingest = ingest.reconcile_window(Duration::from_millis(1));
    let ingest = match case.mode {
        Mode::AtLeastOnce => ingest,
        Mode::AtMostOnce => ingest.delivery(Delivery::AtMostOnce),
        Mode::ByCount => ingest.delivery(Delivery::Reconciled),
        Mode::ByKey => ingest.reconcile_by("n"),
    };
    let result = ingest.await.unwrap();
    let mut state = state.lock().unwrap();
    state.end();
    let stored = |n: usize| state.stored.get(&(n as u64)).copied().unwrap_or_default();

    let mut seen: Vec<usize> =
        result.successful.iter().map(|row| row["n"].as_u64().unwrap() as usize).collect();
    prop_assert!(seen.is_sorted() && seen.iter().all(|n| stored(*n) > 0), "{seen:?} {:?}", state.stored);
    prop_assert!(result.failed.is_sorted_by_key(|row| row.index));
    for row in &result.failed {
        prop_assert_eq!(&row.row, &rows[row.index]);
        prop_assert!(row.is_ambiguous() || stored(row.index) == 0, "row {}: {}", row.index, row.error);
    }
    seen.extend(result.failed.iter().map(|row| row.index));
    seen.sort_unstable();
    let pulled = pulled.load(Ordering::Relaxed);
    prop_assert_eq!(seen, (0..pulled).collect::<Vec<_>>());
    prop_assert!(pulled == case.rows || result.stopped.is_some(), "{pulled} of {} rows", case.rows);
    // A client with a short timeout may give up before a response that is on its way.
    prop_assert!(case.stalls || state.sent_after_acknowledged.is_empty());
    for n in 0..case.rows {
        let twice = result.possibly_duplicated.iter().any(|rows| rows.contains(&n));
        prop_assert!(stored(n) < 2 || twice, "row {n} is stored {} times without a report", stored(n));
        prop_assert!(case.mode != Mode::AtMostOnce || (stored(n) < 2 && !twice), "row {n}");
    }
    Ok(())
}

#[test]
fn every_row_is_accounted_for_under_random_faults() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let state = Arc::<Mutex<State>>::default();
    let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).unwrap();
    let host = format!("http://{}/api/v1", listener.local_addr().unwrap());
    let serving = Arc::clone(&state);
    let accepting = runtime.spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            // The task ends with its only request.
            tokio::spawn(serve(connection, Arc::clone(&serving)));
        }
    });
    let client = |attempts, stalls| {
        let policy = RetryPolicy::default().max_attempts(attempts).backoff(Duration::ZERO, Duration::ZERO);
        let dl = DataLinks::builder(&host, "k").retry(policy);
        let dl = if stalls { dl.idle_timeout(Duration::from_millis(50)) } else { dl };
        let dl = dl.build().unwrap();
        dl.dataset("a", "b").unwrap()
    };
    // Making a client takes longer than most cases. A client is replaced before its retry budget is exhausted.
    let clients: RefCell<BTreeMap<(u32, bool), (u32, Dataset)>> = RefCell::default();
    let films = |attempts, stalls| {
        let mut clients = clients.borrow_mut();
        let kind = (attempts, stalls);
        let (cases, films) = clients.entry(kind).or_insert_with(|| (0, client(attempts, stalls)));
        *cases += 1;
        if *cases % 30 == 0 {
            *films = client(attempts, stalls);
        }
        films.clone()
    };
    // The seed is printed when a case fails. `INGEST_SEED` repeats its cases.
    let drawn = || RandomState::new().hash_one("a seed");
    let seed = std::env::var("INGEST_SEED").map_or_else(|_| drawn(), |seed| seed.parse().unwrap());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed.to_le_bytes(); 4].concat());
    // `INGEST_SCHEDULES=10000` runs the long form.
    let cases = std::env::var("INGEST_SCHEDULES").map_or(1_000, |cases| cases.parse().unwrap());
    println!("INGEST_SEED={seed} INGEST_SCHEDULES={cases}");
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new_with_rng(config, rng);
    // Random cases rarely have so many consecutive failures that the run stops before the end of its source.
    let stops = Case {
        rows: 20,
        batch_size: 1,
        concurrency: 1,
        mode: Mode::AtLeastOnce,
        attempts: 1,
        bad: BTreeSet::new(),
        most_bytes: 600,
        faults: std::iter::repeat_n(Fault::Status(500), 10).collect(),
        slow_source: true,
        stalls: false,
    };
    runtime.block_on(check(&films(1, false), &state, stops)).unwrap();
    runner
        .run(&case(), |case| runtime.block_on(check(&films(case.attempts, case.stalls), &state, case)))
        .unwrap_or_else(|failure| panic!("INGEST_SEED={seed}: {failure}"));
    accepting.abort();
}
