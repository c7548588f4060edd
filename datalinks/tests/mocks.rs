//! What tests of applications need: results and events made by hand, serialized, and streams in `select!`.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

use datalinks::{
    AskEvent, AskStream, BatchStream, Error, ErrorKind, FailedRow, IngestionResult, Items, Listing,
    PipelineEvent, PipelineRun, SchemaDefinition,
    account::{UsageDays, UsagePage},
    agents::{AgentAnswer, AgentCard, AgentEntry, AgentEvent, AgentMessage, AgentStatusUpdate, AgentTask},
    ask::{AskAnswer, AskStep, RowChanges, StepOutcome, UnsupportedSentence, Verification, VerifiedStep},
    field,
    ingest::{BatchOutcome, IngestProgress, IngestionCounts, IngestionSummary, PartiallyIndexedBatch},
    query::{
        FilterValue, LinkColumn, LinkReport, LinkValue, LinkValues, NearMiss, NearMisses, QueryAnswer,
        ValueDifference,
    },
    types::Rejected,
    uploads::{
        ExpiryForecast, Ingestion, IngestionPage, SessionFiles, SessionStatus, UploadFileStatus, UploadName,
        UploadProgress, Uploaded, UploadedFile, UploadedFiles,
    },
};
use futures::stream::FusedStream;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use uuid::Uuid;

fn written(value: impl Serialize) -> Value {
    // A value that cannot be written is equal to nothing that is expected.
    serde_json::to_value(value).unwrap_or_default()
}

#[test]
fn an_account_is_made_and_serialized() {
    let error = Error::new(ErrorKind::Interrupted, "the connection was lost").with_ambiguous(true);
    let failed = FailedRow::new(1, json!({ "n": 1 }), error.clone());
    let mut result = IngestionResult::new(vec![json!({ "n": 0 })], vec![failed.clone()]);
    result.partially_indexed.push(PartiallyIndexedBatch::new(0..1, 1, 0));
    assert_eq!((result.counts.stored, result.counts.failed, result.counts.ambiguous), (1, 1, 1));
    let text = written(&result);
    assert_eq!(text["failed"][0]["index"], 1);
    assert_eq!(text["failed"][0]["error"]["kind"], "Interrupted");
    assert_eq!(text["failed"][0]["error"]["ambiguous"], true);
    assert_eq!((&text["counts"]["ambiguous"], &text["elapsedSeconds"]), (&json!(1), &json!(0.0)));

    let outcome = BatchOutcome::new(0, vec![json!({ "n": 0 })], vec![failed]);
    let mut summary = IngestionSummary::new(outcome.counts);
    assert_eq!((summary.counts.batches, summary.counts.requests), (1, 1));
    assert!(summary.is_complete(), "an error is set by hand, as in the account of the crate");
    summary.first_failure = Some((1, error));
    assert_eq!(summary.into_result().unwrap_err().kind(), ErrorKind::Interrupted);

    let progress = IngestProgress::new(IngestionCounts::default(), std::time::Duration::from_millis(1_500));
    let text = written(progress);
    assert_eq!((&text["elapsedSeconds"], &text["stored"]), (&json!(1.5), &json!(0)));
}

#[test]
fn answers_and_lists_are_made_and_serialized() {
    let mut answer = QueryAnswer::new(vec![1, 2]);
    answer.rejected.push(Rejected::new(2, "null", "not a number"));
    assert_eq!(written(&answer)["rejected"][0]["reason"], "not a number");

    let mut listing: Listing<_> = ["a", "b"].into_iter().collect();
    listing.extend(["c"]);
    assert_eq!(written(&listing), json!({ "items": ["a", "b", "c"], "rejected": [] }));
    assert_eq!(listing.complete().unwrap().len(), 3);
    assert!(Listing::<u8>::default().is_empty());

    let mut ingestion = Ingestion::new(Uuid::nil(), "done");
    ingestion.processed_rows = Some(7);
    let read: Ingestion = serde_json::from_value(json!({
        "id": Uuid::nil(), "userId": Uuid::nil(), "namespace": "a", "dataset": "b", "status": "done",
        "createdAt": "2024-01-01T00:00:00Z", "updatedAt": "2024-01-01T00:00:00Z", "processedRows": 7,
    }))
    .unwrap_or_else(|error| panic!("an ingestion is read from JSON: {error}"));
    assert_eq!(read.extra.len(), 5);
    assert_eq!(Ingestion::new(read.id, read.status).extra, ingestion.extra);
    assert_eq!(read.processed_rows, ingestion.processed_rows);
    assert_eq!(IngestionPage::new(vec![ingestion]).next, None);
    assert!(UsagePage::new(Vec::new()).next.is_none());
    assert_eq!(written(UsageDays::new(Vec::new(), "UTC"))["timeZone"], "UTC");

    let mut schema = SchemaDefinition::new();
    schema.extend([("title", "Title as released")]);
    assert_eq!(schema.into_iter().count(), 1);
}

