//! Agents over version 1.0 of the agent-to-agent protocol.

use std::path::Path;
use std::time::{Duration, SystemTime};

use datalinks_emulator::{Emulator, EmulatorBuilder, Fault};
use serde_json::{Value, json};

use crate::chat::{Chat, Say};
use crate::support::{Answer, Result, Server, expect, read, read_until_end};

const AGENTS: [&str; 2] = ["nl2ql", "assistant"];
const MARK: &str = "[scripted by the emulator, no model ran]";
const NOW: &str = "2026-03-01T08:15:00.000Z";
const FIRST_QUERY: &str = r#"Ontology("cinema/films").filter(title == Alien)"#;

/// Returns a builder with a clock that stands at [`NOW`].
fn builder() -> EmulatorBuilder {
    Emulator::builder().clock(SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_352_900))
}

async fn cinema() -> Result<Server> {
    let server = Server::with(builder().user("bo", "bo-key")).await?;
    server.fill_cinema().await?;
    Ok(server)
}

/// Returns a JSON-RPC request.
fn rpc(method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": "r1", "method": method, "params": params })
}

/// Returns the parameters of a message to the namespace `cinema`.
fn question(text: &str) -> Value {
    json!({ "message": {
        "messageId": "m1", "role": "ROLE_USER", "parts": [{ "text": text }], "metadata": { "namespace": "cinema" },
    } })
}

/// Returns the parameters of a message in a context.
fn follow_up(text: &str, context: &Value) -> Value {
    let mut params = question(text);
    params["message"]["contextId"] = context.clone();
    params
}

async fn call(server: &Server, agent: &str, body: Value) -> Result<Answer> {
    server.send_json("POST", &format!("/a2a/{agent}"), body).await
}

/// Returns the JSON-RPC response. The status must be 200, as for every JSON-RPC response.
async fn response(server: &Server, agent: &str, body: Value) -> Result<Value> {
    let answer = expect(200, call(server, agent, body).await?)?;
    assert_eq!(answer.content_type, "application/json");
    let response = answer.json()?;
    assert_eq!(response["jsonrpc"], "2.0");
    Ok(response)
}

/// Sends a message and returns its task.
async fn send(server: &Server, agent: &str, params: Value) -> Result<Value> {
    let response = response(server, agent, rpc("SendMessage", params)).await?;
    assert_eq!(response["id"], "r1");
    response["result"].get("task").cloned().ok_or_else(|| format!("no task: {response}").into())
}

/// Returns the code and the message of an error.
async fn error(server: &Server, agent: &str, body: Value) -> Result<(i64, String)> {
    let response = response(server, agent, body).await?;
    assert_eq!(response.get("result"), None, "{response}");
    let error = &response["error"];
    let message = error["message"].as_str().ok_or("a message")?;
    Ok((error["code"].as_i64().ok_or("a code")?, message.to_owned()))
}

/// Returns the results in the events of a stream. Each event has one line with one response.
fn frames(text: &str) -> Result<Vec<Value>> {
    let mut frames = Vec::new();
    for event in text.split_terminator("\n\n") {
        let data = event.strip_prefix("data: ").filter(|data| !data.contains('\n'));
        let mut response: Value = serde_json::from_str(data.ok_or("an event is one line of data")?)?;
        assert_eq!((&response["jsonrpc"], &response["id"]), (&json!("2.0"), &json!("r1")));
        let result = response["result"].take();
        assert_eq!(result.as_object().map(|members| members.len()), Some(1), "{result}");
        frames.push(result);
    }
    Ok(frames)
}

async fn stream(server: &Server, agent: &str, params: Value) -> Result<Vec<Value>> {
    let answer = expect(200, call(server, agent, rpc("SendStreamingMessage", params)).await?)?;
    assert_eq!(answer.content_type, "text/event-stream");
    frames(&answer.text)
}

/// Returns a short form of a frame: a state with the end of its message's id, or an artifact.
fn word(frame: &Value) -> String {
    let state = |status: &Value| {
        let state = status["state"].as_str().unwrap_or("?").trim_start_matches("TASK_STATE_").to_lowercase();
        match status["message"]["messageId"].as_str() {
            // The id of a task has 36 characters.
            Some(id) => format!("{state}{}", id.get(36..).unwrap_or("?")),
            None => state,
        }
    };
    if let Some(update) = frame.get("statusUpdate") {
        state(&update["status"])
    } else if let Some(update) = frame.get("artifactUpdate") {
        update["artifact"]["name"].as_str().unwrap_or("?").to_owned()
    } else {
        format!("task {}", state(&frame["task"]["status"]))
    }
}

