//! `cargo xtask mutants`: how many faults the tests notice.
//!
//! A mutant is a copy of the sources with one fault, such as `<=` for `<` or a function that returns a constant. If all tests
//! pass with it, a test is missing. cargo-mutants lists the mutants, and this chore runs a sample of them, which a seed
//! picks.
//!
//! Most of the time goes into builds, so the mutants of the sample are compiled together into a copy of the checkout and
//! switched on one at a time ([`switch`]). One suite after the other is built, and runs with the mutants that no earlier suite
//! noticed. A suite first runs without a mutant. Tests that fail then, for instance because they read the sources, are
//! left out. Mutants that do not compile with a switch are built alone.

mod build;
mod cfg;
mod equivalent;
mod list;
mod memory;
mod report;
mod session;
mod suites;
mod switch;
mod times;
pub(crate) mod tree;
mod trial;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use clap::Args;

use crate::emulator;
use list::Mutant;
use report::{Entry, Outcome};
use session::Session;
use tree::Tree;

/// The options of `cargo xtask mutants`.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Seeds of the samples, which are compiled together and reported one by one
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', default_value = "1")]
    seed: Vec<u64>,
    /// Number of mutants in the sample of each seed, the last one also for further seeds
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', default_value = "20")]
    count: Vec<usize>,
    /// Share of the viable mutants that the tests have to notice
    #[arg(long, value_name = "PERCENT", default_value_t = 98.0)]
    least: f64,
    /// Time after which no other run of a suite begins
    #[arg(long, value_name = "NUMBER")]
    minutes: Option<u64>,
    /// Markdown file for the report, which is also printed
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// List the sample without building it
    #[arg(long)]
    list: bool,
    /// Take only files whose path begins with PATH, for instance `datalinks/src/ask`
    #[arg(value_name = "PATH")]
    only: Vec<String>,
}

/// Runs the tests with a sample of mutants.
pub(crate) fn run(root: &Path, options: &Options) -> Result<(), String> {
    let directory = emulator::target(root).join("mutants");
    fs::create_dir_all(directory.join("tree"))
        .map_err(|error| format!("{}: {error}", directory.display()))?;
    let tree = Tree::update(root, directory.join("tree"))?;
    let all = list::all(&tree.root, &options.only)?;
    let last = options.count.last().copied().unwrap_or_default();
    let counts = options.count.iter().copied().chain(std::iter::repeat(last));
    let samples: Vec<(u64, BTreeSet<String>)> = options
        .seed
        .iter()
        .zip(counts)
        .map(|(seed, count)| {
            let sample = list::sample(&all, count, *seed);
            println!("mutants: {} of {}, seed {seed}", sample.len(), all.len());
            (*seed, sample.into_iter().map(|mutant| mutant.key.clone()).collect())
        })
        .collect();
    let is_sampled = |mutant: &Mutant| samples.iter().any(|(_, keys)| keys.contains(&mutant.key));
    let mutants: Vec<Mutant> = all.into_iter().filter(is_sampled).collect();
    if options.list {
        mutants.iter().for_each(|mutant| println!("{}", mutant.name));
        return Ok(());
    }
    let begun = Instant::now();
    let end = options.minutes.and_then(|minutes| begun.checked_add(Duration::from_secs(60 * minutes)));
    let mut session = Session::new(&tree, &directory, &mutants, end);
    let reasons = equivalent::read(root)?;
    for (number, mutant) in mutants.iter().enumerate() {
        if let Some(reason) = reasons.get(&mutant.key) {
            session.decide(number, Outcome::Equivalent(reason.clone()));
        }
    }
    let outcomes = session.run()?;
    let mut text = String::new();
    let mut judged = Ok(());
    for (seed, keys) in &samples {
        let entries: Vec<Entry> = mutants
            .iter()
            .zip(&outcomes)
            .filter(|(mutant, _)| keys.contains(&mutant.key))
            .map(|(mutant, outcome)| (mutant.file.clone(), mutant.name.clone(), outcome.clone()))
            .collect();
        text += &format!("Seed {seed}, {} mutants\n\n{}\n", entries.len(), report::markdown(&entries));
        judged = judged.and(judge(*seed, report::caught(&entries), options.least));
    }
    println!("\n{text}mutants: all in {:.0} s", begun.elapsed().as_secs_f64());
    if let Some(file) = &options.report {
        fs::write(file, &text).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    judged
}

/// Returns an error if too few of the viable mutants were noticed.
fn judge(seed: u64, (caught, viable): (usize, usize), least: f64) -> Result<(), String> {
    if viable == 0 {
        return Err("no mutant was decided; take more of them, or more time".to_owned());
    }
    let share = 100.0 * caught as f64 / viable as f64;
    println!("mutants: {caught} of {viable} viable ones noticed with seed {seed}, {share:.1} %");
    if share >= least {
        return Ok(());
    }
    Err(format!(
        "the tests noticed {share:.1} % of the viable mutants, fewer than {least} %; add a test for each missed one, or \
         a reason to xtask/src/mutants/equivalent.yaml"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn share_below_the_limit_fails() {
        assert_eq!(judge(1, (49, 50), 98.0), Ok(()));
        assert!(judge(1, (48, 50), 98.0).unwrap_err().contains("96.0 %"));
        assert!(judge(1, (0, 0), 0.0).unwrap_err().contains("no mutant was decided"));
    }
}
