//! Simulated servers. Each decides at the arrival of a request when and how it responds, by the paused clock.

use std::{collections::BinaryHeap, time::Duration};

use datalinks::testing::Reply;
use serde_json::json;
use tokio::time::Instant;

/// Behavior of a server. Times are in seconds.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// One request after the other, at the end of a line with this latency.
    Rate { service: f64, latency: f64 },
    /// A number of workers. Requests that wait for one slow down all of them by this share each.
    Knee { workers: usize, service: f64, thrash: f64, slow_share: f64 },
    /// A token bucket. Without a token, the response is 429 with this `Retry-After`, or without one if it is negative.
    Bucket { rate: f64, burst: f64, latency: f64, retry_after: f64 },
    /// Bodies above this number of bytes are rejected with 413. Otherwise as `Knee`.
    Bodies { max: usize, workers: usize, fixed: f64, per_row: f64 },
}

/// A server, which may change on the way.
#[derive(Clone, Debug)]
pub struct Spec {
    pub name: &'static str,
    pub kind: Kind,
    /// The best fixed setting: requests in flight, and rows per batch.
    pub best: (usize, usize),
    /// The usual time of a round trip.
    pub round_trip: f64,
    /// The time from which all service times are longer, and rates and limits lower, by a factor, and the time at which it ends.
    pub slower: Option<(f64, f64, f64)>,
    /// Times between which every response is 503.
    pub down: Option<(f64, f64)>,
    /// Maximum number of attempts per request.
    pub attempts: u32,
}

impl Spec {
    /// Returns `true` if the number of rows per batch is to be found, too.
    pub fn adapts_rows(&self) -> bool {
        matches!(self.kind, Kind::Bodies { .. })
    }
}

pub struct Server {
    spec: Spec,
    begin: Instant,
    rng: u64,
    /// Times at which workers become free.
    free: Vec<f64>,
    /// Times at which requests leave, to count those that are there.
    leaving: BinaryHeap<std::cmp::Reverse<u64>>,
    tokens: f64,
    filled: f64,
    /// Per client: times at which rows were stored, with their number.
    pub stored: Vec<Vec<(f64, usize)>>,
    pub requests: usize,
    pub rejected: usize,
    /// Times of all requests, and whether a bucket rejected them.
    pub times: Vec<(f64, bool)>,
    pub too_large: usize,
}

impl Server {
    pub fn new(spec: &Spec, clients: usize, seed: u64) -> Self {
        let (workers, tokens) = match spec.kind {
            Kind::Rate { .. } => (1, 0.0),
            Kind::Knee { workers, .. } | Kind::Bodies { workers, .. } => (workers, 0.0),
            Kind::Bucket { burst, .. } => (0, burst),
        };
        Self {
            spec: spec.clone(),
            begin: Instant::now(),
            rng: seed * 7_919 + 13,
            free: vec![0.0; workers],
            leaving: BinaryHeap::new(),
            tokens,
            filled: 0.0,
            stored: vec![Vec::new(); clients],
            requests: 0,
            rejected: 0,
            times: Vec::new(),
            too_large: 0,
        }
    }

    pub fn now(&self) -> f64 {
        self.begin.elapsed().as_secs_f64()
    }

    /// Returns a number from 0 to 1.
    fn random(&mut self) -> f64 {
        self.rng ^= self.rng << 13;
        self.rng ^= self.rng >> 7;
        self.rng ^= self.rng << 17;
        (self.rng >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Responds to a request of a client.
    pub fn respond(&mut self, client: usize, body: &[u8]) -> Reply {
        let now = self.now();
        self.requests += 1;
        if self.spec.down.is_some_and(|(from, to)| (from..to).contains(&now)) {
            self.rejected += 1;
            return Reply::status(503).after(Duration::from_millis(5));
        }
        let slower = self.spec.slower.filter(|(from, to, _)| (*from..*to).contains(&now));
        let slower = slower.map_or(1.0, |(_, _, factor)| factor);
        while self.leaving.peek().is_some_and(|next| next.0 as f64 / 1e6 <= now) {
            self.leaving.pop();
        }
        let rows = body.iter().filter(|byte| **byte == b'{').count() - 1;
        let noise = 0.9 + 0.2 * self.random();
        let end = match self.spec.kind {
            Kind::Rate { service, latency } => {
                self.work(now + latency / 2.0, service * slower * noise) + latency / 2.0
            }
            Kind::Knee { service, thrash, slow_share, workers } => {
                let waiting = (self.leaving.len() + 1).saturating_sub(workers) as f64;
                let slow = if self.random() < slow_share { 10.0 } else { 1.0 };
                self.work(now, service * slower * noise * slow * (1.0 + thrash * waiting))
            }
            Kind::Bucket { rate, burst, latency, retry_after } => {
                self.tokens = (self.tokens + (now - self.filled) * rate / slower).min(burst);
                self.filled = now;
                self.times.push((now, self.tokens < 1.0));
                if self.tokens < 1.0 {
                    self.rejected += 1;
                    let reply = Reply::status(429).after(Duration::from_millis(10));
                    let asks = retry_after >= 0.0;
                    return if asks { reply.header("retry-after", &retry_after.to_string()) } else { reply };
                }
                self.tokens -= 1.0;
                now + latency * noise
            }
            Kind::Bodies { max, .. } if body.len() as f64 * slower > max as f64 => {
                self.too_large += 1;
                return Reply::status(413).after(Duration::from_millis(10));
            }
            Kind::Bodies { fixed, per_row, .. } => self.work(now, (fixed + per_row * rows as f64) * noise),
        };
        self.leaving.push(std::cmp::Reverse((end * 1e6) as u64));
        self.stored[client].push((end, rows));
        Reply::json(json!({ "indexed": rows })).after(Duration::from_secs_f64(end - now))
    }

    /// Returns the time at which the next free worker completes work of this duration.
    fn work(&mut self, from: f64, duration: f64) -> f64 {
        let Some(free) = self.free.iter_mut().min_by(|a, b| a.total_cmp(b)) else { return from };
        *free = free.max(from) + duration;
        *free
    }
}
