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
mod report;
mod session;
mod suites;
mod switch;
mod tree;
mod trial;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use clap::Args;

use crate::emulator;
use report::{Entry, Outcome};
use session::Session;
use tree::Tree;

/// The options of `cargo xtask mutants`.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Seed of the sample
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Number of mutants in the sample
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    count: usize,
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
    println!("mutants: {} of {}, seed {}", options.count.min(all.len()), all.len(), options.seed);
    let mutants = list::sample(all, options.count, options.seed);
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
    let entries: Vec<Entry> = mutants
        .iter()
        .zip(outcomes)
        .map(|(mutant, outcome)| (mutant.file.clone(), mutant.name.clone(), outcome))
        .collect();
    let text = report::markdown(&entries);
    println!("\n{text}\nmutants: all in {:.0} s", begun.elapsed().as_secs_f64());
    if let Some(file) = &options.report {
        fs::write(file, &text).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    judge(report::caught(&entries), options.least)
}

/// Returns an error if too few of the viable mutants were noticed.
fn judge((caught, viable): (usize, usize), least: f64) -> Result<(), String> {
    if viable == 0 {
        return Err("no mutant was decided; take more of them, or more time".to_owned());
    }
    let share = 100.0 * caught as f64 / viable as f64;
    println!("mutants: {caught} of {viable} viable ones noticed, {share:.1} %");
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
        assert_eq!(judge((49, 50), 98.0), Ok(()));
        assert!(judge((48, 50), 98.0).unwrap_err().contains("96.0 %"));
        assert!(judge((0, 0), 0.0).unwrap_err().contains("no mutant was decided"));
    }
}
