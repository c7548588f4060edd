//! One run: switches are compiled in, and the suites run with each mutant.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{
    build::{Builder, CompilerError},
    list::Mutant,
    report::{self, Outcome},
    suites::{self, SUITES, Suite},
    switch::{self, Switched, Wrap},
    tree::Tree,
    trial::{Binary, End, Tests},
};

/// Shortest time limit of a run, and the limit by the time that the suite takes without a mutant.
const SHORTEST_LIMIT: Duration = Duration::from_secs(60);
const LIMIT_FACTOR: u32 = 5;
/// Time limit of a suite whose time is not known.
const FIRST_LIMIT: Duration = Duration::from_secs(900);
/// Number of tests that may fail without a mutant. With more of them, the suite says little.
const MOST_FAILURES: usize = 10;

/// The state of a run. Mutants are numbered from 0.
pub(super) struct Session<'a> {
    tree: &'a Tree,
    builder: Builder<'a>,
    /// The file that names the mutant that is on.
    switch: PathBuf,
    log: PathBuf,
    mutants: &'a [Mutant],
    outcomes: Vec<Option<Outcome>>,
    /// Suites that ran without a mutant, with the tests to leave out and the time limit.
    known: BTreeMap<String, (Vec<String>, Duration)>,
    end: Option<Instant>,
}

impl<'a> Session<'a> {
    pub(super) fn new(tree: &'a Tree, directory: &Path, mutants: &'a [Mutant], end: Option<Instant>) -> Self {
        Self {
            tree,
            builder: Builder { tree: &tree.root, results: directory.join("build") },
            switch: directory.join("on"),
            log: directory.join("log"),
            mutants,
            outcomes: vec![None; mutants.len()],
            known: BTreeMap::new(),
            end,
        }
    }

    pub(super) fn decide(&mut self, number: usize, outcome: Outcome) {
        println!("{}", report::line(&self.mutants[number].name, &outcome));
        self.outcomes[number] = Some(outcome);
    }

    /// Decides on all mutants, as far as the time suffices.
    pub(super) fn run(mut self) -> Result<Vec<Outcome>, String> {
        let alone = self.compile_switches()?;
        for suite in SUITES {
            if self.undecided(*suite, &alone).is_empty() || self.is_over() {
                continue;
            }
            let binary = self.prepare(*suite)?;
            for number in self.undecided(*suite, &alone) {
                self.try_suite(number, *suite, &binary)?;
            }
        }
        if !self.is_over() {
            for number in 0..self.mutants.len() {
                if self.outcomes[number].is_none() && !alone.contains(&number) {
                    self.decide(number, Outcome::Missed);
                }
            }
        }
        for number in alone {
            self.try_alone(number)?;
        }
        Ok(self.outcomes.into_iter().map(|outcome| outcome.unwrap_or(Outcome::Undecided)).collect())
    }

    fn is_over(&self) -> bool {
        self.end.is_some_and(|end| Instant::now() >= end)
    }

    /// Returns the mutants without an outcome that a suite covers.
    fn waiting(&self, suite: Suite) -> Vec<usize> {
        let covers = |number: &usize| {
            suites::area(&self.mutants[*number].file).is_some_and(|area| area.suites.contains(&suite))
        };
        (0..self.mutants.len()).filter(|number| self.outcomes[*number].is_none()).filter(covers).collect()
    }

    /// Returns those of them that have a switch.
    fn undecided(&self, suite: Suite, alone: &BTreeSet<usize>) -> Vec<usize> {
        self.waiting(suite).into_iter().filter(|number| !alone.contains(number)).collect()
    }

    /// Compiles the switches into the copy. Returns the mutants that have to be built alone.
    fn compile_switches(&mut self) -> Result<BTreeSet<usize>, String> {
        let undecided: Vec<usize> =
            (0..self.mutants.len()).filter(|number| self.outcomes[*number].is_none()).collect();
        let mutants = self.mutants;
        let packages: BTreeSet<&str> =
            undecided.iter().map(|number| mutants[*number].package.as_str()).collect();
        for package in &packages {
            let root = format!("{package}/src/lib.rs");
            let module = switch::module(&self.switch.to_string_lossy());
            self.tree.write(&root, &(self.tree.original(&root)? + &module))?;
        }
        let mut alone = BTreeSet::new();
        let mut wraps: BTreeMap<&str, Vec<Wrap>> = BTreeMap::new();
        for number in undecided {
            let mutant = &mutants[number];
            match switch::wrap(&self.tree.original(&mutant.file)?, number, mutant) {
                Some(wrap) => wraps.entry(&mutant.file).or_default().push(wrap),
                None => _ = alone.insert(number),
            }
        }
        loop {
            let mut switched = BTreeMap::new();
            for (file, wraps) in &wraps {
                let inserted = switch::insert(&self.tree.original(file)?, wraps);
                self.tree.write(file, &inserted.text)?;
                switched.insert(*file, inserted);
            }
            let mut culprits = BTreeMap::new();
            for package in &packages {
                println!("mutants: checking the switches in {package}");
                for error in self.builder.check(suites::unit_tests(package))? {
                    let text = "an error of the compiler belongs to no mutant; does the checkout compile?";
                    let (number, inside) =
                        culprit(&switched, &error).ok_or_else(|| format!("{text}\n{}", error.text))?;
                    // All returned values of a function with `impl Trait` have one type, so only a mutant alone shows more.
                    let opaque = self.mutants[number].name.contains("-> impl ");
                    *culprits.entry(number).or_insert(false) |= inside && !opaque && error.is_about_types();
                }
            }
            if culprits.is_empty() {
                return Ok(alone);
            }
            wraps.values_mut().for_each(|wraps| wraps.retain(|wrap| !culprits.contains_key(&wrap.number)));
            for (number, unviable) in culprits {
                if unviable {
                    self.decide(number, Outcome::Unviable);
                } else {
                    alone.insert(number);
                }
            }
        }
    }

