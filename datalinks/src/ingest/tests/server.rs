//! A scripted service that fails on a schedule, on a paused clock.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures::future::BoxFuture;
use serde_json::Value;
use tokio::{sync::Notify, time::Instant};

use crate::{
    error::{Error, ErrorKind},
    ingest::{
        adaptive::Pacer,
        engine::{Acknowledged, Deliver},
        options::Delivery,
        reconcile::{KEYS_PER_QUERY, Key},
    },
    transport::{AttemptEnd, Gate as _},
};

/// Behavior for one request. Times are seconds of the paused clock.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    None,
    /// The connection fails, or an idle connection was closed before the request was written.
    NotConnected,
    /// The host does not accept until the connect timeout.
    NeverAccepts,
    /// 503, and no row is stored.
    Busy,
    /// The connection closes or the response is 500, and the rows are stored.
    LostAfter,
    /// The connection closes or the response is 500, and no row is stored.
    LostBefore,
    /// 504 immediately, and the rows are stored after this time.
    Late(u64),
    /// 504 immediately. Some rows are stored immediately, and the others after this time or never.
    InPart(Option<u64>),
    /// The server is silent until the idle timeout of the client, and stores the rows after this time.
    Silent(u64),
    /// The response is delayed by this time.
    Slow(u64),
    /// One row is not indexed.
    Short,
    /// The response has no row count.
    Wordless,
    /// The API key is deleted during the run.
    Unauthorized,
}

/// Idle timeout of the client.
const IDLE: u64 = 20;
const CONNECT: u64 = 10;

/// Behavior of the service during a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Schedule {
    /// Faults, by the number of the request.
    pub(super) faults: Vec<Fault>,
    /// Rows that the service rejects.
    pub(super) bad: BTreeSet<usize>,
    /// Maximum size of a request in bytes.
    pub(super) most_bytes: usize,
    /// Maximum attempts per call.
    pub(super) attempts: u32,
    /// Results of reads of the dataset, by their number. `false` fails.
    pub(super) looks: Vec<bool>,
    /// Seconds until stored rows become visible.
    pub(super) lag: u64,
    /// Times and numbers of rows that another writer adds.
    pub(super) others: Vec<(u64, u64)>,
}

pub(super) struct Server {
    pub(super) schedule: Schedule,
    /// Delivery mode of the present run.
    pub(super) delivery: Mutex<Delivery>,
    start: Instant,
    /// Number of calls that deliver rows.
    pub(super) calls: AtomicUsize,
    requests: AtomicUsize,
    looks: AtomicUsize,
    /// Times of reads of the dataset since the start.
    pub(super) looked: Mutex<Vec<Duration>>,
    in_flight: AtomicUsize,
    pub(super) most_in_flight: AtomicUsize,
    /// Number of requests until the process crashes, and whether the rows of the last one are stored.
    pub(super) death: Mutex<Option<(usize, bool)>>,
    pub(super) dies: Notify,
    /// Admits the attempts of the present run.
    pub(super) pacer: Mutex<Option<Arc<Pacer>>>,
    state: Mutex<State>,
}

/// A stored copy of a row.
#[derive(Clone, Debug)]
struct Copy {
    row: usize,
    /// Key of the row as written in a query.
    key: Option<String>,
    from: Instant,
}

#[derive(Debug, Default)]
struct State {
    /// Stored rows, including rows that are stored later.
    copies: Vec<Copy>,
    /// Number of requests with each row that the service may have executed.
    executed: BTreeMap<usize, u32>,
    acknowledged: BTreeSet<usize>,
    sent_after_acknowledged: Vec<usize>,
    keys_asked: Vec<usize>,
}

/// State of all rows after every request has taken effect.
pub(super) struct Truth {
    /// Number of stored copies of each row.
    pub(super) stored: BTreeMap<usize, u32>,
    /// Number of requests with each row that the service may have executed.
    pub(super) executed: BTreeMap<usize, u32>,
    pub(super) sent_after_acknowledged: Vec<usize>,
}

