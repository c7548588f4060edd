//! Pipeline runs with a model and with people, over HTTP.

use std::sync::Arc;

use datalinks_emulator::{Cassettes, Emulator, EmulatorBuilder};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::chat::{Asked, Chat, Say};
use crate::support::{Answer, Result, Server, expect, ndjson, read, run_body, types};

fn with(chat: &Chat) -> EmulatorBuilder {
    Emulator::builder().model_url(&chat.url).strict_responses()
}

fn material(asked: &Asked) -> Value {
    serde_json::from_str(asked.material()).unwrap_or_default()
}

/// Films with irregular columns.
fn rows() -> Value {
    json!([{ "d": "Scott", "films": [{ "t": "Alien" }, { "Title": "Gladiator" }] }, { "d": "Mann", "films": [{ "t": "Heat" }] }])
}

/// Refines the prompt, expands the films, makes datasets of films and of directors, and links them.
fn model(asked: &Asked) -> Say {
    match phase(asked) {
        "prompt" => Say::json(json!({ "prompt": "films and who made them", "confidence": 90 })),
        "explosion" => Say::json(json!({ "explode": ["films"] })),
        "coalescence" => Say::json(json!({ "datasets": [
            { "name": "movies", "columns": [
                { "name": "title", "from": ["t", "Title"], "description": "the title of the film" },
                { "name": "director", "from": ["d"] },
            ] },
            { "name": "directors", "identifier": "name", "columns": [{ "name": "name", "from": ["d"] }] },
        ] })),
        "descriptions" => Say::json(json!({ "descriptions": { "movies": "films with their directors" } })),
        "evaluation" => Say::json(json!({ "approved": true, "reasons": "good" })),
        "extract" => Say::json(json!(vec![json!({ "era": "old" }); items(asked)])),
        "normalise" => Say::json(json!({ "datasets": [
            { "name": "movies", "columns": [{ "name": "title", "from": ["film"] }] },
        ] })),
        _ => Say::json(json!({ "links": [
            { "from": { "dataset": "cinema/movies", "column": "director" },
              "to": { "dataset": "cinema/people", "column": "name" } },
            { "from": { "dataset": "movies", "column": "title" }, "to": { "dataset": "films", "column": "title" } },
        ] })),
    }
}

fn items(asked: &Asked) -> usize {
    material(asked)["rows"].as_array().map_or(0, Vec::len)
}

/// Returns the phase of a request, by its task.
fn phase(asked: &Asked) -> &'static str {
    let tasks = [
        ("prepare the instructions", "prompt"),
        ("expand a table", "explosion"),
        ("design datasets", "coalescence"),
        ("describe datasets", "descriptions"),
        ("judge datasets", "evaluation"),
        ("derive new columns", "extract"),
        ("bring a table into datasets", "normalise"),
        ("find links", "ontology"),
    ];
    tasks.iter().find(|(task, _)| asked.task().contains(task)).map_or("unknown", |(_, phase)| phase)
}

fn phases(chat: &Chat) -> Vec<&'static str> {
    chat.asked().iter().map(phase).collect()
}

async fn data(server: &Server, query: &str) -> Result<Value> {
    Ok(expect(200, server.query(query).await?)?.json()?["data"].clone())
}

/// Returns the events of one type.
fn of_type<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["type"] == kind).collect()
}

async fn start(server: &Server, body: Value) -> Result<(Answer, String)> {
    let answer = expect(200, server.send_json("POST", "/api/pipeline", body).await?)?;
    let id = answer.headers.get("x-workflow-run-id").ok_or("no run id")?.to_str()?.to_owned();
    Ok((answer, id))
}

