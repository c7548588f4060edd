//! The result of a run, and the failure of an incomplete one.

use datalinks::Dataset;
use datalinks::ingest::{BudgetReport, IngestionSummary};
use indicatif::HumanCount;
use serde::Serialize;

use super::arguments::Arguments;
use crate::commands::rows::{command_again, input_failure};
use crate::failure::{Exit, Failure, Place, Result};
use crate::output::{Format, Record};
use crate::session::{Session, full_name};

/// Fields that a table has even if they are 0.
const ALWAYS: [&str; 4] = ["dataset", "complete", "stored", "failed"];

/// Advice for a record that ended the input.
pub(super) const CORRECT: &str =
    "correct the record, or add --bad-rows skip, or --dead-letter FILE to keep such records";

/// What the command knows beside the summary of the client.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// The exit code that a signal asked for.
    pub(super) interrupted: Option<u8>,
    /// Rows of the batches that a second signal aborted, which count as failed and ambiguous.
    pub(super) undecided: Option<usize>,
    /// Where the first failed row is.
    pub(super) place: Option<Place>,
    /// Number of records that cannot be read as rows, and were skipped on request.
    pub(super) skipped_records: u64,
}

/// The result.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    dataset: &'a str,
    /// All rows of the input are stored, each once, as far as the service reports.
    complete: bool,
    stored: usize,
    failed: usize,
    /// Failed rows that may be stored.
    ambiguous: usize,
    /// Rows that may be stored twice.
    possibly_duplicated: usize,
    /// Stored rows that the service reports as not indexed.
    not_indexed: u64,
    /// Stored rows that an earlier run of the journal has sent.
    already_stored: usize,
    /// Records that cannot be read as rows.
    bad_records: u64,
    batches: usize,
    requests: usize,
    retries: usize,
    bytes: u64,
    seconds: f64,
    /// File of the failed rows, or `null`.
    dead_letter: Option<String>,
    /// Journal of the run, or `null`.
    journal: Option<String>,
    /// The account of the budget, or `null` without one.
    budget: Option<ShownBudget<'a>>,
}

/// The account of a budget, in words for people.
#[derive(Serialize)]
#[serde(untagged)]
enum ShownBudget<'a> {
    Words(String),
    Whole(&'a BudgetReport),
}

impl Account {
    /// Writes the result.
    pub(super) fn write(
        &self,
        summary: &IngestionSummary,
        arguments: &Arguments,
        dataset: &Dataset,
        session: &Session,
    ) -> Result {
        let counts = &summary.counts;
        let bad_records = self.skipped_records + u64::try_from(counts.bad_records).unwrap_or(u64::MAX);
        let report = Report {
            dataset: &full_name(dataset),
            complete: summary.is_complete() && self.interrupted.is_none() && bad_records == 0,
            stored: counts.stored,
            failed: counts.failed,
            ambiguous: counts.ambiguous,
            possibly_duplicated: counts.possibly_duplicated,
            not_indexed: counts.not_indexed,
            already_stored: counts.skipped,
            bad_records,
            batches: counts.batches,
            requests: counts.requests,
            retries: counts.retries,
            bytes: counts.bytes,
            seconds: (summary.elapsed.as_secs_f64() * 1000.0).round() / 1000.0,
            dead_letter: arguments.dead_letter.as_ref().map(|file| file.display().to_string()),
            journal: arguments.journal.as_ref().map(|file| file.display().to_string()),
            budget: summary.budget.as_ref().map(|budget| match session.output.format() {
                Format::Table => ShownBudget::Words(budget.to_string()),
                _ => ShownBudget::Whole(budget),
            }),
        };
        if session.output.format() == Format::Table {
            // People see what happened, and not what did not happen.
            let mut report = Record::of(&report)?;
            report.retain(|name, value| ALWAYS.contains(&name) || !matches!(value, "0" | "null"));
            session.output.object(&report)?;
        } else {
            session.output.object(&report)?;
        }
        let diagnostics = session.diagnostics();
        if counts.possibly_duplicated > 0 {
            diagnostics.warning(&format!(
                "{} rows may be stored twice, because they were sent again after a lost response",
                counts.possibly_duplicated
            ));
        }
        if self.skipped_records > 0 {
            diagnostics.warning(&skipped(self.skipped_records));
        }
        if self.exit(summary).is_none() && session.output.format() == Format::Table {
            let name = full_name(dataset);
            let rows = if counts.stored == 1 { "row" } else { "rows" };
            diagnostics.note(&format!("stored {} {rows} in {name}", HumanCount(counts.stored as u64)));
            if let Some(command) = session.command(&format!("query --dataset {name}")) {
                diagnostics.next(&command);
            }
        }
        if let (Some(journal), None) = (&arguments.journal, self.exit(summary)) {
            let name = journal.display();
            diagnostics.note(&format!("all rows are stored, so the journal {name} is no longer needed"));
        }
        Ok(())
    }

