//! Requests that violate the document.

use datalinks_emulator::Emulator;
use serde_json::{Value, json};

use crate::support::{Answer, Result, Server, expect, read};

/// Returns a body with unknown fields, and null in optional fields.
fn unusual_body() -> serde_json::Value {
    json!({
        "data": [{ "items": "[]" }], "colour": "red", "dataDescription": null,
        "infer": { "steps": [{ "type": "rows", "deriveFrom": "items", "helperPrompt": "" }] },
    })
}

fn warning(answer: &Answer) -> Option<&str> {
    answer.headers.get("x-datalinks-emulator-warning")?.to_str().ok()
}

#[tokio::test]
async fn unknown_fields_are_accepted_with_a_warning() -> Result {
    let server = Server::start().await?;
    let answer = expect(200, server.send_json("POST", "/infer/preview", unusual_body()).await?)?;
    assert_eq!(
        warning(&answer),
        Some(
            "not in the document, ignored: infer.steps[0].helperPrompt, colour; \
             null where the document does not allow it: dataDescription"
        )
    );
    let answer = expect(200, server.send_json("POST", "/infer/preview", json!({ "data": [] })).await?)?;
    assert_eq!(warning(&answer), None);
    Ok(())
}

#[tokio::test]
async fn unknown_fields_are_rejected_by_a_strict_emulator() -> Result {
    let server = Server::with(Emulator::builder().strict_fields()).await?;
    let answer = expect(400, server.send_json("POST", "/infer/preview", unusual_body()).await?)?;
    let body = answer.json()?;
    assert_eq!(body["error_code"], "BAD_REQUEST");
    assert_eq!(
        body["sub_errors"],
        json!([
            { "code": "WRONG_TYPE", "message": "dataDescription: must be a string" },
            { "code": "UNKNOWN_FIELD", "message": "infer.steps[0].helperPrompt: is not a field of this request" },
            { "code": "UNKNOWN_FIELD", "message": "colour: is not a field of this request" },
        ])
    );
    Ok(())
}

#[tokio::test]
async fn missing_body_is_rejected_and_unexpected_body_is_ignored() -> Result {
    let server = Server::start().await?;
    server.fill("cinema", "films", json!([])).await?;
    let missing = server.send("POST", "/ingest/cinema/films").await?;
    assert!(expect(400, missing)?.problem()?.1.starts_with("the request has no body"));
    let mut unread = server.request("POST", "/data/self/cinema/films/clear")?;
    unread = unread.body("anything");
    assert_eq!(
        warning(&expect(200, read(unread.send().await?).await?)?),
        Some("this operation has no body, ignored")
    );
    Ok(())
}

#[tokio::test]
async fn json_of_another_content_type_is_accepted_with_a_warning() -> Result {
    let server = Server::cinema().await?;
    let query = r#"{"username":"self","namespace":"cinema","query":"Ontology(films)"}"#;
    let send = async |content_type: Option<&str>| {
        let mut request = server.request("POST", "/query")?.body(query);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        read(request.send().await?).await
    };
    let right = expect(200, send(Some("application/json; charset=utf-8")).await?)?;
    assert_eq!(warning(&right), None);
    for (content_type, reason) in [
        (Some("application/text"), "its content type is application/text"),
        (Some("application/x-www-form-urlencoded"), "its content type is application/x-www-form-urlencoded"),
        (Some("text/plain; charset=utf-8"), "its content type is text/plain"),
        (None, "it has no content type"),
    ] {
        let accepted = expect(200, send(content_type).await?)?;
        assert_eq!(warning(&accepted), Some(&*format!("read as application/json, though {reason}")));
        assert_eq!(accepted.text, right.text);
    }
    let long = expect(200, send(Some(&"x".repeat(5_000))).await?)?;
    assert!(warning(&long).is_some_and(|warning| warning.len() < 200), "{long:?}");
    let form = server.request("POST", "/query")?.header("content-type", "application/x-www-form-urlencoded");
    let form = form.body("namespace=cinema");
    assert!(expect(400, read(form.send().await?).await?)?.problem()?.1.contains("not valid JSON"));
    Ok(())
}

