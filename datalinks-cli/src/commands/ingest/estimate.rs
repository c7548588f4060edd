//! What a run would cost.

use datalinks::Dataset;
use datalinks::ingest::{CostRange, Estimate, MeasuredCost, Measurement, SampledFrom};
use datalinks::spending::Spent;
use serde::Serialize;

use super::arguments::Arguments;
use super::send;
use crate::commands::rows::{ProcessingOptions, input_failure};
use crate::failure::Result;
use crate::output::Format;
use crate::session::{Session, explain_missing_namespace, full_name};
use crate::set::set;

/// The computation of the ranges.
const METHOD: &str = "mean of disjoint previews of sampled rows; the range is by Student's t with a correction for skew, and \
                      contained the cost in at least 95 of 100 simulated cases";

/// What a figure leaves out or assumes.
const ASSUMPTIONS: [&str; 4] = [
    "usage includes all other work of the account",
    "usage that is reported later than the measurement is missing",
    "links and curation are not part of a preview",
    "the cost grows with the number of rows; rows that are too rare to be in the sample are not in the range",
];

/// What a run would cost.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    dataset: &'a str,
    rows: Option<usize>,
    batches: Option<usize>,
    sampled_rows: usize,
    sampled_from: SampledFrom,
    previews: usize,
    /// Records that cannot be read as rows.
    bad_records: u64,
    reported: Spent,
    tokens: Cost,
    #[serde(rename = "costUSD")]
    cost: Cost,
    method: &'static str,
    assumptions: [&'static str; 4],
}

/// A cost, or the reason why it is not known.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Cost {
    total: Option<CostRange>,
    per_row: Option<CostRange>,
    not_measurable: Option<String>,
}

/// The same for people.
#[derive(Serialize)]
struct Lines<'a> {
    dataset: &'a str,
    rows: String,
    batches: String,
    sampled: String,
    tokens: String,
    #[serde(rename = "tokens per row")]
    tokens_per_row: String,
    cost: String,
    #[serde(rename = "cost per row")]
    cost_per_row: String,
    method: &'static str,
}

impl From<&Measurement> for Cost {
    fn from(measurement: &Measurement) -> Self {
        match measurement {
            Measurement::Measured(MeasuredCost { per_row, total, .. }) => {
                Self { total: *total, per_row: Some(*per_row), not_measurable: None }
            }
            Measurement::NotMeasurable(reason) => {
                Self { total: None, per_row: None, not_measurable: Some(reason.to_string()) }
            }
            _ => Self { total: None, per_row: None, not_measurable: Some("unknown".to_owned()) },
        }
    }
}

impl Cost {
    /// Returns the total and the cost per row, in words.
    fn lines(&self, unit: &str, digits: (usize, usize)) -> (String, String) {
        let write = |range: Option<CostRange>, digits: usize| match (range, &self.not_measurable) {
            (_, Some(reason)) => format!("not measurable: {reason}"),
            (None, None) => "unknown".to_owned(),
            (Some(CostRange { estimate, low: Some(low), high: Some(high), .. }), None) => {
                format!("{estimate:.digits$} {unit} ({low:.digits$} to {high:.digits$})")
            }
            (Some(CostRange { estimate, .. }), None) => {
                format!("{estimate:.digits$} {unit} (the sample is too small for a range)")
            }
        };
        (write(self.total, digits.0), write(self.per_row, digits.1))
    }
}

pub(super) async fn run(
    rows: usize,
    arguments: &Arguments,
    dataset: &Dataset,
    processing: ProcessingOptions,
    session: &Session,
) -> Result {
    let (_keep, never) = tokio::sync::oneshot::channel();
    let skipped = send::Skipped::default();
    let reader = arguments.input.reader(arguments.bad_rows_without_file())?;
    let source = send::until_stopped(reader.into_stream(), never, skipped.clone());
    let ingest = send::with_options(dataset.ingest_try_stream(source), arguments, processing);
    session.diagnostics().detail("previews of the sample run the inference steps, which costs tokens");
    let estimate = set!(ingest.estimate(rows).read_all(), usage_delay: arguments.usage_delay);
    let estimate = match estimate.await {
        Ok(estimate) => estimate,
        Err(error) => {
            return Err(explain_missing_namespace(input_failure(error), dataset.namespace()).await);
        }
    };
    write(&estimate, &full_name(dataset), skipped.count(), session)
}

fn write(estimate: &Estimate, dataset: &str, bad_records: u64, session: &Session) -> Result {
    let (tokens, cost) = (Cost::from(&estimate.tokens), Cost::from(&estimate.cost));
    let diagnostics = session.diagnostics();
    if session.output.format() == Format::Table {
        let number =
            |number: Option<usize>| number.map_or_else(|| "unknown".to_owned(), |one| one.to_string());
        let (all_tokens, tokens_per_row) = tokens.lines("tokens", (0, 1));
        let (all_cost, cost_per_row) = cost.lines("USD", (4, 9));
        session.output.object(&Lines {
            dataset,
            rows: number(estimate.rows),
            batches: number(estimate.batches),
            sampled: format!("{} rows in {} previews", estimate.sampled_rows, estimate.previews),
            tokens: all_tokens,
            tokens_per_row,
            cost: all_cost,
            cost_per_row,
            method: METHOD,
        })?;
        if estimate.reported.tokens > 0 {
            ASSUMPTIONS.iter().for_each(|assumption| diagnostics.note(assumption));
        }
    } else {
        session.output.object(&Shown {
            dataset,
            rows: estimate.rows,
            batches: estimate.batches,
            sampled_rows: estimate.sampled_rows,
            sampled_from: estimate.sampled_from,
            previews: estimate.previews,
            bad_records,
            reported: estimate.reported,
            tokens,
            cost,
            method: METHOD,
            assumptions: ASSUMPTIONS,
        })?;
    }
    if bad_records > 0 {
        diagnostics.warning(&super::report::skipped(bad_records));
    }
    diagnostics.note("no row was sent for storage");
    Ok(())
}