impl Truth {
    pub(super) fn stored(&self, row: usize) -> u32 {
        self.stored.get(&row).copied().unwrap_or_default()
    }

    pub(super) fn executed(&self, row: usize) -> u32 {
        self.executed.get(&row).copied().unwrap_or_default()
    }
}

/// Returns the number and key of each row in a body.
fn rows_of(body: &[u8]) -> Vec<(usize, Option<String>)> {
    let body: Value = serde_json::from_slice(body).unwrap();
    let row = |row: &Value| {
        let key = row.get("id").map(|key| key.as_str().map_or_else(|| key.to_string(), str::to_owned));
        (usize::try_from(row["n"].as_u64().unwrap()).unwrap(), key)
    };
    body["data"].as_array().unwrap().iter().map(row).collect()
}

/// A failed attempt.
struct Failure {
    error: Error,
    /// Set if the service may have executed the request.
    ambiguous: bool,
    /// Set if a retry may succeed.
    passing: bool,
}

impl Failure {
    fn end(&self) -> AttemptEnd {
        match self.error.kind() {
            ErrorKind::TooLarge => AttemptEnd::TooLarge,
            ErrorKind::Server => AttemptEnd::Rejected { retry_after: None },
            _ if self.passing => AttemptEnd::Failed,
            _ => AttemptEnd::Declined,
        }
    }
}

fn not_executed(kind: ErrorKind, what: &str, passing: bool) -> Failure {
    Failure { error: Error::new(kind, what), ambiguous: false, passing }
}

fn lost(what: &str) -> Failure {
    Failure { error: Error::new(ErrorKind::Interrupted, what), ambiguous: true, passing: true }
}

impl Server {
    pub(super) fn new(schedule: Schedule, delivery: Delivery) -> Self {
        Self {
            schedule,
            delivery: Mutex::new(delivery),
            start: Instant::now(),
            calls: AtomicUsize::new(0),
            requests: AtomicUsize::new(0),
            looks: AtomicUsize::new(0),
            looked: Mutex::default(),
            in_flight: AtomicUsize::new(0),
            most_in_flight: AtomicUsize::new(0),
            death: Mutex::default(),
            dies: Notify::new(),
            pacer: Mutex::default(),
            state: Mutex::default(),
        }
    }

    /// Returns the number of received requests, including retries.
    pub(super) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// Returns the number of reads of the dataset, including failed ones.
    pub(super) fn looks(&self) -> usize {
        self.looks.load(Ordering::Relaxed)
    }

    /// Returns the number of keys per query.
    pub(super) fn keys_asked(&self) -> Vec<usize> {
        self.state.lock().unwrap().keys_asked.clone()
    }

    /// Returns the state after every request has taken effect.
    pub(super) fn truth(&self) -> Truth {
        let state = self.state.lock().unwrap();
        let mut stored = BTreeMap::new();
        state.copies.iter().for_each(|copy| *stored.entry(copy.row).or_default() += 1);
        Truth {
            stored,
            executed: state.executed.clone(),
            sent_after_acknowledged: state.sent_after_acknowledged.clone(),
        }
    }

    /// Returns `Some` if the process crashes with this request, with `true` if its rows are stored.
    fn death(&self) -> Option<bool> {
        let mut death = self.death.lock().unwrap();
        let (left, stored) = death.as_mut()?;
        if *left == 0 {
            return Some(*stored);
        }
        *left -= 1;
        None
    }

    fn accepts(&self, body: &[u8]) -> bool {
        body.len() <= self.schedule.most_bytes
            && !rows_of(body).iter().any(|(row, _)| self.schedule.bad.contains(row))
    }

