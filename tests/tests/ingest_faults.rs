//! Ingestion over HTTP under any schedule of faults: every row is accounted for, and what is said of it is true.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, VecDeque},
    hash::{BuildHasher as _, RandomState},
    sync::{Arc, Mutex},
    time::Duration,
};

use datalinks::{DataLinks, Dataset, Delivery, RetryPolicy};
use datalinks_tests::server::read;
use proptest::{
    prelude::*,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// What happens to one request that is well-formed.
#[derive(Clone, Copy, Debug)]
enum Fault {
    None,
    /// The connection closes before the rows are stored.
    ClosedBefore,
    /// The connection closes when they are.
    ClosedAfter,
    /// They are stored, and the answer is cut.
    CutAnswer,
    /// They are stored, and the answer comes byte by byte.
    SlowAnswer,
    /// Refused with this status; nothing is stored.
    Status(u16),
    /// 429, and when to come again.
    RetryAfter(&'static str, &'static str),
    /// They are stored, and the answer is 500, or a page of a gateway.
    StoredAnd500,
    StoredAnd502,
    /// One row less is indexed than was sent.
    Short,
    /// Acknowledged without a body.
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
        8 => Just(Fault::None),
        1 => Just(Fault::ClosedBefore),
        1 => Just(Fault::ClosedAfter),
        1 => Just(Fault::CutAnswer),
        1 => Just(Fault::SlowAnswer),
        1 => prop::sample::select(vec![408, 500, 502, 503, 504]).prop_map(Fault::Status),
        1 => retry_after.prop_map(|(name, value)| Fault::RetryAfter(name, value)),
        1 => Just(Fault::StoredAnd500),
        1 => Just(Fault::StoredAnd502),
        1 => Just(Fault::Short),
        1 => Just(Fault::Silent),
    ]
}

#[derive(Debug)]
struct Case {
    rows: usize,
    batch_size: usize,
    concurrency: usize,
    delivery: Delivery,
    attempts: u32,
    bad: BTreeSet<u64>,
    most_bytes: usize,
    faults: VecDeque<Fault>,
}

fn case() -> impl Strategy<Value = Case> {
    let delivery =
        prop_oneof![Just(Delivery::AtLeastOnce), Just(Delivery::AtMostOnce), Just(Delivery::Reconciled)];
    (
        (0..40_usize, 0..12_usize, 1..5_usize),
        delivery,
        1..4_u32,
        prop::collection::btree_set(0..40_u64, 0..3),
        40..600_usize,
        prop::collection::vec(fault(), 0..20),
    )
        .prop_map(|((rows, batch_size, concurrency), delivery, attempts, bad, most_bytes, faults)| {
            Case {
                rows,
                batch_size,
                concurrency: if delivery == Delivery::Reconciled { 1 } else { concurrency },
                delivery,
                attempts,
                bad,
                most_bytes,
                faults: faults.into(),
            }
        })
}

/// The server's side of a case.
#[derive(Default)]
struct State {
    faults: VecDeque<Fault>,
    bad: BTreeSet<u64>,
    most_bytes: usize,
    stored: BTreeMap<u64, u32>,
    acknowledged: BTreeSet<u64>,
    sent_after_acknowledged: Vec<u64>,
}

async fn serve(connection: TcpStream, state: Arc<Mutex<State>>) {
    let mut connection = BufReader::new(connection);
    let Some(request) = read(&mut connection).await else { return };
    let (answer, slow) = answer(&request, &mut state.lock().unwrap());
    let mut connection = connection.into_inner();
    // The client may be gone; what it makes of that is what the test looks at.
    for piece in answer.chunks(if slow { 1 } else { usize::MAX }) {
        let _ = connection.write_all(piece).await;
        tokio::task::yield_now().await;
    }
    let _ = connection.shutdown().await;
}

