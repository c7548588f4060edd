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

const KEYWORDS: [&str; 2] = ["oneOf", "anyOf"];

/// The field that distinguishes members if the union has no discriminator.
const USUAL_KEY: &str = "type";

/// A union as it is declared.
pub(in crate::regen) struct Union<'a> {
    /// The keyword, `oneOf` or `anyOf`. For a list of types, which is a union too, the names of the types.
    pub(in crate::regen) keyword: String,
    /// The members without null.
    pub(in crate::regen) members: Vec<Member<'a>>,
}

impl Union<'_> {
    /// Returns `true` if the union has a keyword of its own.
    pub(in crate::regen) fn is_stated(&self) -> bool {
        KEYWORDS.contains(&self.keyword.as_str())
    }
}

/// A member of a union.
pub(in crate::regen) struct Member<'a> {
    /// The schema, or `None` for a type in a list of types.
    pub(in crate::regen) schema: Option<&'a Value>,
    /// The field that distinguishes members, and its values for this member.
    tag: Option<(&'a str, BTreeSet<String>)>,
    /// The names of fields, or the type of a member without any.
    form: String,
}

impl Member<'_> {
    /// Returns `true` if both are distinguished from other members in the same way.
    pub(in crate::regen) fn is_same_as(&self, other: &Self) -> bool {
        match (&self.tag, &other.tag) {
            (Some((tag, values)), Some((other, others))) => tag == other && !values.is_disjoint(others),
            (None, None) => self.form == other.form,
            _ => false,
        }
    }

    /// Returns the name by which members of two documents are equal: a value of the tag, or the form.
    pub(in crate::regen) fn common_label(&self, other: &Self) -> String {
        match (&self.tag, &other.tag) {
            (Some((tag, values)), Some((_, others))) => label(tag, values.intersection(others)),
            _ => self.label(),
        }
    }

    pub(in crate::regen) fn label(&self) -> String {
        self.tag.as_ref().map_or_else(|| self.form.clone(), |(tag, values)| label(tag, values.iter()))
    }
}

fn label<'v>(tag: &str, mut values: impl Iterator<Item = &'v String>) -> String {
    format!("{tag}={}", values.next().map_or("", String::as_str))
}

/// Returns the members of a union. Returns `None` if the node has none, or if they only state which fields go
/// together.
pub(super) fn members(node: &Value) -> Option<&[Value]> {
    keyword(node).map(|(_, members)| members)
}

fn keyword(node: &Value) -> Option<(&'static str, &[Value])> {
    let mut listed = KEYWORDS.into_iter().filter_map(|key| Some((key, node[key].as_array()?.as_slice())));
    let (key, members) = listed.find(|(_, members)| !members.is_empty())?;
    (!members.iter().all(is_condition)).then_some((key, members))
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
    /// Returns the union that a schema is, itself or through its composition. Returns `None` if the schema is
    /// not a union, or is a union of one schema and null.
    pub(in crate::regen) fn union(&self, node: &'a Value) -> Option<Union<'a>> {
        let Some((holder, keyword, members)) = self.holder(node) else {
            let Kind::Several(types) = &self.shape(node).kind else { return None };
            let member = |name: &str| Member { schema: None, tag: None, form: name.to_owned() };
            let keyword = types.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
            return Some(Union { keyword, members: types.iter().map(|(name, _)| member(name)).collect() });
        };
        let discriminator = holder.get("discriminator");
        let members = members.iter().filter(|member| !is_null(member));
        Some(Union {
            keyword: keyword.to_owned(),
            members: members.map(|member| self.member(discriminator, member)).collect(),
        })
    }

    /// Returns the keywords of a schema beside its union.
    pub(in crate::regen) fn beside_union(&self, node: &'a Value) -> Shape<'a> {
        let mut shape = keywords::read(node);
        if members(node).is_some_and(|members| members.iter().any(is_null)) {
            shape.nullable = Some(true);
        }
        let parts = node["allOf"].as_array().into_iter().flatten();
        for part in self.target(node).into_iter().chain(parts).chain(only_member(node)) {
            shape.absorb(&self.beside_union(part));
        }
        shape
    }

    /// Returns the node with the members of a union, its keyword, and the members. The depth of recursion is
    /// that of compositions, which reading the file limits.
    fn holder(&self, node: &'a Value) -> Option<(&'a Value, &'static str, &'a [Value])> {
        if let Some(only) = only_member(node) {
            return self.holder(only);
        }
        if let Some((keyword, members)) = keyword(node) {
            return members.iter().any(|member| !is_null(member)).then_some((node, keyword, members));
        }
        let parts = node["allOf"].as_array().into_iter().flatten();
        self.target(node).into_iter().chain(parts).find_map(|part| self.holder(part))
    }

    fn member(&self, discriminator: Option<&'a Value>, member: &'a Value) -> Member<'a> {
        let key = discriminator.and_then(|one| one["propertyName"].as_str()).unwrap_or(USUAL_KEY);
        let shape = self.shape(member);
        let values = self.tag_values(discriminator, key, member).filter(|values| !values.is_empty());
        let form = match self.holder(member) {
            Some((_, keyword, _)) => keyword.to_owned(),
            None if shape.properties.is_empty() => shape.kind.name(),
            None => shape.properties.keys().copied().collect::<Vec<_>>().join(","),
        };
        Member { schema: Some(member), tag: values.map(|values| (key, values)), form }
    }

    /// Adds a union to the shape of its node.
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

    /// Returns the members by the value of the field that distinguishes them. Returns `None` without such a
    /// field.
    fn by_value(&self, node: &'a Value, members: &[&'a Value]) -> Option<BTreeMap<String, &'a Value>> {
        let discriminator = node.get("discriminator");
        let key = discriminator.and_then(|one| one["propertyName"].as_str()).unwrap_or(USUAL_KEY);
        let mut found = BTreeMap::new();
        for member in members {
            let values = self.tag_values(discriminator, key, member)?;
            found.extend(values.into_iter().map(|value| (value, *member)));
        }
        Some(found)
    }

    /// Returns the values of the field `key` for a member.
    fn tag_values(
        &self,
        discriminator: Option<&'a Value>,
        key: &str,
        member: &'a Value,
    ) -> Option<BTreeSet<String>> {
        match self.shape(member).properties.get(key).map(|field| self.values(field)) {
            Some(values) if !values.is_empty() => Some(values),
            _ => mapped(discriminator?, member),
        }
    }

    /// Returns the values that a field lists, itself or through its composition. A union in the field is not
    /// followed, because the field may contain the very union that is being normalized.
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

    /// Merges the members into one object with the fields of all. A field is required if all members require
    /// it. If a member is not an object, the shape has several types.
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

/// Returns the only schema of a union that is not null, unless a discriminator selects among more.
fn only_member(node: &Value) -> Option<&Value> {
    let members = members(node)?;
    let mut others = members.iter().filter(|member| !is_null(member));
    let only = others.next()?;
    let has_null = members.len() > 1;
    (others.next().is_none() && (has_null || node.get("discriminator").is_none())).then_some(only)
}

/// Returns the values by which a discriminator selects a member. Without a mapping, the value is the name of
/// the member.
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

/// Returns a value of an enum, which is stored as JSON, as a word.
fn plain(json: &str) -> String {
    serde_json::from_str::<String>(json).unwrap_or_else(|_| json.to_owned())
}
