//! `datalinks namespace`.

use serde_json::{Value, json};

use crate::support::{World, parsed};

#[test]
fn namespaces_are_listed_in_all_formats() {
    let world = World::new();
    assert_eq!(world.ok(&["namespace", "list", "--output", "json"]), "[]\n");
    world.ok(&["namespace", "create", "cinema", "films"]);
    world.ok(&["namespace", "create", "plants", "trees"]);
    let namespaces: Vec<Value> =
        serde_json::from_str(&world.ok(&["namespace", "list", "--output", "json"])).unwrap();
    assert_eq!(
        namespaces,
        [json!({"owner": "ana", "name": "cinema"}), json!({"owner": "ana", "name": "plants"})]
    );
    assert_eq!(world.ok(&["namespace", "list"]), "owner  name\nana    cinema\nana    plants\n");
    assert_eq!(world.ok(&["namespace", "list", "ana", "-o", "csv"]), "owner,name\nana,cinema\nana,plants\n");
}

#[test]
fn namespace_of_the_settings_is_shown() {
    let world = World::new();
    world.ok(&["namespace", "create", "cinema", "films"]);
    let shown = world.ok(&["namespace", "show", "--namespace", "cinema", "--output", "json"]);
    let shown = parsed(&shown);
    assert_eq!(shown, json!({"owner": "ana", "name": "cinema", "datasetCount": 1, "datasets": ["films"]}));
    assert_eq!(world.run(&["namespace", "show"]).code, 2);
}

#[test]
fn nothing_is_deleted_without_the_name() {
    let world = World::new();
    world.ok(&["namespace", "create", "cinema", "films"]);
    for yes in [None, Some("films"), Some("Cinema"), Some("")] {
        let mut arguments = vec!["namespace", "delete", "cinema"];
        arguments.extend(yes.into_iter().flat_map(|name| ["--yes", name]));
        assert_eq!(world.run(&arguments).code, 2, "{yes:?}");
    }
    let deletes = || world.emulator.requests().iter().filter(|request| request.method == "DELETE").count();
    assert_eq!(deletes(), 0);
    world.ok(&["namespace", "delete", "cinema", "--yes", "cinema"]);
    assert_eq!(deletes(), 1);
    assert_eq!(world.ok(&["dataset", "list", "--output", "json"]), "[]\n");
}
