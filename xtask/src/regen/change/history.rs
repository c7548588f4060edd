//! Comparison of the changes that a file of revisions lists with the changes that are found.
//!
//! The file has `base`, the first revision in structural form, and `revisions`. Each revision has a patch (RFC
//! 6902) from the previous one, its changes, and the number of breaking changes. `rules` defines which changes
//! break clients.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Write},
    path::Path,
};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    Change, Document, Side, between,
    kind::{Kind, Rule},
};

#[derive(Debug, Deserialize)]
struct History {
    #[serde(default)]
    rules: BTreeMap<String, Value>,
    base: Value,
    revisions: Vec<Revision>,
}

#[derive(Debug, Deserialize)]
struct Revision {
    revision: u64,
    #[serde(default)]
    date: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    proposed: bool,
    /// Number of operations after the revision.
    operations: Option<usize>,
    /// Number of breaking changes.
    breaking: Option<usize>,
    #[serde(default)]
    patch: json_patch::Patch,
    #[serde(default)]
    changes: Vec<Listed>,
}

/// A change in the form of the file. Found changes are converted to it for the comparison.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Listed {
    change: String,
    breaking: bool,
    #[serde(default)]
    side: Option<Side>,
    #[serde(default)]
    field: Option<String>,
    #[serde(default)]
    before: Value,
    #[serde(default)]
    after: Value,
    operations: BTreeSet<String>,
}

impl From<&Change> for Listed {
    fn from(change: &Change) -> Self {
        Self {
            change: change.kind.name().to_owned(),
            breaking: change.breaking,
            side: change.side,
            field: change.field.clone(),
            before: change.before.clone(),
            after: change.after.clone(),
            operations: change.operations.iter().map(ToString::to_string).collect(),
        }
    }
}

impl std::fmt::Display for Listed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.change)?;
        match self.side {
            Some(Side::Request) => write!(f, ", request")?,
            Some(Side::Response) => write!(f, ", response")?,
            None => {}
        }
        self.field.iter().try_for_each(|field| write!(f, ", {field}"))?;
        if !self.before.is_null() || !self.after.is_null() {
            write!(f, ", {} -> {}", self.before, self.after)?;
        }
        let operations = self.operations.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        write!(f, "{}: {operations}", if self.breaking { ", breaking" } else { "" })
    }
}

/// The changes of a revision, sorted by whether they were found and are listed.
#[derive(Debug, Default)]
struct Sorted {
    /// Found and listed, with equal classification.
    alike: usize,
    /// Found and listed, but only one of both classifies it as breaking.
    judged: Vec<Listed>,
    /// Found, but not listed.
    unlisted: Vec<Listed>,
    /// Listed, but not found.
    unfound: Vec<Listed>,
    /// Other facts about the revision that differ from the file.
    facts: Vec<String>,
}

impl Sorted {
    fn new(found: Vec<Listed>, listed: &[Listed]) -> Self {
        let mut sorted = Self { unfound: listed.to_vec(), ..Self::default() };
        for change in found {
            let is_it = |other: &Listed| Listed { breaking: change.breaking, ..other.clone() } == change;
            match sorted.unfound.iter().position(is_it) {
                None => sorted.unlisted.push(change),
                Some(position) if sorted.unfound.remove(position).breaking == change.breaking => {
                    sorted.alike += 1;
                }
                Some(_) => sorted.judged.push(change),
            }
        }
        sorted
    }

    fn is_same(&self) -> bool {
        self.judged.is_empty() && self.unlisted.is_empty() && self.unfound.is_empty() && self.facts.is_empty()
    }

    /// Returns the differences, one per line.
    fn lines(&self) -> impl Iterator<Item = String> {
        let judged = self.judged.iter().map(|change| format!("found, but judged otherwise: {change}"));
        let unlisted = self.unlisted.iter().map(|change| format!("found, but not listed: {change}"));
        let unfound = self.unfound.iter().map(|change| format!("listed, but not found: {change}"));
        judged.chain(unlisted).chain(unfound).chain(self.facts.iter().cloned())
    }
}

/// Sums over all revisions.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    revisions: usize,
    listed: usize,
    listed_breaking: usize,
    found: usize,
    found_breaking: usize,
    alike: usize,
}

pub(super) fn run(file: &Path, out: &mut dyn Write) -> Result<(), String> {
    let name = file.display();
    let text = fs::read_to_string(file)
        .map_err(|error| format!("reading {name} failed: {error}; check the path"))?;
    let history: History = serde_json::from_str(&text)
        .map_err(|error| format!("{name}: {error}; expected `base` and `revisions`, as JSON"))?;
    let differences = compare(&history, &name.to_string(), out)?;
    match differences {
        0 => Ok(()),
        count => Err(format!("the changes found are not those that {name} lists ({count} differences)")),
    }
}

