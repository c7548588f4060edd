//! Everything one emulator knows.

use std::sync::RwLock;
use std::time::Duration;

use crate::accounts::Accounts;
use crate::ask::Memory;
use crate::cleaning;
use crate::clock::Clock;
use crate::fault::Faults;
use crate::ids::Ids;
use crate::ingestion::Ingestions;
use crate::log::Log;
use crate::models::Models;
use crate::pipeline::Runs;
use crate::sessions::Sessions;
use crate::storage::Storage;
use crate::store::Store;
use crate::usage::Usage;

/// What was chosen when the emulator was started.
pub(crate) struct Settings {
    pub(crate) api_key: String,
    pub(crate) username: String,
    /// What ids are made from.
    pub(crate) seed: u64,
    /// Whether the emulator may be reached by names of other hosts.
    pub(crate) other_hosts: bool,
    pub(crate) event_pause: Duration,
    pub(crate) body_limit: usize,
    pub(crate) part_size: u64,
    pub(crate) strict: Strict,
}

/// What is refused though it could be answered somehow.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Strict {
    /// Scripts in the place of models.
    pub(crate) answers: bool,
    /// Fields that the document does not have.
    pub(crate) fields: bool,
}

/// The state shared by all requests.
pub(crate) struct State {
    pub(crate) settings: Settings,
    pub(crate) accounts: Accounts,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) store: RwLock<Store>,
    pub(crate) runs: Runs,
    pub(crate) storage: Storage,
    pub(crate) sessions: Sessions,
    pub(crate) ingestions: Ingestions,
    /// Runs of the agent that answers questions, and conversations.
    pub(crate) memory: Memory,
    pub(crate) usage: Usage,
    pub(crate) cleaning: cleaning::Tasks,
    pub(crate) faults: Faults,
    /// What stands behind the model steps; `None`: rules do.
    pub(crate) models: Option<Models>,
    pub(crate) log: Log,
}
