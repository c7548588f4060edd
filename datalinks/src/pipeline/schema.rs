//! The predefined schema of a run: an object or an array.

use serde::Serialize;
use serde_json::Value;

use crate::{
    error::{Error, ErrorKind},
    json::write_strictly,
};

/// Returns the schema as JSON, or the reason why it cannot be encoded. The setter that takes the schema cannot fail, so
/// [`sendable`] reports the error.
pub(super) fn read(schema: impl Serialize) -> Result<Value, String> {
    let unwritable = |error| format!("cannot be written as JSON: {error}");
    // A JSON value would hold null instead of NaN and infinity.
    let mut written = Vec::new();
    write_strictly(&mut written, &schema).map_err(unwritable)?;
    // A number that no JSON value can hold is rejected, because its text would lose digits.
    serde_json::to_value(schema).map_err(unwritable)?;
    // The text has the shortest digits of a number of single precision, which a value would widen.
    serde_json::from_slice(&written).map_err(unwritable)
}

/// Returns the schema to send, or an error if it is neither an object nor an array.
pub(super) fn sendable(schema: Result<Value, String>) -> Result<Value, Error> {
    let found = match schema {
        Ok(schema @ (Value::Object(_) | Value::Array(_))) => return Ok(schema),
        Ok(Value::Null) => "is null".to_owned(),
        Ok(schema @ Value::Bool(_)) => format!("is the boolean {schema}"),
        Ok(schema @ Value::Number(_)) => format!("is the number {schema}"),
        // A long string is shortened: it may be a whole document that should have been parsed.
        Ok(Value::String(text)) if text.chars().count() > SHOWN => {
            format!("is a string that begins with {:?}", text.chars().take(SHOWN).collect::<String>())
        }
        Ok(Value::String(text)) => format!("is the string {text:?}"),
        Err(error) => error,
    };
    Err(Error::new(ErrorKind::InvalidInput, format!("the predefined schema {found}"))
        .advice("give an object, or an array of dataset schemas"))
}

/// Characters of a string that an error shows.
const SHOWN: usize = 40;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// `0.1_f32` was sent as 0.10000000149011612.
    #[test]
    fn numbers_of_single_precision_keep_their_digits() {
        let schema = read(std::collections::BTreeMap::from([("threshold", 0.1_f32)])).unwrap();
        assert_eq!(schema.to_string(), r#"{"threshold":0.1}"#);
        let large = std::collections::BTreeMap::from([("n", u128::MAX)]);
        assert!(read(large).is_err(), "no digit is lost unseen");
    }

    #[test]
    fn objects_and_arrays_are_sent_as_given() {
        for schema in
            [json!({}), json!([]), json!({ "films": { "title": null } }), json!([{ "name": "films" }, 1])]
        {
            assert_eq!(sendable(read(&schema)).unwrap(), schema);
        }
    }

    #[test]
    fn other_values_are_rejected_and_named() {
        let long = "x".repeat(100);
        for (schema, part) in [
            (json!(null), "is null"),
            (json!(true), "is the boolean true"),
            (json!(1.5), "is the number 1.5"),
            (json!("films"), "is the string \"films\""),
            (json!(long), "begins with \"xxxx"),
        ] {
            let error = sendable(read(&schema)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            let text = error.to_string();
            assert!(text.contains(part) && text.contains("array of dataset schemas"), "{text}");
            assert!(text.len() < 200, "{text}");
        }
        let unwritable = std::collections::HashMap::from([([1], 2)]);
        let error = sendable(read(unwritable)).unwrap_err();
        assert!(error.to_string().contains("cannot be written as JSON"), "{error}");
        let error = sendable(read(std::collections::BTreeMap::from([("a", f64::NAN)]))).unwrap_err();
        assert!(error.to_string().contains("NaN is no JSON number"), "{error}");
    }
}
