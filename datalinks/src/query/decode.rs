//! Decoding of the response to a query.

#[cfg(test)]
mod properties;

use std::borrow::Cow;

use memchr::memmem;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::{
    answer::{Explain, QueryAnswer},
    one_pass::{self, Metadata, Rest},
};
use crate::{
    json::{
        misfit::{Mismatch, missing_field},
        row_members::{RowMembers, Text},
    },
    secrets,
    types::Rejected,
};

/// The options for decoding rows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Decoding {
    /// Set if columns whose name begins with an underscore are kept.
    pub(crate) metadata_columns: bool,
    /// Set if rows that do not fit are kept apart. Otherwise one such row fails the query.
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

/// The reason why a response, or a row of it, cannot be decoded.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) message: String,
    pub(crate) kind: UnreadableKind,
}

/// The kind of an undecodable response.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum UnreadableKind {
    /// The body is not a query response.
    Response,
    /// A row does not fit the type.
    Row,
    /// The type requires a column that the response has, but that was dropped because its name begins with an
    /// underscore.
    MetadataColumn,
}

/// Decodes the body of a response. Rows are deserialized directly from the text into `T`, so numbers keep their digits.
pub(crate) fn decode<T: DeserializeOwned>(body: &[u8], how: Decoding) -> Result<QueryAnswer<T>, Unreadable> {
    let mut rows = Vec::new();
    match one_pass::decode(body, how.metadata_columns, &mut rows) {
        Ok(rest) => Ok(answer(rows, Vec::new(), rest)),
        Err(stopped) => decode_each(body, how, rows, stopped),
    }
}

/// Decodes the body of a response row by row. `rows` contains the first rows. Those that end before the offset `stopped`
/// are not decoded again.
fn decode_each<T: DeserializeOwned>(
    bytes: &[u8],
    how: Decoding,
    mut rows: Vec<T>,
    stopped: usize,
) -> Result<QueryAnswer<T>, Unreadable> {
    let body: Body<'_> = serde_json::from_slice(bytes).map_err(|error| Unreadable {
        message: format!("the response is not a query response: {error}"),
        kind: UnreadableKind::Response,
    })?;
    let mut rejected = Vec::new();
    // The row at which the first pass stopped is decoded here, and may be in `rows` in parts.
    let offset = |row: &RawValue| row.get().as_ptr().addr() - bytes.as_ptr().addr();
    let begun = body.data.iter().take_while(|row| offset(row) <= stopped).count();
    rows.truncate(begun.saturating_sub(1));
    let decoded = rows.len();
    rows.reserve_exact(body.data.len().saturating_sub(decoded));
    for (index, raw) in body.data.into_iter().enumerate().skip(decoded) {
        match read_row(raw, how) {
            Ok(row) => rows.push(row),
            Err(misfit) if how.lenient => {
                rejected.push(Rejected::new(index, raw.get(), misfit.reason));
            }
            Err(misfit) => return Err(misfit.into_unreadable(index, raw)),
        }
    }
    let Body { metadata, result_type, explain_results: explain, .. } = body;
    Ok(answer(rows, rejected, Rest { metadata, result_type, explain }))
}

fn answer<T>(rows: Vec<T>, rejected: Vec<Rejected>, rest: Rest) -> QueryAnswer<T> {
    let Rest { metadata, result_type, explain } = rest;
    let Metadata { count, executed_query, original_query, starting_dataset, final_dataset, extra } = metadata;
    QueryAnswer {
        rows,
        rejected,
        count,
        executed_query,
        original_query,
        starting_dataset,
        final_dataset,
        result_type,
        explain,
        extra,
    }
}

/// Decodes one row. The error contains its index and the reason.
pub(crate) fn decode_row<T: DeserializeOwned>(
    index: usize,
    raw: &RawValue,
    how: Decoding,
) -> Result<T, Unreadable> {
    read_row(raw, how).map_err(|misfit| misfit.into_unreadable(index, raw))
}

