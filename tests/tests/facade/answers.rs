//! Unexpected responses, and listings and waits.

use std::time::Duration;

use datalinks::{
    AskEvent, Error, ErrorKind, Listing, Namespace,
    account::UsageCursor,
    datasets::{BuildSpecDraft, DatasetCoordinate, DatasetSummary, ExactMatch, MatchTypes},
    uploads::{UploadedPart, WaitOutcome},
};
use datalinks_tests::server::{Reply, Server};
use futures::TryStreamExt as _;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clients;

const ID: Uuid = Uuid::from_u128(7);

fn ingestion(id: Uuid, status: &str) -> Value {
    json!({ "id": id, "status": status, "expectedTotalBytes": 10 })
}

fn page(ingestions: &[Value], next: Option<&str>) -> Reply {
    let mut metadata = json!({ "pageSize": 100 });
    if let Some(next) = next {
        metadata["beforeCreatedAt"] = next.into();
    }
    Reply::json(200, json!({ "data": ingestions, "metadata": metadata }))
}

/// The shortest poll interval.
const PAUSE: Duration = Duration::from_millis(100);

/// Waits for an ingestion with these pages, at the shortest poll interval.
async fn wait(
    pages: impl IntoIterator<Item = Reply>,
    timeout: Duration,
) -> Result<WaitOutcome, datalinks::Error> {
    let server = Server::start().await;
    server.expect(pages);
    let trees = clients(&server, "k").dl.dataset("plants", "trees").unwrap();
    let waited = trees.wait_for(ID).every(PAUSE).timeout(timeout).await;
    server.seen();
    waited
}

const LONG: Duration = Duration::from_secs(600);

