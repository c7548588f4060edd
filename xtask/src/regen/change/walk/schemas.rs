//! The comparison of schemas, level by level.

use std::{
    collections::{HashMap, HashSet},
    ptr,
    rc::Rc,
};

use serde_json::{Map, Value};

use super::{
    super::{
        Side, contract,
        found::Place,
        kind::{Case, Kind},
    },
    Walk,
};
use crate::regen::against::{
    references::ANYTHING,
    schemas::{BOUNDS, Kind as Type, Member, OtherFields, Schemas, Shape, Union},
};

/// Maximum number of locations below one schema at which a pair of schemas is compared. It prevents exponential
/// work for schemas that use each other many times.
const REPEATED: usize = 100;

/// Bounds that are stricter if they rise.
const LEAST: [&str; 4] = ["minimum", "minLength", "minItems", "minProperties"];

/// Bounds that are stricter if they fall.
const MOST: [&str; 4] = ["maximum", "maxLength", "maxItems", "maxProperties"];

/// Two schemas at the same location.
struct Pair<'a> {
    old: &'a Value,
    new: &'a Value,
    place: Place,
}

type PairKey = (*const Value, *const Value);

enum Step<'a> {
    Enter(Pair<'a>),
    Leave(PairKey),
}

impl<'a> Walk<'_, 'a> {
    /// Compares two schemas and everything below them.
    ///
    /// Steps are queued in a list, so that the depth of schemas does not matter. A pair of schemas that contain
    /// themselves is not entered again below itself.
    pub(super) fn schemas(&mut self, old: &'a Value, new: &'a Value, place: Place) {
        let (mut entered, mut times) = (HashSet::new(), HashMap::<PairKey, usize>::new());
        let mut waiting = vec![Step::Enter(Pair { old, new, place })];
        while let Some(step) = waiting.pop() {
            let pair = match step {
                Step::Enter(pair) => pair,
                Step::Leave(key) => {
                    entered.remove(&key);
                    continue;
                }
            };
            let (old, new) = (self.old.schemas.identity(pair.old), self.new.schemas.identity(pair.new));
            let key = (ptr::from_ref(old), ptr::from_ref(new));
            let times = times.entry(key).or_default();
            if *times == REPEATED || !entered.insert(key) {
                continue;
            }
            *times += 1;
            waiting.push(Step::Leave(key));
            waiting.extend(self.pair(&pair).into_iter().rev().map(Step::Enter));
        }
    }

    /// Compares one level. Returns the pairs below it.
    fn pair(&mut self, pair: &Pair<'a>) -> Vec<Pair<'a>> {
        let place = &pair.place;
        let (old_union, old) = level(&self.old.schemas, pair.old);
        let (new_union, new) = level(&self.new.schemas, pair.new);
        let permits_null = |shape: &Shape<'_>| shape.nullable == Some(true);
        if permits_null(&old) != permits_null(&new) {
            let kind = if permits_null(&new) { Kind::NullableGained } else { Kind::NullableLost };
            self.one(kind, place, Value::Null, Value::Null);
        }
        match (old_union, new_union) {
            (None, None) => self.plain(&old, &new, place),
            (Some(earlier), Some(later)) => {
                let mut below = self.choices(&earlier, &later, place);
                self.restrictions(&old, &new, place);
                below.append(&mut self.object(&old, &new, place));
                below
            }
            (Some(earlier), None) => {
                self.one(Kind::ChoiceBecameType, place, earlier.keyword.into(), new.kind.name().into());
                Vec::new()
            }
            (None, Some(later)) => {
                self.one(Kind::TypeBecameChoice, place, old.kind.name().into(), later.keyword.into());
                Vec::new()
            }
        }
    }

    fn choices(&mut self, old: &Union<'a>, new: &Union<'a>, place: &Place) -> Vec<Pair<'a>> {
        // A list of types is a union without a keyword.
        if old.keyword != new.keyword && old.is_stated() && new.is_stated() {
            self.one(
                Kind::OneOfAndAnyOfExchanged,
                place,
                old.keyword.as_str().into(),
                new.keyword.as_str().into(),
            );
        }
        let stated = |member: &Member<'a>| member.schema.map(contract::schema);
        // Members of the same form may be in any order. Unchanged members are paired first.
        let mut left: Vec<&Member<'a>> = old.members.iter().collect();
        let mut pairs = Vec::new();
        for later in &new.members {
            let is_unchanged =
                |earlier: &&Member<'a>| earlier.is_same_as(later) && stated(earlier) == stated(later);
            match left.iter().position(is_unchanged) {
                Some(position) => pairs.push((later, Some(left.remove(position)))),
                None => pairs.push((later, None)),
            }
        }
        let mut below = Vec::new();
        for (later, unchanged) in pairs {
            let same = |earlier: &&Member<'a>| earlier.is_same_as(later);
            let earlier =
                unchanged.or_else(|| left.iter().position(same).map(|position| left.remove(position)));
            let Some(earlier) = earlier else {
                self.one(Kind::ChoiceAdded, place, Value::Null, later.label().into());
                continue;
            };
            if let (Some(old), Some(new)) = (earlier.schema, later.schema) {
                let place = place.then(&format!("<{}>", earlier.common_label(later)));
                below.push(Pair { old, new, place });
            }
        }
        for earlier in left {
            self.one(Kind::ChoiceRemoved, place, earlier.label().into(), Value::Null);
        }
        below
    }

    /// Compares schemas that are not unions.
    fn plain(&mut self, old: &Shape<'a>, new: &Shape<'a>, place: &Place) -> Vec<Pair<'a>> {
        let (earlier, later) = (old.kind.name(), new.kind.name());
        if earlier != later {
            self.one(Kind::TypeChanged, place, earlier.into(), later.into());
            return Vec::new();
        }
        self.restrictions(old, new, place);
        match &new.kind {
            Type::One("array") => {
                let items = |shape: &Shape<'a>| shape.items.unwrap_or(&ANYTHING);
                vec![Pair { old: items(old), new: items(new), place: place.then("[]") }]
            }
            Type::One("object") => self.object(old, new, place),
            _ => Vec::new(),
        }
    }

    /// Compares the keywords that restrict values.
    fn restrictions(&mut self, old: &Shape<'_>, new: &Shape<'_>, place: &Place) {
        let value = |format: Option<&str>| format.map_or(Value::Null, Value::from);
        if old.format != new.format {
            let kind = match (old.format, new.format) {
                (None, _) => Kind::FormatAdded,
                (_, None) => Kind::FormatDropped,
                _ => Kind::FormatChanged,
            };
            self.one(kind, place, value(old.format), value(new.format));
        }
        self.values(old, new, place);
        self.bounds(old, new, place);
        // A default of null equals no default.
        let stated = |shape: &Shape<'_>| shape.default.filter(|value| !value.is_null()).cloned();
        let (earlier, later) = (stated(old), stated(new));
        if !is_same(earlier.as_ref(), later.as_ref()) {
            self.one(Kind::DefaultChanged, place, earlier.unwrap_or_default(), later.unwrap_or_default());
        }
    }

    fn values(&mut self, old: &Shape<'_>, new: &Shape<'_>, place: &Place) {
        let list = |shape: &Shape<'_>| Value::from_iter(shape.values.iter().map(|value| parsed(value)));
        match (old.values.is_empty(), new.values.is_empty()) {
            (true, true) => {}
            (true, false) => self.one(Kind::EnumAppeared, place, Value::Null, list(new)),
            (false, true) => self.one(Kind::EnumWent, place, list(old), Value::Null),
            (false, false) => {
                for value in new.values.difference(&old.values) {
                    self.one(Kind::EnumValueAdded, place, Value::Null, parsed(value));
                }
                for value in old.values.difference(&new.values) {
                    self.one(Kind::EnumValueRemoved, place, parsed(value), Value::Null);
                }
            }
        }
    }

    /// Compares bounds. All bounds of a schema are one change, which is stricter if one of them is.
    fn bounds(&mut self, old: &Shape<'_>, new: &Shape<'_>, place: &Place) {
        let (mut before, mut after, mut is_tighter) = (Map::new(), Map::new(), false);
        for key in BOUNDS {
            let (earlier, later) = (old.bounds.get(key).copied(), new.bounds.get(key).copied());
            if is_same(earlier, later) {
                continue;
            }
            is_tighter |= tightens(key, earlier, later);
            before.extend(earlier.map(|bound| (key.to_owned(), bound.clone())));
            after.extend(later.map(|bound| (key.to_owned(), bound.clone())));
        }
        if before.is_empty() && after.is_empty() {
            return;
        }
        let or_null =
            |bounds: Map<String, Value>| if bounds.is_empty() { Value::Null } else { bounds.into() };
        let case = if is_tighter { Case::Tighter } else { Case::Looser };
        self.changes.at(
            Kind::BoundChanged,
            place,
            [or_null(before), or_null(after)],
            if_sent(place, &[case]),
        );
    }

    fn object(&mut self, old: &Shape<'a>, new: &Shape<'a>, place: &Place) -> Vec<Pair<'a>> {
        let requirement = |shape: &Shape<'_>, name: &str| {
            if shape.required.contains(name) { Case::Required } else { Case::Optional }
        };
        let mut below = Vec::new();
        for (name, later) in &new.properties {
            let (place, is_required) = (place.field(name), requirement(new, name));
            let Some(earlier) = old.properties.get(name) else {
                let values = [Value::Null, is_required.name().into()];
                self.changes.at(Kind::FieldAdded, &place, values, if_sent(&place, &[is_required]));
                continue;
            };
            if requirement(old, name) != is_required {
                let is_required = is_required == Case::Required;
                let kind = if is_required { Kind::FieldMadeRequired } else { Kind::FieldMadeOptional };
                self.one(kind, &place, Value::Null, Value::Null);
            }
            below.push(Pair { old: earlier, new: later, place });
        }
        for name in old.properties.keys().filter(|name| !new.properties.contains_key(*name)) {
            let before = requirement(old, name).name();
            self.one(Kind::FieldRemoved, &place.field(name), before.into(), Value::Null);
        }
        match (old.other_fields, new.other_fields) {
            (OtherFields::Typed(old), OtherFields::Typed(new)) => {
                below.push(Pair { old, new, place: place.field("*") });
            }
            (earlier, later) => {
                let before = other_fields(&self.old.schemas, earlier);
                let after = other_fields(&self.new.schemas, later);
                if before != after {
                    self.one(Kind::AdditionalFields, place, before, after);
                }
            }
        }
        below
    }

    fn one(&mut self, kind: Kind, place: &Place, before: Value, after: Value) {
        self.changes.at(kind, place, [before, after], &[]);
    }
}

