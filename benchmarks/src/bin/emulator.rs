//! Throughput of the emulator through the client: `bench-emulator WORKLOAD SIZE`. Each process runs one workload.

use std::{env, path::Path, time::Duration};

use datalinks::{AskEvent, Config, DataLinks, Dataset, field, query::QueryBuilder};
use datalinks_benchmarks::{
    BATCH, BoxError,
    data::{Row, row},
    measure::{Report, Stopwatch},
};
use datalinks_emulator::{Emulator, EmulatorBuilder};
use futures::future::try_join_all;

/// Datasets beside the one that is ingested into.
const OTHER_DATASETS: usize = 1_000;
/// Delay between two events of a stream, so that all streams are open at the same time.
const PAUSE: Duration = Duration::from_millis(20);

fn main() -> Result<(), BoxError> {
    let mut arguments = env::args().skip(1);
    let (Some(workload), Some(size)) = (arguments.next(), arguments.next()) else {
        return Err("expected WORKLOAD SIZE".into());
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run(&workload, size.parse()?))?.print()
}

async fn run(workload: &str, size: usize) -> Result<Report, BoxError> {
    let directory = tempfile::tempdir()?;
    let in_directory = || Emulator::builder().data_dir(directory.path());
    match workload {
        "emulator-ingest" => ingest(&Emulator::start().await?, size).await,
        "emulator-ingest-directory" => ingest(&in_directory().start().await?, size).await,
        "emulator-ingest-sync" => ingest(&in_directory().sync_data().start().await?, size).await,
        "emulator-ingest-beside" => {
            let emulator = in_directory().start().await?;
            for number in 0..OTHER_DATASETS {
                client(&emulator)?.dataset("others", number.to_string())?.create().await?;
            }
            ingest(&emulator, size).await
        }
        "emulator-start" => start(directory.path(), size).await,
        "emulator-query-filter" => {
            let last = size.min(400) as u64;
            let filter = |query: QueryBuilder| query.filter(field("year").eq(1979).and(field("id").lt(last)));
            query(size, usize::try_from(last)?, filter).await
        }
        "emulator-query-sort" => {
            // Half of the rows are sorted by two columns, one of which has many equal values.
            let middle = size as u64 / 2;
            let sort = |query: QueryBuilder| {
                let query = query.filter(field("id").ge(middle));
                query.call("sortDescending(year)").call("sortAscending(score)").call("limit(100)")
            };
            query(size, 100, sort).await
        }
        "emulator-query-text" => {
            let sort = |query: QueryBuilder| query.call("sortDescending(name)").call("limit(100)");
            query(size, 100, sort).await
        }
        "emulator-streams" => streams(size).await,
        _ => Err(format!("unknown workload {workload:?}").into()),
    }
}

fn client(emulator: &Emulator) -> Result<DataLinks, BoxError> {
    let config = Config::from_vars(|name| match name {
        "DL_HOST" => Some(emulator.api_url()),
        "DL_API_KEY" => Some(emulator.api_key().to_owned()),
        _ => None,
    });
    Ok(DataLinks::from_config(&config)?)
}

/// Returns a dataset with rows.
async fn filled(emulator: &Emulator, size: usize) -> Result<Dataset, BoxError> {
    let dataset = client(emulator)?.dataset("bench", "rows")?;
    dataset.create().await?;
    store(&dataset, (0..size as u64).map(row).collect()).await?;
    Ok(dataset)
}

async fn store(dataset: &Dataset, rows: Vec<Row>) -> Result<usize, BoxError> {
    let result = dataset.ingest(rows).batch_size(BATCH).await?;
    Ok(result.into_result()?.len())
}

async fn ingest(emulator: &Emulator, size: usize) -> Result<Report, BoxError> {
    let dataset = client(emulator)?.dataset("bench", "rows")?;
    dataset.create().await?;
    let rows = (0..size as u64).map(row).collect();
    let begin = Stopwatch::start();
    let stored = store(&dataset, rows).await?;
    Ok(begin.stop(stored))
}

/// Starts with a directory that has rows.
async fn start(directory: &Path, size: usize) -> Result<Report, BoxError> {
    let builder = || -> EmulatorBuilder { Emulator::builder().data_dir(directory) };
    let emulator = builder().start().await?;
    filled(&emulator, size).await?;
    emulator.shutdown().await;
    let begin = Stopwatch::start();
    let emulator = builder().start().await?;
    let report = begin.stop(size);
    emulator.shutdown().await;
    Ok(report)
}

/// Queries a dataset of so many rows. `expected` rows are found.
async fn query(
    size: usize,
    expected: usize,
    change: impl FnOnce(QueryBuilder) -> QueryBuilder,
) -> Result<Report, BoxError> {
    let emulator = Emulator::start().await?;
    let dataset = filled(&emulator, size).await?;
    let begin = Stopwatch::start();
    let found: Vec<Row> = change(dataset.query()).fetch().await?;
    let report = begin.stop(size);
    if found.len() == expected {
        return Ok(report);
    }
    Err(format!("{} rows were found instead of {expected}", found.len()).into())
}

/// Asks so many questions at a time.
async fn streams(size: usize) -> Result<Report, BoxError> {
    let emulator = Emulator::builder().ask_event_delay(PAUSE).start().await?;
    let dataset = filled(&emulator, 100).await?;
    let begin = Stopwatch::start();
    let one = |_| async {
        let mut stream = dataset.namespace().ask("row number 7").stream().await?;
        let mut answers = 0;
        while let Some(event) = stream.next().await {
            answers += usize::from(matches!(event?, AskEvent::Answer { .. }));
        }
        Ok::<_, BoxError>(answers)
    };
    let answers = try_join_all((0..size).map(one)).await?;
    Ok(begin.stop(answers.into_iter().sum()))
}
