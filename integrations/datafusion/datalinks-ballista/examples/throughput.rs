//! Measures how fast rows are ingested: by the client alone, by one process of DataFusion, and by a cluster.
//!
//! `cargo run --release --example throughput` prints the tables of `docs/scale.md`. It needs no account, and a machine that does
//! nothing else. `ROWS` and `ROUNDS` are variables.

use std::{
    error::Error,
    fs::File,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};

use datafusion::{
    arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray},
    parquet::arrow::ArrowWriter,
    prelude::{ParquetReadOptions, SessionConfig, SessionContext},
};
use datalinks::{DataLinks, Dataset, ingest::partitions::JournalDirectory, types::Row};
use datalinks_ballista::{ClusterInsert, Executor, Hosts, Scheduler, session};
use datalinks_datafusion::{ColumnType, DatasetTable, InsertSettings, TableOptions};
use datalinks_emulator::{Emulator, Fault};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    net::TcpListener,
    process::{Child, Command},
    task::JoinHandle,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const BATCH: usize = 500;
/// Small batches, so that the processor of this machine is not the limit.
const SIMULATED_BATCH: usize = 50;
const DELAY: Duration = Duration::from_millis(50);
/// Requests that the limited service takes at once, and then in each second.
const LIMIT: usize = 100;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => measure().await,
        ["emulator"] => emulator().await,
        ["executor", scheduler, directory] => executor(scheduler, directory).await,
        _ => Err("call it without arguments".into()),
    }
}

/// Waits until the process that started this one ends, or closes the standard input.
async fn parent_ends() {
    let _ = tokio::io::stdin().read(&mut [0]).await;
}

/// The process of the service.
async fn emulator() -> Result<()> {
    let emulator = Emulator::builder().request_log_size(0).start().await?;
    println!("{} {}", emulator.api_url(), emulator.api_key());
    parent_ends().await;
    Ok(())
}

async fn executor(scheduler: &str, directory: &str) -> Result<()> {
    let hosts = Hosts::new([DataLinks::from_env()?]);
    let executor = Executor::new(listener().await?, scheduler, hosts, directory)?;
    Ok(executor.serve(parent_ends()).await?)
}

async fn listener() -> Result<TcpListener> {
    Ok(TcpListener::bind("127.0.0.1:0").await?)
}

fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(arguments).env_clear().envs(environment.iter().copied());
    Ok(command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?)
}

fn number(name: &str, default: usize) -> Result<usize> {
    Ok(std::env::var(name).ok().map(|text| text.parse()).transpose()?.unwrap_or(default))
}

/// Writes so many films into so many files of the same size.
fn write(folder: &Path, files: usize, rows: usize) -> Result<()> {
    std::fs::create_dir(folder)?;
    for file in 0..files {
        let ids = (file * rows / files) as i64..((file + 1) * rows / files) as i64;
        let id: ArrayRef = Arc::new(Int64Array::from_iter_values(ids.clone()));
        let title: ArrayRef = Arc::new(StringArray::from_iter_values(ids.clone().map(title)));
        let rating: ArrayRef = Arc::new(Float64Array::from_iter_values(ids.map(rating)));
        let batch = RecordBatch::try_from_iter([("id", id), ("title", title), ("rating", rating)])?;
        let target = File::create(folder.join(format!("{file:05}.parquet")))?;
        let mut writer = ArrowWriter::try_new(target, batch.schema(), None)?;
        writer.write(&batch)?;
        writer.close()?;
    }
    Ok(())
}

fn title(id: i64) -> String {
    format!("The film with the number {id}")
}

fn rating(id: i64) -> f64 {
    (id % 400) as f64 / 40.0
}

