//! The state store: serialized, atomic changes of the emulator's state.
//!
//! Every change runs in [`StateStore::transaction`], or is followed by [`StateStore::flush`] if it awaits in between. A
//! change is persisted before its response is sent, or rolled back. With a data directory, a commit goes through a
//! redo journal ([`super::journal`]). Without one, the state is only in memory and a commit has no effect.
//!
//! The store handles parts as [`Persist`] trait objects and does not know resources or handlers.

use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;

use bytes::Bytes;

use super::data_dir::DataDir;
use super::error::{DataDirError, StateError, Unreadable};
use super::source::{Files, ReadRecord};
use super::{Change, Frozen, FrozenFiles, Persist, document, snapshots};
use crate::concurrency::lock::lock;

/// The components of a state.
pub(crate) trait PersistedState {
    /// Returns all components. The order must not change.
    fn parts(&self) -> Vec<&dyn Persist>;

    /// Called after all components were replaced, before any request can read them.
    fn replaced(&self);
}

/// Serializes changes of the state and persists them.
#[derive(Debug, Default)]
pub(crate) struct StateStore(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    location: Location,
    /// `true` if memory may differ from the data directory: a commit failed, and reloading failed too.
    out_of_sync: bool,
    /// Number of times that the state was reloaded from the data directory.
    rollbacks: u64,
}

/// Number of rollbacks up to some moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RollbackCount(u64);

/// The backend that persists the state.
#[derive(Debug)]
enum Location {
    Memory { snapshots: BTreeMap<String, Bytes> },
    DataDir(Box<DataDir>),
}

impl Default for Location {
    fn default() -> Self {
        Self::Memory { snapshots: BTreeMap::new() }
    }
}

impl StateStore {
    /// Loads the state from a data directory and persists it there from now on.
    pub(crate) fn open(&self, state: &dyn PersistedState, data_dir: DataDir) -> Result<(), DataDirError> {
        let mut inner = lock(&self.0);
        let root = data_dir.root().to_owned();
        let failed = |source| DataDirError::Io { directory: root.clone(), source };
        inner.location = Location::DataDir(Box::new(data_dir));
        inner.reload(state).map_err(|error| match error {
            Reload::Io(source) => failed(source),
            Reload::Unreadable(error) => {
                DataDirError::Unreadable { directory: root.clone(), reason: error.to_string() }
            }
        })?;
        match &mut inner.location {
            Location::DataDir(data_dir) => data_dir.commit(&state.parts(), false).map_err(failed),
            Location::Memory { .. } => Ok(()),
        }
    }

    /// Runs `act` and persists its changes before returning. Transactions run one at a time.
    ///
    /// `act` must not call the store again: the lock is not reentrant. If `act` panics, the changes are rolled back when
    /// there is a data directory, and the panic continues.
    ///
    /// # Errors
    ///
    /// Fails if the changes cannot be persisted, and rolls them back. Fails without running `act` if the state is
    /// out of sync and cannot be reloaded.
    pub(crate) fn transaction<T>(
        &self,
        state: &dyn PersistedState,
        act: impl FnOnce() -> T,
    ) -> Result<T, StateError> {
        let mut inner = lock(&self.0);
        inner.ensure_in_sync(state)?;
        inner.or_roll_back(state, |inner| {
            let done = act();
            inner.commit(state, false)?;
            Ok(done)
        })
    }

    /// Rolls back the changes since the last commit, after a panic in work that ran outside a transaction.
    ///
    /// Without a data directory, the state stays as the panic left it.
    pub(crate) fn roll_back(&self, state: &dyn PersistedState) {
        lock(&self.0).roll_back(state);
    }

    /// Returns the number of rollbacks so far.
    ///
    /// Work that awaits between its changes reads this number first and passes it to [`StateStore::flush`].
    pub(crate) fn rollbacks(&self) -> RollbackCount {
        RollbackCount(lock(&self.0).rollbacks)
    }

    /// Persists the changes since the last commit of work that awaits between its changes.
    ///
    /// # Errors
    ///
    /// Fails if the changes cannot be persisted, and rolls them back. Fails also if the state was rolled back since
    /// `since` was read, because that may have removed some of the changes.
    pub(crate) fn flush(&self, state: &dyn PersistedState, since: RollbackCount) -> Result<(), StateError> {
        let mut inner = lock(&self.0);
        inner.ensure_in_sync(state)?;
        if inner.rollbacks != since.0 {
            // The remaining changes are rolled back as well, so that no change is persisted in part.
            inner.resync(state)?;
            return Err(io::Error::other(
                "another change could not be persisted, and this one was rolled back with it",
            )
            .into());
        }
        inner.or_roll_back(state, |inner| inner.commit(state, false))
    }

