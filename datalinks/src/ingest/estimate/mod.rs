//! The cost of an ingestion, measured by previews of a sample before anything is sent for storage.

mod measure;
mod result;
mod statistics;

use std::{future::IntoFuture, time::Duration};

use bytes::Bytes;
use futures::{StreamExt as _, future::BoxFuture, stream};
use serde::Serialize;
use serde_json::{Map, Value};

use self::{
    measure::{Trial, measure},
    result::Plan,
    statistics::MOST_SAMPLES,
};
use super::{batch::BatchBuilder, preview, source::Rows};
use crate::{
    client::DataLinks,
    error::Error,
    json::EncodedRows,
    platform::random,
    spending::{AccountUsage, Spent, UsageReading},
};

pub use result::{CostRange, Estimate, MeasuredCost, Measurement, NotMeasurable, SampledFrom};

/// Default time to wait for the usage of a preview or of a request.
pub(crate) const USAGE_DELAY: Duration = Duration::from_secs(30);

/// Seed of the choice of sampled rows, so that it is the same in each run.
const SEED: u64 = 0x5eed;

/// A builder for an estimate, created by [`Ingest::estimate`](super::Ingest::estimate). Await it for an [`Estimate`].
#[must_use = "nothing is measured until it is awaited"]
pub struct EstimateCost<T> {
    pub(super) client: DataLinks,
    pub(super) rows: Rows<T>,
    pub(super) fields: Result<Map<String, Value>, Error>,
    pub(super) has_steps: bool,
    pub(super) batch_limits: (usize, usize),
    pub(super) sampled_rows: usize,
    pub(super) usage_delay: Duration,
    pub(super) read_all: bool,
}

impl<T> std::fmt::Debug for EstimateCost<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EstimateCost")
            .field("rows", &self.rows)
            .field("sampled_rows", &self.sampled_rows)
            .finish_non_exhaustive()
    }
}

impl<T: Serialize + Send + 'static> EstimateCost<T> {
    /// Reads a stream to its end, so that the number of rows and batches is known and all rows can be in the sample.
    ///
    /// Only the sampled rows are kept in memory. A list is always read to its end. By default, the first rows of a stream are
    /// the sample.
    pub fn read_all(mut self) -> Self {
        self.read_all = true;
        self
    }

    /// Sets how long to wait for the usage of a preview. The service does not document how late usage is reported. Defaults
    /// to 30 seconds.
    pub fn usage_delay(mut self, delay: Duration) -> Self {
        self.usage_delay = delay;
        self
    }

    async fn send(self) -> Result<Estimate, Error> {
        let fields = self.fields?;
        if self.sampled_rows == 0 {
            return Err(Error::invalid("an estimate needs a sample of at least 1 row"));
        }
        let is_list = matches!(self.rows, Rows::All(_));
        let read_all = is_list || self.read_all;
        let rows = match self.rows {
            Rows::All(rows) => stream::iter(rows.into_iter().map(Ok)).boxed(),
            Rows::Stream(rows) => rows,
        };
        let (sample, plan) = sampled(rows, self.sampled_rows, read_all, self.batch_limits).await?;
        if sample.is_empty() {
            return Ok(Estimate::not_measurable(plan, NotMeasurable::NoRows));
        }
        if !self.has_steps {
            return Ok(Estimate::not_measurable(plan, NotMeasurable::NoSteps));
        }
        let bodies = Bodies::new(&sample, &fields)?;
        drop(sample);
        let previews = Previews {
            usage: AccountUsage::new(self.client.clone()),
            client: self.client,
            fields,
            bodies: bodies.bodies,
        };
        let measured = measure(&previews, previews.bodies.len(), self.usage_delay).await?;
        Ok(match measured.ended {
            Some(reason) => Estimate {
                sampled_rows: bodies.rows.iter().sum(),
                previews: measured.previews,
                reported: measured.reported,
                ..Estimate::not_measurable(plan, reason)
            },
            None => Estimate::of_samples(plan, &bodies.rows, &measured.spent, bodies.bytes),
        })
    }
}

impl<T: Serialize + Send + 'static> IntoFuture for EstimateCost<T> {
    type Output = Result<Estimate, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// Takes `most` rows that can be sent. With `read_all`, from all rows at random, else the first ones.
async fn sampled<T: Serialize>(
    mut rows: stream::BoxStream<'static, Result<T, Error>>,
    most: usize,
    read_all: bool,
    (max_rows, max_bytes): (usize, usize),
) -> Result<(Vec<T>, Plan), Error> {
    let mut rng = random::Rng::with_seed(SEED);
    let mut batches = BatchBuilder::<()>::new(max_rows, max_bytes);
    let (mut sample, mut seen, mut count, mut full) = (Vec::new(), 0_usize, 0_usize, 0_usize);
    while read_all || sample.len() < most {
        let Some(row) = rows.next().await else { break };
        let row = row?;
        count += 1;
        batches.push_borrowed(&row, ());
        // A row that did not fit can fill the next batch alone.
        while batches.is_full() && batches.take().is_some() {
            full += 1;
        }
        // Every row has the same chance to be in the sample.
        let place = if sample.len() < most { sample.len() } else { rng.usize(0..=seen) };
        seen += 1;
        if place < most && EncodedRows::new([&row]).is_ok() {
            match sample.get_mut(place) {
                Some(sampled) => *sampled = row,
                None => sample.push(row),
            }
        }
    }
    while batches.take().is_some() {
        full += 1;
    }
    // The parts of the sample are compared with each other, so none may have the order of the input.
    rng.shuffle(&mut sample);
    let known = |number| read_all.then_some(number);
    let sampled_from = if read_all { SampledFrom::AllRows } else { SampledFrom::FirstRows };
    Ok((sample, Plan { rows: known(count), batches: known(full), sampled_from }))
}

