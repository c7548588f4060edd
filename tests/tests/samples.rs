//! Real tables with irregular data are ingested from their files and read back unchanged.

use std::{io::Read as _, path::PathBuf};

use datalinks::{DataLinks, read};
use datalinks_emulator::Emulator;
use serde_json::{Map, Value};

fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "data", "samples", name].iter().collect()
}

fn text(name: &str) -> String {
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path(name)).unwrap()).read_to_string(&mut text).unwrap();
    text
}

/// Returns the rows as another library reads them.
fn expected(name: &str) -> Vec<Value> {
    if name.ends_with(".json.gz") {
        return serde_json::from_str(&text(name)).unwrap();
    }
    let text = text(name);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.deserialize::<std::collections::BTreeMap<String, String>>();
    rows.map(|row| Value::Object(Map::from_iter(row.unwrap().into_iter().map(|(k, v)| (k, v.into())))))
        .collect()
}

#[tokio::test]
async fn every_value_is_read_back() {
    let emulator = Emulator::start().await.unwrap();
    let dl = DataLinks::builder(emulator.api_url(), emulator.api_key()).build().unwrap();
    for (name, count) in [
        ("movies.json.gz", 3_201),
        ("airports.csv.gz", 3_376),
        ("us-state-capitals.json.gz", 50),
        ("la-riots.csv.gz", 63),
        ("gapminder.json.gz", 682),
    ] {
        let dataset = dl.dataset("samples", name.split('.').next().unwrap()).unwrap();
        dataset.create().await.unwrap();
        let rows = read::file(path(name)).into_stream();
        let summary =
            dataset.ingest_try_stream(rows).batch_size(500).batches().unwrap().finish().await.unwrap();
        assert!(summary.is_complete() && summary.counts.stored == count, "{name}: {summary:?}");
        let back: Vec<Value> = dataset.query().fetch().await.unwrap();
        let expected = expected(name);
        assert_eq!(back.len(), expected.len(), "{name}");
        for (place, (back, expected)) in back.iter().zip(&expected).enumerate() {
            assert_eq!(back, expected, "{name}, row {place}");
        }
    }
}
