//! Errors whose usual cause depends on the operation mention this cause.

use datalinks::{DataLinks, Error, ErrorKind, InferenceStep, datasets::ColumnRef};
use datalinks_gen::Server as Service;
use datalinks_tests::server::{Reply, Server};
use serde_json::{Value, json};

use crate::{calls, calls::Clients, clients};

const ID: &str = "c2f8a9d3-90b1-4f57-b6a0-1f5be3a7d7e3";

/// The hint of errors about resources of another owner.
const SHARED: &str = "does not exist or is not shared with you";
const GRANT: &str = "right after a grant access takes some seconds";
const WIDE: &str = "5 columns or fewer";

fn problem(status: u16) -> Reply {
    Reply::json(status, r#"{"error_code":"TEST","message":"as scripted"}"#)
}

#[tokio::test]
async fn hint_of_missing_resource_of_another_owner_mentions_sharing() {
    let server = Server::start().await;
    let theirs = Clients { owner: "ada", ..clients(&server, "k") };
    server.always(problem(404));
    let mut hinted = 0;
    for operation in calls::operations().filter(|operation| operation.server == Service::Api) {
        let error = calls::call(operation.id, &theirs, "plants").await.unwrap_err();
        let Some(sent) = server.seen().pop() else {
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
            continue;
        };
        let body = sent.json.unwrap_or_default();
        let named = sent.target.contains("/ada/")
            || sent.target.contains("username=ada")
            || body["username"] == "ada"
            || body["destination"]["owner"].is_string()
            || operation.id == "listUserNamespaces";
        let text = error.to_string();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{text}");
        assert_eq!(text.contains(SHARED) && text.contains(GRANT), named, "{}: {text}", operation.id);
        hinted += usize::from(named);
    }
    assert!(hinted > 25, "{hinted}");
}

#[tokio::test]
async fn error_of_missing_own_resource_has_no_hint() {
    let server = Server::start().await;
    let own = clients(&server, "k");
    server.always(problem(404));
    // Operations whose calls in this suite always name an owner.
    let naming = ["listUserNamespaces", "createBuildSpec", "editBuildSpec"];
    for operation in calls::operations().filter(|operation| !naming.contains(&operation.id)) {
        let error = calls::call(operation.id, &own, "plants").await.unwrap_err();
        assert!(!error.to_string().contains(SHARED), "{}: {error}", operation.id);
    }
    let error = own.dl.namespaces_of("self").await.unwrap_err();
    assert!(!error.to_string().contains(SHARED), "{error}");
    server.seen();
}

#[tokio::test]
async fn hint_applies_to_an_owner_at_either_end_of_a_link() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let own = || ColumnRef::new("plants", "trees", "name");
    server.always(problem(404));
    for (from, to) in [(own(), own().username("ada")), (own().username("ada"), own())] {
        let error = dl.add_link(from, to).await.unwrap_err();
        assert!(error.to_string().contains(SHARED), "{error}");
    }
    assert!(!dl.add_link(own(), own()).await.unwrap_err().to_string().contains(SHARED));
    server.seen();
}

#[tokio::test]
async fn other_failures_on_foreign_resources_have_no_hint() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let trees = dl.namespace("plants").unwrap().with_owner("ada").unwrap().dataset("trees").unwrap();
    for status in [400, 401, 403, 409, 410, 500] {
        server.always(problem(status));
        let error = trees.info().await.unwrap_err();
        assert!(!error.to_string().contains(SHARED), "{error}");
    }
    server.seen();
}

#[tokio::test]
async fn ingest_into_a_shared_dataset_suggests_upload() {
    let server = Server::start().await;
    let theirs = clients(&server, "k").dl.namespace("plants").unwrap().with_owner("ada").unwrap();
    let trees = theirs.dataset("trees").unwrap();
    let row = || [json!({ "a": 1 })];
    let errors: [(Error, &[&str]); 4] = [
        (
            trees.ingest(row()).await.unwrap_err(),
            &["always writes to your own namespaces", "Dataset::upload"],
        ),
        (
            trees.ingest_stream(futures::stream::iter(row())).batches().unwrap_err(),
            &["always writes to your own namespaces", "Dataset::upload"],
        ),
        (trees.create().await.unwrap_err(), &["creates datasets in your own namespaces", "ask the owner"]),
        (theirs.curate_links().await.unwrap_err(), &["Dataset::change_ontology"]),
    ];
    for (error, parts) in errors {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
        for part in ["belongs to ada", "nothing was sent"].iter().chain(parts) {
            assert!(error.to_string().contains(part), "{part}: {error}");
        }
    }
    assert!(server.seen().is_empty());

    // The suggested operation accepts the owner.
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("trees.csv");
    std::fs::write(&path, "a\n1\n").unwrap();
    server.expect([problem(400)]);
    trees.upload(&path).await.unwrap_err();
    assert_eq!(server.seen()[0].target, "/api/v1/upload/multipart/ada/plants/trees/prepare");
}

