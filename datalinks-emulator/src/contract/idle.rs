//! Fields of the OpenAPI document that the emulator accepts and that have no effect.

use serde_json::Value;

/// A field without effect in some operations.
struct Idle {
    operations: &'static [&'static str],
    /// Path in the body. `[]` stands for every item of an array.
    field: &'static str,
    /// The value that requests the emulator's behavior and causes no warning. `None` if every value causes one.
    harmless: Option<Harmless>,
}

#[derive(Clone, Copy)]
enum Harmless {
    False,
    Text(&'static str),
}

const ASKING: &[&str] = &["autorag", "autoragStream"];
const STEPS: &[&str] = &["finishMultipartUpload", "ingestData", "previewInfer"];

/// All fields without effect. The table in `docs/decisions.md` lists the reasons.
const IDLE: &[Idle] = &[
    Idle { operations: ASKING, field: "webSearch", harmless: Some(Harmless::False) },
    Idle { operations: ASKING, field: "provider", harmless: None },
    Idle { operations: ASKING, field: "models.answer.provider", harmless: None },
    Idle { operations: ASKING, field: "models.plan.provider", harmless: None },
    Idle { operations: ASKING, field: "models.query.provider", harmless: None },
    Idle { operations: STEPS, field: "infer.steps[].provider", harmless: None },
    Idle {
        operations: &["curateLinks", "inferDescription", "inferSchema", "queryData"],
        field: "provider",
        harmless: None,
    },
    Idle {
        operations: &["runPipeline"],
        field: "datalinksInferenceSettings.ontologyCurationProvider",
        harmless: None,
    },
    Idle { operations: &["runPipeline"], field: "datalinksInferenceSettings.provider", harmless: None },
    Idle { operations: &["runPipeline"], field: "llm.provider", harmless: None },
    Idle { operations: &["createDataset"], field: "visibility", harmless: Some(Harmless::Text("Private")) },
    Idle { operations: &["addLink"], field: "options.bidirectional", harmless: Some(Harmless::False) },
    Idle { operations: &["addLink"], field: "options.ignorePrivateColumns", harmless: Some(Harmless::False) },
    Idle { operations: &["addLink"], field: "options.targetColumns", harmless: None },
];

impl Harmless {
    fn is(self, value: &Value) -> bool {
        match self {
            Self::False => *value == Value::Bool(false),
            Self::Text(text) => value == text,
        }
    }
}

/// Returns the fields of a body that have no effect and a value that is not harmless.
pub(super) fn fields(operation: &str, body: &Value) -> Vec<&'static str> {
    let own = IDLE.iter().filter(|idle| idle.operations.contains(&operation));
    own.filter(|idle| is_set(body, idle.field, idle.harmless)).map(|idle| idle.field).collect()
}

/// Returns `true` if the path leads to a value other than the harmless one. Null counts as absent.
fn is_set(value: &Value, path: &str, harmless: Option<Harmless>) -> bool {
    if path.is_empty() {
        return !value.is_null() && !harmless.is_some_and(|harmless| harmless.is(value));
    }
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    match name.strip_suffix("[]") {
        Some(name) => {
            let items = value[name].as_array().into_iter().flatten();
            items.into_iter().any(|item| is_set(item, rest, harmless))
        }
        None => is_set(&value[name], rest, harmless),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The documentation of fields without effect.
    const DECISIONS: &str = include_str!("../../docs/decisions.md");

    #[test]
    fn harmless_and_absent_values_are_not_reported() {
        let body = json!({ "webSearch": true, "provider": null, "models": { "plan": { "provider": "x" } } });
        assert_eq!(fields("autorag", &body), ["webSearch", "models.plan.provider"]);
        assert!(fields("autorag", &json!({ "webSearch": false })).is_empty());
        assert!(fields("getDatasets", &body).is_empty());
        let steps =
            json!({ "infer": { "steps": [{ "type": "rows" }, { "type": "table", "provider": "x" }] } });
        assert_eq!(fields("previewInfer", &steps), ["infer.steps[].provider"]);
        assert_eq!(fields("createDataset", &json!({ "visibility": "Public" })), ["visibility"]);
        assert!(fields("createDataset", &json!({ "visibility": "Private" })).is_empty());
    }

    #[test]
    fn every_field_without_effect_is_documented() {
        for idle in IDLE {
            for operation in idle.operations {
                let is_row = |line: &str| {
                    let cells: Vec<&str> = line.split('|').map(str::trim).collect();
                    let has = |cell: usize, text: &str| {
                        cells.get(cell).is_some_and(|cell| cell.contains(&format!("`{text}`")))
                    };
                    has(1, operation) && has(2, idle.field)
                };
                assert!(DECISIONS.lines().any(is_row), "docs/decisions.md: {operation} {}", idle.field);
            }
        }
    }
}
