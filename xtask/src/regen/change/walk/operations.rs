//! Operations: paired, then compared part by part.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    super::{
        Side,
        found::Place,
        kind::{Case, Kind},
    },
    Walk,
};
use crate::regen::against::model::{Operation, Parameter, ParameterValue};

/// No value before and after.
const NO_VALUES: [Value; 2] = [Value::Null, Value::Null];

/// Parameters by location and name.
type Parameters<'o, 'a> = BTreeMap<(&'a str, &'o str), &'o Parameter<'a>>;

impl<'a> Walk<'_, 'a> {
    pub(super) fn operations(&mut self) {
        let (old, new) = (self.old, self.new);
        let pairs = pairs(&old.operations, &new.operations);
        let paired: BTreeSet<String> = pairs.iter().map(|(old, _)| old.label()).collect();
        for operation in &old.operations {
            let label = operation.label();
            if !paired.contains(&label) {
                let values = [text(operation.endpoint()), Value::Null];
                self.changes.add(Kind::OperationRemoved, &Place::operation(label), None, values, &[]);
            }
        }
        let known: BTreeSet<String> = pairs.iter().map(|(_, new)| new.label()).collect();
        for operation in &new.operations {
            let label = operation.label();
            if !known.contains(&label) {
                let values = [Value::Null, text(operation.endpoint())];
                self.changes.add(Kind::OperationAdded, &Place::operation(label), None, values, &[]);
            }
        }
        for (old, new) in pairs {
            self.operation(old, new);
        }
    }

    fn operation(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let place = Place::operation(new.label());
        if old.id != new.id {
            let values = [text(old.label()), text(new.label())];
            self.changes.add(Kind::OperationIdChanged, &place, None, values, &[]);
        }
        let is_moved = template(old) != template(new);
        if is_moved {
            let values = [text(old.endpoint()), text(new.endpoint())];
            self.changes.add(Kind::MethodOrPathChanged, &place, None, values, &[]);
        }
        if old.secured != new.secured {
            let kind = if new.secured { Kind::AuthRequired } else { Kind::AuthDropped };
            self.changes.add(kind, &place.at(Side::Request, ""), None, NO_VALUES, &[]);
        }
        if old.deprecated != new.deprecated {
            let kind = if new.deprecated { Kind::Deprecated } else { Kind::DeprecationWithdrawn };
            self.changes.add(kind, &place, None, NO_VALUES, &[]);
        }
        self.parameters(old, new, !is_moved, &place);
        self.request(old, new, &place);
        self.responses(old, new, &place);
    }

    fn parameters(&mut self, old: &Operation<'a>, new: &Operation<'a>, same_path: bool, place: &Place) {
        let renamed = if same_path { renamed(old, new) } else { Vec::new() };
        for (before, after) in &renamed {
            let values = [text(*before), text(*after)];
            self.changes.add(Kind::ParameterRenamed, &place.at(Side::Request, ""), None, values, &[]);
        }
        let (mut before, after) = (listed(old), listed(new));
        // All are removed before one is inserted, because parameters may have exchanged their names.
        let taken = renamed.into_iter().map(|(earlier, later)| (later, before.remove(&("path", earlier))));
        let taken: Vec<_> = taken.collect();
        before.extend(taken.into_iter().filter_map(|(later, one)| Some((("path", later), one?))));
        for (key, parameter) in &after {
            let field = format!("{} {}", key.0, key.1);
            let place = place.at(Side::Request, &field);
            let Some(earlier) = before.remove(key) else {
                let values = [Value::Null, requirement(parameter.required)];
                self.changes.at(Kind::ParameterAdded, &place, values, &[required(parameter.required)]);
                continue;
            };
            if earlier.required != parameter.required {
                let kinds = [Kind::ParameterMadeOptional, Kind::ParameterMadeRequired];
                self.changes.at(kinds[usize::from(parameter.required)], &place, NO_VALUES, &[]);
            }
            match (&earlier.value, &parameter.value) {
                (ParameterValue::Schema(earlier), ParameterValue::Schema(later)) => {
                    self.schemas(earlier, later, place);
                }
                (ParameterValue::Content(earlier), ParameterValue::Content(later)) => {
                    self.content(earlier, later, &place);
                }
                (earlier, later) => {
                    let values = [text(form(earlier)), text(form(later))];
                    self.changes.at(Kind::ParameterFormChanged, &place, values, &[]);
                }
            }
        }
        for (sent_in, name) in before.keys() {
            let place = place.at(Side::Request, &format!("{sent_in} {name}"));
            self.changes.at(Kind::ParameterRemoved, &place, NO_VALUES, &[]);
        }
    }

    fn request(&mut self, old: &Operation<'a>, new: &Operation<'a>, place: &Place) {
        let place = place.at(Side::Request, "");
        match (&old.request, &new.request) {
            (None, None) => {}
            (None, Some(body)) => {
                let values = [Value::Null, requirement(body.required)];
                let cases = [required(body.required)];
                self.changes.add(Kind::RequestBodyAdded, &place, None, values, &cases);
            }
            (Some(_), None) => self.changes.add(Kind::RequestBodyRemoved, &place, None, NO_VALUES, &[]),
            (Some(earlier), Some(later)) => {
                if earlier.required != later.required {
                    let kinds = [Kind::RequestBodyMadeOptional, Kind::RequestBodyMadeRequired];
                    self.changes.add(kinds[usize::from(later.required)], &place, None, NO_VALUES, &[]);
                }
                self.content(&earlier.content, &later.content, &place);
            }
        }
    }

    fn responses(&mut self, old: &Operation<'a>, new: &Operation<'a>, place: &Place) {
        let whole = place.at(Side::Response, "");
        for status in old.responses.keys().filter(|status| !new.responses.contains_key(*status)) {
            let values = [text(*status), Value::Null];
            self.changes.add(Kind::StatusRemoved, &whole, None, values, &[class(status)]);
        }
        for (status, later) in &new.responses {
            let Some(earlier) = old.responses.get(status) else {
                let values = [Value::Null, text(*status)];
                self.changes.add(Kind::StatusAdded, &whole, None, values, &[class(status)]);
                continue;
            };
            match (earlier.is_empty(), later.is_empty()) {
                (true, false) => {
                    self.changes.add(Kind::ResponseGainedBody, &whole, Some(status), NO_VALUES, &[]);
                }
                (false, true) => {
                    self.changes.add(Kind::ResponseLostBody, &whole, Some(status), NO_VALUES, &[]);
                }
                _ => self.content(earlier, later, &place.response(status)),
            }
        }
    }
}

