//! The journal of an ingestion, which lets a later run continue.

use std::{
    collections::BTreeMap,
    io::{self, Read as _},
    ops::Range,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::run_key;
use crate::{
    error::{Error, ErrorKind},
    journal::{
        lines::{Content, Hold, Lines, blocking, line},
        lock::{self, FileLock},
    },
    platform::{
        files::{self, OpenOptions},
        random,
    },
};

/// Version of the format. Version 1 had another hash and did not record batches.
const VERSION: u32 = 3;

/// The first bytes of every journal, in every version.
const BEGIN: &[u8] = br#"{"journal":{"version":"#;

/// An append-only file with one line per entry, which is synced before and after each request. Stores row indexes
/// and hashes, not rows. All entries are also kept in memory.
#[derive(Debug)]
pub(super) struct Journal {
    id: String,
    /// Set if the transport sends a request again after an ambiguous outcome.
    retries: bool,
    known: Mutex<Known>,
    lines: Lines,
}

/// The entries of earlier runs and of this one.
#[derive(Debug, Default)]
struct Known {
    /// Sub-batches by the index of the first row.
    sub_batches: BTreeMap<usize, SubBatch>,
    /// Batches of earlier runs, from the index of the first row to the index after the last.
    batches: BTreeMap<usize, usize>,
    /// Number of rows in the dataset before the first request whose count was recorded.
    counted: Option<u64>,
    /// First row of the rows that were last recorded as sent.
    last_sent: Option<usize>,
    /// Set if a run decided every row of its source, and no rows were sent since.
    finished: Option<Finished>,
}

/// The end of a run that decided every row of its source.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Finished {
    /// Number of rows of the source.
    pub(super) rows: usize,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) bad_records: u64,
}

/// The rows that a journal records, by their state.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Recorded {
    /// Rows that are stored, possibly twice.
    pub(super) stored: Vec<Range<usize>>,
    /// Rows whose requests have an ambiguous outcome, or none yet.
    pub(super) ambiguous: Vec<Range<usize>>,
    /// Rows that were rejected.
    pub(super) rejected: Vec<Range<usize>>,
    /// Rows that were sent again after an ambiguous outcome. Each is also stored or ambiguous.
    pub(super) twice: Vec<Range<usize>>,
    /// Number of stored rows that the service reports as not indexed.
    pub(super) missing: u64,
    pub(super) finished: Option<Finished>,
}

/// Rows that were sent together.
#[derive(Clone, Debug, PartialEq)]
struct SubBatch {
    rows: Range<usize>,
    /// Rows in the range that could not be encoded, and were not sent.
    without: Vec<usize>,
    hash: u64,
    state: State,
    /// The request may have been sent more than once until its outcome was recorded.
    retries: bool,
    /// Number of rows in the dataset before the request, if it was counted.
    before: Option<u64>,
}

/// A request that may have taken effect or may still take effect.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct OpenRequest {
    pub(super) rows: Range<usize>,
    /// Number of rows in the request, without those that cannot be encoded.
    pub(super) sent: u64,
    /// Number of rows in the dataset before the request, if no other request may have added rows since.
    pub(super) before: Option<u64>,
}

/// The state of rows that were sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum State {
    /// The request was sent, and its outcome was not recorded.
    Sent,
    /// The rows are stored, possibly twice. The service reports that it did not index `missing` of them.
    Acknowledged { twice: bool, missing: u64 },
    /// The rows were rejected and are not stored.
    Rejected,
    /// The outcome is ambiguous. `twice` if the rows were sent again after an ambiguous outcome, so that they may
    /// be stored twice.
    Ambiguous { twice: bool },
}

/// A record of rows that were sent as a part of a larger sub-batch.
pub(super) struct Part {
    pub(super) rows: Range<usize>,
    pub(super) without: Vec<usize>,
    pub(super) hash: u64,
    pub(super) state: State,
    pub(super) batch: Range<usize>,
}

/// The information of the journal about rows.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Prior {
    /// The journal has no information about the rows.
    New,
    /// The rows were sent together.
    Sent(State),
    /// The rows were sent as several sub-batches.
    SubBatches,
}

