//! Formats that need features of the build.

#[cfg(not(feature = "parquet"))]
#[test]
fn build_without_parquet_says_how_to_get_it() {
    let world = crate::support::World::new();
    let ran = world.run(&["dataset", "list", "--output", "parquet"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert!(ran.err.contains("cargo install --path datalinks-cli --features parquet"), "{}", ran.err);
    assert!(world.emulator.requests().is_empty());
}

/// Returns the path of a file of the tests of the library.
#[cfg(all(test, any(feature = "excel", feature = "parquet")))]
fn data(name: &str) -> String {
    format!("{}/../datalinks/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[cfg(feature = "excel")]
#[test]
fn spreadsheets_are_ingested() {
    let world = crate::support::World::new();
    let file = data("inputs/chartsheet_first.xlsx");
    world.ok(&["ingest", &file, "--dataset", "n/d", "--create"]);
    let rows = world.ok(&["query", "Ontology(\"n/d\").sortAscending(sales)", "-o", "csv"]);
    assert_eq!(rows, "month,sales\nJan,5\nFeb,7\n");
    let ran = world.run(&["ingest", &file, "--sheet", "Nope", "--dataset", "n/d"]);
    assert!(ran.code != 0 && ran.err.contains("has no sheet \"Nope\""), "{ran:?}");
    // The extension says nothing.
    std::fs::copy(&file, world.home.path().join("rows")).unwrap();
    world.ok(&["ingest", "rows", "--format", "excel", "--dataset", "n/d"]);
    assert_eq!(world.ok(&["query", "Ontology(\"n/d\")", "-o", "ndjson"]).lines().count(), 4);
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_files_are_ingested() {
    let world = crate::support::World::new();
    for (dataset, name) in [("n/one", "int96.parquet"), ("n/two", "int96.ndjson.gz")] {
        let file = data(&format!("parquet/{name}"));
        world.ok(&["ingest", &file, "--dataset", dataset, "--create"]);
    }
    let rows = |dataset: &str| {
        let rows = world.ok(&["query", &format!("Ontology(\"{dataset}\")"), "-o", "ndjson"]);
        let mut rows: Vec<String> = rows.lines().map(str::to_owned).collect();
        rows.sort_unstable();
        rows
    };
    assert_eq!(rows("n/one").len(), 300);
    assert_eq!(rows("n/one"), rows("n/two"), "the same rows, of Parquet and of JSON");
}
