//! Resources shared by computations: accounts, clock, store, usage and models.

use std::sync::RwLock;

use crate::accounts::Accounts;
use crate::concurrency::lock::read;
use crate::models::{ModelSession, Models};
use crate::runtime::Clock;
use crate::store::Store;
use crate::usage::Usage;

/// The part of the state that computations use.
pub(crate) struct Resources {
    pub(crate) accounts: Accounts,
    pub(crate) clock: Clock,
    pub(crate) store: RwLock<Store>,
    pub(crate) usage: Usage,
    /// Models of the model steps, or `None` if rules take their place.
    pub(crate) models: Option<Models>,
}

impl Resources {
    /// Returns a snapshot of the store. Later changes do not affect it, so another thread can read it.
    pub(crate) fn snapshot(&self) -> Store {
        read(&self.store).clone()
    }

    /// Returns a model session on behalf of a user, whose usage includes every completion. Returns `None` if no model is
    /// configured.
    pub(crate) fn session<'a>(&'a self, user: &'a str) -> Option<ModelSession<'a>> {
        Some(ModelSession::new(self.models.as_ref()?, &self.clock, &self.usage, user))
    }
}
