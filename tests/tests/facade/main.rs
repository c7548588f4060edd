//! The façade covers every operation, and tells the truth about every answer.

mod accepted;
mod agents;
mod answers;
mod calls;
mod differences;
mod hints;
mod log;
mod matrix;
mod names;
mod paging;
mod replay;
mod sending;
mod sent;
mod tolerated;
mod transport;

use std::time::Duration;

use calls::Clients;
use datalinks::{DataLinks, IngestProxy, RetryPolicy};
use datalinks_gen::{OPERATIONS, Server as Service};
use datalinks_tests::server::{Reply, Server};

/// Clients of `server` that try twice and do not wait in between.
fn clients(server: &Server, key: &str) -> Clients {
    log::keep();
    let policy = RetryPolicy::default().attempts(2).backoff(Duration::ZERO, Duration::ZERO);
    let dl = DataLinks::builder(format!("{}/api/v1", server.origin()), key).retry(policy.clone());
    let proxy = IngestProxy::builder(server.origin(), key).retry(policy).username("ana");
    Clients { dl: dl.build().unwrap(), proxy: proxy.build().unwrap(), owner: "self" }
}

/// A new operation in the document fails here until the façade has a call for it.
#[tokio::test]
async fn every_operation_of_the_document_has_a_call() {
    let server = Server::start().await;
    let clients = clients(&server, "test-key");
    server.always(Reply::json(400, r#"{"error_code":"NO","message":"no"}"#));
    for operation in OPERATIONS {
        let error = calls::call(operation.id, &clients, calls::NAME).await.unwrap_err();
        assert_eq!(error.operation(), Some(operation.id));
        let seen = server.seen();
        assert_eq!(seen.len(), 1, "{}", operation.id);
        assert_eq!(seen[0].method, operation.method, "{}", operation.id);
        let base = if operation.server == Service::Api { "/api/v1" } else { "" };
        let path = seen[0].target.split('?').next().unwrap().strip_prefix(base).unwrap();
        let fits = |(template, part): (&str, &str)| {
            template == part || (template.starts_with('{') && !part.is_empty())
        };
        assert_eq!(path.split('/').count(), operation.path.split('/').count(), "{path}");
        assert!(operation.path.split('/').zip(path.split('/')).all(fits), "{path} is not {}", operation.path);
        let key = (!operation.public).then(|| "Bearer test-key".into());
        assert_eq!(seen[0].headers.get("authorization"), key.as_ref(), "{}", operation.id);
    }
    assert_eq!(OPERATIONS.len(), 71);
}
