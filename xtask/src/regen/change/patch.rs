//! JSON Patch (RFC 6902).

use serde::Deserialize;
use serde_json::Value;

/// One operation of a patch.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case")]
pub(super) enum Operation {
    Add { path: String, value: Value },
    Remove { path: String },
    Replace { path: String, value: Value },
    Move { from: String, path: String },
    Copy { from: String, path: String },
    Test { path: String, value: Value },
}

/// Applies a patch, one operation after the other.
///
/// # Errors
///
/// If an operation has no target or a test fails. The document then has the changes of the operations before it.
pub(super) fn apply(document: &mut Value, patch: &[Operation]) -> Result<(), String> {
    for (position, operation) in patch.iter().enumerate() {
        one(document, operation).map_err(|error| format!("operation {position} of the patch: {error}"))?;
    }
    Ok(())
}

fn one(document: &mut Value, operation: &Operation) -> Result<(), String> {
    match operation {
        Operation::Add { path, value } => add(document, path, value.clone()),
        Operation::Remove { path } => remove(document, path).map(drop),
        Operation::Replace { path, value } => {
            *document.pointer_mut(path).ok_or_else(|| nothing(path))? = value.clone();
            Ok(())
        }
        Operation::Move { from, path } => {
            let value = remove(document, from)?;
            add(document, path, value)
        }
        Operation::Copy { from, path } => {
            let value = document.pointer(from).ok_or_else(|| nothing(from))?.clone();
            add(document, path, value)
        }
        Operation::Test { path, value } if document.pointer(path) == Some(value) => Ok(()),
        Operation::Test { path, value } => Err(format!("{path:?} is not {value}")),
    }
}

fn add(document: &mut Value, path: &str, value: Value) -> Result<(), String> {
    let Some((holder, key)) = holder(document, path)? else {
        *document = value;
        return Ok(());
    };
    match holder {
        Value::Object(fields) => {
            fields.insert(key, value);
        }
        Value::Array(items) => {
            let end = items.len();
            let position = if key == "-" { Some(end) } else { position(&key) };
            let position = position.filter(|at| *at <= end).ok_or_else(|| nothing(path))?;
            items.insert(position, value);
        }
        _ => return Err(nothing(path)),
    }
    Ok(())
}

fn remove(document: &mut Value, path: &str) -> Result<Value, String> {
    let Some((holder, key)) = holder(document, path)? else { return Ok(document.take()) };
    match holder {
        Value::Object(fields) => fields.remove(&key).ok_or_else(|| nothing(path)),
        Value::Array(items) => match position(&key).filter(|at| *at < items.len()) {
            Some(position) => Ok(items.remove(position)),
            None => Err(nothing(path)),
        },
        _ => Err(nothing(path)),
    }
}

/// The node that holds the target, and the target's key in it. `None` for the whole document.
fn holder<'d>(document: &'d mut Value, path: &str) -> Result<Option<(&'d mut Value, String)>, String> {
    if path.is_empty() {
        return Ok(None);
    }
    let (above, key) =
        path.rsplit_once('/').ok_or_else(|| format!("{path:?} does not begin with a slash"))?;
    let holder = document.pointer_mut(above).ok_or_else(|| nothing(path))?;
    Ok(Some((holder, key.replace("~1", "/").replace("~0", "~"))))
}

/// A position in an array, which has no sign and no leading zero.
fn position(key: &str) -> Option<usize> {
    let is_plain = key.bytes().all(|byte| byte.is_ascii_digit()) && (key == "0" || !key.starts_with('0'));
    key.parse().ok().filter(|_| is_plain)
}

fn nothing(path: &str) -> String {
    format!("{path:?} leads nowhere")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn applied(document: Value, patch: Value) -> Result<Value, String> {
        let (mut document, patch) = (document, serde_json::from_value::<Vec<Operation>>(patch).unwrap());
        apply(&mut document, &patch).map(|()| document)
    }

    #[test]
    fn operations_do_what_the_standard_says() {
        let before = json!({ "a/b": [1, 2], "m~n": { "x": null }, "gone": true });
        let patch = json!([
            { "op": "add", "path": "/a~1b/1", "value": 5 },
            { "op": "add", "path": "/a~1b/-", "value": 3 },
            { "op": "remove", "path": "/gone" },
            { "op": "replace", "path": "/m~0n/x", "value": [] },
            { "op": "move", "from": "/a~1b/0", "path": "/first" },
            { "op": "copy", "from": "/m~0n", "path": "/copy" },
            { "op": "test", "path": "/first", "value": 1 },
        ]);
        let after = json!({ "a/b": [5, 2, 3], "m~n": { "x": [] }, "first": 1, "copy": { "x": [] } });
        assert_eq!(applied(before, patch), Ok(after));
        assert_eq!(applied(json!(1), json!([{ "op": "add", "path": "", "value": 2 }])), Ok(json!(2)));
    }

    #[test]
    fn operations_without_a_target_are_errors_that_name_it() {
        for (operation, expected) in [
            (json!({ "op": "remove", "path": "/b" }), "\"/b\" leads nowhere"),
            (json!({ "op": "replace", "path": "/a/9", "value": 1 }), "\"/a/9\" leads nowhere"),
            (json!({ "op": "add", "path": "/a/2", "value": 1 }), "\"/a/2\" leads nowhere"),
            (json!({ "op": "add", "path": "/a/00", "value": 1 }), "\"/a/00\" leads nowhere"),
            (json!({ "op": "add", "path": "/a/0/x", "value": 1 }), "\"/a/0/x\" leads nowhere"),
            (json!({ "op": "move", "from": "/c", "path": "/a/0" }), "\"/c\" leads nowhere"),
            (json!({ "op": "test", "path": "/a/0", "value": 2 }), "\"/a/0\" is not 2"),
            (json!({ "op": "add", "path": "a", "value": 2 }), "\"a\" does not begin with a slash"),
        ] {
            let error = applied(json!({ "a": [1] }), json!([operation])).unwrap_err();
            assert_eq!(error, format!("operation 0 of the patch: {expected}"));
        }
    }
}
