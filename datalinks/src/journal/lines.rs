//! A file of whole lines that one run appends to: what both kinds of journal are.

use std::{
    fs::File,
    io::{self, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use super::lock::{FileLock, InUse};

/// The file, locked for this run. Lines are written on the runtime's threads for blocking work, one at a time.
#[derive(Debug)]
pub(crate) struct Lines {
    path: PathBuf,
    locked: Arc<Locked>,
    _run: InUse,
}

/// Keeps the file locked as long as it lives, for work that must end before the next run begins.
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    _locked: Arc<Locked>,
}

/// It stays locked as long as a line is being written, even if the run was dropped meanwhile.
#[derive(Debug)]
struct Locked {
    file: Mutex<Whole>,
    lock: FileLock,
}

#[derive(Debug)]
struct Whole {
    file: File,
    /// Bytes of whole lines.
    length: u64,
}

impl Lines {
    /// Continues the file after this length, and drops what follows: a line that was torn. Blocks the thread.
    pub(crate) fn after(
        length: u64,
        file: File,
        path: &Path,
        (lock, run): (FileLock, InUse),
    ) -> io::Result<Self> {
        let mut file = Whole { file, length };
        file.cut()?;
        let locked = Arc::new(Locked { file: Mutex::new(file), lock });
        Ok(Self { path: path.to_owned(), locked, _run: run })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Lets other work keep the file locked.
    pub(crate) fn hold(&self) -> Hold {
        Hold { _locked: Arc::clone(&self.locked) }
    }

    /// Appends a line, which is on the disk when this returns. Blocks the thread.
    pub(crate) fn append_now(&self, line: &[u8]) -> io::Result<()> {
        self.locked.append(line)
    }

    /// Appends a line, which is on the disk when this returns.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its first poll, it writes nothing. Dropped later, it still writes the line, and the file stays
    /// locked until then.
    pub(crate) async fn append(&self, line: Vec<u8>) -> io::Result<()> {
        let locked = Arc::clone(&self.locked);
        blocking(move || locked.append(&line)).await
    }

    /// Drops all lines. Cancel safety as of [`append`](Self::append).
    pub(crate) async fn clear(&self) -> io::Result<()> {
        let locked = Arc::clone(&self.locked);
        blocking(move || {
            let mut file = locked.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.length = 0;
            file.cut()
        })
        .await
    }

    /// Removes the file and its lock file. Cancel safety as of [`append`](Self::append).
    pub(crate) async fn remove(self) -> io::Result<()> {
        let Self { path, locked, _run } = self;
        let removed = blocking(move || {
            let removed = std::fs::remove_file(path);
            locked.lock.remove();
            removed
        });
        removed.await
    }
}

impl Locked {
    fn append(&self, line: &[u8]) -> io::Result<()> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner).append(line)
    }
}

impl Whole {
    fn cut(&mut self) -> io::Result<()> {
        self.file.set_len(self.length)?;
        self.file.seek(SeekFrom::Start(self.length)).map(|_| ())
    }

    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        match self.file.write_all(line).and_then(|()| self.file.sync_data()) {
            Ok(()) => {
                self.length += line.len() as u64;
                Ok(())
            }
            Err(error) => {
                // The next line must not follow a part of this one. If cutting fails too, the file is torn at its end,
                // which the next run repairs.
                let _ = self.cut();
                Err(error)
            }
        }
    }
}

/// Runs `work` on the runtime's threads for blocking work.
///
/// # Cancel safety
///
/// Dropping the future does not stop work that was begun: it ends by itself, and its result is discarded.
pub(crate) async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> io::Result<R> + Send + 'static,
) -> io::Result<R> {
    // The task is owned by this future and awaited here.
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}