/// The first line, in every version.
#[derive(Deserialize)]
struct Header {
    journal: Version,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
enum Entry {
    Journal {
        version: u32,
        /// Identifies the dead letters of this journal.
        id: String,
        run: String,
    },
    Sent {
        from: usize,
        to: usize,
        hash: u64,
        before: Option<u64>,
        /// The batch that contains these rows. Includes rows that cannot be encoded.
        batch: (usize, usize),
        /// Rows in the range that cannot be encoded, and are not sent.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        without: Vec<usize>,
        /// Set if the request may be sent more than once.
        #[serde(default, skip_serializing_if = "is_false")]
        retries: bool,
    },
    Acknowledged {
        from: usize,
        to: usize,
        twice: bool,
        #[serde(default, skip_serializing_if = "is_zero")]
        missing: u64,
    },
    Rejected {
        from: usize,
        to: usize,
    },
    Ambiguous {
        from: usize,
        to: usize,
        twice: bool,
    },
    /// Written by runs of partitions.
    Finished(Finished),
}

impl Journal {
    /// Opens the journal of `run` (dataset and options), or creates it. Blocks the thread.
    ///
    /// A torn last line is dropped. The process ended while writing it, and the line before it is sufficient to
    /// resume.
    pub(super) fn open(path: &Path, run: &str) -> Result<Self, Error> {
        let lock = FileLock::acquire(path)?;
        let io = |error| io_error(path, error);
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(io)?;
        let mut content = Vec::new();
        file.read_to_end(&mut content).map_err(io)?;
        let found = Content::of(&content, BEGIN);
        let (first, known) = entries(path, &found)?;
        let id = match &first {
            None => format!("{:016x}", random::short()),
            Some(Entry::Journal { id, run: found, .. }) if found == run => id.clone(),
            Some(Entry::Journal { run: found, .. }) => {
                return Err(foreign(path, &run_key::differences(found, run), &known));
            }
            Some(_) => return Err(foreign(path, "its first entry is not that of a journal", &known)),
        };
        let lines = Lines::after(found.length(), file, path, lock).map_err(io)?;
        if first.is_none() {
            let header = Entry::Journal { version: VERSION, id: id.clone(), run: run.to_owned() };
            line(&header).and_then(|header| lines.append_now(&header)).map_err(io)?;
        }
        Ok(Self { id, retries: false, known: Mutex::new(known), lines })
    }

    /// Sets that the transport sends a request again after an ambiguous outcome. Such a request may store its rows twice before
    /// an outcome is recorded.
    pub(super) fn with_retries(self, retries: bool) -> Self {
        Self { retries, ..self }
    }

