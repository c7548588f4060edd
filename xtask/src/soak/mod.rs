//! `cargo xtask soak`: random calls of several clients against an emulator on a directory, for a long time.
//!
//! Each client works in a namespace of its own, and has a model of its datasets. The first third of the time is for
//! restarts: the emulator is killed or stopped while the clients send. After each start, everything that was
//! acknowledged must be in the directory, complete and once. In the rest of the time the process stays, and its
//! memory, threads and open files must not grow. Now and then the whole state is saved, restored, imported or
//! reset, and all models are compared. The amount of data is bounded, so that only a leak grows.
//!
//! All choices follow from the seed, except the order in which calls of different clients meet.

mod call;
mod client;
mod model;
mod resources;
mod samples;
mod stage;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use clap::Args;
use fastrand::Rng;

use crate::emulator;
use call::Tally;
use client::Client;
use samples::{Sample, Trend, mebibytes};
use stage::Stage;

/// Time between two samples of the resources.
const TICK: Duration = Duration::from_millis(500);

/// Minimum and maximum time between two restarts, and between two changes of the whole state, in milliseconds.
const RESTART: std::ops::Range<u64> = 2_000..9_000;
const WHOLE: std::ops::Range<u64> = 4_000..15_000;

/// Maximum pause of a client between two steps, in milliseconds.
const PAUSE: u64 = 12;

/// The options of `cargo xtask soak`.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Duration in minutes
    #[arg(long, value_name = "NUMBER", default_value_t = 60.0)]
    minutes: f64,
    /// Seed of the calls
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Number of concurrent clients
    #[arg(long, value_name = "NUMBER", default_value_t = 4)]
    clients: usize,
    /// Program to test, instead of one that is built from this checkout
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// Runs the soak.
pub(crate) fn run(root: &Path, options: &Options) -> Result<(), String> {
    let program = match &options.program {
        Some(program) => program.clone(),
        None => emulator::program(root)?,
    };
    let data = emulator::target(root).join("soak").join("state");
    if data.exists() {
        std::fs::remove_dir_all(&data).map_err(|error| format!("{}: {error}", data.display()))?;
    }
    std::fs::create_dir_all(&data).map_err(|error| format!("{}: {error}", data.display()))?;
    let minutes = options.minutes.clamp(0.1, 24.0 * 60.0);
    println!("soak: {minutes} minutes, seed {}, {} clients", options.seed, options.clients.max(1));
    let tally = Tally::default();
    let stage = Stage::start(&program, &data, options.seed, &tally)?;
    let clients: Vec<Mutex<Client<'_>>> = (0..options.clients.max(1))
        .map(|number| Mutex::new(Client::new(number, options.seed, &tally, stage.address)))
        .collect();
    let soak = Soak {
        tally: &tally,
        seed: options.seed,
        begun: Instant::now(),
        end: Duration::from_secs_f64(minutes * 60.0),
        data: &data,
        stage: RwLock::new(stage),
        clients,
        stopped: AtomicBool::new(false),
    };
    soak.run()
}

struct Soak<'a> {
    tally: &'a Tally,
    seed: u64,
    begun: Instant,
    end: Duration,
    data: &'a Path,
    /// The emulator. Write access means that no client sends.
    stage: RwLock<Stage<'a>>,
    clients: Vec<Mutex<Client<'a>>>,
    stopped: AtomicBool,
}

