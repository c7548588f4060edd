//! Sending of requests: redirects, retries, options, the observer, and the destinations of the key.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use datalinks::{CallOptions, DataLinks, ErrorKind, RetryPolicy, retry::Attempt};
use datalinks_tests::{
    log::{self, Log},
    server::{Reply, Server},
};
use serde_json::json;

use crate::{calls::Clients, clients};

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
async fn other_redirects_are_errors_and_do_not_leak_the_key() {
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
async fn retry_after_above_the_limit_is_an_error() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    server.expect([Reply::json(503, PROBLEM).with_header("retry-after", "86400")]);
    let error = dl.current_user().await.unwrap_err();
    assert_eq!((error.attempts(), error.retry_after()), (1, Some(Duration::from_secs(86_400))));
    assert!(error.is_retryable());
    assert!(error.to_string().contains("longer delay"), "{error}");
    server.seen();
}

#[tokio::test]
async fn options_apply_to_one_client_only() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let options = CallOptions::new().max_attempts(1).header("x-team", "ingest").unwrap();
    let hurried = dl.with_options(options);
    server.expect([Reply::json(503, PROBLEM)]);
    assert_eq!(hurried.current_user().await.unwrap_err().attempts(), 1);
    assert_eq!(server.seen()[0].headers["x-team"], "ingest");

    // The original client is unchanged.
    server.expect([Reply::json(503, PROBLEM), user()]);
    dl.current_user().await.unwrap();
    assert!(!server.seen()[1].headers.contains_key("x-team"));

    let policy = RetryPolicy::default().max_attempts(4).backoff(Duration::ZERO, Duration::ZERO);
    server.expect([Reply::Closed, Reply::json(503, PROBLEM), Reply::json(500, PROBLEM), user()]);
    dl.with_options(CallOptions::new().retry(policy)).current_user().await.unwrap();
    assert_eq!(server.seen().len(), 4);

    let secret = CallOptions::new().header("x-secret", "canary").unwrap();
    assert!(!format!("{:?}", dl.with_options(secret)).contains("canary"));
}

/// A second `with_options` discarded the first one's options, for example a header of the application.
#[tokio::test]
async fn repeated_with_options_are_merged() {
    let server = Server::start().await;
    let Clients { dl, proxy, .. } = clients(&server, "k");
    let named = CallOptions::new().header("x-team", "ingest").unwrap().max_attempts(1);
    let traced = CallOptions::new().header("x-trace", "7").unwrap();
    let both = dl.with_options(named.clone()).with_options(traced.clone());
    server.expect([Reply::json(503, PROBLEM)]);
    assert_eq!(both.current_user().await.unwrap_err().attempts(), 1);
    let seen = server.seen();
    assert_eq!((&seen[0].headers["x-team"], &seen[0].headers["x-trace"]), (&json!("ingest"), &json!("7")));

    server.expect([user()]);
    both.without_options().current_user().await.unwrap();
    let seen = server.seen();
    assert!(!seen[0].headers.contains_key("x-team") && !seen[0].headers.contains_key("x-trace"));

    let both = proxy.with_options(named).with_options(traced);
    server.expect([Reply::json(200, json!({ "runId": "run" })), Reply::json(200, json!({ "runId": "run" }))]);
    both.follow("run", 0).unwrap().trace().await.unwrap();
    both.without_options().follow("run", 0).unwrap().trace().await.unwrap();
    let seen = server.seen();
    assert!(seen[0].headers.contains_key("x-team") && seen[0].headers.contains_key("x-trace"));
    assert!(!seen[1].headers.contains_key("x-team"));
}

/// After a delay above the limit, the error advised to try again, even if a retry could repeat an effect.
///
/// Regression 18.
#[tokio::test]
async fn advice_after_a_long_retry_after_depends_on_the_outcome() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let later = |status| Reply::json(status, PROBLEM).with_header("retry-after", "86400");
    let table = [
        (503, "try again after that delay", false),
        (429, "try again after that delay", false),
        (502, "check whether it took effect", true),
        (400, "correct what the message names", false),
    ];
    for (status, advice, unknown) in table {
        // The throttle after a 429 would delay the next call.
        let dl = if status == 429 { clients(&server, "k").dl } else { dl.clone() };
        server.expect([later(status)]);
        let error = dl.create_token("ci").await.unwrap_err();
        assert!(error.to_string().contains(advice), "{status}: {error}");
        assert_eq!(error.to_string().contains("try again"), !unknown && status != 400, "{status}: {error}");
        let facts = (error.is_ambiguous(), error.attempts(), error.retry_after());
        assert_eq!(facts, (unknown, 1, Some(Duration::from_secs(86_400))), "{status}");
    }
    // The outcome of a call that only reads is never ambiguous.
    server.expect([later(502)]);
    let error = dl.current_user().await.unwrap_err();
    assert!(error.to_string().contains("try again after that delay"), "{error}");
    server.seen();
}

