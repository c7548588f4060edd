//! The comparison of schemas, level by level.

use std::{
    collections::{HashMap, HashSet},
    ptr,
};

use serde_json::Value;

use super::{
    super::{
        difference::{Kind, Location, Side},
        references::ANYTHING,
        schemas::{BOUNDS, Kind as Type, OtherFields, Shape},
    },
    Comparison, only_in,
};

/// Formats that limit the size of a number.
const NUMBER_FORMATS: [&str; 4] = ["int32", "int64", "float", "double"];

/// Maximum number of locations below one schema at which a pair of inline schemas is compared. It prevents
/// exponential work for schemas that use each other many times.
const REPEATED: usize = 100;

/// Two schemas at the same location.
struct Pair<'a> {
    ours: &'a Value,
    theirs: &'a Value,
    location: Location,
}

impl Pair<'_> {
    fn key(&self) -> PairKey {
        (ptr::from_ref(self.ours), ptr::from_ref(self.theirs))
    }
}

type PairKey = (*const Value, *const Value);

/// Pairs below another pair, in order.
type Below<'a> = Vec<Pair<'a>>;

/// A step of the walk through two schemas.
enum Step<'a> {
    Enter(Pair<'a>),
    Leave(PairKey),
}

impl<'a> Comparison<'_, 'a> {
    /// Compares two schemas and everything below them.
    ///
    /// Steps are queued in a list, so that the depth of schemas does not matter. A pair of schemas that contain
    /// themselves is not entered again below itself.
    pub(super) fn schemas(&mut self, ours: &'a Value, theirs: &'a Value, location: Location) {
        let (mut entered, mut times) = (HashSet::new(), HashMap::<PairKey, usize>::new());
        let mut waiting = vec![Step::Enter(Pair { ours, theirs, location })];
        while let Some(step) = waiting.pop() {
            let mut pair = match step {
                Step::Enter(pair) => pair,
                Step::Leave(key) => {
                    entered.remove(&key);
                    continue;
                }
            };
            let times = times.entry(pair.key()).or_default();
            if self.was_compared(&mut pair) || *times == REPEATED || !entered.insert(pair.key()) {
                continue;
            }
            *times += 1;
            waiting.push(Step::Leave(pair.key()));
            waiting.extend(self.pair(&pair).into_iter().rev().map(Step::Enter));
        }
    }

    /// Resets the location at a schema with a name in the other document. Returns `true` if it was compared
    /// before.
    fn was_compared(&mut self, pair: &mut Pair<'a>) -> bool {
        let Some(name) = self.theirs.schemas.name(pair.theirs) else { return false };
        pair.location.at = name.to_owned();
        let ours = self.ours.schemas.name(pair.ours);
        let ours = ours.map_or_else(|| pair.location.shown.clone(), str::to_owned);
        !self.compared.insert((name, ours, pair.location.side))
    }

    /// Compares one level. Returns the pairs below it.
    fn pair(&mut self, pair: &Pair<'a>) -> Below<'a> {
        let location = &pair.location;
        let (ours, theirs) = (self.ours.schemas.shape(pair.ours), self.theirs.schemas.shape(pair.theirs));
        let permits_null = |shape: &Shape<'_>| shape.nullable == Some(true);
        self.flag(permits_null(&ours), permits_null(&theirs), [Kind::ExtraNull, Kind::MissingNull], location);
        if theirs.is_free_object() {
            self.free_object(&ours, location);
            return Vec::new();
        }
        if ours.kind.name() != theirs.kind.name() {
            self.differs(Kind::Type, location, "", ours.kind.name(), theirs.kind.name());
            return Vec::new();
        }
        if !ours.choices.is_empty() || !theirs.choices.is_empty() {
            return self.choices(&ours, &theirs, location);
        }
        self.scalar(&ours, &theirs, location);
        match &theirs.kind {
            Type::One("array") => {
                let items = |shape: &Shape<'a>| shape.items.unwrap_or(&ANYTHING);
                vec![Pair { ours: items(&ours), theirs: items(&theirs), location: location.step("[]") }]
            }
            Type::One("object") => self.object(&ours, &theirs, location),
            Type::Several(wanted) => types(&ours, wanted, location),
            _ => Vec::new(),
        }
    }

    fn free_object(&mut self, ours: &Shape<'_>, location: &Location) {
        match ours.kind {
            Type::One(kind) if kind != "object" => {
                self.differs(Kind::Type, location, "", kind.to_owned(), "any object".to_owned());
            }
            _ if !ours.is_free_object() => self.one_sided(Kind::FreeObjectDescribed, location, ""),
            _ => {}
        }
    }

    fn choices(&mut self, ours: &Shape<'a>, theirs: &Shape<'a>, location: &Location) -> Below<'a> {
        for value in only_in(theirs.choices.keys(), ours.choices.keys()) {
            self.one_sided(Kind::MissingChoice, location, value);
        }
        for value in only_in(ours.choices.keys(), theirs.choices.keys()) {
            self.one_sided(Kind::ExtraChoice, location, value);
        }
        let mut below = Vec::new();
        for (value, theirs) in &theirs.choices {
            if let Some(ours) = ours.choices.get(value) {
                below.push(Pair { ours, theirs, location: location.step(&format!("<{value}>")) });
            }
        }
        // Fields that all members share may stand beside the union.
        if !ours.choices.is_empty() && !theirs.choices.is_empty() {
            below.append(&mut self.object(ours, theirs, location));
        }
        below
    }

    /// Compares the keywords that restrict values.
    fn scalar(&mut self, ours: &Shape<'_>, theirs: &Shape<'_>, location: &Location) {
        if ours.format != theirs.format {
            let is_size = |format: Option<&str>| format.is_none_or(|name| NUMBER_FORMATS.contains(&name));
            let is_number = matches!(theirs.kind, Type::One("integer" | "number"));
            let kind = if is_number && is_size(ours.format) && is_size(theirs.format) {
                Kind::NumberFormat
            } else {
                Kind::Format
            };
            let shown = |format: Option<&str>| format.unwrap_or("none").to_owned();
            self.differs(kind, location, "", shown(ours.format), shown(theirs.format));
        }
        if ours.values != theirs.values {
            let list = |shape: &Shape<'_>| match shape.values.iter().map(String::as_str).collect::<Vec<_>>() {
                values if values.is_empty() => "none".to_owned(),
                values => values.join(", "),
            };
            self.differs(Kind::Enum, location, "", list(ours), list(theirs));
        }
        for key in BOUNDS {
            let (have, want) = (ours.bounds.get(key).copied(), theirs.bounds.get(key).copied());
            let kind = match (have, want) {
                (None, Some(_)) => Kind::MissingBound,
                (Some(_), None) => Kind::ExtraBound,
                _ => Kind::Bound,
            };
            self.values(kind, location, key, have, want);
        }
        let kind = if ours.default.is_none() { Kind::MissingDefault } else { Kind::Default };
        self.values(kind, location, "", ours.default, theirs.default);
    }

    fn values(
        &mut self,
        kind: Kind,
        location: &Location,
        subject: &str,
        ours: Option<&Value>,
        theirs: Option<&Value>,
    ) {
        let is_same = match (ours, theirs) {
            (Some(ours), Some(theirs)) => {
                ours == theirs || (ours.is_number() && ours.as_f64() == theirs.as_f64())
            }
            (ours, theirs) => ours.is_none() && theirs.is_none(),
        };
        if !is_same {
            let shown = |value: Option<&Value>| match value {
                None => "none".to_owned(),
                Some(Value::String(text)) if !text.is_empty() => text.clone(),
                Some(other) => other.to_string(),
            };
            self.differs(kind, location, subject, shown(ours), shown(theirs));
        }
    }

    fn object(&mut self, ours: &Shape<'a>, theirs: &Shape<'a>, location: &Location) -> Below<'a> {
        if theirs.is_merged && !ours.is_merged {
            self.one_sided(Kind::UnionMerged, location, "");
        }
        for name in only_in(theirs.properties.keys(), ours.properties.keys()) {
            self.one_sided(Kind::MissingField, location, name);
        }
        for name in only_in(ours.properties.keys(), theirs.properties.keys()) {
            let is_required = ours.required.contains(name);
            let kind = if is_required { Kind::ExtraRequiredField } else { Kind::ExtraField };
            self.one_sided(kind, location, name);
        }
        let mut below = Vec::new();
        for (name, theirs_field) in &theirs.properties {
            let Some(ours_field) = ours.properties.get(name) else { continue };
            let location = location.step(&format!(".{name}"));
            let is_required = |shape: &Shape<'_>| shape.required.contains(name);
            self.flag(is_required(ours), is_required(theirs), [Kind::Required, Kind::Optional], &location);
            below.push(Pair { ours: ours_field, theirs: theirs_field, location });
        }
        below.extend(self.other_fields(ours.other_fields, theirs.other_fields, location));
        below
    }

    /// Compares the fields that the schema of an object does not list. A document that does not mention them
    /// permits them, but not necessarily on purpose.
    fn other_fields(
        &mut self,
        ours: OtherFields<'a>,
        theirs: OtherFields<'a>,
        location: &Location,
    ) -> Option<Pair<'a>> {
        use OtherFields::{Closed, NotStated, Open, Typed};
        let kind = match (ours, theirs) {
            (Typed(ours), Typed(theirs)) => {
                return Some(Pair { ours, theirs, location: location.step(".*") });
            }
            (Typed(_), _) => Kind::OtherFieldsTyped,
            (_, Typed(_)) => Kind::OtherFieldsNotTyped,
            (Closed, Open) => Kind::OtherFieldsRejected,
            (Closed, NotStated) if location.side == Some(Side::Response) => Kind::OtherFieldsRejected,
            (Open | NotStated, Closed) => Kind::OtherFieldsPermitted,
            (Open | Closed, NotStated) => {
                let ours = if matches!(ours, Open) { "permitted" } else { "rejected" };
                self.differs(Kind::OtherFieldsStated, location, "", ours.to_owned(), String::new());
                return None;
            }
            (Open | NotStated, Open) | (NotStated, NotStated) | (Closed, Closed) => return None,
        };
        self.one_sided(kind, location, "");
        None
    }
}

/// Returns the schemas of several types by type. Types that occur twice are indistinguishable.
fn types<'a>(ours: &Shape<'a>, wanted: &[(&'a str, Option<&'a Value>)], location: &Location) -> Below<'a> {
    let Type::Several(known) = &ours.kind else { return Vec::new() };
    let only = |types: &[(&'a str, Option<&'a Value>)], name: &str| {
        let mut same = types.iter().filter(|(other, _)| *other == name);
        match (same.next(), same.next()) {
            (Some((_, schema)), None) => *schema,
            _ => None,
        }
    };
    let names = wanted.iter().map(|(name, _)| *name);
    names
        .filter_map(|name| {
            let (ours, theirs) = (only(known, name)?, only(wanted, name)?);
            Some(Pair { ours, theirs, location: location.step(&format!("<{name}>")) })
        })
        .collect()
}
