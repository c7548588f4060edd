//! A folder that holds a state, and the commits to it.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use bytes::Bytes;
use fs4::{FileExt, TryLockError};

use super::document::Format;
use super::error::DataDirError;
use super::folder::{Folder, Step, UNFINISHED};
use super::journal::{self, JOURNAL};
use super::moves::renamed;
use super::plan::{Known, OnDisk, plan};
use super::source::{Files, Source, Taken};
use super::{Growing, Part, Sink};

/// What marks a folder as one of ours.
const MARK: &str = "emulator.json";
const LOCK: &str = "lock";
/// What keeps the rest out of a repository.
const IGNORE: &str = ".gitignore";
/// Where snapshots are, which are no part of the state.
pub(super) const SNAPSHOTS: &str = "snapshots";

/// A folder of a state that nobody else has.
#[derive(Debug)]
pub(crate) struct Disk {
    pub(super) folder: Folder,
    /// Locked until it is closed, also by the end of the process.
    _lock: File,
    /// What is on disk of each part, in their order.
    saved: Vec<Saved>,
    /// A commit that is decided and could not be carried out to its end.
    pending: Option<Vec<Step>>,
}

#[derive(Debug, Default)]
struct Saved {
    /// [`Part::changed`] at that time.
    changed: u64,
    files: OnDisk,
}

impl Disk {
    /// Opens a folder for one emulator alone, and finishes what an earlier one did not. `sync`: commits wait until
    /// the disk has them.
    pub(crate) fn open(root: &Path, sync: bool) -> Result<Self, DataDirError> {
        let failed = |source| DataDirError::Io { folder: root.to_owned(), source };
        std::fs::create_dir_all(root).map_err(failed)?;
        let folder = Folder::new(root.to_owned(), sync);
        let marked = check(&folder)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(folder.place(LOCK));
        let lock = lock.map_err(failed)?;
        match FileExt::try_lock(&lock) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DataDirError::InUse(root.to_owned())),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        if !marked {
            let mark = serde_json::to_vec(&Format::this()).unwrap_or_default();
            if !folder.place(IGNORE).exists() {
                folder.replace(IGNORE, b"/lock\n/journal\n*.tmp\n").map_err(failed)?;
            }
            folder.replace(MARK, &[&mark[..], b"\n"].concat()).map_err(failed)?;
        }
        // A whole one is carried out, a torn one was never decided.
        for step in journal::read(&folder).map_err(failed)?.unwrap_or_default() {
            folder.carry_out(&step).map_err(failed)?;
        }
        folder.forget(JOURNAL).map_err(failed)?;
        Ok(Self { folder, _lock: lock, saved: Vec::new(), pending: None })
    }

    pub(super) fn root(&self) -> &Path {
        self.folder.root()
    }

    /// The files of the state, to be read.
    pub(super) fn files(&self) -> io::Result<Files> {
        let mut files = Files::default();
        for (path, place) in self.folder.files(&[MARK, LOCK, JOURNAL, SNAPSHOTS])? {
            files.insert(path, Source::OnDisk(place));
        }
        Ok(files)
    }

    /// Takes it that each part was read from these files. What it says otherwise is written by the next commit.
    pub(super) fn note(&mut self, parts: &[&dyn Part], taken: Vec<Vec<(String, Taken)>>) {
        let saved = parts.iter().zip(taken).map(|(part, taken)| {
            let mut known = OnDisk::new();
            let mut growing = BTreeMap::new();
            for (path, taken) in taken {
                match taken {
                    Taken::Whole(content) => drop(known.insert(path, Known::Whole(content))),
                    Taken::Growing(bytes) => drop(growing.insert(path, bytes)),
                }
            }
            let mut noted = Noted { growing, known };
            part.save(&mut noted);
            // Not what it is now: nothing is known to be on disk as it is in memory.
            Saved { changed: 0, files: noted.known }
        });
        self.saved = saved.collect();
    }

    /// Carries out what is decided and was not carried out yet.
    pub(super) fn settle(&mut self) -> io::Result<()> {
        if let Some(steps) = &self.pending {
            steps.iter().try_for_each(|step| self.folder.carry_out(step))?;
            self.folder.forget(JOURNAL)?;
            self.pending = None;
        }
        Ok(())
    }

    /// Writes what has changed, all of it or nothing. `all`: also what has changed without marking it.
    pub(super) fn commit(&mut self, parts: &[&dyn Part], all: bool) -> io::Result<()> {
        self.saved.resize_with(parts.len(), Saved::default);
        let (mut steps, mut saved, mut added) = (Vec::new(), Vec::new(), Vec::new());
        for ((index, part), known) in parts.iter().enumerate().zip(&self.saved) {
            let changed = part.changed();
            if changed != known.changed
                && !all
                && let Some(files) = part.written_since(known.changed)
            {
                let replace = |(path, content): &(String, Bytes)| Step::Replace {
                    path: path.clone(),
                    content: content.clone(),
                };
                steps.extend(files.iter().map(replace));
                added.push((index, changed, files));
            } else if changed != known.changed || all {
                let (own, files) = plan(*part, &known.files);
                steps.extend(own);
                saved.push((index, Saved { changed, files }));
            }
        }
        let steps = renamed(steps, self.saved.iter().map(|saved| &saved.files));
        match &steps[..] {
            [] => {}
            // Whole by itself.
            [step @ Step::Replace { .. }] => self.folder.carry_out(step)?,
            _ => {
                if let Err(error) = journal::write(&self.folder, &steps) {
                    // Torn, so it counts for nothing even if it cannot be removed.
                    let _ = self.folder.forget(JOURNAL);
                    return Err(error);
                }
                self.pending = Some(steps);
            }
        }
        for (index, new) in saved {
            self.saved[index] = new;
        }
        for (index, changed, files) in added {
            let saved = &mut self.saved[index];
            saved.changed = changed;
            saved.files.extend(files.into_iter().map(|(path, content)| (path, Known::Whole(content))));
        }
        if let Err(error) = self.settle() {
            // The journal is whole: what it says is kept, and carried out when that is possible again.
            tracing::warn!(%error, "the state is kept in the journal only; the folder cannot be written");
        }
        Ok(())
    }
}

