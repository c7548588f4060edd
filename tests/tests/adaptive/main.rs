//! Adaptive ingestion against simulated servers on a paused clock, through the whole client.
//!
//! `cargo xtask adaptive` writes the table of figures to `docs/performance/adaptive-ingest.md`.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

mod accounts;
mod lasting;
mod low_quotas;
mod pauses;
mod servers;
mod stops;

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use datalinks::{RetryPolicy, ingest::Concurrency, testing::Script};
use datalinks_tests::log::Log;
use servers::{Kind, Server, Spec};

/// Duration of a simulation in seconds.
const END: f64 = 30.0;
const ROWS_PER_BATCH: usize = 2;
/// The seeds of the table.
const SEEDS: [u64; 3] = [1, 2, 3];

/// The setting of the clients.
#[derive(Clone, Copy, Debug)]
enum Setting {
    /// Requests in flight and rows per batch.
    Fixed(usize, usize),
    /// Adaptive number of requests.
    Auto,
    /// Adaptive number of requests and of rows.
    Both,
}

#[derive(Clone, Debug, Default)]
struct Figures {
    /// Per client: times at which rows were stored, with their number.
    stored: Vec<Vec<(f64, usize)>>,
    requests: usize,
    rejected: usize,
    /// Times of all requests, and whether they were rejected.
    times: Vec<(f64, bool)>,
}

impl Figures {
    /// Returns the rows per second of all clients.
    fn rate(&self, from: f64, to: f64) -> f64 {
        self.all(from, to) / (to - from)
    }

    fn rows(&self, client: usize, from: f64, to: f64) -> f64 {
        let stored = self.stored[client].iter().filter(|(at, _)| (from..to).contains(at));
        stored.map(|(_, rows)| *rows as f64).sum()
    }

    fn all(&self, from: f64, to: f64) -> f64 {
        (0..self.stored.len()).map(|client| self.rows(client, from, to)).sum()
    }

    fn rejected(&self) -> f64 {
        self.rejected as f64 / self.requests as f64
    }

    /// Returns the share of rejected requests from a time on.
    fn rejected_from(&self, from: f64) -> f64 {
        let (rejected, all) = self
            .times
            .iter()
            .filter(|(at, _)| *at >= from)
            .fold((0, 0), |(rejected, all), (_, was)| (rejected + usize::from(*was), all + 1));
        f64::from(rejected as u32) / f64::from(all)
    }

    /// Returns the time after `from` at which a second begins in which at least 0.9 of `rate` rows are stored.
    fn time_to(&self, rate: f64, from: f64) -> Option<f64> {
        let steps = (0..).map(|step| from + f64::from(step) * 0.1).take_while(|at| *at + 1.0 <= END);
        let mut steps = steps;
        steps.find(|at| self.all(*at, *at + 1.0) >= 0.9 * rate).map(|at| at - from)
    }
}

/// Runs clients that begin `stagger` seconds apart.
fn simulate(spec: &Spec, setting: Setting, clients: usize, stagger: f64, seed: u64) -> Figures {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let server = Arc::new(Mutex::new(Server::new(spec, clients, seed)));
        let runs = (0..clients).map(|number| {
            let requests = Arc::clone(&server);
            let script = Script::new()
                .respond_with(move |request| requests.lock().unwrap().respond(number, request.body()));
            let retry = RetryPolicy::default().max_attempts(spec.attempts);
            let client = script.builder().retry(retry).jitter_seed(seed + number as u64).build().unwrap();
            async move {
                tokio::time::sleep(Duration::from_secs_f64(stagger * number as f64)).await;
                let rows = futures::stream::iter((0_u64..).map(|n| Row { n: n % 10 }));
                let ingest = client.dataset("cinema", "films").unwrap().ingest_stream(rows);
                let auto = Concurrency::auto().max_requests(64);
                let ingest = match setting {
                    Setting::Fixed(requests, rows) => ingest.concurrency(requests).batch_size(rows),
                    Setting::Auto => ingest.concurrency(auto).batch_size(ROWS_PER_BATCH),
                    Setting::Both => ingest.concurrency(auto).batch_size(400).adaptive_batch_size(),
                };
                let mut batches = ingest.max_batches_without_success(0).batches().unwrap();
                while let Some(batch) = batches.next().await {
                    let fixed = matches!(setting, Setting::Fixed(..));
                    assert!(fixed || batch.failed.is_empty(), "{:?}", batch.failed.first());
                }
                drop(script);
            }
        });
        let all = futures::future::join_all(runs);
        // The rows have no end.
        tokio::time::timeout(Duration::from_secs_f64(END), all).await.unwrap_err();
        let server = server.lock().unwrap();
        let (requests, rejected) = (server.requests, server.rejected + server.too_large);
        Figures { stored: server.stored.clone(), requests, rejected, times: server.times.clone() }
    })
}

