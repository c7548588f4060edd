//! A cluster in one process, and files of numbers.

#![allow(dead_code, reason = "each test binary uses a part")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{fs::File, path::Path, sync::Arc};

use datafusion::{
    arrow::{
        array::{ArrayRef, Int64Array, RecordBatch, StringArray},
        util::display::{ArrayFormatter, FormatOptions},
    },
    parquet::{arrow::ArrowWriter, file::properties::WriterProperties},
    prelude::{SessionConfig, SessionContext},
};
use datalinks::{DataLinks, Dataset};
use datalinks_ballista::{Executor, Hosts, Scheduler, session};
use datalinks_emulator::Emulator;
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};

/// An emulator and the processes of a cluster, as tasks of one process.
pub(crate) struct Cluster {
    pub(crate) emulator: Emulator,
    pub(crate) client: DataLinks,
    pub(crate) url: String,
    pub(crate) directory: TempDir,
    scheduler: JoinHandle<()>,
    executors: Vec<JoinHandle<()>>,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.scheduler.abort();
        self.executors.iter().for_each(JoinHandle::abort);
    }
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

impl Cluster {
    /// Starts a cluster without executors.
    pub(crate) async fn start() -> Self {
        let emulator = Emulator::start().await.unwrap();
        let client = DataLinks::builder(emulator.api_url(), emulator.api_key()).build().unwrap();
        let without_key = DataLinks::builder(emulator.api_url(), "").without_key().build().unwrap();
        let scheduler = Scheduler::new(listener().await, Hosts::new([without_key])).unwrap();
        let url = scheduler.url().to_owned();
        let scheduler = tokio::spawn(async { scheduler.serve().await.unwrap() });
        let directory = tempfile::tempdir().unwrap();
        Self { emulator, client, url, directory, scheduler, executors: Vec::new() }
    }

    pub(crate) async fn with_executors(executors: usize) -> Self {
        let mut cluster = Self::start().await;
        for _ in 0..executors {
            cluster.executor(Hosts::new([cluster.client.clone()])).await;
        }
        cluster
    }

    /// Adds an executor.
    pub(crate) async fn executor(&mut self, hosts: Hosts) {
        let directory = self.directory.path().join(format!("executor-{}", self.executors.len()));
        std::fs::create_dir(&directory).unwrap();
        let executor = Executor::new(listener().await, &self.url, hosts, directory).unwrap();
        self.executors.push(tokio::spawn(async {
            executor.serve(std::future::pending()).await.unwrap();
        }));
    }

    pub(crate) fn session(&self, partitions: usize) -> SessionContext {
        session(&self.url, SessionConfig::new().with_target_partitions(partitions)).unwrap()
    }

    pub(crate) async fn dataset(&self, name: &str) -> Dataset {
        let dataset = self.client.dataset("cinema", name).unwrap();
        dataset.create().await.unwrap();
        dataset
    }
}

/// Writes a file with the rows from `first` on: `n`, and `name`, which is the number as text.
pub(crate) fn write_numbers(path: &Path, first: i64, rows: i64) {
    let numbers = first..first + rows;
    let n: ArrayRef = Arc::new(Int64Array::from_iter_values(numbers.clone()));
    let name: ArrayRef = Arc::new(StringArray::from_iter_values(numbers.map(|n| format!("film {n}"))));
    let batch = RecordBatch::try_from_iter([("n", n), ("name", name)]).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(7)).build();
    let mut writer =
        ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// Returns the rows of a statement as text. A statement without an order has its rows sorted.
pub(crate) async fn rows(context: &SessionContext, sql: &str) -> Vec<String> {
    let frame = context.sql(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let batches = frame.collect().await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let options = FormatOptions::default().with_null("NULL");
    let mut rows = Vec::new();
    for batch in &batches {
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column.as_ref(), &options).unwrap())
            .collect();
        for row in 0..batch.num_rows() {
            let cells: Vec<String> = columns.iter().map(|column| column.value(row).to_string()).collect();
            rows.push(cells.join(" | "));
        }
    }
    if !sql.contains("ORDER BY") {
        rows.sort();
    }
    rows
}
