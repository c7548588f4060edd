//! The attack: sends scenarios over several connections and observes the emulator.

mod play;
mod stage;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::contract::Contract;
use super::report::Report;
use super::scenario;
use super::server::Server;
use super::setup;
use super::wire::Connection;
use play::{directory_symptom, get, must, play, symptom};
use stage::Shared;

/// Time in which the emulator's last output may arrive.
const OUTPUT_DELAY: Duration = Duration::from_millis(150);

/// Number of scenarios that are sent alone to find the cause of a symptom.
const SUSPECTS: usize = 16;

/// An attack.
pub(super) struct Attack<'a> {
    pub(super) contract: &'a Contract,
    pub(super) program: &'a Path,
    /// The model server of half of the emulators.
    pub(super) model: SocketAddr,
    /// The directory of failed requests.
    pub(super) folder: &'a Path,
    /// The parent of the emulator's data directory. `None` keeps the state in memory.
    pub(super) data: Option<PathBuf>,
    pub(super) seed: u64,
    pub(super) requests: u64,
    pub(super) connections: usize,
}

impl Attack<'_> {
    /// Runs the attack. Returns the number of symptoms.
    pub(super) fn run(&self) -> Result<usize, String> {
        let begun = Instant::now();
        self.clear()?;
        let shared = Shared::new(self);
        shared.renew(0)?;
        let outcomes = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..self.connections).map(|_| scope.spawn(|| shared.work())).collect();
            workers
                .into_iter()
                .map(|worker| worker.join().unwrap_or_else(|_| Err("a connection panicked".to_owned())))
                .collect::<Vec<_>>()
        });
        outcomes.into_iter().collect::<Result<(), String>>()?;
        let elapsed = begun.elapsed();
        if self.data.is_some() {
            shared.reopen(true)?;
        }
        shared.leave();
        self.outside(&shared);
        let mut report = shared.into_report();
        self.confirm(&mut report);
        let storage = if self.data.is_some() { "on disk" } else { "in memory" };
        println!("hostile: {storage}, seed {}, {} connections", self.seed, self.connections);
        print!("{}", report.summary(elapsed));
        Ok(report.failures.len())
    }

    /// Sends the scenario with a number to a new emulator and reports the result.
    pub(super) fn only(&self, number: u64) -> Result<(), String> {
        self.clear()?;
        let mut symptoms = Vec::new();
        for model in [None, Some(self.model)] {
            println!("hostile: {} a model", if model.is_some() { "with" } else { "without" });
            self.clear()?;
            symptoms.extend(self.alone(number, model, true)?);
        }
        if symptoms.is_empty() {
            println!("hostile: number {number} alone causes no symptom");
            return Ok(());
        }
        Err(format!("number {number} alone: {}", symptoms.join("; ")))
    }

    /// Returns the emulator's data directory.
    fn state(&self) -> Option<PathBuf> {
        self.data.as_ref().map(|data| data.join("state"))
    }

    /// Creates an empty directory, with a file beside it that must not change.
    fn clear(&self) -> Result<(), String> {
        let Some(data) = &self.data else { return Ok(()) };
        let failed = |error: std::io::Error| format!("{}: {error}", data.display());
        for old in ["state", "outside"] {
            let old = data.join(old);
            if old.exists() {
                std::fs::remove_dir_all(&old).map_err(failed)?;
            }
        }
        std::fs::create_dir_all(data.join("outside")).map_err(failed)?;
        std::fs::write(data.join("outside/keep"), "kept").map_err(failed)
    }

    /// Reports a failure if the emulator created or deleted files outside of its directory.
    fn outside(&self, shared: &Shared<'_>) {
        let Some(data) = &self.data else { return };
        let names = |folder: &Path| {
            let mut names: Vec<String> = std::fs::read_dir(folder)
                .into_iter()
                .flatten()
                .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
                .filter(|name| !name.starts_with("does-not-open-"))
                .collect();
            names.sort();
            names
        };
        let seen = (names(data), names(&data.join("outside")));
        let kept = std::fs::read_to_string(data.join("outside/keep")).unwrap_or_default();
        if seen != (vec!["outside".to_owned(), "state".to_owned()], vec!["keep".to_owned()]) || kept != "kept"
        {
            shared.fail("the emulator wrote outside of its directory", || format!("{seen:?}"));
        }
    }

    /// Sends the suspects of each symptom alone.
    fn confirm(&self, report: &mut Report) {
        for (symptom, failure) in &mut report.failures {
            let mut suspects = failure.numbers.clone();
            suspects.dedup();
            suspects.truncate(SUSPECTS);
            let seen = |number: u64, model| {
                let alone = self.clear().and_then(|()| self.alone(number, model, false));
                alone.is_ok_and(|own| own.iter().any(|own| own == symptom))
            };
            let found =
                suspects.iter().find(|number| seen(**number, None) || seen(**number, Some(self.model)));
            let cause = match found {
                Some(number) => format!("--seed {} --only {number} reproduces it", self.seed),
                None => "no single number reproduces it".to_owned(),
            };
            println!("hostile: {symptom}: {cause}");
        }
    }

    /// Sends a scenario to its own emulator. Returns the symptoms.
    fn alone(&self, number: u64, model: Option<SocketAddr>, shown: bool) -> Result<Vec<String>, String> {
        let state = self.state();
        let server = Server::start(self.program, state.as_ref(), model)?;
        let mut connection = Connection::new(server.address);
        let known = setup::run(&mut |request| must(&mut connection, &server, request))?;
        let known = Mutex::new(known);
        let mark = server.mark();
        let scenario = scenario::scenario(self.contract, &locked(&known), self.seed, number);
        if shown {
            println!("hostile: number {number}: {}, {:?}", scenario.operation, scenario.extremes);
        }
        let mut symptoms = Vec::new();
        let mut index = 0;
        play(&scenario, &mut connection, &server, &known, &mut |request, outcome| {
            if shown {
                let name = format!("{}-{number}-{index}", self.seed);
                let command = request.save(self.folder, &name).unwrap_or_else(|error| error);
                println!("  {command}");
                match outcome {
                    Ok(response) => println!(
                        "  {} after {:?}: {}",
                        response.status,
                        response.elapsed,
                        String::from_utf8_lossy(&response.body).chars().take(300).collect::<String>()
                    ),
                    Err(trouble) => println!("  {trouble:?}"),
                }
            }
            index += 1;
            symptoms.extend(symptom(request, outcome));
        });
        // Background work may fail after the response.
        std::thread::sleep(OUTPUT_DELAY * 3);
        if let Some(peak) = server.peak().filter(|_| shown) {
            println!("  the emulator took at most {peak} MB");
        }
        let trace = server.trace(mark);
        let served = get(server.address, "/_emulator/clock").is_ok();
        symptoms.extend(trace.panics.iter().map(|panic| format!("panic at {panic}")));
        symptoms.extend(trace.exit.iter().map(|exit| format!("the process ended: {exit}")));
        if !served && trace.exit.is_none() {
            symptoms.push("the emulator no longer responds".to_owned());
        }
        if let Some(state) = state.filter(|_| trace.exit.is_none()) {
            server.kill();
            if let Err(error) = Server::start(self.program, Some(&state), model) {
                symptoms.push(directory_symptom(&error));
            }
        }
        Ok(symptoms)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