#[derive(Clone, Debug, serde::Serialize)]
struct Row {
    n: u64,
}

/// Finds the best fixed setting, and the rows that it stores.
fn search(spec: &Spec) -> (Setting, f64) {
    let sizes: &[usize] = if spec.adapts_rows() { &[50, 100, 120, 200] } else { &[ROWS_PER_BATCH] };
    let requests = [1, 2, 4, 6, 7, 8, 10, 14, 20, 24, 32];
    let settings = sizes.iter().flat_map(|rows| requests.map(|requests| Setting::Fixed(requests, *rows)));
    let runs = settings.map(|setting| (setting, simulate(spec, setting, 1, 0.0, 1).all(0.0, END)));
    runs.max_by(|(_, a), (_, b)| a.total_cmp(b)).unwrap()
}

/// Creates a server. `best` is the best fixed number of requests, found by `search`.
fn spec(name: &'static str, kind: Kind, best: usize) -> Spec {
    Spec { name, kind, best: (best, ROWS_PER_BATCH), round_trip: 0.1, slower: None, down: None, attempts: 10 }
}

const KNEE: Kind = Kind::Knee { workers: 8, service: 0.1, thrash: 0.0, slow_share: 0.0 };
const BUCKET: Kind = Kind::Bucket { rate: 100.0, burst: 100.0, latency: 0.2, retry_after: 1.0 };
const RATE: Kind = Kind::Rate { service: 0.01, latency: 0.05 };

fn specs() -> Vec<Spec> {
    let slow = Kind::Knee { workers: 8, service: 0.1, thrash: 0.0, slow_share: 0.02 };
    let thrash = Kind::Knee { workers: 8, service: 0.1, thrash: 0.02, slow_share: 0.0 };
    let bodies = Kind::Bodies { max: 1_000, workers: 8, fixed: 0.05, per_row: 0.0005 };
    let halves = Some((10.0, 20.0, 2.0));
    vec![
        spec("fixed rate", RATE, 32),
        spec("knee with queueing", KNEE, 32),
        spec("knee, slower beyond", thrash, 8),
        Spec { round_trip: 0.2, ..spec("token bucket", BUCKET, 20) },
        spec("slow rows", slow, 32),
        Spec { best: (32, 120), ..spec("limit on body size", bodies, 32) },
        Spec { down: Some((12.0, 14.0)), ..spec("restart", KNEE, 32) },
        Spec { slower: halves, ..spec("rate halves and returns", RATE, 8) },
        Spec { slower: halves, round_trip: 0.2, ..spec("bucket halves and returns", BUCKET, 20) },
    ]
}

/// The figures of one server, each for all seeds.
struct Line {
    spec: Spec,
    throughput: Seeds,
    rejected: Seeds,
    reached: Seeds,
    /// Two clients that begin together, and five seconds apart: throughput, rejected requests and share.
    two: [(Seeds, Seeds, Seeds); 2],
    /// Round trips until 0.9 after a fall and after the return.
    recovered: Option<(Seeds, Seeds)>,
}

/// A figure for all seeds.
#[derive(Debug)]
struct Seeds([f64; SEEDS.len()]);

impl Seeds {
    fn of(figure: impl FnMut(u64) -> f64) -> Self {
        Self(SEEDS.map(figure))
    }

    fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len() as f64
    }

    fn least(&self) -> f64 {
        self.0.into_iter().fold(f64::INFINITY, f64::min)
    }

    fn most(&self) -> f64 {
        self.0.into_iter().fold(0.0, f64::max)
    }
}

