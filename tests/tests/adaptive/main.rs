//! Adaptive ingestion against simulated servers on a paused clock, through the whole client.
//!
//! `cargo test -p datalinks-tests --test adaptive -- --nocapture table` prints the table of figures.

mod servers;

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use datalinks::{DataLinks, RetryPolicy, ingest::Concurrency, testing::Script};
use futures::StreamExt as _;
use servers::{Kind, Server, Spec};

/// Duration of a simulation in seconds.
const END: f64 = 40.0;
const ROWS_PER_BATCH: usize = 10;

/// The setting of the clients.
#[derive(Clone, Copy)]
enum Setting {
    Fixed(usize),
    Auto,
    /// Adaptive in requests and rows.
    Both,
}

fn client(server: &Arc<Mutex<Server>>, number: usize, seed: u64) -> (Script, DataLinks) {
    let server = Arc::clone(server);
    let script = Script::new().respond_with(move |request| {
        server.lock().unwrap().respond(number, request.body())
    });
    let retry = RetryPolicy::default().attempts(10);
    let client = script.builder().retry(retry).jitter_seed(seed + number as u64).build().unwrap();
    (script, client)
}

/// Runs clients that begin `stagger` seconds apart.
fn simulate(spec: &Spec, setting: Setting, clients: usize, stagger: f64, seed: u64) -> Server {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let server = Arc::new(Mutex::new(Server::new(spec, clients, seed)));
        let runs = (0..clients).map(|number| {
            let (script, client) = client(&server, number, seed);
            async move {
                tokio::time::sleep(Duration::from_secs_f64(stagger * number as f64)).await;
                let rows = futures::stream::iter((0..).map(|n: u64| [("n", n % 10)].into_iter().collect::<std::collections::BTreeMap<_, _>>()));
                let ingest = client.dataset("cinema", "films").unwrap().ingest_stream(rows);
                let ingest = ingest.max_batches_without_success(0);
                let ingest = match setting {
                    Setting::Fixed(requests) => ingest.concurrency(requests).batch_size(ROWS_PER_BATCH),
                    Setting::Auto => {
                        ingest.concurrency(Concurrency::auto().max_requests(64)).batch_size(ROWS_PER_BATCH)
                    }
                    Setting::Both => ingest
                        .concurrency(Concurrency::auto().max_requests(64))
                        .batch_size(400)
                        .adaptive_batch_size(),
                };
                let mut batches = ingest.batches().unwrap();
                while let Some(batch) = batches.next().await {
                    assert!(batch.failed.is_empty(), "{:?}", batch.failed.first());
                }
                drop(script);
            }
        });
        let all = futures::future::join_all(runs);
        let _ = tokio::time::timeout(Duration::from_secs_f64(END), all).await;
    });
    unreachable!()
}