#[tokio::test]
async fn model_makes_several_linked_datasets() -> Result {
    let chat = Chat::start(model).await?;
    let server = Server::with(with(&chat)).await?;
    server.fill_cinema().await?;
    let mut body = run_body(rows());
    body["userPrompt"] = json!("films");
    body["explosionHelperPrompt"] = json!("one film a row");
    body["llm"] = json!({ "provider": "p", "model": "m1", "coalescenceTemperature": 0.5, "evaluationTemperature": 0.25 });
    body["datalinksInferenceSettings"] = json!({ "ontologyCurationModel": "m2" });
    let (answer, id) = start(&server, body).await?;
    assert_eq!(answer.label, "computed");
    assert!(!answer.text.contains("scripted"), "{}", answer.text);
    let events = ndjson(&answer.text)?;
    let expected = [
        "emulator.started",
        "emulator.received",
        "emulator.schemas",
        "emulator.prompt",
        "emulator.exploded",
        "emulator.coalesced",
        "emulator.described",
        "emulator.evaluated",
        "emulator.sampled",
        "emulator.schema",
        "emulator.ingesting",
        "emulator.ingested",
        "emulator.ontology",
        "complete",
    ];
    assert_eq!(types(&events), expected);
    assert_eq!(events[2]["datasets"], json!(["cinema/films", "cinema/people"]), "the base");
    assert_eq!((&events[4]["columns"], &events[4]["items"]), (&json!(["films"]), &json!({ "films": 3 })));
    let descriptions = json!({ "movies": "films with their directors", "directors": "directors" });
    assert_eq!(events[6]["descriptions"], descriptions, "the name has to do where nothing is said");
    assert_eq!(events[8]["samples"]["directors"], json!([{ "name": "Scott" }, { "name": "Mann" }]));
    assert_eq!(events[9]["datasets"][0]["columns"], json!({ "title": ["text"], "director": ["text"] }));
    let datasets = json!([{ "dataset": "movies", "rows": 3 }, { "dataset": "directors", "rows": 2 }]);
    assert_eq!((&events[13]["datasets"], &events[13]["indexed"]), (&datasets, &json!(5)));

    let query = "Ontology(movies).filter(title == Gladiator).searchAround().find(people)";
    assert_eq!(server.query(query).await?.json()?["data"], json!([{ "name": "Scott", "born": 1937 }]));
    let info = server.send("GET", "/data/self/cinema/movies").await?.json()?;
    assert_eq!(info["metadata"]["dataDescription"], "films with their directors");
    assert_eq!(info["metadata"]["schemaDefinition"], json!({ "title": "the title of the film" }));
    let info = server.send("GET", "/data/self/cinema/directors").await?.json()?;
    assert_eq!(info["metadata"]["dataDescription"], "directors");

    let added: Vec<(u64, String)> = events[12]["added"]
        .as_array()
        .ok_or("links")?
        .iter()
        .map(|own| (own["level"].as_u64().unwrap_or_default(), format!("{} {}", own["from"], own["to"])))
        .collect();
    let link =
        |level, from: &str, to: &str| (level, format!("\"ri.ana.cinema.{from}\" \"ri.ana.cinema.{to}\""));
    let mut expected = vec![
        link(1, "movies.title", "movies.title"),
        link(1, "movies.director", "movies.director"),
        link(1, "directors.name", "directors.name"),
        link(2, "movies.title", "films.title"),
        link(2, "movies.director", "films.director"),
        link(2, "directors.name", "people.name"),
        link(3, "movies.director", "people.name"),
    ];
    let mut added = added;
    added.sort();
    expected.sort();
    assert_eq!(added, expected);

    let asked = chat.asked();
    let of = |name: &str| asked.iter().map(|asked| asked.body[name].clone()).collect::<Vec<_>>();
    assert_eq!(of("model"), ["m1", "m1", "m1", "m1", "m1", "m2"].map(Value::from));
    assert_eq!(of("temperature"), [0.0, 0.0, 0.5, 0.0, 0.25, 0.0].map(Value::from));
    assert_eq!(material(&asked[0])["instructions"][0], "films");
    assert_eq!(material(&asked[0])["namespace"]["datasets"][0]["name"], "cinema/films");
    assert_eq!(material(&asked[1])["instructions"], json!(["films and who made them", "one film a row"]));
    let trace = expect(200, server.send("GET", &format!("/api/pipeline/{id}/trace")).await?)?.json()?;
    let calls = trace["llmCalls"].as_array().ok_or("calls")?;
    let named: Vec<&Value> = calls.iter().map(|call| &call["phase"]).collect();
    assert_eq!(named, ["prompt", "explosion", "coalescence", "descriptions", "evaluation", "ontology"]);
    for call in calls {
        let (input, output) = (call["inputTokens"].as_u64(), call["outputTokens"].as_u64());
        assert_eq!(input.zip(output).map(|(input, output)| input + output), Some(10), "{call}");
    }
    assert_eq!((&trace["totalTokens"], trace.get("note")), (&json!(60), None));
    let summary = &trace["summary"];
    let counts = ["modelCalls", "tokens", "datasets", "fields", "linksActivated"].map(|name| &summary[name]);
    assert_eq!(counts, [6, 60, 2, 3, 7].map(Value::from).each_ref());
    let steps: Vec<&Value> =
        trace["steps"].as_array().ok_or("steps")?.iter().map(|step| &step["name"]).collect();
    let names = [
        "start",
        "schemas",
        "prompt",
        "explosion",
        "coalescence",
        "descriptions",
        "evaluation",
        "preview",
        "ingestion",
        "ontology",
    ];
    assert_eq!(steps, names);
    assert_eq!(trace["evaluations"], 1);
    let stream = expect(200, server.send("GET", &format!("/api/pipeline/{id}/stream?startIndex=12")).await?)?;
    assert_eq!((stream.label.as_str(), types(&ndjson(&stream.text)?).len()), ("computed", 2));
    Ok(())
}

