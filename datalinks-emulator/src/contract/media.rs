//! Types of content.

use std::fmt;

use http::StatusCode;

use crate::problem::Problem;

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

    /// Refuses a body that says it is something else. One that says nothing is tried.
    pub(super) fn admit(self, content_type: Option<&str>) -> Result<(), Problem> {
        let Some(given) = content_type else { return Ok(()) };
        let essence = given.split(';').next().unwrap_or_default().trim();
        if essence.is_empty() || essence.eq_ignore_ascii_case(self.name()) {
            return Ok(());
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
    fn what_says_it_is_something_else_is_refused() {
        for admitted in [None, Some(""), Some("application/json"), Some("Application/JSON; charset=utf-8")] {
            assert!(Media::Json.admit(admitted).is_ok(), "{admitted:?}");
        }
        for refused in ["text/plain", "application/xml", "application/jsonl", "*/*"] {
            assert_eq!(Media::Json.admit(Some(refused)).unwrap_err().status, 415, "{refused}");
        }
    }
}
