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
    memory::{Known, Memory},
    report::{self, Outcome},
    suites::{self, Scope, Suite},
    switch::{self, Switched, Wrap},
    times::Times,
    tree::Tree,
    trial::{Binary, End, Timed},
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
    memory: Memory,
    times: Times,
    /// For each mutant, the suite and the test that noticed it in an earlier run.
    noticed: Vec<Option<(String, String)>>,
    /// The tests of suites that ran without a mutant.
    known: BTreeMap<String, Vec<Timed>>,
    end: Option<Instant>,
}

impl<'a> Session<'a> {
    pub(super) fn new(tree: &'a Tree, directory: &Path, mutants: &'a [Mutant], end: Option<Instant>) -> Self {
        Self {
            tree,
            builder: Builder { tree: &tree.root, results: directory.join("build") },
            switch: directory.join("on"),
            log: directory.join("log"),
            memory: Memory::read(directory.join("outcomes")),
            times: Times::read(directory.join("times")),
            noticed: vec![None; mutants.len()],
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
        let mut built: BTreeMap<String, Binary> = BTreeMap::new();
        for (suite, scope) in suites::order() {
            let undecided = self.undecided(suite, scope, &alone);
            if undecided.is_empty() || self.is_over() {
                continue;
            }
            let binary = match built.get(&suite.name()) {
                Some(binary) => binary.clone(),
                None => self.build(suite)?,
            };
            built.insert(suite.name(), binary.clone());
            self.measure(suite, &binary)?;
            println!("mutants: {} with {} mutants, {scope}", suite.name(), undecided.len());
            for number in undecided {
                self.try_with(number, suite, scope, &binary, true)?;
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

    /// Returns the mutants without an outcome that some tests of a suite cover.
    fn waiting(&self, suite: Suite, scope: Scope) -> Vec<usize> {
        let covers = |number: &usize| match (scope, &self.noticed[*number]) {
            (Scope::Known, Some((by, _))) => *by == suite.name(),
            (Scope::Known, None) => false,
            _ => suites::area(&self.mutants[*number].file).is_some_and(|area| area.suites.contains(&suite)),
        };
        (0..self.mutants.len()).filter(|number| self.outcomes[*number].is_none()).filter(covers).collect()
    }

    /// Returns those of them that have a switch.
    fn undecided(&self, suite: Suite, scope: Scope, alone: &BTreeSet<usize>) -> Vec<usize> {
        self.waiting(suite, scope).into_iter().filter(|number| !alone.contains(number)).collect()
    }

    /// Takes over what an earlier run found out. Returns the mutants that have to be built alone.
    fn remember(&mut self) -> Result<BTreeSet<usize>, String> {
        let mut alone = BTreeSet::new();
        for (number, mutant) in self.mutants.iter().enumerate() {
            let known = self.memory.of(&mutant.key, &self.tree.original(&mutant.file)?).cloned();
            match known.filter(|_| self.outcomes[number].is_none()) {
                Some(Known::Noticed { suite, test }) => self.noticed[number] = Some((suite, test)),
                Some(Known::Unviable) => self.decide(number, Outcome::Unviable),
                Some(Known::Alone) => _ = alone.insert(number),
                None => {}
            }
        }
        Ok(alone)
    }

    /// Keeps an outcome for a later run.
    fn keep(&mut self, number: usize, known: Known) -> Result<(), String> {
        let mutant = &self.mutants[number];
        self.memory.add(&mutant.key, &self.tree.original(&mutant.file)?, known)
    }

    /// Compiles the switches into the copy. Returns the mutants that have to be built alone.
    fn compile_switches(&mut self) -> Result<BTreeSet<usize>, String> {
        let mut alone = self.remember()?;
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
        let mut wraps: BTreeMap<&str, Vec<Wrap>> = BTreeMap::new();
        for number in undecided {
            let mutant = &mutants[number];
            if alone.contains(&number) {
                continue;
            }
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
                    let found = culprits_of(&switched, &error);
                    if found.is_empty() {
                        let text =
                            "an error of the compiler belongs to no mutant; does the checkout compile?";
                        return Err(format!("{text}\n{}", error.text));
                    }
                    for (number, unviable) in found {
                        // All returned values of a function with `impl Trait` have one type, so only a mutant alone shows more.
                        let opaque =
                            self.mutants[number].name.contains("-> impl ") && !error.is_about_signature();
                        *culprits.entry(number).or_insert(false) |= unviable && !opaque;
                    }
                }
            }
            if culprits.is_empty() {
                return Ok(alone);
            }
            wraps.values_mut().for_each(|wraps| wraps.retain(|wrap| !culprits.contains_key(&wrap.number)));
            for (number, unviable) in culprits {
                if unviable {
                    self.decide(number, Outcome::Unviable);
                    self.keep(number, Known::Unviable)?;
                } else {
                    alone.insert(number);
                    self.keep(number, Known::Alone)?;
                }
            }
        }
    }

    fn build(&self, suite: Suite) -> Result<Binary, String> {
        println!("mutants: building {}", suite.name());
        let path = self.builder.build(suite)?;
        Ok(Binary { path, directory: self.tree.root.join(suite.directory()) })
    }

    /// Runs the tests of a suite without a mutant, apart from those whose times an earlier run has measured.
    fn measure(&mut self, suite: Suite, binary: &Binary) -> Result<(), String> {
        if self.known.contains_key(&suite.name()) {
            return Ok(());
        }
        self.turn(None)?;
        let begun = Instant::now();
        let listed = binary.list()?;
        let mut passed = self.times.of(&suite.name(), &listed);
        let known: BTreeSet<&str> = passed.iter().map(|test| test.name.as_str()).collect();
        let new: Vec<&str> = listed.iter().map(String::as_str).filter(|name| !known.contains(name)).collect();
        let (new, failed) = binary.measure(&new, FIRST_LIMIT, &self.log)?;
        passed.extend(new);
        if failed.len() > MOST_FAILURES {
            return Err(format!("{} does not pass without a mutant: {}", suite.name(), failed.join(", ")));
        }
        for test in &failed {
            println!("mutants: left out, because it fails without a mutant: {test}");
        }
        println!("mutants: {} takes {:.1} s", suite.name(), begun.elapsed().as_secs_f64());
        self.times.set(&suite.name(), &passed)?;
        self.known.insert(suite.name(), passed);
        Ok(())
    }

    /// Names the mutant that is on.
    fn turn(&self, number: Option<usize>) -> Result<(), String> {
        let text = number.map(|number| number.to_string()).unwrap_or_default();
        fs::write(&self.switch, text).map_err(|error| format!("{}: {error}", self.switch.display()))
    }

    /// Runs some tests of a suite with a mutant, and records if one of them noticed.
    ///
    /// If the mutant has a switch, what a run shows counts only if the same tests pass in time without the mutant, so that
    /// neither a slow machine nor an unreliable test catches a mutant.
    fn try_with(
        &mut self,
        number: usize,
        suite: Suite,
        scope: Scope,
        binary: &Binary,
        has_switch: bool,
    ) -> Result<(), String> {
        if self.is_over() {
            return Ok(());
        }
        let mutant = &self.mutants[number];
        let tests = self.known.get(&suite.name()).map(Vec::as_slice).unwrap_or_default();
        let tests: Vec<&Timed> = match (scope, &self.noticed[number]) {
            (Scope::Known, Some((_, noticed))) => tests.iter().filter(|test| test.name == *noticed).collect(),
            _ => scope.select(suite, tests, &mutant.file),
        };
        let names: Vec<&str> = tests.iter().map(|test| test.name.as_str()).collect();
        let limit = SHORTEST_LIMIT.max(tests.iter().map(|test| test.took).sum::<Duration>() * LIMIT_FACTOR);
        self.turn(Some(number))?;
        let end = binary.run(&names, limit, &self.log)?;
        let outcome = match &end {
            End::Passed => return Ok(()),
            End::Failed(test) => Outcome::Caught(test.clone().unwrap_or_else(|| suite.name())),
            End::Timeout => Outcome::Timeout(suite.name()),
        };
        if has_switch {
            self.turn(None)?;
            let again = match &end {
                End::Failed(Some(test)) => vec![test.as_str()],
                _ => names,
            };
            let begun = Instant::now();
            let without = binary.run(&again, limit, &self.log)?;
            if without != End::Passed || begun.elapsed() * 2 > limit {
                let name = &mutant.name;
                println!(
                    "mutants: without {name}, the same tests ended with {without:?}, so that {end:?} says nothing"
                );
                return Ok(());
            }
        }
        self.decide(number, outcome);
        match end {
            // A mutant without a switch is remembered as such.
            End::Failed(Some(test)) if has_switch => {
                self.keep(number, Known::Noticed { suite: suite.name(), test })
            }
            _ => Ok(()),
        }
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
            self.keep(number, Known::Unviable)?;
        }
        for (suite, scope) in suites::order() {
            if !self.waiting(suite, scope).contains(&number) || self.is_over() {
                continue;
            }
            if !self.known.contains_key(&suite.name()) {
                self.tree.write(&mutant.file, &original)?;
                let binary = self.build(suite)?;
                self.measure(suite, &binary)?;
                self.tree.write(&mutant.file, &changed)?;
            }
            let binary = self.build(suite)?;
            self.try_with(number, suite, scope, &binary, false)?;
        }
        if self.outcomes[number].is_none() && !self.is_over() {
            self.decide(number, Outcome::Missed);
        }
        self.tree.write(&mutant.file, &original)
    }
}

/// Returns the mutants that cause an error of the compiler, and `true` for those that no build compiles.
fn culprits_of(switched: &BTreeMap<&str, Switched>, error: &CompilerError) -> Vec<(usize, bool)> {
    let culprit =
        error.places.iter().find_map(|(file, offset)| switched.get(file.as_str())?.culprit(*offset));
    if let Some((number, inside)) = culprit {
        return vec![(number, inside && (error.is_about_types() || error.is_about_signature()))];
    }
    let next =
        error.places.iter().find_map(|(file, offset)| Some(switched.get(file.as_str())?.next(*offset)));
    let next = next.filter(|_| error.is_about_signature()).unwrap_or_default();
    let is_alone = next.len() == 1;
    next.into_iter().map(|number| (number, is_alone)).collect()
}
