//! Moments, as the API writes them.

use chrono::{DateTime, SecondsFormat, Utc};

use super::call::OperationCall;
use crate::request::query_string::value;
use crate::response::Problem;

pub(super) fn written(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Reads a moment that came as this field.
pub(super) fn moment(field: &str, text: &str) -> Result<DateTime<Utc>, Problem> {
    DateTime::parse_from_rfc3339(text).map(|moment| moment.to_utc()).map_err(|error| {
        Problem::bad_request(format!("{field}: is no moment ({error}); write it like 2026-01-31T12:00:00Z"))
    })
}

/// The moment that stands in the query string by this name.
pub(super) fn moment_of(call: &OperationCall<'_>, name: &str) -> Result<Option<DateTime<Utc>>, Problem> {
    value(call.query, name)?.map(|text| moment(name, &text)).transpose()
}
