//! The stream of the outcomes of batches, which pulls rows and keeps batches in flight.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures::{
    Stream, StreamExt,
    future::BoxFuture,
    stream::{FusedStream, FuturesUnordered},
};
use serde::Serialize;

use super::{
    adaptive::Pacer,
    batch::BatchBuilder,
    engine::Engine,
    linger::Linger,
    options::STREAM_LINGER,
    outcome::BatchOutcome,
    progress::IngestProgress,
    source::{LentRows, Rows, Source},
    summary::IngestionSummary,
};
#[cfg(feature = "read")]
use super::{bad_records::BadRecords, journal::Journal};
use crate::{
    error::{Error, ErrorKind},
    platform::clock::Instant,
};

/// A stream of the outcomes of batches, created by [`Ingest::batches`](crate::ingest::Ingest::batches).
///
/// With a concurrency above 1, outcomes are yielded in any order. Rows are pulled from their source as batches are
/// sent. Memory is limited to `concurrency + 1` batches and their requests, where an adaptive
/// [`Concurrency`](crate::ingest::Concurrency) counts as its maximum.
///
/// An error that stops the run ends the requests, but not the stream. The remaining rows of a list are yielded in
/// further outcomes as failed. For a stream of rows, this applies to the rows that were pulled before the stop.
/// Other rows are neither pulled nor reported.
///
/// # Cancel safety
///
/// [`next`](Self::next) is cancel safe. If its future is dropped, no outcome is lost. Dropping the stream stops the
/// run. Batches in flight may be stored, no further batch is sent, and their rows do not reach the dead-letter
/// file.
#[must_use = "nothing is sent until an outcome is awaited"]
pub struct BatchStream<T> {
    engine: Arc<Engine>,
    pacer: Option<Arc<Pacer>>,
    source: Source<T>,
    source_ended: bool,
    batch_builder: BatchBuilder<T>,
    linger: Linger,
    #[cfg(feature = "read")]
    bad_records: BadRecords,
    #[cfg(feature = "read")]
    ending: Ending,
    in_flight: FuturesUnordered<BoxFuture<'static, BatchOutcome<T>>>,
    total: Option<usize>,
    start: Instant,
    summary: IngestionSummary,
    /// Waits for the usage of the last requests, after the last batch.
    settling: Option<BoxFuture<'static, ()>>,
    /// Set after the last outcome.
    ended: bool,
}

/// The last write of a run, which marks entries of bad records that the source no longer contains.
#[cfg(feature = "read")]
enum Ending {
    /// The source has not reported its end, and may contain more bad records.
    Unread {
        known: usize,
    },
    /// The source was read to its end.
    Read {
        known: usize,
    },
    Writing(BoxFuture<'static, ()>),
    Done,
}

impl<T: Serialize + Send + 'static> BatchStream<T> {
    pub(super) fn new(engine: Engine, rows: Rows<T>) -> Self {
        let (source, total) = match rows {
            Rows::All(rows) => {
                let total = rows.len();
                (Source::List(rows.into_iter()), Some(total))
            }
            Rows::Stream(source) => (Source::Stream(source), None),
        };
        Self::of_source(Arc::new(engine), source, total)
    }

    /// Creates a run. `total` is the number of rows of a list.
    fn of_source(engine: Arc<Engine>, source: Source<T>, total: Option<usize>) -> Self {
        let options = engine.options();
        let mut batch_builder = BatchBuilder::new(options.batch_size, options.max_batch_bytes);
        batch_builder.end_at(engine.batch_end(0));
        // A list never waits for a row.
        let linger = if total.is_some() { None } else { Some(options.linger.unwrap_or(STREAM_LINGER)) };
        #[cfg(feature = "read")]
        let known = engine.journal().map_or(0, Journal::known_rows);
        #[cfg(feature = "read")]
        let bad_records = BadRecords::new(options.bad_records, known);
        Self {
            pacer: engine.deliver().pacer(),
            engine,
            source,
            source_ended: false,
            batch_builder,
            linger: Linger::new(linger),
            #[cfg(feature = "read")]
            bad_records,
            #[cfg(feature = "read")]
            ending: Ending::Unread { known },
            in_flight: FuturesUnordered::new(),
            total,
            start: Instant::now(),
            summary: IngestionSummary::default(),
            settling: None,
            ended: false,
        }
    }

