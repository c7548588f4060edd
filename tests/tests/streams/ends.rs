//! Ends of streams: each has its own outcome and a bounded number of requests.

use std::time::Duration;

use datalinks::{
    AskEvent, Error, ErrorKind, PipelineEvent, RetryPolicy,
    pipeline::PipelineSource,
    testing::{self, Script},
};
use datalinks_tests::{
    clock::settle,
    server::{Reply, Server},
};
use tokio::time::{Instant, timeout};

use crate::{IDLE, after_silence, dl, proxy, reconnect, resume};

const SSE: &str = "text/event-stream";
const NDJSON: &str = "application/x-ndjson";
pub(crate) const PROBLEM: &str = r#"{"error_code":"TEST","message":"as scripted"}"#;
pub(crate) const RUN: &str =
    "event: run-started\ndata: {\"runId\":\"c2f8a9d3-90b1-4f57-b6a0-1f5be3a7d7e3\"}\n\n";
pub(crate) const ANSWER: &str = "event: answer\ndata: {\"response\":\"so\"}\n\n";

fn headers(content_type: &str) -> Vec<(String, String)> {
    vec![("content-type".to_owned(), content_type.to_owned())]
}

pub(crate) fn sse(body: impl Into<String>) -> Reply {
    Reply::of_type(200, SSE, body)
}

/// Returns the names of the events, and the error that ended the stream. The server is silent after `silent` events, if
/// that is a number.
async fn ask(server: &Server, silent: Option<usize>) -> (Vec<String>, Option<Error>) {
    let mut names = Vec::new();
    let mut stream = match dl(server.origin()).namespace("plants").unwrap().ask("why?").stream().await {
        Ok(stream) => stream,
        Err(error) => return (names, Some(error)),
    };
    loop {
        let next = match silent {
            Some(events) if events == names.len() => after_silence(&mut stream).await,
            _ => stream.next().await,
        };
        let Some(event) = next else { return (names, None) };
        match event {
            Ok(event) => names.push(event.name().to_owned()),
            Err(error) => {
                assert!(stream.next().await.is_none());
                return (names, Some(error));
            }
        }
    }
}

