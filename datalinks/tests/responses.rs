//! Types of responses: each reads and writes the JSON of the generated type that it stands for.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

use std::fmt::Debug;

use datalinks::{
    account::{Token, TokenPermission, TokenPermissions, UsageDay, UsageItem, User},
    ask::{
        AskAnswer, AskFailure, AskPlan, AskStep, AutoRagAnswer, AutoRagStep, Conversation, ConversationTurn,
        QueryExecuting, RunStarted, RunState, RunStatus, StepStarted,
    },
    datasets::{
        CodeFile, CuratedLinks, DatasetInfo, DatasetMetadata, DatasetSummary, Link, MatchType,
        NamespaceSummary, Role, Share,
    },
    types::Row,
    uploads::{
        FinishedFile, Ingestion, IngestionAttributes, PreparedFile, PreparedSession, PresignedPart,
        SessionFile, SessionStatus, Upload, UploadFileStatus,
    },
};
use datalinks_gen::api::types;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use uuid::Uuid;

const SECRET: &str = "https://storage.test/films?signature=c2VjcmV0";

fn read<T: DeserializeOwned>(json: &Value) -> Result<T, String> {
    serde_json::from_str(&json.to_string()).map_err(|error| error.to_string())
}

fn written(value: &impl Serialize) -> Value {
    // A value that cannot be written is equal to nothing that is expected.
    serde_json::to_value(value).unwrap_or_default()
}

/// Reads JSON as a `T`, and returns the JSON that `T` writes.
fn rewritten<T: DeserializeOwned + Serialize>(json: &Value) -> Result<Value, String> {
    read::<T>(json).map(|value| written(&value))
}

