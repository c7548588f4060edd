//! The append-only log that both kinds of journal are: a file of whole lines of JSON that one run appends to.

use std::{
    fs::File,
    io::{self, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use serde::Serialize;

use super::lock::{FileLock, InUse};

/// What a file holds, by the bytes with which every log of its kind begins.
#[derive(Debug, PartialEq)]
pub(crate) enum Content<'a> {
    /// Nothing, or the start of a first line that was torn: the log was never begun.
    Nothing,
    /// Whole lines, with the last line break. A line that was torn behind them is left out: it was written when its run
    /// died.
    Lines(&'a [u8]),
    /// Something else, which was never a log of this kind.
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

    /// The bytes that stay when the log goes on.
    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::Lines(lines) => lines.len() as u64,
            Self::Nothing | Self::Foreign => 0,
        }
    }
}

/// An entry as one line, with its line break.
pub(crate) fn line(entry: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(entry)?;
    line.push(b'\n');
    Ok(line)
}

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

    /// Appends an entry as one line. Cancel safety as of [`append`](Self::append).
    pub(crate) async fn append_entry(&self, entry: &impl Serialize) -> io::Result<()> {
        self.append(line(entry)?).await
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_line_is_left_out_and_other_files_are_told_apart() {
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
