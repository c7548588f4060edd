//! Cutting rows into requests.

use std::ops::Range;

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    error::Error,
    json::{Buffer, encode::Encoded},
};

/// Everything in the body of a request but its rows.
#[derive(Clone, Debug)]
pub(super) struct Envelope {
    /// What follows the rows.
    rest: Vec<u8>,
}

const START: &[u8] = br#"{"data":["#;

impl Envelope {
    pub(super) fn new(fields: &Map<String, Value>) -> Result<Self, Error> {
        let mut rest = vec![b']'];
        if !fields.is_empty() {
            rest.push(b',');
        }
        let object = serde_json::to_vec(fields).map_err(|error| {
            Error::invalid("the settings of the ingestion cannot be written").caused_by(error)
        })?;
        // Without its opening brace: the fields follow those that stand there already.
        rest.extend_from_slice(&object[1..]);
        Ok(Self { rest })
    }

    /// The body that sends these rows. They are copied, not written again.
    pub(super) fn body(&self, buffer: &Buffer, rows: &[Encoded]) -> Bytes {
        let size: usize = rows.iter().map(|row| row.bytes.len() + 1).sum();
        let mut body = Vec::with_capacity(START.len() + size + self.rest.len());
        body.extend_from_slice(START);
        for (count, row) in rows.iter().enumerate() {
            if count > 0 {
                body.push(b',');
            }
            body.extend_from_slice(&buffer.bytes[row.bytes.clone()]);
        }
        body.extend_from_slice(&self.rest);
        body.into()
    }
}

/// Collects rows, encoded as they come, until a batch is full: what waits in the source is not encoded yet.
pub(super) struct Cutter<T> {
    batch: Batch<T>,
    /// A row that was encoded and did not fit any more, and its bytes.
    left_over: Option<(T, Vec<u8>)>,
    most_rows: usize,
    most_bytes: usize,
    /// Index at which the batch must end, if an earlier run cut there.
    end: Option<usize>,
}

/// Rows for one request, and those that could not be written on the way.
pub(super) struct Batch<T> {
    /// The place of its first row among all.
    pub(super) first: usize,
    /// Its rows, those included that could not be written.
    pub(super) rows: Vec<T>,
    /// The rows that could be written.
    pub(super) buffer: Buffer,
    /// The places of the others, and why.
    pub(super) unwritable: Vec<(usize, Error)>,
}

impl<T> Batch<T> {
    fn at(first: usize) -> Self {
        Self { first, rows: Vec::new(), buffer: Buffer::default(), unwritable: Vec::new() }
    }

    /// The places of its rows.
    pub(super) fn index_range(&self) -> Range<usize> {
        self.first..self.first + self.rows.len()
    }
}

impl<T: Serialize> Cutter<T> {
    /// `most_rows` of 0 means no limit.
    pub(super) fn new(most_rows: usize, most_bytes: usize) -> Self {
        let most_rows = if most_rows == 0 { usize::MAX } else { most_rows };
        Self { batch: Batch::at(0), left_over: None, most_rows, most_bytes, end: None }
    }

    /// The index of the first row of the batch.
    pub(super) fn first(&self) -> usize {
        self.batch.first
    }

    /// The index of the row that is pushed next.
    #[cfg(feature = "read")]
    pub(super) fn next(&self) -> usize {
        self.batch.index_range().end + usize::from(self.left_over.is_some())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.batch.rows.is_empty()
    }

    /// The index at which the batch must end, if there is one.
    pub(super) fn end(&self) -> Option<usize> {
        self.end
    }

    /// Ends the batch at this index, at the latest.
    pub(super) fn end_at(&mut self, end: Option<usize>) {
        self.end = end;
    }