#[tokio::test]
async fn new_name_of_another_content_type_is_accepted_with_a_warning() -> Result {
    let server = Server::cinema().await?;
    let rename = server.request("POST", "/data/self/cinema/films/rename")?;
    let rename = rename.header("content-type", "application/x-www-form-urlencoded").body("movies");
    let renamed = expect(200, read(rename.send().await?).await?)?;
    let wanted = "read as text/plain, though its content type is application/x-www-form-urlencoded";
    assert_eq!(warning(&renamed), Some(wanted));
    assert_eq!(server.row_count("cinema", "movies").await?, 3);
    // The quotes of JSON would become part of the name.
    let json = server.request("POST", "/data/self/cinema/movies/rename")?.json("films");
    expect(415, read(json.send().await?).await?)?;
    assert_eq!(server.row_count("cinema", "movies").await?, 3);
    Ok(())
}

#[tokio::test]
async fn another_content_type_is_rejected_by_a_strict_emulator() -> Result {
    let server = Server::with(Emulator::builder().strict_fields()).await?;
    server.fill_cinema().await?;
    for content_type in ["application/text", "application/x-www-form-urlencoded", "text/plain"] {
        let query = r#"{"username":"self","namespace":"cinema","query":"Ontology(films)"}"#;
        let request = server.request("POST", "/query")?.header("content-type", content_type).body(query);
        assert_eq!(expect(415, read(request.send().await?).await?)?.problem()?.0, "UNSUPPORTED_MEDIA_TYPE");
    }
    let renamed = server.send_json("POST", "/data/self/cinema/films/rename", json!("people")).await?;
    assert!(expect(415, renamed)?.problem()?.1.contains("text/plain"));
    Ok(())
}

#[tokio::test]
async fn trailing_slash_of_query_is_ignored() -> Result {
    let server = Server::cinema().await?;
    // The vendor's starter programs send this slash.
    let query =
        r#"{"username":"ana","namespace":"cinema","dataset":"films","query":"Ontology(cinema/films)"}"#;
    let request = server.request("POST", "/query/")?.header("content-type", "application/text").body(query);
    let rows = expect(200, read(request.send().await?).await?)?.json()?;
    assert_eq!(rows["data"].as_array().map(Vec::len), Some(3));
    let seen = server.emulator.requests();
    assert_eq!(seen.last().and_then(|seen| seen.operation), Some("queryData"));
    // In other paths, a trailing slash omits a name, and does not address another operation.
    expect(404, server.send("GET", "/data/").await?)?;
    expect(404, server.send_json("POST", "/ingest/new/cinema/", json!({})).await?)?;
    Ok(())
}

