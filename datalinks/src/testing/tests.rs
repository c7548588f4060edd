use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::*;
use crate::{error::ErrorKind, ingest::Delivery, pipeline::PipelineEvent, transport::CallOptions};

fn user() -> Reply {
    Reply::json(json!({ "id": "1", "username": "ana" }))
}

fn message(panic: Box<dyn std::any::Any + Send>) -> String {
    *panic.downcast::<String>().unwrap()
}

#[tokio::test]
async fn script_serves_replies_in_order_and_records_requests() {
    let script = Script::new().reply(Reply::status(503)).reply(Reply::json(json!({ "indexed": 1 })));
    let films = script.client().dataset("cinema", "films").unwrap();
    let result = films.ingest([json!({ "title": "Alien" })]).await.unwrap();
    assert!(result.is_complete());
    let requests = script.finish();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[1].to_string(), "POST /api/v1/ingest/cinema/films");
    assert_eq!(requests[1].json::<Value>().unwrap()["data"], json!([{ "title": "Alien" }]));
    assert_eq!(requests[1].header("authorization"), Some("Bearer test-key"));
    assert_eq!(requests[1].header("content-length"), Some(requests[1].body().len().to_string().as_str()));
    assert!(!format!("{requests:?}").contains(Script::KEY));
}

#[tokio::test]
async fn unexpected_request_fails_once_and_fails_the_test() {
    let script = Script::new();
    let error = script.client().current_user().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.is_ambiguous()), (ErrorKind::Config, 1, false));
    assert!(error.to_string().contains("the script has no reply for GET /api/v1/user/me"), "{error}");
    assert!(script.requests().is_empty());
    let panic = catch_unwind(AssertUnwindSafe(|| drop(script))).unwrap_err();
    assert!(message(panic).contains("no reply was left for GET /api/v1/user/me"));
}

#[tokio::test]
async fn unused_reply_fails_the_test() {
    let script = Script::new().reply(user()).reply_to(Method::GET, "/user/me", Reply::lost_response());
    script.client().current_user().await.unwrap();
    let panic = catch_unwind(AssertUnwindSafe(|| script.finish())).unwrap_err();
    assert_eq!(message(panic), "no request came for the lost response to GET …/user/me");
}

#[tokio::test]
async fn replies_are_matched_by_method_and_path() {
    let script = Script::new()
        .reply_to(Method::POST, "/ingest/cinema/films", Reply::json(json!({ "indexed": 1 })))
        .otherwise(user());
    let dl = script.client();
    dl.current_user().await.unwrap();
    dl.current_user().await.unwrap();
    assert!(dl.dataset("cinema", "films").unwrap().ingest([json!({})]).await.unwrap().is_complete());
    assert_eq!(script.finish().len(), 3);
}

#[tokio::test]
async fn failed_connection_is_retried_for_every_operation() {
    let script = Script::new()
        .reply(Reply::no_connection())
        .reply(Reply::no_connection())
        .reply(Reply::no_connection());
    let error = script.client().create_token("ci").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.is_ambiguous()), (ErrorKind::Connect, 3, false));
    assert!(script.finish().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn lost_response_is_ambiguous() {
    let script = Script::new().reply(Reply::lost_response());
    let error = script.client().create_token("ci").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Interrupted, 1));
    assert!(error.is_ambiguous());
    assert_eq!(script.finish().len(), 1);

    // A call that only reads is retried.
    let script = Script::new().reply(Reply::lost_response()).reply(user());
    script.client().current_user().await.unwrap();

    // An incomplete body is a lost response, too.
    let script = Script::new().reply(Reply::body("application/json", "{\"to").then_interrupted());
    let error = script.client().create_token("ci").await.unwrap_err();
    assert_eq!((error.kind(), error.is_ambiguous()), (ErrorKind::Interrupted, true));
}

#[tokio::test]
async fn delivery_modes_can_be_tested() {
    let rows = || [json!({ "title": "Alien" })];
    let script = Script::new().reply(Reply::lost_response()).reply(Reply::json(json!({ "indexed": 1 })));
    let films = script.client().dataset("cinema", "films").unwrap();
    let result = films.ingest(rows()).await.unwrap();
    assert!(result.failed.is_empty());
    assert_eq!(result.possibly_duplicated, vec![0..1]);
    script.finish();

    let script = Script::new().reply(Reply::lost_response());
    let films = script.client().dataset("cinema", "films").unwrap();
    let result = films.ingest(rows()).delivery(Delivery::AtMostOnce).await.unwrap();
    assert!(result.failed[0].error.is_ambiguous());
}