    /// Returns the exit code of an incomplete run.
    fn exit(&self, summary: &IngestionSummary) -> Option<Exit> {
        let counts = &summary.counts;
        let of = |error: &datalinks::Error| Failure::from(error.clone()).exit();
        let mut exit = Exit::Success;
        if let Some(code) = self.interrupted {
            exit = exit.and(Exit::Interrupted(code));
        }
        if counts.ambiguous > 0 {
            exit = exit.and(Exit::Ambiguous);
        }
        if let Some(error) = &summary.stopped {
            exit = exit.and(of(error));
        }
        if summary.source_error.is_some() || summary.dead_letter_error.is_some() || counts.bad_records > 0 {
            exit = exit.and(Exit::Failure);
        }
        if let Some((_, error)) = &summary.first_failure {
            exit = exit.and(of(error));
        }
        let is_incomplete = exit != Exit::Success || counts.not_indexed > 0;
        if is_incomplete && counts.stored > 0 {
            exit = exit.and(Exit::PartialIngest);
        }
        (exit != Exit::Success).then_some(exit)
    }

    /// Returns the failure of an incomplete run.
    pub(super) fn failure(
        &self,
        summary: &IngestionSummary,
        arguments: &Arguments,
        dataset: &Dataset,
    ) -> Option<Failure> {
        let exit = self.exit(summary)?;
        let counts = &summary.counts;
        let mut failure = if let Some(undecided) = self.undecided {
            let abandoned = match undecided {
                0 => "no request was in flight".to_owned(),
                1 => "the request of 1 row was aborted".to_owned(),
                rows => format!("the requests of {rows} rows were aborted"),
            };
            let what = format!(
                "interrupted twice: {counts}; {abandoned}, and rows that were not read yet are not sent"
            );
            Failure::new(exit, what)
        } else if self.interrupted.is_some() {
            Failure::new(exit, format!("interrupted: {counts}; rows that were not read yet are not sent"))
        } else {
            self.cause(summary, exit)
        };
        // An error that stopped the run concerns no row.
        let known_to_fail = counts.failed - self.undecided.unwrap_or(0);
        if known_to_fail > 0 && (arguments.dead_letter.is_some() || summary.stopped.is_none()) {
            failure = match (&arguments.dead_letter, &summary.dead_letter_error) {
                (Some(_), Some(error)) => failure.next(format!(
                    "make the dead-letter file writable, because it lacks failed rows: {error}"
                )),
                (Some(file), None) => {
                    failure.next(format!("the failed rows and their errors are in {}", file.display()))
                }
                (None, _) => failure.next("add --dead-letter FILE to keep the failed rows and their errors"),
            };
        }
        if let (Some(1..), Some(file)) = (self.undecided, &arguments.dead_letter) {
            failure = failure.next(format!("the rows in flight are not in {}", file.display()));
        }
        if counts.ambiguous > 0 {
            let what = "before you send the ambiguous rows again, look for them in the dataset";
            failure = failure.next(format!("{what}: datalinks query --dataset {}", full_name(dataset)));
        }
        if exit == Exit::NotFound {
            failure = failure.next(command_again(Some("--create")));
        }
        Some(self.resume(failure, summary, arguments))
    }

    /// Returns the failure of a run that no signal ended.
    fn cause(&self, summary: &IngestionSummary, exit: Exit) -> Failure {
        let counts = &summary.counts;
        let mut what = counts.to_string();
        if counts.not_indexed > 0 {
            what.push_str(&format!(", {} sent and not indexed", counts.not_indexed));
        }
        if summary.stopped.is_some() {
            what.push_str("; the run stopped, and later rows were not sent");
        }
        let first = summary.first_failure.as_ref().map(|(_, error)| error);
        // The place of a bad record is part of its error.
        let of_input = |error: &datalinks::Error| input_failure(error.clone()).with_exit(exit).context(&what);
        // An error that stopped the run is what to mend first.
        if let (Some(error), None) = (&summary.source_error, &summary.stopped) {
            return of_input(error).next(CORRECT);
        }
        match summary.stopped.as_ref().or(first) {
            Some(error) => {
                let mut failure = Failure::new(exit, what).caused_by(error);
                if let Some(error) = &summary.source_error {
                    let input = input_failure(error.clone());
                    failure = failure.next(format!("the input has an error, too: {}", input.message()));
                }
                // An error that stopped the run does not concern the first failed row.
                match self.place.as_ref().filter(|_| summary.stopped.is_none()) {
                    Some(place) => failure.at(place.clone()),
                    None => failure,
                }
            }
            None => match summary.dead_letter_error.as_ref().or(summary.first_bad_record.as_ref()) {
                Some(error) => of_input(error),
                None => Failure::new(exit, what),
            },
        }
    }

