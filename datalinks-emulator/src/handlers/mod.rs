//! Who answers which operation.

mod ask;
mod datasets;
mod ingest;
mod ingestions;
mod links;
mod pipeline;
mod query;
mod sessions;
mod shares;
mod time;
mod tokens;
mod uploads;
mod user;

use std::sync::Arc;

use bytes::Bytes;

use crate::access::Needs::{self, Dataset, FullToken, Namespace, Token};
use crate::access::Right::{Own, Read, Write};
use crate::access::{Caller, Sight};
use crate::answer::Answer;
use crate::problem::Problem;
use crate::route::Params;
use crate::state::State;
use crate::store::{self, DatasetName, Store};

/// Answers one operation. It never waits: what takes time is a stream in the answer.
pub(crate) type Handler = fn(&Call<'_>) -> Result<Answer, Problem>;

/// The operations that the emulator does: the id, what it needs of its caller, and who answers. All others are
/// answered 501.
#[rustfmt::skip]
pub(crate) static HANDLERS: &[(&str, (Needs, Handler))] = &[
    ("abortFileUpload", (Token, sessions::abort)),
    ("abortMultipartUpload", (Dataset(Write), uploads::abort)),
    ("addLink", (Token, links::add)),
    ("addToken", (FullToken, tokens::create)),
    ("autorag", (Token, ask::answer)),
    ("autoragStream", (Token, ask::stream)),
    ("balefireDataset", (Dataset(Own), datasets::balefire)),
    ("balefireNamespace", (Namespace(Own), datasets::balefire_namespace)),
    ("clearDataset", (Dataset(Write), datasets::clear)),
    ("createDataset", (Dataset(Own), ingest::create)),
    ("deleteToken", (FullToken, tokens::revoke)),
    ("finishFileUpload", (Token, sessions::finish_file)),
    ("finishMultipartUpload", (Dataset(Write), uploads::finish)),
    ("getConnectedLinks", (Dataset(Read), links::read)),
    ("getCurrentUser", (Token, user::me)),
    ("getDatasetInformation", (Dataset(Read), datasets::information)),
    ("getDatasets", (Token, datasets::list)),
    ("getDatasetsInNamespace", (Token, datasets::list_in_namespace)),
    ("getLinks", (Dataset(Read), links::read)),
    ("getPipelineTrace", (Token, pipeline::trace)),
    ("ingestData", (Dataset(Write), ingest::ingest)),
    ("listAllDatasets", (Token, datasets::list)),
    ("listDatasetShares", (Dataset(Own), shares::of_dataset)),
    ("listDatasetsWithinNamespace", (Token, datasets::list_within_namespace)),
    ("listIngestions", (Dataset(Read), ingestions::list)),
    ("listNamespaceShares", (Namespace(Own), shares::of_namespace)),
    ("listSessionFiles", (Token, sessions::files)),
    ("listTokenPermissions", (FullToken, tokens::permissions)),
    ("listTokens", (FullToken, tokens::list)),
    ("listUserNamespaces", (Token, datasets::namespaces)),
    ("markIngestionSeen", (Token, ingestions::mark_seen)),
    ("prepareFileUpload", (Token, sessions::prepare)),
    ("prepareMultipartUpload", (Dataset(Write), uploads::prepare)),
    ("previewInfer", (Token, ingest::preview)),
    ("queryData", (Token, query::run)),
    ("renameDataset", (Dataset(Own), datasets::rename)),
    ("renameNamespace", (Namespace(Own), datasets::rename_namespace)),
    ("resumePipelineHook", (Token, pipeline::hook)),
    ("retryIngestion", (Token, ingestions::retry)),
    ("revokeDatasetAccess", (Dataset(Own), shares::revoke_dataset)),
    ("revokeNamespaceAccess", (Namespace(Own), shares::revoke_namespace)),
    ("runPipeline", (Token, pipeline::run)),
    ("shareDatasetAccess", (Dataset(Own), shares::grant_dataset)),
    ("shareNamespaceAccess", (Namespace(Own), shares::grant_namespace)),
    ("streamPipeline", (Token, pipeline::stream)),
    ("updateInferDefinition", (Dataset(Write), datasets::update_definition)),
    ("updateSortOrder", (Dataset(Write), datasets::update_sort_order)),
];

/// One call of an operation.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a Arc<State>,
    pub(crate) caller: Caller,
    pub(crate) params: Params,
    pub(crate) query: &'a str,
    /// The host and port that the client asked, for URLs that lead back here.
    pub(crate) host: &'a str,
    pub(crate) body: Bytes,
}

impl Call<'_> {
    /// A value from the path. Routes match whole paths, so a missing one is empty at worst.
    fn param(&self, name: &str) -> &str {
        self.params.get(name).unwrap_or_default()
    }

    fn namespace(&self) -> &str {
        self.param("namespace")
    }

    /// The namespace in the path, of the user in the path or, where the path names none, of the caller.
    pub(crate) fn space(&self) -> store::Namespace {
        store::Namespace::new(self.path_owner(), self.namespace())
    }

    /// The dataset in the path.
    pub(crate) fn dataset_name(&self) -> DatasetName {
        self.space().dataset(self.param("datasetName"))
    }

    fn path_owner(&self) -> &str {
        let given = ["username", "user"].iter().find_map(|name| self.params.get(name));
        self.owner(given.unwrap_or("self"))
    }

    /// Whom a name means: `self` is the caller.
    fn owner<'b>(&'b self, name: &'b str) -> &'b str {
        if name == "self" { &self.caller.user } else { name }
    }

    /// A namespace as a body names it.
    fn space_of(&self, owner: &str, namespace: &str) -> store::Namespace {
        store::Namespace::new(self.owner(owner), namespace)
    }

    /// The store as the caller sees it.
    fn sight<'b>(&'b self, store: &'b Store) -> Sight<'b> {
        Sight::new(store, &self.caller)
    }
}

/// What an operation without a handler is answered.
pub(crate) fn unsupported(operation: &str) -> Problem {
    Problem::not_implemented(format!(
        "the emulator does not compute `{operation}`; use the service for it, or answer it in your test with a \
         server of your own"
    ))
}

/// Refuses a name that no client could write into a path, or that would mean another path there.
fn check_name(what: &str, name: &str) -> Result<(), Problem> {
    let wrong = if name.trim().is_empty() {
        "is empty"
    } else if matches!(name, "." | "..") {
        "means another place in a path"
    } else if name.contains('\\') || name.chars().any(char::is_control) {
        "has a backslash or a control character"
    } else {
        return Ok(());
    };
    Err(Problem::bad_request(format!("the name of the {what} {wrong}; choose another one")))
}
