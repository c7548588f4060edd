//! The result of a query.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset};
use datalinks_gen::{IsoDuration, Row};
use memchr::memmem;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{
    json::{
        misfit::{field_at, missing_field, offset, reason},
        row_members::{RowMembers, Text},
    },
    secrets,
    types::Rejected,
};

/// The rows of a query, and the data that the service returns with them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct QueryAnswer<T> {
    /// The rows, in the order of the response.
    pub rows: Vec<T>,
    /// Rows that do not fit `T`. Empty unless the query was [lenient](crate::query::QueryBuilder::lenient).
    pub rejected: Vec<Rejected>,
    /// Number of rows, as the service reports it.
    pub count: Option<i64>,
    /// The query that ran.
    pub executed_query: Option<String>,
    /// The query that was sent.
    pub original_query: Option<String>,
    /// The dataset that the query started at.
    pub starting_dataset: Option<String>,
    /// The dataset of the rows.
    pub final_dataset: Option<String>,
    /// The kind of the result. The service does not document its values.
    pub result_type: Option<String>,
    /// The explanation of the execution, or `None` if it was not requested.
    pub explain: Option<Explain>,
    /// Other fields of the metadata.
    pub extra: Row,
}

impl<T> QueryAnswer<T> {
    /// Creates an answer with the given rows. All other fields are public.
    ///
    /// # Examples
    ///
    /// ```
    /// use datalinks::query::QueryAnswer;
    ///
    /// let mut answer = QueryAnswer::new(vec!["Alien", "Brazil"]);
    /// answer.executed_query = Some("FIND films".to_owned());
    /// assert_eq!((answer.rows.len(), answer.count), (2, None));
    /// ```
    pub fn new(rows: Vec<T>) -> Self {
        Self {
            rows,
            rejected: Vec::new(),
            count: None,
            executed_query: None,
            original_query: None,
            starting_dataset: None,
            final_dataset: None,
            result_type: None,
            explain: None,
            extra: Row::new(),
        }
    }
}

/// A node of the tree that explains a query.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Explain {
    /// The id of the node.
    pub id: String,
    /// The dataset that was read, and its number of rows.
    #[serde(rename = "datasetQueriesStat")]
    pub dataset: DatasetCount,
    /// The start time of the node.
    pub start: DateTime<FixedOffset>,
    /// The duration of the node.
    pub duration: IsoDuration,
    /// The nodes that this node depends on.
    pub children: Vec<Explain>,
    /// Other fields of the node.
    #[serde(flatten)]
    pub extra: Row,
}

/// A dataset and the number of rows found in it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DatasetCount {
    /// The owner of the dataset.
    pub username: String,
    /// The namespace of the dataset.
    pub namespace: String,
    /// The name of the dataset.
    pub dataset: String,
    /// Number of rows found in the dataset.
    #[serde(deserialize_with = "datalinks_gen::whole::required")]
    pub result_count: i64,
    /// Other fields.
    #[serde(flatten)]
    pub extra: Row,
}

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
    let body: Body<'_> = serde_json::from_slice(body).map_err(|error| Unreadable {
        message: format!("the response is not a query response: {error}"),
        kind: UnreadableKind::Response,
    })?;
    let mut rows = Vec::with_capacity(body.data.len());
    let mut rejected = Vec::new();
    for (index, raw) in body.data.into_iter().enumerate() {
        match read_row(raw, how) {
            Ok(row) => rows.push(row),
            Err(misfit) if how.lenient => {
                rejected.push(Rejected::new(index, raw.get(), misfit.reason));
            }
            Err(misfit) => return Err(misfit.into_unreadable(index, raw)),
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
        return serde_json::from_str(text).map_err(|error| misfit(text, &[], &error));
    }
    if !text.starts_with('{') {
        let reason = "a row must be a JSON object".to_owned();
        return Err(Misfit { reason, kind: UnreadableKind::Row });
    }
    let (visible, hidden) = without_metadata(text).map_err(|error| misfit(text, &[], &error))?;
    serde_json::from_str(&visible).map_err(|error| misfit(&visible, &hidden, &error))
}

/// Returns the reason why `text` does not fit. `hidden` are the names of the columns that were removed from it.
fn misfit(text: &str, hidden: &[String], error: &serde_json::Error) -> Misfit {
    let reason = reason(error);
    if let Some(name) = missing_field(&reason).filter(|name| hidden.iter().any(|hidden| hidden == name)) {
        let reason = format!(
            "missing field `{name}`, because columns whose name begins with an underscore are dropped unless they are \
             requested"
        );
        return Misfit { reason, kind: UnreadableKind::MetadataColumn };
    }
    let reason = match field_at(text, offset(text, error)) {
        Some(field) => format!("the field {:?}: {reason}", field.path),
        None => reason,
    };
    Misfit { reason, kind: UnreadableKind::Row }
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
}