#[tokio::test]
async fn preview_is_sent_for_a_shared_dataset() {
    let server = Server::start().await;
    let theirs = clients(&server, "k").dl.namespace("plants").unwrap().with_owner("ada").unwrap();
    let step = InferenceStep::rows("text");
    server.expect([Reply::json(200, json!([{ "a": 1 }]))]);
    let preview = theirs.dataset("trees").unwrap().ingest([json!({ "text": "[]" })]).steps([step]);
    assert_eq!(preview.preview::<Value>().await.unwrap().items, [json!({ "a": 1 })]);
    assert_eq!(server.seen()[0].target, "/api/v1/infer/preview");
}

#[tokio::test]
async fn hint_of_ingest_into_missing_dataset_mentions_other_owners() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    server.expect([problem(404)]);
    let result = dl.dataset("plants", "trees").unwrap().ingest([json!({ "a": 1 })]).await.unwrap();
    let text = result.failed[0].error.to_string();
    for part in ["must be created", "your own namespaces", "Dataset::upload"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    server.seen();
}

/// Only errors of operations that add rows to a dataset advise to create it.
#[tokio::test]
async fn only_missing_datasets_for_rows_are_advised_to_be_created() {
    let server = Server::start().await;
    let own = clients(&server, "k");
    server.always(problem(404));
    let mut advised = Vec::new();
    for operation in calls::operations() {
        let error = calls::call(operation.id, &own, "plants").await.unwrap_err();
        if error.to_string().contains("must be created before rows are ingested") {
            advised.push(operation.id);
        }
    }
    assert_eq!(advised, ["ingestData", "prepareMultipartUpload"]);
    server.seen();
}

#[tokio::test]
async fn missing_resource_after_ambiguous_delete_is_probably_deleted() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let run = dl.run(ID).unwrap();
    let delete = async |id: &str| match id {
        "deleteBuildSpec" => dl.delete_build_spec(ID).await.unwrap_err(),
        "deleteAgentRun" => run.delete().await.unwrap_err(),
        _ => dl.delete_token("t").await.unwrap_err(),
    };
    for id in ["deleteBuildSpec", "deleteAgentRun", "deleteToken"] {
        for unclear in [Reply::Closed, problem(500)] {
            server.expect([unclear, problem(404)]);
            let error = delete(id).await;
            assert_eq!(
                (error.operation(), error.kind(), error.attempts()),
                (Some(id), ErrorKind::NotFound, 2)
            );
            assert!(error.to_string().contains("probably deleted"), "{error}");
            assert!(error.is_ambiguous());
        }
        // Without an earlier attempt, or after one that was not executed, the resource did not exist.
        for replies in [vec![problem(404)], vec![problem(503), problem(404)]] {
            server.expect(replies);
            let error = delete(id).await;
            assert_eq!(error.kind(), ErrorKind::NotFound);
            assert!(!error.to_string().contains("probably deleted"), "{error}");
        }
    }
    // Reading deletes nothing.
    server.expect([problem(500), problem(404)]);
    let error = dl.build_spec(ID).await.unwrap_err();
    assert!(!error.to_string().contains("probably deleted"), "{error}");
    server.seen();
}

#[tokio::test]
async fn conflict_on_namespace_delete_names_the_usual_cause() {
    let server = Server::start().await;
    let plants = clients(&server, "k").dl.namespace("plants").unwrap();
    server.expect([problem(409)]);
    let error = plants.delete().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.to_string().contains("usually because the namespace still has datasets"), "{error}");
    server.seen();
}

/// Returns the errors of a question in its three forms.
async fn questions(dl: &DataLinks) -> [Error; 3] {
    let ask = || dl.namespace("plants").unwrap().ask("why?");
    [
        ask().await.unwrap_err(),
        ask().stream().await.map(|_| ()).unwrap_err(),
        ask().autorag().await.unwrap_err(),
    ]
}

#[tokio::test]
async fn question_with_status_500_mentions_wide_schemas() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    server.always(problem(500));
    for error in questions(&dl).await {
        let text = error.to_string();
        assert_eq!(error.kind(), ErrorKind::Server, "{text}");
        for part in [WIDE, "10 or more columns", "datasets have fewer columns"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
    for status in [502, 503, 504, 400, 404] {
        server.always(problem(status));
        for error in questions(&dl).await {
            assert!(!error.to_string().contains(WIDE), "{error}");
        }
    }
    server.always(problem(500));
    let error = dl.dataset("plants", "trees").unwrap().query().fetch::<Value>().await.unwrap_err();
    assert!(!error.to_string().contains(WIDE), "{error}");
    server.seen();
}
