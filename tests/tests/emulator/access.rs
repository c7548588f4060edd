//! Access control: every operation with every kind of caller. The emulator's `ACCESS.md` lists the results.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use datalinks_gen::OPERATIONS;
use datalinks_tests::difference::apply;
use datalinks_tests::recordings::{self, Exchange};
use datalinks_tests::world::{self, Ready, World, key};
use reqwest::Client;
use serde_json::{Value, json};

use crate::differences::DIFFERENCES;

/// A caller of an operation on resources of `ana` in her namespace `plants`.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Caller {
    Owner,
    Editor,
    Viewer,
    Stranger,
    /// The owner's token, restricted to this namespace.
    Restricted,
    /// The owner's token, restricted to another namespace.
    Elsewhere,
    Expired,
    Nobody,
}

use Caller::*;

const CALLERS: [(Caller, &str); 8] = [
    (Owner, "owner"),
    (Editor, "editor"),
    (Viewer, "viewer"),
    (Stranger, "another user"),
    (Restricted, "token for this namespace"),
    (Elsewhere, "token for another namespace"),
    (Expired, "expired token"),
    (Nobody, "no token"),
];

/// The callers that an operation must permit, derived by hand from its purpose.
#[derive(Clone, Copy, Debug)]
enum Open {
    /// Everybody, with or without a token. The contract declares the operation public.
    Public,
    /// Every token. The response contains what the caller may see.
    All,
    /// Every token without restrictions.
    FullToken,
    /// Users with read access to the dataset.
    Readers,
    /// Users with write access to the dataset.
    Writers,
    /// The owner of the dataset.
    Owners,
    /// The user who created the resource, with a token for its namespace.
    Beginner,
    /// The user who created the resource, which belongs to no namespace.
    User,
    /// The operation applies to resources of the caller, so other users cannot reach those of `ana`.
    Own,
}

fn open(operation: &str) -> Open {
    match operation {
        "listA2aAgents" | "getA2aAgentCard" => Open::Public,
        "getCurrentUser"
        | "getDatasets"
        | "getDatasetsInNamespace"
        | "listAllDatasets"
        | "listUserNamespaces"
        | "getUserUsageHistory"
        | "getUserUsageByDay"
        | "inferDescription"
        | "inferSchema"
        | "previewInfer"
        | "a2aJsonRpc"
        | "prepareFileUpload"
        | "listBuildSpecs"
        | "listConversations" => Open::All,
        "addToken" | "deleteToken" | "listTokens" | "listTokenPermissions" => Open::FullToken,
        "getDatasetInformation"
        | "getConnectedLinks"
        | "getLinks"
        | "listIngestions"
        | "queryData"
        | "listDatasetsWithinNamespace"
        | "previewLinks"
        | "autorag"
        | "autoragStream"
        | "markIngestionSeen"
        | "requestCleaning" => Open::Readers,
        "abortMultipartUpload"
        | "addLink"
        | "clearDataset"
        | "createBuildSpec"
        | "curateLinks"
        | "finishMultipartUpload"
        | "prepareMultipartUpload"
        | "rebuildLinks"
        | "retryIngestion"
        | "runPipeline"
        | "saveConnections"
        | "updateInferDefinition"
        | "updateSortOrder" => Open::Writers,
        "balefireDataset"
        | "balefireNamespace"
        | "renameDataset"
        | "renameNamespace"
        | "listDatasetShares"
        | "listNamespaceShares"
        | "revokeDatasetAccess"
        | "revokeNamespaceAccess"
        | "shareDatasetAccess"
        | "shareNamespaceAccess" => Open::Owners,
        "abortFileUpload" | "finishFileUpload" | "listSessionFiles" => Open::User,
        "getAgentRunStatus"
        | "deleteAgentRun"
        | "resumeAgentRun"
        | "submitAgentRunFeedback"
        | "getConversation"
        | "getCleaningTaskCode"
        | "getBuildSpec"
        | "editBuildSpec"
        | "deleteBuildSpec"
        | "getPipelineTrace"
        | "streamPipeline"
        | "resumePipelineHook" => Open::Beginner,
        "createDataset" | "ingestData" => Open::Own,
        other => panic!(
            "the access rules do not contain `{other}`: open tests/tests/emulator/access.rs and add it to an arm of `open`; \
             then run this test with UPDATE_ACCESS_TABLE=1, which writes its row in datalinks-emulator/ACCESS.md"
        ),
    }
}

