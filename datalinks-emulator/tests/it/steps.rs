//! Inference steps over HTTP, by rule and with a model.

use std::time::Duration;

use datalinks_emulator::{Cassettes, Emulator, EmulatorBuilder};
use serde_json::{Value, json};

use crate::chat::{Asked, Chat, Say};
use crate::support::{Answer, Result, Server, expect};

fn with(chat: &Chat) -> EmulatorBuilder {
    Emulator::builder().model_url(&chat.url).strict_responses()
}

async fn preview(server: &Server, rows: Value, step: Value) -> Result<Answer> {
    server.send_json("POST", "/infer/preview", json!({ "data": rows, "infer": { "steps": [step] } })).await
}

/// Returns the input of the model as JSON.
fn material(asked: &Asked) -> Value {
    serde_json::from_str(asked.material()).unwrap_or_default()
}

#[tokio::test]
async fn rule_based_steps_are_labeled_and_rejected_by_a_strict_emulator() -> Result {
    let (server, strict) =
        (Server::start().await?, Server::with(Emulator::builder().strict_responses()).await?);
    for server in [&server, &strict] {
        server.fill("cinema", "films", json!([])).await?;
    }
    let rows = json!([{ "text": "Title: Alien; Year: 1979", "at": "48.1, 11.6" }]);
    // Free text in metadata columns has the mark, too, so that stored rows show it.
    for (step, marked) in [
        (json!({ "type": "table", "deriveFrom": "text" }), false),
        (json!({ "type": "normalise", "mode": "embeddings", "targetCols": { "place": "where" } }), true),
        (
            json!({ "type": "normalize", "mode": "field-by-field", "dataDescription": "films", "model": "m", "provider": "p" }),
            true,
        ),
        (json!({ "type": "validate", "mode": "regex", "columns": ["text"] }), false),
        (json!({ "type": "validate", "mode": "rows", "columns": ["none"] }), true),
        (json!({ "type": "reverseGeo" }), false),
        (json!({ "type": "namedEntities" }), true),
    ] {
        let answer = expect(200, preview(&server, rows.clone(), step.clone()).await?)?;
        assert_eq!(answer.label, "partly-scripted", "{step}");
        assert_eq!(answer.text.contains("[scripted by the emulator"), marked, "{answer:?}");
        let body = json!({ "data": rows, "infer": { "steps": [step] } });
        let stored = expect(200, server.send_json("POST", "/ingest/cinema/films", body.clone()).await?)?;
        assert_eq!((stored.label.as_str(), stored.json()?), ("partly-scripted", json!({ "indexed": 1 })));
        for path in ["/infer/preview", "/ingest/cinema/films"] {
            let refused = expect(501, strict.send_json("POST", path, body.clone()).await?)?;
            assert!(refused.problem()?.1.starts_with("infer.steps[0], a `"), "{}", refused.text);
        }
    }
    assert_eq!(strict.row_count("cinema", "films").await?, 0);
    let info = server.send("GET", "/data/self/cinema/films").await?.json()?;
    let columns = info["metadata"]["columnNames"].to_string();
    for column in ["Title", "at_latlong", "__valid", "__metadata_textToTable", "__metadata_normalize"] {
        assert!(columns.contains(&format!("\"{column}\"")), "{column}: {columns}");
    }
    Ok(())
}

