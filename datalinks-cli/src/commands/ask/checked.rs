//! The verification of an answer, as commands show it.

use datalinks::ask::{StepOutcome, UnsupportedSentence, Verification, VerifiedStep};
use datalinks::types::Row;
use serde::Serialize;

use crate::commands::counted;
use crate::failure::{Exit, Failure, Result};
use crate::terminal::escape;

/// The verification of an answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Checked {
    /// Every step holds, and there is one.
    holds: bool,
    steps: Vec<Step>,
    /// Sentences of the answer with values that are in no row.
    unsupported: Vec<UnsupportedSentence>,
}

/// A step that was repeated.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    /// Index of the step, from 0.
    index: usize,
    /// `holds`, `changed`, `notRepeatable` or `failed`.
    outcome: &'static str,
    query: String,
    /// Number of rows of the step.
    rows: usize,
    rows_digest: String,
    /// Number of rows that the query returned now, or `null`.
    found_rows: Option<usize>,
    missing_rows: usize,
    added_rows: usize,
    /// The first missing rows.
    missing: Vec<Row>,
    /// The first added rows.
    added: Vec<Row>,
    reordered: bool,
    /// The query limits rows that it does not sort.
    limits_unsorted_rows: bool,
    /// Why the step was not repeated, or `null`.
    reason: Option<String>,
}

/// The verification as a line of the events of a run.
#[derive(Serialize)]
pub(super) struct CheckedLine<'a> {
    name: &'static str,
    data: &'a Checked,
}

impl Checked {
    pub(super) fn new(verification: Verification) -> Self {
        let holds = verification.holds();
        let steps = verification.steps.into_iter().enumerate().map(|(index, step)| Step::new(index, step));
        Self { holds, steps: steps.collect(), unsupported: verification.unsupported }
    }

    pub(super) fn line(&self) -> CheckedLine<'_> {
        CheckedLine { name: "verification", data: self }
    }

    /// Returns lines for people. Line breaks in queries, errors and values are escaped, so that none looks like another step.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.steps.iter().flat_map(Step::lines).collect();
        if lines.is_empty() {
            lines.push("the answer has no steps".to_owned());
        }
        for UnsupportedSentence { sentence, values, .. } in &self.unsupported {
            let values: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
            lines.push(format!("in no row: {}", values.join(", ")));
            lines.push(format!("  {}", sentence.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
        lines.iter().map(|line| escape(line).into_owned()).collect()
    }
}

impl Step {
    fn new(index: usize, step: VerifiedStep) -> Self {
        let outcome = match &step.outcome {
            StepOutcome::Holds => "holds",
            StepOutcome::Changed(_) => "changed",
            StepOutcome::NotRepeatable { .. } => "notRepeatable",
            _ => "failed",
        };
        let mut shown = Self {
            index,
            outcome,
            query: step.query,
            rows: step.row_count,
            rows_digest: step.rows_digest,
            found_rows: step.found_count,
            missing_rows: 0,
            added_rows: 0,
            missing: Vec::new(),
            added: Vec::new(),
            reordered: false,
            limits_unsorted_rows: step.limits_unsorted_rows,
            reason: None,
        };
        match step.outcome {
            StepOutcome::Changed(changes) => {
                shown.missing_rows = changes.missing_count;
                shown.added_rows = changes.added_count;
                shown.missing = changes.missing;
                shown.added = changes.added;
                shown.reordered = changes.reordered;
            }
            StepOutcome::NotRepeatable { reason } => shown.reason = Some(reason),
            StepOutcome::Failed(error) => shown.reason = Some(error.to_string()),
            _ => {}
        }
        shown
    }

    fn lines(&self) -> Vec<String> {
        let number = self.index + 1;
        let mut lines = match (self.outcome, &self.reason) {
            ("holds", _) => vec![format!("step {number} holds: {}", counted(self.rows, "row"))],
            ("changed", _) => vec![format!("step {number} changed: {}", self.changes())],
            ("notRepeatable", Some(reason)) => vec![format!("step {number} cannot be repeated: {reason}")],
            (_, reason) => vec![format!("step {number} failed: {}", reason.as_deref().unwrap_or_default())],
        };
        if self.outcome != "holds" && !self.query.is_empty() {
            lines.push(format!("  {}", self.query));
        }
        for (label, list, count) in
            [("missing", &self.missing, self.missing_rows), ("new", &self.added, self.added_rows)]
        {
            for row in list {
                lines.push(format!("  {label}: {}", serde_json::to_string(row).unwrap_or_default()));
            }
            if count > list.len() {
                lines.push(format!("  {label}: {} more", count - list.len()));
            }
        }
        lines
    }

    /// Returns how the rows differ, in a few words.
    fn changes(&self) -> String {
        if self.reordered {
            return "the rows have another order".to_owned();
        }
        let missing =
            (self.missing_rows > 0).then(|| format!("{} missing", counted(self.missing_rows, "row")));
        let added = (self.added_rows > 0).then(|| format!("{} new", counted(self.added_rows, "row")));
        missing.into_iter().chain(added).collect::<Vec<_>>().join(", ")
    }
}

/// Returns the failure of an answer whose steps do not all hold.
pub(super) fn verdict(verification: &Verification) -> Result {
    if verification.holds() {
        return Ok(());
    }
    let mut exit = Exit::Failure;
    let mut numbers = Vec::new();
    let mut limits_unsorted_rows = false;
    for (number, step) in (1..).zip(&verification.steps) {
        match &step.outcome {
            StepOutcome::Holds => continue,
            StepOutcome::Failed(error) => exit = exit.and(Failure::from(error.clone()).exit()),
            StepOutcome::Changed(_) => limits_unsorted_rows |= step.limits_unsorted_rows,
            _ => {}
        }
        numbers.push(number.to_string());
    }
    let what = match &numbers[..] {
        [] => "the answer has no steps, so there is nothing to verify".to_owned(),
        [number] => format!("step {number} of the answer does not hold"),
        _ => format!("steps {} of the answer do not hold", numbers.join(", ")),
    };
    let mut failure = Failure::new(exit, what);
    if limits_unsorted_rows {
        failure = failure.next(
            "a query limits rows that it does not sort: the service does not document which rows it returns, so they may differ \
             although nothing has changed",
        );
    }
    Err(failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A query could add a line that says that a step holds.
    #[test]
    fn no_text_looks_like_a_step() {
        let mut step = VerifiedStep::new("Ontology(a)\nstep 2 holds: 9 rows", 1, "sha256:0");
        step.outcome = StepOutcome::NotRepeatable { reason: "x\nstep 3 holds: 9 rows".to_owned() };
        let sentence = UnsupportedSentence::new("It is \"a\nstep 4 holds\".", ["a\nstep 4 holds"]);
        let lines = Checked::new(Verification::new(vec![step], vec![sentence])).lines();
        assert_eq!(lines.len(), 4);
        assert!(lines.iter().all(|line| !line.contains('\n')), "{lines:?}");
    }
}