/// Regression 25.
#[tokio::test]
async fn every_end_of_an_answer_has_its_outcome() {
    let failed = format!("{RUN}event: error\ndata: {{\"message\":\"no\"}}\n\n");
    let truncated = Reply::Truncated { headers: headers(SSE), body: format!("{RUN}{}", " ".repeat(200)) };
    let stalled = Reply::Stalled { headers: headers(SSE), body: format!("{RUN}{}", " ".repeat(200)) };
    let whole = &ANSWER[..ANSWER.len() - 1];
    let cut = Reply::Truncated { headers: headers(SSE), body: format!("{whole}{}", " ".repeat(whole.len())) };
    let table: Vec<(&str, Reply, usize, Option<ErrorKind>)> = vec![
        ("complete", sse(format!("{RUN}{ANSWER}")), 2, None),
        ("nothing after the end counts", sse(format!("{ANSWER}{RUN}")), 1, None),
        ("an error of the agent", sse(failed), 2, None),
        ("a clean end without either", sse(RUN), 1, Some(ErrorKind::PrematureEnd)),
        (
            "an unfinished last event",
            sse(format!("{RUN}event: answer\ndata: {{}}")),
            1,
            Some(ErrorKind::PrematureEnd),
        ),
        ("an answer without its blank line", sse(&ANSWER[..ANSWER.len() - 1]), 1, None),
        ("an answer without its line end", sse(format!("{RUN}{}", ANSWER.trim_end())), 2, None),
        ("an error without its line end", sse("event: error\ndata: {\"message\":\"no\"}"), 1, None),
        ("half an answer", sse(&ANSWER[..ANSWER.len() - 4]), 0, Some(ErrorKind::PrematureEnd)),
        ("an unfinished event that is not the last", sse(RUN.trim_end()), 0, Some(ErrorKind::PrematureEnd)),
        ("an answer without its blank line, cut", cut, 0, Some(ErrorKind::Interrupted)),
        ("nothing at all", sse(""), 0, Some(ErrorKind::PrematureEnd)),
        ("cut", truncated, 1, Some(ErrorKind::Interrupted)),
        ("closed before the answer", Reply::Closed, 0, Some(ErrorKind::Interrupted)),
        ("silence", stalled, 1, Some(ErrorKind::Stalled)),
        ("a broken payload", sse("event: plan\ndata: {}\n\n"), 0, Some(ErrorKind::UnexpectedResponse)),
        ("an unknown event", sse(format!("event: later\ndata: ?\n\n{ANSWER}")), 2, None),
        ("no event stream", Reply::json(200, "{}"), 0, Some(ErrorKind::UnexpectedResponse)),
        ("no content type", Reply::empty(200), 0, Some(ErrorKind::UnexpectedResponse)),
        ("a page", Reply::of_type(200, "text/html", "<html>"), 0, Some(ErrorKind::UnexpectedResponse)),
        ("401", Reply::json(401, PROBLEM), 0, Some(ErrorKind::Unauthorized)),
        ("404", Reply::json(404, PROBLEM), 0, Some(ErrorKind::NotFound)),
        ("410", Reply::json(410, PROBLEM), 0, Some(ErrorKind::Gone)),
        ("500", Reply::json(500, PROBLEM), 0, Some(ErrorKind::Server)),
    ];
    for (what, reply, events, end) in table {
        let server = Server::start().await;
        server.expect([reply]);
        let (names, error) = ask(&server, (what == "silence").then_some(events)).await;
        assert_eq!(
            (names.len(), error.as_ref().map(Error::kind)),
            (events, end),
            "{what}: {names:?} {error:?}"
        );
        // A question is sent once, because a second run would be charged.
        assert_eq!(server.seen().len(), 1, "{what}");
        // Regression: a cut stream of a question that was paid for looked like one that is safe to ask again.
        let is_rejected = matches!(what, "401" | "404" | "410");
        assert!(error.is_none_or(|error| error.is_ambiguous() != is_rejected), "{what}");
    }
}

#[tokio::test]
async fn answer_is_collected_with_its_steps() {
    let server = Server::start().await;
    let step = r#"{"index":0,"instruction":"i","query":"q","reasoning":"r","data":[{"n":1}]}"#;
    server.expect([sse(format!("{RUN}event: step\ndata: {step}\n\n{ANSWER}"))]);
    let stream = dl(server.origin()).namespace("plants").unwrap().ask("why?").stream().await.unwrap();
    let answer = stream.collect().await.unwrap();
    assert_eq!((answer.response.as_str(), answer.steps.len()), ("so", 1));
    assert_eq!((answer.steps[0].query.as_str(), answer.steps[0].data.len()), ("q", 1));
}

/// The response to the resume of a completed run contains the result, and can be truncated.
#[tokio::test]
async fn truncated_result_is_requested_again() {
    let server = Server::start().await;
    let body = r#"{"question":"why?","result":{"response":"so","steps":[]}}"#;
    server.expect([
        sse(RUN),
        Reply::TruncatedRefusal { status: 410, body: body.to_owned() },
        Reply::json(410, body),
    ]);
    let ask = dl(server.origin()).namespace("plants").unwrap().ask("why?").resume(resume());
    assert_eq!(ask.stream().await.unwrap().answer().await.unwrap().response, "so");
    server.seen();
}

