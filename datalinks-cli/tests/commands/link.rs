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

#[test]
fn why_shows_matches_and_near_misses() {
    let world = World::new();
    let directors = ["Mann", "Mann", "kurosawa", "José Padilha", "Ridley Scott "];
    let films: Vec<Value> = directors.iter().map(|name| json!({"title": "x", "director": name})).collect();
    world.ingest("n", "films", &[&films[..], &[json!({"title": "none"})]].concat());
    let names = ["Mann", "Kurosawa", "Jose Padilha", "Ridley Scott", "Ozu"];
    world.ingest("n", "people", &names.map(|name| json!({"name": name})));
    let why = ["link", "why", "n/films:director", "n/people:name"];

    let ran = world.run(&why);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("match             1          2        1  \"Mann\"\n"), "{}", ran.out);
    assert!(ran.out.contains("\"kurosawa\" ~ \"Kurosawa\" (case)"), "{}", ran.out);
    assert!(ran.out.contains("\"José Padilha\" ~ \"Jose Padilha\" (accents)"), "{}", ran.out);
    assert!(ran.out.contains("\"Ridley Scott \" ~ \"Ridley Scott\" (spaces)"), "{}", ran.out);
    assert!(
        ran.err.contains("n/films:director: 6 rows, 4 different values, 1 empty, 0 with lists or objects\n"),
        "{}",
        ran.err
    );
    assert!(ran.err.ends_with("next: datalinks link create n/films:director n/people:name\n"), "{}", ran.err);

    let report = |more: &[&str]| -> Value {
        serde_json::from_str(&world.ok(&[&why[..], &["--output", "json"], more].concat())).unwrap()
    };
    let all = report(&[]);
    assert_eq!((&all["link"], &all["fromColumn"]), (&json!("none"), &json!("n/films:director")));
    assert_eq!(all["matching"]["examples"], json!([{"value": "Mann", "fromRows": 2, "toRows": 1}]));
    assert_eq!((&all["onlyFrom"]["distinct"], &all["onlyTo"]["distinct"]), (&json!(3), &json!(4)));
    assert_eq!((&all["near"]["fromDistinct"], &all["near"]["toDistinct"]), (&json!(3), &json!(3)));
    assert_eq!(report(&["--examples", "1"])["near"]["examples"].as_array().unwrap().len(), 1);
    // The rows of values beyond the limit are counted.
    let cut = report(&["--max-distinct", "1"]);
    assert_eq!((&cut["from"]["distinct"], &cut["from"]["cutRows"]), (&json!(1), &json!(3)));
    let ran = world.run(&[&why[..], &["--max-distinct", "1"]].concat());
    assert!(ran.err.contains("3 of its rows are not compared"), "{}", ran.err);

    world.ok(&["link", "rebuild", "n/films", "--match", "exact"]);
    assert_eq!(report(&[])["link"], "suggested");
    let ran = world.run(&why);
    assert!(
        ran.err.ends_with("next: datalinks link activate n/films:director n/people:name\n"),
        "{}",
        ran.err
    );
    world.ok(&["link", "activate", "n/films:director", "n/people:name"]);
    assert_eq!(report(&[])["link"], "active");
    let ran = world.run(&why);
    assert!(ran.err.contains("the link is active; near misses: datalinks clean start"), "{}", ran.err);
}

#[test]
fn why_without_a_match_says_what_to_do() {
    let world = films();
    let ran = world.run(&["link", "why", "n/films:title", "n/people:name"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.ends_with("no value matches, and none is near; compare other columns\n"), "{}", ran.err);
    let ran = world.run(&["link", "why", "n/films:directr", "n/people:name"]);
    assert_eq!((ran.code, ran.out.as_str()), (5, ""), "{ran:?}");
    assert!(ran.err.contains("next: did you mean n/films:director?"), "{}", ran.err);
    let ran = world.run(&["link", "why", "n/flims:director", "n/people:name"]);
    assert_eq!(ran.code, 5, "{ran:?}");
    assert!(ran.err.contains("next: did you mean n/films?"), "{}", ran.err);
    assert_eq!(world.run(&["link", "why", "n/films:title", "n/people:name", "--max-distinct", "0"]).code, 2);
    assert_eq!(world.run(&["link", "why", "n/films:title"]).code, 2);
}

#[test]
fn command_to_try_has_the_namespace_of_the_option() {
    let world = films();
    let ran = world.run(&["link", "why", "films:director", "people:name", "--namespace", "n"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("next: datalinks link create n/films:director n/people:name\n"), "{}", ran.err);
}
