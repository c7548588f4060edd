//! One call of an operation, as its handler receives it.

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
    /// The generation of the state that the call belongs to.
    pub(crate) generation: Generation,
    pub(crate) caller: Caller,
    pub(crate) params: Params,
    pub(crate) query: &'a str,
    /// The host and port that the client connected to. URLs in responses use them.
    pub(crate) host: &'a str,
    pub(crate) body: Bytes,
    /// Delay before a change of shares takes effect. Zero unless an injected fault sets it.
    pub(crate) effective_after: Duration,
    pub(crate) provenance: Provenance,
}

impl OperationCall<'_> {
    /// Returns a value from the path, or an empty string if the path has no parameter of this name.
    pub(super) fn param(&self, name: &str) -> &str {
        self.params.get(name).unwrap_or_default()
    }

    pub(super) fn namespace(&self) -> &str {
        self.param("namespace")
    }

    /// Returns the namespace in the path. If the path names no user, the caller is its owner.
    pub(crate) fn space(&self) -> store::Namespace {
        store::Namespace::new(self.path_owner(), self.namespace())
    }

    /// Returns the dataset in the path.
    pub(crate) fn dataset_name(&self) -> DatasetName {
        self.space().dataset(self.param("datasetName"))
    }

    pub(super) fn path_owner(&self) -> Cow<'_, str> {
        let given = ["username", "user"].iter().find_map(|name| self.params.get(name));
        self.owner(given.unwrap_or("self"))
    }

    /// Resolves a user name. `self` is the caller. Letter case is ignored.
    pub(super) fn owner<'b>(&'b self, name: &'b str) -> Cow<'b, str> {
        if name == "self" { Cow::Borrowed(&self.caller.user) } else { user_name(name) }
    }

    /// Returns a namespace named by fields of a body.
    pub(super) fn space_of(&self, owner: &str, namespace: &str) -> store::Namespace {
        store::Namespace::new(self.owner(owner), namespace)
    }

    /// Labels the response as rule-based; see [`Provenance::script`].
    pub(super) fn script(&self, what: &str) -> Result<(), Problem> {
        self.provenance.script(what)
    }

    /// Returns a model session for the caller. Returns `None`, and labels the response as rule-based, if no model is
    /// configured.
    pub(super) fn model(&self, what: &str) -> Result<Option<ModelSession<'_>>, Problem> {
        let session = self.session();
        if session.is_none() {
            self.script(what)?;
        }
        Ok(session)
    }

    /// Returns a model session for one part of a response whose rest is computed. Returns `None`, and labels the part
    /// as rule-based, if no model is configured.
    pub(super) fn model_for_part(&self, what: &str) -> Result<Option<ModelSession<'_>>, Problem> {
        let session = self.session();
        if session.is_none() {
            self.provenance.script_part(what)?;
        }
        Ok(session)
    }

    /// Returns a model session and labels the response accordingly. Returns `None` if no model is configured.
    pub(super) fn session(&self) -> Option<ModelSession<'_>> {
        let session = self.state.session(&self.caller.user)?;
        self.provenance.note(session.label());
        Some(session)
    }

    /// Counts the tokens that a rule read and wrote in the place of a model.
    pub(super) fn spend(&self, texts: &[&str]) {
        let tokens = texts.iter().map(|text| tokens(text)).sum();
        self.state.usage.add(&self.caller.user, self.state.clock.now(), tokens);
    }

    /// Returns the caller's view of the store.
    pub(super) fn view<'b>(&'b self, store: &'b Store) -> CallerView<'b> {
        CallerView::new(store, &self.caller)
    }
}

/// Rejects a name that a client could not send in a path, or that would change the path.
pub(super) fn check_name(what: &str, name: &str) -> Result<(), Problem> {
    let defect = if name.trim().is_empty() {
        "is empty"
    } else if matches!(name, "." | "..") {
        "has a special meaning in a path"
    } else if name.contains('\\') || name.chars().any(char::is_control) {
        "has a backslash or a control character"
    } else {
        return Ok(());
    };
    Err(Problem::bad_request(format!("the name of the {what} {defect}; choose another one")))
}
