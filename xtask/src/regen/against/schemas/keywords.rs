//! The keywords of a schema itself.

use serde_json::Value;

use super::shape::{BOUNDS, Kind, OtherFields, Shape};

/// Keywords that describe a schema and do not restrict its values.
pub(in crate::regen) const ANNOTATIONS: [&str; 11] = [
    "title",
    "description",
    "summary",
    "example",
    "examples",
    "deprecated",
    "externalDocs",
    "xml",
    "readOnly",
    "writeOnly",
    "$comment",
];

/// Bounds without effect if they are zero.
const LEAST: [&str; 3] = ["minLength", "minItems", "minProperties"];

/// Returns `true` if a schema permits every value.
pub(super) fn permits_everything(node: &Value) -> bool {
    match node {
        Value::Object(fields) => {
            fields.keys().all(|key| key.starts_with("x-") || ANNOTATIONS.contains(&key.as_str()))
        }
        other => matches!(other, Value::Null | Value::Bool(true)),
    }
}

/// Reads the keywords of one node without its references.
pub(super) fn read(node: &Value) -> Shape<'_> {
    let mut shape = Shape { nullable: node["nullable"].as_bool(), ..Shape::default() };
    kind(node, &mut shape);
    values(node, &mut shape);
    shape.format = format(node);
    bounds(node, &mut shape);
    shape.default = node.get("default");
    shape.items = node.get("items");
    shape.properties = node["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, field)| (name.as_str(), field))
        .collect();
    shape.required = node["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    shape.other_fields = match node.get("additionalProperties").or_else(|| node.get("unevaluatedProperties"))
    {
        None => OtherFields::NotStated,
        Some(Value::Bool(false)) => OtherFields::Closed,
        Some(other) if permits_everything(other) => OtherFields::Open,
        Some(other) => OtherFields::Typed(other),
    };
    shape
}

/// Reads one type or a list of types. Null in the list makes the schema nullable.
fn kind<'a>(node: &'a Value, shape: &mut Shape<'a>) {
    let mut names: Vec<&str> = match &node["type"] {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    names.sort_unstable();
    if names.len() > 1 && names.contains(&"null") {
        names.retain(|name| *name != "null");
        shape.nullable = Some(true);
    }
    shape.kind = match names.as_slice() {
        [] if node == &Value::Bool(false) => Kind::One("nothing"),
        [] => Kind::Any,
        [name] => Kind::One(name),
        names => Kind::Several(names.iter().map(|name| (*name, None)).collect()),
    };
}

/// Reads the values of `enum` or `const`. If all are strings and the schema has no type, its type is string.
fn values<'a>(node: &'a Value, shape: &mut Shape<'a>) {
    let listed: Vec<&Value> = match (node["enum"].as_array(), node.get("const")) {
        (Some(listed), _) => listed.iter().collect(),
        (None, constant) => constant.into_iter().collect(),
    };
    if shape.kind.is_any() && listed.iter().any(|value| value.is_null()) {
        shape.nullable = Some(true);
    }
    let mut listed: Vec<&Value> = listed.into_iter().filter(|value| !value.is_null()).collect();
    listed.dedup();
    if shape.kind.is_any() && !listed.is_empty() && listed.iter().all(|value| value.is_string()) {
        shape.kind = Kind::One("string");
    }
    shape.values = listed.into_iter().map(Value::to_string).collect();
}

/// Returns the format. OpenAPI 3.1 has other keywords for binary values.
fn format(node: &Value) -> Option<&str> {
    let encoded = match (node["contentEncoding"].as_str(), node["contentMediaType"].as_str()) {
        (Some("base64"), _) => Some("byte"),
        (None, Some("application/octet-stream")) => Some("binary"),
        _ => None,
    };
    node["format"].as_str().or(encoded)
}

fn bounds<'a>(node: &'a Value, shape: &mut Shape<'a>) {
    let says_something = |key: &str, bound: &Value| match bound {
        Value::Bool(bound) => *bound,
        Value::Number(bound) => !(LEAST.contains(&key) && bound.as_f64() == Some(0.0)),
        _ => true,
    };
    let stated = BOUNDS.into_iter().filter_map(|key| Some((key, node.get(key)?)));
    shape.bounds = stated.filter(|(key, bound)| says_something(key, bound)).collect();
    // In OpenAPI 3.0, a flag makes a limit exclusive. In OpenAPI 3.1, an exclusive limit is a separate number.
    for (exclusive, limit) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if shape.bounds.get(exclusive).is_some_and(|bound| bound.is_boolean()) {
            shape.bounds.remove(exclusive);
            shape.bounds.remove(limit).map(|bound| shape.bounds.insert(exclusive, bound));
        }
    }
}
