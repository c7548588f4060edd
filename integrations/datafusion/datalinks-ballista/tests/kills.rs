//! Executors that are killed while they ingest: no row is lost, and none is stored twice without a report.
//!
//! The test is small. `cargo test --release --test kills -- long` kills 20 executors among 1,000,000 rows. Its settings are the
//! variables `ROWS`, `FILES`, `KILLS`, `EXECUTORS`, `SEED` and `DELIVERY` (`reconciled` or `at-least-once`).

#![allow(clippy::unwrap_used, reason = "a test")]

use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};

use datafusion::{
    arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray},
    parquet::arrow::ArrowWriter,
    prelude::{ParquetReadOptions, SessionConfig, SessionContext},
};
use datalinks::{
    DataLinks, Dataset,
    ingest::partitions::{JournalDirectory, PlanAccount},
};
use datalinks_ballista::{ClusterInsert, Executor, Hosts, Scheduler, session};
use datalinks_datafusion::{ColumnType, DatasetTable, InsertSettings, TableOptions};
use datalinks_emulator::Emulator;
use tokio::{
    io::AsyncReadExt as _,
    net::TcpListener,
    process::{Child, Command},
};

#[derive(Clone, Debug)]
struct Settings {
    rows: usize,
    files: usize,
    kills: usize,
    executors: usize,
    seed: u64,
    batch: usize,
    is_reconciled: bool,
    /// Time for which the keys of rows have to stay the same.
    window: Duration,
    /// Time after which the scheduler takes an executor for dead.
    timeout: Duration,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["executor", scheduler, directory] => runtime.block_on(executor(scheduler, directory)),
        ["long"] => runtime.block_on(run(long())),
        _ => {
            for is_reconciled in [true, false] {
                runtime.block_on(run(Settings {
                    rows: 6_000,
                    files: 12,
                    kills: 3,
                    executors: 2,
                    seed: 7,
                    batch: 25,
                    is_reconciled,
                    window: Duration::from_secs(1),
                    timeout: Duration::from_secs(2),
                }));
            }
        }
    }
}

fn long() -> Settings {
    let number = |name: &str, default: usize| {
        std::env::var(name)
            .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number")))
    };
    let is_reconciled = std::env::var("DELIVERY").is_ok_and(|mode| mode == "reconciled");
    Settings {
        rows: number("ROWS", 1_000_000),
        files: number("FILES", 200),
        kills: number("KILLS", 20),
        executors: number("EXECUTORS", 2),
        seed: number("SEED", 1) as u64,
        // A query has at most 50 keys, and the emulator compares each row with each of them.
        batch: if is_reconciled { 50 } else { 500 },
        is_reconciled,
        window: Duration::from_secs(5),
        timeout: Duration::from_secs(8),
    }
}

