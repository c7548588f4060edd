//! Exclusive use of a journal, by a lock file next to it.
//!
//! The lock belongs to the open file, so that the operating system releases it when the process ends, however it
//! ends. The file is separate from the journal because some systems forbid reading a locked file, and because the
//! lock must exist before the journal does.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::{File, OpenOptions},
    io::{self, Seek as _, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use fs4::{FileExt, TryLockError};
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};

/// Attempts to take a lock that a run holds.
const ATTEMPTS: u32 = 3;
/// Time between two attempts.
const PAUSE: Duration = Duration::from_millis(5);
/// Time to wait for the last line of a run that was dropped.
const LAST_LINE: Duration = Duration::from_secs(10);

/// The runs of this process, by their lock files. One that is gone still has its lock while its last line is written.
static RUNS: Mutex<BTreeMap<PathBuf, Weak<()>>> = Mutex::new(BTreeMap::new());

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub(crate) struct FileLock {
    _file: File,
    path: PathBuf,
    run: Weak<()>,
}

/// Stands for a run that uses its lock. Without it, the lock is about to be released.
#[derive(Clone, Debug)]
pub(crate) struct InUse {
    _run: Arc<()>,
}

/// The process that holds a lock, as the lock file names it.
#[derive(Deserialize, Serialize)]
struct Holder {
    pid: u32,
    /// Time at which the lock was taken, as RFC 3339.
    started: String,
}

impl FileLock {
    /// Takes the lock of the journal at this path. Blocks the thread: for some milliseconds if another run has it, and
    /// until the last line of a run is written that was dropped in this process.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if another run holds the lock; the error names the process.
    /// [`Io`](ErrorKind::Io) if the lock file cannot be opened or written.
    pub(crate) fn acquire(journal: &Path) -> Result<(Self, InUse), Error> {
        let path = beside(&resolved(journal).map_err(|error| unusable(journal, error))?);
        let begin = Instant::now();
        let mut attempts = 1;
        loop {
            if let Some(taken) = Self::try_acquire(&path).map_err(|error| unusable(&path, error))? {
                return Ok(taken);
            }
            let is_ending = runs().get(&path).is_some_and(|run| run.strong_count() == 0);
            if !is_ending {
                attempts += 1;
            }
            if attempts > ATTEMPTS || begin.elapsed() > LAST_LINE {
                break;
            }
            std::thread::sleep(PAUSE);
        }
        let holder = std::fs::read(&path).ok().and_then(|text| serde_json::from_slice::<Holder>(&text).ok());
        let holder = match holder {
            Some(Holder { pid, started }) => format!("process {pid}, which opened it at {started}"),
            None => "another process".to_owned(),
        };
        Err(Error::new(
            ErrorKind::InvalidInput,
            format!("the journal {} is in use by {holder}", journal.display()),
        )
        .advice("nothing was sent; wait until that run has ended, or use another journal for this one"))
    }

    /// Returns nothing if the lock is taken, or if its file was removed meanwhile.
    fn try_acquire(path: &Path) -> io::Result<Option<(Self, InUse)>> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        match FileExt::try_lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        if !is_at(&file, path)? {
            return Ok(None);
        }
        let started = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let holder = serde_json::to_vec(&Holder { pid: std::process::id(), started })?;
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(&holder)?;
        let run = Arc::new(());
        runs().insert(path.to_owned(), Arc::downgrade(&run));
        let lock = Self { _file: file, path: path.to_owned(), run: Arc::downgrade(&run) };
        Ok(Some((lock, InUse { _run: run })))
    }

    /// Removes the lock file; the lock is held until it is dropped. A file that cannot be removed stays, without effect.
    pub(crate) fn remove(&self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(path = %self.path.display(), %error, "a lock file cannot be removed");
        }
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        let mut runs = runs();
        if runs.get(&self.path).is_some_and(|run| run.ptr_eq(&self.run)) {
            runs.remove(&self.path);
        }
    }
}

