//! What was asked: a log for tests, and for whoever watches.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;

use crate::concurrency::lock::lock;

/// One request that the emulator saw. Headers and bodies are not kept, so no key is either.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RequestRecord {
    /// The method, in capitals.
    pub method: String,
    /// The path as it came, still percent-encoded, without the query. Of a presigned URL the secret is
    /// left out: `/_storage/-/3` is the third part of some file. A path of more than 4,096 bytes is shortened, which
    /// its end tells: `... (1000 more bytes)`.
    pub path: String,
    /// What came after the question mark, still encoded, shortened as the path is.
    pub query: Option<String>,
    /// The operation, if the request meant one; `putPart` for a part sent to the storage.
    pub operation: Option<&'static str>,
    /// The status answered. When the answer was lost on purpose, the one that got lost.
    pub status: u16,
    /// The value of the answer's `x-request-id`.
    pub request_id: String,
    /// How its answer came about: `computed`, `recorded`, `scripted` or `unsupported`.
    pub label: &'static str,
    /// Whether an injected fault acted on this request.
    pub faulted: bool,
    /// The fault that acted, as the header `x-datalinks-emulator-fault` names it.
    pub fault: Option<&'static str>,
    /// When it came, by the emulator's clock.
    pub when: SystemTime,
    /// How long its answer took to begin, by the machine's clock.
    pub elapsed: Duration,
}

/// Maximum number of bytes of a path or a query that are kept.
pub(crate) const LONGEST: usize = 4_096;

/// Maximum number of bytes that all records take, about.
pub(crate) const BYTES: usize = 16 * 1024 * 1024;

impl RequestRecord {
    /// About how many bytes it takes.
    fn size(&self) -> usize {
        let texts = [&self.method, &self.path, &self.request_id].into_iter().chain(&self.query);
        size_of::<Self>() + texts.map(String::len).sum::<usize>()
    }
}

/// The beginning of a text that is too long to be kept.
fn shortened(text: &mut String) {
    if text.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        let more = text.len() - end;
        text.truncate(end);
        text.push_str(&format!("... ({more} more bytes)"));
        text.shrink_to_fit();
    }
}

/// The latest requests, oldest first. Each has a number, counted from 0 and given once.
#[derive(Debug)]
pub(crate) struct Log {
    /// Tells this log from that of an emulator which ran here before: when it was begun, in microseconds.
    born: u64,
    kept: usize,
    records: Mutex<Records>,
    changed: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Records {
    /// The number of the oldest one kept.
    first: u64,
    kept: VecDeque<RequestRecord>,
    /// The sizes of all of them.
    bytes: usize,
}

impl Log {
    pub(crate) fn new(kept: usize) -> Self {
        let born = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let born = u64::try_from(born.as_micros()).unwrap_or_default();
        Self { born, kept, records: Mutex::default(), changed: watch::Sender::new(()) }
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
            records.kept.push_back(record);
            while records.kept.len() > self.kept || records.bytes > BYTES {
                let Some(oldest) = records.kept.pop_front() else { break };
                records.bytes -= oldest.size();
                records.first += 1;
            }
        }
        self.changed.send_replace(());
    }

    pub(crate) fn all(&self) -> Vec<RequestRecord> {
        lock(&self.records).kept.iter().cloned().collect()
    }

    /// The earliest request that is kept and has this number or a later one.
    pub(crate) fn from(&self, number: u64) -> Option<(u64, RequestRecord)> {
        let records = lock(&self.records);
        let number = number.max(records.first);
        let at = usize::try_from(number - records.first).ok()?;
        records.kept.get(at).map(|record| (number, record.clone()))
    }

    /// Tells when something was added.
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
    fn numbers_go_on_when_records_are_dropped() {
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
    fn long_addresses_are_shortened_and_the_log_has_a_size() {
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
        assert_eq!(log.all().last().unwrap().path.len(), LONGEST, "that long it may be");
    }

    #[test]
    fn a_log_may_keep_nothing() {
        let log = Log::new(0);
        log.push(record("/a"));
        assert!(log.all().is_empty() && log.from(0).is_none());
    }
}
