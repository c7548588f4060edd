//! Build specs.

use std::time::Duration;

use datalinks_emulator::Emulator;
use serde_json::{Value, json};

use crate::support::{Answer, Result, Server, expect, read};

fn at(dataset: &str) -> Value {
    json!({ "owner": "self", "namespace": "cinema", "datasetName": dataset })
}

fn spec(source: &str, destination: &str) -> Value {
    json!({ "sources": [at(source)], "destination": at(destination), "code": { "payload": "cHJpbnQoMSk=" } })
}

async fn as_bo(server: &Server, method: reqwest::Method, path: &str, body: &Value) -> Result<Answer> {
    let url = format!("{}{path}", server.emulator.api_url());
    read(server.http.request(method, url).bearer_auth("bo-key").json(body).send().await?).await
}

#[tokio::test]
async fn build_spec_has_versions() -> Result {
    let server = Server::cinema().await?;
    assert_eq!(expect(200, server.send("GET", "/build-specs").await?)?.json()?, json!({ "items": [] }));
    server.emulator.set_clock("2026-01-31T12:00:00Z".parse::<chrono::DateTime<chrono::Utc>>()?.into());
    let made = expect(201, server.send_json("POST", "/build-specs", spec("films", "people")).await?)?;
    assert_eq!(made.label, "computed");
    let made = made.json()?;
    let films = json!({ "owner": "ana", "namespace": "cinema", "datasetName": "films" });
    assert_eq!((&made["owner"], &made["version"]), (&json!("ana"), &json!(1)));
    assert_eq!((&made["sources"], &made["destination"]["datasetName"]), (&json!([films]), &json!("people")));
    assert_eq!(made["code"], json!({ "payload": "cHJpbnQoMSk=" }));
    let path = format!("/build-specs/{}", made["id"].as_str().ok_or("an id")?);
    assert_eq!(expect(200, server.send("GET", &path).await?)?.json()?, made);

    server.emulator.advance_clock(Duration::from_secs(60));
    let edited = expect(200, server.send_json("PUT", &path, spec("people", "films")).await?)?.json()?;
    assert_eq!((&edited["id"], &edited["version"]), (&made["id"], &json!(2)));
    assert_eq!(edited["createdAt"], "2026-01-31T12:00:00Z");
    assert_eq!(edited["updatedAt"], "2026-01-31T12:01:00Z");
    assert_eq!(edited["destination"]["datasetName"], "films");
    let list = expect(200, server.send("GET", "/build-specs").await?)?.json()?;
    assert_eq!(list, json!({ "items": [edited] }));

    expect(204, server.send("DELETE", &path).await?)?;
    for (method, body) in [("GET", Value::Null), ("PUT", spec("films", "people")), ("DELETE", Value::Null)] {
        expect(404, server.send_json(method, &path, body).await?)?;
    }
    expect(404, server.send("GET", "/build-specs/x").await?)?;
    Ok(())
}

#[tokio::test]
async fn build_specs_follow_renames() -> Result {
    let server = Server::with(Emulator::builder().username("ana").user("bo", "bo-key")).await?;
    server.fill_cinema().await?;
    server.fill("cinema", "seats", json!([{ "row": 1 }])).await?;
    server.fill("theatre", "films", json!([{ "row": 1 }])).await?;
    let share = json!({ "username": "bo", "role": "editor" });
    expect(200, server.send_json("POST", "/permissions/namespaces/self/cinema/shares", share).await?)?;
    let mut own = spec("films", "people");
    own["sources"] = json!([at("films"), at("seats"), at("films")]);
    own["sources"][2]["namespace"] = json!("theatre");
    let made = expect(201, server.send_json("POST", "/build-specs", own).await?)?.json()?;
    let mut theirs = spec("people", "films");
    for place in ["/sources/0/owner", "/destination/owner"] {
        *theirs.pointer_mut(place).ok_or(place)? = json!("ana");
    }
    expect(201, as_bo(&server, reqwest::Method::POST, "/build-specs", &theirs).await?)?;

    expect(200, server.send_text("POST", "/data/self/cinema/films/rename", "movies").await?)?;
    expect(409, server.send_text("POST", "/data/self/cinema/movies/rename", "people").await?)?;
    expect(200, server.send("DELETE", "/data/self/cinema/seats/balefire").await?)?;
    expect(200, server.send_text("POST", "/data/self/cinema/rename", "kino").await?)?;

    let named = |namespace: &str, dataset: &str| json!({ "owner": "ana", "namespace": namespace, "datasetName": dataset });
    let mut expected = made.clone();
    // A reference to a deleted dataset keeps its name, and so does one to the dataset of the same name in
    // another namespace.
    expected["sources"] =
        json!([named("kino", "movies"), named("cinema", "seats"), named("theatre", "films")]);
    expected["destination"] = named("kino", "people");
    let list = expect(200, server.send("GET", "/build-specs").await?)?.json()?;
    assert_eq!(list, json!({ "items": [expected] }), "neither version nor updatedAt changes");
    let theirs = as_bo(&server, reqwest::Method::GET, "/build-specs", &Value::Null).await?.json()?;
    assert_eq!(theirs["items"][0]["sources"], json!([named("kino", "people")]));
    assert_eq!(theirs["items"][0]["destination"], named("kino", "movies"));
    Ok(())
}

