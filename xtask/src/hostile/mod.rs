//! `cargo xtask hostile`: extreme requests against an emulator, which must survive them.
//!
//! Requests are generated from the document's schemas and from the bodies of the tests, with extreme values
//! inserted. The requests of a number are a function of the seed, the number, and the resources that exist in
//! the emulator. The emulator is a separate process. Failures are a closed connection, a panic, a 500, the end
//! of the process, a response after more than 10 s, and a directory that cannot be opened again.

mod attack;
mod contract;
mod extreme;
mod json;
mod known;
mod make;
mod model;
mod report;
pub(crate) mod request;
mod scenario;
pub(crate) mod server;
mod setup;
mod texts;
pub(crate) mod wire;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use crate::emulator;
use attack::Attack;
use contract::Contract;

/// Number of requests of a long run.
const IN_MEMORY: u64 = 100_000;
const ON_DISK: u64 = 20_000;

/// Number of requests of a short run.
const SHORT_COUNTED: u64 = 400;
const SHORT_IN_MEMORY: u64 = 1_100;
const SHORT_ON_DISK: u64 = 300;

/// The options of `cargo xtask hostile`.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Seed of the requests
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Number of requests [default: 100000 in memory, 20000 on disk]
    #[arg(long, value_name = "NUMBER")]
    requests: Option<u64>,
    /// Parent of the data directory of an emulator that is restarted now and then
    #[arg(long, value_name = "DIR", conflicts_with = "in_memory")]
    data: Option<PathBuf>,
    /// State in memory (default)
    #[arg(long)]
    in_memory: bool,
    /// Few requests, in memory and on disk
    ///
    /// Over one connection, steps of work are counted, and too many are a failure.
    #[arg(long, conflicts_with_all = ["requests", "data", "only"])]
    short: bool,
    /// Number of the only scenario to send, to a new emulator
    #[arg(long, value_name = "NUMBER", conflicts_with = "requests")]
    only: Option<u64>,
    /// Number of concurrent connections
    #[arg(long, value_name = "NUMBER", default_value_t = 4)]
    connections: usize,
}

/// Attacks emulators that are built from this checkout.
pub(crate) fn run(root: &Path, options: &Options) -> Result<(), String> {
    let contract = Contract::read(root)?;
    let program = emulator::program(root)?;
    let folder = emulator::target(root).join("hostile");
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let model = model::serve(options.seed)?;
    let attack = |data: Option<PathBuf>, requests: u64| Attack {
        contract: &contract,
        program: &program,
        folder: &folder,
        model,
        data,
        seed: options.seed,
        requests,
        connections: options.connections.max(1),
    };
    let counted = |requests: u64| Attack { connections: 1, ..attack(None, requests) };
    if let Some(number) = options.only {
        return attack(options.data.clone(), 0).only(number);
    }
    let begun = Instant::now();
    let mut failures = 0;
    if options.short {
        failures += counted(SHORT_COUNTED).run()?;
        failures += attack(None, SHORT_IN_MEMORY).run()?;
        failures += attack(Some(folder.join("data")), SHORT_ON_DISK).run()?;
    } else {
        let usual = if options.data.is_some() { ON_DISK } else { IN_MEMORY };
        failures += attack(options.data.clone(), options.requests.unwrap_or(usual)).run()?;
    }
    println!("hostile: all in {:.1} s", begun.elapsed().as_secs_f64());
    if failures == 0 {
        return Ok(());
    }
    Err(format!(
        "the emulator failed with {failures} symptoms, see above; `cargo xtask hostile --seed {} --only \
         NUMBER` sends one again",
        options.seed
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::contract::Contract;
    use super::extreme::Extreme;
    use super::known::Known;
    use super::scenario::{Step, scenario};

    /// Sufficient for every operation and every kind of extreme value to occur with any seed.
    const ENOUGH: u64 = 4_000;

    fn contract() -> Contract {
        Contract::read(&crate::root()).unwrap()
    }

    #[test]
    fn every_operation_and_every_extreme_is_reached() {
        let contract = contract();
        assert_eq!(contract.operations.len(), 71);
        let (mut operations, mut extremes, mut valid) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for number in 0..ENOUGH {
            let scenario = scenario(&contract, &Known::default(), 1, number);
            if scenario.extremes.is_empty() {
                valid.insert(scenario.operation.clone());
            }
            operations.insert(scenario.operation);
            extremes.extend(scenario.extremes);
        }
        for operation in &contract.operations {
            assert!(operations.contains(&operation.id), "{} is never called", operation.id);
            assert!(valid.contains(&operation.id), "{} is never called with a valid request", operation.id);
        }
        for place in [
            "PUT /_emulator/clock",
            "POST /_emulator/faults",
            "PUT /_emulator/import",
            "GET /_emulator/rows",
            "putPart",
            "wire",
        ] {
            assert!(operations.contains(place), "{place} is never reached");
        }
        for extreme in super::extreme::IN_BODIES.into_iter().chain([
            Extreme::Path,
            Extreme::QueryString,
            Extreme::Headers,
            Extreme::QueryText,
            Extreme::File,
            Extreme::Wire,
        ]) {
            assert!(extremes.contains(&extreme), "{extreme:?} never occurs");
        }
    }

    #[test]
    fn scenario_of_a_number_is_deterministic() {
        let contract = contract();
        let bytes = |number| {
            let steps = scenario(&contract, &Known::default(), 3, number).steps;
            let bytes = steps.into_iter().flat_map(|step| match step {
                Step::Send(request) => request.bytes("h"),
                Step::Upload { prepare, content, finish } => {
                    [prepare.bytes("h"), content, finish.bytes("h")].concat()
                }
            });
            bytes.collect::<Vec<u8>>()
        };
        for number in 0..200 {
            assert_eq!(bytes(number), bytes(number));
        }
        assert!((0..50).any(|number| bytes(number) != bytes(number + 1)));
    }

    #[test]
    fn sizes_reach_about_a_megabyte_and_no_more() {
        let contract = contract();
        let size = |number| {
            let steps = scenario(&contract, &Known::default(), 2, number).steps;
            let sizes = steps.iter().map(|step| match step {
                Step::Send(request) => request.body.len(),
                Step::Upload { content, finish, .. } => content.len() + finish.body.len(),
            });
            sizes.max().unwrap_or_default()
        };
        let largest = (0..ENOUGH).map(size).max().unwrap();
        assert!((500_000..8_000_000).contains(&largest), "{largest}");
    }
}
