//! The whole command: outcome and output.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    super::{ALLOWED, run},
    lines, sample,
};
use crate::regen::DOCUMENT;

const LIST: &str = "
differences:
  - reason: The other document declares few errors.
    kind: extra-response
    names: [default]
  - reason: Sent by older clients.
    kind: extra-field
    at: [Thing]
    names: [old]
  - reason: Not there any more.
    kind: missing-operation
    at: [gone]
";

/// A workspace with a document and a list of accepted differences, and another document.
struct Workspace {
    root: TempDir,
    other: PathBuf,
}

impl Workspace {
    fn new(document: &Value, other: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("openapi")).unwrap();
        fs::write(root.path().join(DOCUMENT), document.to_string()).unwrap();
        fs::write(root.path().join(ALLOWED), LIST).unwrap();
        let path = root.path().join("other.yaml");
        fs::write(&path, other).unwrap();
        Self { root, other: path }
    }

    /// Returns the outcome and the printed lines.
    fn run(&self, with_allowed: bool) -> (Result<(), String>, Vec<String>) {
        let mut out = Vec::new();
        let outcome = run(self.root.path(), &self.other, with_allowed, &mut out);
        (outcome, String::from_utf8(out).unwrap().lines().map(str::to_owned).collect())
    }
}

/// Returns the sample with two differences that the list accepts.
fn extended() -> Value {
    let mut document = sample::openapi();
    document["paths"]["/things/{id}"]["get"]["responses"]["default"] = json!({ "description": "Others." });
    document["components"]["schemas"]["Thing"]["properties"]["old"] = json!({ "type": "string" });
    document
}

#[test]
fn allowed_differences_are_counted_and_do_not_fail() {
    for other in [sample::openapi(), sample::structural()] {
        let workspace = Workspace::new(&extended(), &other.to_string());
        let (outcome, printed) = workspace.run(false);
        assert_eq!(outcome, Ok(()));
        assert_eq!(
            printed,
            [
                "allowed: 2 differences, 2 reasons; unused entries: 1 (add --allowed to list them)",
                "3 operations, 0 differences",
            ]
        );
    }
}

#[test]
fn allowed_differences_are_listed_by_reason() {
    let (outcome, printed) = Workspace::new(&extended(), &sample::structural().to_string()).run(true);
    assert_eq!(outcome, Ok(()));
    assert_eq!(
        printed,
        [
            "allowed: The other document declares few errors. (1, for example readThing: response default is not in \
             the other document)",
            "allowed: Sent by older clients. (1, for example readThing 200: field old is not in the other document)",
            "unused: missing-operation at gone (Not there any more.)",
            "allowed: 2 differences, 2 reasons; unused entries: 1",
            "3 operations, 0 differences",
        ]
    );
}

#[test]
fn other_differences_are_printed_and_fail() {
    let mut document = extended();
    document["components"]["schemas"]["Thing"]["required"] = json!(["name", "old"]);
    document["paths"].as_object_mut().unwrap().remove("/events");
    let (outcome, printed) = Workspace::new(&document, &sample::structural().to_string()).run(false);
    assert_eq!(
        printed,
        [
            "readThing 200: field old is required, and is not in the other document",
            "watch: GET /events is missing",
            "allowed: 1 differences, 1 reasons; unused entries: 2 (add --allowed to list them)",
            "3 operations, 2 differences",
        ]
    );
    let message = outcome.unwrap_err();
    assert!(message.contains("differ (2 times)") && message.contains(ALLOWED), "{message}");
}

#[test]
fn comparison_writes_nothing() {
    let workspace = Workspace::new(&extended(), &sample::openapi().to_string());
    workspace.run(true).0.unwrap();
    let mut found: Vec<_> = fs::read_dir(workspace.root.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    assert_eq!(found, ["openapi", "other.yaml"]);
    assert_eq!(fs::read_to_string(workspace.root.path().join(DOCUMENT)).unwrap(), extended().to_string());
}

#[test]
fn unusable_files_fail_with_their_name() {
    let workspace = Workspace::new(&extended(), "words: [");
    let (outcome, printed) = workspace.run(false);
    assert!(outcome.unwrap_err().contains("other.yaml: "));
    assert!(printed.is_empty(), "{printed:?}");

    fs::remove_file(&workspace.other).unwrap();
    assert!(workspace.run(false).0.unwrap_err().contains("other.yaml failed: "));

    fs::write(&workspace.other, sample::structural().to_string()).unwrap();
    fs::write(workspace.root.path().join(ALLOWED), "differences: [{ kind: type }]").unwrap();
    assert!(workspace.run(false).0.unwrap_err().contains("reason"));
}

#[test]
fn document_of_the_project_does_not_differ_from_itself() {
    let text = fs::read_to_string(crate::root().join(DOCUMENT)).unwrap();
    let document: Value = serde_saphyr::from_str(&text).unwrap();
    assert_eq!(lines(&document, &document), Vec::<String>::new());
}
