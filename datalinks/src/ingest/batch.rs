//! Batches of encoded rows, and the request bodies that send them.

use std::ops::{Deref, Range};

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    error::Error,
    json::{Buffer, SealedBuffer, encode::Encoded},
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

    /// Returns the number of bytes of a body other than those of its rows and the separators between them.
    pub(super) fn overhead(&self) -> usize {
        START.len() + self.rest.len()
    }

    /// Returns the body that sends these rows. Copies their encoded bytes.
    pub(super) fn body<B: Deref<Target = [u8]>>(&self, buffer: &Buffer<B>, rows: &[Encoded]) -> Bytes {
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

    /// Completes the request body that the buffer of the batch holds, without copying it.
    pub(super) fn seal<T>(&self, batch: Batch<T>) -> Batch<T, SealedBuffer> {
        let Batch { first, rows, buffer, unencodable } = batch;
        Batch { first, rows, buffer: buffer.seal(&self.rest), unencodable }
    }
}

/// Builds batches from rows. A row is encoded when it is added.
pub(super) struct BatchBuilder<T> {
    batch: Batch<T>,
    /// A row, and its encoded bytes, that did not fit into the batch.
    overflow: Option<(T, Vec<u8>)>,
    max_rows: usize,
    max_bytes: usize,
    /// Index at which the batch must end because an earlier run ended a batch there.
    end: Option<usize>,
}

/// Rows of one request, and rows that could not be encoded.
pub(super) struct Batch<T, B = Buffer> {
    /// Index of the first row in the input.
    pub(super) first: usize,
    /// All rows of the batch, including those that could not be encoded.
    pub(super) rows: Vec<T>,
    /// The encoded rows.
    pub(super) buffer: B,
    /// Indexes and errors of the rows that could not be encoded.
    pub(super) unencodable: Vec<(usize, Error)>,
}

impl<T> Batch<T> {
    fn at(first: usize) -> Self {
        Self { first, rows: Vec::new(), buffer: Buffer::new(START), unencodable: Vec::new() }
    }
}

impl<T, B> Batch<T, B> {
    /// Returns the index range of the rows.
    pub(super) fn index_range(&self) -> Range<usize> {
        self.first..self.first + self.rows.len()
    }
}

impl<T> BatchBuilder<T> {
    /// Creates an empty builder. A `max_rows` of 0 removes the limit on rows.
    pub(super) fn new(max_rows: usize, max_bytes: usize) -> Self {
        let max_rows = if max_rows == 0 { usize::MAX } else { max_rows };
        Self { batch: Batch::at(0), overflow: None, max_rows, max_bytes, end: None }
    }

    /// Returns the index of the first row of the batch.
    pub(super) fn first(&self) -> usize {
        self.batch.first
    }

