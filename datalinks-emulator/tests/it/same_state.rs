//! A data directory and memory have the same state after every operation, before and after every restart.

use std::path::Path;
use std::time::{Duration, SystemTime};

use datalinks_emulator::Emulator;
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestCaseError};
use serde_json::{Value, json};

use crate::support::{Result, Server};

/// An operation.
#[derive(Clone, Debug)]
enum Deed {
    Create(Name),
    Describe(Name, String),
    Sort(Name),
    Ingest(Name, Vec<(u8, Raw)>),
    Clear(Name),
    Delete(Name),
    Rename(Name, usize),
    RenameNamespace(usize, usize),
    DeleteNamespace(usize),
    Link(Name, Name),
    Share(Name, bool),
    Token,
    Ask,
    Pipeline(bool),
    Reset,
    Snapshot,
    Restore,
    Restart,
}

/// A dataset by the indexes of its names.
type Name = (usize, usize);

const NAMESPACES: [&str; 2] = ["n", "N"];
const DATASETS: [&str; 4] = ["a", "A", "con", "\u{e4} ."];

/// JSON in unusual notation.
type Raw = &'static str;
const VALUES: [Raw; 9] =
    ["1.10", "-0", "1e400", "\"a\\nb\"", "\"\\u00e9\"", "null", "[ 1,\n{ \"x\" : 2 } ]", "true", "\"\""];

fn deed() -> impl Strategy<Value = Deed> {
    let name = || (0..NAMESPACES.len(), 0..DATASETS.len());
    let row = (0..3u8, prop::sample::select(&VALUES[..]));
    prop_oneof![
        4 => name().prop_map(Deed::Create),
        1 => (name(), "[a-z\u{e4}\n\"]{0,9}").prop_map(|(name, text)| Deed::Describe(name, text)),
        1 => name().prop_map(Deed::Sort),
        8 => (name(), prop::collection::vec(row, 0..5)).prop_map(|(name, rows)| Deed::Ingest(name, rows)),
        1 => name().prop_map(Deed::Clear),
        1 => name().prop_map(Deed::Delete),
        3 => (name(), 0..DATASETS.len()).prop_map(|(name, to)| Deed::Rename(name, to)),
        1 => (0..NAMESPACES.len(), 0..NAMESPACES.len()).prop_map(|(from, to)| Deed::RenameNamespace(from, to)),
        1 => (0..NAMESPACES.len()).prop_map(Deed::DeleteNamespace),
        2 => (name(), name()).prop_map(|(from, to)| Deed::Link(from, to)),
        1 => (name(), any::<bool>()).prop_map(|(name, editor)| Deed::Share(name, editor)),
        1 => Just(Deed::Token),
        1 => Just(Deed::Ask),
        1 => any::<bool>().prop_map(Deed::Pipeline),
        1 => Just(Deed::Reset),
        1 => Just(Deed::Snapshot),
        1 => Just(Deed::Restore),
        2 => Just(Deed::Restart),
    ]
}

fn path((namespace, dataset): Name) -> String {
    let dataset = DATASETS[dataset].replace('\u{e4}', "%C3%A4").replace(' ', "%20");
    format!("{}/{dataset}", NAMESPACES[namespace])
}

fn end((namespace, dataset): Name) -> Value {
    json!({
        "username": "self", "namespace": NAMESPACES[namespace], "dataset": DATASETS[dataset], "columnName": "c0",
    })
}

