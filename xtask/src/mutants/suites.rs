//! The measured directories, and the test suites that should notice a fault in each of them.

use std::{fmt, time::Duration};

use super::trial::Timed;

/// Directories whose code is mutated, with the suites that cover them.
#[derive(Debug)]
pub(super) struct Area {
    /// Below the root of the workspace.
    pub(super) directory: &'static str,
    pub(super) suites: &'static [Suite],
}

impl Area {
    /// Returns the start of the names of its unit tests.
    pub(super) fn filter(&self) -> String {
        format!("{}::", self.directory.rsplit('/').next().unwrap_or_default())
    }
}

/// The tests of a suite that run with a mutant, one group after the other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Scope {
    /// The one that noticed the mutant in an earlier run.
    Known,
    /// Those of the module.
    Module,
    /// Others of the directory that take a short time.
    Near,
    /// Others that take a short time.
    Quick,
    /// The slow ones of the directory.
    Directory,
    /// All others.
    Rest,
}

/// The quick tests of a suite take this part of its time together.
const QUICK_PART: u32 = 20;

impl Scope {
    /// Returns the tests to run with a mutant in a file.
    pub(super) fn select<'a>(self, suite: Suite, tests: &'a [Timed], file: &str) -> Vec<&'a Timed> {
        let directory = area(file).map(Area::filter);
        let is_near = |test: &Timed| directory.as_ref().is_some_and(|start| test.name.starts_with(start));
        let scope_of = |test: &Timed, quick: Duration| match (suite.test, test.took <= quick) {
            (Some(_), _) => Self::Rest,
            _ if test.name.starts_with(&module(file)) => Self::Module,
            (None, true) if is_near(test) => Self::Near,
            (None, true) => Self::Quick,
            (None, false) if is_near(test) => Self::Directory,
            (None, false) => Self::Rest,
        };
        let quick = longest_quick(tests);
        tests.iter().filter(|test| scope_of(test, quick) == self).collect()
    }
}

/// Returns the time of the slowest of the quick tests.
fn longest_quick(tests: &[Timed]) -> Duration {
    let mut times: Vec<Duration> = tests.iter().map(|test| test.took).collect();
    times.sort_unstable();
    let mut left = times.iter().sum::<Duration>() / QUICK_PART;
    let mut longest = Duration::ZERO;
    for time in times {
        let Some(rest) = left.checked_sub(time) else { break };
        (left, longest) = (rest, time);
    }
    longest
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Known => "tests that noticed them before",
            Self::Module => "tests of the module",
            Self::Near => "quick tests of the directory",
            Self::Quick => "other quick tests",
            Self::Directory => "slow tests of the directory",
            Self::Rest => "all other tests",
        })
    }
}

/// Returns the suites in the order in which they run. The unit tests of a module and the quick ones notice most mutants.
pub(super) fn order() -> impl Iterator<Item = (Suite, Scope)> {
    let (units, others): (Vec<Suite>, Vec<Suite>) = SUITES.iter().partition(|suite| suite.test.is_none());
    let with = |scope| move |suite| (suite, scope);
    let near = [Scope::Module, Scope::Near, Scope::Quick, Scope::Directory];
    let near = near.map(|scope| units.clone().into_iter().map(with(scope)));
    let all = others.into_iter().chain(units.clone()).map(with(Scope::Rest));
    SUITES.iter().copied().map(with(Scope::Known)).chain(near.into_iter().flatten()).chain(all)
}

/// One test binary.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Suite {
    pub(super) package: &'static str,
    /// The integration test, or `None` for the unit tests.
    pub(super) test: Option<&'static str>,
}

impl Suite {
    /// Returns the arguments that select the binary. All suites name the same packages and features, so that cargo builds
    /// dependencies for all of them once.
    pub(super) fn arguments(self) -> Vec<&'static str> {
        let mut arguments = Vec::new();
        for package in PACKAGES {
            arguments.extend(["--package", package]);
        }
        // Without these features, some files are not compiled.
        arguments.extend(["--features", "datalinks/excel,datalinks/parquet"]);
        match self.test {
            Some(test) => arguments.extend(["--test", test]),
            None => arguments.push("--lib"),
        }
        arguments
    }

    /// Returns the directory of the package, below the root of the workspace.
    pub(super) fn directory(self) -> &'static str {
        if self.package == "datalinks-tests" { "tests" } else { self.package }
    }

    pub(super) fn name(self) -> String {
        format!("{} {}", self.package, self.test.unwrap_or("(unit tests)"))
    }
}

/// The packages of the suites.
const PACKAGES: [&str; 3] = ["datalinks", "datalinks-emulator", "datalinks-tests"];

const fn unit(package: &'static str) -> Suite {
    Suite { package, test: None }
}

const fn test(package: &'static str, test: &'static str) -> Suite {
    Suite { package, test: Some(test) }
}

