//! Agents over A2A 1.0: the responses of all samples without a stream, and the requests for them.

use std::collections::BTreeMap;

use datalinks::{
    DataLinks, ErrorKind, RetryPolicy,
    agents::{Agent, AgentAnswer, AgentPart, AgentPartContent, AgentRole, AgentTaskState},
};
use datalinks_tests::{
    a2a::{error, response, result, samples},
    log,
    server::{Reply, Server},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clients;

const KEY: &str = "canary-key-a2a";

#[derive(Debug, Deserialize, PartialEq)]
struct Tree {
    tree: String,
    height_m: f64,
    planted: String,
}

fn trees() -> [Tree; 2] {
    let tree =
        |tree: &str, height_m, planted: &str| Tree { tree: tree.into(), height_m, planted: planted.into() };
    [tree("oak", 21.0, "1911-03-04"), tree("alder", 9.5, "1998-10-20")]
}

fn agent(server: &Server, name: &str) -> Agent {
    clients(server, KEY).dl.agent(name).unwrap()
}

/// Returns the call of the sample request.
fn ask(agent: &Agent, request: &Value) -> datalinks::agents::AgentAsk {
    let message = &request["params"]["message"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut ask = agent.ask(text(&message["parts"][0]["text"])).message_id(text(&message["messageId"]));
    for (name, value) in message["metadata"].as_object().unwrap() {
        ask = match name.as_str() {
            "namespace" => ask.namespace(text(value)),
            "model" => ask.model((text(value), text(&message["metadata"]["provider"]))),
            _ => ask,
        };
    }
    if let Some(context) = message["contextId"].as_str() {
        ask = ask.context_id(context);
    }
    let modes = request["params"]["configuration"]["acceptedOutputModes"].as_array().unwrap();
    ask.accepted_output_modes(modes.iter().map(text))
}

#[tokio::test]
async fn messages_and_tasks_equal_the_samples() {
    let server = Server::start().await;
    let samples = samples();
    for (name, sample) in samples["send"].as_object().unwrap() {
        let agent = agent(&server, if name == "nl2ql" { "nl2ql" } else { "assistant" });
        let answered = if sample["answer"].is_null() { &samples["send"]["assistant"] } else { sample };
        server.expect([Reply::json(200, response(&answered["answer"]))]);
        let answer = ask(&agent, &sample["request"]).await.unwrap();
        let seen = server.seen();
        assert_eq!((seen.len(), seen[0].method.as_str()), (1, "POST"));
        assert_eq!(seen[0].target, format!("/api/v1/a2a/{}", agent.name()));
        let expected = response(&sample["request"]);
        assert_eq!(seen[0].json.as_ref(), Some(&expected), "{name}");
        let header = |name: &str| seen[0].headers.get(name).and_then(Value::as_str);
        assert_eq!(header("authorization"), Some("Bearer canary-key-a2a"));
        assert_eq!((header("accept"), header("a2a-version")), (Some("application/json"), Some("1.0")));

        assert_eq!(answer.rows::<Tree>().unwrap(), trees(), "{name}");
        let wire = &answered["answer"]["result"]["task"];
        assert_eq!(answer.context_id(), wire["contextId"].as_str());
        let task = answer.into_completed().unwrap();
        assert_eq!(task.id, wire["id"].as_str().unwrap());
        assert_eq!(
            task.status.time().unwrap().to_rfc3339()[..19],
            wire["status"]["timestamp"].as_str().unwrap()[..19]
        );
        let ids: Vec<&str> = task.artifacts.iter().map(|artifact| artifact.artifact_id.as_str()).collect();
        if name == "nl2ql" {
            assert_eq!(ids, ["generated-query", "result-data"]);
            assert!(task.artifacts[0].text().starts_with("Ontology("));
        } else {
            assert_eq!(ids, ["step-0", "answer"]);
            assert_eq!(task.artifacts[0].metadata["index"], 0);
            assert!(task.artifact("answer").unwrap().text().contains("oak (21 m)"));
        }
    }
}

#[tokio::test]
async fn bare_tasks_and_messages_are_results() {
    let server = Server::start().await;
    let nl2ql = agent(&server, "nl2ql");
    let ask = || nl2ql.ask("why?").namespace("arboretum");
    let task = samples()["send"]["nl2ql"]["answer"]["result"]["task"].clone();
    server.expect([Reply::json(200, result(task))]);
    assert_eq!(ask().await.unwrap().rows::<Tree>().unwrap(), trees());

    let rows = json!([{ "tree": "oak", "height_m": 21, "planted": "1911-03-04" }]);
    let message = json!({
        "messageId": "m", "role": "ROLE_AGENT", "contextId": "c",
        "parts": [{ "text": "one" }, { "data": { "rows": rows } }, { "text": "two" }],
    });
    server.expect([Reply::json(200, result(json!({ "message": message })))]);
    let answer = ask().await.unwrap();
    assert_eq!((answer.text().as_str(), answer.context_id()), ("one\ntwo", Some("c")));
    assert_eq!(answer.rows::<Tree>().unwrap(), trees()[..1]);
    assert!(answer.task().is_none() && answer.artifacts().is_empty());
    let AgentAnswer::Message(message) = &answer else { panic!("{answer:?}") };
    assert_eq!(message.role, AgentRole::Agent);
    assert_eq!(answer.into_completed().unwrap_err().kind(), ErrorKind::UnexpectedResponse);
}

#[tokio::test]
async fn unknown_members_are_kept_and_invalid_items_are_set_aside() {
    let server = Server::start().await;
    let task = json!({
        "id": "t", "later": 1,
        "status": { "state": "TASK_STATE_PAUSED", "timestamp": "soon", "later": 2 },
        "artifacts": [7, { "artifactId": "a", "later": 3, "parts": [
            { "later": 4 }, { "text": "x", "later": 5 }, { "url": "https://e.com/a.csv", "mediaType": "text/csv" },
        ] }],
        "history": null,
    });
    server.expect([Reply::json(200, result(json!({ "task": task, "later": 6 })))]);
    let answer = agent(&server, "nl2ql").ask("why?").namespace("arboretum").await.unwrap();
    let task = answer.task().unwrap();
    assert_eq!(task.status.state, AgentTaskState::Other("TASK_STATE_PAUSED".to_owned()));
    assert_eq!((task.status.timestamp.as_deref(), task.status.time()), (Some("soon"), None));
    assert_eq!((&task.extra["later"], &task.status.extra["later"]), (&json!(1), &json!(2)));
    assert_eq!((task.artifacts.rejected[0].index, task.artifacts.rejected[0].text.as_str()), (0, "7"));
    let parts = &task.artifacts[0].parts;
    assert!(
        matches!(&parts[0].content, AgentPartContent::Unknown(whole) if whole.json() == r#"{"later":4}"#)
    );
    assert_eq!((&task.artifacts[0].extra["later"], &parts[1].extra["later"]), (&json!(3), &json!(5)));
    assert_eq!(parts[2].media_type.as_deref(), Some("text/csv"));
    let error = answer.into_completed().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Reported);
    assert!(error.message().contains("TASK_STATE_PAUSED"), "{error}");
}

/// An invalid member discarded a whole answer that was already charged.
#[tokio::test]
async fn answer_is_kept_despite_unreadable_members() {
    let server = Server::start().await;
    let nl2ql = agent(&server, "nl2ql");
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let odd = ["1e999", r#""\ud800""#, "[]", "{}", "7", "true", "null", r#"{"x":1e999,"y":1}"#, &deep];
    let known = [
        ("envelope", &["later"][..]),
        ("result", &["later"]),
        ("task", &["id", "contextId", "history", "metadata", "later", r"\ud800"]),
        ("status", &["message", "timestamp", "later", r"\ud800"]),
        ("message", &["messageId", "role", "contextId", "taskId", "metadata", "parts", "later"]),
        ("artifact", &["artifactId", "name", "description", "metadata", "later", r"\ud800"]),
        ("part", &["mediaType", "filename", "metadata", "later", r"\ud800"]),
    ];
    let mut checked = 0;
    for (place, names) in known {
        for (name, value) in names.iter().flat_map(|name| odd.map(|value| (name, value))) {
            let member = format!(r#","{name}":{value}"#);
            let put = |at: &str| if at == place { member.as_str() } else { "" };
            let body = format!(
                r#"{{"jsonrpc":"2.0","id":"1"{},"result":{{"a":1{},"task":{{"a":1{},"status":{{
                "state":"TASK_STATE_COMPLETED"{},"message":{{"a":1{}}}{}}},"artifacts":[{{"a":1{},"parts":[
                {{"data":{{"rows":[{{"n":1}}]}}{}}},{{"text":"done"}}]}}]}}}}}}"#,
                put("envelope"),
                put("result"),
                put("task"),
                if name == &"message" { "" } else { put("status") },
                put("message"),
                if name == &"message" { put("status") } else { "" },
                put("artifact"),
                put("part"),
            );
            server.expect([Reply::of_type(200, "application/json", body)]);
            let what = format!("{place} {name} {}", &value[..value.len().min(20)]);
            let answer = nl2ql.ask("why?").namespace("arboretum").await;
            let task = answer.and_then(AgentAnswer::into_completed).unwrap_or_else(|e| panic!("{what}: {e}"));
            assert_eq!(task.text(), "done", "{what}");
            assert_eq!(task.rows::<BTreeMap<String, u8>>().unwrap()[0]["n"], 1, "{what}");
            if (*name, value) == ("metadata", odd[7]) && place == "task" {
                assert_eq!(Value::from(task.metadata), json!({ "y": 1 }));
            }
            checked += 1;
        }
    }
    server.seen();
    assert_eq!(checked, 30 * odd.len());
}

