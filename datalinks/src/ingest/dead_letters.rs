//! The dead-letter file, to which failed rows and bad records are written.
//!
//! With a journal, a later run decides the same rows again. Entries of the earlier run are then changed in place,
//! so that the file has at most one entry per row whose state is `failed`. A bad record has no row index, and its
//! line changes when the file is corrected. Therefore it is identified by its file, its content, and the number of
//! earlier bad records with the same content.

use std::{
    collections::{BTreeMap, HashMap},
    io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;

use crate::{
    error::{Error, ErrorKind},
    journal::lines::{Hold, blocking},
    platform::files::{File, OpenOptions},
};

/// The first bytes of an entry whose state is `failed`.
const FAILED: &[u8] = br#"{"state":"failed"    ,"#;
/// Position of the state within an entry. All states have the same length, so that they can be overwritten.
const STATE: std::ops::Range<usize> = 9..21;
/// Number of bytes of an entry that contain its journal and its row or bad record.
const HEAD: usize = 192;
const STORED: &[u8; 12] = br#""stored"    "#;
const SUPERSEDED: &[u8; 12] = br#""superseded""#;

/// An NDJSON file that failed rows are appended to.
#[derive(Debug)]
pub(super) struct DeadLetters {
    path: PathBuf,
    /// Id of the journal of this run, if it has one.
    journal: Option<String>,
    /// Keeps the journal locked while entries are written, because the next run reads them.
    hold: Option<Hold>,
    files: Arc<Mutex<Files>>,
    /// Offsets of the entries of earlier runs of the journal whose state is `failed`.
    open: Mutex<BTreeMap<Subject, Vec<u64>>>,
    /// Number of occurrences of each bad record, by its hash. Only used with a journal, because earlier runs have
    /// no entries otherwise.
    #[cfg_attr(not(feature = "read"), expect(dead_code, reason = "only files have bad records"))]
    occurrences: Mutex<HashMap<u64, usize>>,
}

/// The row or bad record that an entry is about.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Subject {
    /// A row, by its index.
    Row(usize),
    /// A bad record, by the hash of its file name and its bytes, and the number of earlier records with the same
    /// hash.
    BadRecord { record: u64, occurrence: usize },
    /// A bad record of which the entry contains only its number in the run.
    Numbered,
}

#[derive(Debug)]
struct Files {
    /// The file in append mode.
    entries: File,
    /// A second handle for writes in place. `None` if no entry can be changed.
    marks: Option<File>,
}

/// The members of a row entry after the state.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RowEntry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    journal: Option<&'a str>,
    index: usize,
    error: String,
    ambiguous: bool,
}

/// The members of a bad record entry after the state.
#[cfg(feature = "read")]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BadRecordEntry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    journal: Option<&'a str>,
    bad_record: usize,
    #[serde(flatten)]
    identity: Option<Identity>,
    error: String,
    ambiguous: bool,
    /// Always `null`, because a bad record has no row.
    row: (),
    file: &'a str,
    line: u64,
    column: u64,
    text: std::borrow::Cow<'a, str>,
    /// The bytes of the record, if they are not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

/// The identity of a bad record within an entry.
#[cfg(feature = "read")]
#[derive(Serialize)]
struct Identity {
    /// The hash as 16 hexadecimal digits.
    record: String,
    occurrence: usize,
}

/// New entries of one batch, and changes to entries of earlier runs.
#[derive(Debug, Default)]
pub(super) struct PendingWrites {
    entries: Vec<u8>,
    marks: Vec<(u64, &'static [u8; 12])>,
}

impl DeadLetters {
    /// Opens the file and reads the entries of earlier runs of the journal. Blocks the thread.
    pub(super) fn open(path: &Path, journal: Option<&str>) -> Result<Self, Error> {
        Self::try_open(path, journal).map_err(|error| io_error(path, error))
    }