/// An empty retry budget was reported as the end of the attempts.
///
/// Regression 21.
#[tokio::test]
async fn error_mentions_an_empty_retry_budget() {
    let server = Server::start().await;
    server.always(Reply::json(503, PROBLEM));
    let policy = RetryPolicy::default().max_attempts(1_000).backoff(Duration::ZERO, Duration::ZERO);
    let dl = DataLinks::builder(format!("{}/api/v1", server.origin()), "k").retry(policy).build().unwrap();
    for attempts in [101, 1] {
        let error = dl.current_user().await.unwrap_err();
        assert_eq!(error.attempts(), attempts);
        let text = error.to_string();
        assert!(text.contains("the retry budget of this client is used up"), "{text}");
        assert!(text.contains("try again later"), "{text}");
    }
    // A policy of one attempt needs no budget.
    let error = dl.with_options(CallOptions::new().max_attempts(1)).current_user().await.unwrap_err();
    assert!(!error.to_string().contains("budget"), "{error}");
    server.seen();
}

/// The throttle after a 429, which all clones share, made calls exceed the total time of their policy.
///
/// Regression 17.
#[tokio::test]
async fn shared_throttle_respects_the_total_time_of_a_call() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let calls = |policy: RetryPolicy| dl.with_options(CallOptions::new().retry(policy));
    server.expect([Reply::json(429, PROBLEM).with_header("retry-after", "30")]);
    calls(RetryPolicy::never()).current_user().await.unwrap_err();
    server.seen();
    let limited = [
        calls(RetryPolicy::default().retry_timeout(Duration::from_secs(20))),
        dl.with_options(CallOptions::new().timeout(Duration::from_secs(20))),
    ];
    for dl in limited {
        let error = dl.create_token("ci").await.unwrap_err();
        assert_eq!((error.kind(), error.attempts(), error.is_ambiguous()), (ErrorKind::Timeout, 0, false));
        let left = error.retry_after().unwrap();
        assert!((20..=30).contains(&left.as_secs()), "{left:?}");
        assert!(error.elapsed() < Duration::from_secs(10), "{error}");
    }
    assert!(server.seen().is_empty());
}

/// The delay that a 429 asks for holds for all calls of the client, and that of another rejection only for its own call.
#[tokio::test(start_paused = true)]
async fn requested_delay_of_a_429_holds_for_all_calls() {
    use datalinks::testing::{Reply, Script};

    for (status, is_shared) in [(429, true), (503, false)] {
        let rejected = Reply::status(status).header("retry-after", "7");
        let script = Script::new().reply(rejected).reply(Reply::json(json!([])));
        let client = script.builder().retry(RetryPolicy::never()).build().unwrap();
        assert!(client.tokens().await.is_err(), "{status}");
        let start = tokio::time::Instant::now();
        client.tokens().await.unwrap();
        assert_eq!(start.elapsed() >= Duration::from_secs(7), is_shared, "{status}: {:?}", start.elapsed());
        script.finish();
    }
}

/// All calls that waited for the throttle after a 429 were sent at the same instant.
#[tokio::test]
async fn calls_are_spread_out_after_the_shared_throttle() {
    let server = Server::start().await;
    let pauses: Arc<Mutex<Vec<Duration>>> = Arc::default();
    let keep = Arc::clone(&pauses);
    let base = Duration::from_millis(400);
    let dl = DataLinks::builder(format!("{}/api/v1", server.origin()), "k")
        .retry(RetryPolicy::default().max_attempts(2).backoff(base, base))
        .jitter_seed(7)
        .on_attempt(move |attempt| keep.lock().unwrap().extend(attempt.pause))
        .build()
        .unwrap();
    let wait = Duration::from_millis(100);
    server.expect([Reply::json(429, PROBLEM).with_header("retry-after-ms", "100"), user()]);
    server.always(user());
    let first = dl.current_user();
    let calls = (0..16).map(|_| async {
        // Wait for the 429 of the first call.
        while pauses.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        let start = std::time::Instant::now();
        dl.current_user().await.unwrap();
        start.elapsed()
    });
    let (first, waited) = tokio::join!(first, futures::future::join_all(calls));
    first.unwrap();
    // The call with the 429 waits at least for the requested time, and a little longer.
    let pauses = pauses.lock().unwrap();
    assert!(pauses.len() == 1 && pauses[0] > wait && pauses[0] <= wait + base, "{pauses:?}");
    // The test checks lower bounds only, because a busy machine delays calls and never accelerates them. With
    // 16 draws, one is in the upper half.
    assert!(waited.iter().all(|waited| *waited >= wait / 2), "{waited:?}");
    assert!(waited.iter().any(|waited| *waited >= wait / 2 + base / 2), "{waited:?}");
}