/// Pairs the operations of both contracts: by id, otherwise by method and path without the names of parameters.
/// Each operation is in at most one pair.
fn pairs<'o, 'a>(
    old: &'o [Operation<'a>],
    new: &'o [Operation<'a>],
) -> Vec<(&'o Operation<'a>, &'o Operation<'a>)> {
    let by_label: BTreeMap<String, &Operation<'_>> = old.iter().map(|one| (one.label(), one)).collect();
    let mut by_template: BTreeMap<String, Vec<&Operation<'_>>> = BTreeMap::new();
    for operation in old {
        by_template.entry(template(operation)).or_default().push(operation);
    }
    let mut found = Vec::new();
    let (same, others): (Vec<_>, Vec<_>) = new.iter().partition(|one| by_label.contains_key(&one.label()));
    let mut taken: BTreeSet<String> = same.iter().map(|one| one.label()).collect();
    found.extend(same.into_iter().filter_map(|one| Some((*by_label.get(&one.label())?, one))));
    for operation in others {
        let candidates = by_template.get(&template(operation)).into_iter().flatten();
        if let Some(earlier) = candidates.copied().find(|earlier| !taken.contains(&earlier.label())) {
            taken.insert(earlier.label());
            found.push((earlier, operation));
        }
    }
    found
}

/// Returns the method and the path without the names of its parameters.
fn template(operation: &Operation<'_>) -> String {
    let mut template = format!("{} ", operation.method);
    let mut rest = operation.path;
    while let Some((before, after)) = rest.split_once('{') {
        template.push_str(before);
        template.push_str("{}");
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    template + rest
}

/// Returns the names of the parameters in the path, in order.
fn names(path: &str) -> Vec<&str> {
    path.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name)).collect()
}

/// Returns the renamed parameters of the same path. Those at the same position are paired, even if two of them
/// exchanged their names, and the others in the order of their names.
fn renamed<'o>(old: &'o Operation<'_>, new: &'o Operation<'_>) -> Vec<(&'o str, &'o str)> {
    let in_path = |operation: &'o Operation<'_>| -> BTreeSet<&'o str> {
        let own = operation.parameters.keys().filter(|(sent_in, _)| *sent_in == "path");
        own.map(|(_, name)| name.as_str()).collect()
    };
    let (mut gone, mut come) = (in_path(old), in_path(new));
    let mut found = Vec::new();
    for (before, after) in names(old.path).into_iter().zip(names(new.path)) {
        if gone.contains(before) && come.contains(after) {
            gone.remove(before);
            come.remove(after);
            found.extend((before != after).then_some((before, after)));
        }
    }
    let kept: BTreeSet<&str> = gone.intersection(&come).copied().collect();
    let is_other = |name: &&str| !kept.contains(name);
    found.extend(gone.into_iter().filter(is_other).zip(come.into_iter().filter(is_other)));
    found
}

fn listed<'o, 'a>(operation: &'o Operation<'a>) -> Parameters<'o, 'a> {
    operation.parameters.iter().map(|((sent_in, name), one)| ((*sent_in, name.as_str()), one)).collect()
}

fn form(value: &ParameterValue<'_>) -> String {
    match value {
        ParameterValue::Schema(_) => "plain".to_owned(),
        ParameterValue::Content(content) => content.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
    }
}

fn class(status: &str) -> Case {
    if status.starts_with('2') { Case::Success } else { Case::Error }
}

fn required(is_required: bool) -> Case {
    if is_required { Case::Required } else { Case::Optional }
}

fn requirement(is_required: bool) -> Value {
    required(is_required).name().into()
}

fn text(value: impl Into<String>) -> Value {
    Value::String(value.into())
}
