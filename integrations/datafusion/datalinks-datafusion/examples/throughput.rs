//! Rows per second of `INSERT INTO`, and of the ingestion of the client with the same rows.
//!
//! A script replaces the network, so the time is that of this process. Run it by `cargo run --release --example throughput`.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use datafusion::{
    arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray},
    datasource::MemTable,
    prelude::{SessionConfig, SessionContext},
};
use datalinks::{
    DataLinks, Error,
    testing::{Reply, Script},
};
use datalinks_datafusion::{ColumnType, DatasetTable, TableOptions};
use serde::Serialize;

/// Rows of a request, which is the default of the client.
const BATCH: usize = 1_000;
const ROWS: usize = 400 * BATCH;
const RUNS: usize = 5;

#[derive(Clone, Serialize)]
struct Film {
    id: i64,
    title: String,
    rating: f64,
    seen: bool,
    director: String,
}

/// The body of every reply: that of a request with [`BATCH`] rows, of a dataset, and of a query without rows.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    indexed: usize,
    data: [(); 0],
    metadata: Metadata,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    count: usize,
    column_names: [(); 0],
    row_count: usize,
}

fn film(number: usize) -> Film {
    Film {
        id: number as i64,
        title: format!("The film with the number {number}"),
        rating: (number % 100) as f64 / 10.0,
        seen: number % 3 == 0,
        director: format!("Director {}", number % 1_000),
    }
}

fn batch(films: &[Film]) -> Result<RecordBatch, Box<dyn std::error::Error>> {
    let columns: [(&str, ArrayRef); 5] = [
        ("id", Arc::new(Int64Array::from_iter_values(films.iter().map(|film| film.id)))),
        ("title", Arc::new(StringArray::from_iter_values(films.iter().map(|film| &film.title)))),
        ("rating", Arc::new(Float64Array::from_iter_values(films.iter().map(|film| film.rating)))),
        ("seen", Arc::new(BooleanArray::from_iter(films.iter().map(|film| Some(film.seen))))),
        ("director", Arc::new(StringArray::from_iter_values(films.iter().map(|film| &film.director)))),
    ];
    Ok(RecordBatch::try_from_iter(columns)?)
}

fn script() -> Script {
    Script::new().respond_with(|_| {
        let metadata = Metadata { count: 0, column_names: [], row_count: 0 };
        Reply::json(Body { indexed: BATCH, data: [], metadata })
    })
}

async fn plain(client: &DataLinks, films: &[Film]) -> Result<Duration, Error> {
    let rows = futures::stream::iter(films.to_vec());
    let begin = Instant::now();
    let summary = client.dataset("cinema", "films")?.ingest_stream(rows).batches()?.finish().await?;
    summary.check()?;
    Ok(begin.elapsed())
}

async fn insert(context: &SessionContext) -> Result<Duration, Box<dyn std::error::Error>> {
    let begin = Instant::now();
    context
        .sql("INSERT INTO films (id, title, rating, seen, director) SELECT * FROM source")
        .await?
        .collect()
        .await?;
    Ok(begin.elapsed())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let films: Vec<Film> = (0..ROWS).map(film).collect();
    let script = script();
    let client = script.client();
    let types = [
        ("id", ColumnType::Integer),
        ("title", ColumnType::Text),
        ("rating", ColumnType::Number),
        ("seen", ColumnType::Boolean),
        ("director", ColumnType::Text),
    ];
    let options =
        types.into_iter().fold(TableOptions::default(), |options, (name, kind)| options.column(name, kind));
    let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
    let table = DatasetTable::load(client.dataset("cinema", "films")?, options).await?;
    context.register_table("films", Arc::new(table))?;
    let batches = films.chunks(8_192).map(batch).collect::<Result<Vec<_>, _>>()?;
    let schema = batch(&[])?.schema();
    context.register_table("source", Arc::new(MemTable::try_new(schema, vec![batches])?))?;
    let (mut own, mut sql) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        own.push(plain(&client, &films).await?);
        sql.push(insert(&context).await?);
    }
    let (own, sql) = (median(own), median(sql));
    let rate = |time: Duration| ROWS as f64 / time.as_secs_f64();
    println!("ingestion    {:>10.0} rows/s", rate(own));
    println!("INSERT INTO  {:>10.0} rows/s", rate(sql));
    println!("ratio        {:>10.2}", rate(sql) / rate(own));
    drop(script.finish());
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