fn words(frames: &[Value]) -> Vec<String> {
    frames.iter().map(word).collect()
}

fn alien() -> Value {
    json!([{ "title": "Alien", "year": 1979, "director": "Scott", "__metadata": { "score": 0.3333 } }])
}

fn scott() -> Value {
    json!([{ "name": "Scott", "born": 1937, "__metadata": { "score": 0.0 } }])
}

#[tokio::test]
async fn agent_list_and_cards_need_no_token() -> Result {
    let server = Server::start().await?;
    let base = server.emulator.api_url();
    let mut paths = vec!["/a2a".to_owned()];
    paths.extend(AGENTS.map(|agent| format!("/a2a/{agent}/.well-known/agent-card.json")));
    for path in paths {
        let url = format!("{base}{path}");
        let public = expect(200, read(server.http.get(&url).send().await?).await?)?;
        assert_eq!(public.label, "computed");
        expect(200, read(server.http.get(&url).bearer_auth("wrong").send().await?).await?)?;
    }
    for agent in AGENTS {
        let url = format!("{base}/a2a/{agent}");
        let post = || server.http.post(&url).json(&rpc("SendMessage", question("Alien?")));
        for request in [post(), post().bearer_auth("wrong")] {
            let refused = expect(401, read(request.send().await?).await?)?;
            assert_eq!(refused.problem()?.0, "UNAUTHORIZED");
        }
    }
    Ok(())
}

#[tokio::test]
async fn agents_are_listed_with_their_own_addresses() -> Result {
    let server = Server::start().await?;
    let base = server.emulator.api_url();
    let list = expect(200, server.send("GET", "/a2a").await?)?.json()?;
    let listed = AGENTS.map(|agent| {
        let url = format!("{base}/a2a/{agent}");
        json!({ "name": agent, "url": url, "agentCard": format!("{url}/.well-known/agent-card.json") })
    });
    assert_eq!(list, json!(listed));
    for (method, path) in [
        ("GET", "/a2a/other/.well-known/agent-card.json"),
        ("POST", "/a2a/other"),
        ("POST", "/a2a/NL2QL"),
        ("POST", "/a2a/auto_rag"),
    ] {
        let missing = server.send_json(method, path, rpc("GetExtendedAgentCard", json!({}))).await?;
        let (code, message) = expect(404, missing)?.problem()?;
        assert_eq!(code, "NOT_FOUND");
        assert!(message.contains("nl2ql and assistant"), "{message}");
    }
    Ok(())
}

#[tokio::test]
async fn cards_have_the_fields_of_the_protocol() -> Result {
    let server = Server::start().await?;
    for (agent, name, tags) in [
        ("nl2ql", "NL2QL", json!(["query", "nl2ql"])),
        ("assistant", "Assistant", json!(["assistant", "rag", "query"])),
    ] {
        let path = format!("/a2a/{agent}/.well-known/agent-card.json");
        let card = expect(200, server.send("GET", &path).await?)?.json()?;
        let (description, skill) = (card["description"].clone(), card["skills"][0].clone());
        assert!(description.as_str().is_some_and(|text| text.contains("emulator")), "{card}");
        let expected = json!({
            "name": name, "description": description, "version": env!("CARGO_PKG_VERSION"),
            "capabilities": { "streaming": true, "pushNotifications": false, "extendedAgentCard": true },
            "defaultInputModes": ["text"], "defaultOutputModes": ["text", "data"],
            "skills": [{ "id": agent, "name": skill["name"], "description": skill["description"], "tags": tags }],
            "securitySchemes": {
                "bearer": { "httpAuthSecurityScheme": { "scheme": "bearer", "bearerFormat": "JWT" } },
            },
            "securityRequirements": [{ "schemes": { "bearer": { "list": [] } } }],
            "supportedInterfaces": [{
                "protocolBinding": "JSONRPC", "protocolVersion": "1.0",
                "url": format!("{}/a2a/{agent}", server.emulator.api_url()),
            }],
            "preferredTransport": "JSONRPC",
        });
        assert_eq!(card, expected);

        // The extended card has one more field and no other difference.
        let request = json!({ "jsonrpc": "2.0", "id": 4, "method": "GetExtendedAgentCard" });
        let response = response(&server, agent, request).await?;
        assert_eq!(response["id"], 4);
        let mut extended = response["result"].clone();
        let longer = extended["description"].as_str().ok_or("a description")?;
        assert!(longer.len() > description.as_str().map_or(0, str::len), "{extended}");
        let examples = extended["skills"][0]["examples"].as_array().ok_or("examples")?;
        assert!(examples.iter().all(Value::is_string) && !examples.is_empty());
        extended["skills"][0].as_object_mut().ok_or("a skill")?.remove("examples");
        extended["description"] = description;
        assert_eq!(extended, expected);
    }
    Ok(())
}

