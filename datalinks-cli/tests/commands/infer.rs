//! `datalinks infer` and `datalinks clean`.

use serde_json::{Value, json};

use crate::support::{World, parsed};

#[test]
fn rows_are_described() {
    let world = World::new();
    world.file("films.csv", "title,year\nAlien,1979\nHeat,1995\n");
    let described = parsed(&world.ok(&["infer", "describe", "films.csv", "-o", "json"]));
    assert!(described["description"].as_str().unwrap().contains("2 rows"), "{described}");
    let one = world.ok(&["infer", "describe", "films.csv", "--sample", "1", "--current", "Films"]);
    assert!(!one.contains("2 rows"), "{one}");
    let schema = parsed(&world.ok(&["infer", "schema", "films.csv", "--field", "title=Title", "-o", "json"]));
    let fields: Vec<&Value> = schema.as_array().unwrap().iter().map(|field| &field["field"]).collect();
    assert_eq!(fields, [&json!("title"), &json!("year")]);
    world.file("empty.csv", "title\n");
    assert_eq!(world.run(&["infer", "describe", "empty.csv"]).code, 2);
}

#[test]
fn steps_are_tried_and_nothing_is_stored() {
    let world = World::new();
    world
        .file("x.csv", "title,cast\nAlien,\"[{\"\"name\"\":\"\"Weaver\"\"},{\"\"name\"\":\"\"Hurt\"\"}]\"\n");
    world.ok(&["dataset", "create", "n/d"]);
    let rows = parsed(&world.ok(&[
        "infer",
        "preview",
        "x.csv",
        "--dataset",
        "n/d",
        "--step",
        "rows=cast",
        "-o",
        "json",
    ]));
    let names: Vec<&Value> = rows.as_array().unwrap().iter().map(|row| &row["name"]).collect();
    assert_eq!(names, [&json!("Weaver"), &json!("Hurt")]);
    let shown = parsed(&world.ok(&["dataset", "show", "n/d", "-o", "json"]));
    assert_eq!(shown["rowCount"], 0);
    let ran = world.run(&["infer", "preview", "x.csv", "--dataset", "n/d"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("--step"), "{}", ran.err);
}

#[test]
fn dataset_is_cleaned_and_the_code_is_written() {
    let world = World::new();
    world.ingest("n", "films", &[json!({"title": " Alien "})]);
    let clean = ["clean", "start", "trim titles", "--dataset", "n/films", "--into", "n/clean", "-o", "json"];
    let started = parsed(&world.ok(&clean));
    assert_eq!((&started["dataset"], &started["into"]), (&json!("n/films"), &json!("n/clean")));
    let task = started["task"].as_str().unwrap();
    let files = parsed(&world.ok(&["clean", "code", task, "-o", "json"]));
    let (name, content) = (files[0]["name"].as_str().unwrap(), files[0]["content"].as_str().unwrap());
    assert_eq!(world.ok(&["clean", "code", task]), format!("-- {name} --\n{content}\n"));
    let written = parsed(&world.ok(&["clean", "code", task, "--dir", "code", "-o", "json"]));
    assert_eq!(written[0]["bytes"], content.len());
    assert_eq!(std::fs::read_to_string(world.home.path().join("code").join(name)).unwrap(), content);
    let ran = world.run(&["clean", "code", task, "--dir", "code"]);
    assert_eq!(ran.code, 1, "files are not replaced: {}", ran.err);
    assert_eq!(world.run(&clean).code, 1, "the dataset exists");
    let ran = world.run(&["clean", "code", "0191d2f4-3c8e-7a60-9b1d-1f2e3d4c5b6a"]);
    assert_eq!(ran.code, 5);
    let ran = world.run(&["clean", "start", "x", "--dataset", "n/flims", "--into", "n/new"]);
    assert_eq!(ran.code, 5);
    assert!(ran.err.contains("did you mean n/films?"), "{}", ran.err);
}