impl Line {
    fn new(spec: Spec) -> Self {
        let auto = if spec.adapts_rows() { Setting::Both } else { Setting::Auto };
        let best = simulate(&spec, Setting::Fixed(spec.best.0, spec.best.1), 1, 0.0, 1);
        let whole = best.all(0.0, END);
        let rate = |from: f64, to: f64| best.all(from, to) / (to - from);
        let run = |clients, stagger| SEEDS.map(|seed| simulate(&spec, auto, clients, stagger, seed));
        let index = |seed: u64| SEEDS.iter().position(|other| *other == seed).unwrap();
        let one = run(1, 0.0);
        let time = |seed, rate, from| one[index(seed)].time_to(rate, from).unwrap_or(f64::INFINITY);
        // The first seconds of the second client do not count for its share.
        let two = [(0.0, 2.0), (5.0, 10.0)].map(|(stagger, from)| {
            let two = run(2, stagger);
            let share = |figures: &Figures| figures.rows(1, from, END) / figures.rows(0, from, END);
            (
                Seeds::of(|seed| two[index(seed)].all(0.0, END) / whole),
                Seeds::of(|seed| two[index(seed)].rejected()),
                Seeds::of(|seed| share(&two[index(seed)])),
            )
        });
        Self {
            throughput: Seeds::of(|seed| one[index(seed)].all(0.0, END) / whole),
            rejected: Seeds::of(|seed| one[index(seed)].rejected()),
            reached: Seeds::of(|seed| time(seed, rate(1.0, 10.0), 0.0)),
            two,
            recovered: spec.slower.map(|(from, to, factor)| {
                let fast = rate(1.0, from);
                let trips = |rate, from| Seeds::of(|seed| time(seed, rate, from) / spec.round_trip);
                (trips(fast / factor, from), trips(fast, to))
            }),
            spec,
        }
    }

    /// Returns a row of a table in Markdown.
    fn row(&self) -> String {
        let parts = |seeds: &Seeds| format!("{:.2} ({:.2})", seeds.mean(), seeds.least());
        let rejected = |seeds: &Seeds| format!("{:.2} ({:.2})", 100.0 * seeds.mean(), 100.0 * seeds.most());
        let share =
            |seeds: &Seeds| format!("{:.2} ({:.2} to {:.2})", seeds.mean(), seeds.least(), seeds.most());
        let time = |seeds: &Seeds| format!("{:.1} ({:.1})", seeds.mean(), seeds.most());
        let Spec { name, best, .. } = self.spec;
        let mut row = format!(
            "| {name} | {} x {} | {} | {} | {} |",
            best.0,
            best.1,
            parts(&self.throughput),
            rejected(&self.rejected),
            time(&self.reached)
        );
        for (throughput, rejections, shares) in &self.two {
            write!(row, " {} | {} | {} |", parts(throughput), rejected(rejections), share(shares)).unwrap();
        }
        match &self.recovered {
            Some((fall, back)) => write!(row, " {} | {} |", time(fall), time(back)).unwrap(),
            None => row.push_str(" | |"),
        }
        row
    }

    /// Checks the goals. Throughput is a mean over the seeds, and the others hold for each seed.
    fn check(&self) {
        let name = self.spec.name;
        assert!(self.throughput.mean() >= 0.9, "{name}: {:?} of the best setting", self.throughput);
        assert!(self.rejected.most() < 0.02, "{name}: {:?} rejected", self.rejected);
        for (throughput, rejected, share) in &self.two {
            assert!(throughput.mean() >= 0.9, "{name}: two clients reach {throughput:?}");
            assert!(rejected.most() < 0.02, "{name}: {rejected:?} rejected with two clients");
            assert!(share.least() >= 0.8 && share.most() <= 1.25, "{name}: shares {share:?}");
        }
        if let Some((fall, back)) = &self.recovered {
            assert!(fall.most() <= 10.0 && back.most() <= 10.0, "{name}: {fall:?} {back:?} round trips");
        }
    }
}

