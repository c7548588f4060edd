//! The estimate of the cost of an ingestion.

use std::fmt;

use serde::Serialize;

use super::statistics::{CostPerRow, SampleCost, cost_per_row};
use crate::spending::{Amount, Spent};

/// An estimate of the cost of an ingestion, measured by previews of a sample of its rows.
///
/// - The service ties usage neither to a run nor to a call. The estimate contains all work of the account during the
///   measurement.
/// - The service does not document how late it reports usage. Usage that was reported after the measurement is missing.
/// - A preview runs the inference steps. The service does not document whether links and curation use tokens, so they are
///   not part of the estimate.
/// - The cost is assumed to grow with the number of rows. A part that each request costs counts more in the small previews
///   than in the batches of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Estimate {
    /// Number of rows of the whole run, or `None` if the rows are a stream that was not read to its end.
    pub rows: Option<usize>,
    /// Number of batches of the whole run, or `None` as for the rows.
    pub batches: Option<usize>,
    /// Number of rows in the sample.
    pub sampled_rows: usize,
    /// The rows from which the sample was taken.
    pub sampled_from: SampledFrom,
    /// Number of previews, each of a part of the sample.
    pub previews: usize,
    /// The usage that the service reported for the previews, with all other work of the account.
    pub reported: Spent,
    /// Tokens.
    pub tokens: Measurement,
    /// Cost in US dollars. Serialized as `costUSD`.
    #[serde(rename = "costUSD")]
    pub cost: Measurement,
    /// Number of bytes of the sampled rows.
    #[serde(skip)]
    pub(crate) sampled_bytes: u64,
}

/// The rows from which a sample was taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum SampledFrom {
    /// All rows, at random. The choice is the same in each run.
    AllRows,
    /// The first rows of a stream. Other rows may cost more or less.
    FirstRows,
}

/// A measured quantity, or the reason why it is not known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Measurement {
    /// The quantity was measured.
    Measured(MeasuredCost),
    /// The quantity is not known. It is not zero.
    NotMeasurable(NotMeasurable),
}

/// A measured cost, in tokens or in US dollars.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MeasuredCost {
    /// Cost per row.
    pub per_row: CostRange,
    /// Cost of the whole run, or `None` if its number of rows is not known.
    pub total: Option<CostRange>,
}

/// An estimate with its range.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CostRange {
    /// The estimate, the mean of the sample.
    pub estimate: f64,
    /// Lower end of the range, or `None` if the sample is too small for a range.
    pub low: Option<f64>,
    /// Upper end of the range, or `None` if the sample is too small for a range.
    pub high: Option<f64>,
}

/// The reason why a cost could not be measured.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum NotMeasurable {
    /// The ingestion has no inference steps, so a preview runs no model.
    NoSteps,
    /// There are no rows.
    NoRows,
    /// Usage grew although nothing was sent, so other work of the account would be part of the measurement.
    OtherWork,
    /// Usage did not grow after the first preview. The preview cost nothing, or its usage is reported later.
    NotReported,
    /// Usage still grew at the end of the time allowed, by usage that is reported late or by other work.
    Unsettled,
    /// The service reported tokens without a cost.
    NoCost,
}

impl fmt::Display for NotMeasurable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSteps => "the ingestion has no inference steps, so a preview runs no model",
            Self::NoRows => "there are no rows",
            Self::OtherWork => "usage grew before anything was sent, so other work of the account is in it",
            Self::NotReported => {
                "usage did not grow after the first preview, which cost nothing or whose usage is reported later"
            }
            Self::Unsettled => "usage kept growing, because it is reported late or because of other work",
            Self::NoCost => "usage reports tokens without a cost",
        })
    }
}

/// What is known before anything is measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) rows: Option<usize>,
    pub(super) batches: Option<usize>,
    pub(super) sampled_from: SampledFrom,
}

impl Estimate {
    /// Returns an estimate without previews that says why nothing was measured.
    pub(super) fn not_measurable(plan: Plan, reason: NotMeasurable) -> Self {
        let Plan { rows, batches, sampled_from } = plan;
        Self {
            rows,
            batches,
            sampled_rows: 0,
            sampled_from,
            previews: 0,
            reported: Spent::default(),
            tokens: Measurement::NotMeasurable(reason),
            cost: Measurement::NotMeasurable(reason),
            sampled_bytes: 0,
        }
    }

    /// Returns the estimate from the usage of samples. `samples` has their numbers of rows.
    pub(super) fn of_samples(plan: Plan, samples: &[usize], spent: &[Spent], sampled_bytes: u64) -> Self {
        let sampled_rows = samples.iter().sum();
        let zipped = || samples.iter().zip(spent);
        let tokens: Vec<_> =
            zipped().map(|(rows, spent)| SampleCost { rows: *rows, amount: spent.tokens as f64 }).collect();
        let cost: Vec<_> =
            zipped().map(|(rows, spent)| SampleCost { rows: *rows, amount: spent.cost.as_f64() }).collect();
        let reported = spent.iter().fold(Spent::default(), |sum, spent| sum.and(spent));
        let missing = |amount: u64| match amount {
            0 if reported.tokens > 0 => Some(NotMeasurable::NoCost),
            0 => Some(NotMeasurable::NotReported),
            _ => None,
        };
        let tokens_missing = if reported.tokens == 0 { Some(NotMeasurable::NotReported) } else { None };
        let Plan { rows, batches, sampled_from } = plan;
        Self {
            rows,
            batches,
            sampled_rows,
            sampled_from,
            previews: samples.len(),
            reported,
            tokens: Measurement::of(&tokens, rows, tokens_missing),
            cost: Measurement::of(&cost, rows, missing(reported.cost.as_nanos())),
            sampled_bytes,
        }
    }

