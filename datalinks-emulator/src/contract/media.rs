//! Content types of request bodies.

use std::fmt;

use http::StatusCode;

use super::warnings::Warnings;
use crate::response::Problem;

/// The format of a body.
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

    /// Checks the content type of a request.
    ///
    /// A body with another content type, or with none, is accepted with a warning, because real clients of the service send
    /// such bodies. JSON is rejected where the body is plain text: the text is a bare name, and the quotes of the JSON would
    /// become part of it. In strict mode, another content type is rejected, and a missing one causes a warning.
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
    fn json_is_rejected_where_plain_text_is_expected() {
        assert_eq!(Media::Text.admit(Some("application/json"), false).unwrap_err().status, 415);
        let form = Media::Text.admit(Some("application/x-www-form-urlencoded"), false).unwrap();
        assert!(form.line().is_some());
    }

    #[test]
    fn undeclared_content_type_causes_a_warning() {
        for strict in [false, true] {
            let warning = |given| Media::Json.admit(given, strict).unwrap().line();
            for declared in ["application/json", "Application/JSON; charset=utf-8"] {
                assert_eq!(warning(Some(declared)), None, "{declared}");
            }
            for none in [None, Some(""), Some(" ; charset=utf-8")] {
                assert_eq!(
                    warning(none).as_deref(),
                    Some("read as application/json, though it has no content type")
                );
            }
        }
        for other in ["text/plain", "application/xml", "application/jsonl", "*/*"] {
            let warning = Media::Json.admit(Some(other), false).unwrap().line();
            assert_eq!(
                warning,
                Some(format!("read as application/json, though its content type is {other}"))
            );
            assert_eq!(Media::Json.admit(Some(other), true).unwrap_err().status, 415, "{other}");
        }
    }
}
