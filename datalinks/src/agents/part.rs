//! Parts of messages and artifacts.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use datalinks_gen::Row;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned, ser::SerializeMap};
use serde_json::value::RawValue;

use super::proto::Members;
use crate::{
    error::{Error, ErrorKind},
    json::write_strictly,
    query::{Decoding, UnreadableKind, decode_row},
    secrets::Redactor,
};

/// One part of an [`AgentMessage`](super::AgentMessage) or an [`AgentArtifact`](super::AgentArtifact).
///
/// A part holds a text, JSON data, a URL or bytes. The agents of DataLinks send texts and data. Rows are in data parts
/// ([`rows`](Self::rows)).
///
/// # Examples
///
/// ```
/// use datalinks::agents::AgentPart;
///
/// # fn main() -> Result<(), datalinks::Error> {
/// let text = AgentPart::text("Only trees in the north.");
/// let data = AgentPart::data(&serde_json::json!({ "region": "north" }))?;
/// let file = AgentPart::raw(b"oak,21\n").media_type("text/csv").filename("trees.csv");
/// assert_eq!(text.as_text(), Some("Only trees in the north."));
/// # let _ = (data, file); Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AgentPart {
    /// The content of the part.
    pub content: AgentPartContent,
    /// The media type of the content, or `None` if the agent did not name one.
    pub media_type: Option<String>,
    /// The file name of the content, or `None` if the agent did not name one.
    pub filename: Option<String>,
    /// Metadata of the part, as the agent sent it.
    pub metadata: Row,
    /// Other members of the part.
    pub extra: Row,
}

/// The content of an [`AgentPart`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum AgentPartContent {
    /// A text (`text`).
    Text(String),
    /// A JSON value (`data`).
    Data(AgentData),
    /// The URL of a file (`url`). This crate does not follow it.
    Url(String),
    /// The bytes of a file (`raw`), in Base64 as they were sent.
    Raw(String),
    /// A part without exactly one of these, whole.
    Unknown(AgentData),
}

/// A JSON value as the agent wrote it. Numbers keep their digits, also when it is serialized by `serde_json`.
#[derive(Clone)]
pub struct AgentData {
    json: Box<RawValue>,
    /// Cleans errors about the value, which repeat parts of it.
    redactor: Redactor,
}

impl AgentData {
    /// Returns the value as JSON text.
    pub fn json(&self) -> &str {
        self.json.get()
    }

    /// Reads the value as a `T`.
    ///
    /// # Errors
    ///
    /// [`UnexpectedResponse`](ErrorKind::UnexpectedResponse) if the value is not a `T`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_str(self.json()).map_err(|error| {
            let what = format!("the data of the agent cannot be read: {error}");
            unexpected(what).caused_by(error).redacted(&self.redactor)
        })
    }
}

impl AgentData {
    /// Removes the key. Data that is not JSON without the key becomes a string.
    pub(super) fn clean(&mut self, redactor: &Redactor) {
        if let Cow::Owned(cleaned) = redactor.exact(self.json(), false) {
            let value = serde_json::from_str(&cleaned).or_else(|_| serde_json::value::to_raw_value(&cleaned));
            self.json = value.unwrap_or_default();
        }
    }
}

impl From<Box<RawValue>> for AgentData {
    fn from(json: Box<RawValue>) -> Self {
        Self { json, redactor: Redactor::default() }
    }
}

impl Serialize for AgentData {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

impl PartialEq for AgentData {
    fn eq(&self, other: &Self) -> bool {
        self.json() == other.json()
    }
}

impl std::fmt::Debug for AgentData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.json())
    }
}

