//! The ingest proxy, over HTTP.

use crate::support::{Answer, Result, Server, expect, ndjson, read, read_until_end, run_body, types};
use datalinks_emulator::Fault;
use serde_json::{Value, json};

const WHOLE: [&str; 9] = [
    "emulator.started",
    "emulator.received",
    "emulator.modeling",
    "emulator.sampled",
    "emulator.schema",
    "emulator.ingesting",
    "emulator.ingested",
    "emulator.ontology",
    "complete",
];

fn run_id(answer: &Answer) -> Result<String> {
    Ok(answer.headers.get("x-workflow-run-id").ok_or("no run id")?.to_str()?.to_owned())
}

async fn start(server: &Server) -> Result<String> {
    let rows = json!([{ "a": 1, "b": "x" }, { "a": 2 }]);
    run_id(&expect(200, server.send_json("POST", "/api/pipeline", run_body(rows)).await?)?)
}

#[tokio::test]
async fn a_run_stores_rows_and_tells_what_is_scripted() -> Result {
    let server = Server::start().await?;
    let rows = json!([{ "b": 1 }, { "a": "x" }]);
    let answer = expect(200, server.send_json("POST", "/api/pipeline", run_body(rows)).await?)?;
    assert_eq!((answer.content_type.as_str(), answer.label.as_str()), ("application/x-ndjson", "scripted"));
    let id = run_id(&answer)?;
    let events = ndjson(&answer.text)?;
    assert_eq!(types(&events), WHOLE);
    assert_eq!(events[1]["columns"], json!(["b", "a"]));
    for event in &events {
        let scripted = matches!(event["type"].as_str(), Some("emulator.modeling" | "emulator.ontology"));
        assert_eq!(event["scripted"] == true, scripted, "{event}");
        assert_eq!(event["note"].is_string(), scripted, "{event}");
    }
    let last = events.last().ok_or("an event")?;
    assert_eq!((&last["dataset"], &last["indexed"]), (&json!("pipeline_1"), &json!(2)));
    assert_eq!(server.row_count("cinema", "pipeline_1").await?, 2);

    let replay = expect(200, server.send("GET", &format!("/api/pipeline/{id}/stream?startIndex=7")).await?)?;
    assert_eq!(types(&ndjson(&replay.text)?), ["emulator.ontology", "complete"]);
    let trace = expect(200, server.send("GET", &format!("/api/pipeline/{id}/trace")).await?)?.json()?;
    assert_eq!(trace["llmCalls"], json!([]));
    assert_eq!(trace["steps"].as_array().map(Vec::len), Some(5));
    Ok(())
}

#[tokio::test]
async fn phases_can_be_left_out() -> Result {
    let server = Server::start().await?;
    let mut body = run_body(json!([{ "a": 1 }]));
    for phase in ["model", "ingest", "ontology"] {
        body[phase] = json!(false);
    }
    let answer = expect(200, server.send_json("POST", "/api/pipeline", body).await?)?;
    assert_eq!(answer.label, "computed");
    assert!(!answer.text.contains("scripted"), "{}", answer.text);
    let events = ndjson(&answer.text)?;
    assert_eq!(types(&events).len(), 8);
    assert_eq!(events.last().ok_or("an event")?["indexed"], 0);
    assert_eq!(server.send("GET", "/data").await?.json()?, json!([]));
    Ok(())
}

#[tokio::test]
async fn a_cut_stream_goes_on_where_it_broke() -> Result {
    let server = Server::start().await?;
    let id = start(&server).await?;
    server.emulator.faults().inject(Fault::new("streamPipeline").cut_after(3))?;
    server.emulator.faults().inject(Fault::new("streamPipeline").end_after(2))?;
    let (mut events, mut ends): (Vec<Value>, Vec<bool>) = (Vec::new(), Vec::new());
    while events.last().is_none_or(|event: &Value| event["type"] != "complete") {
        let path = format!("/api/pipeline/{id}/stream?startIndex={}", events.len());
        let (text, broken) = read_until_end(server.request("GET", &path)?.send().await?).await;
        events.extend(ndjson(&text)?);
        ends.push(broken);
    }
    assert_eq!(types(&events), WHOLE);
    assert_eq!(ends, [true, false, false], "cut, ended early, complete");
    Ok(())
}

#[tokio::test]
async fn every_cut_keeps_the_events_before_it() -> Result {
    let server = Server::start().await?;
    let id = start(&server).await?;
    for cut in 0..WHOLE.len() {
        server.emulator.faults().inject(Fault::new("streamPipeline").cut_after(cut))?;
        let response =
            server.request("GET", &format!("/api/pipeline/{id}/stream?startIndex=0"))?.send().await?;
        let (text, broken) = read_until_end(response).await;
        assert!(broken, "{cut}");
        assert_eq!(types(&ndjson(&text)?), WHOLE[..cut], "{cut}");
    }
    Ok(())
}

