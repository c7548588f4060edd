//! The arguments of the command.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use datalinks::ingest::{Budget, Concurrency};

use super::limits;
use crate::commands::rows::{BadRows, Input, Processing, command_again};
use crate::failure::{Failure, Result};
use crate::settings::parse_duration;

/// Send the rows of files or of standard input to a dataset
///
/// Rows are sent in batches while the input is read, so memory does not grow with the input. Each row is accounted for: as
/// stored, as failed, or as ambiguous if the service may have stored it. A run with --journal can be continued with --resume
/// after Ctrl-C, a crash or a failure, without sending the rows again that are stored.
///
/// Exit codes: 0 if all rows are stored, 3 if some are not, 7 if the service may have stored rows whose outcome is
/// ambiguous, 8 if the budget was reached.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    datalinks ingest films.csv --dataset cinema/films --create\n  \
    datalinks ingest 'data/*.ndjson.gz' --dataset cinema/films --journal films.journal --dead-letter failed.ndjson\n  \
    datalinks ingest films.csv --dataset cinema/films --dry-run\n  \
    datalinks ingest films.csv --dataset cinema/films --step table=plot --estimate 100\n  \
    datalinks ingest films.csv --dataset cinema/films --step table=plot --journal films.journal --budget 5USD\n  \
    datalinks ingest - --format ndjson --dataset cinema/films --step rows=cast --links exact")]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(super) input: Input,

    /// Show the first rows and the number of batches, and send nothing
    ///
    /// No token is needed. The dataset need not exist, and is not looked up.
    #[arg(long)]
    pub(super) dry_run: bool,

    /// Estimate tokens and cost from a sample of this many rows, and send no row for storage
    ///
    /// The inference steps run over the sample by preview, which costs tokens. The whole input is read to count its rows and
    /// batches, and the sample is taken from all of it. The usage that the service reports includes all other work of the
    /// account. If it cannot be attributed to the previews, the reason is in the place of the cost. 100 rows or more are
    /// recommended.
    #[arg(
        long,
        value_name = "ROWS",
        help_heading = "Cost",
        conflicts_with_all = ["dry_run", "create", "journal", "dead_letter", "budget"]
    )]
    pub(super) estimate: Option<usize>,

    /// Stop before the cost passes this amount, such as 5USD or 200000tokens
    ///
    /// The usage that the service reports since the start of the run counts, with all other work of the account, and the
    /// estimate of requests that may not be reported yet. The first request is sent alone, to learn its cost. A run that
    /// reaches the budget ends with the exit code 8 and can be continued with --resume, where a new budget begins.
    #[arg(long, value_name = "AMOUNT", value_parser = limits::budget, help_heading = "Cost", conflicts_with = "dry_run")]
    pub(super) budget: Option<Budget>,

    /// Time after which the usage of a request counts as reported [default: 30s]
    ///
    /// With --estimate, the longest time to wait for the usage of a preview. The service does not document how late it reports
    /// usage.
    #[arg(long, value_name = "TIME", value_parser = parse_duration, help_heading = "Cost")]
    pub(super) usage_delay: Option<Duration>,

    /// Create the dataset if it does not exist
    #[arg(long)]
    pub(super) create: bool,

    /// Record the run in a file, so that it can be continued
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    pub(super) journal: Option<PathBuf>,

    /// Continue the run of the journal, with the same input and options
    #[arg(long, requires = "journal")]
    pub(super) resume: bool,

    /// Append failed rows to a file as NDJSON, with their errors
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    pub(super) dead_letter: Option<PathBuf>,

    /// Records that are not rows [default: dead-letter with --dead-letter, else stop]
    #[arg(long, value_name = "ACTION")]
    pub(super) bad_rows: Option<BadRows>,

    /// Greatest number of rows in a request, or 0 for no limit [default: 1000]
    #[arg(long, value_name = "ROWS", help_heading = "Delivery")]
    pub(super) batch_size: Option<usize>,

    /// Greatest size of the rows in a request, such as 500kB or 8MiB [default: 4MiB]
    ///
    /// The command takes up to eight times this size in memory, and twice this size for each further request in flight.
    #[arg(long, value_name = "SIZE", value_parser = limits::size, help_heading = "Delivery")]
    pub(super) max_batch_bytes: Option<usize>,

    /// Number of requests in flight: 1 to 64, or auto [default: 1]
    ///
    /// With more than one, batches are stored in any order. `auto` raises the number until the service slows down.
    #[arg(long, value_name = "N|auto", value_parser = limits::concurrency, help_heading = "Delivery")]
    pub(super) concurrency: Option<Concurrency>,

    /// Handling of requests whose response was lost [default: at-least-once]
    #[arg(long, value_name = "MODE", help_heading = "Delivery")]
    pub(super) delivery: Option<Delivery>,

    /// Column that identifies a row, by which reconciled delivery finds stored rows
    #[arg(long, value_name = "COLUMN", help_heading = "Delivery")]
    pub(super) reconcile_by: Option<String>,

    /// Time that the dataset has to stay unchanged before reconciled delivery decides [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration, help_heading = "Delivery")]
    pub(super) reconcile_window: Option<Duration>,

    #[command(flatten)]
    pub(super) processing: Processing,
}

/// Default of `--max-batch-bytes`. The client's own default is twice as large, with which the command takes more than 64 MiB
/// of memory if rows are long.
const MAX_BATCH_BYTES: usize = 4 << 20;

/// The handling of requests whose response was lost.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Delivery {
    /// Send the rows again. They may be stored twice, which is reported
    AtLeastOnce,
    /// Do not send the rows again. They are reported as ambiguous
    AtMostOnce,
    /// Look into the dataset, and send the rows again that are missing
    Reconciled,
}

impl Arguments {
    /// Returns `true` if rows are sent for storage.
    pub(super) fn sends(&self) -> bool {
        !self.dry_run && self.estimate.is_none()
    }

    /// Returns the handling of bad records in a run that writes no dead-letter file. Those for the file are skipped.
    pub(super) fn bad_rows_without_file(&self) -> BadRows {
        match self.bad_rows() {
            BadRows::DeadLetter => BadRows::Skip,
            other => other,
        }
    }

    pub(super) fn max_batch_bytes(&self) -> usize {
        self.max_batch_bytes.unwrap_or(MAX_BATCH_BYTES)
    }

    pub(super) fn bad_rows(&self) -> BadRows {
        let default = if self.dead_letter.is_some() { BadRows::DeadLetter } else { BadRows::Stop };
        self.bad_rows.unwrap_or(default)
    }

    /// Checks that a journal is continued only on purpose, and that there is one to continue.
    pub(super) async fn check_journal(&self) -> Result {
        let Some(journal) = &self.journal else { return Ok(()) };
        let is_used =
            tokio::fs::metadata(journal).await.is_ok_and(|found| found.is_file() && found.len() > 0);
        let name = journal.display();
        match (is_used, self.resume) {
            (true, false) => {
                Err(Failure::usage(format!("the journal {name} is of an earlier run; nothing was sent"))
                    .next(command_again(Some("--resume")))
                    .next(format!("remove {name} only to send all rows again, also those that are stored")))
            }
            (false, true) => {
                Err(Failure::usage(format!("there is no journal {name} to resume; nothing was sent"))
                    .next("leave out --resume to begin a run, if no earlier run has sent rows"))
            }
            _ => Ok(()),
        }
    }
}
