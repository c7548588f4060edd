//! A folder that holds a state, and the commits to it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use fs4::{FileExt, TryLockError};

use super::dir_writer::{CommitStep, DirWriter};
use super::document::Format;
use super::error::{DataDirError, about, is_unconfirmed, unconfirmed};
use super::file_system::{FileSystem, OsFileSystem};
use super::journal::{self, JournalError};
use super::layout::{IGNORE, JOURNAL, LOCK, SCRIPTED_PREFIX};
use super::moves::renamed;
use super::path::{PathError, RelativePath};
use super::plan::{FileState, Manifest, plan};
use super::source::{Files, ReadRecord, Source};
use super::{AppendOnly, Persist, Sink};

/// A folder of a state that nobody else has.
#[derive(Debug)]
pub(crate) struct DataDir {
    pub(super) folder: DirWriter,
    /// Locked until it is closed, also by the end of the process.
    lock: File,
    /// What is on disk of each part, in their order.
    saved: Vec<SavedPart>,
    /// What has to be done before anything else is written.
    pending: Pending,
}

/// What an earlier commit left to be done.
#[derive(Debug, Default)]
enum Pending {
    #[default]
    Nothing,
    /// The commit is decided, and could not be carried out to its end.
    InferenceSteps(Vec<CommitStep>),
    /// The commit was refused, and its journal, which may be whole, could not be removed.
    Withdraw,
}

#[derive(Debug, Default)]
struct SavedPart {
    /// [`Persist::changed`] at that time.
    changed: u64,
    files: Manifest,
}

impl DataDir {
    /// Opens a folder for one emulator alone, and finishes what an earlier one did not. `sync`: commits wait until
    /// the disk has them.
    pub(crate) fn open(root: &Path, sync: bool) -> Result<Self, DataDirError> {
        Self::open_on(root, sync, Arc::new(OsFileSystem))
    }