    /// Persists all remaining changes, including those without a new version, and releases the data directory.
    pub(crate) fn close(&self, state: &dyn PersistedState) -> Result<(), StateError> {
        let mut inner = lock(&self.0);
        let closed = inner.ensure_in_sync(state).and_then(|()| inner.commit(state, true));
        inner.location = Location::default();
        closed
    }

    /// Releases the data directory without writing the state, which a panic may have left inconsistent.
    pub(crate) fn abandon(&self) {
        lock(&self.0).location = Location::default();
    }

    /// Captures the present state, to be written later. All of it is persisted.
    pub(crate) fn freeze(&self, state: &dyn PersistedState) -> Result<FrozenState, StateError> {
        lock(&self.0).freeze(state)
    }

    /// Reads the state of a document without replacing anything. The state may change meanwhile.
    pub(crate) fn read<'a>(
        &self,
        state: &'a dyn PersistedState,
        document: &[u8],
    ) -> Result<NewState<'a>, StateError> {
        Ok(NewState::read(state, document::read(document)?)?)
    }

    /// Returns an empty state.
    pub(crate) fn empty<'a>(&self, state: &'a dyn PersistedState) -> Result<NewState<'a>, StateError> {
        Ok(NewState::read(state, Files::default())?)
    }

    /// Replaces the state and persists the new one before returning.
    pub(crate) fn replace(&self, state: &dyn PersistedState, new: NewState<'_>) -> Result<(), StateError> {
        self.transaction(state, || new.apply(state)).map(drop)
    }

    /// Validates the name of a new snapshot.
    pub(crate) fn check_name(&self, name: &str) -> Result<(), StateError> {
        snapshots::check(name)
    }

    /// Stores a document as a snapshot and replaces one of the same name. The state may change meanwhile.
    pub(crate) fn keep_snapshot(&self, name: &str, document: Vec<u8>) -> Result<(), StateError> {
        snapshots::check(name)?;
        let dir = match &mut lock(&self.0).location {
            Location::Memory { snapshots } => {
                snapshots.insert(name.to_owned(), document.into());
                return Ok(());
            }
            Location::DataDir(data_dir) => {
                data_dir.check_location()?;
                data_dir.dir.clone()
            }
        };
        snapshots::write(&dir, name, &document)
    }

    /// Returns the document of a snapshot. The state may change meanwhile.
    pub(crate) fn read_snapshot(&self, name: &str) -> Result<Bytes, StateError> {
        let dir = match &lock(&self.0).location {
            Location::Memory { snapshots } => Err(snapshots.get(name).cloned()),
            Location::DataDir(data_dir) => Ok(data_dir.dir.clone()),
        };
        let document = match dir {
            Ok(dir) => snapshots::read(&dir, name)?,
            Err(document) => document,
        };
        document.ok_or_else(|| StateError::NoSnapshot(name.to_owned()))
    }

    /// Returns the names of all snapshots, sorted.
    pub(crate) fn snapshots(&self) -> Result<Vec<String>, StateError> {
        match &lock(&self.0).location {
            Location::Memory { snapshots } => Ok(snapshots.keys().cloned().collect()),
            Location::DataDir(data_dir) => snapshots::list(data_dir),
        }
    }

    /// Deletes a snapshot.
    pub(crate) fn delete_snapshot(&self, name: &str) -> Result<(), StateError> {
        let was_there = match &mut lock(&self.0).location {
            Location::Memory { snapshots } => snapshots.remove(name).is_some(),
            Location::DataDir(data_dir) => snapshots::delete(data_dir, name)?,
        };
        if was_there { Ok(()) } else { Err(StateError::NoSnapshot(name.to_owned())) }
    }
}

/// The state of one moment, which can be written as a document.
pub(crate) struct FrozenState(Vec<Box<dyn Frozen>>);

impl FrozenState {
    /// Writes the state as one document.
    pub(crate) fn document(self) -> Vec<u8> {
        let mut files = FrozenFiles::default();
        self.0.iter().for_each(|part| part.save(&mut files));
        document::write(files)
    }
}

/// A state that was read completely and can replace the one in memory.
pub(crate) struct NewState<'a> {
    changes: Vec<Change<'a>>,
    /// Files that each part has read.
    read: Vec<Vec<(String, ReadRecord)>>,
}

impl<'a> NewState<'a> {
    /// Reads all parts. Nothing is replaced.
    fn read(state: &'a dyn PersistedState, mut files: Files) -> Result<Self, Unreadable> {
        let parts = state.parts();
        let mut changes: Vec<Change<'a>> = Vec::with_capacity(parts.len());
        let mut read = Vec::with_capacity(parts.len());
        for part in parts {
            changes.push(part.load(&mut files)?);
            read.push(files.take_read());
        }
        match files.left_over() {
            Some(path) => Err(Unreadable::new(path, "is not part of the state; remove it")),
            None => Ok(Self { changes, read }),
        }
    }

