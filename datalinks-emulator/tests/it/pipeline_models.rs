//! Pipeline runs with a model and with people, over HTTP.

use std::sync::Arc;

use datalinks_emulator::{Cassettes, Emulator, EmulatorBuilder};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::chat::{Asked, Chat, Say};
use crate::support::{Answer, Result, Server, expect, ndjson, read, run_body, types};

fn with(chat: &Chat) -> EmulatorBuilder {
    Emulator::builder().model_url(&chat.url).strict_answers()
}

fn material(asked: &Asked) -> Value {
    serde_json::from_str(asked.material()).unwrap_or_default()
}

/// Films, as somebody may have them.
fn rows() -> Value {
    json!([{ "d": "Scott", "films": [{ "t": "Alien" }, { "Title": "Gladiator" }] }, { "d": "Mann", "films": [{ "t": "Heat" }] }])
}

/// Unfolds the films, names the columns, and links the directors.
fn model(asked: &Asked) -> Say {
    if asked.task().contains("arrays") {
        Say::json(json!({ "explode": ["films"] }))
    } else if asked.task().contains("design the columns") {
        Say::json(json!({ "columns": [
            { "name": "title", "from": ["t", "Title"], "description": "the title of the film" },
            { "name": "director", "from": ["d"] },
        ] }))
    } else {
        Say::json(
            json!({ "links": [{ "column": "director", "dataset": "cinema/people", "otherColumn": "name" }] }),
        )
    }
}

async fn start(server: &Server, body: Value) -> Result<(Answer, String)> {
    let answer = expect(200, server.send_json("POST", "/api/pipeline", body).await?)?;
    let id = answer.headers.get("x-workflow-run-id").ok_or("no run id")?.to_str()?.to_owned();
    Ok((answer, id))
}

#[tokio::test]
async fn a_model_reshapes_rows_and_links_them() -> Result {
    let chat = Chat::start(model).await?;
    let server = Server::with(with(&chat)).await?;
    server.fill_cinema().await?;
    let mut body = run_body(rows());
    body["userPrompt"] = json!("films");
    body["explosionHelperPrompt"] = json!("one film a row");
    body["llm"] = json!({ "provider": "p", "model": "m1", "coalescenceTemperature": 0.5 });
    body["datalinksInferenceSettings"] = json!({ "ontologyCurationModel": "m2" });
    let (answer, id) = start(&server, body).await?;
    assert_eq!(answer.label, "computed");
    assert!(!answer.text.contains("scripted"), "{}", answer.text);
    let events = ndjson(&answer.text)?;
    let expected = [
        "emulator.started",
        "emulator.received",
        "emulator.exploded",
        "emulator.coalesced",
        "emulator.sampled",
        "emulator.schema",
        "emulator.ingesting",
        "emulator.ingested",
        "emulator.ontology",
        "complete",
    ];
    assert_eq!(types(&events), expected);
    assert_eq!((&events[2]["columns"], &events[2]["rows"]), (&json!(["films"]), &json!(3)));
    assert_eq!(events[5]["columns"], json!({ "title": ["text"], "director": ["text"] }));
    assert_eq!(events[8]["added"][0]["hits"], 3);
    let query = "Ontology(pipeline_1).filter(title == Gladiator).searchAround().find(people)";
    assert_eq!(server.query(query).await?.json()?["data"], json!([{ "name": "Scott", "born": 1937 }]));
    let info = server.send("GET", "/data/self/cinema/pipeline_1").await?;
    assert!(info.text.contains("the title of the film"), "{}", info.text);

    let asked = chat.asked();
    let of = |name: &str| asked.iter().map(|asked| asked.body[name].clone()).collect::<Vec<_>>();
    assert_eq!(of("model"), ["m1", "m1", "m2"].map(Value::from));
    assert_eq!(of("temperature"), [0.0, 0.5, 0.0].map(Value::from));
    assert_eq!(material(&asked[0])["instructions"], json!(["films", "one film a row"]));
    let trace = expect(200, server.send("GET", &format!("/api/pipeline/{id}/trace")).await?)?.json()?;
    let calls = trace["llmCalls"].as_array().ok_or("calls")?;
    let phases: Vec<&Value> = calls.iter().map(|call| &call["phase"]).collect();
    assert_eq!(phases, ["explosion", "coalescence", "ontology"]);
    assert_eq!((&trace["totalTokens"], trace.get("note")), (&json!(30), None));
    let stream = expect(200, server.send("GET", &format!("/api/pipeline/{id}/stream?startIndex=8")).await?)?;
    assert_eq!((stream.label.as_str(), types(&ndjson(&stream.text)?).len()), ("computed", 2));
    Ok(())
}

