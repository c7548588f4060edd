//! The parts of a call: encoding rows, decoding rows, writing the text of a query, and all the rest of a small call.
//!
//! `cargo bench -p datalinks-benchmarks --bench client`. Encoder and decoder run without a network, with scripted
//! responses, and stand beside `serde_json` alone. The small call goes to a server over loopback and stands beside
//! `reqwest` alone.

#![allow(clippy::unwrap_used, reason = "a benchmark that fails ends with the error")]

use std::{hint::black_box, thread};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use datalinks::{
    DataLinks, field,
    query::QueryText,
    testing::{Reply, Script},
};
use datalinks_benchmarks::{
    data::{Row, User, row},
    server,
};
use serde::{Deserialize, Serialize};
use tokio::{net::TcpListener, runtime};

const ROWS: u64 = 1_000;

#[derive(Deserialize, Serialize)]
struct Rows {
    data: Vec<Row>,
}

fn current_thread() -> runtime::Runtime {
    runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn rows() -> Vec<Row> {
    (0..ROWS).map(row).collect()
}

fn encoder(criterion: &mut Criterion) {
    let runtime = current_thread();
    let mut group = criterion.benchmark_group("encoder, 1,000 typed rows");
    group.throughput(Throughput::Elements(ROWS));
    group.bench_function("serde_json", |bencher| {
        bencher.iter_batched(
            || Rows { data: rows() },
            |body| serde_json::to_vec(&body).unwrap(),
            BatchSize::LargeInput,
        );
    });
    group.bench_function("datalinks", |bencher| {
        let setup = || {
            let script = Script::new().reply(Reply::body("application/json", r#"{"indexed":1000}"#));
            let films = script.client().dataset("cinema", "films").unwrap();
            (script, films, rows())
        };
        bencher.iter_batched(
            setup,
            |(script, films, rows)| {
                let result = runtime.block_on(async { films.ingest(rows).await.unwrap() });
                (script, result)
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

fn decoder(criterion: &mut Criterion) {
    let runtime = current_thread();
    let mut group = criterion.benchmark_group("query, 1,000 rows into structs");
    group.throughput(Throughput::Elements(ROWS));
    let data = serde_json::to_string(&rows()).unwrap();
    let body = format!(r#"{{"data":{data},"metadata":{{"count":{ROWS}}}}}"#);
    group.bench_function("serde_json", |bencher| {
        bencher.iter(|| serde_json::from_slice::<Rows>(body.as_bytes()).unwrap());
    });
    group.bench_function("datalinks", |bencher| {
        let setup = || {
            let script = Script::new().reply(Reply::body("application/json", body.clone()));
            let films = script.client().dataset("cinema", "films").unwrap();
            (script, films)
        };
        bencher.iter_batched(
            setup,
            |(script, films)| {
                let rows: Vec<Row> = runtime.block_on(async { films.query().fetch().await.unwrap() });
                (script, rows)
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

fn query_text(criterion: &mut Criterion) {
    criterion.bench_function("query text, seven calls", |bencher| {
        bencher.iter(|| {
            QueryText::dataset(black_box("cinema"), "films")
                .filter(field("country").eq("Japan").and(field("year").ge(1950)))
                .sort_descending("runtime")
                .limit(5)
                .search_around("people")
                .sort_ascending("born")
                .limit(10)
                .build()
                .unwrap()
        });
    });
}

/// Starts the server on a thread that ends with the process, and returns its address.
fn loopback() -> String {
    let (address, found) = std::sync::mpsc::channel();
    thread::spawn(move || {
        current_thread().block_on(async {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            address.send(listener.local_addr().unwrap()).unwrap();
            server::serve(listener, None).await;
        });
    });
    format!("http://{}/1/0/api/v1", found.recv().unwrap())
}

fn small_call(criterion: &mut Criterion) {
    let runtime = current_thread();
    let host = loopback();
    let mut group = criterion.benchmark_group("small call over loopback");
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{host}/user/me");
    group.bench_function("reqwest", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                let response = http.get(&url).bearer_auth("key").send().await.unwrap();
                response.error_for_status().unwrap().json::<User>().await.unwrap()
            })
        });
    });
    let dl = DataLinks::builder(&host, "key").build().unwrap();
    group.bench_function("datalinks", |bencher| {
        bencher.iter(|| runtime.block_on(async { dl.current_user().await.unwrap() }));
    });
    group.finish();
}

criterion_group!(client, encoder, decoder, query_text, small_call);
criterion_main!(client);
