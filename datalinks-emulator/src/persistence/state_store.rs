//! Who keeps the state: one change at a time, each whole.

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

/// What is kept.
pub(crate) trait PersistedState {
    /// All its parts, always in the same order.
    fn parts(&self) -> Vec<&dyn Persist>;

    /// Called when all parts were replaced, before anybody looks.
    fn replaced(&self);
}

/// Keeps the parts of a state together: what changes them goes through here.
#[derive(Debug, Default)]
pub(crate) struct StateStore(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    location: Location,
    /// Whether memory holds what was not written, because that failed, and the folder could not be read again.
    out_of_sync: bool,
    /// The number of times that memory was read again from the folder.
    rollbacks: u64,
}

/// The number of times that the state was taken back, at some moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RollbackCount(u64);

/// Where the state is kept beside memory.
#[derive(Debug)]
enum Location {
    Nowhere { snapshots: BTreeMap<String, Bytes> },
    DataDir(Box<DataDir>),
}

impl Default for Location {
    fn default() -> Self {
        Self::Nowhere { snapshots: BTreeMap::new() }
    }
}

impl StateStore {
    /// Takes the state from a folder and keeps it there from now on.
    pub(crate) fn open(&self, kept: &dyn PersistedState, disk: DataDir) -> Result<(), DataDirError> {
        let mut inner = lock(&self.0);
        let root = disk.root().to_owned();
        let failed = |source| DataDirError::Io { folder: root.clone(), source };
        inner.location = Location::DataDir(Box::new(disk));
        inner.reload(kept).map_err(|error| match error {
            Reload::Io(source) => failed(source),
            Reload::Unreadable(error) => {
                DataDirError::Unreadable { folder: root.clone(), reason: error.to_string() }
            }
        })?;
        match &mut inner.location {
            Location::DataDir(disk) => disk.commit(&kept.parts(), false).map_err(failed),
            Location::Nowhere { .. } => Ok(()),
        }
    }

    /// Carries out what changes the state, and keeps the change before this returns. Nobody else changes anything
    /// meanwhile. If it cannot be kept, the change is taken back. So it is if it panics, as far as there is a folder, and
    /// the panic goes on.
    ///
    /// It must not be called in what it carries out.
    pub(crate) fn transaction<T>(
        &self,
        kept: &dyn PersistedState,
        act: impl FnOnce() -> T,
    ) -> Result<T, StateError> {
        let mut inner = lock(&self.0);
        inner.ensure_in_sync(kept)?;
        inner.or_roll_back(kept, |inner| {
            let done = act();
            inner.commit(kept, false)?;
            Ok(done)
        })
    }

    /// Takes back what was changed since the last commit, after a panic in what could not be carried out in one go.
    /// A state that is in memory only stays as the panic left it.
    pub(crate) fn roll_back(&self, kept: &dyn PersistedState) {
        lock(&self.0).roll_back(kept);
    }

    /// The number of times that the state was taken back so far. Work that changes the state in more than one poll asks
    /// for it first, and hands it to [`StateStore::flush`].
    pub(crate) fn rollbacks(&self) -> RollbackCount {
        RollbackCount(lock(&self.0).rollbacks)
    }

    /// Keeps what was changed since the last commit, by what had to wait and could not be carried out in one go. If
    /// it cannot be kept, it is taken back. Fails also if the state was taken back meanwhile, because that may have
    /// undone a part of the change.
    pub(crate) fn flush(&self, kept: &dyn PersistedState, since: RollbackCount) -> Result<(), StateError> {
        let mut inner = lock(&self.0);
        inner.ensure_in_sync(kept)?;
        if inner.rollbacks != since.0 {
            // What is left of the change is taken back as well: half a change is none.
            inner.resync(kept)?;
            return Err(io::Error::other(
                "another change could not be kept meanwhile, and this one was taken back with it",
            )
            .into());
        }
        inner.or_roll_back(kept, |inner| inner.commit(kept, false))
    }

    /// Keeps what is still to be kept, and gives the folder free.
    pub(crate) fn close(&self, kept: &dyn PersistedState) -> Result<(), StateError> {
        let mut inner = lock(&self.0);
        let closed = inner.ensure_in_sync(kept).and_then(|()| inner.commit(kept, true));
        inner.location = Location::default();
        closed
    }

    /// Gives the folder free without a look at memory, in which a panic may have left anything.
    pub(crate) fn abandon(&self) {
        lock(&self.0).location = Location::default();
    }

