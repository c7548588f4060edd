//! Every row is reported exactly once, in order, whatever the service does.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};

use datalinks::{
    RetryPolicy,
    ingest::{Concurrency, Delivery, IngestionResult},
    testing::{Reply, Script},
};
use serde_json::{Value, json};

/// What the service has seen.
#[derive(Default)]
struct Seen {
    rng: numbers::Rng,
    requests: usize,
    /// Number of requests that stored a row.
    stored: BTreeMap<u64, u32>,
    /// Bodies by their first and last row.
    bodies: HashMap<(u64, u64), Vec<u8>>,
}

/// Numbers that a seed determines.
mod numbers {
    #[derive(Default)]
    pub struct Rng(pub u64);
    impl Rng {
        pub fn below(&mut self, end: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % end
        }
    }
}

fn respond(seen: &Mutex<Seen>, body: &[u8]) -> Reply {
    let mut seen = seen.lock().unwrap();
    let value: Value = serde_json::from_slice(body).expect("the body is JSON");
    let rows: Vec<u64> =
        value["data"].as_array().unwrap().iter().map(|row| row["n"].as_u64().unwrap()).collect();
    assert!(rows.windows(2).all(|pair| pair[0] < pair[1]), "{rows:?}");
    let key = (rows[0], rows[rows.len() - 1]);
    let earlier = seen.bodies.entry(key).or_insert_with(|| body.to_vec());
    assert_eq!(earlier, body, "a repeated body has the same bytes");
    let delay = Duration::from_millis(1 + seen.rng.below(300));
    // The limit changes. Single rows are longer than the lowest one.
    let limit = [700, 90, 2_000, 30][seen.requests / 16 % 4];
    seen.requests += 1;
    if body.len() > limit {
        return Reply::error(413, "TOO_LARGE", "too large").after(delay);
    }
    let reply = match seen.rng.below(14) {
        0 => {
            let waits = ["1", "0", "0.25", "Wed, 21 Oct 2015 07:28:00 GMT", "31536000", "soon"];
            let wait = waits[seen.rng.below(waits.len() as u64) as usize];
            return Reply::error(429, "BUSY", "later").header("Retry-After", wait).after(delay);
        }
        1 => return Reply::error(503, "BUSY", "later").after(delay),
        2 => return Reply::error(500, "FAILED", "failed").after(delay),
        3 => Reply::lost_response(),
        4 => return Reply::no_connection(),
        // The client waits until its idle limit.
        5 if seen.rng.below(4) == 0 => Reply::no_response(),
        _ if rows.iter().any(|n| n % 37 == 5) => {
            return Reply::error(422, "BAD", "a row is bad").after(delay);
        }
        _ => Reply::json(json!({ "indexed": rows.len() })),
    };
    for row in rows {
        *seen.stored.entry(row).or_default() += 1;
    }
    reply.after(delay)
}

#[derive(Clone, Debug, PartialEq)]
struct Row(u64);

impl serde::Serialize for Row {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::{Error as _, SerializeMap as _};
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("n", &self.0)?;
        if self.0 % 41 == 7 {
            return Err(S::Error::custom("unwritable"));
        }
        map.serialize_entry("text", &"é\"\\\u{1}".repeat(self.0 as usize % 9))?;
        map.end()
    }
}