    /// Returns the upper end of the cost of the sampled rows, in the smallest unit of `amount`, and their number of bytes.
    pub(crate) fn rate(&self, amount: Amount) -> Option<(u64, u64)> {
        let (measurement, scale) = match amount {
            Amount::Usd(_) => (&self.cost, 1e9),
            Amount::Tokens(_) => (&self.tokens, 1.0),
        };
        let Measurement::Measured(MeasuredCost { per_row, .. }) = measurement else { return None };
        let units = per_row.high.unwrap_or(per_row.estimate) * self.sampled_rows as f64 * scale;
        // Casts of floats saturate.
        (self.sampled_bytes > 0).then_some((units.ceil() as u64, self.sampled_bytes))
    }
}

impl Measurement {
    fn of(samples: &[SampleCost], rows: Option<usize>, missing: Option<NotMeasurable>) -> Self {
        match (missing, cost_per_row(samples)) {
            (Some(reason), _) => Self::NotMeasurable(reason),
            (None, None) => Self::NotMeasurable(NotMeasurable::NoRows),
            (None, Some(cost)) => Self::Measured(MeasuredCost {
                per_row: CostRange::of(cost, 1.0),
                total: rows.map(|rows| CostRange::of(cost, rows as f64)),
            }),
        }
    }
}

impl CostRange {
    fn of(cost: CostPerRow, rows: f64) -> Self {
        let (low, high) = cost.range.unzip();
        Self {
            estimate: cost.estimate * rows,
            low: low.map(|low| low * rows),
            high: high.map(|high| high * rows),
        }
    }

    /// Writes the range in a unit, with the given number of digits after the point.
    fn write(&self, f: &mut fmt::Formatter<'_>, digits: usize, unit: &str) -> fmt::Result {
        let Self { estimate, low, high } = self;
        write!(f, "{estimate:.digits$} {unit}")?;
        match (low, high) {
            (Some(low), Some(high)) => write!(f, " ({low:.digits$} to {high:.digits$})"),
            _ => f.write_str(" (no range)"),
        }
    }
}

/// Number of digits after the point for amounts per row and for totals.
const DIGITS: [(usize, usize); 2] = [(1, 0), (6, 2)];

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.rows, self.batches) {
            (Some(rows), Some(batches)) => write!(f, "{rows} rows in {batches} batches")?,
            _ => f.write_str("an unknown number of rows")?,
        }
        write!(f, ", {} rows sampled", self.sampled_rows)?;
        let units = [("tokens", &self.tokens), ("USD", &self.cost)];
        for ((unit, measurement), (per_row, total)) in units.into_iter().zip(DIGITS) {
            match measurement {
                Measurement::NotMeasurable(reason) => write!(f, "; {unit} not measurable: {reason}")?,
                Measurement::Measured(cost) => {
                    f.write_str("; ")?;
                    if let Some(range) = &cost.total {
                        range.write(f, total, unit)?;
                        f.write_str(", ")?;
                    }
                    cost.per_row.write(f, per_row, unit)?;
                    f.write_str(" per row")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_the_rows_and_each_range_or_the_reason_without_one() {
        let plan = |rows: Option<usize>| Plan {
            rows,
            batches: rows.map(|rows| rows / 100),
            sampled_from: SampledFrom::AllRows,
        };
        let text = |rows: Option<usize>, cost: Measurement| {
            let range =
                |factor| CostRange { estimate: 2.0 * factor, low: Some(factor), high: Some(4.0 * factor) };
            let total = rows.map(|rows| range(rows as f64));
            let mut estimate = Estimate::not_measurable(plan(rows), NotMeasurable::NoCost);
            estimate.sampled_rows = 20;
            estimate.tokens = Measurement::Measured(MeasuredCost { per_row: range(1.0), total });
            estimate.cost = cost;
            estimate.to_string()
        };
        assert_eq!(
            text(Some(500), Measurement::NotMeasurable(NotMeasurable::NoCost)),
            "500 rows in 5 batches, 20 rows sampled; 1000 tokens (500 to 2000), 2.0 tokens (1.0 to 4.0) per row; \
             USD not measurable: usage reports tokens without a cost"
        );
        let per_row = CostRange { estimate: 0.00015, low: None, high: None };
        assert_eq!(
            text(None, Measurement::Measured(MeasuredCost { per_row, total: None })),
            "an unknown number of rows, 20 rows sampled; 2.0 tokens (1.0 to 4.0) per row; 0.000150 USD (no range) per row"
        );
    }
}
