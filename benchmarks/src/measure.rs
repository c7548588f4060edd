//! The measurement of one run.

use std::{
    fs,
    pin::Pin,
    time::{Duration, Instant},
};

use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;
use tokio::runtime::{Builder, Runtime};

use crate::{Arguments, BoxError, Workload};

/// The work that is measured. Returns the number of items.
pub type Work = Pin<Box<dyn Future<Output = Result<usize, BoxError>>>>;

/// What one run of a program cost. Printed as one line of JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Number of rows, events, calls or MiB.
    pub items: usize,
    /// Elapsed time in nanoseconds.
    pub wall_ns: u64,
    /// CPU time of the process in nanoseconds, user and system.
    pub cpu_ns: u64,
    /// Peak of resident memory in KiB, or `None` if the platform does not report it.
    pub peak_kib: Option<u64>,
}

/// The time at which a measurement began.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    wall: Instant,
    cpu: Duration,
}

impl Stopwatch {
    /// Starts a measurement.
    pub fn start() -> Self {
        Self { wall: Instant::now(), cpu: cpu() }
    }

    /// Ends the measurement.
    pub fn stop(self, items: usize) -> Report {
        Report {
            items,
            wall_ns: nanoseconds(self.wall.elapsed()),
            cpu_ns: nanoseconds(cpu().saturating_sub(self.cpu)),
            peak_kib: peak(),
        }
    }
}

impl Report {
    /// Prints the report as one line.
    ///
    /// # Errors
    ///
    /// Returns an error if the report cannot be written as JSON.
    pub fn print(&self) -> Result<(), BoxError> {
        println!("{}", serde_json::to_string(self)?);
        Ok(())
    }
}

/// Runs one workload, and prints its [`Report`], unless only instructions are counted. `prepare` makes the client and the list of rows, which are not
/// measured, except for the workload [`Start`](Workload::Start).
///
/// # Errors
///
/// Returns the error of the work, and an error if it did not handle as many items as the arguments say.
pub fn run(prepare: impl FnOnce(&Arguments) -> Result<Work, BoxError>) -> Result<(), BoxError> {
    let whole_process = Stopwatch { wall: Instant::now(), cpu: Duration::ZERO };
    let arguments = Arguments::from_env()?;
    let runtime = runtime(arguments.single_thread)?;
    let work = {
        // The clients may register with the runtime when they are made.
        let _entered = runtime.enter();
        prepare(&arguments)?
    };
    let checked = |items| {
        if items == arguments.size {
            return Ok(items);
        }
        Err(BoxError::from(format!("{items} items were handled instead of {}", arguments.size)))
    };
    if arguments.single_thread {
        // The CPU time is read from the vDSO, which valgrind hides.
        return checked(measured_section(&runtime, work)?).map(drop);
    }
    let begin = if arguments.workload == Workload::Start { whole_process } else { Stopwatch::start() };
    let report = begin.stop(checked(measured_section(&runtime, work)?)?);
    report.print()
}

/// Runs the work. `cargo xtask bench --instructions` counts the instructions below the function of this name.
#[inline(never)]
fn measured_section(runtime: &Runtime, work: Work) -> Result<usize, BoxError> {
    runtime.block_on(work)
}

fn runtime(single_thread: bool) -> Result<Runtime, BoxError> {
    let mut builder = if single_thread { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    Ok(builder.worker_threads(2).enable_all().build()?)
}

/// Returns the CPU time of this process so far.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// Returns the peak of resident memory of this process in KiB, on platforms that report it.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
