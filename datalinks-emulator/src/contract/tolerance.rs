//! Invalid fields of a body that are accepted with a warning.

use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use super::rules::Compiled;
use super::violations::{self, field_path, join, unescaped};
use super::warnings::{Tolerated, Warnings};
use crate::response::SubError;

/// Maximum number of passes. Removing a field can reveal an invalid field that it hid, and no schema nests deeper than this.
const ROUNDS: usize = 8;

/// Removes tolerated fields from the body, adds warnings about them, and returns the violations of the rest.
pub(super) fn tolerate(schema: &Compiled<'_>, mut body: Value, warnings: &mut Warnings) -> Vec<SubError> {
    for _ in 0..ROUNDS {
        let fields = tolerated_fields(schema, &body);
        if fields.is_empty() {
            break;
        }
        for ToleratedField { parent, name, kind } in fields {
            let at = join(&field_path(&body, &parent), &name);
            if let Some(object) = body.pointer_mut(&parent).and_then(Value::as_object_mut)
                && object.remove(&name).is_some()
            {
                warnings.add(kind, at);
            }
        }
    }
    violations::all(schema, &body)
}

/// An invalid field that is accepted.
struct ToleratedField {
    /// JSON pointer to the object that contains the field.
    parent: String,
    name: String,
    kind: Tolerated,
}

fn tolerated_fields(schema: &Compiled<'_>, body: &Value) -> Vec<ToleratedField> {
    let mut found = Vec::new();
    for error in schema.validator.iter_errors(body) {
        let at = error.instance_path().as_str();
        match error.kind() {
            Kind::AdditionalProperties { unexpected } => {
                found.extend(unexpected.iter().map(|name| ToleratedField {
                    parent: at.to_owned(),
                    name: name.clone(),
                    kind: Tolerated::Unknown,
                }));
            }
            _ if error.instance().is_null() => {
                let Some((parent, name)) = at.rsplit_once('/') else { continue };
                if body.pointer(parent).is_some_and(Value::is_object) {
                    let (parent, name) = (parent.to_owned(), unescaped(name).into_owned());
                    found.push(ToleratedField { parent, name, kind: Tolerated::Null });
                }
            }
            _ => {}
        }
    }
    found
}
