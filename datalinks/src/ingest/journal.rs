//! A file that knows what was sent, so that a run that died can go on.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    ops::Range,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind};

/// The form of the file; another one is refused.
const VERSION: u32 = 1;

/// An append-only file of one line an entry, synced before and after each request. It holds places and hashes of
/// rows, and no rows.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    path: PathBuf,
    /// What is known of earlier runs, by the place of the first row.
    pieces: BTreeMap<usize, Piece>,
}

/// What is known of rows that were sent together.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Piece {
    pub(super) rows: Range<usize>,
    hash: u64,
    pub(super) state: State,
    /// The rows that the dataset held before, if they were counted.
    pub(super) before: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum State {
    /// Sent, and nothing is known of its end.
    Sent,
    /// Stored; perhaps twice.
    Acknowledged { twice: bool },
    /// Refused: it is not stored.
    Refused,
    /// The outcome was ambiguous; `twice` if it was sent again after that, so that it may be stored twice.
    InDoubt { twice: bool },
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
enum Entry {
    Journal {
        version: u32,
        run: String,
    },
    Sent {
        from: usize,
        to: usize,
        hash: u64,
        before: Option<u64>,
    },
    Acknowledged {
        from: usize,
        to: usize,
        twice: bool,
    },
    Refused {
        from: usize,
        to: usize,
    },
    InDoubt {
        from: usize,
        to: usize,
        /// Absent in journals of earlier versions.
        #[serde(default)]
        twice: bool,
    },
}

impl Journal {
    /// Opens the journal of `run` (dataset and settings, as text), or begins it. A last line that is torn is
    /// dropped: it was written when the run died, and the line before it says enough.
    pub(super) fn open(path: &Path, run: &str) -> Result<Self, Error> {
        let io = |error| fault(path, error);
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(io)?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(io)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64).map_err(io)?;
        file.seek(SeekFrom::End(0)).map_err(io)?;
        let mut journal = Self { file, path: path.to_owned(), pieces: BTreeMap::new() };
        let mut entries = text[..whole].lines().enumerate().map(|(number, line)| {
            serde_json::from_str(line).map_err(|error| {
                let what = format!("{}, line {}: no entry of a journal", path.display(), number + 1);
                Error::new(ErrorKind::Io, what).caused_by(error)
            })
        });
        match entries.next().transpose()? {
            None => journal.write(&Entry::Journal { version: VERSION, run: run.to_owned() })?,
            Some(Entry::Journal { version: VERSION, run: found }) if found == run => {}
            Some(_) => return Err(journal.foreign("it was begun for another dataset or with other settings")),
        }
        for entry in entries {
            journal.read(entry?);
        }
        Ok(journal)
    }

    fn read(&mut self, entry: Entry) {
        let (rows, state) = match entry {
            Entry::Journal { .. } => return,
            Entry::Sent { from, to, hash, before } => {
                self.pieces.insert(from, Piece { rows: from..to, hash, state: State::Sent, before });
                return;
            }
            Entry::Acknowledged { from, to, twice } => (from..to, State::Acknowledged { twice }),
            Entry::Refused { from, to } => (from..to, State::Refused),
            Entry::InDoubt { from, to, twice } => (from..to, State::InDoubt { twice }),
        };
        if let Some(piece) = self.pieces.get_mut(&rows.start).filter(|piece| piece.rows == rows) {
            piece.state = state;
        }
    }

    /// What is known of rows at these places, or an error when the journal knows other rows there.
    ///
    /// A batch that was refused was sent in pieces: those that were decided are known one by one.
    pub(super) fn known(&self, rows: &Range<usize>, hash: u64) -> Result<Option<Piece>, Error> {
        let Some(piece) = self.pieces.get(&rows.start) else { return Ok(None) };
        if piece.rows == *rows && piece.hash != hash {
            return Err(self.foreign(&format!("rows {} to {} are others", rows.start, rows.end - 1)));
        }
        Ok((piece.rows == *rows).then(|| piece.clone()))
    }

    /// Whether no row was sent before.
    pub(super) fn is_new(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Requests of an earlier run that may still take effect, or may have done so: the places of their rows, and the rows
    /// that the dataset held before, if nothing but this one request may have added the rows since.
    pub(super) fn ambiguous(&self) -> Vec<(Range<usize>, Option<u64>)> {
        let ambiguous = self.pieces.values().filter(|piece| {
            let State::Acknowledged { twice } = piece.state else { return piece.state != State::Refused };
            // The request that was repeated may take effect after the one that was acknowledged.
            twice
        });
        let before = |piece: &Piece| piece.before.filter(|_| piece.state == State::Sent);
        ambiguous.map(|piece| (piece.rows.clone(), before(piece))).collect()
    }

    /// Whether something is known of a part of these rows, but not of them all: they were sent in pieces.
    pub(super) fn knows_pieces_of(&self, rows: &Range<usize>) -> bool {
        // A larger piece that begins here was refused, and these are its half.
        self.pieces.range(rows.clone()).any(|(_, piece)| piece.rows.end <= rows.end && piece.rows != *rows)
    }

    /// These rows are about to be sent.
    pub(super) fn sent(&mut self, rows: &Range<usize>, hash: u64, before: Option<u64>) -> Result<(), Error> {
        let piece = Piece { rows: rows.clone(), hash, state: State::Sent, before };
        self.pieces.insert(rows.start, piece);
        self.write(&Entry::Sent { from: rows.start, to: rows.end, hash, before })
    }

    /// What became of them.
    pub(super) fn ended(&mut self, rows: &Range<usize>, state: State) -> Result<(), Error> {
        let (from, to) = (rows.start, rows.end);
        if let Some(piece) = self.pieces.get_mut(&from).filter(|piece| piece.rows == *rows) {
            piece.state = state;
        }
        self.write(&match state {
            State::Acknowledged { twice } => Entry::Acknowledged { from, to, twice },
            State::Refused => Entry::Refused { from, to },
            State::Sent => Entry::InDoubt { from, to, twice: false },
            State::InDoubt { twice } => Entry::InDoubt { from, to, twice },
        })
    }

    /// One line, on the disk when this returns.
    fn write(&mut self, entry: &Entry) -> Result<(), Error> {
        let path = self.path.clone();
        let mut line = serde_json::to_vec(entry)
            .map_err(|error| Error::new(ErrorKind::Io, "the journal cannot be written").caused_by(error))?;
        line.push(b'\n');
        self.file.write_all(&line).and_then(|()| self.file.sync_data()).map_err(|error| fault(&path, error))
    }

    fn foreign(&self, why: &str) -> Error {
        Error::new(
            ErrorKind::InvalidInput,
            format!("the journal {} is of another run: {why}", self.path.display()),
        )
        .advice("give the same rows and settings, or begin a new journal")
    }
}

fn fault(path: &Path, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("the journal {}: {error}", path.display())).caused_by(error)
}

