//! What is odd in a body, and accepted all the same.

use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use super::faults::{self, inside, place, unescaped};
use super::rules::Compiled;
use super::warnings::{Odd, Warnings};
use crate::response::SubError;

/// What was odd may have hidden something else that is odd; no schema nests deeper than this.
const ROUNDS: usize = 8;

/// Takes what is odd out of the body, notes it as warnings, and returns what is wrong with the rest.
pub(super) fn judge(schema: &Compiled<'_>, mut body: Value, warnings: &mut Warnings) -> Vec<SubError> {
    for _ in 0..ROUNDS {
        let odd = odd(schema, &body);
        if odd.is_empty() {
            break;
        }
        for Found { parent, name, kind } in odd {
            let at = inside(&place(&body, &parent), &name);
            if let Some(object) = body.pointer_mut(&parent).and_then(Value::as_object_mut)
                && object.remove(&name).is_some()
            {
                warnings.note(kind, at);
            }
        }
    }
    faults::all(schema, &body)
}

/// A field that is odd, and the place of the object it is in.
struct Found {
    parent: String,
    name: String,
    kind: Odd,
}

fn odd(schema: &Compiled<'_>, body: &Value) -> Vec<Found> {
    let mut found = Vec::new();
    for error in schema.validator.iter_errors(body) {
        let at = error.instance_path().as_str();
        match error.kind() {
            Kind::AdditionalProperties { unexpected } => {
                let one =
                    |name: &String| Found { parent: at.to_owned(), name: name.clone(), kind: Odd::Unknown };
                found.extend(unexpected.iter().map(one));
            }
            _ if error.instance().is_null() => {
                let Some((parent, name)) = at.rsplit_once('/') else { continue };
                if body.pointer(parent).is_some_and(Value::is_object) {
                    let (parent, name) = (parent.to_owned(), unescaped(name).into_owned());
                    found.push(Found { parent, name, kind: Odd::Null });
                }
            }
            _ => {}
        }
    }
    found
}
