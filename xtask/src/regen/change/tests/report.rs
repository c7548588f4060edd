//! The text of the report, and its Markdown.

use serde_json::{Value, json};

use super::{
    super::{Effects, Report, Target, between},
    document,
};

/// Effects that repeat what was asked for.
struct Asked;

impl Effects for Asked {
    fn of(&self, target: &Target<'_>) -> Vec<String> {
        let fields = target.fields.iter().copied().collect::<Vec<_>>().join(", ");
        let state = if target.is_removed { "removed" } else { "kept" };
        vec![format!("`{}` is {state}: {fields}", target.operation), "missing: a test".to_owned()]
    }
}

fn things(version: &str, field: &str, statuses: &Value) -> Value {
    let thing = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } });
    let mut responses = statuses.clone();
    responses["200"] = json!({ "content": thing });
    json!({
        "openapi": "3.0.3",
        "info": { "version": version },
        "paths": { "/things": {
            "get": { "operationId": "readThing", "responses": responses },
            "put": { "operationId": "putThing", "requestBody": { "content": thing }, "responses": { "204": {} } },
        } },
        "components": { "schemas": { "Thing": { "type": "object", "properties": { field: { "enum": ["a|b", "c"] } } } } },
    })
}

fn report() -> Report {
    let old = document(things("1.0", "color", &json!({ "202": {}, "404": {} })));
    let new = document(things("1.1", "hue", &json!({})));
    Report::new(&old, &new, between(&old, &new).unwrap())
}

#[test]
fn text_lists_breaking_changes_first_and_then_the_effects() {
    let expected = "\
Changes of the wire: 6, 3 of them breaking (1.0 -> 1.1)

breaking
  clients send: field removed: color (was optional)
      putThing
  clients read: status removed (was 202)
      readThing
  clients read: field removed: color (was optional)
      readThing 200

not breaking
  clients send: field added: hue (optional)
      putThing
  clients read: status removed (was 404)
      readThing
  clients read: field added: hue (optional)
      readThing 200

effects
  putThing (1 breaking, 1 not)
    `putThing` is kept: color, hue
    missing: a test
  readThing (2 breaking, 2 not)
    `readThing` is kept: color, hue
    missing: a test
";
    let report = report();
    assert_eq!(report.text(Some(&Asked)), expected);
    let (changes, _) = expected.split_once("\neffects").unwrap();
    assert_eq!(report.text(None), changes);
}

#[test]
fn markdown_has_a_table_of_changes_and_a_section_per_operation() {
    let expected = "\
# Changes of the wire: 6, 3 of them breaking (1.0 -> 1.1)

## Breaking

| for | change | in | from, to | operations |
|---|---|---|---|---|
| clients send | field removed | `color` | was `optional` | `putThing` |
| clients read | status removed |  | was `202` | `readThing` |
| clients read | field removed | `color` | was `optional` | `readThing 200` |

## Not breaking

| for | change | in | from, to | operations |
|---|---|---|---|---|
| clients send | field added | `hue` | `optional` | `putThing` |
| clients read | status removed |  | was `404` | `readThing` |
| clients read | field added | `hue` | `optional` | `readThing 200` |

## Effects

### `putThing`

Changes: 1 breaking, 1 not.

- `putThing` is kept: color, hue
- missing: a test

### `readThing`

Changes: 2 breaking, 2 not.

- `readThing` is kept: color, hue
- missing: a test
";
    assert_eq!(report().markdown(Some(&Asked)), expected);
}

#[test]
fn values_do_not_end_a_cell_of_the_table() {
    let mut new = things("1.0", "color", &json!({}));
    new["components"]["schemas"]["Thing"]["properties"]["color"]["enum"] = json!(["c"]);
    let (old, new) = (document(things("1.0", "color", &json!({}))), document(new));
    let report = Report::new(&old, &new, between(&old, &new).unwrap());
    let row = "| clients send | enum value removed | `color` | was `a\\|b` | `putThing` |";
    assert!(report.markdown(None).contains(row), "{}", report.markdown(None));
}

#[test]
fn no_change_is_one_line_without_effects() {
    let old = document(things("1.0", "color", &json!({})));
    let report = Report::new(&old, &old, between(&old, &old).unwrap());
    assert!(report.is_empty());
    assert_eq!(report.text(Some(&Asked)), "Changes of the wire: none\n");
    assert_eq!(report.markdown(Some(&Asked)), "# Changes of the wire: none\n");
}

#[test]
fn effects_are_asked_for_by_the_names_of_fields_and_for_operations_that_are_gone() {
    let path = |id: &str, field: &str| {
        let item = json!({ "type": "object", "properties": { field: {} } });
        let schema =
            json!({ "type": "object", "properties": { "list": { "type": "array", "items": item } } });
        let parameters = json!([{ "in": "query", "name": format!("{field}Size"), "schema": {} }]);
        let content = json!({ "application/json": { "schema": schema } });
        json!({ "get": { "operationId": id, "parameters": parameters, "responses": { "200": { "content": content } } } })
    };
    let old = json!({ "openapi": "3.0.3", "paths": { "/a": path("first", "a"), "/b": path("gone", "a") } });
    let new = json!({ "openapi": "3.0.3", "paths": { "/a": path("second", "b") } });
    let (old, new) = (document(old), document(new));
    let text = Report::new(&old, &new, between(&old, &new).unwrap()).text(Some(&Asked));
    assert!(text.contains("\n    `first` is removed: \n"), "{text}");
    assert!(text.contains("\n    `gone` is removed: \n"), "{text}");
    assert!(text.contains("\n    `second` is kept: a, aSize, b, bSize\n"), "{text}");
}