/// A delay of extreme length, with limits that allow it, caused a panic.
///
/// Regression 20.
#[tokio::test]
async fn extreme_settings_do_not_panic() {
    let server = Server::start().await;
    let policy = RetryPolicy::default()
        .backoff(Duration::MAX, Duration::MAX)
        .max_retry_after(Duration::MAX)
        .retry_timeout(Duration::MAX);
    let dl = DataLinks::builder(format!("{}/api/v1", server.origin()), "k")
        .retry(policy)
        .connect_timeout(Duration::MAX)
        .idle_timeout(Duration::MAX)
        .build()
        .unwrap();
    server.expect([user()]);
    dl.with_options(CallOptions::new().timeout(Duration::MAX)).current_user().await.unwrap();
    let dl = dl.with_options(CallOptions::new().timeout(Duration::from_secs(60)));
    for reply in [
        Reply::json(503, PROBLEM).with_header("retry-after", "1e19"),
        Reply::json(503, PROBLEM).with_header("retry-after", "1e300"),
        Reply::json(503, PROBLEM),
    ] {
        server.expect([reply]);
        let error = dl.current_user().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Server, 1), "{error}");
    }
    server.seen();
}

/// Retries were logged at `debug` only.
///
/// Regression 39.
#[tokio::test]
async fn retries_are_logged_at_info() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let lines = Log::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::INFO)
        .with_writer(move || writer.clone());
    let _guard = log::of_this_thread(subscriber.finish());
    let busy = || Reply::json(503, PROBLEM);
    server.expect([busy(), Reply::json(200, json!({ "indexed": 1 }))]);
    let trees = dl.dataset("plants", "trees").unwrap();
    assert!(trees.ingest([json!({ "a": 1 })]).await.unwrap().is_complete());
    // A failure that is not retried has no line.
    server.expect([busy(), user(), busy(), busy(), busy(), busy()]);
    dl.current_user().await.unwrap();
    dl.create_token("ci").await.unwrap_err();
    trees.query().fetch::<serde_json::Value>().await.unwrap_err();
    server.seen();
    let text = lines.text();
    let found: Vec<&str> = text.lines().filter(|line| line.contains("retrying request")).collect();
    assert_eq!(found.len(), 4, "{text}");
    assert!(
        found[0].contains("INFO") && found[0].contains("ingestData") && found[0].contains("503"),
        "{text}"
    );
    assert!(found[1].contains("getCurrentUser"), "{text}");
    assert!(found[2].contains("addToken") && found[2].contains("http.request.resend_count=1"), "{text}");
    assert!(found[3].contains("queryData"), "{text}");
}

#[tokio::test]
async fn call_timeout_ends_a_call() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    server.always(Reply::json(503, PROBLEM));
    let policy =
        RetryPolicy::default().max_attempts(100).backoff(Duration::from_secs(50), Duration::from_secs(50));
    let options = CallOptions::new().retry(policy).timeout(Duration::from_millis(200));
    let error = dl.with_options(options).current_user().await.unwrap_err();
    assert!(error.elapsed() < Duration::from_secs(5), "{error}");
    assert!(error.attempts() < 100);
}

#[tokio::test]
async fn observer_is_called_for_every_request() {
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
    assert_eq!(requests[0].target, "/api/v1/user/me", "a trailing slash of the host has no effect");
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
async fn low_level_client_uses_the_same_transport() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    server.expect([Reply::json(503, PROBLEM), user()]);
    assert_eq!(dl.raw().get_current_user().await.unwrap().username, "ana");
    let seen = server.seen();
    assert_eq!((seen.len(), &seen[0].headers["authorization"]), (2, &json!("Bearer k")));
}

#[test]
fn addresses_that_would_leak_the_key_are_rejected() {
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
    // A proxy of the environment would read the key, which this option does not permit.
    let plain = DataLinks::builder("http://api.example.com/api/v1", "k").allow_plain_http();
    plain.no_proxy().build().unwrap();
    DataLinks::builder("http://127.0.0.1:1/api/v1", "k").build().unwrap();
}
