//! The workloads, written with `datalinks`.

use datalinks::{AskEvent, DataLinks, Dataset, IngestProxy, PipelineEvent};
use datalinks_benchmarks::{
    Arguments, BATCH, BoxError, Workload,
    data::{Progress, Row, map, row},
    measure::{self, Work},
};
use futures::stream;
use serde::{Serialize, de::DeserializeOwned};

fn main() -> Result<(), BoxError> {
    measure::run(prepare)
}

fn prepare(arguments: &Arguments) -> Result<Work, BoxError> {
    let (size, in_flight) = (arguments.size, arguments.in_flight);
    let numbers = 0..size as u64;
    Ok(match arguments.workload {
        Workload::IngestMaps => Box::pin(ingest(dataset(arguments)?, numbers.map(map).collect(), in_flight)),
        Workload::IngestTyped => Box::pin(ingest(dataset(arguments)?, numbers.map(row).collect(), in_flight)),
        Workload::IngestStream => Box::pin(ingest_stream(dataset(arguments)?, numbers, in_flight)),
        Workload::Query => Box::pin(query::<Row>(dataset(arguments)?)),
        Workload::Ask => Box::pin(ask(dataset(arguments)?)),
        Workload::Pipeline => Box::pin(pipeline(proxy(arguments)?)),
        Workload::PipelineTyped => Box::pin(pipeline_typed(proxy(arguments)?)),
        Workload::Calls => Box::pin(calls(client(&arguments.origin)?, size)),
        Workload::Upload => Box::pin(upload(dataset(arguments)?, size, in_flight)),
        Workload::Start => {
            let origin = arguments.origin.clone();
            Box::pin(async move { calls(client(&origin)?, 1).await })
        }
    })
}

fn client(origin: &str) -> Result<DataLinks, BoxError> {
    Ok(DataLinks::builder(format!("{origin}/api/v1"), "key").build()?)
}

fn dataset(arguments: &Arguments) -> Result<Dataset, BoxError> {
    Ok(client(&arguments.origin)?.dataset("cinema", "films")?)
}

fn proxy(arguments: &Arguments) -> Result<IngestProxy, BoxError> {
    Ok(IngestProxy::builder(&arguments.origin, "key").build()?)
}

async fn ingest<T>(films: Dataset, rows: Vec<T>, in_flight: usize) -> Result<usize, BoxError>
where
    T: Serialize + Send + 'static,
{
    let result = films.ingest(rows).batch_size(BATCH).concurrency(in_flight).await?;
    Ok(result.into_result()?.len())
}

async fn ingest_stream(
    films: Dataset,
    numbers: std::ops::Range<u64>,
    in_flight: usize,
) -> Result<usize, BoxError> {
    let rows = stream::iter(numbers.map(row));
    let batches = films.ingest_stream(rows).batch_size(BATCH).concurrency(in_flight).batches()?;
    Ok(batches.finish().await?.counts.stored)
}

async fn query<T: DeserializeOwned>(films: Dataset) -> Result<usize, BoxError> {
    let rows: Vec<T> = films.query().fetch().await?;
    Ok(rows.len())
}

async fn ask(films: Dataset) -> Result<usize, BoxError> {
    let mut stream = films.namespace().ask("Which film is the oldest?").stream().await?;
    let mut steps = 0;
    while let Some(event) = stream.next().await {
        if let AskEvent::Step(step) = event? {
            steps += usize::from(step.index >= 0);
        }
    }
    Ok(steps)
}

async fn pipeline(proxy: IngestProxy) -> Result<usize, BoxError> {
    let mut run = proxy.follow("run", 0)?;
    let mut events = 0;
    while let Some(event) = run.next().await {
        if let PipelineEvent::Other(object) = event? {
            events += usize::from(object.contains_key("n"));
        }
    }
    Ok(events)
}

/// Reads events into structs by way of JSON maps.
async fn pipeline_typed(proxy: IngestProxy) -> Result<usize, BoxError> {
    let mut run = proxy.follow("run", 0)?.typed::<Progress>();
    let mut events = 0;
    while let Some(event) = run.next().await {
        if let PipelineEvent::Other(progress) = event? {
            events += usize::from(progress.n > 0);
        }
    }
    Ok(events)
}

async fn calls(dl: DataLinks, count: usize) -> Result<usize, BoxError> {
    let mut users = 0;
    for _ in 0..count {
        let user = dl.current_user().await?;
        users += usize::from(!user.username.is_empty());
    }
    Ok(users)
}

async fn upload(films: Dataset, size: usize, in_flight: usize) -> Result<usize, BoxError> {
    let file = tempfile::Builder::new().suffix(".csv").tempfile()?;
    file.as_file().set_len((size as u64) << 20)?;
    let uploaded = films.upload(file.path()).concurrency(in_flight).await?;
    Ok(usize::try_from(uploaded.bytes >> 20)?)
}
