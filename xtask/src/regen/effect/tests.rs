//! The search on the workspace itself: the code of every operation is found.

use std::sync::LazyLock;

use super::*;

static WORKSPACE: LazyLock<Workspace> = LazyLock::new(|| Workspace::read(&root()).unwrap());

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn names(places: &[Place]) -> Vec<&str> {
    places.iter().map(|place| place.name.as_str()).collect()
}

#[test]
fn every_operation_of_the_suites_is_found_in_every_layer() {
    let arms = arms::read(&root()).unwrap();
    assert!(arms.len() > 70, "{}", arms.len());
    let mut unexplained = Vec::new();
    for (id, calls) in &arms {
        let effect = of(&WORKSPACE, id);
        let called = |place: &Place| calls.contains(place.name.rsplit("::").next().unwrap_or_default());
        if !effect.facade.iter().any(called) {
            unexplained
                .push(format!("{id}: {calls:?} is called, but the search found {:?}", names(&effect.facade)));
        }
        for (layer, places) in
            [("low level", &effect.low_level), ("emulator", &effect.emulator), ("tests", &effect.tests)]
        {
            if places.is_empty() {
                unexplained.push(format!("{id}: nothing found in the layer {layer}"));
            }
        }
        unexplained.extend(effect.missing.iter().map(|missing| format!("{id}: {missing}")));
    }
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
}

/// Every place exists: the file is there, and its line contains the name.
#[test]
fn every_place_names_an_existing_line() {
    let mut files = std::collections::BTreeMap::new();
    for id in WORKSPACE.operations() {
        let effect = of(&WORKSPACE, id);
        let layers = [&effect.low_level, &effect.facade, &effect.emulator, &effect.commands, &effect.tests];
        for place in layers.into_iter().flatten() {
            let text = files
                .entry(place.file.clone())
                .or_insert_with(|| std::fs::read_to_string(root().join(&place.file)).unwrap());
            let Some(line) = place.line else {
                assert!(text.contains(&place.name), "{place}");
                continue;
            };
            let name = place.name.rsplit("::").next().unwrap();
            assert!(text.lines().nth(line - 1).is_some_and(|line| line.contains(name)), "{place}");
        }
    }
}

#[test]
fn operations_of_methods_are_found_through_builders_and_private_functions() {
    for (id, expected) in [
        // The `send` of a builder that is awaited.
        ("addToken", &["DataLinks::create_token"][..]),
        // A lookup by id, below a trait and an engine. Another implementation of the trait sends nothing, which a search
        // by name does not see: that of `dry_run`.
        (
            "ingestData",
            &[
                "Dataset::ingest",
                "Dataset::ingest_stream",
                "Dataset::ingest_try_stream",
                "Ingest::batches",
                "Ingest::dry_run",
            ],
        ),
        // A private function, and one that calls a public one on `self`.
        (
            "queryData",
            &["DataLinks::explain_link", "Namespace::verify", "QueryBuilder::answer", "QueryBuilder::fetch"],
        ),
        // A method that calls another public one.
        ("prepareMultipartUpload", &["Dataset::prepare_upload", "Dataset::upload"]),
    ] {
        assert_eq!(names(&of(&WORKSPACE, id).facade), expected, "{id}");
    }
}

#[test]
fn tested_methods_send_the_operation() {
    for (id, expected) in [
        ("getAgentRunStatus", &["AgentRun::status"][..]),
        ("previewLinks", &["Dataset::preview_links"]),
        ("deleteAgentRun", &["AgentRun::delete"]),
    ] {
        assert_eq!(
            WORKSPACE.tested_methods(id),
            expected.iter().map(|name| (*name).to_owned()).collect(),
            "{id}"
        );
    }
    for id in WORKSPACE.operations() {
        assert!(!WORKSPACE.tested_methods(id).is_empty(), "{id}");
    }
}

#[test]
fn low_level_contains_the_function_and_its_types() {
    let effect = of(&WORKSPACE, "createBuildSpec");
    let types = ["BuildSpecCode", "BuildSpecRequest", "BuildSpecResponse", "DatasetCoordinate"];
    let mut expected = vec!["api::Client::create_build_spec".to_owned()];
    expected.extend(types.iter().map(|name| format!("api::types::{name}")));
    assert_eq!(names(&effect.low_level), expected);
    assert_eq!(names(&of(&WORKSPACE, "getCurrentUser").emulator), ["user::me"]);
    assert!(names(&effect.tests).contains(&"composed/createBuildSpec"), "{:?}", effect.tests);
    assert!(names(&effect.tests).contains(&"build_spec_has_versions"), "{:?}", effect.tests);
}