#[tokio::test]
async fn no_value_is_lost_or_duplicated() -> Result {
    let chat = Chat::start(|asked| match phase(asked) {
        // Omits a column of the rows and a column of the items.
        "coalescence" => Say::json(json!({ "datasets": [
            { "name": "movies", "columns": [{ "name": "title", "from": ["t", "Title"] }] },
            { "name": "directors", "identifier": "d", "columns": [{ "name": "d", "from": ["d"] }] },
        ] })),
        _ => model(asked),
    })
    .await?;
    let server = Server::with(with(&chat)).await?;
    let rows = json!([
        { "d": "Scott", "born": 1937, "films": [{ "t": "Alien", "year": 1979 }, { "t": "Alien", "year": 1979 }] },
        { "d": "Scott", "born": 1937, "films": [] },
        { "d": "Mann", "films": [{ "Title": "Heat" }] },
    ]);
    let mut body = run_body(rows);
    body["ontology"] = json!(false);
    let (answer, _) = start(&server, body).await?;
    assert_eq!(types(&ndjson(&answer.text)?).last(), Some(&"complete"), "{}", answer.text);
    let movies =
        json!([{ "title": "Alien", "year": 1979 }, { "title": "Alien", "year": 1979 }, { "title": "Heat" }]);
    assert_eq!(data(&server, "Ontology(movies)").await?, movies, "equal items stay apart");
    let directors = json!([{ "d": "Scott", "born": 1937 }, { "d": "Mann" }]);
    assert_eq!(data(&server, "Ontology(directors)").await?, directors, "an identifier names a thing once");
    Ok(())
}

