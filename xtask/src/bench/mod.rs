//! `cargo xtask bench`: the client beside a plain program that does the same work, and beside the published Python
//! client.
//!
//! The programs are in the package `datalinks-benchmarks`. There are three kinds of measurement:
//!
//! - [`times`]: wall and CPU time and peak memory, for a machine that is otherwise idle.
//! - [`growth`]: cost per item as the number of items grows.
//! - [`instructions`]: numbers of instructions, which do not depend on the load of the machine. CI holds their
//!   ratios.
//!
//! [`start`] compares the command line with a plain program: from the start of the process to the first response, with TLS.
//!
//! The first two write their tables to `docs/PERFORMANCE.md`, the third compares with `benchmarks/instructions.json`.

mod document;
mod growth;
mod instructions;
mod machine;
mod programs;
mod start;
mod times;

use std::path::{Path, PathBuf};

use programs::{Job, Program, Programs, Server};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Small sizes and few rounds, to try the command; prints the table and writes no file
    #[arg(long)]
    quick: bool,
    /// Cost per item of ten thousand to ten million rows and events, instead of times
    #[arg(long, conflicts_with = "instructions")]
    growth: bool,
    /// Numbers of instructions (needs valgrind), compared with benchmarks/instructions.json
    #[arg(long)]
    instructions: bool,
    /// Start of `datalinks whoami` to its first response with TLS, beside the plain program (needs valgrind)
    #[arg(long, conflicts_with_all = ["growth", "instructions"])]
    start: bool,
    /// Write the ratios of this run to benchmarks/instructions.json
    #[arg(long, requires = "instructions")]
    accept: bool,
    /// Directory for the profiles of the counted programs, which callgrind_annotate reads
    #[arg(long, requires = "instructions", value_name = "DIR")]
    profiles: Option<PathBuf>,
    /// Number of rounds of each measurement of times
    #[arg(long, value_name = "NUMBER")]
    rounds: Option<usize>,
    /// Only workloads whose name begins with NAME; prints the table and writes no document
    #[arg(value_name = "NAME")]
    only: Vec<String>,
}

impl Options {
    fn wants(&self, workload: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| workload.starts_with(name.as_str()))
    }

    /// Returns `true` if the tables replace those of the document.
    fn writes(&self) -> bool {
        !self.quick && self.only.is_empty()
    }
}

pub(crate) fn run(root: &Path, options: &Options) -> Result<(), String> {
    if options.instructions {
        instructions::run(root, options)
    } else if options.start {
        start::run(root, options)
    } else if options.growth {
        growth::run(root, options)
    } else {
        times::run(root, options)
    }
}
