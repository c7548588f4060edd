//! Streams of agents over A2A 1.0: every sample, complete and truncated at any byte, and all ends of a stream.

use datalinks::{
    Error, ErrorKind,
    agents::{AgentAsk, AgentEvent, AgentStream, AgentTaskState},
    testing::{self, Script},
};
use datalinks_tests::{
    a2a::{error, event, events, response, result, samples},
    clock::{settle, until_limit},
    server::{Reply, Server},
};
use futures::stream::FusedStream as _;
use serde_json::{Value, json};

use crate::{
    IDLE, after_silence, dl,
    ends::{PROBLEM, sse},
    impatiently,
};

fn ask(server: &Server) -> AgentAsk {
    let agent = dl(server.origin()).agent("assistant").unwrap();
    agent.ask("Which trees are the tallest?").namespace("arboretum")
}

/// Returns the events of a stream, and the error that ended it.
async fn read(stream: AgentStream) -> (Vec<AgentEvent>, Option<Error>) {
    read_until_silence(stream, None).await
}

/// Returns the events of a stream, and the error that ended it. The server is silent after `silent` events, if that is a
/// number.
async fn read_until_silence(
    mut stream: AgentStream,
    silent: Option<usize>,
) -> (Vec<AgentEvent>, Option<Error>) {
    let mut events = Vec::new();
    loop {
        let next = match silent {
            Some(count) if count == events.len() => after_silence(&mut stream).await,
            _ => impatiently(&mut stream).await,
        };
        let Some(event) = next else { break };
        match event {
            Ok(event) => events.push(event),
            Err(error) => {
                assert!(stream.is_terminated() && stream.next().await.is_none());
                return (events, Some(error));
            }
        }
    }
    assert!(stream.is_terminated() && stream.next().await.is_none());
    (events, None)
}

async fn asked(server: &Server, silent: Option<usize>) -> (Vec<AgentEvent>, Option<Error>) {
    match ask(server).stream().await {
        Ok(stream) => read_until_silence(stream, silent).await,
        Err(error) => (Vec::new(), Some(error)),
    }
}