    fn try_open(path: &Path, journal: Option<&str>) -> io::Result<Self> {
        let mut entries = OpenOptions::new().append(true).create(true).open(path)?;
        let (mut marks, mut open) = (None, BTreeMap::new());
        // A pipe or a device cannot be read back.
        if entries.metadata()?.is_file() {
            let mut file = OpenOptions::new().read(true).write(journal.is_some()).open(path)?;
            let torn = match journal {
                Some(journal) => read_entries(&mut file, journal, &mut open)?,
                None => is_torn(&mut file)?,
            };
            if torn {
                // The next entry needs its own line.
                entries.write_all(b"\n")?;
            }
            marks = journal.is_some().then_some(file);
        }
        let files = Arc::new(Mutex::new(Files { entries, marks }));
        let journal = journal.map(str::to_owned);
        let (open, occurrences) = (Mutex::new(open), Mutex::default());
        Ok(Self { path: path.to_owned(), journal, hold: None, files, open, occurrences })
    }

    /// Keeps the journal of the run locked until all entries are written.
    pub(super) fn holding(self, hold: Option<Hold>) -> Self {
        Self { hold, ..self }
    }

    /// Adds the entry of a row. `row` is its JSON, or `None` if the row cannot be encoded.
    pub(super) fn add(
        &self,
        writes: &mut PendingWrites,
        index: usize,
        error: &Error,
        row: Option<&[u8]>,
    ) -> Result<(), Error> {
        let ambiguous = error.is_ambiguous();
        let entry = RowEntry { journal: self.journal.as_deref(), index, error: error.to_string(), ambiguous };
        let entry = written(&entry)?;
        writes.entries.extend_from_slice(FAILED);
        // The braces are left out because the state precedes these members and the row follows them.
        writes.entries.extend_from_slice(&entry[1..entry.len() - 1]);
        writes.entries.extend_from_slice(br#","row":"#);
        let row = row.unwrap_or(b"null").iter();
        // In JSON, a line break can only occur between tokens. In NDJSON, it would end the entry.
        writes.entries.extend(row.map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }));
        writes.entries.extend_from_slice(b"}\n");
        self.mark(writes, Subject::Row(index), SUPERSEDED);
        Ok(())
    }

