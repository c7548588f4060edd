//! Values without a parsed form, wherever people or models see rows.
//!
//! Values of rows are stored as the JSON text that was sent. A number such as `1e999`, half of a surrogate pair
//! and deep nesting are valid JSON that `serde_json::Value` cannot represent.

use datalinks_emulator::Emulator;
use serde_json::{Value, json};

use crate::chat::{Asked, Chat, Say};
use crate::support::{Answer, Result, Server, expect};

/// A row with every such value, and with digits and an order that parsing would change.
fn row() -> String {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    format!(
        r#"{{"z":1.10,"long":123456789012345678901234567890,"far":1e999,"half":["\ud800"],"nested":{{"y":1,"b":2}},"deep":{deep}}}"#
    )
}

/// The row in a catalog, which shortens long values.
fn shown_in_catalog() -> String {
    let (row, short) = (row(), "[".repeat(200));
    let (before, _) = row.split_once(&short).unwrap_or_default();
    format!("{before}\"{short}…\"}}")
}

async fn run(server: &Server, switches: &str) -> Result<Answer> {
    let body = format!(
        r#"{{"datalinksUsername":"self","namespace":"cinema",{switches},"maxEvalRetries":0,"maxRowsForModeling":5,
            "maxSampleRows":5,"enableHumanInTheLoop":false,"data":[{}]}}"#,
        row()
    );
    expect(200, server.send_as_written("POST", "/api/pipeline", &body).await?)
}

async fn is_alive(server: &Server) -> Result {
    expect(200, server.send("GET", "/data/self").await?)?;
    Ok(())
}

/// Responds to every phase so that the columns stay in one dataset.
fn model(asked: &Asked) -> Say {
    let answers = [
        ("prepare the instructions", json!({ "prompt": "all of it", "confidence": 100 })),
        ("expand a table", json!({ "derive": [{ "name": "era", "from": ["z"] }] })),
        ("design datasets", json!({ "datasets": [] })),
        ("describe datasets", json!({ "descriptions": {} })),
        ("judge datasets", json!({ "approved": true })),
        ("derive new columns", json!([{ "era": "old" }])),
        ("find links", json!({ "links": [] })),
        ("You plan how", json!({ "steps": ["find it"] })),
        ("You write", json!({ "query": "Ontology(films)" })),
        ("You answer", json!({ "response": "found" })),
        (
            "describe the columns",
            json!({ "schema": { "z": "", "long": "", "far": "", "half": "", "nested": "", "deep": "" } }),
        ),
        ("You check", json!([[]])),
        ("match the columns", json!({ "columns": { "z": "z" } })),
        ("bring the rows", json!([{ "z": 1 }])),
        ("bring the values", json!([1])),
    ];
    let answer = answers.into_iter().find(|(task, _)| asked.task().contains(task));
    Say::json(answer.map_or(Value::Null, |(_, answer)| answer))
}

/// Returns every prompt with this task, in the order of arrival.
fn materials(chat: &Chat, task: &str) -> Vec<String> {
    let asked = chat.asked().into_iter().filter(|asked| asked.task().contains(task));
    asked.map(|asked| asked.material().to_owned()).collect()
}

