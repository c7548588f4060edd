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
    stream::{BoxStream, FusedStream, FuturesUnordered},
};
use serde::Serialize;
use tokio::time::Instant;

#[cfg(feature = "read")]
use super::{bad_records::BadRecords, journal::Journal};
use super::{
    batch::Cutter, engine::Engine, linger::Linger, options::STREAM_LINGER, outcome::BatchOutcome,
    progress::IngestProgress, source::Rows, summary::IngestionSummary,
};
use crate::error::Error;

/// The outcomes of batches, as they come: in any order when several are in flight. Rows are pulled from their
/// source as batches are sent, so that memory is bounded by what is in flight: `concurrency + 1` batches and
/// their requests.
///
/// An error that stops the run ends the requests, not the account. The remaining rows of a list come in further
/// outcomes, as failed. Of a stream, the rows that were pulled by then do; the rest is neither pulled nor reported.
///
/// # Cancel safety
///
/// [`next`](Self::next) may be dropped at any point without losing an outcome. Dropping the stream stops the run: batches
/// in flight may be stored, no further one is sent, and their rows do not reach the dead-letter file.
#[must_use = "nothing is sent until an outcome is awaited"]
pub struct BatchStream<T> {
    engine: Arc<Engine>,
    source: BoxStream<'static, Result<T, Error>>,
    source_ended: bool,
    cutter: Cutter<T>,
    linger: Linger,
    #[cfg(feature = "read")]
    bad_records: BadRecords,
    #[cfg(feature = "read")]
    ending: Ending,
    in_flight: FuturesUnordered<BoxFuture<'static, BatchOutcome<T>>>,
    total: Option<usize>,
    start: Instant,
    summary: IngestionSummary,
    /// There is no further outcome.
    ended: bool,
}