    /// The retries of the client's transport.
    async fn call(&self, body: Bytes, retry_ambiguous: bool) -> Result<Acknowledged, Error> {
        assert_eq!(retry_ambiguous, *self.delivery.lock().unwrap() == Delivery::AtLeastOnce);
        self.calls.fetch_add(1, Ordering::Relaxed);
        let mut ambiguous = 0;
        for attempt in 1.. {
            let pass = match self.pacer() {
                Some(pacer) => Some(pacer.admit(body.len()).await?),
                None => None,
            };
            let outcome = self.attempt(&body).await;
            if let Some(pass) = pass {
                pass.end(match &outcome {
                    Ok(_) => AttemptEnd::Answered,
                    Err(failure) => failure.end(),
                });
            }
            let failure = match outcome {
                Ok(indexed) => {
                    return Ok(Acknowledged { indexed, repeated: ambiguous > 0, attempts: attempt });
                }
                Err(failure) => failure,
            };
            ambiguous += u32::from(failure.ambiguous);
            let error = failure.error.with_ambiguous(ambiguous > 0).with_ambiguous_attempts(ambiguous);
            let again = failure.passing && (retry_ambiguous || !failure.ambiguous);
            if !again || attempt >= self.schedule.attempts {
                return Err(error.with_attempts(attempt, Duration::ZERO));
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        unreachable!("an attempt is the last one")
    }

    async fn attempt(&self, body: &Bytes) -> Result<Option<u64>, Failure> {
        // Responses may arrive in another order than their requests.
        let wait = (self.requests() * 7 + body.len()) % 5;
        tokio::time::sleep(Duration::from_millis(wait as u64)).await;
        if let Some(stored) = self.death() {
            let rows = rows_of(body);
            self.execute(rows.iter());
            if stored && self.accepts(body) {
                self.store(rows.iter(), Duration::ZERO);
            }
            self.dies.notify_waiters();
            std::future::pending::<()>().await;
        }
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let fault = self.schedule.faults.get(number).copied().unwrap_or(Fault::None);
        match fault {
            Fault::NotConnected => return Err(not_executed(ErrorKind::Connect, "connection closed", true)),
            Fault::NeverAccepts => {
                tokio::time::sleep(Duration::from_secs(CONNECT)).await;
                return Err(not_executed(ErrorKind::Timeout, "the host did not accept", true));
            }
            _ => {}
        }
        let rows = rows_of(body);
        self.arrive(&rows);
        if body.len() > self.schedule.most_bytes {
            return Err(not_executed(ErrorKind::TooLarge, "413", false));
        }
        match fault {
            Fault::Busy => return Err(not_executed(ErrorKind::Server, "503", true)),
            Fault::Unauthorized => return Err(not_executed(ErrorKind::Unauthorized, "401", false)),
            Fault::LostBefore => {
                self.execute(rows.iter());
                return Err(lost("502"));
            }
            _ if rows.iter().any(|(row, _)| self.schedule.bad.contains(row)) => {
                return Err(not_executed(ErrorKind::Rejected, "422", false));
            }
            _ => {}
        }
        self.execute(rows.iter());
        match fault {
            Fault::LostAfter => {
                self.store(rows.iter(), Duration::ZERO);
                return Err(lost("500"));
            }
            Fault::Late(seconds) => {
                self.store(rows.iter(), Duration::from_secs(seconds));
                return Err(lost("504"));
            }
            Fault::InPart(others) => {
                self.store(rows.iter().step_by(2), Duration::ZERO);
                if let Some(seconds) = others {
                    self.store(rows.iter().skip(1).step_by(2), Duration::from_secs(seconds));
                }
                return Err(lost("504"));
            }
            Fault::Silent(seconds) => {
                self.store(rows.iter(), Duration::from_secs(seconds));
                tokio::time::sleep(Duration::from_secs(IDLE)).await;
                return Err(lost("silent"));
            }
            Fault::Slow(seconds) => {
                self.store(rows.iter(), Duration::ZERO);
                tokio::time::sleep(Duration::from_secs(seconds)).await;
            }
            _ => self.store(rows.iter(), Duration::ZERO),
        }
        self.state.lock().unwrap().acknowledged.extend(rows.iter().map(|(row, _)| *row));
        Ok(match fault {
            Fault::Wordless => None,
            Fault::Short => Some(rows.len() as u64 - 1),
            _ => Some(rows.len() as u64),
        })
    }

    fn arrive(&self, rows: &[(usize, Option<String>)]) {
        let state = &mut *self.state.lock().unwrap();
        let again = rows.iter().map(|(row, _)| *row).filter(|row| state.acknowledged.contains(row));
        state.sent_after_acknowledged.extend(again);
    }

    fn execute<'a>(&self, rows: impl Iterator<Item = &'a (usize, Option<String>)>) {
        let mut state = self.state.lock().unwrap();
        rows.for_each(|(row, _)| *state.executed.entry(*row).or_default() += 1);
    }

    fn store<'a>(&self, rows: impl Iterator<Item = &'a (usize, Option<String>)>, after: Duration) {
        let from = Instant::now() + after + Duration::from_secs(self.schedule.lag);
        let copies = rows.map(|(row, key)| Copy { row: *row, key: key.clone(), from });
        self.state.lock().unwrap().copies.extend(copies);
    }

