//! Secrets: where they are, and how they stay out of what is printed.
//!
//! The secrets of a call are its key, what the document marks with `x-secret`, and presigned URLs. A
//! [`Redactor`] strikes them from every error, where the error is made ([`Error`](crate::Error) cleans itself once it
//! has one), and from items that are set aside. Errors about a response that holds a secret of its own, and the items
//! of it that are set aside, repeat nothing of its content.

mod needle;
mod redactor;
mod shapes;

use std::borrow::Cow;

use datalinks_gen::Row;
use serde::Deserialize;
use serde_json::{Value, error::Category};

pub(crate) use redactor::Redactor;

/// Stands in an error where a text that a server sent was cut.
pub(crate) const CUT: &str = "…";

/// The first `most` characters of a text that a server sent, with a mark if there are more. A [`Redactor`] finds a secret
/// that was cut by this mark.
pub(crate) fn start(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}{CUT}", &text[..end]),
        None => text.to_owned(),
    }
}

/// Operations whose successful response may hold a value that the document marks with `x-secret`. A test compares the
/// list with the document.
const OPERATIONS: [&str; 4] = ["addToken", "listTokens", "prepareFileUpload", "prepareMultipartUpload"];

/// Returns whether a response of this operation may hold a secret.
pub(crate) fn in_response_of(operation: &str) -> bool {
    OPERATIONS.contains(&operation)
}

/// Names of fields that hold secrets, by the document, where this operation may name them. Names that only secrets have
/// count everywhere, because servers echo what they were sent.
fn fields_of(operation: &str) -> &'static [&'static str] {
    match operation {
        "prepareFileUpload" | "prepareMultipartUpload" => &["url", "token", "dataUrl", "dataBlobUrl"],
        _ => &["token", "dataUrl", "dataBlobUrl"],
    }
}

/// Secrets in the body of a request: the presigned URLs that a pipeline reads, and the fresh token that a run asks for.
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

/// Collects strings whose field is called like a secret. The depth is bounded: the JSON reader has a limit.
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

/// Words in the name of a header or a field that holds a secret.
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

/// Whether a header or a field is called like a secret. Words are compared as a whole: `x-author` holds none.
fn names_a_secret(name: &str) -> bool {
    let mut word = String::new();
    let mut lower_before = false;
    // The line break ends the last word.
    for letter in name.chars().chain(['\n']) {
        let begins = letter.is_uppercase() && lower_before;
        if begins || !letter.is_alphanumeric() {
            if SECRET_WORDS.contains(&word.as_str()) {
                return true;
            }
            word.clear();
        }
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        }
        lower_before = letter.is_lowercase();
    }
    false
}

/// Whether a value can be a secret by its length. Shorter ones, such as a number, would be struck from ordinary words.
fn is_long_enough(value: &str) -> bool {
    value.chars().count() >= 8
}

/// Describes why a response cannot be read by category and position. The message of serde repeats values.
pub(crate) fn describe(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        Category::Data => "a value is missing or has another type",
        Category::Eof => "the JSON ends too early",
        Category::Syntax | Category::Io => "it is not JSON",
    };
    let (line, column) = (error.line(), error.column());
    format!("{what} at line {line}, column {column}; the content is not shown, because it may hold a secret")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of `x-author: row` were struck from every message about a row.
    #[test]
    fn secrets_are_known_by_whole_words() {
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

    /// A secret that the document gains fails here until errors keep it.
    #[test]
    fn every_secret_field_of_the_document_is_known() {
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

    /// The first characters of a key were shown where an error repeats only the start of a text.
    #[test]
    fn a_secret_that_is_cut_within_a_text_is_struck() {
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

    /// The time grew with the square of the length: a message of 1 MiB from a server blocked its thread for hours.
    #[test]
    fn long_texts_of_a_server_are_cleaned_in_time() {
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
            // Less than a second without optimization. By the square it is more than 20 s.
            assert!(begin.elapsed().as_secs() < 10, "{before}{repeated}: {:?}", begin.elapsed());
        }
    }

    #[test]
    fn secrets_of_requests_are_found() {
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