/// The last write of a run, to the letters of bad records that did not come again.
#[cfg(feature = "read")]
enum Ending {
    /// It is not known yet that the source has nothing more. Otherwise, it may have more of these records.
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
        let options = engine.options();
        let mut cutter = Cutter::new(options.batch_size, options.max_batch_bytes);
        cutter.end_at(engine.cut(0));
        let linger = options.linger;
        #[cfg(feature = "read")]
        let known = engine.journal().map_or(0, Journal::known_rows);
        #[cfg(feature = "read")]
        let bad_records = BadRecords::new(options.bad_records, known);
        let (source, total, linger) = match rows {
            // It never waits for a row.
            Rows::All(rows) => {
                let total = rows.len();
                (futures::stream::iter(rows).map(Ok).boxed(), Some(total), None)
            }
            Rows::Stream(source) => (source, None, Some(linger.unwrap_or(STREAM_LINGER))),
        };
        Self {
            engine: Arc::new(engine),
            source,
            source_ended: false,
            cutter,
            linger: Linger::new(linger),
            #[cfg(feature = "read")]
            bad_records,
            #[cfg(feature = "read")]
            ending: Ending::Unread { known },
            in_flight: FuturesUnordered::new(),
            total,
            start: Instant::now(),
            summary: IngestionSummary::default(),
            ended: false,
        }
    }

    /// The outcome of the next batch that is decided; nothing after the last.
    pub async fn next(&mut self) -> Option<BatchOutcome<T>> {
        StreamExt::next(self).await
    }

    /// The account of all rows so far.
    pub fn summary(&self) -> IngestionSummary {
        let mut summary = IngestionSummary {
            elapsed: self.start.elapsed(),
            stopped: self.engine.stopped(),
            dead_letter_error: self.engine.dead_letter_error(),
            ..self.summary.clone()
        };
        if self.is_decided() {
            summary.annotate_source_error();
        }
        summary
    }

    /// Returns `true` if no row is left whose outcome is not counted.
    fn is_decided(&self) -> bool {
        self.source_ended && self.cutter.is_empty() && self.in_flight.is_empty()
    }

    /// Sends everything and returns the account. Rows that failed are counted and not kept: give a file for them
    /// ([`Ingest::dead_letters`](crate::ingest::Ingest::dead_letters)), or take the outcomes one by one.
    ///
    /// A run that stopped, because the key is wrong or the dataset is missing for example, is a summary as well, which
    /// [`IngestionSummary::into_result`] turns into an error.
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
    ///
    /// # Errors
    ///
    /// Returns an error only if there is no account to lose: the source failed before its first row, or its first rows are
    /// not those of the journal, so that nothing was sent.
    pub async fn finish(mut self) -> Result<IngestionSummary, Error> {
        while self.next().await.is_some() {}
        self.into_summary()
    }

    /// The account at the end, or an error if there is nothing to account for.
    pub(super) fn into_summary(self) -> Result<IngestionSummary, Error> {
        let summary = self.summary();
        match (&summary.source_error, self.engine.rejected_journal()) {
            // A source that fails early brings fewer rows than the journal knows, and no others.
            (Some(error), Some(_)) => Err(error.clone()),
            (None, Some(error)) => Err(error),
            (Some(error), None) if summary.counts.batches == 0 && summary.counts.bad_records == 0 => {
                Err(error.clone())
            }
            _ => Ok(summary),
        }
    }

    /// Pulls rows and sends batches, as far as that goes without waiting.
    fn fill(&mut self, cx: &mut Context<'_>) {
        while self.in_flight.len() < self.engine.options().concurrency {
            self.prepare(cx);
            #[cfg(feature = "read")]
            self.release_bad_records(cx);
            #[cfg(feature = "read")]
            if let Some((first, records)) = self.bad_records.next() {
                let (engine, index) = (Arc::clone(&self.engine), self.cutter.next());
                self.in_flight
                    .push(Box::pin(async move { engine.write_bad_records(index, first, records).await }));
                continue;
            }
            if !self.is_due(cx) {
                return;
            }
            let Some(batch) = self.cutter.take() else { return };
            self.cutter.end_at(self.engine.cut(self.cutter.first()));
            self.linger.reset();
            if !self.cutter.is_empty() {
                self.linger.row_came();
            }
            let engine = Arc::clone(&self.engine);
            self.in_flight.push(Box::pin(async move { engine.deliver_batch(batch).await }));
        }
    }

    /// Writes bad records whose batch the journal does not decide about, or drops them if the run is rejected.
    #[cfg(feature = "read")]
    fn release_bad_records(&mut self, cx: &mut Context<'_>) {
        if !self.in_flight.is_empty() {
            // The journal may be about to accept the batch around them.
            return;
        }
        if self.source_ended && self.cutter.is_empty() {
            match self.engine.rejected_journal() {
                None => self.bad_records.release(),
                Some(_) => self.bad_records.discard(),
            }
        } else if self.bad_records.is_full() && !self.is_due(cx) {
            // They lie in one batch, which cannot be completed before they are written.
            self.bad_records.release();
        }
    }

    /// Ends the run after its last batch.
    #[cfg(feature = "read")]
    fn poll_ending(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Ending::Read { known } = self.ending {
            let engine = Arc::clone(&self.engine);
            // A source with fewer rows than before may have fewer bad records for the same reason.
            let whole = engine.options().bad_records && self.cutter.next() >= known;
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

    /// Pulls rows until a batch is full, as far as that goes without waiting.
    fn prepare(&mut self, cx: &mut Context<'_>) {
        while !self.cutter.is_full() && !self.source_ended {
            #[cfg(feature = "read")]
            if self.bad_records.is_full() {
                return;
            }
            if self.total.is_none() && self.engine.stopped().is_some() {
                // A stream may never end. Rows of a list are known, and are accounted for.
                self.source_ended = true;
                return;
            }
            match self.source.poll_next_unpin(cx) {
                Poll::Ready(Some(Ok(row))) => {
                    self.cutter.push(row);
                    self.linger.row_came();
                }
                Poll::Ready(Some(Err(error))) => {
                    #[cfg(feature = "read")]
                    let Some(error) = self.bad_records.take(error, self.cutter.next()) else { continue };
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

    /// Returns `true` if the batch is to be sent as it is. A batch of an earlier run is sent as it was then.
    fn is_due(&mut self, cx: &mut Context<'_>) -> bool {
        self.cutter.is_full() || self.source_ended || (self.cutter.end().is_none() && self.linger.is_over(cx))
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
            let Self { summary, total, start, .. } = self;
            progress(&IngestProgress {
                total: *total,
                ..IngestProgress::new(summary.counts, start.elapsed())
            });
        }
    }
}

impl<T: Serialize + Send + 'static> Stream for BatchStream<T> {
    type Item = BatchOutcome<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let outcomes = &mut *self;
        outcomes.fill(cx);
        if outcomes.in_flight.is_empty() && !outcomes.source_ended {
            // The source is waited for.
            return Poll::Pending;
        }
        let Poll::Ready(outcome) = outcomes.in_flight.poll_next_unpin(cx) else {
            // The next batch is encoded while these are on their way.
            outcomes.prepare(cx);
            return Poll::Pending;
        };
        match &outcome {
            Some(outcome) => outcomes.count(outcome),
            None => {
                #[cfg(feature = "read")]
                std::task::ready!(outcomes.poll_ending(cx));
                outcomes.ended = true;
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

// Nothing in it is pinned by its own address: the futures and the source are boxed.
impl<T> Unpin for BatchStream<T> {}

impl<T> fmt::Debug for BatchStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchStream").field("summary", &self.summary).finish_non_exhaustive()
    }
}
