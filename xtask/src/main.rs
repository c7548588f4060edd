//! The development tasks of the workspace: `cargo xtask --help`.

#![allow(
    clippy::disallowed_macros,
    reason = "documents and commands that are written out here; their values are strings and JSON already"
)]

mod adaptive;
mod audit;
mod bench;
mod cli_docs;
mod cli_ingest;
mod emulator;
mod features;
mod fuzz;
mod hostile;
mod interop;
mod language;
mod lex;
mod metadata;
mod minimal_versions;
mod mutants;
mod own_tests;
mod package;
mod page;
mod public_api;
mod python;
mod regen;
mod sbom;
mod schemathesis;
mod signatures;
mod soak;
mod structure;

use std::{io, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Development tasks of the workspace")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Simulate adaptive ingestion, and write docs/performance/adaptive-ingest.md
    ///
    /// Also searches the best fixed settings again, and measures the emulator over real sockets.
    Adaptive,
    /// Check dependencies, licenses, TLS crates, manifests and the tests of SECURITY.md
    ///
    /// Runs cargo-deny as well, if it is installed.
    Audit {
        /// Ask the database of known vulnerabilities, too (needs cargo-deny and a network)
        #[arg(long)]
        advisories: bool,
    },
    /// Measure the client beside a plain program and the Python client
    ///
    /// Writes the tables of docs/PERFORMANCE.md. Use an idle machine, except for --instructions.
    Bench(bench::Options),
    /// Write the pages of the command line in docs/
    CliDocs {
        /// Check without writing, for which a stale page is an error
        #[arg(long)]
        check: bool,
    },
    /// Ingest a large file with the command line, which is killed and continued
    ///
    /// Compares the rows that are stored with the file, measures the memory of the command, and prints a table. The
    /// file is written to the directory for temporary files, and removed.
    CliIngest(cli_ingest::Options),
    /// Compile the published crates with each feature alone, with pairs of them, and with all
    Features {
        /// Print the combinations without compiling them
        #[arg(long)]
        list: bool,
        /// Packages to compile, instead of all that are published
        #[arg(value_name = "PACKAGE")]
        only: Vec<String>,
    },
    /// Compile the published crates with the lowest versions of their dependencies (needs a package index)
    MinimalVersions {
        /// Print the versions without compiling
        #[arg(long)]
        list: bool,
    },
    /// Test docs/examples/own-tests in an empty directory, as a program outside the workspace
    OwnTests {
        /// Start without downloads and build results, and print the time of each step (needs a package index)
        #[arg(long)]
        fresh: bool,
    },
    /// Check the content of the published packages, and compile them from it
    Package {
        /// Check the content without compiling
        #[arg(long)]
        list: bool,
    },
    /// List the public items of the client and of the emulator in public-api.txt
    PublicApi {
        /// Check without writing, for which a stale file is an error
        #[arg(long)]
        check: bool,
    },
    /// Write a list of all packages in the command line (SBOM, CycloneDX 1.5)
    Sbom {
        /// File to write, instead of standard output
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Package whose dependencies are listed
        #[arg(long, value_name = "PACKAGE", default_value = "datalinks-cli")]
        package: String,
    },
    /// Write the derived files and report changes of the wire
    ///
    /// Validates the OpenAPI document first.
    Regen {
        /// Check without writing, for which a stale file is an error
        #[arg(long)]
        check: bool,
        /// Diff of every stale derived file
        #[arg(long, conflicts_with = "against")]
        diff: bool,
        /// Markdown file for the report
        #[arg(long, value_name = "FILE", conflicts_with = "against")]
        report: Option<PathBuf>,
        /// Document to compare with, in both directions and without writing
        ///
        /// FILE is an OpenAPI document, 3.0 or 3.1, for example the vendor's newest, or a file with
        /// `operations` by id and `components.schemas`, in YAML or JSON. Differences are an error unless
        /// openapi/allowed-differences.yaml lists them.
        #[arg(long, value_name = "FILE", conflicts_with = "check")]
        against: Option<PathBuf>,
        /// List of the allowed differences by reason, and of unused ones
        #[arg(long, requires = "against")]
        allowed: bool,
    },
    /// Report the changes of the wire between documents or revisions
    Changes {
        /// Earlier document: OpenAPI 3.0 or 3.1, or as openapi/structure.json
        #[arg(value_name = "OLD", required_unless_present = "history")]
        old: Option<PathBuf>,
        /// Later document [default: openapi/datalinks.yaml]
        #[arg(value_name = "NEW")]
        new: Option<PathBuf>,
        /// Markdown file for the report
        #[arg(long, value_name = "FILE", conflicts_with = "history")]
        report: Option<PathBuf>,
        /// File of revisions, whose changes must equal the listed ones
        ///
        /// FILE is JSON: `base` is a document in the format of openapi/structure.json, and each of `revisions`
        /// has a `patch` (RFC 6902) from the previous revision and its `changes`.
        #[arg(long, value_name = "FILE", conflicts_with = "old")]
        history: Option<PathBuf>,
    },
    /// Test the emulator with published clients (needs a package index)
    Interop,
    /// Count what reads badly, and fail above the limits and on words and names that others have replaced.
    Language {
        /// Print every line that counts.
        #[arg(long)]
        show: bool,
        /// Read only files whose path begins with PATH, for instance `datalinks/src/ingest`.
        #[arg(value_name = "PATH")]
        only: Vec<String>,
        /// The root of the workspace to read, if it is not this one.
        #[arg(long, value_name = "DIR")]
        root: Option<PathBuf>,
        /// Check nothing, and print this number of doc comments that are picked at random.
        #[arg(long, value_name = "NUMBER", conflicts_with = "show")]
        sample: Option<usize>,
        /// The seed of the choice.
        #[arg(long, value_name = "SEED", default_value_t = 19, requires = "sample")]
        seed: u64,
    },
    /// Measure how many faults in the sources the tests notice (needs cargo-mutants)
    ///
    /// Picks mutants by seed, and fails if too few of them make a test fail. CONTRIBUTING.md says more.
    Mutants(mutants::Options),
    /// Check the rooms of each crate and the arrows between their files, and print the figures of the structure.
    Structure {
        /// The root of the workspace to read, if it is not this one.
        #[arg(long, value_name = "DIR")]
        root: Option<PathBuf>,
        /// Print the arrows among rooms.
        #[arg(long)]
        arrows: bool,
    },
    /// Compare the types of other crates in the façade's signatures with xtask/src/signatures/foreign-types.yaml.
    Signatures {
        /// The JSON of rustdoc, instead of running it.
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
        /// Print the items that name each type.
        #[arg(long)]
        show: bool,
    },
    /// Test the emulator with schemathesis (needs a package index)
    Schemathesis,
    /// Attack the emulator with extreme requests
    ///
    /// Failures are a closed connection, a panic, a 500, the end of the process, a response after more than ten
    /// seconds, and a directory that cannot be opened again. Each is reported with the seed, a number, and a file
    /// for curl.
    Hostile(hostile::Options),
    /// Run the fuzz targets, each for a bounded time (needs a C++ compiler)
    ///
    /// The targets are in datalinks/fuzz. New inputs and crashing ones are kept in the directory of build results.
    Fuzz(fuzz::Options),
    /// Send random calls to an emulator for a long time, with kills
    ///
    /// After each restart, everything acknowledged must be there once. Memory, threads and open files must not grow.
    Soak(soak::Options),
    /// Test the emulator's page in Chromium (needs chromedriver)
    Page,
}

