//! One call of an operation, as its handler gets it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::path::Params;
use crate::accounts::{Caller, CallerView, user_name};
use crate::concurrency::Generation;
use crate::models::ModelSession;
use crate::response::{Problem, Provenance};
use crate::state::State;
use crate::store::{self, DatasetName, Store};
use crate::usage::tokens;

/// One call of an operation.
pub(crate) struct OperationCall<'a> {
    pub(crate) state: &'a Arc<State>,
    /// The state that the call belongs to.
    pub(crate) generation: Generation,
    pub(crate) caller: Caller,
    pub(crate) params: Params,
    pub(crate) query: &'a str,
    /// The host and port that the client asked, for URLs that lead back here.
    pub(crate) host: &'a str,
    pub(crate) body: Bytes,
    /// How long a change of shares takes to take effect. Zero unless an injected fault delays it.
    pub(crate) effective_after: Duration,
    pub(crate) provenance: Provenance,
}

impl OperationCall<'_> {
    /// A value from the path. Routes match whole paths, so a missing one is empty at worst.
    pub(super) fn param(&self, name: &str) -> &str {
        self.params.get(name).unwrap_or_default()
    }

    pub(super) fn namespace(&self) -> &str {
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

    pub(super) fn path_owner(&self) -> Cow<'_, str> {
        let given = ["username", "user"].iter().find_map(|name| self.params.get(name));
        self.owner(given.unwrap_or("self"))
    }

    /// The user whom a name means. `self` is the caller, and letter case does not count.
    pub(super) fn owner<'b>(&'b self, name: &'b str) -> Cow<'b, str> {
        if name == "self" { Cow::Borrowed(&self.caller.user) } else { user_name(name) }
    }

    /// A namespace as a body names it.
    pub(super) fn space_of(&self, owner: &str, namespace: &str) -> store::Namespace {
        store::Namespace::new(self.owner(owner), namespace)
    }

    /// Tells that a rule stands here for a model; see [`Provenance::script`].
    pub(super) fn script(&self, what: &str) -> Result<(), Problem> {
        self.provenance.script(what)
    }

    /// The model, to be asked for the caller. `None`: there is none, and a rule stands in its place, which is told.
    pub(super) fn model(&self, what: &str) -> Result<Option<ModelSession<'_>>, Problem> {
        let session = self.session();
        if session.is_none() {
            self.script(what)?;
        }
        Ok(session)
    }

    /// The model for a part of the answer, while the rest is computed. `None`: a rule makes this part.
    pub(super) fn model_for_part(&self, what: &str) -> Result<Option<ModelSession<'_>>, Problem> {
        let session = self.session();
        if session.is_none() {
            self.provenance.script_part(what)?;
        }
        Ok(session)
    }

    /// The model, if there is one. The label of the response says where its content comes from.
    pub(super) fn session(&self) -> Option<ModelSession<'_>> {
        let session = self.state.session(&self.caller.user)?;
        self.provenance.note(session.label());
        Some(session)
    }

    /// Counts what a rule has read and written in the place of a model.
    pub(super) fn spend(&self, texts: &[&str]) {
        let tokens = texts.iter().map(|text| tokens(text)).sum();
        self.state.usage.add(&self.caller.user, self.state.clock.now(), tokens);
    }

    /// The store as the caller sees it.
    pub(super) fn sight<'b>(&'b self, store: &'b Store) -> CallerView<'b> {
        CallerView::new(store, &self.caller)
    }
}

/// Refuses a name that no client could write into a path, or that would mean another path there.
pub(super) fn check_name(what: &str, name: &str) -> Result<(), Problem> {
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
