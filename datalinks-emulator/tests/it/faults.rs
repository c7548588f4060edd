//! Injected faults, and the ways to inject them.

use datalinks_emulator::{Emulator, Fault};
use reqwest::Response;
use serde_json::{Value, json};

use crate::support::{Result, Server, expect, ndjson, read, read_until_end, run_body, sse, types};

async fn ask(server: &Server) -> Result<Response> {
    let body = json!({ "username": "self", "namespace": "cinema", "query": "Alien?" });
    Ok(server.request("POST", "/query/ask")?.json(&body).send().await?)
}

fn fault_of(response: &Response) -> &str {
    let header = response.headers().get("x-datalinks-emulator-fault");
    header.and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[tokio::test]
async fn response_is_cut_after_some_bytes() -> Result {
    let server = Server::cinema().await?;
    let body = json!({ "username": "self", "namespace": "cinema", "query": "Ontology(films)" });
    let send = || async {
        Ok::<_, reqwest::Error>(server.request("POST", "/query").ok().map(|r| r.json(&body).send()))
    };
    let whole = server.query("Ontology(films)").await?.text;
    for (bytes, breaks) in
        [(0, true), (20, true), (whole.len() - 1, true), (whole.len(), false), (9_999, false)]
    {
        server.emulator.faults().inject(Fault::new("queryData").cut_bytes(bytes))?;
        let response = send().await?.ok_or("a request")?.await?;
        assert_eq!((response.status().as_u16(), fault_of(&response)), (200, "cut-bytes"));
        assert_eq!(response.content_length(), Some(whole.len() as u64));
        let (text, broken) = read_until_end(response).await;
        assert_eq!((text.as_str(), broken), (&whole[..bytes.min(whole.len())], breaks), "{bytes}");
    }
    Ok(())
}

#[tokio::test]
async fn stream_is_cut_inside_an_event() -> Result {
    let server = Server::cinema().await?;
    let (whole, _) = read_until_end(ask(&server).await?).await;
    let third = whole.match_indices("\n\n").nth(1).ok_or("two events")?.0 + 20;
    server.emulator.faults().inject(Fault::new("autoragStream").cut_bytes(third))?;
    let (text, broken) = read_until_end(ask(&server).await?).await;
    assert!(broken);
    assert_eq!(text.len(), third);
    assert_eq!(text.matches("\n\n").count(), 2);
    Ok(())
}

#[tokio::test]
async fn cut_stream_does_not_wait_for_unsent_events() -> Result {
    let server = Server::start().await?;
    let mut body = run_body(json!([{ "a": 1 }]));
    body["enableHumanInTheLoop"] = json!(true);
    let started = server.request("POST", "/api/pipeline")?.json(&body).send().await?;
    let run = started.headers()["x-workflow-run-id"].to_str()?.to_owned();
    let (so_far, _) = read_until_end(started).await;
    server.emulator.faults().inject(Fault::new("streamPipeline").cut_bytes(so_far.len()))?;
    let response = server.request("GET", &format!("/api/pipeline/{run}/stream"))?.send().await?;
    assert_eq!(read_until_end(response).await, (so_far, true));
    Ok(())
}

#[tokio::test]
async fn garbage_does_not_match_its_content_type() -> Result {
    let server = Server::cinema().await?;
    let faults = server.emulator.faults();
    faults.inject(Fault::new("queryData").garbage().times(2))?;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let body = json!({ "username": "self", "namespace": "cinema", "query": "Ontology(films)" });
        let response = server.request("POST", "/query")?.json(&body).send().await?;
        assert_eq!((response.status().as_u16(), fault_of(&response)), (200, "garbage"));
        assert_eq!(response.headers()["content-type"], "application/json");
        let bytes = response.bytes().await?;
        assert!(serde_json::from_slice::<Value>(&bytes).is_err());
        seen.push(bytes);
    }
    assert_ne!(seen[0], seen[1]);
    // A response without a body keeps none.
    faults.inject(Fault::new("balefireDataset").garbage())?;
    assert_eq!(expect(200, server.send("DELETE", "/data/self/cinema/people/balefire").await?)?.text, "");
    faults.inject(Fault::new("autoragStream").garbage())?;
    let response = ask(&server).await?;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert!(!read_until_end(response).await.0.contains("event:"));
    Ok(())
}

