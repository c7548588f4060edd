//! The ingest proxy over HTTP.

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
async fn run_stores_rows_and_labels_rule_based_phases() -> Result {
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

async fn data(server: &Server, query: &str) -> Result<Value> {
    Ok(expect(200, server.query(query).await?)?.json()?["data"].clone())
}

fn films_with_cast() -> Value {
    json!([
        { "title": "Alien", "year": 1979, "cast": [{ "actor": "Weaver", "role": "Ripley" }, { "actor": "Holm" }] },
        { "title": "Heat", "year": 1995, "cast": [{ "actor": "Pacino" }] },
    ])
}

#[tokio::test]
async fn rule_makes_a_dataset_of_each_array_of_objects() -> Result {
    let server = Server::start().await?;
    server.fill("cinema", "old", json!([{ "title": "Heat", "note": 1, "year": 7 }])).await?;
    let answer = expect(200, server.send_json("POST", "/api/pipeline", run_body(films_with_cast())).await?)?;
    let (id, events) = (run_id(&answer)?, ndjson(&answer.text)?);
    assert_eq!(types(&events), WHOLE);
    assert_eq!(events[2]["datasets"], json!(["pipeline_1", "pipeline_1_cast"]));
    let samples = &events[3]["samples"];
    assert_eq!(
        samples["pipeline_1"],
        json!([{ "title": "Alien", "year": 1979 }, { "title": "Heat", "year": 1995 }])
    );
    let datasets =
        json!([{ "dataset": "pipeline_1", "rows": 2 }, { "dataset": "pipeline_1_cast", "rows": 3 }]);
    assert_eq!(
        (&events[8]["datasets"], &events[8]["rows"], &events[8]["indexed"]),
        (&datasets, &json!(2), &json!(5))
    );
    let cast = json!([
        { "title": "Alien", "actor": "Weaver", "role": "Ripley" },
        { "title": "Alien", "actor": "Holm" },
        { "title": "Heat", "actor": "Pacino" },
    ]);
    assert_eq!(data(&server, "Ontology(pipeline_1_cast)").await?, cast);
    let info = server.send("GET", "/data/self/cinema/pipeline_1_cast").await?.json()?;
    assert_eq!(
        info["metadata"]["dataDescription"], "pipeline_1_cast",
        "a description falls back to the name"
    );

    // Level 1: a column with itself, without comparison, where a row does not match itself. Level 2: columns of
    // the same name with matching values, which excludes `year`. Level 3 comes from a model.
    let mut added: Vec<String> =
        events[7]["added"].as_array().ok_or("links")?.iter().map(Value::to_string).collect();
    added.sort();
    let link = |from: &str, to: &str, level: u8, hits: u64| {
        let end = |column: &str| format!("ri.ana.cinema.{column}");
        json!({ "from": end(from), "to": end(to), "level": level, "hits": hits }).to_string()
    };
    let mut expected = vec![
        link("pipeline_1.title", "pipeline_1.title", 1, 0),
        link("pipeline_1.year", "pipeline_1.year", 1, 0),
        link("pipeline_1_cast.title", "pipeline_1_cast.title", 1, 2),
        link("pipeline_1_cast.actor", "pipeline_1_cast.actor", 1, 0),
        link("pipeline_1_cast.role", "pipeline_1_cast.role", 1, 0),
        link("pipeline_1.title", "pipeline_1_cast.title", 2, 3),
        link("pipeline_1.title", "old.title", 2, 1),
        link("pipeline_1_cast.title", "old.title", 2, 1),
    ];
    expected.sort();
    assert_eq!(added, expected);
    let joined =
        data(&server, "Ontology(pipeline_1).filter(title == Heat).searchAround().find(pipeline_1_cast)")
            .await?;
    assert_eq!(joined, json!([{ "title": "Heat", "actor": "Pacino" }]), "a natural identifier joins them");

    let trace = expect(200, server.send("GET", &format!("/api/pipeline/{id}/trace")).await?)?.json()?;
    let summary = json!({ "modelCalls": 0, "inputTokens": 0, "outputTokens": 0, "tokens": 0, "datasets": 2, "fields": 5, "linksActivated": 8 });
    assert_eq!(trace["summary"], summary);

    let again = expect(200, server.send_json("POST", "/api/pipeline", run_body(films_with_cast())).await?)?;
    assert_eq!(ndjson(&again.text)?[2]["datasets"], json!(["pipeline_2", "pipeline_2_cast"]));
    assert_eq!(
        data(&server, "Ontology(pipeline_1_cast)").await?,
        cast,
        "a run touches no dataset that is there"
    );
    Ok(())
}

#[tokio::test]
async fn predefined_datasets_skip_modeling() -> Result {
    for (schema, names) in [
        (
            json!([{ "name": "films", "fields": { "Title": "its name" } }, { "name": "cast", "columns": ["title", "actor"] }]),
            ["films", "cast"],
        ),
        (
            json!({ "films": { "Title": "its name" }, "cast": { "title": null, "actor": "who" } }),
            ["cast", "films"],
        ),
    ] {
        let server = Server::start().await?;
        let mut body = run_body(films_with_cast());
        (body["model"], body["ontology"], body["predefinedSchema"]) = (json!(false), json!(false), schema);
        body["enableHumanInTheLoop"] = json!(true);
        let answer = expect(200, server.send_json("POST", "/api/pipeline", body.clone()).await?)?;
        let events = ndjson(&answer.text)?;
        let expected = [
            "emulator.started",
            "emulator.received",
            "emulator.modelingSkipped",
            "emulator.normalised",
            "emulator.ingesting",
            "emulator.ingested",
            "emulator.ontologySkipped",
            "complete",
        ];
        assert_eq!(types(&events), expected);
        assert_eq!((answer.label.as_str(), &events[3]["scripted"]), ("scripted", &json!(true)));
        assert_eq!(events[4]["datasets"], json!(names));
        let films = json!([{ "Title": "Alien", "year": 1979 }, { "Title": "Heat", "year": 1995 }]);
        assert_eq!(data(&server, "Ontology(films)").await?, films, "what no schema names is not lost");
        let cast = json!([
            { "title": "Alien", "actor": "Weaver", "role": "Ripley" },
            { "title": "Alien", "actor": "Holm" },
            { "title": "Heat", "actor": "Pacino" },
        ]);
        assert_eq!(data(&server, "Ontology(cast)").await?, cast);
        let again = expect(200, server.send_json("POST", "/api/pipeline", body).await?)?;
        assert_eq!(
            ndjson(&again.text)?[4]["datasets"],
            json!(names.map(|name| format!("{name}_2"))),
            "they are taken"
        );
    }
    let server = Server::start().await?;
    let wanted = "predefinedSchema: must be an object or an array (each item an object)";
    for (schema, part) in [
        (json!("films"), wanted),
        (json!([1]), wanted),
        (json!([{ "name": "a", "fields": 5 }]), "predefinedSchema[0].fields: must be an object or an array"),
        (json!([{ "name": "a" }, { "name": "a" }]), "predefinedSchema: two datasets are called"),
    ] {
        let mut body = run_body(films_with_cast());
        body["predefinedSchema"] = schema;
        let answer = expect(400, server.send_json("POST", "/api/pipeline", body).await?)?;
        assert!(answer.problem()?.1.contains(part), "{}", answer.text);
    }
    for nothing in [json!([]), json!({}), json!({ "tables": [] }), Value::Null] {
        let mut body = run_body(json!([{ "a": 1 }]));
        (body["model"], body["ontology"], body["predefinedSchema"]) = (json!(false), json!(false), nothing);
        let answer = expect(200, server.send_json("POST", "/api/pipeline", body).await?)?;
        assert_eq!(answer.label, "computed", "nothing is predefined");
    }
    Ok(())
}

#[tokio::test]
async fn without_ontology_nothing_is_linked() -> Result {
    let server = Server::start().await?;
    let mut body = run_body(films_with_cast());
    body["ontology"] = json!(false);
    let answer = expect(200, server.send_json("POST", "/api/pipeline", body).await?)?;
    assert!(types(&ndjson(&answer.text)?).contains(&"emulator.ontologySkipped"));
    let links = server.send("GET", "/links/self/cinema/pipeline_1").await?;
    assert!(!links.text.contains("ri."), "{}", links.text);
    let mut body = run_body(films_with_cast());
    body["ingest"] = json!(false);
    let answer = expect(200, server.send_json("POST", "/api/pipeline", body).await?)?;
    let events = ndjson(&answer.text)?;
    assert_eq!(types(&events)[5..], ["emulator.ingestSkipped", "emulator.ontologySkipped", "complete"]);
    assert_eq!(
        server.send("GET", "/data").await?.json()?.as_array().map(Vec::len),
        Some(2),
        "none was created"
    );
    Ok(())
}

#[tokio::test]
async fn trace_contains_start_and_end_of_a_run() -> Result {
    let at = |seconds| std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
    let server = Server::with(datalinks_emulator::Emulator::builder().clock(at(1_000_000_000))).await?;
    let mut body = run_body(json!([{ "a": 1 }]));
    body["enableHumanInTheLoop"] = json!(true);
    let id = run_id(&expect(200, server.send_json("POST", "/api/pipeline", body).await?)?)?;
    let trace = server.send("GET", &format!("/api/pipeline/{id}/trace")).await?.json()?;
    assert_eq!((&trace["runId"], &trace["ended"]), (&json!(id), &json!(false)));
    assert_eq!((&trace["startedAt"], trace.get("endedAt")), (&json!("2001-09-09T01:46:40.000000Z"), None));
    let names: Vec<&Value> =
        trace["steps"].as_array().ok_or("steps")?.iter().map(|step| &step["name"]).collect();
    assert_eq!(names, ["start", "schemas", "preview"], "it is kept after every step");
    expect(200, server.control("PUT", "clock", Some(json!({ "advance": "1m" }))).await?)?;
    expect(
        200,
        server.send_json("POST", &format!("/api/pipeline/{id}/hook"), json!({ "approve": false })).await?,
    )?;
    let trace = server.send("GET", &format!("/api/pipeline/{id}/trace")).await?.json()?;
    assert_eq!((&trace["ended"], &trace["endedAt"]), (&json!(true), &json!("2001-09-09T01:47:40.000000Z")));
    Ok(())
}

#[tokio::test]
async fn phases_can_be_skipped() -> Result {
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
async fn cut_stream_continues_after_the_last_event() -> Result {
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
async fn cut_stream_contains_all_events_before_the_cut() -> Result {
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
async fn run_waits_for_a_person() -> Result {
    let server = Server::start().await?;
    let mut body = run_body(json!([{ "a": 1 }]));
    body["enableHumanInTheLoop"] = json!(true);
    let started = expect(200, server.send_json("POST", "/api/pipeline", body).await?)?;
    assert_eq!(types(&ndjson(&started.text)?).last(), Some(&"emulator.question"));
    let id = run_id(&started)?;
    let mut response = server.request("GET", &format!("/api/pipeline/{id}/stream"))?.send().await?;
    let mut text = String::new();
    while !text.contains("emulator.question") {
        let chunk = response.chunk().await?.ok_or("the run must not end before the answer")?;
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
async fn pipeline_bodies_are_validated() -> Result {
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
        (two, "expected exactly one of data, dataUrl, dataBlobUrl, but the request has data and dataUrl"),
        (none, "but the request has none"),
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
async fn run_id_can_be_omitted_by_a_fault() -> Result {
    let server = Server::start().await?;
    server.emulator.faults().inject(Fault::new("runPipeline").without_header("x-workflow-run-id"))?;
    let answer = expect(200, server.send_json("POST", "/api/pipeline", run_body(json!([]))).await?)?;
    assert!(run_id(&answer).is_err());
    Ok(())
}

#[tokio::test]
async fn waiting_stream_ends_with_the_emulator() -> Result {
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
async fn proxy_requires_the_key() -> Result {
    let server = Server::start().await?;
    let answer =
        read(server.http.get(format!("{}/api/pipeline/x/trace", server.emulator.proxy_url())).send().await?);
    expect(401, answer.await?)?;
    Ok(())
}