async fn store_row(server: &Server) -> Result {
    expect(201, server.send_json("POST", "/ingest/new/cinema/films", json!({})).await?)?;
    let body = format!(r#"{{"data":[{}]}}"#, row());
    expect(200, server.send_as_written("POST", "/ingest/cinema/films", &body).await?)?;
    Ok(())
}

#[tokio::test]
async fn preview_returns_values_as_sent() -> Result {
    let server = Server::start().await?;
    let answer = run(&server, r#""model":true,"ingest":false,"ontology":false"#).await?;
    assert!(answer.text.contains(&format!(r#""samples":{{"pipeline_1":[{}]}}"#, row())), "{}", answer.text);
    assert!(answer.text.contains(r#""type":"complete""#), "{}", answer.text);
    is_alive(&server).await
}

#[tokio::test]
async fn every_phase_of_a_run_gives_the_model_values_as_sent() -> Result {
    let chat = Chat::start(model).await?;
    let server = Server::with(Emulator::builder().model_url(&chat.url)).await?;
    store_row(&server).await?;
    let answer = run(&server, r#""model":true,"ingest":true,"ontology":true"#).await?;
    assert!(answer.text.contains(r#""type":"complete""#), "{}", answer.text);
    for task in ["prepare the instructions", "expand a table", "derive new columns"] {
        let materials = materials(&chat, task);
        assert!(!materials.is_empty(), "{task}");
        assert!(materials.iter().all(|material| material.contains(&row())), "{task}: {materials:?}");
    }
    let with_new_column = |value: &str| row().replace(r#"]]}"#, &format!(r#"]],"era":{value}}}"#));
    for task in ["design datasets", "describe datasets", "judge datasets"] {
        let materials = materials(&chat, task);
        assert!(!materials.is_empty(), "{task}");
        let shown = with_new_column("null");
        assert!(materials.iter().all(|material| material.contains(&shown)), "{task}: {materials:?}");
    }
    for task in ["prepare the instructions", "find links"] {
        let materials = materials(&chat, task);
        assert!(materials[0].contains(&shown_in_catalog()), "{task}: {materials:?}");
    }
    assert!(answer.text.contains(&with_new_column("\"old\"")), "{}", answer.text);
    is_alive(&server).await
}

#[tokio::test]
async fn run_with_raw_values_survives_a_restart() -> Result {
    let chat = Chat::start(model).await?;
    let folder = tempfile::tempdir()?;
    let start = || Server::with(Emulator::builder().model_url(&chat.url).data_dir(folder.path()));
    let server = start().await?;
    store_row(&server).await?;
    let answer = run(&server, r#""model":true,"ingest":true,"ontology":true"#).await?;
    let id = answer.headers.get("x-workflow-run-id").ok_or("no run id")?.to_str()?.to_owned();
    server.emulator.shutdown().await;
    let server = start().await?;
    let events = expect(200, server.send("GET", &format!("/api/pipeline/{id}/stream")).await?)?;
    assert_eq!(events.text, answer.text);
    assert!(events.text.contains(r#""far":1e999,"half":["\ud800"]"#), "{}", events.text);
    Ok(())
}

#[tokio::test]
async fn agent_gives_the_model_values_as_sent() -> Result {
    let chat = Chat::start(model).await?;
    let server = Server::with(Emulator::builder().model_url(&chat.url).checkpoints(true)).await?;
    store_row(&server).await?;
    let context = r#"{"turns":[{"text":"Films.","role":"user"}]}"#;
    let body = format!(
        r#"{{"username":"self","namespace":"cinema","query":"What is there?","callerContext":{context}}}"#
    );
    let answer = expect(200, server.send_as_written("POST", "/query/ask", &body).await?)?;
    assert!(answer.text.contains("event: answer\n"), "{}", answer.text);
    for task in ["You plan how", "You write"] {
        let materials = materials(&chat, task);
        assert!(materials[0].contains(&shown_in_catalog()), "{task}: {materials:?}");
        assert!(materials[0].contains(context), "{task}: {materials:?}");
    }
    let found = materials(&chat, "You answer");
    let rows = row();
    assert!(found[0].contains(rows.trim_end_matches('}')), "{found:?}");

    let body =
        r#"{"username":"self","namespace":"cinema","query":"","naturalLanguageQuery":"What is there?"}"#;
    expect(200, server.send_as_written("POST", "/query", body).await?)?;
    let single = materials(&chat, "query that answers");
    assert!(single[0].contains(&shown_in_catalog()), "{single:?}");
    is_alive(&server).await
}

#[tokio::test]
async fn sample_is_given_to_the_model_as_sent() -> Result {
    let chat = Chat::start(model).await?;
    let (rule, model) =
        (Server::start().await?, Server::with(Emulator::builder().model_url(&chat.url)).await?);
    let body = format!(r#"{{"sample":[{}]}}"#, row());
    for server in [&rule, &model] {
        expect(200, server.send_as_written("POST", "/infer/schema", &body).await?)?;
    }
    let shown = materials(&chat, "describe the columns");
    assert!(shown[0].contains(&format!(r#""rows":[{}]"#, row())), "{shown:?}");
    Ok(())
}

#[tokio::test]
async fn steps_give_the_model_values_as_sent() -> Result {
    let chat = Chat::start(model).await?;
    let server = Server::with(Emulator::builder().model_url(&chat.url)).await?;
    let columns = r#"["z","long","far","half","nested","deep"]"#;
    let validate = |mode: &str| format!(r#"{{"type":"validate","mode":"{mode}","columns":{columns}}}"#);
    let normalise =
        |mode: &str| format!(r#"{{"type":"normalise","mode":"{mode}","targetCols":{{"z":"a number"}}}}"#);
    for step in [validate("rows"), validate("fields"), normalise("all-in-one"), normalise("field-by-field")] {
        let body = format!(r#"{{"data":[{}],"infer":{{"steps":[{step}]}}}}"#, row());
        expect(200, server.send_as_written("POST", "/infer/preview", &body).await?)?;
    }
    for task in ["You check rows", "You check the values", "match the columns", "bring the rows"] {
        let materials = materials(&chat, task);
        assert!(materials[0].contains(&row()), "{task}: {materials:?}");
    }
    assert!(materials(&chat, "bring the values")[0].contains("[1.10]"));
    is_alive(&server).await
}
