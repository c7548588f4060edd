//! The agent behind the agent-to-agent protocol.

use datalinks_emulator::Emulator;
use serde_json::{Value, json};

use crate::support::{Answer, Result, Server, expect, read};

fn send(parts: Value, more: Value) -> Value {
    let mut message = json!({ "kind": "message", "role": "user", "messageId": "m1", "parts": parts });
    for (name, value) in more.as_object().into_iter().flatten() {
        message[name] = value.clone();
    }
    json!({ "jsonrpc": "2.0", "id": "r1", "method": "message/send", "params": { "message": message } })
}

fn ask(question: &str, more: Value) -> Value {
    send(json!([{ "kind": "text", "text": question }]), more)
}

async fn rpc(server: &Server, body: Value) -> Result<Answer> {
    expect(200, server.send_json("POST", "/a2a/auto_rag", body).await?)
}

async fn error(server: &Server, body: Value) -> Result<Value> {
    let answer = rpc(server, body).await?.json()?;
    assert_eq!(answer.get("result"), None, "{answer}");
    Ok(answer["error"]["code"].clone())
}

#[tokio::test]
async fn the_list_and_the_cards_need_no_token() -> Result {
    let server = Server::start().await?;
    for path in ["/a2a", "/a2a/auto_rag/.well-known/agent-card.json"] {
        let url = format!("{}{path}", server.emulator.api_url());
        expect(200, read(server.http.get(&url).send().await?).await?)?;
        expect(200, read(server.http.get(&url).bearer_auth("wrong").send().await?).await?)?;
    }
    let url = format!("{}/a2a/auto_rag", server.emulator.api_url());
    expect(401, read(server.http.post(&url).json(&ask("Alien?", json!({}))).send().await?).await?)?;
    Ok(())
}

