//! Everything one emulator knows.

mod settings;

use std::ops::Deref;
use std::sync::Arc;
use std::task::{Poll, ready};

use futures::stream::{self, BoxStream, StreamExt as _};

pub(crate) use settings::{Settings, Strict};

use crate::ask::Memory;
use crate::build_specs::BuildSpecs;
use crate::cleaning;
use crate::concurrency::caught::catch_now;
use crate::concurrency::{Generation, Generations};
use crate::faults::Faults;
use crate::ingestion::Ingestions;
use crate::persistence::{Keeper, Kept, NewState, Part, StateError, TakenBack};
use crate::pipeline::Runs;
use crate::resources::Resources;
use crate::runtime::{Ids, Log};
use crate::uploads::Sessions;
use crate::uploads::storage::Storage;

/// The state shared by all requests.
pub(crate) struct State {
    pub(crate) settings: Settings,
    pub(crate) resources: Arc<Resources>,
    pub(crate) ids: Ids,
    pub(crate) runs: Runs,
    pub(crate) storage: Storage,
    pub(crate) sessions: Sessions,
    pub(crate) ingestions: Ingestions,
    /// Runs of the agent that answers questions, and conversations.
    pub(crate) memory: Arc<Memory>,
    pub(crate) cleaning: cleaning::Tasks,
    pub(crate) build_specs: BuildSpecs,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
    pub(crate) keeper: Keeper,
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
            log: _,
            keeper: _,
            generations: _,
            resources,
            ids,
            runs,
            storage,
            sessions,
            ingestions,
            memory,
            cleaning,
            build_specs,
        } = self;
        let Resources { models: _, accounts, clock, store, usage } = &**resources;
        vec![
            ids,
            clock,
            accounts,
            store,
            runs,
            storage,
            sessions,
            ingestions,
            &**memory,
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