#[tokio::test]
async fn reverse_geo_adds_one_column() -> Result {
    let server = Server::start().await?;
    server.fill("cinema", "halls", json!([{ "at": "48.1, 11.6" }])).await?;
    let rows = json!([{ "name": "Rex", "place": "(48.10004, -11.6)" }, { "place": "Rex" }]);
    let step = json!({ "type": "reverseGeo", "deriveFrom": "place" });
    let found = expect(200, preview(&server, rows.clone(), step.clone()).await?)?;
    assert_eq!(
        found.json()?,
        json!([
            { "name": "Rex", "place": "(48.10004, -11.6)", "place_latlong": "48.1000,-11.6000" },
            { "place": "Rex" },
        ])
    );
    // Links treat the new column as locations.
    let rows = json!([{ "place": "(48.1, 11.6)" }]);
    let link = json!({ "GeoMatch": { "targetColumns": ["place_latlong"] } });
    let body = json!({ "data": rows, "infer": { "steps": [step] }, "link": link });
    expect(201, server.send_json("POST", "/ingest/new/cinema/films", json!({})).await?)?;
    expect(200, server.send_json("POST", "/ingest/cinema/films", body).await?)?;
    let links = expect(200, server.send("GET", "/links/self/cinema/films").await?)?.json()?;
    assert_eq!(links.as_array().map(Vec::len), Some(1), "{links}");
    assert_eq!(
        (&links[0]["origin"], &links[0]["destination"], &links[0]["hits"]),
        (&json!("ri.ana.cinema.films.place_latlong"), &json!("ri.ana.cinema.halls.at"), &json!(1))
    );
    Ok(())
}