#[tokio::test]
async fn one_event_is_garbage_or_duplicated() -> Result {
    let server = Server::cinema().await?;
    let faults = server.emulator.faults();
    let whole = sse(&read_until_end(ask(&server).await?).await.0)?;
    faults.inject(Fault::new("autoragStream").garbage_after(1))?;
    let (text, broken) = read_until_end(ask(&server).await?).await;
    assert!(!broken);
    let blocks: Vec<&str> = text.split_terminator("\n\n").collect();
    assert_eq!(blocks.len(), whole.len());
    for (index, (block, (name, _))) in blocks.iter().zip(&whole).enumerate() {
        assert!(block.starts_with(&format!("event: {name}\ndata: ")), "{block}");
        let data = block.split_once("data: ").ok_or("data")?.1;
        assert_eq!(serde_json::from_str::<Value>(data).is_err(), index == 1, "{block}");
    }

    let run = |server: &Server| {
        server.request("POST", "/api/pipeline").map(|r| r.json(&run_body(json!([{ "a": 1 }]))))
    };
    let whole = ndjson(&read(run(&server)?.send().await?).await?.text)?;
    faults.inject(Fault::new("runPipeline").repeat_event(2))?;
    let twice = ndjson(&read(run(&server)?.send().await?).await?.text)?;
    let mut wanted = types(&whole);
    wanted.insert(2, wanted[2]);
    assert_eq!(types(&twice), wanted);
    Ok(())
}

#[tokio::test]
async fn duplicated_call_stores_rows_twice() -> Result {
    let server = Server::start().await?;
    server.fill("cinema", "films", json!([])).await?;
    server.emulator.faults().inject(Fault::new("ingestData").repeat_call())?;
    server.emulator.faults().inject(Fault::new("createDataset").repeat_call())?;
    let rows = json!({ "data": [{ "a": 1 }, { "a": 2 }] });
    expect(200, server.send_json("POST", "/ingest/cinema/films", rows).await?)?;
    assert_eq!(server.row_count("cinema", "films").await?, 4);
    // The second of the two responses is sent.
    expect(409, server.send_json("POST", "/ingest/new/cinema/people", json!({})).await?)?;
    assert_eq!(server.row_count("cinema", "people").await?, 0);
    Ok(())
}

#[tokio::test]
async fn presigned_urls_expire_on_demand() -> Result {
    let server = Server::with(Emulator::builder().part_size(4)).await?;
    server.fill("cinema", "films", json!([])).await?;
    server.emulator.set_clock(std::time::SystemTime::UNIX_EPOCH);
    server.emulator.faults().inject(Fault::new("putPart").expired_url())?;
    server.emulator.faults().inject(Fault::new("putPart").status(503).after(1))?;
    server.emulator.faults().inject(Fault::new("putPart").repeat_call().after(2))?;
    let path = "/upload/multipart/self/cinema/films/prepare";
    let prepared = server.send_json("POST", path, json!({ "filename": "a.csv", "size": 3 })).await?.json()?;
    let url = prepared["presignedUrls"][0]["url"].as_str().ok_or("a URL")?;
    let put = || async { read(server.http.put(url).body("a\n1").send().await?).await };
    let expired = expect(403, put().await?)?;
    assert_eq!(
        (expired.content_type.as_str(), expired.text.as_str()),
        (
            "application/xml",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>Request has \
             expired</Message><Expires>1969-12-31T23:59:59Z</Expires><ServerTime>1970-01-01T00:00:00Z</ServerTime>\
             </Error>"
        )
    );
    let busy = expect(503, put().await?)?;
    assert_eq!(busy.content_type, "application/xml");
    assert!(busy.text.contains("<Code>InjectedFault</Code>"), "{}", busy.text);
    assert!(expect(200, put().await?)?.headers.contains_key("etag"));
    Ok(())
}