#[tokio::test]
async fn proposals_are_evaluated_as_often_as_requested() -> Result {
    let proposals = [
        (
            json!([{ "name": "a", "columns": [{ "name": "x", "from": ["nothing"] }] }]),
            "no column \"nothing\"",
        ),
        (
            json!([{ "name": "a", "columns": [{ "name": "x", "from": [] }] }]),
            "needs a column that it comes from",
        ),
        (
            json!([{ "name": "a", "columns": [{ "name": "x", "from": ["d"] }] },
                   { "name": "b", "columns": [{ "name": "x", "from": ["d"] }] }]),
            "would be in several datasets",
        ),
        (json!([{ "name": "a", "columns": [{ "name": "x", "from": ["d", "t"] }] }]), "different values"),
    ];
    for (datasets, objection) in proposals {
        let chat = Chat::start(move |asked| match phase(asked) {
            "coalescence" => Say::json(json!({ "datasets": datasets })),
            _ => model(asked),
        })
        .await?;
        let server = Server::with(with(&chat)).await?;
        let mut body = run_body(rows());
        body["maxEvalRetries"] = json!(2);
        let (answer, id) = start(&server, body).await?;
        let events = ndjson(&answer.text)?;
        let last = events.last().ok_or("an event")?;
        assert_eq!((&last["type"], &last["retryable"]), (&json!("error"), &json!(false)));
        let message = last["message"].to_string();
        assert!(message.contains("none of the model's 3 replies for `coalescence`"), "{last}");
        assert_eq!(chat.asked().len(), 2 + 3);
        assert!(chat.asked()[4].last().contains(objection), "{}", chat.asked()[4].last());
        assert_eq!(server.send("GET", "/data").await?.json()?, json!([]), "nothing is stored");
        let trace = server.send("GET", &format!("/api/pipeline/{id}/trace")).await?.json()?;
        assert_eq!((&trace["ended"], &trace["totalTokens"]), (&json!(true), &json!(50)), "it is partial");
        assert_eq!(trace["steps"].as_array().map(Vec::len), Some(5));
        expect(409, server.send_json("POST", &format!("/api/pipeline/{id}/hook"), json!({})).await?)?;
    }
    let chat = Chat::start(|asked| match phase(asked) {
        "explosion" if asked.last().contains("no row has an array") => model(asked),
        "explosion" => Say::json(json!({ "explode": ["d"] })),
        _ => model(asked),
    })
    .await?;
    let server = Server::with(with(&chat)).await?;
    let (answer, _) = start(&server, run_body(rows())).await?;
    assert_eq!(phases(&chat)[..4], ["prompt", "explosion", "explosion", "coalescence"], "{}", answer.text);
    Ok(())
}

#[tokio::test]
async fn error_event_is_retryable_or_fatal() -> Result {
    for (say, kind) in [
        (Say::Raw(500, "out of memory".to_owned()), "retryable"),
        (Say::Raw(429, "slow down".to_owned()), "retryable"),
        (Say::Raw(401, "who?".to_owned()), "fatal"),
        (Say::Text("no JSON".to_owned()), "fatal"),
    ] {
        let chat = Chat::always(say).await?;
        let server = Server::with(with(&chat)).await?;
        let events = ndjson(&start(&server, run_body(rows())).await?.0.text)?;
        let last = events.last().ok_or("an event")?;
        assert_eq!((&last["type"], &last["kind"]), (&json!("error"), &json!(kind)), "{last}");
        assert_eq!(last["retryable"], kind == "retryable");
    }
    let dead = Emulator::builder().model_url("http://127.0.0.1:1/v1").strict_responses();
    let server = Server::with(dead).await?;
    let events = ndjson(&start(&server, run_body(rows())).await?.0.text)?;
    assert_eq!(events.last().ok_or("an event")?["kind"], "retryable", "nobody listens there");
    Ok(())
}

