//! What was asked: a log for tests.

use std::collections::VecDeque;
use std::sync::Mutex;

use crate::lock::lock;

/// One request that the emulator saw. Headers and bodies are not kept, so no key is either.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RequestRecord {
    /// The method, in capitals.
    pub method: String,
    /// The path as it came, still percent-encoded, without the query. Of a presigned URL the secret is
    /// left out: `/_storage/-/3` is the third part of some file.
    pub path: String,
    /// What came after the question mark, still encoded.
    pub query: Option<String>,
    /// The operation, if the request meant one; `putPart` for a part sent to the storage.
    pub operation: Option<&'static str>,
    /// The status answered. When the answer was lost on purpose, the one that got lost.
    pub status: u16,
    /// The value of the answer's `x-request-id`.
    pub request_id: String,
    /// Whether an injected fault acted on this request.
    pub faulted: bool,
}

/// The latest requests, oldest first.
#[derive(Debug)]
pub(crate) struct Log {
    kept: usize,
    records: Mutex<VecDeque<RequestRecord>>,
}

impl Log {
    pub(crate) fn new(kept: usize) -> Self {
        Self { kept, records: Mutex::default() }
    }

    pub(crate) fn push(&self, record: RequestRecord) {
        let mut records = lock(&self.records);
        while records.len() >= self.kept.max(1) {
            records.pop_front();
        }
        if self.kept > 0 {
            records.push_back(record);
        }
    }

    pub(crate) fn all(&self) -> Vec<RequestRecord> {
        lock(&self.records).iter().cloned().collect()
    }
}
