//! `datalinks share`.

use datalinks_emulator::Emulator;
use serde_json::json;

use crate::support::{World, parsed};

#[test]
fn user_can_read_what_is_shared_until_it_is_removed() {
    let world = World::with(Emulator::builder().user("bo", "key-of-bo"));
    world.ingest("n", "d", &[json!({"a": 1})]);
    let as_bo = |arguments: &[&str]| {
        world.command(arguments).env("DL_API_KEY", "key-of-bo").output().unwrap().status.code().unwrap()
    };
    assert_eq!(as_bo(&["dataset", "show", "ana/n/d"]), 5);
    world.ok(&["share", "add", "n/d", "--user", "bo"]);
    assert_eq!(as_bo(&["dataset", "show", "ana/n/d"]), 0);
    assert_eq!(as_bo(&["share", "list", "ana/n/d"]), 4, "only the owner lists shares");
    world.ok(&["share", "remove", "n/d", "--user", "bo"]);
    assert_eq!(as_bo(&["dataset", "show", "ana/n/d"]), 5);
    world.ok(&["share", "add", "--all-of", "n", "--user", "bo", "--role", "editor"]);
    world.ok(&["dataset", "create", "n/later"]);
    assert_eq!(as_bo(&["dataset", "show", "ana/n/later"]), 0);
    let list = world.ok(&["share", "list", "--all-of", "n", "--output", "json"]);
    assert_eq!(parsed(&list), json!([{"user": "bo", "role": "editor"}]));
}