/// Writes a table of the revisions, then each difference. Returns the number of differences.
fn compare(history: &History, name: &str, out: &mut dyn Write) -> Result<usize, String> {
    let failed = |error: io::Error| format!("writing the report failed: {error}");
    let mut differences = rules(&history.rules);
    writeln!(out, "rev  date        version   operations  listed (breaking)  found (breaking)  alike")
        .map_err(failed)?;
    let mut totals = [Totals::default(); 2];
    let mut root = history.base.clone();
    let mut before: Option<Document> = None;
    for revision in &history.revisions {
        let label = format!("{name}, revision {}", revision.revision);
        json_patch::patch(&mut root, &revision.patch)
            .map_err(|error| format!("{label}: the patch fails: {error}"))?;
        let document = Document::new(label.clone(), root.clone())?;
        let found = match &before {
            Some(before) => between(before, &document)?,
            None => Vec::new(),
        };
        let count = root["operations"].as_object().map_or(0, Map::len);
        let found: Vec<Listed> = found.iter().map(Listed::from).collect();
        let found_breaking = found.iter().filter(|change| change.breaking).count();
        let found_count = found.len();
        let mut sorted = Sorted::new(found, &revision.changes);
        let listed_breaking = revision.changes.iter().filter(|change| change.breaking).count();
        let stated =
            [("operations", revision.operations, count), ("breaking", revision.breaking, listed_breaking)];
        for (fact, stated, counted) in stated {
            if let Some(stated) = stated.filter(|stated| *stated != counted) {
                sorted.facts.push(format!("`{fact}` is {stated}, counted {counted}"));
            }
        }
        let totals = &mut totals[usize::from(revision.proposed)];
        totals.revisions += 1;
        totals.listed += revision.changes.len();
        totals.listed_breaking += listed_breaking;
        totals.found += found_count;
        totals.found_breaking += found_breaking;
        totals.alike += sorted.alike;
        let listed = format!("{} ({listed_breaking})", revision.changes.len());
        let mark = if sorted.is_same() { "" } else { "  <- differs" };
        writeln!(
            out,
            "{:>3}  {:10}  {:8}  {count:>10}  {listed:>17}  {:>16}  {:>5}{mark}",
            revision.revision,
            revision.date,
            revision.version,
            format!("{found_count} ({found_breaking})"),
            sorted.alike,
        )
        .map_err(failed)?;
        differences.extend(sorted.lines().map(|line| format!("revision {}: {line}", revision.revision)));
        before = Some(document);
    }
    for (title, totals) in ["published", "proposed"].into_iter().zip(totals) {
        let Totals { revisions, listed, listed_breaking, found, found_breaking, alike } = totals;
        writeln!(
            out,
            "{title}: {revisions} revisions; {listed} changes listed ({listed_breaking} breaking), \
             {found} found ({found_breaking} breaking), {alike} alike"
        )
        .map_err(failed)?;
    }
    for difference in &differences {
        writeln!(out, "{difference}").map_err(failed)?;
    }
    Ok(differences.len())
}

/// Returns the rules that only the file or only this program has. Returns none if the file has no rules.
fn rules(theirs: &BTreeMap<String, Value>) -> Vec<String> {
    if theirs.is_empty() {
        return Vec::new();
    }
    let ours: BTreeMap<&str, Value> = Kind::all().map(|kind| (kind.name(), rule(kind.rule()))).collect();
    let mut differences = Vec::new();
    for (name, rule) in theirs {
        match ours.get(name.as_str()) {
            None => differences.push(format!("rule {name:?} is of a kind that is not found here")),
            Some(ours) if ours != rule => {
                differences.push(format!("rule {name:?} is {rule}, here it is {ours}"));
            }
            Some(_) => {}
        }
    }
    let missing = ours.keys().filter(|name| !theirs.contains_key(**name));
    differences.extend(missing.map(|name| format!("rule {name:?} is missing in the file")));
    differences
}

