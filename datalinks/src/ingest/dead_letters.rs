//! Rows that failed, and records that are no rows, written to a file as they fail.
//!
//! With a journal, a later run decides the same rows again. Letters of the earlier run are then marked in place, so that
//! the file has at most one letter per row whose state is `failed`. A bad record has no index among the rows, and its line
//! changes when the file is corrected. It is identified by its file, its content, and how many bad records with the same
//! content came before it.

use std::{
    collections::{BTreeMap, HashMap},
    fs::{File, OpenOptions},
    io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;

use crate::{
    error::{Error, ErrorKind},
    journal::lines::{Hold, blocking},
};

/// How the letter of a row that is not stored begins.
const FAILED: &[u8] = br#"{"state":"failed"    ,"#;
/// Where the state stands in it. All states have the same length, so that one can replace another.
const STATE: std::ops::Range<usize> = 9..21;
/// Bytes of a letter that name its journal and its row, or its bad record.
const HEAD: usize = 192;
const STORED: &[u8; 12] = br#""stored"    "#;
const SUPERSEDED: &[u8; 12] = br#""superseded""#;

/// An NDJSON file that failed rows are appended to.
#[derive(Debug)]
pub(super) struct DeadLetters {
    path: PathBuf,
    /// Identifies the journal of this run, if it has one.
    journal: Option<String>,
    /// Keeps the journal locked while letters are written: the next run has to find them.
    hold: Option<Hold>,
    files: Arc<Mutex<Files>>,
    /// Where earlier runs of the journal left letters whose state is `failed`.
    open: Mutex<BTreeMap<Subject, Vec<u64>>>,
    /// How often each bad record was met, by its hash. Only kept with a journal: otherwise, there are no earlier runs.
    #[cfg_attr(not(feature = "read"), expect(dead_code, reason = "only files have bad records"))]
    met: Mutex<HashMap<u64, usize>>,
}

/// What a letter is about.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Subject {
    /// A row by its index.
    Row(usize),
    /// A bad record by the hash of its file name and its bytes, and how many with the same hash came before it.
    BadRecord { record: u64, occurrence: usize },
    /// A bad record of which the letter says no more than a number among the bad records of its run.
    Numbered,
}

#[derive(Debug)]
struct Files {
    /// Every write to it goes to the end.
    letters: File,
    /// The same file, for marks, if there can be any.
    marks: Option<File>,
}

/// What follows the state.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Letter<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    journal: Option<&'a str>,
    index: usize,
    error: String,
    ambiguous: bool,
}

/// What follows the state in the letter of a bad record.
#[cfg(feature = "read")]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BadRecordLetter<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    journal: Option<&'a str>,
    bad_record: usize,
    #[serde(flatten)]
    identity: Option<Identity>,
    error: String,
    ambiguous: bool,
    /// Always null: there is no row.
    row: (),
    file: &'a str,
    line: u64,
    column: u64,
    text: std::borrow::Cow<'a, str>,
    /// The bytes, if they are not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

/// How the letter of a bad record names it.
#[cfg(feature = "read")]
#[derive(Serialize)]
struct Identity {
    /// The hash as 16 hexadecimal digits.
    record: String,
    occurrence: usize,
}

/// The letters of one batch, and the marks on letters of earlier runs.
#[derive(Debug, Default)]
pub(super) struct Mail {
    letters: Vec<u8>,
    marks: Vec<(u64, &'static [u8; 12])>,
}

impl DeadLetters {
    /// Opens the file and reads the letters of earlier runs of the journal. Blocks the thread.
    pub(super) fn open(path: &Path, journal: Option<&str>) -> Result<Self, Error> {
        Self::try_open(path, journal).map_err(|error| fault(path, error))
    }

    fn try_open(path: &Path, journal: Option<&str>) -> io::Result<Self> {
        let mut letters = OpenOptions::new().append(true).create(true).open(path)?;
        let (mut marks, mut open) = (None, BTreeMap::new());
        // A pipe or a device cannot be read back.
        if letters.metadata()?.is_file() {
            let mut file = OpenOptions::new().read(true).write(journal.is_some()).open(path)?;
            let torn = match journal {
                Some(journal) => read_letters(&mut file, journal, &mut open)?,
                None => is_torn(&mut file)?,
            };
            if torn {
                // The next letter needs a line of its own.
                letters.write_all(b"\n")?;
            }
            marks = journal.is_some().then_some(file);
        }
        let files = Arc::new(Mutex::new(Files { letters, marks }));
        let journal = journal.map(str::to_owned);
        let (open, met) = (Mutex::new(open), Mutex::default());
        Ok(Self { path: path.to_owned(), journal, hold: None, files, open, met })
    }

