//! Field and reason of JSON that does not fit a type.
//!
//! `serde_json` reports a position in the text that it parsed. That text is one row, so its line and column do not help
//! a caller with a file or a response.

use std::{io::Read, ops::Range};

use memchr::{memchr_iter, memchr2};
use serde::Deserialize;

use crate::secrets;

/// Maximum number of characters of a path in a message.
const LONGEST_PATH: usize = 200;

/// Returns the offset of the position that `serde_json` reports in the text that it parsed.
pub(crate) fn offset(text: &str, error: &serde_json::Error) -> usize {
    let line_start = match error.line() {
        0 | 1 => 0,
        line => memchr_iter(b'\n', text.as_bytes()).nth(line - 2).map_or(0, |end| end + 1),
    };
    (line_start + error.column().saturating_sub(1)).min(text.len())
}

/// Returns the message of `serde_json` without the position that it appends.
pub(crate) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&position).unwrap_or(&text).to_owned()
}

/// Why JSON text does not fit a type.
pub(crate) struct Mismatch {
    /// The value that does not fit, or `None` if the position is unknown or outside of the members of the row.
    pub(crate) field: Option<Field>,
    /// The message of `serde_json`, without a position in the text.
    pub(crate) reason: String,
}

impl Mismatch {
    /// Returns the reason why `text` could not be deserialized as a `T`.
    pub(crate) fn of<'de, T: Deserialize<'de>>(text: &str, error: &serde_json::Error) -> Self {
        if is_positioned::<T>(text, error) {
            return Self { field: field_at(text, offset(text, error)), reason: reason(error) };
        }
        Self { field: None, reason: error.to_string() }
    }
}

/// Returns a message with the path of the field, if it is known.
impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.field {
            Some(field) => write!(f, "the field {:?}: {}", field.path, self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

/// Returns `true` if the position of an error is one in `text`.
///
/// `serde_json` takes a position at the end of a custom message for that of the error. A field whose own error quotes another
/// one thus gives it the position in another text. This one does not move if `text` is moved by a line.
fn is_positioned<'de, T: Deserialize<'de>>(text: &str, error: &serde_json::Error) -> bool {
    // Errors of the parser have no custom message.
    if !error.is_data() {
        return true;
    }
    let moved = b"\n".chain(text.as_bytes());
    match T::deserialize(&mut serde_json::Deserializer::from_reader(moved)) {
        Err(again) => (again.line(), again.column()) != (error.line(), error.column()),
        // A type that borrows from the text, or that fails only at times.
        Ok(_) => true,
    }
}

/// Returns the name of the field that serde reports as missing.
pub(crate) fn missing_field(reason: &str) -> Option<&str> {
    reason.strip_prefix("missing field `")?.strip_suffix('`')
}

/// A value in a JSON object.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Field {
    /// Path of the value, for example `cast[2].name`.
    pub(crate) path: String,
    /// Index of the member of the outermost object that contains the value.
    pub(crate) member: usize,
    /// Offset at which the value begins.
    pub(crate) start: usize,
}

/// Returns the value at `offset` in JSON text, or `None` outside of the members of the outermost object.
///
/// Makes one pass over the text, and uses memory in proportion to its nesting.
pub(crate) fn field_at(text: &str, offset: usize) -> Option<Field> {
    let bytes = text.as_bytes();
    let mut open: Vec<Container> = Vec::new();
    let mut at = 0;
    while at < bytes.len() && at <= offset {
        match (bytes[at], open.last_mut()) {
            (b'"', top) => {
                let end = end_of_string(bytes, at);
                if let Some(Container::Object { key: key @ None, .. }) = top {
                    *key = Some(at..end);
                }
                at = end;
                continue;
            }
            (b'{', _) => open.push(Container::Object { index: 0, key: None }),
            (b'[', _) => open.push(Container::Array { index: 0, start: at + 1 }),
            (b'}' | b']', _) => {
                open.pop();
            }
            (b',', Some(Container::Object { index, key })) => (*index, *key) = (*index + 1, None),
            (b',', Some(Container::Array { index, start })) => (*index, *start) = (*index + 1, at + 1),
            _ => {}
        }
        at += 1;
    }
    let Some(Container::Object { index: member, key: Some(_) }) = open.first() else { return None };
    let mut found = Field { path: String::new(), member: *member, start: 0 };
    for container in &open {
        match container {
            Container::Object { key: Some(key), .. } => {
                if !found.path.is_empty() {
                    found.path.push('.');
                }
                found.path.push_str(&name(text.get(key.clone())?));
                found.start = value_after(bytes, key.end);
            }
            Container::Object { key: None, .. } => break,
            Container::Array { index, start } => {
                found.path.push_str(&format!("[{index}]"));
                found.start = value_after(bytes, *start);
            }
        }
        if found.path.len() > LONGEST_PATH {
            // Names from a server may contain a secret. The mark allows a redactor to find a truncated one.
            found.path = secrets::start(&found.path, LONGEST_PATH);
            break;
        }
    }
    Some(found)
}

/// A container that is open at the current offset.
enum Container {
    /// An object: the index of the current member, and the range of its key.
    Object { index: usize, key: Option<Range<usize>> },
    /// An array: the index of the current item, and the offset at which it begins.
    Array { index: usize, start: usize },
}

/// Returns the offset of the first byte that is neither white space nor a colon.
fn value_after(bytes: &[u8], start: usize) -> usize {
    let between = |byte: &&u8| matches!(**byte, b' ' | b'\t' | b'\r' | b'\n' | b':');
    start + bytes.get(start..).map_or(0, |rest| rest.iter().take_while(between).count())
}

/// Returns the offset after the string that begins at `start`.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found + 1;
        if bytes[at - 1] == b'"' {
            return at;
        }
        at += 1;
    }
    bytes.len()
}

