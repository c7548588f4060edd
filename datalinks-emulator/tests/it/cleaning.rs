//! The cleaning agent.

use datalinks_emulator::Emulator;
use serde_json::{Value, json};

use crate::support::{Answer, Result, Server, expect, read};

const PATH: &str = "/agents/self/cinema/films/requestCleaning";

fn body(output: &str) -> Value {
    json!({ "prompts": ["trim", "no blanks"], "outputNamespace": "clean", "outputDatasetName": output })
}

async fn server() -> Result<Server> {
    let server = Server::with(Emulator::builder().user("bo", "bo-key")).await?;
    server.fill("cinema", "films", json!([{ "title": " Alien ", "year": 1979, "note": " " }])).await?;
    Ok(server)
}

async fn as_bo(server: &Server, method: reqwest::Method, path: &str, body: &Value) -> Result<Answer> {
    let url = format!("{}{path}", server.emulator.api_url());
    read(server.http.request(method, url).bearer_auth("bo-key").json(body).send().await?).await
}

#[tokio::test]
async fn rows_are_cleaned_into_a_new_dataset() -> Result {
    let server = server().await?;
    let answer = expect(201, server.send_json("POST", PATH, body("films")).await?)?;
    assert_eq!(answer.label, "scripted");
    let query = json!({ "username": "self", "namespace": "clean", "query": "Ontology(clean/films)" });
    let found = expect(200, server.send_json("POST", "/query", query).await?)?.json()?;
    assert_eq!(found["data"], json!([{ "title": "Alien", "year": 1979, "note": null }]));
    assert_eq!(server.row_count("cinema", "films").await?, 1, "the rows stay where they are");

    let task = answer.json()?["cleaningTaskId"].as_str().ok_or("an id")?.to_owned();
    let code = expect(200, server.send("GET", &format!("/agents/cleaning/{task}/code")).await?)?.json()?;
    assert_eq!(code["files"][0]["name"], "clean.py");
    let content = code["files"][0]["content"].as_str().ok_or("code")?;
    assert!(content.starts_with("# [scripted by the emulator, no model ran]"), "{content}");
    assert!(content.contains("#   - \"no blanks\""), "{content}");
    let usage = server.send("GET", "/user/usage/history").await?.json()?;
    assert_eq!(usage["data"].as_array().map(Vec::len), Some(1));
    Ok(())
}

#[tokio::test]
async fn what_does_not_fit_changes_nothing() -> Result {
    let server = server().await?;
    expect(
        409,
        server
            .send_json(
                "POST",
                PATH,
                json!({ "prompts": ["x"], "outputNamespace": "cinema", "outputDatasetName": "films" }),
            )
            .await?,
    )?;
    for prompts in [json!([]), json!(vec!["x"; 11]), json!("x"), json!(null)] {
        let mut body = body("films");
        body["prompts"] = prompts;
        expect(422, server.send_json("POST", PATH, body).await?)?;
    }
    expect(422, server.send_json("POST", PATH, body(" ")).await?)?;
    expect(400, server.send_as_written("POST", PATH, "{\"prompts\":").await?)?;
    expect(404, server.send_json("POST", "/agents/self/cinema/none/requestCleaning", body("films")).await?)?;
    for task in ["4a1d6a7e-5a0f-4c39-a6c4-9be2f02c55d4", "x"] {
        expect(404, server.send("GET", &format!("/agents/cleaning/{task}/code")).await?)?;
    }
    let usage = server.send("GET", "/user/usage/history").await?.json()?;
    assert_eq!(usage["data"], json!([]));
    assert_eq!(server.send("GET", "/data/clean").await?.json()?, json!([]));

    let strict = Server::with(Emulator::builder().strict_responses()).await?;
    strict.fill("cinema", "films", json!([{ "title": " Alien " }])).await?;
    expect(501, strict.send_json("POST", PATH, body("films")).await?)?;
    assert_eq!(strict.send("GET", "/data/clean").await?.json()?, json!([]));
    Ok(())
}

#[tokio::test]
async fn readers_clean_into_what_is_theirs() -> Result {
    let server = server().await?;
    let path = "/agents/ana/cinema/films/requestCleaning";
    expect(404, as_bo(&server, reqwest::Method::POST, path, &body("films")).await?)?;
    let share = json!({ "username": "bo", "role": "viewer" });
    expect(200, server.send_json("POST", "/permissions/datasets/self/cinema/films/shares", share).await?)?;
    let begun = expect(201, as_bo(&server, reqwest::Method::POST, path, &body("films")).await?)?.json()?;
    let code = format!("/agents/cleaning/{}/code", begun["cleaningTaskId"].as_str().ok_or("an id")?);
    expect(404, server.send("GET", &code).await?)?;
    expect(200, as_bo(&server, reqwest::Method::GET, &code, &Value::Null).await?)?;
    expect(200, as_bo(&server, reqwest::Method::GET, "/data/self/clean/films", &Value::Null).await?)?;
    assert_eq!(server.send("GET", "/data/clean").await?.json()?, json!([]));
    Ok(())
}