    /// Keeps the journal of the run locked until all letters are written.
    pub(super) fn holding(self, hold: Option<Hold>) -> Self {
        Self { hold, ..self }
    }

    /// Adds the letter of a row. `row` is its JSON, unless it cannot be written.
    pub(super) fn add(
        &self,
        mail: &mut Mail,
        index: usize,
        error: &Error,
        row: Option<&[u8]>,
    ) -> Result<(), Error> {
        let ambiguous = error.is_ambiguous();
        let letter = Letter { journal: self.journal.as_deref(), index, error: error.to_string(), ambiguous };
        let letter = written(&letter)?;
        mail.letters.extend_from_slice(FAILED);
        // Without its braces: the state stands before it, and the row behind.
        mail.letters.extend_from_slice(&letter[1..letter.len() - 1]);
        mail.letters.extend_from_slice(br#","row":"#);
        let row = row.unwrap_or(b"null").iter();
        // In JSON, a line break can only stand between tokens. In NDJSON it would end the letter.
        mail.letters.extend(row.map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }));
        mail.letters.extend_from_slice(b"}\n");
        self.mark(mail, Subject::Row(index), SUPERSEDED);
        Ok(())
    }

    /// Adds the letter of a bad record, the `number`-th of the run.
    #[cfg(feature = "read")]
    pub(super) fn add_bad_record(&self, mail: &mut Mail, number: usize, error: &Error) -> Result<(), Error> {
        use base64::Engine as _;

        let Some(bad) = crate::read::BadRow::of(error) else { return Ok(()) };
        let text = String::from_utf8_lossy(bad.record());
        let is_text = std::str::from_utf8(bad.record()).is_ok();
        let base64 = (!is_text).then(|| base64::engine::general_purpose::STANDARD.encode(bad.record()));
        let met = self.journal.is_some().then(|| self.meet(bad));
        let identity =
            met.map(|(record, occurrence)| Identity { record: format!("{record:016x}"), occurrence });
        let letter = written(&BadRecordLetter {
            journal: self.journal.as_deref(),
            bad_record: number,
            identity,
            error: error.to_string(),
            ambiguous: false,
            row: (),
            file: bad.file(),
            line: bad.line(),
            column: bad.column(),
            text,
            base64,
        })?;
        mail.letters.extend_from_slice(FAILED);
        mail.letters.extend_from_slice(&letter[1..]);
        mail.letters.push(b'\n');
        if let Some((record, occurrence)) = met {
            self.mark(mail, Subject::BadRecord { record, occurrence }, SUPERSEDED);
        }
        Ok(())
    }

    /// The hash of a bad record, and how often it was met before.
    #[cfg(feature = "read")]
    fn meet(&self, bad: &crate::read::BadRow) -> (u64, usize) {
        let record = hash_of_record(bad.file(), bad.record());
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        let times = met.entry(record).or_default();
        *times += 1;
        (record, *times - 1)
    }

    /// Marks the letters of bad records that did not come again. To be called after a run that read its whole source and
    /// took all bad records in it: the records were corrected or removed.
    #[cfg(feature = "read")]
    pub(super) fn no_more_bad_records(&self, mail: &mut Mail) {
        let is_row = |subject: &Subject| matches!(subject, Subject::Row(_));
        let mut earlier = self.earlier();
        let gone = earlier.iter().filter(|(subject, _)| !is_row(subject)).flat_map(|(_, offsets)| offsets);
        mail.marks.extend(gone.map(|offset| (*offset, SUPERSEDED)));
        earlier.retain(|subject, _| is_row(subject));
    }

    /// Marks the letters that earlier runs wrote about a row that is stored.
    pub(super) fn stored(&self, mail: &mut Mail, index: usize) {
        self.mark(mail, Subject::Row(index), STORED);
    }

    /// Returns `true` if earlier runs left no letters, so that stored rows need no look.
    pub(super) fn is_clear(&self) -> bool {
        self.earlier().is_empty()
    }

    fn mark(&self, mail: &mut Mail, subject: Subject, state: &'static [u8; 12]) {
        let offsets = self.earlier().remove(&subject).unwrap_or_default();
        mail.marks.extend(offsets.into_iter().map(|offset| (offset, state)));
    }

    fn earlier(&self) -> MutexGuard<'_, BTreeMap<Subject, Vec<u64>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the letters, and then the marks.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it still writes what it began to write, and the journal stays locked until then.
    pub(super) async fn send(&self, mail: Mail) -> Result<(), Error> {
        if mail.letters.is_empty() && mail.marks.is_empty() {
            return Ok(());
        }
        let (files, hold) = (Arc::clone(&self.files), self.hold.clone());
        let written = blocking(move || {
            let _locked = hold;
            files.lock().unwrap_or_else(PoisonError::into_inner).write(&mail)
        });
        written.await.map_err(|error| fault(&self.path, error))
    }
}

