//! Requests that do not fit the document.

use datalinks_emulator::Emulator;
use serde_json::json;

use crate::support::{Answer, Result, Server, expect, read};

/// Fields that no document has, and null where nothing was to be said.
fn odd_body() -> serde_json::Value {
    json!({
        "data": [{ "items": "[]" }], "colour": "red", "dataDescription": null,
        "infer": { "steps": [{ "type": "rows", "deriveFrom": "items", "helperPrompt": "" }] },
    })
}

fn warning(answer: &Answer) -> Option<&str> {
    answer.headers.get("x-datalinks-emulator-warning")?.to_str().ok()
}

#[tokio::test]
async fn odd_fields_are_accepted_with_a_warning() -> Result {
    let server = Server::start().await?;
    let answer = expect(200, server.send_json("POST", "/infer/preview", odd_body()).await?)?;
    assert_eq!(
        warning(&answer),
        Some(
            "not in the document, ignored: infer.steps[0].helperPrompt, colour; \
             null, which the document does not have there: dataDescription"
        )
    );
    let answer = expect(200, server.send_json("POST", "/infer/preview", json!({ "data": [] })).await?)?;
    assert_eq!(warning(&answer), None);
    Ok(())
}

#[tokio::test]
async fn odd_fields_are_refused_by_a_strict_emulator() -> Result {
    let server = Server::with(Emulator::builder().strict_fields()).await?;
    let answer = expect(400, server.send_json("POST", "/infer/preview", odd_body()).await?)?;
    let body = answer.json()?;
    assert_eq!(body["error_code"], "BAD_REQUEST");
    assert_eq!(
        body["sub_errors"],
        json!([
            { "code": "WRONG_TYPE", "message": "dataDescription: must be a text" },
            { "code": "UNKNOWN_FIELD", "message": "infer.steps[0].helperPrompt: is not a field of this request" },
            { "code": "UNKNOWN_FIELD", "message": "colour: is not a field of this request" },
        ])
    );
    Ok(())
}

#[tokio::test]
async fn a_body_says_what_it_is() -> Result {
    let server = Server::start().await?;
    server.fill("cinema", "films", json!([])).await?;
    let wrong = server.send_text("POST", "/ingest/cinema/films", "{\"data\":[]}").await?;
    assert_eq!(expect(415, wrong)?.problem()?.0, "UNSUPPORTED_MEDIA_TYPE");
    let wrong = server.send_json("POST", "/data/self/cinema/films/rename", json!("people")).await?;
    assert!(expect(415, wrong)?.problem()?.1.contains("text/plain"));
    let missing = server.send("POST", "/ingest/cinema/films").await?;
    assert!(expect(400, missing)?.problem()?.1.starts_with("the request has no body"));
    let mut unread = server.request("POST", "/data/self/cinema/films/clear")?;
    unread = unread.body("anything");
    assert_eq!(warning(&expect(200, read(unread.send().await?).await?)?), Some("no body is wanted, ignored"));
    Ok(())
}

#[tokio::test]
async fn who_may_not_know_is_not_told_of_fields() -> Result {
    let server = Server::start().await?;
    let definition = json!({ "dataDescription": 1 });
    expect(404, server.send_json("PUT", "/data/bo/cinema/films/inferDefinition", definition).await?)?;
    Ok(())
}
