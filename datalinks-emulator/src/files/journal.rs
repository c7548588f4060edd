//! The steps of one commit in one file, so that all of them are done or none.
//!
//! Each step is a line of JSON, followed by its content. The last line holds the length and the checksum of what
//! is before it: a journal that ends otherwise was not written to its end, and none of its steps was done.

use std::fs::{self, File};
use std::io;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::folder::{Folder, Step};
use super::push_line;

pub(super) const JOURNAL: &str = "journal";

/// What is collected before it is written.
const CHUNK: usize = 1024 * 1024;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
enum Line {
    Append { path: String, at: u64, bytes: usize },
    Replace { path: String, bytes: usize },
    Rename { from: String, to: String },
    Remove { path: String },
    End { bytes: u64, crc32: u32 },
}

/// Writes the journal. Once this is done, so is the commit, whatever happens to this process.
pub(super) fn write(folder: &Folder, steps: &[Step]) -> io::Result<()> {
    let place = folder.place(JOURNAL);
    let mut out = Out {
        folder,
        file: File::create(&place)?,
        buffer: Vec::new(),
        bytes: 0,
        crc: crc32fast::Hasher::new(),
    };
    for step in steps {
        match step {
            Step::Append { path, at, content } => {
                out.line(&Line::Append { path: path.clone(), at: *at, bytes: content.len() });
                out.content(content)?;
            }
            Step::Replace { path, content } => {
                out.line(&Line::Replace { path: path.clone(), bytes: content.len() });
                out.content(content)?;
            }
            Step::Rename { from, to } => out.line(&Line::Rename { from: from.clone(), to: to.clone() }),
            Step::Remove { path } => out.line(&Line::Remove { path: path.clone() }),
        }
    }
    out.end()?;
    folder.sync_parent(&place)
}

struct Out<'a> {
    folder: &'a Folder,
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
        self.folder.write(&mut self.file, &self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    fn note(&mut self) {
        self.crc.update(&self.buffer);
        self.bytes += self.buffer.len() as u64;
    }

    fn end(mut self) -> io::Result<()> {
        self.note();
        let crc32 = self.crc.clone().finalize();
        push_line(&mut self.buffer, &Line::End { bytes: self.bytes, crc32 });
        self.folder.write(&mut self.file, &self.buffer)
    }
}

/// The steps of a journal that was written to its end and not carried out to its end.
pub(super) fn read(folder: &Folder) -> io::Result<Option<Vec<Step>>> {
    match fs::read(folder.place(JOURNAL)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => Ok(steps(read?.into())),
    }
}

fn steps(journal: Bytes) -> Option<Vec<Step>> {
    let before_the_last = journal.strip_suffix(b"\n")?.iter().rposition(|byte| *byte == b'\n')? + 1;
    let (body, end) = journal.split_at(before_the_last);
    let Line::End { bytes, crc32 } = serde_json::from_slice(end).ok()? else { return None };
    if bytes != body.len() as u64 || crc32 != crc32fast::hash(body) {
        return None;
    }
    let mut rest = journal.slice(..before_the_last);
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let line = rest.split_to(rest.iter().position(|byte| *byte == b'\n')? + 1);
        let mut content = |bytes: usize| {
            let content = (rest.len() > bytes).then(|| rest.split_to(bytes + 1))?;
            Some(content.slice(..bytes))
        };
        steps.push(match serde_json::from_slice(&line).ok()? {
            Line::Append { path, at, bytes } => Step::Append { path, at, content: content(bytes)? },
            Line::Replace { path, bytes } => Step::Replace { path, content: content(bytes)? },
            Line::Rename { from, to } => Step::Rename { from, to },
            Line::Remove { path } => Step::Remove { path },
            Line::End { .. } => return None,
        });
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_journal_counts() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::new(root.path().to_owned(), false);
        assert_eq!(read(&folder).unwrap(), None);
        let steps = vec![
            Step::Append { path: "a".into(), at: 7, content: Bytes::from_static(b"x\n{}\n") },
            Step::Replace { path: "b".into(), content: Bytes::new() },
            Step::Rename { from: "c".into(), to: "d".into() },
            Step::Remove { path: "e".into() },
            Step::Replace { path: "f".into(), content: vec![b'\n'; CHUNK].into() },
        ];
        write(&folder, &steps).unwrap();
        assert_eq!(read(&folder).unwrap(), Some(steps));
        let whole = fs::read(folder.place(JOURNAL)).unwrap();
        for length in (0..300).chain(whole.len() - 100..whole.len()) {
            fs::write(folder.place(JOURNAL), &whole[..length]).unwrap();
            assert_eq!(read(&folder).unwrap(), None, "{length} of {} bytes", whole.len());
        }
        let mut other = whole;
        other[30] ^= 1;
        fs::write(folder.place(JOURNAL), &other).unwrap();
        assert_eq!(read(&folder).unwrap(), None);
    }
}
