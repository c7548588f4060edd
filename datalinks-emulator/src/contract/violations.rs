//! Violations of a schema as error messages.

use std::borrow::Cow;

use jsonschema::JsonType;
use jsonschema::error::{TypeKind, ValidationError, ValidationErrorKind as Kind};
use serde_json::Value;

use super::rules::Compiled;
use crate::response::{MAX_VIOLATIONS, SubError};

/// Maximum number of characters of a field name in a message.
const SHOWN: usize = 80;

/// Returns the violations of a value, up to [`MAX_VIOLATIONS`]. A value with several violations is listed once.
pub(super) fn all(schema: &Compiled<'_>, value: &Value) -> Vec<SubError> {
    let mut violations: Vec<SubError> = Vec::new();
    let mut last = None;
    for error in schema.validator.iter_errors(value) {
        let at = error.instance_path().as_str().to_owned();
        let whole = !matches!(error.kind(), Kind::Required { .. } | Kind::AdditionalProperties { .. });
        if whole && last.as_ref() == Some(&at) {
            continue;
        }
        violations.extend(sub_errors(schema, &error, value));
        if violations.len() >= MAX_VIOLATIONS {
            violations.truncate(MAX_VIOLATIONS);
            break;
        }
        last = whole.then_some(at);
    }
    violations
}

/// Describes one validation error. Unknown fields of the same object give one sub-error each.
fn sub_errors(schema: &Compiled<'_>, error: &ValidationError<'_>, value: &Value) -> Vec<SubError> {
    let at = field_path(value, error.instance_path().as_str());
    let (code, message) = match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            return vec![sub_error("MISSING_FIELD", &join(&at, name), "is required")];
        }
        Kind::AdditionalProperties { unexpected } => {
            let unknown = |name: &String| {
                sub_error("UNKNOWN_FIELD", &join(&at, name), "is not a field of this request")
            };
            return unexpected.iter().map(unknown).collect();
        }
        Kind::Type { kind } => ("WRONG_TYPE", format!("must be {}", types(kind))),
        Kind::Enum { options } => ("WRONG_VALUE", format!("must be one of {}", joined(options))),
        Kind::MinLength { limit } => ("TOO_SHORT", format!("must have at least {limit} characters")),
        Kind::MaxLength { limit } => {
            let length = error.instance().as_str().map_or(0, |text| text.chars().count());
            ("TOO_LONG", format!("has {length} characters, at most {limit} are allowed"))
        }
        Kind::MinItems { limit } => ("TOO_FEW", format!("must have at least {limit} items")),
        Kind::MaxItems { limit } => ("TOO_MANY", format!("must have at most {limit} items")),
        Kind::Minimum { limit } => ("OUT_OF_RANGE", format!("must be at least {limit}")),
        Kind::Maximum { limit } => ("OUT_OF_RANGE", format!("must be at most {limit}")),
        Kind::Pattern { pattern } => ("WRONG_FORM", format!("must match {pattern}")),
        Kind::OneOfNotValid { .. } | Kind::OneOfMultipleValid { .. } => {
            let branches = schema.whole.pointer(error.schema_path().as_str()).unwrap_or(&Value::Null);
            ("WRONG_CHOICE", choice(branches, error.instance()))
        }
        Kind::Format { format } if format == "date-time" => {
            ("WRONG_FORM", "must be an RFC 3339 timestamp, such as 2025-01-31T12:00:00Z".to_owned())
        }
        Kind::Format { format } => ("WRONG_FORM", format!("must be a {format}")),
        // The message of the library quotes the value, which may be a secret.
        other => ("WRONG_VALUE", format!("violates the rule `{}`", other.keyword())),
    };
    vec![if at.is_empty() { SubError { code, message } } else { sub_error(code, &at, &message) }]
}

/// Describes a `oneOf` that requires exactly one of several fields, or one of several types.
fn choice(branches: &Value, value: &Value) -> String {
    let branches = branches.as_array().into_iter().flatten();
    let kinds: Option<Vec<String>> = branches.clone().map(alternative).collect();
    if let Some(kinds) = kinds.filter(|kinds| !kinds.is_empty()) {
        return format!("must be {}", kinds.join(" or "));
    }
    let fields: Vec<&str> = branches.filter_map(|branch| branch["required"][0].as_str()).collect();
    let given: Vec<&str> = fields.iter().copied().filter(|field| value.get(field).is_some()).collect();
    let given = if given.is_empty() { "none".to_owned() } else { given.join(" and ") };
    format!("expected exactly one of {}, but the request has {given}", fields.join(", "))
}