/// The bodies of previews of disjoint parts of a sample.
struct Bodies {
    bodies: Vec<Bytes>,
    /// Number of rows of each body.
    rows: Vec<usize>,
    /// Number of bytes of all rows.
    bytes: u64,
}

impl Bodies {
    fn new<T: Serialize>(sample: &[T], fields: &Map<String, Value>) -> Result<Self, Error> {
        let parts = MOST_SAMPLES.min(sample.len());
        let mut bodies =
            Self { bodies: Vec::with_capacity(parts), rows: Vec::with_capacity(parts), bytes: 0 };
        for part in 0..parts {
            let (start, end) = (part * sample.len() / parts, (part + 1) * sample.len() / parts);
            let encoded = EncodedRows::new(&sample[start..end])?;
            let body = encoded.inside(fields, "data")?;
            bodies.rows.push(end - start);
            bodies.bytes += body.len() as u64;
            bodies.bodies.push(body);
        }
        Ok(bodies)
    }
}

/// Previews by the service.
struct Previews {
    usage: AccountUsage,
    client: DataLinks,
    fields: Map<String, Value>,
    bodies: Vec<Bytes>,
}

impl Trial for Previews {
    fn preview(&self, sample: usize) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            let Some(body) = self.bodies.get(sample) else { return Ok(()) };
            preview::preview::<datalinks_gen::Row>(&self.client, &self.fields, body.clone()).await.map(drop)
        })
    }
}

impl UsageReading for Previews {
    fn total(&self) -> BoxFuture<'_, Result<Spent, Error>> {
        self.usage.total()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    async fn sample(rows: usize, most: usize, read_all: bool) -> (Vec<u64>, Plan) {
        let rows = stream::iter((0..rows).map(|n| Ok(json!({ "n": n })))).boxed();
        let (sample, plan) = sampled(rows, most, read_all, (10, 1_000_000)).await.unwrap();
        (sample.iter().map(|row| row["n"].as_u64().unwrap()).collect(), plan)
    }

    #[tokio::test]
    async fn sample_is_taken_from_all_rows_with_equal_chances() {
        let (sample_of_all, plan) = sample(1_005, 100, true).await;
        assert_eq!((plan.rows, plan.batches, sample_of_all.len()), (Some(1_005), Some(101), 100));
        let distinct: std::collections::BTreeSet<_> = sample_of_all.iter().collect();
        assert_eq!(distinct.len(), 100);
        let late = sample_of_all.iter().filter(|n| **n >= 502).count();
        assert!((30..70).contains(&late), "{late}");
        assert_eq!(sample(1_005, 100, true).await.0, sample_of_all, "the same in each run");
        let (mut first, plan) = sample(1_005, 100, false).await;
        first.sort_unstable();
        assert_eq!((first, plan.rows), ((0..100).collect(), None));
        assert_eq!(sample(7, 100, false).await.0.len(), 7);
    }

    #[tokio::test]
    async fn batches_are_those_of_a_run() {
        let rows: Vec<_> = [1, 50, 1, 1, 90, 90, 1].map(|size| json!({ "n": "x".repeat(size) })).into();
        let client = DataLinks::builder("http://127.0.0.1:9/api/v1", "k").build().unwrap();
        let dataset = client.dataset("n", "d").unwrap();
        for (batch_size, max_bytes) in [(0, 70), (2, 70), (3, 1_000), (1, 1), (0, 1)] {
            let run = dataset.ingest(rows.clone()).batch_size(batch_size).max_batch_bytes(max_bytes);
            let expected = run.dry_run().unwrap().finish().await.unwrap().counts.batches;
            let rows = stream::iter(rows.clone().into_iter().map(Ok)).boxed();
            let (_, plan) = sampled(rows, 2, true, (batch_size, max_bytes)).await.unwrap();
            assert_eq!(plan.batches, Some(expected), "{batch_size} {max_bytes}");
        }
        let invalid = dataset.ingest(rows).max_batch_bytes(0).estimate(5).await.unwrap_err();
        assert!(invalid.message().contains("max_batch_bytes is 0"), "{invalid}");
    }

    #[tokio::test]
    async fn rows_that_cannot_be_sent_are_not_sampled() {
        let rows = stream::iter([json!([1]), json!({ "n": 1 }), json!(2)].map(Ok)).boxed();
        let (sample, plan) = sampled(rows, 5, true, (10, 1_000)).await.unwrap();
        assert_eq!((sample, plan.rows), (vec![json!({ "n": 1 })], Some(3)));
    }

    #[test]
    fn parts_of_a_sample_are_disjoint_and_whole() {
        for (rows, expected) in [(1, 1), (3, 3), (25, 10), (100, 10)] {
            let sample: Vec<_> = (0..rows).map(|n| json!({ "n": n })).collect();
            let bodies = Bodies::new(&sample, &Map::new()).unwrap();
            assert_eq!((bodies.rows.len(), bodies.rows.iter().sum::<usize>()), (expected, rows));
        }
    }
}