#[tokio::test]
async fn what_a_model_proposes_is_checked_as_often_as_was_asked_for() -> Result {
    let chat = Chat::start(|asked| match asked.task().contains("design") {
        true => Say::json(json!({ "columns": [{ "name": "x", "from": ["nothing"] }] })),
        false => model(asked),
    })
    .await?;
    let server = Server::with(with(&chat)).await?;
    let mut body = run_body(rows());
    body["maxEvalRetries"] = json!(2);
    let (answer, id) = start(&server, body).await?;
    let events = ndjson(&answer.text)?;
    let last = events.last().ok_or("an event")?;
    assert_eq!(last["type"], "error");
    assert!(
        last["message"].to_string().contains("none of the model's 3 answers for `coalescence`"),
        "{last}"
    );
    assert_eq!(chat.asked().len(), 1 + 3);
    assert!(chat.asked()[3].last().contains("the table has no column"));
    assert_eq!(server.send("GET", "/data").await?.json()?, json!([]), "nothing is stored");
    let trace = server.send("GET", &format!("/api/pipeline/{id}/trace")).await?.json()?;
    assert_eq!((&trace["ended"], &trace["totalTokens"]), (&json!(true), &json!(40)));
    expect(409, server.send_json("POST", &format!("/api/pipeline/{id}/hook"), json!({})).await?)?;

    let chat = Chat::always(Say::Raw(500, "out of memory".to_owned())).await?;
    let server = Server::with(with(&chat)).await?;
    let events = ndjson(&start(&server, run_body(rows())).await?.0.text)?;
    let last = events.last().ok_or("an event")?;
    assert!(last["type"] == "error" && last["message"].to_string().contains("out of memory"), "{last}");
    Ok(())
}

#[tokio::test]
async fn a_model_may_ask_a_person_and_is_told_the_answer() -> Result {
    let chat = Chat::start(|asked| {
        let told = material(asked)["saidByAPerson"].as_array().map_or(0, Vec::len);
        match asked.task().contains("design") && told == 0 {
            true => Say::json(json!({ "clarification": "What is d?" })),
            false => model(asked),
        }
    })
    .await?;
    let server = Server::with(with(&chat)).await?;
    let mut body = run_body(rows());
    (body["enableHumanInTheLoop"], body["ontology"]) = (json!(true), json!(false));
    let (answer, id) = start(&server, body).await?;
    let first = ndjson(&answer.text)?;
    let question = first.last().ok_or("an event")?;
    assert_eq!((&question["kind"], &question["question"]), (&json!("clarification"), &json!("What is d?")));
    let (hook, mut seen) = (format!("/api/pipeline/{id}/hook"), first.len());
    let mut kinds = Vec::new();
    for answer in
        [json!({ "text": "the director" }), json!({ "approve": true, "columns": { "director": "by" } })]
    {
        expect(200, server.send_json("POST", &hook, answer).await?)?;
        let path = format!("/api/pipeline/{id}/stream?startIndex={seen}");
        let mut response = server.request("GET", &path)?.send().await?;
        let mut text = String::new();
        while !text.contains("emulator.question") && !text.contains("\"complete\"") {
            text.push_str(std::str::from_utf8(&response.chunk().await?.ok_or("it goes on")?)?);
        }
        let events = ndjson(&text)?;
        seen += events.len();
        kinds.push(events.last().ok_or("an event")?.clone());
    }
    assert_eq!(
        (&kinds[0]["kind"], &kinds[0]["columns"]),
        (&json!("schemaReview"), &json!(["director", "title"]))
    );
    assert_eq!(kinds[1]["type"], "complete");
    let asked = chat.asked();
    let said = json!([{ "question": "What is d?", "answer": { "text": "the director" } }]);
    assert_eq!(material(asked.last().ok_or("asked")?)["saidByAPerson"], said);
    assert_eq!(
        server.query("Ontology(pipeline_1).filter(by == Mann)").await?.json()?["metadata"]["count"],
        1
    );
    Ok(())
}