/// The module `runs` tests a service that does not resume the run.
#[tokio::test]
async fn interrupted_answer_is_resumed_with_a_policy() {
    let broken = || sse(format!("{RUN}event: planningStarted\ndata: {{}}\n\n"));
    let rest = || {
        sse(format!(
            "{RUN}event: planningStarted\ndata: {{}}\n\nevent: answerStarted\ndata: {{}}\n\n{ANSWER}"
        ))
    };
    let table: Vec<(&str, Vec<Reply>, &str, Option<ErrorKind>)> = vec![
        ("once", vec![broken(), rest()], "run-started planningStarted restarted answerStarted answer", None),
        (
            "refused",
            vec![broken(), Reply::json(401, PROBLEM)],
            "run-started planningStarted",
            Some(ErrorKind::Unauthorized),
        ),
        (
            "a server that is down for a while",
            vec![broken(), Reply::json(503, PROBLEM), Reply::Closed, rest()],
            "run-started planningStarted restarted answerStarted answer",
            None,
        ),
        (
            "never anything new",
            vec![broken(), broken(), broken(), broken(), broken(), broken()],
            "run-started planningStarted restarted",
            Some(ErrorKind::PrematureEnd),
        ),
        ("a run that is not known", vec![sse("")], "", Some(ErrorKind::PrematureEnd)),
    ];
    for (what, replies, expected, end) in table {
        let server = Server::start().await;
        server.expect(replies);
        let mut names = Vec::new();
        let mut last = None;
        let question = dl(server.origin()).namespace("plants").unwrap().ask("why?").resume(resume());
        let mut stream = question.stream().await.unwrap();
        while let Some(event) = stream.next().await {
            match event {
                Ok(event) => names.push(event.name().to_owned()),
                Err(error) => last = Some(error.kind()),
            }
        }
        assert_eq!((names.join(" ").as_str(), last), (expected, end), "{what}");
        let seen = server.seen();
        assert!(seen[1..].iter().all(|request| request.target.ends_with("/resume")), "{what}");
    }
}

/// Regression: a run that was started and could not be followed looked like one that is safe to start again.
#[tokio::test]
async fn run_that_cannot_be_followed_is_ambiguous() {
    let started = || Reply::empty(200).with_header("x-workflow-run-id", "r");
    let failed = Reply::of_type(200, NDJSON, "{\"type\":\"error\"}\n");
    for (replies, kind, is_ambiguous) in [
        (vec![started(), Reply::json(401, PROBLEM)], ErrorKind::Unauthorized, true),
        (vec![started(), Reply::json(404, PROBLEM)], ErrorKind::NotFound, true),
        (vec![started(), failed], ErrorKind::Reported, false),
        (vec![Reply::json(401, PROBLEM)], ErrorKind::Unauthorized, false),
    ] {
        let server = Server::start().await;
        server.expect(replies);
        let source = PipelineSource::url("https://files.example/a.csv");
        let error = proxy(server.origin()).run_pipeline("n", source).await.unwrap_err();
        assert_eq!((error.kind(), error.is_ambiguous()), (kind, is_ambiguous), "{error}");
    }
}

