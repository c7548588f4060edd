//! Reading rows and events allocates as often as a plain program of `serde_json`.
//!
//! The test is a separate program, because its counter replaces the global allocator.

use datalinks::{
    PipelineEvent, PipelineRun,
    testing::{Reply, Script},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use tokio::runtime::{Builder, Runtime};

const ITEMS: usize = 1_000;

/// Maximum number of further allocations: those of a list that grows.
const GROWTH: u64 = 4;

#[derive(Deserialize)]
#[expect(dead_code, reason = "only allocations are counted")]
struct Film {
    id: u64,
    title: String,
    score: f64,
    text: String,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only allocations are counted")]
struct Progress {
    #[serde(rename = "type")]
    kind: String,
    n: u64,
    text: Option<String>,
}

#[derive(Deserialize)]
struct Answer<T> {
    data: Vec<T>,
}

/// Returns a response. `hidden` are the metadata columns of each row.
fn answer(rows: usize, hidden: &str) -> String {
    let row = |id| format!(r#"{{"id":{id},"title":"film {id}",{hidden}"score":0.5,"text":"t"}}"#);
    let rows = (0..rows).map(row).collect::<Vec<_>>().join(",");
    format!(r#"{{"data":[{rows}],"metadata":{{"count":1,"executedQuery":"q"}}}}"#)
}

fn lines(events: usize) -> String {
    let line = |n| format!("{{\"type\":\"progress\",\"n\":{n},\"text\":\"so many rows were modeled\"}}\n");
    (0..events).map(line).collect()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Returns the number of allocations for [`ITEMS`] items, without those of a call. `run` returns the allocations of a
/// call with this number of items.
fn per_items(run: impl Fn(usize) -> u64) -> u64 {
    // The first call fills caches.
    run(1);
    run(2 * ITEMS) - run(ITEMS)
}

fn count<R>(run: impl FnOnce() -> R) -> u64 {
    allocation_counter::measure(|| drop(run())).count_total
}

#[track_caller]
fn check(ours: u64, plain: u64) {
    assert!(plain >= 2 * ITEMS as u64, "the plain program has {plain} allocations");
    assert!(ours <= plain + GROWTH, "{ours} allocations, and {plain} of the plain program");
}

/// Compares a query with the deserialization of the same rows without their metadata columns.
#[track_caller]
fn check_query<T: DeserializeOwned>(hidden: &str) {
    let ours = per_items(|rows| {
        let script = Script::new().reply(Reply::body("application/json", answer(rows, hidden)));
        let (films, runtime) = (script.client().dataset("cinema", "films").unwrap(), runtime());
        count(|| {
            let found = runtime.block_on(films.query().fetch::<T>()).unwrap();
            assert_eq!(found.len(), rows);
        })
    });
    let plain = per_items(|rows| {
        let text = answer(rows, "");
        count(|| assert_eq!(serde_json::from_str::<Answer<T>>(&text).unwrap().data.len(), rows))
    });
    check(ours, plain);
}

/// Compares the events of a run with the deserialization of its lines.
#[track_caller]
fn check_run<T: DeserializeOwned>(typed: impl Fn(PipelineRun) -> PipelineRun<T>) {
    let ours = per_items(|events| {
        let complete = "{\"type\":\"complete\"}\n".to_owned();
        let script = Script::new().reply(Reply::json_lines([lines(events), complete]));
        let (mut run, runtime) = (typed(script.ingest_proxy().follow("run", 0).unwrap()), runtime());
        count(|| {
            runtime.block_on(async {
                for _ in 0..events {
                    assert!(matches!(run.next().await, Some(Ok(PipelineEvent::Other(_)))));
                }
                assert!(matches!(run.next().await, Some(Ok(PipelineEvent::Complete(_)))));
            });
        })
    });
    let plain = per_items(|events| {
        let text = lines(events);
        count(|| text.lines().for_each(|line| drop(serde_json::from_str::<T>(line).unwrap())))
    });
    check(ours, plain);
}

#[test]
fn row_of_a_query_allocates_its_strings_only() {
    check_query::<Film>("");
    check_query::<Map<String, Value>>("");
}

#[test]
fn metadata_columns_allocate_nothing() {
    let hidden = r#""_id":"0123456789","_list":[1,{"a":"b"}],"_score":0.5,"#;
    check_query::<Film>(hidden);
    check_query::<Map<String, Value>>(hidden);
}

#[test]
fn event_of_a_run_allocates_its_values_only() {
    check_run(|run| run);
    check_run(PipelineRun::typed::<Progress>);
}