    /// Adds the entry of a bad record with this number in the run.
    #[cfg(feature = "read")]
    pub(super) fn add_bad_record(
        &self,
        writes: &mut PendingWrites,
        number: usize,
        error: &Error,
    ) -> Result<(), Error> {
        use base64::Engine as _;

        let Some(bad) = crate::read::BadRow::of(error) else { return Ok(()) };
        let text = String::from_utf8_lossy(bad.record());
        let is_text = std::str::from_utf8(bad.record()).is_ok();
        let base64 = (!is_text).then(|| base64::engine::general_purpose::STANDARD.encode(bad.record()));
        let identified = self.journal.is_some().then(|| self.count_occurrence(bad));
        let identity =
            identified.map(|(record, occurrence)| Identity { record: format!("{record:016x}"), occurrence });
        let entry = written(&BadRecordEntry {
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
        writes.entries.extend_from_slice(FAILED);
        writes.entries.extend_from_slice(&entry[1..]);
        writes.entries.push(b'\n');
        if let Some((record, occurrence)) = identified {
            self.mark(writes, Subject::BadRecord { record, occurrence }, SUPERSEDED);
        }
        Ok(())
    }

    /// Returns the hash of a bad record and the number of its earlier occurrences, and counts this one.
    #[cfg(feature = "read")]
    fn count_occurrence(&self, bad: &crate::read::BadRow) -> (u64, usize) {
        let record = hash_of_record(bad.file(), bad.record());
        let mut occurrences = self.occurrences.lock().unwrap_or_else(PoisonError::into_inner);
        let times = occurrences.entry(record).or_default();
        *times += 1;
        (record, *times - 1)
    }

    /// Marks the entries of bad records that this run did not find, because the records were corrected or removed.
    /// Called after a run that read its whole source and accepted all of its bad records.
    #[cfg(feature = "read")]
    pub(super) fn no_more_bad_records(&self, writes: &mut PendingWrites) {
        let is_row = |subject: &Subject| matches!(subject, Subject::Row(_));
        let mut earlier = self.earlier();
        let gone = earlier.iter().filter(|(subject, _)| !is_row(subject)).flat_map(|(_, offsets)| offsets);
        writes.marks.extend(gone.map(|offset| (*offset, SUPERSEDED)));
        earlier.retain(|subject, _| is_row(subject));
    }

    /// Marks the entries of earlier runs about a row that is now stored.
    pub(super) fn stored(&self, writes: &mut PendingWrites, index: usize) {
        self.mark(writes, Subject::Row(index), STORED);
    }

    /// Returns `true` if earlier runs left no entries, so that stored rows need no lookup.
    pub(super) fn is_clear(&self) -> bool {
        self.earlier().is_empty()
    }

    fn mark(&self, writes: &mut PendingWrites, subject: Subject, state: &'static [u8; 12]) {
        let offsets = self.earlier().remove(&subject).unwrap_or_default();
        writes.marks.extend(offsets.into_iter().map(|offset| (offset, state)));
    }

    fn earlier(&self) -> MutexGuard<'_, BTreeMap<Subject, Vec<u64>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends the new entries, and then changes the earlier ones.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, a write that has begun is completed, and the journal stays locked until then.
    pub(super) async fn send(&self, writes: PendingWrites) -> Result<(), Error> {
        if writes.entries.is_empty() && writes.marks.is_empty() {
            return Ok(());
        }
        let (files, hold) = (Arc::clone(&self.files), self.hold.clone());
        let written = blocking(move || {
            let _locked = hold;
            files.lock().unwrap_or_else(PoisonError::into_inner).write(&writes)
        });
        written.await.map_err(|error| io_error(&self.path, error))
    }
}

impl Files {
    fn write(&mut self, writes: &PendingWrites) -> io::Result<()> {
        self.entries.write_all(&writes.entries)?;
        let Some(marks) = &mut self.marks else { return Ok(()) };
        for (offset, state) in &writes.marks {
            let mut now = [0; STATE.end - STATE.start];
            marks.seek(SeekFrom::Start(*offset))?;
            // Another process may have shortened the file.
            let read = marks.read_exact(&mut now);
            if read.is_ok() && now == FAILED[STATE] {
                marks.seek(SeekFrom::Start(*offset))?;
                marks.write_all(*state)?;
            }
        }
        Ok(())
    }
}

/// Reads the offsets of the entries of a journal whose state is `failed`. Returns `true` if the last line is torn.
/// Memory is limited by the number of these entries.
fn read_entries(file: &mut File, journal: &str, open: &mut BTreeMap<Subject, Vec<u64>>) -> io::Result<bool> {
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

/// Returns the subject of an entry, if the entry belongs to the journal and its state is `failed`.
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

/// Returns a hash of a bad record that is the same in every release: XXH3 with 64 bits, of the file name, the byte
/// FF and the record. A file name never contains that byte because it is UTF-8.
#[cfg(feature = "read")]
fn hash_of_record(file: &str, record: &[u8]) -> u64 {
    use std::hash::Hasher as _;

    let mut hasher = twox_hash::XxHash3_64::new();
    [file.as_bytes(), b"\xFF", record].into_iter().for_each(|part| hasher.write(part));
    hasher.finish()
}

/// Encodes an entry as JSON.
fn written(entry: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(entry).map_err(|error| {
        Error::new(ErrorKind::Io, "the entry of the dead-letter file cannot be encoded").caused_by(error)
    })
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

fn io_error(path: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("the dead-letter file {}: {error}", path.display())).caused_by(error)
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use serde_json::{Value, json};

    use super::{super::journal::Journal, *};

    fn states(path: &Path) -> Vec<(String, Value)> {
        let text = std::fs::read_to_string(path).unwrap();
        let entry = |line: &str| {
            let entry: Value = serde_json::from_str(line).unwrap();
            (entry["state"].as_str().unwrap().to_owned(), entry["index"].clone())
        };
        text.lines().filter(|line| !line.starts_with("{\"torn")).map(entry).collect()
    }

    fn pair(state: &str, index: usize) -> (String, Value) {
        (state.to_owned(), json!(index))
    }

    #[tokio::test]
    async fn only_entries_of_the_same_journal_are_marked() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("entries");
        let error = Error::invalid("no");
        for journal in [Some("ours"), Some("theirs"), None] {
            let entries = DeadLetters::open(&path, journal).unwrap();
            let mut writes = PendingWrites::default();
            for index in [1, 2] {
                entries.add(&mut writes, index, &error, Some(b"{\"a\":\n\"b\"}")).unwrap();
            }
            assert!(entries.is_clear());
            entries.send(writes).await.unwrap();
        }
        std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"torn").unwrap();

        let entries = DeadLetters::open(&path, Some("ours")).unwrap();
        let mut writes = PendingWrites::default();
        entries.stored(&mut writes, 1);
        entries.add(&mut writes, 2, &error, None).unwrap();
        entries.send(writes).await.unwrap();
        let open = [pair("failed", 1), pair("failed", 2)];
        let expected = [&[pair("stored", 1), pair("superseded", 2)][..], &open, &open, &[pair("failed", 2)]];
        assert_eq!(states(&path), expected.concat());
    }

    #[test]
    fn entry_subject_is_within_the_head() {
        let of = |rest: &str| {
            let head = [FAILED, br#""journal":"j","#, rest.as_bytes()].concat();
            subject_of(&head[..head.len().min(HEAD)], "j")
        };
        let most = u64::MAX;
        assert_eq!(of(&format!("\"index\":{most},")), Some(Subject::Row(usize::MAX)));
        let identity =
            format!("\"badRecord\":{most},\"record\":\"00000000000000ff\",\"occurrence\":{most},\"error");
        assert_eq!(of(&identity), Some(Subject::BadRecord { record: 255, occurrence: usize::MAX }));
        // Format of entries before bad records had an identity.
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
    fn record_hash_is_stable_across_releases() {
        assert_eq!(hash_of_record("x.csv", b"2,2,x"), super::super::journal::hash(b"x.csv\xFF2,2,x"));
        assert_ne!(hash_of_record("x.cs", b"v2,2,x"), hash_of_record("x.csv", b"2,2,x"));
    }

    #[tokio::test]
    async fn marks_leave_other_text_unchanged() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("entries");
        let entries = DeadLetters::open(&path, Some("j")).unwrap();
        let mut writes = PendingWrites::default();
        entries.add(&mut writes, 0, &Error::invalid("no"), None).unwrap();
        entries.send(writes).await.unwrap();
        let entries = DeadLetters::open(&path, Some("j")).unwrap();
        // Another process removed the entries.
        for content in ["", "other text, and quite a lot of it\n"] {
            std::fs::write(&path, content).unwrap();
            let writes = PendingWrites { entries: Vec::new(), marks: vec![(9, STORED)] };
            entries.send(writes).await.unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
        }
    }

    /// Regression: an entry that was still to be written when its run was dropped was not found by the next run, so
    /// it stayed `failed` although that run stored the row.
    #[test]
    fn next_run_waits_for_entries_that_are_being_written() {
        let directory = tempfile::tempdir().unwrap();
        let (path, journal_path) = (directory.path().join("entries"), directory.path().join("journal"));
        let open = || {
            let journal = Journal::open(&journal_path, "a/b").unwrap();
            DeadLetters::open(&path, Some(journal.id())).unwrap().holding(Some(journal.hold()))
        };
        // There is one thread for blocking work, so the write waits behind other work.
        let runtime = tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
        let (release, busy) = std::sync::mpsc::channel::<()>();
        runtime.block_on(async {
            let busy = tokio::task::spawn_blocking(move || busy.recv());
            let entries = open();
            let mut writes = PendingWrites::default();
            entries.add(&mut writes, 7, &Error::invalid("no"), Some(b"{}")).unwrap();
            assert!(entries.send(writes).now_or_never().is_none());
            drop(entries);
            std::thread::scope(|scope| {
                let next = scope.spawn(open);
                std::thread::sleep(std::time::Duration::from_millis(50));
                assert!(!next.is_finished(), "the journal is unlocked before the entry is written");
                release.send(()).unwrap();
                assert!(!next.join().unwrap().is_clear());
            });
            busy.await.unwrap().unwrap();
        });
    }
}
