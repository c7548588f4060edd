//! The report of `cargo xtask regen`, on a copy of the project's document.

use std::{fs, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::super::{Document, between, contract};
use crate::regen::{DOCUMENT, EARLIER, Options, run};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Copies the document and its derived files.
fn copy() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in [
        DOCUMENT,
        EARLIER,
        "datalinks-emulator/src/admin/control/openapi.json",
        "datalinks-gen/spec/api.json",
        "datalinks-gen/spec/proxy.json",
        "datalinks-gen/spec/requests.json",
        "datalinks-gen/spec/responses.json",
        "datalinks-gen/snapshot/api.rs",
        "datalinks-gen/snapshot/enums.rs",
        "datalinks-gen/snapshot/operations.rs",
        "datalinks-gen/snapshot/proxy.rs",
    ] {
        let to = folder.path().join(file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(root().join(file), to).unwrap();
    }
    folder
}

/// Changes the version of the document and adds a parameter to its first operation. JSON is valid YAML.
fn edit(root: &Path) {
    let path = root.join(DOCUMENT);
    let mut document: Value = serde_saphyr::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    document["info"]["version"] = json!("99.0.0");
    let mut items = document["paths"].as_object_mut().unwrap().values_mut();
    let operation = items.find_map(|item| item.get_mut("get")).unwrap();
    let parameters = operation.as_object_mut().unwrap().entry("parameters").or_insert_with(|| json!([]));
    let parameter = json!({
        "in": "query", "name": "madeUp", "required": true, "description": "Made up.", "schema": { "type": "string" },
    });
    parameters.as_array_mut().unwrap().push(parameter);
    fs::write(path, document.to_string()).unwrap();
}

fn regen(root: &Path, options: &Options) -> (Result<(), String>, String) {
    let mut out = Vec::new();
    let outcome = run(root, options, &mut out);
    (outcome, String::from_utf8(out).unwrap())
}

#[test]
fn derived_contract_equals_the_document() {
    let document = Document::read(&root().join(DOCUMENT)).unwrap();
    let earlier = Document::read(&root().join(EARLIER)).unwrap();
    assert_eq!(earlier.root, contract::structural(&document).unwrap(), "run `cargo xtask regen`");
    assert_eq!(between(&earlier, &document), Ok(Vec::new()));
}

#[test]
fn check_prints_the_report_and_the_diff_on_request() {
    let folder = copy();
    let check = Options { check: true, ..Options::default() };
    let (outcome, text) = regen(folder.path(), &check);
    assert_eq!(outcome, Ok(()), "{text}");
    assert!(text.ends_with("Changes of the wire: none\n"), "{text}");

    edit(folder.path());
    let report = folder.path().join("report.md");
    let (outcome, text) = regen(folder.path(), &Options { report: Some(report.clone()), ..check });
    // The copy has no sources to find effects in. The changes are reported nevertheless.
    assert!(text.contains("\neffects are not reported: "), "{text}");
    let error = outcome.unwrap_err();
    assert!(error.contains("openapi/structure.json") && error.contains("run `cargo xtask regen`"), "{error}");
    assert!(
        text.starts_with("Changes of the wire: 1, 1 of them breaking (") && text.contains(" -> 99.0.0)\n"),
        "{text}"
    );
    assert!(text.contains("clients send: parameter added: query madeUp (required)\n"), "{text}");
    assert!(fs::read_to_string(report).unwrap().contains("| parameter added | `query madeUp` |"));

    let with_diff = Options { check: true, diff: true, report: None };
    let (outcome, text) = regen(folder.path(), &with_diff);
    assert!(outcome.is_err() && text.contains("+  \"version\": \"99.0.0\"\n"), "{text}");

    let (outcome, text) = regen(folder.path(), &Options::default());
    assert!(outcome.is_ok() && text.contains("wrote openapi/structure.json\n"), "{text}");
    assert!(text.contains("parameter added: query madeUp"), "{text}");
    let (outcome, text) = regen(folder.path(), &Options { check: true, ..Options::default() });
    assert!(outcome.is_ok() && text.ends_with("Changes of the wire: none\n"), "{text}");
}

#[test]
fn unreadable_previous_state_is_derived_again() {
    let folder = copy();
    let earlier = folder.path().join(EARLIER);
    let text = fs::read_to_string(&earlier).unwrap();
    fs::write(&earlier, format!("<<<<<<< HEAD\n{text}")).unwrap();
    let (outcome, out) = regen(folder.path(), &Options { check: true, ..Options::default() });
    assert!(outcome.is_err() && out.contains("changes of the wire are not reported: "), "{out}");

    let (outcome, out) = regen(folder.path(), &Options::default());
    assert!(outcome.is_ok() && out.contains("changes of the wire are not reported: "), "{out}");
    assert_eq!(fs::read_to_string(&earlier).unwrap(), text);
}
