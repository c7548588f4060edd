//! Warnings about invalid requests that were accepted.

use http::{HeaderName, HeaderValue};

use crate::response::ApiResponse;

/// The response header with the warnings.
const HEADER: HeaderName = HeaderName::from_static("x-datalinks-emulator-warning");

/// Maximum number of fields that a warning names. Further fields are only counted.
const NAMED: usize = 5;

/// Maximum number of characters of a content type in a warning.
const SHOWN: usize = 40;

/// Maximum length of the header, because clients limit the length of headers.
const LONGEST: usize = 500;

/// The reason why an accepted field is invalid.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Tolerated {
    Unknown,
    Null,
}

#[derive(Debug, Default)]
pub(crate) struct Warnings {
    unknown: Vec<String>,
    null: Vec<String>,
    unread_body: bool,
    content_type: Option<String>,
    /// Fields that the document has and that have no effect here.
    idle: Vec<&'static str>,
    /// Remarks of the handler, escaped for a header.
    remarks: Vec<String>,
}

impl Warnings {
    /// Creates the warning about a body that is ignored.
    pub(super) fn unread_body() -> Self {
        Self { unread_body: true, ..Self::default() }
    }

    /// Creates the warning about a body that is read as another content type. `given` is empty if the request has none.
    pub(super) fn content_type(read_as: &str, given: &str) -> Self {
        let given = match given {
            "" => "it has no content type".to_owned(),
            given => format!("its content type is {}", short(given)),
        };
        Self { content_type: Some(format!("read as {read_as}, though {given}")), ..Self::default() }
    }

    pub(super) fn add(&mut self, kind: Tolerated, at: String) {
        match kind {
            Tolerated::Unknown => self.unknown.push(at),
            Tolerated::Null => self.null.push(at),
        }
    }

    /// Sets the fields that have no effect.
    pub(super) fn idle(&mut self, fields: Vec<&'static str>) {
        self.idle = fields;
    }

    /// Adds the remarks of the handler.
    pub(crate) fn with_remarks(mut self, remarks: Vec<String>) -> Self {
        self.remarks = remarks.iter().map(|remark| printable(remark)).collect();
        self
    }

    /// Returns all warnings in one line, or `None` if there are none.
    pub(crate) fn line(&self) -> Option<String> {
        let mut parts: Vec<String> = self.content_type.iter().cloned().collect();
        if !self.unknown.is_empty() {
            parts.push(format!("not in the document, ignored: {}", named(&self.unknown)));
        }
        if !self.null.is_empty() {
            parts.push(format!("null where the document does not allow it: {}", named(&self.null)));
        }
        if self.unread_body {
            parts.push("this operation has no body, ignored".to_owned());
        }
        if !self.idle.is_empty() {
            parts.push(format!("without effect here: {}", self.idle.join(", ")));
        }
        parts.extend_from_slice(&self.remarks);
        let mut line = parts.join("; ");
        // Cannot split a character, because all parts are ASCII.
        line.truncate(LONGEST);
        (!line.is_empty()).then_some(line)
    }

    /// Adds the warnings to a response.
    pub(crate) fn onto(&self, response: ApiResponse) -> ApiResponse {
        match self.line().map(HeaderValue::try_from) {
            Some(Ok(line)) => response.header(HEADER, line),
            _ => response,
        }
    }
}

/// Escapes a value from a request for a header and truncates it.
fn short(value: &str) -> String {
    let mut short: String = value.chars().take(SHOWN).flat_map(char::escape_default).collect();
    if value.chars().nth(SHOWN).is_some() {
        short.push_str("...");
    }
    short
}

/// Escapes a string for a header.
fn printable(text: &str) -> String {
    let escaped = |character: char| match character {
        ' '..='~' => character.to_string(),
        other => other.escape_unicode().to_string(),
    };
    text.chars().map(escaped).collect()
}

/// Joins the first fields, escaped for a header.
fn named(fields: &[String]) -> String {
    let mut named: Vec<String> =
        fields.iter().take(NAMED).map(|field| field.escape_default().to_string()).collect();
    if fields.len() > NAMED {
        named.push(format!("and {} more", fields.len() - NAMED));
    }
    named.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warning_is_a_valid_header() {
        assert_eq!(Warnings::default().line(), None);
        let mut warnings = Warnings::default();
        warnings.add(Tolerated::Null, "model".to_owned());
        for name in ["ä\n", "b", "c", "d", "e", "f", "g"] {
            warnings.add(Tolerated::Unknown, name.to_owned());
        }
        let line = warnings.line().unwrap();
        assert_eq!(
            line,
            "not in the document, ignored: \\u{e4}\\n, b, c, d, e, and 2 more; \
             null where the document does not allow it: model"
        );
        assert!(HeaderValue::try_from(line).is_ok());
        let mut idle = Warnings::default();
        idle.idle(vec!["webSearch"]);
        let idle = idle.with_remarks(vec!["no row has \"\u{e4}\"".to_owned()]);
        assert_eq!(idle.line().unwrap(), "without effect here: webSearch; no row has \"\\u{e4}\"");
        let long = Warnings::content_type("application/json", &"ä".repeat(100)).line().unwrap();
        assert!(long.ends_with("\\u{e4}...") && HeaderValue::try_from(&long).is_ok(), "{long}");
        warnings.add(Tolerated::Null, "ä".repeat(80));
        assert_eq!(warnings.line().map(|line| line.len()), Some(LONGEST));
    }
}
