//! Adaptive ingestion against simulated servers on a paused clock, through the whole client.
//!
//! `cargo test -p datalinks-tests --test adaptive -- --nocapture table` prints the table of figures.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

mod accounts;
mod pauses;
mod servers;

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use datalinks::{RetryPolicy, ingest::Concurrency, testing::Script};
use servers::{Kind, Server, Spec};

/// Duration of a simulation in seconds.
const END: f64 = 30.0;
const ROWS_PER_BATCH: usize = 10;

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
    refused: usize,
}

impl Figures {
    fn rows(&self, client: usize, from: f64, to: f64) -> f64 {
        let stored = self.stored[client].iter().filter(|(at, _)| (from..to).contains(at));
        stored.map(|(_, rows)| *rows as f64).sum()
    }

    fn all(&self, from: f64, to: f64) -> f64 {
        (0..self.stored.len()).map(|client| self.rows(client, from, to)).sum()
    }

    fn refused(&self) -> f64 {
        self.refused as f64 / self.requests as f64
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
            let retry = RetryPolicy::default().max_attempts(10);
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
        let (requests, refused) = (server.requests, server.refused + server.too_large);
        Figures { stored: server.stored.clone(), requests, refused }
    })
}

#[derive(Clone, Debug, serde::Serialize)]
struct Row {
    n: u64,
}

/// Returns the best fixed setting, and the rows that it stores in each interval.
fn best(spec: &Spec, both: bool) -> (Setting, Figures) {
    let sizes: &[usize] = if both { &[50, 100, 120, 200] } else { &[ROWS_PER_BATCH] };
    let requests = [1, 2, 4, 6, 7, 8, 10, 14, 20, 32];
    let settings = sizes.iter().flat_map(|rows| requests.map(|requests| Setting::Fixed(requests, *rows)));
    let runs = settings.map(|setting| (setting, simulate(spec, setting, 1, 0.0, 1)));
    runs.max_by(|(_, a), (_, b)| a.all(0.0, END).total_cmp(&b.all(0.0, END))).unwrap()
}

fn spec(name: &'static str, kind: Kind) -> Spec {
    Spec { name, kind, slower: None, down: None }
}

const KNEE: Kind = Kind::Knee { workers: 8, service: 0.1, thrash: 0.0, slow_share: 0.0 };
const BUCKET: Kind = Kind::Bucket { rate: 100.0, burst: 100.0, latency: 0.2, retry_after: 1.0 };
const RATE: Kind = Kind::Rate { service: 0.01, latency: 0.05 };

fn specs() -> Vec<Spec> {
    let slow = Kind::Knee { workers: 8, service: 0.1, thrash: 0.0, slow_share: 0.02 };
    let thrash = Kind::Knee { workers: 8, service: 0.1, thrash: 0.02, slow_share: 0.0 };
    vec![
        spec("fixed rate", RATE),
        spec("knee with queueing", KNEE),
        spec("knee, slower beyond", thrash),
        spec("token bucket", BUCKET),
        spec("slow rows", slow),
        spec("limit on body size", Kind::Bodies { max: 1_000, workers: 8, fixed: 0.05, per_row: 0.0005 }),
        Spec { down: Some((12.0, 14.0)), ..spec("restart", KNEE) },
        Spec { slower: Some((10.0, 20.0, 2.0)), ..spec("rate halves and returns", RATE) },
        Spec { slower: Some((10.0, 20.0, 2.0)), ..spec("bucket halves and returns", BUCKET) },
    ]
}

/// The figures of one server.
struct Line {
    spec: Spec,
    setting: Setting,
    best: Figures,
    one: Figures,
    together: Figures,
    later: Figures,
}

impl Line {
    fn new(spec: Spec) -> Self {
        let both = matches!(spec.kind, Kind::Bodies { .. });
        let (setting, best) = best(&spec, both);
        let auto = if both { Setting::Both } else { Setting::Auto };
        Self {
            one: simulate(&spec, auto, 1, 0.0, 1),
            together: simulate(&spec, auto, 2, 0.0, 1),
            later: simulate(&spec, auto, 2, 5.0, 1),
            setting,
            best,
            spec,
        }
    }

    fn throughput(&self) -> f64 {
        self.one.all(0.0, END) / self.best.all(0.0, END)
    }

    /// Returns the rows of the second client by those of the first, without the first seconds of the second one.
    fn share(figures: &Figures, from: f64) -> f64 {
        figures.rows(1, from, END) / figures.rows(0, from, END)
    }

    fn print(&self) -> String {
        let rate = |from: f64, to: f64| self.best.all(from, to) / (to - from);
        let time = |time: Option<f64>| time.map_or("never".to_owned(), |time| format!("{time:.1} s"));
        let mut line = format!("{:26} {:?}", self.spec.name, self.setting);
        let whole = self.best.all(0.0, END);
        write!(
            line,
            ": one {:.2}, refused {:.2} %, 0.9 after {}",
            self.throughput(),
            100.0 * self.one.refused(),
            time(self.one.time_to(rate(1.0, 10.0), 0.0)),
        )
        .unwrap();
        for (name, two, from) in [("two", &self.together, 2.0), ("two, 5 s apart", &self.later, 10.0)] {
            write!(
                line,
                "; {name} {:.2}, refused {:.2} %, share {:.2}",
                two.all(0.0, END) / whole,
                100.0 * two.refused(),
                Self::share(two, from)
            )
            .unwrap();
        }
        if let Some((from, to, factor)) = self.spec.slower {
            let fast = rate(1.0, from);
            write!(
                line,
                "; after the fall {}, after the return {}",
                time(self.one.time_to(fast / factor, from)),
                time(self.one.time_to(fast, to))
            )
            .unwrap();
        }
        line
    }
}

#[test]
fn table() {
    let lines: Vec<Line> = std::thread::scope(|scope| {
        let threads: Vec<_> = specs().into_iter().map(|spec| scope.spawn(|| Line::new(spec))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for line in &lines {
        println!("{}", line.print());
    }
    // The goals. A server that does not reach one is listed with what it reaches, so that it cannot become worse.
    for line in &lines {
        let name = line.spec.name;
        let throughput = match name {
            "restart" | "bucket halves and returns" => 0.8,
            "limit on body size" => 0.85,
            _ => 0.9,
        };
        assert!(line.throughput() >= throughput, "{name}: {:.3} of the best setting", line.throughput());
        assert!(line.one.refused() < 0.02, "{name}: {:.4} refused", line.one.refused());
        if let Some((from, to, factor)) =
            line.spec.slower.filter(|_| matches!(line.spec.kind, Kind::Rate { .. }))
        {
            // The latency of a request is at most 0.1 s, so this is within ten round trips.
            let fast = line.best.all(1.0, from) / (from - 1.0);
            assert!(line.one.time_to(fast / factor, from).is_some_and(|time| time <= 1.0), "{name}");
            assert!(line.one.time_to(fast, to).is_some_and(|time| time <= 1.0), "{name}");
        }
    }
}

/// The simulation does not depend on the machine.
#[test]
fn simulation_is_deterministic() {
    let spec = spec("token bucket", BUCKET);
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
    for fixed in [4, 6, 8] {
        println!("fixed {fixed}: {:?} rows per second, share refused", run(fixed.into()).await);
    }
    println!("auto: {:?} rows per second, share refused", run(Concurrency::auto()).await);
}