/// Checks that an event equals the frame of the sample.
fn assert_is(event: &AgentEvent, frame: &Value) {
    let result = frame["result"].as_object().unwrap();
    let (name, wire) = result.iter().next().unwrap();
    assert_eq!(event.name(), name);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match event {
        AgentEvent::Task(task) => {
            assert_eq!(
                (Some(task.id.clone()), task.context_id.clone()),
                (text(&wire["id"]), text(&wire["contextId"]))
            );
            assert!(task.artifacts.is_empty() && task.history.is_empty());
        }
        AgentEvent::StatusUpdate(update) => {
            assert_eq!(
                (&update.task_id, &update.context_id),
                (&text(&wire["taskId"]), &text(&wire["contextId"]))
            );
            assert_eq!(update.status.state.as_str(), wire["status"]["state"]);
            assert_eq!(update.status.timestamp, text(&wire["status"]["timestamp"]));
            let message = update.status.message.as_ref();
            assert_eq!(
                message.map(|message| message.message_id.clone()),
                text(&wire["status"]["message"]["messageId"])
            );
            if let Some(message) = message {
                assert_eq!(message.text(), wire["status"]["message"]["parts"][0]["text"]);
            }
        }
        AgentEvent::ArtifactUpdate(update) => {
            assert_eq!(update.artifact.artifact_id, wire["artifact"]["artifactId"]);
            assert_eq!(update.artifact.name.as_deref(), wire["artifact"]["name"].as_str());
            assert!(!update.append && !update.last_chunk);
            for (part, wire) in
                update.artifact.parts.iter().zip(wire["artifact"]["parts"].as_array().unwrap())
            {
                assert_eq!(part.as_text(), wire["text"].as_str());
                let rows = part.rows_with_metadata::<Value>().unwrap();
                assert_eq!(rows, *wire["data"]["rows"].as_array().unwrap_or(&Vec::new()));
            }
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_sample_is_decoded() {
    let server = Server::start().await;
    let samples = samples();
    for (name, sample) in samples["stream"].as_object().unwrap() {
        server.expect([sse(events(sample).concat())]);
        let (seen, error) = asked(&server, None).await;
        assert!(error.is_none(), "{name}: {error:?}");
        let frames = sample["frames"].as_array().unwrap();
        assert_eq!(seen.len(), frames.len(), "{name}");
        seen.iter().zip(frames).for_each(|(event, frame)| assert_is(event, frame));
        let sent = server.seen();
        let header = |name: &str| sent[0].headers.get(name).and_then(Value::as_str);
        assert_eq!((header("accept"), header("a2a-version")), (Some("text/event-stream"), Some("1.0")));
        assert_eq!(sent[0].json.as_ref().unwrap()["method"], "SendStreamingMessage");
        assert_eq!(sent[0].json.as_ref().unwrap()["params"]["message"]["metadata"]["namespace"], "arboretum");
    }
}

#[tokio::test]
async fn truncated_sample_yields_complete_events_then_an_error() {
    let server = Server::start().await;
    let samples = samples();
    let question = ask(&server);
    for (name, step) in [("nl2ql", 7), ("assistant", 31), ("failed", 5)] {
        let sample = &samples["stream"][name];
        let events = events(sample);
        let text = events.concat();
        let ends: Vec<usize> = events
            .iter()
            .scan(0, |end, event| {
                *end += event.len();
                Some(*end)
            })
            .collect();
        // At every event, and at other bytes.
        let cuts =
            ends.iter().copied().chain((0..text.len()).step_by(step)).chain(text.len() - 3..text.len());
        for cut in cuts {
            server.expect([sse(&text[..cut])]);
            let (seen, error) = read(question.clone().stream().await.unwrap()).await;
            // The blank line after the last event, which ends the task, may be missing.
            let whole = cut + 2 >= text.len();
            let expected = if whole { ends.len() } else { ends.iter().filter(|end| **end <= cut).count() };
            assert_eq!(seen.len(), expected, "{name} at {cut}");
            for (event, frame) in seen.iter().zip(sample["frames"].as_array().unwrap()) {
                assert_is(event, frame);
            }
            if whole {
                assert!(error.is_none(), "{name}: {error:?}");
            } else {
                let error = error.unwrap();
                assert_eq!(error.kind(), ErrorKind::PrematureEnd, "{name} at {cut}");
                assert!(error.is_ambiguous() && error.to_string().contains("ask again"), "{error}");
            }
            assert_eq!(server.seen().len(), 1);
        }
    }
}

fn state(state: &str) -> String {
    event(&result(
        json!({ "statusUpdate": { "taskId": "t", "contextId": "c", "status": { "state": state } } }),
    ))
}

fn artifact(text: &str, append: bool) -> String {
    let artifact = json!({ "artifactId": "a", "parts": [{ "text": text }] });
    event(&result(json!({ "artifactUpdate": { "taskId": "t", "artifact": artifact, "append": append } })))
}

fn message() -> String {
    event(&result(
        json!({ "message": { "messageId": "m", "role": "ROLE_AGENT", "parts": [{ "text": "so" }] } }),
    ))
}

#[tokio::test]
async fn every_end_of_an_agent_stream_has_its_outcome() {
    let working = || state("TASK_STATE_WORKING");
    let task = |state: &str| event(&result(json!({ "task": { "id": "t", "status": { "state": state } } })));
    let headers = || vec![("content-type".to_owned(), "text/event-stream".to_owned())];
    let half = |body: String| format!("{body}{}", " ".repeat(body.len() + 2));
    let json = |status: u16, body: Value| Reply::json(status, body);
    let text = |text: &str| sse(format!("{}{text}", working()));
    let then = |response: Value| text(&event(&response));
    let completed = state("TASK_STATE_COMPLETED");
    let table: Vec<(&str, Reply, usize, Option<ErrorKind>)> = vec![
        ("completed", text(&completed), 2, None),
        ("failed", text(&state("TASK_STATE_FAILED")), 2, None),
        ("canceled", text(&state("TASK_STATE_CANCELED")), 2, None),
        ("rejected", text(&state("TASK_STATE_REJECTED")), 2, None),
        ("a task that is completed", text(&task("TASK_STATE_COMPLETED")), 2, None),
        ("nothing after the end counts", text(&format!("{completed}{}", working())), 2, None),
        ("a message alone", sse(message()), 1, None),
        ("a message after updates", text(&message()), 2, None),
        ("nothing after a message counts", sse(format!("{}{}", message(), working())), 1, None),
        ("input required, and the end", text(&state("TASK_STATE_INPUT_REQUIRED")), 2, None),
        ("credentials required, and the end", text(&state("TASK_STATE_AUTH_REQUIRED")), 2, None),
        (
            "credentials required, and more",
            text(&format!("{}{completed}", state("TASK_STATE_AUTH_REQUIRED"))),
            3,
            None,
        ),
        (
            "input required and then work, and the end",
            text(&format!("{}{}", state("TASK_STATE_INPUT_REQUIRED"), working())),
            3,
            Some(ErrorKind::PrematureEnd),
        ),
        ("working, and the end", sse(working()), 1, Some(ErrorKind::PrematureEnd)),
        ("a task that is submitted", sse(task("TASK_STATE_SUBMITTED")), 1, Some(ErrorKind::PrematureEnd)),
        ("an artifact, and the end", text(&artifact("x", false)), 2, Some(ErrorKind::PrematureEnd)),
        ("an unknown state, and the end", text(&state("TASK_STATE_LATER")), 2, Some(ErrorKind::PrematureEnd)),
        ("nothing at all", sse(""), 0, Some(ErrorKind::PrematureEnd)),
        ("a last event without its blank line", text(completed.trim_end()), 2, None),
        (
            "a last event that is not whole",
            text(&completed[..completed.len() - 3]),
            1,
            Some(ErrorKind::PrematureEnd),
        ),
        ("another event without its blank line", sse(working().trim_end()), 0, Some(ErrorKind::PrematureEnd)),
        (
            "cut",
            Reply::Truncated { headers: headers(), body: half(working()) },
            1,
            Some(ErrorKind::Interrupted),
        ),
        ("closed before the response", Reply::Closed, 0, Some(ErrorKind::Interrupted)),
        (
            "silence",
            Reply::Stalled { headers: headers(), body: half(working()) },
            1,
            Some(ErrorKind::Stalled),
        ),
        ("keep-alives", text(&format!(": still here\n\n{completed}")), 2, None),
        ("an unknown member", then(result(json!({ "later": {} }))), 2, Some(ErrorKind::PrematureEnd)),
        ("an unknown event, and the end", text(&format!("event: ping\ndata: {{}}\n\n{completed}")), 3, None),
        ("an event with a name", text(&format!("event: status\n{completed}")), 2, None),
        (
            "a member that is null",
            then(result(json!({ "task": null, "message": { "messageId": "m" } }))),
            2,
            None,
        ),
        ("no JSON", text("data: <html>\n\n"), 1, Some(ErrorKind::UnexpectedResponse)),
        ("no JSON-RPC", text("data: {}\n\n"), 1, Some(ErrorKind::UnexpectedResponse)),
        (
            "another id",
            text(&completed.replace(r#""id":"1""#, r#""id":"2""#)),
            1,
            Some(ErrorKind::UnexpectedResponse),
        ),
        ("no id", text(&completed.replace(r#""id":"1","#, "")), 1, Some(ErrorKind::UnexpectedResponse)),
        ("another version", text(&completed.replace("2.0", "1.0")), 1, Some(ErrorKind::UnexpectedResponse)),
        (
            "neither result nor error",
            text("data: {\"jsonrpc\":\"2.0\",\"id\":\"1\"}\n\n"),
            1,
            Some(ErrorKind::UnexpectedResponse),
        ),
        (
            "two members",
            then(result(json!({ "task": {}, "message": {} }))),
            1,
            Some(ErrorKind::UnexpectedResponse),
        ),
        (
            "a broken payload",
            then(result(json!({ "statusUpdate": {} }))),
            1,
            Some(ErrorKind::UnexpectedResponse),
        ),
        (
            "an error without its blank line",
            text(event(&error(-32602, "no")).trim_end()),
            1,
            Some(ErrorKind::JsonRpc),
        ),
        (
            "an internal error without its blank line",
            sse(event(&error(-32603, "no")).trim_end()),
            0,
            Some(ErrorKind::JsonRpc),
        ),
        (
            "an error that is not whole",
            text(&event(&error(-32602, "no")).trim_end()[..40]),
            1,
            Some(ErrorKind::PrematureEnd),
        ),
        (
            "a response to another request without its blank line",
            text(completed.trim_end().replace(r#""id":"1""#, r#""id":"2""#).as_str()),
            1,
            Some(ErrorKind::PrematureEnd),
        ),
        ("an error as an event", then(error(-32602, "no")), 1, Some(ErrorKind::JsonRpc)),
        ("an internal error as an event", then(error(-32603, "no")), 1, Some(ErrorKind::JsonRpc)),
        ("an error as JSON", json(200, error(-32602, "no")), 0, Some(ErrorKind::JsonRpc)),
        ("a result as JSON", json(200, result(json!({}))), 0, Some(ErrorKind::UnexpectedResponse)),
        ("other JSON", json(200, json!({})), 0, Some(ErrorKind::UnexpectedResponse)),
        ("no content type", Reply::empty(200), 0, Some(ErrorKind::UnexpectedResponse)),
        ("a page", Reply::of_type(200, "text/html", "<html>"), 0, Some(ErrorKind::UnexpectedResponse)),
        ("401", Reply::json(401, PROBLEM), 0, Some(ErrorKind::Unauthorized)),
        ("404", Reply::json(404, PROBLEM), 0, Some(ErrorKind::NotFound)),
        ("500", Reply::json(500, PROBLEM), 0, Some(ErrorKind::Server)),
    ];
    for (what, reply, events, end) in table {
        let server = Server::start().await;
        server.expect([reply]);
        let (seen, error) = asked(&server, (what == "silence").then_some(events)).await;
        assert_eq!(
            (seen.len(), error.as_ref().map(Error::kind)),
            (events, end),
            "{what}: {seen:?} {error:?}"
        );
        // A message is sent once, because a second run would be charged.
        assert_eq!(server.seen().len(), 1, "{what}");
        let Some(error) = error else { continue };
        assert_eq!(error.operation(), Some("a2aJsonRpc"), "{what}");
        assert_eq!(error.rpc_code().is_some(), error.kind() == ErrorKind::JsonRpc, "{what}");
        let definite = match error.kind() {
            ErrorKind::JsonRpc => error.rpc_code() != Some(-32603),
            kind => matches!(kind, ErrorKind::Unauthorized | ErrorKind::NotFound),
        };
        assert_eq!(error.is_ambiguous(), !definite, "{what}: {error}");
    }
}

/// An error of the agent was hidden unless its content type was `application/json`.
#[tokio::test]
async fn agent_error_is_decoded_with_any_content_type() {
    let server = Server::start().await;
    let body = error(-32602, "no").to_string();
    for content_type in ["application/problem+json", "application/json-rpc", "text/plain; charset=utf-8", ""]
    {
        let reply = match content_type {
            "" => Reply::Full { status: 200, headers: Vec::new(), body: body.clone() },
            content_type => Reply::of_type(200, content_type, body.as_str()),
        };
        server.expect([reply]);
        let error = ask(&server).stream().await.unwrap_err();
        assert_eq!((error.kind(), error.rpc_code()), (ErrorKind::JsonRpc, Some(-32602)), "{content_type}");
        assert_eq!((error.message(), error.is_ambiguous()), ("no", false), "{content_type}");
    }
    for (content_type, body, expected) in [
        ("text/html", "<html>key</html>".to_owned(), "(text/html), and it is not a JSON object"),
        ("text/plain", json!({ "later": 1 }).to_string(), "(text/plain), and its jsonrpc is missing"),
        ("application/json", result(json!({})).to_string(), "not an event stream (application/json)"),
    ] {
        let reply = Reply::of_type(200, content_type, body.as_str());
        server.expect([reply.clone(), reply]);
        let error = ask(&server).stream().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error}");
        assert!(error.message().contains(expected), "{error}");
        assert_eq!(error.body(), Some(body.as_str()));
        let error = ask(&server).event_limit(10).stream().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{error}");
        assert!(error.message().contains(content_type), "{error}");
    }
    server.seen();
}

/// An invalid member of an update ended a stream that was already charged.
#[tokio::test]
async fn updates_are_kept_despite_unreadable_members() {
    let server = Server::start().await;
    let event =
        |result: String| format!("data: {{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"result\":{result}}}\n\n");
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for odd in ["1e999", r#""\ud800""#, "[]", "7", r#"{"x":1e999}"#, &deep] {
        let common = format!(r#""later":{odd},"\ud800":1,"taskId":{odd},"contextId":{odd},"metadata":{odd}"#);
        let artifact = format!(
            r#"{{"artifactUpdate":{{{common},"append":{odd},"lastChunk":{odd},"artifact":{{"name":{odd},"artifactId":"a",
            "parts":[{{"text":"done","later":{odd}}}]}}}}}}"#
        )
        .replace('\n', "");
        let working =
            format!(r#"{{"statusUpdate":{{{common},"status":{{"state":{odd},"message":{odd}}}}}}}"#);
        let message = format!(r#"{{"parts":[{{"text":"so"}}],"timestamp":{odd}}}"#);
        let completed = format!(
            r#"{{"statusUpdate":{{{common},"status":{{"state":"TASK_STATE_COMPLETED","message":{message}}}}}}}"#
        );
        server.expect([sse([working, artifact, completed].map(event).concat())]);
        let answer = ask(&server).stream().await.unwrap().answer().await;
        let task = answer.unwrap_or_else(|error| panic!("{error}")).into_completed().unwrap();
        assert_eq!((task.text().as_str(), task.artifacts.len()), ("done", 1));
        assert_eq!(task.status.message.unwrap().text(), "so");
    }
    server.seen();
}

#[tokio::test]
async fn updates_build_the_task_that_awaiting_returns() {
    let server = Server::start().await;
    let samples = samples();
    for name in ["nl2ql", "assistant"] {
        server.expect([
            sse(events(&samples["stream"][name]).concat()),
            Reply::json(200, response(&samples["send"][name]["answer"])),
        ]);
        let streamed = ask(&server).stream().await.unwrap().answer().await.unwrap();
        let awaited = ask(&server).await.unwrap();
        assert_eq!(streamed, awaited, "{name}");
    }
    // Parts of an artifact are appended or replaced, and a task keeps the earlier ones.
    let last = |artifacts: Value| {
        let task =
            json!({ "id": "t", "status": { "state": "TASK_STATE_COMPLETED" }, "artifacts": artifacts });
        event(&result(json!({ "task": task })))
    };
    for (parts, text) in [
        (artifact("one", false) + &artifact("two", true) + &last(json!([])), "one\ntwo"),
        (artifact("one", false) + &artifact("two", false) + &last(json!([])), "two"),
        (artifact("one", true) + &state("TASK_STATE_COMPLETED"), "one"),
        (
            artifact("one", false) + &last(json!([{ "artifactId": "a", "parts": [{ "text": "whole" }] }])),
            "whole",
        ),
    ] {
        server.expect([sse(parts)]);
        let answer = ask(&server).stream().await.unwrap().answer().await.unwrap();
        assert_eq!(answer.into_completed().unwrap().text(), text);
    }
    server.expect([sse(message()), sse(state("TASK_STATE_WORKING"))]);
    assert_eq!(ask(&server).stream().await.unwrap().answer().await.unwrap().text(), "so");
    let error = ask(&server).stream().await.unwrap().answer().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PrematureEnd);
    server.seen();
}

#[tokio::test]
async fn stream_reports_its_ids_and_hides_secrets() {
    let server = Server::start().await;
    server.expect([sse(state("TASK_STATE_WORKING") + &state("TASK_STATE_COMPLETED"))]);
    let mut stream = ask(&server).stream().await.unwrap();
    assert_eq!((stream.task_id(), stream.context_id(), stream.status().as_u16()), (None, None, 200));
    let Some(Ok(first)) = stream.next().await else { panic!("no event") };
    assert_eq!((first.state(), first.is_final()), (Some(&AgentTaskState::Working), false));
    assert_eq!((stream.task_id(), stream.context_id()), (Some("t"), Some("c")));
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let shown = format!("{stream:?}");
    assert!(shown.contains("Working") && !shown.contains("Bearer"), "{shown}");
    stream.close();
    assert!(stream.is_terminated() && stream.next().await.is_none());

    fn is_a_good_stream<T: Send + Unpin + 'static>(_: T) {}
    is_a_good_stream(stream);
}

#[tokio::test]
async fn events_and_responses_have_a_size_limit() {
    let server = Server::start().await;
    let long = format!("data: {}", " ".repeat(2_000));
    for (reply, events) in [
        (sse(format!("{}{long}", state("TASK_STATE_WORKING"))), 1),
        (Reply::json(200, error(1, &"x".repeat(2_000))), 0),
    ] {
        server.expect([reply]);
        let (seen, error) = match ask(&server).event_limit(1_000).stream().await {
            Ok(stream) => read(stream).await,
            Err(error) => (Vec::new(), Some(error)),
        };
        let error = error.unwrap();
        assert_eq!((seen.len(), error.kind()), (events, ErrorKind::LimitExceeded), "{error}");
        assert!(error.to_string().contains("1000 bytes"), "{error}");
        server.seen();
    }
}

#[tokio::test]
async fn dropped_stream_leaves_no_task_or_connection() {
    let server = Server::start().await;
    let question = ask(&server);
    // The first request creates the tasks that a client keeps.
    server.expect([sse(message())]);
    question.clone().stream().await.unwrap().answer().await.unwrap();
    let metrics = tokio::runtime::Handle::current().metrics();
    settle(|| metrics.num_alive_tasks() == 1).await;

    let first = state("TASK_STATE_WORKING");
    let body = format!("{first}{}", " ".repeat(first.len()));
    let stalled = |content_type: &str| Reply::Stalled {
        headers: vec![("content-type".to_owned(), content_type.to_owned())],
        body: body.clone(),
    };
    server.expect([stalled("text/event-stream")]);
    let mut stream = question.clone().stream().await.unwrap();
    assert!(matches!(stream.next().await, Some(Ok(AgentEvent::StatusUpdate(_)))));
    assert!(futures::FutureExt::now_or_never(stream.next()).is_none());
    drop(stream);
    settle(|| server.gone() == 1).await;

    // A limit that ends a call closes its connection, too. JSON in place of a stream is read as a whole.
    server.expect([stalled("application/json"), stalled("application/json")]);
    let total = datalinks::CallOptions::new().timeout(IDLE / 2);
    for (number, question) in [(2, question.clone()), (3, question.options(total))] {
        let asked = question.stream();
        let mut asked = std::pin::pin!(asked);
        tokio::select! {
            biased;
            _ = &mut asked => panic!("the response is not complete"),
            () = settle(|| server.stalled() == number) => {}
        }
        let error = until_limit(IDLE, asked).await.unwrap_err();
        // The kind depends on whether the head of the response has arrived, see the next test.
        assert!(matches!(error.kind(), ErrorKind::Stalled | ErrorKind::Timeout), "{error}");
        assert!(error.is_ambiguous(), "{error}");
        settle(|| server.gone() == number).await;
    }
}

/// The script makes no connection, so the paused clock advances when the call waits for the silent server, and only then.
#[tokio::test(start_paused = true)]
async fn json_in_place_of_a_stream_is_subject_to_the_time_limits() {
    let silent = || testing::Reply::body("application/json", "{").then_silent();
    let script = Script::new().reply(silent()).reply(silent());
    let client = script.builder().idle_timeout(IDLE).build().unwrap();
    let ask = || client.agent("assistant").unwrap().ask("why?").namespace("arboretum");
    let error = ask().stream().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Stalled, "{error}");
    let hurried = datalinks::CallOptions::new().timeout(IDLE / 2);
    let error = ask().options(hurried).stream().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(error.is_ambiguous(), "{error}");
    assert_eq!(script.finish().len(), 2);
}
