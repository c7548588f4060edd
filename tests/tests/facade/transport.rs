//! How requests are sent: redirects, repetitions, options, the observer, and where the key goes.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use datalinks::{Attempt, CallOptions, DataLinks, ErrorKind, RetryPolicy};
use datalinks_tests::server::{Reply, Server};
use serde_json::json;

use crate::clients;

const PROBLEM: &str = r#"{"error_code":"TEST","message":"as scripted"}"#;

fn user() -> Reply {
    Reply::json(200, json!({ "id": "1", "username": "ana" }))
}

fn redirect(status: u16, to: &str) -> Reply {
    Reply::empty(status).with_header("location", to)
}

#[tokio::test]
async fn redirects_that_keep_the_method_are_followed_on_the_same_origin() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    for status in [307, 308] {
        server.expect([redirect(status, "/elsewhere"), Reply::json(200, json!({ "indexed": 1 }))]);
        let trees = dl.dataset("plants", "trees").unwrap();
        assert!(trees.ingest([json!({ "a": 1 })]).await.unwrap().is_complete());
        let seen = server.seen();
        assert_eq!((seen[1].method.as_str(), seen[1].target.as_str()), ("POST", "/elsewhere"));
        assert_eq!(seen[1].json, Some(json!({ "data": [{ "a": 1 }] })));
        assert_eq!(seen[1].headers["authorization"], "Bearer k");
    }
}

#[tokio::test]
async fn every_other_redirect_is_an_error_and_the_key_stays() {
    let (server, other) = (Server::start().await, Server::start().await);
    let dl = clients(&server, "k").dl;
    let elsewhere = format!("{}/api/v1/user/me", other.origin());
    for (status, to) in [(301, "/moved"), (302, "/moved"), (303, "/moved"), (307, elsewhere.as_str())] {
        server.expect([redirect(status, to)]);
        let error = dl.current_user().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Redirect, "{status}: {error}");
        assert_eq!(server.seen().len(), 1);
    }
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn a_longer_wait_than_allowed_is_told_instead_of_waited() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    server.expect([Reply::json(503, PROBLEM).with_header("retry-after", "86400")]);
    let error = dl.current_user().await.unwrap_err();
    assert_eq!((error.attempts(), error.retry_after()), (1, Some(Duration::from_secs(86_400))));
    assert!(error.is_retryable());
    assert!(error.to_string().contains("longer wait"), "{error}");
    server.seen();
}

#[tokio::test]
async fn options_belong_to_the_calls_of_a_client() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let options = CallOptions::new().attempts(1).header("x-team", "ingest").unwrap();
    let hurried = dl.with_options(options);
    server.expect([Reply::json(503, PROBLEM)]);
    assert_eq!(hurried.current_user().await.unwrap_err().attempts(), 1);
    assert_eq!(server.seen()[0].headers["x-team"], "ingest");

    // The client it came from is as it was.
    server.expect([Reply::json(503, PROBLEM), user()]);
    dl.current_user().await.unwrap();
    assert!(!server.seen()[1].headers.contains_key("x-team"));

    let policy = RetryPolicy::default().attempts(4).backoff(Duration::ZERO, Duration::ZERO);
    server.expect([Reply::Closed, Reply::json(503, PROBLEM), Reply::json(500, PROBLEM), user()]);
    dl.with_options(CallOptions::new().retry(policy)).current_user().await.unwrap();
    assert_eq!(server.seen().len(), 4);

    let secret = CallOptions::new().header("x-secret", "canary").unwrap();
    assert!(!format!("{:?}", dl.with_options(secret)).contains("canary"));
}

#[tokio::test]
async fn a_call_has_an_end() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    server.always(Reply::json(503, PROBLEM));
    let policy =
        RetryPolicy::default().attempts(100).backoff(Duration::from_secs(50), Duration::from_secs(50));
    let options = CallOptions::new().retry(policy).timeout(Duration::from_millis(200));
    let error = dl.with_options(options).current_user().await.unwrap_err();
    assert!(error.elapsed() < Duration::from_secs(5), "{error}");
    assert!(error.attempts() < 100);
}

#[tokio::test]
async fn the_observer_sees_every_request() {
    let server = Server::start().await;
    let seen: Arc<Mutex<Vec<Attempt>>> = Arc::default();
    let keep = Arc::clone(&seen);
    let dl = DataLinks::builder(format!("{}/api/v1/", server.origin()), "k")
        .retry(RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO))
        .user_agent("my-app/1.0")
        .on_attempt(move |attempt| keep.lock().unwrap().push(attempt.clone()))
        .build()
        .unwrap();
    server.expect([Reply::json(500, PROBLEM), user()]);
    dl.current_user().await.unwrap();
    let requests = server.seen();
    assert_eq!(requests[0].target, "/api/v1/user/me", "a trailing slash of the host does not count");
    let agent = requests[0].headers["user-agent"].as_str().unwrap();
    assert!(agent.contains("my-app/1.0"), "{agent}");

    let seen = seen.lock().unwrap();
    let facts =
        |attempt: &Attempt| (attempt.number, attempt.status.map(|status| status.as_u16()), attempt.failure);
    assert_eq!(facts(&seen[0]), (1, Some(500), Some(ErrorKind::Server)));
    assert_eq!(facts(&seen[1]), (2, Some(200), None));
    assert_eq!((seen[0].operation, seen[0].pause), ("getCurrentUser", Some(Duration::ZERO)));
}

#[tokio::test]
async fn the_low_level_client_goes_the_same_way() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    server.expect([Reply::json(503, PROBLEM), user()]);
    assert_eq!(dl.raw().get_current_user().await.unwrap().username, "ana");
    let seen = server.seen();
    assert_eq!((seen.len(), &seen[0].headers["authorization"]), (2, &json!("Bearer k")));
}

#[test]
fn addresses_that_would_leak_the_key_are_refused() {
    for host in [
        "http://api.example.com/api/v1",
        "ftp://api.example.com",
        "https://user:pw@api.example.com",
        "nonsense",
        "",
    ] {
        let error = DataLinks::builder(host, "k").build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{host}");
        assert!(!error.to_string().contains("pw"), "{error}");
    }
    DataLinks::builder("http://api.example.com/api/v1", "k").allow_plain_http().build().unwrap();
    DataLinks::builder("http://127.0.0.1:1/api/v1", "k").build().unwrap();
}
