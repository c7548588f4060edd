//! Rows of files in async code.

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

use super::{Reader, bad_row::BadRow, raw_row::RawRow, rows::Rows};
use crate::error::{Error, ErrorKind};

/// Maximum number of rows that are read ahead in one chunk.
const CHUNK_ROWS: usize = 256;
/// Number of bytes of rows after which a chunk is full.
const CHUNK_BYTES: usize = 1024 * 1024;
/// Chunks that wait between the reader and the consumer.
const WAITING: usize = 1;

/// One item of the stream.
type Item = Result<RawRow, Error>;

impl Reader {
    /// Returns the rows as a stream, which reads on a thread for blocking work.
    ///
    /// It goes straight into [`Dataset::ingest_try_stream`](crate::Dataset::ingest_try_stream). A stream that is made of
    /// [`rows`](Self::rows), with `stream::iter`, would block the thread that polls it.
    ///
    /// # Examples
    ///
    /// From a file to a dataset, and back:
    ///
    /// ```
    /// # use datalinks_emulator::Emulator;
    /// use datalinks::{DataLinks, field, read::{self, OnBadRow}};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start().await?;
    /// # let dl = DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;
    /// # let folder = tempfile::tempdir()?;
    /// # let (path, failed) = (folder.path().join("films.csv"), folder.path().join("failed.ndjson"));
    /// # std::fs::write(&path, "title,year\nAlien,1979\nBrazil\nAliens,1986\n")?;
    /// let films = dl.dataset("cinema", "films")?;
    /// films.create().await?;
    ///
    /// // Numbers become numbers, and the stream goes on after a record that is no row.
    /// let rows = read::file(&path).infer_types().on_bad_row(OnBadRow::Report).into_stream();
    /// let summary = films
    ///     .ingest_try_stream(rows)
    ///     .dead_letters(&failed) // failed rows, and bad records with their position and text
    ///     .bad_records_to_dead_letters()
    ///     .batches()?
    ///     .finish()
    ///     .await?;
    /// let counts = summary.counts;
    /// assert_eq!((counts.stored, counts.failed, counts.bad_records), (2, 0, 1));
    /// assert!(std::fs::read_to_string(&failed)?.contains(r#""line":3,"column":7,"text":"Brazil""#));
    ///
    /// let late: Vec<serde_json::Value> = films.query().filter(field("year").gt(1980)).fetch().await?;
    /// assert_eq!(late[0]["title"], "Aliens");
    /// # Ok(())
    /// # }
    /// ```
    pub fn into_stream(self) -> RowStream {
        RowStream::new(self)
    }
}

/// The rows of a [`Reader`] as a stream, for [`Dataset::ingest_try_stream`](crate::Dataset::ingest_try_stream).
///
/// Files are read on a thread for blocking work of the Tokio runtime, so reading does not block async code. Reading
/// begins with the first poll, which must happen inside a Tokio runtime. Items are the same as those of [`Rows`], in the
/// same order, and each is available as soon as it was read.
///
/// Memory is bounded. At most three chunks are read ahead of the consumer, each of 256 rows or 1 MiB and one record,
/// whichever is less. A consumer that does not poll makes the reader wait.
///
/// # Cancel safety
///
/// Dropping a future that waits for the next item loses nothing. Dropping the stream ends the reading: the reader stops
/// at its next row, or when it needs more bytes for one, and closes its file. If it is inside a call that blocks, for example on the standard input, it stops
/// when that call returns.
#[must_use = "streams do nothing unless polled"]
pub struct RowStream {
    state: State,
    chunk: VecDeque<Item>,
    counts: Arc<Counts>,
    /// Set when the stream is dropped.
    stopped: Arc<AtomicBool>,
}

/// What was counted while reading.
#[derive(Default)]
struct Counts {
    skipped: AtomicU64,
    blank_lines: AtomicU64,
    uncalculated: AtomicU64,
}

enum State {
    /// Nothing was polled yet.
    New(Option<Box<Reader>>),
    /// The reader sends chunks. Dropping the receiver makes it stop.
    Reading(Receiver<VecDeque<Item>>, JoinHandle<()>),
    Ended,
}

impl RowStream {
    pub(super) fn new(reader: Reader) -> Self {
        let stopped = Arc::clone(&reader.settings.stopped);
        let state = State::New(Some(Box::new(reader)));
        Self { state, chunk: VecDeque::new(), counts: Arc::default(), stopped }
    }

    /// Returns the number of bad records that were left out so far ([`OnBadRow::Skip`](super::OnBadRow::Skip)). It runs
    /// ahead of the rows that were yielded by what is read ahead.
    pub fn skipped(&self) -> u64 {
        self.counts.skipped.load(Ordering::Relaxed)
    }

    /// Returns the number of blank lines that were left out so far, as [`Rows::blank_lines`] does. It runs ahead of the
    /// rows that were yielded by what is read ahead.
    pub fn blank_lines(&self) -> u64 {
        self.counts.blank_lines.load(Ordering::Relaxed)
    }

    /// Returns the number of cells that hold a formula without a stored result, and became `null`
    /// ([`Rows::uncalculated`](super::Rows::uncalculated)). It runs ahead of the rows that were yielded by what is read
    /// ahead.
    pub fn uncalculated(&self) -> u64 {
        self.counts.uncalculated.load(Ordering::Relaxed)
    }