    /// The state of this moment, to be written later. What is in it is kept.
    pub(crate) fn freeze(&self, kept: &dyn PersistedState) -> Result<FrozenState, StateError> {
        lock(&self.0).freeze(kept)
    }

    /// Reads the state of a document, while the state may still change. Nothing is replaced yet.
    pub(crate) fn read<'a>(
        &self,
        kept: &'a dyn PersistedState,
        document: &[u8],
    ) -> Result<NewState<'a>, StateError> {
        Ok(NewState::read(kept, document::read(document)?)?)
    }

    /// The empty state.
    pub(crate) fn empty<'a>(&self, kept: &'a dyn PersistedState) -> Result<NewState<'a>, StateError> {
        Ok(NewState::read(kept, Files::default())?)
    }

    /// Replaces the state, and keeps the new one before this returns.
    pub(crate) fn replace(&self, kept: &dyn PersistedState, new: NewState<'_>) -> Result<(), StateError> {
        self.transaction(kept, || new.apply(kept)).map(drop)
    }

    /// Checks the name of a snapshot to be kept.
    pub(crate) fn check_name(&self, name: &str) -> Result<(), StateError> {
        snapshots::check(name)
    }

    /// Keeps a document under a name. A snapshot of this name is replaced. Others may change the state meanwhile.
    pub(crate) fn keep_snapshot(&self, name: &str, document: Vec<u8>) -> Result<(), StateError> {
        snapshots::check(name)?;
        let folder = match &mut lock(&self.0).location {
            Location::Nowhere { snapshots } => {
                snapshots.insert(name.to_owned(), document.into());
                return Ok(());
            }
            Location::DataDir(disk) => {
                disk.check_place()?;
                disk.folder.clone()
            }
        };
        snapshots::write(&folder, name, &document)
    }

    /// The document that was kept under a name. Others may change the state meanwhile.
    pub(crate) fn read_snapshot(&self, name: &str) -> Result<Bytes, StateError> {
        let folder = match &lock(&self.0).location {
            Location::Nowhere { snapshots } => Err(snapshots.get(name).cloned()),
            Location::DataDir(disk) => Ok(disk.folder.clone()),
        };
        let document = match folder {
            Ok(folder) => snapshots::read(&folder, name)?,
            Err(document) => document,
        };
        document.ok_or_else(|| StateError::NoSnapshot(name.to_owned()))
    }

    /// The names of all snapshots, sorted.
    pub(crate) fn snapshots(&self) -> Result<Vec<String>, StateError> {
        match &lock(&self.0).location {
            Location::Nowhere { snapshots } => Ok(snapshots.keys().cloned().collect()),
            Location::DataDir(disk) => snapshots::list(disk),
        }
    }

    /// Forgets a snapshot.
    pub(crate) fn delete_snapshot(&self, name: &str) -> Result<(), StateError> {
        let was_there = match &mut lock(&self.0).location {
            Location::Nowhere { snapshots } => snapshots.remove(name).is_some(),
            Location::DataDir(disk) => snapshots::delete(disk, name)?,
        };
        if was_there { Ok(()) } else { Err(StateError::NoSnapshot(name.to_owned())) }
    }
}

/// The state of some moment, to be written as a document.
pub(crate) struct FrozenState(Vec<Box<dyn Frozen>>);

impl FrozenState {
    /// The state as one document.
    pub(crate) fn document(self) -> Vec<u8> {
        let mut files = FrozenFiles::default();
        self.0.iter().for_each(|part| part.save(&mut files));
        document::write(files)
    }
}

/// A state that was read to its end, and can take the place of the one in memory.
pub(crate) struct NewState<'a> {
    changes: Vec<Change<'a>>,
    /// What each part has read.
    taken: Vec<Vec<(String, ReadRecord)>>,
}

impl<'a> NewState<'a> {
    /// Reads everything before anything is replaced.
    fn read(kept: &'a dyn PersistedState, mut files: Files) -> Result<Self, Unreadable> {
        let parts = kept.parts();
        let mut changes: Vec<Change<'a>> = Vec::with_capacity(parts.len());
        let mut taken = Vec::with_capacity(parts.len());
        for part in parts {
            changes.push(part.load(&mut files)?);
            taken.push(files.taken());
        }
        match files.left_over() {
            Some(path) => Err(Unreadable::new(path, "is no part of the state; take it away")),
            None => Ok(Self { changes, taken }),
        }
    }

    /// Replaces all parts. What each part has read comes back.
    fn apply(self, kept: &dyn PersistedState) -> Vec<Vec<(String, ReadRecord)>> {
        self.changes.into_iter().for_each(|change| change());
        kept.replaced();
        self.taken
    }
}