const CLIENT: Suite = unit("datalinks");
const EMULATOR: Suite = unit("datalinks-emulator");
const HTTP: Suite = test("datalinks-emulator", "it");
const CRASH: Suite = test("datalinks-emulator", "crash");
const CONNECTIONS: Suite = test("datalinks", "connections");
const DECODERS: Suite = test("datalinks", "decoders");
const INPUTS: Suite = test("datalinks", "inputs");
const CSV: Suite = test("datalinks", "csv_oracle");
const UNTIDY: Suite = test("datalinks", "untidy_csv");
const ORACLES: Suite = test("datalinks", "oracles");
const FUZZ: Suite = test("datalinks", "fuzz_smoke");
const SAMPLE_TABLES: Suite = test("datalinks", "sample_tables");
const RESPONSES: Suite = test("datalinks", "responses");
const MOCKS: Suite = test("datalinks", "mocks");
const SECURITY: Suite = test("datalinks", "security");
const PARQUET_MEMORY: Suite = test("datalinks", "parquet_memory");
const READER_MEMORY: Suite = test("datalinks", "reader_memory");
const FACADE: Suite = test("datalinks-tests", "facade");
const STREAMS: Suite = test("datalinks-tests", "streams");
const OBSERVABILITY: Suite = test("datalinks-tests", "observability");
const COMPRESSION: Suite = test("datalinks-tests", "compression");
const ADAPTIVE: Suite = test("datalinks-tests", "adaptive");
const INGEST_FAULTS: Suite = test("datalinks-tests", "ingest_faults");
const AGENT_RUNS: Suite = test("datalinks-tests", "agent_runs");
const QUERIES: Suite = test("datalinks-tests", "queries");
const UPLOADS: Suite = test("datalinks-tests", "uploads");
const BAD_INPUT: Suite = test("datalinks-tests", "bad_input");
const SPENDING: Suite = test("datalinks-tests", "spending");
const MAIN_JOB: Suite = test("datalinks-tests", "main_job");
const KILL: Suite = test("datalinks-tests", "kill");
const WRITING: Suite = test("datalinks-tests", "allocations_writing");
const READING: Suite = test("datalinks-tests", "allocations_reading");
const EXCHANGES: Suite = test("datalinks-tests", "emulator");

/// All suites, slow ones last.
pub(super) const SUITES: &[Suite] = &[
    CLIENT,
    EMULATOR,
    HTTP,
    DECODERS,
    INPUTS,
    CSV,
    UNTIDY,
    ORACLES,
    FUZZ,
    SAMPLE_TABLES,
    RESPONSES,
    MOCKS,
    SECURITY,
    CONNECTIONS,
    FACADE,
    STREAMS,
    QUERIES,
    INGEST_FAULTS,
    OBSERVABILITY,
    COMPRESSION,
    AGENT_RUNS,
    BAD_INPUT,
    UPLOADS,
    ADAPTIVE,
    SPENDING,
    MAIN_JOB,
    EXCHANGES,
    PARQUET_MEMORY,
    READER_MEMORY,
    WRITING,
    READING,
    KILL,
    CRASH,
];

/// The measured directories.
pub(super) const AREAS: &[Area] = &[
    Area {
        directory: "datalinks/src/transport",
        suites: &[CLIENT, CONNECTIONS, SECURITY, FACADE, STREAMS, INGEST_FAULTS, OBSERVABILITY, COMPRESSION],
    },
    Area {
        directory: "datalinks/src/ingest",
        suites: &[
            CLIENT,
            MOCKS,
            FACADE,
            INGEST_FAULTS,
            OBSERVABILITY,
            BAD_INPUT,
            ADAPTIVE,
            SPENDING,
            MAIN_JOB,
            WRITING,
            KILL,
        ],
    },
    Area {
        directory: "datalinks/src/ask",
        suites: &[CLIENT, RESPONSES, MOCKS, FACADE, STREAMS, AGENT_RUNS, MAIN_JOB],
    },
    Area {
        directory: "datalinks/src/pipeline",
        suites: &[CLIENT, RESPONSES, MOCKS, FACADE, STREAMS, MAIN_JOB],
    },
    Area {
        directory: "datalinks/src/query",
        suites: &[CLIENT, RESPONSES, MOCKS, FACADE, QUERIES, MAIN_JOB, READING],
    },
    Area { directory: "datalinks/src/stream", suites: &[CLIENT, DECODERS, ORACLES, FUZZ, STREAMS] },
    Area {
        directory: "datalinks/src/read",
        suites: &[CLIENT, INPUTS, CSV, UNTIDY, FUZZ, SAMPLE_TABLES, BAD_INPUT, PARQUET_MEMORY, READER_MEMORY],
    },
    Area { directory: "datalinks/src/uploads", suites: &[CLIENT, RESPONSES, SECURITY, FACADE, UPLOADS] },
    Area { directory: "datalinks-emulator/src/query", suites: &[EMULATOR, HTTP, QUERIES, EXCHANGES] },
    Area { directory: "datalinks-emulator/src/contract", suites: &[EMULATOR, HTTP, EXCHANGES] },
    Area { directory: "datalinks-emulator/src/persistence", suites: &[EMULATOR, HTTP, CRASH] },
    Area { directory: "datalinks-emulator/src/linking", suites: &[EMULATOR, HTTP, EXCHANGES] },
    Area { directory: "datalinks-emulator/src/steps", suites: &[EMULATOR, HTTP, EXCHANGES] },
];

