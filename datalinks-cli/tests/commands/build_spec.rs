//! `datalinks build-spec`.

use std::io::Write;
use std::process::Stdio;

use serde_json::json;

use crate::support::{Ran, World, parsed, text};

#[test]
fn build_spec_is_saved_changed_and_deleted() {
    let world = World::new();
    for name in ["n/a", "n/b", "n/c"] {
        world.ok(&["dataset", "create", name]);
    }
    let file = world.file("code.py", "print(1)\n");
    let create = ["build-spec", "create", "--source", "n/a", "--destination", "n/c", "--code", text(&file)];
    let spec = parsed(&world.ok(&[&create[..], &["-o", "json"]].concat()));
    let id = spec["id"].as_str().unwrap();
    assert_eq!(spec["sources"], json!(["ana/n/a"]));
    assert_eq!(spec["destinations"], json!(["ana/n/c"]));
    assert_eq!(
        (&spec["version"], &spec["code"], &spec["owner"]),
        (&1.into(), &"print(1)\n".into(), &"ana".into())
    );
    assert_eq!(world.ok(&["build-spec", "show", id, "--code"]), "print(1)\n");
    let edited = world.ok(&["build-spec", "edit", id, "--source", "n/a", "--source", "n/b", "-o", "json"]);
    let edited = parsed(&edited);
    assert_eq!(edited["sources"], json!(["ana/n/a", "ana/n/b"]));
    assert_eq!((&edited["version"], &edited["code"]), (&2.into(), &"print(1)\n".into()));
    // The code comes from standard input, and the sources stay.
    let mut edit = world.command(&["build-spec", "edit", id, "--code", "-", "-o", "json"]);
    let mut child = edit.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"print(2)").unwrap();
    let ran = Ran::of(child.wait_with_output().unwrap());
    let edited = parsed(&ran.out);
    assert_eq!((&edited["version"], &edited["code"]), (&3.into(), &"print(2)".into()), "{}", ran.err);
    assert_eq!(edited["sources"], json!(["ana/n/a", "ana/n/b"]));
    let table = world.ok(&["build-spec", "list"]);
    assert!(table.contains(id) && !table.contains("print"), "{table}");
    world.ok(&["build-spec", "delete", id]);
    assert_eq!(world.ok(&["build-spec", "list", "--output", "json"]), "[]\n");
    assert_eq!(world.run(&["build-spec", "show", id]).code, 5);
}
