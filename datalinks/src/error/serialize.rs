//! Serialization of errors, for logs and reports.

use serde::{Serialize, Serializer, ser::SerializeMap as _};

use super::Error;

/// Serializes an error as an object. Members without a value are omitted.
///
/// The members are `kind`, `message`, `advice`, `operation`, `target`, `status`, `code`, `rpcCode`, `subErrors`,
/// `requestId`, `attempts`, `elapsedSeconds`, `retryAfterSeconds`, `ambiguous` and `causes`. Secrets are removed, as in
/// `Display`.
///
/// ```
/// use datalinks::{Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::RateLimited, "too many requests");
/// let error = serde_json::to_value(error).unwrap();
/// assert_eq!((error["kind"].as_str(), error["ambiguous"].as_bool()), (Some("RateLimited"), Some(false)));
/// ```
impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let facts = &*self.facts;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kind", &facts.kind)?;
        map.serialize_entry("message", &facts.message)?;
        map.serialize_entry("advice", facts.advice.as_deref().unwrap_or(facts.kind.advice()))?;
        let mut set = |name: &str, text: Option<&str>| match text {
            Some(text) => map.serialize_entry(name, text),
            None => Ok(()),
        };
        set("operation", facts.operation)?;
        set("target", facts.target.as_deref())?;
        set("code", facts.code.as_deref())?;
        set("requestId", facts.request_id.as_deref())?;
        if let Some(status) = facts.status {
            map.serialize_entry("status", &status.as_u16())?;
        }
        if let Some(code) = facts.rpc_code {
            map.serialize_entry("rpcCode", &code)?;
        }
        if !facts.sub_errors.is_empty() {
            map.serialize_entry("subErrors", &facts.sub_errors)?;
        }
        if facts.attempts > 0 {
            map.serialize_entry("attempts", &facts.attempts)?;
            map.serialize_entry("elapsedSeconds", &facts.elapsed.as_secs_f64())?;
        }
        if let Some(wait) = facts.retry_after {
            map.serialize_entry("retryAfterSeconds", &wait.as_secs_f64())?;
        }
        map.serialize_entry("ambiguous", &facts.ambiguous)?;
        let causes = super::display::causes(facts);
        if !causes.is_empty() {
            map.serialize_entry("causes", &causes)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::StatusCode;
    use serde_json::json;

    use super::{
        super::{SubError, kind::ErrorKind},
        *,
    };

    #[test]
    fn error_serializes_all_members_that_have_a_value() {
        let error = Error::new(ErrorKind::Rejected, "the row is too wide")
            .at("ingestData", Some("POST https://example.com".to_owned()))
            .with_status(StatusCode::UNPROCESSABLE_ENTITY)
            .with_code("TOO_WIDE", vec![SubError::new("COLUMN", "column 7")])
            .with_request_id("r-1".to_owned())
            .with_retry_after(Duration::from_millis(1500))
            .with_attempts(2, Duration::from_millis(250))
            .caused_by(std::io::Error::other("the tape broke"));
        let expected = json!({
            "kind": "Rejected",
            "message": "the row is too wide",
            "advice": ErrorKind::Rejected.advice(),
            "operation": "ingestData",
            "target": "POST https://example.com",
            "code": "TOO_WIDE",
            "requestId": "r-1",
            "status": 422,
            "subErrors": [{ "code": "COLUMN", "message": "column 7" }],
            "attempts": 2,
            "elapsedSeconds": 0.25,
            "retryAfterSeconds": 1.5,
            "ambiguous": false,
            "causes": ["the tape broke"],
        });
        assert_eq!(serde_json::to_value(&error).unwrap(), expected);
        let short = Error::invalid("no").with_ambiguous(true);
        let expected = json!({ "kind": "InvalidInput", "message": "no", "advice": ErrorKind::InvalidInput.advice(), "ambiguous": true });
        assert_eq!(serde_json::to_value(&short).unwrap(), expected);
    }
}
