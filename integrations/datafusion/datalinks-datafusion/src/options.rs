//! Settings of tables.

use std::{any::Any, collections::BTreeMap, sync::Arc};

use datalinks::ingest::{
    Ingest,
    partitions::{JournalDirectory, PartitionJournals},
};
use serde::{Deserialize, Serialize};

use crate::{
    column_type::ColumnType,
    insert::{IngestSettings, InsertAccount, InsertHook},
    insert_row::InsertRow,
    insert_settings::InsertSettings,
    stop_inserts::StopInserts,
};

/// The part of a statement that the service computes.
///
/// The service does not document how its query language compares numbers that are stored as strings, null and missing values.
/// [`Exact`](Self::Exact) relies on the rules that the emulator implements and documents (`datalinks-emulator/docs/decisions.md`).
/// [`Checked`](Self::Checked) relies on them as far as the service must not leave out a row that meets a condition, and
/// [`Off`](Self::Off) not at all. All three give the same rows where the rules hold.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Pushdown {
    /// Conditions, sorts and limits that the query language expresses exactly are computed by the service alone. Conditions
    /// that it can only approximate reduce the rows, and are computed again on this side.
    #[default]
    Exact,
    /// Conditions reduce the rows that the service returns, and all of them are computed again on this side. Sorts are computed
    /// on this side, and so is every limit of a statement with a condition.
    Checked,
    /// The service returns all rows.
    Off,
}

/// Settings of a table.
///
/// | Setting | Default |
/// |---|---|
/// | [`sample_rows`](Self::sample_rows) | 1,000 |
/// | [`pushdown`](Self::pushdown) | [`Pushdown::Exact`] |
/// | [`metadata_columns`](Self::metadata_columns) | `false` |
/// | [`page_by`](Self::page_by) | none: one response has all rows |
/// | [`insert_settings`](Self::insert_settings) | the defaults of [`Ingest`] |
/// | [`ingest`](Self::ingest) | the defaults of [`Ingest`] |
/// | [`journals`](Self::journals) | none: a statement that failed cannot go on |
/// | [`on_insert`](Self::on_insert) | none |
/// | [`stop_inserts`](Self::stop_inserts) | none |
/// | [`keep_casts`](Self::keep_casts) | `false` |
#[derive(Clone, Debug)]
#[must_use]
pub struct TableOptions {
    pub(crate) sample_rows: u64,
    pub(crate) pushdown: Pushdown,
    pub(crate) metadata_columns: bool,
    pub(crate) columns: BTreeMap<String, ColumnType>,
    pub(crate) pages: Option<Pages>,
    pub(crate) insert_settings: InsertSettings,
    pub(crate) ingest: Option<IngestSettings>,
    pub(crate) journals: Option<Journals>,
    pub(crate) on_insert: Option<InsertHook>,
    pub(crate) stop: StopInserts,
    pub(crate) keep_casts: bool,
}

/// The place of the journals of partitions.
#[derive(Clone, Debug)]
pub(crate) struct Journals {
    pub(crate) place: Arc<dyn PartitionJournals>,
    /// The same place, if it is a directory, which other processes can use.
    pub(crate) directory: Option<JournalDirectory>,
}

/// Pages of a scan.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Pages {
    pub(crate) column: String,
    pub(crate) rows: u64,
}

impl Default for TableOptions {
    fn default() -> Self {
        Self {
            sample_rows: 1_000,
            pushdown: Pushdown::default(),
            metadata_columns: false,
            columns: BTreeMap::new(),
            pages: None,
            insert_settings: InsertSettings::default(),
            ingest: None,
            journals: None,
            on_insert: None,
            stop: StopInserts::new(),
            keep_casts: false,
        }
    }
}

impl TableOptions {
    /// Sets the number of rows that decide the [types of columns](ColumnType). At least one row is read.
    pub fn sample_rows(mut self, rows: u64) -> Self {
        self.sample_rows = rows.max(1);
        self
    }

    /// Sets the part of a statement that the service computes.
    pub fn pushdown(mut self, pushdown: Pushdown) -> Self {
        self.pushdown = pushdown;
        self
    }

    /// Keeps columns whose name begins with an underscore, into which the service writes metadata.
    pub fn metadata_columns(mut self, keep: bool) -> Self {
        self.metadata_columns = keep;
        self
    }

    /// Sets the type of a column, whatever the sample has. A column that the dataset does not have is added, with nulls.
    pub fn column(mut self, name: impl Into<String>, column_type: ColumnType) -> Self {
        self.columns.insert(name.into(), column_type);
        self
    }