impl Files {
    fn write(&mut self, mail: &Mail) -> io::Result<()> {
        self.letters.write_all(&mail.letters)?;
        let Some(marks) = &mut self.marks else { return Ok(()) };
        for (offset, state) in &mail.marks {
            let mut now = [0; STATE.end - STATE.start];
            marks.seek(SeekFrom::Start(*offset))?;
            // Somebody may have shortened the file meanwhile.
            let read = marks.read_exact(&mut now);
            if read.is_ok() && now == FAILED[STATE] {
                marks.seek(SeekFrom::Start(*offset))?;
                marks.write_all(*state)?;
            }
        }
        Ok(())
    }
}

/// Reads where the letters of a journal stand whose rows are not stored. Returns `true` if the last line is torn. Memory
/// is bounded by the number of these letters.
fn read_letters(file: &mut File, journal: &str, open: &mut BTreeMap<Subject, Vec<u64>>) -> io::Result<bool> {
    let mut reader = BufReader::new(file);
    let (mut offset, mut begin, mut head) = (0_u64, 0_u64, Vec::with_capacity(HEAD));
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(offset > begin);
        }
        let end = memchr::memchr(b'\n', buffer);
        let part = &buffer[..end.unwrap_or(buffer.len())];
        head.extend_from_slice(&part[..part.len().min(HEAD - head.len())]);
        let read = part.len() + usize::from(end.is_some());
        reader.consume(read);
        offset += read as u64;
        if end.is_some() {
            if let Some(subject) = subject_of(&head, journal) {
                open.entry(subject).or_default().push(begin + STATE.start as u64);
            }
            begin = offset;
            head.clear();
        }
    }
}