#[tokio::test]
async fn evaluation_sends_a_run_back_to_the_prompt() -> Result {
    for (retries, convinced, rounds) in [(0, false, 1), (2, false, 3), (3, true, 2)] {
        let chat = Chat::start(move |asked| match phase(asked) {
            "evaluation" => {
                let good = convinced && material(asked)["instructions"] == "better";
                Say::json(json!({ "approved": good, "reasons": "too few datasets" }))
            }
            "prompt" => {
                let objected = material(asked)["objections"] == "too few datasets";
                let prompt = if objected { "better" } else { "first" };
                Say::json(json!({ "prompt": prompt, "confidence": 100 }))
            }
            _ => model(asked),
        })
        .await?;
        let server = Server::with(with(&chat)).await?;
        let mut body = run_body(rows());
        (body["maxEvalRetries"], body["ontology"]) = (json!(retries), json!(false));
        let (answer, id) = start(&server, body).await?;
        let events = ndjson(&answer.text)?;
        assert_eq!(types(&events).last(), Some(&"complete"), "{}", answer.text);
        let evaluated = of_type(&events, "emulator.evaluated");
        assert_eq!(evaluated.len(), rounds, "{retries}");
        let last = evaluated.last().ok_or("one")?;
        assert_eq!((&last["approved"], &last["again"]), (&json!(convinced), &json!(false)));
        assert_eq!(phases(&chat).iter().filter(|phase| **phase == "prompt").count(), rounds);
        let trace = server.send("GET", &format!("/api/pipeline/{id}/trace")).await?.json()?;
        assert_eq!(trace["evaluations"], json!(rounds));
        assert_eq!(trace["summary"]["modelCalls"], json!(5 * rounds));
    }
    Ok(())
}

#[tokio::test]
async fn derived_columns_are_filled_for_all_rows() -> Result {
    let chat = Chat::start(|asked| match phase(asked) {
        "explosion" => Say::json(json!({ "derive": [{ "name": "era", "from": ["year"], "description": "old or new" }] })),
        "coalescence" => Say::json(json!({ "datasets": [
            { "name": "movies", "columns": [{ "name": "age", "from": ["era"] }, { "name": "year", "from": ["year"] }] },
        ] })),
        _ => model(asked),
    })
    .await?;
    let server = Server::with(with(&chat)).await?;
    let years: Vec<Value> = (0..25).map(|year| json!({ "year": year })).collect();
    let mut body = run_body(json!(years));
    (body["maxSampleRows"], body["maxRowsForModeling"], body["ontology"]) =
        (json!(2), json!(3), json!(false));
    body["datalinksInferenceSettings"] = json!({ "model": "m3" });
    let (answer, _) = start(&server, body).await?;
    let events = ndjson(&answer.text)?;
    assert_eq!(of_type(&events, "emulator.exploded")[0]["derived"], json!(["era"]));
    let samples = json!([{ "year": 0, "age": "old" }, { "year": 1, "age": "old" }]);
    assert_eq!(of_type(&events, "emulator.sampled")[0]["samples"]["movies"], samples);
    let asked = chat.asked();
    let extracted: Vec<&Asked> = asked.iter().filter(|asked| phase(asked) == "extract").collect();
    assert_eq!(
        extracted.iter().map(|asked| items(asked)).collect::<Vec<_>>(),
        [2, 20, 5],
        "a sample, then all"
    );
    assert!(extracted.iter().all(|asked| asked.body["model"] == "m3"));
    assert_eq!(material(&asked[0])["firstRows"].as_array().map(Vec::len), Some(3), "only modeling samples");
    assert_eq!(server.query("Ontology(movies).filter(age == old)").await?.json()?["metadata"]["count"], 25);
    Ok(())
}

#[tokio::test]
async fn predefined_datasets_are_filled_by_a_model_without_modeling() -> Result {
    let chat = Chat::start(model).await?;
    let server = Server::with(with(&chat)).await?;
    let mut body = run_body(json!([{ "film": "Alien", "note": 1 }]));
    (body["model"], body["ontology"]) = (json!(false), json!(false));
    body["predefinedSchema"] = json!([{ "name": "movies", "fields": { "title": "its name", "year": "" } }]);
    let (answer, _) = start(&server, body).await?;
    assert_eq!(answer.label, "computed");
    assert_eq!(phases(&chat), ["normalise"]);
    let events = ndjson(&answer.text)?;
    assert_eq!(of_type(&events, "emulator.sampled").len(), 0, "it goes straight to ingestion");
    let data = server.query("Ontology(movies)").await?.json()?["data"].clone();
    assert_eq!(data, json!([{ "title": "Alien", "note": 1, "year": null }]));
    Ok(())
}