#[tokio::test]
async fn a_person_may_refuse_the_columns() -> Result {
    let server = Server::start().await?;
    let mut body = run_body(json!([{ "a": 1 }]));
    (body["enableHumanInTheLoop"], body["model"]) = (json!(true), json!(false));
    let (_, id) = start(&server, body).await?;
    expect(
        200,
        server.send_json("POST", &format!("/api/pipeline/{id}/hook"), json!({ "approve": false })).await?,
    )?;
    let events = ndjson(&server.send("GET", &format!("/api/pipeline/{id}/stream")).await?.text)?;
    assert_eq!(types(&events)[types(&events).len() - 2..], ["emulator.answered", "error"]);
    assert_eq!(server.send("GET", "/data").await?.json()?, json!([]));
    Ok(())
}

/// A token of its own, with its id.
async fn token(server: &Server) -> Result<(String, String)> {
    let made =
        expect(200, server.send_json("POST", "/user/token", json!({ "name": "short" })).await?)?.json()?;
    let text = |name: &str| made[name].as_str().map(str::to_owned).ok_or("a text");
    Ok((text("token")?, text("id")?))
}

#[tokio::test]
async fn a_run_whose_token_ends_asks_for_another() -> Result {
    let server = Server::start().await?;
    let (secret, id) = token(&server).await?;
    let mut body = run_body(json!([{ "a": 1 }]));
    body["enableHumanInTheLoop"] = json!(true);
    let url = format!("{}/api/pipeline", server.emulator.proxy_url());
    let started = server.http.post(url).bearer_auth(&secret).json(&body).send().await?;
    let started = expect(200, read(started).await?)?;
    let run = started.headers.get("x-workflow-run-id").ok_or("an id")?.to_str()?.to_owned();
    expect(204, server.send("DELETE", &format!("/user/token/{id}")).await?)?;
    let hook = format!("/api/pipeline/{run}/hook");
    expect(200, server.send_json("POST", &hook, json!({ "approve": true })).await?)?;
    let mut response = server.request("GET", &format!("/api/pipeline/{run}/stream"))?.send().await?;
    let mut text = String::new();
    while !text.contains("tokenRefresh") {
        text.push_str(std::str::from_utf8(&response.chunk().await?.ok_or("it waits")?)?);
    }
    assert_eq!(server.send("GET", "/data").await?.json()?, json!([]), "nothing is stored yet");
    expect(200, server.send_json("POST", &hook, json!({})).await?)?;
    while let Some(chunk) = response.chunk().await? {
        text.push_str(std::str::from_utf8(&chunk)?);
    }
    assert_eq!(types(&ndjson(&text)?).last(), Some(&"complete"));
    assert_eq!(server.row_count("cinema", "pipeline_1").await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_run_whose_token_ends_fails_where_nobody_is_asked() -> Result {
    let gate = Arc::new(Notify::new());
    let (held, text) = (Arc::clone(&gate), json!({ "explode": [] }).to_string());
    let chat = Chat::start(move |asked| match asked.task().contains("arrays") {
        true => Say::Told(Arc::clone(&held), text.clone()),
        false => Say::json(json!({ "columns": [] })),
    })
    .await?;
    let server = Server::with(with(&chat)).await?;
    let (secret, id) = token(&server).await?;
    let url = format!("{}/api/pipeline", server.emulator.proxy_url());
    let body = run_body(json!([{ "a": 1 }]));
    let started = server.http.post(url).bearer_auth(&secret).json(&body).send().await?;
    assert!(started.headers().contains_key("x-workflow-run-id"), "it is told before the model has answered");
    expect(204, server.send("DELETE", &format!("/user/token/{id}")).await?)?;
    gate.notify_one();
    let events = ndjson(&read(started).await?.text)?;
    let last = events.last().ok_or("an event")?;
    assert!(last["type"] == "error" && last["message"].to_string().contains("not valid any more"), "{last}");
    assert_eq!(server.send("GET", "/data").await?.json()?, json!([]));
    Ok(())
}

#[tokio::test]
async fn rows_may_lie_in_a_session_and_nowhere_else() -> Result {
    let server = Server::start().await?;
    let content = "a,b\n1,x\n2,y\n";
    let body = json!({ "filesToUpload": [{ "filename": "t.csv", "size": content.len() }] });
    let session = expect(200, server.send_json("POST", "/file-upload/prepare", body).await?)?.json()?;
    let file = &session["files"][0];
    let put = server
        .http
        .put(file["presignedUrls"][0]["url"].as_str().ok_or("a URL")?)
        .body(content)
        .send()
        .await?;
    let etag = put.headers().get("etag").ok_or("an ETag")?.to_str()?.trim_matches('"').to_owned();
    let list = format!("/file-upload/{}/files", session["sessionId"].as_str().ok_or("an id")?);
    let run = |field: &str, url: &str| {
        let mut body = run_body(Value::Null);
        body[field] = json!(url);
        (body["model"], body["ontology"]) = (json!(false), json!(false));
        server.send_json("POST", "/api/pipeline", body)
    };
    let place = format!("s3://emulator/{}", file["key"].as_str().ok_or("a key")?);
    let early = expect(422, run("dataUrl", &place).await?)?;
    assert!(early.problem()?.1.contains("no finished file"), "{}", early.text);
    let finish = format!(
        "/file-upload/{}/files/{}/finish",
        session["sessionId"].as_str().ok_or("an id")?,
        file["fileId"].as_str().ok_or("an id")?
    );
    let parts = json!({ "uploadId": file["uploadId"], "key": file["key"], "parts": [{ "partNumber": 1, "etag": etag }] });
    expect(200, server.send_json("POST", &finish, parts).await?)?;
    let listed = expect(200, server.send("GET", &list).await?)?.json()?;
    let listed = &listed["files"][0];
    assert_eq!(
        format!(
            "s3://{}/{}",
            listed["s3Bucket"].as_str().unwrap_or_default(),
            listed["s3Key"].as_str().unwrap_or_default()
        ),
        place
    );
    for field in ["dataUrl", "dataBlobUrl"] {
        let events = ndjson(&expect(200, run(field, &place).await?)?.text)?;
        assert_eq!(events.last().ok_or("an event")?["indexed"], 2);
        let (code, message) = expect(422, run(field, "https://example.org/x.json").await?)?.problem()?;
        assert!(
            code == "UNPROCESSABLE_ENTITY" && message.contains("contacts nothing") && message.contains(field),
            "{message}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn runs_are_replayed_from_cassettes() -> Result {
    let dir = tempfile::tempdir()?;
    let chat = Chat::start(model).await?;
    let recorder = Server::with(with(&chat).cassettes(dir.path(), Cassettes::Record)).await?;
    recorder.fill_cinema().await?;
    let (live, _) = start(&recorder, run_body(rows())).await?;
    drop((chat, recorder));
    let player =
        Server::with(Emulator::builder().cassettes(dir.path(), Cassettes::Replay).strict_answers()).await?;
    player.fill_cinema().await?;
    let (again, _) = start(&player, run_body(rows())).await?;
    assert_eq!((again.label.as_str(), &again.text), ("recorded", &live.text));
    let (missing, _) = start(&player, run_body(json!([{ "other": 1 }]))).await?;
    let events = ndjson(&missing.text)?;
    let last = events.last().ok_or("an event")?;
    assert!(last["type"] == "error" && last["message"].to_string().contains("no cassette"), "{last}");
    Ok(())
}
