//! A data directory, and the commits to it.

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
use super::layout::{IGNORE, JOURNAL, LOCK, MARK};
use super::moves::renamed;
use super::path::{PathError, RelativePath};
use super::plan::{FileState, Manifest, plan};
use super::source::{Files, ReadRecord, Source};
use super::{AppendOnly, Persist, Sink};

/// A data directory that this emulator has locked.
#[derive(Debug)]
pub(crate) struct DataDir {
    pub(super) dir: DirWriter,
    /// Open and locked until the value is dropped or the process ends.
    lock: File,
    /// Content of each part on disk, in the order of the parts.
    saved: Vec<SavedPart>,
    /// Work that must succeed before anything else is written.
    pending: Pending,
}

/// Unfinished work of an earlier commit.
#[derive(Debug, Default)]
enum Pending {
    #[default]
    Nothing,
    /// The commit is decided, but not all of its steps were applied.
    Apply(Vec<CommitStep>),
    /// The commit failed, and its journal, which may be complete, could not be removed.
    Withdraw,
}

#[derive(Debug, Default)]
struct SavedPart {
    /// Value of [`Persist::changed`] when the part was written.
    changed: u64,
    files: Manifest,
}

impl DataDir {
    /// Opens and locks a directory, and finishes the commit that an earlier emulator left unfinished.
    ///
    /// With `sync`, commits wait until the disk has stored them.
    pub(crate) fn open(root: &Path, sync: bool) -> Result<Self, DataDirError> {
        Self::open_on(root, sync, Arc::new(OsFileSystem))
    }

    pub(super) fn open_on(root: &Path, sync: bool, fs: Arc<dyn FileSystem>) -> Result<Self, DataDirError> {
        let failed = |source| DataDirError::Io { directory: root.to_owned(), source };
        let unreadable =
            |error: String| DataDirError::Unreadable { directory: root.to_owned(), reason: error };
        let dir = DirWriter::open(root, sync, fs).map_err(failed)?;
        let marked = check(&dir, root)?;
        let lock = dir.open_lock(&LOCK).map_err(failed)?;
        match FileExt::try_lock(&lock) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DataDirError::InUse(root.to_owned())),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        // Everything is validated before anything is changed.
        let entries = dir.entries().map_err(|error| unreadable(error.to_string()))?;
        // A complete journal is applied. An incomplete one was never decided.
        let steps = match journal::read(&dir) {
            Ok(steps) => steps.unwrap_or_default(),
            Err(JournalError::Io(error)) => return Err(failed(about(error, JOURNAL.as_str()))),
            Err(error) => return Err(unreadable(error.to_string())),
        };
        dir.clean(&entries).map_err(failed)?;
        if !marked {
            let mark = serde_json::to_vec(&Format::this()).unwrap_or_default();
            if !dir.exists(&IGNORE).map_err(failed)? {
                dir.replace(&IGNORE, b"/lock\n/journal\n*.tmp\n").map_err(failed)?;
            }
            dir.replace(&MARK, &[&mark[..], b"\n"].concat()).map_err(failed)?;
        }
        steps.iter().try_for_each(|step| dir.apply(step)).map_err(failed)?;
        dir.delete(&JOURNAL).map_err(failed)?;
        let entries = dir.entries().map_err(failed)?;
        dir.sync_all(&entries).map_err(failed)?;
        Ok(Self { dir, lock, saved: Vec::new(), pending: Pending::Nothing })
    }

    pub(super) fn root(&self) -> &Path {
        self.dir.root()
    }

    /// Checks that the directory is still the one that was locked.
    ///
    /// The next commit would create a removed directory again, with the files of that commit alone. It could not be opened,
    /// and persisted changes would be lost.
    pub(super) fn check_location(&self) -> io::Result<()> {
        if self.dir.holds(&LOCK, &self.lock)? {
            return Ok(());
        }
        let root = self.root().display();
        Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!(
                "{root} was removed or replaced while the emulator used it; put it back, or start the emulator again"
            ),
        ))
    }

    /// Returns the files of the state.
    pub(super) fn files(&self) -> io::Result<Files> {
        self.check_location()?;
        let mut files = Files::default();
        for path in self.dir.entries()?.files {
            // A directory has no name twice.
            files.insert(path, Source::InDirectory(self.dir.clone()));
        }
        Ok(files)
    }

    /// Records the files that each part was loaded from as its content on disk. The next commit writes whatever differs.
    pub(super) fn record_loaded(&mut self, parts: &[&dyn Persist], read: Vec<Vec<(String, ReadRecord)>>) {
        let saved = parts.iter().zip(read).map(|(part, read)| {
            let mut known = Manifest::new();
            let mut growing = BTreeMap::new();
            for (path, record) in read {
                match record {
                    ReadRecord::Whole(content) => drop(known.insert(path, FileState::Whole(content))),
                    ReadRecord::AppendOnly(bytes) => drop(growing.insert(path, bytes)),
                }
            }
            let mut builder = ManifestBuilder { growing, known };
            part.save(&mut builder);
            // The version is 0, because memory may already differ from the files.
            SavedPart { changed: 0, files: builder.known }
        });
        self.saved = saved.collect();
    }

    /// Returns `true` if all parts with a changed version are committed.
    pub(super) fn is_decided(&self, parts: &[&dyn Persist]) -> bool {
        let saved = self.saved.iter().map(|saved| saved.changed);
        parts.iter().map(|part| part.changed()).eq(saved)
    }

    /// Finishes the work that an earlier commit left.
    pub(super) fn finish_commit(&mut self) -> io::Result<()> {
        if matches!(self.pending, Pending::Nothing) {
            return Ok(());
        }
        self.check_location()?;
        match &self.pending {
            Pending::Nothing => {}
            Pending::Apply(steps) => steps.iter().try_for_each(|step| self.dir.apply(step))?,
            Pending::Withdraw => {}
        }
        self.dir.delete(&JOURNAL)?;
        self.pending = Pending::Nothing;
        Ok(())
    }

    /// Writes all changes or none. With `all`, also parts whose version has not changed.
    ///
    /// # Errors
    ///
    /// The error is [`unconfirmed`] if everything was written but not confirmed by the disk: the next start may or may
    /// not find the change. After any other error, it will not.
    pub(super) fn commit(&mut self, parts: &[&dyn Persist], all: bool) -> io::Result<()> {
        self.check_location()?;
        self.saved.resize_with(parts.len(), SavedPart::default);
        let plan = self.plan(parts, all)?;
        self.write(plan.steps)?;
        for (index, part) in plan.replaced {
            self.saved[index] = part;
        }
        for (index, changed, files) in plan.extended {
            let saved = &mut self.saved[index];
            saved.changed = changed;
            saved.files.extend(files.into_iter().map(|(path, content)| (path, FileState::Whole(content))));
        }
        if let Err(error) = self.finish_commit() {
            // The journal is complete, so the commit is persisted. It is applied when that is possible again.
            tracing::warn!(%error, "writing the data directory failed, the commit is persisted in the journal only");
        }
        Ok(())
    }

    /// Returns the steps of a commit, and the content of the parts after it.
    fn plan(&self, parts: &[&dyn Persist], all: bool) -> io::Result<PlannedCommit> {
        let outside = |error: PathError| io::Error::new(io::ErrorKind::InvalidInput, error);
        let mut planned = PlannedCommit::default();
        for ((index, part), known) in parts.iter().enumerate().zip(&self.saved) {
            let changed = part.changed();
            if changed != known.changed
                && !all
                && let Some(files) = part.written_since(known.changed)
            {
                for (path, content) in &files {
                    let path = RelativePath::new(path).map_err(outside)?;
                    planned.steps.push(CommitStep::Replace { path, content: content.clone() });
                }
                planned.extended.push((index, changed, files));
            } else if changed != known.changed || all {
                let (own, files) = plan(*part, &known.files).map_err(outside)?;
                planned.steps.extend(own);
                planned.replaced.push((index, SavedPart { changed, files }));
            }
        }
        let known = self.saved.iter().map(|saved| &saved.files);
        planned.steps = renamed(std::mem::take(&mut planned.steps), known);
        Ok(planned)
    }

    /// Writes the steps of a commit, so that it is decided: a single replacement directly, others to the journal.
    fn write(&mut self, steps: Vec<CommitStep>) -> io::Result<()> {
        match &steps[..] {
            [] => Ok(()),
            // A single replacement is atomic without a journal.
            [step @ CommitStep::Replace { .. }] => {
                let Err(error) = self.dir.apply(step) else { return Ok(()) };
                if is_unconfirmed(&error) {
                    // The file was replaced. It is written again before anything else.
                    self.pending = Pending::Apply(steps);
                }
                Err(error)
            }
            _ => {
                let Err(error) = journal::write(&self.dir, &steps) else {
                    self.pending = Pending::Apply(steps);
                    return Ok(());
                };
                let withdrawn = self.dir.delete(&JOURNAL);
                if !is_unconfirmed(&error) {
                    // The journal is incomplete or missing, so it is ignored even if it cannot be removed.
                    return Err(error);
                }
                let Err(left) = withdrawn else {
                    return Err(io::Error::new(error.kind(), error.to_string()));
                };
                self.pending = Pending::Withdraw;
                let reason = format!("{error}; and the journal could not be removed: {left}");
                Err(unconfirmed(io::Error::new(error.kind(), reason)))
            }
        }
    }
}

