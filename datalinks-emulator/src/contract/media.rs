//! Types of content.

use std::fmt;

use http::StatusCode;

use super::warnings::Warnings;
use crate::response::Problem;

/// What a body is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Media {
    Json,
    Text,
}

impl Media {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "application/json" => Some(Self::Json),
            "text/plain" => Some(Self::Text),
            _ => None,
        }
    }

    /// Accepts a body of another content type, or of none, with a warning: real clients of the service send such, and
    /// a body shows what it is when it is read. JSON is not read as text, which is a bare name: its quotes would become
    /// part of the name. A strict emulator rejects another content type, and accepts none.
    pub(super) fn admit(self, content_type: Option<&str>, strict: bool) -> Result<Warnings, Problem> {
        let given = content_type.unwrap_or_default();
        let essence = given.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case(self.name()) {
            return Ok(Warnings::default());
        }
        let is_json_for_text = self == Self::Text && essence.eq_ignore_ascii_case(Self::Json.name());
        if essence.is_empty() || !(strict || is_json_for_text) {
            return Ok(Warnings::content_type(self.name(), essence));
        }
        Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
            format!("the body must be {self}; send it with that content-type"),
        ))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Text => "text/plain",
        }
    }
}

impl fmt::Display for Media {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_not_read_as_text() {
        assert_eq!(Media::Text.admit(Some("application/json"), false).unwrap_err().status, 415);
        let form = Media::Text.admit(Some("application/x-www-form-urlencoded"), false).unwrap();
        assert!(form.line().is_some());
    }

    #[test]
    fn other_content_types_are_warned_of() {
        for strict in [false, true] {
            let warned = |given| Media::Json.admit(given, strict).unwrap().line();
            for right in ["application/json", "Application/JSON; charset=utf-8"] {
                assert_eq!(warned(Some(right)), None, "{right}");
            }
            for none in [None, Some(""), Some(" ; charset=utf-8")] {
                assert_eq!(
                    warned(none).as_deref(),
                    Some("read as application/json, though it has no content type")
                );
            }
        }
        for other in ["text/plain", "application/xml", "application/jsonl", "*/*"] {
            let warned = Media::Json.admit(Some(other), false).unwrap().line();
            assert_eq!(warned, Some(format!("read as application/json, though its content type is {other}")));
            assert_eq!(Media::Json.admit(Some(other), true).unwrap_err().status, 415, "{other}");
        }
    }
}