    /// Takes a row. It must not be called while [`is_full`](Self::is_full).
    pub(super) fn push(&mut self, row: T) {
        let batch = &mut self.batch;
        let place = batch.first + batch.rows.len();
        if let Err(error) = batch.buffer.add(place, &row) {
            batch.unwritable.push((place, error));
        } else if batch.buffer.bytes.len() > self.most_bytes && batch.buffer.rows.len() > 1 {
            if let Some(last) = batch.buffer.rows.pop() {
                self.left_over = Some((row, batch.buffer.bytes.split_off(last.bytes.start)));
            }
            return;
        }
        batch.rows.push(row);
    }

    /// Whether the batch has to be taken before another row is.
    ///
    /// A row that is larger than a batch may be makes one of its own: whether it is too large is the service's
    /// to say.
    pub(super) fn is_full(&self) -> bool {
        self.left_over.is_some()
            || self.end.is_some_and(|end| self.batch.index_range().end >= end)
            || self.batch.buffer.rows.len() >= self.most_rows
            || self.batch.buffer.bytes.len() >= self.most_bytes
            // Rows that cannot be written must not pile up either.
            || self.batch.unwritable.len() >= self.most_rows.min(MOST_UNWRITABLE)
    }

    /// The batch as it is; nothing when there is no row in it.
    pub(super) fn take(&mut self) -> Option<Batch<T>> {
        if self.batch.rows.is_empty() {
            return None;
        }
        let mut next = Batch::at(self.batch.index_range().end);
        // Batches are alike: growing step by step would copy each several times.
        next.rows.reserve(self.batch.rows.len());
        next.buffer.rows.reserve(self.batch.buffer.rows.len());
        next.buffer.bytes.reserve(self.batch.buffer.bytes.len());
        let full = std::mem::replace(&mut self.batch, next);
        if let Some((row, bytes)) = self.left_over.take() {
            self.batch.buffer.rows.push(Encoded { index: self.batch.first, bytes: 0..bytes.len() });
            self.batch.buffer.bytes = bytes;
            self.batch.rows.push(row);
        }
        Some(full)
    }
}

/// Rows of a batch that could not be written, at most: they are told with it.
const MOST_UNWRITABLE: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(rows: Vec<Value>, most_rows: usize, most_bytes: usize) -> Vec<String> {
        let envelope = Envelope::new(&Map::new()).unwrap();
        let mut cutter = Cutter::new(most_rows, most_bytes);
        let mut batches = Vec::new();
        for row in rows {
            cutter.push(row);
            while cutter.is_full() {
                batches.extend(cutter.take());
            }
        }
        batches.extend(cutter.take());
        assert!(cutter.take().is_none());
        let mut place = 0;
        let body = |batch: &Batch<Value>| {
            assert_eq!(batch.first, place);
            place = batch.index_range().end;
            String::from_utf8(envelope.body(&batch.buffer, &batch.buffer.rows).to_vec()).unwrap()
        };
        batches.iter().map(body).collect()
    }

    fn rows(count: usize) -> Vec<Value> {
        (0..count).map(|n| serde_json::json!({ "n": n })).collect()
    }

    #[test]
    fn by_rows_and_by_bytes() {
        assert_eq!(cut(rows(5), 2, 1_000).len(), 3);
        assert_eq!(cut(rows(5), 0, 1_000), [r#"{"data":[{"n":0},{"n":1},{"n":2},{"n":3},{"n":4}]}"#]);
        // Two rows of 7 bytes fit into 14, and a third does not.
        assert_eq!(cut(rows(5), 0, 14).len(), 3);
        assert_eq!(cut(rows(3), 0, 1).len(), 3);
        assert!(cut(rows(0), 0, 100).is_empty());
    }

    #[test]
    fn other_fields_follow_the_rows() {
        let fields = Map::from_iter([("curate".to_owned(), Value::Bool(true))]);
        let envelope = Envelope::new(&fields).unwrap();
        let mut cutter = Cutter::new(0, 100);
        cutter.push(rows(1).remove(0));
        let batch = cutter.take().unwrap();
        assert_eq!(
            &envelope.body(&batch.buffer, &batch.buffer.rows)[..],
            br#"{"data":[{"n":0}],"curate":true}"#
        );
    }
}