/// Why the folder could not be read again.
enum Reload {
    Io(io::Error),
    Unreadable(Unreadable),
}

impl Inner {
    /// Makes sure that memory and folder say the same.
    fn ensure_in_sync(&mut self, kept: &dyn PersistedState) -> Result<(), StateError> {
        if let Location::DataDir(disk) = &mut self.location {
            // What waited may have changed memory already, and is refused now.
            disk.finish_commit().inspect_err(|_| self.out_of_sync = true)?;
        }
        if self.out_of_sync { self.resync(kept) } else { Ok(()) }
    }

    /// Takes the state from the folder, and reports why it cannot be read.
    fn resync(&mut self, kept: &dyn PersistedState) -> Result<(), StateError> {
        self.reload(kept).map_err(|error| match error {
            Reload::Io(error) => StateError::from(error),
            // It is the folder that is at fault, and not what somebody sent.
            Reload::Unreadable(error) => {
                StateError::NotPersisted(io::Error::new(io::ErrorKind::InvalidData, error.to_string()))
            }
        })
    }

    /// Carries out a change. If it panics, it is taken back before the panic goes on.
    fn or_roll_back<T>(&mut self, kept: &dyn PersistedState, change: impl FnOnce(&mut Self) -> T) -> T {
        catch_unwind(AssertUnwindSafe(|| change(self))).unwrap_or_else(|panic| {
            self.roll_back(kept);
            resume_unwind(panic)
        })
    }

    /// Takes the state from the folder, whatever memory holds. In memory there is nothing to take it from: there,
    /// what changes the state works everything out before, so that a panic comes before the first change.
    fn roll_back(&mut self, kept: &dyn PersistedState) {
        if let Location::DataDir(_) = self.location {
            self.out_of_sync = true;
            if let Err(error) = self.ensure_in_sync(kept) {
                tracing::warn!(%error, "the folder cannot be read; nothing is changed until it can be");
            }
        }
    }

    fn commit(&mut self, kept: &dyn PersistedState, all: bool) -> Result<(), StateError> {
        let Location::DataDir(disk) = &mut self.location else { return Ok(()) };
        let Err(error) = disk.commit(&kept.parts(), all) else { return Ok(()) };
        // What was not kept did not happen.
        let _ = self.reload(kept);
        Err(error.into())
    }

    /// The state of this moment. What was changed and not kept yet is kept first: what is refused must not be in it.
    fn freeze(&mut self, kept: &dyn PersistedState) -> Result<FrozenState, StateError> {
        let decided = match &self.location {
            Location::Nowhere { .. } => true,
            Location::DataDir(disk) => !self.out_of_sync && disk.is_decided(&kept.parts()),
        };
        if !decided {
            self.ensure_in_sync(kept)?;
            self.commit(kept, false)?;
        }
        Ok(FrozenState(kept.parts().into_iter().map(|part| part.freeze()).collect()))
    }

    /// Takes the state from the folder as it is.
    fn reload(&mut self, kept: &dyn PersistedState) -> Result<(), Reload> {
        let Location::DataDir(disk) = &mut self.location else { return Ok(()) };
        self.out_of_sync = true;
        self.rollbacks += 1;
        let files = disk.files().map_err(Reload::Io)?;
        let taken = NewState::read(kept, files).map_err(Reload::Unreadable)?.apply(kept);
        disk.note(&kept.parts(), taken);
        self.out_of_sync = false;
        Ok(())
    }
}

/// What `State` does step by step, for tests of states that nobody serves.
#[cfg(test)]
impl StateStore {
    pub(crate) fn export(&self, kept: &dyn PersistedState) -> Result<Vec<u8>, StateError> {
        Ok(self.freeze(kept)?.document())
    }

    pub(crate) fn import(&self, kept: &dyn PersistedState, document: &[u8]) -> Result<(), StateError> {
        self.replace(kept, self.read(kept, document)?)
    }

    pub(crate) fn reset(&self, kept: &dyn PersistedState) -> Result<(), StateError> {
        self.replace(kept, self.empty(kept)?)
    }

    pub(crate) fn snapshot(&self, kept: &dyn PersistedState, name: &str) -> Result<(), StateError> {
        snapshots::check(name)?;
        self.keep_snapshot(name, self.export(kept)?)
    }

    pub(crate) fn restore(&self, kept: &dyn PersistedState, name: &str) -> Result<(), StateError> {
        self.import(kept, &self.read_snapshot(name)?)
    }
}
