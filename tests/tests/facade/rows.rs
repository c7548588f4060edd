//! All calls with rows encode them in the same way.

use std::{collections::BTreeMap, io};

use datalinks::{
    ErrorKind,
    datasets::{ExactMatch, MatchTypes},
    field,
    pipeline::PipelineSource,
};
use datalinks_tests::server::{Reply, Server};
use futures::StreamExt as _;
use serde_json::{Value, json};

use crate::clients;

fn one<T>(value: T) -> [BTreeMap<&'static str, T>; 1] {
    [BTreeMap::from([("a", value)])]
}

/// Every call except ingest sent NaN and infinity as null and reported success.
///
/// Regression 31.
#[tokio::test]
async fn non_finite_numbers_are_rejected_by_every_call_with_rows() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let trees = dl.dataset("plants", "trees").unwrap();
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let errors = [
            dl.infer(one(number)).description().await.unwrap_err(),
            dl.infer(one(number)).schema().await.unwrap_err(),
            trees.ingest(one(number)).preview::<Value>().await.unwrap_err(),
            trees.preview_links(one(number)).await.unwrap_err(),
            trees.rebuild_links(one(number)).await.unwrap_err(),
            PipelineSource::rows(one(number)).unwrap_err(),
            trees.ingest(one(number)).await.unwrap().into_result().unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::Encode, "{error}");
            assert!(error.to_string().contains("row 0 cannot be written as JSON"), "{error}");
        }
    }
    let link = || MatchTypes::exact(ExactMatch::new().min_distinct(f64::NAN));
    let errors = [
        trees.ingest(one(1)).link(link()).await.unwrap_err(),
        trees.ingest(one(1)).link(link()).preview::<Value>().await.unwrap_err(),
        trees.preview_links(one(1)).link(link()).await.unwrap_err(),
        trees.rebuild_links(one(1)).link(link()).await.unwrap_err(),
        trees
            .finish_upload("u", "k", [datalinks::uploads::UploadedPart::new(1, "e")])
            .link(link())
            .await
            .unwrap_err(),
    ];
    assert!(errors.iter().all(|error| error.kind() == ErrorKind::InvalidInput), "{errors:?}");
    assert!(server.seen().is_empty());
}

/// Every call except ingest rejected integers of more than 64 bits.
///
/// Regression 31.
#[tokio::test]
async fn large_integers_are_sent_by_every_call_with_rows() {
    let server = Server::start().await;
    let clients = clients(&server, "k");
    let trees = clients.dl.dataset("plants", "trees").unwrap();
    let run = Reply::of_type(200, "application/x-ndjson", "").with_header("x-workflow-run-id", "r");
    server.expect([
        Reply::json(200, json!({ "description": "trees" })),
        Reply::json(200, json!({ "schema": {} })),
        Reply::json(200, json!([])),
        Reply::json(200, json!([])),
        Reply::json(200, json!([])),
        run,
        Reply::json(200, json!({ "indexed": 1 })),
    ]);
    let rows = || one(u128::MAX);
    clients.dl.infer(rows()).description().await.unwrap();
    clients.dl.infer(rows()).schema().await.unwrap();
    trees.ingest(rows()).preview::<Value>().await.unwrap();
    trees.preview_links(rows()).await.unwrap();
    trees.rebuild_links(rows()).await.unwrap();
    clients.proxy.run_pipeline("plants", PipelineSource::rows(rows()).unwrap()).stream().await.unwrap();
    trees.ingest(rows()).await.unwrap().into_result().unwrap();
    for request in server.seen() {
        let body = request.json.unwrap();
        let rows = body.get("data").or_else(|| body.get("sample")).unwrap();
        assert_eq!(rows, &json!([{ "a": u128::MAX as f64 }]), "{}", request.target);
    }
}

