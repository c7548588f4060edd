//! Tables as data.

use std::{collections::BTreeMap, sync::Arc};

use datafusion::{
    catalog::TableProvider as _,
    error::{DataFusionError, Result},
};
use datalinks::{DataLinks, ingest::partitions::JournalDirectory};
use serde::{Deserialize, Serialize};

use super::{
    columns::{self, Column},
    place::DatasetPlace,
};
use crate::{
    column_type::ColumnType,
    insert_settings::InsertSettings,
    options::{Journals, Pages, Pushdown, TableOptions},
    scan::Start,
    stop_inserts::StopInserts,
    table::DatasetTable,
};

/// A [`DatasetTable`] as data, without its client.
///
/// # Examples
///
/// ```
/// # use datalinks_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::start().await?;
/// # let dl = datalinks::DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;
/// # dl.dataset("cinema", "films")?.create().await?;
/// use datalinks_datafusion::{DatasetTable, TableOptions, distributed::TableParts};
///
/// let films = DatasetTable::load(dl.dataset("cinema", "films")?, TableOptions::default()).await?;
/// let text = serde_json::to_string(&TableParts::of(&films)?)?;
/// // In another process, whose client has an API key of its own:
/// let parts: TableParts = serde_json::from_str(&text)?;
/// let films = parts.table(&dl)?;
/// assert_eq!(films.dataset().name(), "films");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableParts {
    place: DatasetPlace,
    columns: Vec<Column>,
    sample_rows: u64,
    pushdown: Pushdown,
    metadata_columns: bool,
    column_types: BTreeMap<String, ColumnType>,
    pages: Option<Pages>,
    insert_settings: InsertSettings,
    journals: Option<JournalDirectory>,
    keep_casts: bool,
    start: Option<StartParts>,
}

/// A step over links as data.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StartParts {
    place: DatasetPlace,
    name: String,
    depth: u32,
}

impl StartParts {
    pub(super) fn of(start: &Start) -> Self {
        let Start { dataset, name, depth } = start;
        Self { place: DatasetPlace::of(dataset), name: name.clone(), depth: *depth }
    }

    pub(super) fn open(&self, client: &DataLinks) -> Result<Start> {
        Ok(Start { dataset: self.place.open(client)?, name: self.name.clone(), depth: self.depth })
    }
}

impl TableParts {
    /// Returns the table as data.
    ///
    /// # Errors
    ///
    /// Returns [`Plan`](DataFusionError::Plan) if the options have a part that other processes cannot have: a function
    /// ([`TableOptions::ingest`], [`TableOptions::on_insert`]), or a place of journals other than a [`JournalDirectory`] with an
    /// absolute path.
    pub fn of(table: &DatasetTable) -> Result<Self> {
        let options = table.options();
        let only_here = [
            (options.ingest.is_some(), "TableOptions::ingest", "use TableOptions::insert_settings"),
            (options.on_insert.is_some(), "TableOptions::on_insert", "read the account from the journals"),
        ];
        if let Some((_, name, advice)) = only_here.into_iter().find(|(is_set, ..)| *is_set) {
            return Err(DataFusionError::Plan(format!(
                "{name} has a function, which cannot be sent to another process; {advice}"
            )));
        }
        Ok(Self {
            place: DatasetPlace::of(table.dataset()),
            columns: columns::of_schema(&table.schema())?,
            sample_rows: options.sample_rows,
            pushdown: options.pushdown,
            metadata_columns: options.metadata_columns,
            column_types: options.columns.clone(),
            pages: options.pages.clone(),
            insert_settings: options.insert_settings.clone(),
            journals: options.journals.as_ref().map(shared).transpose()?,
            keep_casts: options.keep_casts,
            start: table.start().map(StartParts::of),
        })
    }

    /// Returns the place of the dataset.
    pub fn place(&self) -> &DatasetPlace {
        &self.place
    }

    /// Returns the table. Sends no request: the columns are those of the table that this was made of.
    ///
    /// [`TableOptions::stop_inserts`] is a value of one process, so it does not stop statements of the returned table.
    ///
    /// An `INSERT INTO` the table needs [journals](TableOptions::journals).
    ///
    /// # Errors
    ///
    /// Returns [`Plan`](DataFusionError::Plan) if the client has another host, or if the path of the journals is relative.
    pub fn table(&self, client: &DataLinks) -> Result<DatasetTable> {
        let options = TableOptions {
            sample_rows: self.sample_rows,
            pushdown: self.pushdown,
            metadata_columns: self.metadata_columns,
            columns: self.column_types.clone(),
            pages: self.pages.clone(),
            insert_settings: self.insert_settings.clone(),
            ingest: None,
            journals: self.journals.clone().map(of_directory).transpose()?,
            on_insert: None,
            stop: StopInserts::new(),
            keep_casts: self.keep_casts,
        };
        let start = self.start.as_ref().map(|start| start.open(client)).transpose()?;
        Ok(DatasetTable::of_parts(self.place.open(client)?, columns::schema(&self.columns), options, start))
    }
}

/// Returns the directory of journals, if other processes can use it.
pub(super) fn shared(journals: &Journals) -> Result<JournalDirectory> {
    journals.directory.clone().filter(|directory| directory.path().is_absolute()).ok_or_else(not_shared)
}

/// Returns the journals of a directory that another process named.
pub(super) fn of_directory(directory: JournalDirectory) -> Result<Journals> {
    match directory.path().is_absolute() {
        true => Ok(Journals { place: Arc::new(directory.clone()), directory: Some(directory) }),
        false => Err(not_shared()),
    }
}

fn not_shared() -> DataFusionError {
    DataFusionError::Plan(
        "the journals cannot be used by other processes; set TableOptions::journals to a JournalDirectory with an absolute path \
         that all machines share"
            .to_owned(),
    )
}