    /// Reads the rows that the journal at this path records, or returns `None` if there is no journal. A run may use the
    /// journal meanwhile. Blocks the thread.
    pub(super) fn recorded(path: &Path) -> Result<Option<Recorded>, Error> {
        // Reading a pipe might never end.
        if files::metadata(path).is_ok_and(|found| !found.is_file()) {
            return Err(Error::invalid(format!("the journal {} is not a regular file", path.display())));
        }
        let content = match files::read(path) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error(path, error)),
        };
        let (_, known) = entries(path, &Content::of(&content, BEGIN))?;
        Ok(Some(known.recorded()))
    }

    /// Returns `true` if a run uses the journal at this path. Blocks the thread.
    pub(super) fn is_in_use(path: &Path) -> Result<bool, Error> {
        FileLock::is_held(path)
    }

    /// Returns the id of the journal, which dead-letter entries contain.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Returns a guard that keeps the journal locked while other files of its run are written.
    pub(super) fn hold(&self) -> Hold {
        self.lines.hold()
    }

    /// Checks that another file of the run is neither the journal nor its lock file.
    pub(super) fn check_other(&self, path: &Path) -> Result<(), Error> {
        let (Ok(own), Ok(other)) = (lock::resolved(self.lines.path()), lock::resolved(path)) else {
            // Opening a path that cannot be resolved returns a better error.
            return Ok(());
        };
        if other == own || other == lock::beside(&own) {
            let what = format!("the dead-letter file {} is the journal or its lock file", path.display());
            return Err(Error::invalid(what).advice("name another dead-letter file; nothing was sent"));
        }
        Ok(())
    }

    /// Returns the index at which the batch that starts at `first` must end, so that batches have the same
    /// boundaries as in an earlier run.
    pub(super) fn batch_end(&self, first: usize) -> Option<usize> {
        let known = self.known();
        let begins_here = known.batches.get(&first).copied();
        let end = begins_here.or_else(|| known.batches.range(first..).next().map(|(next, _)| *next));
        end.filter(|end| *end > first)
    }

    /// Returns the recorded outcome of rows with these indexes.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](ErrorKind::InvalidInput) if the journal records other rows with these indexes.
    pub(super) fn prior(&self, rows: &Range<usize>, hash: u64) -> Result<Prior, Error> {
        let known = self.known();
        let other = || {
            let (first, last) = (rows.start, rows.end - 1);
            let what = if first == last {
                format!("row {first} differs from that of the earlier run")
            } else {
                format!("rows {first} to {last} differ from those of the earlier run")
            };
            foreign(self.lines.path(), &what, &known)
        };
        let mut prior = Prior::New;
        for sub_batch in known.sub_batches.range(rows.clone()).map(|(_, sub_batch)| sub_batch) {
            if sub_batch.rows == *rows {
                if sub_batch.hash != hash {
                    return Err(other());
                }
                prior = Prior::Sent(sub_batch.known_state());
                if sub_batch.state != State::Rejected {
                    break;
                }
                // The first half may have been sent without the second half.
            } else if sub_batch.rows.end <= rows.end {
                prior = Prior::SubBatches;
            } else if sub_batch.state != State::Rejected {
                // A rejected sub-batch may be larger, because these rows are its first half.
                return Err(other());
            }
        }
        Ok(prior)
    }

    /// Returns the number of rows from the first row to the last recorded row.
    pub(super) fn known_rows(&self) -> usize {
        let known = self.known();
        let sub_batches = known.sub_batches.values().map(|sub_batch| sub_batch.rows.end);
        sub_batches.chain(known.batches.values().copied()).max().unwrap_or(0)
    }

    /// Returns `true` if no row was sent before.
    pub(super) fn is_new(&self) -> bool {
        self.known().sub_batches.is_empty()
    }

    /// Returns the requests of an earlier run that have an ambiguous outcome.
    pub(super) fn ambiguous(&self) -> Vec<OpenRequest> {
        let known = self.known();
        let ambiguous = known.sub_batches.values().filter(|sub_batch| {
            let State::Acknowledged { twice, .. } = sub_batch.state else {
                return sub_batch.state != State::Rejected;
            };
            // The first request may take effect after the acknowledged one.
            twice
        });
        // A run in another mode leaves a request without an outcome as it is, and sends other rows.
        let was_sent_last = |sub_batch: &SubBatch| {
            sub_batch.state == State::Sent && known.last_sent == Some(sub_batch.rows.start)
        };
        let open = |sub_batch: &SubBatch| OpenRequest {
            rows: sub_batch.rows.clone(),
            sent: sub_batch.sent(),
            before: sub_batch.before.filter(|_| was_sent_last(sub_batch)),
        };
        ambiguous.map(open).collect()
    }

    /// Returns the smallest row count that includes every acknowledged row. Returns `None` if no count was recorded, or if the
    /// service did not index some of these rows, because it is not documented whether those are counted.
    ///
    /// The value is too large if rows were acknowledged before the first recorded count.
    pub(super) fn least_count(&self) -> Option<u64> {
        let known = self.known();
        let mut acknowledged = 0_u64;
        for sub_batch in known.sub_batches.values() {
            match sub_batch.state {
                State::Acknowledged { missing: 0, .. } => {
                    acknowledged = acknowledged.saturating_add(sub_batch.sent());
                }
                State::Acknowledged { .. } => return None,
                _ => {}
            }
        }
        match acknowledged {
            0 => Some(0),
            rows => known.counted.map(|before| before.saturating_add(rows)),
        }
    }

    /// Records that these rows of a batch are about to be sent. `without` has the rows in the range that are not sent.
    ///
    /// # Cancel safety
    ///
    /// See [`Lines::append`].
    pub(super) async fn sent(
        &self,
        rows: &Range<usize>,
        without: Vec<usize>,
        hash: u64,
        before: Option<u64>,
        batch: &Range<usize>,
    ) -> Result<(), Error> {
        let (state, retries) = (State::Sent, self.retries);
        let sub_batch =
            SubBatch { rows: rows.clone(), without: without.clone(), hash, state, retries, before };
        self.known().insert(sub_batch);
        let (from, to, batch) = (rows.start, rows.end, (batch.start, batch.end));
        self.write(&Entry::Sent { from, to, hash, before, batch, without, retries }).await
    }

    /// Records parts of sub-batches in this order and in one write, so that dropping the future loses none or all
    /// of them.
    ///
    /// # Cancel safety
    ///
    /// See [`Lines::append`].
    pub(super) async fn parts(&self, parts: Vec<Part>) -> Result<(), Error> {
        let mut lines = Vec::new();
        for Part { rows, without, hash, state, batch } in parts {
            let (from, to, batch) = (rows.start, rows.end, (batch.start, batch.end));
            let sent =
                Entry::Sent { from, to, hash, before: None, batch, without: without.clone(), retries: false };
            for entry in [sent, Entry::ended(&rows, state)] {
                lines.extend(line(&entry).map_err(|error| io_error(self.lines.path(), error))?);
            }
            self.known().insert(SubBatch { rows, without, hash, state, retries: false, before: None });
        }
        self.lines.append(lines).await.map_err(|error| io_error(self.lines.path(), error))
    }

    /// Records the outcome of a request.
    ///
    /// # Cancel safety
    ///
    /// See [`Lines::append`].
    pub(super) async fn ended(&self, rows: &Range<usize>, state: State) -> Result<(), Error> {
        self.known().end(rows, state);
        self.write(&Entry::ended(rows, state)).await
    }

    /// Records that a run decided every row of its source.
    ///
    /// # Cancel safety
    ///
    /// See [`Lines::append`].
    pub(super) async fn finish(&self, finished: Finished) -> Result<(), Error> {
        if self.known().finished.replace(finished) == Some(finished) {
            return Ok(());
        }
        self.write(&Entry::Finished(finished)).await
    }

    /// Appends and syncs one line.
    async fn write(&self, entry: &Entry) -> Result<(), Error> {
        self.lines.append_entry(entry).await.map_err(|error| io_error(self.lines.path(), error))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // No code waits while it holds this lock.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// Returns `false` if the entry is about rows, but has none, or has rows outside of its batch. A batch with such
    /// an entry could not be divided into the parts that were sent.
    fn has_rows(&self) -> bool {
        match self {
            Self::Journal { .. } | Self::Finished(_) => true,
            Self::Sent { from, to, batch, .. } => batch.0 <= *from && from < to && *to <= batch.1,
            Self::Acknowledged { from, to, .. }
            | Self::Rejected { from, to }
            | Self::Ambiguous { from, to, .. } => from < to,
        }
    }

    fn ended(rows: &Range<usize>, state: State) -> Self {
        let (from, to) = (rows.start, rows.end);
        match state {
            State::Acknowledged { twice, missing } => Self::Acknowledged { from, to, twice, missing },
            State::Rejected => Self::Rejected { from, to },
            State::Sent => Self::Ambiguous { from, to, twice: false },
            State::Ambiguous { twice } => Self::Ambiguous { from, to, twice },
        }
    }
}

