//! Recognition of secrets, and their removal from printed text.
//!
//! The secrets of a call are the API key, the fields that the OpenAPI document marks with `x-secret`, and presigned
//! URLs. A [`Redactor`] removes them from items that are set aside, and from every error as soon as the error is
//! created ([`Error`](crate::Error) redacts itself once it has a redactor). The content of a response that contains a
//! secret of its own appears neither in errors nor in the items set aside.

mod needle;
mod redactor;
mod shapes;

use std::borrow::Cow;

use datalinks_gen::Row;
use serde::Deserialize;
use serde_json::{Value, error::Category};

pub(crate) use redactor::Redactor;

/// Marks in an error the end of a server's string that was truncated.
pub(crate) const CUT: &str = "…";

/// Returns the first `most` characters of a server's string, followed by a mark if there are more. A [`Redactor`] uses
/// the mark to find a secret that was truncated.
pub(crate) fn start(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}{CUT}", &text[..end]),
        None => text.to_owned(),
    }
}

/// Operations whose successful response can contain a value that the OpenAPI document marks with `x-secret`. A test
/// compares the list with the document.
const OPERATIONS: [&str; 4] = ["addToken", "listTokens", "prepareFileUpload", "prepareMultipartUpload"];

/// Returns `true` if a response of this operation can contain a secret.
pub(crate) fn in_response_of(operation: &str) -> bool {
    OPERATIONS.contains(&operation)
}

/// Returns the names of secret fields by the OpenAPI document that apply to this operation. Names that only secrets
/// have apply to every operation, because servers echo request fields.
fn fields_of(operation: &str) -> &'static [&'static str] {
    match operation {
        "prepareFileUpload" | "prepareMultipartUpload" => &["url", "token", "dataUrl", "dataBlobUrl"],
        _ => &["token", "dataUrl", "dataBlobUrl"],
    }
}

/// Returns the secrets in a request body: the presigned URLs that a pipeline reads, and the fresh token that a run
/// requests.
fn in_request_of(operation: &str, body: &[u8]) -> Vec<String> {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Source<'a> {
        #[serde(borrow, default)]
        data_url: Option<Cow<'a, str>>,
        #[serde(borrow, default)]
        data_blob_url: Option<Cow<'a, str>>,
    }
    match operation {
        "runPipeline" => {
            let Source { data_url, data_blob_url } = serde_json::from_slice(body).unwrap_or_default();
            [data_url, data_blob_url].into_iter().flatten().map(Cow::into_owned).collect()
        }
        // The service does not document the fields.
        "resumePipelineHook" => {
            let payload: Row = serde_json::from_slice(body).unwrap_or_default();
            let mut found = Vec::new();
            payload.iter().for_each(|(name, value)| secret_strings(name, value, &mut found));
            found
        }
        _ => Vec::new(),
    }
}