/// What the letter is about, if this is how a letter of the journal begins whose state is `failed`.
fn subject_of(head: &[u8], journal: &str) -> Option<Subject> {
    let rest = head.strip_prefix(FAILED)?.strip_prefix(br#""journal":""#)?;
    let rest = rest.strip_prefix(journal.as_bytes())?.strip_prefix(br#"",""#)?;
    let number = |rest: &[u8]| {
        let digits = rest.split(|byte| *byte == b',').next()?;
        std::str::from_utf8(digits).ok()?.parse().ok()
    };
    if let Some(rest) = rest.strip_prefix(br#"index":"#) {
        return number(rest).map(Subject::Row);
    }
    let rest = rest.strip_prefix(br#"badRecord":"#)?;
    number(rest)?;
    let identity = rest.splitn(2, |byte| *byte == b',').nth(1)?.strip_prefix(br#""record":""#);
    let Some((hash, rest)) = identity.and_then(|rest| rest.split_at_checked(16)) else {
        return Some(Subject::Numbered);
    };
    let record = u64::from_str_radix(std::str::from_utf8(hash).ok()?, 16).ok()?;
    let occurrence = number(rest.strip_prefix(br#"","occurrence":"#)?)?;
    Some(Subject::BadRecord { record, occurrence })
}

/// A hash of a bad record that is the same in every release: XXH3 with 64 bits, of the file name, the byte FF and the
/// record. No file name has that byte, because it is UTF-8.
#[cfg(feature = "read")]
fn hash_of_record(file: &str, record: &[u8]) -> u64 {
    use std::hash::Hasher as _;

    let mut hasher = twox_hash::XxHash3_64::new();
    [file.as_bytes(), b"\xFF", record].into_iter().for_each(|part| hasher.write(part));
    hasher.finish()
}

/// A letter as JSON.
fn written(letter: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(letter)
        .map_err(|error| Error::new(ErrorKind::Io, "the failed row cannot be written").caused_by(error))
}

/// Returns `true` if the file does not end with a line break.
fn is_torn(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

fn fault(path: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("the file for failed rows {}: {error}", path.display()))
        .caused_by(error)
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use serde_json::{Value, json};

    use super::{super::journal::Journal, *};

    fn states(path: &Path) -> Vec<(String, Value)> {
        let text = std::fs::read_to_string(path).unwrap();
        let letter = |line: &str| {
            let letter: Value = serde_json::from_str(line).unwrap();
            (letter["state"].as_str().unwrap().to_owned(), letter["index"].clone())
        };
        text.lines().filter(|line| !line.starts_with("{\"torn")).map(letter).collect()
    }

    fn pair(state: &str, index: usize) -> (String, Value) {
        (state.to_owned(), json!(index))
    }

    #[tokio::test]
    async fn letters_of_one_journal_are_marked_and_those_of_others_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("letters");
        let error = Error::invalid("no");
        for journal in [Some("ours"), Some("theirs"), None] {
            let letters = DeadLetters::open(&path, journal).unwrap();
            let mut mail = Mail::default();
            for index in [1, 2] {
                letters.add(&mut mail, index, &error, Some(b"{\"a\":\n\"b\"}")).unwrap();
            }
            assert!(letters.is_clear());
            letters.send(mail).await.unwrap();
        }
        std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"torn").unwrap();

        let letters = DeadLetters::open(&path, Some("ours")).unwrap();
        let mut mail = Mail::default();
        letters.stored(&mut mail, 1);
        letters.add(&mut mail, 2, &error, None).unwrap();
        letters.send(mail).await.unwrap();
        let open = [pair("failed", 1), pair("failed", 2)];
        let expected = [&[pair("stored", 1), pair("superseded", 2)][..], &open, &open, &[pair("failed", 2)]];
        assert_eq!(states(&path), expected.concat());
    }

    #[test]
    fn a_letter_names_its_subject_within_its_head() {
        let of = |rest: &str| {
            let head = [FAILED, br#""journal":"j","#, rest.as_bytes()].concat();
            subject_of(&head[..head.len().min(HEAD)], "j")
        };
        let most = u64::MAX;
        assert_eq!(of(&format!("\"index\":{most},")), Some(Subject::Row(usize::MAX)));
        let identity =
            format!("\"badRecord\":{most},\"record\":\"00000000000000ff\",\"occurrence\":{most},\"error");
        assert_eq!(of(&identity), Some(Subject::BadRecord { record: 255, occurrence: usize::MAX }));
        // As it was written before bad records had an identity.
        assert_eq!(of("\"badRecord\":1,\"error\":\"no\""), Some(Subject::Numbered));
        for torn in [
            "\"badRecord\":",
            "\"badRecord\":x,",
            "\"badRecord\":1,\"record\":\"xx00000000000000\",\"occurrence\":1",
        ] {
            assert_eq!(of(torn), None, "{torn}");
        }
        let id = "0".repeat(32);
        let longest = [FAILED, format!("\"journal\":\"{id}\",{identity}").as_bytes()].concat();
        let end = longest.len() - "\"error".len();
        assert!(end <= HEAD, "{end}");
        assert!(subject_of(&longest[..end], &id).is_some());
    }

    #[cfg(feature = "read")]
    #[test]
    fn the_hash_of_a_record_stays_the_same() {
        assert_eq!(hash_of_record("x.csv", b"2,2,x"), super::super::journal::hash(b"x.csv\xFF2,2,x"));
        assert_ne!(hash_of_record("x.cs", b"v2,2,x"), hash_of_record("x.csv", b"2,2,x"));
    }

    #[tokio::test]
    async fn a_mark_never_lands_in_other_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("letters");
        let letters = DeadLetters::open(&path, Some("j")).unwrap();
        let mut mail = Mail::default();
        letters.add(&mut mail, 0, &Error::invalid("no"), None).unwrap();
        letters.send(mail).await.unwrap();
        let letters = DeadLetters::open(&path, Some("j")).unwrap();
        // Somebody took the letters away.
        for content in ["", "other text, and quite a lot of it\n"] {
            std::fs::write(&path, content).unwrap();
            let mail = Mail { letters: Vec::new(), marks: vec![(9, STORED)] };
            letters.send(mail).await.unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
        }
    }

    /// A letter that was still to be written when its run was dropped was not found by the next run, so that it stayed
    /// `failed` although that run stored the row.
    #[test]
    fn the_next_run_of_a_journal_waits_for_letters_that_are_being_written() {
        let folder = tempfile::tempdir().unwrap();
        let (path, journal_path) = (folder.path().join("letters"), folder.path().join("journal"));
        let open = || {
            let journal = Journal::open(&journal_path, "a/b").unwrap();
            DeadLetters::open(&path, Some(journal.id())).unwrap().holding(Some(journal.hold()))
        };
        // One thread for blocking work, so that the letter waits behind something else.
        let runtime = tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
        let (release, busy) = std::sync::mpsc::channel::<()>();
        runtime.block_on(async {
            let busy = tokio::task::spawn_blocking(move || busy.recv());
            let letters = open();
            let mut mail = Mail::default();
            letters.add(&mut mail, 7, &Error::invalid("no"), Some(b"{}")).unwrap();
            assert!(letters.send(mail).now_or_never().is_none());
            drop(letters);
            std::thread::scope(|scope| {
                let next = scope.spawn(open);
                std::thread::sleep(std::time::Duration::from_millis(50));
                assert!(!next.is_finished(), "the journal is free, and the letter is not written");
                release.send(()).unwrap();
                assert!(!next.join().unwrap().is_clear());
            });
            busy.await.unwrap().unwrap();
        });
    }
}