/// New files with their content.
type NewFiles = Vec<(String, Bytes)>;

/// The steps of a commit, and the content of the parts after it.
#[derive(Default)]
struct PlannedCommit {
    steps: Vec<CommitStep>,
    /// Parts of which all files were compared, by index.
    replaced: Vec<(usize, SavedPart)>,
    /// Parts that only have new files, by index, with their new versions.
    extended: Vec<(usize, u64, NewFiles)>,
}

/// Returns `true` if the directory is marked as a data directory. Fails if it is neither marked nor empty.
fn check(dir: &DirWriter, root: &Path) -> Result<bool, DataDirError> {
    let failed = |source| DataDirError::Io { directory: root.to_owned(), source };
    let foreign = || DataDirError::NotADataDir(root.to_owned());
    if let Some(mark) = dir.read(&MARK).map_err(failed)? {
        let format: Format = serde_json::from_slice(&mark).map_err(|_| foreign())?;
        format.check().map_err(|reason| DataDirError::UnsupportedFormat(root.to_owned(), reason))?;
        return Ok(true);
    }
    for entry in std::fs::read_dir(dir.root()).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // Hidden files are ignored, and so is the empty lock of an emulator that ended while it started.
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

/// Records the content of the files that were read.
struct ManifestBuilder {
    growing: BTreeMap<String, Option<u64>>,
    known: Manifest,
}

impl Sink for ManifestBuilder {
    fn file(&mut self, _: String, _: Bytes) {}

    fn versioned(&mut self, _: String, _: u64, _: &dyn Fn() -> Bytes) {}

    fn append_only(&mut self, path: String, content: &dyn AppendOnly) {
        // A file with an incomplete last line is written again.
        if let Some(Some(bytes)) = self.growing.remove(&path) {
            let known = FileState::AppendOnly { identity: content.identity(), lines: content.lines(), bytes };
            self.known.insert(path, known);
        }
    }
}
