//! The files from which a state is read.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Display;
use std::ops::Bound;

use bytes::Bytes;
use serde::de::{Deserialize, DeserializeOwned};
use uuid::Uuid;

use super::dir_writer::DirWriter;
use super::error::Unreadable;
use super::path::RelativePath;

/// Files by path. Reading a file removes it.
#[derive(Debug, Default)]
pub(crate) struct Files {
    files: BTreeMap<RelativePath, Source>,
    read: Vec<(String, ReadRecord)>,
}

/// The content that was read from a file.
#[derive(Debug)]
pub(super) enum ReadRecord {
    Whole(Bytes),
    /// A file to which lines are appended, with its length in bytes if the last line is complete.
    AppendOnly(Option<u64>),
}

/// The location of a file.
#[derive(Debug)]
pub(super) enum Source {
    InMemory(Bytes),
    InDirectory(DirWriter),
}

impl Files {
    /// Adds a file. Returns `false` and keeps the present file if one has this path already.
    pub(super) fn insert(&mut self, path: RelativePath, source: Source) -> bool {
        match self.files.entry(path) {
            Entry::Vacant(entry) => {
                entry.insert(source);
                true
            }
            Entry::Occupied(_) => false,
        }
    }

    /// Reads and removes a file. Returns `None` if it does not exist.
    pub(crate) fn take(&mut self, path: &str) -> Result<Option<Bytes>, Unreadable> {
        let content = self.read(path)?;
        if let Some(content) = &content {
            self.read.push((path.to_owned(), ReadRecord::Whole(content.clone())));
        }
        Ok(content)
    }

    /// Reads and removes a file to which lines are appended, see [`AppendOnly`](super::AppendOnly).
    pub(crate) fn take_append_only(&mut self, path: &str) -> Result<Bytes, Unreadable> {
        let content = self.read(path)?;
        if let Some(content) = &content {
            let whole = content.is_empty() || content.ends_with(b"\n");
            self.read.push((path.to_owned(), ReadRecord::AppendOnly(whole.then_some(content.len() as u64))));
        }
        Ok(content.unwrap_or_default())
    }

    fn read(&mut self, path: &str) -> Result<Option<Bytes>, Unreadable> {
        match self.files.remove_entry(path) {
            None => Ok(None),
            Some((_, Source::InMemory(content))) => Ok(Some(content)),
            Some((path, Source::InDirectory(dir))) => {
                let unreadable =
                    |error| Unreadable::new(path.as_str(), format_args!("cannot be read: {error}"));
                dir.read(&path).map_err(unreadable)
            }
        }
    }

    /// Returns the files that were read since the last call.
    pub(super) fn take_read(&mut self) -> Vec<(String, ReadRecord)> {
        std::mem::take(&mut self.read)
    }

    /// Reads and removes a file that must exist.
    pub(crate) fn need(&mut self, path: &str) -> Result<Bytes, Unreadable> {
        self.take(path)?.ok_or_else(|| Unreadable::new(path, "is missing, though another file refers to it"))
    }

    /// Reads and removes a file that contains one JSON value.
    pub(crate) fn take_value<T: DeserializeOwned>(&mut self, path: &str) -> Result<Option<T>, Unreadable> {
        let Some(content) = self.take(path)? else { return Ok(None) };
        serde_json::from_slice(&content).map(Some).map_err(|error| Unreadable::new(path, error))
    }

    /// Reads and removes a file that contains one JSON value per line. Blank lines are skipped.
    pub(crate) fn take_lines<T: DeserializeOwned>(&mut self, path: &str) -> Result<Vec<T>, Unreadable> {
        let content = self.take(path)?.unwrap_or_default();
        parse_lines(path, &content).collect()
    }

    /// Returns the paths with this prefix and suffix, sorted.
    pub(crate) fn paths(&self, begin: &str, end: &str) -> Vec<String> {
        let from = self.files.range::<str, _>((Bound::Included(begin), Bound::Unbounded));
        let from = from.map(|(path, _)| path.as_str()).take_while(|path| path.starts_with(begin));
        from.filter(|path| path.ends_with(end)).map(str::to_owned).collect()
    }

    /// Returns a path that no part has read, or `None` if all files were read.
    pub(crate) fn left_over(&self) -> Option<&str> {
        self.files.keys().next().map(RelativePath::as_str)
    }
}

/// Returns the lines that are not blank, with their numbers from 1.
pub(super) fn lines(content: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let lines = content.split(|byte| *byte == b'\n').zip(1..);
    lines.map(|(line, number)| (number, line.trim_ascii())).filter(|(_, line)| !line.is_empty())
}

/// Parses a file that contains one JSON value per line.
pub(crate) fn parse_lines<'a, T: Deserialize<'a>>(
    path: &'a str,
    content: &'a [u8],
) -> impl Iterator<Item = Result<T, Unreadable>> + 'a {
    lines(content).map(move |(line, text)| {
        serde_json::from_slice(text).map_err(|error| Unreadable {
            path: path.to_owned(),
            line: Some(line),
            reason: error.to_string(),
        })
    })
}

/// Parses an id of a file.
pub(crate) fn uuid(path: &str, id: &str) -> Result<Uuid, Unreadable> {
    Uuid::try_parse(id).map_err(|_| {
        let shown: String = id.chars().take(100).collect();
        Unreadable::new(path, format_args!("has the id {shown:?}, which is not a UUID; correct it"))
    })
}

/// Collects items by key.
///
/// # Errors
///
/// Fails if a key occurs twice, because one of the items would be lost.
pub(crate) fn once<K: Display + Ord, V>(
    path: &str,
    items: impl IntoIterator<Item = (K, V)>,
) -> Result<BTreeMap<K, V>, Unreadable> {
    let mut map = BTreeMap::new();
    for (key, item) in items {
        match map.entry(key) {
            Entry::Vacant(entry) => drop(entry.insert(item)),
            Entry::Occupied(entry) => {
                let reason = format!("has {} twice; remove one of them", entry.key());
                return Err(Unreadable::new(path, reason));
            }
        }
    }
    Ok(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_that_is_no_uuid_is_rejected_with_its_file() {
        let id = "2143de3b-e249-54d0-b404-b08ede151a5a";
        assert_eq!(uuid("tokens.ndjson", id).unwrap().to_string(), id);
        let error = uuid("tokens.ndjson", "x").unwrap_err();
        assert_eq!((error.path.as_str(), error.line), ("tokens.ndjson", None));
        assert!(error.reason.contains("\"x\", which is not a UUID"), "{}", error.reason);
        assert!(uuid("tokens.ndjson", &"y".repeat(200)).unwrap_err().reason.len() < 200);
    }
}