impl AgentPart {
    /// Creates a part from a text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::of(AgentPartContent::Text(text.into()))
    }

    /// Creates a part from data, which is written as JSON now.
    ///
    /// # Errors
    ///
    /// [`Encode`](ErrorKind::Encode) if the data cannot be written as JSON without a change: NaN, infinity, and keys
    /// that are not strings are rejected.
    pub fn data(data: &(impl Serialize + ?Sized)) -> Result<Self, Error> {
        let fault = |error: serde_json::Error| {
            let what = format!("the data part cannot be written as JSON: {error}");
            Error::new(ErrorKind::Encode, what).caused_by(error).advice("change the data; nothing was sent")
        };
        let mut json = Vec::new();
        write_strictly(&mut json, &data).map_err(fault)?;
        let json: Box<RawValue> = serde_json::from_slice(&json).map_err(fault)?;
        Ok(Self::of(AgentPartContent::Data(json.into())))
    }

    /// Creates a part from the URL of a file.
    pub fn url(url: impl Into<String>) -> Self {
        Self::of(AgentPartContent::Url(url.into()))
    }

    /// Creates a part from the bytes of a file.
    pub fn raw(bytes: impl AsRef<[u8]>) -> Self {
        Self::of(AgentPartContent::Raw(STANDARD.encode(bytes)))
    }

    /// Sets the media type of the content.
    pub fn media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    /// Sets the file name of the content.
    pub fn filename(mut self, name: impl Into<String>) -> Self {
        self.filename = Some(name.into());
        self
    }

    /// Returns the text, or `None` if the part is not a text.
    pub fn as_text(&self) -> Option<&str> {
        match &self.content {
            AgentPartContent::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the data, or `None` if the part is not data.
    pub fn as_data(&self) -> Option<&AgentData> {
        match &self.content {
            AgentPartContent::Data(data) => Some(data),
            _ => None,
        }
    }

    /// Reads the rows of the part, each as a `T`, like the rows of a query.
    ///
    /// Rows are the member `rows` of a data part. Returns an empty list for other parts and other data. Columns whose
    /// name begins with an underscore are left out, see [`rows_with_metadata`](Self::rows_with_metadata).
    ///
    /// # Errors
    ///
    /// [`UnexpectedResponse`](ErrorKind::UnexpectedResponse) if a row is not a `T`. The error names the row.
    pub fn rows<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        self.decode_rows(Decoding::default())
    }

    /// Reads the rows of the part like [`rows`](Self::rows), with the columns whose name begins with an underscore.
    ///
    /// # Errors
    ///
    /// See [`rows`](Self::rows).
    pub fn rows_with_metadata<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        self.decode_rows(Decoding { metadata_columns: true, ..Decoding::default() })
    }

    pub(super) fn decode_rows<T: DeserializeOwned>(&self, how: Decoding) -> Result<Vec<T>, Error> {
        #[derive(Deserialize)]
        struct Rows<'a> {
            #[serde(borrow)]
            rows: Option<Vec<&'a RawValue>>,
        }
        let Some(data) = self.as_data().filter(|data| data.json().starts_with('{')) else {
            return Ok(Vec::new());
        };
        let Rows { rows } = serde_json::from_str(data.json()).map_err(|error| {
            let what = format!("the rows of the agent are not a list: {error}");
            unexpected(what).caused_by(error).redacted(&data.redactor)
        })?;
        let row = |(index, raw)| {
            decode_row(index, raw, how).map_err(|unreadable| {
                let error = unexpected(unreadable.message);
                let error = match unreadable.kind {
                    UnreadableKind::MetadataColumn => {
                        error.advice("read the rows with rows_with_metadata, which keeps these columns")
                    }
                    UnreadableKind::Response | UnreadableKind::Row => error,
                };
                error.redacted(&data.redactor)
            })
        };
        rows.unwrap_or_default().into_iter().enumerate().map(row).collect()
    }

    fn of(content: AgentPartContent) -> Self {
        Self { content, media_type: None, filename: None, metadata: Row::new(), extra: Row::new() }
    }

    /// Lets errors about the data of this part show no secrets. The data itself stays as it came.
    pub(super) fn guard(&mut self, redactor: &Redactor) {
        if let AgentPartContent::Data(data) | AgentPartContent::Unknown(data) = &mut self.content {
            data.redactor = redactor.clone();
        }
    }

    /// Reads a part. A part that does not hold exactly one content is kept whole.
    fn read(raw: Box<RawValue>) -> Self {
        Self::known(&raw).unwrap_or_else(|| Self::of(AgentPartContent::Unknown(raw.into())))
    }

    fn known(raw: &RawValue) -> Option<Self> {
        fn string(raw: &RawValue) -> Option<String> {
            serde_json::from_str(raw.get()).ok()
        }
        let mut members: Members = serde_json::from_str(raw.get()).ok()?;
        let mut contents = Vec::new();
        for name in ["text", "raw", "url", "data"] {
            // A `null` is the value of `data`, and the absence of any other member.
            if let Some(value) = members.take(name)
                && (name == "data" || value.get() != "null")
            {
                contents.push((name, value));
            }
        }
        if contents.len() > 1 {
            contents.retain(|(_, value)| value.get() != "null");
        }
        let mut contents = contents.into_iter();
        let (Some((name, value)), None) = (contents.next(), contents.next()) else { return None };
        let content = match name {
            "text" => AgentPartContent::Text(string(&value)?),
            "raw" => AgentPartContent::Raw(string(&value)?),
            "url" => AgentPartContent::Url(string(&value)?),
            _ => AgentPartContent::Data(value.into()),
        };
        let mut part = Self::of(content);
        part.media_type = members.optional("mediaType");
        part.filename = members.optional("filename");
        part.metadata = members.row("metadata");
        part.extra = members.rest();
        Some(part)
    }
}