/// Describes a branch of a `oneOf` that requires a type. Returns `None` for other branches.
fn alternative(branch: &Value) -> Option<String> {
    let name = |schema: &Value| {
        let kind: Option<JsonType> = schema["type"].as_str()?.parse().ok();
        kind.map(type_name)
    };
    let own = name(branch)?;
    let items = name(&branch["items"]).map(|items| format!("{own} (each item {items})"));
    Some(items.unwrap_or_else(|| own.to_owned()))
}

fn sub_error(code: &'static str, at: &str, message: &str) -> SubError {
    SubError { code, message: format!("{at}: {message}") }
}

fn types(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(kind) => type_name(*kind).to_owned(),
        TypeKind::Multiple(kinds) => {
            let (null, other): (Vec<_>, Vec<_>) = kinds.iter().partition(|kind| *kind == JsonType::Null);
            other.into_iter().chain(null).map(type_name).collect::<Vec<_>>().join(" or ")
        }
    }
}

fn type_name(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Array => "an array",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Null => "null",
        JsonType::Number => "a number",
        JsonType::Object => "an object",
        JsonType::String => "a string",
    }
}

fn joined(options: &Value) -> String {
    let options = options.as_array().into_iter().flatten();
    options
        .map(|option| option.as_str().map_or_else(|| option.to_string(), str::to_owned))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Converts a JSON pointer to a readable path: `/infer/steps/1/type` becomes `infer.steps[1].type`.
pub(super) fn field_path(value: &Value, pointer: &str) -> String {
    let mut path = String::new();
    let mut inner = value;
    for segment in pointer.split('/').skip(1) {
        let name = unescaped(segment);
        path = if inner.is_array() { format!("{path}[{name}]") } else { join(&path, &name) };
        inner = match inner {
            Value::Array(items) => name.parse().ok().and_then(|index: usize| items.get(index)),
            other => other.get(&*name),
        }
        .unwrap_or(&Value::Null);
    }
    path
}

/// Appends the name of a field to the path of its object.
pub(super) fn join(path: &str, name: &str) -> String {
    let shown: String = name.chars().take(SHOWN).collect();
    let more = if shown.len() < name.len() { "..." } else { "" };
    if path.is_empty() { format!("{shown}{more}") } else { format!("{path}.{shown}{more}") }
}

/// Decodes the escapes in a segment of a JSON pointer.
pub(super) fn unescaped(segment: &str) -> Cow<'_, str> {
    if segment.contains('~') {
        Cow::Owned(segment.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(segment)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_pointer_becomes_a_readable_path() {
        let value = json!({ "a": { "0": [{ "b/c": 1 }] } });
        assert_eq!(field_path(&value, "/a/0/0/b~1c"), "a.0[0].b/c");
        assert_eq!(field_path(&value, ""), "");
        assert_eq!(join("", &"x".repeat(100)).len(), 83);
    }

    #[test]
    fn message_names_the_violated_limit() {
        let schema = json!({ "properties": {
            "a": { "minLength": 2 }, "b": { "maxLength": 2 }, "c": { "minItems": 1 }, "d": { "maxItems": 1 },
            "e": { "minimum": 1 }, "f": { "maximum": 1 }, "g": { "pattern": "^a$" }, "h": { "format": "date-time" },
            "i": { "type": ["boolean", "null"] }, "j": { "const": 1 }, "k": { "type": "string", "enum": ["x", "y"] },
            "l": { "oneOf": [{ "required": ["x"] }, { "required": ["y"] }] },
            "m": { "oneOf": [{ "required": ["x"] }, { "required": ["y"] }] },
            "n": { "oneOf": [{ "type": "object" }, { "type": "array", "items": { "type": "object" } }] },
        } });
        let value = json!({
            "a": "ä", "b": "äöü", "c": [], "d": [1, 2], "e": 0, "f": 2, "g": "s3cret", "h": "noon", "i": 1, "j": 2, "k": 1,
            "l": {}, "m": { "x": 1, "y": 1 }, "n": [1],
        });
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        let schema = Compiled { whole: &schema, validator: &validator };
        let messages: Vec<String> = all(&schema, &value).into_iter().map(|error| error.message).collect();
        assert_eq!(
            messages,
            [
                "a: must have at least 2 characters",
                "b: has 3 characters, at most 2 are allowed",
                "c: must have at least 1 items",
                "d: must have at most 1 items",
                "e: must be at least 1",
                "f: must be at most 1",
                "g: must match ^a$",
                "h: must be an RFC 3339 timestamp, such as 2025-01-31T12:00:00Z",
                "i: must be true or false or null",
                "j: violates the rule `const`",
                "k: must be a string",
                "l: expected exactly one of x, y, but the request has none",
                "m: expected exactly one of x, y, but the request has x and y",
                "n: must be an object or an array (each item an object)",
            ]
        );
    }
}