/// The reason why a row does not fit the type.
struct Misfit {
    reason: String,
    kind: UnreadableKind,
}

impl Misfit {
    fn into_unreadable(self, index: usize, raw: &RawValue) -> Unreadable {
        let start = secrets::start(raw.get(), 100);
        let message =
            format!("row {index} does not fit the type: {}; the row begins with {start}", self.reason);
        Unreadable { message, kind: self.kind }
    }
}

/// Deserializes a row from its text, so that all types are possible, including raw JSON.
fn read_row<T: DeserializeOwned>(raw: &RawValue, how: Decoding) -> Result<T, Misfit> {
    let text = raw.get();
    if how.metadata_columns {
        return serde_json::from_str(text).map_err(|error| misfit::<T>(text, &[], &error));
    }
    if !text.starts_with('{') {
        let reason = "a row must be a JSON object".to_owned();
        return Err(Misfit { reason, kind: UnreadableKind::Row });
    }
    let (visible, hidden) =
        without_metadata(text).map_err(|error| misfit::<RowMembers<'_>>(text, &[], &error))?;
    serde_json::from_str(&visible).map_err(|error| misfit::<T>(&visible, &hidden, &error))
}

/// Returns the reason why `text` does not fit `T`. `hidden` are the names of the columns that were removed from it.
fn misfit<'de, T: Deserialize<'de>>(text: &str, hidden: &[String], error: &serde_json::Error) -> Misfit {
    let mismatch = Mismatch::of::<T>(text, error);
    if let Some(name) =
        missing_field(&mismatch.reason).filter(|name| hidden.iter().any(|hidden| hidden == name))
    {
        let reason = format!(
            "missing field `{name}`, because columns whose name begins with an underscore are dropped unless they are \
             requested"
        );
        return Misfit { reason, kind: UnreadableKind::MetadataColumn };
    }
    Misfit { reason: mismatch.to_string(), kind: UnreadableKind::Row }
}

/// Returns the row without the members whose name begins with an underscore, and the names of these members.
fn without_metadata(text: &str) -> Result<(Cow<'_, str>, Vec<String>), serde_json::Error> {
    let find = |start| memmem::find(text.as_bytes(), start).is_some();
    // Such a name begins with an underscore, or with an escape that may be one.
    if !find(br#""_"#) && !find(br#""\u"#) {
        return Ok((Cow::Borrowed(text), Vec::new()));
    }
    let RowMembers(members) = serde_json::from_str(text)?;
    let (hidden, shown): (Vec<_>, Vec<_>) =
        members.into_iter().partition(|(Text(name), _)| name.starts_with('_'));
    if hidden.is_empty() {
        return Ok((Cow::Borrowed(text), Vec::new()));
    }
    let mut visible = String::with_capacity(text.len());
    visible.push('{');
    for (Text(name), value) in shown {
        if visible.len() > 1 {
            visible.push(',');
        }
        visible.push_str(&serde_json::to_string(&name)?);
        visible.push(':');
        visible.push_str(value.get());
    }
    visible.push('}');
    Ok((Cow::Owned(visible), hidden.into_iter().map(|(Text(name), _)| name.into_owned()).collect()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use datalinks_gen::Row;
    use serde_json::Value;

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
    fn rows_and_metadata_are_decoded() {
        let rows = r#"{"title":"1917","year":2019,"_meta":{"x":1}},{"year":null,"title":"é"}"#;
        let answer: QueryAnswer<Film> = decode(&body(rows), Decoding::default()).unwrap();
        assert_eq!(answer.rows[0], Film { title: "1917".into(), year: Some(2019) });
        assert_eq!((answer.count, answer.executed_query.as_deref()), (Some(1), Some("q")));
        assert_eq!(answer.extra["new"], true);
    }

    #[test]
    fn metadata_columns_are_dropped_unless_requested() {
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
    fn undecodable_row_is_an_error_or_kept_apart() {
        let rows = r#"{"title":"a"},{"title":7},{"title":"b"},5"#;
        let error = decode::<Film>(&body(rows), Decoding::default()).unwrap_err();
        let expected =
            "row 1 does not fit the type: the field \"title\": invalid type: integer `7`, expected a string";
        assert!(error.message.starts_with(expected), "{}", error.message);
        assert_eq!(error.kind, UnreadableKind::Row);
        let how = Decoding { lenient: true, ..Decoding::default() };
        let answer = decode::<Film>(&body(rows), how).unwrap();
        assert_eq!(answer.rows.len(), 2);
        assert_eq!(answer.rejected.iter().map(|row| row.index).collect::<Vec<_>>(), [1, 3]);
        assert!(
            answer.rejected[0].reason.starts_with("the field \"title\""),
            "{}",
            answer.rejected[0].reason
        );
    }

    /// Regression: rows could be kept as JSON text (`RawValue`) only with metadata columns.
    #[test]
    fn rows_can_be_kept_as_their_text() {
        let rows = r#"{"n": 1.10000000000000000001, "é\"":[ {"_in":1} ]},{"_id":7,"n":123456789012345678901234,"\u005fx":[]}"#;
        let answer: QueryAnswer<Box<RawValue>> = decode(&body(rows), Decoding::default()).unwrap();
        let texts: Vec<&str> = answer.rows.iter().map(|row| row.get()).collect();
        let first = r#"{"n": 1.10000000000000000001, "é\"":[ {"_in":1} ]}"#;
        assert_eq!(texts, [first, r#"{"n":123456789012345678901234}"#]);
        #[cfg(feature = "read")]
        {
            use crate::read::RawRow;
            let answer: QueryAnswer<RawRow> = decode(&body(rows), Decoding::default()).unwrap();
            assert_eq!(answer.rows[0].json(), first);
            let how = Decoding { metadata_columns: true, lenient: true };
            let answer: QueryAnswer<RawRow> = decode(&body("{\"_id\":7},[1]"), how).unwrap();
            assert_eq!((answer.rows[0].json(), answer.rejected.len()), ("{\"_id\":7}", 1));
        }
        assert!(decode::<Box<RawValue>>(&body("5"), Decoding::default()).is_err());
    }

    /// Regression: rows of an enum type could be read only with metadata columns.
    #[test]
    fn rows_can_be_enums_and_hold_fields_as_text() {
        #[derive(Debug, Deserialize, PartialEq)]
        enum Event {
            Film { title: String },
        }
        #[derive(Debug, Deserialize)]
        struct Kept {
            n: Box<RawValue>,
        }
        let rows = r#"{"_id":1,"Film":{"title":"Alien"}}"#;
        let answer: QueryAnswer<Event> = decode(&body(rows), Decoding::default()).unwrap();
        assert_eq!(answer.rows, [Event::Film { title: "Alien".into() }]);
        let answer: QueryAnswer<Kept> = decode(&body(r#"{"_id":1,"n":1.50}"#), Decoding::default()).unwrap();
        assert_eq!(answer.rows[0].n.get(), "1.50");
    }

    /// Regression: a type with a field `_id`, as document stores have it, failed with "missing field" and without a
    /// reference to the dropped columns.
    #[test]
    fn omitted_column_is_reported() {
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "only errors are checked")]
        struct Document {
            #[serde(rename = "_id")]
            id: u64,
        }
        let error = decode::<Document>(&body(r#"{"_id":7,"a":1}"#), Decoding::default()).unwrap_err();
        assert_eq!(error.kind, UnreadableKind::MetadataColumn);
        assert!(error.message.contains("`_id`") && error.message.contains("underscore"), "{}", error.message);
        // The response does not have the column.
        let error = decode::<Document>(&body(r#"{"_x":7}"#), Decoding::default()).unwrap_err();
        assert_eq!(error.kind, UnreadableKind::Row);
        let how = Decoding { metadata_columns: true, ..Decoding::default() };
        assert_eq!(decode::<Document>(&body(r#"{"a":7}"#), how).unwrap_err().kind, UnreadableKind::Row);
        assert!(decode::<Document>(&body(r#"{"_id":7}"#), how).is_ok());
    }

    #[test]
    fn response_of_another_shape_is_an_error() {
        for bad in ["", "[]", "{}", r#"{"data":[]}"#, r#"{"data":null,"metadata":{}}"#, "<html>"] {
            assert!(decode::<Row>(bad.as_bytes(), Decoding::default()).is_err(), "{bad}");
        }
    }

    /// The bodies of responses for the comparison of the two ways of decoding.
    fn bodies() -> Vec<Vec<u8>> {
        let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(126), "]".repeat(126));
        let too_deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(200), "]".repeat(200));
        let rows = [
            "",
            "{}",
            r#"{"a":1}"#,
            r#"{"a":1,"b":"x"},{"a":2,"b":null}"#,
            r#"{"_id":"x","a":1,"_list":[{"a":2}]},{"\u005fid":3,"a":1}, {"_a":1} "#,
            r#"{"a":1},{"a":"x"},{"a":3}"#,
            r#"{"a":1},5,{"a":2}"#,
            r#"{"a":1},[1],{"a":2}"#,
            r#"null,{"a":1}"#,
            r#"{"a":1,"a":2}"#,
            r#"{"_a":1,"_a":2,"a":3}"#,
            r#"{"a":18446744073709551616,"b":0.1000000000000000055511151231257827}"#,
            r#"{"a":1e400}"#,
            r#"{"a":1,"x":1e400}"#,
            r#"{"7":1,"_8":2,"true":3}"#,
            r#"{"Film":{"a":1},"_x":0}"#,
            r#"{"$serde_json::private::RawValue":"1"}"#,
            r#"{"$serde_json::private::Number":"1"}"#,
            r#"{"":0,"_":0," _":1}"#,
            r#"{"a":"\ud800"}"#,
            r#"{"_a":"\ud800","a":1}"#,
            r#"{"a":1}}"#,
            r#"{"a":1"#,
            r#"{"a":1},"#,
            deep.as_str(),
            too_deep.as_str(),
        ];
        let mut bodies: Vec<Vec<u8>> = rows.into_iter().map(body).collect();
        bodies.extend(
            [
                r#"{"data":[{"a":1}]}"#,
                r#"{"data":[{"a":1}],"data":[],"metadata":{}}"#,
                r#"{"data":[{"a":1}],"metadata":{},"metadata":{}}"#,
                r#"{"metadata":{},"data":[{"a":1}],"resultType":"x","explainResults":null}"#,
                r#"{"metadata":{},"data":[{"a":1}],"resultType":"x","resultType":"y"}"#,
                r#"{"metadata":{},"data":[{"a":1}],"explainResults":"x","explainResults":"y"}"#,
                r#"{"metadata":{"count":"x"},"data":[{"a":1}]}"#,
                r#"{"metadata":{},"data":[{"a":1}],"resultType":7}"#,
                r#"{"metadata":{},"data":null}"#,
                r#"{"metadata":{},"data":{"a":1}}"#,
                r#"{"d\u0061ta":[{"a":1}],"metadata":{"count":1.0}}"#,
                r#"{"data":[{"a":1}],"metadata":{}} x"#,
                r#"[[{"a":1}],{},null,null]"#,
                "",
                "7",
            ]
            .map(|text| text.as_bytes().to_vec()),
        );
        bodies.push(b"{\"data\":[{\"a\":1,\"x\":\"\xff\"}],\"metadata\":{}}".to_vec());
        bodies
    }

    /// Checks that a decoding in one pass changes no result. Returns the number of bodies that were read in one pass.
    fn compare<T: DeserializeOwned + std::fmt::Debug>() -> usize {
        let mut in_one_pass = 0;
        for body in bodies() {
            for (metadata_columns, lenient) in [(false, false), (true, false), (false, true), (true, true)] {
                let how = Decoding { metadata_columns, lenient };
                let found = format!("{:?}", decode::<T>(&body, how));
                let expected = format!("{:?}", decode_each::<T>(&body, how, Vec::new(), 0));
                assert_eq!(found, expected, "{how:?} {}", String::from_utf8_lossy(&body));
                in_one_pass +=
                    usize::from(one_pass::decode::<T>(&body, metadata_columns, &mut Vec::new()).is_ok());
            }
        }
        in_one_pass
    }

    #[test]
    fn one_pass_changes_no_result() {
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "only compared by its text")]
        struct Counted {
            a: u128,
            b: Option<Value>,
        }
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "only compared by its text")]
        struct Flattened {
            a: Option<u64>,
            #[serde(flatten)]
            rest: Row,
        }
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "only compared by its text")]
        struct Kept {
            a: Box<RawValue>,
        }
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "only compared by its text")]
        enum Event {
            Film { a: u8 },
        }
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "only compared by its text")]
        struct Whole(Row);
        #[derive(Debug, Deserialize)]
        #[serde(untagged)]
        #[expect(dead_code, reason = "only compared by its text")]
        enum Either {
            Number { a: u8 },
            Other(Value),
        }
        for in_one_pass in [
            compare::<Row>(),
            compare::<Value>(),
            compare::<Counted>(),
            compare::<Flattened>(),
            compare::<Kept>(),
            compare::<Either>(),
            compare::<BTreeMap<String, Box<RawValue>>>(),
            compare::<serde::de::IgnoredAny>(),
        ] {
            assert!(in_one_pass > 20, "{in_one_pass}");
        }
        compare::<Box<RawValue>>();
        compare::<Event>();
        compare::<Whole>();
        compare::<Option<Row>>();
        compare::<Vec<u8>>();
        compare::<BTreeMap<u64, u64>>();
        compare::<()>();
        compare::<u8>();
    }

    /// Members that are not read in one pass cost a second one, which no result shows.
    #[test]
    fn one_pass_reads_every_member_once() {
        let members = [
            r#""data":[{"a":1}]"#,
            r#""metadata":{"count":1}"#,
            r#""resultType":"rows""#,
            r#""explainResults":null"#,
            r#""later":[2]"#,
        ];
        let read = |members: &[&str]| {
            let mut rows: Vec<Value> = Vec::new();
            let rest = one_pass::decode(format!("{{{}}}", members.join(",")).as_bytes(), false, &mut rows);
            rest.map(|rest| (rows.len(), rest.metadata.count, rest.result_type)).ok()
        };
        let whole = Some((1, Some(1), Some("rows".to_owned())));
        let reversed: Vec<&str> = members.into_iter().rev().collect();
        assert_eq!((read(&members), read(&reversed)), (whole.clone(), whole.clone()));
        for repeated in members {
            let twice = [&members[..], &[repeated]].concat();
            let is_known = !repeated.contains("later");
            assert_eq!(read(&twice), whole.clone().filter(|_| !is_known), "{repeated}");
        }
    }

    #[test]
    fn rows_before_an_undecodable_one_are_decoded_once() {
        let rows = r#"{"title":"a"},{"_id":1,"title":"b"},{"title":7},{"title":"c"}"#;
        let mut found: Vec<Film> = Vec::new();
        assert!(one_pass::decode(&body(rows), false, &mut found).is_err());
        assert_eq!(found.len(), 2);
        let how = Decoding { lenient: true, ..Decoding::default() };
        let answer: QueryAnswer<Film> = decode(&body(rows), how).unwrap();
        let titles: Vec<_> = answer.rows.iter().map(|film| film.title.as_str()).collect();
        assert_eq!((titles.concat().as_str(), answer.rejected[0].index), ("abc", 2));
    }
}
