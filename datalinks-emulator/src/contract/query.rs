//! Parsing of the query string by its schema.

use serde_json::{Map, Value};

use crate::request::query_string::{given_differently, text, value};
use crate::response::Problem;

/// Returns the parameters that the schema declares, converted to their types where possible.
pub(super) fn values(query: &str, schema: &Value) -> Result<Value, Problem> {
    let mut values = Map::new();
    for (name, declared) in schema["properties"].as_object().into_iter().flatten() {
        if given_differently(query, name) {
            return Err(Problem::bad_request(format!(
                "{name} is given twice with different values; give it once"
            )));
        }
        let read = if declared["format"] == "date-time" { value } else { text };
        let Some(text) = read(query, name)? else { continue };
        let number = || text.parse::<i64>().ok().map(Value::from);
        let value = match (declared["type"].as_str(), declared["contentMediaType"].as_str()) {
            (Some("integer"), _) => number(),
            (Some("boolean"), _) => text.parse::<bool>().ok().map(Value::from),
            (_, Some("application/json")) => serde_json::from_str(&text).ok(),
            _ => None,
        };
        let value = value.unwrap_or_else(|| text.into());
        values.insert(name.clone(), value);
    }
    Ok(values.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_converted_to_their_declared_types() {
        let schema = json!({ "properties": {
            "n": { "type": "integer" }, "b": { "type": "boolean" }, "s": { "type": "string" }, "j": { "contentMediaType": "application/json" },
        } });
        let of = |raw| values(raw, &schema);
        assert_eq!(of("n=12&s=12&other=%ff").unwrap(), json!({ "n": 12, "s": "12" }));
        assert_eq!(of("j=%7B%22a%22:1%7D").unwrap(), json!({ "j": { "a": 1 } }));
        assert_eq!(of("j=%7B").unwrap(), json!({ "j": "{" }));
        assert_eq!(of("n=1.0").unwrap(), json!({ "n": "1.0" }));
        assert_eq!(of("b=true").unwrap(), json!({ "b": true }));
        assert_eq!(of("b=1").unwrap(), json!({ "b": "1" }));
        assert_eq!(of("b=true&b=true").unwrap(), json!({ "b": true }));
        assert!(of("b=true&b=false").unwrap_err().message.starts_with("b is given twice"));
        assert!(of("s=%ff").unwrap_err().message.starts_with("s is not UTF-8"));
    }
}
