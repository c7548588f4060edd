//! The redo journal: the steps of one commit in one file, so that all of them are applied or none.
//!
//! Each step is a line of JSON, followed by its content. The last line contains the length and the checksum of
//! everything before it. A journal without a valid last line is incomplete, and none of its steps was applied.

use std::fs::File;
use std::io;
use std::path::PathBuf;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::dir_writer::{CommitStep, DirWriter};
use super::error::unconfirmed;
use super::layout::{JOURNAL, is_state};
use super::path::RelativePath;
use super::push_line;

/// Number of bytes that are buffered before a write.
const CHUNK: usize = 1024 * 1024;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum Line {
    Append { path: RelativePath, at: u64, bytes: usize },
    Replace { path: RelativePath, bytes: usize },
    Rename { from: RelativePath, to: RelativePath },
    Remove { path: RelativePath },
}

/// The last line. Members that a later version adds are ignored, so that its journal still counts as complete.
#[derive(Deserialize, Serialize)]
struct Last {
    end: Sum,
}

/// The length and the checksum of everything before the last line.
#[derive(Deserialize, Eq, PartialEq, Serialize)]
struct Sum {
    bytes: u64,
    crc32: u32,
}

/// The reason why a journal is neither applied nor dropped.
#[derive(Debug, thiserror::Error)]
pub(super) enum JournalError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(
        "the file `journal` has an entry that this version of the emulator does not know ({0}), so nothing was changed; \
         open the directory with the version that wrote it, or remove the file, which drops the changes in it"
    )]
    Unknown(String),
    #[error(
        "the file `journal` would change {0:?}, which is not a file of the state, so nothing was changed; remove the file \
         if you do not know where it is from, which drops the changes in it"
    )]
    Outside(String),
}

/// Writes the journal. Once it is complete, the commit is decided, even if the process ends.
///
/// # Errors
///
/// The error is [`unconfirmed`] if the complete journal was written.
pub(super) fn write(dir: &DirWriter, steps: &[CommitStep]) -> io::Result<()> {
    let (path, file) = dir.create(&JOURNAL)?;
    let mut out = Out { dir, path, file, buffer: Vec::new(), bytes: 0, crc: crc32fast::Hasher::new() };
    for step in steps {
        match step {
            CommitStep::Append { path, at, content } => {
                out.line(&Line::Append { path: path.clone(), at: *at, bytes: content.len() });
                out.content(content)?;
            }
            CommitStep::Replace { path, content } => {
                out.line(&Line::Replace { path: path.clone(), bytes: content.len() });
                out.content(content)?;
            }
            CommitStep::Rename { from, to } => out.line(&Line::Rename { from: from.clone(), to: to.clone() }),
            CommitStep::Remove { path } => out.line(&Line::Remove { path: path.clone() }),
        }
    }
    out.end()?;
    let synced = dir.sync(&out.path, &out.file).and_then(|()| dir.sync_top());
    synced.map_err(unconfirmed)
}

struct Out<'a> {
    dir: &'a DirWriter,
    path: PathBuf,
    file: File,
    buffer: Vec<u8>,
    bytes: u64,
    crc: crc32fast::Hasher,
}