    /// Takes the rows of a list, and returns them beside a run that takes the place of this one. Its outcomes contain
    /// `()` for each row. Returns `None` if the rows are a stream.
    ///
    /// Must be called before the stream is polled.
    pub(super) fn lend_rows(&mut self) -> Option<(LentRows<T>, BatchStream<()>)> {
        let Source::List(rows) = &mut self.source else { return None };
        let rows = LentRows::new(std::mem::take(rows).collect());
        let mut outcomes = BatchStream::of_source(Arc::clone(&self.engine), rows.source(), self.total);
        outcomes.start = self.start;
        Some((rows, outcomes))
    }

    /// Stops the run, so that no further request is sent.
    ///
    /// Requests in flight are completed, and none of them is sent again. Batches that wait for the service, such as after a 429,
    /// with an adaptive [`Concurrency`](crate::ingest::Concurrency) or for a [`Budget`](crate::ingest::Budget), are not sent. Their
    /// rows, and all others that were pulled, are yielded as failed with an error of kind
    /// [`Interrupted`](crate::ErrorKind::Interrupted) that is not ambiguous. With a journal, a later run sends them. Does nothing
    /// if the run has stopped.
    ///
    /// # Examples
    ///
    /// ```
    /// # use datalinks_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start().await?;
    /// # let dl = datalinks::DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;
    /// let numbers = dl.dataset("numbers", "stopped")?;
    /// numbers.create().await?;
    /// let rows = futures::stream::iter((0..).map(|n| serde_json::json!({ "n": n })));
    /// let mut outcomes = numbers.ingest_stream(rows).batch_size(100).batches()?;
    /// let first = outcomes.next().await.expect("a batch is stored");
    /// assert_eq!(first.successful.len(), 100);
    /// outcomes.stop();
    /// let summary = outcomes.finish().await?;
    /// assert!(summary.stopped.is_some());
    /// # Ok(())
    /// # }
    /// ```
    pub fn stop(&self) {
        let error = Error::new(ErrorKind::Interrupted, "the run was stopped by its caller");
        let error = error
            .with_ambiguous(false)
            .advice("ingest the failed rows to continue, or run it again with its journal");
        self.engine.stop(error);
    }

    /// Returns the outcome of the next decided batch, or `None` after the last one.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe. If the future is dropped before it completes, no outcome is lost.
    pub async fn next(&mut self) -> Option<BatchOutcome<T>> {
        StreamExt::next(self).await
    }

    /// Returns the counts and first errors of all outcomes so far.
    pub fn summary(&self) -> IngestionSummary {
        let mut summary = IngestionSummary {
            elapsed: self.start.elapsed(),
            stopped: self.engine.stopped(),
            dead_letter_error: self.engine.dead_letter_error(),
            budget: self.engine.budget_report(),
            ..self.summary.clone()
        };
        if self.is_decided() {
            summary.annotate_source_error();
        }
        summary
    }

    /// Returns the engine of the run.
    pub(super) fn engine(&self) -> Arc<Engine> {
        Arc::clone(&self.engine)
    }

    /// Returns `true` if the outcome of every row is counted.
    fn is_decided(&self) -> bool {
        self.source_ended && self.batch_builder.is_empty() && self.in_flight.is_empty()
    }

