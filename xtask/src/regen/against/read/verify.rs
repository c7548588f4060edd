//! Verification that all schemas of operations can be followed to their end.
//!
//! A schema may contain itself in a field or an item, where the comparison stops. It must not be composed of
//! itself (`$ref`, `allOf`, `oneOf`, `anyOf`): such a schema has no meaning, and its normalization would not
//! end.

use std::{
    collections::{HashMap, HashSet},
    ptr,
};

use serde_json::Value;

use super::super::{
    model::{Content, Operation, ParameterValue},
    references::{self, DEPTH},
};

const COMPOSITION: [&str; 3] = ["allOf", "oneOf", "anyOf"];

/// Returns an error for the first schema that cannot be followed.
pub(super) fn run(root: &Value, operations: &[Operation<'_>]) -> Result<(), String> {
    let mut check = Check { root, heights: HashMap::new() };
    let mut seen = HashSet::new();
    for operation in operations {
        let mut waiting: Vec<(String, &Value)> = Vec::new();
        roots(operation, |location, schema| waiting.push((location, schema)));
        while let Some((location, node)) = waiting.pop() {
            if !seen.insert(ptr::from_ref(node)) {
                continue;
            }
            check.height(node, 0).map_err(|error| format!("{location}: {error}"))?;
            if let Some(path) = references::reference(node) {
                waiting.extend(references::target(root, path).map(|target| (path.to_owned(), target)));
            }
            waiting
                .extend(members_of_composition(node).map(|(key, part)| (format!("{location}, {key}"), part)));
            let fields = node["properties"].as_object().into_iter().flatten();
            waiting.extend(fields.map(|(name, field)| (format!("{location}.{name}"), field)));
            for key in ["items", "additionalProperties", "unevaluatedProperties"] {
                waiting.extend(node.get(key).map(|inner| (format!("{location}, {key}"), inner)));
            }
        }
    }
    Ok(())
}

/// Returns all schemas that stand in an operation itself.
fn roots<'a>(operation: &Operation<'a>, mut take: impl FnMut(String, &'a Value)) {
    let label = operation.label();
    let mut bodies = |location: &str, content: &Content<'a>| {
        for (media, body) in content {
            take(format!("{location}, {media}"), body.schema);
            for (event, schema) in body.events.iter().flatten() {
                take(format!("{location}, event {event}"), schema);
            }
        }
    };
    if let Some(body) = &operation.request {
        bodies(&format!("{label} request"), &body.content);
    }
    for (status, content) in &operation.responses {
        bodies(&format!("{label} {status}"), content);
    }
    for ((sent_in, name), parameter) in &operation.parameters {
        if let ParameterValue::Content(content) = &parameter.value {
            bodies(&format!("{label} {sent_in} {name}"), content);
        }
    }
    for ((sent_in, name), parameter) in &operation.parameters {
        if let ParameterValue::Schema(schema) = &parameter.value {
            take(format!("{label} {sent_in} {name}"), schema);
        }
    }
}

fn members_of_composition(node: &Value) -> impl Iterator<Item = (&'static str, &Value)> {
    COMPOSITION
        .into_iter()
        .flat_map(move |key| node[key].as_array().into_iter().flatten().map(move |part| (key, part)))
}

struct Check<'a> {
    root: &'a Value,
    /// Levels of composition below a verified schema.
    heights: HashMap<*const Value, usize>,
}

impl<'a> Check<'a> {
    /// Returns the levels of composition below a schema. A loop has too many.
    fn height(&mut self, node: &'a Value, depth: usize) -> Result<usize, String> {
        let known = self.heights.get(&ptr::from_ref(node)).copied();
        if depth + known.unwrap_or_default() > DEPTH {
            return Err(format!(
                "the schema is composed of itself, or of more than {DEPTH} levels; correct the document"
            ));
        }
        if let Some(known) = known {
            return Ok(known);
        }
        let mut height = 0;
        if let Some(path) = references::reference(node) {
            let target = references::target(self.root, path).ok_or_else(|| references::dangling(path))?;
            height = self.height(target, depth + 1)? + 1;
        }
        for (_, part) in members_of_composition(node) {
            height = height.max(self.height(part, depth + 1)? + 1);
        }
        self.heights.insert(ptr::from_ref(node), height);
        Ok(height)
    }
}