#[tokio::test]
async fn nl2ql_streams_its_query_and_its_rows() -> Result {
    let server = cinema().await?;
    let answer = call(&server, "nl2ql", rpc("SendStreamingMessage", question("Who directed Alien?"))).await?;
    assert_eq!(expect(200, answer)?.label, "scripted");
    let frames = stream(&server, "nl2ql", question("Who directed Alien?")).await?;
    let (task, context) = (&frames[0]["statusUpdate"]["taskId"], &frames[0]["statusUpdate"]["contextId"]);
    assert!(task.is_string() && context.is_string() && task != context);
    let status = |state| {
        json!({ "statusUpdate": {
            "taskId": task, "contextId": context, "status": { "state": state, "timestamp": NOW } } })
    };
    let artifact = |name, part| {
        json!({ "artifactUpdate": { "taskId": task, "contextId": context,
            "artifact": { "artifactId": name, "name": name, "parts": [part] } } })
    };
    let expected = [
        status("TASK_STATE_WORKING"),
        artifact("generated-query", json!({ "text": FIRST_QUERY })),
        artifact("result-data", json!({ "data": { "rows": alien() } })),
        status("TASK_STATE_COMPLETED"),
    ];
    assert_eq!(frames, expected);
    // The query can be run again.
    let again = expect(200, server.query(FIRST_QUERY).await?)?.json()?;
    assert_eq!(again["data"], json!([{ "title": "Alien", "year": 1979, "director": "Scott" }]));
    // Each message is a separate task without a run.
    assert_ne!(stream(&server, "nl2ql", question("Alien?")).await?[0]["statusUpdate"]["taskId"], *task);
    let list = server.send("GET", "/query/conversations?username=self&namespace=cinema").await?.json()?;
    assert_eq!(list, json!({ "conversations": [] }));
    Ok(())
}

#[tokio::test]
async fn assistant_streams_plan_steps_and_answer() -> Result {
    let server = cinema().await?;
    let frames = stream(&server, "assistant", question("Who directed Alien?")).await?;
    let (task, context) = (&frames[0]["task"]["id"], &frames[0]["task"]["contextId"]);
    let id = task.as_str().ok_or("an id")?;
    let status = |state: &str| json!({ "state": state, "timestamp": NOW });
    let update =
        |status: Value| json!({ "statusUpdate": { "taskId": task, "contextId": context, "status": status } });
    let says = |suffix: &str, parts: Value| {
        let mut status = status("TASK_STATE_WORKING");
        status["message"] = json!({ "messageId": format!("{id}-{suffix}"), "role": "ROLE_AGENT",
            "contextId": context, "taskId": task, "parts": parts });
        update(status)
    };
    let instructions =
        ["Find the rows of cinema/films whose title is Alien", "Follow the link to cinema/people"];
    let reasons = [
        format!("{MARK} The question mentions \"Alien\", a value of title in cinema/films."),
        format!("{MARK} The first link of cinema/films leads along director = name."),
    ];
    let queries = [FIRST_QUERY.to_owned(), format!("{FIRST_QUERY}.searchAround().find(\"cinema/people\")")];
    let step = |index: usize, rows: Value| {
        let name = format!("step-{index}");
        json!({ "artifactUpdate": { "taskId": task, "contextId": context, "artifact": {
            "artifactId": name, "name": name, "parts": [{ "text": queries[index] }, { "data": { "rows": rows } }],
            "metadata": { "index": index, "instruction": instructions[index], "reasoning": reasons[index] } } } })
    };
    let answer = &frames[7]["artifactUpdate"]["artifact"];
    assert!(answer["parts"][0]["text"].as_str().is_some_and(|text| text.starts_with(MARK)), "{answer}");
    let plan = format!("{MARK} A fixed rule chooses cinema/films by what the question mentions.");
    let expected = [
        json!({ "task": { "id": task, "contextId": context, "artifacts": [], "history": [],
            "status": status("TASK_STATE_SUBMITTED") } }),
        update(status("TASK_STATE_WORKING")),
        says("plan", json!([{ "text": plan }, { "data": { "steps": instructions } }])),
        says("step-0", json!([{ "text": instructions[0] }])),
        step(0, alien()),
        says("step-1", json!([{ "text": instructions[1] }])),
        step(1, scott()),
        json!({ "artifactUpdate": { "taskId": task, "contextId": context, "artifact": {
            "artifactId": "answer", "name": "answer", "parts": [{ "text": answer["parts"][0]["text"] }] } } }),
        update(status("TASK_STATE_COMPLETED")),
    ];
    assert_eq!(frames, expected);

    // The task is the run of a question, and its context is the conversation.
    let run = expect(200, server.send("GET", &format!("/query/runs/{id}")).await?)?.json()?;
    assert_eq!((&run["question"], &run["status"]), (&json!("Who directed Alien?"), &json!("completed")));
    assert_eq!(run["result"]["response"], answer["parts"][0]["text"]);
    Ok(())
}

