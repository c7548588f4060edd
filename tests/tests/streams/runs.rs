//! Runs that cannot be resumed: the client polls their status, and their outcome ends the stream.

use std::time::Duration;

use datalinks::{
    AskEvent, AskStream, DataLinks, Error, ErrorKind, RetryPolicy,
    ask::{ResumePolicy, RunState},
};
use datalinks_tests::server::{Reply, Server};
use serde_json::{Value, json};

use crate::{
    dl,
    ends::{ANSWER, PROBLEM, RUN, sse},
    impatiently, resume,
};

const ID: &str = "c2f8a9d3-90b1-4f57-b6a0-1f5be3a7d7e3";

/// Returns a stream that is interrupted after its first step.
fn broken() -> Reply {
    sse(format!("{RUN}event: planningStarted\ndata: {{}}\n\nevent: step\ndata: {}\n\n", step(Some(0))))
}

fn step(index: Option<u8>) -> Value {
    let mut step = json!({ "instruction": "find", "query": "q", "reasoning": "r", "data": [{ "n": 1 }] });
    if let Some(index) = index {
        step["index"] = index.into();
    }
    step
}

fn result(steps: usize) -> Value {
    json!({ "response": "so", "steps": vec![step(None); steps] })
}

fn status(state: &str, more: Value) -> Reply {
    let mut body = json!({
        "runId": ID, "agentKind": "auto_rag", "question": "why?", "status": state, "canResume": false
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Reply::json(200, body)
}

fn running() -> Reply {
    status("running", json!({}))
}

fn completed(steps: usize) -> Reply {
    status("completed", json!({ "result": result(steps) }))
}

fn no_checkpoint() -> Reply {
    Reply::json(409, "{}")
}

async fn ask(client: &DataLinks, policy: ResumePolicy) -> AskStream {
    client.namespace("plants").unwrap().ask("why?").resume(policy).stream().await.unwrap()
}

/// Returns the events after the interruption, with the index of steps and the message of errors, and the last
/// error.
async fn read(mut stream: AskStream, impatient: bool) -> (String, Option<Error>) {
    let (mut names, mut last) = (Vec::new(), None);
    loop {
        let next = if impatient { impatiently(&mut stream).await } else { stream.next().await };
        let Some(event) = next else { break };
        assert!(last.is_none(), "an event followed an error");
        match event {
            Ok(AskEvent::Step(step)) => names.push(format!("step-{}", step.index)),
            Ok(AskEvent::Error(failure)) => names.push(format!("error({})", failure.message)),
            Ok(event) => names.push(event.name().to_owned()),
            Err(error) => last = Some(error),
        }
    }
    assert!(stream.next().await.is_none());
    let text = names.join(" ");
    let rest = text.strip_prefix("run-started planningStarted step-0").unwrap_or_else(|| panic!("{text}"));
    (rest.trim_start().to_owned(), last)
}

#[tokio::test]
async fn every_end_of_a_polled_run_has_its_outcome() {
    let unreadable = status("completed", json!({ "result": { "response": 7 } }));
    let failed = || status("failed", json!({ "errorMessage": "no tokens" }));
    let odd = || Reply::json(410, "<html>");
    let over = |body: Value| Reply::json(410, body);
    let table: Vec<(&str, Vec<Reply>, &str, Option<ErrorKind>)> = vec![
        (
            "running, running, completed",
            vec![no_checkpoint(), running(), running(), completed(3)],
            "restarted step-1 step-2 answer",
            None,
        ),
        ("all steps were yielded before", vec![no_checkpoint(), completed(1)], "restarted answer", None),
        ("no steps", vec![no_checkpoint(), completed(0)], "restarted answer", None),
        ("failed", vec![no_checkpoint(), running(), failed()], "restarted error(no tokens)", None),
        (
            "failed without a reason",
            vec![no_checkpoint(), status("failed", json!({}))],
            "restarted error(the run failed without a reason)",
            None,
        ),
        ("expired", vec![no_checkpoint(), status("expired", json!({}))], "restarted terminal", None),
        ("an unknown state", vec![no_checkpoint(), status("paused", json!({}))], "restarted terminal", None),
        (
            "deleted",
            vec![no_checkpoint(), running(), Reply::json(404, PROBLEM)],
            "restarted",
            Some(ErrorKind::NotFound),
        ),
        (
            "refused",
            vec![no_checkpoint(), Reply::json(401, PROBLEM)],
            "restarted",
            Some(ErrorKind::Unauthorized),
        ),
        (
            "down for a while",
            vec![no_checkpoint(), Reply::json(503, PROBLEM), Reply::Closed, running(), completed(1)],
            "restarted answer",
            None,
        ),
        (
            "a wait that is asked for",
            vec![no_checkpoint(), Reply::json(429, PROBLEM).with_header("retry-after-ms", "1"), completed(1)],
            "restarted answer",
            None,
        ),
        (
            "too long a wait that is asked for",
            vec![no_checkpoint(), Reply::json(503, PROBLEM).with_header("retry-after", "61")],
            "restarted",
            Some(ErrorKind::Server),
        ),
        (
            "no result",
            vec![no_checkpoint(), status("completed", json!({}))],
            "restarted",
            Some(ErrorKind::UnexpectedResponse),
        ),
        (
            "an unreadable result",
            vec![no_checkpoint(), unreadable],
            "restarted",
            Some(ErrorKind::UnexpectedResponse),
        ),
        (
            "completed (410), with the result",
            vec![over(json!({ "question": "why?", "result": result(2) }))],
            "restarted step-1 answer",
            None,
        ),
        (
            "completed (410), without it",
            vec![over(json!({ "question": "why?" })), completed(2)],
            "restarted step-1 answer",
            None,
        ),
        (
            "completed (410), with half of it",
            vec![over(json!({ "result": { "steps": [] } })), completed(2)],
            "restarted step-1 answer",
            None,
        ),
        (
            "completed (410), without steps",
            vec![over(json!({ "result": { "response": "so" } }))],
            "restarted answer",
            None,
        ),
        (
            "completed (410), with an odd step",
            vec![over(json!({ "result": { "response": "so", "steps": [7, step(None)] } }))],
            "restarted step-1 answer",
            None,
        ),
        ("completed (410), in an odd form", vec![odd(), completed(1)], "restarted answer", None),
        ("expired (410)", vec![odd(), status("expired", json!({}))], "restarted terminal", None),
        ("failed (422)", vec![Reply::json(422, "{}"), failed()], "restarted error(no tokens)", None),
        (
            "a service that is down before it responds to resuming",
            vec![Reply::json(503, PROBLEM), Reply::Closed, no_checkpoint(), completed(1)],
            "restarted answer",
            None,
        ),
        (
            "resuming later than allowed",
            vec![Reply::json(503, PROBLEM).with_header("retry-after", "61")],
            "",
            Some(ErrorKind::Server),
        ),
        ("not found when it is resumed", vec![Reply::json(404, PROBLEM)], "", Some(ErrorKind::NotFound)),
        (
            "resumed once, and over after another interruption",
            vec![
                sse(format!("{RUN}event: step\ndata: {}\n\n", step(Some(1)))),
                no_checkpoint(),
                completed(3),
            ],
            "restarted step-1 restarted step-2 answer",
            None,
        ),
    ];
    for (what, replies, expected, end) in table {
        for impatient in [false, true] {
            let server = Server::start().await;
            server.expect([broken()]);
            server.expect(replies.clone());
            let stream = ask(&dl(server.origin()), resume()).await;
            let (rest, error) = read(stream, impatient).await;
            assert_eq!(
                (rest.as_str(), error.as_ref().map(Error::kind)),
                (expected, end),
                "{what}: {error:?}"
            );
            // Every reply was used once. After the service rejected the resume, the client does not resume
            // again.
            let seen = server.seen();
            assert_eq!(seen.len(), replies.len() + 1, "{what}");
            let polls = seen.iter().skip_while(|request| request.method == "POST");
            for poll in polls {
                assert_eq!(
                    (poll.method.as_str(), poll.target.as_str()),
                    ("GET", &*format!("/api/v1/query/runs/{ID}")),
                    "{what}"
                );
            }
        }
    }
}

#[tokio::test]
async fn polling_timeout_is_not_a_failure_of_the_run() {
    let server = Server::start().await;
    server.expect([broken(), no_checkpoint(), running()]);
    let stream = ask(&dl(server.origin()), resume().poll_timeout(Duration::ZERO)).await;
    let (rest, error) = read(stream, false).await;
    let error = error.unwrap();
    assert_eq!((rest.as_str(), error.kind()), ("restarted", ErrorKind::Timeout));
    let text = error.to_string();
    assert!(text.contains(&format!("run {ID} was still `running`")), "{text}");
    assert!(text.contains(&format!("DataLinks::run({ID:?}) and AgentRun::status")), "{text}");
    assert!(!text.contains("failed"), "{text}");
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn polls_are_retried_by_the_policy_of_the_client() {
    let server = Server::start().await;
    let retry = RetryPolicy::default().max_attempts(3).backoff(Duration::ZERO, Duration::ZERO);
    let builder = DataLinks::builder(format!("{}/api/v1", server.origin()), "k").retry(retry);
    let client = builder.build().unwrap();
    let down = || Reply::json(503, PROBLEM);
    // The only poll within the bound takes three requests.
    server.expect([broken(), no_checkpoint(), down(), down(), running()]);
    let (_, error) = read(ask(&client, resume().poll_timeout(Duration::ZERO)).await, false).await;
    let error = error.unwrap();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 3));
    assert!(error.to_string().contains("still `running`"), "{error}");
    // One more failed poll does not end the stream.
    server.expect([broken(), no_checkpoint(), running(), down(), down(), down(), completed(1)]);
    let (rest, error) = read(ask(&client, resume()).await, false).await;
    assert_eq!((rest.as_str(), error.map(|error| error.kind())), ("restarted answer", None));
    server.seen();
}

#[tokio::test]
async fn answer_is_collected_from_the_outcome_of_a_run() {
    let server = Server::start().await;
    let client = dl(server.origin());
    server.expect([broken(), no_checkpoint(), running(), completed(3)]);
    let answer = ask(&client, resume()).await.collect().await.unwrap();
    assert_eq!((answer.response.as_str(), answer.steps.len()), ("so", 3));
    assert!(answer.steps.iter().all(|step| step.data.len() == 1));
    server.expect([broken(), no_checkpoint(), status("failed", json!({ "errorMessage": "no tokens" }))]);
    let error = ask(&client, resume()).await.answer().await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Reported, "no tokens"));
    server.expect([broken(), no_checkpoint(), status("expired", json!({}))]);
    let error = ask(&client, resume()).await.answer().await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Reported, "the run has expired"));
    server.seen();
}

