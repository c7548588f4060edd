//! Comparison of the shapes of two responses.

use serde_json::Value;

/// Objects whose keys are data, by operation and path in the response. The contents of rows, schemas and
/// foreign protocols do not belong to the shape.
const FREE: &[(&str, &str)] = &[
    ("queryData", "/data"),
    ("previewInfer", ""),
    ("inferSchema", "/schema"),
    ("autorag", "/steps/data"),
    ("getPipelineTrace", "/llmCalls"),
    ("a2aJsonRpc", "/result"),
];

/// Fields that the emulator omits on purpose.
const LEFT_OUT: &[(&str, &str, &str)] =
    &[("queryData", "/resultType", "the service does not document which words it may hold")];

/// Returns the fields that a response lacks in comparison with the recording, or has with another type.
pub fn differences(operation: &str, recorded: &Value, own: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare(operation, "", recorded, own, &mut found);
    found
}

fn compare(operation: &str, at: &str, recorded: &Value, own: &Value, found: &mut Vec<String>) {
    match (recorded, own) {
        (Value::Object(_), Value::Object(_)) | (Value::Array(_), Value::Array(_))
            if FREE.contains(&(operation, at)) => {}
        (Value::Object(recorded), Value::Object(own)) => {
            for (name, value) in recorded {
                let at = format!("{at}/{name}");
                match own.get(name) {
                    Some(own) => compare(operation, &at, value, own, found),
                    None if LEFT_OUT.iter().any(|left| (left.0, left.1) == (operation, &at)) => {}
                    None => found.push(format!("{at} is missing")),
                }
            }
        }
        // Optional fields may be absent from some items, so one item has to equal the recorded one.
        (Value::Array(recorded), Value::Array(own)) => {
            let Some(recorded) = recorded.first() else { return };
            let faults = own.iter().map(|own| {
                let mut found = Vec::new();
                compare(operation, at, recorded, own, &mut found);
                found
            });
            match faults.min_by_key(Vec::len) {
                None => found.push(format!("{at} is empty")),
                Some(mut faults) => found.append(&mut faults),
            }
        }
        // A nullable field is null in one of them.
        (Value::Null, _) | (_, Value::Null) => {}
        (recorded, own) if kind(recorded) == kind(own) => {}
        (recorded, own) => found.push(format!("{at} was {recorded} and is {own}")),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[test]
fn shapes_differ_by_missing_fields_and_by_types() {
    let recorded = serde_json::json!({ "a": [{ "b": 1 }], "c": null, "d": "" });
    let same = serde_json::json!({ "a": [{ "b": 2, "more": 1 }, { "b": 3 }], "c": 1, "d": "x" });
    assert_eq!(differences("x", &recorded, &same), [""; 0]);
    let other = serde_json::json!({ "a": [{ "b": "2" }, {}], "c": 1 });
    assert_eq!(differences("x", &recorded, &other), ["/a/b was 1 and is \"2\"", "/d is missing"]);
    assert_eq!(
        differences("x", &recorded, &serde_json::json!({ "a": [], "c": 1, "d": "" })),
        ["/a is empty"]
    );
}
