//! Usage by item and by day.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::support::{Result, Server, expect};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Returns a server with questions on three days, from 2025-01-31 22:30 UTC on.
async fn used() -> Result<Server> {
    let server = Server::cinema().await?;
    server.emulator.set_clock(SystemTime::UNIX_EPOCH + Duration::from_secs(1_738_362_600));
    for question in ["Who directed Alien?", "And Heat?", "What else is there?"] {
        let body = json!({ "username": "self", "namespace": "cinema", "query": question });
        expect(200, server.send_json("POST", "/query/autorag", body).await?)?;
        server.emulator.advance_clock(DAY);
    }
    Ok(server)
}

async fn get(server: &Server, query: &str) -> Result<Value> {
    expect(200, server.send("GET", &format!("/user/usage/{query}")).await?)?.json()
}

fn sums(items: &[Value]) -> (u64, f64) {
    let tokens = items.iter().filter_map(|item| item["tokensUsed"].as_u64()).sum();
    (tokens, items.iter().filter_map(|item| item["costUSD"].as_f64()).sum())
}

/// Returns all pages from the first one on.
async fn walk(server: &Server, bounds: &str, size: usize) -> Result<Vec<Value>> {
    let mut items = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = get(server, &format!("history?pageSize={size}{bounds}{cursor}")).await?;
        assert_eq!(page["meta"]["pageSize"], size);
        let own = page["data"].as_array().ok_or("items")?;
        assert!(own.len() <= size);
        items.extend(own.iter().cloned());
        let Some(next) = page["meta"].get("pageCursor") else { return Ok(items) };
        let encoded: String = next.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
        cursor = format!("&pageCursor={encoded}");
    }
}

#[tokio::test]
async fn sums_of_pages_and_days_are_equal() -> Result {
    let server = used().await?;
    let all = walk(&server, "", 100).await?;
    // A plan, an answer, and a query for each step.
    assert_eq!(all.len(), 3 * 2 + 2 + 2 + 2, "{all:?}");
    assert!(all.is_sorted_by_key(|item| item["timestamp"].as_str().map(str::to_owned)), "oldest first");
    for size in [1, 3, 11, 12] {
        assert_eq!(walk(&server, "", size).await?, all);
    }
    let (tokens, cost) = sums(&all);
    assert!(tokens > 0 && cost > 0.0);
    for zone in ["UTC", "Europe/Berlin", "America/St_Johns"] {
        let days = get(&server, &format!("by-day?timeZoneForAggregation={zone}")).await?;
        assert_eq!(days["meta"], json!({ "timeZoneForAggregation": zone }));
        let days = days["data"].as_array().ok_or("days")?;
        assert_eq!(days.len(), 3);
        let (own_tokens, own_cost) = sums(days);
        assert_eq!((own_tokens, own_cost.to_bits()), (tokens, cost.to_bits()));
    }
    Ok(())
}

#[tokio::test]
async fn days_depend_on_the_time_zone() -> Result {
    let server = used().await?;
    let dates = |days: Value| -> Vec<Value> {
        days["data"].as_array().into_iter().flatten().map(|day| day["date"].clone()).collect()
    };
    assert_eq!(dates(get(&server, "by-day").await?), ["2025-01-31", "2025-02-01", "2025-02-02"]);
    let tokyo = get(&server, "by-day?timeZoneForAggregation=Asia%2FTokyo").await?;
    assert_eq!(dates(tokyo), ["2025-02-01", "2025-02-02", "2025-02-03"]);
    let refused = server.send("GET", "/user/usage/by-day?timeZoneForAggregation=Atlantis").await?;
    assert!(expect(400, refused)?.problem()?.1.contains("no time zone"));
    Ok(())
}

#[tokio::test]
async fn bounds_are_half_open() -> Result {
    let server = used().await?;
    // Only the second day. Usage at the start time itself is included.
    let bounds = "onOrAfter=2025-02-01T22:30:00Z&before=2025-02-02T23:30:00%2B01:00";
    let second = walk(&server, &format!("&{bounds}"), 2).await?;
    assert_eq!(second.len(), 4);
    assert!(second.iter().all(|item| item["timestamp"] == "2025-02-01T22:30:00Z"), "{second:?}");
    let days = get(&server, &format!("by-day?{bounds}")).await?;
    assert_eq!(days["data"][0]["tokensUsed"], sums(&second).0);
    assert_eq!(days["data"].as_array().map(Vec::len), Some(1));
    Ok(())
}

