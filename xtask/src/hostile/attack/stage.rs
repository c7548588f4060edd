//! The current emulator, and the connections that share it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};

use super::play::{directory_symptom, get, must, play, shortened, symptom};
use super::{Attack, OUTPUT_DELAY, locked};
use crate::hostile::known::Known;
use crate::hostile::report::Report;
use crate::hostile::request::Request;
use crate::hostile::scenario::{self, Scenario};
use crate::hostile::server::Server;
use crate::hostile::setup;
use crate::hostile::wire::Connection;

/// Number of scenarios between two setups.
const EPOCH: u64 = 250;

/// Maximum number of steps of work that the requests of one scenario may take. The largest request has about a
/// megabyte. Linear work stays far below the limit, and quadratic work exceeds it.
const MAX_STEPS: u64 = 5_000_000;

/// Number of setups between two restarts of the emulator, on disk and in memory.
const RESTART: u64 = 2;
const RESTART_IN_MEMORY: u64 = 8;

/// Number of setups between two resets of the state.
const FORGET: u64 = 4;

/// The emulator under attack.
struct Stage {
    server: Server,
    known: Mutex<Known>,
    /// The emulator no longer responds.
    dead: AtomicBool,
    /// The state was replaced, or may have been replaced.
    stale: AtomicBool,
    /// Number of setups so far.
    setups: u64,
}

/// The state that the connections share.
pub(super) struct Shared<'a> {
    attack: &'a Attack<'a>,
    next: AtomicU64,
    stage: RwLock<Option<Stage>>,
    report: Mutex<Report>,
    /// The numbers of the latest scenarios.
    recent: Mutex<VecDeque<u64>>,
}

impl<'a> Shared<'a> {
    /// Returns the state before the first emulator.
    pub(super) fn new(attack: &'a Attack<'a>) -> Self {
        Self {
            attack,
            next: AtomicU64::new(0),
            stage: RwLock::new(None),
            report: Mutex::default(),
            recent: Mutex::default(),
        }
    }

    /// Returns the report.
    pub(super) fn into_report(self) -> Report {
        self.report.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a failure whose scenario is unknown.
    pub(super) fn fail(&self, symptom: &str, details: impl FnOnce() -> String) {
        locked(&self.report).fail(symptom, &[], details);
    }

    /// Runs one connection.
    pub(super) fn work(&self) -> Result<(), String> {
        let mut connection: Option<Connection> = None;
        let mut address = None;
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.attack.requests {
                return Ok(());
            }
            let stale = {
                let stage = self.stage.read().unwrap_or_else(PoisonError::into_inner);
                stage.as_ref().is_none_or(|stage| {
                    stage.dead.load(Ordering::Acquire) || stage.stale.load(Ordering::Acquire)
                })
            };
            if stale || number.is_multiple_of(EPOCH) && number > 0 {
                self.renew(number)?;
            }
            let mut recent = locked(&self.recent);
            recent.push_back(number);
            if recent.len() > 4 * self.attack.connections {
                recent.pop_front();
            }
            drop(recent);
            let read = self.stage.read().unwrap_or_else(PoisonError::into_inner);
            let Some(stage) = read.as_ref() else { continue };
            if address != Some(stage.server.address) {
                address = Some(stage.server.address);
                connection = None;
            }
            let connection = connection.get_or_insert_with(|| Connection::new(stage.server.address));
            let scenario =
                scenario::scenario(self.attack.contract, &locked(&stage.known), self.attack.seed, number);
            if scenario.alone {
                drop(read);
                let write = self.stage.write().unwrap_or_else(PoisonError::into_inner);
                if let Some(stage) = write.as_ref().filter(|stage| address == Some(stage.server.address)) {
                    self.send(number, &scenario, stage, connection);
                }
            } else {
                self.send(number, &scenario, stage, connection);
            }
        }
    }

