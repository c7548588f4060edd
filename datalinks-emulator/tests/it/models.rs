//! The emulator with a model, over HTTP.

use std::time::Duration;

use datalinks_emulator::{Cassettes, Emulator, EmulatorBuilder, EmulatorError, ModelSetupError};
use serde_json::{Value, json};

use crate::chat::{Chat, Say};
use crate::support::{Answer, Result, Server, expect};

fn with(chat: &Chat) -> EmulatorBuilder {
    Emulator::builder().model_url(&chat.url)
}

async fn describe(server: &Server) -> Result<Answer> {
    let body = json!({ "sample": [{ "genus": "Acer" }], "model": "m1", "provider": "p" });
    server.send_json("POST", "/infer/description", body).await
}

#[tokio::test]
async fn suggestions_come_from_a_rule_or_from_the_model() -> Result {
    let rule = Server::start().await?;
    let answer = expect(200, describe(&rule).await?)?;
    assert_eq!(answer.label, "scripted");
    assert!(answer.json()?["description"].as_str().ok_or("a text")?.starts_with("[scripted by the emulator"));
    let body =
        json!({ "sample": [{ "genus": "Acer" }], "currentValue": { "schema": { "genus": "the genus" } } });
    let answer = expect(200, rule.send_json("POST", "/infer/schema", body.clone()).await?)?;
    assert_eq!(
        (answer.label.as_str(), answer.json()?),
        ("scripted", json!({ "schema": { "genus": "the genus" } }))
    );

    let chat = Chat::start(|asked| match asked.task().contains("columns") {
        true => Say::json(json!({ "schema": { "genus": "a tree's genus", "made up": "x" } })),
        false => Say::json(json!({ "description": "Trees." })),
    })
    .await?;
    let model = Server::with(with(&chat).model_key("sesame").strict()).await?;
    let answer = expect(200, describe(&model).await?)?;
    assert_eq!((answer.label.as_str(), answer.json()?), ("computed", json!({ "description": "Trees." })));
    let answer = expect(200, model.send_json("POST", "/infer/schema", body).await?)?;
    assert_eq!(
        answer.json()?,
        json!({ "schema": { "genus": "a tree's genus" } }),
        "no columns but the sample's"
    );
    let asked = &chat.asked()[0];
    assert_eq!((asked.path.as_str(), asked.key.as_deref()), ("/v1/chat/completions", Some("Bearer sesame")));
    assert_eq!((&asked.body["model"], &asked.body["stream"]), (&json!("m1"), &json!(false)));
    assert!(asked.material().contains(r#"[{"genus":"Acer"}]"#), "{}", asked.material());
    Ok(())
}

#[tokio::test]
async fn strict_emulator_without_a_model_suggests_nothing() -> Result {
    let server = Server::with(Emulator::builder().strict()).await?;
    assert_eq!(expect(501, describe(&server).await?)?.label, "unsupported");
    Ok(())
}

#[tokio::test]
async fn unusable_completion_is_rejected_once() -> Result {
    let good = Say::Text("```json\n{\"description\": \"Trees.\"}\n```".to_owned());
    let chat = Chat::in_turn(vec![Say::Text("Trees, I think.".to_owned()), good]).await?;
    let server = Server::with(with(&chat)).await?;
    assert_eq!(expect(200, describe(&server).await?)?.json()?["description"], "Trees.");
    let asked = chat.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].body["messages"][2]["content"], "Trees, I think.");
    assert!(asked[1].last().starts_with("This cannot be used: expected value"), "{}", asked[1].last());

    let chat = Chat::always(Say::Text("Trees!".to_owned())).await?;
    let server = Server::with(with(&chat)).await?;
    let (code, message) = expect(502, describe(&server).await?)?.problem()?;
    assert_eq!((code.as_str(), chat.asked().len()), ("MODEL_FAILED", 2));
    assert!(message.starts_with("none of the model's 2 replies for `description` can be used"), "{message}");
    Ok(())
}

