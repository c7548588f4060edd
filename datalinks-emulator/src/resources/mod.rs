//! What computations share: who may call, the time, the data, the usage and the model.

use std::sync::RwLock;

use crate::accounts::Accounts;
use crate::concurrency::lock::read;
use crate::models::{ModelSession, Models};
use crate::runtime::Clock;
use crate::store::Store;
use crate::usage::Usage;

/// The part of the state that computations work with, whatever they compute.
pub(crate) struct Resources {
    pub(crate) accounts: Accounts,
    pub(crate) clock: Clock,
    pub(crate) store: RwLock<Store>,
    pub(crate) usage: Usage,
    /// What stands behind the model steps; `None`: rules do.
    pub(crate) models: Option<Models>,
}

impl Resources {
    /// The store as it is now. What changes later does not change the snapshot, so it can be read on another thread.
    pub(crate) fn snapshot(&self) -> Store {
        read(&self.store).clone()
    }

    /// The model, to be asked for a user, who pays for the answers. `None`: there is no model.
    pub(crate) fn session<'a>(&'a self, user: &'a str) -> Option<ModelSession<'a>> {
        Some(ModelSession::new(self.models.as_ref()?, &self.clock, &self.usage, user))
    }
}