fn row(id: i64) -> Row {
    let members =
        [("id", serde_json::Value::from(id)), ("title", title(id).into()), ("rating", rating(id).into())];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Makes datasets that are used once.
struct Datasets {
    client: DataLinks,
    made: usize,
}

impl Datasets {
    async fn next(&mut self) -> Result<Dataset> {
        self.made += 1;
        let dataset = self.client.dataset("films", format!("run-{}", self.made))?;
        dataset.create().await?;
        Ok(dataset)
    }
}

/// Registers the files and a dataset.
async fn register(
    context: &SessionContext,
    files: &Path,
    dataset: Dataset,
    (batch, requests): (usize, usize),
    journals: Option<JournalDirectory>,
) -> Result<()> {
    let files = files.to_str().ok_or("a path is not valid Unicode")?;
    context.register_parquet("files", files, ParquetReadOptions::default()).await?;
    let mut options = TableOptions::default()
        .column("id", ColumnType::Integer)
        .column("title", ColumnType::Text)
        .column("rating", ColumnType::Number)
        .insert_settings(InsertSettings::default().batch_size(batch).concurrency(requests));
    if let Some(journals) = journals {
        options = options.journals(journals);
    }
    context.register_table("films", Arc::new(DatasetTable::load(dataset, options).await?))?;
    Ok(())
}

const INSERT: &str = "INSERT INTO films (id, title, rating) SELECT id, title, rating FROM files";

/// Returns the rows per second of a run.
fn rate(rows: usize, begin: Instant) -> f64 {
    rows as f64 / begin.elapsed().as_secs_f64()
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

async fn measure() -> Result<()> {
    let (rows, rounds) = (number("ROWS", 200_000)?, number("ROUNDS", 5)?);
    let directory = tempfile::tempdir()?;
    one_process(directory.path(), rows, rounds).await?;
    processes(directory.path(), rows, rounds).await?;
    simulation(directory.path()).await
}

/// The client alone and one process of DataFusion, with the same batches and four requests at a time.
async fn one_process(directory: &Path, rows: usize, rounds: usize) -> Result<()> {
    let mut service = start(&["emulator"], &[])?;
    let (host, key) = address(&mut service).await?;
    let mut datasets = Datasets { client: DataLinks::builder(host, key).build()?, made: 0 };
    let files = directory.join("one-file");
    write(&files, 1, rows)?;
    let names = [
        "of an iterator, by the client alone",
        "of a Parquet file, by DataFusion",
        "the same with a journal",
    ];
    let [mut rates, mut times] = [const { [const { Vec::new() }; 3] }; 2];
    for round in 0..rounds {
        for way in 0..names.len() {
            let (dataset, begin, before);
            if way == 0 {
                dataset = datasets.next().await?;
                (begin, before) = (Instant::now(), processor_time());
                let ingest = dataset.ingest((0..rows as i64).map(row)).batch_size(BATCH).concurrency(4);
                ingest.await?.into_result()?;
            } else {
                let directory = directory.join(format!("one-process-{round}"));
                let journals = (way == 2).then(|| JournalDirectory::new(directory));
                let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
                register(&context, &files, datasets.next().await?, (BATCH, 4), journals).await?;
                (begin, before) = (Instant::now(), processor_time());
                context.sql(INSERT).await?.collect().await?;
            }
            if let (Some(rates), Some(times)) = (rates.get_mut(way), times.get_mut(way)) {
                rates.push(rate(rows, begin));
                times.push((processor_time() - before) / rows as f64 * 1e6);
            }
        }
    }
    let (rates, times) = (rates.map(median), times.map(median));
    println!(
        "{rows} rows, batches of {BATCH}, 4 requests at a time, median of {rounds} runs, the service in another process:"
    );
    println!(
        "| Rows | Rows/s | Ratio | Processor time of the client for 1,000,000 rows |\n|---|---|---|---|"
    );
    let first = rates.first().copied().unwrap_or_default();
    for ((name, rate), time) in names.iter().zip(rates).zip(times) {
        println!("| {name} | {rate:.0} | {:.2} | {time:.1} s |", rate / first);
    }
    println!();
    end(vec![service]).await
}

/// One and two executors as processes.
async fn processes(directory: &Path, rows: usize, rounds: usize) -> Result<()> {
    let files = directory.join("many-files");
    write(&files, 40, rows)?;
    println!(
        "{rows} rows in 40 files, 2 slots, 2 requests at a time in each, median of {rounds} runs, all in processes:"
    );
    println!(
        "| Executors | Rows/s without delay | Rows/s with {} ms | Peak memory of an executor |\n|---|---|---|---|",
        DELAY.as_millis()
    );
    for executors in [1, 2] {
        let (mut rates, mut delayed, mut peak) = (Vec::new(), Vec::new(), 0);
        for is_delayed in [false, true] {
            let emulator = Emulator::builder().request_log_size(0).start().await?;
            if is_delayed {
                emulator.faults().inject(Fault::new("ingestData").delay(DELAY).always())?;
            }
            let (host, key) = (emulator.api_url(), emulator.api_key().to_owned());
            let mut datasets = Datasets { client: DataLinks::builder(&host, &key).build()?, made: 0 };
            let (url, scheduler) = scheduler(&host).await?;
            let name = |number: usize| directory.join(format!("executor-{executors}-{is_delayed}-{number}"));
            let mut running = Vec::new();
            for number in 0..executors {
                std::fs::create_dir(name(number))?;
                let rows = name(number).to_str().ok_or("a path is not valid Unicode")?.to_owned();
                running.push(start(&["executor", &url, &rows], &[("DL_HOST", &host), ("DL_API_KEY", &key)])?);
            }
            for round in 0..rounds {
                let rates = if is_delayed { &mut delayed } else { &mut rates };
                let journals = directory.join(format!("journals-{executors}-{is_delayed}-{round}"));
                rates.push(cluster(&url, &files, &mut datasets, 40, (BATCH, 2), journals, rows).await?);
            }
            for id in running.iter().filter_map(Child::id) {
                peak = peak.max(peak_memory(id));
            }
            end(running).await?;
            scheduler.abort();
        }
        println!("| {executors} | {:.0} | {:.0} | {} MiB |", median(rates), median(delayed), peak / 1024);
    }
    println!();
    Ok(())
}

/// Executors as tasks of this process, and a service that answers after a delay, without and with a limit of its own.
async fn simulation(directory: &Path) -> Result<()> {
    println!(
        "Executors with 1 slot and 1 request of {SIMULATED_BATCH} rows at a time, in one process with a service that answers after {} ms:",
        DELAY.as_millis()
    );
    println!(
        "| Executors | Rows | Rows/s | Rows/s of one executor, times their number | Rows/s with at most {LIMIT} requests per second |\n|---|---|---|---|---|"
    );
    let mut single = None;
    for executors in [1, 2, 4, 8, 16] {
        let partitions = executors * 4;
        let rows = partitions * 25 * SIMULATED_BATCH;
        let files = directory.join(format!("simulated-{executors}"));
        write(&files, partitions, rows)?;
        let free = simulated(directory, &files, executors, rows, None).await?;
        let limited = simulated(directory, &files, executors, rows, Some(LIMIT)).await?;
        let expected = *single.get_or_insert(free) * executors as f64;
        println!("| {executors} | {rows} | {free:.0} | {expected:.0} | {limited:.0} |");
    }
    Ok(())
}

/// Returns the rows per second of so many simulated executors.
async fn simulated(
    directory: &Path,
    files: &Path,
    executors: usize,
    rows: usize,
    limit: Option<usize>,
) -> Result<f64> {
    let emulator = Emulator::builder().request_log_size(0).start().await?;
    if let Some(limit) = limit {
        let above = Fault::new("ingestData").status(429).retry_after("1").above(limit);
        emulator.faults().inject(above.always())?;
    }
    emulator.faults().inject(Fault::new("ingestData").delay(DELAY).always())?;
    let client = DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;
    let mut datasets = Datasets { client: client.clone(), made: 0 };
    let (url, scheduler) = scheduler(&emulator.api_url()).await?;
    let directory = directory.join(format!("simulated-{executors}-{}", limit.is_some()));
    let mut running = Vec::new();
    for number in 0..executors {
        let rows = directory.join(number.to_string());
        std::fs::create_dir_all(&rows)?;
        let executor = Executor::new(listener().await?, &url, Hosts::new([client.clone()]), rows)?.slots(1);
        running.push(tokio::spawn(executor.serve(std::future::pending())));
    }
    let journals = directory.join("journals");
    let rate =
        cluster(&url, files, &mut datasets, executors * 4, (SIMULATED_BATCH, 1), journals, rows).await?;
    running.iter().for_each(JoinHandle::abort);
    scheduler.abort();
    Ok(rate)
}

/// Returns the rows per second of an `INSERT INTO` on a cluster.
async fn cluster(
    url: &str,
    files: &Path,
    datasets: &mut Datasets,
    partitions: usize,
    requests: (usize, usize),
    journals: PathBuf,
    rows: usize,
) -> Result<f64> {
    let context = session(url, SessionConfig::new().with_target_partitions(partitions))?;
    let journals = JournalDirectory::new(journals);
    register(&context, files, datasets.next().await?, requests, Some(journals.clone())).await?;
    let begin = Instant::now();
    let inserted = ClusterInsert::new(INSERT, journals).submissions(1).run(&context).await?;
    let rate = rate(rows, begin);
    if !inserted.account.is_complete() || inserted.account.stored() != rows {
        return Err(format!("not every row is stored: {}", inserted.account).into());
    }
    Ok(rate)
}

async fn scheduler(host: &str) -> Result<(String, JoinHandle<datafusion::error::Result<()>>)> {
    let hosts = Hosts::new([DataLinks::builder(host, "").without_key().build()?]);
    let scheduler = Scheduler::new(listener().await?, hosts)?;
    Ok((scheduler.url().to_owned(), tokio::spawn(scheduler.serve())))
}

/// Reads the host and the key of an emulator in another process.
async fn address(service: &mut Child) -> Result<(String, String)> {
    let lines = service.stdout.take().ok_or("the service has no output")?;
    let line = BufReader::new(lines).lines().next_line().await?.ok_or("the service ended")?;
    let (host, key) = line.split_once(' ').ok_or("the service has no address")?;
    Ok((host.to_owned(), key.to_owned()))
}

/// Ends processes by their standard input.
async fn end(processes: Vec<Child>) -> Result<()> {
    for mut process in processes {
        drop(process.stdin.take());
        process.wait().await?;
    }
    Ok(())
}

/// Returns the processor time in seconds that this process has taken, or 0 if the system has no such file.
fn processor_time() -> f64 {
    let status = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program is in parentheses. The times of the user and of the system are in hundredths of a second.
    let fields = status.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Returns the largest memory in KiB that a process has had, or 0 if the system has no such file.
fn peak_memory(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.trim().parse().ok()).unwrap_or(0)
}
