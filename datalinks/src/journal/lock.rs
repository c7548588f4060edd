//! Exclusive use of a journal by a lock file next to it.
//!
//! The operating system releases the lock when the process ends, because the lock belongs to the open file. The
//! lock file is separate from the journal for two reasons. Some systems forbid reading a locked file, and the lock
//! must exist before the journal does.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io::{self, Seek as _, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, ErrorKind},
    platform::{
        clock,
        clock::SystemInstant as Instant,
        files::{self, File, FileExt, OpenOptions, TryLockError},
    },
};

/// Number of attempts to take a lock that another run holds.
const ATTEMPTS: u32 = 3;
/// Delay between two attempts.
const RETRY_DELAY: Duration = Duration::from_millis(5);
/// Maximum time to wait for the last line of a dropped run.
const LAST_LINE_TIMEOUT: Duration = Duration::from_secs(10);

/// The runs of this process, by lock file. The lock of a dropped run is held until its last line is written.
static RUNS: Mutex<BTreeMap<PathBuf, Weak<()>>> = Mutex::new(BTreeMap::new());

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub(crate) struct FileLock {
    _file: File,
    path: PathBuf,
    run: Weak<()>,
}

/// Marks that a run uses its lock. After it is dropped, the lock is about to be released.
#[derive(Clone, Debug)]
pub(crate) struct InUse {
    _run: Arc<()>,
}

/// The process that holds a lock, as the lock file records it.
#[derive(Deserialize, Serialize)]
struct Holder {
    pid: u32,
    /// Time at which the lock was taken, in RFC 3339 format.
    started: String,
}

impl FileLock {
    /// Takes the lock of the journal at this path.
    ///
    /// Blocks the thread for some milliseconds if another run holds the lock. Blocks until the last line is written
    /// if the run was dropped in this process.
    ///
    /// # Errors
    ///
    /// - [`InUse`](ErrorKind::InUse) if another run holds the lock. The error names the process.
    /// - [`InvalidInput`](ErrorKind::InvalidInput) if the journal is a device, a pipe or a directory. Reading it might
    ///   never end.
    /// - [`Io`](ErrorKind::Io) if the lock file cannot be opened or written.
    pub(crate) fn acquire(journal: &Path) -> Result<(Self, InUse), Error> {
        if files::metadata(journal).is_ok_and(|found| !found.is_file()) {
            let what = format!("the journal {} is not a regular file", journal.display());
            return Err(
                Error::invalid(what).advice("nothing was sent; name a file that the journal may create")
            );
        }
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
            if attempts > ATTEMPTS || begin.elapsed() > LAST_LINE_TIMEOUT {
                break;
            }
            clock::sleep_blocking(RETRY_DELAY);
        }
        let holder = files::read(&path).ok().and_then(|text| serde_json::from_slice::<Holder>(&text).ok());
        let holder = match holder {
            Some(Holder { pid, started }) => format!("process {pid}, which opened it at {started}"),
            None => "another process".to_owned(),
        };
        Err(Error::new(ErrorKind::InUse, format!("the journal {} is in use by {holder}", journal.display()))
            .advice("nothing was sent; wait until that run has ended, or use another journal for other rows"))
    }

    /// Returns `true` if a run holds the lock of the journal at this path. Blocks the thread.
    pub(crate) fn is_held(journal: &Path) -> Result<bool, Error> {
        let path = match resolved(journal) {
            Ok(path) => beside(&path),
            // A journal in a directory that does not exist has no run.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(unusable(journal, error)),
        };
        let file = match OpenOptions::new().read(true).write(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(unusable(&path, error)),
        };
        match FileExt::try_lock(&file) {
            // The lock is released with the file.
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(unusable(&path, error)),
        }
    }

    /// Tries to take the lock once. Returns `None` if the lock is held, or if its file was removed in the meantime.
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
        let started = clock::utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let holder = serde_json::to_vec(&Holder { pid: std::process::id(), started })?;
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(&holder)?;
        let run = Arc::new(());
        runs().insert(path.to_owned(), Arc::downgrade(&run));
        let lock = Self { _file: file, path: path.to_owned(), run: Arc::downgrade(&run) };
        Ok(Some((lock, InUse { _run: run })))
    }

    /// Removes the lock file. The lock is held until it is dropped. A lock file that cannot be removed has no
    /// effect.
    pub(crate) fn remove(&self) {
        if let Err(error) = files::remove_file(&self.path) {
            tracing::debug!(path = %self.path.display(), %error, "removing the lock file failed");
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

/// Maximum number of symbolic links that lead to a journal that does not exist yet.
const MAX_LINKS: u32 = 40;

/// Returns the lock file of a journal at a [resolved] path. All paths of one journal have the same lock file.
pub(crate) fn beside(journal: &Path) -> PathBuf {
    let mut name = journal.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".lock");
    journal.with_file_name(name)
}

/// Returns the path without symbolic links. The file may not exist yet.
pub(crate) fn resolved(path: &Path) -> io::Result<PathBuf> {
    let mut path = std::path::absolute(path)?;
    for _ in 0..MAX_LINKS {
        match files::canonicalize(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return Ok(path) };
        let (parent, name) = (files::canonicalize(parent)?, name.to_owned());
        match files::read_link(parent.join(&name)) {
            // The link leads to a file that is created when it is opened.
            Ok(target) => path = parent.join(target),
            Err(_) => return Ok(parent.join(name)),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

/// Returns `false` if the path leads to another file because the holder removed the locked file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;

    let ours = file.metadata()?;
    match files::metadata(path) {
        Ok(now) => Ok((now.dev(), now.ino()) == (ours.dev(), ours.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Other systems keep the name of a removed file until its last handle is closed.
#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> io::Result<bool> {
    Ok(true)
}

fn unusable(path: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("the lock file of the journal {}: {error}", path.display()))
        .caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_error_names_the_holder_until_the_lock_is_released() {
        let directory = tempfile::tempdir().unwrap();
        let journal = directory.path().join("journal");
        let lock = FileLock::acquire(&journal).unwrap();
        let error = FileLock::acquire(&journal).unwrap_err();
        let holder = format!("in use by process {}, which opened it at 2", std::process::id());
        assert!(error.to_string().contains(&holder), "{error}");
        assert!(error.kind() == ErrorKind::InUse && error.is_retryable());
        drop(lock);
        FileLock::acquire(&journal).unwrap().0.remove();
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
        drop(FileLock::acquire(&journal).unwrap());
    }

    #[test]
    fn journal_is_a_regular_file() {
        let directory = tempfile::tempdir().unwrap();
        let error = FileLock::acquire(directory.path()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(error.to_string().contains("is not a regular file"), "{error}");
        #[cfg(unix)]
        assert!(FileLock::acquire(Path::new("/dev/zero")).is_err(), "it has no end");
    }

    #[test]
    fn acquire_waits_for_the_last_line_of_a_dropped_run() {
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
    fn paths_of_the_same_journal_share_a_lock() {
        let directory = tempfile::tempdir().unwrap();
        let (journal, link) = (directory.path().join("journal"), directory.path().join("link"));
        std::fs::write(&journal, "").unwrap();
        std::os::unix::fs::symlink(&journal, &link).unwrap();
        let _lock = FileLock::acquire(&journal).unwrap();
        assert!(FileLock::acquire(&link).is_err());
        assert!(FileLock::acquire(&directory.path().join(".").join("journal")).is_err());
    }

    /// Regression: the first run locked the link and created the journal, and the next run followed the link and locked
    /// the journal.
    #[cfg(unix)]
    #[test]
    fn link_to_a_missing_journal_shares_its_lock() {
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
