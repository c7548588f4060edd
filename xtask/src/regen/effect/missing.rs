//! The missing code of an operation, with the file to open.

use std::{collections::BTreeSet, fmt, fs, path::Path};

use syn::{
    Expr, Item, Lit,
    visit::{self, Visit},
};

use super::{Effect, Place, Workspace, arms::CALLS, commands, emulator, source, tests_of};

const RETRY_SAFETY: &str = "datalinks/src/transport/retry_safety.rs";
const TIMEOUTS: &str = "datalinks/src/transport/timeouts.rs";
const ACCESS: &str = "datalinks-emulator/ACCESS.md";
const REPLAY: &str = "tests/tests/facade/replay.rs";
const LOW_LEVEL: &str = "tests/tests/low_level/call.rs";
const RIGHTS: &str = "tests/tests/emulator/access.rs";

/// An item to write.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Missing {
    /// The file to open, below the root of the workspace.
    pub(crate) file: String,
    /// A description of the item.
    pub(crate) what: String,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.what)
    }
}

/// The tables with a line per operation.
pub(super) struct Reviewed {
    retry_safety: BTreeSet<String>,
    timeouts: String,
    access: String,
}

impl Reviewed {
    pub(super) fn read(root: &Path) -> Result<Self, String> {
        let source = source::read(root, &root.join(RETRY_SAFETY))?;
        let table = source.file.items.iter().find_map(|item| match item {
            Item::Const(table) if table.ident == "TABLE" => Some(texts(&table.expr)),
            _ => None,
        });
        let retry_safety = table.ok_or_else(|| format!("{RETRY_SAFETY} has no const `TABLE`"))?;
        let text =
            |file: &str| fs::read_to_string(root.join(file)).map_err(|error| format!("{file}: {error}"));
        Ok(Self { retry_safety, timeouts: text(TIMEOUTS)?, access: text(ACCESS)? })
    }
}

fn texts(expression: &Expr) -> BTreeSet<String> {
    struct Texts(BTreeSet<String>);
    impl<'ast> Visit<'ast> for Texts {
        fn visit_lit(&mut self, literal: &'ast Lit) {
            if let Lit::Str(text) = literal {
                self.0.insert(text.value());
            }
            visit::visit_lit(self, literal);
        }
    }
    let mut texts = Texts(BTreeSet::new());
    texts.visit_expr(expression);
    texts.0
}

/// Returns all missing items in the order of the steps in CONTRIBUTING.md.
pub(super) fn of(workspace: &Workspace, effect: &Effect) -> Vec<Missing> {
    let id = effect.operation.as_str();
    let tests = &workspace.tests;
    let mut missing = Vec::new();
    let mut say = |file: &str, what: String| missing.push(Missing { file: file.to_owned(), what });
    if effect.facade.is_empty() {
        let file = neighbor(workspace, id, |id| super::of_facade(workspace, id));
        let file = file.as_deref().unwrap_or("datalinks/src/lib.rs");
        say(file, format!("a public method that calls the generated function of `{id}`"));
    }
    if !workspace.reviewed.retry_safety.contains(id) {
        say(RETRY_SAFETY, format!("a line for `{id}` in TABLE: may it be sent twice?"));
    }
    if !workspace.reviewed.timeouts.contains(&format!("\"{id}\"")) {
        let what = "a line in FEW_RECORDS if it answers soon, and otherwise in the list of its test";
        say(TIMEOUTS, format!("{what}: may `{id}` be silent for long?"));
    }
    if effect.emulator.is_empty() {
        let file = neighbor(workspace, id, |id| workspace.emulator.of(id));
        let file = file.unwrap_or_else(|| "a new file beside it".to_owned());
        say(
            emulator::TABLE,
            format!("an entry for `{id}`, and its handler in {file}; until then it returns 501"),
        );
    }
    let recordings = tests.recordings(id);
    if recordings.is_empty() {
        say(
            tests_of::COMPOSED,
            format!(
                "an exchange of `{id}`; with no recording of the vendor's client, compose it and name it `composed/{id}`"
            ),
        );
    }
    if !tests.names(CALLS, "call", id) {
        say(CALLS, format!("an arm for `{id}` that calls the method of the façade"));
    }
    if !tests.names(LOW_LEVEL, "call", id) {
        say(LOW_LEVEL, format!("an arm for `{id}` that calls the generated function"));
    }
    for recording in recordings {
        // Plain calls are recorded under a group, which the arms omit.
        let name = recording.name.strip_prefix("plain/").unwrap_or(&recording.name);
        if !tests.names(REPLAY, "replay", name) {
            say(REPLAY, format!("an arm for the recording `{name}`"));
        }
    }
    if recordings.is_empty() {
        say(REPLAY, format!("an arm for the recording `composed/{id}`"));
    }
    if !tests.names(RIGHTS, "open", id) {
        say(RIGHTS, format!("an arm for `{id}`: who may call it?"));
    }
    if !workspace.reviewed.access.contains(&format!("`{id}`")) {
        say(
            ACCESS,
            format!("a row for `{id}`, written by the test `emulator::access` with UPDATE_ACCESS_TABLE=1"),
        );
    }
    if effect.commands.is_empty() && workspace.commands.reason(id).is_none() {
        say(
            commands::LIST,
            format!("a line with the command that sends `{id}`, or with the reason for none"),
        );
    }
    missing
}

/// Returns the file with most operations of the same tag. An operation that the generated table does not
/// contain yet has no neighbors.
fn neighbor(workspace: &Workspace, id: &str, places: impl Fn(&str) -> Vec<Place>) -> Option<String> {
    let tag = &workspace.low_level.route(id)?.tag;
    let mut files: Vec<String> = workspace
        .low_level
        .with_tag(tag)
        .filter(|other| *other != id)
        .flat_map(&places)
        .map(|place| place.file)
        .collect();
    files.sort();
    let count = |file: &String| files.iter().filter(|own| *own == file).count();
    files.iter().max_by_key(|file| count(file)).cloned()
}
