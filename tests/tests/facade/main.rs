//! The façade covers every operation and reports every response correctly.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

mod accepted;
mod agents;
mod answers;
mod bad_records;
mod calls;
mod differences;
mod environment;
mod fields;
mod hints;
mod matrix;
mod names;
mod paging;
mod replay;
mod rows;
mod secrets;
mod sending;
mod sent;
mod sizes;
mod tolerated;
mod transport;

use std::time::Duration;

use calls::Clients;
use datalinks::{DataLinks, IngestProxy, RetryPolicy};
use datalinks_gen::{OPERATIONS, Server as Service};
use datalinks_tests::{
    log,
    server::{Reply, Server},
};

/// Returns clients of `server` with two attempts and without delays between them.
fn clients(server: &Server, key: &str) -> Clients {
    log::keep();
    let policy = RetryPolicy::default().max_attempts(2).backoff(Duration::ZERO, Duration::ZERO);
    let dl = DataLinks::builder(format!("{}/api/v1", server.origin()), key).retry(policy.clone());
    let proxy = IngestProxy::builder(server.origin(), key).retry(policy).username("ana");
    Clients { dl: dl.build().unwrap(), proxy: proxy.build().unwrap(), owner: "self" }
}

/// A new operation of the document fails here, and nowhere else in this suite, until the façade has a method
/// for it.
#[test]
fn every_operation_of_the_document_has_a_method() {
    let missing = OPERATIONS.iter().filter(|operation| !calls::has(operation));
    let missing: Vec<String> =
        missing.map(|operation| format!("- `{}` ({})", operation.id, operation.tag)).collect();
    assert!(
        missing.is_empty(),
        "operations of the document without a method of the façade:\n{}\nOpen the file of datalinks/src that has the \
         other methods of this tag, and add a public method that calls the generated function. Then open \
         tests/tests/facade/calls.rs and add an arm that calls the method. CONTRIBUTING.md, \"Adding an endpoint\", \
         step 3, shows how.",
        missing.join("\n")
    );
}

#[tokio::test]
async fn every_method_sends_its_operation() {
    let server = Server::start().await;
    let clients = clients(&server, "test-key");
    server.always(Reply::json(400, r#"{"error_code":"NO","message":"no"}"#));
    for operation in calls::operations() {
        let error = calls::call(operation.id, &clients, calls::NAME).await.unwrap_err();
        let hint = calls::hint(operation);
        assert_eq!(error.operation(), Some(operation.id), "{hint}");
        let seen = server.seen();
        assert_eq!(seen.len(), 1, "{hint}");
        assert_eq!(seen[0].method, operation.method, "{hint}");
        let base = if operation.server == Service::Api { "/api/v1" } else { "" };
        let path = seen[0].target.split('?').next().unwrap().strip_prefix(base).unwrap();
        let fits = |(template, part): (&str, &str)| {
            template == part || (template.starts_with('{') && !part.is_empty())
        };
        assert_eq!(path.split('/').count(), operation.path.split('/').count(), "{path}: {hint}");
        let is_fitting = operation.path.split('/').zip(path.split('/')).all(fits);
        assert!(is_fitting, "{path} is not {}: {hint}", operation.path);
        let key = (!operation.public).then(|| "Bearer test-key".into());
        assert_eq!(seen[0].headers.get("authorization"), key.as_ref(), "{hint}");
    }
}

#[test]
fn hint_about_a_method_names_the_files_to_open() {
    let operation = OPERATIONS.iter().find(|operation| operation.id == "addLink").unwrap();
    let hint = calls::hint(operation);
    for part in [
        "`addLink`",
        operation.tag,
        "tests/tests/facade/calls.rs",
        "datalinks/src",
        "transport/retry_safety.rs",
    ] {
        assert!(hint.contains(part), "{part}: {hint}");
    }
}
