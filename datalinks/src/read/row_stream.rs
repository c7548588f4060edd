//! Rows as a stream, for async code.

use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};

use futures::Stream;
use tokio::{
    runtime::Handle,
    sync::mpsc::{self, Receiver, Sender, error::TrySendError},
    task::JoinHandle,
};

use super::{
    bad_row::BadRow, progress::ReadProgress, raw_row::RawRow, rows::Rows, settings::Settings, source::Source,
};
use crate::error::{Error, ErrorKind};

/// Maximum number of rows in one chunk.
const CHUNK_ROWS: usize = 256;
/// Number of bytes of rows at which a chunk is sent.
const CHUNK_BYTES: usize = 1024 * 1024;
/// Number of chunks that may wait between the reader and the consumer.
const WAITING: usize = 1;

/// One item of the stream.
type Item = Result<RawRow, Error>;

/// The rows of a [`Reader`](super::Reader) as a stream, for [`Dataset::ingest_try_stream`](crate::Dataset::ingest_try_stream).
///
/// Files are read on a Tokio thread for blocking work, so reading does not block async code. Reading begins with the
/// first poll, which must happen inside a Tokio runtime. Items are the same as those of [`Rows`], in the same order,
/// and each is available as soon as it was read.
///
/// Memory is bounded. At most three chunks are read ahead of the consumer. Each has at most 256 rows, and at most 1 MiB
/// plus one record. If the consumer does not poll, the reader waits.
///
/// # Cancel safety
///
/// A future that waits for the next item is cancel safe: no item is lost if it is dropped. Dropping the stream stops
/// the reader at its next row, or when it needs more bytes for one, and closes its file. A reader that is blocked
/// inside a call, for example on standard input, stops when that call returns.
#[must_use = "streams do nothing unless polled"]
pub struct RowStream {
    state: State,
    chunk: VecDeque<Item>,
    counts: Arc<Counts>,
    progress: ReadProgress,
    /// Set when the stream is dropped.
    stopped: Arc<AtomicBool>,
}

/// The counters of the reader.
#[derive(Default)]
struct Counts {
    skipped: AtomicU64,
    blank_lines: AtomicU64,
    uncalculated: AtomicU64,
}

enum State {
    /// The stream was not polled yet.
    New(Option<Box<(Vec<Source>, Settings)>>),
    /// The reader sends chunks. It stops when the receiver is dropped.
    Reading(Receiver<VecDeque<Item>>, JoinHandle<()>),
    Ended,
}

impl RowStream {
    pub(super) fn new(sources: Vec<Source>, settings: Settings) -> Self {
        let (stopped, progress) = (Arc::clone(&settings.stopped), settings.progress.clone());
        let state = State::New(Some(Box::new((sources, settings))));
        Self { state, chunk: VecDeque::new(), counts: Arc::default(), progress, stopped }
    }

    /// Returns the number of bad records skipped so far ([`OnBadRow::Skip`](super::OnBadRow::Skip)). The count includes
    /// records that were read ahead of the consumer.
    pub fn skipped(&self) -> u64 {
        self.counts.skipped.load(Ordering::Relaxed)
    }

    /// Returns the number of blank lines skipped so far, like [`Rows::blank_lines`]. The count includes lines that were
    /// read ahead of the consumer.
    pub fn blank_lines(&self) -> u64 {
        self.counts.blank_lines.load(Ordering::Relaxed)
    }

    /// Returns the number of cells with a formula whose result is not stored, and that became `null`
    /// ([`Rows::uncalculated`](super::Rows::uncalculated)). The count includes cells that were read ahead of the
    /// consumer.
    pub fn uncalculated(&self) -> u64 {
        self.counts.uncalculated.load(Ordering::Relaxed)
    }

    /// Returns the part of the sources that was read. The value observes the stream also after the stream was given away.
    pub fn progress(&self) -> ReadProgress {
        self.progress.clone()
    }

    /// Starts the reader on a thread for blocking work.
    fn start(&mut self) -> Result<(), Error> {
        let State::New(unopened) = &mut self.state else { return Ok(()) };
        let Some(unopened) = unopened.take() else { return Ok(()) };
        let runtime = Handle::try_current().map_err(|error| {
            Error::invalid("reading files as a stream requires a Tokio runtime")
                .caused_by(error)
                .advice("poll the stream in a Tokio runtime, or use Reader::rows")
        })?;
        let (sender, receiver) = mpsc::channel(WAITING);
        let (counts, progress) = (Arc::clone(&self.counts), self.progress.clone());
        let job = runtime.spawn_blocking(move || {
            let (sources, settings) = *unopened;
            read(Rows::new(sources, settings), &sender, &counts, &progress);
        });
        self.state = State::Reading(receiver, job);
        Ok(())
    }
}

