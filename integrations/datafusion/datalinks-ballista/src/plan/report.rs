//! The account of a partition as a row, which travels from its executor to the end of the statement.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{Array as _, ArrayRef, RecordBatch, StringArray, UInt64Array},
        datatypes::{DataType, Field, Schema, SchemaRef},
    },
    error::{DataFusionError, Result},
};
use datalinks::ingest::IngestionCounts;
use datalinks_datafusion::InsertPart;

const NUMBERS: [&str; 8] = [
    "partition",
    "stored",
    "skipped",
    "failed",
    "ambiguous",
    "possibly_duplicated",
    "bad_records",
    "not_indexed",
];
const PROBLEM: &str = "problem";

/// The account of one partition.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Report {
    pub(crate) partition: u64,
    pub(crate) stored: u64,
    pub(crate) skipped: u64,
    pub(crate) failed: u64,
    pub(crate) ambiguous: u64,
    pub(crate) possibly_duplicated: u64,
    pub(crate) bad_records: u64,
    /// Stored rows that the service reports as not indexed.
    pub(crate) not_indexed: u64,
    /// The rows that are not stored, or the error that kept the partition from beginning.
    pub(crate) problem: Option<String>,
}

pub(crate) fn schema() -> SchemaRef {
    let numbers = NUMBERS.map(|name| Field::new(name, DataType::UInt64, false));
    let problem = Field::new(PROBLEM, DataType::Utf8, true);
    Arc::new(Schema::new(numbers.into_iter().chain([problem]).collect::<Vec<_>>()))
}

impl Report {
    pub(crate) fn of(number: usize, part: &InsertPart) -> Self {
        let counts = part.result.as_ref().map_or_else(|_| IngestionCounts::default(), |found| found.counts);
        Self {
            partition: number as u64,
            stored: counts.stored as u64,
            skipped: counts.skipped as u64,
            failed: counts.failed as u64,
            ambiguous: counts.ambiguous as u64,
            possibly_duplicated: counts.possibly_duplicated as u64,
            bad_records: counts.bad_records as u64,
            not_indexed: counts.not_indexed,
            problem: part.problem(),
        }
    }

    pub(crate) fn batch(&self) -> Result<RecordBatch> {
        let numbers = [
            self.partition,
            self.stored,
            self.skipped,
            self.failed,
            self.ambiguous,
            self.possibly_duplicated,
            self.bad_records,
            self.not_indexed,
        ];
        let number = |value: u64| Arc::new(UInt64Array::from(vec![value])) as ArrayRef;
        let problem: ArrayRef = Arc::new(StringArray::from(vec![self.problem.clone()]));
        let columns = numbers.map(number).into_iter().chain([problem]).collect();
        Ok(RecordBatch::try_new(schema(), columns)?)
    }

    pub(crate) fn read(batch: &RecordBatch) -> Result<Vec<Self>> {
        let foreign = || DataFusionError::Internal("the account of a partition has other columns".to_owned());
        let mut numbers = Vec::with_capacity(NUMBERS.len());
        for name in NUMBERS {
            let column =
                batch.column_by_name(name).and_then(|column| column.as_any().downcast_ref::<UInt64Array>());
            numbers.push(column.ok_or_else(foreign)?);
        }
        let [partition, stored, skipped, failed, ambiguous, possibly_duplicated, bad_records, not_indexed] =
            numbers[..]
        else {
            return Err(foreign());
        };
        let problems =
            batch.column_by_name(PROBLEM).and_then(|column| column.as_any().downcast_ref::<StringArray>());
        let problems = problems.ok_or_else(foreign)?;
        let report = |at: usize| Self {
            partition: partition.value(at),
            stored: stored.value(at),
            skipped: skipped.value(at),
            failed: failed.value(at),
            ambiguous: ambiguous.value(at),
            possibly_duplicated: possibly_duplicated.value(at),
            bad_records: bad_records.value(at),
            not_indexed: not_indexed.value(at),
            problem: problems.is_valid(at).then(|| problems.value(at).to_owned()),
        };
        Ok((0..batch.num_rows()).map(report).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_a_row() {
        let report = Report {
            partition: 3,
            stored: 5,
            skipped: 4,
            failed: 2,
            ambiguous: 1,
            possibly_duplicated: 6,
            bad_records: 7,
            not_indexed: 8,
            problem: Some("the service rejected 2 rows".to_owned()),
        };
        let without = Report { problem: None, ..report.clone() };
        for report in [report, without] {
            assert_eq!(Report::read(&report.batch().unwrap()).unwrap(), [report]);
        }
        let other = RecordBatch::new_empty(Arc::new(Schema::empty()));
        assert!(Report::read(&other).is_err());
    }
}