/// Reads the stream of a run from an event on, until the run asks a question or ends.
async fn read_on(server: &Server, id: &str, from: usize) -> Result<Vec<Value>> {
    let mut response =
        server.request("GET", &format!("/api/pipeline/{id}/stream?startIndex={from}"))?.send().await?;
    let mut text = String::new();
    while !text.contains("emulator.question") && !text.contains("\"complete\"") && !text.contains("\"error\"")
    {
        text.push_str(std::str::from_utf8(&response.chunk().await?.ok_or("it goes on")?)?);
    }
    ndjson(&text)
}

#[tokio::test]
async fn low_confidence_asks_a_person() -> Result {
    for (confidence, human, asks) in
        [(json!(60), true, true), (json!(60.5), true, false), (json!(60), false, false)]
    {
        let chat = Chat::start(move |asked| match phase(asked) {
            "prompt" if material(asked)["saidByAPerson"] == json!([]) => {
                Say::json(json!({ "prompt": "films", "confidence": confidence, "question": "What is d?" }))
            }
            _ => model(asked),
        })
        .await?;
        let server = Server::with(with(&chat)).await?;
        let mut body = run_body(rows());
        (body["enableHumanInTheLoop"], body["ontology"]) = (json!(human), json!(false));
        let (answer, id) = start(&server, body).await?;
        let first = ndjson(&answer.text)?;
        let question = first.last().ok_or("an event")?;
        if !human {
            assert_eq!(question["type"], "complete", "it runs through");
            continue;
        }
        let kind = if asks { "clarification" } else { "schemaReview" };
        assert_eq!(question["kind"], kind);
        if !asks {
            continue;
        }
        assert_eq!(question["question"], "What is d?");
        let hook = format!("/api/pipeline/{id}/hook");
        expect(200, server.send_json("POST", &hook, json!({ "text": "the director" })).await?)?;
        let second = read_on(&server, &id, first.len()).await?;
        let review = second.last().ok_or("an event")?;
        let datasets = json!([
            { "name": "movies", "columns": ["title", "director"] },
            { "name": "directors", "columns": ["name"] },
        ]);
        assert_eq!((&review["kind"], &review["datasets"]), (&json!("schemaReview"), &datasets));
        let edit =
            json!({ "approve": true, "columns": { "director": "by" }, "datasets": { "movies": "works" } });
        expect(200, server.send_json("POST", &hook, edit).await?)?;
        let third = read_on(&server, &id, first.len() + second.len()).await?;
        assert_eq!(types(&third).last(), Some(&"complete"));
        let said = json!([{ "question": "What is d?", "answer": { "text": "the director" } }]);
        let prompts: Vec<Asked> = chat.asked().into_iter().filter(|asked| phase(asked) == "prompt").collect();
        assert_eq!(material(prompts.last().ok_or("asked")?)["saidByAPerson"], said);
        assert_eq!(server.query("Ontology(works).filter(by == Mann)").await?.json()?["metadata"]["count"], 1);
    }
    Ok(())
}

