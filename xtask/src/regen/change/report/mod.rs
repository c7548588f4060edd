//! The report about changes, as [`text`] and as [`markdown`].

mod markdown;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Change, Field, Kind, Side, State, Target};
use crate::regen::against::document::Document;

/// Appends a line to a string, which cannot fail.
macro_rules! line {
    ($out:expr, $($rest:tt)*) => {{
        let _ = std::fmt::Write::write_fmt(&mut $out, format_args!($($rest)*));
        $out.push('\n');
    }};
}
use line;

/// The changes from one document to a later one, with their effects.
pub(in crate::regen) struct Report {
    /// The versions of both documents.
    versions: [String; 2],
    /// The changes, breaking ones first, then by side, kind and field.
    changes: Vec<Change>,
}

impl Report {
    pub(in crate::regen) fn new(old: &Document, new: &Document, mut changes: Vec<Change>) -> Self {
        let rank = |change: &Change| (!change.breaking, change.side, change.kind, change.field.clone());
        changes.sort_by_key(rank);
        Self { versions: [version(old), version(new)], changes }
    }

    /// Returns `true` if the wire did not change.
    pub(in crate::regen) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Returns the counts in one line.
    fn heading(&self) -> String {
        let breaking = self.of(true).count();
        let [old, new] = &self.versions;
        let versions = if old == new { String::new() } else { format!(" ({old} -> {new})") };
        match self.changes.len() {
            0 => format!("Changes of the wire: none{versions}"),
            count => format!("Changes of the wire: {count}, {breaking} of them breaking{versions}"),
        }
    }

    fn of(&self, breaking: bool) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.breaking == breaking)
    }

    /// Returns the changes by operation.
    fn reached(&self) -> BTreeMap<&str, Vec<&Change>> {
        let mut found: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
        for change in &self.changes {
            let ids: BTreeSet<&str> = change.operations.iter().map(|one| one.operation.as_str()).collect();
            // The code still contains the earlier id.
            let earlier = change.before.as_str().filter(|_| change.kind == Kind::OperationIdChanged);
            for id in ids.into_iter().chain(earlier) {
                found.entry(id).or_default().push(change);
            }
        }
        found
    }

    /// Returns the changed fields and parameters by name.
    fn fields(&self) -> BTreeMap<&str, Field<'_>> {
        let renamed = self.changes.iter().filter(|change| change.kind == Kind::OperationIdChanged);
        let earlier: BTreeMap<&str, &str> =
            renamed.filter_map(|change| Some((change.after.as_str()?, change.before.as_str()?))).collect();
        let mut found: BTreeMap<&str, Field<'_>> = BTreeMap::new();
        for change in &self.changes {
            // The whole body of a status is not a field.
            let is_status = matches!(change.kind, Kind::ResponseGainedBody | Kind::ResponseLostBody);
            let Some(name) = change.field.as_deref().filter(|_| !is_status).and_then(name) else { continue };
            let field = found.entry(name).or_insert_with(|| Field { name, ..Field::default() });
            for reached in &change.operations {
                field.operations.insert(&reached.operation);
                field.earlier_ids.extend(earlier.get(reached.operation.as_str()).copied());
            }
            field.is_new_to_requests |= change.side == Some(Side::Request)
                && matches!(change.kind, Kind::FieldAdded | Kind::ParameterAdded);
        }
        found
    }

    /// Returns the earlier name of an added field, if the same object lost one field and gained no other.
    fn earlier_name(&self, change: &Change) -> Option<&str> {
        let added = change.field.as_deref().filter(|_| change.kind == Kind::FieldAdded)?;
        let only = |kind: Kind| {
            let mut beside = self.changes.iter().filter(|other| {
                other.kind == kind
                    && other.side == change.side
                    && other.operations == change.operations
                    && other.field.as_deref().map(object) == Some(object(added))
            });
            beside.next().filter(|_| beside.next().is_none())
        };
        only(Kind::FieldAdded)?;
        name(only(Kind::FieldRemoved)?.field.as_deref()?)
    }
}

fn version(document: &Document) -> String {
    let version = document.root["info"]["version"].as_str().or(document.root["version"].as_str());
    version.unwrap_or("no version").to_owned()
}

fn side(side: Option<Side>) -> &'static str {
    match side {
        None => "everyone",
        Some(Side::Request) => "clients send",
        Some(Side::Response) => "clients read",
    }
}

/// Returns the values before and after, each formatted by `show`.
fn values(change: &Change, show: &dyn Fn(&str) -> String) -> String {
    let value = |value: &Value| match value {
        Value::String(text) if text.is_empty() => show("\"\""),
        Value::String(text) => show(text),
        Value::Null => "not stated".to_owned(),
        other => show(&other.to_string()),
    };
    let (before, after) = (value(&change.before), value(&change.after));
    match (&change.before, &change.after) {
        (Value::Null, Value::Null) => String::new(),
        // An absent bound, default or permission has a meaning, too.
        _ if matches!(change.kind, Kind::AdditionalFields | Kind::BoundChanged | Kind::DefaultChanged) => {
            format!("{before} -> {after}")
        }
        (Value::Null, _) => after,
        (_, Value::Null) => format!("was {before}"),
        _ => format!("{before} -> {after}"),
    }
}

/// Returns the counts of changes of one operation.
fn counts(changes: &[&Change]) -> String {
    let breaking = changes.iter().filter(|change| change.breaking).count();
    match (breaking, changes.len() - breaking) {
        (0, others) => format!("{others} not breaking"),
        (breaking, 0) => format!("{breaking} breaking"),
        (breaking, others) => format!("{breaking} breaking, {others} not"),
    }
}

fn target<'c>(operation: &'c str, changes: &[&'c Change]) -> Target<'c> {
    let state = changes.iter().find_map(|change| match (change.kind, &change.before, &change.after) {
        (Kind::OperationRemoved, ..) => Some(State::Removed),
        (Kind::OperationIdChanged, Value::String(earlier), Value::String(later)) => {
            Some(if earlier == operation { State::RenamedTo(later) } else { State::RenamedFrom(earlier) })
        }
        _ => None,
    });
    Target { operation, state: state.unwrap_or(State::Present) }
}

/// Returns the name of a field or a parameter on the wire, at the end of its path.
fn name(path: &str) -> Option<&str> {
    let mut field = path;
    // Items and choices of a field follow it. The name of a choice may contain dots and spaces.
    loop {
        field = match field.strip_suffix("[]") {
            Some(rest) => rest,
            None if field.ends_with('>') => field.rsplit_once('<')?.0,
            None => break,
        };
    }
    let name = field.rsplit(['.', ' ']).next()?;
    (!name.is_empty() && name != "*" && path != "(whole)").then_some(name)
}

/// Returns the path of the object that contains a field.
fn object(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(object, _)| object)
}

fn list(names: impl IntoIterator<Item = impl ToString>, show: &dyn Fn(&str) -> String) -> String {
    names.into_iter().map(|name| show(&name.to_string())).collect::<Vec<_>>().join(", ")
}

fn or_none(lines: Vec<String>) -> Vec<String> {
    if lines.is_empty() { vec!["not named".to_owned()] } else { lines }
}
