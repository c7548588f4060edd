//! Delays that servers request for interrupted streams, within the limit of every other call.

use std::time::Duration;

use datalinks::{AskEvent, ErrorKind, IngestProxy, PipelineEvent, RetryPolicy};
use datalinks_tests::server::{Reply, Server};

use crate::{
    dl,
    ends::{PROBLEM, RUN, sse},
    proxy, reconnect, resume,
};

const DAY: Duration = Duration::from_secs(86_400);

fn lines(text: &str) -> Reply {
    Reply::of_type(200, "application/x-ndjson", text)
}

/// Returns replies that request a delay of a day. The clock of the last server is years behind.
fn tomorrow() -> [Reply; 3] {
    [
        Reply::json(503, PROBLEM).with_header("retry-after", "86400"),
        Reply::json(429, PROBLEM).with_header("retry-after-ms", "86400000"),
        Reply::json(503, PROBLEM)
            .with_header("date", "Sun, 06 Nov 1994 08:49:37 GMT")
            .with_header("retry-after", "Mon, 07 Nov 1994 08:49:37 GMT"),
    ]
}

/// `next()` of a run waited for a day.
///
/// Regression 15.
#[tokio::test]
async fn run_ends_at_a_retry_after_above_the_limit() {
    for reply in tomorrow() {
        let server = Server::start().await;
        server.expect([lines("{\"type\":\"progress\"}\n"), reply]);
        let mut run = proxy(server.origin()).follow("run", 3).unwrap().reconnect(reconnect());
        assert!(matches!(run.next().await, Some(Ok(PipelineEvent::Other(_)))));
        let error = run.next().await.unwrap().unwrap_err();
        assert!(error.is_retryable() && error.retry_after() == Some(DAY), "{error}");
        let text = error.to_string();
        assert!(text.contains("max_retry_after") && text.contains("from event 4"), "{text}");
        assert!(run.next().await.is_none());
        assert_eq!(server.seen().len(), 2);
    }
}

#[tokio::test]
async fn answer_ends_at_a_retry_after_above_the_limit() {
    for reply in tomorrow() {
        let server = Server::start().await;
        server.expect([sse(RUN), reply]);
        let question = dl(server.origin()).namespace("plants").unwrap().ask("why?").resume(resume());
        let mut stream = question.stream().await.unwrap();
        assert!(matches!(stream.next().await, Some(Ok(AskEvent::RunStarted(_)))));
        let error = stream.next().await.unwrap().unwrap_err();
        assert_eq!(error.retry_after(), Some(DAY), "{error}");
        assert!(error.to_string().contains("AgentRun::status"), "{error}");
        assert!(stream.next().await.is_none());
        assert_eq!(server.seen().len(), 2);
    }
}

/// The limit is the client's setting.
#[tokio::test]
async fn retry_after_within_the_limit_is_kept() {
    let server = Server::start().await;
    let follow = |max_retry_after| {
        let policy = RetryPolicy::never().max_retry_after(max_retry_after);
        let proxy = IngestProxy::builder(server.origin(), "k").retry(policy).build().unwrap();
        proxy.follow("run", 0).unwrap().reconnect(reconnect())
    };
    let busy = || Reply::json(503, PROBLEM).with_header("retry-after-ms", "20");
    server.expect([busy(), lines("{\"type\":\"complete\"}\n")]);
    follow(Duration::from_millis(20)).finish().await.unwrap();
    server.expect([busy()]);
    let error = follow(Duration::from_millis(19)).finish().await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::Server, Some(Duration::from_millis(20))));
    server.seen();
}
