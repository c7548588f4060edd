//! The handle of an emulator, used on another thread while the emulator serves.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::support::{Result, Server, expect};

/// An export during changes of the state is consistent: its counters are not less than the ids that it
/// contains. Otherwise, the state that imports it would reuse ids.
#[tokio::test(flavor = "multi_thread")]
async fn export_during_changes_is_consistent() -> Result {
    const RUNS: usize = 150;
    let server = Server::start().await?;
    // Takes a while to export, between the counters and the runs.
    let rows: Vec<Value> = (0..3_000).map(|row| json!({ "a": row, "b": "a text" })).collect();
    server.fill("cinema", "films", rows.into()).await?;
    let done = AtomicBool::new(false);
    let emulator = &server.emulator;
    let (asked, halves) = std::thread::scope(|scope| {
        let exporting = scope.spawn(|| {
            let mut halves = 0;
            while !done.load(Ordering::Relaxed) {
                let document = String::from_utf8(emulator.export().unwrap()).unwrap();
                let counted = document.split("\"askRun\":").nth(1).map_or(0, |rest| {
                    rest.chars()
                        .take_while(|c| !matches!(c, ',' | '}'))
                        .collect::<String>()
                        .trim()
                        .parse()
                        .unwrap()
                });
                let there = document.matches("agent/runs/").count();
                halves += usize::from(there > counted);
            }
            halves
        });
        let asking = tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                for _ in 0..RUNS {
                    let body = json!({ "username": "self", "namespace": "cinema", "query": "How many films are there?" });
                    expect(200, server.send_json("POST", "/query/autorag", body).await?)?;
                }
                Result::Ok(())
            })
        });
        done.store(true, Ordering::Relaxed);
        (asking, exporting.join().unwrap())
    });
    asked?;
    assert_eq!(halves, 0, "exports contain runs whose ids would be reused");
    Ok(())
}
