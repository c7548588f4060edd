//! The answer to a query.

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

/// Rows, and what the service tells beside them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
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

impl<T> QueryAnswer<T> {
    /// Creates an answer with these rows and nothing else. The other fields are public.
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

/// One node of the tree that explains a query.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
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
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
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

/// Why a response, or a row of it, cannot be read.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) message: String,
    pub(crate) kind: UnreadableKind,
}

/// What the caller can do about it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum UnreadableKind {
    /// The response is not one to a query.
    Response,
    /// A row does not fit the type.
    Row,
    /// The type needs a column that the response has, but that was omitted because its name begins with an underscore.
    MetadataColumn,
}

/// Reads the body of an answer. Rows go straight from the text into `T`: their numbers keep their digits.
pub(crate) fn decode<T: DeserializeOwned>(body: &[u8], how: Decoding) -> Result<QueryAnswer<T>, Unreadable> {
    let body: Body<'_> = serde_json::from_slice(body).map_err(|error| Unreadable {
        message: format!("the answer is no query answer: {error}"),
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

/// Reads one row, or says which row does not fit and why.
pub(crate) fn decode_row<T: DeserializeOwned>(
    index: usize,
    raw: &RawValue,
    how: Decoding,
) -> Result<T, Unreadable> {
    read_row(raw, how).map_err(|misfit| misfit.into_unreadable(index, raw))
}

/// Why a row does not fit the type.
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

/// Reads a row from its text, so that every type can be asked for: text that is kept as JSON, too.
fn read_row<T: DeserializeOwned>(raw: &RawValue, how: Decoding) -> Result<T, Misfit> {
    let text = raw.get();
    if how.metadata_columns {
        return serde_json::from_str(text).map_err(|error| misfit(text, &[], &error));
    }
    if !text.starts_with('{') {
        let reason = "a row has to be a JSON object".to_owned();
        return Err(Misfit { reason, kind: UnreadableKind::Row });
    }
    let (visible, hidden) = without_metadata(text).map_err(|error| misfit(text, &[], &error))?;
    serde_json::from_str(&visible).map_err(|error| misfit(&visible, &hidden, &error))
}

/// Why `text` does not fit. `hidden` are the columns that were left out of it.
fn misfit(text: &str, hidden: &[String], error: &serde_json::Error) -> Misfit {
    let reason = reason(error);
    if let Some(name) = missing_field(&reason).filter(|name| hidden.iter().any(|hidden| hidden == name)) {
        let reason = format!(
            "missing field `{name}`, because columns whose name begins with an underscore are omitted unless they are \
             asked for"
        );
        return Misfit { reason, kind: UnreadableKind::MetadataColumn };
    }
    let reason = match field_at(text, offset(text, error)) {
        Some(field) => format!("the field {:?}: {reason}", field.path),
        None => reason,
    };
    Misfit { reason, kind: UnreadableKind::Row }
}

/// The row without the members whose name begins with an underscore, and the names of those.
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

    /// Rows could not be kept as JSON text (`RawValue`) unless metadata columns were asked for.
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

    /// Rows of a type that is an enum could be read with metadata columns only.
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

    /// A type with a field `_id`, as document stores have it, failed with "missing field" and no word about the columns
    /// that are omitted.
    #[test]
    fn a_column_that_is_omitted_is_named_as_such() {
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "only errors are looked at")]
        struct Document {
            #[serde(rename = "_id")]
            id: u64,
        }
        let error = decode::<Document>(&body(r#"{"_id":7,"a":1}"#), Decoding::default()).unwrap_err();
        assert_eq!(error.kind, UnreadableKind::MetadataColumn);
        assert!(error.message.contains("`_id`") && error.message.contains("underscore"), "{}", error.message);
        // The row does not have it at all.
        let error = decode::<Document>(&body(r#"{"_x":7}"#), Decoding::default()).unwrap_err();
        assert_eq!(error.kind, UnreadableKind::Row);
        let how = Decoding { metadata_columns: true, ..Decoding::default() };
        assert_eq!(decode::<Document>(&body(r#"{"a":7}"#), how).unwrap_err().kind, UnreadableKind::Row);
        assert!(decode::<Document>(&body(r#"{"_id":7}"#), how).is_ok());
    }

    #[test]
    fn another_shape_is_an_error() {
        for bad in ["", "[]", "{}", r#"{"data":[]}"#, r#"{"data":null,"metadata":{}}"#, "<html>"] {
            assert!(decode::<Row>(bad.as_bytes(), Decoding::default()).is_err(), "{bad}");
        }
    }
}