/// Decodes a key in quotes.
fn name(key: &str) -> String {
    serde_json::from_str(key).unwrap_or_else(|_| key.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only errors are checked")]
    struct Film {
        title: Option<String>,
        year: Option<u16>,
        cast: Option<Vec<Person>>,
        place: Option<std::collections::BTreeMap<String, f64>>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only errors are checked")]
    struct Person {
        name: String,
    }

    #[test]
    fn misfit_error_names_the_field() {
        for (text, field, said) in [
            (r#"{"title":"a","year":"x","cast":[]}"#, Some("year"), "invalid type: string"),
            (r#"{"title":"a","year":-1}"#, Some("year"), "invalid value: integer"),
            (r#"{"title":7,"year":1}"#, Some("title"), "invalid type: integer"),
            (r#"{"title": {"a":1} ,"year":1}"#, Some("title"), "invalid type: map"),
            (r#"{"title": [1] ,"year":1}"#, Some("title"), "invalid type: sequence"),
            ("{\"title\":\n\n true}", Some("title"), "invalid type: boolean"),
            (
                r#"{"cast":[{"name":"a"},{"name":"b"},{"name":null}]}"#,
                Some("cast[2].name"),
                "invalid type: null",
            ),
            (r#"{"cast":[{"name":"a"},{"nom":"b"}]}"#, Some("cast[1]"), "missing field `name`"),
            (r#"{"place":{"a\"b":1,"c,}":"x"}}"#, Some("place.c,}"), "invalid type: string"),
            (r#"{"place":{"a\u0022b":"x"}}"#, Some("place.a\"b"), "invalid type: string"),
            (r#"[1]"#, None, "invalid type"),
            (r#"7"#, None, "invalid type"),
        ] {
            let error = serde_json::from_str::<Film>(text).unwrap_err();
            let found = field_at(text, offset(text, &error)).map(|field| field.path);
            assert_eq!(found.as_deref(), field, "{text}: {error}");
            let reason = reason(&error);
            assert!(reason.contains(said) && !reason.contains("column"), "{reason}");
        }
        let text = r#"{"x":{"name":"a"}}"#;
        let error = serde_json::from_str::<Person>(text).unwrap_err();
        assert_eq!(field_at(text, offset(text, &error)), None, "the row lacks a field");
        assert_eq!(missing_field(&reason(&error)), Some("name"));
        assert_eq!(missing_field("invalid type"), None);
    }

    /// The field at the position that another error had in another text was named.
    #[test]
    fn quoted_position_names_no_field() {
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "only errors are checked")]
        struct Order<'a> {
            id: &'a str,
            #[serde(deserialize_with = "embedded")]
            settings: u8,
        }

        fn embedded<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u8, D::Error> {
            let text = String::deserialize(from)?;
            serde_json::from_str(&text).map_err(serde::de::Error::custom)
        }

        let misfit =
            |text| Mismatch::of::<Order<'_>>(text, &serde_json::from_str::<Order<'_>>(text).unwrap_err());
        for (text, expected) in [
            (r#"{"settings":"[  7","id":"a"}"#, "invalid type: sequence, expected u8 at line 1 column 0"),
            (r#"{"settings":"{}      x","id":"a"}"#, "invalid type: map, expected u8 at line 1 column 0"),
            (r#"{"settings":"       x","id":"a"}"#, "expected value at line 1 column 8"),
            (r#"{"settings":true,"id":"a"}"#, "the field \"settings\": invalid type: boolean"),
            (r#"{"id":"a","settings":7}"#, "the field \"settings\": invalid type: integer"),
            (r#"{"id":7,"settings":"1"}"#, "the field \"id\": invalid type: integer"),
        ] {
            let found = misfit(text).to_string();
            assert!(found.starts_with(expected), "{text}: {found}");
        }
    }

    #[test]
    fn field_at_returns_path_start_and_member() {
        let text = "{ \"title\" : null , \"cast\" : [ {\"name\":\"a\"} , {\"name\" : 7} ] }";
        let error = serde_json::from_str::<Film>(text).unwrap_err();
        let found = field_at(text, offset(text, &error)).unwrap();
        assert_eq!((found.path.as_str(), found.member), ("cast[1].name", 1));
        assert!(text[found.start..].starts_with("7} ]"), "{found:?}");
        let found = field_at(text, text.find("null").unwrap()).unwrap();
        assert_eq!((found.member, &text[found.start..][..4]), (0, "null"));
    }

    #[test]
    fn invalid_and_deep_json_is_handled() {
        for text in ["", "{", "{\"", "{\"a\\", "}]", "{\"a\":[[", "{\"a\":\"\\\"", "\u{e9}{\"\u{e9}\":"] {
            for offset in 0..text.len() + 2 {
                field_at(text, offset);
            }
        }
        let deep = format!("{{\"a\":{}", "[".repeat(100_000));
        let path = field_at(&deep, deep.len()).unwrap().path;
        assert!(path.starts_with("a[0][0]") && path.ends_with(secrets::CUT) && path.len() < 300, "{path}");
    }

    #[test]
    fn field_at_agrees_with_serde_json() {
        for text in ["{\"a\":x}", "{\"a\":\n\n  x}", "{\n\"é\": x}"] {
            let error = serde_json::from_str::<serde_json::Value>(text).unwrap_err();
            assert_eq!(&text[offset(text, &error)..][..1], "x", "{text}: {error}");
        }
        let error = serde_json::from_str::<serde_json::Value>("{\n").unwrap_err();
        assert_eq!(offset("{\n", &error), 2);
    }
}