    /// Reads the rows in pages of `rows` rows, ordered by a column.
    ///
    /// The query language has no offset. Without pages, one response has all rows that a scan needs, and lies in memory as a
    /// whole. With pages, each query asks for the rows from the last value of the column on, so memory holds one page.
    ///
    /// The column must have a different integer in every row. Its type becomes [`ColumnType::Integer`], without nulls. A scan
    /// fails if it finds that two rows share a value at the border of a page, or that a row has none. Rows without a value that
    /// lie behind the first page are not found, because no condition of the query language reaches them.
    ///
    /// Pages have at least two rows. A scan with pages does not let the service sort.
    pub fn page_by(mut self, column: impl Into<String>, rows: u64) -> Self {
        self.pages = Some(Pages { column: column.into(), rows: rows.max(2) });
        self
    }

    /// Sets the delivery mode, the batches and so on of the ingestion that an `INSERT INTO` starts.
    ///
    /// These settings are plain data, so other processes can use them. [`ingest`](Self::ingest) has all settings of an ingestion,
    /// and is applied after these.
    pub fn insert_settings(mut self, settings: InsertSettings) -> Self {
        self.insert_settings = settings;
        self
    }

    /// Changes the ingestion that an `INSERT INTO` starts: its delivery mode, batches, dead letters and so on.
    ///
    /// Set [`journals`](Self::journals) instead of a journal, because the rows of a statement may come in another order when it is
    /// run again.
    ///
    /// # Examples
    ///
    /// ```
    /// use datalinks::Delivery;
    /// use datalinks_datafusion::TableOptions;
    ///
    /// let options = TableOptions::default()
    ///     .ingest(|ingest| ingest.delivery(Delivery::AtMostOnce).batch_size(500));
    /// # let _ = options;
    /// ```
    pub fn ingest(
        mut self,
        change: impl Fn(Ingest<InsertRow>) -> Ingest<InsertRow> + Send + Sync + 'static,
    ) -> Self {
        self.ingest = Some(IngestSettings(Arc::new(change)));
        self
    }

    /// Ingests the partitions of an `INSERT INTO` with a journal each, so that the same statement goes on after a failure or a
    /// crash.
    ///
    /// The place of the journals belongs to one statement over the same files, with the same settings of the session. Another
    /// statement is rejected before it sends anything, and so is the same one with another number of partitions. The journals
    /// stay after the statement, which then skips every row. Use a new place for further rows.
    ///
    /// Only scans of files and tables, conditions, columns, limits of partitions and `UNION ALL` keep each row in its partition.
    /// For other statements, the partitions are merged into one. If its rows come in another order, the journal rejects them, so
    /// give such a statement an `ORDER BY` that decides the order of all rows.
    ///
    /// # Examples
    ///
    /// ```
    /// use datalinks::ingest::partitions::JournalDirectory;
    /// use datalinks_datafusion::TableOptions;
    ///
    /// let options = TableOptions::default().journals(JournalDirectory::new("films-journals").with_dead_letters());
    /// # let _ = options;
    /// ```
    pub fn journals(mut self, journals: impl PartitionJournals + 'static) -> Self {
        let directory = (&journals as &dyn Any).downcast_ref().cloned();
        self.journals = Some(Journals { place: Arc::new(journals), directory });
        self
    }

    /// Sets a function that receives the account of each `INSERT INTO`, whether or not it failed. It should not block.
    ///
    /// SQL returns the number of stored rows only. The account also says which rows may be stored twice.
    pub fn on_insert(mut self, observe: impl Fn(&InsertAccount) + Send + Sync + 'static) -> Self {
        self.on_insert = Some(InsertHook(Arc::new(observe)));
        self
    }

    /// Keeps the casts at the end of an `INSERT INTO`.
    ///
    /// The engine casts the values of an SQL statement to the types of the table, which cuts off fractions and digits. By default,
    /// these casts are removed, and a value that would change is rejected. A cast that is written in the statement looks like
    /// one of them. The plan of a `DataFrame` has no casts of the engine, so all of its casts can be kept.
    ///
    /// The engine casts constants before the casts can be removed: `INSERT INTO films (year) VALUES (2.5)` stores 2.
    pub fn keep_casts(mut self, keep: bool) -> Self {
        self.keep_casts = keep;
        self
    }

    /// Sets a value that ends each `INSERT INTO` in an orderly way.
    pub fn stop_inserts(mut self, stop: StopInserts) -> Self {
        self.stop = stop;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_as_documented() {
        let options = TableOptions::default();
        assert_eq!(options.sample_rows, 1_000);
        assert_eq!(options.pushdown, Pushdown::Exact);
        assert!(!options.metadata_columns && options.columns.is_empty() && options.pages.is_none());
        assert_eq!(options.insert_settings, InsertSettings::default());
        assert!(options.ingest.is_none() && options.journals.is_none() && options.on_insert.is_none());
        assert_eq!(options.sample_rows(0).sample_rows, 1);
    }
}
