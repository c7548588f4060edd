//! `$ref` within one file.

use serde_json::Value;

/// Maximum length of a chain of references and maximum depth of composed schemas. More is treated as a loop.
pub(in crate::regen) const DEPTH: usize = 64;

/// The schema of a missing node, which permits everything.
pub(in crate::regen) static ANYTHING: Value = Value::Null;

/// Returns the reference that a node consists of or begins with.
pub(in crate::regen) fn reference(node: &Value) -> Option<&str> {
    node.get("$ref").and_then(Value::as_str)
}

/// Returns the target of a reference, or `None` if the file does not contain it.
pub(in crate::regen) fn target<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    root.pointer(&decoded(reference.strip_prefix('#')?)?)
}

/// Returns the node at the end of a chain of references.
pub(in crate::regen) fn follow<'a>(root: &'a Value, mut node: &'a Value) -> Result<&'a Value, String> {
    for _ in 0..DEPTH {
        match reference(node) {
            Some(path) => node = target(root, path).ok_or_else(|| dangling(path))?,
            None => return Ok(node),
        }
    }
    Err(format!("{:?} refers to itself; correct the document", reference(node).unwrap_or_default()))
}

pub(in crate::regen) fn dangling(path: &str) -> String {
    if path.starts_with('#') {
        format!("{path:?} does not exist; correct the document")
    } else {
        format!("{path:?} refers to another file; bundle the document into one file first")
    }
}

/// Decodes percent-encoding, which references use for the braces of a path.
fn decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn chains_are_followed_and_loops_are_errors() {
        let root = json!({
            "a": { "$ref": "#/paths/~1x~1%7Bid%7D" },
            "paths": { "/x/{id}": { "found": true } },
            "loop": { "$ref": "#/loop" },
        });
        assert_eq!(follow(&root, &root["a"]).unwrap(), &json!({ "found": true }));
        assert!(follow(&root, &root["loop"]).unwrap_err().contains("\"#/loop\" refers to itself"));
        for (path, expected) in
            [("#/b", "does not exist"), ("#/%7", "does not exist"), ("other.yaml#/a", "bundle")]
        {
            let error = follow(&root, &json!({ "$ref": path })).map(Value::to_string).unwrap_err();
            assert!(error.contains(expected), "{path}: {error}");
        }
    }
}