impl<'de> Deserialize<'de> for AgentPart {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::deserialize(deserializer).map(Self::read)
    }
}

impl Serialize for AgentPart {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = match &self.content {
            AgentPartContent::Unknown(whole) => return whole.serialize(serializer),
            _ => serializer.serialize_map(None)?,
        };
        match &self.content {
            AgentPartContent::Text(text) => map.serialize_entry("text", text)?,
            AgentPartContent::Data(data) => map.serialize_entry("data", data)?,
            AgentPartContent::Url(url) => map.serialize_entry("url", url)?,
            AgentPartContent::Raw(base64) => map.serialize_entry("raw", base64)?,
            // Written above.
            AgentPartContent::Unknown(_) => {}
        }
        if let Some(media_type) = &self.media_type {
            map.serialize_entry("mediaType", media_type)?;
        }
        if let Some(filename) = &self.filename {
            map.serialize_entry("filename", filename)?;
        }
        if !self.metadata.is_empty() {
            map.serialize_entry("metadata", &self.metadata)?;
        }
        for (name, value) in &self.extra {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Joins the texts of parts with line breaks.
pub(super) fn text(parts: &[AgentPart]) -> String {
    parts.iter().filter_map(AgentPart::as_text).collect::<Vec<_>>().join("\n")
}

/// Reads the rows of all parts, one after the other.
pub(super) fn rows<'a, T: DeserializeOwned>(
    parts: impl IntoIterator<Item = &'a AgentPart>,
    how: Decoding,
) -> Result<Vec<T>, Error> {
    let mut rows = Vec::new();
    for part in parts {
        rows.extend(part.decode_rows(how)?);
    }
    Ok(rows)
}

fn unexpected(what: String) -> Error {
    Error::new(ErrorKind::UnexpectedResponse, what)
        .advice("read it as another type, or as JSON with AgentData::json")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::*;

    fn read(value: Value) -> AgentPart {
        serde_json::from_str(&value.to_string()).unwrap()
    }

    #[test]
    fn part_with_exactly_one_content_is_known_and_any_other_is_kept_whole() {
        assert_eq!(read(json!({ "text": "a", "url": null })).as_text(), Some("a"));
        assert_eq!(
            read(json!({ "url": "https://e.com" })).content,
            AgentPartContent::Url("https://e.com".into())
        );
        assert_eq!(read(json!({ "raw": "aGk=" })).content, AgentPartContent::Raw("aGk=".into()));
        assert_eq!(read(json!({ "data": null })).as_data().unwrap().json(), "null");
        assert_eq!(read(json!({ "data": null, "text": "a" })).as_text(), Some("a"));
        let full = read(json!({
            "text": "a", "mediaType": "text/plain", "filename": "a.txt", "metadata": { "n": 1 }, "later": true
        }));
        assert_eq!(
            (full.media_type.as_deref(), full.filename.as_deref()),
            (Some("text/plain"), Some("a.txt"))
        );
        assert_eq!((&full.metadata["n"], &full.extra["later"]), (&json!(1), &json!(true)));
        for odd in [
            json!({}),
            json!(7),
            json!({ "text": "a", "data": 1 }),
            json!({ "text": 7 }),
            json!({ "kind": "x" }),
        ] {
            let AgentPartContent::Unknown(whole) = read(odd.clone()).content else { panic!("{odd}") };
            assert_eq!(whole.json(), odd.to_string());
        }
    }

    #[test]
    fn rows_are_decoded_like_those_of_queries() {
        #[derive(Debug, Deserialize, PartialEq)]
        struct Tree {
            tree: String,
            height: Box<RawValueText>,
        }
        #[derive(Debug, PartialEq)]
        struct RawValueText(String);
        impl<'de> Deserialize<'de> for RawValueText {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Box::<RawValue>::deserialize(deserializer).map(|raw| Self(raw.get().to_owned()))
            }
        }
        let json = r#"{"data":{"rows":[{"tree":"oak","height":21.100000000000000000001,"__metadata":{"score":1.0}}]}}"#;
        let part: AgentPart = serde_json::from_str(json).unwrap();
        let trees: Vec<Tree> = part.rows().unwrap();
        assert_eq!(trees[0].height.0, "21.100000000000000000001");
        assert!(!part.rows::<Row>().unwrap()[0].contains_key("__metadata"));
        assert!(part.rows_with_metadata::<Row>().unwrap()[0].contains_key("__metadata"));

        let error = read(json!({ "data": { "rows": [{ "n": 1 }, { "n": "x" }] } }))
            .rows::<BTreeMap<String, u8>>()
            .unwrap_err();
        assert!(error.message().contains("row 1"), "{error}");
        for other in [
            json!({ "text": "a" }),
            json!({ "data": { "steps": [] } }),
            json!({ "data": [1] }),
            json!({ "data": { "rows": null } }),
        ] {
            assert!(read(other).rows::<Row>().unwrap().is_empty());
        }
        assert!(read(json!({ "data": { "rows": 7 } })).rows::<Row>().is_err());
    }

    #[test]
    fn parts_are_written_with_one_content_and_digits_are_kept() {
        let written = |part: &AgentPart| serde_json::to_string(part).unwrap();
        assert_eq!(written(&AgentPart::text("a")), r#"{"text":"a"}"#);
        assert_eq!(written(&AgentPart::url("u").media_type("m")), r#"{"url":"u","mediaType":"m"}"#);
        assert_eq!(written(&AgentPart::raw([0, 255]).filename("f")), r#"{"raw":"AP8=","filename":"f"}"#);
        let precise = RawValue::from_string("1.10000000000000000001".to_owned()).unwrap();
        assert_eq!(written(&AgentPart::data(&precise).unwrap()), r#"{"data":1.10000000000000000001}"#);
        for bad in [f64::NAN, f64::INFINITY] {
            let error = AgentPart::data(&bad).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Encode);
        }
        let unknown = json!({ "text": "a", "data": 1 });
        assert_eq!(serde_json::to_value(read(unknown.clone())).unwrap(), unknown);
    }
}
