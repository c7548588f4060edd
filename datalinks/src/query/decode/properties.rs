//! Decoding in one pass, compared with decoding row by row.

use std::{collections::BTreeMap, fmt::Debug};

use datalinks_gen::Row;
use proptest::{collection::vec, prelude::*, sample::select};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

use super::*;

/// Reads a value, or the default for one that does not fit, as applications do for fields of poor quality.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(T::deserialize(from).unwrap_or_default())
}

#[derive(Debug, Default, Deserialize)]
#[expect(dead_code, reason = "only compared by its text")]
struct Place {
    a: u8,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only compared by its text")]
struct Forgiving {
    a: Option<Value>,
    #[serde(default, deserialize_with = "or_default")]
    b: Option<Place>,
    c: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only compared by its text")]
enum Film {
    #[serde(rename = "a")]
    A(Option<u8>),
    #[serde(rename = "b")]
    B { a: u8 },
}

/// A row of a kind that an application knows, or any other.
#[derive(Debug)]
enum Known {
    #[expect(dead_code, reason = "only compared by its text")]
    Film(Film),
    Other,
}

impl<'de> Deserialize<'de> for Known {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Film::deserialize(from).map_or(Self::Other, Self::Film))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only compared by its text")]
struct Exact {
    a: u8,
    b: Option<String>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only compared by its text")]
struct Flattened {
    a: Option<f64>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "a", content = "b")]
#[expect(dead_code, reason = "only compared by its text")]
enum Adjacent {
    #[serde(rename = "x")]
    X(u8),
    #[serde(other)]
    Other,
}

/// Generates JSON, and some invalid text.
fn value() -> impl Strategy<Value = String> {
    let leaf = select(
        &[
            "0",
            "-0",
            "7",
            "1.0",
            "256",
            "18446744073709551616",
            "0.1000000000000000055511151231257827",
            "1e400",
            "NaN",
            "-Infinity",
            "null",
            "true",
            "\"x\"",
            "\"\"",
            "\"\\u0078\"",
            "\"\\ud800\"",
            "\"\\ud83e\\udd80\"",
            "\"é}]\"",
            "01",
            "\"\t\"",
        ][..],
    )
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(" ,\n"))),
            object(inner),
        ]
    })
}

fn object(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let names = [
        "a",
        "a",
        "a",
        "b",
        "b",
        "b",
        "c",
        "_a",
        "\\u005fa",
        "\\u0061",
        "",
        "_",
        "\\\"_",
        "é",
        "7",
        "x",
        "$serde_json::private::RawValue",
        "$serde_json::private::Number",
    ];
    vec((select(names.to_vec()), value), 0..5).prop_map(|members| {
        let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
        format!("{{{}}}", members.join(",\n"))
    })
}

/// Generates a body, changed at one position in one of two cases.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let row = prop_oneof![20 => object(value()), 1 => value()];
    let metadata = prop_oneof![10 => Just("{}".to_owned()), 1 => object(value())];
    let more = select(
        &[
            "",
            "",
            "",
            ",\"resultType\":\"x\"",
            ",\"resultType\":7",
            ",\"later\":[{}]",
            ",\"data\":[]",
            " ",
            "\n",
        ][..],
    );
    let change = prop_oneof![
        3 => Just(None),
        3 => (any::<prop::sample::Index>(), 0..4u8, select(b"\"{}[],:\\x0_\xff\0 ".to_vec())).prop_map(Some),
    ];
    (vec(row, 0..6), metadata, more, any::<bool>(), change).prop_map(
        |(rows, metadata, more, first, change)| {
            let data = format!("\"data\":[{}]", rows.join(","));
            let metadata = format!("\"metadata\":{metadata}");
            let (one, two) = if first { (metadata, data) } else { (data, metadata) };
            let mut body = format!("{{{one},{two}{more}}}").into_bytes();
            if let Some((index, kind, byte)) = change {
                let at = index.index(body.len());
                match kind {
                    0 => body.truncate(at),
                    1 => body[at] = byte,
                    2 => body.insert(at, byte),
                    _ => {
                        body.remove(at);
                    }
                }
            }
            body
        },
    )
}

fn compare<T: DeserializeOwned + Debug>(body: &[u8]) -> Result<(), TestCaseError> {
    for (metadata_columns, lenient) in [(false, false), (true, false), (false, true), (true, true)] {
        let how = Decoding { metadata_columns, lenient };
        let found = format!("{:?}", decode::<T>(body, how));
        let expected = format!("{:?}", decode_each::<T>(body, how, Vec::new(), 0));
        let name = std::any::type_name::<T>();
        prop_assert_eq!(found, expected, "{} {:?} {}", name, how, String::from_utf8_lossy(body));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_pass_changes_no_result(body in body()) {
        compare::<Row>(&body)?;
        compare::<Exact>(&body)?;
        compare::<Flattened>(&body)?;
        compare::<Adjacent>(&body)?;
        compare::<BTreeMap<String, Box<RawValue>>>(&body)?;
        compare::<Box<RawValue>>(&body)?;
        compare::<Option<Exact>>(&body)?;
        compare::<Film>(&body)?;
        compare::<(u8, Value)>(&body)?;
    }

    /// Such types read some invalid text, such as `[{]`, as `serde_json` does.
    #[test]
    fn one_pass_changes_no_result_of_types_that_ignore_errors(body in body()) {
        if serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_ok() {
            compare::<Forgiving>(&body)?;
            compare::<Known>(&body)?;
        }
    }
}

/// Regression: after an error that a type ignored, the rest of the row was read as further rows, in place of the rows
/// that follow.
#[test]
fn type_that_ignores_an_error_changes_no_other_row() {
    let read = |rows: &str, metadata_columns| {
        let body = format!(r#"{{"data":[{rows}],"metadata":{{}}}}"#);
        let answer = decode(body.as_bytes(), Decoding { metadata_columns, lenient: true }).unwrap();
        let rows: &Vec<Known> = &answer.rows;
        let rejected: Vec<usize> = answer.rejected.iter().map(|row| row.index).collect();
        format!("{rows:?} {rejected:?}")
    };
    assert_eq!(read(r#"{"b":{"a":1}},{"a":7}"#, false), "[Film(B { a: 1 }), Film(A(Some(7)))] []");
    assert_eq!(
        read(r#"{"a":256,"b":"x"},{"a":7},{"a":8}"#, true),
        "[Film(A(Some(7))), Film(A(Some(8)))] [0]"
    );
}