    /// Sends a scenario and records the result.
    fn send(&self, number: u64, scenario: &Scenario, stage: &Stage, connection: &mut Connection) {
        let mark = stage.server.mark();
        let mut troubled = false;
        let before = self.steps(stage);
        play(scenario, connection, &stage.server, &stage.known, &mut |request, outcome| {
            let mut report = locked(&self.report);
            report.sent += 1;
            if let Ok(response) = outcome {
                report.record_response(&request.operation, response.status, response.elapsed, number, || {
                    format!(
                        "{} ({} bytes) {:?}",
                        shortened(&request.line()),
                        request.body.len(),
                        scenario.extremes
                    )
                });
            }
            drop(report);
            let Some(symptom) = symptom(request, outcome) else { return };
            // The emulator may have been stopped on purpose, or by a request of another connection.
            if stage.dead.load(Ordering::Acquire) {
                return;
            }
            troubled = true;
            self.trouble(number, &symptom, request, stage, mark);
        });
        if let (Some(before), Some(after)) = (before, self.steps(stage)) {
            let steps = after.saturating_sub(before);
            let what = || format!("number {number}, {} {:?}", scenario.operation, scenario.extremes);
            let mut report = locked(&self.report);
            report.record_steps(steps, what);
            if steps > MAX_STEPS {
                let symptom = format!("more than {MAX_STEPS} steps of work for {}", scenario.operation);
                report.fail(&symptom, &[number], || format!("{steps} steps, {}", what()));
            }
        }
        self.peak(&stage.server, || {
            format!("number {number}, {} {:?}", scenario.operation, scenario.extremes)
        });
        if scenario.replaces {
            stage.stale.store(true, Ordering::Release);
        }
        if !troubled {
            // Panics of background work, whichever request started it.
            self.background(number, stage, mark);
        }
    }

    /// Returns the steps of work that the emulator has counted. Returns `None` with several connections,
    /// because the steps cannot be attributed to a scenario.
    fn steps(&self, stage: &Stage) -> Option<u64> {
        if self.attack.connections > 1 {
            return None;
        }
        let response = get(stage.server.address, "/_emulator/work").ok()?;
        serde_json::from_slice::<serde_json::Value>(&response.body).ok()?["steps"].as_u64()
    }

    /// Records a symptom together with the emulator's output about it.
    fn trouble(&self, number: u64, symptom: &str, request: &Request, stage: &Stage, mark: usize) {
        std::thread::sleep(OUTPUT_DELAY);
        let trace = stage.server.trace(mark);
        let served = trace.exit.is_none() && get(stage.server.address, "/_emulator/clock").is_ok();
        if !served && stage.dead.swap(true, Ordering::AcqRel) {
            return;
        }
        let symptom = match (trace.panics.first(), &trace.exit) {
            (Some(panic), _) => format!("panic at {panic}"),
            (None, Some(exit)) => format!("the process ended: {exit}"),
            (None, None) => symptom.to_owned(),
        };
        let mut numbers = vec![number];
        numbers.extend(locked(&self.recent).iter().rev().filter(|own| **own != number));
        if served {
            numbers.truncate(1);
        }
        let name = format!("{}-{number}", self.attack.seed);
        let seen = if served { "the emulator still responds" } else { "the emulator no longer responds" };
        locked(&self.report).fail(&symptom, &numbers, || {
            let command = request.save(self.attack.folder, &name).unwrap_or_else(|error| error);
            format!(
                "seed {}, number {number}, {seen}\n{}\n{command}",
                self.attack.seed,
                shortened(&request.line())
            )
        });
    }

    fn background(&self, number: u64, stage: &Stage, mark: usize) {
        let trace = stage.server.trace(mark);
        if trace.panics.is_empty() && trace.exit.is_none() {
            return;
        }
        std::thread::sleep(OUTPUT_DELAY);
        let served = get(stage.server.address, "/_emulator/clock").is_ok();
        if !served && stage.dead.swap(true, Ordering::AcqRel) {
            return;
        }
        let mut numbers = vec![number];
        numbers.extend(locked(&self.recent).iter().rev().filter(|own| **own != number));
        for panic in trace.panics {
            locked(&self.report).fail(&format!("panic at {panic}"), &numbers, || {
                format!("seed {}, at number {number}, perhaps by work in the background", self.attack.seed)
            });
        }
    }

