//! The text of the report, and its Markdown.

use std::fs;

use serde_json::{Value, json};

use super::{
    super::{Effects, Field, Report, State, Target, between, run},
    document,
};

/// Effects that echo their arguments.
struct Asked;

impl Effects for Asked {
    fn of(&self, target: Target<'_>) -> Vec<String> {
        let state = match target.state {
            State::Present => "kept".to_owned(),
            State::RenamedFrom(earlier) => format!("renamed from `{earlier}`"),
            State::RenamedTo(later) => format!("renamed to `{later}`"),
            State::Removed => "removed".to_owned(),
        };
        vec![format!("`{}` is {state}", target.operation), "missing: a test".to_owned()]
    }

    fn uses(&self, field: &Field<'_>) -> Vec<String> {
        let earlier = field.earlier_ids.iter().map(|id| format!("tests: {id}.rs:1"));
        let used = (!field.is_new_to_requests).then(|| format!("tests: {}.rs:1", field.name));
        earlier.chain(used).collect()
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
  clients send: field added: hue (optional), perhaps renamed from color
      putThing
  clients read: status removed (was 404)
      readThing
  clients read: field added: hue (optional), perhaps renamed from color
      readThing 200

effects
  putThing (1 breaking, 1 not)
    `putThing` is kept
    missing: a test
  readThing (2 breaking, 2 not)
    `readThing` is kept
    missing: a test

fields in the code of these operations
  color (putThing, readThing)
    tests: color.rs:1
  hue (putThing, readThing)
    not named
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
| clients send | field added | `hue` | `optional`, perhaps renamed from `color` | `putThing` |
| clients read | status removed |  | was `404` | `readThing` |
| clients read | field added | `hue` | `optional`, perhaps renamed from `color` | `readThing 200` |

## Effects

### `putThing`

Changes: 1 breaking, 1 not.

- `putThing` is kept
- missing: a test

### `readThing`

Changes: 2 breaking, 2 not.

- `readThing` is kept
- missing: a test

## Fields in the code of these operations

### `color`

Operations: `putThing`, `readThing`.

- tests: color.rs:1

### `hue`

Operations: `putThing`, `readThing`.

- not named
";
    assert_eq!(report().markdown(Some(&Asked)), expected);
}

#[test]
fn values_are_escaped_in_table_cells() {
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
fn effects_are_requested_for_fields_and_removed_operations() {
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
    assert!(text.contains("\n    `first` is renamed to `second`\n"), "{text}");
    assert!(text.contains("\n    `gone` is removed\n"), "{text}");
    assert!(text.contains("\n    `second` is renamed from `first`\n"), "{text}");
    let (_, fields) = text.split_once("\nfields in the code of these operations\n").unwrap();
    let expected = "  a (second)\n    tests: first.rs:1\n    tests: a.rs:1\n  aSize (second)\n    tests: \
                    first.rs:1\n    tests: aSize.rs:1\n  b (second)\n    tests: first.rs:1\n    tests: b.rs:1\n  \
                    bSize (second)\n    tests: first.rs:1\n";
    assert_eq!(fields, expected);
}

/// If two fields were added or removed, their correspondence is unknown.
#[test]
fn rename_of_a_field_is_suggested_only_if_unambiguous() {
    let object = |fields: &[&str]| {
        let fields: serde_json::Map<String, Value> =
            fields.iter().map(|name| ((*name).to_owned(), json!({}))).collect();
        let content = json!({ "application/json": { "schema": {
            "type": "object", "properties": { "in": { "type": "object", "properties": fields } },
        } } });
        document(json!({ "openapi": "3.0.3", "paths": { "/a": { "get": {
            "operationId": "read", "responses": { "200": { "content": content } },
        } } } }))
    };
    let renamed = |old: &[&str], new: &[&str]| {
        let (old, new) = (object(old), object(new));
        let text = Report::new(&old, &new, between(&old, &new).unwrap()).text(None);
        text.matches("perhaps renamed from").count()
    };
    assert_eq!(renamed(&["a", "x"], &["b", "x"]), 1);
    assert_eq!(renamed(&["a"], &["b", "c"]), 0);
    assert_eq!(renamed(&["a", "b"], &["c"]), 0);
    assert_eq!(renamed(&["a"], &["a", "c"]), 0);
}

#[test]
fn empty_value_is_shown() {
    let mut new = things("1.0", "color", &json!({}));
    new["components"]["schemas"]["Thing"]["properties"]["color"]["enum"] = json!(["a|b", "", "c"]);
    let (old, new) = (document(things("1.0", "color", &json!({}))), document(new));
    let report = Report::new(&old, &new, between(&old, &new).unwrap());
    let text = report.text(None);
    assert!(text.contains("  clients send: enum value added: color (\"\")\n"), "{text}");
    let row = "| clients send | enum value added | `color` | `\"\"` | `putThing` |";
    assert!(report.markdown(None).contains(row), "{}", report.markdown(None));
}

/// A choice of a union may have dots in its name, which is not the name of a field.
#[test]
fn choices_are_not_treated_as_fields() {
    let document = |other_fields: bool| {
        let choice = |tag: &str| json!({ "type": "object", "properties": { "type": { "enum": [tag] } } });
        let mut known = choice("a.b");
        known["additionalProperties"] = other_fields.into();
        let shape = json!({ "type": "array", "items": { "oneOf": [known, choice("c")] } });
        let mut root = things("1.0", "shape", &json!({}));
        root["components"]["schemas"]["Thing"]["properties"]["shape"] = shape;
        document(root)
    };
    let (old, new) = (document(true), document(false));
    let text = Report::new(&old, &new, between(&old, &new).unwrap()).text(Some(&Asked));
    assert!(text.contains("additional fields: shape[]<type=a.b> (true -> false)"), "{text}");
    assert!(text.ends_with("\n  shape (putThing, readThing)\n    tests: shape.rs:1\n"), "{text}");
}

#[test]
fn two_files_are_compared_and_the_report_is_written_as_markdown_too() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, root: &Value| {
        let path = folder.path().join(name);
        fs::write(&path, root.to_string()).unwrap();
        path
    };
    let (old, new) = (things("1.0", "color", &json!({})), things("1.1", "color", &json!({ "202": {} })));
    let (old, new) = (write("old.json", &old), write("new.json", &new));
    let markdown = folder.path().join("report.md");
    let mut out = Vec::new();
    // The directory has no sources to find effects in.
    run(folder.path(), &old, Some(&new), Some(&markdown), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.starts_with("Changes of the wire: 1, 1 of them breaking (1.0 -> 1.1)\n"), "{text}");
    assert!(text.contains("\neffects are not reported: "), "{text}");
    assert!(fs::read_to_string(markdown).unwrap().contains("| status added |"));

    let missing = run(folder.path(), &old, Some(&folder.path().join("none")), None, &mut Vec::new());
    assert!(missing.unwrap_err().starts_with("reading "));
    let error = run(folder.path(), &old, Some(&new), Some(&folder.path().join("no/such")), &mut Vec::new());
    assert!(error.unwrap_err().contains("check the path"));
}
