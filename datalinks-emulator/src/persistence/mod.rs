//! Persistence of the state: data directory, export, import and snapshots.
//!
//! Each component of the state is a [`Persist`]. It writes its files into a [`Sink`] and reads them back from [`Files`].
//! A component does not depend on where the files are: in a data directory, in one document or in memory.

mod data_dir;
mod dir_writer;
mod document;
mod error;
mod file_system;
mod journal;
mod layout;
mod moves;
mod names;
mod path;
mod plan;
mod snapshots;
mod source;
mod state_store;
#[cfg(test)]
mod test_file_system;
#[cfg(test)]
mod tests;
mod versioned;

use bytes::Bytes;
use serde::Serialize;

pub(crate) use error::Unreadable;
pub use error::{DataDirError, StateError};

pub(crate) use data_dir::DataDir;
pub(crate) use file_system::replace_file;
pub(crate) use names::{encode, hex};
pub(crate) use source::{Files, once, parse_lines, uuid};
pub(crate) use state_store::{NewState, PersistedState, RollbackCount, StateStore};
pub(crate) use versioned::{Versioned, next_version};

#[cfg(test)]
pub(crate) use snapshots::LONGEST;

/// A component of the state that is persisted as files.
pub(crate) trait Persist: Sync {
    /// Returns the version of the last change, see [`next_version`]. A part with an unchanged version is not written again.
    fn changed(&self) -> u64;

    /// Writes all files of the part. Equal content results in equal bytes.
    fn save(&self, sink: &mut dyn Sink);

    /// Captures the files that [`Persist::save`] would write now, to be written later and on another thread.
    ///
    /// Work on the state waits for this call. Parts that may be large therefore copy shared pointers and serialize later.
    fn freeze(&self) -> Box<dyn Frozen> {
        let mut files = FrozenFiles::default();
        self.save(&mut files);
        Box::new(files)
    }

    /// Returns the files that are new or different since a version, if nothing else has changed since then.
    ///
    /// Returns `None` if that is not the case or not known. All files are then compared. This is for parts with many
    /// files that are added one by one.
    fn written_since(&self, _changed: u64) -> Option<Vec<(String, Bytes)>> {
        None
    }

    /// Reads the files of the part and removes them from `files`. A missing file counts as an empty one.
    ///
    /// Nothing changes before the returned function is called, so that a state is replaced completely or not at all.
    /// An implementation must not read the present content, which may change until then.
    fn load<'a>(&'a self, files: &mut Files) -> Result<Change<'a>, Unreadable>;
}

/// The files of a part at one moment.
pub(crate) trait Frozen: Send {
    /// Writes all files.
    fn save(&self, sink: &mut dyn Sink);
}

/// Files with their content, in the order in which they were written.
#[derive(Default)]
struct FrozenFiles(Vec<(String, Bytes)>);

impl Frozen for FrozenFiles {
    fn save(&self, sink: &mut dyn Sink) {
        self.0.iter().for_each(|(path, content)| sink.file(path.clone(), content.clone()));
    }
}

impl Sink for FrozenFiles {
    fn file(&mut self, path: String, content: Bytes) {
        self.0.push((path, content));
    }

    fn versioned(&mut self, path: String, _: u64, content: &dyn Fn() -> Bytes) {
        self.file(path, content());
    }

    fn append_only(&mut self, path: String, content: &dyn AppendOnly) {
        let mut lines = Vec::new();
        content.write(0, &mut lines);
        self.file(path, lines.into());
    }
}

/// A function that replaces the content of a part.
pub(crate) type Change<'a> = Box<dyn FnOnce() + 'a>;

/// A destination of files. Paths are relative and separated by slashes.
pub(crate) trait Sink {
    /// Adds a file that is written completely.
    fn file(&mut self, path: String, content: Bytes);

    /// Adds a file that is written completely, and compared only if its version differs from the last one.
    ///
    /// `version` is the [`next_version`] of its last change. This is for parts with many files.
    fn versioned(&mut self, path: String, version: u64, content: &dyn Fn() -> Bytes);

    /// Adds a file to which lines are appended.
    fn append_only(&mut self, path: String, content: &dyn AppendOnly);
}

/// The content of a file to which lines are only appended.
pub(crate) trait AppendOnly {
    /// Returns an identity that changes with every change other than lines appended at the end.
    fn identity(&self) -> u64;

    /// Returns the number of lines.
    fn lines(&self) -> usize;

    /// Writes the lines from index `from` on.
    fn write(&self, from: usize, out: &mut Vec<u8>);
}

/// Writes one JSON value to a file, indented over several lines.
pub(crate) fn save_value(sink: &mut dyn Sink, path: impl Into<String>, value: &impl Serialize) {
    sink.file(path.into(), pretty(value));
}

/// Returns the content of a file that contains one JSON value.
pub(crate) fn pretty(value: &impl Serialize) -> Bytes {
    // Serialization cannot fail: every value has string keys and finite numbers.
    let mut content = serde_json::to_vec_pretty(value).unwrap_or_default();
    content.push(b'\n');
    content.into()
}

/// Writes a file with one JSON value per line. Without values, no file is written.
pub(crate) fn save_lines<T: Serialize>(
    sink: &mut dyn Sink,
    path: impl Into<String>,
    values: impl IntoIterator<Item = T>,
) {
    let mut content = Vec::new();
    for value in values {
        push_line(&mut content, &value);
    }
    if !content.is_empty() {
        sink.file(path.into(), content.into());
    }
}

/// Writes a file with one JSON array and one item per line. Without items, no file is written.
pub(crate) fn save_list<T: Serialize>(
    sink: &mut dyn Sink,
    path: impl Into<String>,
    items: impl IntoIterator<Item = T>,
) {
    let mut content = vec![b'['];
    for item in items {
        content.extend_from_slice(if content.len() == 1 { b"\n" } else { b",\n" });
        let _ = serde_json::to_writer(&mut content, &item);
    }
    if content.len() > 1 {
        content.extend_from_slice(b"\n]\n");
        sink.file(path.into(), content.into());
    }
}

/// Writes one value and a line feed.
pub(crate) fn push_line(out: &mut Vec<u8>, value: &impl Serialize) {
    // Serialization cannot fail: writing to memory succeeds, and every value has string keys and finite numbers.
    let _ = serde_json::to_writer(&mut *out, value);
    out.push(b'\n');
}
