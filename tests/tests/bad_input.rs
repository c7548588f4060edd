//! Errors after invalid input and failures of the network. Each error must name the failure, its location, and
//! the next action.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

use std::time::Duration;

use datalinks::{Config, DataLinks, Error, ErrorKind, IngestProxy, RetryPolicy, pipeline::PipelineSource};
use datalinks_emulator::{Emulator, Fault};
use datalinks_tests::assert_reads_once;
use serde_json::{Value, json};

/// Returns a client without delays between attempts.
fn client(emulator: &Emulator) -> DataLinks {
    DataLinks::builder(emulator.api_url(), emulator.api_key()).retry(at_once()).build().unwrap()
}

fn at_once() -> RetryPolicy {
    RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO)
}

async fn with_films(emulator: &Emulator) -> DataLinks {
    let client = client(emulator);
    client.dataset("cinema", "films").unwrap().create().await.unwrap();
    client
}

/// Checks that the message of an error is one line and contains all of these words.
#[track_caller]
fn says(error: &Error, kind: ErrorKind, words: &[&str]) {
    let text = error.to_string();
    assert_eq!(error.kind(), kind, "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert_reads_once(error);
    for word in words {
        assert!(text.contains(word), "{word:?} is not in: {text}");
    }
}

#[test]
fn all_missing_variables_are_named() {
    let nothing = Config::from_vars(|_| None);
    let error = DataLinks::from_config(&nothing).unwrap_err();
    says(&error, ErrorKind::Config, &["DL_HOST and DL_API_KEY are not set", ".env"]);
    let error = IngestProxy::from_config(&nothing).unwrap_err();
    says(&error, ErrorKind::Config, &["DL_INGEST_PROXY and DL_API_KEY are not set"]);
    let only_host =
        Config::from_vars(|name| (name == "DL_HOST").then(|| "https://example.com/api/v1".into()));
    says(&DataLinks::from_config(&only_host).unwrap_err(), ErrorKind::Config, &["DL_API_KEY is not set"]);
}

#[tokio::test]
async fn path_traversal_names_are_rejected_before_sending() {
    let emulator = Emulator::start().await.unwrap();
    let client = client(&emulator);
    for bad in ["", ".", "..", "a\\b", "a\u{0}b"] {
        says(
            &client.dataset("cinema", bad).unwrap_err(),
            ErrorKind::InvalidInput,
            &["dataset", "nothing was sent"],
        );
        says(
            &client.namespace(bad).unwrap_err(),
            ErrorKind::InvalidInput,
            &["namespace", "nothing was sent"],
        );
    }
    assert!(emulator.requests().is_empty());
}

#[tokio::test]
async fn unusual_names_arrive_unchanged() {
    let emulator = Emulator::start().await.unwrap();
    let client = client(&emulator);
    for name in ["a b", "a/b", "100%", "what?", "#1", "Amélie", "a%2Fb", "a+b", "...", "self"] {
        let dataset = client.dataset("cinema", name).unwrap();
        dataset.create().await.unwrap();
        let result = dataset.ingest([json!({ "n": 1 })]).await.unwrap();
        assert!(result.is_complete(), "{result}");
        assert_eq!(dataset.info().await.unwrap().dataset.name, name);
    }
}

#[tokio::test]
async fn invalid_token_stops_the_run_and_is_not_shown() {
    let emulator = Emulator::start().await.unwrap();
    let wrong = DataLinks::builder(emulator.api_url(), "canary-key").retry(at_once()).build().unwrap();
    let rows: Vec<Value> = (0..10).map(|n| json!({ "n": n })).collect();
    let result = wrong.dataset("cinema", "films").unwrap().ingest(rows).batch_size(2).await.unwrap();
    assert_eq!((result.successful.len(), result.failed.len(), result.counts.requests), (0, 10, 1));
    let error = &result.failed[0].error;
    says(error, ErrorKind::Unauthorized, &["ingestData", "401", "DL_API_KEY", "1 attempt", "request id"]);
    says(&result.failed[9].error, ErrorKind::Unauthorized, &["was not sent"]);
    assert!(!format!("{error} {error:?} {wrong:?} {result:?}").contains("canary-key"));
}

#[tokio::test]
async fn error_names_an_unreachable_host() {
    // A port that was in use a moment ago.
    let emulator = Emulator::start().await.unwrap();
    let (url, key) = (emulator.api_url(), emulator.api_key().to_owned());
    emulator.shutdown().await;
    let client = DataLinks::builder(&url, key).retry(at_once()).build().unwrap();
    let error = client.dataset("cinema", "films").unwrap().info().await.unwrap_err();
    says(&error, ErrorKind::Connect, &["getDatasetInformation", &url, "DL_HOST", "3 attempts"]);
    assert!(error.is_retryable() && !error.is_ambiguous());
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test]
async fn html_error_page_keeps_its_status() {
    let emulator = Emulator::start().await.unwrap();
    let client = with_films(&emulator).await;
    let films = client.dataset("cinema", "films").unwrap();

    emulator.faults().inject(Fault::new("getDatasetInformation").html(502).times(3)).unwrap();
    let error = films.info().await.unwrap_err();
    says(&error, ErrorKind::Server, &["502", "page", "3 attempts"]);
    assert_eq!(error.status().map(|status| status.as_u16()), Some(502));
}

#[tokio::test]
async fn html_page_with_status_200_is_an_error() {
    let server = httpmock::MockServer::start_async().await;
    server
        .mock_async(|when, then| {
            when.any_request();
            then.status(200)
                .header("content-type", "text/html")
                .header("x-request-id", "r1")
                .body("<html>hello");
        })
        .await;
    let films =
        DataLinks::builder(server.base_url(), "key").build().unwrap().dataset("cinema", "films").unwrap();
    let error = films.query().fetch::<Value>().await.unwrap_err();
    says(
        &error,
        ErrorKind::UnexpectedResponse,
        &["queryData", "200", "/api/v1", "<html>hello", "request id r1"],
    );
    assert_eq!(error.body(), Some("<html>hello"));
    let error = films.info().await.unwrap_err();
    says(&error, ErrorKind::UnexpectedResponse, &["getDatasetInformation", "200", "/api/v1", "<html>hello"]);
    let error = films.namespace().ask("?").await.unwrap_err();
    says(&error, ErrorKind::UnexpectedResponse, &["autoragStream", "text/html"]);
    // The response to an ingestion does not have the form of the API, so the outcome is ambiguous.
    let result = films.ingest([json!({ "n": 1 })]).await.unwrap();
    assert!(result.failed[0].is_ambiguous(), "{result}");
}

#[tokio::test]
async fn lost_response_is_retried_if_safe() {
    let emulator = Emulator::start().await.unwrap();
    let client = with_films(&emulator).await;
    let films = client.dataset("cinema", "films").unwrap();

    emulator.faults().inject(Fault::new("getDatasetInformation").lose_response()).unwrap();
    assert_eq!(films.info().await.unwrap().metadata.row_count, 0);

    emulator.faults().inject(Fault::new("getDatasetInformation").lose_response().always()).unwrap();
    let error = films.info().await.unwrap_err();
    says(&error, ErrorKind::Interrupted, &["before the whole response was received", "3 attempts"]);
    assert!(!error.is_ambiguous(), "reading changes nothing: {error}");
}

#[tokio::test]
async fn error_contains_the_start_of_a_truncated_body() {
    let emulator = Emulator::start().await.unwrap();
    let client = with_films(&emulator).await;
    let films = client.dataset("cinema", "films").unwrap();
    emulator.faults().inject(Fault::new("getDatasetInformation").truncate_body()).unwrap();
    let error = films.info().await.unwrap_err();
    says(&error, ErrorKind::UnexpectedResponse, &["EOF", "200", "body begins with"]);
    assert!(error.body().unwrap().starts_with('{'));
}

#[tokio::test]
async fn lost_response_is_reported_by_delivery_mode() {
    use datalinks::Delivery;

    let emulator = Emulator::start().await.unwrap();
    let client = with_films(&emulator).await;
    let films = client.dataset("cinema", "films").unwrap();
    let rows = || (0..4).map(|n| json!({ "n": n }));
    let count = async || films.info().await.unwrap().metadata.row_count;

    emulator.faults().inject(Fault::new("ingestData").lose_response()).unwrap();
    let twice = films.ingest(rows()).await.unwrap();
    assert_eq!(twice.successful.len(), 4, "{twice}");
    assert_eq!(twice.possibly_duplicated.iter().cloned().flatten().collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(count().await, 8);

    emulator.faults().inject(Fault::new("ingestData").lose_response()).unwrap();
    let unknown = films.ingest(rows()).delivery(Delivery::AtMostOnce).await.unwrap();
    assert!(
        unknown.successful.is_empty() && unknown.failed.iter().all(|row| row.is_ambiguous()),
        "{unknown}"
    );
    assert_eq!(count().await, 12);

    emulator.faults().inject(Fault::new("ingestData").lose_response()).unwrap();
    let reconciled = films.ingest(rows()).delivery(Delivery::Reconciled).reconcile_window(Duration::ZERO);
    let reconciled = reconciled.await.unwrap();
    assert!(reconciled.is_complete(), "{reconciled}");
    assert_eq!(count().await, 16);

    // Reconciliation by key, against a real parser of queries.
    let keyed = || (0..60).map(|n| json!({ "n": n, "film id": format!("film's {n}") }));
    emulator.faults().inject(Fault::new("ingestData").lose_response()).unwrap();
    let reconciled = films.ingest(keyed()).reconcile_by("film id").await.unwrap();
    assert!(reconciled.is_complete(), "{reconciled}");
    assert_eq!(count().await, 76);
}

#[tokio::test]
async fn unserializable_rows_do_not_stop_other_rows() {
    let emulator = Emulator::start().await.unwrap();
    let client = with_films(&emulator).await;
    let films = client.dataset("cinema", "films").unwrap();
    let rows = [json!({ "n": 1 }), json!([1]), json!({ "n": 2 }), json!("text")];
    let result = films.ingest(rows).await.unwrap();
    assert_eq!(result.successful.len(), 2);
    assert_eq!(result.failed.iter().map(|row| row.index).collect::<Vec<_>>(), [1, 3]);
    says(&result.failed[0].error, ErrorKind::Encode, &["row 1", "JSON object"]);
    assert_eq!(films.info().await.unwrap().metadata.row_count, 2);
}

#[tokio::test]
async fn error_of_a_missing_dataset_advises_to_create_it() {
    let emulator = Emulator::start().await.unwrap();
    let client = client(&emulator);
    let result = client.dataset("cinema", "nothing").unwrap().ingest([json!({ "n": 1 })]).await.unwrap();
    says(&result.failed[0].error, ErrorKind::NotFound, &["404", "must be created"]);
}

#[tokio::test]
async fn response_without_a_run_id_is_an_error_of_a_started_run() {
    let emulator = Emulator::start().await.unwrap();
    let proxy = IngestProxy::builder(emulator.proxy_url(), emulator.api_key())
        .username(emulator.username())
        .retry(at_once())
        .build()
        .unwrap();
    emulator.faults().inject(Fault::new("runPipeline").without_header("x-workflow-run-id")).unwrap();
    let source = PipelineSource::rows([json!({ "n": 1 })]).unwrap();
    let error = proxy.run_pipeline("cinema", source).stream().await.unwrap_err();
    says(&error, ErrorKind::UnexpectedResponse, &["x-workflow-run-id", "may have started"]);
    assert!(error.is_ambiguous());
}

#[tokio::test]
async fn predefined_schemas_of_other_types_are_rejected_before_sending() {
    let emulator = Emulator::start().await.unwrap();
    let proxy = IngestProxy::builder(emulator.proxy_url(), emulator.api_key()).build().unwrap();
    for (schema, part) in
        [(json!("films"), "the string \"films\""), (json!(7), "the number 7"), (json!(null), "null")]
    {
        let source = PipelineSource::rows([json!({ "n": 1 })]).unwrap();
        let error =
            proxy.run_pipeline("cinema", source).predefined_schema(schema).stream().await.unwrap_err();
        says(&error, ErrorKind::InvalidInput, &[part, "an object, or an array of dataset schemas"]);
    }
    assert!(emulator.requests().is_empty());
}

#[tokio::test]
async fn key_repeated_by_the_server_is_not_shown() {
    let key = "canary-key-in-a-message";
    let server = httpmock::MockServer::start_async().await;
    server
        .mock_async(|when, then| {
            when.any_request();
            then.status(400).json_body(json!({ "error_code": key, "message": format!("bad token {key}") }));
        })
        .await;
    let client = DataLinks::builder(server.base_url(), key).build().unwrap();
    let error = client.dataset("cinema", "films").unwrap().info().await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains(key), "{error}");
    says(&error, ErrorKind::Rejected, &["[key]"]);
}
