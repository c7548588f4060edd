//! The answer to a query.

use std::fmt;

use chrono::{DateTime, FixedOffset};
use datalinks_gen::{IsoDuration, Row};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{Rejected, secrets};

/// Rows, and what the service tells beside them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct QueryAnswer<T> {
    /// The rows, in the order of the answer.
    pub rows: Vec<T>,
    /// Rows that do not fit `T`; empty unless the query was asked to keep them apart.
    pub rejected: Vec<Rejected>,
    /// The number of rows, as the service counts them.
    pub count: Option<i64>,
    /// The query that ran.
    pub executed_query: Option<String>,
    /// The query that was asked.
    pub original_query: Option<String>,
    /// The dataset that the query began with.
    pub starting_dataset: Option<String>,
    /// The dataset that its rows are of.
    pub final_dataset: Option<String>,
    /// Kind of the result. The service does not document the words.
    pub result_type: Option<String>,
    /// How the query was carried out, when that was asked for.
    pub explain: Option<Explain>,
    /// What else the service tells.
    pub extra: Row,
}

/// One node of the tree that explains a query.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Explain {
    /// Its id.
    pub id: String,
    /// What it read, and how many rows came of it.
    #[serde(rename = "datasetQueriesStat")]
    pub dataset: DatasetCount,
    /// When it began.
    pub start: DateTime<FixedOffset>,
    /// How long it took.
    pub duration: IsoDuration,
    /// What it rests on.
    pub children: Vec<Explain>,
    /// What else the service tells.
    #[serde(flatten)]
    pub extra: Row,
}

/// A dataset and how many rows came of it.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DatasetCount {
    /// Its owner.
    pub username: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub dataset: String,
    /// Rows that came of it.
    #[serde(deserialize_with = "datalinks_gen::whole::required")]
    pub result_count: i64,
    /// What else the service tells.
    #[serde(flatten)]
    pub extra: Row,
}

/// How the rows are read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Decoding {
    /// Columns whose name begins with an underscore are kept.
    pub(crate) metadata_columns: bool,
    /// Rows that do not fit are kept apart, instead of failing all.
    pub(crate) lenient: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
    metadata: Metadata,
    result_type: Option<String>,
    explain_results: Option<Explain>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    #[serde(default, deserialize_with = "datalinks_gen::whole::optional")]
    count: Option<i64>,
    executed_query: Option<String>,
    original_query: Option<String>,
    starting_dataset: Option<String>,
    final_dataset: Option<String>,
    #[serde(flatten)]
    extra: Row,
}

/// Reads the body of an answer. Rows go straight from the text into `T`: their numbers keep their digits.
pub(crate) fn decode<T: DeserializeOwned>(body: &[u8], how: Decoding) -> Result<QueryAnswer<T>, String> {
    let body: Body<'_> =
        serde_json::from_slice(body).map_err(|error| format!("the answer is no query answer: {error}"))?;
    let mut rows = Vec::with_capacity(body.data.len());
    let mut rejected = Vec::new();
    for (index, raw) in body.data.into_iter().enumerate() {
        match read_row(raw, how) {
            Ok(row) => rows.push(row),
            Err(error) if how.lenient => {
                rejected.push(Rejected::new(index, raw.get(), error));
            }
            Err(error) => return Err(misfit(index, raw, &error)),
        }
    }
    let Metadata { count, executed_query, original_query, starting_dataset, final_dataset, extra } =
        body.metadata;
    Ok(QueryAnswer {
        rows,
        rejected,
        count,
        executed_query,
        original_query,
        starting_dataset,
        final_dataset,
        result_type: body.result_type,
        explain: body.explain_results,
        extra,
    })
}

/// Reads one row, or says which row does not fit and why.
pub(crate) fn decode_row<T: DeserializeOwned>(
    index: usize,
    raw: &RawValue,
    how: Decoding,
) -> Result<T, String> {
    read_row(raw, how).map_err(|error| misfit(index, raw, &error))
}