impl SubBatch {
    /// Returns the number of rows in the request.
    fn sent(&self) -> u64 {
        self.rows.len().saturating_sub(self.without.len()) as u64
    }

    /// Returns the state, with what a request without a recorded outcome may have done.
    fn known_state(&self) -> State {
        match self.state {
            State::Sent if self.retries => State::Ambiguous { twice: true },
            state => state,
        }
    }
}

impl Known {
    /// Takes over an entry of the file. Returns `false` for the outcome of rows that no entry before it records as sent.
    fn read(&mut self, entry: Entry) -> bool {
        match entry {
            Entry::Journal { .. } => true,
            Entry::Sent { from, to, hash, before, batch, without, retries } => {
                self.batches.insert(batch.0, batch.1);
                self.counted = self.counted.or(before);
                let (rows, state) = (from..to, State::Sent);
                self.insert(SubBatch { rows, without, hash, state, retries, before });
                true
            }
            Entry::Acknowledged { from, to, twice, missing } => {
                self.end(&(from..to), State::Acknowledged { twice, missing })
            }
            Entry::Rejected { from, to } => self.end(&(from..to), State::Rejected),
            Entry::Ambiguous { from, to, twice } => self.end(&(from..to), State::Ambiguous { twice }),
            Entry::Finished(finished) => {
                self.finished = Some(finished);
                true
            }
        }
    }

    fn insert(&mut self, sub_batch: SubBatch) {
        self.finished = None;
        self.last_sent = Some(sub_batch.rows.start);
        self.sub_batches.insert(sub_batch.rows.start, sub_batch);
    }

