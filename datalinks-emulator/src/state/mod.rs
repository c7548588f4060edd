//! The state of one emulator.

mod settings;

use std::ops::Deref;
use std::sync::Arc;
use std::task::{Poll, ready};

use futures::stream::{self, BoxStream, StreamExt as _};

pub(crate) use settings::{Settings, Strict};

use crate::ask::AgentRuns;
use crate::build_specs::BuildSpecs;
use crate::cleaning;
use crate::concurrency::panics::catch_panic;
use crate::concurrency::{Generation, Generations};
use crate::faults::Faults;
use crate::ingestion::Ingestions;
use crate::persistence::{NewState, Persist, PersistedState, RollbackCount, StateError, StateStore};
use crate::pipeline::PipelineRuns;
use crate::resources::Resources;
use crate::runtime::{Ids, Log};
use crate::uploads::Sessions;
use crate::uploads::storage::Storage;

/// The state shared by all requests.
pub(crate) struct State {
    pub(crate) settings: Settings,
    pub(crate) resources: Arc<Resources>,
    pub(crate) ids: Ids,
    pub(crate) pipeline_runs: PipelineRuns,
    pub(crate) storage: Storage,
    pub(crate) sessions: Sessions,
    pub(crate) ingestions: Ingestions,
    /// Runs of the agent that answers questions, and conversations.
    pub(crate) agent_runs: Arc<AgentRuns>,
    pub(crate) cleaning: cleaning::Tasks,
    pub(crate) build_specs: BuildSpecs,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
    pub(crate) state_store: StateStore,
    /// Separates work on the state from replacements of the state.
    pub(crate) generations: Generations,
}

impl Deref for State {
    type Target = Resources;

    fn deref(&self) -> &Resources {
        &self.resources
    }
}

impl State {
    /// Runs an atomic change of the state. See [`StateStore::transaction`].
    pub(crate) fn transaction<T>(&self, act: impl FnOnce() -> T) -> Result<T, StateError> {
        self.state_store.transaction(self, act)
    }

    /// Persists changes that were made outside of [`State::transaction`]. See [`StateStore::flush`].
    pub(crate) fn flush(&self, since: RollbackCount) -> Result<(), StateError> {
        self.state_store.flush(self, since)
    }

    /// Replaces the state with that of a document, and ends all work on the previous state. Must not be called in a poll.
    ///
    /// Work on the state continues while the document is read, and waits while the state is replaced and persisted.
    pub(crate) fn import(&self, document: &[u8]) -> Result<(), StateError> {
        let new = self.state_store.read(self, document)?;
        self.replace(new)
    }

    /// Replaces the state with an empty one, and ends all work on the previous state. Must not be called in a poll.
    pub(crate) fn reset(&self) -> Result<(), StateError> {
        self.replace(self.state_store.empty(self)?)
    }

    /// Replaces the state with that of a snapshot. See [`State::import`]. Must not be called in a poll.
    pub(crate) fn restore(&self, name: &str) -> Result<(), StateError> {
        self.import(&self.state_store.read_snapshot(name)?)
    }

    fn replace(&self, new: NewState<'_>) -> Result<(), StateError> {
        #[cfg(test)]
        self.generations.pauses.pass(crate::concurrency::pause::Point::Read);
        self.generations.replace(|| {
            #[cfg(test)]
            self.generations.pauses.pass(crate::concurrency::pause::Point::Replacing);
            self.state_store.replace(self, new)?;
            // Ends the drivers of runs, which work on the previous state.
            self.agent_runs.end_leases();
            Ok(())
        })
    }

    /// Returns the state as one document, as of a moment between two polls of work. Must not be called in a poll.
    ///
    /// Work on the state waits while a frozen copy is created, and continues while the copy is written.
    pub(crate) fn export(&self) -> Result<Vec<u8>, StateError> {
        let frozen = self.generations.alone(|| self.state_store.freeze(self))?;
        #[cfg(test)]
        self.generations.pauses.pass(crate::concurrency::pause::Point::Frozen);
        Ok(frozen.document())
    }

    /// Saves the state as a snapshot, as of a moment between two polls of work. Must not be called in a poll.
    pub(crate) fn snapshot_as(&self, name: &str) -> Result<(), StateError> {
        self.state_store.check_name(name)?;
        self.state_store.keep_snapshot(name, self.export()?)
    }

    /// Returns a stream that ends when the state of this generation is replaced.
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

    /// Rolls back the partial changes of a panic. See [`StateStore::roll_back`].
    pub(crate) fn roll_back(&self) {
        self.state_store.roll_back(self);
    }

    /// Marks work that panicked as failed, by running `act` in a transaction. A panic or an error in `act` is logged.
    pub(crate) fn fail_after_panic(&self, act: impl FnOnce()) {
        match catch_panic(|| self.transaction(act)) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "cannot persist the failure of work that panicked"),
            Err(panicked) => {
                tracing::error!(panic = %panicked, "cannot record the failure of work that panicked")
            }
        }
    }

    /// Persists the remaining changes and releases the data directory.
    pub(crate) fn close(&self) -> Result<(), StateError> {
        self.state_store.close(self)
    }
}

impl PersistedState for State {
    /// Lists all components that are stored as files, exported and imported. The pattern names every field, so a new field
    /// does not compile until it is either listed or excluded.
    fn parts(&self) -> Vec<&dyn Persist> {
        let Self {
            settings: _,
            faults: _,
            log: _,
            state_store: _,
            generations: _,
            resources,
            ids,
            pipeline_runs,
            storage,
            sessions,
            ingestions,
            agent_runs,
            cleaning,
            build_specs,
        } = self;
        let Resources { models: _, accounts, clock, store, usage } = &**resources;
        vec![
            ids,
            clock,
            accounts,
            store,
            pipeline_runs,
            storage,
            sessions,
            ingestions,
            &**agent_runs,
            usage,
            cleaning,
            build_specs,
        ]
    }

    /// Registers the users that the emulator was started with, so that their keys work in every state.
    fn replaced(&self) {
        let now = self.clock.now();
        for (name, key) in &self.settings.users {
            self.accounts.register_user(&self.ids, name, key, now);
        }
    }
}
