//! Bodies that exceed the limit of the client, or that are truncated.

use datalinks::{AskEvent, CallOptions, ErrorKind};
use datalinks_tests::server::{Reply, Server};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clients;

const MIB: usize = 1024 * 1024;

/// Error responses of any length were read completely, and every error kept the whole body.
///
/// Regression 29.
#[tokio::test]
async fn error_body_is_read_up_to_one_mebibyte() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    server.expect([Reply::of_type(400, "text/plain", "x".repeat(8 * MIB))]);
    let error = dl.current_user().await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Rejected, 400));
    assert_eq!(error.body().unwrap().len(), 500);
    assert!(error.message().contains("longer than the limit for error responses"), "{error}");
    // A body within the limit is decoded, however long its message is.
    let long = json!({ "error_code": "BAD", "message": "y".repeat(MIB - 100) });
    server.expect([Reply::json(400, long)]);
    let error = dl.current_user().await.unwrap_err();
    assert_eq!((error.code(), error.message().len()), (Some("BAD"), MIB - 100));
    server.seen();
}

#[tokio::test]
async fn size_limit_of_successes_can_be_set() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let limited = dl.with_options(CallOptions::new().response_limit(1_000));
    let answer = |rows: usize| json!({ "data": vec![json!({ "a": 1 }); rows], "metadata": {} });
    let query = |dl: &datalinks::DataLinks| dl.dataset("plants", "trees").unwrap().query().answer::<Value>();
    let longest = answer(20).to_string().len();
    let exact = dl.with_options(CallOptions::new().response_limit(longest));
    server.expect([20, 20, 500].map(|rows| Reply::json(200, answer(rows))));
    assert_eq!(query(&limited).await.unwrap().rows.len(), 20);
    assert_eq!(query(&exact).await.unwrap().rows.len(), 20);
    let error = query(&limited).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::LimitExceeded, 1));
    assert!(error.to_string().contains("1000 bytes (CallOptions::response_limit)"), "{error}");
    // By default, there is no limit.
    server.expect([Reply::json(200, answer(500_000))]);
    assert_eq!(query(&dl).await.unwrap().rows.len(), 500_000);
    // An executed call is not reported as if it had not been executed.
    server.expect([Reply::json(201, json!({ "cleaningTaskId": Uuid::nil(), "more": "z".repeat(2_000) }))]);
    let trees = limited.dataset("plants", "trees").unwrap();
    let error = trees.clean(["trim"], &limited.dataset("plants", "clean").unwrap()).await.unwrap_err();
    assert_eq!((error.kind(), error.is_ambiguous()), (ErrorKind::LimitExceeded, true));
    assert!(error.to_string().contains("check whether it took effect"), "{error}");
    server.seen();
}

/// An error response with the outcome of a run became an end without a result if its body was truncated.
///
/// Regression 30.
#[tokio::test]
async fn truncated_result_is_not_the_end_of_a_run() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let run = dl.run(Uuid::from_u128(7).to_string()).unwrap();
    let body =
        json!({ "status": "completed", "question": "why?", "result": { "response": "so" } }).to_string();
    for status in [409, 410, 422] {
        server.expect([Reply::TruncatedRefusal { status, body: body.clone() }]);
        let error = run.resume().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Interrupted, "{status}: {error}");
        assert!(error.is_retryable() && error.to_string().contains("AgentRun::status"), "{status}: {error}");
        server.expect([Reply::json(status, &body)]);
        let event = run.resume().await.unwrap().next().await.unwrap().unwrap();
        let (AskEvent::NoCheckpoint(described) | AskEvent::Terminal(described)) = event else {
            panic!("{event:?}")
        };
        assert_eq!(described["result"]["response"], "so");
    }
    // The status of other error responses is sufficient.
    server.expect([Reply::TruncatedRefusal { status: 404, body }]);
    assert_eq!(run.resume().await.unwrap_err().kind(), ErrorKind::NotFound);
    server.seen();
}

/// Results exceed the size of error messages.
#[tokio::test]
async fn result_in_an_error_response_may_be_long() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let run = dl.run(Uuid::from_u128(7).to_string()).unwrap();
    let body = json!({ "status": "completed", "result": { "response": "w".repeat(3 * MIB) } });
    server.expect([Reply::json(410, body)]);
    let event = run.resume().await.unwrap().next().await.unwrap().unwrap();
    let AskEvent::Terminal(described) = event else { panic!("{event:?}") };
    assert_eq!(described["result"]["response"].as_str().unwrap().len(), 3 * MIB);
    server.seen();
}