    /// Sets the outcome of rows. Returns `false` if they were not sent together.
    fn end(&mut self, rows: &Range<usize>, state: State) -> bool {
        self.finished = None;
        let sub_batch = self.sub_batches.get_mut(&rows.start).filter(|sub_batch| sub_batch.rows == *rows);
        sub_batch.map(|sub_batch| sub_batch.state = state).is_some()
    }
}

impl Known {
    fn recorded(&self) -> Recorded {
        let mut recorded = Recorded { finished: self.finished, ..Recorded::default() };
        let mut sub_batches = self.sub_batches.values().peekable();
        while let Some(sub_batch) = sub_batches.next() {
            let SubBatch { rows, without, .. } = sub_batch;
            // While a sub-batch is sent in two halves, the second half is recorded beside the whole.
            let next = sub_batches.peek().map_or(rows.end, |next| next.rows.start);
            let rows = rows.start..rows.end.min(next);
            let (list, twice) = match sub_batch.known_state() {
                State::Sent => (&mut recorded.ambiguous, false),
                State::Ambiguous { twice } => (&mut recorded.ambiguous, twice),
                State::Acknowledged { twice, missing } => {
                    recorded.missing += missing;
                    (&mut recorded.stored, twice)
                }
                State::Rejected => (&mut recorded.rejected, false),
            };
            let mut add = |rows: Range<usize>| {
                append(list, &rows);
                if twice {
                    append(&mut recorded.twice, &rows);
                }
            };
            let mut from = rows.start;
            for gap in without.iter().copied().filter(|gap| rows.contains(gap)) {
                add(from..gap);
                from = gap + 1;
            }
            add(from..rows.end);
        }
        recorded
    }
}

/// Appends a range to ranges in ascending order.
fn append(ranges: &mut Vec<Range<usize>>, range: &Range<usize>) {
    match ranges.last_mut() {
        _ if range.is_empty() => {}
        Some(last) if last.end == range.start => last.end = range.end,
        _ => ranges.push(range.clone()),
    }
}

/// Returns the first entry of a journal, and the state after all entries.
fn entries(path: &Path, found: &Content<'_>) -> Result<(Option<Entry>, Known), Error> {
    let whole = match found {
        Content::Nothing => &[],
        Content::Lines(lines) => *lines,
        Content::Foreign => {
            return Err(Error::new(ErrorKind::Io, format!("{}: not a journal", path.display())).advice(
                "this call sent nothing, and the file is unchanged; restore it if it was a journal, or name a file that the \
                 journal may create",
            ));
        }
    };
    // A torn line may end within a character.
    let text = std::str::from_utf8(whole).map_err(|error| io_error(path, io::Error::other(error)))?;
    let invalid = |number: usize| {
        let what = format!("{}, line {}: not an entry of a journal", path.display(), number + 1);
        Error::new(ErrorKind::Io, what)
    };
    let mut lines = text.lines().enumerate().map(|(number, line)| {
        let entry: Entry = serde_json::from_str(line).map_err(|error| invalid(number).caused_by(error))?;
        if entry.has_rows() {
            Ok((number, entry))
        } else {
            Err(invalid(number).advice("it has no row, or a row outside of its batch"))
        }
    });
    check_version(path, text)?;
    let first = lines.next().transpose()?;
    let mut known = Known::default();
    for line in lines {
        let (number, entry) = line?;
        // A damaged entry must not let rows be sent again whose outcome is known.
        if !known.read(entry) {
            return Err(
                invalid(number).advice("it is the outcome of rows that no line before it records as sent")
            );
        }
    }
    Ok((first.map(|(_, entry)| entry), known))
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde calls it like this.
fn is_false(value: &bool) -> bool {
    !*value
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde calls it like this.
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Rejects a journal of another version, because its entries cannot be read.
fn check_version(path: &Path, text: &str) -> Result<(), Error> {
    let header = text.lines().next().and_then(|line| serde_json::from_str::<Header>(line).ok());
    match header.map(|header| header.journal.version) {
        None | Some(VERSION) => Ok(()),
        Some(version) => Err(Error::new(
            ErrorKind::InvalidInput,
            format!(
                "the journal {} has version {version}, and this release reads version {VERSION}",
                path.display()
            ),
        )
        .advice(
            "this call sent nothing; finish this run with the release that began it, or delete the journal, which sends \
             rows again that are stored already",
        )),
    }
}

/// Rejects the journal of another run. Its rows are in no account of this run, so the error has their number.
fn foreign(path: &Path, why: &str, known: &Known) -> Error {
    let Recorded { stored, ambiguous, .. } = known.recorded();
    let what = format!("the journal {} belongs to another run: {why}", path.display());
    let (what, advice) = match stored.iter().chain(&ambiguous).map(ExactSizeIterator::len).sum::<usize>() {
        0 => (what, "use the same rows and options, or a new journal"),
        sent => (
            format!("{what}; the number of its rows that are or may be stored is {sent}"),
            "use the same rows and options; with a new journal, a run would send those rows again",
        ),
    };
    Error::new(ErrorKind::InvalidInput, what).advice(advice)
}

fn io_error(path: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("the journal {}: {error}", path.display())).caused_by(error)
}

/// Returns a hash of encoded rows that is the same in every release: XXH3 with 64 bits.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    twox_hash::XxHash3_64::oneshot(bytes)
}