#[tokio::test]
async fn every_end_of_a_pipeline_run_has_its_outcome() {
    let lines = |body: &str| Reply::of_type(200, NDJSON, body);
    let half =
        Reply::Truncated { headers: headers(NDJSON), body: format!("{{\"n\":1}}\n{}", " ".repeat(40)) };
    let ends = || lines("{\"type\":\"complete\"}\n");
    let table: Vec<(&str, Vec<Reply>, usize, Option<ErrorKind>)> = vec![
        ("complete", vec![ends()], 1, None),
        ("an error", vec![lines("{\"type\":\"error\"}\n")], 1, None),
        (
            "an end that no JSON value holds",
            vec![lines("{\"n\":1}\n{\"type\":\"complete\",\"x\":1e400}\n")],
            1,
            Some(ErrorKind::UnexpectedResponse),
        ),
        (
            "a failure that no JSON value holds",
            vec![lines("{\"type\":\"error\",\"x\":\"\\ud800\"}\n")],
            0,
            Some(ErrorKind::Reported),
        ),
        ("nothing after the end counts", vec![lines("{\"type\":\"complete\"}\n{}\n")], 1, None),
        ("a clean end without either", vec![lines("{\"n\":1}\n"), ends()], 2, None),
        ("cut", vec![half, ends()], 2, None),
        ("closed", vec![Reply::Closed, ends()], 1, None),
        (
            "a server that is down for a while",
            vec![Reply::json(503, PROBLEM), Reply::json(502, "<html>"), ends()],
            1,
            None,
        ),
        ("a line that is not JSON", vec![lines("<html>\n"), ends()], 2, None),
        (
            "a page",
            vec![Reply::of_type(200, "text/html; charset=utf-8", "<p>\n</p>\n")],
            0,
            Some(ErrorKind::UnexpectedResponse),
        ),
        (
            "an XML document",
            vec![Reply::of_type(200, "application/xml", "<a>\n")],
            0,
            Some(ErrorKind::UnexpectedResponse),
        ),
        (
            "a page after events",
            vec![lines("{\"n\":1}\n"), Reply::of_type(200, "text/html", "<p>\n")],
            1,
            Some(ErrorKind::UnexpectedResponse),
        ),
        ("plain text", vec![Reply::of_type(200, "text/plain", "{\"type\":\"complete\"}\n")], 1, None),
        ("JSON", vec![Reply::of_type(200, "application/json", "{\"type\":\"complete\"}\n")], 1, None),
        ("401", vec![Reply::json(401, PROBLEM)], 0, Some(ErrorKind::Unauthorized)),
        ("404", vec![Reply::json(404, PROBLEM)], 0, Some(ErrorKind::NotFound)),
        ("410", vec![Reply::json(410, PROBLEM)], 0, Some(ErrorKind::Gone)),
        ("always empty", (0..6).map(|_| lines("")).collect(), 0, Some(ErrorKind::PrematureEnd)),
        ("always 500", (0..6).map(|_| Reply::json(500, PROBLEM)).collect(), 0, Some(ErrorKind::Server)),
    ];
    for (what, replies, events, end) in table {
        let server = Server::start().await;
        server.expect(replies);
        let mut run = proxy(server.origin()).follow("run", 0).unwrap().reconnect(reconnect());
        let (mut seen, mut last) = (0, None);
        while let Some(event) = run.next().await {
            match event {
                Ok(event) => {
                    assert!(
                        !matches!(event, PipelineEvent::Unreadable(_)) || what == "a line that is not JSON"
                    );
                    seen += 1;
                }
                Err(error) => last = Some(error.kind()),
            }
        }
        assert_eq!((seen, last), (events, end), "{what}");
        // All scripted replies were used, and no other request was sent.
        server.seen();
    }
}

/// The script makes no connection, so the paused clock advances when the run waits for the silent server, and only then.
#[tokio::test(start_paused = true)]
async fn silent_run_is_followed_again() {
    let script = Script::new()
        .reply(testing::Reply::json_lines([" ".repeat(20)]).then_silent())
        .reply(testing::Reply::json_lines(["{\"type\":\"complete\"}\n"]));
    let proxy = script.ingest_proxy_builder().retry(RetryPolicy::never()).idle_timeout(IDLE).build().unwrap();
    let mut run = proxy.follow("run", 0).unwrap().reconnect(reconnect());
    let start = Instant::now();
    assert!(matches!(run.next().await, Some(Ok(PipelineEvent::Complete(_)))));
    assert_eq!(start.elapsed().as_secs(), IDLE.as_secs());
    assert!(run.next().await.is_none());
    assert_eq!(script.finish().len(), 2);
}

/// A sign-in page produced garbage events, and moved the cursor past events that were never yielded.
///
/// Regression 23.
#[tokio::test]
async fn html_page_does_not_move_the_cursor() {
    let server = Server::start().await;
    server.expect([
        Reply::of_type(200, NDJSON, "{\"n\":1}\n"),
        Reply::of_type(200, "text/html", "<html>\n<body>\nSign in\n</body>\n</html>\n"),
    ]);
    let mut run = proxy(server.origin()).follow("run", 0).unwrap().reconnect(reconnect());
    assert!(matches!(run.next().await, Some(Ok(PipelineEvent::Other(_)))));
    let error = run.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), run.cursor()), (ErrorKind::UnexpectedResponse, 1));
    let line = error.to_string();
    assert!(
        line.contains("text/html") && line.contains("DL_INGEST_PROXY") && line.contains("event 1"),
        "{line}"
    );
    assert!(run.next().await.is_none());
    server.seen();
}