/// Without a policy, the client neither resumes nor polls.
#[tokio::test]
async fn run_resumed_by_hand_is_not_polled() {
    let server = Server::start().await;
    let run = dl(server.origin()).run(ID).unwrap();
    server.expect([no_checkpoint(), Reply::json(410, json!({ "result": result(1) })), sse(RUN)]);
    let mut stream = run.resume().await.unwrap();
    assert!(matches!(stream.next().await, Some(Ok(AskEvent::NoCheckpoint(_)))));
    assert!(stream.next().await.is_none());
    let mut stream = run.resume().await.unwrap();
    assert!(matches!(stream.next().await, Some(Ok(AskEvent::Terminal(_)))));
    assert!(stream.next().await.is_none());
    // Another resume took the run over, so the stream ends without a last event.
    let mut stream = run.resume().await.unwrap();
    assert!(matches!(stream.next().await, Some(Ok(AskEvent::RunStarted(_)))));
    assert_eq!(stream.next().await.unwrap().unwrap_err().kind(), ErrorKind::PrematureEnd);
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn run_is_awaited_by_hand() {
    let server = Server::start().await;
    let run = dl(server.origin()).run(ID).unwrap();
    for state in [RunState::Completed, RunState::Failed, RunState::Expired] {
        server.expect([status(state.as_str(), json!({}))]);
        assert_eq!(run.wait().await.unwrap().status, state);
    }
    server.expect([Reply::json(404, PROBLEM)]);
    assert_eq!(run.wait().await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(server.seen().len(), 4);
    // An answer that arrives in the usual way ends the stream, too.
    server.expect([sse(format!("{RUN}{ANSWER}"))]);
    assert_eq!(run.resume().await.unwrap().answer().await.unwrap().response, "so");
}

/// An answer that was already charged is kept although its steps are invalid.
#[tokio::test]
async fn answer_of_a_run_does_not_depend_on_its_steps() {
    let server = Server::start().await;
    let client = dl(server.origin());
    let (one, many) = (step(None), json!([step(None), 7, step(None), { "query": 1 }]));
    let table = [
        (json!({ "response": "so", "steps": many }), vec![0, 2], json!({ "steps": [7, { "query": 1 }] })),
        (json!({ "response": "so", "steps": [one], "new": 1 }), vec![0], json!({ "new": 1 })),
        (json!({ "response": "so", "steps": [] }), vec![], json!({})),
        (json!({ "response": "so", "steps": null }), vec![], json!({})),
        (json!({ "response": "so" }), vec![], json!({})),
        (json!({ "response": "so", "steps": "none" }), vec![], json!({ "steps": "none" })),
    ];
    for (result, indexes, extra) in table {
        let ends = [
            vec![no_checkpoint(), status("completed", json!({ "result": result }))],
            vec![Reply::json(410, json!({ "result": result }))],
        ];
        for end in ends {
            server.expect([sse(RUN)]);
            server.expect(end);
            let mut stream = ask(&client, resume()).await;
            let mut found = Vec::new();
            let answer = loop {
                match stream.next().await.unwrap().unwrap() {
                    AskEvent::Step(step) => found.push(step.index),
                    AskEvent::Answer(answer) => break answer,
                    _ => {}
                }
            };
            assert_eq!((found, answer.response.as_str()), (indexes.clone(), "so"), "{result}");
            assert_eq!(Value::from(answer.extra), extra, "{result}");
        }
        // The same holds for the operation without a stream.
        server.expect([Reply::json(200, result.clone())]);
        let answer = client.namespace("plants").unwrap().ask("why?").autorag().await.unwrap();
        assert_eq!((answer.response.as_str(), answer.steps.len()), ("so", indexes.len()), "{result}");
        assert_eq!(Value::from(answer.extra), extra, "{result}");
    }
    for odd in [json!({ "steps": [] }), json!({ "response": 7, "steps": [] }), json!([])] {
        server.expect([Reply::json(200, odd)]);
        let error = client.namespace("plants").unwrap().ask("why?").autorag().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    }
    server.seen();
}

/// The service does not document the fields of `run-started`.
#[tokio::test]
async fn invalid_run_started_event_does_not_end_the_question() {
    let server = Server::start().await;
    let client = dl(server.origin());
    let table = [
        (json!({ "runId": 7, "conversationId": "c" }), (None, Some("c")), Some(json!({ "runId": 7 }))),
        (json!({ "runId": "r1" }), (None, None), Some(json!({ "runId": "r1" }))),
        (json!({ "runId": ID, "conversationId": 7 }), (Some(ID), None), Some(json!({ "conversationId": 7 }))),
        (json!({ "runId": null, "conversationId": null }), (None, None), Some(json!({}))),
        (json!([7]), (None, None), None),
        (Value::Null, (None, None), None),
    ];
    for (data, ids, extra) in table {
        server.expect([sse(format!("event: run-started\ndata: {data}\n\n{ANSWER}"))]);
        let mut stream = ask(&client, resume()).await;
        let started = stream.next().await.unwrap().unwrap();
        assert_eq!(started.name(), "run-started");
        assert_eq!((stream.run_id(), stream.conversation_id()), ids, "{data}");
        match (started, extra) {
            (AskEvent::RunStarted(started), Some(extra)) => assert_eq!(Value::from(started.extra), extra),
            (AskEvent::Other { data: kept, .. }, None) => assert_eq!(kept, data.to_string()),
            other => panic!("{other:?}"),
        }
        assert_eq!(stream.answer().await.unwrap().response, "so", "{data}");
    }
    server.seen();
}

#[tokio::test]
async fn unknown_events_keep_their_names_and_data() {
    let server = Server::start().await;
    let client = dl(server.origin());
    for (line, name) in [("", "message"), ("event: steps\n", "steps"), ("event: étape\n", "étape")] {
        server.expect([sse(format!("{line}data: {{\"a\": 1}}\n\n{ANSWER}"))]);
        let mut stream = ask(&client, resume()).await;
        let event = stream.next().await.unwrap().unwrap();
        let expected = AskEvent::Other { name: name.to_owned(), data: "{\"a\": 1}".to_owned() };
        assert_eq!(event, expected);
        assert_eq!(stream.answer().await.unwrap().response, "so", "{name}");
    }
    server.seen();
}
