//! The state as files: what is kept in a folder, exported, imported and restored.
//!
//! Each component of the state is a [`Persist`]: it writes its own files into a [`Sink`] and reads them back from
//! [`Files`]. Whether these are in a folder, in one document or in memory is no concern of its own.

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
pub(crate) use names::encode;
pub(crate) use source::{Files, once, parse_lines, uuid};
pub(crate) use state_store::{NewState, PersistedState, RollbackCount, StateStore};
pub(crate) use versioned::{Versioned, next_version};

#[cfg(test)]
pub(crate) use snapshots::LONGEST;

/// A component of the state that is kept as files.
pub(crate) trait Persist: Sync {
    /// When it was changed last, by the count of [`next_version`]. What has not changed is not written again.
    fn changed(&self) -> u64;

    /// Writes all its files. The same content gives the same bytes.
    fn save(&self, sink: &mut dyn Sink);

    /// What [`Persist::save`] writes at this moment, to be written later and on another thread. Work on the state waits for
    /// it, so parts that may be large copy what is shared, and write nothing yet.
    fn freeze(&self) -> Box<dyn Frozen> {
        let mut files = FrozenFiles::default();
        self.save(&mut files);
        Box::new(files)
    }

    /// The files that are new or different since a change, if nothing else has changed. `None`: that is not so, or not
    /// known, and all files have to be looked at. This is for parts whose files are many and come one by one.
    fn written_since(&self, _changed: u64) -> Option<Vec<(String, Bytes)>> {
        None
    }

    /// Reads its files, and takes them out of those given. A file that is missing is an empty one. Nothing changes
    /// before what comes back is called, so that a state is replaced as a whole or not at all. The content so far, which
    /// may change until then, must not be read before.
    fn load<'a>(&'a self, files: &mut Files) -> Result<Change<'a>, Unreadable>;
}

/// The files of a part as they were at some moment.
pub(crate) trait Frozen: Send {
    /// Writes all the files.
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

/// What replaces the content of a part.
pub(crate) type Change<'a> = Box<dyn FnOnce() + 'a>;

/// Where files go. Paths are separated by slashes and relative.
pub(crate) trait Sink {
    /// A file that is written as a whole.
    fn file(&mut self, path: String, content: Bytes);

    /// A file that is written as a whole, and looked at only if it has another stamp than before: [`next_version`] when
    /// it was changed last. This is for parts with many files.
    fn versioned(&mut self, path: String, stamp: u64, content: &dyn Fn() -> Bytes);

    /// A file that grows.
    fn append_only(&mut self, path: String, content: &dyn AppendOnly);
}

/// The content of a file that lines are added to, and nothing else.
pub(crate) trait AppendOnly {
    /// Another one as soon as anything but lines at the end has changed.
    fn identity(&self) -> u64;

    /// How many lines there are.
    fn lines(&self) -> usize;

    /// Writes the lines from one on.
    fn write(&self, from: usize, out: &mut Vec<u8>);
}

/// Writes one JSON value to a file of its own, over several lines.
pub(crate) fn save_value(sink: &mut dyn Sink, path: impl Into<String>, value: &impl Serialize) {
    sink.file(path.into(), pretty(value));
}

/// The content of a file that holds one JSON value.
pub(crate) fn pretty(value: &impl Serialize) -> Bytes {
    // Everything written here has text keys and finite numbers.
    let mut content = serde_json::to_vec_pretty(value).unwrap_or_default();
    content.push(b'\n');
    content.into()
}

/// Writes one JSON value on each line. Without values there is no file.
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

/// Writes one JSON array with an item on each line. Without items there is no file.
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

/// Writes one value and ends the line.
pub(crate) fn push_line(out: &mut Vec<u8>, value: &impl Serialize) {
    // Writing into memory does not fail, and every value here can be written.
    let _ = serde_json::to_writer(&mut *out, value);
    out.push(b'\n');
}
