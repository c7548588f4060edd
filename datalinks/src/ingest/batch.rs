//! Batches of encoded rows, and the request bodies that send them.

use std::ops::Range;

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    error::Error,
    json::{Buffer, encode::Encoded},
};

/// The members of a request body other than the rows.
#[derive(Clone, Debug)]
pub(super) struct Envelope {
    /// The bytes that follow the rows.
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
            Error::invalid("the options of the ingestion cannot be encoded").caused_by(error)
        })?;
        // The opening brace is left out because the fields continue an object.
        rest.extend_from_slice(&object[1..]);
        Ok(Self { rest })
    }

    /// Returns the body that sends these rows. Copies their encoded bytes.
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

/// Builds batches from rows. A row is encoded when it is added.
pub(super) struct Cutter<T> {
    batch: Batch<T>,
    /// A row, and its encoded bytes, that did not fit into the batch.
    left_over: Option<(T, Vec<u8>)>,
    most_rows: usize,
    most_bytes: usize,
    /// Index at which the batch must end because an earlier run ended a batch there.
    end: Option<usize>,
}

/// Rows of one request, and rows that could not be encoded.
pub(super) struct Batch<T> {
    /// Index of the first row in the input.
    pub(super) first: usize,
    /// All rows of the batch, including those that could not be encoded.
    pub(super) rows: Vec<T>,
    /// The encoded rows.
    pub(super) buffer: Buffer,
    /// Indexes and errors of the rows that could not be encoded.
    pub(super) unwritable: Vec<(usize, Error)>,
}

impl<T> Batch<T> {
    fn at(first: usize) -> Self {
        Self { first, rows: Vec::new(), buffer: Buffer::default(), unwritable: Vec::new() }
    }

    /// Returns the index range of the rows.
    pub(super) fn index_range(&self) -> Range<usize> {
        self.first..self.first + self.rows.len()
    }
}

impl<T: Serialize> Cutter<T> {
    /// Creates an empty builder. A `most_rows` of 0 removes the limit on rows.
    pub(super) fn new(most_rows: usize, most_bytes: usize) -> Self {
        let most_rows = if most_rows == 0 { usize::MAX } else { most_rows };
        Self { batch: Batch::at(0), left_over: None, most_rows, most_bytes, end: None }
    }

    /// Returns the index of the first row of the batch.
    pub(super) fn first(&self) -> usize {
        self.batch.first
    }

    /// Returns the index of the row that is pushed next.
    #[cfg(feature = "read")]
    pub(super) fn next(&self) -> usize {
        self.batch.index_range().end + usize::from(self.left_over.is_some())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.batch.rows.is_empty()
    }

    /// Returns the index at which the batch must end, if there is one.
    pub(super) fn end(&self) -> Option<usize> {
        self.end
    }

    /// Sets the index at which the batch must end.
    pub(super) fn end_at(&mut self, end: Option<usize>) {
        self.end = end;
    }

    /// Adds a row. Must not be called while [`is_full`](Self::is_full) returns `true`.
    pub(super) fn push(&mut self, row: T) {
        let batch = &mut self.batch;
        let index = batch.first + batch.rows.len();
        if let Err(error) = batch.buffer.add(index, &row) {
            batch.unwritable.push((index, error));
        } else if batch.buffer.bytes.len() > self.most_bytes && batch.buffer.rows.len() > 1 {
            if let Some(last) = batch.buffer.rows.pop() {
                self.left_over = Some((row, batch.buffer.bytes.split_off(last.bytes.start)));
            }
            return;
        }
        batch.rows.push(row);
    }

    /// Returns `true` if the batch must be taken before another row is added.
    ///
    /// A row that is larger than the byte limit forms a batch of its own. The service decides whether it is too
    /// large.
    pub(super) fn is_full(&self) -> bool {
        self.left_over.is_some()
            || self.end.is_some_and(|end| self.batch.index_range().end >= end)
            || self.batch.buffer.rows.len() >= self.most_rows
            || self.batch.buffer.bytes.len() >= self.most_bytes
            // The number of rows that cannot be encoded is limited, too, because each has an error in memory.
            || self.batch.unwritable.len() >= self.most_rows.min(MOST_UNWRITABLE)
    }

    /// Returns the batch, or `None` if it has no row.
    pub(super) fn take(&mut self) -> Option<Batch<T>> {
        if self.batch.rows.is_empty() {
            return None;
        }
        let mut next = Batch::at(self.batch.index_range().end);
        // Batches have similar sizes, so reserving memory avoids several copies.
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

/// Maximum number of rows in a batch that could not be encoded.
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
        let mut index = 0;
        let body = |batch: &Batch<Value>| {
            assert_eq!(batch.first, index);
            index = batch.index_range().end;
            String::from_utf8(envelope.body(&batch.buffer, &batch.buffer.rows).to_vec()).unwrap()
        };
        batches.iter().map(body).collect()
    }

    fn rows(count: usize) -> Vec<Value> {
        (0..count).map(|n| serde_json::json!({ "n": n })).collect()
    }

    #[test]
    fn batches_are_limited_by_rows_and_by_bytes() {
        assert_eq!(cut(rows(5), 2, 1_000).len(), 3);
        assert_eq!(cut(rows(5), 0, 1_000), [r#"{"data":[{"n":0},{"n":1},{"n":2},{"n":3},{"n":4}]}"#]);
        // Two rows of 7 bytes fit into 14, and a third does not.
        assert_eq!(cut(rows(5), 0, 14).len(), 3);
        assert_eq!(cut(rows(3), 0, 1).len(), 3);
        assert!(cut(rows(0), 0, 100).is_empty());
    }

    #[test]
    fn body_contains_rows_before_other_fields() {
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