#[tokio::test(start_paused = true)]
async fn time_limits_end_calls_to_a_silent_server() {
    let script = Script::new().reply(Reply::no_response());
    let start = Instant::now();
    let error = script.client().create_token("ci").await.unwrap_err();
    assert_eq!((error.kind(), error.is_ambiguous()), (ErrorKind::Timeout, true));
    assert_eq!(start.elapsed(), Duration::from_secs(60));
    script.finish();

    let script = Script::new().reply(user().after(Duration::from_secs(7)));
    let hurried =
        script.client().with_options(CallOptions::new().timeout(Duration::from_secs(5)).max_attempts(1));
    let start = Instant::now();
    assert_eq!(hurried.current_user().await.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(start.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn event_streams_arrive_in_chunks_and_can_fail() {
    let (start, end) = "event: planningStarted\ndata: {}\n\n".split_at(9);
    let answer = "event: answer\ndata: {\"response\": \"42\"}\n\n";
    let ask = async |reply: Reply| {
        let script = Script::new().reply(reply);
        let mut events = script.client().namespace("cinema").unwrap().ask("why?").stream().await.unwrap();
        let mut seen = Vec::new();
        while let Some(event) = events.next().await {
            seen.push(event.map(|event| event.name().to_owned()).map_err(|error| error.kind()));
        }
        script.finish();
        seen
    };
    let planning = || Ok("planningStarted".to_owned());
    assert_eq!(ask(Reply::event_stream([start, end, answer])).await, [planning(), Ok("answer".to_owned())]);
    assert_eq!(ask(Reply::event_stream([start, end])).await, [planning(), Err(ErrorKind::PrematureEnd)]);
    let broken = Reply::event_stream([start, end]).then_interrupted();
    assert_eq!(ask(broken).await, [planning(), Err(ErrorKind::Interrupted)]);
    let silent = Reply::event_stream([start, end]).then_silent();
    assert_eq!(ask(silent).await, [planning(), Err(ErrorKind::Stalled)]);
}

#[tokio::test(start_paused = true)]
async fn pipeline_run_reconnects_at_its_cursor() {
    let script = Script::new()
        .reply(Reply::json_lines(["{\"type\":\"modeling\"}\n{\"ty"]).then_interrupted())
        .reply(Reply::json_lines(["{\"type\":\"complete\"}\n"]));
    let mut run = script.ingest_proxy().follow("run-1", 0).unwrap();
    let mut events = Vec::new();
    while let Some(event) = run.next().await {
        events.push(event.unwrap());
    }
    assert_eq!(events.len(), 2);
    assert!(matches!(events[1], PipelineEvent::Complete(_)), "{events:?}");
    let requests = script.finish();
    assert_eq!(requests[1].query("startIndex").as_deref(), Some("1"), "{}", requests[1]);
}

#[tokio::test]
async fn uploads_send_their_parts_to_the_script() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("films.csv");
    std::fs::write(&path, "title\nAlien\n").unwrap();
    let id = "6d4b8a8e-3c55-4f5b-8a4e-111111111111";
    let script = Script::new()
        .reply(Reply::json(json!({
            "uploadId": "u", "key": "k", "partSize": 12,
            "presignedUrls": [{ "url": "https://storage.test/part?signature=s", "size": 12 }],
        })))
        .reply(Reply::status(200).header("etag", "\"tag\""))
        .reply(Reply::json(json!({ "id": id })));
    let dl = script.builder().on_request(|headers| {
        headers.insert("traceparent", HeaderValue::from_static("00-1"));
    });
    let films = dl.build().unwrap().dataset("cinema", "films").unwrap();
    films.upload(&path).await.unwrap();
    let requests = script.finish();
    assert_eq!(requests[1].url(), "https://storage.test/part?signature=s");
    assert_eq!(requests[1].body(), "title\nAlien\n");
    // The storage receives neither the API key nor headers of the application.
    assert_eq!((requests[1].header("authorization"), requests[1].header("traceparent")), (None, None));
    assert_eq!(requests[2].header("traceparent"), Some("00-1"));
}

/// A response that repeated a header of the hook put it into the error.
#[tokio::test]
async fn headers_of_the_hook_are_removed_from_errors() {
    let reply = Reply::error(400, "BAD", "x-gateway-token: canary-2 is bad").header("x-echo", "canary-2");
    let script = Script::new().reply(Reply::status(503)).reply(reply);
    let calls = std::sync::atomic::AtomicUsize::new(1);
    let dl = script.builder().on_request(move |headers| {
        let call = calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        headers.insert("x-gateway-token", format!("canary-{call}").parse().unwrap());
    });
    let error = dl.build().unwrap().current_user().await.unwrap_err();
    let shown = format!("{error} {error:?} {:?}", script.finish());
    assert!(shown.contains("[secret] is bad") && !shown.contains("canary"), "{shown}");
}

/// A header of an option claimed a body that was not sent.
#[tokio::test]
async fn options_do_not_change_how_a_body_is_framed() {
    let script = Script::new().reply(user());
    let framed = CallOptions::new().header("content-length", "10").unwrap();
    let framed = framed.header("transfer-encoding", "chunked").unwrap();
    script.client().with_options(framed).current_user().await.unwrap();
    let requests = script.finish();
    let found = ["content-length", "transfer-encoding"].map(|name| requests[0].header(name));
    assert_eq!(found, [None, None]);
}

#[tokio::test]
async fn headers_of_builder_call_and_hook_override_each_other_in_this_order() {
    let script = Script::new().reply(Reply::status(503)).reply(user());
    let mut headers = HeaderMap::new();
    for name in ["x-builder", "x-call", "x-hook", "authorization"] {
        headers.insert(name, HeaderValue::from_static("builder-value"));
    }
    let count = std::sync::atomic::AtomicU32::new(0);
    let dl = script.builder().default_headers(headers.clone()).on_request(move |headers| {
        assert!(headers.is_empty());
        headers.insert("x-hook", (1 + count.fetch_add(1, std::sync::atomic::Ordering::Relaxed)).into());
        headers.insert("authorization", HeaderValue::from_static("Bearer of-the-hook"));
    });
    assert!(!format!("{dl:?}").contains("builder-value"));
    let options = CallOptions::new().header("x-call", "call").unwrap().header("x-hook", "call").unwrap();
    dl.build().unwrap().with_options(options).current_user().await.unwrap();
    let requests = script.finish();
    let values = |index: usize| {
        ["x-builder", "x-call", "x-hook", "authorization"].map(|name| requests[index].header(name).unwrap())
    };
    assert_eq!(values(0), ["builder-value", "call", "1", "Bearer test-key"]);
    assert_eq!(values(1), ["builder-value", "call", "2", "Bearer test-key"]);
}

/// Sends a call of each handle and each builder with options of its own.
#[tokio::test]
async fn options_of_handles_and_builders_are_merged_with_those_of_the_client() {
    let id = "6d4b8a8e-3c55-4f5b-8a4e-111111111111";
    let script = Script::new().otherwise(Reply::status(404));
    let header = |name: &str| CallOptions::new().header(name, "1").unwrap();
    let dl = script.client().with_options(header("x-client"));
    let own = || header("x-own").max_attempts(1);
    let checked = async |name: &str, call: futures::future::LocalBoxFuture<'_, ()>| {
        let before = script.requests().len();
        call.await;
        let requests = script.requests().split_off(before);
        assert!(!requests.is_empty(), "nothing was sent by {name}");
        for request in requests {
            assert_eq!(
                (request.header("x-client"), request.header("x-own")),
                (Some("1"), Some("1")),
                "{request}"
            );
        }
    };
    macro_rules! sent {
        ($($call:expr),+ $(,)?) => { $( checked(stringify!($call), Box::pin(async { drop($call.await); })).await; )+ };
    }

    // Handles.
    let namespace = dl.namespace("cinema").unwrap();
    let films = namespace.dataset("films").unwrap();
    let (agent, run, session) = (dl.agent("nl2ql").unwrap(), dl.run(id).unwrap(), dl.session(id).unwrap());
    sent![
        namespace.with_options(own()).conversations(),
        films.with_options(own()).info(),
        agent.with_options(own()).card(),
        run.with_options(own()).status(),
        session.with_options(own()).files(),
        // Handles that a handle creates keep its options, and so does its client.
        namespace.with_options(own()).dataset("films").unwrap().create(),
        films.with_options(own()).namespace().ask("why?"),
        films.with_options(own()).client().current_user(),
        agent.with_options(own()).client().current_user(),
        run.with_options(own()).client().current_user(),
        session.with_options(own()).client().current_user(),
    ];

    // Builders.
    let rows = || [json!({ "title": "Alien" })];
    let column = || films.column("title");
    let answer = || {
        let step = crate::ask::AutoRagStep::new("find", "Ontology(films)", "", Vec::new());
        crate::ask::AutoRagAnswer::new("none", vec![step])
    };
    sent![
        films.create().options(own()),
        films.update_definition().description("about films").options(own()),
        films.ingest(rows()).options(own()),
        films.query().options(own()).fetch::<Value>(),
        films.preview_links(rows()).options(own()),
        films.change_ontology().options(own()),
        films.ingestions().options(own()),
        films.wait_for(id.parse().unwrap()).options(own()),
        films.finish_upload("u", "k", [crate::uploads::UploadedPart::new(1, "e")]).options(own()),
        namespace.curate_links().options(own()),
        namespace.ask("why?").options(own()).stream(),
        agent.ask("why?").namespace("cinema").options(own()),
        run.rate(true).options(own()),
        dl.add_link(column(), column()).options(own()),
        dl.explain_link(column(), column()).options(own()),
        namespace.verify(answer()).options(own()),
        dl.create_token("ci").options(own()),
        dl.usage().options(own()),
        dl.usage_by_day().options(own()),
        dl.infer(rows()).options(own()).description(),
    ];
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("films.csv");
    std::fs::write(&path, "title\nAlien\n").unwrap();
    sent![films.upload(&path).options(own()), dl.upload_files([&path]).options(own())];

    let proxy = script.ingest_proxy().with_options(header("x-client"));
    let source = || crate::pipeline::PipelineSource::rows(rows()).unwrap();
    sent![
        proxy.run_pipeline("cinema", source()).options(own()).stream(),
        proxy.follow("run-1", 0).unwrap().options(own()).trace(),
    ];

    // The handle and the client did not change.
    let before = script.requests().len();
    films.info().await.unwrap_err();
    films.client().without_options().current_user().await.unwrap_err();
    let requests = script.finish().split_off(before);
    assert_eq!((requests[0].header("x-client"), requests[0].header("x-own")), (Some("1"), None));
    assert_eq!(requests[1].header("x-client"), None);
}

/// A field that the call sets overrides that of the client. Other fields of the client apply.
#[tokio::test(start_paused = true)]
async fn fields_of_options_are_merged_separately() {
    let sent = async |client: CallOptions, call: CallOptions, reply: Reply| {
        let script = Script::new().otherwise(reply);
        let films = script.client().with_options(client).dataset("cinema", "films").unwrap();
        let start = Instant::now();
        let error = films.with_options(call).info().await.unwrap_err();
        (error.kind(), script.finish().len(), start.elapsed())
    };
    let (none, seconds) = (CallOptions::new, Duration::from_secs);
    let attempts = |n| CallOptions::new().max_attempts(n);
    let timeout = |n| CallOptions::new().timeout(seconds(n)).max_attempts(1);
    let policy = |n| CallOptions::new().retry(without_delay().max_attempts(n));
    let limit = |n| CallOptions::new().response_limit(n);

    let busy = || Reply::status(503);
    assert_eq!(sent(none(), none(), busy()).await.1, 3);
    assert_eq!(sent(attempts(2), none(), busy()).await.1, 2);
    assert_eq!(sent(attempts(2), attempts(4), busy()).await.1, 4);
    assert_eq!(sent(attempts(2), CallOptions::new().timeout(seconds(9)), busy()).await.1, 2);
    assert_eq!(sent(policy(5), none(), busy()).await.1, 5);
    assert_eq!(sent(policy(5), policy(2), busy()).await.1, 2);
    assert_eq!(sent(policy(5), attempts(1), busy()).await.1, 1);
    assert_eq!(sent(attempts(1), policy(4), busy()).await.1, 4);

    let silent = Reply::no_response;
    assert_eq!(sent(timeout(5), none(), silent()).await, (ErrorKind::Timeout, 1, seconds(5)));
    assert_eq!(sent(timeout(5), timeout(7), silent()).await, (ErrorKind::Timeout, 1, seconds(7)));
    assert_eq!(sent(timeout(5), limit(1), silent()).await, (ErrorKind::Timeout, 1, seconds(5)));

    let long = || Reply::json("a long response");
    assert_eq!(sent(limit(3), none(), long()).await.0, ErrorKind::LimitExceeded);
    assert_eq!(sent(limit(3), attempts(1), long()).await.0, ErrorKind::LimitExceeded);
    assert_eq!(sent(limit(3), limit(100), long()).await.0, ErrorKind::UnexpectedResponse);
}

#[tokio::test]
async fn panic_of_a_hook_propagates_before_the_request_is_sent() {
    let script = Script::new();
    let dl = script.builder().on_request(|_| panic!("hook")).build().unwrap();
    let call = AssertUnwindSafe(dl.current_user());
    let panic = futures::FutureExt::catch_unwind(call).await.unwrap_err();
    assert_eq!(*panic.downcast::<&str>().unwrap(), "hook");
    assert!(script.finish().is_empty());
}
