//! `INSERT INTO` on a cluster, submitted again until every partition has ended.

use std::{fmt, sync::Arc, time::Duration};

use datafusion::{
    arrow::array::{Array as _, RecordBatch, UInt64Array},
    error::DataFusionError,
    prelude::SessionContext,
};
use datalinks::ingest::partitions::{JournalDirectory, PlanAccount};

/// Time between two submissions.
const PAUSE: Duration = Duration::from_millis(500);

/// Number of submissions without any change of the account after which a statement whose partitions have ended is given up.
const MAX_UNCHANGED: usize = 2;

const MISSING: &str = "the statement ended, and these journals do not have the same account; its rows are stored; does its table \
                       have other journals?";

/// An `INSERT INTO` that is submitted again if executors are lost.
///
/// The scheduler runs the tasks of a lost executor again, and gives up after four failures. A statement that failed, or whose
/// result was lost with an executor, is then submitted again. Its partitions skip the rows that their journals have.
///
/// The statement has to insert into a table whose [journals](datalinks_datafusion::TableOptions::journals) are in the directory
/// given here, from which the account is read.
#[derive(Clone, Debug)]
#[must_use = "a statement does nothing until it is run"]
pub struct ClusterInsert {
    sql: String,
    journals: JournalDirectory,
    submissions: usize,
}

/// The result of a [`ClusterInsert`] that stored every row.
///
/// Rows may be stored twice, and the service may not have indexed all of them. The text says so, and
/// [`PlanAccount::is_complete`] is `false` then.
#[derive(Clone, Debug)]
#[must_use = "rows that may be stored twice or are not indexed are reported here and nowhere else"]
#[non_exhaustive]
pub struct ClusterInserted {
    /// The account of all partitions, over all submissions.
    pub account: PlanAccount,
    /// Number of times that the statement was submitted.
    pub submissions: usize,
}

impl fmt::Display for ClusterInserted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.account.fmt(f)
    }
}

/// A [`ClusterInsert`] that did not store every row, as far as is known.
#[derive(Debug)]
#[non_exhaustive]
pub struct ClusterInsertError {
    /// The account of all partitions, or `None` if no partition has begun or if the journals cannot be read. Rows may be stored
    /// in the second case. If the directory has the journals of another statement, it is the account of that one, and the error
    /// says so.
    pub account: Option<PlanAccount>,
    /// Number of times that the statement was submitted.
    pub submissions: usize,
    /// The last error.
    pub error: DataFusionError,
    /// The directory of the journals.
    pub journals: JournalDirectory,
}

impl fmt::Display for ClusterInsertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.submissions == 0 {
            return write!(f, "the statement was not submitted, and nothing was sent: {}", self.error);
        }
        write!(
            f,
            "the statement did not store every row, as far as is known, in {}; the last error: {}; the journals in {} ",
            match self.submissions {
                1 => "1 submission".to_owned(),
                submissions => format!("{submissions} submissions"),
            },
            self.error,
            self.journals.path().display()
        )?;
        match &self.account {
            // The directory may have the journals of another statement, whose account this is then.
            Some(account) => {
                write!(
                    f,
                    "have the account: {account}; run the statement that they belong to again to go on from them"
                )
            }
            None => f.write_str(
                "have no account, or cannot be read; read them before you send the rows with other journals",
            ),
        }
    }
}

impl std::error::Error for ClusterInsertError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

impl ClusterInsert {
    /// Creates the statement. At most 5 submissions are made.
    pub fn new(sql: impl Into<String>, journals: JournalDirectory) -> Self {
        Self { sql: sql.into(), journals, submissions: 5 }
    }

    /// Sets the maximum number of submissions. At least one is made.
    pub fn submissions(mut self, submissions: usize) -> Self {
        self.submissions = submissions.max(1);
        self
    }

    /// Returns the directory of the journals.
    pub fn journals(&self) -> &JournalDirectory {
        &self.journals
    }

    /// Runs the statement in a [session](crate::session) of the cluster.
    ///
    /// It is submitted again as long as a partition has not ended, or the outcome of rows is ambiguous. Rows that the journals
    /// have as stored are not sent again. If all partitions have ended and rows were rejected, it is not submitted again.
    ///
    /// # Errors
    ///
    /// Returns an error if not every row is stored. Other rows are stored: the error has the account.
    ///
    /// Stored rows that may be stored twice, or that the service has not indexed, are no error: see [`ClusterInserted`].
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe. If the future is dropped, the cluster may go on with the statement. Run it again to wait for its end.
    pub async fn run(&self, session: &SessionContext) -> Result<ClusterInserted, ClusterInsertError> {
        let mut submissions = 0;
        let (mut previous, mut unchanged) = (None, 0);
        loop {
            let statement = match session.sql(&self.sql).await {
                Ok(statement) => statement,
                // The statement is wrong, and stays so. Earlier submissions and runs may have stored rows.
                Err(error) => {
                    let account = self.account().await.ok().flatten();
                    return Err(self.failed(account, submissions, error));
                }
            };
            submissions += 1;
            let ended = statement.collect().await;
            let (account, unread) = match self.account().await {
                Ok(account) => (account, None),
                Err(error) => (None, Some(error)),
            };
            let is_decided =
                account.as_ref().is_some_and(|account| account.finished() == account.partitions.len());
            match (ended, account) {
                // The journals of another statement have another account.
                (Ok(rows), Some(account)) if is_decided && count(&rows) == Some(account.stored() as u64) => {
                    return Ok(ClusterInserted { account, submissions });
                }
                (Ok(_), account) => {
                    let error = unread.unwrap_or_else(|| DataFusionError::Execution(MISSING.to_owned()));
                    return Err(self.failed(account, submissions, error));
                }
                (Err(error), account) => {
                    unchanged = if previous == account { unchanged + 1 } else { 0 };
                    // If all partitions have ended and no row failed, the result was lost. Ambiguous rows whose keys could not
                    // be read in time are reconciled when the other partitions no longer keep the service busy.
                    let is_final = account.as_ref().is_some_and(|account| {
                        is_decided && (account.failed() > account.ambiguous() || unchanged >= MAX_UNCHANGED)
                    });
                    if submissions >= self.submissions || is_final || unread.is_some() {
                        return Err(self.failed(account, submissions, error));
                    }
                    previous = account;
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn failed(
        &self,
        account: Option<PlanAccount>,
        submissions: usize,
        error: DataFusionError,
    ) -> ClusterInsertError {
        ClusterInsertError { account, submissions, error, journals: self.journals.clone() }
    }

    /// Reads the account of all partitions from the journals, or returns `None` if no partition has begun.
    ///
    /// # Errors
    ///
    /// Returns [`External`](DataFusionError::External) if the journals cannot be read.
    pub async fn account(&self) -> Result<Option<PlanAccount>, DataFusionError> {
        let external = |error: datalinks::Error| DataFusionError::External(Box::new(error));
        let journals = self.journals.clone();
        // This future awaits the task.
        let plan = tokio::task::spawn_blocking(move || journals.read_plan()).await;
        let plan = plan.map_err(|error| DataFusionError::External(Box::new(error)))?.map_err(external)?;
        let Some(plan) = plan else { return Ok(None) };
        plan.account(Arc::new(self.journals.clone())).await.map(Some).map_err(external)
    }
}

/// Returns the number of rows that a statement reports as stored.
fn count(rows: &[RecordBatch]) -> Option<u64> {
    let [count] = rows.iter().find(|batch| batch.num_rows() == 1)?.columns() else { return None };
    count.as_any().downcast_ref::<UInt64Array>().map(|count| count.value(0))
}