    /// Returns the index of the row that is pushed next.
    #[cfg(feature = "read")]
    pub(super) fn next(&self) -> usize {
        self.batch.index_range().end + usize::from(self.overflow.is_some())
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

    /// Sets the limits of the batch. A batch that is larger already is complete.
    pub(super) fn limit_to(&mut self, max_rows: usize, max_bytes: usize) {
        self.max_rows = if max_rows == 0 { usize::MAX } else { max_rows };
        self.max_bytes = max_bytes;
    }

    /// Adds a row. Must not be called while [`is_full`](Self::is_full) returns `true`.
    pub(super) fn push(&mut self, row: T)
    where
        T: Serialize,
    {
        let overflow = self.encode(&row);
        self.keep(row, overflow);
    }

    /// Adds a row that stays with its owner. The batch keeps `row` in its place.
    pub(super) fn push_borrowed(&mut self, borrowed: &impl Serialize, row: T) {
        let overflow = self.encode(borrowed);
        self.keep(row, overflow);
    }

    /// Encodes a row. Returns the encoded bytes if they do not fit into the batch.
    fn encode(&mut self, row: &impl Serialize) -> Option<Vec<u8>> {
        let batch = &mut self.batch;
        let index = batch.first + batch.rows.len();
        if let Err(error) = batch.buffer.add(index, row) {
            batch.unencodable.push((index, error));
        } else if batch.buffer.size() > self.max_bytes && batch.buffer.rows.len() > 1 {
            return batch.buffer.pop();
        }
        None
    }

    fn keep(&mut self, row: T, overflow: Option<Vec<u8>>) {
        match overflow {
            Some(bytes) => self.overflow = Some((row, bytes)),
            None => self.batch.rows.push(row),
        }
    }

    /// Returns `true` if the batch must be taken before another row is added.
    ///
    /// A row that is larger than the byte limit forms a batch of its own. The service decides whether it is too
    /// large.
    pub(super) fn is_full(&self) -> bool {
        self.overflow.is_some()
            || self.end.is_some_and(|end| self.batch.index_range().end >= end)
            || self.batch.buffer.rows.len() >= self.max_rows
            || self.batch.buffer.size() >= self.max_bytes
            // The number of rows that cannot be encoded is limited, too, because each has an error in memory.
            || self.batch.unencodable.len() >= self.max_rows.min(MAX_UNENCODABLE)
    }

    /// Returns the batch, or `None` if it has no row.
    pub(super) fn take(&mut self) -> Option<Batch<T>> {
        if self.batch.rows.is_empty() {
            return None;
        }
        let mut next = Batch::at(self.batch.index_range().end);
        // Batches have similar sizes, so reserving memory avoids several copies.
        next.rows.reserve(self.batch.rows.len());
        next.buffer.reserve_as(&self.batch.buffer);
        let full = std::mem::replace(&mut self.batch, next);
        if let Some((row, bytes)) = self.overflow.take() {
            self.batch.buffer.add_encoded(self.batch.first, &bytes);
            self.batch.rows.push(row);
        }
        Some(full)
    }
}

/// Maximum number of rows in a batch that could not be encoded.
const MAX_UNENCODABLE: usize = 10_000;

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn bodies(rows: Vec<Value>, max_rows: usize, max_bytes: usize) -> Vec<String> {
        let envelope = Envelope::new(&Map::new()).unwrap();
        let mut batch_builder = BatchBuilder::new(max_rows, max_bytes);
        let mut batches = Vec::new();
        for row in rows {
            batch_builder.push(row);
            while batch_builder.is_full() {
                batches.extend(batch_builder.take());
            }
        }
        batches.extend(batch_builder.take());
        assert!(batch_builder.take().is_none());
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
        assert_eq!(bodies(rows(5), 2, 1_000).len(), 3);
        assert_eq!(bodies(rows(5), 0, 1_000), [r#"{"data":[{"n":0},{"n":1},{"n":2},{"n":3},{"n":4}]}"#]);
        // Two rows of 7 bytes and a comma fit into 15, and a third does not.
        assert_eq!(bodies(rows(5), 0, 15).len(), 3);
        assert_eq!(bodies(rows(5), 0, 14).len(), 5);
        assert_eq!(bodies(rows(3), 0, 1).len(), 3);
        assert!(bodies(rows(0), 0, 100).is_empty());
    }

    #[test]
    fn overhead_is_what_a_body_has_besides_rows_and_separators() {
        let fields = Map::from_iter([("curate".to_owned(), Value::Bool(true))]);
        for fields in [Map::new(), fields] {
            let envelope = Envelope::new(&fields).unwrap();
            let mut batch_builder = BatchBuilder::new(0, 100);
            rows(3).into_iter().for_each(|row| batch_builder.push(row));
            let batch = batch_builder.take().unwrap();
            let body = envelope.body(&batch.buffer, &batch.buffer.rows);
            // Three rows of 7 bytes with two commas.
            assert_eq!(body.len() - envelope.overhead(), 23, "{body:?}");
        }
    }

    #[test]
    fn body_contains_rows_before_other_fields() {
        let fields = Map::from_iter([("curate".to_owned(), Value::Bool(true))]);
        let envelope = Envelope::new(&fields).unwrap();
        let mut batch_builder = BatchBuilder::new(0, 100);
        batch_builder.push(rows(1).remove(0));
        let batch = batch_builder.take().unwrap();
        assert_eq!(
            &envelope.body(&batch.buffer, &batch.buffer.rows)[..],
            br#"{"data":[{"n":0}],"curate":true}"#
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        /// Also of batches with rows that cannot be encoded, and of parts of batches.
        #[test]
        fn bodies_have_the_rows_that_serde_json_writes(
            rows in vec(("[a\"é]{0,9}", prop_oneof![9 => any::<u8>().prop_map(f64::from), 1 => Just(f64::NAN)]), 1..12),
            (max_rows, max_bytes) in (0..5_usize, 1..90_usize),
            part in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        ) {
            let fields = Map::from_iter([("curate".to_owned(), Value::Bool(true))]);
            let envelope = Envelope::new(&fields).unwrap();
            let row = |(name, value): &(String, f64)| std::collections::BTreeMap::from([(name.clone(), *value)]);
            let mut builder = BatchBuilder::new(max_rows, max_bytes);
            let mut batches = Vec::new();
            for input in &rows {
                builder.push(row(input));
                while builder.is_full() {
                    batches.extend(builder.take());
                }
            }
            batches.extend(builder.take());
            let mut next = 0;
            for batch in batches {
                prop_assert_eq!(batch.first, next);
                next = batch.index_range().end;
                let body = |rows: &[&(String, f64)]| {
                    let rows: Vec<_> = rows.iter().map(|input| serde_json::to_string(&row(input)).unwrap()).collect();
                    format!(r#"{{"data":[{}],"curate":true}}"#, rows.join(","))
                };
                let good: Vec<_> = rows[batch.index_range()].iter().filter(|row| row.1.is_finite()).collect();
                prop_assert_eq!(good.len() + batch.unencodable.len(), batch.rows.len());
                let sealed = envelope.seal(batch).buffer;
                prop_assert_eq!(std::str::from_utf8(&sealed.bytes).unwrap(), body(&good));
                let (from, to) = (part.0.index(good.len() + 1), part.1.index(good.len() + 1));
                let part = from.min(to)..from.max(to);
                let found = envelope.body(&sealed, &sealed.rows[part.clone()]);
                prop_assert_eq!(std::str::from_utf8(&found).unwrap(), body(&good[part]));
            }
            prop_assert_eq!(next, rows.len());
        }
    }
}
