//! The log of requests, for tests and for the page of the emulator.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;

use crate::concurrency::lock::lock;

/// One request to the emulator. Headers and bodies are not recorded, so no API key is either.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RequestRecord {
    /// Method in upper case.
    pub method: String,
    /// Path without the query, percent-encoded as it was sent.
    ///
    /// The secret of a presigned URL is replaced: `/_storage/-/3` is part 3 of some file. A path longer than 4,096 bytes
    /// is cut and ends with `... (1000 more bytes)`.
    pub path: String,
    /// Query string without the question mark, percent-encoded and cut like the path. `None` if the URL has none.
    pub query: Option<String>,
    /// Operation id, or `putPart` for a part sent to the storage. `None` if no operation matches.
    pub operation: Option<&'static str>,
    /// HTTP status of the response. For a response that an injected fault dropped, the status that it had.
    pub status: u16,
    /// Value of the header `x-request-id` of the response.
    pub request_id: String,
    /// Origin of the response: `computed`, `recorded`, `scripted` or `unsupported`.
    pub label: &'static str,
    /// `true` if an injected fault was applied to this request.
    pub faulted: bool,
    /// Name of the injected fault, as in the header `x-datalinks-emulator-fault`, or `None` if there was none.
    pub fault: Option<&'static str>,
    /// Time of the request, by the emulator's clock.
    pub when: SystemTime,
    /// Time until the response started, by the system clock.
    pub elapsed: Duration,
}

/// Maximum number of bytes of a path or a query that are recorded.
pub(crate) const LONGEST: usize = 4_096;

/// Maximum size of all records, in bytes (approximate).
pub(crate) const BYTES: usize = 16 * 1024 * 1024;

impl RequestRecord {
    /// Returns the approximate size of the record in bytes.
    fn size(&self) -> usize {
        let texts = [&self.method, &self.path, &self.request_id].into_iter().chain(&self.query);
        size_of::<Self>() + texts.map(String::len).sum::<usize>()
    }
}

/// Cuts a string that is too long to be recorded.
fn shortened(text: &mut String) {
    if text.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        let more = text.len() - end;
        text.truncate(end);
        text.push_str(&format!("... ({more} more bytes)"));
        text.shrink_to_fit();
    }
}

/// The latest requests, oldest first. Each has a unique number, counted from 0.
#[derive(Debug)]
pub(crate) struct Log {
    /// Start of this log in microseconds since the Unix epoch. Distinguishes it from the log of an earlier emulator.
    born: u64,
    capacity: usize,
    records: Mutex<Records>,
    changed: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Records {
    /// Number of the oldest record.
    first: u64,
    records: VecDeque<RequestRecord>,
    /// Total size of the records in bytes.
    bytes: usize,
}

impl Log {
    pub(crate) fn new(capacity: usize) -> Self {
        let born = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let born = u64::try_from(born.as_micros()).unwrap_or_default();
        Self { born, capacity, records: Mutex::default(), changed: watch::Sender::new(()) }
    }

    pub(crate) fn born(&self) -> u64 {
        self.born
    }

    pub(crate) fn push(&self, mut record: RequestRecord) {
        shortened(&mut record.method);
        shortened(&mut record.path);
        record.query.iter_mut().for_each(shortened);
        {
            let mut records = lock(&self.records);
            records.bytes += record.size();
            records.records.push_back(record);
            while records.records.len() > self.capacity || records.bytes > BYTES {
                let Some(oldest) = records.records.pop_front() else { break };
                records.bytes -= oldest.size();
                records.first += 1;
            }
        }
        self.changed.send_replace(());
    }

    pub(crate) fn all(&self) -> Vec<RequestRecord> {
        lock(&self.records).records.iter().cloned().collect()
    }

    /// Returns the earliest record with this number or a later one, or `None` if there is none.
    pub(crate) fn from(&self, number: u64) -> Option<(u64, RequestRecord)> {
        let records = lock(&self.records);
        let number = number.max(records.first);
        let at = usize::try_from(number - records.first).ok()?;
        records.records.get(at).map(|record| (number, record.clone()))
    }

    /// Returns a receiver that is notified when a record was added.
    pub(crate) fn changed(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(path: &str) -> RequestRecord {
        RequestRecord {
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: None,
            operation: None,
            status: 404,
            request_id: String::new(),
            label: "computed",
            faulted: false,
            fault: None,
            when: SystemTime::UNIX_EPOCH,
            elapsed: Duration::ZERO,
        }
    }

    #[test]
    fn numbers_continue_when_records_are_dropped() {
        let log = Log::new(2);
        let mut changed = log.changed();
        assert!(log.from(0).is_none());
        for path in ["/a", "/b", "/c"] {
            log.push(record(path));
        }
        assert!(changed.has_changed().unwrap());
        changed.mark_unchanged();
        let from = |number| log.from(number).map(|(number, record)| (number, record.path));
        assert_eq!(from(0), Some((1, "/b".to_owned())));
        assert_eq!(from(2), Some((2, "/c".to_owned())));
        assert_eq!(from(3), None);
        assert_eq!(log.all().len(), 2);
    }

    #[test]
    fn long_paths_are_cut_and_log_size_is_limited() {
        let log = Log::new(1_000_000);
        let address = "/ä".repeat(50_000);
        let requests = 2 * BYTES / LONGEST;
        for _ in 0..requests {
            log.push(RequestRecord { query: Some("x".repeat(LONGEST + 1)), ..record(&address) });
        }
        let all = log.all();
        let bytes: usize = all.iter().map(RequestRecord::size).sum();
        assert!(bytes <= BYTES && bytes > BYTES - 3 * LONGEST, "{bytes}");
        assert_eq!(lock(&log.records).bytes, bytes);
        assert_eq!(log.from(0).map(|(first, _)| first), Some((requests - all.len()) as u64));
        let last = all.last().unwrap();
        assert!(last.path.ends_with("ä/... (145904 more bytes)"), "{}", &last.path[LONGEST - 10..]);
        assert!(last.query.as_ref().unwrap().ends_with("x... (1 more bytes)"));
        log.push(record(&"/".repeat(LONGEST)));
        assert_eq!(log.all().last().unwrap().path.len(), LONGEST, "a path of maximum length is not cut");
    }

    #[test]
    fn log_without_capacity_records_nothing() {
        let log = Log::new(0);
        log.push(record("/a"));
        assert!(log.all().is_empty() && log.from(0).is_none());
    }
}
