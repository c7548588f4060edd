//! The query string.

use serde_json::{Map, Value};

use crate::problem::Problem;
use crate::query_string::{text, value};

/// The parameters that the schema knows, each of the type it wants if it can be.
pub(super) fn values(query: &str, schema: &Value) -> Result<Value, Problem> {
    let mut values = Map::new();
    for (name, wanted) in schema["properties"].as_object().into_iter().flatten() {
        let read = if wanted["format"] == "date-time" { value } else { text };
        let Some(text) = read(query, name)? else { continue };
        let value = match text.parse::<i64>() {
            Ok(number) if wanted["type"] == "integer" => number.into(),
            _ => text.into(),
        };
        values.insert(name.clone(), value);
    }
    Ok(values.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_have_the_type_that_is_wanted() {
        let schema = json!({ "properties": { "n": { "type": "integer" }, "s": { "type": "string" } } });
        let of = |raw| values(raw, &schema);
        assert_eq!(of("n=12&s=12&other=%ff").unwrap(), json!({ "n": 12, "s": "12" }));
        assert_eq!(of("n=1.0").unwrap(), json!({ "n": "1.0" }));
        assert!(of("s=%ff").unwrap_err().message.starts_with("s is not UTF-8"));
    }
}
