//! A server that counts rows, and kills the client in the middle of requests.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use rustix::process::{Pid, Signal, kill_process};

use crate::random::Random;
use crate::rows::Rows;

/// The moment of a request at which the client is killed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Moment {
    /// After the head. The rows are not stored.
    Head,
    /// After half of the body. The rows are not stored.
    HalfOfBody,
    /// After the body. The rows are stored once the client is dead.
    Body,
    /// Between storing and the response.
    Stored,
    /// Some time after the response. The client may have recorded it.
    Answered { yields: u64 },
}

/// A kill by the number of requests since the start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kill {
    pub(crate) request: u64,
    pub(crate) moment: Moment,
}

/// Returns kills that are spread over `requests`, in this order.
pub(crate) fn kills(count: usize, requests: u64, seed: u64) -> Vec<Kill> {
    let mut random = Random(seed);
    let mut at: Vec<u64> = (0..count).map(|_| random.below(requests)).collect();
    at.sort_unstable();
    let kill = |(index, request)| {
        // Each moment occurs, and which one is first depends on the seed.
        let moment = match (index as u64 + seed) % 5 {
            0 => Moment::Stored,
            1 => Moment::Head,
            2 => Moment::Body,
            3 => Moment::Answered { yields: random.below(2_000) },
            _ => Moment::HalfOfBody,
        };
        Kill { request, moment }
    };
    at.into_iter().enumerate().map(kill).collect()
}

/// What the server knows.
#[derive(Default)]
pub(crate) struct Seen {
    /// Number of times that each row is stored.
    pub(crate) stored: Vec<u8>,
    pub(crate) requests: u64,
    /// Peak of the client's resident memory in KiB.
    pub(crate) peak: u64,
    /// Kills that are left, the last one first.
    kills: Vec<Kill>,
    /// Requests that are not as they should be.
    pub(crate) wrong: Vec<String>,
}

/// The server, which stops when it is dropped.
pub(crate) struct Server {
    shared: Arc<Shared>,
    pub(crate) port: u16,
}

struct Shared {
    rows: Arc<Rows>,
    seen: Mutex<Seen>,
    /// The process of the client.
    client: AtomicU32,
    stopped: AtomicBool,
}

impl Server {
    pub(crate) fn start(rows: Arc<Rows>, mut kills: Vec<Kill>) -> Self {
        kills.reverse();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Seen { stored: vec![0; rows.count], kills, ..Seen::default() };
        let shared = Arc::new(Shared {
            rows,
            seen: Mutex::new(seen),
            client: AtomicU32::new(0),
            stopped: AtomicBool::new(false),
        });
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                if serving.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let serving = Arc::clone(&serving);
                std::thread::spawn(move || serving.serve(connection.unwrap()));
            }
        });
        Self { shared, port }
    }

    /// Names the process that is killed.
    pub(crate) fn client(&self, process: u32) {
        self.shared.client.store(process, Ordering::SeqCst);
    }

    pub(crate) fn kills_left(&self) -> usize {
        self.shared.seen.lock().unwrap().kills.len()
    }

    /// Returns what was seen. The client has ended.
    pub(crate) fn finish(self) -> Seen {
        std::mem::take(&mut *self.shared.seen.lock().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl Shared {
    fn serve(&self, connection: TcpStream) {
        connection.set_nodelay(true).unwrap();
        let mut connection = BufReader::with_capacity(256 * 1024, connection);
        let mut body = Vec::new();
        while let Some(length) = self.head(&mut connection) {
            let kill = {
                let mut seen = self.seen.lock().unwrap();
                seen.requests += 1;
                let number = seen.requests;
                seen.kills.pop_if(|kill| kill.request < number).map(|kill| kill.moment)
            };
            let first = match kill {
                Some(Moment::Head) => 0,
                Some(Moment::HalfOfBody) => length / 2,
                _ => length,
            };
            body.clear();
            if connection.by_ref().take(first).read_to_end(&mut body).unwrap_or(0) as u64 != first {
                return;
            }
            self.measure();
            if first < length {
                return self.kill(&mut connection);
            }
            let ids = match self.rows.ids(&body) {
                Ok(ids) => ids,
                Err(what) => return self.seen.lock().unwrap().wrong.push(what),
            };
            if kill == Some(Moment::Body) {
                self.kill(&mut connection);
            }
            self.store(&ids);
            if matches!(kill, Some(Moment::Body | Moment::Stored)) {
                if kill == Some(Moment::Stored) {
                    self.kill(&mut connection);
                }
                return;
            }
            let answer = format!(r#"{{"indexed":{}}}"#, ids.len());
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length";
            let response = format!("{head}: {}\r\n\r\n{answer}", answer.len());
            if connection.get_mut().write_all(response.as_bytes()).is_err() {
                return;
            }
            if let Some(Moment::Answered { yields }) = kill {
                (0..yields).for_each(|_| std::thread::yield_now());
                // The rows of the next request may be in flight.
                self.kill(&mut connection);
                return;
            }
        }
    }

    /// Reads the head of a request to send rows, and returns the length of its body. Returns `None` after the last request.
    fn head(&self, connection: &mut BufReader<TcpStream>) -> Option<u64> {
        let (mut line, mut length, mut is_first) = (String::new(), None, true);
        loop {
            line.clear();
            if connection.read_line(&mut line).unwrap_or(0) == 0 {
                return None;
            }
            let text = line.trim_end();
            if std::mem::take(&mut is_first) && text != "POST /api/v1/ingest/n/d HTTP/1.1" {
                self.seen.lock().unwrap().wrong.push(text.to_owned());
                return None;
            }
            if let Some((name, value)) = text.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().ok();
            }
            if text.is_empty() {
                return length;
            }
        }
    }

    /// Kills the client, and waits until its end has closed the connection.
    fn kill(&self, connection: &mut BufReader<TcpStream>) {
        let process = self.client.load(Ordering::SeqCst).cast_signed();
        kill_process(Pid::from_raw(process).unwrap(), Signal::KILL).unwrap();
        let _ = std::io::copy(connection, &mut std::io::sink());
    }

    fn store(&self, ids: &[usize]) {
        let mut seen = self.seen.lock().unwrap();
        for &id in ids {
            seen.stored[id] += 1;
        }
    }

    /// Reads the peak of the client's memory.
    fn measure(&self) {
        let status = format!("/proc/{}/status", self.client.load(Ordering::SeqCst));
        let Ok(status) = std::fs::read_to_string(status) else { return };
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(0);
        let mut seen = self.seen.lock().unwrap();
        seen.peak = seen.peak.max(peak);
    }
}
