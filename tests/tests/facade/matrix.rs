//! Every operation with every kind of response: the result for the caller, the number of requests, and whether
//! the outcome is known.

use std::collections::BTreeMap;

use datalinks::ErrorKind;
use datalinks_gen::{Operation, StreamKind};
use datalinks_tests::{
    assert_reads_once, log, recordings,
    server::{Reply, Server},
};
use serde_json::{Value, json};

use crate::{calls, clients};

/// A key and a presigned URL that must not appear in any output.
const KEY_CANARY: &str = "canary-key-4711";
const URL_CANARY: &str = "canary-url-0815";

const PROBLEM: &str =
    r#"{"error_code":"TEST","message":"as scripted","sub_errors":[{"code":"FIELD","message":"this one"}]}"#;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Answer {
    Good(u16),
    Empty(u16),
    Problem(u16),
    Html(u16),
    RetryAfter,
    Closed,
    Truncated,
    OtherShape,
    UnknownValue,
    UnknownField,
    OddItem,
    EchoedKey,
}

const ANSWERS: [Answer; 28] = [
    Answer::Good(200),
    Answer::Good(201),
    Answer::Empty(200),
    Answer::Empty(201),
    Answer::Empty(204),
    Answer::Problem(400),
    Answer::Problem(401),
    Answer::Problem(403),
    Answer::Problem(404),
    Answer::Problem(408),
    Answer::Problem(409),
    Answer::Problem(410),
    Answer::Problem(413),
    Answer::Problem(422),
    Answer::Problem(500),
    Answer::Problem(503),
    Answer::Problem(504),
    Answer::Html(404),
    Answer::Html(502),
    Answer::Html(524),
    Answer::RetryAfter,
    Answer::Closed,
    Answer::Truncated,
    Answer::OtherShape,
    Answer::UnknownValue,
    Answer::UnknownField,
    Answer::OddItem,
    Answer::EchoedKey,
];

/// The expected result for the caller.
#[derive(Debug, PartialEq)]
enum Expected {
    Success,
    Failure { kind: ErrorKind, requests: usize, ambiguous: bool },
}

/// Operations whose success has no body, or none that matters.
const NO_BODY: [&str; 22] = [
    "abortMultipartUpload",
    "addLink",
    "balefireDataset",
    "balefireNamespace",
    "clearDataset",
    "createDataset",
    "deleteAgentRun",
    "deleteBuildSpec",
    "deleteToken",
    "markIngestionSeen",
    "renameDataset",
    "renameNamespace",
    "revokeDatasetAccess",
    "revokeNamespaceAccess",
    "saveConnections",
    "shareDatasetAccess",
    "shareNamespaceAccess",
    "submitAgentRunFeedback",
    "updateInferDefinition",
    "updateSortOrder",
    // The id of the run is in a header.
    "runPipeline",
    // Older servers send no body.
    "ingestData",
];

/// Operations that are safe to retry after an ambiguous outcome.
fn may_repeat(operation: &Operation) -> bool {
    let safe_writes = [
        "abortFileUpload",
        "abortMultipartUpload",
        "addLink",
        "createDataset",
        "deleteAgentRun",
        "deleteBuildSpec",
        "deleteToken",
        "markIngestionSeen",
        "previewLinks",
        "queryData",
        "rebuildLinks",
        "resumeAgentRun",
        "revokeDatasetAccess",
        "revokeNamespaceAccess",
        "saveConnections",
        "shareDatasetAccess",
        "shareNamespaceAccess",
        "submitAgentRunFeedback",
        "updateInferDefinition",
        "updateSortOrder",
        // The default delivery is at least once.
        "ingestData",
    ];
    operation.method == "GET" || safe_writes.contains(&operation.id)
}