#[tokio::test]
async fn invalid_request_is_422_if_declared() -> Result {
    let server = Server::with(Emulator::builder().user("bo", "bos")).await?;
    server.fill_cinema().await?;
    let question = json!({ "username": "self", "namespace": "cinema", "query": "What is there on Heat?" });
    expect(200, server.send_json("POST", "/query/autorag", question).await?)?;
    let list = server.send("GET", "/query/conversations?username=self&namespace=cinema").await?.json()?;
    let id = list["conversations"][0]["id"].as_str().ok_or("a conversation")?;
    let turns = server.send("GET", &format!("/query/conversations/{id}")).await?.json()?;
    let run = turns["turns"][0]["runId"].as_str().ok_or("a run")?;
    let files = json!({ "filesToUpload": [{ "filename": "a.bin", "size": 1 }] });
    let session = expect(200, server.send_json("POST", "/file-upload/prepare", files).await?)?.json()?;
    let id = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let finish = format!(
        "/file-upload/{}/files/{}/finish",
        id(&session["sessionId"]),
        id(&session["files"][0]["fileId"])
    );
    let shares = "/permissions/datasets/self/cinema/films/shares";
    for (method, path) in [
        // Both statuses are declared.
        ("POST", format!("/query/runs/{run}/feedback")),
        ("POST", "/agents/self/cinema/films/requestCleaning".to_owned()),
        // Only 422 is declared.
        ("POST", shares.to_owned()),
        ("DELETE", shares.to_owned()),
        ("PUT", "/schema/self/cinema/films/sort-order".to_owned()),
        ("POST", "/build-specs".to_owned()),
        ("POST", finish),
    ] {
        let wrong = expect(422, server.send_json(method, &path, json!({ "odd": 1 })).await?)?;
        assert_eq!(wrong.problem()?.0, "UNPROCESSABLE_ENTITY", "{path}");
        assert_eq!(wrong.json()?["sub_errors"][0]["code"], "MISSING_FIELD", "{path}");
        let list = expect(422, server.send_json(method, &path, json!([])).await?)?;
        assert!(list.problem()?.1.contains("must be a JSON object"), "{path}");
        for unreadable in ["{\"odd\":", "\u{feff}{}", " "] {
            let unreadable = expect(400, server.send_as_written(method, &path, unreadable).await?)?;
            assert_eq!(unreadable.problem()?.0, "BAD_REQUEST", "{path}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn invalid_request_is_400_if_422_is_not_declared() -> Result {
    let server = Server::cinema().await?;
    for (method, path) in [
        // Only 400 is declared.
        ("PUT", "/data/self/cinema/films/inferDefinition"),
        ("POST", "/upload/multipart/self/cinema/films/prepare"),
        ("POST", "/links/add"),
        // Neither is declared.
        ("POST", "/ingest/cinema/films"),
        ("POST", "/query"),
        ("POST", "/file-upload/prepare"),
    ] {
        let wrong = json!({ "dataDescription": 1 });
        assert_eq!(
            expect(400, server.send_json(method, path, wrong).await?)?.problem()?.0,
            "BAD_REQUEST",
            "{path}"
        );
        expect(400, server.send_as_written(method, path, "{").await?)?;
    }
    Ok(())
}

#[tokio::test]
async fn invalid_fields_are_not_reported_without_access() -> Result {
    let server = Server::start().await?;
    let definition = json!({ "dataDescription": 1 });
    expect(404, server.send_json("PUT", "/data/bo/cinema/films/inferDefinition", definition).await?)?;
    Ok(())
}

#[tokio::test]
async fn ignored_fields_are_named_in_a_warning() -> Result {
    let server = Server::cinema().await?;
    let ask = |more: Value| {
        let mut body = json!({ "username": "self", "namespace": "cinema", "query": "Who directed Heat?" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        server.send_json("POST", "/query/autorag", body)
    };
    let answer = expect(200, ask(json!({ "webSearch": true, "provider": "x" })).await?)?;
    assert_eq!(warning(&answer), Some("without effect here: webSearch, provider"));
    let answer = expect(200, ask(json!({ "webSearch": false })).await?)?;
    assert_eq!(warning(&answer), None);
    Ok(())
}

#[tokio::test]
async fn missing_columns_are_named_in_a_warning() -> Result {
    let server = Server::cinema().await?;
    for (text, wanted) in [
        ("Ontology(films).filter(year > 1990)", None),
        (
            "Ontology(films).filter(yaer > 1990 && title != Heat)",
            Some("no row of cinema/films has the column \"yaer\", did you mean year?"),
        ),
        (
            "Ontology(films).sort(nothing, DESC).filter(\u{e4} == 1)",
            Some(
                "no row of cinema/films has the column \"nothing\"; \
                 no row of cinema/films has the column \"\\u{e4}\"",
            ),
        ),
    ] {
        let answer = expect(200, server.query(text).await?)?;
        assert_eq!(warning(&answer), wanted, "{text}");
    }
    Ok(())
}