/// Compares `T` with the generated type `W`.
///
/// `whole` has a value for every field. `required` is the value with the required fields alone, and its fields have the
/// values of `whole`.
fn compare<T, W>(whole: Value, required: T)
where
    T: DeserializeOwned + Serialize + Clone + PartialEq + Debug,
    W: DeserializeOwned + Serialize,
{
    let name = std::any::type_name::<T>();
    let fields: Row = whole.as_object().cloned().unwrap_or_default();
    let with = |field: &str, value: Option<Value>| {
        let others = fields.clone().into_iter().filter(|(other, _)| other != field);
        Value::from_iter(others.chain(value.map(|value| (field.to_owned(), value))))
    };
    // All fields, and one that the crate does not know.
    for json in [whole.clone(), with("fieldOfTomorrow", Some(json!({ "a": [1, null, "b"] })))] {
        assert_eq!(
            rewritten::<W>(&json).as_ref(),
            Ok(&json),
            "{name}: the example is not the JSON of the type"
        );
        let value = read::<T>(&json);
        assert_eq!(value.as_ref().map(written), Ok(json), "{name}");
        assert_eq!(value.clone().and_then(|value| read(&written(&value))), value, "{name} is read back");
        assert!(!format!("{value:?}").contains(SECRET), "{name} shows a secret");
    }
    // The required fields alone, as a constructor makes them.
    let is_required = |field: &str| rewritten::<W>(&with(field, None)).is_err();
    let minimal = Value::from_iter(fields.clone().into_iter().filter(|(field, _)| is_required(field)));
    assert_eq!(rewritten::<W>(&minimal), Ok(written(&required)), "{name}");
    assert_eq!(read::<T>(&minimal), Ok(required), "{name}: {minimal}");
    // One field missing, null, or of another type, and integers in another notation.
    for (field, value) in &fields {
        let float = value.as_i64().map(|number| json!(number as f64));
        for other in [None, Some(Value::Null), Some(json!({})), Some(json!([7])), Some(json!("x")), float] {
            let changed = with(field, other);
            let (ours, generated) = (rewritten::<T>(&changed), rewritten::<W>(&changed));
            assert_eq!(
                ours.clone().ok(),
                generated.clone().ok(),
                "{name}: {changed}: {ours:?}, {generated:?}"
            );
        }
    }
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

#[test]
fn account() {
    compare::<User, types::CurrentUserResponse>(
        json!({ "id": "u1", "username": "ana", "name": "Ana A", "email": "ana@example.org" }),
        User::new("u1", "ana"),
    );
    compare::<Token, types::UserToken>(
        json!({
            "id": "t1", "name": "ci", "created_at": "2024-01-01", "expires_at": "2025-01-01",
            "last_used_at": "2024-06-01", "token": SECRET,
        }),
        Token::new("t1", "ci", "2024-01-01"),
    );
    compare::<TokenPermissions, types::TokenPermissionsResponse>(
        json!({ "restricted": true, "permissions": [{ "username": "ana", "namespace": "cinema" }] }),
        TokenPermissions::new(true),
    );
    compare::<TokenPermission, types::TokenPermissionEntry>(
        json!({ "username": "ana", "namespace": "cinema", "dataset": "films" }),
        TokenPermission::new("ana", "cinema"),
    );
    compare::<UsageItem, types::UserUsageHistoryItem>(
        json!({ "timestamp": "2024-01-02T03:04:05Z", "tokensUsed": 7, "costUSD": 0.25 }),
        UsageItem::new("2024-01-02T03:04:05Z".parse().unwrap(), 7, 0.25),
    );
    compare::<UsageDay, types::UserUsageByDayItem>(
        json!({ "date": "2024-01-02", "tokensUsed": 7, "costUSD": 0.25 }),
        UsageDay::new("2024-01-02".parse().unwrap(), 7, 0.25),
    );
}

#[test]
fn catalog() {
    let summary = json!({
        "owner": "ana", "namespace": "cinema", "name": "films", "visibility": "Private", "user": "ana2",
        "nameWithNamespace": "cinema/films",
    });
    compare::<DatasetSummary, types::ApiDatasetDescription>(
        summary.clone(),
        DatasetSummary::new("ana", "cinema", "films"),
    );
    compare::<NamespaceSummary, types::ApiNamespace>(
        json!({ "owner": "ana", "name": "cinema" }),
        NamespaceSummary::new("ana", "cinema"),
    );
    let metadata = json!({
        "columnNames": ["title", "year"], "rowCount": 5, "dataDescription": "Films.",
        "schemaDefinition": { "title": "Title as released", "year": "Year of release" },
    });
    compare::<DatasetMetadata, types::ApiDatasetMetadata>(
        metadata.clone(),
        DatasetMetadata::new(["title", "year"], 5),
    );
    compare::<DatasetInfo, types::DatasetResponse>(
        json!({ "dataset": summary, "metadata": metadata }),
        DatasetInfo::new(
            serde_json::from_value(summary).unwrap(),
            serde_json::from_value(metadata.clone()).unwrap(),
        ),
    );
    let metadata: DatasetMetadata = serde_json::from_value(metadata).unwrap();
    let schema = metadata.schema_definition.unwrap();
    assert_eq!(
        schema.iter().collect::<Vec<_>>(),
        [("title", "Title as released"), ("year", "Year of release")]
    );
}

#[test]
fn links_shares_and_code() {
    let link = json!({
        "origin": "ri.ana.cinema.films.director", "destination": "ri.ana.cinema.people.name",
        "matchType": "ExactMatch", "hits": 3, "score": 0.5,
    });
    let (origin, destination) = ("ri.ana.cinema.films.director", "ri.ana.cinema.people.name");
    let mut known = link.clone();
    known.as_object_mut().unwrap().remove("score");
    compare::<Link, types::ApiLink>(known, Link::new(origin, destination, MatchType::ExactMatch, 3));
    let mut unknown = link.clone();
    unknown["matchType"] = "SoundsAlike".into();
    assert_eq!(rewritten::<Link>(&unknown).as_ref(), Ok(&unknown));
    compare::<CuratedLinks, types::CurateLinkResponse>(
        json!({ "curatedLinks": [link], "totalSelected": 1, "datasetsProcessed": 2 }),
        CuratedLinks::new(1, 2),
    );
    compare::<Share, types::AccessGrant>(
        json!({ "username": "bo", "role": "editor" }),
        Share::new("bo", Role::Editor),
    );
    compare::<CodeFile, types::CleanerAgentCodeFile>(
        json!({ "name": "clean.py", "content": "print(1)" }),
        CodeFile::new("clean.py", "print(1)"),
    );
}

#[test]
fn prepared_uploads() {
    let part = json!({ "url": SECRET, "size": 5 });
    compare::<PresignedPart, types::PresignedUrlItem>(part.clone(), PresignedPart::new(SECRET.to_owned(), 5));
    let parts = || vec![PresignedPart::new(SECRET.to_owned(), 5)];
    compare::<Upload, types::PrepareMultipartResponse>(
        json!({ "uploadId": "u", "key": "k", "partSize": 8, "presignedUrls": [part] }),
        Upload::new("u", "k", 8, parts()),
    );
    // In a session, parts have other names.
    let file = json!({
        "fileId": id(2), "filename": "films.csv", "uploadId": "u", "key": "k", "partSize": 8,
        "presignedUrls": [{ "url": SECRET, "partSize": 5 }],
    });
    let own = PreparedFile::new(id(2), "films.csv", "u", "k", 8, parts());
    compare::<PreparedFile, types::FileUploadPrepareSessionResponseFileInfo>(file.clone(), own.clone());
    compare::<PreparedSession, types::FileUploadPrepareSessionResponse>(
        json!({ "sessionId": id(1), "files": [file] }),
        PreparedSession::new(id(1), vec![own]),
    );
    let extended = json!({
        "sessionId": id(1), "files": [{
            "fileId": id(2), "filename": "films.csv", "uploadId": "u", "key": "k", "partSize": 8, "more": 1,
            "presignedUrls": [{ "url": SECRET, "partSize": 5, "headers": { "a": "b" } }],
        }],
    });
    assert_eq!(rewritten::<PreparedSession>(&extended), Ok(extended));
}

#[test]
fn files_and_ingestions() {
    compare::<SessionFile, types::ListSessionFilesResponseFileInfo>(
        json!({ "fileId": id(2), "filename": "films.csv", "fileSize": 5, "s3Bucket": "b", "s3Key": "k" }),
        SessionFile::new(id(2), "films.csv", 5, "b", "k"),
    );
    compare::<FinishedFile, types::FinishFileUploadResponse>(
        json!({
            "sessionId": id(1), "sessionStatus": "preparing", "fileId": id(2), "fileStatus": "completed",
        }),
        FinishedFile::new(id(1), SessionStatus::Preparing, id(2), UploadFileStatus::Completed),
    );
    let attributes = json!({
        "name": "films of today", "originalIngestionId": id(3), "lastRetryAt": "2024-01-02T03:04:05Z",
        "seenAt": "2024-01-03T03:04:05Z",
    });
    compare::<IngestionAttributes, types::IngestionItemAttributes>(
        attributes.clone(),
        IngestionAttributes::new(),
    );
    compare::<Ingestion, types::ListIngestionsResponseDataItem>(
        json!({
            "id": id(4), "status": "Processing", "statusMessage": "half", "expectedTotalBytes": 10,
            "processedBytes": 5, "processedRows": 2, "attributes": attributes,
        }),
        Ingestion::new(id(4), "Processing"),
    );
}

#[test]
fn runs_and_conversations() {
    compare::<RunStatus, types::AgentRunStatusResponse>(
        json!({
            "runId": id(5), "agentKind": "auto_rag", "question": "why?", "status": "running",
            "canResume": false, "result": { "response": "so" }, "errorMessage": "no", "lastNodeId": "plan",
        }),
        RunStatus::new(id(5), "auto_rag", "why?", RunState::Running),
    );
    let turn = json!({
        "runId": id(5), "question": "why?", "status": "completed", "result": { "response": "so" },
    });
    compare::<ConversationTurn, types::ConversationTurnResponse>(
        turn.clone(),
        ConversationTurn::new(id(5), "why?", RunState::Completed),
    );
    compare::<Conversation, types::ConversationDetailResponse>(
        json!({ "id": id(6), "title": "Reasons", "turns": [turn] }),
        Conversation::new(id(6), "Reasons", vec![serde_json::from_value(turn).unwrap()]),
    );
}

/// The fields of the event are not documented, so those of another type are kept as they are.
#[test]
fn start_of_a_run_is_read_from_any_object() {
    for json in [
        json!({}),
        json!({ "runId": id(5), "conversationId": "c", "more": 1 }),
        json!({ "runId": 7, "conversationId": "c" }),
        json!({ "runId": "not an id", "conversationId": ["c"] }),
    ] {
        assert_eq!(rewritten::<RunStarted>(&json).as_ref(), Ok(&json));
    }
    let started: RunStarted = serde_json::from_value(json!({ "runId": id(5), "conversationId": 7 })).unwrap();
    let mut expected = RunStarted::new();
    expected.run_id = Some(id(5));
    expected.extra = [("conversationId".to_owned(), json!(7))].into_iter().collect();
    assert_eq!(started, expected);
}

#[test]
fn payloads_of_events_of_an_answer_equal_the_generated_types() {
    let rows = || vec![Row::from_iter([("title".to_owned(), json!("Alien"))])];
    let step = || AutoRagStep::new("find", "Ontology(films)", "one lookup is enough", rows());
    let step_json = json!({
        "instruction": "find", "query": "Ontology(films)", "reasoning": "one lookup is enough", "data": rows(),
    });
    compare::<_, types::AutoRagPlanEvent>(
        json!({ "reasoning": "one lookup is enough", "steps": ["find"] }),
        AskPlan::new("one lookup is enough", ["find"]),
    );
    compare::<_, types::AutoRagStepStartedEvent>(
        json!({ "index": 2, "instruction": "find" }),
        StepStarted::new(2, "find"),
    );
    compare::<_, types::AutoRagQueryExecutingEvent>(json!({ "index": 2 }), QueryExecuting::new(2));
    let mut event_json = step_json.clone();
    event_json["index"] = json!(2);
    compare::<_, types::AutoRagStepEvent>(
        event_json,
        AskStep::new(2, "find", "Ontology(films)", "one lookup is enough", rows()),
    );
    compare::<_, types::AutoRagAnswerEvent>(json!({ "response": "In 1979." }), AskAnswer::new("In 1979."));
    compare::<_, types::AutoRagErrorEvent>(json!({ "message": "no model" }), AskFailure::new("no model"));
    compare::<_, types::AutoRagResponseStep>(step_json.clone(), step());
    compare::<_, types::AutoRagResponseData>(
        json!({ "response": "In 1979.", "steps": [step_json] }),
        AutoRagAnswer::new("In 1979.", vec![step()]),
    );
}