#[tokio::test]
async fn faults_are_injected_over_http() -> Result {
    let server = Server::cinema().await?;
    let fault = json!({ "operation": "queryData", "status": 503, "retry-after": 2, "after": 1, "times": 2 });
    let first = expect(201, server.control("POST", "faults", Some(fault)).await?)?.json()?;
    assert_eq!(
        first,
        json!({
            "id": 0, "text": "queryData:status=503,retry-after=2,after=1,times=2", "operation": "queryData",
            "status": 503, "retry-after": "2", "after": 1, "times": 2,
        })
    );
    let second = server.control("POST", "faults", Some(json!("putPart:expired-url,always"))).await?;
    assert_eq!(expect(201, second)?.json()?["id"], 1);
    expect(200, server.query("Ontology(films)").await?)?;
    let refused = expect(503, server.query("Ontology(films)").await?)?;
    assert_eq!(refused.headers["retry-after"], "2");

    let all = expect(200, server.control("GET", "faults", None).await?)?.json()?;
    let texts: Vec<_> =
        all["faults"].as_array().ok_or("a list")?.iter().map(|fault| &fault["text"]).collect();
    assert_eq!(texts, ["queryData:status=503,retry-after=2", "putPart:expired-url,always"]);
    // All operations, and putPart, ingestFile and agentRun.
    let all_that_goes_wrong = server.emulator.coverage().len() + 3;
    assert_eq!(all["operations"].as_array().map(Vec::len), Some(all_that_goes_wrong));
    assert!(all["settings"].as_array().ok_or("a list")?.contains(&json!("cut-bytes")));

    expect(204, server.control("DELETE", "faults/0", None).await?)?;
    let gone = expect(404, server.control("DELETE", "faults/0", None).await?)?;
    assert!(gone.problem()?.1.ends_with("the ids of pending faults are 1"), "{gone:?}");
    expect(200, server.query("Ontology(films)").await?)?;
    expect(204, server.control("DELETE", "faults", None).await?)?;
    assert_eq!(server.emulator.faults().pending(), 0);
    Ok(())
}

#[tokio::test]
async fn errors_about_faults_list_the_valid_values() -> Result {
    let server = Server::start().await?;
    for (body, wanted) in [
        (json!({ "operation": "injestData", "status": 503 }), "did you mean ingestData?"),
        (
            json!({ "operation": "ingestData", "staus": 503 }),
            "did you mean status? the settings are status, html",
        ),
        (json!({ "operation": "ingestData", "status": "503" }), "status must be a status such as 503"),
        (json!({ "operation": "ingestData", "garbage": "yes" }), "garbage must be left out"),
        (json!({ "operation": "ingestData" }), "has no effect"),
        (json!({ "status": 503 }), "invalid fault; use an object such as"),
        (json!([]), "invalid fault; use an object such as"),
        (json!("ingestData:status=42"), "42 is not an error status"),
    ] {
        let refused = expect(400, server.control("POST", "faults", Some(body)).await?)?;
        let (code, message) = refused.problem()?;
        assert_eq!(code, "BAD_REQUEST");
        assert!(message.contains(wanted), "{message}");
    }
    let unknown = server.control("POST", "faults", Some(json!("sleep:status=503"))).await?.json()?;
    let known = unknown["sub_errors"][0]["message"].as_str().ok_or("a sub-error")?;
    assert!(known.contains("ingestData, ") && known.ends_with("putPart, ingestFile, agentRun"), "{known}");
    assert_eq!(server.emulator.faults().pending(), 0);
    let method = expect(405, server.control("PATCH", "faults", None).await?)?;
    assert_eq!(method.headers["allow"], "GET, POST, DELETE");
    Ok(())
}

#[tokio::test]
async fn probability_is_deterministic_with_a_seed() -> Result {
    let mut seen = Vec::new();
    for seed in [1, 1, 2] {
        let server = Server::with(Emulator::builder().seed(seed)).await?;
        server.emulator.faults().inject(Fault::new("getDatasets").garbage().probability(0.5).always())?;
        let mut answers = Vec::new();
        for _ in 0..20 {
            answers.push(server.send("GET", "/data").await.map(|answer| answer.text));
        }
        seen.push(answers.into_iter().collect::<Result<Vec<String>>>()?);
    }
    assert_eq!(seen[0], seen[1]);
    assert_ne!(seen[0], seen[2]);
    Ok(())
}