/// Whether the folder is marked as ours. One that is not must be empty.
fn check(folder: &Folder) -> Result<bool, DataDirError> {
    let root = folder.root();
    let failed = |source| DataDirError::Io { folder: root.to_owned(), source };
    match std::fs::read(folder.place(MARK)) {
        Ok(mark) => {
            let format: Format =
                serde_json::from_slice(&mark).map_err(|_| DataDirError::Foreign(root.to_owned()))?;
            format.check().map_err(|reason| DataDirError::OtherFormat(root.to_owned(), reason))?;
            Ok(true)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            for entry in std::fs::read_dir(root).map_err(failed)? {
                let name = entry.map_err(failed)?.file_name();
                // What is hidden does not count, nor what an emulator left that ended at its very beginning.
                let name = name.to_string_lossy();
                if !name.starts_with('.') && name != LOCK && name != format!("{MARK}{UNFINISHED}") {
                    return Err(DataDirError::Foreign(root.to_owned()));
                }
            }
            Ok(false)
        }
        Err(error) => Err(failed(error)),
    }
}

/// Learns which content the files have that were read.
struct Noted {
    growing: BTreeMap<String, Option<u64>>,
    known: OnDisk,
}

impl Sink for Noted {
    fn file(&mut self, _: String, _: Bytes) {}

    fn stamped(&mut self, _: String, _: u64, _: &dyn Fn() -> Bytes) {}

    fn growing(&mut self, path: String, content: &dyn Growing) {
        // One whose last line is not whole is written anew.
        if let Some(Some(bytes)) = self.growing.remove(&path) {
            let known = Known::Growing { identity: content.identity(), lines: content.lines(), bytes };
            self.known.insert(path, known);
        }
    }
}
