//! Commands that destroy data.

use std::io::Write;
use std::process::Stdio;

use crate::support::World;

#[test]
fn nothing_is_deleted_without_the_name() {
    let world = World::new();
    world.ok(&["dataset", "create", "n/d"]);
    for yes in [None, Some("d"), Some("N/D"), Some("")] {
        let mut arguments = vec!["dataset", "delete", "n/d"];
        arguments.extend(yes.into_iter().flat_map(|name| ["--yes", name]));
        let ran = world.run(&arguments);
        assert_eq!(ran.code, 2, "{yes:?}: {}", ran.err);
    }
    // A pipe is nobody who types.
    let mut child = world.command(&["dataset", "delete", "n/d"]).stdin(Stdio::piped()).spawn().unwrap();
    // The command may have ended before it reads.
    let _ = child.stdin.take().unwrap().write_all(b"n/d\n");
    assert_eq!(child.wait().unwrap().code(), Some(2));
    assert!(world.ok(&["dataset", "list", "--output", "ndjson"]).contains("\"name\":\"d\""));
    assert_eq!(world.emulator.requests().iter().filter(|request| request.method == "DELETE").count(), 0);
}

#[test]
fn confirmed_dataset_is_cleared_and_deleted() {
    let world = World::new();
    world.ingest("n", "d", &[serde_json::json!({"a": 1})]);
    let ran = world.run(&["dataset", "clear", "n/d", "--yes", "n/d"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "", "cleared n/d, which had 1 row\n"));
    assert!(world.ok(&["dataset", "show", "n/d"]).contains("rowCount     0\n"));
    world.ok(&["dataset", "delete", "n/d", "--yes", "n/d"]);
    assert_eq!(world.ok(&["dataset", "list", "--output", "json"]), "[]\n");
}