#[tokio::test]
async fn validate_keeps_all_rows_and_marks_which_passed() -> Result {
    let server = Server::start().await?;
    let rows = json!([{ "h": 21 }, { "h": "tall" }, { "h": 22 }, {}]);
    let step = |mode: &str| json!({ "type": "validate", "mode": mode, "columns": ["h"] });
    for (mode, valid) in [
        ("rows", [true, true, true, false]),
        ("fields", [true, false, true, false]),
        ("regex", [true, false, true, false]),
    ] {
        let found = expect(200, preview(&server, rows.clone(), step(mode)).await?)?.json()?;
        let found = found.as_array().ok_or("rows")?;
        assert_eq!(found.iter().map(|row| row["__valid"].clone()).collect::<Vec<_>>(), valid, "{mode}");
        for (row, sent) in found.iter().zip(rows.as_array().ok_or("rows")?) {
            assert_eq!(row.get("h"), sent.get("h"), "{mode}");
            assert_eq!(row.get("__metadata_validate").is_none(), row["__valid"] == true, "{mode}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn metadata_of_table_and_normalise_is_a_string() -> Result {
    let server = Server::start().await?;
    let row = json!([{ "text": "Title: Alien; Year: 1979" }]);
    let table = preview(&server, row, json!({ "type": "table", "deriveFrom": "text" })).await?;
    assert_eq!(expect(200, table)?.json()?[0]["__metadata_textToTable"], "Title -> Alien, Year -> 1979");
    let row = json!([{ "Title": "Alien", "note": " a  b" }, { "title": "Heat" }]);
    let step = json!({ "type": "normalise", "mode": "all-in-one", "targetCols": { "title": "its name" } });
    let found = expect(200, preview(&server, row, step).await?)?.json()?;
    let mark = "[scripted by the emulator, no model ran]";
    assert_eq!(
        found,
        json!([
            { "Title": "Alien", "note": "a b", "title": null, "__metadata_normalize": format!("{mark} added title, rewrote note") },
            { "title": "Heat", "__metadata_normalize": format!("{mark} changed nothing") },
        ])
    );
    Ok(())
}

#[tokio::test]
async fn table_calls_the_model_and_appends_its_columns() -> Result {
    let chat = Chat::always(Say::json(
        json!([{ "genus": "Quercus", "height": 21.50 }, { "genus": null, "text": "x" }]),
    ))
    .await?;
    let server = Server::with(with(&chat)).await?;
    server.fill("plants", "trees", json!([])).await?;
    let rows =
        json!([{ "id": 1, "text": "An oak, 21.5 m" }, { "id": 2, "text": "?" }, { "id": 3, "text": "" }]);
    let step = json!({ "type": "table", "deriveFrom": "text", "model": "m1", "helperPrompt": "one row each", "replaceOriginalColumn": true });
    let body = json!({ "data": rows, "infer": { "steps": [step] }, "schemaDefinition": { "genus": "tree genus" }, "additionalInstructions": "metric" });
    let stored = expect(200, server.send_json("POST", "/ingest/plants/trees", body).await?)?;
    assert_eq!((stored.label.as_str(), stored.json()?), ("computed", json!({ "indexed": 3 })));
    let query = json!({ "username": "self", "namespace": "plants", "query": "Ontology(trees)" });
    let found = server.send_json("POST", "/query", query).await?;
    let oak = r#"{"id":1,"genus":"Quercus","height":21.5,"__metadata_textToTable":"genus -> Quercus, height -> 21.5"}"#;
    assert!(found.text.contains(oak), "{}", found.text);
    let none = r#"{"id":2,"genus":null,"text":"x","__metadata_textToTable":"genus -> null, text -> x"}"#;
    assert!(found.text.contains(none), "{}", found.text);
    assert!(found.text.contains(r#"{"id":3,"text":""}"#), "nothing was made of nothing: {}", found.text);
    let asked = &chat.asked()[0];
    let given = material(asked);
    assert_eq!(given["texts"], json!(["An oak, 21.5 m", "?"]));
    assert_eq!((&given["instructions"], &asked.body["model"]), (&json!("one row each"), &json!("m1")));
    assert_eq!(
        given["about"],
        json!({ "schemaDefinition": { "genus": "tree genus" }, "additionalInstructions": "metric" })
    );
    Ok(())
}

#[tokio::test]
async fn later_ingests_give_the_model_the_definition() -> Result {
    let chat = Chat::always(Say::json(json!([{ "genus": "Acer" }]))).await?;
    let server = Server::with(with(&chat)).await?;
    let about = json!({ "dataDescription": "trees", "schemaDefinition": { "genus": "tree genus" } });
    expect(201, server.send_json("POST", "/ingest/new/plants/trees", about.clone()).await?)?;
    let body =
        json!({ "data": [{ "t": "x" }], "infer": { "steps": [{ "type": "table", "deriveFrom": "t" }] } });
    expect(200, server.send_json("POST", "/ingest/plants/trees", body).await?)?;
    assert_eq!(material(&chat.asked()[0])["about"], about);
    Ok(())
}

#[tokio::test]
async fn normalise_maps_columns_and_values_by_mode() -> Result {
    let chat = Chat::start(|asked| {
        let given = material(asked);
        if asked.task().contains("match the columns") {
            Say::json(json!({ "columns": { "genus": "g", "height": "h", "age": null } }))
        } else if let Some(rows) = given["rows"].as_array() {
            Say::json(
                rows.iter().map(|_| json!({ "genus": "Acer", "height": 2, "age": 9, "odd": 1 })).collect(),
            )
        } else {
            let values = given["values"].as_array().cloned().unwrap_or_default();
            Say::json(
                values.iter().map(|value| json!(format!("{}!", value.as_str().unwrap_or("?")))).collect(),
            )
        }
    })
    .await?;
    let server = Server::with(with(&chat)).await?;
    let rows = json!([{ "g": " acer ", "h": "two", "note": "n" }]);
    let out = async |mode: &str, changes: &str| -> Result<Value> {
        let step = json!({ "type": "normalise", "mode": mode, "targetCols": { "genus": "tree genus", "height": null, "age": "" } });
        let answer = expect(200, preview(&server, rows.clone(), step).await?)?;
        assert_eq!(answer.label, "computed");
        let mut row = answer.json()?[0].clone();
        let written = row.as_object_mut().ok_or("a row")?.remove("__metadata_normalize");
        assert_eq!(
            written,
            Some(json!(format!("renamed g to genus, renamed h to height, added age{changes}")))
        );
        Ok(row)
    };
    assert_eq!(
        out("embeddings", ", rewrote genus").await?,
        json!({ "genus": "acer", "height": "two", "note": "n", "age": null })
    );
    assert_eq!(chat.asked().len(), 1, "no value is asked");
    let rewritten = ", rewrote genus, rewrote height";
    assert_eq!(
        out("all-in-one", rewritten).await?,
        json!({ "genus": "Acer", "height": 2, "note": "n", "age": 9 })
    );
    assert_eq!(
        out("field-by-field", rewritten).await?,
        json!({ "genus": "acer!", "height": "two!", "note": "n", "age": null })
    );
    assert_eq!(chat.asked().len(), 1 + 2 + 3);
    Ok(())
}

#[tokio::test]
async fn validate_evaluates_patterns_of_the_model() -> Result {
    let chat = Chat::in_turn(vec![
        Say::json(json!({ "id": "[A-Z]-(" })),
        Say::json(json!({ "id": "[A-Z]-[0-9]+" })),
        Say::json(json!([[], ["id: is too small"], []])),
    ])
    .await?;
    let server = Server::with(with(&chat)).await?;
    let rows = json!([{ "id": "A-1" }, { "id": "xA-12" }, { "id": null }]);
    let step = |mode: &str| json!({ "type": "validate", "mode": mode, "columns": ["id"] });
    let by_pattern = expect(200, preview(&server, rows.clone(), step("regex")).await?)?;
    assert_eq!(
        by_pattern.json()?,
        json!([
            { "id": "A-1", "__valid": true },
            { "id": "xA-12", "__valid": false, "__metadata_validate": "id: does not match [A-Z]-[0-9]+" },
            { "id": null, "__valid": false, "__metadata_validate": "id: has no value" },
        ])
    );
    assert!(chat.asked()[1].last().contains("is not a valid pattern"), "{}", chat.asked()[1].last());
    let by_model = expect(200, preview(&server, rows, step("fields")).await?)?;
    assert_eq!(
        by_model.json()?,
        json!([
            { "id": "A-1", "__valid": true },
            { "id": "xA-12", "__valid": false, "__metadata_validate": "id: is too small" },
            { "id": null, "__valid": true },
        ])
    );
    assert_eq!(
        material(&chat.asked()[2])["rows"],
        json!([{ "id": "A-1" }, { "id": "xA-12" }, { "id": null }])
    );
    Ok(())
}

#[tokio::test]
async fn locations_and_names_of_the_model_are_validated() -> Result {
    let chat = Chat::in_turn(vec![
        Say::json(json!([null, { "latitude": 148.9, "longitude": 2.4 }])),
        Say::json(json!([null, { "latitude": 48.9, "longitude": 2.4 }])),
        Say::json(json!([[{ "text": "Paris", "type": "place" }, { "text": "Rome", "type": "place" }], []])),
    ])
    .await?;
    let server = Server::with(with(&chat)).await?;
    let rows =
        json!([{ "p": "Paris" }, { "p": "1, 2" }, { "p": "Nowhere" }, { "p": "Paris", "p_latlong": null }]);
    let found =
        expect(200, preview(&server, rows, json!({ "type": "reverseGeo", "deriveFrom": "p" })).await?)?
            .json()?;
    assert_eq!(
        found,
        json!([
            { "p": "Paris", "p_latlong": "48.9000,2.4000" },
            { "p": "1, 2", "p_latlong": "1.0000,2.0000" },
            { "p": "Nowhere" },
            { "p": "Paris", "p_latlong": null },
        ])
    );
    assert_eq!(
        material(&chat.asked()[0])["places"],
        json!(["Nowhere", "Paris"]),
        "each once, and none that is known"
    );
    assert!(chat.asked()[1].last().contains("not a valid position"));

    let rows = json!([{ "t": "To Paris", "n": 1 }, { "t": "no" }]);
    let found = expect(200, preview(&server, rows, json!({ "type": "namedEntities" })).await?)?.json()?;
    let names = |row: usize| found[row]["__metadata_namedEntities"]["entities"].clone();
    assert_eq!(
        names(0),
        json!([{ "text": "Paris", "type": "place", "column": "t" }]),
        "Rome is not in the row"
    );
    assert_eq!(names(1), json!([]));
    Ok(())
}

#[tokio::test]
async fn many_rows_are_sent_to_the_model_in_batches() -> Result {
    let chat = Chat::start(|asked| {
        let texts = material(asked)["texts"].as_array().cloned().unwrap_or_default();
        Say::json(texts.iter().map(|text| json!({ "copy": text })).collect())
    })
    .await?;
    let server = Server::with(with(&chat)).await?;
    let rows: Vec<Value> = (0..45).map(|n| json!({ "t": format!("text {n}") })).collect();
    let step = json!({ "type": "table", "deriveFrom": "t", "replaceOriginalColumn": true });
    let found = expect(200, preview(&server, json!(rows), step).await?)?.json()?;
    assert_eq!(chat.asked().len(), 3);
    for n in [0, 19, 20, 44] {
        assert_eq!(found[n]["copy"], format!("text {n}"));
    }
    Ok(())
}

#[tokio::test]
async fn failure_of_the_model_stores_nothing() -> Result {
    let step = json!({ "type": "table", "deriveFrom": "t" });
    let body = json!({ "data": [{ "t": "x" }, { "t": "y" }], "infer": { "steps": [step] }, "dataDescription": "new" });
    let short = Say::json(json!([{ "a": 1 }]));
    for (say, part) in [
        (Say::Raw(500, "out of memory".to_owned()), "out of memory"),
        (Say::Text("I cannot do this.".to_owned()), "none of the model's 2 replies for `table`"),
        (short, "2 items are expected, but there are 1"),
        (Say::Nothing, "sent no data for too long"),
    ] {
        // Only the silent model runs into the timeout, so that a busy machine does not delay the others.
        let patience = if matches!(say, Say::Nothing) { 50 } else { 60_000 };
        let chat = Chat::always(say).await?;
        let server = Server::with(with(&chat).model_idle_timeout(Duration::from_millis(patience))).await?;
        server.fill("cinema", "films", json!([])).await?;
        let (code, message) =
            expect(502, server.send_json("POST", "/ingest/cinema/films", body.clone()).await?)?.problem()?;
        assert!(code == "MODEL_FAILED" && message.contains(part), "{message}");
        let info = server.send("GET", "/data/self/cinema/films").await?;
        assert!(!info.text.contains("new"), "neither rows nor what was said about them: {}", info.text);
        assert_eq!(server.row_count("cinema", "films").await?, 0);
    }
    Ok(())
}

#[tokio::test]
async fn steps_are_replayed_from_cassettes() -> Result {
    let dir = tempfile::tempdir()?;
    let rows = json!([{ "t": "An oak, 21 m" }]);
    let step = json!({ "type": "table", "deriveFrom": "t" });
    let chat =
        Chat::in_turn(vec![Say::Text("hm".to_owned()), Say::json(json!([{ "genus": "Quercus" }]))]).await?;
    let recorder = Server::with(with(&chat).cassettes(dir.path(), Cassettes::Record)).await?;
    let live = expect(200, preview(&recorder, rows.clone(), step.clone()).await?)?;
    drop((chat, recorder));
    let replay = || Emulator::builder().cassettes(dir.path(), Cassettes::Replay).strict_responses();
    let player = Server::with(replay()).await?;
    let again = expect(200, preview(&player, rows.clone(), step.clone()).await?)?;
    assert_eq!(
        (again.label.as_str(), &again.text),
        ("recorded", &live.text),
        "the objection was recorded, too"
    );
    player.fill("plants", "trees", json!([])).await?;
    let body = json!({ "data": [{ "t": "An elm" }], "infer": { "steps": [step] } });
    let (code, message) =
        expect(500, player.send_json("POST", "/ingest/plants/trees", body).await?)?.problem()?;
    assert_eq!(code, "CASSETTE_MISSING");
    assert!(message.contains("for `table`") && message.contains(".json does not exist"), "{message}");
    assert_eq!(player.row_count("plants", "trees").await?, 0);
    Ok(())
}