/// Minimum size in bytes of a body that is hashed on a thread for blocking work. Hashing this size takes about 0.2
/// ms.
const LARGE: usize = 1024 * 1024;

/// Returns the hash of a body without blocking async code.
pub(super) async fn hash_body(body: &Bytes) -> u64 {
    if body.len() < LARGE {
        return hash(body);
    }
    let shared = body.clone();
    // The call fails only while the runtime shuts down.
    blocking(move || Ok(hash(&shared))).await.unwrap_or_else(|_| hash(body))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn state(prior: Prior) -> State {
        match prior {
            Prior::Sent(state) => state,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn entry_without_rows_is_rejected() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        drop(Journal::open(&path, "a/b").unwrap());
        let header = std::fs::read_to_string(&path).unwrap();
        for entry in [
            r#"{"acknowledged":{"from":0,"to":2,"twice":false}}"#,
            r#"{"rejected":{"from":0,"to":2}}"#,
            r#"{"ambiguous":{"from":0,"to":2,"twice":false}}"#,
            r#"{"sent":{"from":4,"to":2,"hash":1,"before":null,"batch":[0,4]}}"#,
            r#"{"sent":{"from":2,"to":2,"hash":1,"before":null,"batch":[2,4]}}"#,
            r#"{"sent":{"from":0,"to":4,"hash":1,"before":null,"batch":[1,4]}}"#,
            r#"{"sent":{"from":0,"to":4,"hash":1,"before":null,"batch":[0,3]}}"#,
            r#"{"acknowledged":{"from":1,"to":1,"twice":false}}"#,
            r#"{"rejected":{"from":1,"to":0}}"#,
            r#"{"ambiguous":{"from":1,"to":0,"twice":false}}"#,
        ] {
            let content = format!("{header}{entry}\n");
            std::fs::write(&path, &content).unwrap();
            let error = Journal::open(&path, "a/b").unwrap_err();
            assert!(error.to_string().contains("line 2: not an entry of a journal"), "{error}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
        }
    }

    #[tokio::test]
    async fn journal_is_read_by_later_runs_after_a_torn_line() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        let journal = Journal::open(&path, "a/b").unwrap();
        journal.sent(&(0..2), Vec::new(), 1, None, &(0..2)).await.unwrap();
        journal.ended(&(0..2), State::Acknowledged { twice: false, missing: 0 }).await.unwrap();
        journal.sent(&(2..4), Vec::new(), 2, Some(2), &(2..5)).await.unwrap();
        let id = journal.id().to_owned();
        drop(journal);
        // The process ends while it writes a line.
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(br#"{"acknowledged":{"fr"#).unwrap();

        let journal = Journal::open(&path, "a/b").unwrap();
        assert_eq!(journal.id(), id);
        assert_eq!(
            state(journal.prior(&(0..2), 1).unwrap()),
            State::Acknowledged { twice: false, missing: 0 }
        );
        assert_eq!(state(journal.prior(&(2..4), 2).unwrap()), State::Sent);
        assert_eq!(journal.ambiguous(), [OpenRequest { rows: 2..4, sent: 2, before: Some(2) }]);
        assert_eq!(journal.prior(&(4..6), 9).unwrap(), Prior::New);
        assert_eq!(journal.prior(&(0..4), 9).unwrap(), Prior::SubBatches);
        assert_eq!([0, 1, 2, 5].map(|first| journal.batch_end(first)), [Some(2), Some(2), Some(5), None]);
        journal.ended(&(2..4), State::Ambiguous { twice: true }).await.unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 5, "{text}");
        drop(journal);
        let journal = Journal::open(&path, "a/b").unwrap();
        assert_eq!(state(journal.prior(&(2..4), 2).unwrap()), State::Ambiguous { twice: true });
    }

    #[tokio::test]
    async fn counts_include_rows_that_were_sent() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        let acknowledged = |missing| State::Acknowledged { twice: false, missing };
        let journal = Journal::open(&path, "a/b").unwrap();
        assert_eq!(journal.least_count(), Some(0));
        journal.sent(&(0..4), vec![1, 2], 1, Some(10), &(0..4)).await.unwrap();
        drop(journal);
        let journal = Journal::open(&path, "a/b").unwrap();
        assert_eq!(journal.ambiguous(), [OpenRequest { rows: 0..4, sent: 2, before: Some(10) }]);
        journal.ended(&(0..4), acknowledged(0)).await.unwrap();
        assert_eq!(journal.least_count(), Some(12));
        // It is not known whether rows are counted that were not indexed.
        journal.ended(&(0..4), acknowledged(1)).await.unwrap();
        assert_eq!(journal.least_count(), None);
    }

    /// Regression: a file without a line break was treated as a torn line and emptied.
    #[test]
    fn file_that_is_not_a_journal_is_rejected_unchanged() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("rows.json");
        for content in
            [&b"[{\"title\":\"Alien\"}]"[..], b"title,year", b"\xff\xfe", b"{\"journal\":1}", b"\0\n"]
        {
            std::fs::write(&path, content).unwrap();
            let error = Journal::open(&path, "a/b").unwrap_err();
            assert!(error.to_string().contains("rows.json"), "{error}");
            assert_eq!(std::fs::read(&path).unwrap(), content);
        }
    }

    #[tokio::test]
    async fn journal_is_read_while_a_run_uses_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        assert_eq!(Journal::recorded(&path).unwrap(), None);
        assert_eq!(Journal::recorded(directory.path()).unwrap_err().kind(), ErrorKind::InvalidInput);
        let journal = Journal::open(&path, "a/b").unwrap();
        assert_eq!(Journal::recorded(&path).unwrap(), Some(Recorded::default()));
        // Row 1 cannot be encoded.
        journal.sent(&(0..3), vec![1], 1, None, &(0..3)).await.unwrap();
        journal.ended(&(0..3), State::Acknowledged { twice: true, missing: 1 }).await.unwrap();
        journal.sent(&(3..7), Vec::new(), 2, None, &(3..7)).await.unwrap();
        journal.ended(&(3..7), State::Rejected).await.unwrap();
        // The second half of rejected rows is recorded beside them.
        journal.sent(&(5..7), Vec::new(), 3, None, &(3..7)).await.unwrap();
        let finished = Finished { rows: 7, bad_records: 0 };
        journal.finish(finished).await.unwrap();
        journal.finish(finished).await.unwrap();
        let expected = Recorded {
            stored: vec![0..1, 2..3],
            ambiguous: std::iter::once(5..7).collect(),
            rejected: std::iter::once(3..5).collect(),
            twice: vec![0..1, 2..3],
            missing: 1,
            finished: Some(finished),
        };
        assert_eq!(Journal::recorded(&path).unwrap(), Some(expected));
        let lines = std::fs::read_to_string(&path).unwrap();
        assert_eq!(lines.lines().count(), 7, "{lines}");
        assert!(lines.ends_with("{\"finished\":{\"rows\":7}}\n"), "{lines}");
        // Rows that are sent later are not decided yet.
        journal.sent(&(7..8), Vec::new(), 4, None, &(7..8)).await.unwrap();
        assert_eq!(Journal::recorded(&path).unwrap().unwrap().finished, None);
        drop(journal);
        let recorded = Journal::open(&path, "a/b").unwrap().known().recorded();
        assert_eq!(recorded.ambiguous, std::slice::from_ref(&(5..8)));
    }

    /// Regression: a process was killed between two attempts of a request, and its rows were not reported as possibly stored twice.
    #[tokio::test]
    async fn request_that_may_be_repeated_may_store_its_rows_twice() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        for retries in [false, true] {
            std::fs::write(&path, "").unwrap();
            let journal = Journal::open(&path, "a/b").unwrap().with_retries(retries);
            journal.sent(&(0..2), Vec::new(), 1, None, &(0..2)).await.unwrap();
            let recorded = Journal::recorded(&path).unwrap().unwrap();
            assert_eq!(recorded.ambiguous, std::slice::from_ref(&(0..2)));
            assert_eq!(recorded.twice.is_empty(), !retries);
            drop(journal);
            let journal = Journal::open(&path, "a/b").unwrap();
            let expected = if retries { State::Ambiguous { twice: true } } else { State::Sent };
            assert_eq!(state(journal.prior(&(0..2), 1).unwrap()), expected);
            journal.ended(&(0..2), State::Acknowledged { twice: false, missing: 0 }).await.unwrap();
            assert!(Journal::recorded(&path).unwrap().unwrap().twice.is_empty());
        }
    }

    #[test]
    fn journal_with_a_torn_first_line_is_recreated() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        drop(Journal::open(&path, "plants/bäume").unwrap());
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            drop(Journal::open(&path, "plants/bäume").unwrap());
            assert_eq!(std::fs::read(&path).unwrap().len(), whole.len(), "{length}");
        }
    }

    #[tokio::test]
    async fn journal_of_another_run_is_rejected() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        let journal = Journal::open(&path, "a/b").unwrap();
        journal.sent(&(0..4), Vec::new(), 1, None, &(0..4)).await.unwrap();
        let other = |rows: Range<usize>, hash| journal.prior(&rows, hash).unwrap_err().to_string();
        assert!(other(0..4, 7).contains("rows 0 to 3 differ from those of the earlier run"));
        // These rows are in no account of the other run, and a new journal would send them again.
        assert!(other(0..4, 7).contains("its rows that are or may be stored is 4"));
        // Fewer rows than were sent would be stored twice.
        assert!(other(0..2, 7).contains("rows 0 to 1 differ"));
        assert!(other(0..1, 7).contains("row 0 differs from that of the earlier run"));
        // The first half of rejected rows is sent.
        journal.ended(&(0..4), State::Rejected).await.unwrap();
        assert_eq!(journal.prior(&(0..2), 7).unwrap(), Prior::New);
        // The second half is recorded first, so the whole was sent as sub-batches.
        journal.sent(&(2..4), Vec::new(), 5, None, &(0..4)).await.unwrap();
        assert_eq!(journal.prior(&(0..4), 1).unwrap(), Prior::SubBatches);
        drop(journal);
        let error = Journal::open(&path, "a/c").unwrap_err().to_string();
        assert!(error.contains("another run") && error.contains("may be stored is 2"), "{error}");
        for (content, reason) in [
            ("a,b\n", "not a journal"),
            ("a,b", "not a journal"),
            ("{\"journal\":{\"title\":\"my own file\"}}", "not a journal"),
            ("{\"journal\":{\"version\":3,no\n", "line 1: not an entry"),
        ] {
            std::fs::write(&path, content).unwrap();
            let error = Journal::open(&path, "a/b").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Io);
            assert!(error.to_string().contains(reason), "{error}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
        }
    }

    #[test]
    fn journal_of_an_older_version_is_rejected() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        let old = "{\"journal\":{\"version\":1,\"run\":\"a/b\"}}\n{\"sent\":{\"from\":0,\"to\":2,\"hash\":1,\"before\":null}}\n";
        std::fs::write(&path, old).unwrap();
        let error = Journal::open(&path, "a/b").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("has version 1, and this release reads version 3"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), old);
    }

    /// Regression 5.
    #[tokio::test]
    async fn journal_in_use_is_rejected() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        let journal = Journal::open(&path, "a/b").unwrap();
        let error = Journal::open(&path, "a/b").unwrap_err().to_string();
        assert!(error.contains(&format!("in use by process {}", std::process::id())), "{error}");
        drop(journal);
        Journal::open(&path, "a/b").unwrap();
    }

    /// Regression 22.
    #[tokio::test]
    async fn large_bodies_have_the_same_hash() {
        for length in [10, LARGE, LARGE + 1] {
            let body = Bytes::from(vec![7; length]);
            assert_eq!(hash_body(&body).await, hash(&body));
        }
    }

    #[test]
    fn hash_is_stable_across_releases() {
        // The first is a test vector of xxHash.
        assert_eq!(hash(b""), 0x2d06_8005_38d3_94c2);
        assert_eq!(hash(b"foobar"), 0xd78f_da63_144c_5c84);
    }
}
