//! Runs of partitions.

use std::{path::PathBuf, sync::Arc};

use serde::Serialize;

use super::{
    directory::PartitionJournals,
    plan::{Partition, PartitionId, PartitionPlan},
};
use crate::{
    error::{Error, ErrorKind},
    ingest::{
        batch_stream::BatchStream,
        builder::Ingest,
        journal::{Finished, Journal},
        options::{Delivery, IngestOptions},
        summary::IngestionSummary,
    },
};

/// The result of one run of a partition.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[must_use = "a run that failed or stopped is reported here and in its journal only; check the summary"]
#[non_exhaustive]
pub struct PartitionRun {
    /// The id of the partition.
    pub partition: PartitionId,
    /// The result of the run. Rows that earlier runs stored count as stored and skipped.
    pub summary: IngestionSummary,
    /// The path of the journal, which another run of the partition continues.
    pub journal: PathBuf,
    /// The path of the dead letters, if the place of the journals has some.
    pub dead_letters: Option<PathBuf>,
}

impl PartitionPlan {
    /// Runs the partition with this number, or continues it.
    ///
    /// `ingest` yields all rows of the partition, in the same order in every run. Its journal is set, and its dead letters if
    /// `journals` has a path for them. Its other options are kept. Those that a [journal](Ingest::journal) is bound to must be
    /// equal in every run.
    ///
    /// A run that fails after it has sent rows still returns a result, whose summary has the error. Run the partition again to
    /// continue.
    ///
    /// # Errors
    ///
    /// Returns an error in these cases, in which this run has stored no row:
    ///
    /// - [`InvalidInput`](ErrorKind::InvalidInput) if the plan has no such partition, the journals are those of another plan, or
    ///   an option is invalid. [`Delivery::Reconciled`] requires a [key](Ingest::reconcile_by), because requests of other
    ///   partitions change the row count.
    /// - [`InUse`](ErrorKind::InUse) if another run uses the journal.
    /// - [`InvalidInput`](ErrorKind::InvalidInput) if the first rows differ from those in the journal.
    /// - [`Io`](ErrorKind::Io) if a file cannot be opened.
    /// - The source fails before its first row.
    ///
    /// If the source has fewer rows than the journal records, the summary is
    /// [stopped](IngestionSummary::stopped) with an error of kind [`InvalidInput`](ErrorKind::InvalidInput). The rows that it does
    /// not yield may be stored. The same happens if a partition of [`Rows`](super::PartitionRange::Rows) has more or fewer rows than
    /// its range. The partition is not finished then.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe. If the future is dropped, the run stops. Batches in flight may be stored, which the journal records, and
    /// the next run of the partition continues.
    pub async fn run_partition<T: Serialize + Send + 'static>(
        &self,
        number: usize,
        journals: Arc<dyn PartitionJournals>,
        ingest: Ingest<T>,
    ) -> Result<PartitionRun, Error> {
        self.run_opened(number, journals, move |journal, dead_letters| {
            let ingest = ingest.journal(journal);
            let ingest = match dead_letters {
                Some(path) => ingest.dead_letters(path),
                None => ingest,
            };
            ingest.batches()
        })
        .await
    }

    /// Returns `true` if a run of the partition with this number uses its journal. Blocks the thread.
    ///
    /// The answer may be outdated when it is returned: [`run_partition`](Self::run_partition) decides. The run may be one of
    /// another machine, if the file system locks files among them.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](ErrorKind::InvalidInput) if the plan has no such partition, or the journal is not a regular file.
    /// - [`Io`](ErrorKind::Io) if the lock file cannot be opened.
    pub fn is_running(&self, number: usize, journals: &dyn PartitionJournals) -> Result<bool, Error> {
        let (_, partition) = self.partition(number)?;
        Journal::is_in_use(&journals.journal(partition))
    }

    /// Runs a partition whose stream of outcomes `open` opens on a thread for blocking work, with these paths of the journal
    /// and the dead letters.
    pub(in crate::ingest) async fn run_opened<T: Serialize + Send + 'static>(
        &self,
        number: usize,
        journals: Arc<dyn PartitionJournals>,
        open: impl FnOnce(PathBuf, Option<PathBuf>) -> Result<BatchStream<T>, Error> + Send + 'static,
    ) -> Result<PartitionRun, Error> {
        let (part, partition) = self.partition(number)?;
        let (plan, partition) = (self.clone(), partition.clone());
        let opened = blocking(move || {
            journals.bind(&plan)?;
            let (journal, dead_letters) = (journals.journal(&partition), journals.dead_letters(&partition));
            let outcomes = open(journal.clone(), dead_letters.clone())?;
            check(outcomes.engine().options())?;
            Ok((partition, outcomes, journal, dead_letters))
        });
        let (partition, outcomes, journal, dead_letters) = opened.await?;
        let summary = finish(part, outcomes).await?;
        Ok(PartitionRun { partition, summary, journal, dead_letters })
    }
}

/// Rejects options that do not work while other partitions are run.
fn check(options: &IngestOptions) -> Result<(), Error> {
    if options.delivery == Delivery::Reconciled && options.reconcile_by.is_none() {
        return Err(Error::invalid(
            "reconciled delivery by count is set for a partition: requests of other partitions change the count; set \
             Ingest::reconcile_by",
        ));
    }
    Ok(())
}

/// Sends all rows, and records in the journal if every row of the source is decided.
async fn finish<T: Serialize + Send + 'static>(
    part: &Partition,
    mut outcomes: BatchStream<T>,
) -> Result<IngestionSummary, Error> {
    while outcomes.next().await.is_some() {}
    let engine = outcomes.engine();
    let summary = outcomes.summary();
    let is_whole =
        summary.stopped.is_none() && summary.source_error.is_none() && summary.dead_letter_error.is_none();
    if let Some(journal) = engine.journal().filter(|_| is_whole) {
        let (rows, bad_records) = (summary.counts.decided(), summary.counts.bad_records);
        let known = journal.known_rows();
        if rows < known {
            let what = format!("the partition has {rows} rows, and its journal records {known}");
            engine.stop(Error::invalid(what).advice(
                "the journal has the account of the rows that are missing; run the partition with all its rows",
            ));
        } else if let Some(what) = other_number(part, rows, bad_records) {
            engine.stop(Error::invalid(what).advice(
                "rows are missing, or other partitions read them as well; run the partition with exactly its rows",
            ));
        } else {
            let bad_records = bad_records as u64;
            journal.finish(Finished { rows, bad_records }).await.unwrap_or_else(|error| engine.stop(error));
        }
    }
    outcomes.into_summary()
}

/// Returns an error text if a partition of rows has another number of rows than its range. A bad record may be a row or none.
fn other_number(part: &Partition, rows: usize, bad_records: usize) -> Option<String> {
    let range = part.range.rows()?;
    let planned = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
    let possible = rows..=rows.saturating_add(bad_records);
    (!possible.contains(&planned))
        .then(|| format!("the partition has {rows} rows, and its range has {planned}: {part}"))
}

/// Runs `work` on a thread for blocking work. Panics if it does.
///
/// # Cancel safety
///
/// If the future is dropped, work that has begun is completed, and its result is discarded.
pub(super) async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> Result<R, Error> + Send + 'static,
) -> Result<R, Error> {
    // This future owns and awaits the task.
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        let error = match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => error,
        };
        let what = "the journals of the partitions could not be opened, because the runtime ends";
        Err(Error::new(ErrorKind::Io, what).caused_by(error))
    })
}
