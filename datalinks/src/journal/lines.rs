//! An append-only file of JSON lines, which both kinds of journal use.

use std::{
    io::{self, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use serde::Serialize;

use super::lock::{FileLock, InUse};
use crate::platform::files::{self, File};

/// The content of a file, recognized by the first bytes of every journal of its kind.
#[derive(Debug, PartialEq)]
pub(crate) enum Content<'a> {
    /// The file is empty or contains a torn first line, so it records no run.
    Nothing,
    /// Complete lines, including the last line break. A torn line at the end is left out, because the process ended
    /// while writing it.
    Lines(&'a [u8]),
    /// The file is not a journal of this kind.
    Foreign,
}

impl<'a> Content<'a> {
    pub(crate) fn of(content: &'a [u8], begin: &[u8]) -> Self {
        if begin.starts_with(content) {
            return Self::Nothing;
        }
        if !content.starts_with(begin) {
            return Self::Foreign;
        }
        match memchr::memrchr(b'\n', content) {
            Some(end) => Self::Lines(&content[..=end]),
            None => Self::Nothing,
        }
    }

    /// Returns the number of bytes that are kept when the journal is continued.
    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::Lines(lines) => lines.len() as u64,
            Self::Nothing | Self::Foreign => 0,
        }
    }
}

/// Encodes an entry as one line, including its line break.
pub(crate) fn line(entry: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(entry)?;
    line.push(b'\n');
    Ok(line)
}

/// A file that is locked for this run. Lines are written on the runtime's threads for blocking work, one at a time.
#[derive(Debug)]
pub(crate) struct Lines {
    path: PathBuf,
    locked: Arc<Locked>,
    _run: InUse,
}

/// A guard that keeps the file locked, for work that must end before the next run begins.
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    _locked: Arc<Locked>,
}

/// The file and its lock. A write in progress keeps the lock, even if its run was dropped.
#[derive(Debug)]
struct Locked {
    file: Mutex<LogFile>,
    lock: FileLock,
}

#[derive(Debug)]
struct LogFile {
    file: File,
    /// Number of bytes of complete lines.
    length: u64,
}

impl Lines {
    /// Continues the file after `length` bytes, and drops the rest, which is a torn line. Blocks the thread.
    pub(crate) fn after(
        length: u64,
        file: File,
        path: &Path,
        (lock, run): (FileLock, InUse),
    ) -> io::Result<Self> {
        let mut file = LogFile { file, length };
        file.truncate()?;
        if length == 0 {
            // The file may be new.
            files::sync_name(path)?;
        }
        let locked = Arc::new(Locked { file: Mutex::new(file), lock });
        Ok(Self { path: path.to_owned(), locked, _run: run })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns a guard that keeps the file locked.
    pub(crate) fn hold(&self) -> Hold {
        Hold { _locked: Arc::clone(&self.locked) }
    }

    /// Appends and syncs a line. Blocks the thread.
    pub(crate) fn append_now(&self, line: &[u8]) -> io::Result<()> {
        self.locked.append(line)
    }

    /// Appends and syncs a line.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before its first poll, the line is not written. If it is dropped later, the line is
    /// written, and the file stays locked until then.
    pub(crate) async fn append(&self, line: Vec<u8>) -> io::Result<()> {
        let locked = Arc::clone(&self.locked);
        blocking(move || locked.append(&line)).await
    }

    /// Appends and syncs an entry as one line.
    ///
    /// # Cancel safety
    ///
    /// See [`append`](Self::append).
    pub(crate) async fn append_entry(&self, entry: &impl Serialize) -> io::Result<()> {
        self.append(line(entry)?).await
    }

    /// Removes all lines.
    ///
    /// # Cancel safety
    ///
    /// See [`append`](Self::append).
    pub(crate) async fn clear(&self) -> io::Result<()> {
        let locked = Arc::clone(&self.locked);
        blocking(move || {
            let mut file = locked.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.length = 0;
            file.truncate()
        })
        .await
    }

    /// Removes the file and its lock file.
    ///
    /// # Cancel safety
    ///
    /// See [`append`](Self::append).
    pub(crate) async fn remove(self) -> io::Result<()> {
        let Self { path, locked, _run } = self;
        let removed = blocking(move || {
            let removed = files::remove_file(path);
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

impl LogFile {
    fn truncate(&mut self) -> io::Result<()> {
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
                // The next line must not follow a part of this line. If truncating fails too, the file ends with a
                // torn line, which the next run drops.
                let _ = self.truncate();
                Err(error)
            }
        }
    }
}

/// Runs `work` on a thread for blocking work.
///
/// # Cancel safety
///
/// If the future is dropped, work that has begun is completed, and its result is discarded.
pub(crate) async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> io::Result<R> + Send + 'static,
) -> io::Result<R> {
    // This future owns and awaits the task.
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn torn_lines_are_dropped_and_other_files_are_recognized() {
        let begin = b"{\"log\":";
        for (content, expected) in [
            ("", Content::Nothing),
            ("{\"lo", Content::Nothing),
            ("{\"log\":", Content::Nothing),
            ("{\"log\":{\"version\":1", Content::Nothing),
            ("{\"log\":1}\n", Content::Lines(b"{\"log\":1}\n")),
            ("{\"log\":1}\n{\"a\":2}\n{\"a\"", Content::Lines(b"{\"log\":1}\n{\"a\":2}\n")),
            ("{\"other\":1}\n", Content::Foreign),
            ("title,year\n", Content::Foreign),
            ("\n{\"log\":1}\n", Content::Foreign),
        ] {
            let found = Content::of(content.as_bytes(), begin);
            assert_eq!(found, expected, "{content}");
            let length = if let Content::Lines(lines) = &found { lines.len() } else { 0 };
            assert_eq!(found.length(), length as u64);
        }
    }
}
