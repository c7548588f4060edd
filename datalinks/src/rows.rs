//! The caller's rows as JSON objects, where a request needs them so.

use datalinks_gen::Row;
use serde::Serialize;
use serde_json::Value;

use crate::{Error, ErrorKind};

/// Each row as a JSON object, or an error that names the first that is none.
pub(crate) fn objects<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Result<Vec<Row>, Error> {
    let object = |(index, row): (usize, T)| {
        let fault = |what: String| Error::new(ErrorKind::Encode, format!("row {index} {what}"));
        match serde_json::to_value(row) {
            Ok(Value::Object(row)) => Ok(row),
            Ok(_) => Err(fault("is not a JSON object".to_owned())),
            Err(error) => Err(fault(format!("cannot be written as JSON: {error}")).caused_by(error)),
        }
    };
    rows.into_iter().enumerate().map(object).collect()
}
