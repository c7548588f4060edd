//! The measured directories, and the test suites that should notice a fault in each of them.

/// Directories whose code is mutated, with the suites that cover them.
#[derive(Debug)]
pub(super) struct Area {
    /// Below the root of the workspace.
    pub(super) directory: &'static str,
    pub(super) suites: &'static [Suite],
}

impl Area {
    /// Returns a part of the names of its unit tests.
    pub(super) fn filter(&self) -> String {
        format!("{}::", self.directory.rsplit('/').next().unwrap_or_default())
    }
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

/// All suites, in the order in which they run: unit tests first, and slow suites last.
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
        suites: &[CLIENT, CONNECTIONS, SECURITY, FACADE, STREAMS, INGEST_FAULTS, OBSERVABILITY],
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

/// Returns a part of the names of the unit tests of a file.
pub(super) fn module(file: &str) -> String {
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
    fn area_is_that_of_the_directory() {
        assert_eq!(area("datalinks/src/read/csv/split.rs").unwrap().directory, "datalinks/src/read");
        assert_eq!(area("datalinks/src/read/mod.rs").unwrap().filter(), "read::");
        assert!(area("datalinks/src/reader.rs").is_none());
        assert_eq!(module("datalinks/src/read/csv/split.rs"), "read::csv::split::");
        assert_eq!(module("datalinks-emulator/src/query/parse/mod.rs"), "query::parse::");
    }
}