/// Returns a schema in the form of the comparison: its union, and its own keywords or those beside the union.
fn level<'a>(schemas: &Schemas<'a>, node: &'a Value) -> (Option<Union<'a>>, Rc<Shape<'a>>) {
    match schemas.union(node) {
        Some(union) => (Some(union), Rc::new(schemas.beside_union(node))),
        None => (None, schemas.shape(node)),
    }
}

/// Returns the cases for requests, and none for responses.
fn if_sent<'c>(place: &Place, cases: &'c [Case]) -> &'c [Case] {
    if place.side == Some(Side::Request) { cases } else { &[] }
}

fn other_fields<'a>(schemas: &Schemas<'a>, fields: OtherFields<'a>) -> Value {
    match fields {
        OtherFields::NotStated => Value::Null,
        OtherFields::Open => true.into(),
        OtherFields::Closed => false.into(),
        OtherFields::Typed(schema) => {
            let name = schemas
                .union(schema)
                .map_or_else(|| schemas.shape(schema).kind.name(), |union| union.keyword.to_owned());
            format!("of type {name}").into()
        }
    }
}

/// Returns `true` if the later bound accepts fewer values, or if this cannot be determined.
fn tightens(key: &str, earlier: Option<&Value>, later: Option<&Value>) -> bool {
    let (Some(earlier), Some(later)) = (earlier, later) else { return later.is_some() };
    let (Some(before), Some(after)) = (earlier.as_f64(), later.as_f64()) else { return true };
    if LEAST.contains(&key) || key == "exclusiveMinimum" {
        after > before
    } else if MOST.contains(&key) || key == "exclusiveMaximum" {
        after < before
    } else {
        // Otherwise, every multiple of the earlier step is a multiple of the later step, too.
        key != "multipleOf" || before % after != 0.0
    }
}

fn is_same(earlier: Option<&Value>, later: Option<&Value>) -> bool {
    match (earlier, later) {
        (Some(one), Some(other)) => one == other || (one.is_number() && one.as_f64() == other.as_f64()),
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// Parses a value of an enum, which is stored as JSON.
fn parsed(value: &str) -> Value {
    serde_json::from_str(value).unwrap_or_else(|_| value.into())
}