fn expected(operation: &Operation, answer: Answer) -> Expected {
    let reads = operation.method == "GET";
    let bodiless = NO_BODY.contains(&operation.id);
    let fails = |kind, requests, ambiguous| Expected::Failure { kind, requests, ambiguous };
    let refused = |kind| fails(kind, 1, false);
    let busy = |kind| fails(kind, 2, false);
    let doubtful = |kind| fails(kind, if may_repeat(operation) { 2 } else { 1 }, !reads);
    // The service accepted the call, but the response is unknown. After a call that only reads, the outcome is
    // not ambiguous.
    let harmless = reads || ["queryData", "previewLinks"].contains(&operation.id);
    let misread = || fails(ErrorKind::UnexpectedResponse, 1, !harmless);
    match (operation.id, answer) {
        (_, Answer::Good(_)) => Expected::Success,
        // Unknown fields and values are kept, and invalid items of lists are set aside.
        (_, Answer::UnknownValue | Answer::UnknownField) => Expected::Success,
        (_, Answer::OddItem) => Expected::Success,
        (_, Answer::Empty(_)) if bodiless => Expected::Success,
        (_, Answer::Empty(204)) if operation.answers_list => Expected::Success,
        (_, Answer::OtherShape) if bodiless && operation.id != "ingestData" => Expected::Success,
        ("createDataset", Answer::Problem(409)) => Expected::Success,
        ("resumeAgentRun", Answer::Problem(409 | 410 | 422)) => Expected::Success,
        (id, Answer::OtherShape | Answer::Empty(_)) => match (id, operation.stream) {
            // Unreadable lines are yielded as received. The end is missing twice.
            ("streamPipeline", _) => fails(ErrorKind::PrematureEnd, 2, false),
            // The end is missing. A question may have been paid for.
            ("autoragStream", _) => fails(ErrorKind::PrematureEnd, 1, true),
            (_, Some(StreamKind::Sse)) => refused(ErrorKind::PrematureEnd),
            _ => misread(),
        },
        (_, Answer::Problem(400 | 422)) => refused(ErrorKind::Rejected),
        (_, Answer::Problem(401)) => refused(ErrorKind::Unauthorized),
        (_, Answer::Problem(403) | Answer::EchoedKey) => refused(ErrorKind::Forbidden),
        (_, Answer::Problem(404) | Answer::Html(404)) => refused(ErrorKind::NotFound),
        (_, Answer::Problem(409)) => refused(ErrorKind::Conflict),
        (_, Answer::Problem(410)) => refused(ErrorKind::Gone),
        (_, Answer::Problem(413)) => refused(ErrorKind::TooLarge),
        (_, Answer::Problem(408)) => busy(ErrorKind::Timeout),
        (_, Answer::RetryAfter) => busy(ErrorKind::RateLimited),
        (_, Answer::Problem(503)) => busy(ErrorKind::Server),
        ("streamPipeline", Answer::Problem(_) | Answer::Html(502)) => busy(ErrorKind::Server),
        // A gateway timed out without a hint that the failure is temporary.
        (_, Answer::Html(524)) => fails(ErrorKind::Server, 1, !reads),
        (_, Answer::Problem(_) | Answer::Html(_)) => doubtful(ErrorKind::Server),
        ("streamPipeline", Answer::Closed | Answer::Truncated) => busy(ErrorKind::Interrupted),
        // The stream is open, so the request is not retried.
        ("autoragStream", Answer::Truncated) => fails(ErrorKind::Interrupted, 1, true),
        ("resumeAgentRun", Answer::Truncated) => refused(ErrorKind::Interrupted),
        // The header of the response is sufficient.
        ("runPipeline", Answer::Truncated) => Expected::Success,
        (_, Answer::Closed | Answer::Truncated) => doubtful(ErrorKind::Interrupted),
    }
}

/// Returns the recorded responses by operation.
fn recorded() -> BTreeMap<String, recordings::Response> {
    let exchanges = recordings::all().into_iter().flat_map(|recording| recording.exchanges);
    exchanges.map(|exchange| (exchange.operation_id, exchange.response)).collect()
}

