//! `datalinks link`.

use serde_json::{Value, json};

use crate::support::{World, text};

fn films() -> World {
    let world = World::new();
    world.ingest("n", "people", &[json!({"name": "Mann"}), json!({"name": "Kurosawa"})]);
    world.ingest("n", "films", &[json!({"title": "Heat", "director": "Mann"})]);
    world
}

fn links(world: &World, arguments: &[&str]) -> Vec<Value> {
    serde_json::from_str(&world.ok(&[arguments, &["--output", "json"]].concat())).unwrap()
}

#[test]
fn rows_of_a_file_are_compared_and_not_stored() {
    let world = films();
    let file = world.file("films.csv", "title,director\nRan,Kurosawa\nHeat,Mann\n");
    let found = links(&world, &["link", "preview", "n/films", "--match", "exact", "--file", text(&file)]);
    let wanted = |link: &&Value| {
        link["origin"] == "ana/n/films:director" && link["destination"] == "ana/n/people:name"
    };
    assert_eq!(found.iter().find(wanted).unwrap()["hits"], 2, "{found:?}");
    assert_eq!(
        world.ok(&["dataset", "show", "n/films", "-o", "ndjson"]).matches("\"rowCount\":1").count(),
        1
    );
    let ran = world.run(&["link", "preview", "n/films", "--file", "no-such-file.csv"]);
    assert!(ran.code != 0 && ran.err.contains("no-such-file.csv"), "{}", ran.err);
}

#[test]
fn active_link_is_followed_by_queries() {
    let world = films();
    let query = ["query", "Ontology(\"n/films\").searchAround().find(\"people\")", "-o", "ndjson"];
    assert_eq!(world.run(&query).code, 1, "no active link leads to the dataset");
    world.ok(&["link", "rebuild", "n/films", "--match", "exact"]);
    world.ok(&["link", "activate", "n/films:director", "n/people:name"]);
    assert_eq!(world.ok(&query), "{\"name\":\"Mann\"}\n");
    let list = links(&world, &["link", "list", "n/films"]);
    assert!(list.iter().any(|link| link["active"] == true), "{list:?}");
    world.ok(&["link", "deactivate", "n/films:director", "n/people:name"]);
    assert_eq!(world.run(&query).code, 1);
    let ran = world.run(&["link", "activate", "n/films:title", "n/people:name"]);
    assert_eq!(ran.code, 5);
    assert!(ran.err.contains("datalinks link create n/films:title n/people:name"), "{}", ran.err);
}

#[test]
fn columns_may_be_given_with_their_owner() {
    let world = films();
    world.ok(&["link", "create", "ana/n/films:director", "ana/n/people:name"]);
    world.ok(&["link", "deactivate", "ana/n/films:director", "n/people:name"]);
    assert_eq!(world.run(&["link", "deactivate", "bo/n/films:director", "n/people:name"]).code, 5);
    let ran = world.run(&["link", "create", "n/films:directr", "n/people:name"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert!(ran.err.contains("did you mean n/films:director?"), "{}", ran.err);
}

#[test]
fn broken_file_is_shown_with_its_line() {
    let world = films();
    world.file("broken.ndjson", "{\"title\":\"Alien\"}\n{\"title\":\n");
    let ran = world.run(&["link", "preview", "n/films", "--file", "broken.ndjson"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{}", ran.err);
    assert!(ran.err.contains("    broken.ndjson:2\n"), "{}", ran.err);
}
