//! `--output parquet`.

use std::fs::File;
use std::path::Path;

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};

use crate::support::{World, lines, text};

/// Runs the program, and returns the file with its output.
#[cfg(test)]
fn saved(world: &World, arguments: &[&str], name: &str) -> std::path::PathBuf {
    let path = world.home.path().join(name);
    let mut command = world.command(arguments);
    command.args(["--output", "parquet"]).stdout(File::create(&path).unwrap());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    path
}

/// Returns the columns of a file with their types, and its number of rows.
#[cfg(test)]
fn shape(path: &Path) -> (Vec<String>, i64) {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let fields = reader.schema().fields().iter();
    let fields = fields.map(|field| format!("{}: {}", field.name(), field.data_type())).collect();
    (fields, reader.metadata().file_metadata().num_rows())
}

/// Returns the rows of a file as the library reads them.
#[cfg(test)]
fn rows(path: &Path) -> Vec<Value> {
    use futures::StreamExt;

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let rows = datalinks::read::file(path).into_stream();
        rows.map(|row| serde_json::to_value(row.unwrap()).unwrap()).collect().await
    })
}

#[test]
fn rows_are_read_back_with_their_types() {
    let world = World::new();
    let stored = [
        json!({"n": 1, "rating": 8.5, "seen": true, "at": "2020-01-02T03:04:05Z", "mixed": "1", "list": [1, {"a": null}]}),
        json!({"n": 2, "rating": 9, "seen": null, "at": "東京\n\u{9b}", "mixed": 1, "list": []}),
        json!({"n": 3, "rating": null, "seen": false, "at": "", "mixed": true, "list": null, "big": 9_007_199_254_740_993_i64}),
    ];
    world.ingest("n", "d", &stored);
    let path = saved(&world, &["query", "Ontology(\"n/d\").sortAscending(n)"], "rows.parquet");
    let (mut columns, count) = shape(&path);
    columns.sort_unstable();
    assert_eq!(
        columns,
        [
            "at: Utf8",
            "big: Int64",
            "list: Utf8",
            "mixed: Utf8",
            "n: Int64",
            "rating: Float64",
            "seen: Boolean"
        ]
    );
    assert_eq!(count, 3);
    let expected = [
        json!({"n": 1, "rating": 8.5, "seen": true, "at": "2020-01-02T03:04:05Z", "mixed": "1",
            "list": "[1,{\"a\":null}]", "big": null}),
        json!({"n": 2, "rating": 9.0, "seen": null, "at": "東京\n\u{9b}", "mixed": "1", "list": "[]", "big": null}),
        json!({"n": 3, "rating": null, "seen": false, "at": "", "mixed": "true", "list": null,
            "big": 9_007_199_254_740_993_i64}),
    ];
    assert_eq!(rows(&path), expected);
    // The file is one that `ingest` reads.
    world.ok(&["ingest", text(&path), "--dataset", "n/copy", "--create"]);
    let csv = |dataset: &str| {
        let query = format!("Ontology(\"n/{dataset}\").sortAscending(n)");
        world.ok(&["query", &query, "-o", "ndjson"])
    };
    assert_eq!(lines(&csv("copy")).len(), 3);
    assert!(csv("copy").contains("9007199254740993"), "{}", csv("copy"));
}

#[test]
fn lists_objects_and_changes_are_files() {
    let world = World::new();
    let created = saved(&world, &["dataset", "create", "n/d"], "created.parquet");
    assert_eq!(shape(&created).1, 1);
    let listed = saved(&world, &["dataset", "list"], "list.parquet");
    let (columns, count) = shape(&listed);
    assert_eq!(count, 1);
    assert!(columns.iter().any(|column| column == "name: Utf8"), "{columns:?}");
    assert_eq!(shape(&saved(&world, &["whoami"], "user.parquet")).1, 1);
    world.ok(&["dataset", "delete", "n/d", "--yes", "n/d"]);
    let empty = saved(&world, &["dataset", "list"], "empty.parquet");
    assert!(!shape(&empty).0.is_empty());
    assert_eq!((shape(&empty).1, rows(&empty).len()), (0, 0));
}

#[test]
fn shell_has_no_parquet() {
    let world = World::new();
    let ran = world.run(&["shell", "--output", "parquet"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert!(ran.err.contains("the shell cannot write Parquet"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn terminal_gets_no_parquet() {
    let world = World::new();
    let (code, screen) =
        crate::pty::Pty::spawn(world.command(&["dataset", "list", "-o", "parquet"]), 100).finish();
    assert_eq!(code, 2, "{screen:#?}");
    assert!(screen.text().contains("--output parquet > rows.parquet"), "{screen:#?}");
    assert!(world.emulator.requests().is_empty());
}