/// Returns the expected result, or `None` if both are valid.
fn expected(operation: &str, caller: Caller) -> Option<bool> {
    let open = open(operation);
    match (caller, open) {
        (_, Open::Public) => Some(true),
        (Expired | Nobody, _) => Some(false),
        (Owner, _) => Some(true),
        (Restricted, open) => Some(!matches!(open, Open::FullToken)),
        (_, Open::All) => Some(true),
        // The tokens of other users cannot be found, but every user may have tokens.
        (Editor | Viewer | Stranger, Open::FullToken) => Some(matches!(operation, "addToken" | "listTokens")),
        (Elsewhere, Open::User) => Some(true),
        (Editor | Viewer | Stranger, Open::Own) => None,
        (Elsewhere, _) => Some(false),
        (Editor, open) => Some(matches!(open, Open::Readers | Open::Writers)),
        (Viewer, open) => Some(matches!(open, Open::Readers)),
        (Stranger, _) => Some(false),
    }
}

#[tokio::test]
async fn callers_may_do_exactly_what_access_rules_permit() {
    let recordings = recordings::all();
    let mut table: BTreeMap<&str, BTreeMap<Caller, u16>> = BTreeMap::new();
    let mut wrong = Vec::new();
    let http = world::client();
    let any = World::start(&http).await;
    for operation in OPERATIONS {
        let exchange = recordings.iter().flat_map(|recording| &recording.exchanges);
        let exchange = exchange.into_iter().find(|exchange| exchange.operation_id == operation.id);
        // Other tests report operations without a recorded exchange or a handler.
        let Some(exchange) = exchange.filter(|_| any.answers(operation.id)) else { continue };
        let mut exchange = exchange.clone();
        apply(DIFFERENCES, &mut exchange);
        assert_eq!(operation.public, matches!(open(operation.id), Open::Public), "{}", operation.id);
        for (caller, name) in CALLERS {
            let status = status(&http, &exchange, caller).await;
            let expected = expected(operation.id, caller);
            if expected.is_some_and(|expected| expected != (status < 400)) {
                wrong.push(format!("{}, {name}: {status}", operation.id));
            }
            if matches!(caller, Expired | Nobody) && !operation.public && status != 401 {
                wrong.push(format!("{}, {name}: {status} instead of 401", operation.id));
            }
            table.entry(operation.id).or_default().insert(caller, status);
        }
    }
    assert!(wrong.is_empty(), "{} results are wrong:\n{}", wrong.len(), wrong.join("\n"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../datalinks-emulator/ACCESS.md");
    let written = page(&table);
    if std::env::var_os("UPDATE_ACCESS_TABLE").is_some() {
        std::fs::write(&path, &written).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let unanswered: Vec<&str> =
        OPERATIONS.iter().map(|operation| operation.id).filter(|id| !any.answers(id)).collect();
    assert!(kept == written, "{}\n{written}", stale(&kept, &unanswered));
}

/// Returns the message about a stale table. It begins with operations of the table that have no handler,
/// because the table is correct again when the handler is restored.
fn stale(kept: &str, unanswered: &[&str]) -> String {
    let lost = unanswered.iter().filter(|id| kept.contains(&format!("| `{id}` |")));
    let lost: Vec<String> = lost.map(|id| format!("`{id}`")).collect();
    let handlers = if lost.is_empty() {
        String::new()
    } else {
        format!(
            "the emulator has no handler for {}: open datalinks-emulator/src/api/table.rs and enter the handler; if \
             the operation is meant to have none, ",
            lost.join(", ")
        )
    };
    format!(
        "{handlers}datalinks-emulator/ACCESS.md is stale: run this test with UPDATE_ACCESS_TABLE=1, which writes:"
    )
}

#[test]
fn missing_handler_is_named_before_the_stale_table() {
    let kept = "| operation |\n| `addLink` | yes |\n";
    let table =
        "datalinks-emulator/ACCESS.md is stale: run this test with UPDATE_ACCESS_TABLE=1, which writes:";
    assert_eq!(stale(kept, &[]), table);
    // Tests of the emulator report operations without a row.
    assert_eq!(stale(kept, &["unlisted"]), table);
    let message = stale(kept, &["addLink", "unlisted"]);
    let start = "the emulator has no handler for `addLink`: open datalinks-emulator/src/api/table.rs";
    assert!(message.starts_with(start) && message.ends_with(table), "{message}");
}

/// Returns the status of a call in a new world.
async fn status(http: &Client, exchange: &Exchange, caller: Caller) -> u16 {
    let world = World::start(http).await;
    let mut ready = world.ready(exchange).await;
    name_the_owner(&exchange.operation_id, &mut ready);
    let restricted = |namespace: &str| json!({ "name": "t", "accessRestrictedTo": [{ "username": "ana", "namespace": namespace }] });
    let key = match caller {
        Owner => Some(key("ana")),
        Editor => Some(key("bo")),
        Viewer => Some(key("cy")),
        Stranger => Some(key("di")),
        Restricted => Some(world.secret(restricted("plants")).await),
        Elsewhere => Some(world.secret(restricted("elsewhere")).await),
        Expired => {
            let key = world.secret(json!({ "name": "t", "expires_at": "2025-02-04T00:00:01Z" })).await;
            world.emulator.advance_clock(Duration::from_secs(1));
            Some(key)
        }
        Nobody => None,
    };
    world.send(&ready, key.as_deref()).await.status
}

/// Replaces `self` and other owners in the recorded request by `ana`.
fn name_the_owner(operation: &str, ready: &mut Ready) {
    ready.target = ready.target.replace("/self/", "/ana/").replace("=self", "=ana").replace("/bo/", "/ana/");
    let Some(json) = &mut ready.json else { return };
    for name in ["/username", "/from/username", "/to/username"] {
        if let Some(username) = json.pointer_mut(name).filter(|username| *username == "self") {
            *username = Value::from("ana");
        }
    }
    // The recorded request names another user's namespace, and a conversation, which only its creator can read.
    if operation == "autorag" {
        json["username"] = Value::from("ana");
        json.as_object_mut().unwrap().remove("conversationId");
    }
}

fn page(table: &BTreeMap<&str, BTreeMap<Caller, u16>>) -> String {
    let mut page = "\
# Who may do what

What the emulator answers to each operation on something of a user, in a namespace that the user has shared with an\n\
editor and in a dataset shared with a viewer. The service documents parts of this only: that only owners\n\
share, that editors write and viewers read, that a restricted token manages no tokens; the rest is the emulator's\n\
choice. Written by a test, which fails when it is stale.\n\n\
A dash is a rejection with its status. Two operations name no owner and act on what the caller has: others reach\n\
nothing of the owner's by them.\n\n"
        .to_owned();
    let mut line = |cells: Vec<String>| writeln!(page, "| {} |", cells.join(" | ")).unwrap();
    line(std::iter::once("operation").chain(CALLERS.map(|(_, name)| name)).map(str::to_owned).collect());
    line(vec!["---".to_owned(); CALLERS.len() + 1]);
    for (operation, cells) in table {
        let cells =
            cells.values().map(|status| if *status < 400 { "yes".into() } else { format!("– {status}") });
        line(std::iter::once(format!("`{operation}`")).chain(cells).collect());
    }
    page
}