/// Reads until the rows end or the receiver is dropped.
fn read(mut rows: Rows, sender: &Sender<VecDeque<Item>>, counts: &Counts, progress: &ReadProgress) {
    let (mut chunk, mut bytes) = (VecDeque::new(), 0);
    while !sender.is_closed() {
        let row = rows.next();
        counts.skipped.store(rows.skipped(), Ordering::Relaxed);
        counts.uncalculated.store(rows.uncalculated(), Ordering::Relaxed);
        counts.blank_lines.store(rows.blank_lines(), Ordering::Relaxed);
        progress.set_rows(rows.read());
        let Some(row) = row else { break };
        bytes += match &row {
            Ok(row) => row.json().len(),
            Err(error) => BadRow::of(error).map_or(0, |bad| bad.record().len()),
        };
        chunk.push_back(row);
        if chunk.len() >= CHUNK_ROWS || bytes >= CHUNK_BYTES {
            if sender.blocking_send(std::mem::take(&mut chunk)).is_err() {
                return;
            }
            bytes = 0;
            continue;
        }
        // A row is sent immediately if the consumer waits. Otherwise it joins the next chunk.
        match sender.try_send(std::mem::take(&mut chunk)) {
            Ok(()) => bytes = 0,
            Err(TrySendError::Full(unsent)) => chunk = unsent,
            Err(TrySendError::Closed(_)) => return,
        }
    }
    if !chunk.is_empty() {
        // Sending fails if the stream was dropped. The rows are then not needed.
        let _ = sender.blocking_send(chunk);
    }
}

impl Stream for RowStream {
    type Item = Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Item>> {
        let stream = &mut *self;
        loop {
            if let Some(item) = stream.chunk.pop_front() {
                return Poll::Ready(Some(item));
            }
            let failure = match &mut stream.state {
                State::Ended => return Poll::Ready(None),
                State::New(_) => match stream.start() {
                    Ok(()) => continue,
                    Err(error) => error,
                },
                State::Reading(receiver, job) => match ready!(receiver.poll_recv(cx)) {
                    Some(chunk) => {
                        stream.chunk = chunk;
                        continue;
                    }
                    // The rows are complete only if the reader returned. A closed channel alone can mean that it
                    // panicked.
                    None => match ready!(Pin::new(job).poll(cx)) {
                        Ok(()) => {
                            stream.state = State::Ended;
                            continue;
                        }
                        Err(error) => Error::new(ErrorKind::Io, "reading stopped before the end of the rows")
                            .caused_by(error)
                            .advice(
                                "rows may be missing; report this error unless the runtime was shut down",
                            ),
                    },
                },
            };
            stream.state = State::Ended;
            return Poll::Ready(Some(Err(failure)));
        }
    }
}

impl Drop for RowStream {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
}

impl futures::stream::FusedStream for RowStream {
    fn is_terminated(&self) -> bool {
        self.chunk.is_empty() && matches!(self.state, State::Ended)
    }
}

