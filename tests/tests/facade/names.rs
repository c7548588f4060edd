//! Unusual names arrive unchanged or are rejected before sending, in every path parameter.

use datalinks::ErrorKind;
use datalinks_gen::{Operation, Server as Service};
use datalinks_tests::{
    assert_reads_once,
    server::{Reply, Server},
};

use crate::{calls, clients};

const ARRIVE: [(&str, &str); 11] = [
    // Printable ASCII except letters, digits and the backslash. `[ ] | ^` were sent without encoding.
    ("!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~ ", "!%22%23$%25&'()*+,-.%2F:;%3C=%3E%3F@%5B%5D%5E_%60%7B%7C%7D~%20"),
    ("[1]|^2", "%5B1%5D%7C%5E2"),
    ("a b", "a%20b"),
    ("a/b", "a%2Fb"),
    ("100%", "100%25"),
    ("a?b", "a%3Fb"),
    ("a#b", "a%23b"),
    ("Größe", "Gr%C3%B6%C3%9Fe"),
    ("数据", "%E6%95%B0%E6%8D%AE"),
    ("a%2Fb", "a%252Fb"),
    ("...", "..."),
];

const REFUSED: [&str; 7] = ["", ".", "..", "a\\b", "a\nb", "\u{0}", "\u{7f}"];

/// Ids that are UUIDs in Rust, which unusual names do not fit.
const TYPED: [&str; 2] = ["markIngestionSeen", "retryIngestion"];

/// Path parameters with a UUID in the contract. The façade accepts strings and rejects those that are not
/// UUIDs.
const UUIDS: [&str; 5] = ["buildSpecId", "cleaningTaskId", "conversationId", "runId", "sessionId"];

fn takes_a_uuid(operation: &Operation) -> bool {
    operation.server == Service::Api
        && UUIDS.iter().any(|name| operation.path.contains(&format!("{{{name}}}")))
}

#[tokio::test]
async fn unusual_path_values_arrive_unchanged_or_are_rejected() {
    let server = Server::start().await;
    let clients = clients(&server, "test-key");
    server.always(Reply::json(400, r#"{"error_code":"NO","message":"no"}"#));
    let mut checked = 0;
    for operation in calls::operations().filter(|operation| operation.path.contains('{')) {
        if TYPED.contains(&operation.id) {
            continue;
        }
        if takes_a_uuid(operation) {
            for name in ARRIVE.iter().map(|(name, _)| *name).chain(REFUSED) {
                let error = calls::call(operation.id, &clients, name).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::InvalidInput, "{}: {name:?}: {error}", operation.id);
                assert!(error.to_string().contains(&format!("{name:?}")), "{}: {error}", operation.id);
                assert_reads_once(&error);
                assert!(server.seen().is_empty(), "{}: {name:?} was sent", operation.id);
            }
            checked += 1;
            continue;
        }
        for (name, encoded) in ARRIVE {
            calls::call(operation.id, &clients, name).await.unwrap_err();
            let seen = server.seen();
            let target = seen[0].target.split('?').next().unwrap();
            let parts: Vec<&str> = target.split('/').collect();
            let template: Vec<&str> = operation.path.split('/').collect();
            assert_eq!(parts[parts.len() - template.len()..].len(), template.len());
            let filled = template.iter().zip(&parts[parts.len() - template.len()..]);
            let values: Vec<&str> =
                filled.filter(|(part, _)| part.starts_with('{')).map(|(_, value)| *value).collect();
            assert!(
                values.iter().all(|value| *value == encoded || *value == "self" || value.contains("-0000-")),
                "{}: {name:?} arrived as {target}",
                operation.id
            );
            assert!(values.contains(&encoded), "{}: {name:?} arrived as {target}", operation.id);
        }
        for name in REFUSED {
            let error = calls::call(operation.id, &clients, name).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{}: {name:?}: {error}", operation.id);
            assert_reads_once(&error);
            assert!(server.seen().is_empty(), "{}: {name:?} was sent", operation.id);
        }
        checked += 1;
    }
    let with_path = calls::operations().filter(|operation| operation.path.contains('{')).count();
    assert_eq!(checked + TYPED.len(), with_path);
}