#[tokio::test]
async fn restricted_token_sees_only_build_specs_of_its_datasets() -> Result {
    let server = Server::cinema().await?;
    let within =
        expect(201, server.send_json("POST", "/build-specs", spec("films", "films")).await?)?.json()?;
    let beyond =
        expect(201, server.send_json("POST", "/build-specs", spec("people", "films")).await?)?.json()?;
    let films = json!({ "username": "self", "namespace": "cinema", "dataset": "films" });
    let restricted = json!({ "name": "films", "accessRestrictedTo": [films] });
    let token = expect(200, server.send_json("POST", "/user/token", restricted).await?)?.json()?;
    let token = token["token"].as_str().ok_or("a token")?;
    let get = async |path: &str| -> Result<Answer> {
        let url = format!("{}{path}", server.emulator.api_url());
        read(server.http.get(url).bearer_auth(token).send().await?).await
    };
    assert_eq!(expect(200, get("/build-specs").await?)?.json()?, json!({ "items": [within] }));
    expect(404, get(&format!("/build-specs/{}", beyond["id"].as_str().ok_or("an id")?)).await?)?;
    Ok(())
}

#[tokio::test]
async fn every_dataset_of_a_build_spec_must_be_accessible() -> Result {
    let server = Server::with(Emulator::builder().username("ana").user("bo", "bo-key")).await?;
    server.fill_cinema().await?;
    for missing in [spec("none", "people"), spec("films", "none")] {
        let problem = expect(404, server.send_json("POST", "/build-specs", missing).await?)?.problem()?;
        assert!(problem.1.contains("dataset cinema/none does not exist"), "{problem:?}");
    }
    let mut theirs = spec("films", "people");
    for place in ["/sources/0/owner", "/destination/owner"] {
        *theirs.pointer_mut(place).ok_or(place)? = json!("ana");
    }
    let create = async || as_bo(&server, reqwest::Method::POST, "/build-specs", &theirs).await;
    expect(404, create().await?)?;
    let share = |role: &str| json!({ "username": "bo", "role": role });
    let shares = "/permissions/namespaces/self/cinema/shares";
    expect(200, server.send_json("POST", shares, share("viewer")).await?)?;
    expect(403, create().await?)?;
    expect(200, server.send_json("POST", shares, share("editor")).await?)?;
    let made = expect(201, create().await?)?.json()?;
    assert_eq!(made["owner"], "bo");
    // A build spec belongs to its creator. Even the owner of its datasets cannot read it.
    let path = format!("/build-specs/{}", made["id"].as_str().ok_or("an id")?);
    expect(404, server.send("GET", &path).await?)?;
    expect(404, server.send("DELETE", &path).await?)?;
    assert_eq!(server.send("GET", "/build-specs").await?.json()?, json!({ "items": [] }));
    Ok(())
}

#[tokio::test]
async fn invalid_build_specs_are_rejected() -> Result {
    let server = Server::cinema().await?;
    let mut sourceless = spec("films", "people");
    sourceless["sources"] = json!([]);
    let mut codeless = spec("films", "people");
    codeless["code"] = json!({});
    for (body, place) in [(sourceless, "sources"), (codeless, "code.payload"), (json!({}), "destination")] {
        let answer = server.send_json("POST", "/build-specs", body).await?;
        assert!((400..500).contains(&answer.status), "{answer:?}");
        assert!(answer.text.contains(place), "{answer:?}");
    }
    Ok(())
}
