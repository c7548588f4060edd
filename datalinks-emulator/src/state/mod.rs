//! Everything one emulator knows.

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
    /// Carries out what changes the state, whole: see [`StateStore::transaction`].
    pub(crate) fn transaction<T>(&self, act: impl FnOnce() -> T) -> Result<T, StateError> {
        self.state_store.transaction(self, act)
    }

    /// Keeps what was changed without [`State::transaction`]: see [`StateStore::flush`].
    pub(crate) fn flush(&self, since: RollbackCount) -> Result<(), StateError> {
        self.state_store.flush(self, since)
    }

    /// Replaces the state by that of a document, and ends all work on the state so far. It must not be called in a poll.
    ///
    /// Work on the state goes on while the document is read, and waits while the state is replaced and kept.
    pub(crate) fn import(&self, document: &[u8]) -> Result<(), StateError> {
        let new = self.state_store.read(self, document)?;
        self.replace(new)
    }

    /// Replaces the state by an empty one, and ends all work on the state so far. It must not be called in a poll.
    pub(crate) fn reset(&self) -> Result<(), StateError> {
        self.replace(self.state_store.empty(self)?)
    }

    /// Replaces the state by that of a snapshot, see [`State::import`]. It must not be called in a poll.
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
            // The drivers worked on the state before, and end.
            self.agent_runs.end_leases();
            Ok(())
        })
    }

    /// The state as one document, of a moment between two polls of the work on it. It must not be called in a poll.
    ///
    /// Work on the state waits until a frozen copy of the state is there, and goes on while the copy is written.
    pub(crate) fn export(&self) -> Result<Vec<u8>, StateError> {
        let frozen = self.generations.alone(|| self.state_store.freeze(self))?;
        #[cfg(test)]
        self.generations.pauses.pass(crate::concurrency::pause::Point::Frozen);
        Ok(frozen.document())
    }

    /// Keeps the state under a name, as it is between two polls of the work on it. It must not be called in a poll.
    pub(crate) fn snapshot_as(&self, name: &str) -> Result<(), StateError> {
        self.state_store.check_name(name)?;
        self.state_store.keep_snapshot(name, self.export()?)
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

    /// Takes back what a panic has left half changed: see [`StateStore::roll_back`].
    pub(crate) fn roll_back(&self) {
        self.state_store.roll_back(self);
    }

    /// Marks work as failed that panicked: `act` does so, whole. A panic in that changes nothing, and goes no further.
    pub(crate) fn fail_after_panic(&self, act: impl FnOnce()) {
        match catch_panic(|| self.transaction(act)) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the end of work that panicked is not kept"),
            Err(panicked) => tracing::error!(panic = %panicked, "the end of work that panicked is not kept"),
        }
    }

    /// Keeps what is still to be kept, at the end.
    pub(crate) fn close(&self) -> Result<(), StateError> {
        self.state_store.close(self)
    }
}

impl PersistedState for State {
    /// All fields stand here by name: a new one does not compile before it is decided whether it is kept as files,
    /// exported and imported, which is whether it is a [`Persist`].
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

    /// Lets those in whom the emulator was started with: the keys that were chosen then work in any state.
    fn replaced(&self) {
        let now = self.clock.now();
        for (name, key) in &self.settings.users {
            self.accounts.register_user(&self.ids, name, key, now);
        }
    }
}