#[tokio::test]
async fn members_of_another_type_and_unknown_states_are_kept() {
    let server = Server::start().await;
    let nl2ql = agent(&server, "nl2ql");
    let status = json!({ "state": 3, "timestamp": 17, "message": { "parts": [{ "text": "why" }] } });
    let task = json!({ "contextId": [], "metadata": [1], "status": status, "artifacts": {} });
    server.expect([Reply::json(200, result(json!({ "task": task })))]);
    let answer = nl2ql.ask("why?").namespace("arboretum").await.unwrap();
    let task = answer.task().unwrap();
    assert_eq!((task.id.as_str(), &task.context_id), ("", &None));
    assert_eq!(Value::from(task.extra.clone()), json!({ "contextId": [], "metadata": [1], "artifacts": {} }));
    assert_eq!(task.status.state, AgentTaskState::Other("3".to_owned()));
    assert_eq!((&task.status.timestamp, &task.status.extra["timestamp"]), (&None, &json!(17)));
    let error = answer.into_completed().unwrap_err();
    assert!(error.message().ends_with("state 3: why"), "{error}");

    // The message of a failed task is cleaned in any form.
    let status = json!({ "state": "TASK_STATE_FAILED", "message": format!("no {KEY}") });
    server.expect([Reply::json(200, result(json!({ "task": { "id": "t", "status": status } })))]);
    let answer = nl2ql.ask("why?").namespace("arboretum").await.unwrap();
    assert_eq!(answer.task().unwrap().status.extra["message"], "no [key]");

    // An error of the agent keeps its code.
    let odd = r#"{"jsonrpc":"2.0","id":"1","error":{"code":-32602,"message":7,"data":1e999}}"#;
    server.expect([Reply::json(200, odd)]);
    assert_eq!(nl2ql.ask("why?").namespace("arboretum").await.unwrap_err().rpc_code(), Some(-32602));
    server.seen();
}