/// A hash of encoded rows that is the same in every version of this crate: FNV-1a.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_remembers_across_runs_and_torn_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::open(&path, "a/b").unwrap();
        journal.sent(&(0..2), 1, None).unwrap();
        journal.ended(&(0..2), State::Acknowledged { twice: false }).unwrap();
        journal.sent(&(2..4), 2, Some(2)).unwrap();
        drop(journal);
        // The run dies in the middle of a line.
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(br#"{"acknowledged":{"fr"#).unwrap();

        let mut journal = Journal::open(&path, "a/b").unwrap();
        assert_eq!(journal.known(&(0..2), 1).unwrap().unwrap().state, State::Acknowledged { twice: false });
        let doubtful = journal.known(&(2..4), 2).unwrap().unwrap();
        assert_eq!((doubtful.state, doubtful.before), (State::Sent, Some(2)));
        assert_eq!(journal.known(&(4..6), 9).unwrap(), None);
        journal.ended(&(2..4), State::InDoubt { twice: true }).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 5, "{text}");
        assert_eq!(
            Journal::open(&path, "a/b").unwrap().known(&(2..4), 2).unwrap().unwrap().state,
            State::InDoubt { twice: true }
        );
    }

    #[test]
    fn it_refuses_another_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::open(&path, "a/b").unwrap();
        journal.sent(&(0..2), 1, None).unwrap();
        assert!(journal.known(&(0..2), 7).unwrap_err().to_string().contains("rows 0 to 1 are others"));
        assert!(Journal::open(&path, "a/c").unwrap_err().to_string().contains("another run"));
        std::fs::write(&path, "a,b\n").unwrap();
        assert!(Journal::open(&path, "a/b").unwrap_err().to_string().contains("line 1"));
    }

    #[test]
    fn the_hash_stays_the_same() {
        assert_eq!(hash(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
