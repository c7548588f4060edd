//! The account of partitions, read from their journals.

use std::{fmt, ops::Range, path::PathBuf, sync::Arc};

use serde::Serialize;

use super::{
    directory::PartitionJournals,
    plan::{PartitionId, PartitionPlan},
    run::blocking,
};
use crate::{error::Error, ingest::journal::Journal};

/// The account of one partition, as its journal records all its runs.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PartitionAccount {
    /// The id of the partition.
    pub partition: PartitionId,
    /// The path of the journal.
    pub journal: PathBuf,
    /// Number of rows of the partition, or `None` if no run has decided all of them, or if rows were sent since.
    pub rows: Option<usize>,
    /// Number of rows that the service acknowledged.
    pub stored: usize,
    /// Number of rows that were decided and are not acknowledged. Includes [`ambiguous`](Self::ambiguous) rows.
    pub failed: usize,
    /// Index ranges of rows that are not acknowledged and may be stored. During a run, this includes the rows in flight.
    pub ambiguous: Vec<Range<usize>>,
    /// Index ranges of rows that may be stored twice. Each is also stored or ambiguous.
    pub possibly_duplicated: Vec<Range<usize>>,
    /// Number of acknowledged rows that the service reports as not indexed.
    pub not_indexed: u64,
    /// Number of records that could not be read as rows in the last run that decided all rows.
    pub bad_records: u64,
}

impl PartitionAccount {
    /// Reads the account of a partition. Blocks the thread.
    pub(super) fn read(journals: &dyn PartitionJournals, partition: &PartitionId) -> Result<Self, Error> {
        let journal = journals.journal(partition);
        let recorded = Journal::recorded(&journal)?.unwrap_or_default();
        let stored = count(&recorded.stored);
        let failed = count(&recorded.ambiguous) + count(&recorded.rejected);
        Ok(Self {
            partition: partition.clone(),
            journal,
            rows: recorded.finished.map(|finished| finished.rows),
            stored,
            // A row that cannot be encoded is not in the journal.
            failed: recorded.finished.map_or(failed, |finished| finished.rows.saturating_sub(stored)),
            ambiguous: recorded.ambiguous,
            possibly_duplicated: recorded.twice,
            not_indexed: recorded.missing,
            bad_records: recorded.finished.map_or(0, |finished| finished.bad_records),
        })
    }

    /// Returns `true` if a run has decided every row of the partition.
    pub fn is_finished(&self) -> bool {
        self.rows.is_some()
    }

    /// Returns `true` if every row of the partition is stored exactly once, as far as the service reports.
    pub fn is_complete(&self) -> bool {
        self.is_finished()
            && self.failed == 0
            && self.possibly_duplicated.is_empty()
            && self.not_indexed == 0
            && self.bad_records == 0
    }
}

/// The account of all partitions of a plan.
///
/// It is read from the journals, so it includes runs that were killed, and runs on other machines. Rows that no run has sent or
/// rejected are in no count until the partition is finished.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[must_use = "rows that failed are reported here and nowhere else"]
#[non_exhaustive]
pub struct PlanAccount {
    /// The accounts of the partitions, by their number.
    pub partitions: Vec<PartitionAccount>,
}

impl PlanAccount {
    /// Returns the number of finished partitions.
    pub fn finished(&self) -> usize {
        self.partitions.iter().filter(|partition| partition.is_finished()).count()
    }

    /// Returns the number of acknowledged rows.
    pub fn stored(&self) -> usize {
        self.partitions.iter().map(|partition| partition.stored).sum()
    }

    /// Returns the number of rows that were decided and are not acknowledged. Includes [`ambiguous`](Self::ambiguous) rows.
    pub fn failed(&self) -> usize {
        self.partitions.iter().map(|partition| partition.failed).sum()
    }

    /// Returns the number of rows that are not acknowledged and may be stored.
    pub fn ambiguous(&self) -> usize {
        self.partitions.iter().map(|partition| count(&partition.ambiguous)).sum()
    }

    /// Returns the number of rows that may be stored twice.
    pub fn possibly_duplicated(&self) -> usize {
        self.partitions.iter().map(|partition| count(&partition.possibly_duplicated)).sum()
    }

