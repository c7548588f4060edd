//! Throughput of the emulator through the client: `cargo bench -p datalinks-tests --bench emulator`.
//!
//! Measures the ingestion of 100,000 rows in batches of 1,000 into memory, into a directory, and with sync to
//! disk. Measures the start with a directory of a million rows, queries over a million rows with a filter, and
//! with a filter, a sort and a limit, and 200 concurrent streams.

use std::time::{Duration, Instant};

use datalinks::{AskEvent, Config, DataLinks, Dataset, field, query::QueryBuilder};
use datalinks_emulator::Emulator;
use futures::future::join_all;
use serde::{Deserialize, Serialize};

const BATCH: usize = 1_000;
const ROWS: u64 = 100_000;
const MANY_ROWS: u64 = 1_000_000;
const MANY_DATASETS: usize = 1_000;
const STREAMS: usize = 200;
/// The delay between two events of a stream, so that all streams are open at the same time.
const PAUSE: Duration = Duration::from_millis(20);
const RUNS: usize = 5;

#[derive(Debug, Deserialize, Serialize)]
struct Row {
    id: u64,
    name: String,
    year: u64,
    score: f64,
    text: String,
}

fn row(id: u64) -> Row {
    let text = "A description of the row, with about sixty bytes of plain text.".to_owned();
    Row { id, name: format!("row number {id}"), year: 1900 + id % 125, score: id as f64 / 7.0, text }
}

#[tokio::main]
async fn main() {
    let emulator = Emulator::builder().ask_event_delay(PAUSE).start().await.unwrap();
    let client = client(&emulator);
    ingest("into memory", &client).await;
    directories().await;
    query(&client).await;
    streams(&client).await;
}

fn client(emulator: &Emulator) -> DataLinks {
    let config = Config::from_vars(|name| match name {
        "DL_HOST" => Some(emulator.api_url()),
        "DL_API_KEY" => Some(emulator.api_key().to_owned()),
        _ => None,
    });
    DataLinks::from_config(&config).unwrap()
}

async fn directories() {
    let folder = tempfile::tempdir().unwrap();
    let start = || Emulator::builder().data_dir(folder.path());
    let emulator = start().start().await.unwrap();
    ingest("into a directory", &client(&emulator)).await;
    for number in 0..MANY_DATASETS {
        client(&emulator).dataset("others", format!("{number}")).unwrap().create().await.unwrap();
    }
    ingest(&format!("beside {MANY_DATASETS} datasets"), &client(&emulator)).await;
    emulator.shutdown().await;
    let emulator = start().sync_data().start().await.unwrap();
    ingest("onto the disk", &client(&emulator)).await;
    filled(&client(&emulator), "million", MANY_ROWS).await;
    emulator.shutdown().await;
    let begun = Instant::now();
    let emulator = start().start().await.unwrap();
    println!("start with a directory of {MANY_ROWS} rows: {:.3?}", begun.elapsed());
    emulator.shutdown().await;
}

async fn filled(client: &DataLinks, name: &str, rows: u64) -> Dataset {
    let dataset = client.dataset("bench", name).unwrap();
    dataset.create().await.unwrap();
    let result = dataset.ingest((0..rows).map(row).collect::<Vec<_>>()).batch_size(BATCH).await.unwrap();
    assert!(result.failed.is_empty());
    assert_eq!(result.counts.indexed, Some(rows));
    dataset
}

async fn ingest(place: &str, client: &DataLinks) {
    let mut rates = Vec::new();
    for run in 0..RUNS {
        let dataset = client.dataset("bench", format!("rows {run}")).unwrap();
        dataset.create().await.unwrap();
        let rows: Vec<Row> = (0..ROWS).map(row).collect();
        let start = Instant::now();
        let result = dataset.ingest(rows).batch_size(BATCH).await.unwrap();
        let elapsed = start.elapsed();
        assert_eq!(result.counts.indexed, Some(ROWS));
        rates.push(ROWS as f64 / elapsed.as_secs_f64());
        dataset.delete().await.unwrap();
    }
    rates.sort_by(f64::total_cmp);
    println!(
        "ingest {place}: {:.0} rows/s (median of {RUNS}, from {:.0} to {:.0})",
        rates[RUNS / 2],
        rates[0],
        rates[RUNS - 1]
    );
}

async fn query(client: &DataLinks) {
    let dataset = filled(client, "million", MANY_ROWS).await;
    let filtered = || dataset.query().filter(field("year").eq(1979).and(field("id").lt(50_000)));
    timed("filtered", filtered, 400).await;
    // Half of the rows are sorted by two columns, one of which has many equal values.
    let sorted = || {
        let query = dataset.query().filter(field("year").ge(1962));
        query.call("sortDescending(year)").call("sortAscending(score)").call("limit(100)")
    };
    timed("filtered, sorted and limited", sorted, 100).await;
    let texts = || dataset.query().call("sortDescending(name)").call("limit(100)");
    timed("sorted by a string and limited", texts, 100).await;
    dataset.delete().await.unwrap();
}

async fn timed(what: &str, query: impl Fn() -> QueryBuilder, rows: usize) {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        let found: Vec<Row> = query().fetch().await.unwrap();
        times.push(start.elapsed());
        assert_eq!(found.len(), rows);
    }
    times.sort();
    println!(
        "query over {MANY_ROWS} rows, {what}: {:.3?} (median of {RUNS}, up to {:.3?})",
        times[RUNS / 2],
        times[RUNS - 1]
    );
}

async fn streams(client: &DataLinks) {
    let dataset = filled(client, "asked", 100).await;
    let start = Instant::now();
    let one = |_| async {
        let mut stream = dataset.namespace().ask("row number 7").stream().await.unwrap();
        let mut answers = 0;
        while let Some(event) = stream.next().await {
            answers += usize::from(matches!(event.unwrap(), AskEvent::Answer { .. }));
        }
        answers
    };
    let answers: usize = join_all((0..STREAMS).map(one)).await.into_iter().sum();
    assert_eq!(answers, STREAMS);
    println!("{STREAMS} streams at a time: all completed in {:.3?}", start.elapsed());
}
