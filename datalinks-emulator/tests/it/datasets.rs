//! Datasets, rows and links over HTTP.

use crate::support::{Result, Server, expect};
use serde_json::json;

#[tokio::test]
async fn dataset_is_created_filled_read_and_deleted() -> Result {
    let server = Server::start().await?;
    let body = r#"{"dataDescription":"films","schemaDefinition":{"year":"when","title":"its name"}}"#;
    let created = expect(201, server.send_as_written("POST", "/ingest/new/cinema/films", body).await?)?;
    assert_eq!((created.text.as_str(), created.label.as_str()), ("", "computed"));
    let again = server.send_json("POST", "/ingest/new/cinema/films", json!({})).await?;
    assert_eq!(expect(409, again)?.problem()?.0, "CONFLICT");

    let rows = r#"{"data":[{"title":"Alien","director":"Scott"},{"title":"Heat","a":null}]}"#;
    let stored = expect(200, server.send_as_written("POST", "/ingest/cinema/films", rows).await?)?;
    assert_eq!(stored.json()?, json!({ "indexed": 2 }));

    let info = expect(200, server.send("GET", "/data/self/cinema/films").await?)?;
    let dataset = r#""dataset":{"name":"films","namespace":"cinema","owner":"ana","visibility":"Private"}"#;
    assert!(info.text.contains(dataset), "{}", info.text);
    // Columns and fields keep the order of the requests, so the comparison is by text.
    assert!(info.text.contains(r#""columnNames":["title","director","a"],"rowCount":2"#), "{}", info.text);
    assert!(info.text.contains(r#""schemaDefinition":{"year":"when","title":"its name"}"#), "{}", info.text);

    expect(200, server.send("POST", "/data/self/cinema/films/clear").await?)?;
    let info = server.send("GET", "/data/ana/cinema/films").await?.json()?;
    assert_eq!(info["metadata"]["rowCount"], 0);
    assert_eq!(info["metadata"]["columnNames"], json!([]));
    assert_eq!(info["metadata"]["dataDescription"], "films");

    expect(200, server.send("DELETE", "/data/self/cinema/films/balefire").await?)?;
    let gone = expect(404, server.send("GET", "/data/self/cinema/films").await?)?;
    assert!(gone.problem()?.1.contains("dataset cinema/films does not exist"));
    Ok(())
}

#[tokio::test]
async fn rows_are_ingested_into_existing_datasets_only() -> Result {
    let server = Server::start().await?;
    let missing = server.send_json("POST", "/ingest/cinema/films", json!({ "data": [] })).await?;
    assert_eq!(expect(404, missing)?.problem()?.0, "NOT_FOUND");
    server.fill("cinema", "films", json!([])).await?;
    // Paths are case sensitive.
    expect(404, server.send_json("POST", "/ingest/cinema/Films", json!({ "data": [] })).await?)?;
    Ok(())
}

#[tokio::test]
async fn rows_are_returned_unchanged() -> Result {
    let server = Server::start().await?;
    server.fill("cinema", "films", json!([])).await?;
    let rows = r#"[{"z":1.10,"a":{"y":[1,null],"b":"ü\n"},"big":12345678901234567890123},{"":"","a":true}]"#;
    let body = format!("{{\"data\": {rows}}}");
    let stored =
        crate::support::read(server.request("POST", "/ingest/cinema/films")?.body(body).send().await?)
            .await?;
    expect(200, stored)?;
    let found = expect(200, server.query("Ontology(films)").await?)?;
    assert!(found.text.starts_with(&format!("{{\"data\":{rows},")), "{}", found.text);
    Ok(())
}

#[tokio::test]
async fn errors_about_invalid_bodies_name_the_field() -> Result {
    let server = Server::start().await?;
    server.fill("cinema", "films", json!([])).await?;
    for (body, part) in [
        (json!([]), "must be a JSON object"),
        (json!({}), "data: is required"),
        (json!({ "data": {} }), "data: must be an array"),
        (json!({ "data": [{}, 1] }), "data[1]: must be an object"),
        (json!({ "data": [], "dataDescription": "x".repeat(10_001) }), "at most 10000"),
        (json!({ "data": [], "schemaDefinition": { "a": 1 } }), "schemaDefinition.a: must be a string"),
        (
            json!({ "data": [], "infer": { "steps": [{ "type": "magic" }] } }),
            "infer.steps[0].type: must be one of",
        ),
    ] {
        let answer = expect(400, server.send_json("POST", "/ingest/cinema/films", body).await?)?;
        let (code, message) = answer.problem()?;
        assert_eq!(code, "BAD_REQUEST");
        assert!(message.contains(part), "{message}");
        if !message.contains("must be a JSON object;") && !message.contains("wrap") {
            let sub = answer.json()?["sub_errors"][0]["message"].to_string();
            assert!(sub.contains(part), "{sub}");
        }
    }
    let broken = server.send_as_written("POST", "/ingest/cinema/films", "{\"data\": [").await?;
    assert!(expect(400, broken)?.problem()?.1.contains("not valid JSON"));
    assert_eq!(server.row_count("cinema", "films").await?, 0, "no row of a rejected body is stored");
    Ok(())
}

#[tokio::test]
async fn rows_steps_are_computed() -> Result {
    let server = Server::start().await?;
    server.fill("cinema", "films", json!([])).await?;
    let rows = |kind: &str| {
        json!({
            "data": [{ "id": 1, "films": [{ "title": "Alien" }, { "title": "Heat" }] }],
            "infer": { "steps": [{ "type": kind, "deriveFrom": "films" }] },
        })
    };
    let preview = expect(200, server.send_json("POST", "/infer/preview", rows("rows")).await?)?;
    assert_eq!(preview.label, "computed");
    assert_eq!(preview.json()?, json!([{ "id": 1, "title": "Alien" }, { "id": 1, "title": "Heat" }]));
    assert_eq!(server.row_count("cinema", "films").await?, 0);
    let stored = expect(200, server.send_json("POST", "/ingest/cinema/films", rows("rows")).await?)?;
    assert_eq!(stored.json()?["indexed"], 2);
    let harmless = json!({ "data": [], "link": null, "curate": false, "infer": { "steps": [] } });
    expect(200, server.send_json("POST", "/ingest/cinema/films", harmless).await?)?;
    Ok(())
}

#[tokio::test]
async fn datasets_and_namespaces_are_listed() -> Result {
    let server = Server::cinema().await?;
    server.fill("theatre", "plays", json!([])).await?;
    let names = |answer: crate::support::Answer| -> Result<Vec<String>> {
        let list = answer.json()?;
        let list = list.as_array().ok_or("a list")?.iter();
        Ok(list.map(|item| item["name"].as_str().unwrap_or_default().to_owned()).collect())
    };
    assert_eq!(names(server.send("GET", "/data").await?)?, ["films", "people", "plays"]);
    assert_eq!(names(server.send("GET", "/schema/datasets/all").await?)?, ["films", "people", "plays"]);
    assert_eq!(names(server.send("GET", "/data/cinema").await?)?, ["films", "people"]);
    assert_eq!(names(server.send("GET", "/schema/self/cinema/datasets").await?)?, ["films", "people"]);
    assert_eq!(server.send("GET", "/data/nothing").await?.json()?, json!([]));
    expect(404, server.send("GET", "/schema/self/nothing/datasets").await?)?;
    let namespaces = server.send("GET", "/schema/ana/namespaces").await?.json()?;
    assert_eq!(
        namespaces,
        json!([{ "name": "cinema", "owner": "ana" }, { "name": "theatre", "owner": "ana" }])
    );
    let path = "/data/self/cinema/balefire";
    let full = expect(409, server.send("DELETE", path).await?)?;
    assert!(full.problem()?.1.contains("has 2 datasets"));
    expect(409, server.send("DELETE", &format!("{path}?deleteDatasets=false")).await?)?;
    expect(400, server.send("DELETE", &format!("{path}?deleteDatasets=1")).await?)?;
    let twice = format!("{path}?deleteDatasets=true&deleteDatasets=false");
    expect(400, server.send("DELETE", &twice).await?)?;
    assert_eq!(server.row_count("cinema", "films").await?, 3);
    expect(200, server.send("DELETE", &format!("{path}?deleteDatasets=true")).await?)?;
    assert_eq!(names(server.send("GET", "/data").await?)?, ["plays"]);
    for flag in ["", "?deleteDatasets=true"] {
        expect(404, server.send("DELETE", &format!("{path}{flag}")).await?)?;
    }
    Ok(())
}

#[tokio::test]
async fn datasets_and_namespaces_are_renamed() -> Result {
    let server = Server::cinema().await?;
    expect(200, server.send_text("POST", "/data/self/cinema/films/rename", "neue Filme").await?)?;
    expect(409, server.send_text("POST", "/data/self/cinema/neue%20Filme/rename", "people").await?)?;
    expect(404, server.send_text("POST", "/data/self/cinema/films/rename", "x").await?)?;
    for bad in ["", "  ", "..", "a\\b", "a\nb"] {
        expect(400, server.send_text("POST", "/data/self/cinema/rename", bad).await?)?;
    }
    expect(200, server.send_text("POST", "/data/self/cinema/rename", "kino/1").await?)?;
    assert_eq!(server.row_count("kino%2F1", "neue%20Filme").await?, 3);
    let links = server.send("GET", "/links/self/kino%2F1/people").await?.json()?;
    assert_eq!(links[0]["origin"], "ri.ana.kino/1.neue Filme.director");
    Ok(())
}

#[tokio::test]
async fn definitions_are_saved() -> Result {
    let server = Server::cinema().await?;
    let path = "/data/self/cinema/films/inferDefinition";
    expect(201, server.send_json("PUT", path, json!({ "schemaDefinition": { "year": "when" } })).await?)?;
    expect(201, server.send_json("PUT", path, json!({ "dataDescription": "films" })).await?)?;
    let metadata = server.send("GET", "/data/self/cinema/films").await?.json()?["metadata"].clone();
    assert_eq!(metadata["schemaDefinition"], json!({ "year": "when" }));
    assert_eq!(metadata["dataDescription"], "films");
    let older = json!({ "dataDescription": "d", "fieldDefinition": "year: when" });
    expect(201, server.send_json("PUT", path, older).await?)?;
    let long = json!({ "dataDescription": "x".repeat(10_001) });
    expect(400, server.send_json("PUT", path, long).await?)?;
    expect(404, server.send_json("PUT", "/data/self/cinema/none/inferDefinition", json!({})).await?)?;

    let path = "/schema/self/cinema/films/sort-order";
    expect(200, server.send_json("PUT", path, json!({ "order": ["director", "title"] })).await?)?;
    let metadata = server.send("GET", "/data/self/cinema/films").await?.json()?["metadata"].clone();
    assert_eq!(metadata["columnNames"], json!(["director", "title", "year"]));
    expect(422, server.send_json("PUT", path, json!({ "order": ["nothing"] })).await?)?;
    expect(422, server.send_json("PUT", path, json!({ "order": ["title", "title"] })).await?)?;
    expect(422, server.send_json("PUT", path, json!({})).await?)?;
    Ok(())
}