    /// Sends all rows and returns the summary.
    ///
    /// Failed rows are counted and discarded. Set [`Ingest::dead_letters`](crate::ingest::Ingest::dead_letters) to
    /// keep them in a file, or take the outcomes from the stream instead. A run that stops also returns a summary,
    /// which [`IngestionSummary::into_result`] turns into an error.
    ///
    /// # Errors
    ///
    /// Returns an error in these cases only, in which the service has stored no row of the run:
    ///
    /// - The source failed before its first row.
    /// - The first rows differ from those of the journal, and no request was sent.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe. If the future is dropped, the run stops. Batches in flight may be stored,
    /// and the summary is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use datalinks_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start().await?;
    /// # let dl = datalinks::DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;
    /// let numbers = dl.dataset("numbers", "all")?;
    /// numbers.create().await?;
    /// let rows = futures::stream::iter((0..2_500).map(|n| serde_json::json!({ "n": n })));
    /// let summary = numbers.ingest_stream(rows).batches()?.finish().await?.into_result()?;
    /// assert_eq!((summary.counts.stored, summary.counts.requests), (2_500, 3));
    /// assert_eq!(summary.to_string(), "2500 rows stored, 0 failed");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn finish(mut self) -> Result<IngestionSummary, Error> {
        while self.next().await.is_some() {}
        self.into_summary()
    }

    /// Returns the summary, or an error if the run has decided no rows.
    pub(super) fn into_summary(self) -> Result<IngestionSummary, Error> {
        let summary = self.summary();
        match (&summary.source_error, self.engine.rejected_journal()) {
            // A source that fails early yields fewer rows than the journal records, and no other rows.
            (Some(error), Some(_)) => Err(error.clone()),
            (None, Some(error)) => Err(error),
            (Some(error), None) if summary.counts.batches == 0 && summary.counts.bad_records == 0 => {
                Err(error.clone())
            }
            _ => Ok(summary),
        }
    }

    /// Pulls rows and starts batches until no more progress is possible without waiting.
    fn fill(&mut self, cx: &mut Context<'_>) {
        while self.in_flight.len() < self.max_in_flight() {
            self.prepare(cx);
            #[cfg(feature = "read")]
            self.release_bad_records(cx);
            #[cfg(feature = "read")]
            if let Some((first, records)) = self.bad_records.next() {
                let (engine, index) = (Arc::clone(&self.engine), self.batch_builder.next());
                self.in_flight
                    .push(Box::pin(async move { engine.write_bad_records(index, first, records).await }));
                continue;
            }
            if !self.is_due(cx) {
                return;
            }
            let Some(batch) = self.batch_builder.take() else { return };
            self.batch_builder.end_at(self.engine.batch_end(self.batch_builder.first()));
            self.linger.reset();
            if !self.batch_builder.is_empty() {
                self.linger.row_came();
            }
            let engine = Arc::clone(&self.engine);
            self.in_flight.push(Box::pin(async move { engine.deliver_batch(batch).await }));
        }
    }

    /// Returns the present limit on batches in flight.
    fn max_in_flight(&self) -> usize {
        self.pacer.as_ref().map_or(self.engine.options().concurrency.max(), |pacer| pacer.max_in_flight())
    }

    /// Sets the present limits of the batch that is being built. A batch of an earlier run keeps its boundaries.
    fn limit_batch(&mut self) {
        if let Some(pacer) = &self.pacer {
            let options = self.engine.options();
            let (rows, bytes) = match self.batch_builder.end() {
                None => pacer.batch_limits(),
                Some(_) => (options.batch_size, options.max_batch_bytes),
            };
            self.batch_builder.limit_to(rows, bytes);
        }
    }

    /// Releases bad records whose batch is not compared with the journal, or discards them if the run is rejected.
    #[cfg(feature = "read")]
    fn release_bad_records(&mut self, cx: &mut Context<'_>) {
        if !self.in_flight.is_empty() {
            // The journal may still accept the batch around these records.
            return;
        }
        if self.source_ended && self.batch_builder.is_empty() {
            match self.engine.rejected_journal() {
                None => self.bad_records.release(),
                Some(_) => self.bad_records.discard(),
            }
        } else if self.bad_records.is_full() && !self.is_due(cx) {
            // All of these records lie in one batch, which cannot be completed before they are written.
            self.bad_records.release();
        }
    }

    /// Marks entries of bad records after the last batch.
    #[cfg(feature = "read")]
    fn poll_ending(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Ending::Read { known } = self.ending {
            let engine = Arc::clone(&self.engine);
            // A source with fewer rows than before may also have fewer bad records for that reason.
            let whole = engine.options().bad_records && self.batch_builder.next() >= known;
            self.ending = if whole && engine.stopped().is_none() {
                Ending::Writing(Box::pin(async move { engine.no_more_bad_records().await }))
            } else {
                Ending::Done
            };
        }
        if let Ending::Writing(writing) = &mut self.ending {
            std::task::ready!(writing.as_mut().poll(cx));
            self.ending = Ending::Done;
        }
        Poll::Ready(())
    }

    /// Waits until the usage of all requests is reported, if the run has a budget.
    fn poll_settling(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(spender) = self.engine.deliver().spender().filter(|_| !self.ended) else {
            return Poll::Ready(());
        };
        self.settling.get_or_insert_with(|| Box::pin(spender.await_usage())).as_mut().poll(cx)
    }

    /// Pulls rows until a batch is full or the source is pending.
    fn prepare(&mut self, cx: &mut Context<'_>) {
        self.limit_batch();
        while !self.batch_builder.is_full() && !self.source_ended {
            #[cfg(feature = "read")]
            if self.bad_records.is_full() {
                return;
            }
            if self.total.is_none() && self.engine.stopped().is_some() {
                // A stream may never end. The rows of a list are known and must all be reported.
                self.source_ended = true;
                return;
            }
            match self.source.poll_push(cx, &mut self.batch_builder) {
                Poll::Ready(Some(Ok(()))) => self.linger.row_came(),
                Poll::Ready(Some(Err(error))) => {
                    #[cfg(feature = "read")]
                    let Some(error) = self.bad_records.take(error, self.batch_builder.next()) else {
                        continue;
                    };
                    self.summary.source_error = Some(error);
                    self.source_ended = true;
                }
                Poll::Ready(None) => {
                    self.source_ended = true;
                    #[cfg(feature = "read")]
                    if let Ending::Unread { known } = self.ending {
                        self.ending = Ending::Read { known };
                    }
                }
                Poll::Pending => return,
            }
        }
    }

    /// Returns `true` if the batch is to be sent now. A batch of an earlier run keeps its boundaries.
    fn is_due(&mut self, cx: &mut Context<'_>) -> bool {
        self.batch_builder.is_full()
            || self.source_ended
            || (self.batch_builder.end().is_none() && self.linger.is_over(cx))
    }

    fn count(&mut self, outcome: &BatchOutcome<T>) {
        self.summary.add(outcome);
        #[cfg(feature = "read")]
        if !outcome.bad_records.is_empty() {
            self.bad_records.written();
        } else if !self.engine.met_other_rows() {
            self.bad_records.accept(outcome.rows.clone());
        }
        if let Some(progress) = &self.engine.options().progress {
            let Self { summary, total, start, pacer, .. } = self;
            progress(&IngestProgress {
                total: *total,
                setting: pacer.as_ref().map(|pacer| pacer.setting()),
                ..IngestProgress::new(summary.counts, start.elapsed())
            });
        }
    }
}

