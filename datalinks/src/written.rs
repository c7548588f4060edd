//! How values of this crate are serialized.

use std::time::Duration;

use serde::Serializer;

/// Writes a duration as a number of seconds.
pub(crate) fn seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}
