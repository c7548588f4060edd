//! A schema in normalized form: references resolved, `allOf` merged, unions sorted.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Keywords that bound a value and are compared one by one.
pub(in crate::regen) const BOUNDS: [&str; 13] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "uniqueItems",
    "pattern",
];

/// One level of a schema. Fields, items and choices are nodes of the file, which are normalized when they are
/// reached.
#[derive(Clone, Debug, Default)]
pub(in crate::regen) struct Shape<'a> {
    pub(in crate::regen) kind: Kind<'a>,
    /// `true` if null is permitted. `None` if the schema does not state it.
    pub(in crate::regen) nullable: Option<bool>,
    pub(in crate::regen) format: Option<&'a str>,
    /// Values as JSON, without null, which is [`nullable`](Self::nullable).
    pub(in crate::regen) values: BTreeSet<String>,
    pub(in crate::regen) bounds: BTreeMap<&'static str, &'a Value>,
    pub(in crate::regen) default: Option<&'a Value>,
    pub(in crate::regen) items: Option<&'a Value>,
    pub(in crate::regen) properties: BTreeMap<&'a str, &'a Value>,
    pub(in crate::regen) required: BTreeSet<&'a str>,
    pub(in crate::regen) other_fields: OtherFields<'a>,
    /// Members of a union that differ by the value of one field, by this value.
    pub(in crate::regen) choices: BTreeMap<String, &'a Value>,
    /// The shape has the fields of several objects, and a value is one of these objects.
    pub(in crate::regen) is_merged: bool,
}

/// The type of a value.
#[derive(Clone, Debug, Default)]
pub(in crate::regen) enum Kind<'a> {
    #[default]
    Any,
    One(&'a str),
    /// Several types, sorted by name, each with its own schema if it has one.
    Several(Vec<(&'a str, Option<&'a Value>)>),
}

impl Kind<'_> {
    /// Returns the name of the type, or a list of several names.
    pub(in crate::regen) fn name(&self) -> String {
        match self {
            Self::Any => "any".to_owned(),
            Self::One(name) => (*name).to_owned(),
            Self::Several(types) => {
                let names: Vec<_> = types.iter().map(|(name, _)| *name).collect();
                format!("one of {}", names.join(", "))
            }
        }
    }

    pub(super) fn is_any(&self) -> bool {
        matches!(self, Self::Any)
    }

    pub(super) fn is_object(&self) -> bool {
        matches!(self, Self::One("object"))
    }
}

/// Fields that the schema of an object does not list.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::regen) enum OtherFields<'a> {
    #[default]
    NotStated,
    Open,
    Closed,
    Typed(&'a Value),
}

impl<'a> Shape<'a> {
    /// Returns `true` for any object without a listed field.
    pub(in crate::regen) fn is_free_object(&self) -> bool {
        (self.kind.is_any() || self.kind.is_object())
            && self.properties.is_empty()
            && self.choices.is_empty()
            && matches!(self.other_fields, OtherFields::Open)
    }

    /// Adds the keywords of a part of `allOf` that this shape does not have.
    pub(super) fn absorb(&mut self, part: &Self) {
        if self.kind.is_any() {
            self.kind = part.kind.clone();
        }
        self.nullable = self.nullable.or(part.nullable);
        self.format = self.format.or(part.format);
        if self.values.is_empty() {
            self.values.clone_from(&part.values);
        }
        for (key, bound) in &part.bounds {
            self.bounds.entry(key).or_insert(bound);
        }
        self.default = self.default.or(part.default);
        self.items = self.items.or(part.items);
        for (name, field) in &part.properties {
            self.properties.entry(name).or_insert(field);
        }
        self.required.extend(&part.required);
        if matches!(self.other_fields, OtherFields::NotStated) {
            self.other_fields = part.other_fields;
        }
        if self.choices.is_empty() {
            self.choices.clone_from(&part.choices);
        }
        self.is_merged |= part.is_merged;
    }
}