/// Collects the strings of fields whose names indicate secrets. The JSON parser limits the depth of the recursion.
fn secret_strings(name: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            if names_a_secret(name) && is_long_enough(text) {
                found.push(text.clone());
            }
        }
        Value::Array(items) => items.iter().for_each(|item| secret_strings(name, item, found)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| secret_strings(name, value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Words that indicate a secret in the name of a header or a field.
const SECRET_WORDS: [&str; 11] = [
    "apikey",
    "auth",
    "authentication",
    "authorization",
    "cookie",
    "credential",
    "key",
    "password",
    "secret",
    "token",
    "url",
];

/// Returns `true` if the name of a header or a field indicates a secret. Only whole words match: `x-author` contains
/// none.
fn names_a_secret(name: &str) -> bool {
    let (mut start, mut lower_before) = (0, false);
    // The line break ends the last word.
    for (at, letter) in name.char_indices().chain([(name.len(), '\n')]) {
        let begins = letter.is_uppercase() && lower_before;
        if begins || !letter.is_alphanumeric() {
            let word = name.get(start..at).unwrap_or_default();
            if SECRET_WORDS.iter().any(|secret| word.eq_ignore_ascii_case(secret)) {
                return true;
            }
            start = if begins { at } else { at + letter.len_utf8() };
        }
        lower_before = letter.is_lowercase();
    }
    false
}

/// Returns `true` if a value is long enough to be a secret. Shorter values, such as a number, would be removed from
/// ordinary words.
fn is_long_enough(value: &str) -> bool {
    value.chars().count() >= 8
}

/// Describes by category and position why a response cannot be decoded. The message of serde would contain values.
pub(crate) fn describe(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        Category::Data => "a value is missing or has another type",
        Category::Eof => "the JSON ends too early",
        Category::Syntax | Category::Io => "it is not JSON",
    };
    let (line, column) = (error.line(), error.column());
    format!(
        "{what} at line {line}, column {column}; the content is not shown, because it may contain a secret"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Regression: the words of `x-author: row` were removed from every message about a row.
    #[test]
    fn secret_names_match_whole_words() {
        for name in [
            "authorization",
            "x-api-key",
            "X-Auth-Token",
            "apiKey",
            "accessToken",
            "Cookie",
            "dataUrl",
            "key",
        ] {
            assert!(names_a_secret(name), "{name}");
        }
        for name in ["x-author", "x-keyboard", "x-tokenizer", "monkey", "content-type", "curl", ""] {
            assert!(!names_a_secret(name), "{name}");
        }
        assert!(is_long_enough("12345678") && !is_long_enough("1234567"));
    }

    /// Fails for a secret field that is added to the OpenAPI document until it is listed here.
    #[test]
    fn every_secret_field_of_the_openapi_document_is_recognized() {
        let document = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/datalinks.yaml"));
        let lines: Vec<&str> = document.lines().collect();
        let mut found: Vec<&str> = Vec::new();
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.trim() == "x-secret: true") {
            let indent = |line: &str| line.len() - line.trim_start().len();
            let name = lines[..at].iter().rev().find(|before| indent(before) < indent(line)).unwrap();
            found.push(name.trim().trim_end_matches(':'));
        }
        found.sort_unstable();
        found.dedup();
        let mut known = fields_of("prepareFileUpload").to_vec();
        known.sort_unstable();
        assert_eq!(found, known);
    }

    /// Regression: the first characters of an API key were shown where an error contains only the start of a string.
    #[test]
    fn truncated_secret_is_redacted() {
        let redactor = Redactor::new("canary-4711-0815");
        for (text, most, expected) in [
            ("{\"k\":\"canary-4711-0815\"}", 14, "its id is {\"k\":\"[key]…, expected \"1\""),
            ("{\"k\":\"canary-4711-0815\"}", 90, "its id is {\"k\":\"[key]\"}, expected \"1\""),
            ("{\"k\":\"canary\\u002d4711-0815\"}", 20, "its id is {\"k\":\"[key]…, expected \"1\""),
            ("can", 2, "its id is ca…, expected \"1\""),
        ] {
            let text = format!("its id is {}, expected \"1\"", start(text, most));
            assert_eq!(redactor.text(&text, false), expected);
        }
    }

    /// Regression: the time grew with the square of the length, so a message of 1 MiB blocked its thread for hours.
    #[test]
    fn long_strings_are_redacted_in_linear_time() {
        let redactor = Redactor::new("canary-4711-0815\\");
        let length = 32 * 1024;
        let token = r#""token":""#;
        for (before, repeated) in [
            ("", r"\"),
            (token, r"\"),
            (token, r"\u{"),
            ("", token),
            ("", "sig=a&"),
            ("", r":\"),
            ("", r"://\/"),
            ("", "a://"),
            ("", "%25"),
            ("", "&amp;"),
            (r"\u{", "0"),
            ("", "canary-4711-"),
        ] {
            let text = format!("{before}{}", repeated.repeat(length / repeated.len()));
            let begin = std::time::Instant::now();
            redactor.text(&text, true);
            // Linear time is less than 1 s without optimization. Quadratic time is more than 20 s.
            assert!(begin.elapsed().as_secs() < 10, "{before}{repeated}: {:?}", begin.elapsed());
        }
    }

    #[test]
    fn secrets_in_request_bodies_are_found() {
        let body = br#"{"data":[{"a":1}],"dataUrl":"https:\/\/h/a?s=1","namespace":"n"}"#;
        assert_eq!(in_request_of("runPipeline", body), ["https://h/a?s=1"]);
        // A short value under such a name is an ordinary word.
        let body = br#"{"answer":"yes","auth":{"freshToken":["token-of-ana"],"tokenKind":"fresh"},"n":1}"#;
        assert_eq!(in_request_of("resumePipelineHook", body), ["token-of-ana"]);
        assert!(
            in_request_of("ingestData", body).is_empty() && in_request_of("runPipeline", b"[").is_empty()
        );
    }
}