#[tokio::test]
async fn the_card_says_where_to_ask() -> Result {
    let server = Server::start().await?;
    let url = format!("{}/a2a/auto_rag", server.emulator.api_url());
    let list = expect(200, server.send("GET", "/a2a").await?)?.json()?;
    assert_eq!((&list[0]["name"], &list[0]["url"]), (&json!("auto_rag"), &json!(url)));
    let card = expect(200, server.send("GET", "/a2a/auto_rag/.well-known/agent-card.json").await?)?;
    assert_eq!(card.label, "computed");
    let card = card.json()?;
    assert_eq!((&card["url"], &card["protocolVersion"]), (&json!(url), &json!("0.3.0")));
    assert!(card["description"].as_str().is_some_and(|text| text.contains("emulator")), "{card}");
    // What the protocol wants of every card.
    for name in ["capabilities", "defaultInputModes", "defaultOutputModes", "skills", "version"] {
        assert!(card.get(name).is_some(), "{name} is missing");
    }
    for (method, path) in
        [("GET", "/a2a/other/.well-known/agent-card.json"), ("POST", "/a2a/other"), ("POST", "/a2a/AUTO_RAG")]
    {
        expect(404, server.send_json(method, path, ask("Alien?", json!({}))).await?)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_message_is_answered_by_asking() -> Result {
    let server = Server::cinema().await?;
    let answer = rpc(&server, ask("Who directed Alien?", json!({}))).await?;
    assert_eq!(answer.label, "scripted");
    let answer = answer.json()?;
    assert_eq!((&answer["jsonrpc"], &answer["id"]), (&json!("2.0"), &json!("r1")));
    let task = &answer["result"];
    assert_eq!((&task["kind"], &task["status"]["state"]), (&json!("task"), &json!("completed")));
    let parts = &task["artifacts"][0]["parts"];
    let text = parts[0]["text"].as_str().ok_or("a text")?;
    assert!(text.starts_with("[scripted by the emulator, no model ran] "), "{text}");
    assert_eq!(
        parts[1]["data"]["steps"][1]["data"],
        json!([{ "name": "Scott", "born": 1937, "__metadata": { "score": 0.0 } }])
    );

    // It is a run like any other, in a conversation.
    let run = task["id"].as_str().ok_or("an id")?;
    let status = expect(200, server.send("GET", &format!("/query/runs/{run}")).await?)?.json()?;
    assert_eq!(
        (&status["question"], &status["result"]["response"]),
        (&json!("Who directed Alien?"), &parts[0]["text"])
    );
    let context = task["contextId"].as_str().ok_or("a context")?;
    let more = rpc(&server, ask("And Heat?", json!({ "contextId": context }))).await?.json()?;
    assert_eq!(more["result"]["contextId"], context);
    let conversation = server.send("GET", &format!("/query/conversations/{context}")).await?.json()?;
    assert_eq!(conversation["turns"].as_array().map(Vec::len), Some(2));

    let get = |id: &str| json!({ "jsonrpc": "2.0", "id": 2, "method": "tasks/get", "params": { "id": id } });
    let told = rpc(&server, get(run)).await?;
    assert_eq!((told.label.as_str(), &told.json()?["result"]), ("computed", task));
    assert_eq!(error(&server, get("4a1d6a7e-5a0f-4c39-a6c4-9be2f02c55d4")).await?, -32001);
    assert_eq!(error(&server, get("x")).await?, -32001);
    Ok(())
}

#[tokio::test]
async fn what_is_missing_is_asked_for() -> Result {
    let server = Server::start().await?;
    let text = |answer: Value| -> Result<String> {
        assert_eq!(answer["result"]["kind"], "message");
        Ok(answer["result"]["parts"][0]["text"].as_str().ok_or("a text")?.to_owned())
    };
    assert!(text(rpc(&server, ask("Alien?", json!({}))).await?.json()?)?.contains("no dataset"));
    server.fill_cinema().await?;
    let nothing = json!({ "jsonrpc": "2.0", "id": 1, "method": "message/send", "params": {} });
    assert!(text(rpc(&server, nothing).await?.json()?)?.contains("Nothing was asked"));
    server.fill("garden", "trees", json!([{ "genus": "Acer" }])).await?;
    assert!(text(rpc(&server, ask("Acer?", json!({}))).await?.json()?)?.contains("cinema, garden"));
    let named = rpc(&server, ask("Acer?", json!({ "metadata": { "namespace": "garden" } }))).await?.json()?;
    assert!(
        named["result"]["artifacts"][0]["parts"][0]["text"]
            .as_str()
            .is_some_and(|text| text.contains("Acer"))
    );
    Ok(())
}

#[tokio::test]
async fn errors_have_their_codes() -> Result {
    let server = Server::cinema().await?;
    for (body, code) in [
        ("{", -32700),
        ("[]", -32600),
        (r#"{"jsonrpc":"2.0","id":1}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"message/stream","params":{}}"#, -32601),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{}}"#, -32602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"message/send","params":[]}"#, -32602),
    ] {
        let request = server.request("POST", "/a2a/auto_rag")?.header("content-type", "application/json");
        let answer = crate::support::read(request.body(body).send().await?).await?;
        assert_eq!(expect(200, answer)?.json()?["error"]["code"], code, "{body}");
    }
    let refused = |more| ask("Alien?", more);
    assert_eq!(error(&server, send(json!([{ "kind": "data", "data": {} }]), json!({}))).await?, -32602);
    assert_eq!(error(&server, refused(json!({ "contextId": "x" }))).await?, -32602);
    assert_eq!(
        error(&server, refused(json!({ "metadata": { "namespace": "x", "username": "bo" } }))).await?,
        -32602
    );
    // One's own empty namespace may be asked; the task fails.
    let failed = rpc(&server, refused(json!({ "metadata": { "namespace": "empty" } }))).await?.json()?;
    let status = &failed["result"]["status"];
    assert_eq!(status["state"], "failed");
    assert!(
        status["message"]["parts"][0]["text"].as_str().is_some_and(|text| text.contains("no dataset to ask"))
    );

    let strict = Server::with(Emulator::builder().strict_answers()).await?;
    strict.fill_cinema().await?;
    expect(501, strict.send_json("POST", "/a2a/auto_rag", ask("Alien?", json!({}))).await?)?;
    Ok(())
}
