//! The agents of an emulator, called by the client.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

use datalinks::{DataLinks, ErrorKind, RetryPolicy, agents::AgentEvent};
use datalinks_emulator::{Emulator, Fault};
use serde::Deserialize;
use serde_json::json;

/// A question for which the agent `assistant` has a plan of two steps.
const QUESTION: &str = "Who directed Alien?";

#[derive(Debug, Deserialize, PartialEq)]
struct Film {
    title: String,
    year: u16,
}

async fn cinema() -> (Emulator, DataLinks) {
    let emulator = Emulator::builder().start().await.unwrap();
    let dl = DataLinks::builder(emulator.api_url(), emulator.api_key());
    let dl = dl.retry(RetryPolicy::never()).build().unwrap();
    let (films, people) = (dl.dataset("cinema", "films").unwrap(), dl.dataset("cinema", "people").unwrap());
    films.create().await.unwrap();
    people.create().await.unwrap();
    let film = json!({ "title": "Alien", "director": "Ridley Scott", "year": 1979 });
    assert!(films.ingest([film]).await.unwrap().is_complete());
    assert!(people.ingest([json!({ "name": "Ridley Scott", "born": 1937 })]).await.unwrap().is_complete());
    dl.add_link(films.column("director"), people.column("name")).await.unwrap();
    (emulator, dl)
}

#[tokio::test]
async fn agents_are_listed_without_a_key() {
    let (emulator, dl) = cinema().await;
    let keyless = DataLinks::builder(emulator.api_url(), "").without_key().build().unwrap();
    let list = keyless.agents().await.unwrap();
    assert!(list.rejected.is_empty());
    let names: Vec<&str> = list.iter().map(|agent| agent.name.as_str()).collect();
    assert_eq!(names, ["nl2ql", "assistant"]);
    for entry in list.iter() {
        assert!(entry.foreign_addresses.is_empty(), "{entry:?}");
        let card = keyless.agent(&entry.name).unwrap().card().await.unwrap();
        assert_eq!((card.capabilities.streaming, card.foreign_addresses.len()), (Some(true), 0));
        assert_eq!(card.supported_interfaces[0].url, *entry.url.as_ref().unwrap());
        let extended = dl.agent(&entry.name).unwrap().extended_card().await.unwrap();
        assert!(!extended.skills[0].examples.is_empty());
        assert!(extended.extra.is_empty() && card.extra.is_empty(), "{card:?}");
    }
}

#[tokio::test]
async fn both_agents_answer_awaited_and_streamed_calls() {
    let (_emulator, dl) = cinema().await;
    for (name, question, first, last) in [
        ("nl2ql", "Which films are there?", "generated-query", "result-data"),
        ("assistant", QUESTION, "step-0", "answer"),
    ] {
        let agent = dl.agent(name).unwrap();
        let task = agent.ask(question).namespace("cinema").await.unwrap().into_completed().unwrap();
        let ids: Vec<&str> = task.artifacts.iter().map(|artifact| artifact.artifact_id.as_str()).collect();
        assert_eq!((ids[0], *ids.last().unwrap()), (first, last), "{name}");
        if name == "nl2ql" {
            let films: Vec<Film> = task.rows().unwrap();
            assert_eq!(films, [Film { title: "Alien".to_owned(), year: 1979 }]);
        }

        let mut stream = agent.ask(question).namespace("cinema").stream().await.unwrap();
        let mut streamed = Vec::new();
        while let Some(event) = stream.next().await {
            match event.unwrap() {
                AgentEvent::ArtifactUpdate(update) => streamed.push(update.artifact),
                AgentEvent::Task(_) | AgentEvent::StatusUpdate(_) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(streamed, task.artifacts.items, "{name}");
        assert!(stream.task_id().is_some() && stream.context_id().is_some());
    }
}

#[tokio::test]
async fn conversation_continues_and_errors_have_their_codes() {
    let (_emulator, dl) = cinema().await;
    let assistant = dl.agent("assistant").unwrap();
    let answer = assistant.ask(QUESTION).namespace("cinema").await.unwrap();
    let context = answer.context_id().unwrap().to_owned();
    let more = assistant.ask("And who was born in 1937?").namespace("cinema").context_id(&context);
    assert_eq!(more.await.unwrap().context_id(), Some(context.as_str()));

    let without_namespace = json!({
        "jsonrpc": "2.0", "id": 1, "method": "SendMessage",
        "params": { "message": { "messageId": "m", "role": "ROLE_USER", "parts": [{ "text": "?" }] } },
    });
    let response = assistant.call(without_namespace.as_object().unwrap().clone()).await.unwrap();
    assert!(response["error"]["message"].as_str().unwrap().contains("metadata.namespace"), "{response:?}");
    let unknown = assistant.ask(QUESTION).namespace("cinema").context_id("unknown");
    for error in [unknown.clone().await.unwrap_err(), unknown.stream().await.unwrap_err()] {
        assert_eq!((error.kind(), error.rpc_code()), (ErrorKind::JsonRpc, Some(-32602)), "{error}");
    }
    let nobody = dl.agent("nobody").unwrap();
    let error = nobody.ask(QUESTION).namespace("cinema").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
}

#[tokio::test]
async fn stream_truncated_after_any_event_is_an_error() {
    let (emulator, dl) = cinema().await;
    let assistant = dl.agent("assistant").unwrap();
    let ask = || assistant.ask(QUESTION).namespace("cinema");
    let mut whole = Vec::new();
    let mut stream = ask().stream().await.unwrap();
    while let Some(event) = stream.next().await {
        whole.push(event.unwrap().name().to_owned());
    }
    assert!(whole.len() > 5, "{whole:?}");
    for cut in 1..whole.len() {
        emulator.faults().inject(Fault::new("a2aJsonRpc").cut_after(cut)).unwrap();
        let mut stream = ask().stream().await.unwrap();
        let mut seen = Vec::new();
        let error = loop {
            match stream.next().await.unwrap() {
                Ok(event) => seen.push(event.name().to_owned()),
                Err(error) => break error,
            }
        };
        assert_eq!(seen, whole[..cut]);
        assert!(matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::PrematureEnd), "{error}");
        assert!(error.is_ambiguous() && error.is_retryable());
    }
    assert_eq!(emulator.faults().pending(), 0);
}