#[tokio::test]
async fn task_has_the_artifacts_of_the_stream() -> Result {
    let server = cinema().await?;
    for agent in AGENTS {
        let frames = stream(&server, agent, question("Who directed Alien?")).await?;
        let artifacts: Vec<&Value> =
            frames.iter().filter_map(|frame| frame.pointer("/artifactUpdate/artifact")).collect();
        let answer = call(&server, agent, rpc("SendMessage", question("Who directed Alien?"))).await?;
        assert_eq!(expect(200, answer)?.label, "scripted");
        let task = send(&server, agent, question("Who directed Alien?")).await?;
        let expected = json!({ "id": task["id"], "contextId": task["contextId"], "artifacts": artifacts,
            "status": { "state": "TASK_STATE_COMPLETED", "timestamp": NOW } });
        assert_eq!(task, expected, "{agent}");
    }
    Ok(())
}

#[tokio::test]
async fn row_values_are_returned_as_stored() -> Result {
    let server = Server::with(builder()).await?;
    expect(201, server.send_json("POST", "/ingest/new/cinema/films", json!({})).await?)?;
    let rows = r#"{"data":[{"title":"Alien","cost":1e999,"exact":12345678901234567890.10}]}"#;
    expect(200, server.send_as_written("POST", "/ingest/cinema/films", rows).await?)?;
    for agent in AGENTS {
        for method in ["SendMessage", "SendStreamingMessage"] {
            let answer = expect(200, call(&server, agent, rpc(method, question("Alien?"))).await?)?;
            let written =
                r#"{"data":{"rows":[{"title":"Alien","cost":1e999,"exact":12345678901234567890.10,"#;
            assert!(answer.text.contains(written), "{agent} {method}: {}", answer.text);
        }
    }
    Ok(())
}

