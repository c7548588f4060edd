//! Who answers which operation.

mod ask;
mod datasets;
mod ingest;
mod ingestions;
mod links;
mod pipeline;
mod query;
mod sessions;
mod uploads;
mod user;

use std::sync::Arc;

use bytes::Bytes;

use crate::answer::Answer;
use crate::problem::Problem;
use crate::route::Params;
use crate::state::State;
use crate::store::DatasetName;

/// Answers one operation. It never waits: what takes time is a stream in the answer.
pub(crate) type Handler = fn(&Call<'_>) -> Result<Answer, Problem>;

/// The operations that the emulator does, by id. All others are answered 501.
pub(crate) static HANDLERS: &[(&str, Handler)] = &[
    ("abortFileUpload", sessions::abort),
    ("abortMultipartUpload", uploads::abort),
    ("addLink", links::add),
    ("autorag", ask::answer),
    ("autoragStream", ask::stream),
    ("balefireDataset", datasets::balefire),
    ("balefireNamespace", datasets::balefire_namespace),
    ("clearDataset", datasets::clear),
    ("createDataset", ingest::create),
    ("finishFileUpload", sessions::finish_file),
    ("finishMultipartUpload", uploads::finish),
    ("getConnectedLinks", links::read),
    ("getCurrentUser", user::me),
    ("getDatasetInformation", datasets::information),
    ("getDatasets", datasets::list),
    ("getDatasetsInNamespace", datasets::list_in_namespace),
    ("getLinks", links::read),
    ("getPipelineTrace", pipeline::trace),
    ("ingestData", ingest::ingest),
    ("listAllDatasets", datasets::list),
    ("listDatasetsWithinNamespace", datasets::list_within_namespace),
    ("listIngestions", ingestions::list),
    ("listSessionFiles", sessions::files),
    ("listUserNamespaces", datasets::namespaces),
    ("markIngestionSeen", ingestions::mark_seen),
    ("prepareFileUpload", sessions::prepare),
    ("prepareMultipartUpload", uploads::prepare),
    ("previewInfer", ingest::preview),
    ("queryData", query::run),
    ("renameDataset", datasets::rename),
    ("renameNamespace", datasets::rename_namespace),
    ("resumePipelineHook", pipeline::hook),
    ("retryIngestion", ingestions::retry),
    ("runPipeline", pipeline::run),
    ("streamPipeline", pipeline::stream),
    ("updateInferDefinition", datasets::update_definition),
    ("updateSortOrder", datasets::update_sort_order),
];

/// One call of an operation.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a Arc<State>,
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

    fn dataset_name(&self) -> DatasetName {
        DatasetName::new(self.namespace(), self.param("datasetName"))
    }

    fn username(&self) -> &str {
        &self.state.settings.username
    }

    /// Refuses a path of another owner.
    pub(crate) fn check_owner(&self) -> Result<(), Problem> {
        ["username", "user"]
            .iter()
            .filter_map(|name| self.params.get(name))
            .try_for_each(|owner| self.own(owner))
    }

    /// Refuses another owner: the emulator has one user.
    fn own(&self, owner: &str) -> Result<(), Problem> {
        let own = self.username();
        if owner == "self" || owner == own {
            return Ok(());
        }
        Err(Problem::not_found(format!(
            "there is no user {owner:?}; the emulator has one, {own:?}, also called \"self\""
        )))
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
