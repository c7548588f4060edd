//! Unions: `oneOf` and `anyOf`.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    ptr,
};

use serde_json::Value;

use super::{
    Schemas,
    keywords::{self, permits_everything},
    shape::{Kind, OtherFields, Shape},
};
use crate::regen::against::references;

/// The field that tells members apart if the union has no discriminator.
const USUAL_KEY: &str = "type";

/// The members of a union. `None` if the node has none, or if they only say which fields go together.
pub(super) fn members(node: &Value) -> Option<&[Value]> {
    let listed = |key: &str| node[key].as_array().filter(|members| !members.is_empty());
    let members = listed("oneOf").or_else(|| listed("anyOf"))?;
    (!members.iter().all(is_condition)).then_some(members)
}

/// Returns `true` if the node permits null and nothing else.
pub(super) fn is_null(node: &Value) -> bool {
    let only_null = |values: &Value| values.as_array().is_some_and(|values| values == &[Value::Null]);
    node["type"] == "null"
        || node["type"].as_array().is_some_and(|names| names == &["null"])
        || only_null(&node["enum"])
        || node.get("const").is_some_and(Value::is_null)
}

fn is_condition(node: &Value) -> bool {
    node.as_object().is_some_and(|fields| fields.keys().all(|key| key == "required" || key == "not"))
        && !permits_everything(node)
}

impl<'a> Schemas<'a> {
    /// Adds a union to the shape of the node that holds it.
    pub(super) fn unite(&self, shape: &mut Shape<'a>, node: &'a Value, members: &'a [Value]) {
        let others: Vec<&Value> = members.iter().filter(|member| !is_null(member)).collect();
        let has_null = others.len() < members.len();
        if has_null {
            shape.nullable = Some(true);
        }
        match others.as_slice() {
            [] => shape.kind = Kind::One("null"),
            [only] if has_null || node.get("discriminator").is_none() => shape.absorb(&self.shape(only)),
            others => match self.by_value(node, others) {
                Some(choices) => shape.choices = choices,
                None => self.merge(shape, others),
            },
        }
    }

    /// The members by the value of the field that tells them apart, or `None` if there is no such field.
    fn by_value(&self, node: &'a Value, members: &[&'a Value]) -> Option<BTreeMap<String, &'a Value>> {
        let discriminator = node.get("discriminator");
        let key = discriminator.and_then(|one| one["propertyName"].as_str()).unwrap_or(USUAL_KEY);
        let mut found = BTreeMap::new();
        for member in members {
            let values = match self.shape(member).properties.get(key).map(|field| self.values(field)) {
                Some(values) if !values.is_empty() => values,
                _ => mapped(discriminator?, member)?,
            };
            found.extend(values.into_iter().map(|value| (value, *member)));
        }
        Some(found)
    }

    /// The values that a field lists, itself or in what it is composed of. A union in the field is not followed: the
    /// field may hold the very union that is being sorted out.
    fn values(&self, field: &'a Value) -> BTreeSet<String> {
        let (mut waiting, mut seen) = (vec![field], HashSet::new());
        while let Some(node) = waiting.pop() {
            let values = keywords::read(node).values;
            if !values.is_empty() {
                return values.iter().map(|value| plain(value)).collect();
            }
            if seen.insert(ptr::from_ref(node)) {
                waiting.extend(node["allOf"].as_array().into_iter().flatten().rev());
                waiting.extend(self.target(node));
            }
        }
        BTreeSet::new()
    }

    /// One object with the fields of all members, of which only those are required that all require. If a member is
    /// not an object, the shape has several types.
    fn merge(&self, shape: &mut Shape<'a>, members: &[&'a Value]) {
        let parts: Vec<_> = members.iter().map(|member| (*member, self.shape(member))).collect();
        if parts.iter().any(|(_, part)| part.nullable == Some(true)) {
            shape.nullable = Some(true);
        }
        if parts.iter().any(|(_, part)| !part.kind.is_object()) {
            shape.kind =
                Kind::Several(types(&parts.iter().map(|(node, part)| (*node, &**part)).collect::<Vec<_>>()));
            return;
        }
        shape.kind = Kind::One("object");
        shape.is_merged = true;
        for (_, part) in &parts {
            shape.properties.extend(&part.properties);
            if matches!(shape.other_fields, OtherFields::NotStated) {
                shape.other_fields = part.other_fields;
            }
        }
        let common = parts.iter().map(|(_, part)| part.required.clone()).reduce(|all, one| &all & &one);
        shape.required.extend(common.unwrap_or_default());
    }
}

fn types<'a>(parts: &[(&'a Value, &Shape<'a>)]) -> Vec<(&'a str, Option<&'a Value>)> {
    let mut types = Vec::new();
    for (node, part) in parts {
        match &part.kind {
            Kind::Any => types.push(("any", Some(*node))),
            Kind::One(name) => types.push((*name, Some(*node))),
            Kind::Several(several) => types.extend(several.iter().copied()),
        }
    }
    types.sort_by_key(|(name, _)| *name);
    types
}

/// The values that a discriminator leads to a member by. Without a mapping, the value is the member's name.
fn mapped(discriminator: &Value, member: &Value) -> Option<BTreeSet<String>> {
    let path = references::reference(member)?;
    let name = path.rsplit('/').next()?;
    let mapping = discriminator["mapping"].as_object().into_iter().flatten();
    let listed: BTreeSet<String> = mapping
        .filter(|(_, target)| target.as_str().is_some_and(|target| target == path || target == name))
        .map(|(value, _)| value.clone())
        .collect();
    Some(if listed.is_empty() { BTreeSet::from([name.to_owned()]) } else { listed })
}

/// A value of an enum, which is kept as JSON, as a word.
fn plain(json: &str) -> String {
    serde_json::from_str::<String>(json).unwrap_or_else(|_| json.to_owned())
}