#[test]
fn verifications_are_made_and_serialized() {
    let holds = VerifiedStep::new("Ontology(a)", 2, "sha256:0");
    let mut changed = VerifiedStep::new("Ontology(b)", 1, "sha256:1");
    let mut changes = RowChanges::new();
    assert!(changes.is_empty());
    changes.missing_count = 1;
    changed.outcome = StepOutcome::Changed(changes);
    let sentence = UnsupportedSentence::new("It is 42.", ["42"]);
    assert!(Verification::new(vec![holds.clone()], vec![sentence.clone()]).holds());
    assert!(!Verification::new(Vec::new(), Vec::new()).holds());
    let verification = Verification::new(vec![holds, changed], vec![sentence]);
    assert!(!verification.holds());
    let text = written(&verification);
    assert_eq!((&text["steps"][0]["outcome"], &text["steps"][0]["foundCount"]), (&json!("holds"), &json!(2)));
    assert_eq!(text["steps"][1]["outcome"]["changed"]["missingCount"], 1);
    assert_eq!(text["unsupported"][0]["values"], json!(["42"]));

    let values = LinkValues::new();
    let mut report =
        LinkReport::new(LinkColumn::new(3), LinkColumn::new(2), values.clone(), values.clone(), values);
    report.near = NearMisses::new();
    report.near.examples.push(NearMiss::new("a", "A", vec![ValueDifference::Case]));
    report.matching.examples.push(LinkValue::new(7, 1, 2));
    let text = written(&report);
    assert_eq!((&text["from"]["rowCount"], &text["to"]["distinct"]), (&json!(3), &json!(2)));
    assert_eq!(text["near"]["examples"][0], json!({ "from": "a", "to": "A", "differences": ["case"] }));
    assert_eq!(text["matching"]["examples"][0], json!({ "value": 7, "fromRows": 1, "toRows": 2 }));
}

#[test]
fn uploads_are_made_and_serialized() {
    let uploaded = Uploaded::new(Uuid::nil(), 7, 1);
    assert_eq!(written(uploaded), json!({ "ingestion": Uuid::nil(), "bytes": 7, "parts": 1 }));
    let file = UploadedFile::new(Uuid::nil(), "/films.csv", UploadFileStatus::from("Uploaded"), 7, 1);
    let files = UploadedFiles::new(Uuid::nil(), SessionStatus::from("New"), vec![file]);
    assert_eq!(written(&files)["files"][0]["path"], "/films.csv");
    assert!(SessionFiles::new(files.status, Vec::new()).rejected.is_empty());
    let mut progress = UploadProgress::new(10, 2);
    progress.expiry_forecast = Some(ExpiryForecast::new(5, std::time::Duration::from_secs(3)));
    progress.upload = Some(UploadName::Dataset { upload_id: "u".to_owned(), key: "k".to_owned() });
    let text = written(progress);
    assert_eq!(text["upload"], json!({ "dataset": { "uploadId": "u", "key": "k" } }));
    assert_eq!(
        (&text["expiryForecast"]["leftSeconds"], &text["expiryForecast"]["neededSeconds"]),
        (&json!(3.0), &Value::Null)
    );
}

#[test]
fn events_are_made_and_serialized() {
    let answer = AskEvent::Answer(AskAnswer::new("42"));
    assert_eq!(written(answer), json!({ "name": "answer", "data": { "response": "42" } }));
    let rows = vec![serde_json::from_value(json!({ "n": 42 })).unwrap()];
    let step = AskEvent::Step(AskStep::new(0, "count", "Ontology(\"a\")", "to know", rows));
    assert_eq!(written(step)["data"]["data"], json!([{ "n": 42 }]));
    assert_eq!(written(AskEvent::PlanningStarted), json!({ "name": "planningStarted" }));
    let object = json!({ "type": "error", "message": "no" });
    let event = PipelineEvent::from_object(serde_json::from_value(object.clone()).unwrap());
    assert!(matches!(event, PipelineEvent::Error(_)));
    assert_eq!(written(event), object);
}

/// Reads `value` as a `T`, and checks that it is written as the same JSON.
#[track_caller]
fn same<T: DeserializeOwned + Serialize>(value: &Value) -> T {
    let read: T = serde_json::from_str(&value.to_string())
        .unwrap_or_else(|error| panic!("{value} is not read: {error}"));
    assert_eq!(written(&read), *value);
    read
}