/// Regression 26.
#[tokio::test]
async fn every_outcome_of_a_wait_is_distinguished() {
    let goes_on = || page(&[ingestion(ID, "Processing")], None);
    let other = || page(&[ingestion(Uuid::nil(), "Completed")], None);
    let ends = |status: &str| page(&[ingestion(ID, status)], None);
    assert!(matches!(wait([goes_on(), ends("completed")], LONG).await.unwrap(), WaitOutcome::Completed(_)));
    assert!(matches!(wait([ends(" Failed ")], LONG).await.unwrap(), WaitOutcome::Failed(_)));
    assert!(matches!(wait([goes_on(), ends("quarantined")], LONG).await.unwrap(), WaitOutcome::Other(_)));
    // An entry is found if only fields other than its id and its status are invalid.
    let odd = |more: Value| {
        let mut entry = json!({ "id": ID, "status": "Completed" });
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        page(&[json!({ "id": ID.to_string() + "0" }), json!(7), entry], None)
    };
    for more in [
        json!({ "expectedTotalBytes": null }),
        json!({ "expectedTotalBytes": 10.0 }),
        json!({ "expectedTotalBytes": "ten" }),
        json!({}),
        json!({ "id": ID.to_string().to_uppercase(), "expectedTotalBytes": [], "attributes": 7 }),
    ] {
        let waited = wait([goes_on(), odd(more.clone())], LONG).await.unwrap();
        assert!(matches!(&waited, WaitOutcome::Completed(own) if own.id == ID), "{more}: {waited:?}");
    }
    // Without a status, the ingestion may be in progress.
    let mute = || odd(json!({ "status": null }));
    assert!(matches!(wait([mute(), mute(), ends("done")], LONG).await.unwrap(), WaitOutcome::Completed(_)));
    let waited = wait([mute()], Duration::ZERO).await.unwrap();
    assert!(matches!(&waited, WaitOutcome::Unreadable(entry) if entry.text.contains("null")), "{waited:?}");
    assert_eq!(wait([mute(), other()], LONG).await.unwrap(), WaitOutcome::Vanished);
    // An ingestion that never appeared may have started a moment ago. One that appeared and vanished is gone.
    assert!(matches!(
        wait([other(), goes_on(), ends("done")], LONG).await.unwrap(),
        WaitOutcome::Completed(_)
    ));
    assert_eq!(wait([goes_on(), other()], LONG).await.unwrap(), WaitOutcome::Vanished);
    let refused =
        wait([Reply::json(404, r#"{"error_code":"GONE","message":"no"}"#)], LONG).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn states_of_an_ingestion_are_a_stream() {
    let server = Server::start().await;
    let trees = clients(&server, "k").dl.dataset("plants", "trees").unwrap();
    let looks = ["queued", "Processing", "Completed"].map(|status| page(&[ingestion(ID, status)], None));
    server.expect([page(&[], None)].into_iter().chain(looks));
    let states = trees.wait_for(ID).every(PAUSE).stream();
    let seen: Vec<String> = states.map_ok(|ingestion| ingestion.status).try_collect().await.unwrap();
    assert_eq!(seen, ["queued", "Processing", "Completed"]);
    server.seen();
}

/// The stream of states continued until its timeout although the ingestion was no longer listed.
///
/// Regression 26.
#[tokio::test]
async fn stream_of_states_ends_when_the_ingestion_vanishes() {
    let server = Server::start().await;
    let trees = clients(&server, "k").dl.dataset("plants", "trees").unwrap();
    let odd = json!({ "id": ID, "status": null, "expectedTotalBytes": 1 });
    for seen in [ingestion(ID, "queued"), odd] {
        server.expect([page(&[], None), page(std::slice::from_ref(&seen), None), page(&[], None)]);
        let states: Vec<_> = trees.wait_for(ID).every(PAUSE).stream().try_collect().await.unwrap();
        assert!(states.iter().all(|state| state.id == ID), "{seen}: {states:?}");
        server.seen();
    }
}

#[tokio::test]
async fn wait_without_time_polls_once() {
    let server = Server::start().await;
    let trees = clients(&server, "k").dl.dataset("plants", "trees").unwrap();
    server.expect([page(&[ingestion(ID, "queued")], None)]);
    let waited = trees.wait_for(ID).timeout(Duration::ZERO).await.unwrap();
    assert!(matches!(waited, WaitOutcome::TimedOut(ingestion) if ingestion.status == "queued"));
    server.expect([page(&[], None)]);
    assert_eq!(trees.wait_for(ID).timeout(Duration::ZERO).await.unwrap(), WaitOutcome::Vanished);
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn older_ingestions_are_found_with_an_unchanged_cursor() {
    let server = Server::start().await;
    let trees = clients(&server, "k").dl.dataset("plants", "trees").unwrap();
    let odd = "2025-02-03T04:05:06.7890000+01:00";
    server.expect([page(&[ingestion(Uuid::nil(), "done")], Some(odd)), page(&[ingestion(ID, "done")], None)]);
    let ids: Vec<Uuid> = trees
        .ingestions()
        .page_size(1)
        .stream()
        .collect()
        .await
        .unwrap()
        .iter()
        .map(|item| item.id)
        .collect();
    assert_eq!(ids, [Uuid::nil(), ID]);
    let seen = server.seen();
    assert!(seen[0].target.ends_with("?pageSize=1"), "{}", seen[0].target);
    let pairs = datalinks_tests::recordings::pairs(seen[1].target.split_once('?').unwrap().1);
    assert_eq!(pairs[0], ("beforeCreatedAt".to_owned(), odd.to_owned()));
    for size in [0, 101] {
        assert_eq!(trees.ingestions().page_size(size).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    assert!(server.seen().is_empty());
}

/// Regression 28.
#[tokio::test]
async fn usage_cursor_is_sent_back_unchanged() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let cursor = r#"{"z": 1.50,"lastStartTime":"2025-02-03T04:05:06.000000Z","lastObservationId":"a b/é\u00e9","new":[12345678901234567890123]}"#;
    let item = json!({ "timestamp": "2025-02-03T04:05:06Z", "tokensUsed": 1, "costUSD": 0.5 });
    let first = format!(r#"{{"data":[{item},7],"meta":{{"pageSize":25,"pageCursor":{cursor}}}}}"#);
    server.expect([
        Reply::json(200, first),
        Reply::json(200, json!({ "data": [item], "meta": { "pageSize": 25 } })),
    ]);
    let page = dl.usage().await.unwrap();
    assert_eq!((page.items.len(), page.rejected.len()), (1, 1));
    let next: UsageCursor = page.next.unwrap().to_string().parse().unwrap();
    assert!(dl.usage().cursor(next).await.unwrap().next.is_none());
    let seen = server.seen();
    let pairs = datalinks_tests::recordings::pairs(seen[1].target.split_once('?').unwrap().1);
    // Byte for byte: the order of its fields and the notation of numbers and characters are unchanged.
    assert_eq!(pairs[0].1, cursor);
    assert!("7".parse::<UsageCursor>().is_err());
}

#[tokio::test]
async fn failed_rows_are_written_to_a_file() {
    let server = Server::start().await;
    let trees = clients(&server, "k").dl.dataset("plants", "trees").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("failed.ndjson");
    let refused = || Reply::json(422, r#"{"error_code":"BAD","message":"no"}"#);
    server.expect([refused(), Reply::json(200, r#"{"indexed":1}"#), refused()]);
    let rows = [json!({ "n": 0 }), json!({ "n": 1 }), json!(7)];
    let result = trees.ingest(rows).dead_letters(&path).await.unwrap();
    assert_eq!((result.successful.len(), result.failed.len()), (1, 2));
    let lines: Vec<Value> = std::fs::read_to_string(&path)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!((&lines[0]["index"], &lines[0]["row"]), (&json!(1), &json!({ "n": 1 })));
    assert_eq!((&lines[1]["index"], &lines[1]["row"]), (&json!(2), &Value::Null));
    assert!(lines.iter().all(|line| line["ambiguous"] == false && line["error"].is_string()), "{lines:?}");
    server.seen();
}

#[tokio::test]
async fn secret_of_a_new_token_is_returned_despite_invalid_fields() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    server.expect([Reply::json(201, r#"{"token":"s3cret","id":5,"unexpected":true}"#)]);
    let created = dl.create_token("ci").await.unwrap();
    assert_eq!((created.secret.expose(), &created.token), ("s3cret", &None));
    assert!(!format!("{created:?}").contains("s3cret"));
    // The metadata can be saved.
    server.expect([Reply::json(
        201,
        r#"{"id":"t","name":"n","created_at":"","expires_at":null,"token":"s3cret"}"#,
    )]);
    let created = dl.create_token("ci").await.unwrap();
    assert_eq!(created.secret.expose(), "s3cret");
    let saved = serde_json::to_string(&created.token.unwrap()).unwrap();
    assert!(saved.contains(r#""id":"t""#) && !saved.contains("s3cret"), "{saved}");
    server
        .expect([Reply::json(200, r#"{"id":"t","name":"n","created_at":"","expires_at":"","token":null}"#)]);
    let error = dl.create_token("ci").await.unwrap_err();
    assert!(error.to_string().contains("no secret"), "{error}");
    server.seen();
}

#[tokio::test]
async fn namespace_with_datasets_is_deleted_only_on_request() {
    let server = Server::start().await;
    let scratch = clients(&server, "k").dl.namespace("scratch").unwrap();
    server.expect([
        Reply::json(409, r#"{"error_code":"CONFLICT","message":"not empty"}"#),
        Reply::empty(200),
        Reply::json(404, r#"{"error_code":"NOT_FOUND","message":"gone"}"#),
    ]);
    let error = scratch.delete().await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Conflict, 409));
    assert!(error.to_string().contains("Namespace::delete_with_datasets"), "{error}");
    scratch.delete_with_datasets().await.unwrap();
    assert_eq!(scratch.delete_with_datasets().await.unwrap_err().kind(), ErrorKind::NotFound);
    let targets: Vec<String> = server.seen().into_iter().map(|request| request.target).collect();
    let path = "/api/v1/data/self/scratch/balefire";
    let with = format!("{path}?deleteDatasets=true");
    assert_eq!(targets, [path, &with, &with]);
}

#[tokio::test]
async fn match_types_without_a_kind_are_omitted() {
    let server = Server::start().await;
    let trees = clients(&server, "k").dl.dataset("plants", "trees").unwrap();
    let (none, exact) = (MatchTypes::default(), MatchTypes::exact(ExactMatch::new()));
    let rows = || [json!({ "a": 1 })];
    let created = json!({ "id": ID });
    server.expect([
        Reply::json(200, r#"{"indexed":1}"#),
        Reply::json(200, "[]"),
        Reply::json(200, "[]"),
        Reply::json(201, &created),
        Reply::json(200, r#"{"indexed":1}"#),
        Reply::json(201, &created),
    ]);
    drop(trees.ingest(rows()).link(none.clone()).await.unwrap());
    trees.preview_links(rows()).link(none.clone()).await.unwrap();
    trees.rebuild_links(rows()).link(none.clone()).await.unwrap();
    let parts = || [UploadedPart::new(1, "e1")];
    trees.finish_upload("u", "k", parts()).link(none).await.unwrap();
    drop(trees.ingest(rows()).link(exact.clone()).await.unwrap());
    trees.finish_upload("u", "k", parts()).link(exact).await.unwrap();
    let bodies: Vec<Value> = server.seen().into_iter().map(|request| request.json.unwrap()).collect();
    for body in &bodies[..4] {
        assert!(body.get("link").is_none(), "{body}");
    }
    for body in &bodies[4..] {
        assert_eq!(body["link"], json!({ "ExactMatch": {} }));
    }
}

#[tokio::test]
async fn destinations_of_build_specs_do_not_depend_on_their_neighbors() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let at = |dataset: &str| json!({ "owner": "ana", "namespace": "plants", "datasetName": dataset });
    let spec = |destination: Option<Value>, destinations: Option<Value>| {
        let mut spec = json!({
            "id": ID, "owner": "ana", "version": 1, "sources": [at("trees")], "code": { "payload": "x" },
            "createdAt": "", "updatedAt": "",
        });
        let fields = [("destination", destination), ("destinations", destinations)];
        fields.into_iter().for_each(|(key, value)| {
            if let Some(value) = value {
                spec[key] = value;
            }
        });
        spec
    };
    let both = json!([at("parks"), at("woods")]);
    let cases = [
        (spec(Some(at("parks")), None), &["parks"][..], json!({})),
        (spec(Some(at("parks")), Some(both.clone())), &["parks", "woods"], json!({})),
        (spec(Some(at("parks")), Some(json!([]))), &["parks"], json!({})),
        (spec(Some(at("parks")), Some(Value::Null)), &["parks"], json!({})),
        (spec(Some(at("parks")), Some(json!([7]))), &["parks"], json!({ "destinations": [7] })),
        (spec(None, Some(both.clone())), &["parks", "woods"], json!({})),
        (spec(Some(json!(7)), Some(both)), &["parks", "woods"], json!({ "destination": 7 })),
        (spec(None, Some(json!([]))), &[], json!({})),
    ];
    for (sent, names, extra) in &cases {
        // Alone in the form of the contract, next to an item in the proposed form, and next to an invalid item.
        for neighbor in [cases[0].0.clone(), cases[5].0.clone(), json!(7)] {
            server.expect([
                Reply::json(200, sent.clone()),
                Reply::json(200, json!({ "items": [sent, neighbor] })),
            ]);
            let (single, list) = (dl.build_spec(ID).await.unwrap(), dl.build_specs().await.unwrap());
            let found: Vec<&str> = single.destinations.iter().map(|one| one.dataset.as_str()).collect();
            assert_eq!(found, *names, "{sent}");
            assert_eq!(Value::from(single.extra.clone()), *extra, "{sent}");
            assert_eq!(list[0], single, "{sent} beside {neighbor}");
        }
    }
    for odd in [spec(None, None), spec(None, Some(json!(7))), spec(Some(json!(7)), None)] {
        server.expect([Reply::json(200, odd.clone())]);
        assert_eq!(dl.build_spec(ID).await.unwrap_err().kind(), ErrorKind::UnexpectedResponse, "{odd}");
    }
    server.seen();
}

#[tokio::test]
async fn build_specs_are_read_with_one_destination_or_several() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let at = |dataset: &str| json!({ "owner": "ana", "namespace": "plants", "datasetName": dataset });
    let spec = json!({
        "id": ID, "owner": "ana", "version": 3, "sources": [at("trees")], "code": { "payload": "x" },
        "createdAt": "yesterday", "updatedAt": "today", "new": true,
    });
    let (mut one, mut several) = (spec.clone(), spec.clone());
    one["destination"] = at("parks");
    several["destinations"] = json!([at("parks"), at("woods")]);
    server.expect([
        Reply::json(200, &one),
        Reply::json(200, &several),
        Reply::json(200, &spec),
        Reply::json(200, json!({ "items": [one, several, spec] })),
    ]);
    let (first, second) = (dl.build_spec(ID).await.unwrap(), dl.build_spec(ID).await.unwrap());
    assert_eq!(first.destinations, [DatasetCoordinate::new("ana", "plants", "parks")]);
    assert_eq!(
        (first.version, first.created_at.as_str(), &first.extra["new"]),
        (3, "yesterday", &json!(true))
    );
    assert_eq!(second.destinations.len(), 2);
    assert_eq!((&second.code, &second.sources), (&"x".to_owned(), &first.sources));
    let error = dl.build_spec(ID).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error}");
    let list = dl.build_specs().await.unwrap();
    assert_eq!((&list.items, list.rejected.len(), list.rejected[0].index), (&vec![first, second], 1, 2));

    let error = dl.create_build_spec(BuildSpecDraft::new(&dl.dataset("plants", "parks").unwrap(), "x")).await;
    assert!(error.unwrap_err().to_string().contains("BuildSpecDraft::source"));
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn invalid_uuid_is_rejected_before_sending() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    for error in [
        dl.build_spec("b1").await.unwrap_err(),
        dl.delete_build_spec("b1").await.unwrap_err(),
        dl.run("r1").unwrap_err(),
        dl.session("s1").unwrap_err(),
        dl.conversation("c1").await.unwrap_err(),
        dl.cleaning_code("t1").await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let text = error.to_string();
        assert!(
            ["b1", "r1", "s1", "c1", "t1"].iter().any(|id| text.contains(&format!("{id:?} is not a UUID"))),
            "{text}"
        );
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn agent_is_called_with_json_only() {
    let server = Server::start().await;
    let agent = clients(&server, "k").dl.agent("assistant").unwrap();
    let request = |method: &str| {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method });
        request.as_object().unwrap().clone()
    };
    server.expect([Reply::json(200, r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"no"}}"#)]);
    let answer = agent.call(request("GetTask")).await.unwrap();
    assert_eq!(answer["error"]["code"], -32001);
    assert_eq!(server.seen()[0].headers["accept"], "application/json");
    let error = agent.call(request("SendStreamingMessage")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn cleaning_code_is_a_list_or_an_object() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let files = json!([{ "name": "a.py", "content": "pass" }]);
    server.expect([Reply::json(200, &files), Reply::json(200, json!({ "files": files }))]);
    let list = dl.cleaning_code(ID).await.unwrap();
    assert_eq!(list, dl.cleaning_code(ID).await.unwrap());
    assert_eq!(list[0].name, "a.py");
    server.seen();
}

#[tokio::test]
async fn run_that_cannot_be_resumed_is_one_event() {
    let server = Server::start().await;
    let run = clients(&server, "k").dl.run(ID).unwrap();
    for (status, body, expected) in [
        (409, r#"{"question":"why?"}"#, "no-checkpoint"),
        (410, r#"{"question":"why?","result":{"response":"so"}}"#, "terminal"),
        (422, "", "terminal"),
        (410, "<html>", "terminal"),
    ] {
        server.expect([Reply::json(status, body)]);
        let mut events = run.resume().await.unwrap();
        assert_eq!(events.status().as_u16(), status);
        let event = events.next().await.unwrap().unwrap();
        assert_eq!(event.name(), expected);
        let (AskEvent::NoCheckpoint(described) | AskEvent::Terminal(described)) = &event else {
            panic!("{event:?}")
        };
        assert_eq!(described.contains_key("question"), body.contains("question"), "{event:?}");
        assert!(events.next().await.is_none());
    }
    server.expect([Reply::json(410, "{}")]);
    let error = run.resume().await.unwrap().answer().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Reported);
    server.seen();
}

#[expect(deprecated, reason = "it is the one listing whose path carries no owner")]
async fn own_listing(namespace: &Namespace) -> Result<Listing<DatasetSummary>, Error> {
    namespace.datasets().await
}

#[tokio::test]
async fn operations_of_the_owner_are_rejected_for_others() {
    let server = Server::start().await;
    let theirs = clients(&server, "k").dl.namespace("plants").unwrap().with_owner("bo").unwrap();
    let trees = theirs.dataset("trees").unwrap();
    let rows = [json!({ "a": 1 })];
    for error in [
        trees.create().await.unwrap_err(),
        trees.ingest(rows).await.unwrap_err(),
        own_listing(&theirs).await.unwrap_err(),
        theirs.curate_links().await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("belongs to bo"), "{error}");
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn limits_are_validated_before_sending() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let trees = dl.dataset("plants", "trees").unwrap();
    let long = "ü".repeat(10_001);
    let clean = dl.dataset("plants", "clean").unwrap();
    for error in [
        trees.create().description(&long).await.unwrap_err(),
        trees.update_definition().description(&long).await.unwrap_err(),
        trees.update_definition().field_definition(&long).await.unwrap_err(),
        trees.ingest([json!({})]).data_description(&long).await.unwrap_err(),
        trees.finish_upload("u", "k", []).await.unwrap_err(),
        trees.clean(Vec::<String>::new(), &clean).await.unwrap_err(),
        trees.clean(vec!["x"; 11], &clean).await.unwrap_err(),
        dl.usage().page_size(0).await.unwrap_err(),
        dl.infer([7]).schema().await.unwrap_err(),
        trees.preview_links([7]).await.unwrap_err(),
    ] {
        assert!(matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Encode), "{error:?}");
        assert_eq!(error.attempts(), 0, "{error}");
    }
    assert!(server.seen().is_empty());
}
