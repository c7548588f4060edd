//! The part of the sources that was read.

use std::{
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// Stands for a total that is not known.
const UNKNOWN: u64 = u64::MAX;

/// The part of its sources that a [`RowStream`](super::RowStream) has read, from
/// [`RowStream::progress`](super::RowStream::progress).
///
/// The values change while the stream reads, also if the stream belongs to an ingestion. Clones observe the same stream.
///
/// # Examples
///
/// Rows in batches and in flight were read and are not stored yet. The share of the input that is stored is about
///
/// ```
/// # fn share(progress: &datalinks::read::ReadProgress, stored: u64) -> Option<f64> {
/// let read = progress.bytes_read() as f64 / progress.bytes_total()? as f64;
/// Some(read * stored as f64 / progress.rows_read().max(1) as f64)
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ReadProgress(Arc<Amounts>);

#[derive(Debug)]
struct Amounts {
    bytes: AtomicU64,
    total: AtomicU64,
    rows: AtomicU64,
}

impl Default for ReadProgress {
    fn default() -> Self {
        let zero = AtomicU64::default;
        Self(Arc::new(Amounts { bytes: zero(), total: AtomicU64::new(UNKNOWN), rows: zero() }))
    }
}

impl ReadProgress {
    /// Returns the number of bytes that were read from the sources, before decompression.
    ///
    /// Sources are read in blocks, ahead of the rows. Spreadsheets and Parquet files are not counted.
    pub fn bytes_read(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }

    /// Returns the size of all sources in bytes, or `None` if it is not known.
    ///
    /// The size is known from the first row on, if every source is a regular file, and none is a spreadsheet or a Parquet
    /// file, which are not read from the beginning to the end. A file that grows while it is read becomes larger than that.
    pub fn bytes_total(&self) -> Option<u64> {
        Some(self.0.total.load(Ordering::Relaxed)).filter(|total| *total != UNKNOWN)
    }

    /// Returns the number of rows that were read, including those that the stream has not yielded yet, and records that it
    /// reports as errors ([`OnBadRow::Report`](super::OnBadRow::Report)).
    pub fn rows_read(&self) -> u64 {
        self.0.rows.load(Ordering::Relaxed)
    }

    pub(super) fn set_total(&self, total: Option<u64>) {
        self.0.total.store(total.unwrap_or(UNKNOWN), Ordering::Relaxed);
    }

    pub(super) fn set_rows(&self, rows: u64) {
        self.0.rows.store(rows, Ordering::Relaxed);
    }
}

/// A source whose bytes are counted.
pub(super) struct Counted<R> {
    reader: R,
    progress: ReadProgress,
}

impl<R> Counted<R> {
    pub(super) fn new(reader: R, progress: &ReadProgress) -> Self {
        Self { reader, progress: progress.clone() }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.progress.0.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use futures::StreamExt as _;

    use crate::read::{Reader, file, files};

    #[tokio::test]
    async fn bytes_and_rows_are_counted() {
        let directory = tempfile::tempdir().unwrap();
        let lines = |count: usize| (0..count).map(|n| format!("{{\"n\":{n}}}\n")).collect::<String>();
        let (first, second) = (directory.path().join("1.ndjson"), directory.path().join("2.ndjson"));
        fs::write(&first, lines(20_000)).unwrap();
        fs::write(&second, lines(10)).unwrap();
        let size = fs::metadata(&first).unwrap().len() + fs::metadata(&second).unwrap().len();
        let mut stream = files([&first, &second]).into_stream();
        let progress = stream.progress();
        assert_eq!((progress.bytes_read(), progress.bytes_total(), progress.rows_read()), (0, None, 0));
        stream.next().await.unwrap().unwrap();
        assert_eq!(progress.bytes_total(), Some(size));
        let (bytes, rows) = (progress.bytes_read(), progress.rows_read());
        assert!(bytes > 0 && bytes < size, "{bytes} of {size}");
        assert!(rows > 0 && rows < 20_000, "{rows}");
        assert_eq!(stream.count().await, 20_009);
        assert_eq!((progress.bytes_read(), progress.rows_read()), (size, 20_010));
    }

    #[tokio::test]
    async fn compressed_files_are_counted_before_decompression() {
        use std::io::Write as _;

        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("rows.ndjson.gz");
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all("{\"a\":1}\n".repeat(1000).as_bytes()).unwrap();
        fs::write(&path, packed.finish().unwrap()).unwrap();
        let size = fs::metadata(&path).unwrap().len();
        let stream = file(&path).into_stream();
        let progress = stream.progress();
        assert_eq!(stream.count().await, 1000);
        assert_eq!((progress.bytes_read(), progress.bytes_total()), (size, Some(size)));
    }

    #[tokio::test]
    async fn rows_that_infer_types_are_counted_as_read() {
        let text = "n\n".to_owned() + &"1\n".repeat(5000);
        let mut stream =
            Reader::from_reader(std::io::Cursor::new(text.clone()), "a.csv").infer_types().into_stream();
        let progress = stream.progress();
        stream.next().await.unwrap().unwrap();
        assert_eq!((progress.rows_read(), progress.bytes_read()), (5000, text.len() as u64));
        assert_eq!(stream.count().await, 4999);
        assert_eq!(progress.rows_read(), 5000);
    }

    #[tokio::test]
    async fn total_of_other_sources_is_unknown() {
        let mut stream = Reader::from_reader("{}\n".as_bytes(), "a.ndjson").into_stream();
        let progress = stream.progress();
        stream.next().await.unwrap().unwrap();
        assert_eq!((progress.bytes_read(), progress.bytes_total()), (3, None));
    }
}