/// The process of an executor. Its client is that of its environment. It ends with its standard input, so it does not outlive
/// the test.
async fn executor(scheduler: &str, directory: &str) {
    let hosts = Hosts::new([DataLinks::from_env().unwrap()]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let executor = Executor::new(listener, scheduler, hosts, directory).unwrap();
    let end = async {
        let _ = tokio::io::stdin().read(&mut [0]).await;
    };
    executor.serve(end).await.unwrap();
}

/// Executors as processes, which are ended when it is dropped.
struct Executors {
    host: String,
    key: String,
    scheduler: String,
    directory: PathBuf,
    started: usize,
    running: Vec<Child>,
    /// The largest memory in KiB that an executor has had.
    peak: u64,
}

impl Executors {
    fn start(&mut self) -> Child {
        let directory = self.directory.join(format!("executor-{}", self.started));
        std::fs::create_dir(&directory).unwrap();
        self.started += 1;
        Command::new(std::env::current_exe().unwrap())
            .args(["executor", &self.scheduler, directory.to_str().unwrap()])
            .env_clear()
            .env("DL_HOST", &self.host)
            .env("DL_API_KEY", &self.key)
            .stdin(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    /// Kills one and starts another one in its place.
    async fn replace(&mut self, at: usize) {
        self.look();
        self.running[at].kill().await.unwrap();
        self.running[at] = self.start();
    }

    /// Reads the memory of the executors, where the system has this file.
    fn look(&mut self) {
        for id in self.running.iter().filter_map(Child::id) {
            let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
            let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let peak = peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.trim().parse().ok());
            self.peak = self.peak.max(peak.unwrap_or(0));
        }
    }
}

/// A sequence of numbers that depends on its seed only (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }
}

/// Writes the rows, one after the other, into files of the same size.
fn write(folder: &Path, settings: &Settings) {
    std::fs::create_dir(folder).unwrap();
    let size = settings.rows / settings.files;
    for file in 0..settings.files {
        let numbers = (file * size) as i64..((file + 1) * size) as i64;
        let n: ArrayRef = Arc::new(Int64Array::from_iter_values(numbers.clone()));
        let title: ArrayRef =
            Arc::new(StringArray::from_iter_values(numbers.map(|n| format!("Film number {n}"))));
        let batch = RecordBatch::try_from_iter([("n", n), ("title", title)]).unwrap();
        let target = File::create(folder.join(format!("{file:05}.parquet"))).unwrap();
        let mut writer = ArrowWriter::try_new(target, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }
}

async fn run(settings: Settings) {
    let begin = Instant::now();
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("files");
    write(&folder, &settings);

    let emulator = Emulator::builder().request_log_size(0).start().await.unwrap();
    let client = DataLinks::builder(emulator.api_url(), emulator.api_key()).build().unwrap();
    let films = client.dataset("cinema", "films").unwrap();
    films.create().await.unwrap();
    let without_key = DataLinks::builder(emulator.api_url(), "").without_key().build().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let scheduler = Scheduler::new(listener, Hosts::new([without_key])).unwrap();
    let scheduler = scheduler.executor_timeout(settings.timeout);
    let url = scheduler.url().to_owned();
    let scheduler = tokio::spawn(scheduler.serve());
    let mut executors = Executors {
        host: emulator.api_url(),
        key: emulator.api_key().to_owned(),
        scheduler: url.clone(),
        directory: directory.path().to_owned(),
        started: 0,
        running: Vec::new(),
        peak: 0,
    };
    for _ in 0..settings.executors {
        let executor = executors.start();
        executors.running.push(executor);
    }

    // Large files are cut into parts, so that the rows of a partition are not those of one file.
    let config = SessionConfig::new().with_target_partitions(settings.files);
    let partitions = partitions(&folder, config.clone()).await;
    let context = session(&url, config).unwrap();
    context.register_parquet("files", folder.to_str().unwrap(), ParquetReadOptions::default()).await.unwrap();
    let journals = JournalDirectory::new(directory.path().join("journals"));
    let insert_settings =
        InsertSettings::default().batch_size(settings.batch).reconcile_window(settings.window);
    let options = TableOptions::default()
        .column("n", ColumnType::Integer)
        .column("title", ColumnType::Text)
        .insert_settings(if settings.is_reconciled {
            insert_settings.reconcile_by("n")
        } else {
            insert_settings
        })
        .journals(journals.clone());
    let table = DatasetTable::load(films.clone(), options).await.unwrap();
    context.register_table("films", Arc::new(table)).unwrap();

    let insert = ClusterInsert::new("INSERT INTO films SELECT n, title FROM files", journals).submissions(20);
    let ingested = Instant::now();
    let inserted = {
        let mut statement = std::pin::pin!(insert.run(&context));
        let ended = tokio::select! {
            ended = &mut statement => Some(ended),
            () = kill(&settings, &films, &mut executors) => None,
        };
        assert!(ended.is_none(), "the statement ended before the last kill: {ended:?}");
        statement.await.unwrap_or_else(|error| panic!("{error}"))
    };
    let ingested = ingested.elapsed();
    executors.look();
    let stored = stored(&films, settings.rows).await;
    let twice = check(&settings, &stored, &partitions, &inserted.account);
    println!(
        "{} rows in {} partitions, {} executors of which {} were killed, {}: {}; {twice} rows are stored twice, {} submissions, \
         ingested in {:.1} s of {:.1} s, at most {} MiB in an executor",
        settings.rows,
        partitions.len(),
        executors.started,
        settings.kills,
        if settings.is_reconciled { "reconciled" } else { "at least once" },
        inserted.account,
        inserted.submissions,
        ingested.as_secs_f64(),
        begin.elapsed().as_secs_f64(),
        executors.peak / 1024,
    );
    scheduler.abort();
}

/// Returns the rows of each partition in their order, as the engine reads them in one process.
async fn partitions(folder: &Path, mut config: SessionConfig) -> Vec<Vec<usize>> {
    config.options_mut().execution.enable_file_stream_work_stealing = false;
    let context = SessionContext::new_with_config(config);
    context.register_parquet("files", folder.to_str().unwrap(), ParquetReadOptions::default()).await.unwrap();
    let files = context.sql("SELECT n FROM files").await.unwrap();
    let partitions = files.collect_partitioned().await.unwrap();
    let numbers = |batch: &RecordBatch| -> Vec<usize> {
        let n = batch.column(0).as_any().downcast_ref::<Int64Array>().unwrap();
        n.values().iter().map(|n| *n as usize).collect()
    };
    partitions.iter().map(|batches| batches.iter().flat_map(numbers).collect()).collect()
}

/// Kills executors when the dataset has certain numbers of rows.
async fn kill(settings: &Settings, films: &Dataset, executors: &mut Executors) {
    let mut random = Random(settings.seed);
    // The last partitions need an executor for a while yet, which few rows do only for milliseconds.
    let last = settings.rows * if settings.rows < 100_000 { 6 } else { 9 } / 10;
    let mut moments: Vec<usize> = (0..settings.kills).map(|_| random.below(last)).collect();
    moments.sort_unstable();
    for moment in moments {
        while (films.info().await.unwrap().metadata.row_count as usize) < moment {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        executors.replace(random.below(settings.executors)).await;
    }
}

/// Returns how often each row is stored.
async fn stored(films: &Dataset, rows: usize) -> Vec<usize> {
    let mut found = vec![0; rows];
    for row in films.query().fetch::<BTreeMap<String, serde_json::Value>>().await.unwrap() {
        let n = row["n"].as_u64().unwrap() as usize;
        assert_eq!(row["title"], format!("Film number {n}"));
        found[n] += 1;
    }
    found
}

/// Compares the account with the dataset, and returns the number of rows that are stored twice.
fn check(settings: &Settings, stored: &[usize], partitions: &[Vec<usize>], account: &PlanAccount) -> usize {
    assert_eq!(account.partitions.len(), partitions.len());
    assert_eq!(account.finished(), partitions.len(), "{account}");
    assert_eq!((account.stored(), account.failed()), (settings.rows, 0), "{account}");
    let lost: Vec<usize> = (0..settings.rows).filter(|n| stored[*n] == 0).collect();
    assert!(lost.is_empty(), "{} rows are lost, such as {}", lost.len(), lost[0]);
    let mut may_be_twice = vec![false; settings.rows];
    for (partition, rows) in account.partitions.iter().zip(partitions) {
        for index in partition.possibly_duplicated.iter().cloned().flatten() {
            may_be_twice[rows[index]] = true;
        }
    }
    let unreported: Vec<usize> = (0..settings.rows).filter(|n| stored[*n] > 1 && !may_be_twice[*n]).collect();
    assert!(
        unreported.is_empty(),
        "{} rows are stored twice without a report, such as {}",
        unreported.len(),
        unreported[0]
    );
    stored.iter().map(|times| times - 1).sum()
}