/// An event that equals the first one was held back until the next event. The next event may never arrive if
/// the run waits for an answer to this one.
///
/// Regression 24.
#[tokio::test]
async fn event_equal_to_the_first_is_yielded_without_delay() {
    let server = Server::start().await;
    let (ask, other) = ("{\"type\":\"ask\"}\n", "{\"type\":\"other\"}\n");
    server.expect([
        Reply::of_type(200, NDJSON, format!("{ask}{other}")),
        Reply::Stalled { headers: headers(NDJSON), body: format!("{ask}{}", " ".repeat(ask.len())) },
    ]);
    let mut run = proxy(server.origin()).follow("run", 0).unwrap().reconnect(reconnect());
    let mut kinds = Vec::new();
    for _ in 0..3 {
        // A minute, which is less than the idle limit: a run that holds the event back fails, and a slow machine does not.
        let next = timeout(Duration::from_secs(60), run.next()).await.expect("the event is held back");
        kinds.push(next.unwrap().unwrap().kind().unwrap().to_owned());
    }
    assert_eq!((kinds.join(" ").as_str(), run.cursor()), ("ask other ask", 3));
}

/// A second `tick` was treated as a replay of the first one.
///
/// Regression 24.
#[tokio::test]
async fn one_equal_event_is_not_a_replay() {
    for (detect, first, second, expected) in [
        (true, "tick", "tick complete", "tick tick complete"),
        (true, "a b", "a b complete", "a b complete"),
        // These carry an identifier.
        (true, "a#", "a# complete", "a# complete"),
        (false, "a#", "a# complete", "a# a# complete"),
        (false, "a b", "a b complete", "a b a b complete"),
    ] {
        let server = Server::start().await;
        let lines = |kinds: &str| {
            let line = |kind: &str| {
                let id = if kind.ends_with('#') { ",\"id\":\"1\"" } else { "" };
                format!("{{\"type\":\"{kind}\"{id}}}\n")
            };
            let lines = kinds.split(' ').map(line);
            Reply::of_type(200, NDJSON, lines.collect::<String>())
        };
        server.expect([lines(first), lines(second)]);
        let policy = reconnect().detect_replays(detect);
        let mut run = proxy(server.origin()).follow("run", 0).unwrap().reconnect(policy);
        let mut kinds = Vec::new();
        while let Some(event) = run.next().await {
            kinds.push(event.unwrap().kind().unwrap().to_owned());
        }
        assert_eq!(kinds.join(" "), expected);
        assert_eq!(run.cursor(), kinds.len() as u64);
        assert!(server.seen()[1].target.ends_with(&format!("startIndex={}", first.split(' ').count())));
    }
}

/// The repeated events of a long run counted as new ones once.
#[tokio::test]
async fn proxy_that_repeats_a_run_is_left_after_as_many_reconnects_for_any_length() {
    for length in [3, 2000] {
        let server = Server::start().await;
        let lines: String = (0..length).map(|n| format!("{{\"type\":\"step\",\"n\":{n}}}\n")).collect();
        server.always(Reply::of_type(200, NDJSON, lines));
        let policy = reconnect().max_reconnects_without_progress(2);
        let mut run = proxy(server.origin()).follow("run", 0).unwrap().reconnect(policy);
        for _ in 0..length {
            run.next().await.unwrap().unwrap();
        }
        let error = run.next().await.unwrap().unwrap_err();
        assert!(error.to_string().contains("2 reconnects delivered no new event"), "{error}");
        assert_eq!((run.cursor(), server.seen().len()), (length, 1 + 2));
    }
}