    async fn look(&self) -> Result<(), Error> {
        self.looked.lock().unwrap().push(self.start.elapsed());
        tokio::time::sleep(Duration::from_millis(3)).await;
        let number = self.looks.fetch_add(1, Ordering::Relaxed);
        match self.schedule.looks.get(number).copied().unwrap_or(true) {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::Interrupted, "the look failed")),
        }
    }

    async fn count(&self) -> Result<u64, Error> {
        self.look().await?;
        let now = Instant::now();
        let ours = self.state.lock().unwrap().copies.iter().filter(|copy| copy.from <= now).count();
        let elapsed = now.duration_since(self.start).as_secs();
        let others = self.schedule.others.iter().filter(|(from, _)| *from <= elapsed);
        Ok(ours as u64 + others.map(|(_, rows)| rows).sum::<u64>())
    }

    async fn find(&self, column: &str, keys: &[Key]) -> Result<Vec<String>, Error> {
        assert_eq!(column, "id");
        assert!((1..=KEYS_PER_QUERY).contains(&keys.len()), "{} keys", keys.len());
        self.state.lock().unwrap().keys_asked.push(keys.len());
        self.look().await?;
        let asked = |key: &String| {
            keys.iter().any(|asked| match asked {
                Key::Text(text) => text == key,
                Key::Integer(number) => number.to_string() == *key,
            })
        };
        let now = Instant::now();
        let state = self.state.lock().unwrap();
        let there = state.copies.iter().filter(|copy| copy.from <= now).filter_map(|copy| copy.key.clone());
        Ok(there.filter(asked).collect())
    }
}

impl Deliver for Server {
    fn deliver(&self, body: Bytes, retry_ambiguous: bool) -> BoxFuture<'_, Result<Acknowledged, Error>> {
        Box::pin(async move {
            let now = self.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
            self.most_in_flight.fetch_max(now, Ordering::Relaxed);
            let result = self.call(body, retry_ambiguous).await;
            self.in_flight.fetch_sub(1, Ordering::Relaxed);
            result
        })
    }

    fn row_count(&self) -> BoxFuture<'_, Result<u64, Error>> {
        Box::pin(self.count())
    }

    fn find_keys<'a>(
        &'a self,
        column: &'a str,
        keys: &'a [Key],
    ) -> BoxFuture<'a, Result<Vec<String>, Error>> {
        Box::pin(self.find(column, keys))
    }

    fn dataset_name(&self) -> String {
        "plants/trees".to_owned()
    }

    fn pacer(&self) -> Option<Arc<Pacer>> {
        self.pacer.lock().unwrap().clone()
    }
}
