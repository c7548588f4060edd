//! Everything one emulator knows.

use std::sync::{Arc, RwLock};
use std::task::{Poll, ready};
use std::time::Duration;

use futures::stream::{self, BoxStream, StreamExt as _};

use crate::accounts::Accounts;
use crate::ask::Memory;
use crate::build_specs::BuildSpecs;
use crate::cleaning;
use crate::concurrency::caught::catch_now;
use crate::concurrency::lock::read;
use crate::concurrency::{Generation, Generations};
use crate::faults::Faults;
use crate::ingestion::Ingestions;
use crate::models::Models;
use crate::persistence::{Keeper, Kept, NewState, Part, StateError, TakenBack};
use crate::pipeline::Runs;
use crate::request::Hosts;
use crate::runtime::{Clock, Ids, Log};
use crate::store::Store;
use crate::uploads::Sessions;
use crate::uploads::storage::Storage;
use crate::usage::Usage;

/// What was chosen when the emulator was started.
pub(crate) struct Settings {
    /// Names and keys; the first is the one that the emulator tells of.
    pub(crate) users: Vec<(String, String)>,
    /// The names by which the emulator may be reached.
    pub(crate) hosts: Hosts,
    pub(crate) event_pause: Duration,
    /// Whether the agent writes checkpoints, from which its runs can be resumed.
    pub(crate) checkpoints: bool,
    pub(crate) body_limit: usize,
    /// The largest document to be imported, in bytes.
    pub(crate) import_limit: usize,
    pub(crate) part_size: u64,
    /// How long presigned URLs of parts are valid.
    pub(crate) part_url_lifetime: Duration,
    pub(crate) strict: Strict,
}

impl Settings {
    /// The user whom the emulator tells of, and their key.
    pub(crate) fn first(&self) -> (&str, &str) {
        self.users.first().map_or(("", ""), |(name, key)| (name, key))
    }
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
    pub(crate) build_specs: BuildSpecs,
    pub(crate) faults: Faults,
    /// What stands behind the model steps; `None`: rules do.
    pub(crate) models: Option<Models>,
    pub(crate) log: Log,
    pub(crate) keeper: Keeper,
    /// Separates work on the state from replacements of the state.
    pub(crate) generations: Generations,
}

impl State {
    /// Carries out what changes the state, whole: see [`Keeper::whole`].
    pub(crate) fn whole<T>(&self, act: impl FnOnce() -> T) -> Result<T, StateError> {
        self.keeper.whole(self, act)
    }

    /// Keeps what was changed without [`State::whole`]: see [`Keeper::keep`].
    pub(crate) fn keep(&self, since: TakenBack) -> Result<(), StateError> {
        self.keeper.keep(self, since)
    }

    /// Replaces the state by that of a document, and ends all work on the state so far. It must not be called in a poll.
    ///
    /// Work on the state goes on while the document is read, and waits while the state is replaced and kept.
    pub(crate) fn import(&self, document: &[u8]) -> Result<(), StateError> {
        let new = self.keeper.read(self, document)?;
        self.replace(new)
    }

    /// Replaces the state by an empty one, and ends all work on the state so far. It must not be called in a poll.
    pub(crate) fn reset(&self) -> Result<(), StateError> {
        self.replace(self.keeper.empty(self)?)
    }

    /// Replaces the state by that of a snapshot, see [`State::import`]. It must not be called in a poll.
    pub(crate) fn restore(&self, name: &str) -> Result<(), StateError> {
        self.import(&self.keeper.read_snapshot(name)?)
    }

    fn replace(&self, new: NewState<'_>) -> Result<(), StateError> {
        #[cfg(test)]
        self.generations.halts.pass(crate::concurrency::halt::Point::Read);
        self.generations.replace(|| {
            #[cfg(test)]
            self.generations.halts.pass(crate::concurrency::halt::Point::Replacing);
            self.keeper.replace(self, new)?;
            // The drivers worked on the state before, and end.
            self.memory.end_leases();
            Ok(())
        })
    }

    /// The state as one document, of a moment between two polls of the work on it. It must not be called in a poll.
    ///
    /// Work on the state waits until a frozen copy of the state is there, and goes on while the copy is written.
    pub(crate) fn export(&self) -> Result<Vec<u8>, StateError> {
        let frozen = self.generations.alone(|| self.keeper.freeze(self))?;
        #[cfg(test)]
        self.generations.halts.pass(crate::concurrency::halt::Point::Frozen);
        Ok(frozen.document())
    }

    /// Keeps the state under a name, as it is between two polls of the work on it. It must not be called in a poll.
    pub(crate) fn snapshot_as(&self, name: &str) -> Result<(), StateError> {
        self.keeper.check_name(name)?;
        self.keeper.keep_snapshot(name, self.export()?)
    }

    /// Ends a stream that shows one state when that state is replaced.
    pub(crate) fn stream_within<T: 'static>(
        self: &Arc<Self>,
        generation: Generation,
        mut events: BoxStream<'static, T>,
    ) -> BoxStream<'static, T> {
        let state = Arc::clone(self);
        stream::poll_fn(move |context| match ready!(state.generations.poll_enter(generation, context)) {
            Ok(_guard) => events.poll_next_unpin(context),
            Err(_) => Poll::Ready(None),
        })
        .boxed()
    }

    /// Takes back what a panic has left half changed: see [`Keeper::take_back`].
    pub(crate) fn take_back(&self) {
        self.keeper.take_back(self);
    }

    /// The store as it is now. What changes later does not change the snapshot, so it can be read on another thread.
    pub(crate) fn snapshot(&self) -> Store {
        read(&self.store).clone()
    }

    /// Marks work as failed that panicked: `act` does so, whole. A panic in that changes nothing, and goes no further.
    pub(crate) fn fail_after_panic(&self, act: impl FnOnce()) {
        match catch_now(|| self.whole(act)) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the end of work that panicked is not kept"),
            Err(panicked) => tracing::error!(panic = %panicked, "the end of work that panicked is not kept"),
        }
    }

    /// Keeps what is still to be kept, at the end.
    pub(crate) fn close(&self) -> Result<(), StateError> {
        self.keeper.close(self)
    }
}

impl Kept for State {
    /// All fields stand here by name: a new one does not compile before it is decided whether it is kept as files,
    /// exported and imported, which is whether it is a [`Part`].
    fn parts(&self) -> Vec<&dyn Part> {
        let Self {
            settings: _,
            faults: _,
            models: _,
            log: _,
            keeper: _,
            generations: _,
            accounts,
            clock,
            ids,
            store,
            runs,
            storage,
            sessions,
            ingestions,
            memory,
            usage,
            cleaning,
            build_specs,
        } = self;
        vec![
            ids,
            clock,
            accounts,
            store,
            runs,
            storage,
            sessions,
            ingestions,
            memory,
            usage,
            cleaning,
            build_specs,
        ]
    }

    /// Lets those in whom the emulator was started with: the keys that were chosen then work in any state.
    fn replaced(&self) {
        let now = self.clock.now();
        for (name, key) in &self.settings.users {
            self.accounts.welcome(&self.ids, name, key, now);
        }
    }
}