#[tokio::test]
async fn card_is_kept_despite_unreadable_members() {
    let server = Server::start().await;
    let nl2ql = agent(&server, "nl2ql");
    let card = json!({
        "name": "N", "version": "1.0.0", "capabilities": [], "securitySchemes": [], "securityRequirements": {},
        "defaultInputModes": [1], "defaultOutputModes": ["text"], "description": 7, "preferredTransport": 7,
        "skills": {}, "supportedInterfaces": 7,
    });
    server.expect([Reply::json(200, &card), Reply::json(200, result(card.clone()))]);
    for card in [nl2ql.card().await.unwrap(), nl2ql.extended_card().await.unwrap()] {
        assert_eq!((card.name.as_str(), card.version.as_str()), ("N", "1.0.0"));
        assert_eq!(card.default_output_modes, ["text"]);
        assert!(card.default_input_modes.is_empty() && card.security_requirements.is_empty());
        assert_eq!((card.capabilities.streaming, card.security_schemes.len()), (None, 0));
        assert_eq!((&card.extra["capabilities"], card.extra.len()), (&json!([]), 8));
    }
    let odd =
        r#"{"name":"N","later":1e999,"capabilities":{"streaming":true,"later":1e999,"extendedAgentCard":7}}"#;
    server.expect([Reply::json(200, format!(r#"{{"jsonrpc":"2.0","id":"1","result":{odd}}}"#))]);
    let card = nl2ql.extended_card().await.unwrap();
    assert_eq!((card.capabilities.streaming, card.capabilities.extended_agent_card), (Some(true), None));
    server.expect([Reply::json(200, json!([{ "name": "N", "url": 7, "agentCard": [] }]))]);
    let list = clients(&server, KEY).dl.agents().await.unwrap();
    assert_eq!((list.len(), list.rejected.len(), &list[0].extra["url"]), (1, 0, &json!(7)));
    server.seen();
}

#[tokio::test]
async fn failed_task_is_a_result_that_is_not_completed() {
    let server = Server::start().await;
    let last = samples()["stream"]["failed"]["frames"][1]["result"]["statusUpdate"]["status"].clone();
    server.expect([Reply::json(200, result(json!({ "task": { "id": "t", "status": last } })))]);
    let answer = agent(&server, "assistant").ask("why?").namespace("arboretum").await.unwrap();
    assert_eq!(answer.task().unwrap().status.state, AgentTaskState::Failed);
    let error = answer.into_completed().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Reported);
    assert!(error.message().contains("the model did not answer"), "{error}");
}

#[tokio::test]
async fn parts_and_metadata_of_a_message_are_sent_unchanged() {
    let server = Server::start().await;
    server.expect([Reply::json(200, response(&samples()["send"]["nl2ql"]["answer"]))]);
    let nl2ql = agent(&server, "nl2ql");
    let ask =
        nl2ql.ask("why?").namespace("arboretum").metadata("depth", 2).accepted_output_modes([] as [&str; 0]);
    let ask = ask.part(AgentPart::data(&json!({ "a": [1, 2.5] })).unwrap()).part(AgentPart::text("more"));
    let ask = ask.part(AgentPart::url("https://e.com/a.csv").media_type("text/csv"));
    ask.part(AgentPart::raw("hi").filename("a.txt")).await.unwrap();
    let sent = server.seen()[0].json.clone().unwrap();
    let message = &sent["params"]["message"];
    assert_eq!(message["metadata"], json!({ "namespace": "arboretum", "depth": 2 }));
    assert_eq!(
        message["parts"],
        json!([
            { "text": "why?" }, { "data": { "a": [1, 2.5] } }, { "text": "more" },
            { "url": "https://e.com/a.csv", "mediaType": "text/csv" }, { "raw": "aGk=", "filename": "a.txt" },
        ])
    );
    assert_eq!(sent["params"]["configuration"], json!({ "acceptedOutputModes": [] }));
    assert!(message["messageId"].as_str().is_some_and(|id| id.len() == 36));
}

#[tokio::test]
async fn message_without_a_namespace_is_rejected_before_sending() {
    let server = Server::start().await;
    let nl2ql = agent(&server, "nl2ql");
    for ask in [
        nl2ql.ask("why?"),
        nl2ql.ask("why?").namespace(""),
        nl2ql.ask("why?").namespace(".."),
        nl2ql.ask("why?").metadata("namespace", 7),
    ] {
        let error = ask.clone().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(error.to_string().contains("namespace"), "{error}");
        assert_eq!(ask.stream().await.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn errors_of_agents_with_status_200_are_errors() {
    let server = Server::start().await;
    let nl2ql = agent(&server, "nl2ql");
    let mut checked = 0;
    for sample in samples()["errors"].as_array().unwrap() {
        let status = sample["http"].as_u64().unwrap() as u16;
        server.always(Reply::json(status, response(&sample["answer"])).with_header("x-request-id", "req-1"));
        let failures = [
            nl2ql.ask("why?").namespace("arboretum").await.unwrap_err(),
            nl2ql.ask("why?").namespace("arboretum").stream().await.unwrap_err(),
            nl2ql.extended_card().await.unwrap_err(),
        ];
        // Neither error is retried.
        assert_eq!(server.seen().len(), 3);
        for error in failures {
            let message = if status == 200 {
                &sample["answer"]["error"]["message"]
            } else {
                &sample["answer"]["message"]
            };
            assert_eq!(error.message(), message.as_str().unwrap());
            assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
            assert_eq!((error.request_id(), error.attempts()), (Some("req-1"), 1));
            assert_eq!(error.operation(), Some("a2aJsonRpc"));
            assert!(!error.is_ambiguous() && !error.is_retryable(), "{error}");
            if status == 200 {
                assert_eq!(error.kind(), ErrorKind::JsonRpc, "{error}");
                assert_eq!(error.rpc_code(), sample["answer"]["error"]["code"].as_i64());
                assert!(error.to_string().contains(&error.rpc_code().unwrap().to_string()), "{error}");
            } else {
                assert_eq!(
                    error.kind(),
                    if status == 401 { ErrorKind::Unauthorized } else { ErrorKind::NotFound }
                );
                assert_eq!((error.rpc_code(), error.code()), (None, sample["answer"]["error_code"].as_str()));
            }
            checked += 1;
        }
    }
    assert_eq!(checked, 3 * 10);
    for code in samples()["errorNumbers"].as_object().unwrap().keys() {
        server.always(Reply::json(200, error(code.parse().unwrap(), "")));
        let error = nl2ql.ask("why?").namespace("arboretum").await.unwrap_err();
        assert_eq!(error.rpc_code().map(|code| code.to_string()).as_ref(), Some(code));
        // The agent may have started to work before an internal error.
        assert_eq!(error.is_ambiguous(), code == "-32603", "{error}");
        assert!(error.message().contains("without a message"), "{error}");
    }
    server.seen();
}

#[tokio::test]
async fn responses_to_other_requests_are_errors() {
    let server = Server::start().await;
    let nl2ql = agent(&server, "nl2ql");
    let task = samples()["send"]["nl2ql"]["answer"]["result"].clone();
    for (body, expected) in [
        ("".to_owned(), "not a JSON object"),
        ("<html>".to_owned(), "not a JSON object"),
        (json!({ "jsonrpc": "2.0", "id": "other", "result": task }).to_string(), "id is \"other\""),
        (json!({ "jsonrpc": "2.0", "result": task }).to_string(), "id is missing"),
        (json!({ "id": "1", "result": task }).to_string(), "jsonrpc is missing"),
        (json!({ "jsonrpc": "2.0", "id": "1" }).to_string(), "neither a result nor an error"),
        (result(7).to_string(), "result is not a JSON object"),
        (result(json!({})).to_string(), "not a task or a message"),
        (result(json!({ "statusUpdate": { "status": {} } })).to_string(), "statusUpdate, not a task"),
        (result(json!({ "task": { "id": "t", "status": 7 } })).to_string(), "task in it cannot be read"),
        (result(json!({ "task": { "id": "t" } })).to_string(), "task in it cannot be read"),
        (result(json!({ "task": {}, "message": {} })).to_string(), "both task and message"),
    ] {
        server.expect([Reply::of_type(200, "application/json", body.as_str())]);
        let error = nl2ql.ask("why?").namespace("arboretum").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{body}: {error}");
        assert!(error.message().contains(expected), "{body}: {error}");
        // The agent has run, so the outcome is ambiguous.
        assert!(error.is_ambiguous() && error.status().is_some(), "{error}");
        assert_eq!(error.body().unwrap_or_default(), body.chars().take(500).collect::<String>());
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn agent_calls_are_not_retried_after_an_ambiguous_outcome() {
    let server = Server::start().await;
    let nl2ql = agent(&server, "nl2ql");
    let card = || Reply::json(200, response(&samples()["extendedCard"]["answer"]));
    for failure in [Reply::json(500, "{}"), Reply::Closed] {
        server.expect([failure.clone(), failure.clone()]);
        for error in [
            nl2ql.ask("why?").namespace("arboretum").await.unwrap_err(),
            nl2ql.ask("why?").namespace("arboretum").stream().await.unwrap_err(),
        ] {
            assert!(error.is_ambiguous() && error.attempts() == 1, "{error}");
        }
        assert_eq!(server.seen().len(), 2);
        // Reading the card is safe to retry.
        server.expect([failure, card()]);
        nl2ql.extended_card().await.unwrap();
        server.seen();
    }
    // The first attempt was not executed.
    server
        .expect([Reply::json(503, "{}"), Reply::json(200, response(&samples()["send"]["nl2ql"]["answer"]))]);
    nl2ql.ask("why?").namespace("arboretum").await.unwrap();
    server.seen();
}

#[tokio::test]
async fn list_and_cards_are_read_without_the_key() {
    let server = Server::start().await;
    let samples = samples();
    let keyless = DataLinks::builder(format!("{}/api/v1", server.origin()), KEY).without_key();
    let keyless = keyless.retry(RetryPolicy::never()).build().unwrap();
    for dl in [clients(&server, KEY).dl, keyless] {
        server.expect([Reply::json(200, &samples["list"]["answer"])]);
        let list = dl.agents().await.unwrap();
        let names: Vec<&str> = list.iter().map(|agent| agent.name.as_str()).collect();
        assert_eq!(names, ["nl2ql", "assistant"]);
        let mut seen = server.seen();
        for name in names {
            let wire = &samples["cards"][name]["answer"];
            server.expect([Reply::json(200, wire)]);
            let card = dl.agent(name).unwrap().card().await.unwrap();
            seen.extend(server.seen());
            assert_eq!(
                (card.name.as_str(), card.version.as_str()),
                (wire["name"].as_str().unwrap(), "1.0.0")
            );
            assert_eq!(
                (card.capabilities.streaming, card.capabilities.push_notifications),
                (Some(true), Some(false))
            );
            assert_eq!(card.capabilities.extended_agent_card, Some(true));
            assert_eq!((card.default_input_modes.len(), card.default_output_modes.len()), (1, 2));
            assert_eq!(
                card.skills[0].tags.last().map(String::as_str),
                wire["skills"][0]["tags"].as_array().unwrap().last().unwrap().as_str()
            );
            assert_eq!(Value::from(card.security_schemes), wire["securitySchemes"]);
            assert_eq!(Value::from(card.security_requirements), wire["securityRequirements"]);
            assert_eq!(card.supported_interfaces[0].protocol_version, "1.0");
            assert_eq!(card.supported_interfaces[0].protocol_binding, "JSONRPC");
            assert_eq!(card.preferred_transport.as_deref(), Some("JSONRPC"));
            assert!(card.extra.is_empty());
        }
        let unknown = &samples["cards"]["unknownAgent"];
        server.expect([Reply::json(404, &unknown["answer"])]);
        let error = dl.agent("nobody").unwrap().card().await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some("NOT_FOUND")));
        seen.extend(server.seen());
        assert_eq!(seen.len(), 4);
        for request in seen {
            assert!(!request.headers.contains_key("authorization"), "{}", request.target);
        }
    }
}

#[tokio::test]
async fn extended_card_requires_the_key() {
    let server = Server::start().await;
    let sample = &samples()["extendedCard"];
    server.expect([Reply::json(200, response(&sample["answer"]))]);
    let card = agent(&server, "nl2ql").extended_card().await.unwrap();
    assert_eq!(card.skills[0].examples, ["Which trees are the tallest?"]);
    let seen = server.seen();
    assert_eq!(seen[0].json, Some(response(&sample["request"])));
    assert_eq!(seen[0].headers["authorization"], format!("Bearer {KEY}"));

    let keyless =
        DataLinks::builder(format!("{}/api/v1", server.origin()), "").without_key().build().unwrap();
    let keyless = keyless.agent("nl2ql").unwrap();
    for error in [
        keyless.extended_card().await.unwrap_err(),
        keyless.ask("why?").namespace("arboretum").await.unwrap_err(),
        keyless.ask("why?").namespace("arboretum").stream().await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Config, Some("a2aJsonRpc")));
        assert_eq!((error.attempts(), error.is_ambiguous()), (0, false), "{error}");
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn addresses_of_another_origin_are_reported_and_never_used() {
    let (server, other) = (Server::start().await, Server::start().await);
    let dl = clients(&server, KEY).dl;
    let own = format!("{}/api/v1/a2a/nl2ql", server.origin());
    let foreign = format!("{}/api/v1/a2a/nl2ql", other.origin());
    let interface = |url: &str| json!({ "protocolBinding": "JSONRPC", "url": url, "protocolVersion": "1.0" });
    server.expect([
        Reply::json(
            200,
            json!([{ "name": "nl2ql", "url": foreign, "agentCard": own }, { "name": "own", "url": own }]),
        ),
        Reply::json(
            200,
            json!({ "name": "N", "supportedInterfaces": [interface(&own), interface(&foreign)] }),
        ),
        Reply::json(
            200,
            json!({ "name": "old", "url": foreign, "additionalInterfaces": [{ "url": foreign }] }),
        ),
        Reply::json(200, json!({ "name": "own", "url": own, "supportedInterfaces": [interface(&own)] })),
        Reply::json(200, result(json!({ "name": "N", "supportedInterfaces": [interface(&foreign)] }))),
        Reply::json(200, response(&samples()["send"]["nl2ql"]["answer"])),
    ]);
    let list = dl.agents().await.unwrap();
    assert_eq!(list[0].foreign_addresses, [foreign.as_str()]);
    assert!(list[1].foreign_addresses.is_empty());
    let agent = dl.agent(&list[0].name).unwrap();
    assert_eq!(agent.card().await.unwrap().foreign_addresses, [foreign.as_str()]);
    assert_eq!(agent.card().await.unwrap().foreign_addresses.len(), 2);
    assert!(agent.card().await.unwrap().foreign_addresses.is_empty());
    assert_eq!(agent.extended_card().await.unwrap().foreign_addresses, [foreign.as_str()]);
    agent.ask("why?").namespace("arboretum").await.unwrap();
    let seen = server.seen();
    assert_eq!(seen[5].target, "/api/v1/a2a/nl2ql");
    assert!(other.seen().is_empty());
    assert!(log::text().contains("addresses of another origin"), "{}", log::text());
}

#[tokio::test]
async fn repeated_key_is_not_shown() {
    let server = Server::start().await;
    let nl2ql = agent(&server, "nl2ql");
    let event = |body: &str| Reply::of_type(200, "text/event-stream", format!("data: {body}\n\n"));
    let bodies = [
        error(-32602, &format!("no {KEY}")).to_string(),
        result(json!({ "task": { "id": KEY } })).to_string(),
        result(KEY).to_string(),
        json!({ "jsonrpc": KEY, "id": KEY, "error": KEY }).to_string(),
        format!("<html>{KEY}"),
    ];
    let mut printed = String::new();
    for body in bodies {
        server.always(Reply::json(200, &body).with_header("x-request-id", KEY));
        let mut failures = vec![
            nl2ql.ask("why?").namespace("arboretum").await.unwrap_err(),
            nl2ql.ask("why?").namespace("arboretum").stream().await.unwrap_err(),
            nl2ql.extended_card().await.unwrap_err(),
        ];
        server.always(event(&body).with_header("x-request-id", KEY));
        let mut stream = nl2ql.ask("why?").namespace("arboretum").stream().await.unwrap();
        failures.push(stream.next().await.unwrap().unwrap_err());
        printed += &format!("{stream:?}");
        for error in failures {
            assert!(!error.body().unwrap_or_default().contains(KEY), "{body}: {:?}", error.body());
            assert!(!error.request_id().unwrap_or_default().contains(KEY));
            printed += &format!("{error} {error:?}");
        }
    }
    // A failed task repeats the key, and so does an artifact that cannot be read.
    let message = json!({ "messageId": "m", "parts": [{ "text": format!("no {KEY}") }] });
    let status = json!({ "state": "TASK_STATE_FAILED", "message": message });
    let task = result(json!({ "task": { "id": "t", "status": status, "artifacts": [KEY] } })).to_string();
    let unknown = result(json!({ "later": KEY })).to_string();
    server.always(Reply::json(200, &task));
    let answer = nl2ql.ask("why?").namespace("arboretum").await.unwrap();
    printed += &format!("{answer:?}");
    printed += &answer.into_completed().unwrap_err().to_string();
    for body in [task, unknown] {
        server.always(event(&body));
        let mut stream = nl2ql.ask("why?").namespace("arboretum").stream().await.unwrap();
        printed += &format!("{:?}", stream.next().await.unwrap().unwrap());
    }
    printed += &format!("{:?} {nl2ql:?}", nl2ql.ask("why?"));
    server.seen();
    assert!(printed.contains("[key]") && !printed.contains(KEY), "{printed}");
    assert!(!log::text().contains(KEY));
}

/// The key appeared in errors that repeat a message or truncate a value, in event names, and in rejected items
/// of cards and of the list of agents.
#[tokio::test]
async fn key_is_not_shown_by_agent_errors_and_rejected_items() {
    let server = Server::start().await;
    let nl2ql = agent(&server, "nl2ql");
    let mut printed = String::new();

    // Every state except completed is an error with the message of the agent.
    for state in ["TASK_STATE_AUTH_REQUIRED", "TASK_STATE_INPUT_REQUIRED", "TASK_STATE_WORKING", "NEW", KEY] {
        let parts = json!([{ "text": format!("no {KEY}") }]);
        let status = json!({ "state": state, "message": { "messageId": "m", "parts": parts } });
        server.always(Reply::json(200, result(json!({ "task": { "id": "t", "status": status } }))));
        let answer = nl2ql.ask("why?").namespace("arboretum").await.unwrap();
        printed += &format!("{:?}", answer.into_completed().unwrap_err());
    }

    // Errors contain the start of an id, and truncation splits the key there.
    let padding = "-".repeat(30);
    for body in [
        json!({ "jsonrpc": "2.0", "id": format!("{padding}{KEY}"), "result": {} }),
        json!({ "jsonrpc": format!("{padding}{KEY}"), "id": "1", "result": {} }),
    ] {
        server.always(Reply::json(200, body));
        let error = nl2ql.ask("why?").namespace("arboretum").await.unwrap_err();
        assert!(!error.message().contains(&KEY[..6]), "{}", error.message());
        printed += &format!("{error:?}");
    }

    // Names of events, and data in the message of a failed task.
    let message = json!({ "messageId": "m", "parts": [{ "data": { "reason": KEY } }] });
    let failed =
        result(json!({ "statusUpdate": { "status": { "state": "TASK_STATE_FAILED", "message": message } } }));
    let body = format!("event: {KEY}\ndata: {{}}\n\ndata: {failed}\n\n");
    server.always(Reply::of_type(200, "text/event-stream", body));
    let mut stream = nl2ql.ask("why?").namespace("arboretum").stream().await.unwrap();
    while let Some(event) = stream.next().await {
        printed += &format!("{:?}", event.unwrap());
    }

    // Errors about rows and other data.
    let parts = json!([{ "data": { "rows": [{ "n": KEY }] } }]);
    let task = json!({ "task": {
        "id": "t", "status": { "state": "TASK_STATE_COMPLETED" },
        "artifacts": [{ "artifactId": "a", "parts": parts }],
    } });
    for body in [result(task), result(json!({ "message": { "messageId": "m", "parts": parts } }))] {
        server.always(Reply::json(200, body));
        let answer = nl2ql.ask("why?").namespace("arboretum").await.unwrap();
        printed += &format!("{:?}", answer.rows::<BTreeMap<String, u8>>().unwrap_err());
        let rows = answer.rows::<BTreeMap<String, String>>().unwrap();
        assert_eq!(rows[0]["n"], KEY, "data stays as it is");
    }

    // Rejected items of cards and of the list.
    let card = json!({ "name": "x", "skills": [KEY], "supportedInterfaces": [{ "url": 7, "a": KEY }] });
    server.always(Reply::json(200, &card));
    let public = nl2ql.card().await.unwrap();
    server.always(Reply::json(200, result(card)));
    for card in [public, nl2ql.extended_card().await.unwrap()] {
        printed += &format!("{:?}", card.skills.complete().unwrap_err());
        printed += &format!("{:?} {:?}", card.supported_interfaces.rejected, card.supported_interfaces.items);
        assert_eq!(card.supported_interfaces.rejected.len(), 1);
    }
    server.always(Reply::json(200, json!([{ "name": 7, "url": KEY }])));
    let list = clients(&server, KEY).dl.agents().await.unwrap();
    assert_eq!(list.rejected.len(), 1);
    printed += &format!("{:?}", list.rejected);
    server.seen();
    assert!(printed.contains("[key]") && !printed.contains(KEY), "{printed}");
}

/// An operation fails here if the client without a key sends it although it is not public.
#[tokio::test]
async fn client_without_a_key_calls_only_public_operations() {
    use datalinks_gen::Server as Service;

    let server = Server::start().await;
    let mut clients = clients(&server, KEY);
    clients.dl =
        DataLinks::builder(format!("{}/api/v1", server.origin()), KEY).without_key().build().unwrap();
    assert!(!format!("{:?} {:?}", clients.dl, DataLinks::builder("x", KEY).without_key()).contains(KEY));
    server.always(Reply::json(400, r#"{"error_code":"NO","message":"no"}"#));
    let mut refused = 0;
    for operation in crate::calls::operations().filter(|operation| operation.server == Service::Api) {
        let error = crate::calls::call(operation.id, &clients, crate::calls::NAME).await.unwrap_err();
        let hint = crate::calls::hint(operation);
        assert_eq!(error.operation(), Some(operation.id), "{hint}");
        let seen = server.seen();
        if operation.public {
            assert_eq!((error.kind(), seen.len()), (ErrorKind::Rejected, 1), "{error}: {hint}");
            assert!(!seen[0].headers.contains_key("authorization"), "{hint}");
        } else {
            assert_eq!((error.kind(), seen.len()), (ErrorKind::Config, 0), "{error}: {hint}");
            assert_eq!((error.attempts(), error.is_ambiguous()), (0, false), "{hint}");
            refused += 1;
        }
    }
    assert!(refused > 0);
    // The rule also applies to the low-level client, and to a header that the application sets.
    assert!(clients.dl.raw().get_current_user().await.is_err());
    let options = datalinks::CallOptions::new().header("authorization", "Bearer mine").unwrap();
    let error = clients.dl.with_options(options.clone()).current_user().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(server.seen().is_empty());
    clients.dl.with_options(options).agents().await.unwrap_err();
    assert!(!server.seen()[0].headers.contains_key("authorization"));
}