async fn run(seed: u64, journal: Option<&std::path::Path>, abort: Option<Duration>) {
    let mut rng = numbers::Rng(seed);
    let (rows, batch, most) = (rng.below(400), 1 + rng.below(60), 1 + rng.below(16) as usize);
    let concurrency = if rng.below(2) == 0 { Concurrency::auto().max_requests(most) } else { most.into() };
    let adaptive = rng.below(2) == 0;
    let delivery = [Delivery::AtLeastOnce, Delivery::AtMostOnce][rng.below(2) as usize];
    let seen = Arc::new(Mutex::new(Seen { rng: numbers::Rng(seed), ..Seen::default() }));
    let requests = Arc::clone(&seen);
    let script = Script::new().respond_with(move |request| respond(&requests, request.body()));
    let retry = RetryPolicy::default().max_attempts(4);
    let client = script.builder().retry(retry).jitter_seed(seed).build().unwrap();
    let input: Vec<Row> = (0..rows).map(Row).collect();
    let ingest = || {
        let films = client.dataset("cinema", "films").unwrap();
        let ingest = films.ingest(input.clone()).concurrency(concurrency).batch_size(batch as usize);
        let ingest = if adaptive { ingest.adaptive_batch_size() } else { ingest };
        let ingest = ingest.delivery(delivery).max_batches_without_success(0).max_isolation_requests(10_000);
        match journal {
            Some(file) => ingest.journal(file),
            None => ingest,
        }
    };
    if let Some(abort) = abort {
        // The run is abandoned in the middle, as by a crash.
        let _ = tokio::time::timeout(abort, ingest().into_future()).await;
    }
    let limit = Duration::from_secs(10 * 86_400);
    let result = loop {
        match tokio::time::timeout(limit, ingest().into_future()).await.expect("the run ends") {
            // A write of the abandoned run still holds the journal.
            Err(error) if abort.is_some() && error.to_string().contains("is in use") => {
                std::thread::sleep(Duration::from_millis(1));
            }
            result => break result.unwrap(),
        }
    };
    check(seed, &seen.lock().unwrap(), &result, 0..rows, delivery);
}

/// Checks that the result has each of these rows once, and says about it what the service did.
fn check(
    seed: u64,
    seen: &Seen,
    result: &IngestionResult<Row>,
    rows: std::ops::Range<u64>,
    delivery: Delivery,
) {
    let index = |row: u64| (row - rows.start) as usize;
    let mut all: Vec<(u64, bool)> = result.successful.iter().map(|row| (row.0, true)).collect();
    assert!(all.is_sorted());
    assert!(result.failed.iter().all(|row| row.index == index(row.row.0)));
    assert!(result.failed.is_sorted_by_key(|row| row.index));
    all.extend(result.failed.iter().map(|row| (row.row.0, false)));
    all.sort();
    assert_eq!(
        all.iter().map(|row| row.0).collect::<Vec<_>>(),
        rows.clone().collect::<Vec<_>>(),
        "seed {seed}"
    );
    for (row, successful) in all {
        let times = seen.stored.get(&row).copied().unwrap_or(0);
        let failed = result.failed.iter().find(|failed| failed.row.0 == row);
        let may_be_twice = result.possibly_duplicated.iter().any(|range| range.contains(&index(row)));
        assert!(!successful || times > 0, "seed {seed}: row {row} is not stored");
        assert!(
            times < 2 || may_be_twice || failed.is_some_and(|row| row.error.is_ambiguous()),
            "seed {seed}: row {row} is stored {times} times"
        );
        assert!(
            times == 0 || successful || failed.unwrap().error.is_ambiguous(),
            "seed {seed}: row {row} is stored"
        );
        if delivery == Delivery::AtMostOnce {
            assert!(times < 2, "seed {seed}: row {row}");
        }
    }
}

#[test]
fn rows_in_are_rows_out() {
    for seed in 0..60 {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(run(seed, None, None));
    }
}

#[test]
fn resumed_runs_account_for_all_rows() {
    for seed in 0..120 {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let journal = directory.path().join("journal");
        let abort = Duration::from_millis(seed * 37 % 4_000);
        runtime.block_on(run(seed, Some(&journal), Some(abort)));
    }
}

/// Runs of one client share its delays, and each has its own setting.
#[test]
fn runs_of_one_client_at_once_account_for_their_rows() {
    for seed in 0..30 {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let seen = Arc::new(Mutex::new(Seen { rng: numbers::Rng(seed), ..Seen::default() }));
            let requests = Arc::clone(&seen);
            let script = Script::new().respond_with(move |request| respond(&requests, request.body()));
            let retry = RetryPolicy::default().max_attempts(4);
            let client = script.builder().retry(retry).jitter_seed(seed).build().unwrap();
            let films = client.dataset("cinema", "films").unwrap();
            // The last run sends single rows, one after the other.
            let runs = [(0..150, 8, 20), (150..300, 3, 0), (300..330, 1, 1)];
            let results = runs.clone().map(|(rows, requests, batch)| {
                let ingest = films.ingest(rows.map(Row)).batch_size(batch).max_batches_without_success(0);
                let ingest = ingest.concurrency(Concurrency::auto().max_requests(requests));
                ingest.adaptive_batch_size().max_isolation_requests(10_000).into_future()
            });
            let all = futures::future::join_all(results);
            let limit = Duration::from_secs(10 * 86_400);
            let results = tokio::time::timeout(limit, all).await.expect("the runs end");
            for (result, (rows, ..)) in results.into_iter().zip(runs) {
                check(seed, &seen.lock().unwrap(), &result.unwrap(), rows, Delivery::AtLeastOnce);
            }
        });
    }
}

