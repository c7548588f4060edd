//! JSON documents that JSON values cannot represent: numbers out of range, duplicate keys, nesting of any
//! depth.

use std::fmt::Write;

use serde_json::Value;

/// A JSON document as a tree.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    /// Text that is written unchanged. Deep nesting has this form, so that the tree itself is never deep.
    Raw(String),
    /// A string that is escaped when it is written.
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            Value::Object(fields) => {
                Self::Object(fields.iter().map(|(name, value)| (name.clone(), Self::from(value))).collect())
            }
            scalar => Self::Raw(scalar.to_string()),
        }
    }
}

impl Json {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Returns the JSON text of the tree.
    pub(super) fn written(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Raw(text) => out.push_str(text),
            Self::Text(text) => quote(text, out),
            Self::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(fields) => {
                out.push('{');
                for (index, (name, value)) in fields.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    quote(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// Returns the number of nodes, including this one.
    pub(super) fn nodes(&self) -> usize {
        1 + match self {
            Self::Raw(_) | Self::Text(_) => 0,
            Self::Array(items) => items.iter().map(Self::nodes).sum(),
            Self::Object(fields) => fields.iter().map(|(_, value)| value.nodes()).sum(),
        }
    }

    /// Returns the node with this number, counted from 0 in the order of the text.
    pub(super) fn node(&mut self, number: usize) -> Option<&mut Self> {
        if number == 0 {
            return Some(self);
        }
        let mut left = number - 1;
        let inner: Vec<&mut Self> = match self {
            Self::Raw(_) | Self::Text(_) => Vec::new(),
            Self::Array(items) => items.iter_mut().collect(),
            Self::Object(fields) => fields.iter_mut().map(|(_, value)| value).collect(),
        };
        for node in inner {
            let nodes = node.nodes();
            if left < nodes {
                return node.node(left);
            }
            left -= nodes;
        }
        None
    }

    /// Returns the numbers of the nodes that satisfy a condition.
    pub(super) fn numbers(&self, wanted: &dyn Fn(&Self) -> bool) -> Vec<usize> {
        let (mut found, mut next) = (Vec::new(), 0);
        self.collect(wanted, &mut next, &mut found);
        found
    }

    fn collect(&self, wanted: &dyn Fn(&Self) -> bool, next: &mut usize, found: &mut Vec<usize>) {
        if wanted(self) {
            found.push(*next);
        }
        *next += 1;
        match self {
            Self::Raw(_) | Self::Text(_) => {}
            Self::Array(items) => items.iter().for_each(|item| item.collect(wanted, next, found)),
            Self::Object(fields) => fields.iter().for_each(|(_, value)| value.collect(wanted, next, found)),
        }
    }

    /// Sets a field of an object. Has no effect on other nodes.
    pub(super) fn set(&mut self, name: &str, value: Json) {
        if let Self::Object(fields) = self {
            match fields.iter_mut().find(|(own, _)| own == name) {
                Some((_, own)) => *own = value,
                None => fields.push((name.to_owned(), value)),
            }
        }
    }

    /// Returns a field of an object.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(fields) = self else { return None };
        fields.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }
}

/// Writes a string with the escapes that JSON requires, and no others.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control < ' ' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn trees_are_written_as_json() {
        let value = json!({ "a": [1, "x\n\"", null], "b": { "c": true } });
        let tree = Json::from(&value);
        assert_eq!(serde_json::from_str::<Value>(&tree.written()).unwrap(), value);
        let odd = Json::Object(vec![
            ("a".to_owned(), Json::Raw("1e999".to_owned())),
            ("a".to_owned(), Json::text("")),
        ]);
        assert_eq!(odd.written(), r#"{"a":1e999,"a":""}"#);
    }

    #[test]
    fn every_node_is_found_by_its_number() {
        let mut tree = Json::from(&json!({ "a": [1, "x"], "b": { "c": true } }));
        let nodes: Vec<String> =
            (0..tree.nodes()).map(|number| tree.node(number).unwrap().written()).collect();
        assert_eq!(nodes[1..], [r#"[1,"x"]"#, "1", r#""x""#, r#"{"c":true}"#, "true"]);
        assert!(tree.node(nodes.len()).is_none());
        assert_eq!(tree.numbers(&|node| matches!(node, Json::Object(_))), [0, 4]);
    }
}