    /// Starts the reader.
    fn start(&mut self) -> Result<(), Error> {
        let State::New(reader) = &mut self.state else { return Ok(()) };
        let Some(reader) = reader.take() else { return Ok(()) };
        let runtime = Handle::try_current().map_err(|error| {
            Error::invalid("files are read as a stream inside a Tokio runtime only")
                .caused_by(error)
                .advice("poll the stream in a Tokio runtime, or use Reader::rows")
        })?;
        let (sender, receiver) = mpsc::channel(WAITING);
        let counts = Arc::clone(&self.counts);
        let job = runtime.spawn_blocking(move || read(reader.rows(), &sender, &counts));
        self.state = State::Reading(receiver, job);
        Ok(())
    }
}

/// Reads to the end, or until nobody receives any longer.
fn read(mut rows: Rows, sender: &Sender<VecDeque<Item>>, counts: &Counts) {
    let (mut chunk, mut bytes) = (VecDeque::new(), 0);
    while !sender.is_closed() {
        let row = rows.next();
        counts.skipped.store(rows.skipped(), Ordering::Relaxed);
        counts.uncalculated.store(rows.uncalculated(), Ordering::Relaxed);
        counts.blank_lines.store(rows.blank_lines(), Ordering::Relaxed);
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
        // A row does not wait for others while the consumer does.
        match sender.try_send(std::mem::take(&mut chunk)) {
            Ok(()) => bytes = 0,
            Err(TrySendError::Full(unsent)) => chunk = unsent,
            Err(TrySendError::Closed(_)) => return,
        }
    }
    if !chunk.is_empty() {
        // Nobody receives: the stream was dropped.
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
                    // An end of the channel is the end of the rows only if the reader came to its own end.
                    None => match ready!(Pin::new(job).poll(cx)) {
                        Ok(()) => {
                            stream.state = State::Ended;
                            continue;
                        }
                        Err(error) => Error::new(ErrorKind::Io, "reading stopped before the end of the rows")
                            .caused_by(error)
                            .advice("rows may be missing; report it if no runtime was shut down meanwhile"),
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
    use crate::read::{bad_row::OnBadRow, tests::rows};

    /// Bytes whose end waits for a word, and who reports when they are dropped.
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

    /// A consumer that polls once, and does something else when there is nothing yet.
    async fn next(stream: &mut RowStream) -> Option<Item> {
        loop {
            match stream.next().now_or_never() {
                Some(item) => return item,
                None => tokio::task::yield_now().await,
            }
        }
    }

    #[tokio::test]
    async fn yields_what_the_iterator_yields() {
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
    async fn a_source_that_blocks_does_not_block_the_runtime() {
        let (chunks, mut stream, _dropped) = source();
        assert!(stream.next().now_or_never().is_none(), "nothing was written yet");
        for n in 0..3 {
            // This thread is free to write what the reader waits for, and a row comes before the next one is there.
            chunks.send(lines(n..n + 1)).unwrap();
            assert_eq!(stream.next().await.unwrap().unwrap().json(), format!("{{\"n\":{n}}}"));
        }
        drop(chunks);
        assert!(stream.next().await.is_none());
    }

    #[tokio::test]
    async fn a_slow_consumer_bounds_what_is_read_ahead() {
        let (chunks, mut stream, dropped) = source();
        chunks.send(lines(0..100_000)).unwrap();
        assert!(stream.next().await.unwrap().is_ok());
        // One line that is never reached: the reader waits for a consumer that does not come.
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
        // Nothing else ends it: the source still has rows, and its writer is there.
        dropped.await.unwrap();
        drop(chunks);
    }

    #[tokio::test]
    async fn dropping_the_stream_ends_the_reader() {
        // Before it began: nothing was opened, nothing runs.
        let (_chunks, stream, dropped) = source();
        drop(stream);
        dropped.await.unwrap();
        // While it waits for its source: when that returns.
        let (chunks, mut stream, mut dropped) = source();
        assert!(stream.next().now_or_never().is_none());
        drop(stream);
        assert!(dropped.try_recv().is_err());
        chunks.send(lines(0..1)).unwrap();
        dropped.await.unwrap();
    }

    /// Types are found in many rows before the first one is yielded.
    #[tokio::test]
    async fn dropping_the_stream_ends_the_reader_before_its_first_row() {
        let (chunks, receiver) = blocking::channel();
        let (dropped, is_dropped) = oneshot::channel();
        let source = Source { chunks: receiver, rest: Vec::new(), _dropped: Dropped(Some(dropped)) };
        let mut stream = Reader::from_reader(source, "rows.csv").delimiter(b',').infer_types().into_stream();
        chunks.send(b"a,b\n1,2\n".to_vec()).unwrap();
        assert!(stream.next().now_or_never().is_none());
        drop(stream);
        // The reader may wait for these bytes. After them it asks for no more, though more may come.
        let _ = chunks.send(b"3,4\n".to_vec());
        is_dropped.await.unwrap();
        drop(chunks);
    }

    #[tokio::test]
    async fn a_reader_that_breaks_is_not_an_end() {
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
    fn outside_of_a_runtime_it_is_an_error() {
        let mut stream = Reader::from_reader(io::empty(), "rows.ndjson").into_stream();
        let error = stream.next().now_or_never().unwrap().unwrap().unwrap_err();
        assert!(error.to_string().contains("Tokio runtime"), "{error}");
        assert!(stream.next().now_or_never().unwrap().is_none());
    }
}