impl fmt::Debug for RowStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowStream")
            .field("started", &!matches!(self.state, State::New(_)))
            .field("ended", &matches!(self.state, State::Ended))
            .field("skipped", &self.skipped())
            .field("uncalculated", &self.uncalculated())
            .field("blank_lines", &self.blank_lines())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Read},
        sync::mpsc as blocking,
    };

    use futures::{FutureExt as _, StreamExt as _};
    use tokio::sync::oneshot;

    use super::*;
    use crate::read::{Reader, bad_row::OnBadRow, tests::rows};

    /// A source whose data arrives through a channel, and that reports when it is dropped.
    struct Source {
        chunks: blocking::Receiver<Vec<u8>>,
        rest: Vec<u8>,
        _dropped: Dropped,
    }

    struct Dropped(Option<oneshot::Sender<()>>);

    impl Drop for Dropped {
        fn drop(&mut self) {
            let _ = self.0.take().unwrap().send(());
        }
    }

    impl Read for Source {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.rest.is_empty() {
                self.rest = self.chunks.recv().unwrap_or_default();
            }
            let length = self.rest.len().min(buffer.len());
            buffer[..length].copy_from_slice(&self.rest[..length]);
            self.rest.drain(..length);
            Ok(length)
        }
    }

    fn source() -> (blocking::Sender<Vec<u8>>, RowStream, oneshot::Receiver<()>) {
        let (chunks, receiver) = blocking::channel();
        let (dropped, is_dropped) = oneshot::channel();
        let source = Source { chunks: receiver, rest: Vec::new(), _dropped: Dropped(Some(dropped)) };
        (chunks, Reader::from_reader(source, "rows.ndjson").into_stream(), is_dropped)
    }

    fn lines(range: std::ops::Range<usize>) -> Vec<u8> {
        range.map(|n| format!("{{\"n\":{n}}}\n")).collect::<String>().into_bytes()
    }

    /// Polls the stream once at a time and yields between polls, as a busy consumer does.
    async fn next(stream: &mut RowStream) -> Option<Item> {
        loop {
            match stream.next().now_or_never() {
                Some(item) => return item,
                None => tokio::task::yield_now().await,
            }
        }
    }

    #[tokio::test]
    async fn stream_yields_the_items_of_the_iterator() {
        let text = || lines(0..2_000).into_iter().chain(*b"nonsense\n{\"n\":7}\n").collect::<Vec<u8>>();
        let reader = |choice| Reader::from_reader(io::Cursor::new(text()), "rows.ndjson").on_bad_row(choice);
        for choice in [OnBadRow::Stop, OnBadRow::Skip, OnBadRow::Report] {
            let show = |item: Item| item.map(|row| row.to_string()).map_err(|error| error.to_string());
            let expected: Vec<_> = reader(choice).rows().map(show).collect();
            let mut stream = reader(choice).into_stream();
            let mut found = Vec::new();
            while let Some(item) = next(&mut stream).await {
                found.push(show(item));
            }
            assert_eq!(found, expected, "{choice:?}");
            assert_eq!(stream.skipped(), u64::from(choice == OnBadRow::Skip));
            assert!(futures::stream::FusedStream::is_terminated(&stream) && stream.next().await.is_none());
        }
        assert_eq!(rows(reader(OnBadRow::Skip)).unwrap().len(), 2_001);
    }

    /// Reading blocked the thread that polled `stream::iter(reader.rows())`.
    ///
    /// Regression 22.
    #[tokio::test]
    async fn blocked_source_does_not_block_the_runtime() {
        let (chunks, mut stream, _dropped) = source();
        assert!(stream.next().now_or_never().is_none(), "nothing was written yet");
        for n in 0..3 {
            // This thread is free to write the bytes that the reader waits for.
            chunks.send(lines(n..n + 1)).unwrap();
            assert_eq!(stream.next().await.unwrap().unwrap().json(), format!("{{\"n\":{n}}}"));
        }
        drop(chunks);
        assert!(stream.next().await.is_none());
    }

    #[tokio::test]
    async fn slow_consumer_limits_read_ahead() {
        let (chunks, mut stream, dropped) = source();
        chunks.send(lines(0..100_000)).unwrap();
        assert!(stream.next().await.unwrap().is_ok());
        // The last line is never reached, because the reader waits for the consumer.
        let State::Reading(receiver, job) = &stream.state else { panic!("{stream:?}") };
        let ahead: usize = (WAITING + 2) * CHUNK_ROWS;
        assert!(!job.is_finished() && receiver.len() <= WAITING);
        let mut seen = 1;
        while let Some(row) = stream.next().await {
            assert_eq!(row.unwrap().json(), format!("{{\"n\":{seen}}}"));
            assert!(stream.chunk.len() < CHUNK_ROWS);
            seen += 1;
            if seen == ahead {
                break;
            }
        }
        drop(stream);
        // The source still has bytes, so only the dropped stream ends the reader.
        dropped.await.unwrap();
        drop(chunks);
    }

    #[tokio::test]
    async fn dropping_the_stream_ends_the_reader() {
        // Before the first poll, dropping the stream drops the unopened source.
        let (_chunks, stream, dropped) = source();
        drop(stream);
        dropped.await.unwrap();
        // While the reader waits for its source, it stops as soon as the read returns.
        let (chunks, mut stream, mut dropped) = source();
        assert!(stream.next().now_or_never().is_none());
        drop(stream);
        assert!(dropped.try_recv().is_err());
        chunks.send(lines(0..1)).unwrap();
        dropped.await.unwrap();
    }

    /// Types are inferred from many rows before the first one is yielded.
    #[tokio::test]
    async fn dropping_the_stream_ends_the_reader_before_its_first_row() {
        let (chunks, receiver) = blocking::channel();
        let (dropped, is_dropped) = oneshot::channel();
        let source = Source { chunks: receiver, rest: Vec::new(), _dropped: Dropped(Some(dropped)) };
        let mut stream = Reader::from_reader(source, "rows.csv").delimiter(b',').infer_types().into_stream();
        chunks.send(b"a,b\n1,2\n".to_vec()).unwrap();
        assert!(stream.next().now_or_never().is_none());
        drop(stream);
        // The reader may wait for these bytes. After them it stops.
        let _ = chunks.send(b"3,4\n".to_vec());
        is_dropped.await.unwrap();
        drop(chunks);
    }

    #[tokio::test]
    async fn panic_of_the_reader_is_an_error() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                panic!("a defect of a reader")
            }
        }
        let mut stream = Reader::from_reader(Broken, "rows.ndjson").into_stream();
        let error = stream.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.to_string().contains("before the end of the rows"), "{error}");
        assert!(stream.next().await.is_none());
    }

    #[test]
    fn polling_outside_of_a_runtime_is_an_error() {
        let mut stream = Reader::from_reader(io::empty(), "rows.ndjson").into_stream();
        let error = stream.next().now_or_never().unwrap().unwrap().unwrap_err();
        assert!(error.to_string().contains("Tokio runtime"), "{error}");
        assert!(stream.next().now_or_never().unwrap().is_none());
    }
}
