//! A scheduler and two executors as processes of this machine, which ingest 200 Parquet files into an emulator and query them.
//!
//! `cargo run --example cluster` needs no account. Every address is one of this machine, with a port that the system chooses,
//! and all processes end with this one.

use std::{error::Error, fs::File, path::Path, process::Stdio, sync::Arc};

use datafusion::{
    arrow::{
        array::{
            ArrayRef, Float32Array, Float64Array, Int32Array, Int64Array, LargeStringArray, RecordBatch,
            StringArray,
        },
        datatypes::{DataType, Field, Schema},
    },
    parquet::{arrow::ArrowWriter, file::properties::WriterProperties},
    prelude::{ParquetReadOptions, SessionConfig},
};
use datalinks::{DataLinks, ingest::partitions::JournalDirectory};
use datalinks_ballista::{ClusterInsert, Executor, Hosts, Scheduler, session};
use datalinks_datafusion::{ColumnType, DatasetTable, InsertSettings, TableOptions};
use datalinks_emulator::Emulator;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    net::TcpListener,
    process::{Child, Command},
};

const FILES: i64 = 200;
const ROWS: i64 = 100;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => client().await,
        ["scheduler"] => scheduler().await,
        ["executor", scheduler, directory] => executor(scheduler, directory).await,
        _ => Err("call it without arguments; it starts the other processes".into()),
    }
}

/// Waits until the process that started this one ends, or closes the standard input.
async fn parent_ends() {
    let _ = tokio::io::stdin().read(&mut [0]).await;
}

/// The process of the scheduler. Its environment has a host, and no API key.
async fn scheduler() -> Result<()> {
    let host = std::env::var("DL_HOST")?;
    let hosts = Hosts::new([DataLinks::builder(host, "").without_key().build()?]);
    let scheduler = Scheduler::new(TcpListener::bind("127.0.0.1:0").await?, hosts)?;
    println!("{}", scheduler.url());
    tokio::select! {
        ended = scheduler.serve() => Ok(ended?),
        () = parent_ends() => Ok(()),
    }
}

/// The process of an executor. Its API key is that of its own environment.
async fn executor(scheduler: &str, directory: &str) -> Result<()> {
    let hosts = Hosts::new([DataLinks::from_env()?]);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    Ok(Executor::new(listener, scheduler, hosts, directory)?.serve(parent_ends()).await?)
}

/// Starts this program again, in another role and with an environment of its own.
fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(arguments).env_clear().envs(environment.iter().copied());
    Ok(command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?)
}

/// Writes a file with numbered films. The files differ in the order and the types of their columns, in the size of their row
/// groups, and in whether they have ratings.
fn write(path: &Path, file: i64) -> Result<()> {
    let ids = file * ROWS..(file + 1) * ROWS;
    let title = |id: i64| format!("Film {id}");
    let rating = |id: i64| (id % 40) as f64 / 4.0;
    let id: ArrayRef = match file % 2 {
        0 => Arc::new(Int64Array::from_iter_values(ids.clone())),
        _ => Arc::new(Int32Array::from_iter_values(ids.clone().map(|id| id as i32))),
    };
    let titles: ArrayRef = match file % 3 {
        0 => Arc::new(LargeStringArray::from_iter_values(ids.clone().map(title))),
        _ => Arc::new(StringArray::from_iter_values(ids.clone().map(title))),
    };
    let year: ArrayRef = Arc::new(Int64Array::from_iter_values(ids.clone().map(|id| 1950 + id % 70)));
    let mut columns = vec![("id", id), ("title", titles), ("year", year)];
    match file % 5 {
        0 => {}
        1 => columns
            .push(("rating", Arc::new(Float32Array::from_iter_values(ids.map(|id| rating(id) as f32))))),
        _ => columns.push(("rating", Arc::new(Float64Array::from_iter_values(ids.map(rating))))),
    }
    columns.rotate_left((file % 3) as usize);
    let batch = RecordBatch::try_from_iter(columns)?;
    let size = [10, 33, 1_000][(file % 3) as usize];
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(size)).build();
    let mut writer = ArrowWriter::try_new(File::create(path)?, batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    writer.close()?;
    Ok(())
}

async fn client() -> Result<()> {
    let emulator = Emulator::start().await?;
    let (host, key) = (emulator.api_url(), emulator.api_key());
    let directory = tempfile::tempdir()?;
    let path = |name: &str| directory.path().join(name);
    let text = |path: &Path| path.to_str().map(str::to_owned).ok_or("a path is not valid Unicode");

    let mut scheduler = start(&["scheduler"], &[("DL_HOST", &host)])?;
    let lines = scheduler.stdout.take().ok_or("the scheduler has no output")?;
    let url = BufReader::new(lines).lines().next_line().await?.ok_or("the scheduler ended")?;
    let mut executors = Vec::new();
    for number in 0..2 {
        let rows = path(&format!("executor-{number}"));
        std::fs::create_dir(&rows)?;
        executors
            .push(start(&["executor", &url, &text(&rows)?], &[("DL_HOST", &host), ("DL_API_KEY", key)])?);
    }
    println!("the scheduler listens at {url}, and {} executors ask it for tasks", executors.len());

    let files = path("files");
    std::fs::create_dir(&files)?;
    for file in 0..FILES {
        write(&files.join(format!("{file:03}.parquet")), file)?;
    }
    println!("{FILES} Parquet files are written, with {} rows", FILES * ROWS);

    let dl = DataLinks::builder(&host, key).build()?;
    let films = dl.dataset("cinema", "films")?;
    films.create().await?;
    // Each file is a partition.
    let session = session(&url, SessionConfig::new().with_target_partitions(FILES as usize))?;
    // The types of the files differ, so the table states those that it reads them as.
    let schema = Schema::new(vec![
        Field::new("id", DataType::Int64, true),
        Field::new("title", DataType::Utf8, true),
        Field::new("year", DataType::Int64, true),
        Field::new("rating", DataType::Float64, true),
    ]);
    session.register_parquet("files", text(&files)?, ParquetReadOptions::default().schema(&schema)).await?;
    let journals = JournalDirectory::new(path("journals"));
    let options = TableOptions::default()
        .column("id", ColumnType::Integer)
        .column("title", ColumnType::Text)
        .column("year", ColumnType::Integer)
        .column("rating", ColumnType::Number)
        .insert_settings(InsertSettings::default().reconcile_by("id"))
        .journals(journals.clone());
    session.register_table("films", Arc::new(DatasetTable::load(films.clone(), options).await?))?;

    let sql = "INSERT INTO films (id, title, year, rating) SELECT id, title, year, rating FROM files";
    println!("\n{sql}");
    let inserted = ClusterInsert::new(sql, journals).run(&session).await?;
    println!("{inserted} ({} submissions)", inserted.submissions);
    println!("the dataset has {} rows", films.info().await?.metadata.row_count);

    for sql in [
        "SELECT count(*), count(rating), min(id), max(id) FROM films",
        "SELECT year, count(*) AS films, avg(rating) AS rating FROM films WHERE year >= 2010 GROUP BY year ORDER BY year LIMIT 5",
        "SELECT count(*) FROM films JOIN files ON films.id = files.id AND films.title = files.title",
    ] {
        println!("\n{sql}");
        session.sql(sql).await?.show().await?;
    }

    // Processes end when their standard input does.
    for mut process in executors.into_iter().chain([scheduler]) {
        drop(process.stdin.take());
        process.wait().await?;
    }
    if !inserted.account.is_complete() {
        return Err("not every row is stored exactly once".into());
    }
    Ok(())
}