/// A run that is stopped sends nothing more and reports each row. Another run with its journal sends the rest.
async fn stop_and_resume(seed: u64, journal: &std::path::Path) {
    let mut rng = numbers::Rng(seed);
    let (rows, batch, most) = (rng.below(400), 1 + rng.below(60), 1 + rng.below(16) as usize);
    let concurrency = if rng.below(2) == 0 { Concurrency::auto().max_requests(most) } else { most.into() };
    let adaptive = rng.below(2) == 0;
    let delivery = [Delivery::AtLeastOnce, Delivery::AtMostOnce][rng.below(2) as usize];
    let stop = Duration::from_millis([0, rng.below(300), rng.below(5_000)][rng.below(3) as usize]);
    let seen = Arc::new(Mutex::new(Seen { rng: numbers::Rng(seed), ..Seen::default() }));
    let requests = Arc::clone(&seen);
    let script = Script::new().respond_with(move |request| respond(&requests, request.body()));
    let retry = RetryPolicy::default().max_attempts(4);
    let client = script.builder().retry(retry).jitter_seed(seed).build().unwrap();
    let films = client.dataset("cinema", "films").unwrap();
    let ingest = || {
        let input: Vec<Row> = (0..rows).map(Row).collect();
        let ingest = films.ingest(input).concurrency(concurrency).batch_size(batch as usize);
        let ingest = if adaptive { ingest.adaptive_batch_size() } else { ingest };
        let ingest = ingest.delivery(delivery).max_batches_without_success(0).max_isolation_requests(10_000);
        ingest.journal(journal)
    };
    let mut batches = ingest().batches().unwrap();
    let (mut successful, mut failed) = (Vec::new(), BTreeMap::new());
    let mut sent = None;
    let at = tokio::time::Instant::now() + stop;
    loop {
        let outcome = tokio::select! {
            biased;
            () = tokio::time::sleep_until(at), if sent.is_none() => {
                batches.stop();
                batches.stop();
                sent = Some(seen.lock().unwrap().requests);
                continue;
            }
            outcome = batches.next() => outcome,
        };
        let Some(outcome) = outcome else { break };
        successful.extend(outcome.successful.iter().map(|row| row.0));
        for row in outcome.failed {
            assert_eq!(row.index as u64, row.row.0);
            assert!(failed.insert(row.row.0, row.error).is_none(), "seed {seed}: row {}", row.row.0);
        }
    }
    let summary = batches.finish().await.unwrap();
    let mut all: Vec<u64> = successful.iter().chain(failed.keys()).copied().collect();
    all.sort();
    assert_eq!(all, (0..rows).collect::<Vec<_>>(), "seed {seed}");
    {
        let seen = seen.lock().unwrap();
        assert_eq!(sent.unwrap_or(seen.requests), seen.requests, "seed {seed}: requests after the stop");
        assert_eq!(summary.counts.requests + summary.counts.retries, seen.requests, "seed {seed}: requests");
        for row in successful {
            assert!(seen.stored.contains_key(&row), "seed {seed}: row {row} is not stored");
        }
        for (row, error) in &failed {
            assert!(
                error.is_ambiguous() || !seen.stored.contains_key(row),
                "seed {seed}: row {row} is stored"
            );
        }
    }
    let limit = Duration::from_secs(10 * 86_400);
    let result = tokio::time::timeout(limit, ingest().into_future()).await.expect("the run ends").unwrap();
    check(seed, &seen.lock().unwrap(), &result, 0..rows, delivery);
    for row in &result.failed {
        let unknown = row.error.to_string().contains("an earlier run sent this row");
        assert!(
            !unknown || failed[&row.row.0].is_ambiguous(),
            "seed {seed}: the journal records row {}",
            row.row.0
        );
    }
}

#[test]
fn stopped_runs_account_for_all_rows() {
    for seed in 0..30 {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let directory = tempfile::tempdir().unwrap();
        runtime.block_on(stop_and_resume(seed, &directory.path().join("journal")));
    }
}
