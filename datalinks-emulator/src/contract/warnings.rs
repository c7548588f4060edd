//! What a client is told of a request that was accepted though it does not fit.

use http::{HeaderName, HeaderValue};

use crate::response::Answer;

/// Says what is odd in a request, in short.
const HEADER: HeaderName = HeaderName::from_static("x-datalinks-emulator-warning");

/// Fields that are named; the rest is counted.
const NAMED: usize = 5;

/// Characters of a content type that are shown.
const SHOWN: usize = 40;

/// Letters of a warning at the most: clients bound their headers.
const LONGEST: usize = 500;

/// Why a field is odd.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Odd {
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
    /// What the handler found odd, in letters that a header can hold.
    remarks: Vec<String>,
}

impl Warnings {
    /// A body that nobody reads.
    pub(super) fn unread_body() -> Self {
        Self { unread_body: true, ..Self::default() }
    }

    /// A body of another content type than the one it is read as. An empty one: it says none.
    pub(super) fn content_type(read_as: &str, given: &str) -> Self {
        let given = match given {
            "" => "it has no content type".to_owned(),
            given => format!("its content type is {}", short(given)),
        };
        Self { content_type: Some(format!("read as {read_as}, though {given}")), ..Self::default() }
    }

    pub(super) fn note(&mut self, kind: Odd, at: String) {
        match kind {
            Odd::Unknown => self.unknown.push(at),
            Odd::Null => self.null.push(at),
        }
    }

    /// Fields that have no effect.
    pub(super) fn idle(&mut self, fields: Vec<&'static str>) {
        self.idle = fields;
    }

    /// The same with what the handler found odd.
    pub(crate) fn with_remarks(mut self, remarks: Vec<String>) -> Self {
        self.remarks = remarks.iter().map(|remark| printable(remark)).collect();
        self
    }

    /// All of them in one line, if there are any.
    pub(crate) fn line(&self) -> Option<String> {
        let mut parts: Vec<String> = self.content_type.iter().cloned().collect();
        if !self.unknown.is_empty() {
            parts.push(format!("not in the document, ignored: {}", named(&self.unknown)));
        }
        if !self.null.is_empty() {
            parts.push(format!("null, which the document does not have there: {}", named(&self.null)));
        }
        if self.unread_body {
            parts.push("no body is wanted, ignored".to_owned());
        }
        if !self.idle.is_empty() {
            parts.push(format!("without effect here: {}", self.idle.join(", ")));
        }
        parts.extend_from_slice(&self.remarks);
        let mut line = parts.join("; ");
        // All of it is ASCII.
        line.truncate(LONGEST);
        (!line.is_empty()).then_some(line)
    }

    /// Puts the warnings on an answer.
    pub(crate) fn onto(&self, answer: Answer) -> Answer {
        match self.line().map(HeaderValue::try_from) {
            Some(Ok(line)) => answer.header(HEADER, line),
            _ => answer,
        }
    }
}

/// A value from a request, in letters that a header can hold and not too many of them.
fn short(value: &str) -> String {
    let mut short: String = value.chars().take(SHOWN).flat_map(char::escape_default).collect();
    if value.chars().nth(SHOWN).is_some() {
        short.push_str("...");
    }
    short
}

/// A text in letters that a header can hold.
fn printable(text: &str) -> String {
    let escaped = |character: char| match character {
        ' '..='~' => character.to_string(),
        other => other.escape_unicode().to_string(),
    };
    text.chars().map(escaped).collect()
}

/// The first fields, in letters that a header can hold.
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
    fn a_warning_fits_into_a_header() {
        assert_eq!(Warnings::default().line(), None);
        let mut warnings = Warnings::default();
        warnings.note(Odd::Null, "model".to_owned());
        for name in ["ä\n", "b", "c", "d", "e", "f", "g"] {
            warnings.note(Odd::Unknown, name.to_owned());
        }
        let line = warnings.line().unwrap();
        assert_eq!(
            line,
            "not in the document, ignored: \\u{e4}\\n, b, c, d, e, and 2 more; \
             null, which the document does not have there: model"
        );
        assert!(HeaderValue::try_from(line).is_ok());
        let mut idle = Warnings::default();
        idle.idle(vec!["webSearch"]);
        let idle = idle.with_remarks(vec!["no row has \"\u{e4}\"".to_owned()]);
        assert_eq!(idle.line().unwrap(), "without effect here: webSearch; no row has \"\\u{e4}\"");
        let long = Warnings::content_type("application/json", &"ä".repeat(100)).line().unwrap();
        assert!(long.ends_with("\\u{e4}...") && HeaderValue::try_from(&long).is_ok(), "{long}");
        warnings.note(Odd::Null, "ä".repeat(80));
        assert_eq!(warnings.line().map(|line| line.len()), Some(LONGEST));
    }
}