#[tokio::test]
async fn error_of_a_failed_model_hides_its_key() -> Result {
    for (say, part) in [
        (
            Say::Raw(500, "no key sesame here".to_owned()),
            "responded with 500 Internal Server Error (no key *** here); check the log",
        ),
        (Say::Raw(401, String::new()), "responded with 401 Unauthorized; use a key"),
        (Say::Raw(302, String::new()), "redirects are not followed"),
        (Say::Raw(200, "<html>".to_owned()), "not a chat completion"),
        (Say::Raw(200, r#"{"choices":[]}"#.to_owned()), "contains no text"),
    ] {
        let chat = Chat::always(say).await?;
        let server = Server::with(with(&chat).model_key("sesame")).await?;
        let answer = expect(502, describe(&server).await?)?;
        let (code, message) = answer.problem()?;
        assert_eq!((code.as_str(), answer.label.as_str()), ("MODEL_FAILED", "computed"));
        assert!(message.contains(part) && message.contains(&chat.url), "{message}");
        assert!(!answer.text.contains("sesame"), "{}", answer.text);
        assert_eq!(chat.asked().len(), 1, "a failure is not asked again");
    }
    Ok(())
}

#[tokio::test]
async fn silent_and_unreachable_models_time_out() -> Result {
    let chat = Chat::always(Say::Nothing).await?;
    let server = Server::with(with(&chat).model_idle_timeout(Duration::from_millis(50))).await?;
    assert!(expect(502, describe(&server).await?)?.problem()?.1.contains("sent no data for too long"));
    let url = chat.url.clone();
    drop(chat);
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let gone = format!("http://{}/v1", listener.local_addr()?);
    drop(listener);
    assert_ne!(url, gone);
    let server = Server::with(Emulator::builder().model_url(&gone)).await?;
    let message = expect(502, describe(&server).await?)?.problem()?.1;
    assert!(message.contains("cannot be reached") && message.contains(&gone), "{message}");
    Ok(())
}

#[tokio::test]
async fn other_requests_are_served_while_a_model_is_busy() -> Result {
    let chat = Chat::always(Say::Nothing).await?;
    let server = Server::with(with(&chat)).await?;
    let waiting = describe(&server);
    let other = server.send("GET", "/data");
    tokio::select! {
        answer = waiting => return Err(format!("nothing can have come: {answer:?}").into()),
        answer = other => expect(200, answer?)?,
    };
    Ok(())
}

#[tokio::test]
async fn completions_are_recorded_and_replayed_without_the_model() -> Result {
    let dir = tempfile::tempdir()?;
    let chat = Chat::always(Say::json(json!({ "description": "Trees." }))).await?;
    let recorder = Server::with(with(&chat).cassettes(dir.path(), Cassettes::Record)).await?;
    assert_eq!(expect(200, describe(&recorder).await?)?.label, "computed");
    drop((recorder, chat));
    let files: Vec<_> = std::fs::read_dir(dir.path())?.collect::<std::io::Result<_>>()?;
    let kept: Value = serde_json::from_slice(&std::fs::read(files.first().ok_or("a file")?.path())?)?;
    assert_eq!((files.len(), &kept["purpose"], &kept["tokens"]), (1, &json!("description"), &json!(10)));

    let player = Emulator::builder().cassettes(dir.path(), Cassettes::Replay);
    let player = Server::with(player.strict_responses()).await?;
    let answer = expect(200, describe(&player).await?)?;
    assert_eq!((answer.label.as_str(), answer.json()?), ("recorded", json!({ "description": "Trees." })));
    let answer = player.send_json("POST", "/infer/description", json!({ "sample": [] })).await?;
    let (code, message) = expect(500, answer)?.problem()?;
    assert_eq!(code, "CASSETTE_MISSING");
    let file = message.split(&format!("{}/", dir.path().display())).nth(1).ok_or("the file is named")?;
    let hash =
        file.strip_prefix("description-").and_then(|rest| rest.split_once(".json")).ok_or("its name")?.0;
    assert!(hash.len() == 64 && message.contains(&format!("to the request {hash}:")), "{message}");
    Ok(())
}

#[tokio::test]
async fn invalid_model_settings_are_rejected() -> Result {
    let dir = tempfile::tempdir()?;
    let refusal = |builder: EmulatorBuilder| match builder.start_blocking() {
        Err(EmulatorError::Model(error)) => Ok(error),
        other => Err(format!("{other:?}")),
    };
    let start = Emulator::builder;
    assert!(matches!(refusal(start().model_url("localhost"))?, ModelSetupError::InvalidUrl(_)));
    let key = start().model_url("http://127.0.0.1:1").model_key("two words");
    assert!(matches!(refusal(key)?, ModelSetupError::InvalidKey));
    let record = start().cassettes(dir.path(), Cassettes::Record);
    assert!(matches!(refusal(record)?, ModelSetupError::NothingToRecord));
    let replay = start().cassettes(dir.path().join("none"), Cassettes::Replay);
    assert!(matches!(refusal(replay)?, ModelSetupError::Directory { .. }));
    assert!(!format!("{:?}", start().model_url("http://h").model_key("sesame")).contains("sesame"));
    Ok(())
}

#[tokio::test]
async fn coverage_depends_on_the_model() -> Result {
    let dir = tempfile::tempdir()?;
    let chat = Chat::always(Say::Nothing).await?;
    let replay = Emulator::builder().cassettes(dir.path(), Cassettes::Replay);
    for (builder, expected) in
        [(Emulator::builder(), "scripted"), (with(&chat), "computed"), (replay, "recorded")]
    {
        let server = Server::with(builder).await?;
        let url = format!("{}/_emulator/coverage", server.emulator.proxy_url());
        let coverage: Vec<Value> = server.http.get(url).send().await?.json().await?;
        let one = coverage.iter().find(|one| one["operation"] == "inferSchema").ok_or("it is listed")?;
        assert_eq!(one["coverage"], expected);
        let scripted = coverage.iter().filter(|one| one["coverage"] == "scripted");
        let scripted: Vec<&str> = scripted.filter_map(|one| one["operation"].as_str()).collect();
        if expected == "scripted" {
            assert!(scripted.contains(&"autorag") && scripted.contains(&"runPipeline"), "{scripted:?}");
        } else {
            // Cleaning is always rule-based.
            assert_eq!(scripted, ["getCleaningTaskCode", "requestCleaning"]);
        }
    }
    Ok(())
}

#[tokio::test]
async fn usage_of_models_and_rules_is_summed() -> Result {
    let used = async |server: &Server| -> Result<u64> {
        let history = expect(200, server.send("GET", "/user/usage/history").await?)?.json()?;
        let uses = history["data"].as_array().ok_or("a list")?.clone();
        Ok(uses.iter().filter_map(|one| one["tokensUsed"].as_u64()).sum())
    };
    let chat =
        Chat::in_turn(vec![Say::Text("?".to_owned()), Say::json(json!({ "description": "Trees." }))]).await?;
    let server = Server::with(with(&chat)).await?;
    expect(200, describe(&server).await?)?;
    assert_eq!(used(&server).await?, 20, "an answer that is of no use was paid for, too");
    expect(200, describe(&server).await?)?;
    assert_eq!(used(&server).await?, 30);

    let message = json!({ "role": "assistant", "content": "{\"description\": \"\"}" });
    let chat =
        Chat::always(Say::Raw(200, json!({ "choices": [{ "message": message }] }).to_string())).await?;
    let uncounted = Server::with(with(&chat)).await?;
    expect(200, describe(&uncounted).await?)?;
    assert!(used(&uncounted).await? > 10, "counted by the emulator where the server does not");

    let rule = Server::start().await?;
    expect(200, describe(&rule).await?)?;
    assert!(used(&rule).await? > 10);
    Ok(())
}

#[tokio::test]
async fn model_selects_among_suggested_links() -> Result {
    let chosen = |numbers: &[usize]| Say::json(json!({ "chosen": numbers }));
    let chat = Chat::in_turn(vec![chosen(&[7]), chosen(&[1]), chosen(&[])]).await?;
    let server = Server::with(with(&chat).strict_responses()).await?;
    server
        .fill("plants", "trees", json!([{ "genus": "Acer", "n": 1 }, { "genus": "Ulmus", "n": 2 }]))
        .await?;
    server.fill("plants", "genera", json!([{ "name": "Acer", "rank": 1 }])).await?;
    let links = json!({ "data": [], "link": { "ExactMatch": {} } });
    expect(200, server.send_json("POST", "/links/self/plants/trees", links).await?)?;
    let curate = |activate: bool| {
        let body = json!({ "namespace": "plants", "activate": activate, "model": "m1" });
        server.send_json("POST", "/ontology/curate-links", body)
    };
    let answer = expect(200, curate(true).await?)?;
    assert_eq!((answer.label.as_str(), &answer.json()?["totalSelected"]), ("computed", &json!(1)));
    let asked = chat.asked();
    assert!(asked[1].last().contains("suggestion 7 does not exist"), "{}", asked[1].last());
    let given: Value = serde_json::from_str(asked[0].material())?;
    let taken = &given["suggestions"][1];
    assert_eq!(
        (&given["suggestions"].as_array().map(Vec::len), &taken["pairsOfRows"]),
        (&Some(2), &json!(1))
    );
    let active = server.send("GET", "/ontology/self/plants/trees").await?.json()?;
    let active = active.as_array().or_else(|| active["links"].as_array()).ok_or("links")?.clone();
    assert_eq!(active.len(), 1, "{active:?}");
    assert!(active[0]["origin"].to_string().contains(taken["from"]["column"].as_str().ok_or("a column")?));
    let none = expect(200, curate(false).await?)?.json()?;
    assert_eq!((&none["totalSelected"], &none["curatedLinks"]), (&json!(0), &json!([])));
    Ok(())
}

#[tokio::test]
async fn uploaded_file_is_inferred_in_the_background() -> Result {
    let chat = Chat::start(|asked| {
        let given: Value = serde_json::from_str(asked.material()).unwrap_or_default();
        match given["texts"].to_string().contains("bad") {
            true => Say::Raw(500, "out of memory".to_owned()),
            false => Say::json(json!([{ "genus": "Quercus" }])),
        }
    })
    .await?;
    let server = Server::with(with(&chat).strict_responses()).await?;
    let about = json!({ "dataDescription": "trees" });
    expect(201, server.send_json("POST", "/ingest/new/plants/trees", about.clone()).await?)?;
    for (content, status, message) in
        [("text\nAn oak\n", "Completed", "1 rows"), ("text\nbad\n", "Failed", "out of memory")]
    {
        let body = json!({ "filename": "t.csv", "size": content.len() });
        let path = "/upload/multipart/self/plants/trees";
        let prepared =
            expect(200, server.send_json("POST", &format!("{path}/prepare"), body).await?)?.json()?;
        let url = prepared["presignedUrls"][0]["url"].as_str().ok_or("a URL")?;
        let put = server.http.put(url).body(content).send().await?;
        let etag = put.headers().get("etag").ok_or("an ETag")?.to_str()?.trim_matches('"').to_owned();
        let body = json!({
            "uploadId": prepared["uploadId"], "key": prepared["key"], "parts": [{ "partNumber": 1, "etag": etag }],
            "infer": { "steps": [{ "type": "table", "deriveFrom": "text" }] },
        });
        let finished = expect(201, server.send_json("POST", &format!("{path}/finish"), body).await?)?;
        assert_eq!(finished.label, "computed");
        let ended = loop {
            let list = server.send("GET", "/data/self/plants/trees/ingest/attempts").await?.json()?;
            let newest = list["data"][0].clone();
            if newest["id"] == finished.json()?["id"]
                && newest["status"] != "Queued"
                && newest["status"] != "Processing"
            {
                break newest;
            }
        };
        assert_eq!(ended["status"], status);
        assert!(ended["statusMessage"].to_string().contains(message), "{ended}");
    }
    assert_eq!(server.row_count("plants", "trees").await?, 1);
    let given: Value = serde_json::from_str(chat.asked()[0].material())?;
    assert_eq!(given["about"], about);
    Ok(())
}
