//! The rows of a response, one after the other, without a list of them.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserializer,
    de::{Error as _, IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::rows::Rows;

/// Calls `each` for the JSON text of each row of a response, until it returns an error.
pub(super) fn rows(body: &[u8], each: impl FnMut(&RawValue) -> Result<(), String>) -> Result<(), String> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let read = deserializer.deserialize_map(Response(each)).and_then(|()| deserializer.end());
    read.map_err(|error| format!("the rows of the response cannot be read: {error}"))
}

struct Response<F>(F);

impl<'de, F: FnMut(&RawValue) -> Result<(), String>> Visitor<'de> for Response<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a query response")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        let mut found = false;
        while let Some(name) = members.next_key::<String>()? {
            if name != "data" {
                members.next_value::<IgnoredAny>()?;
                continue;
            }
            if found {
                return Err(A::Error::duplicate_field("data"));
            }
            found = true;
            members.next_value_seed(Rows { seed: PhantomData, each: &mut self.0 })?;
        }
        if found { Ok(()) } else { Err(A::Error::missing_field("data")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        rows(body.as_bytes(), |row| {
            found.push(row.get().to_owned());
            if row.get() == "0" { Err("zero".to_owned()) } else { Ok(()) }
        })?;
        Ok(found)
    }

    #[test]
    fn rows_are_read_with_their_text() {
        let body = r#"{"metadata":{"count":2},"data":[{"a":1.10},{"b":null}],"resultType":"x"}"#;
        assert_eq!(read(body).unwrap(), [r#"{"a":1.10}"#, r#"{"b":null}"#]);
        assert_eq!(read(r#"{"data":[]}"#).unwrap(), [""; 0]);
    }

    #[test]
    fn other_bodies_are_errors() {
        for (body, part) in [
            ("{}", "missing field `data`"),
            (r#"{"data":[],"data":[]}"#, "duplicate field"),
            (r#"{"data":{}}"#, "array of rows"),
            ("[]", "a query response"),
            (r#"{"data":[1,0]}"#, "row 1: zero"),
            (r#"{"data":[]} x"#, "trailing"),
        ] {
            let error = read(body).unwrap_err();
            assert!(error.contains(part), "{body}: {error}");
        }
    }
}
