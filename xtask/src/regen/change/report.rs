//! The report about changes, as text and as Markdown.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use serde_json::Value;

use super::{Change, Effects, Kind, Side, Target};
use crate::regen::against::document::Document;

/// Writing to a string does not fail.
macro_rules! line {
    ($out:expr) => { $out.push('\n') };
    ($out:expr, $($rest:tt)*) => {{
        let _ = writeln!($out, $($rest)*);
    }};
}

/// Changes from one document to a later one, with their effects.
pub(in crate::regen) struct Report {
    /// The documents' versions, if they have any.
    versions: [String; 2],
    /// Those that break first, then by side, kind and field.
    changes: Vec<Change>,
}

impl Report {
    pub(in crate::regen) fn new(old: &Document, new: &Document, mut changes: Vec<Change>) -> Self {
        let rank = |change: &Change| (!change.breaking, change.side, change.kind, change.field.clone());
        changes.sort_by_key(rank);
        Self { versions: [version(old), version(new)], changes }
    }

    /// Returns `true` if the wire is the same.
    pub(in crate::regen) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The counts, in one line.
    fn heading(&self) -> String {
        let breaking = self.changes.iter().filter(|change| change.breaking).count();
        let [old, new] = &self.versions;
        let versions = if old == new { String::new() } else { format!(" ({old} -> {new})") };
        match self.changes.len() {
            0 => format!("Changes of the wire: none{versions}"),
            count => format!("Changes of the wire: {count}, {breaking} of them breaking{versions}"),
        }
    }

    pub(in crate::regen) fn text(&self, effects: Option<&dyn Effects>) -> String {
        let mut out = self.heading();
        out.push('\n');
        for (title, breaking) in [("breaking", true), ("not breaking", false)] {
            let changes: Vec<&Change> = self.of(breaking).collect();
            if changes.is_empty() {
                continue;
            }
            line!(out, "\n{title}");
            for change in changes {
                line!(out, "  {}: {}", side(change.side), what(change));
                line!(out, "      {}", operations(change));
            }
        }
        if let Some(effects) = effects.filter(|_| !self.is_empty()) {
            line!(out, "\neffects");
            for (operation, reached) in self.reached() {
                line!(out, "  {operation} ({})", counts(&reached));
                for effect in effects.of(&target(operation, &reached)) {
                    line!(out, "    {effect}");
                }
            }
        }
        out
    }

    pub(in crate::regen) fn markdown(&self, effects: Option<&dyn Effects>) -> String {
        let mut out = format!("# {}\n", self.heading());
        for (title, breaking) in [("Breaking", true), ("Not breaking", false)] {
            let changes: Vec<&Change> = self.of(breaking).collect();
            if changes.is_empty() {
                continue;
            }
            line!(
                out,
                "\n## {title}\n\n| for | change | in | from, to | operations |\n|---|---|---|---|---|"
            );
            for change in changes {
                let field = change.field.as_deref().map(code).unwrap_or_default();
                let values = values(change, &code);
                let operations: Vec<String> =
                    change.operations.iter().map(|reached| code(&reached.to_string())).collect();
                let (side, kind, operations) = (side(change.side), change.kind, operations.join(", "));
                line!(out, "| {side} | {kind} | {field} | {values} | {operations} |");
            }
        }
        if let Some(effects) = effects.filter(|_| !self.is_empty()) {
            line!(out, "\n## Effects");
            for (operation, reached) in self.reached() {
                line!(out, "\n### {}\n\nChanges: {}.", code(operation), counts(&reached));
                let effects = effects.of(&target(operation, &reached));
                if !effects.is_empty() {
                    line!(out);
                }
                for effect in effects {
                    line!(out, "- {effect}");
                }
            }
        }
        out
    }

    fn of(&self, breaking: bool) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.breaking == breaking)
    }

    /// The changes of each operation.
    fn reached(&self) -> BTreeMap<&str, Vec<&Change>> {
        let mut found: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
        for change in &self.changes {
            let ids: BTreeSet<&str> = change.operations.iter().map(|one| one.operation.as_str()).collect();
            // Code still has the earlier id.
            let earlier = change.before.as_str().filter(|_| change.kind == Kind::OperationIdChanged);
            for id in ids.into_iter().chain(earlier) {
                found.entry(id).or_default().push(change);
            }
        }
        found
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

/// The change in a few words.
fn what(change: &Change) -> String {
    let mut text = change.kind.to_string();
    if let Some(field) = &change.field {
        let _ = write!(text, ": {field}");
    }
    let values = values(change, &str::to_owned);
    if !values.is_empty() {
        let _ = write!(text, " ({values})");
    }
    text
}

/// The values before and after, each as `show` writes it.
fn values(change: &Change, show: &dyn Fn(&str) -> String) -> String {
    let value = |value: &Value| match value {
        Value::String(text) => show(text),
        other => show(&other.to_string()),
    };
    match (&change.before, &change.after) {
        (Value::Null, Value::Null) => String::new(),
        (Value::Null, after) if change.kind == Kind::AdditionalFields => {
            format!("not stated -> {}", value(after))
        }
        (before, Value::Null) if change.kind == Kind::AdditionalFields => {
            format!("{} -> not stated", value(before))
        }
        (Value::Null, after) => value(after),
        (before, Value::Null) => format!("was {}", value(before)),
        (before, after) => format!("{} -> {}", value(before), value(after)),
    }
}

fn operations(change: &Change) -> String {
    change.operations.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn counts(changes: &[&Change]) -> String {
    let breaking = changes.iter().filter(|change| change.breaking).count();
    match (breaking, changes.len() - breaking) {
        (0, others) => format!("{others} not breaking"),
        (breaking, 0) => format!("{breaking} breaking"),
        (breaking, others) => format!("{breaking} breaking, {others} not"),
    }
}

/// What the effects of the changes of an operation depend on.
fn target<'c>(operation: &'c str, changes: &[&'c Change]) -> Target<'c> {
    let is_gone = |change: &&Change| match change.kind {
        Kind::OperationRemoved => true,
        Kind::OperationIdChanged => change.before == operation,
        _ => false,
    };
    let fields = changes.iter().filter_map(|change| {
        // The whole body of a status is not a field.
        let is_status = matches!(change.kind, Kind::ResponseGainedBody | Kind::ResponseLostBody);
        name(change.field.as_deref().filter(|_| !is_status)?)
    });
    Target { operation, is_removed: changes.iter().any(is_gone), fields: fields.collect() }
}

/// The name of a field or a parameter on the wire, at the end of its path.
fn name(path: &str) -> Option<&str> {
    let end = path.rsplit(['.', ' ']).next()?;
    let name = end.split(['[', '<']).next()?;
    (!name.is_empty() && name != "*" && path != "(whole)").then_some(name)
}

/// A code span in a cell of a table.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'").replace('|', "\\|").replace('\n', " "))
}