impl Soak<'_> {
    fn run(&self) -> Result<(), String> {
        let mut samples = Vec::new();
        let outcome = std::thread::scope(|scope| {
            for (number, client) in self.clients.iter().enumerate() {
                scope.spawn(move || self.work(client, number as u64));
            }
            let outcome = self.control(&mut samples);
            self.stopped.store(true, Ordering::Release);
            outcome
        });
        let outcome = outcome.and_then(|()| {
            let mut stage = self.stage.write().unwrap_or_else(PoisonError::into_inner);
            stage.compare(&self.clients, false)?;
            stage.restart(&self.clients)
        });
        self.report(outcome, &samples)
    }

    /// Runs one client until the end.
    fn work(&self, client: &Mutex<Client<'_>>, number: u64) {
        let mut rng = Rng::with_seed(number);
        while !self.stopped.load(Ordering::Acquire) {
            {
                let stage = self.stage.read().unwrap_or_else(PoisonError::into_inner);
                let mut client = locked(client);
                client.caller.move_to(stage.address);
                client.step();
            }
            std::thread::sleep(Duration::from_millis(rng.u64(0..PAUSE)));
        }
    }

    /// Restarts the emulator and changes the whole state, and takes samples of its resources.
    fn control(&self, samples: &mut Vec<Sample>) -> Result<(), String> {
        let mut rng = Rng::with_seed(self.seed);
        let after = |range: std::ops::Range<u64>, rng: &mut Rng| {
            self.begun.elapsed() + Duration::from_millis(rng.u64(range))
        };
        let (mut restart, mut whole) = (after(RESTART, &mut rng), after(WHOLE, &mut rng));
        let mut told = 0;
        while self.begun.elapsed() < self.end {
            std::thread::sleep(TICK);
            if let Some(wrong) = self.clients.iter().find_map(|client| locked(client).wrong.clone()) {
                return Err(wrong);
            }
            let now = self.begun.elapsed();
            let restarts = now < self.end / 3;
            if restarts && now >= restart {
                // The clients send meanwhile.
                self.stage.read().unwrap_or_else(PoisonError::into_inner).end(rng.u8(0..4) > 0);
                let mut stage = self.stage.write().unwrap_or_else(PoisonError::into_inner);
                stage.restart(&self.clients)?;
                restart = after(RESTART, &mut rng);
            } else if now >= whole {
                let mut stage = self.stage.write().unwrap_or_else(PoisonError::into_inner);
                stage.whole(&self.clients, restarts && rng.bool())?;
                whole = after(WHOLE, &mut rng);
            }
            let sample = self.stage.read().unwrap_or_else(PoisonError::into_inner).sample()?;
            if !restarts {
                samples.extend(sample);
            }
            if now.as_secs() / 60 >= told {
                told = now.as_secs() / 60 + 1;
                self.tell(sample.unwrap_or_default());
            }
        }
        Ok(())
    }

    /// Prints a line with the state of the run.
    fn tell(&self, sample: Sample) {
        let stage = self.stage.read().unwrap_or_else(PoisonError::into_inner);
        let calls: u64 = self.tally.calls().values().sum();
        let (bytes, files) = samples::size(self.data);
        println!(
            "soak: {:>4} s: {calls} calls, {} restarts, {} changes of the whole state, {} failures, {} MiB of \
             memory, {} threads, {} open files, {} KiB in {files} files of data",
            self.begun.elapsed().as_secs(),
            stage.restarts,
            stage.wholes,
            self.tally.failures().len(),
            mebibytes(sample.memory),
            sample.threads,
            sample.files,
            bytes >> 10,
        );
    }

    /// Prints the calls, the failures and the trend, and decides.
    fn report(&self, outcome: Result<(), String>, samples: &[Sample]) -> Result<(), String> {
        self.tell(samples.last().copied().unwrap_or_default());
        for (kind, count) in self.tally.calls() {
            println!("soak: {count:>8} {kind}");
        }
        let mut failures: Vec<String> = self
            .tally
            .failures()
            .into_iter()
            .map(|(failure, count)| if count > 1 { format!("{failure} ({count} times)") } else { failure })
            .collect();
        if let Err(wrong) = outcome {
            failures.push(format!("{wrong}; the directory is {}", self.data.display()));
        }
        match Trend::of(samples) {
            Some(trend) => {
                println!(
                    "soak: medians after the warm-up, first and last third: {} and {} KiB of memory, {} and {} \
                     threads, {} and {} open files ({} samples)",
                    trend.before.memory >> 10,
                    trend.after.memory >> 10,
                    trend.before.threads,
                    trend.after.threads,
                    trend.before.files,
                    trend.after.files,
                    samples.len(),
                );
                failures.extend(trend.growth());
            }
            None => println!("soak: too few samples for a trend"),
        }
        if failures.is_empty() {
            println!("soak: nothing was lost, doubled or leaked");
            return Ok(());
        }
        Err(format!("soak: {} failures:\n{}", failures.len(), failures.join("\n")))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