#[tokio::test]
async fn a_person_is_waited_for() -> Result {
    let server = Server::start().await?;
    let mut body = run_body(json!([{ "a": 1 }]));
    body["enableHumanInTheLoop"] = json!(true);
    let started = expect(200, server.send_json("POST", "/api/pipeline", body).await?)?;
    assert_eq!(types(&ndjson(&started.text)?).last(), Some(&"emulator.question"));
    let id = run_id(&started)?;
    let mut response = server.request("GET", &format!("/api/pipeline/{id}/stream"))?.send().await?;
    let mut text = String::new();
    while !text.contains("emulator.question") {
        let chunk = response.chunk().await?.ok_or("the run must not end before it is answered")?;
        text.push_str(std::str::from_utf8(&chunk)?);
    }
    assert_eq!(server.send("GET", "/data").await?.json()?, json!([]), "nothing is stored yet");
    let hook = format!("/api/pipeline/{id}/hook");
    expect(400, server.send_json("POST", &hook, json!([])).await?)?;
    let answered = expect(200, server.send_json("POST", &hook, json!({ "approve": true })).await?)?;
    assert_eq!(answered.json()?["resumed"], true);
    while let Some(chunk) = response.chunk().await? {
        text.push_str(std::str::from_utf8(&chunk)?);
    }
    let events = ndjson(&text)?;
    assert_eq!(types(&events)[5..8], ["emulator.question", "emulator.answered", "emulator.ingesting"]);
    assert_eq!(types(&events).last(), Some(&"complete"));
    assert_eq!(server.row_count("cinema", "pipeline_1").await?, 1);
    expect(409, server.send_json("POST", &hook, json!({})).await?)?;
    Ok(())
}

#[tokio::test]
async fn bodies_are_checked() -> Result {
    let server = Server::start().await?;
    let mut two = run_body(json!([]));
    two["dataUrl"] = json!("https://example.org/x.json");
    let mut none = run_body(json!([]));
    none["data"] = Value::Null;
    let mut word = run_body(json!([]));
    word["model"] = json!("gpt");
    let mut short = run_body(json!([]));
    short.as_object_mut().ok_or("an object")?.remove("maxSampleRows");
    for (body, part) in [
        (two, "exactly one of data, dataUrl, dataBlobUrl is wanted, given: data and dataUrl"),
        (none, "given: none"),
        (word, "model: must be true or false"),
        (short, "maxSampleRows: is required"),
    ] {
        let answer = expect(400, server.send_json("POST", "/api/pipeline", body).await?)?;
        assert!(answer.problem()?.1.contains(part), "{}", answer.text);
    }
    for path in ["/api/pipeline/none/stream", "/api/pipeline/none/trace"] {
        expect(404, server.send("GET", path).await?)?;
    }
    let id = start(&server).await?;
    expect(400, server.send("GET", &format!("/api/pipeline/{id}/stream?startIndex=-1")).await?)?;
    Ok(())
}

#[tokio::test]
async fn the_run_id_can_go_missing() -> Result {
    let server = Server::start().await?;
    server.emulator.faults().inject(Fault::new("runPipeline").without_header("x-workflow-run-id"))?;
    let answer = expect(200, server.send_json("POST", "/api/pipeline", run_body(json!([]))).await?)?;
    assert!(run_id(&answer).is_err());
    Ok(())
}

#[tokio::test]
async fn a_waiting_stream_ends_with_the_emulator() -> Result {
    let server = Server::start().await?;
    let mut body = run_body(json!([]));
    body["enableHumanInTheLoop"] = json!(true);
    let id = run_id(&expect(200, server.send_json("POST", "/api/pipeline", body).await?)?)?;
    let request = server.request("GET", &format!("/api/pipeline/{id}/stream"))?;
    let response = read_until_end(request.send().await?);
    let (ended, ()) = tokio::join!(response, server.emulator.shutdown());
    assert!(ended.1, "the stream breaks, it does not end well");
    assert!(!ended.0.contains("complete"));
    Ok(())
}

#[tokio::test]
async fn the_proxy_wants_the_key_too() -> Result {
    let server = Server::start().await?;
    let answer =
        read(server.http.get(format!("{}/api/pipeline/x/trace", server.emulator.proxy_url())).send().await?);
    expect(401, answer.await?)?;
    Ok(())
}