fn read_row<T: DeserializeOwned>(raw: &RawValue, how: Decoding) -> Result<T, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(raw.get());
    if how.metadata_columns { T::deserialize(&mut reader) } else { T::deserialize(Visible(&mut reader)) }
}

fn misfit(index: usize, raw: &RawValue, error: &serde_json::Error) -> String {
    let start = secrets::start(raw.get(), 100);
    format!("row {index} does not fit: {error}; it begins with {start}")
}

/// Reads a JSON object as if its fields that begin with an underscore were not there.
struct Visible<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Visible<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(VisibleFields(visitor))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct VisibleFields<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for VisibleFields<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row, which is a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(VisibleMap(map))
    }
}

struct VisibleMap<A>(A);

impl<'de, A: MapAccess<'de>> MapAccess<'de> for VisibleMap<A> {
    type Error = A::Error;

    fn next_key_seed<K: serde::de::DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.0.next_key::<std::borrow::Cow<'de, str>>()? {
            if key.starts_with('_') {
                self.0.next_value::<serde::de::IgnoredAny>()?;
                continue;
            }
            return seed.deserialize(serde::de::value::CowStrDeserializer::new(key)).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<S: serde::de::DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(seed)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Film {
        title: String,
        year: Option<u64>,
    }

    fn body(rows: &str) -> Vec<u8> {
        format!(r#"{{"data":[{rows}],"metadata":{{"count":1,"executedQuery":"q","new":true}},"later":1}}"#)
            .into_bytes()
    }

    #[test]
    fn reads_rows_and_what_stands_beside_them() {
        let rows = r#"{"title":"1917","year":2019,"_meta":{"x":1}},{"year":null,"title":"é"}"#;
        let answer: QueryAnswer<Film> = decode(&body(rows), Decoding::default()).unwrap();
        assert_eq!(answer.rows[0], Film { title: "1917".into(), year: Some(2019) });
        assert_eq!((answer.count, answer.executed_query.as_deref()), (Some(1), Some("q")));
        assert_eq!(answer.extra["new"], true);
    }

    #[test]
    fn metadata_columns_are_left_out_unless_asked_for() {
        let rows = r#"{"a":1,"_b":2}"#;
        let hidden: QueryAnswer<Row> = decode(&body(rows), Decoding::default()).unwrap();
        assert_eq!(hidden.rows[0].keys().collect::<Vec<_>>(), ["a"]);
        let how = Decoding { metadata_columns: true, ..Decoding::default() };
        let shown: QueryAnswer<BTreeMap<String, u8>> = decode(&body(rows), how).unwrap();
        assert_eq!(shown.rows[0].len(), 2);
        let value: QueryAnswer<serde_json::Value> = decode(&body(rows), Decoding::default()).unwrap();
        assert_eq!(value.rows[0], serde_json::json!({ "a": 1 }));
    }

    #[test]
    fn one_odd_row_is_named_or_kept_apart() {
        let rows = r#"{"title":"a"},{"title":7},{"title":"b"},5"#;
        let error = decode::<Film>(&body(rows), Decoding::default()).unwrap_err();
        assert!(error.contains("row 1") && error.contains("7"), "{error}");
        let how = Decoding { lenient: true, ..Decoding::default() };
        let answer = decode::<Film>(&body(rows), how).unwrap();
        assert_eq!(answer.rows.len(), 2);
        assert_eq!(answer.rejected.iter().map(|row| row.index).collect::<Vec<_>>(), [1, 3]);
    }

    #[test]
    fn another_shape_is_an_error() {
        for bad in ["", "[]", "{}", r#"{"data":[]}"#, r#"{"data":null,"metadata":{}}"#, "<html>"] {
            assert!(decode::<Row>(bad.as_bytes(), Decoding::default()).is_err(), "{bad}");
        }
    }
}