    /// Builds a suite, and runs it without a mutant.
    fn prepare(&mut self, suite: Suite) -> Result<Binary, String> {
        println!("mutants: building {}", suite.name());
        self.turn(None)?;
        let mut binary = self.binary(suite)?;
        let begun = Instant::now();
        let failed = match binary.run(Tests::Containing(""), &self.log)? {
            End::Passed => Vec::new(),
            End::Failed(failed) if !failed.is_empty() && failed.len() <= MOST_FAILURES => failed,
            end => return Err(format!("{} does not pass without a mutant: {end:?}", suite.name())),
        };
        let took = begun.elapsed();
        println!("mutants: {} takes {:.1} s", suite.name(), took.as_secs_f64());
        for test in &failed {
            println!("mutants: left out, because it fails without a mutant: {test}");
        }
        self.known.insert(suite.name(), (failed.clone(), SHORTEST_LIMIT.max(took * LIMIT_FACTOR)));
        (binary.skipped, binary.limit) = self.known[&suite.name()].clone();
        Ok(binary)
    }

    fn binary(&self, suite: Suite) -> Result<Binary, String> {
        let path = self.builder.build(suite)?;
        let directory = self.tree.root.join(suite.directory());
        let known = self.known.get(&suite.name()).cloned();
        let (skipped, limit) = known.unwrap_or_else(|| (Vec::new(), FIRST_LIMIT));
        Ok(Binary { path, directory, skipped, limit })
    }

    /// Names the mutant that is on.
    fn turn(&self, number: Option<usize>) -> Result<(), String> {
        let text = number.map(|number| number.to_string()).unwrap_or_default();
        fs::write(&self.switch, text).map_err(|error| format!("{}: {error}", self.switch.display()))
    }

    /// Runs a suite with a mutant. Of unit tests, those of the module and of the directory run first, because they take a short
    /// time and notice most mutants.
    fn try_suite(&mut self, number: usize, suite: Suite, binary: &Binary) -> Result<(), String> {
        let mut filters = vec![String::new()];
        if suite.test.is_none() {
            let file = &self.mutants[number].file;
            filters.extend(suites::area(file).map(suites::Area::filter));
            filters.push(suites::module(file));
        }
        while let Some(filter) = filters.pop()
            && self.outcomes[number].is_none()
            && !self.is_over()
        {
            self.try_with(number, suite, binary, &filter)?;
        }
        Ok(())
    }

    /// Runs the tests of a suite whose names contain `filter` with a mutant, and records if one of them noticed. What a run
    /// shows counts only if the same tests pass in time without the mutant, so that neither a slow machine nor an
    /// unreliable test catches a mutant.
    fn try_with(&mut self, number: usize, suite: Suite, binary: &Binary, filter: &str) -> Result<(), String> {
        let tests = Tests::Containing(filter);
        self.turn(Some(number))?;
        match binary.run(tests, &self.log)? {
            End::Passed => {}
            End::Failed(failed) => {
                self.turn(None)?;
                let first = failed.first();
                let again = first.map_or(tests, |test| Tests::Named(test));
                match binary.run(again, &self.log)? {
                    End::Passed => {
                        self.decide(number, Outcome::Caught(first.cloned().unwrap_or_else(|| suite.name())));
                    }
                    end => self.say_unreliable(number, suite, first, &end),
                }
            }
            End::Timeout => {
                self.turn(None)?;
                let begun = Instant::now();
                let end = binary.run(tests, &self.log)?;
                if end == End::Passed && begun.elapsed() * 2 < binary.limit {
                    self.decide(number, Outcome::Timeout(suite.name()));
                } else {
                    self.say_unreliable(number, suite, None, &end);
                }
            }
        }
        Ok(())
    }

    fn say_unreliable(&self, number: usize, suite: Suite, test: Option<&String>, end: &End) {
        let test = test.map_or_else(|| suite.name(), String::clone);
        let name = &self.mutants[number].name;
        println!(
            "mutants: {test} says nothing about {name}, because without the mutant it ended with {end:?}"
        );
    }

    /// Builds a mutant that has no switch, and runs all suites of its area.
    fn try_alone(&mut self, number: usize) -> Result<(), String> {
        if self.is_over() {
            return Ok(());
        }
        let mutant = &self.mutants[number];
        let original = self.tree.original(&mutant.file)?;
        let changed = mutant.apply(&original)?;
        self.tree.write(&mutant.file, &changed)?;
        if !self.builder.check(suites::unit_tests(&mutant.package))?.is_empty() {
            self.decide(number, Outcome::Unviable);
        }
        for suite in SUITES {
            if !self.waiting(*suite).contains(&number) || self.is_over() {
                continue;
            }
            if !self.known.contains_key(&suite.name()) {
                self.tree.write(&mutant.file, &original)?;
                self.prepare(*suite)?;
                self.tree.write(&mutant.file, &changed)?;
            }
            let binary = self.binary(*suite)?;
            self.try_suite(number, *suite, &binary)?;
        }
        if self.outcomes[number].is_none() && !self.is_over() {
            self.decide(number, Outcome::Missed);
        }
        self.tree.write(&mutant.file, &original)
    }
}

/// Returns the mutant that causes an error of the compiler, and `true` if the error is in the text of the mutant.
fn culprit(switched: &BTreeMap<&str, Switched>, error: &CompilerError) -> Option<(usize, bool)> {
    error.places.iter().find_map(|(file, offset)| switched.get(file.as_str())?.culprit(*offset))
}
