//! Encoding of the caller's rows in a request body, in the same way as for ingestion.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

use super::encode::{Buffer, write_strictly};
use crate::error::Error;

/// Rows as a JSON array. All numbers keep their digits.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EncodedRows {
    json: Bytes,
    pub(crate) count: usize,
}

impl EncodedRows {
    /// Encodes rows.
    ///
    /// # Errors
    ///
    /// - [`Encode`](crate::ErrorKind::Encode) for the first row that is not a JSON object with string keys and finite
    ///   numbers. The error contains its index.
    pub(crate) fn new<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Result<Self, Error> {
        let mut buffer = Buffer::new(b"[");
        for (index, row) in rows.into_iter().enumerate() {
            buffer.add(index, &row)?;
        }
        let buffer = buffer.seal(b"]");
        Ok(Self { count: buffer.rows.len(), json: buffer.bytes })
    }

    /// Serializes `request` with these rows as its field `key`. The type of the request cannot represent all numbers.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if another field cannot be written, including NaN and
    ///   infinity.
    pub(crate) fn inside(&self, request: &impl Serialize, key: &str) -> Result<Bytes, Error> {
        let unwritable = |error| {
            Error::invalid(format!("the request cannot be written as JSON: {error}")).caused_by(error)
        };
        let mut written = Vec::new();
        write_strictly(&mut written, request).map_err(unwritable)?;
        let fields: BTreeMap<&str, &RawValue> = serde_json::from_slice(&written).map_err(unwritable)?;
        let mut body = Vec::with_capacity(written.len() + self.json.len() + key.len() + 8);
        body.push(b'{');
        for (name, value) in fields.iter().filter(|(name, _)| **name != key) {
            serde_json::to_writer(&mut body, name).map_err(unwritable)?;
            body.push(b':');
            body.extend_from_slice(value.get().as_bytes());
            body.push(b',');
        }
        serde_json::to_writer(&mut body, key).map_err(unwritable)?;
        body.push(b':');
        body.extend_from_slice(&self.json);
        body.push(b'}');
        Ok(body.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn rows_keep_their_digits_in_a_request_body() {
        let rows = EncodedRows::new([BTreeMap::from([("n", u128::MAX)]), BTreeMap::new()]).unwrap();
        let request = json!({ "data": [], "namespace": "a", "link": { "x": 1.0 } });
        let body = rows.inside(&request, "data").unwrap();
        let expected =
            r#"{"link":{"x":1.0},"namespace":"a","data":[{"n":340282366920938463463374607431768211455},{}]}"#;
        assert_eq!(std::str::from_utf8(&body).unwrap(), expected);
        let none = EncodedRows::new(Vec::<Map<String, Value>>::new()).unwrap();
        assert_eq!(&none.inside(&json!({}), "data").unwrap()[..], br#"{"data":[]}"#);
    }

    #[test]
    fn unrepresentable_values_are_rejected_and_never_null() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let error = EncodedRows::new([[("a", 1.0)], [("a", number)]].map(BTreeMap::from)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Encode);
            assert!(error.to_string().starts_with("row 1 "), "{error}");
            let rows = EncodedRows::new([json!({})]).unwrap();
            let error = rows.inside(&BTreeMap::from([("share", number)]), "data").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
        }
        assert_eq!(EncodedRows::new([json!([1])]).unwrap_err().kind(), ErrorKind::Encode);
    }
}