/// Returns a rule in the form of the file.
fn rule(rule: Rule) -> Value {
    match rule {
        Rule::Always(breaks) => breaks.into(),
        Rule::Cases(cases) => cases
            .iter()
            .map(|(case, breaks)| (case.name().to_owned(), (*breaks).into()))
            .collect::<Map<_, _>>()
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Returns a contract with two revisions, of which the second makes a field required.
    fn made() -> Value {
        let schema = "/operations/write/requestBody/content/application~1json/required";
        json!({
            "base": { "operations": { "write": {
                "method": "POST", "path": "/a", "auth": true, "responses": { "204": null },
                "requestBody": { "required": true, "content": { "application/json": {
                    "type": "object", "properties": { "n": { "type": "integer" } },
                } } },
            } } },
            "revisions": [
                { "revision": 1, "date": "2026-01-01", "version": "1.0.0", "operations": 1, "breaking": 0 },
                {
                    "revision": 2, "date": "2026-01-02", "version": "1.1.0", "operations": 1, "breaking": 1,
                    "proposed": true,
                    "patch": [{ "op": "add", "path": schema, "value": ["n"] }],
                    "changes": [{
                        "change": "field made required", "breaking": true, "side": "request", "field": "n",
                        "operations": ["write"],
                    }],
                },
            ],
        })
    }

    /// Returns the outcome for a file, and the output.
    fn compared(history: &Value) -> (Result<(), String>, String) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("history.json");
        fs::write(&file, history.to_string()).unwrap();
        let mut out = Vec::new();
        let outcome = run(&file, &mut out);
        (outcome, String::from_utf8(out).unwrap())
    }

    #[test]
    fn listed_changes_pass() {
        let (outcome, text) = compared(&made());
        assert_eq!(outcome, Ok(()), "{text}");
        assert!(
            text.contains(
                "proposed: 1 revisions; 1 changes listed (1 breaking), 1 found (1 breaking), 1 alike"
            )
        );
        assert!(text.contains(
            "published: 1 revisions; 0 changes listed (0 breaking), 0 found (0 breaking), 0 alike"
        ));
    }

    #[test]
    fn every_kind_of_difference_fails_with_its_name() {
        let change = |path: &str, value: Value| {
            let mut made = made();
            *made.pointer_mut(path).unwrap() = value;
            made
        };
        for (history, expected) in [
            (
                change("/revisions/1/changes", json!([])),
                "revision 2: found, but not listed: field made required",
            ),
            (
                change("/revisions/1/changes/0/breaking", json!(false)),
                "revision 2: found, but judged otherwise: field made required, request, n, breaking: write",
            ),
            (
                change("/revisions/1/changes/0/field", json!("m")),
                "revision 2: listed, but not found: field made required, request, m, breaking: write",
            ),
            (change("/revisions/1/breaking", json!(2)), "revision 2: `breaking` is 2, counted 1"),
            (change("/revisions/0/operations", json!(7)), "revision 1: `operations` is 7, counted 1"),
        ] {
            let (outcome, text) = compared(&history);
            assert!(outcome.is_err() && text.contains(expected), "{expected}: {text}");
        }
    }

    #[test]
    fn rules_that_differ_are_differences() {
        let all = Kind::all().map(|kind| (kind.name().to_owned(), rule(kind.rule())));
        let mut rules: Map<String, Value> = all.collect();
        let mut history = made();
        history["rules"] = rules.clone().into();
        assert_eq!(compared(&history).0, Ok(()));

        rules.insert("field removed".to_owned(), false.into());
        rules.insert("wire frayed".to_owned(), true.into());
        rules.remove("format added");
        history["rules"] = rules.into();
        let (outcome, text) = compared(&history);
        assert!(outcome.unwrap_err().contains("3 differences"));
        assert!(text.contains("rule \"field removed\" is false, here it is true"), "{text}");
        assert!(text.contains("rule \"wire frayed\" is of a kind that is not found here"), "{text}");
        assert!(text.contains("rule \"format added\" is missing in the file"), "{text}");
    }

    #[test]
    fn unusable_files_are_errors_with_a_location() {
        let mut history = made();
        history["revisions"][1]["patch"][0]["path"] = json!("/none/x");
        let error = compared(&history).0.unwrap_err();
        assert!(
            error.contains(
                "history.json, revision 2: the patch fails: operation '/0' failed at path '/none/x'"
            ),
            "{error}"
        );
        history = made();
        history["base"]["operations"]["write"]["auth"] = Value::Null;
        assert!(compared(&history).0.unwrap_err().contains("operation write: `auth` is missing"));
        assert!(compared(&json!({})).0.unwrap_err().contains("expected `base` and `revisions`"));
        let error = run(Path::new("no/such.json"), &mut Vec::new()).unwrap_err();
        assert!(error.starts_with("reading no/such.json failed: "), "{error}");
    }
}