    /// Replaces all parts, and returns the files that each part has read.
    fn apply(self, state: &dyn PersistedState) -> Vec<Vec<(String, ReadRecord)>> {
        self.changes.into_iter().for_each(|change| change());
        state.replaced();
        self.read
    }
}

/// The reason why the data directory could not be reloaded.
enum Reload {
    Io(io::Error),
    Unreadable(Unreadable),
}

impl Inner {
    /// Finishes an interrupted commit, and reloads the state if memory is out of sync.
    fn ensure_in_sync(&mut self, state: &dyn PersistedState) -> Result<(), StateError> {
        if let Location::DataDir(data_dir) = &mut self.location {
            // Changes made in memory meanwhile will be rejected, so memory counts as out of sync.
            data_dir.finish_commit().inspect_err(|_| self.out_of_sync = true)?;
        }
        if self.out_of_sync { self.resync(state) } else { Ok(()) }
    }

    /// Reloads the state from the data directory.
    fn resync(&mut self, state: &dyn PersistedState) -> Result<(), StateError> {
        self.reload(state).map_err(|error| match error {
            Reload::Io(error) => StateError::from(error),
            // The cause is the data directory, and not a request.
            Reload::Unreadable(error) => {
                StateError::NotPersisted(io::Error::new(io::ErrorKind::InvalidData, error.to_string()))
            }
        })
    }

    /// Runs a change. If it panics, rolls the change back before the panic continues.
    fn or_roll_back<T>(&mut self, state: &dyn PersistedState, change: impl FnOnce(&mut Self) -> T) -> T {
        catch_unwind(AssertUnwindSafe(|| change(self))).unwrap_or_else(|panic| {
            self.roll_back(state);
            resume_unwind(panic)
        })
    }

    /// Reloads the state from the data directory, whatever memory contains.
    ///
    /// Without a data directory, nothing can be reloaded. Changes there compute everything first, so that a panic
    /// occurs before the first change.
    fn roll_back(&mut self, state: &dyn PersistedState) {
        if let Location::DataDir(_) = self.location {
            self.out_of_sync = true;
            if let Err(error) = self.ensure_in_sync(state) {
                tracing::warn!(%error, "reloading the data directory failed, no change is accepted until it succeeds");
            }
        }
    }

    fn commit(&mut self, state: &dyn PersistedState, all: bool) -> Result<(), StateError> {
        let Location::DataDir(data_dir) = &mut self.location else { return Ok(()) };
        let Err(error) = data_dir.commit(&state.parts(), all) else { return Ok(()) };
        // A change that was not persisted must not be visible.
        let _ = self.reload(state);
        Err(error.into())
    }

    /// Captures the present state. Commits first, so that the copy contains no change that may still be rejected.
    fn freeze(&mut self, state: &dyn PersistedState) -> Result<FrozenState, StateError> {
        let decided = match &self.location {
            Location::Memory { .. } => true,
            Location::DataDir(data_dir) => !self.out_of_sync && data_dir.is_decided(&state.parts()),
        };
        if !decided {
            self.ensure_in_sync(state)?;
            self.commit(state, false)?;
        }
        Ok(FrozenState(state.parts().into_iter().map(|part| part.freeze()).collect()))
    }

    /// Replaces the state in memory by the one in the data directory.
    fn reload(&mut self, state: &dyn PersistedState) -> Result<(), Reload> {
        let Location::DataDir(data_dir) = &mut self.location else { return Ok(()) };
        self.out_of_sync = true;
        self.rollbacks += 1;
        let files = data_dir.files().map_err(Reload::Io)?;
        let read = NewState::read(state, files).map_err(Reload::Unreadable)?.apply(state);
        data_dir.record_loaded(&state.parts(), read);
        self.out_of_sync = false;
        Ok(())
    }
}

/// The steps of `State`, for tests of a state without a server.
#[cfg(test)]
impl StateStore {
    pub(crate) fn export(&self, state: &dyn PersistedState) -> Result<Vec<u8>, StateError> {
        Ok(self.freeze(state)?.document())
    }

    pub(crate) fn import(&self, state: &dyn PersistedState, document: &[u8]) -> Result<(), StateError> {
        self.replace(state, self.read(state, document)?)
    }

    pub(crate) fn reset(&self, state: &dyn PersistedState) -> Result<(), StateError> {
        self.replace(state, self.empty(state)?)
    }

    pub(crate) fn snapshot(&self, state: &dyn PersistedState, name: &str) -> Result<(), StateError> {
        snapshots::check(name)?;
        self.keep_snapshot(name, self.export(state)?)
    }

    pub(crate) fn restore(&self, state: &dyn PersistedState, name: &str) -> Result<(), StateError> {
        self.import(state, &self.read_snapshot(name)?)
    }
}