    /// Adds how the run is continued.
    fn resume(&self, failure: Failure, summary: &IngestionSummary, arguments: &Arguments) -> Failure {
        let same = if arguments.input.is_standard_input() { ", with the same input" } else { "" };
        match &arguments.journal {
            Some(_) => failure.next(format!("{}{same}", command_again(Some("--resume")))),
            None if self.interrupted.is_some() && summary.counts.stored + summary.counts.ambiguous > 0 => failure.next(
                "without a journal, another run sends the stored rows again; add --journal FILE to runs that may be interrupted",
            ),
            None if summary.source_error.is_some() && summary.counts.stored > 0 => failure.next(
                "without a journal, another run sends the stored rows again; add --journal FILE to runs that bad records may end",
            ),
            None if failure.exit() == Exit::Budget && summary.counts.stored > 0 => failure.next(
                "without a journal, another run sends the stored rows again; add --journal FILE to runs with a budget",
            ),
            None => failure,
        }
    }
}

/// Returns the warning of records that are no rows.
pub(super) fn skipped(records: u64) -> String {
    match records {
        1 => "1 record that is no row was skipped".to_owned(),
        _ => format!("{records} records that are no rows were skipped"),
    }
}

#[cfg(test)]
mod tests {
    use datalinks::ingest::IngestionCounts;
    use datalinks::{Error, ErrorKind};

    use super::*;

    fn summary(stored: usize, failed: usize, ambiguous: usize) -> IngestionSummary {
        let mut counts = IngestionCounts::default();
        (counts.stored, counts.failed, counts.ambiguous) = (stored, failed, ambiguous);
        IngestionSummary::new(counts)
    }

    #[test]
    fn exit_codes_have_the_documented_precedence() {
        let exit = |summary: &IngestionSummary, interrupted| {
            Account { interrupted, ..Account::default() }.exit(summary).map_or(0, Exit::code)
        };
        let failed = |mut summary: IngestionSummary, kind| {
            summary.first_failure = Some((0, Error::new(kind, "x")));
            summary
        };
        assert_eq!(exit(&summary(5, 0, 0), None), 0);
        assert_eq!(exit(&failed(summary(5, 1, 0), ErrorKind::Rejected), None), 3);
        assert_eq!(exit(&failed(summary(0, 1, 0), ErrorKind::Rejected), None), 1);
        assert_eq!(exit(&failed(summary(0, 1, 0), ErrorKind::Connect), None), 6);
        assert_eq!(exit(&failed(summary(5, 1, 0), ErrorKind::Connect), None), 3);
        assert_eq!(exit(&failed(summary(5, 2, 1), ErrorKind::Rejected), None), 7);
        let mut stopped = failed(summary(5, 2, 0), ErrorKind::Unauthorized);
        stopped.stopped = Some(Error::new(ErrorKind::Unauthorized, "x"));
        assert_eq!(exit(&stopped, None), 4);
        assert_eq!(exit(&stopped, Some(130)), 130);
        let mut limited = failed(summary(5, 2, 0), ErrorKind::Budget);
        limited.stopped = Some(Error::new(ErrorKind::Budget, "x"));
        assert_eq!((exit(&limited, None), exit(&limited, Some(130))), (8, 130));
        limited.counts.ambiguous = 1;
        assert_eq!(exit(&limited, None), 7);
        let mut ended = summary(5, 0, 0);
        ended.source_error = Some(Error::new(ErrorKind::Encode, "x"));
        assert_eq!(exit(&ended, None), 3);
        let mut lost = summary(5, 0, 0);
        lost.counts.not_indexed = 1;
        assert_eq!(exit(&lost, None), 3);
        let mut twice = summary(5, 0, 0);
        twice.counts.possibly_duplicated = 1;
        assert_eq!(exit(&twice, None), 0, "a warning");
    }
}
