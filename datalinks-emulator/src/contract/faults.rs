//! What a value has against its schema, in words.

use std::borrow::Cow;

use jsonschema::JsonType;
use jsonschema::error::{TypeKind, ValidationError, ValidationErrorKind as Kind};
use serde_json::Value;

use super::rules::Compiled;
use crate::response::{MAX_VIOLATIONS, SubError};

/// Characters of a name that are shown.
const SHOWN: usize = 80;

/// Returns the violations of a value, up to [`MAX_VIOLATIONS`]. A value that is wrong in several ways is named once.
pub(super) fn all(schema: &Compiled<'_>, value: &Value) -> Vec<SubError> {
    let mut faults: Vec<SubError> = Vec::new();
    let mut last = None;
    for error in schema.validator.iter_errors(value) {
        let at = error.instance_path().as_str().to_owned();
        let whole = !matches!(error.kind(), Kind::Required { .. } | Kind::AdditionalProperties { .. });
        if whole && last.as_ref() == Some(&at) {
            continue;
        }
        faults.extend(told(schema, &error, value));
        if faults.len() >= MAX_VIOLATIONS {
            faults.truncate(MAX_VIOLATIONS);
            break;
        }
        last = whole.then_some(at);
    }
    faults
}

/// One fault; of unknown fields one each.
fn told(schema: &Compiled<'_>, error: &ValidationError<'_>, value: &Value) -> Vec<SubError> {
    let at = place(value, error.instance_path().as_str());
    let (code, what) = match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            return vec![fault("MISSING_FIELD", &inside(&at, name), "is required")];
        }
        Kind::AdditionalProperties { unexpected } => {
            let one =
                |name: &String| fault("UNKNOWN_FIELD", &inside(&at, name), "is not a field of this request");
            return unexpected.iter().map(one).collect();
        }
        Kind::Type { kind } => ("WRONG_TYPE", format!("must be {}", types(kind))),
        Kind::Enum { options } => ("WRONG_VALUE", format!("must be one of {}", words(options))),
        Kind::MinLength { limit } => ("TOO_SHORT", format!("must have at least {limit} characters")),
        Kind::MaxLength { limit } => {
            let length = error.instance().as_str().map_or(0, |text| text.chars().count());
            ("TOO_LONG", format!("{length} characters, at most {limit} are allowed"))
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
            ("WRONG_FORM", "must be a moment in RFC 3339, such as 2025-01-31T12:00:00Z".to_owned())
        }
        Kind::Format { format } => ("WRONG_FORM", format!("must be a {format}")),
        // The library's own words quote the value, which may be a secret.
        other => ("WRONG_VALUE", format!("breaks the rule `{}`", other.keyword())),
    };
    vec![if at.is_empty() { SubError { code, message: what } } else { fault(code, &at, &what) }]
}

/// Of several fields exactly one is wanted, or of several types.
fn choice(branches: &Value, value: &Value) -> String {
    let branches = branches.as_array().into_iter().flatten();
    let kinds: Option<Vec<String>> = branches.clone().map(alternative).collect();
    if let Some(kinds) = kinds.filter(|kinds| !kinds.is_empty()) {
        return format!("must be {}", kinds.join(" or "));
    }
    let fields: Vec<&str> = branches.filter_map(|branch| branch["required"][0].as_str()).collect();
    let given: Vec<&str> = fields.iter().copied().filter(|field| value.get(field).is_some()).collect();
    let given = if given.is_empty() { "none".to_owned() } else { given.join(" and ") };
    format!("exactly one of {} is wanted, given: {given}", fields.join(", "))
}

/// A branch that wants a type, in words.
fn alternative(branch: &Value) -> Option<String> {
    let name = |schema: &Value| {
        let kind: Option<JsonType> = schema["type"].as_str()?.parse().ok();
        kind.map(type_name)
    };
    let own = name(branch)?;
    let items = name(&branch["items"]).map(|items| format!("{own} (each item {items})"));
    Some(items.unwrap_or_else(|| own.to_owned()))
}

fn fault(code: &'static str, at: &str, what: &str) -> SubError {
    SubError { code, message: format!("{at}: {what}") }
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
        JsonType::Array => "a list",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Null => "null",
        JsonType::Number => "a number",
        JsonType::Object => "an object",
        JsonType::String => "a text",
    }
}

fn words(options: &Value) -> String {
    let words = options.as_array().into_iter().flatten();
    words
        .map(|word| word.as_str().map_or_else(|| word.to_string(), str::to_owned))
        .collect::<Vec<_>>()
        .join(", ")
}

/// A JSON pointer as people write it: `/infer/steps/1/type` is `infer.steps[1].type`.
pub(super) fn place(value: &Value, pointer: &str) -> String {
    let mut place = String::new();
    let mut inner = value;
    for step in pointer.split('/').skip(1) {
        let name = unescaped(step);
        place = if inner.is_array() { format!("{place}[{name}]") } else { inside(&place, &name) };
        inner = match inner {
            Value::Array(items) => name.parse().ok().and_then(|index: usize| items.get(index)),
            other => other.get(&*name),
        }
        .unwrap_or(&Value::Null);
    }
    place
}

/// A field of the object there.
pub(super) fn inside(place: &str, name: &str) -> String {
    let shown: String = name.chars().take(SHOWN).collect();
    let more = if shown.len() < name.len() { "..." } else { "" };
    if place.is_empty() { format!("{shown}{more}") } else { format!("{place}.{shown}{more}") }
}

/// A step of a JSON pointer.
pub(super) fn unescaped(step: &str) -> Cow<'_, str> {
    if step.contains('~') {
        Cow::Owned(step.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(step)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_are_written_as_people_do() {
        let value = json!({ "a": { "0": [{ "b/c": 1 }] } });
        assert_eq!(place(&value, "/a/0/0/b~1c"), "a.0[0].b/c");
        assert_eq!(place(&value, ""), "");
        assert_eq!(inside("", &"x".repeat(100)).len(), 83);
    }

    #[test]
    fn every_limit_is_told() {
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
        let told: Vec<String> = all(&schema, &value).into_iter().map(|fault| fault.message).collect();
        assert_eq!(
            told,
            [
                "a: must have at least 2 characters",
                "b: 3 characters, at most 2 are allowed",
                "c: must have at least 1 items",
                "d: must have at most 1 items",
                "e: must be at least 1",
                "f: must be at most 1",
                "g: must match ^a$",
                "h: must be a moment in RFC 3339, such as 2025-01-31T12:00:00Z",
                "i: must be true or false or null",
                "j: breaks the rule `const`",
                "k: must be a text",
                "l: exactly one of x, y is wanted, given: none",
                "m: exactly one of x, y is wanted, given: x and y",
                "n: must be an object or a list (each item an object)",
            ]
        );
    }
}
