//! `datalinks::read` reads every value of real tables.
#![cfg(feature = "read")]

use std::{collections::BTreeMap, path::PathBuf};

use datalinks::{
    DataLinks,
    read::{self, RawRow},
};
use datalinks_emulator::Emulator;
use serde_json::value::RawValue;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn rows(reader: read::Reader) -> Vec<RawRow> {
    reader.rows().map(|row| row.unwrap_or_else(|error| panic!("{error}"))).collect()
}

#[test]
fn every_cell_of_a_table_is_read() {
    let rows = rows(read::file(path("la-riots.csv")));
    let table = csv::Reader::from_path(path("la-riots.csv")).unwrap();
    let table: Vec<BTreeMap<String, String>> = table.into_deserialize().map(Result::unwrap).collect();
    assert_eq!(table.len(), 63);
    let read: Vec<BTreeMap<String, String>> = rows.iter().map(|row| row.deserialize().unwrap()).collect();
    assert_eq!(read, table);
    assert_eq!(rows[11].to_row().unwrap()["age"], "");
}

#[test]
fn inferred_cells_keep_their_digits() {
    let rows = rows(read::file(path("la-riots.csv")).infer_types());
    let first: BTreeMap<&str, &RawValue> = rows[0].deserialize().unwrap();
    assert_eq!(first["age"].get(), "18");
    assert_eq!(first["longitude"].get(), "-118.2739756");
    assert_eq!(first["death_date"].get(), r#""1992-04-30""#);
    assert!(rows[11].to_row().unwrap()["age"].is_null());
}

#[test]
fn json_array_is_read_byte_for_byte() {
    let rows = rows(read::file(path("us-state-capitals.json")));
    let text = std::fs::read_to_string(path("us-state-capitals.json")).unwrap();
    let items: Vec<&RawValue> = serde_json::from_str(&text).unwrap();
    assert_eq!(items.len(), 50);
    let items: Vec<&str> = items.iter().map(|item| item.get()).collect();
    assert_eq!(rows.iter().map(RawRow::json).collect::<Vec<_>>(), items);
}

#[test]
fn directory_yields_the_rows_of_all_files() {
    assert_eq!(rows(read::files([path("")])).len(), 113);
}

#[tokio::test]
async fn rows_can_be_ingested_without_conversion() {
    let emulator = Emulator::start().await.unwrap();
    let dl = DataLinks::builder(emulator.api_url(), emulator.api_key()).build().unwrap();
    let capitals = dl.dataset("states", "capitals").unwrap();
    capitals.create().await.unwrap();
    let rows = rows(read::file(path("us-state-capitals.json")));
    let result = capitals.ingest(rows.clone()).await.unwrap();
    assert!(result.failed.is_empty());
    let stored: Vec<serde_json::Map<String, serde_json::Value>> = capitals.query().fetch().await.unwrap();
    assert_eq!(stored.len(), rows.len());
    assert_eq!(stored[49]["city"], "Cheyenne");
}