#[tokio::test]
async fn dropped_stream_leaves_no_task_or_connection() {
    let server = Server::start().await;
    let stalled = |kind: &str, body: &str| Reply::Stalled {
        headers: headers(kind),
        body: format!("{body}{}", " ".repeat(body.len())),
    };
    // The first request creates the tasks that a client keeps.
    let client = dl(server.origin());
    let pipelines = proxy(server.origin());
    server.expect([sse(ANSWER), Reply::of_type(200, NDJSON, "{\"type\":\"complete\"}\n")]);
    client.namespace("plants").unwrap().ask("why?").await.unwrap();
    pipelines.follow("run", 0).unwrap().finish().await.unwrap();
    let metrics = tokio::runtime::Handle::current().metrics();
    settle(|| metrics.num_alive_tasks() == 1).await;

    server.expect([stalled(SSE, RUN), stalled(NDJSON, "{\"n\":1}\n")]);
    let mut events = client.namespace("plants").unwrap().ask("why?").stream().await.unwrap();
    assert!(matches!(events.next().await, Some(Ok(AskEvent::RunStarted(_)))));
    let mut run = pipelines.follow("run", 0).unwrap();
    assert!(matches!(run.next().await, Some(Ok(PipelineEvent::Other(_)))));
    // Dropping a wait loses nothing, and the stream is unchanged.
    assert!(futures::FutureExt::now_or_never(events.next()).is_none());
    assert!(metrics.num_alive_tasks() > 1);
    drop((events, run));
    settle(|| server.gone() == 2).await;
    settle(|| metrics.num_alive_tasks() == 1).await;
}

/// The agent may plan again and repeat a step. Only events that were yielded before an interruption are omitted
/// after it.
#[tokio::test]
async fn repeated_events_are_omitted_only_after_an_interruption() {
    let planning = "event: planningStarted\ndata: {}\n\n";
    let plan = |why: &str| format!("event: plan\ndata: {{\"reasoning\":\"{why}\",\"steps\":[]}}\n\n");
    let step = |why: &str| {
        let data = format!(r#"{{"index":0,"instruction":"i","query":"q","reasoning":"{why}","data":[]}}"#);
        format!("event: step\ndata: {data}\n\n")
    };
    let most = format!("{RUN}{planning}{}{planning}{}{}", plan("a"), plan("b"), step("a"));
    let all = format!("{most}{}{ANSWER}", step("b"));
    let kept = "run-started planningStarted plan planningStarted plan step";
    let table = [
        (vec![sse(all.clone())], format!("{kept} step answer")),
        (vec![sse(most.clone()), sse(all.clone())], format!("{kept} restarted step answer")),
        // Resumed from a checkpoint after the plans, and then from the start.
        (
            vec![sse(most.clone()), sse(format!("{RUN}{}", step("a"))), sse(all)],
            format!("{kept} restarted step answer"),
        ),
        (
            vec![sse(most), sse(format!("{RUN}{}{}{ANSWER}", step("a"), step("b")))],
            format!("{kept} restarted step answer"),
        ),
    ];
    for (replies, expected) in table {
        let server = Server::start().await;
        server.expect(replies);
        let namespace = dl(server.origin()).namespace("plants").unwrap();
        let mut stream = namespace.ask("why?").resume(resume()).stream().await.unwrap();
        let mut names = Vec::new();
        while let Some(event) = stream.next().await {
            names.push(event.unwrap().name().to_owned());
        }
        assert_eq!(names.join(" "), expected);
        server.seen();
    }
}

#[tokio::test]
async fn policy_without_resume_is_named_in_the_error() {
    let server = Server::start().await;
    let client = dl(server.origin());
    for (most, advice) in [
        (0, "the policy allows no attempt to resume the run"),
        (1, "1 attempt to resume the run delivered no new event"),
        (2, "2 attempts to resume the run delivered no new event"),
    ] {
        server.always(sse(RUN));
        let policy = resume().max_reconnects_without_progress(most);
        let ask = client.namespace("plants").unwrap().ask("why?").resume(policy);
        let error = ask.stream().await.unwrap().answer().await.unwrap_err();
        assert!(error.to_string().contains(&format!("; {advice}; the run may continue")), "{error}");
        assert_eq!(server.seen().len(), 1 + most as usize);
    }
}