/// Runs the operation and returns the status.
async fn act(server: &Server, deed: &Deed) -> Result<u16> {
    let send = |method: &'static str, path: String, body: Value| async move {
        Result::Ok(server.send_json(method, &path, body).await?.status)
    };
    Ok(match deed {
        Deed::Create(name) => send("POST", format!("/ingest/new/{}", path(*name)), json!({})).await?,
        Deed::Describe(name, text) => {
            let body = json!({ "dataDescription": text, "schemaDefinition": { "c9": text } });
            send("PUT", format!("/data/self/{}/inferDefinition", path(*name)), body).await?
        }
        Deed::Sort(name) => {
            send("PUT", format!("/schema/self/{}/sort-order", path(*name)), json!({ "order": ["c1"] }))
                .await?
        }
        Deed::Ingest(name, rows) => {
            let rows: Vec<String> =
                rows.iter().map(|(column, value)| format!("{{\"c{column}\":{value},\"x\":0}}")).collect();
            let body = format!("{{\"data\":[{}]}}", rows.join(","));
            let request = server.request("POST", &format!("/ingest/{}", path(*name)))?;
            let request = request.header("content-type", "application/json").body(body);
            request.send().await?.status().as_u16()
        }
        Deed::Clear(name) => send("POST", format!("/data/self/{}/clear", path(*name)), json!({})).await?,
        Deed::Delete(name) => {
            server.send("DELETE", &format!("/data/self/{}/balefire", path(*name))).await?.status
        }
        Deed::Rename(name, to) => {
            server
                .send_text("POST", &format!("/data/self/{}/rename", path(*name)), DATASETS[*to])
                .await?
                .status
        }
        Deed::RenameNamespace(from, to) => {
            let path = format!("/data/self/{}/rename", NAMESPACES[*from]);
            server.send_text("POST", &path, NAMESPACES[*to]).await?.status
        }
        Deed::DeleteNamespace(namespace) => {
            server
                .send(
                    "DELETE",
                    &format!("/data/self/{}/balefire?deleteDatasets=true", NAMESPACES[*namespace]),
                )
                .await?
                .status
        }
        Deed::Link(from, to) => {
            let body = json!({ "from": end(*from), "to": end(*to), "matchType": "ExactMatch" });
            send("POST", "/links/add".to_owned(), body).await?
        }
        Deed::Share(name, editor) => {
            let body = json!({ "username": "bo", "role": if *editor { "editor" } else { "viewer" } });
            send("POST", format!("/permissions/datasets/self/{}/shares", path(*name)), body).await?
        }
        Deed::Token => send("POST", "/user/token".to_owned(), json!({ "name": "t" })).await?,
        Deed::Ask => {
            let body = json!({ "username": "self", "namespace": "n", "query": "What is there?" });
            send("POST", "/query/autorag".to_owned(), body).await?
        }
        Deed::Pipeline(ask) => {
            let mut body = crate::support::run_body(json!([{ "n": 1 }]));
            body["enableHumanInTheLoop"] = json!(ask);
            send("POST", "/api/pipeline".to_owned(), body).await?
        }
        Deed::Reset => {
            server.emulator.reset()?;
            // The clock stands at its initial time again.
            200
        }
        Deed::Snapshot => {
            server.emulator.snapshot("s")?;
            200
        }
        Deed::Restore => u16::from(server.emulator.restore("s").is_ok()),
        Deed::Restart => 0,
    })
}

async fn start(folder: Option<&Path>) -> Result<Server> {
    let builder = Emulator::builder().user("bo", "the key of bo");
    let builder = builder.clock(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000));
    Server::with(if let Some(folder) = folder { builder.data_dir(folder) } else { builder }).await
}

async fn compare(deeds: &[Deed]) -> Result {
    let folder = tempfile::tempdir()?;
    let (memory, mut kept) = (start(None).await?, start(Some(folder.path())).await?);
    for deed in deeds.iter().chain([&Deed::Restart]) {
        if matches!(deed, Deed::Restart) {
            kept.emulator.shutdown().await;
            kept = start(Some(folder.path())).await?;
        }
        let (one, other) = (act(&memory, deed).await?, act(&kept, deed).await?);
        if one != other {
            return Err(format!("{deed:?}: {one} in memory, {other} in a directory").into());
        }
        let text = |server: &Server| -> Result<String> {
            Ok(untimed(&String::from_utf8(server.emulator.export()?)?))
        };
        let (one, other) = (text(&memory)?, text(&kept)?);
        for (one, other) in one.lines().zip(other.lines()) {
            if one != other {
                return Err(format!("{deed:?}: in memory\n{one}\nin a directory\n{other}").into());
            }
        }
    }
    Ok(())
}

/// Returns a response without its duration, which varies.
fn untimed(text: &str) -> String {
    let mut parts = text.split("\"ms\":");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + "\"ms\":" + part.trim_start_matches(|c: char| !matches!(c, ',' | '}'))
    })
}

#[test]
fn directory_and_memory_have_the_same_state() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = ProptestConfig {
        cases: 24,
        rng_seed: RngSeed::Fixed(6),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(deeds in prop::collection::vec(deed(), 1..40))| {
        runtime.block_on(compare(&deeds)).map_err(|error| TestCaseError::fail(error.to_string()))?;
    });
}
