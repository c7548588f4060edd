//! Successful responses with an unreadable body, for calls that change or cost something.

use datalinks::ErrorKind;
use datalinks_gen::OPERATIONS;
use datalinks_tests::server::{Reply, Server};

use crate::{calls, clients};

/// Returns `true` for operations without lasting effects, which are safe to retry.
fn only_reads(operation: &datalinks_gen::Operation) -> bool {
    operation.method == "GET" || ["queryData", "previewLinks"].contains(&operation.id)
}

/// A success that could not be read was reported with a known outcome and the advice to check the host. After a
/// call that changes or costs something, this implied that the call had no effect.
///
/// Regression 32.
#[tokio::test]
async fn unreadable_success_is_reported_as_accepted() {
    let server = Server::start().await;
    let clients = clients(&server, "k");
    let mut found = Vec::new();
    for operation in OPERATIONS.iter().filter(|operation| !only_reads(operation)) {
        let replies = [
            Reply::empty(201),
            Reply::empty(202),
            Reply::json(200, "7"),
            Reply::json(200, r#"{"odd":[]}"#),
            Reply::of_type(200, "text/html", "<html>Sign in</html>"),
        ];
        for reply in replies {
            server.always(reply.clone());
            let result = calls::call(operation.id, &clients, calls::NAME).await;
            server.seen();
            let Err(error) = result else { continue };
            if error.kind() != ErrorKind::UnexpectedResponse {
                // The stream ends without its last event.
                assert_eq!(error.kind(), ErrorKind::PrematureEnd, "{}: {error}", operation.id);
                continue;
            }
            let (id, line) = (operation.id, error.to_string());
            assert!(error.is_ambiguous() && !error.is_retryable(), "{id} {reply:?}: {line}");
            assert!(error.status().is_some_and(|status| status.is_success()), "{id} {reply:?}: {line}");
            let page = line.contains("a web page came back") && line.contains("may have been carried out");
            let own = line.contains("the service accepted the call")
                || line.contains("the token may exist")
                || line.contains("the run may have started");
            assert!(page || own, "{id} {reply:?}: {line}");
            assert!(page || !line.contains("check that the host"), "{id} {reply:?}: {line}");
            for advice in ["try again", "ask again", "send it again", "start again"] {
                assert!(!line.contains(advice), "{id} {reply:?}: {line}");
            }
            found.push(id);
        }
    }
    found.dedup();
    for id in [
        "requestCleaning",
        "retryIngestion",
        "finishMultipartUpload",
        "finishFileUpload",
        "curateLinks",
        "addToken",
    ] {
        assert!(found.contains(&id), "{id} is not among {found:?}");
    }
}

/// A call that only reads is safe to retry, and the usual cause is the wrong host.
#[tokio::test]
async fn unreadable_success_of_a_read_advises_to_check_the_host() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    server.expect([Reply::of_type(200, "text/html", "<html>Sign in</html>")]);
    let error = dl.current_user().await.unwrap_err();
    assert!(!error.is_ambiguous() && error.to_string().contains("/api/v1"), "{error}");
    server.seen();
}

/// A finished upload was aborted because the body of the successful response could not be read.
#[tokio::test]
async fn finished_upload_with_unreadable_response_is_not_aborted() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trees.csv");
    std::fs::write(&path, "a\n1\n").unwrap();
    let url = format!("{}/part", server.origin());
    let prepared = serde_json::json!({
        "uploadId": "u", "key": "k", "partSize": 4,
        "presignedUrls": [{ "url": url, "size": 4 }],
    });
    server.expect([
        Reply::json(201, prepared),
        Reply::empty(200).with_header("etag", "\"e1\""),
        Reply::json(201, r#"{"accepted":true}"#),
    ]);
    let error = dl.dataset("plants", "trees").unwrap().upload(&path).await.unwrap_err();
    assert!(error.is_ambiguous(), "{error}");
    assert!(error.to_string().contains("look for the ingestion of upload"), "{error}");
    assert_eq!(server.seen().len(), 3);
}