fn runs() -> MutexGuard<'static, BTreeMap<PathBuf, Weak<()>>> {
    RUNS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Symbolic links that are followed to a journal that does not exist yet.
const MOST_LINKS: u32 = 40;

/// The lock file of a journal at a [resolved] path, so that two paths of one journal have one lock.
pub(crate) fn beside(journal: &Path) -> PathBuf {
    let mut name = journal.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".lock");
    journal.with_file_name(name)
}

/// The path without symbolic links, also of a file that does not exist yet.
pub(crate) fn resolved(path: &Path) -> io::Result<PathBuf> {
    let mut path = std::path::absolute(path)?;
    for _ in 0..MOST_LINKS {
        match std::fs::canonicalize(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return Ok(path) };
        let (parent, name) = (std::fs::canonicalize(parent)?, name.to_owned());
        match std::fs::read_link(parent.join(&name)) {
            // The link leads to a file that is created when it is opened.
            Ok(target) => path = parent.join(target),
            Err(_) => return Ok(parent.join(name)),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

/// Returns `false` if the file at the path is another one by now: its holder removed the locked one.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;

    let ours = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(now) => Ok((now.dev(), now.ino()) == (ours.dev(), ours.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Other systems keep the name of a removed file until the last handle is closed.
#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> io::Result<bool> {
    Ok(true)
}

fn unusable(path: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("the lock of a journal, {}: {error}", path.display())).caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_holder_and_is_free_after_it() {
        let directory = tempfile::tempdir().unwrap();
        let journal = directory.path().join("journal");
        let lock = FileLock::acquire(&journal).unwrap();
        let error = FileLock::acquire(&journal).unwrap_err();
        let holder = format!("in use by process {}, which opened it at 2", std::process::id());
        assert!(error.to_string().contains(&holder), "{error}");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        drop(lock);
        FileLock::acquire(&journal).unwrap().0.remove();
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
        drop(FileLock::acquire(&journal).unwrap());
    }

    #[test]
    fn waits_for_the_last_line_of_a_run_that_was_dropped() {
        let directory = tempfile::tempdir().unwrap();
        let journal = directory.path().join("journal");
        let (lock, run) = FileLock::acquire(&journal).unwrap();
        drop(run);
        std::thread::scope(|scope| {
            let next = scope.spawn(|| FileLock::acquire(&journal));
            drop(lock);
            next.join().unwrap().unwrap();
        });
    }

    #[cfg(unix)]
    #[test]
    fn two_paths_of_one_journal_share_a_lock() {
        let directory = tempfile::tempdir().unwrap();
        let (journal, link) = (directory.path().join("journal"), directory.path().join("link"));
        std::fs::write(&journal, "").unwrap();
        std::os::unix::fs::symlink(&journal, &link).unwrap();
        let _lock = FileLock::acquire(&journal).unwrap();
        assert!(FileLock::acquire(&link).is_err());
        assert!(FileLock::acquire(&directory.path().join(".").join("journal")).is_err());
    }

    /// The first run locked the link and created the journal. The next one followed the link, and locked the journal.
    #[cfg(unix)]
    #[test]
    fn a_link_to_a_journal_that_does_not_exist_yet_shares_its_lock() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        std::fs::create_dir(at("there")).unwrap();
        std::os::unix::fs::symlink("there/journal", at("link")).unwrap();
        std::os::unix::fs::symlink(at("link"), at("second")).unwrap();
        let _lock = FileLock::acquire(&at("second")).unwrap();
        assert!(FileLock::acquire(&at("there/journal")).is_err());
        std::fs::write(at("link"), "").unwrap();
        for path in ["link", "second", "there/journal"] {
            assert!(FileLock::acquire(&at(path)).is_err(), "{path}");
        }
        std::os::unix::fs::symlink("circle", at("circle")).unwrap();
        assert!(FileLock::acquire(&at("circle")).is_err());
    }
}