impl<T: Serialize + Send + 'static> Stream for BatchStream<T> {
    type Item = BatchOutcome<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let stream = &mut *self;
        let outcome = loop {
            stream.fill(cx);
            if stream.in_flight.is_empty() && !stream.source_ended {
                return Poll::Pending;
            }
            if let Poll::Ready(outcome) = stream.in_flight.poll_next_unpin(cx) {
                break outcome;
            }
            // An attempt that ended may have raised the limit, although its batch is still in flight.
            let in_flight = stream.in_flight.len();
            stream.fill(cx);
            if stream.in_flight.len() == in_flight {
                // The next batch is encoded while these requests are in flight.
                stream.prepare(cx);
                return Poll::Pending;
            }
        };
        match &outcome {
            Some(outcome) => stream.count(outcome),
            None => {
                #[cfg(feature = "read")]
                std::task::ready!(stream.poll_ending(cx));
                std::task::ready!(stream.poll_settling(cx));
                stream.ended = true;
            }
        }
        Poll::Ready(outcome)
    }
}

impl<T: Serialize + Send + 'static> FusedStream for BatchStream<T> {
    /// Returns `true` after the last item.
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

// The futures and the source are boxed, so no field depends on the address of the stream.
impl<T> Unpin for BatchStream<T> {}

impl<T> fmt::Debug for BatchStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchStream").field("summary", &self.summary).finish_non_exhaustive()
    }
}