/// A filter widened a number of single precision, so that it missed the row with this number.
#[tokio::test]
async fn single_precision_numbers_have_the_same_digits_in_rows_and_filters() {
    let server = Server::start().await;
    let clients = clients(&server, "k");
    let trees = clients.dl.dataset("plants", "trees").unwrap();
    let run = || Reply::of_type(200, "application/x-ndjson", "").with_header("x-workflow-run-id", "r");
    server.expect([
        Reply::json(200, json!({ "indexed": 1 })),
        Reply::json(200, json!([])),
        Reply::json(200, json!({ "schema": {} })),
        Reply::json(200, json!([])),
        run(),
        Reply::json(200, json!({ "data": [], "metadata": {} })),
    ]);
    let rows = || one(0.1_f32);
    trees.ingest(rows()).await.unwrap().into_result().unwrap();
    trees.ingest(rows()).preview::<Value>().await.unwrap();
    clients.dl.infer(rows()).schema().await.unwrap();
    trees.preview_links(rows()).await.unwrap();
    let source = PipelineSource::rows(rows()).unwrap();
    clients.proxy.run_pipeline("plants", source).predefined_schema(&rows()[..]).stream().await.unwrap();
    trees.query().filter(field("a").eq(0.1_f32)).fetch::<Value>().await.unwrap();
    let seen = server.seen();
    let (query, others) = seen.split_last().unwrap();
    assert_eq!(query.json.as_ref().unwrap()["query"], r#"Ontology("plants/trees").filter("a" == 0.1)"#);
    for request in others {
        let body = request.json.as_ref().unwrap();
        let rows = body.get("data").or_else(|| body.get("sample")).unwrap();
        assert_eq!(rows.to_string(), r#"[{"a":0.1}]"#, "{}", request.target);
        let schema = body.get("predefinedSchema").map(Value::to_string);
        assert!(schema.is_none_or(|schema| schema == r#"[{"a":0.1}]"#), "{}", request.target);
    }
}

/// A source could fail only with errors of this crate, which other crates could not create.
///
/// Regression 3.
#[tokio::test]
async fn source_may_fail_with_any_error() {
    let server = Server::start().await;
    let trees = clients(&server, "k").dl.dataset("plants", "trees").unwrap();
    server.always(Reply::json(200, json!({ "indexed": 1 })));
    let rows = [Ok(json!({ "a": 1 })), Err(io::Error::other("the tape broke"))];
    let result = trees.ingest_try_stream(futures::stream::iter(rows)).await.unwrap();
    let error = result.source_error.as_ref().unwrap();
    assert_eq!((result.successful.len(), error.kind()), (1, ErrorKind::Source));
    assert!(std::error::Error::source(error).unwrap().is::<io::Error>());
    assert_eq!(error.message(), "the source of the rows failed after the row with index 0: the tape broke");
    assert!(error.to_string().contains("1 rows stored, 0 failed"), "{error}");
    let boxed: [Result<Value, Box<dyn std::error::Error + Send + Sync>>; 1] = [Err("no rows".into())];
    let error = trees.ingest_try_stream(futures::stream::iter(boxed)).await.unwrap_err();
    assert_eq!(error.message(), "the source of the rows failed before its first row: no rows");
    let texts = [Err::<Value, _>("only a text".to_owned())];
    trees.ingest_try_stream(futures::stream::iter(texts)).await.unwrap_err();
    assert_eq!(server.seen().len(), 1);
}

/// After a 401 or a missing dataset, the remaining rows were written to no file, and the run reported success.
///
/// Regression 8c.
#[tokio::test]
async fn stopped_run_is_not_a_success_and_writes_every_row() {
    let server = Server::start().await;
    let trees = clients(&server, "k").dl.dataset("plants", "trees").unwrap();
    server.always(Reply::json(404, r#"{"error_code":"NO","message":"no such dataset"}"#));
    let directory = tempfile::tempdir().unwrap();
    let letters = directory.path().join("letters");
    let rows = || (0..10).map(|n| json!({ "n": n }));
    let ingest = trees.ingest(rows()).batch_size(2).dead_letters(&letters);
    let summary = ingest.batches().unwrap().finish().await.unwrap();
    assert_eq!((summary.counts.stored, summary.counts.failed, summary.counts.requests), (0, 10, 1));
    assert!(
        summary.to_string().starts_with("0 rows stored, 10 failed; the run stopped: ingestData failed"),
        "{summary}"
    );
    assert_eq!(summary.into_result().unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(std::fs::read_to_string(&letters).unwrap().lines().count(), 10);
    let result = trees.ingest(rows()).await.unwrap();
    assert_eq!(result.check().unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(server.seen().len(), 2);
    // Without rows, no request is sent.
    assert!(trees.ingest(Vec::<Value>::new()).await.unwrap().is_complete());
    assert!(server.seen().is_empty());
}

/// The journal is opened, written and locked while the run is awaited.
#[tokio::test]
async fn journal_is_used_by_one_run_at_a_time() {
    let server = Server::start().await;
    let trees = clients(&server, "k").dl.dataset("plants", "trees").unwrap();
    server.always(Reply::json(200, json!({ "indexed": 1 })));
    let directory = tempfile::tempdir().unwrap();
    let ingest = || trees.ingest([json!({ "n": 1 })]).journal(directory.path().join("journal"));
    let mut first = ingest().batches().unwrap();
    let error = ingest().await.unwrap_err();
    assert!(error.to_string().contains(&format!("in use by process {}", std::process::id())), "{error}");
    assert_eq!(first.next().await.unwrap().successful.len(), 1);
    drop(first);
    assert_eq!(ingest().await.unwrap().counts.skipped, 1);
    assert_eq!(server.seen().len(), 1);
}

/// A batch from a slow stream is not held until the stream ends.
#[tokio::test]
async fn rows_of_a_slow_stream_are_sent_before_it_ends() {
    let server = Server::start().await;
    let trees = clients(&server, "k").dl.dataset("plants", "trees").unwrap();
    server.always(Reply::json(200, json!({ "indexed": 1 })));
    let rows = futures::stream::iter([json!({ "n": 1 })]).chain(futures::stream::pending());
    let mut outcomes = trees.ingest_stream(rows).linger(std::time::Duration::ZERO).batches().unwrap();
    assert_eq!(outcomes.next().await.unwrap().rows, 0..1);
    assert_eq!(server.seen().len(), 1);
}

/// After a row of another type, the error advised to check the host. After a missing `_id`, it did not mention
/// that such columns are omitted. Rows could be kept as JSON only with metadata columns.
#[tokio::test]
async fn errors_about_undecodable_rows_contain_advice() {
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only errors are read")]
    struct Tree {
        #[serde(rename = "_id", default)]
        id: Option<u64>,
        height: f64,
    }
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only errors are read")]
    struct Document {
        #[serde(rename = "_id")]
        id: u64,
    }
    let server = Server::start().await;
    let trees = clients(&server, "k").dl.dataset("plants", "trees").unwrap();
    let rows = r#"{"data":[{"_id":1,"height":2.50},{"_id":2,"height":"tall"}],"metadata":{}}"#;
    server.always(Reply::json(200, rows));

    let error = trees.query().fetch::<Tree>().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status().map(|status| status.as_u16())),
        (ErrorKind::UnexpectedResponse, Some(200))
    );
    let text = error.to_string();
    for said in ["row 1", "\"height\"", "expected f64", "QueryBuilder::lenient"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(!text.contains("host is the API"), "{text}");
    let answer = trees.query().lenient().answer::<Tree>().await.unwrap();
    assert_eq!((answer.rows.len(), answer.rejected[0].index), (1, 1));

    let text = trees.query().fetch::<Document>().await.unwrap_err().to_string();
    assert!(text.contains("row 0") && text.contains("`_id`"), "{text}");
    assert!(text.contains("QueryBuilder::metadata_columns") && !text.contains("host is the API"), "{text}");
    trees.query().metadata_columns().fetch::<Document>().await.unwrap();

    let raw: Vec<Box<serde_json::value::RawValue>> = trees.query().fetch().await.unwrap();
    assert_eq!(raw[0].get(), r#"{"height":2.50}"#);
    let raw: Vec<datalinks::read::RawRow> = trees.query().metadata_columns().fetch().await.unwrap();
    assert_eq!(raw[0].json(), r#"{"_id":1,"height":2.50}"#);

    // A response of another kind may come from another host.
    server.always(Reply::json(200, "[]"));
    let error = trees.query().fetch::<Tree>().await.unwrap_err();
    assert!(error.to_string().contains("host is the API"), "{error}");
}
