//! Batches in flight, and their outcomes as a stream.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures::{
    Stream, StreamExt,
    future::BoxFuture,
    stream::{BoxStream, FuturesUnordered},
};
use serde::Serialize;
use tokio::time::Instant;

use super::{BatchOutcome, IngestionSummary, Progress, batch::Cutter, engine::Engine};
use crate::Error;

/// The outcomes of batches, as they come: in any order when several are in flight. Rows are pulled from their
/// source as batches are sent, so that memory is bounded by what is in flight: `concurrency + 1` batches and
/// their requests.
///
/// [`next`](Self::next) may be dropped at any point without losing an outcome. Dropping the stream stops:
/// batches in flight may be stored, and no further one is sent.
#[must_use = "nothing is sent until an outcome is awaited"]
pub struct Outcomes<T> {
    engine: Arc<Engine>,
    source: BoxStream<'static, Result<T, Error>>,
    source_ended: bool,
    cutter: Cutter<T>,
    in_flight: FuturesUnordered<BoxFuture<'static, BatchOutcome<T>>>,
    total: Option<usize>,
    start: Instant,
    summary: IngestionSummary,
}

impl<T: Serialize + Send + 'static> Outcomes<T> {
    pub(super) fn new(
        engine: Engine,
        source: BoxStream<'static, Result<T, Error>>,
        total: Option<usize>,
    ) -> Self {
        let options = engine.options();
        let cutter = Cutter::new(options.batch_size, options.max_batch_bytes);
        Self {
            engine: Arc::new(engine),
            source,
            source_ended: false,
            cutter,
            in_flight: FuturesUnordered::new(),
            total,
            start: Instant::now(),
            summary: IngestionSummary::default(),
        }
    }

    /// The outcome of the next batch that is decided; nothing after the last.
    pub async fn next(&mut self) -> Option<BatchOutcome<T>> {
        StreamExt::next(self).await
    }

    /// What became of all rows so far.
    pub fn summary(&self) -> IngestionSummary {
        IngestionSummary {
            elapsed: self.start.elapsed(),
            stopped: self.engine.stopped(),
            ..self.summary.clone()
        }
    }

    /// Sends everything, and answers what became of it all. Rows that failed are counted and not kept: give a
    /// file for them ([`Ingest::dead_letters`](crate::Ingest::dead_letters)), or take the outcomes one by one.
    ///
    /// # Errors
    ///
    /// When the source of the rows fails, with what was done until then lost; take the outcomes one by one to
    /// keep it.
    pub async fn finish(mut self) -> Result<IngestionSummary, Error> {
        while self.next().await.is_some() {}
        let summary = self.summary();
        match &summary.source_error {
            Some(error) => Err(error.clone()),
            None => Ok(summary),
        }
    }

    /// Rows that were not sent because the run stopped.
    pub(super) fn rest(self) -> impl Stream<Item = Result<T, Error>> {
        let Self { source, mut cutter, .. } = self;
        // A row that did not fit makes a batch of its own.
        let waiting: Vec<T> = std::iter::from_fn(|| cutter.take()).flat_map(|batch| batch.rows).collect();
        futures::stream::iter(waiting).map(Ok).chain(source)
    }

    /// Pulls rows and sends batches, as far as that goes without waiting.
    fn fill(&mut self, cx: &mut Context<'_>) {
        while self.in_flight.len() < self.engine.options().concurrency && self.engine.takes_batches() {
            self.prepare(cx);
            if !self.cutter.is_full() && !self.source_ended {
                return;
            }
            let Some(batch) = self.cutter.take() else { return };
            let engine = Arc::clone(&self.engine);
            self.in_flight.push(Box::pin(async move { engine.settle(batch).await }));
        }
    }

    /// Pulls rows until a batch is full, as far as that goes without waiting.
    fn prepare(&mut self, cx: &mut Context<'_>) {
        while !self.cutter.is_full() && !self.source_ended && self.engine.takes_batches() {
            match self.source.poll_next_unpin(cx) {
                Poll::Ready(Some(Ok(row))) => self.cutter.push(row),
                Poll::Ready(Some(Err(error))) => {
                    self.summary.source_error = Some(error);
                    self.source_ended = true;
                }
                Poll::Ready(None) => self.source_ended = true,
                Poll::Pending => return,
            }
        }
    }

    fn count(&mut self, outcome: &BatchOutcome<T>) {
        self.summary.add(outcome);
        if let Some(progress) = &self.engine.options().progress {
            let Self { summary, total, start, .. } = self;
            progress(&Progress {
                total: *total,
                stored: summary.stored,
                failed: summary.failed,
                batches: summary.batches,
                requests: summary.requests,
                retries: summary.retries,
                bytes: summary.bytes,
                elapsed: start.elapsed(),
            });
        }
    }
}

impl<T: Serialize + Send + 'static> Stream for Outcomes<T> {
    type Item = BatchOutcome<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let outcomes = &mut *self;
        outcomes.fill(cx);
        if outcomes.in_flight.is_empty() && !outcomes.source_ended && outcomes.engine.takes_batches() {
            // The source is waited for.
            return Poll::Pending;
        }
        let Poll::Ready(outcome) = outcomes.in_flight.poll_next_unpin(cx) else {
            // The next batch is encoded while these are on their way.
            outcomes.prepare(cx);
            return Poll::Pending;
        };
        if let Some(outcome) = &outcome {
            outcomes.count(outcome);
        }
        Poll::Ready(outcome)
    }
}

// Nothing in it is pinned by its own address: the futures and the source are boxed.
impl<T> Unpin for Outcomes<T> {}

impl<T> fmt::Debug for Outcomes<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcomes").field("summary", &self.summary).finish_non_exhaustive()
    }
}