#[tokio::test]
async fn waiting_run_survives_restarts() -> Result {
    let folder = tempfile::tempdir()?;
    let chat = Chat::start(|asked| match phase(asked) {
        "prompt" if material(asked)["saidByAPerson"] == json!([]) => {
            Say::json(json!({ "prompt": "films", "confidence": 10 }))
        }
        "ontology" => Say::json(json!({ "links": [] })),
        _ => model(asked),
    })
    .await?;
    let builder = || with(&chat).data_dir(folder.path());
    let server = Server::with(builder()).await?;
    let mut body = run_body(rows());
    body["enableHumanInTheLoop"] = json!(true);
    let (answer, id) = start(&server, body).await?;
    let mut seen = ndjson(&answer.text)?;
    let hook = format!("/api/pipeline/{id}/hook");
    let mut server = server;
    for _ in 0..2 {
        server.emulator.shutdown().await;
        server = Server::with(builder()).await?;
        expect(200, server.send_json("POST", &hook, json!({})).await?)?;
        seen.extend(read_on(&server, &id, seen.len()).await?);
    }
    assert_eq!(types(&seen).last(), Some(&"complete"));
    assert_eq!(server.row_count("cinema", "movies").await?, 3);
    let state = server.emulator.export()?;
    server.emulator.shutdown().await;
    let server = Server::with(builder()).await?;
    assert!(server.emulator.export()? == state, "what was kept is what was there");
    let trace = server.send("GET", &format!("/api/pipeline/{id}/trace")).await?.json()?;
    assert_eq!((&trace["ended"], &trace["summary"]["datasets"]), (&json!(true), &json!(2)));
    let own = server.send("GET", "/links/self/cinema/movies").await?;
    assert!(own.text.contains("ri.ana.cinema.movies.title"), "links to itself are kept: {}", own.text);
    Ok(())
}

#[tokio::test]
async fn person_may_reject_the_columns() -> Result {
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

/// Creates a separate token and returns it with its id.
async fn token(server: &Server) -> Result<(String, String)> {
    let made =
        expect(200, server.send_json("POST", "/user/token", json!({ "name": "short" })).await?)?.json()?;
    let text = |name: &str| made[name].as_str().map(str::to_owned).ok_or("a text");
    Ok((text("token")?, text("id")?))
}

#[tokio::test]
async fn run_with_an_expired_token_asks_for_another() -> Result {
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
async fn run_with_an_expired_token_fails_without_a_person() -> Result {
    let gate = Arc::new(Notify::new());
    let (held, text) = (Arc::clone(&gate), json!({ "prompt": "x", "confidence": 90 }).to_string());
    let chat = Chat::start(move |asked| match phase(asked) == "prompt" {
        true => Say::Gated(Arc::clone(&held), text.clone()),
        // These rows have nothing to expand.
        false => match phase(asked) {
            "explosion" => Say::json(json!({ "explode": [] })),
            "coalescence" => Say::json(json!({ "datasets": [] })),
            _ => model(asked),
        },
    })
    .await?;
    let server = Server::with(with(&chat)).await?;
    let (secret, id) = token(&server).await?;
    let url = format!("{}/api/pipeline", server.emulator.proxy_url());
    let body = run_body(json!([{ "a": 1 }]));
    let started = server.http.post(url).bearer_auth(&secret).json(&body).send().await?;
    assert!(
        started.headers().contains_key("x-workflow-run-id"),
        "the id is returned before the model responds"
    );
    expect(204, server.send("DELETE", &format!("/user/token/{id}")).await?)?;
    gate.notify_one();
    let events = ndjson(&read(started).await?.text)?;
    let last = events.last().ok_or("an event")?;
    assert!(last["type"] == "error" && last["message"].to_string().contains("no longer valid"), "{last}");
    assert_eq!(server.send("GET", "/data").await?.json()?, json!([]));
    Ok(())
}

#[tokio::test]
async fn rows_are_read_from_upload_sessions_only() -> Result {
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
            code == "UNPROCESSABLE_ENTITY"
                && message.contains("makes no network requests")
                && message.contains(field),
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
        Server::with(Emulator::builder().cassettes(dir.path(), Cassettes::Replay).strict_responses()).await?;
    player.fill_cinema().await?;
    let (again, _) = start(&player, run_body(rows())).await?;
    assert_eq!((again.label.as_str(), &again.text), ("recorded", &live.text));
    let (missing, _) = start(&player, run_body(json!([{ "other": 1 }]))).await?;
    let events = ndjson(&missing.text)?;
    let last = events.last().ok_or("an event")?;
    assert!(last["type"] == "error" && last["message"].to_string().contains("no cassette"), "{last}");
    Ok(())
}