    /// Returns the number of acknowledged rows that the service reports as not indexed.
    pub fn not_indexed(&self) -> u64 {
        self.partitions.iter().fold(0, |sum, partition| sum.saturating_add(partition.not_indexed))
    }

    /// Returns the number of records that could not be read as rows.
    pub fn bad_records(&self) -> u64 {
        self.partitions.iter().fold(0, |sum, partition| sum.saturating_add(partition.bad_records))
    }

    /// Returns `true` if every row of the plan is stored exactly once, as far as the service reports.
    pub fn is_complete(&self) -> bool {
        self.partitions.iter().all(PartitionAccount::is_complete)
    }
}

impl fmt::Display for PlanAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (finished, all) = (self.finished(), self.partitions.len());
        write!(
            f,
            "{finished} of {all} partitions finished: {} rows stored, {} failed",
            self.stored(),
            self.failed()
        )?;
        match self.ambiguous() {
            0 => {}
            rows => write!(f, " ({rows} of them may be stored: check before you send them again)")?,
        }
        match self.possibly_duplicated() {
            0 => {}
            rows => write!(f, ", {rows} possibly stored twice")?,
        }
        match self.bad_records() {
            0 => {}
            1 => f.write_str(", 1 bad record")?,
            records => write!(f, ", {records} bad records")?,
        }
        match self.not_indexed() {
            0 => Ok(()),
            rows => write!(f, ", {rows} sent and not indexed"),
        }
    }
}

impl PartitionPlan {
    /// Reads the journals of all partitions and merges them into one account. A partition without a journal has no rows yet.
    ///
    /// Runs may use the journals meanwhile. One journal at a time is in memory.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the journals are those of another plan.
    /// - [`Io`](crate::ErrorKind::Io) if a journal cannot be read, or if no run has prepared the place.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe. Journals are only read.
    pub async fn account(&self, journals: Arc<dyn PartitionJournals>) -> Result<PlanAccount, Error> {
        let plan = self.clone();
        blocking(move || {
            journals.check(&plan)?;
            let read = |partition| PartitionAccount::read(&*journals, partition);
            let partitions = plan.ids().iter().map(read).collect::<Result<_, Error>>()?;
            Ok(PlanAccount { partitions })
        })
        .await
    }
}

fn count(ranges: &[Range<usize>]) -> usize {
    ranges.iter().map(Range::len).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::partitions::plan::Partition;

    /// Regression: an account that was not complete said that every row is stored, and not what is missing.
    #[test]
    fn text_has_everything_that_makes_the_account_incomplete() {
        let plan = PartitionPlan::new([Partition::new("a"), Partition::new("b")]).unwrap();
        let complete = |id: &PartitionId| PartitionAccount {
            partition: id.clone(),
            journal: PathBuf::new(),
            rows: Some(5),
            stored: 5,
            failed: 0,
            ambiguous: Vec::new(),
            possibly_duplicated: Vec::new(),
            not_indexed: 0,
            bad_records: 0,
        };
        let all = PlanAccount { partitions: plan.ids().iter().map(complete).collect() };
        let text = "2 of 2 partitions finished: 10 rows stored, 0 failed";
        assert!(all.is_complete());
        assert_eq!(all.to_string(), text);
        type Change = fn(&mut PartitionAccount);
        let changes: [(Change, &str); 3] = [
            (|partition| partition.possibly_duplicated.push(0..2), ", 2 possibly stored twice"),
            (|partition| partition.bad_records = 1, ", 1 bad record"),
            (|partition| partition.not_indexed = 3, ", 3 sent and not indexed"),
        ];
        let mut every = all.clone();
        for (change, more) in &changes {
            let mut one = all.clone();
            change(&mut one.partitions[1]);
            change(&mut every.partitions[0]);
            assert!(!one.is_complete());
            assert_eq!(one.to_string(), format!("{text}{more}"));
        }
        every.partitions[1].bad_records = u64::MAX;
        let more = ", 2 possibly stored twice, 18446744073709551615 bad records, 3 sent and not indexed";
        assert_eq!(every.to_string(), format!("{text}{more}"));
    }
}