    pub(super) fn open_on(root: &Path, sync: bool, fs: Arc<dyn FileSystem>) -> Result<Self, DataDirError> {
        let failed = |source| DataDirError::Io { folder: root.to_owned(), source };
        let unreadable = |error: String| DataDirError::Unreadable { folder: root.to_owned(), reason: error };
        let folder = DirWriter::open(root, sync, fs).map_err(failed)?;
        let marked = check(&folder, root)?;
        let lock = folder.open_lock(&LOCK).map_err(failed)?;
        match FileExt::try_lock(&lock) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DataDirError::InUse(root.to_owned())),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        // Everything is looked at before anything is changed.
        let entries = folder.entries().map_err(|error| unreadable(error.to_string()))?;
        // A whole one is carried out, a torn one was never decided.
        let steps = match journal::read(&folder) {
            Ok(steps) => steps.unwrap_or_default(),
            Err(JournalError::Io(error)) => return Err(failed(about(error, JOURNAL.as_str()))),
            Err(error) => return Err(unreadable(error.to_string())),
        };
        folder.clean(&entries).map_err(failed)?;
        if !marked {
            let mark = serde_json::to_vec(&Format::this()).unwrap_or_default();
            if !folder.exists(&IGNORE).map_err(failed)? {
                folder.replace(&IGNORE, b"/lock\n/journal\n*.tmp\n").map_err(failed)?;
            }
            folder.replace(&SCRIPTED_PREFIX, &[&mark[..], b"\n"].concat()).map_err(failed)?;
        }
        steps.iter().try_for_each(|step| folder.apply(step)).map_err(failed)?;
        folder.delete(&JOURNAL).map_err(failed)?;
        let entries = folder.entries().map_err(failed)?;
        folder.sync_all(&entries).map_err(failed)?;
        Ok(Self { folder, lock, saved: Vec::new(), pending: Pending::Nothing })
    }

    pub(super) fn root(&self) -> &Path {
        self.folder.root()
    }

    /// Checks that the directory is still the one that was locked.
    ///
    /// One that was removed would be created again by the next commit, with the files of that commit alone. Nobody could
    /// open it, and what was answered would be gone.
    pub(super) fn check_place(&self) -> io::Result<()> {
        if self.folder.holds(&LOCK, &self.lock)? {
            return Ok(());
        }
        let root = self.root().display();
        Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!(
                "{root} was removed or replaced while the emulator had it; put it back, or start the emulator again"
            ),
        ))
    }

    /// The files of the state, to be read.
    pub(super) fn files(&self) -> io::Result<Files> {
        self.check_place()?;
        let mut files = Files::default();
        for path in self.folder.entries()?.files {
            // No directory has a name twice.
            files.insert(path, Source::OnDisk(self.folder.clone()));
        }
        Ok(files)
    }

    /// Takes it that each part was read from these files. What it says otherwise is written by the next commit.
    pub(super) fn note(&mut self, parts: &[&dyn Persist], taken: Vec<Vec<(String, ReadRecord)>>) {
        let saved = parts.iter().zip(taken).map(|(part, taken)| {
            let mut known = Manifest::new();
            let mut growing = BTreeMap::new();
            for (path, taken) in taken {
                match taken {
                    ReadRecord::Whole(content) => drop(known.insert(path, FileState::Whole(content))),
                    ReadRecord::AppendOnly(bytes) => drop(growing.insert(path, bytes)),
                }
            }
            let mut noted = ManifestBuilder { growing, known };
            part.save(&mut noted);
            // Not what it is now: nothing is known to be on disk as it is in memory.
            SavedPart { changed: 0, files: noted.known }
        });
        self.saved = saved.collect();
    }

    /// Returns `true` if all of the parts is decided, as far as they mark what changes.
    pub(super) fn is_decided(&self, parts: &[&dyn Persist]) -> bool {
        let saved = self.saved.iter().map(|saved| saved.changed);
        parts.iter().map(|part| part.changed()).eq(saved)
    }

    /// Does what an earlier commit left to be done.
    pub(super) fn finish_commit(&mut self) -> io::Result<()> {
        if matches!(self.pending, Pending::Nothing) {
            return Ok(());
        }
        self.check_place()?;
        match &self.pending {
            Pending::Nothing => {}
            Pending::InferenceSteps(steps) => steps.iter().try_for_each(|step| self.folder.apply(step))?,
            Pending::Withdraw => {}
        }
        self.folder.delete(&JOURNAL)?;
        self.pending = Pending::Nothing;
        Ok(())
    }

    /// Writes what has changed, all of it or nothing. `all`: also what has changed without marking it.
    ///
    /// # Errors
    ///
    /// The error is [`unconfirmed`] if everything was written and the disk did not confirm it: the next start may find
    /// the change or not. After any other error it does not.
    pub(super) fn commit(&mut self, parts: &[&dyn Persist], all: bool) -> io::Result<()> {
        self.check_place()?;
        self.saved.resize_with(parts.len(), SavedPart::default);
        let (mut steps, mut saved, mut added) = (Vec::new(), Vec::new(), Vec::new());
        for ((index, part), known) in parts.iter().enumerate().zip(&self.saved) {
            let changed = part.changed();
            let outside = |error: PathError| io::Error::new(io::ErrorKind::InvalidInput, error);
            if changed != known.changed
                && !all
                && let Some(files) = part.written_since(known.changed)
            {
                for (path, content) in &files {
                    let path = RelativePath::new(path).map_err(outside)?;
                    steps.push(CommitStep::Replace { path, content: content.clone() });
                }
                added.push((index, changed, files));
            } else if changed != known.changed || all {
                let (own, files) = plan(*part, &known.files).map_err(outside)?;
                steps.extend(own);
                saved.push((index, SavedPart { changed, files }));
            }
        }
        let steps = renamed(steps, self.saved.iter().map(|saved| &saved.files));
        match &steps[..] {
            [] => {}
            // Whole by itself.
            [step @ CommitStep::Replace { .. }] => {
                if let Err(error) = self.folder.apply(step) {
                    if is_unconfirmed(&error) {
                        // It is there, and is written again before anything else.
                        self.pending = Pending::InferenceSteps(steps);
                    }
                    return Err(error);
                }
            }
            _ => {
                if let Err(error) = journal::write(&self.folder, &steps) {
                    let withdrawn = self.folder.delete(&JOURNAL);
                    if !is_unconfirmed(&error) {
                        // Torn, or not even begun, so it counts for nothing even if it cannot be removed.
                        return Err(error);
                    }
                    let Err(left) = withdrawn else {
                        return Err(io::Error::new(error.kind(), error.to_string()));
                    };
                    self.pending = Pending::Withdraw;
                    let reason = format!("{error}; and it could not be withdrawn: {left}");
                    return Err(unconfirmed(io::Error::new(error.kind(), reason)));
                }
                self.pending = Pending::InferenceSteps(steps);
            }
        }
        for (index, new) in saved {
            self.saved[index] = new;
        }
        for (index, changed, files) in added {
            let saved = &mut self.saved[index];
            saved.changed = changed;
            saved.files.extend(files.into_iter().map(|(path, content)| (path, FileState::Whole(content))));
        }
        if let Err(error) = self.finish_commit() {
            // The journal is whole: what it says is kept, and carried out when that is possible again.
            tracing::warn!(%error, "the state is kept in the journal only; the folder cannot be written");
        }
        Ok(())
    }
}

/// Whether the folder is marked as ours. One that is not must be empty.
fn check(folder: &DirWriter, root: &Path) -> Result<bool, DataDirError> {
    let failed = |source| DataDirError::Io { folder: root.to_owned(), source };
    let foreign = || DataDirError::NotADataDir(root.to_owned());
    if let Some(mark) = folder.read(&SCRIPTED_PREFIX).map_err(failed)? {
        let format: Format = serde_json::from_slice(&mark).map_err(|_| foreign())?;
        format.check().map_err(|reason| DataDirError::UnsupportedFormat(root.to_owned(), reason))?;
        return Ok(true);
    }
    for entry in std::fs::read_dir(folder.root()).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // What is hidden does not count, nor what an emulator left that ended at its very beginning.
        let left_by_us = name == LOCK.as_str() && is_empty_file(&entry).map_err(failed)?;
        if !name.starts_with('.') && !left_by_us {
            return Err(foreign());
        }
    }
    Ok(false)
}

fn is_empty_file(entry: &std::fs::DirEntry) -> io::Result<bool> {
    let found = entry.metadata()?;
    Ok(found.is_file() && found.len() == 0)
}

/// Learns which content the files have that were read.
struct ManifestBuilder {
    growing: BTreeMap<String, Option<u64>>,
    known: Manifest,
}

impl Sink for ManifestBuilder {
    fn file(&mut self, _: String, _: Bytes) {}

    fn versioned(&mut self, _: String, _: u64, _: &dyn Fn() -> Bytes) {}

    fn append_only(&mut self, path: String, content: &dyn AppendOnly) {
        // One whose last line is not whole is written anew.
        if let Some(Some(bytes)) = self.growing.remove(&path) {
            let known = FileState::AppendOnly { identity: content.identity(), lines: content.lines(), bytes };
            self.known.insert(path, known);
        }
    }
}