/// Calls `work` for each server, on a thread each.
fn each<T: Send>(work: impl Fn(Spec) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = specs().into_iter().map(|spec| scope.spawn(|| work(spec))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn table() {
    let lines = each(Line::new);
    let columns = "| Server | Best fixed setting | Throughput | Rejected % | 0.9 after s | Two: throughput | Rejected % | \
                   Share | 5 s apart: throughput | Rejected % | Share | Fall | Return |";
    println!("{columns}\n|{}", "---|".repeat(columns.matches('|').count() - 1));
    lines.iter().for_each(|line| println!("{}", line.row()));
    lines.iter().for_each(Line::check);
}

/// The fixed settings of the table are the best ones, which only a search shows.
#[test]
#[ignore = "searches for minutes; cargo xtask adaptive runs it"]
fn fixed_settings_are_the_best() {
    let found = each(|spec| (search(&spec), spec));
    for ((setting, rows), spec) in found {
        let (requests, size) = spec.best;
        let listed = simulate(&spec, Setting::Fixed(requests, size), 1, 0.0, 1).all(0.0, END);
        assert!(
            listed >= 0.99 * rows,
            "{}: {setting:?} stores {rows}, and the listed one {listed}",
            spec.name
        );
    }
}

/// Every change of the setting is an event with the reason.
#[test]
fn changes_of_the_setting_are_logged() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        // Spans of attempts are written when they close, with their fields.
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
        .with_writer(move || writer.clone())
        .finish();
    let burst = Kind::Bucket { rate: 10.0, burst: 10.0, latency: 0.2, retry_after: 1.0 };
    let guard = datalinks_tests::log::of_this_thread(subscriber);
    drop(simulate(&spec("token bucket", burst, 2), Setting::Auto, 1, 0.0, 1));
    drop(guard);
    let log = log.text();
    let changes: Vec<&str> = log.lines().filter(|line| line.contains("ingest setting changed")).collect();
    let first = changes.first().unwrap();
    assert!(first.contains("concurrency=2 batch_size=2") && first.contains("reason=Growth"), "{first}");
    assert!(changes.iter().any(|line| line.contains("reason=Rejected")), "{changes:?}");
    let fields =
        "datalinks.ingest.concurrency=2 datalinks.ingest.batch_size=2 datalinks.ingest.reason=Growth";
    assert!(log.contains(fields), "no span has {fields}");
}

/// The simulation does not depend on the machine.
#[test]
fn simulation_is_deterministic() {
    let spec = spec("token bucket", BUCKET, 20);
    let run = |seed| simulate(&spec, Setting::Auto, 2, 1.0, seed);
    assert_eq!(run(3).stored, run(3).stored);
    assert_ne!(run(3).stored, run(4).stored);
}

/// Prints the figures of real sockets: the emulator with a rate limit and a delay. Takes the time of the machine, so it
/// is not run by default.
#[tokio::test]
#[ignore = "measures for half a minute"]
async fn emulator_with_a_rate_limit() {
    use datalinks_emulator::{Emulator, Fault};

    let run = async |concurrency: Concurrency| {
        let emulator = Emulator::start().await.unwrap();
        let limit = Fault::new("ingestData").status(429).retry_after("1").above(60).always();
        emulator.faults().inject(limit).unwrap();
        let delay = Fault::new("ingestData").delay(Duration::from_millis(100)).always();
        emulator.faults().inject(delay).unwrap();
        let dl = datalinks::DataLinks::builder(emulator.api_url(), emulator.api_key())
            .retry(RetryPolicy::default().max_attempts(10))
            .build()
            .unwrap();
        let films = dl.dataset("cinema", "films").unwrap();
        films.create().await.unwrap();
        let rows = (0..6_000).map(|n| Row { n });
        let result = films.ingest(rows).batch_size(10).concurrency(concurrency).await.unwrap();
        assert!(result.failed.is_empty(), "{result}");
        let requests = result.counts.requests + result.counts.retries;
        (6_000.0 / result.elapsed.as_secs_f64(), result.counts.retries as f64 / requests as f64)
    };
    println!("| Setting | Rows per second | Rejected % |\n|---|---|---|");
    let mut best: f64 = 0.0;
    for fixed in [4, 6, 8, 16] {
        let (rate, rejected) = run(fixed.into()).await;
        println!("| {fixed} requests | {rate:.0} | {:.2} |", 100.0 * rejected);
        best = best.max(rate);
    }
    let (rate, rejected) = run(Concurrency::auto()).await;
    println!("| `Concurrency::auto()` | {rate:.0} | {:.2} |", 100.0 * rejected);
    assert!(rate >= 0.8 * best, "{rate} of {best} rows per second");
}