#[test]
fn commands_of_an_operation_are_those_of_the_list() {
    let found = |id: &str| names(&of(&WORKSPACE, id).commands).join(", ");
    assert_eq!(found("addLink"), "datalinks link create");
    assert_eq!(found("renameDataset"), "datalinks dataset rename");
    assert_eq!(found("deleteAgentRun"), "datalinks run delete");
    assert_eq!(found("getDatasets"), "");
    assert!(WORKSPACE.reason_for_no_command("getDatasets").unwrap().contains("deprecated"));
    assert_eq!(WORKSPACE.reason_for_no_command("addLink"), None);
}

#[test]
fn lines_without_a_command_and_a_reason_are_rejected() {
    let problem = |text: &str| commands::Commands::parse(text).err().unwrap_or_default();
    assert_eq!(problem("# a\n\naddLink | datalinks link create | a b\ngetDatasets | none | deprecated"), "");
    let malformed =
        ["addLink", "addLink | datalinks link create", "addLink | link create | a", "addLink | none |"];
    for line in malformed {
        assert!(problem(&format!("# a\n{line}")).contains("operations.txt:2: expected"), "{line}");
    }
    for text in
        ["a | none | b\na | datalinks b |", "a | datalinks b |\na | none | b", "a | none | b\na | none | c"]
    {
        assert!(problem(text).contains("operations.txt:2: a has a reason"), "{text}");
    }
}

/// For a new operation, everything is missing, and each line names a file.
#[test]
fn new_operation_lacks_everything() {
    let effect = of(&WORKSPACE, "paintDataset");
    assert_eq!((&effect.low_level, &effect.facade, &effect.tests), (&vec![], &vec![], &vec![]));
    let files: Vec<&str> = effect.missing.iter().map(|missing| missing.file.as_str()).collect();
    assert_eq!(
        files,
        [
            "datalinks/src/lib.rs",
            "datalinks/src/transport/retry_safety.rs",
            "datalinks/src/transport/timeouts.rs",
            "datalinks-emulator/src/api/table.rs",
            "tests/data/composed.json",
            "tests/tests/facade/calls.rs",
            "tests/tests/low_level/call.rs",
            "tests/tests/facade/replay.rs",
            "tests/tests/emulator/access.rs",
            "datalinks-emulator/ACCESS.md",
            "datalinks-cli/tests/operations.txt",
        ]
    );
    let lines = effect.lines();
    assert_eq!(lines.len(), files.len());
    assert!(
        lines.iter().all(|line| line.starts_with("missing: ") && line.contains("paintDataset")),
        "{lines:?}"
    );
}

#[test]
fn functions_are_described() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.rs");
    let text = r#"
// fn send( in a comment is no declaration
impl Builder {
    pub fn first(self) -> Result<Listing<Token>, Error> { self.second() }
    pub(super) fn second(&self) {
        let made = call.client();
        made.one_thing();
        call.client().another_thing();
        self.client().no_generated_thing();
        connection.send(operation("sendData")?);
        assert!(x, "{}", path("/a/b"));
        json!({ "POST": "/c" });
    }
}
impl_into_future!(Builder => Listing<Token>);
#[cfg(test)]
mod tests { #[test] fn it_works() {} }
"#;
    std::fs::write(&path, text).unwrap();
    let source = source::read(folder.path(), &path).unwrap();
    assert_eq!(
        (source.path.as_str(), source.macro_types("impl_into_future")),
        ("a.rs", vec!["Builder".to_owned()])
    );
    let functions = source.functions();
    let [first, second, test] = functions.as_slice() else { panic!("{functions:?}") };
    assert_eq!((first.full_name().as_str(), first.line, first.test), ("Builder::first", 4, false));
    assert!(first.returns.contains("Token") && first.own_calls.contains("second"), "{first:?}");
    assert_eq!((first.visibility, second.visibility), (source::Reach::Public, source::Reach::Parent));
    let generated: Vec<&str> = second.generated_calls.iter().map(String::as_str).collect();
    assert_eq!(generated, ["another_thing", "one_thing"]);
    assert!(second.operations.contains("sendData"), "{second:?}");
    assert_eq!(second.texts, ["sendData", "{}", "/a/b", "POST", "/c"]);
    assert!(test.test && !second.test, "{test:?}");
}