fn http(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status} As Told\r\nconnection: close\r\n{headers}");
    format!("{head}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn problem(status: u16) -> Vec<u8> {
    http(status, "", r#"{"error_code":"TEST","message":"as told"}"#)
}

fn answer(request: &datalinks_tests::recordings::Request, state: &mut State) -> (Vec<u8>, bool) {
    let Some(body) = &request.json else {
        // Reconciled delivery counts.
        let rows: u32 = state.stored.values().sum();
        let dataset = json!({ "name": "b", "namespace": "a", "owner": "me", "visibility": "Private" });
        let body = json!({ "dataset": dataset, "metadata": { "columnNames": [], "rowCount": rows } });
        return (http(200, "", &body.to_string()), false);
    };
    let rows: Vec<u64> =
        body["data"].as_array().unwrap().iter().map(|row| row["n"].as_u64().unwrap()).collect();
    let again: Vec<u64> = rows.iter().copied().filter(|n| state.acknowledged.contains(n)).collect();
    state.sent_after_acknowledged.extend(again);
    if body.to_string().len() > state.most_bytes {
        return (problem(413), false);
    }
    if rows.iter().any(|n| state.bad.contains(n)) {
        return (problem(if rows.len().is_multiple_of(2) { 400 } else { 422 }), false);
    }
    let fault = state.faults.pop_front().unwrap_or(Fault::None);
    match fault {
        Fault::ClosedBefore => return (Vec::new(), false),
        Fault::Status(502) => return (http(502, "", "<html>no</html>"), false),
        Fault::Status(status) => return (problem(status), false),
        Fault::RetryAfter(name, value) => return (http(429, &format!("{name}: {value}\r\n"), "{}"), false),
        _ => {}
    }
    for n in &rows {
        *state.stored.entry(*n).or_default() += 1;
    }
    let indexed = if matches!(fault, Fault::Short) { rows.len() - 1 } else { rows.len() };
    let good = http(200, "", &json!({ "indexed": indexed }).to_string());
    let answer = match fault {
        Fault::ClosedAfter => Vec::new(),
        Fault::CutAnswer => good[..good.len() - 3].to_vec(),
        Fault::StoredAnd500 => problem(500),
        Fault::StoredAnd502 => http(502, "", "<html>no</html>"),
        Fault::Silent => http(200, "", ""),
        _ => good,
    };
    if matches!(fault, Fault::None | Fault::SlowAnswer | Fault::Short | Fault::Silent) {
        state.acknowledged.extend(&rows);
    }
    (answer, matches!(fault, Fault::SlowAnswer))
}

async fn check(films: &Dataset, state: &Mutex<State>, case: Case) -> Result<(), TestCaseError> {
    *state.lock().unwrap() = State {
        faults: case.faults.clone(),
        bad: case.bad.clone(),
        most_bytes: case.most_bytes,
        ..State::default()
    };
    let rows: Vec<Value> = (0..case.rows).map(|n| json!({ "n": n })).collect();
    let ingest = films.ingest(rows.clone()).batch_size(case.batch_size).concurrency(case.concurrency);
    let result = ingest.delivery(case.delivery).await.unwrap();
    let state = state.lock().unwrap();
    let stored = |n: usize| state.stored.get(&(n as u64)).copied().unwrap_or_default();

    let mut seen: Vec<usize> =
        result.successful.iter().map(|row| row["n"].as_u64().unwrap() as usize).collect();
    prop_assert!(seen.is_sorted() && seen.iter().all(|n| stored(*n) > 0), "{seen:?} {:?}", state.stored);
    prop_assert!(result.failed.is_sorted_by_key(|row| row.index));
    for row in &result.failed {
        prop_assert_eq!(&row.row, &rows[row.index]);
        prop_assert!(row.outcome_unknown() || stored(row.index) == 0, "row {}: {}", row.index, row.error);
    }
    seen.extend(result.failed.iter().map(|row| row.index));
    seen.sort_unstable();
    prop_assert_eq!(seen, (0..case.rows).collect::<Vec<_>>());
    prop_assert_eq!(&state.sent_after_acknowledged, &Vec::<u64>::new());
    for (n, times) in &state.stored {
        let told = result.possibly_twice.iter().any(|rows| rows.contains(&(*n as usize)));
        let unknown = result.failed.iter().any(|row| row.index as u64 == *n && row.outcome_unknown());
        prop_assert!(*times < 2 || told || unknown, "row {n} is stored {times} times, and nobody says so");
        prop_assert!(*times < 2 || case.delivery == Delivery::AtLeastOnce, "row {n}");
    }
    Ok(())
}

#[test]
fn every_row_is_accounted_for() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let state = Arc::<Mutex<State>>::default();
    let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).unwrap();
    let host = format!("http://{}/api/v1", listener.local_addr().unwrap());
    let serving = Arc::clone(&state);
    let accepting = runtime.spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            // It ends with its one request.
            tokio::spawn(serve(connection, Arc::clone(&serving)));
        }
    });
    let client = |attempts| {
        let policy = RetryPolicy::default().attempts(attempts).backoff(Duration::ZERO, Duration::ZERO);
        let dl = DataLinks::builder(&host, "k").retry(policy).build().unwrap();
        dl.dataset("a", "b").unwrap()
    };
    // A client costs more than most cases, and its budget of repetitions lasts for some.
    let clients: RefCell<BTreeMap<u32, (u32, Dataset)>> = RefCell::default();
    let films = |attempts| {
        let mut clients = clients.borrow_mut();
        let (cases, films) = clients.entry(attempts).or_insert_with(|| (0, client(attempts)));
        *cases += 1;
        if *cases % 30 == 0 {
            *films = client(attempts);
        }
        films.clone()
    };
    // The seed is printed when a case fails; `INGEST_SEED` runs its cases again.
    let drawn = || RandomState::new().hash_one("a seed");
    let seed = std::env::var("INGEST_SEED").map_or_else(|_| drawn(), |seed| seed.parse().unwrap());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed.to_le_bytes(); 4].concat());
    let config = ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new_with_rng(config, rng);
    runner
        .run(&case(), |case| runtime.block_on(check(&films(case.attempts), &state, case)))
        .unwrap_or_else(|failure| panic!("INGEST_SEED={seed}: {failure}"));
    accepting.abort();
}