/// Returns the recorded response with a change of each JSON value in it.
fn changed(answer: &recordings::Response, change: &dyn Fn(&mut Value)) -> Reply {
    let mut answer = answer.clone();
    let whole = answer.whole_body();
    let apply = |text: &str| match serde_json::from_str::<Value>(text) {
        Ok(mut value) => {
            change(&mut value);
            value.to_string()
        }
        Err(_) => text.to_owned(),
    };
    let lines = |prefix: &str| {
        let line = |line: &str| match line.strip_prefix(prefix) {
            Some(json) => format!("{prefix}{}\n", apply(json)),
            None => format!("{line}\n"),
        };
        whole.lines().map(line).collect::<String>()
    };
    answer.chunks = Vec::new();
    answer.body = Some(match answer.headers.get("content-type").and_then(Value::as_str) {
        Some("text/event-stream") => lines("data: "),
        Some("application/x-ndjson") => lines(""),
        _ if whole.is_empty() => String::new(),
        _ => apply(&whole),
    });
    Reply::recorded(&answer)
}

/// Applies `change` to every object in a value.
fn objects(value: &mut Value, change: &dyn Fn(&mut serde_json::Map<String, Value>)) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(|field| objects(field, change));
            change(fields);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| objects(item, change)),
        _ => {}
    }
}

/// Fields with enums, and maps in which a new field would be a new name.
const ENUMS: [&str; 7] =
    ["status", "sessionStatus", "fileStatus", "role", "visibility", "matchType", "resultType"];

