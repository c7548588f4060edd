//! Cutting rows into requests.

use std::ops::Range;

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};

use super::encode::{Buffer, Encoded};
use crate::Error;

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

/// Hands out batches of encoded rows, one at a time: what waits is not encoded yet.
pub(super) struct Cutter<T> {
    pub(super) rows: Vec<T>,
    next: usize,
    /// A row that was encoded and did not fit any more.
    left_over: Option<(usize, Vec<u8>)>,
    most_rows: usize,
    most_bytes: usize,
}

/// Rows for one request, and those that could not be written on the way.
pub(super) struct Batch {
    pub(super) buffer: Buffer,
    pub(super) unwritable: Vec<(usize, Error)>,
}

impl<T: Serialize> Cutter<T> {
    /// `most_rows` of 0 means no limit.
    pub(super) fn new(rows: Vec<T>, most_rows: usize, most_bytes: usize) -> Self {
        let most_rows = if most_rows == 0 { usize::MAX } else { most_rows };
        Self { rows, next: 0, left_over: None, most_rows, most_bytes }
    }

    /// The next batch; nothing when all rows were handed out. A row that is larger than a batch may be
    /// makes one of its own: whether it is too large is the service's to say.
    pub(super) fn next_batch(&mut self) -> Option<Batch> {
        let mut batch = Batch { buffer: Buffer::default(), unwritable: Vec::new() };
        if let Some((index, bytes)) = self.left_over.take() {
            batch.buffer.rows.push(Encoded { index, bytes: 0..bytes.len() });
            batch.buffer.bytes = bytes;
        }
        while batch.buffer.rows.len() < self.most_rows && batch.buffer.bytes.len() < self.most_bytes {
            let Some(row) = self.rows.get(self.next) else { break };
            let index = self.next;
            self.next += 1;
            if let Err(error) = batch.buffer.add(index, row) {
                batch.unwritable.push((index, error));
            } else if batch.buffer.bytes.len() > self.most_bytes && batch.buffer.rows.len() > 1 {
                self.left_over = batch
                    .buffer
                    .rows
                    .pop()
                    .map(|last| (last.index, batch.buffer.bytes.split_off(last.bytes.start)));
                break;
            }
        }
        (!batch.buffer.rows.is_empty() || !batch.unwritable.is_empty()).then_some(batch)
    }

    /// The rows that were not handed out.
    pub(super) fn waiting(&self) -> Range<usize> {
        self.left_over.as_ref().map_or(self.next, |(index, _)| *index)..self.rows.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(rows: Vec<Value>, most_rows: usize, most_bytes: usize) -> Vec<String> {
        let envelope = Envelope::new(&Map::new()).unwrap();
        let mut cutter = Cutter::new(rows, most_rows, most_bytes);
        let mut bodies = Vec::new();
        while let Some(batch) = cutter.next_batch() {
            let body = envelope.body(&batch.buffer, &batch.buffer.rows);
            bodies.push(String::from_utf8(body.to_vec()).unwrap());
        }
        assert!(cutter.waiting().is_empty());
        bodies
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
        let mut cutter = Cutter::new(rows(1), 0, 100);
        let batch = cutter.next_batch().unwrap();
        assert_eq!(
            &envelope.body(&batch.buffer, &batch.buffer.rows)[..],
            br#"{"data":[{"n":0}],"curate":true}"#
        );
    }
}
