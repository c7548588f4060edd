//! Timestamps in the API's format.

use chrono::{DateTime, SecondsFormat, Utc};

use super::call::OperationCall;
use crate::request::query_string::value;
use crate::response::Problem;

pub(super) fn written(timestamp: DateTime<Utc>) -> String {
    timestamp.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Parses the timestamp in the given field.
pub(super) fn timestamp(field: &str, text: &str) -> Result<DateTime<Utc>, Problem> {
    DateTime::parse_from_rfc3339(text).map(|timestamp| timestamp.to_utc()).map_err(|error| {
        Problem::bad_request(format!(
            "{field}: is not a timestamp ({error}); write it like 2026-01-31T12:00:00Z"
        ))
    })
}

/// Returns the timestamp in the query string under the given name.
pub(super) fn timestamp_of(call: &OperationCall<'_>, name: &str) -> Result<Option<DateTime<Utc>>, Problem> {
    value(call.query, name)?.map(|text| timestamp(name, &text)).transpose()
}