fn main() -> ExitCode {
    if signatures::is_rustdoc() {
        return signatures::rustdoc();
    }
    let outcome = match Arguments::parse().chore {
        Chore::Regen { against: Some(file), allowed, .. } => {
            regen::against::run(&root(), &file, allowed, &mut io::stdout().lock())
        }
        Chore::Regen { check, diff, report, .. } => {
            let options = regen::Options { check, diff, report };
            regen::run(&root(), &options, &mut io::stdout().lock())
        }
        Chore::Changes { history: Some(file), .. } => regen::change::history(&file, &mut io::stdout().lock()),
        Chore::Changes { old, new, report, .. } => {
            let old = old.unwrap_or_default();
            regen::change::run(&root(), &old, new.as_deref(), report.as_deref(), &mut io::stdout().lock())
        }
        Chore::CliDocs { check } => cli_docs::run(&root(), check, &mut io::stdout().lock()),
        Chore::CliIngest(options) => cli_ingest::run(&root(), &options),
        Chore::Interop => interop::run(&root()),
        Chore::Language { show, only, root: other, sample, seed } => {
            let options = language::Options { show, only };
            let root = other.unwrap_or_else(root);
            match sample {
                Some(count) => language::sample(&root, &options, (count, seed), &mut io::stdout().lock()),
                None => language::run(&root, &options, &mut io::stdout().lock()),
            }
        }
        Chore::Structure { root: other, arrows } => {
            structure::run(&other.unwrap_or_else(root), arrows, &mut io::stdout().lock())
        }
        Chore::Signatures { json, show } => {
            signatures::run(&root(), json.as_deref(), show, &mut io::stdout().lock())
        }
        Chore::Schemathesis => schemathesis::run(&root()),
        Chore::Audit { advisories } => audit::run(&root(), advisories, &mut io::stdout().lock()),
        Chore::Features { list, only } => features::run(&root(), list, &only, &mut io::stdout().lock()),
        Chore::MinimalVersions { list } => minimal_versions::run(&root(), list, &mut io::stdout().lock()),
        Chore::OwnTests { fresh } => own_tests::run(&root(), fresh, &mut io::stdout().lock()),
        Chore::Package { list } => package::run(&root(), !list, &mut io::stdout().lock()),
        Chore::PublicApi { check } => public_api::run(&root(), check, &mut io::stdout().lock()),
        Chore::Sbom { output, package } => {
            sbom::run(&root(), &package, output.as_deref(), &mut io::stdout().lock())
        }
        Chore::Adaptive => adaptive::run(&root()),
        Chore::Bench(options) => bench::run(&root(), &options),
        Chore::Fuzz(options) => fuzz::run(&root(), &options),
        Chore::Hostile(options) => hostile::run(&root(), &options),
        Chore::Mutants(options) => mutants::run(&root(), &options),
        Chore::Page => page::run(&root()),
        Chore::Soak(options) => soak::run(&root(), &options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// Returns the root of the workspace for which cargo runs this program. Worktrees that share a target directory
/// share this program, so the directory in which it was compiled may belong to another worktree.
fn root() -> PathBuf {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let mut path = PathBuf::from(folder);
    path.pop();
    path
}