    /// Begins an epoch: sets up the emulator, after a restart or a reset if one is due.
    pub(super) fn renew(&self, number: u64) -> Result<(), String> {
        let every = if self.attack.data.is_some() { RESTART } else { RESTART_IN_MEMORY };
        let restart = {
            let stage = self.stage.read().unwrap_or_else(PoisonError::into_inner);
            stage.as_ref().is_some_and(|stage| stage.setups.is_multiple_of(every))
        };
        if restart {
            let stage = self.stage.read().unwrap_or_else(PoisonError::into_inner);
            // Every other time, the emulator is killed while other connections send.
            if let Some(stage) = stage.as_ref().filter(|stage| (stage.setups / every).is_multiple_of(2)) {
                stage.dead.store(true, Ordering::Release);
                stage.server.kill();
            }
        }
        let mut stage = self.stage.write().unwrap_or_else(PoisonError::into_inner);
        let fresh = |setups| -> Result<Stage, String> {
            let server = self.start()?;
            let stage = Stage {
                server,
                known: Mutex::default(),
                dead: AtomicBool::new(false),
                stale: AtomicBool::new(true),
                setups,
            };
            Ok(stage)
        };
        let setups = stage.as_ref().map_or(0, |stage| stage.setups);
        let dead = stage.as_ref().is_none_or(|stage| stage.dead.load(Ordering::Acquire));
        if let Some(old) = stage.as_ref().filter(|_| restart && !dead) {
            self.peak(&old.server, String::new);
            if let Err(error) = old.server.stop() {
                locked(&self.report).fail(&error, &[number], String::new);
            }
        }
        if dead || restart {
            // Dropped before the next emulator starts, because only one emulator may use a directory.
            *stage = None;
            *stage = Some(fresh(setups)?);
        } else if !number.is_multiple_of(EPOCH)
            && stage.as_ref().is_some_and(|stage| !stage.stale.load(Ordering::Acquire))
        {
            // Another connection was faster.
            return Ok(());
        }
        for attempt in 0..3 {
            let Some(current) = stage.as_mut() else { break };
            match self.set_up(current, attempt > 0) {
                Ok(()) => return Ok(()),
                Err(error) => {
                    // A reset must help, whatever the earlier requests did.
                    locked(&self.report).fail(
                        &format!("valid requests fail: {}", error.chars().take(200).collect::<String>()),
                        &[number],
                        || error.clone(),
                    );
                    if attempt == 1 {
                        *stage = None;
                        self.forget_directory()?;
                        *stage = Some(fresh(setups)?);
                    }
                }
            }
        }
        Err("the emulator cannot be set up; see above".to_owned())
    }

    fn set_up(&self, stage: &mut Stage, again: bool) -> Result<(), String> {
        let mut connection = Connection::new(stage.server.address);
        let server = &stage.server;
        if again || stage.setups.is_multiple_of(FORGET) {
            must(&mut connection, server, &Request::new("reset", "POST", "/_emulator/reset"))?;
        }
        let known = setup::run(&mut |request| must(&mut connection, server, request))?;
        stage.known = Mutex::new(known);
        stage.setups += 1;
        stage.stale = AtomicBool::new(false);
        Ok(())
    }

    /// Starts the emulator. Records a directory that cannot be opened, moves it away, and uses an empty one.
    fn start(&self) -> Result<Server, String> {
        let starts = {
            let mut report = locked(&self.report);
            report.starts += 1;
            report.starts
        };
        let model = starts.is_multiple_of(2).then_some(self.attack.model);
        let state = self.attack.state();
        match Server::start(self.attack.program, state.as_ref(), model) {
            Ok(server) => Ok(server),
            Err(error) => {
                let Some(state) = state else { return Err(error) };
                let numbers: Vec<u64> = locked(&self.recent).iter().rev().copied().collect();
                let aside = state.with_file_name(format!(
                    "does-not-open-{}",
                    numbers.first().copied().unwrap_or_default()
                ));
                let _ = std::fs::remove_dir_all(&aside);
                locked(&self.report).fail(&directory_symptom(&error), &numbers, || {
                    format!(
                        "seed {}: {error}\nthe directory is kept as {}",
                        self.attack.seed,
                        aside.display()
                    )
                });
                std::fs::rename(&state, &aside).map_err(|error| format!("{}: {error}", state.display()))?;
                Server::start(self.attack.program, Some(&state), model)
            }
        }
    }

    /// Moves the directory away, so that the next emulator starts with an empty one.
    fn forget_directory(&self) -> Result<(), String> {
        match self.attack.state() {
            Some(state) if state.exists() => {
                std::fs::remove_dir_all(&state).map_err(|error| format!("{}: {error}", state.display()))
            }
            _ => Ok(()),
        }
    }

    /// Stops the emulator and opens its directory again.
    pub(super) fn reopen(&self, kill: bool) -> Result<(), String> {
        let mut stage = self.stage.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(old) = stage.take() {
            self.peak(&old.server, String::new);
            if kill {
                old.server.kill();
            }
        }
        let server = self.start()?;
        *stage = Some(Stage {
            server,
            known: Mutex::default(),
            dead: AtomicBool::new(false),
            stale: AtomicBool::new(true),
            setups: 1,
        });
        Ok(())
    }

    pub(super) fn leave(&self) {
        let mut stage = self.stage.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(stage) = stage.take() {
            self.peak(&stage.server, String::new);
        }
    }

    /// Records the peak memory of the emulator.
    fn peak(&self, server: &Server, what: impl FnOnce() -> String) {
        let peak = server.peak().unwrap_or_default();
        let mut report = locked(&self.report);
        report.record_memory(peak, what);
    }
}