/// Returns the unit tests of a package.
pub(super) fn unit_tests(package: &str) -> Suite {
    if package == EMULATOR.package { EMULATOR } else { CLIENT }
}

/// Returns the start of the names of the unit tests of a file.
fn module(file: &str) -> String {
    let path = file.split_once("/src/").map_or(file, |(_, path)| path);
    let path = path.strip_suffix("/mod.rs").or(path.strip_suffix(".rs")).unwrap_or(path);
    format!("{}::", path.replace('/', "::"))
}

/// Returns the area of a file.
pub(super) fn area(file: &str) -> Option<&'static Area> {
    AREAS.iter().find(|area| file.strip_prefix(area.directory).is_some_and(|rest| rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_and_suites_exist() {
        let root = crate::root();
        for area in AREAS {
            assert!(root.join(area.directory).is_dir(), "{} does not exist", area.directory);
            for suite in area.suites {
                assert!(SUITES.contains(suite), "{} never runs", suite.name());
            }
        }
        for suite in SUITES {
            assert!(PACKAGES.contains(&suite.package), "{} is not built", suite.name());
            let tests = root.join(suite.directory()).join("tests");
            if let Some(test) = suite.test {
                let found = tests.join(test).is_dir() || tests.join(format!("{test}.rs")).is_file();
                assert!(found, "{} does not exist", suite.name());
            }
            assert!(AREAS.iter().any(|area| area.suites.contains(suite)), "{} covers nothing", suite.name());
        }
    }

    #[test]
    fn near_tests_run_first_and_slow_unit_tests_last() {
        let order: Vec<(Suite, Scope)> = order().collect();
        let (known, order) = order.split_at(SUITES.len());
        assert!(known.iter().all(|(_, scope)| *scope == Scope::Known));
        assert_eq!(order[..3], [(CLIENT, Scope::Module), (EMULATOR, Scope::Module), (CLIENT, Scope::Near)]);
        assert_eq!(order[order.len() - 2..], [(CLIENT, Scope::Rest), (EMULATOR, Scope::Rest)]);
        assert!(SUITES.iter().all(|suite| order.contains(&(*suite, Scope::Rest))));
    }

    #[test]
    fn each_test_runs_once() {
        let test = |name: &str, milliseconds| Timed {
            name: name.to_owned(),
            took: Duration::from_millis(milliseconds),
        };
        let tests = [
            test("read::csv::split::tests::slow", 5_000),
            test("read::csv::split::tests::quick", 10),
            test("read::csv::tests::slow", 3_000),
            test("read::csv::tests::quick", 400),
            test("ask::tests::quick", 0),
            test("ask::tests::slow", 2_000),
        ];
        let selected = |suite: Suite, scope: Scope| -> Vec<&str> {
            let selected = scope.select(suite, &tests, "datalinks/src/read/csv/split.rs");
            selected.into_iter().map(|test| test.name.as_str()).collect()
        };
        let module = ["read::csv::split::tests::slow", "read::csv::split::tests::quick"];
        assert_eq!(selected(CLIENT, Scope::Module), module);
        assert_eq!(selected(CLIENT, Scope::Near), ["read::csv::tests::quick"]);
        assert_eq!(selected(CLIENT, Scope::Quick), ["ask::tests::quick"]);
        assert_eq!(selected(CLIENT, Scope::Directory), ["read::csv::tests::slow"]);
        assert_eq!(selected(CLIENT, Scope::Rest), ["ask::tests::slow"]);
        assert_eq!(selected(CSV, Scope::Rest).len(), tests.len());
        assert!(selected(CSV, Scope::Quick).is_empty());
    }

    #[test]
    fn area_is_that_of_the_directory() {
        assert_eq!(area("datalinks/src/read/csv/split.rs").unwrap().directory, "datalinks/src/read");
        assert_eq!(area("datalinks/src/read/mod.rs").unwrap().filter(), "read::");
        assert!(area("datalinks/src/reader.rs").is_none());
        assert_eq!(module("datalinks/src/read/csv/split.rs"), "read::csv::split::");
        assert_eq!(module("datalinks-emulator/src/query/parse/mod.rs"), "query::parse::");
    }
}