impl Out<'_> {
    fn line(&mut self, line: &Line) {
        push_line(&mut self.buffer, line);
    }

    fn content(&mut self, content: &[u8]) -> io::Result<()> {
        self.buffer.extend_from_slice(content);
        self.buffer.push(b'\n');
        if self.buffer.len() >= CHUNK { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.note();
        self.dir.write(&self.path, &mut self.file, &self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    fn note(&mut self) {
        self.crc.update(&self.buffer);
        self.bytes += self.buffer.len() as u64;
    }

    fn end(&mut self) -> io::Result<()> {
        self.note();
        let end = Sum { bytes: self.bytes, crc32: self.crc.clone().finalize() };
        push_line(&mut self.buffer, &Last { end });
        self.dir.write(&self.path, &mut self.file, &self.buffer)
    }
}

/// Returns the steps of a complete journal. Returns `None` if the journal is missing or incomplete, so that no
/// commit was decided.
///
/// # Errors
///
/// [`JournalError::Unknown`] or [`JournalError::Outside`] if a step cannot be applied by this emulator.
pub(super) fn read(dir: &DirWriter) -> Result<Option<Vec<CommitStep>>, JournalError> {
    match dir.read(&JOURNAL)? {
        None => Ok(None),
        Some(journal) => steps(&journal),
    }
}

fn steps(journal: &Bytes) -> Result<Option<Vec<CommitStep>>, JournalError> {
    let Some(mut rest) = body(journal) else { return Ok(None) };
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
        let line = rest.split_to(end);
        let mut content = |bytes: usize| match rest.len() > bytes {
            true => Ok(rest.split_to(bytes + 1).slice(..bytes)),
            false => Err(JournalError::Unknown("the content is too short".to_owned())),
        };
        let line = serde_json::from_slice(&line).map_err(|error| JournalError::Unknown(error.to_string()))?;
        steps.push(match line {
            Line::Append { path, at, bytes } => {
                CommitStep::Append { path: inside(path)?, at, content: content(bytes)? }
            }
            Line::Replace { path, bytes } => {
                CommitStep::Replace { path: inside(path)?, content: content(bytes)? }
            }
            Line::Rename { from, to } => CommitStep::Rename { from: inside(from)?, to: inside(to)? },
            Line::Remove { path } => CommitStep::Remove { path: inside(path)? },
        });
    }
    Ok(Some(steps))
}

/// Returns everything before the last line of a journal, or `None` if the journal is incomplete.
fn body(journal: &Bytes) -> Option<Bytes> {
    let end = journal.strip_suffix(b"\n")?.iter().rposition(|byte| *byte == b'\n')? + 1;
    let (body, last) = journal.split_at(end);
    let Last { end: expected } = serde_json::from_slice(last).ok()?;
    let found = Sum { bytes: body.len() as u64, crc32: crc32fast::hash(body) };
    (expected == found).then(|| journal.slice(..end))
}

/// Returns the path if a commit may change it.
fn inside(path: RelativePath) -> Result<RelativePath, JournalError> {
    if is_state(&path) { Ok(path) } else { Err(JournalError::Outside(path.to_string())) }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use super::super::file_system::OsFileSystem;
    use super::*;

    #[test]
    fn incomplete_journal_is_ignored() {
        let root = tempfile::tempdir().unwrap();
        let dir = DirWriter::open(root.path(), false, Arc::new(OsFileSystem)).unwrap();
        let file = root.path().join("journal");
        assert_eq!(read(&dir).unwrap(), None);
        let path = RelativePath::constant;
        let steps = vec![
            CommitStep::Append { path: path("a"), at: 7, content: Bytes::from_static(b"x\n{\"end\":1}\n") },
            CommitStep::Replace { path: path("b"), content: Bytes::new() },
            CommitStep::Rename { from: path("c"), to: path("d") },
            CommitStep::Remove { path: path("e") },
            CommitStep::Replace { path: path("f"), content: vec![b'\n'; CHUNK].into() },
        ];
        write(&dir, &steps).unwrap();
        assert_eq!(read(&dir).unwrap(), Some(steps));
        let whole = fs::read(&file).unwrap();
        for length in (0..300).chain(whole.len() - 100..whole.len()) {
            fs::write(&file, &whole[..length]).unwrap();
            assert_eq!(read(&dir).unwrap(), None, "{length} of {} bytes", whole.len());
        }
        let mut other = whole;
        other[30] ^= 1;
        fs::write(&file, &other).unwrap();
        assert_eq!(read(&dir).unwrap(), None);
    }

    /// Returns a journal with these lines and a valid checksum.
    fn sealed(lines: &str) -> Bytes {
        let crc32 = crc32fast::hash(lines.as_bytes());
        format!("{lines}{{\"end\":{{\"bytes\":{},\"crc32\":{crc32},\"newer\":1}}}}\n", lines.len()).into()
    }

    #[test]
    fn complete_journal_with_unknown_step_is_rejected() {
        let known = "{\"remove\":{\"path\":\"a\"}}\n";
        let one = CommitStep::Remove { path: RelativePath::constant("a") };
        assert_eq!(steps(&sealed(known)).unwrap(), Some(vec![one]));
        for entry in [
            r#"{"compress":{"path":"b"}}"#,
            r#"{"remove":{"path":"b","recursive":true}}"#,
            r#"{"append":{"path":"b","at":0,"bytes":100}}"#,
            r#"{"end":{"bytes":0,"crc32":0}}"#,
            "",
        ] {
            let error = steps(&sealed(&format!("{known}{entry}\n"))).unwrap_err();
            assert!(matches!(error, JournalError::Unknown(_)), "{entry}: {error}");
        }
    }

    #[test]
    fn journal_with_path_outside_the_state_is_rejected() {
        for path in ["../x", "/etc/passwd", "a/../../x", "c:\\\\x", ".git/hooks/pre-commit"] {
            for entry in [
                format!(r#"{{"replace":{{"path":"{path}","bytes":0}}}}"#),
                format!(r#"{{"rename":{{"from":"a","to":"{path}"}}}}"#),
            ] {
                let error = steps(&sealed(&format!("{entry}\n\n"))).unwrap_err().to_string();
                assert!(error.contains("nothing was changed"), "{entry}: {error}");
            }
        }
        for path in ["emulator.json", "lock", "journal", "README.md", "snapshots/a.ndjson"] {
            let error = steps(&sealed(&format!("{{\"remove\":{{\"path\":\"{path}\"}}}}\n"))).unwrap_err();
            assert!(matches!(&error, JournalError::Outside(found) if found == path), "{error}");
        }
    }
}