#[test]
fn results_of_agents_are_serialized_in_the_form_of_the_protocol() {
    let message = json!({
        "messageId": "m", "role": "ROLE_AGENT", "contextId": "c", "taskId": "t", "later": 1,
        "parts": [{ "text": "a", "metadata": { "n": 1 } }, { "data": null }, { "text": "a", "data": 1 }],
    });
    let status = json!({ "state": "TASK_STATE_NEW", "message": message, "timestamp": "soon", "later": [2] });
    let task = json!({
        "id": "t", "contextId": "c", "status": status, "history": [message], "metadata": { "n": 1 },
        "artifacts": [{ "artifactId": "a", "name": "a", "description": "rows", "parts": [], "later": 3 }],
    });
    let card = json!({
        "name": "Assistant", "description": "answers", "version": "1", "preferredTransport": "JSONRPC",
        "capabilities": { "streaming": true, "pushNotifications": false, "later": 4 },
        "defaultInputModes": ["text"], "defaultOutputModes": ["text", "data"],
        "skills": [{ "id": "s", "name": "s", "description": "d", "tags": ["t"], "examples": ["e"], "later": 5 }],
        "securitySchemes": { "bearer": {} }, "securityRequirements": [{ "bearer": [] }],
        "supportedInterfaces": [{ "url": "u", "protocolBinding": "JSONRPC", "protocolVersion": "1.0" }],
    });
    same::<AgentCard>(&card);
    same::<AgentCard>(&json!({ "name": "Assistant" }));
    same::<AgentEntry>(&json!({ "name": "nl2ql", "url": "u", "agentCard": "c", "later": 6 }));
    let read_message: AgentMessage = same(&message);
    let mut without_parts = task.clone();
    // An artifact without parts is written without the member.
    without_parts["artifacts"][0].as_object_mut().unwrap().remove("parts");
    let read_task: AgentTask = serde_json::from_str(&task.to_string()).unwrap();
    assert_eq!(written(&read_task), without_parts);
    let update: AgentStatusUpdate = same(&json!({ "taskId": "t", "contextId": "c", "status": status }));
    assert_eq!(
        written(AgentEvent::StatusUpdate(update)),
        json!({ "statusUpdate": { "taskId": "t", "contextId": "c", "status": status } })
    );
    assert_eq!(written(AgentEvent::Task(read_task.clone())), json!({ "task": without_parts }));
    assert_eq!(written(AgentAnswer::Task(read_task)), json!({ "task": without_parts }));
    assert_eq!(written(AgentAnswer::Message(read_message)), json!({ "message": message }));
    // Members of another type are in `extra`, and are written once.
    let odd = json!({ "parts": 7, "role": null, "messageId": {}, "metadata": [] });
    let odd: AgentMessage = serde_json::from_str(&odd.to_string()).unwrap();
    assert_eq!(serde_json::to_string(&odd).unwrap().matches("parts").count(), 1);
    // Numbers keep their digits.
    let precise = r#"{"data":{"n":1.10000000000000000001}}"#;
    let message: AgentMessage = serde_json::from_str(&format!(r#"{{"parts":[{precise}]}}"#)).unwrap();
    assert!(serde_json::to_string(&message).unwrap().contains(precise));
}

#[test]
fn integers_of_every_width_are_filter_values() {
    assert_eq!(FilterValue::from(7_usize), FilterValue::Integer(7));
    assert_eq!(FilterValue::from(isize::MIN), FilterValue::Integer(isize::MIN as i128));
    assert_eq!(FilterValue::from(usize::MAX), FilterValue::Integer(usize::MAX as i128));
    let rows = ["a"; 3];
    assert_eq!(field("n").eq(rows.len()), field("n").eq(3));
}

/// `select!` of the crate `futures` takes fused streams only.
#[tokio::test]
async fn streams_are_fused() {
    fn is_fused<S: FusedStream>() {}
    is_fused::<AskStream>();
    is_fused::<PipelineRun>();
    is_fused::<Items<Ingestion>>();
    is_fused::<BatchStream<Value>>();

    let client = datalinks::DataLinks::builder("http://127.0.0.1:9/api/v1", "k").build().unwrap();
    let dataset = client.dataset("a", "b").unwrap();
    let mut outcomes = dataset.ingest(Vec::<Value>::new()).batches().unwrap();
    assert!(!outcomes.is_terminated());
    assert!(outcomes.next().await.is_none());
    assert!(outcomes.is_terminated());
    assert!(outcomes.next().await.is_none());
}