#[tokio::test]
async fn only_accepted_kinds_of_parts_are_sent() -> Result {
    let server = cinema().await?;
    let accepting = |modes: Value| {
        let mut params = question("Who directed Alien?");
        params["configuration"] = json!({ "acceptedOutputModes": modes });
        params
    };
    let all = stream(&server, "assistant", accepting(json!(["text", "data"]))).await?;
    assert_eq!(words(&all), words(&stream(&server, "assistant", question("Who directed Alien?")).await?));
    for agent in AGENTS {
        for modes in [json!(["text"]), json!(["text/plain"])] {
            let frames = json!(stream(&server, agent, accepting(modes)).await?).to_string();
            assert!(frames.contains(r#""text":"Ontology("#) && !frames.contains(r#""data""#), "{frames}");
        }
        for modes in [json!(["data"]), json!(["application/json"])] {
            let frames = json!(stream(&server, agent, accepting(modes)).await?).to_string();
            assert!(frames.contains(r#""data":{"rows""#) && !frames.contains(r#""text""#), "{frames}");
        }
        let (code, _) = error(&server, agent, rpc("SendMessage", accepting(json!(["image/png"])))).await?;
        assert_eq!(code, -32005);
    }
    // An artifact without accepted parts is omitted, and so is a message.
    let texts = words(&stream(&server, "nl2ql", accepting(json!(["text"]))).await?);
    assert_eq!(texts, ["working", "generated-query", "completed"]);
    let data = words(&stream(&server, "assistant", accepting(json!(["data"]))).await?);
    assert_eq!(
        data,
        ["task submitted", "working", "working-plan", "working", "step-0", "working", "step-1", "completed"]
    );
    let task = send(&server, "nl2ql", accepting(json!(["data"]))).await?;
    assert_eq!(task["artifacts"].as_array().map(Vec::len), Some(1));
    Ok(())
}

#[tokio::test]
async fn protocol_errors_have_status_200() -> Result {
    let server = cinema().await?;
    for agent in AGENTS {
        for (body, id, code) in [
            ("{", Value::Null, -32700),
            ("", Value::Null, -32700),
            ("[]", Value::Null, -32600),
            (r#"{"jsonrpc":"1.0","id":11,"method":"SendMessage"}"#, json!(11), -32600),
            (r#"{"jsonrpc":"2.0","id":1}"#, json!(1), -32600),
            (r#"{"jsonrpc":"2.0","method":"SendMessage"}"#, Value::Null, -32600),
            (r#"{"jsonrpc":"2.0","id":1,"method":"SendMessage","params":[]}"#, json!(1), -32602),
            (r#"{"jsonrpc":"2.0","id":1,"method":"SendMessage"}"#, json!(1), -32602),
            (r#"{"jsonrpc":"2.0","id":1,"method":"SendStreamingMessage","params":{}}"#, json!(1), -32602),
            (r#"{"jsonrpc":"2.0","id":1,"method":"GetTask"}"#, json!(1), -32602),
        ] {
            let path = format!("/a2a/{agent}");
            let request = server.request("POST", &path)?.header("content-type", "application/json");
            let answer = expect(200, read(request.body(body).send().await?).await?)?;
            assert_eq!(answer.content_type, "application/json");
            let answer = answer.json()?;
            assert_eq!((&answer["id"], &answer["error"]["code"]), (&id, &json!(code)), "{body}");
            assert!(answer["error"]["message"].is_string());
        }
        let task = json!({ "id": "7d3c1c2e-5a0b-4f0e-9f51-0c6b1d5a2e10" });
        for (method, code) in [
            ("GetTask", -32001),
            ("CancelTask", -32001),
            ("SubscribeToTask", -32001),
            ("ListTasks", -32004),
            ("CreateTaskPushNotificationConfig", -32003),
            ("GetTaskPushNotificationConfig", -32003),
            ("ListTaskPushNotificationConfigs", -32003),
            ("DeleteTaskPushNotificationConfig", -32003),
            ("message/send", -32601),
            ("message/stream", -32601),
            ("tasks/get", -32601),
            ("sendMessage", -32601),
        ] {
            assert_eq!(error(&server, agent, rpc(method, task.clone())).await?.0, code, "{method}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn completed_task_is_not_stored() -> Result {
    let server = cinema().await?;
    for agent in AGENTS {
        let task = send(&server, agent, question("Alien?")).await?;
        for method in ["GetTask", "CancelTask"] {
            let (code, message) = error(&server, agent, rpc(method, json!({ "id": task["id"] }))).await?;
            assert_eq!((code, message.contains("no such task")), (-32001, true), "{message}");
        }
        let mut more = question("Heat?");
        more["message"]["taskId"] = task["id"].clone();
        assert_eq!(error(&server, agent, rpc("SendMessage", more)).await?.0, -32001);
    }
    Ok(())
}

#[tokio::test]
async fn namespace_is_read_from_the_metadata_of_the_message() -> Result {
    let server = cinema().await?;
    for agent in AGENTS {
        for method in ["SendMessage", "SendStreamingMessage"] {
            let mut none = question("Alien?");
            none["message"].as_object_mut().ok_or("a message")?.remove("metadata");
            let mut elsewhere = none.clone();
            elsewhere["metadata"] = json!({ "namespace": "cinema" });
            for params in [none, elsewhere] {
                let (code, message) = error(&server, agent, rpc(method, params)).await?;
                assert_eq!(code, -32602);
                assert!(message.starts_with("message.metadata.namespace is missing"), "{message}");
            }
            // The namespace is always the caller's own, which has no dataset here. A message cannot name
            // another owner.
            let share = json!({ "username": "bo", "role": "viewer" });
            let shares = "/permissions/namespaces/self/cinema/shares";
            expect(200, server.send_json("POST", shares, share).await?)?;
            let mut params = question("Alien?");
            params["message"]["metadata"]["username"] = json!("ana");
            let url = format!("{}/a2a/{agent}", server.emulator.api_url());
            let request = server.http.post(url).bearer_auth("bo-key").json(&rpc(method, params));
            let answer = expect(200, read(request.send().await?).await?)?;
            assert!(
                answer.text.contains("TASK_STATE_FAILED") && !answer.text.contains("Scott"),
                "{answer:?}"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn namespace_without_datasets_fails_the_task() -> Result {
    let server = cinema().await?;
    let mut params = question("Alien?");
    params["message"]["metadata"]["namespace"] = json!("empty");
    for (agent, states) in [
        ("nl2ql", vec!["working", "failed-error"]),
        ("assistant", vec!["task submitted", "working", "failed-error"]),
    ] {
        let frames = stream(&server, agent, params.clone()).await?;
        assert_eq!(words(&frames), states);
        let task = send(&server, agent, params.clone()).await?;
        let status = &task["status"];
        assert_eq!((&status["state"], &task["artifacts"]), (&json!("TASK_STATE_FAILED"), &json!([])));
        let reason = status["message"]["parts"][0]["text"].as_str().ok_or("a reason")?;
        assert!(reason.contains("no dataset"), "{reason}");
        assert_eq!(status["message"]["role"], "ROLE_AGENT");
    }
    // A restricted token has no access to the namespace.
    let restricted =
        json!({ "name": "t", "accessRestrictedTo": [{ "username": "self", "namespace": "cinema" }] });
    let made = expect(200, server.send_json("POST", "/user/token", restricted).await?)?.json()?;
    let token = made["token"].as_str().ok_or("a token")?;
    for agent in AGENTS {
        let url = format!("{}/a2a/{agent}", server.emulator.api_url());
        let post = |params: &Value| {
            server
                .http
                .post(&url)
                .bearer_auth(token)
                .json(&rpc("SendStreamingMessage", params.clone()))
                .send()
        };
        let refused = expect(200, read(post(&params).await?).await?)?.json()?;
        assert_eq!(refused["error"]["code"], -32602);
        assert!(expect(200, read(post(&question("Alien?")).await?).await?)?.text.contains("Scott"));
    }
    Ok(())
}

#[tokio::test]
async fn context_continues_its_conversation() -> Result {
    let server = cinema().await?;
    let first = send(&server, "assistant", question("Who directed Alien?")).await?;
    let context = &first["contextId"];
    let second = stream(&server, "assistant", follow_up("And Heat?", context)).await?;
    assert_eq!(second[0]["task"]["contextId"], *context);
    assert_ne!(second[0]["task"]["id"], first["id"]);
    let path = format!("/query/conversations/{}", context.as_str().ok_or("a context")?);
    let conversation = expect(200, server.send("GET", &path).await?)?.json()?;
    let questions: Vec<&Value> =
        conversation["turns"].as_array().into_iter().flatten().map(|turn| &turn["question"]).collect();
    assert_eq!(questions, ["Who directed Alien?", "And Heat?"]);

    // A question of `ask` may continue the conversation, too.
    let body = json!({ "username": "self", "namespace": "cinema", "query": "Gladiator?", "conversationId": context });
    expect(200, server.send_json("POST", "/query/autorag", body).await?)?;
    let conversation = expect(200, server.send("GET", &path).await?)?.json()?;
    assert_eq!(conversation["turns"].as_array().map(Vec::len), Some(3));

    // Neither another namespace nor a missing conversation is accepted.
    let mut elsewhere = follow_up("And Heat?", context);
    elsewhere["message"]["metadata"]["namespace"] = json!("garden");
    let unknown = json!("4a1d6a7e-5a0f-4c39-a6c4-9be2f02c55d4");
    for params in [elsewhere, follow_up("Heat?", &unknown), follow_up("Heat?", &json!("mine"))] {
        for method in ["SendMessage", "SendStreamingMessage"] {
            let (code, message) = error(&server, "assistant", rpc(method, params.clone())).await?;
            assert_eq!((code, message.contains("no such conversation")), (-32602, true), "{message}");
        }
    }

    // An agent without conversations returns any context unchanged, no matter who created it.
    for own in [context, &json!("mine")] {
        let task = send(&server, "nl2ql", follow_up("Heat?", own)).await?;
        assert_eq!(task["contextId"], *own);
    }
    let unchanged = expect(200, server.send("GET", &path).await?)?.json()?;
    assert_eq!(unchanged, conversation);
    Ok(())
}

#[tokio::test]
async fn conversations_are_private_to_their_user() -> Result {
    let server = cinema().await?;
    let bos =
        |path: &str| server.http.post(format!("{}{path}", server.emulator.api_url())).bearer_auth("bo-key");
    // The same namespace, so that only the user differs.
    for (path, body) in [
        ("/ingest/new/cinema/films", json!({})),
        ("/ingest/cinema/films", json!({ "data": [{ "title": "Heat" }] })),
    ] {
        assert!(bos(path).json(&body).send().await?.status().is_success());
    }
    let mine = send(&server, "assistant", question("Alien?")).await?["contextId"].clone();
    let theirs = async |params: Value| -> Result<Value> {
        let request = bos("/a2a/assistant").json(&rpc("SendMessage", params));
        expect(200, read(request.send().await?).await?)?.json()
    };
    let refused = theirs(follow_up("Heat?", &mine)).await?;
    assert_eq!(refused["error"]["code"], -32602);
    let own = theirs(question("Heat?")).await?["result"]["task"]["contextId"].clone();
    assert_eq!(theirs(follow_up("Alien?", &own)).await?["result"]["task"]["contextId"], own);
    assert_eq!(error(&server, "assistant", rpc("SendMessage", follow_up("Heat?", &own))).await?.0, -32602);
    let path = format!("/query/conversations/{}", mine.as_str().ok_or("a context")?);
    let turns = expect(200, server.send("GET", &path).await?)?.json()?["turns"].as_array().map(Vec::len);
    assert_eq!(turns, Some(1));
    Ok(())
}

#[tokio::test]
async fn context_survives_a_restart() -> Result {
    let folder = tempfile::tempdir()?;
    let start = |folder: &Path| Server::with(builder().data_dir(folder));
    let server = start(folder.path()).await?;
    server.fill_cinema().await?;
    let first = send(&server, "assistant", question("Who directed Alien?")).await?;
    let query_task = send(&server, "nl2ql", question("Alien?")).await?;
    server.emulator.shutdown().await;

    let server = start(folder.path()).await?;
    let second = send(&server, "assistant", follow_up("And Heat?", &first["contextId"])).await?;
    assert_eq!(second["contextId"], first["contextId"]);
    assert_ne!(second["id"], first["id"]);
    let path = format!("/query/conversations/{}", first["contextId"].as_str().ok_or("a context")?);
    let conversation = expect(200, server.send("GET", &path).await?)?.json()?;
    assert_eq!(conversation["turns"].as_array().map(Vec::len), Some(2));
    // Ids of tasks are never reused.
    let later = send(&server, "nl2ql", question("Alien?")).await?;
    assert!(later["id"] != query_task["id"] && later["contextId"] != query_task["contextId"]);
    assert_eq!(error(&server, "assistant", rpc("GetTask", json!({ "id": first["id"] }))).await?.0, -32001);
    Ok(())
}

#[tokio::test]
async fn strict_emulator_rejects_only_rule_based_calls() -> Result {
    let server = Server::with(builder().strict_responses()).await?;
    server.fill_cinema().await?;
    for agent in AGENTS {
        for method in ["SendMessage", "SendStreamingMessage"] {
            expect(501, call(&server, agent, rpc(method, question("Alien?"))).await?)?;
        }
        assert_eq!(error(&server, agent, rpc("GetTask", json!({ "id": "t" }))).await?.0, -32001);
        assert!(
            response(&server, agent, rpc("GetExtendedAgentCard", json!({}))).await?["result"].is_object()
        );
    }
    Ok(())
}

/// A model that plans one step, and writes a query that is not in canonical form.
async fn model() -> Result<Chat> {
    Chat::start(|asked| {
        Say::json(match asked.task() {
            task if task.contains("You plan") => {
                json!({ "steps": ["Find Heat."], "reasoning": "one will do" })
            }
            task if task.contains("You write") => {
                json!({ "query": "Ontology(films).filter(title==Heat)", "reasoning": "the film" })
            }
            _ => json!({ "response": "Mann did." }),
        })
    })
    .await
}

#[tokio::test]
async fn model_writes_queries_and_answers() -> Result {
    let chat = model().await?;
    let server = Server::with(builder().model_url(&chat.url)).await?;
    server.fill_cinema().await?;
    let mut params = question("Who made Heat?");
    params["message"]["metadata"]["model"] = json!("some-model");
    params["message"]["metadata"]["provider"] = json!("some-provider");
    let heat =
        json!([{ "title": "Heat", "year": 1995, "director": "Mann", "__metadata": { "score": 0.3333 } }]);
    let query = r#"Ontology("cinema/films").filter(title == Heat)"#;

    let answer = expect(200, call(&server, "nl2ql", rpc("SendMessage", params.clone())).await?)?;
    assert_eq!(answer.label, "computed");
    let task = &answer.json()?["result"]["task"];
    assert_eq!(task["artifacts"][0]["parts"], json!([{ "text": query }]));
    assert_eq!(task["artifacts"][1]["parts"], json!([{ "data": { "rows": heat } }]));

    let frames = stream(&server, "assistant", params).await?;
    let expected =
        ["task submitted", "working", "working-plan", "working-step-0", "step-0", "answer", "completed"];
    assert_eq!(words(&frames), expected);
    assert_eq!(
        frames[4]["artifactUpdate"]["artifact"]["parts"],
        json!([{ "text": query }, { "data": { "rows": heat } }])
    );
    assert_eq!(frames[5]["artifactUpdate"]["artifact"]["parts"], json!([{ "text": "Mann did." }]));
    let asked = chat.asked();
    assert_eq!(asked.len(), 4);
    assert!(asked.iter().all(|asked| asked.body["model"] == "some-model"), "{asked:?}");
    Ok(())
}

#[tokio::test]
async fn failure_of_the_model_fails_the_task() -> Result {
    let chat = Chat::always(Say::json(json!({ "nothing": "of use" }))).await?;
    let server = Server::with(builder().model_url(&chat.url)).await?;
    server.fill_cinema().await?;
    for agent in AGENTS {
        let frames = stream(&server, agent, question("Who made Heat?")).await?;
        let last = frames.last().ok_or("a frame")?;
        assert_eq!(word(last), "failed-error", "{agent}");
        let task = send(&server, agent, question("Who made Heat?")).await?;
        assert_eq!(task["status"]["state"], "TASK_STATE_FAILED", "{agent}");
    }
    Ok(())
}

#[tokio::test]
async fn faults_apply_to_streams_and_runs() -> Result {
    let server = cinema().await?;
    let faults = server.emulator.faults();
    for agent in AGENTS {
        let body = || rpc("SendStreamingMessage", question("Who directed Alien?"));
        let whole = stream(&server, agent, question("Who directed Alien?")).await?;
        for count in 0..whole.len() {
            faults.inject(Fault::new("a2aJsonRpc").cut_after(count))?;
            let cut = server.request("POST", &format!("/a2a/{agent}"))?.json(&body()).send().await?;
            let (text, broken) = read_until_end(cut).await;
            assert!(broken, "{agent} {count}");
            assert_eq!(words(&frames(&text)?), words(&whole[..count]));
            faults.inject(Fault::new("a2aJsonRpc").end_after(count))?;
            assert_eq!(
                words(&stream(&server, agent, question("Who directed Alien?")).await?),
                words(&whole[..count])
            );
            faults.inject(Fault::new("a2aJsonRpc").repeat_event(count))?;
            let repeated = stream(&server, agent, question("Who directed Alien?")).await?;
            assert_eq!((repeated.len(), word(&repeated[count])), (whole.len() + 1, word(&whole[count])));
        }
        faults.inject(Fault::new("a2aJsonRpc").status(503))?;
        expect(503, call(&server, agent, body()).await?)?;
    }
    // The work on the run fails, or stops without a last state.
    faults.inject(Fault::new("agentRun").status(500))?;
    let failed = stream(&server, "assistant", question("Alien?")).await?;
    assert_eq!(words(&failed), ["task submitted", "failed-error"]);
    faults.inject(Fault::new("agentRun").end_after(3))?;
    let stopped = stream(&server, "assistant", question("Alien?")).await?;
    assert_eq!(words(&stopped), ["task submitted", "working", "working-plan"]);
    faults.inject(Fault::new("agentRun").end_after(3))?;
    let (code, message) = error(&server, "assistant", rpc("SendMessage", question("Alien?"))).await?;
    assert_eq!((code, message.contains("no result")), (-32603, true), "{message}");
    Ok(())
}

#[tokio::test]
async fn part_with_a_kind_is_rejected_by_strict_fields() -> Result {
    let mut params = question("Alien?");
    params["message"]["parts"][0]["kind"] = json!("text");
    let lenient = cinema().await?;
    assert_eq!(send(&lenient, "nl2ql", params.clone()).await?["status"]["state"], "TASK_STATE_COMPLETED");
    let strict = Server::with(builder().strict_fields()).await?;
    strict.fill_cinema().await?;
    let (code, message) = error(&strict, "nl2ql", rpc("SendMessage", params)).await?;
    assert_eq!((code, message.contains("`kind`")), (-32602, true), "{message}");
    Ok(())
}

#[tokio::test]
async fn tokens_of_agents_are_counted() -> Result {
    let server = cinema().await?;
    let used = async || -> Result<usize> {
        let history = expect(200, server.send("GET", "/user/usage/history?pageSize=100").await?)?.json()?;
        history["data"].as_array().map(Vec::len).ok_or_else(|| format!("no history: {history}").into())
    };
    let before = used().await?;
    send(&server, "nl2ql", question("Alien?")).await?;
    stream(&server, "nl2ql", question("Alien?")).await?;
    assert_eq!(used().await?, before + 2, "a query each");
    stream(&server, "assistant", question("Alien?")).await?;
    assert_eq!(used().await?, before + 2 + 4, "a plan, two queries and an answer");
    Ok(())
}