fn reply(answer: Answer, good: &recordings::Response) -> Reply {
    let with_status = |status: u16| {
        let mut good = good.clone();
        good.status = status;
        good.body = good.body.map(|body| body.replace("http", URL_CANARY));
        Reply::recorded(&good)
    };
    match answer {
        Answer::Good(status) => with_status(status),
        Answer::Empty(status) => {
            let mut reply = Reply::empty(status);
            for (name, value) in &good.headers {
                reply = reply.with_header(name, value.as_str().unwrap());
            }
            reply
        }
        Answer::Problem(status) => Reply::json(status, PROBLEM).with_header("x-request-id", "req-1"),
        Answer::Html(status) => Reply::of_type(status, "text/html", "<html>proxy says no</html>"),
        Answer::RetryAfter => Reply::json(429, PROBLEM).with_header("retry-after", "0"),
        Answer::Closed => Reply::Closed,
        Answer::Truncated => {
            let Reply::Full { headers, body, .. } = Reply::recorded(good) else { unreachable!() };
            let body = if body.is_empty() { "{ }".to_owned() } else { body };
            Reply::Truncated { headers, body }
        }
        Answer::OtherShape => {
            let mut other = good.clone();
            (other.body, other.chunks) = (Some("\"something else\"\n".to_owned()), Vec::new());
            Reply::recorded(&other)
        }
        Answer::UnknownValue => changed(good, &|value| {
            objects(value, &|fields| {
                for name in ENUMS {
                    if fields.get(name).is_some_and(Value::is_string) {
                        fields.insert(name.to_owned(), "brand-new".into());
                    }
                }
            });
        }),
        Answer::UnknownField => changed(good, &|value| {
            // A map of strings accepts any name with a string.
            objects(value, &|fields| drop(fields.insert("brandNew".to_owned(), "1".into())));
        }),
        Answer::OddItem => changed(good, &|value| match value {
            Value::Array(items) => items.insert(0, 7.into()),
            Value::Object(fields) => {
                for name in ["conversations", "data", "files", "items"] {
                    if fields.contains_key("presignedUrls") || fields.contains_key("fileId") {
                        continue;
                    }
                    if let Some(Value::Array(items)) = fields.get_mut(name) {
                        items.insert(0, 7.into());
                    }
                }
            }
            _ => {}
        }),
        Answer::EchoedKey => {
            let text = format!(r#"{{"error_code":"{KEY_CANARY}","message":"no {KEY_CANARY}"}}"#);
            Reply::json(403, text).with_header("x-request-id", KEY_CANARY)
        }
    }
}

/// Responses whose lists are decoded as a whole.
fn has_no_list_to_salvage(operation: &Operation) -> bool {
    let lists = [
        "getCleaningTaskCode",
        "getUserUsageByDay",
        "getUserUsageHistory",
        "listBuildSpecs",
        "listConversations",
        "listIngestions",
        "listSessionFiles",
    ];
    !operation.answers_list && !lists.contains(&operation.id)
}

#[tokio::test]
async fn every_operation_handles_every_kind_of_response() {
    let server = Server::start().await;
    let recorded = recorded();
    let mut printed = String::new();
    let mut cells = 0;
    let mut wrong = Vec::new();
    let mut operations = 0;
    for operation in calls::operations() {
        // Tests of the recordings report operations without a recorded exchange.
        let Some(good) = recorded.get(operation.id) else { continue };
        operations += 1;
        // The retry budget belongs to a client, and one row of the matrix does not exhaust it.
        let clients = clients(&server, KEY_CANARY);
        for answer in ANSWERS {
            if answer == Answer::OddItem && has_no_list_to_salvage(operation) {
                continue;
            }
            server.always(reply(answer, good));
            let result = calls::call(operation.id, &clients, calls::NAME).await;
            let requests = server.seen().len();
            let place = format!("{} {answer:?}", operation.id);
            let found = match &result {
                Ok(_) => Expected::Success,
                Err(error) => {
                    Expected::Failure { kind: error.kind(), requests, ambiguous: error.is_ambiguous() }
                }
            };
            if found != expected(operation, answer) {
                wrong.push(format!(
                    "{place}: expected {:?}, found {found:?}: {result:?}",
                    expected(operation, answer)
                ));
                continue;
            }
            if let Err(error) = &result {
                check_error(&place, operation, answer, error, requests);
            }
            printed += &described(&result);
            cells += 1;
        }
    }
    assert!(
        wrong.is_empty(),
        "{} cells are wrong (of a new operation: see NO_BODY, may_repeat and the other lists in this file):\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    // All kinds of responses, except one that applies to lists only.
    assert!(cells >= operations * (ANSWERS.len() - 1), "{cells} cells");
    let log = log::text();
    assert!(log.contains("ingestData"), "the log is empty: {log}");
    for canary in [KEY_CANARY, URL_CANARY] {
        assert!(!printed.contains(canary), "{canary} was printed: {printed}");
        assert!(!log.contains(canary), "{canary} was logged: {log}");
    }
}

/// Checks the facts that an error keeps.
fn check_error(
    place: &str,
    operation: &Operation,
    answer: Answer,
    error: &datalinks::Error,
    requests: usize,
) {
    assert_eq!(error.operation(), Some(operation.id), "{place}: {error:?}");
    assert_eq!(error.to_string().lines().count(), 1, "{place}: {error}");
    assert!(format!("{error:?}").starts_with(&error.to_string()), "{place}: {error:?}");
    assert_reads_once(error);
    if operation.id != "streamPipeline" {
        assert_eq!(error.attempts() as usize, requests, "{place}: {error:?}");
    }
    match answer {
        Answer::Problem(status) => {
            assert_eq!(error.status().map(|status| status.as_u16()), Some(status), "{place}");
            assert_eq!((error.code(), error.message()), (Some("TEST"), "as scripted"), "{place}");
            assert_eq!(error.request_id(), Some("req-1"), "{place}");
            assert_eq!(error.sub_errors()[0].code, "FIELD", "{place}");
        }
        Answer::Html(status) => {
            assert_eq!(error.status().map(|status| status.as_u16()), Some(status), "{place}");
            assert!(error.body().is_some_and(|body| body.contains("proxy says no")), "{place}: {error:?}");
        }
        Answer::RetryAfter => assert_eq!(error.retry_after(), Some(std::time::Duration::ZERO), "{place}"),
        _ => {}
    }
}

/// Returns all printable forms of a result.
pub(crate) fn described(result: &Result<String, datalinks::Error>) -> String {
    match result {
        Ok(value) => value.clone(),
        Err(error) => {
            let mut text = format!("{error} {error:?}");
            let mut cause = std::error::Error::source(error);
            while let Some(next) = cause {
                text += &format!(" {next} {next:?}");
                cause = next.source();
            }
            text
        }
    }
}

/// Returns the operations whose successful response may contain a value that the document marks as secret.
fn with_secrets() -> Vec<&'static Operation> {
    /// Returns `true` if a secret is reachable from this schema.
    fn reaches(document: &Value, schema: &Value, seen: &mut Vec<String>) -> bool {
        match schema {
            Value::Object(fields) => fields.iter().any(|(name, value)| match (name.as_str(), value) {
                ("$ref", Value::String(name)) => {
                    let name = name.rsplit('/').next().unwrap();
                    let first = !seen.iter().any(|before| before == name);
                    name == "Secret"
                        || first && {
                            seen.push(name.to_owned());
                            reaches(document, &document["components"]["schemas"][name], seen)
                        }
                }
                (_, value) => reaches(document, value, seen),
            }),
            Value::Array(items) => items.iter().any(|item| reaches(document, item, seen)),
            _ => false,
        }
    }
    let mut found = Vec::new();
    for name in ["api", "proxy"] {
        let path = format!("{}/../datalinks-gen/spec/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let document: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let methods =
            document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap());
        for method in methods.map(|(_, method)| method) {
            let responses = method["responses"].as_object();
            let good = responses.into_iter().flatten().filter(|(status, _)| status.starts_with('2'));
            if good.into_iter().any(|(_, response)| reaches(&document, response, &mut Vec::new())) {
                found.extend(Operation::by_id(method["operationId"].as_str().unwrap()));
            }
        }
    }
    found
}

/// A new secret in the document fails here until errors about its operation hide it.
#[tokio::test]
async fn errors_about_invalid_responses_hide_secrets() {
    let server = Server::start().await;
    let secret = format!("https://bucket.example.com/a?X-Amz-Signature={URL_CANARY}");
    let operations = with_secrets();
    let ids: Vec<&str> = operations.iter().map(|operation| operation.id).collect();
    for id in ["addToken", "prepareFileUpload", "prepareMultipartUpload"] {
        assert!(ids.contains(&id), "{ids:?}");
    }
    let mut printed = String::new();
    for operation in operations {
        let clients = clients(&server, KEY_CANARY);
        let bodies = [
            json!(secret),
            json!([secret]),
            json!([[secret]]),
            json!({ "presignedUrls": [secret] }),
            json!({ "presignedUrls": secret }),
            json!({ "presignedUrls": [[secret, 1]] }),
            json!({ "presignedUrls": [{ "url": secret, "size": secret }] }),
            json!({ "uploadId": "u", "key": "k", "partSize": secret, "presignedUrls": [] }),
            json!({ "uploadId": "u", "key": "k", "partSize": 1, "presignedUrls": [secret] }),
            json!({ "fileId": secret, "uploadId": "u", "presignedInfo": [secret] }),
            json!({ "data": secret, "token": [secret] }),
            json!([{ "token": secret, "id": 7 }]),
        ];
        let mut texts: Vec<String> = bodies.iter().map(Value::to_string).collect();
        texts.extend([secret.clone(), format!("{{\"token\":\"{secret}"), format!("[\"{secret}\"")]);
        for text in texts {
            for status in [200, 201, 400, 500] {
                server.always(Reply::of_type(status, "application/json", text.as_str()));
                let result = calls::call(operation.id, &clients, calls::NAME).await;
                let text = described(&result);
                assert!(!text.contains(URL_CANARY), "{}: {text}", operation.id);
                if let Err(error) = &result {
                    assert!(!error.body().is_some_and(|body| body.contains(URL_CANARY)), "{}", operation.id);
                }
                printed += &text;
            }
        }
    }
    server.seen();
    assert!(printed.contains("at line 1, column"), "{printed}");
    assert!(!log::text().contains(URL_CANARY));
}