#[tokio::test]
async fn invalid_usage_queries_are_rejected() -> Result {
    let server = used().await?;
    for query in [
        "history?pageSize=0",
        "history?pageSize=101",
        "history?pageSize=x",
        "history?pageCursor=x",
        "history?pageCursor=%7B%22lastStartTime%22%3A%22now%22%2C%22lastObservationId%22%3A%221%22%7D",
        "history?onOrAfter=yesterday",
        "by-day?before=2025-01-31",
    ] {
        expect(400, server.send("GET", &format!("/user/usage/{query}")).await?)?;
    }
    // A cursor of another user returns the items after its time.
    let cursor = "%7B%22lastStartTime%22%3A+%222025-02-01T22%3A30%3A00Z%22%2C+%22lastObservationId%22%3A+%22obs+1%22%7D";
    let page = get(&server, &format!("history?pageCursor={cursor}")).await?;
    assert_eq!(page["data"][0]["timestamp"], "2025-02-02T22:30:00Z");
    Ok(())
}

#[tokio::test]
async fn resumed_run_is_counted_once() -> Result {
    let whole = Server::cinema().await?;
    let body = json!({ "username": "self", "namespace": "cinema", "query": "Who directed Alien?" });
    expect(200, whole.send_json("POST", "/query/autorag", body.clone()).await?)?;
    let broken = Server::with(datalinks_emulator::Emulator::builder().checkpoints(true)).await?;
    broken.fill_cinema().await?;
    broken.emulator.faults().inject(datalinks_emulator::Fault::new("agentRun").end_after(6))?;
    let events = expect(200, broken.send_json("POST", "/query/ask", body).await?)?.text;
    let run = crate::support::sse(&events)?[0].1["runId"].as_str().ok_or("an id")?.to_owned();
    expect(200, broken.send("POST", &format!("/query/runs/{run}/resume")).await?)?;
    let (whole, broken) = (walk(&whole, "", 100).await?, walk(&broken, "", 100).await?);
    assert_eq!((whole.len(), sums(&whole)), (broken.len(), sums(&broken)));
    Ok(())
}

/// All work that a rule does in place of a model counts as usage, and nothing else does.
#[tokio::test]
async fn every_kind_of_use_is_counted() -> Result {
    let server = Server::cinema().await?;
    let all = async || -> Result<usize> { Ok(walk(&server, "", 100).await?.len()) };
    assert_eq!(all().await?, 0, "creating, ingesting and linking do not count");
    server.query("Ontology(films)").await?;
    assert_eq!(all().await?, 0);
    let sample = json!({ "sample": [{ "title": "Alien" }] });
    let table = json!({ "type": "table", "deriveFrom": "text" });
    let question = json!({ "username": "self", "namespace": "cinema", "naturalLanguageQuery": "Alien?" });
    let cleaning = json!({ "prompts": ["trim"], "outputNamespace": "cinema", "outputDatasetName": "clean" });
    for (path, body) in [
        ("/infer/description", sample.clone()),
        ("/infer/schema", sample),
        ("/infer/preview", json!({ "data": [{ "text": "a: 1" }], "infer": { "steps": [table] } })),
        ("/query", question),
        ("/ontology/curate-links", json!({ "namespace": "cinema" })),
        ("/ingest/cinema/films", json!({ "data": [{ "title": "Heat" }], "curate": true })),
        ("/agents/self/cinema/films/requestCleaning", cleaning),
        ("/api/pipeline", crate::support::run_body(json!([{ "title": "Ran" }]))),
    ] {
        let before = all().await?;
        let answer = server.send_json("POST", path, body).await?;
        assert!(answer.status < 300, "{path}: {answer:?}");
        assert!(all().await? > before, "{path} is not counted");
    }
    Ok(())
}

/// The price is invented by the emulator, and so are the tokens of a rule.
#[tokio::test]
async fn usage_with_items_is_partly_scripted() -> Result {
    let server = Server::cinema().await?;
    for place in ["history", "by-day"] {
        let label = async |wanted: &str| -> Result {
            let answer = expect(200, server.send("GET", &format!("/user/usage/{place}")).await?)?;
            assert_eq!(answer.label, wanted, "{place}");
            Ok(())
        };
        let empty = expect(
            200,
            server.send("GET", &format!("/user/usage/{place}?before=1970-01-01T00:00:00Z")).await?,
        )?;
        assert_eq!(empty.label, "computed", "{place}");
        if place == "history" {
            label("computed").await?;
            let body = json!({ "username": "self", "namespace": "cinema", "query": "Who directed Alien?" });
            expect(200, server.send_json("POST", "/query/autorag", body).await?)?;
        }
        label("partly-scripted").await?;
    }
    Ok(())
}
