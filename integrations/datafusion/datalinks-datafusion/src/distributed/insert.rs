//! `INSERT INTO` as data, and its partitions as work of several processes.

use std::sync::Arc;

use datafusion::{
    arrow::datatypes::SchemaRef, error::Result, execution::TaskContext, physical_plan::ExecutionPlan,
};
use datalinks::{
    DataLinks,
    ingest::partitions::{JournalDirectory, PartitionJournals, PartitionPlan},
};
use serde::{Deserialize, Serialize};

use super::{
    columns::{self, Column},
    place::DatasetPlace,
    table::{of_directory, shared},
};
use crate::{
    error::external,
    insert::{DatasetSink, InsertPart},
    insert_settings::InsertSettings,
    options::Journals,
    partitioned_insert::{self, InsertInput, PartitionedInsert, context_of_input},
    stop_inserts::StopInserts,
};

/// An `INSERT INTO` as data, without its client and without its input.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InsertParts {
    place: DatasetPlace,
    columns: Vec<Column>,
    settings: InsertSettings,
    journals: JournalDirectory,
    partitions: PartitionPlan,
}

impl InsertParts {
    /// Returns the place of the dataset.
    pub fn place(&self) -> &DatasetPlace {
        &self.place
    }

    /// Returns the work of the statement. Sends no request.
    ///
    /// # Errors
    ///
    /// Returns [`Plan`](datafusion::error::DataFusionError::Plan) if the client has another host, or if the path of the
    /// journals is relative.
    pub fn work(&self, client: &DataLinks) -> Result<InsertWork> {
        let sink = DatasetSink {
            dataset: self.place.open(client)?,
            schema: columns::schema(&self.columns),
            settings: self.settings.clone(),
            change: None,
            on_insert: None,
            stop: StopInserts::new(),
        };
        let (journals, plan) = (of_directory(self.journals.clone())?, self.partitions.clone());
        Ok(InsertWork { sink, journals, plan: Arc::new(plan) })
    }
}

/// An `INSERT INTO` with journals, whose partitions can be run apart.
#[derive(Clone, Debug)]
pub struct InsertWork {
    sink: DatasetSink,
    journals: Journals,
    plan: Arc<PartitionPlan>,
}

impl InsertWork {
    /// Returns the work of a plan and its input, or `None` if the plan is not an `INSERT INTO` with journals.
    ///
    /// # Errors
    ///
    /// Returns an error if the input cannot be merged.
    pub fn of(plan: &dyn ExecutionPlan) -> Result<Option<(Self, InsertInput)>> {
        let Some(insert) = plan.downcast_ref::<PartitionedInsert>() else { return Ok(None) };
        let input = insert.steady_input()?;
        let plan = partitioned_insert::plan(&**input.plan(), &insert.sink).map_err(external)?;
        let (sink, journals) = (insert.sink.clone(), insert.journals.clone());
        Ok(Some((Self { sink, journals, plan: Arc::new(plan) }, input)))
    }

    /// Returns the work as data.
    ///
    /// # Errors
    ///
    /// Returns [`Plan`](datafusion::error::DataFusionError::Plan) if the journals are not in a directory with an absolute path.
    pub fn parts(&self) -> Result<InsertParts> {
        Ok(InsertParts {
            place: DatasetPlace::of(&self.sink.dataset),
            columns: columns::of_schema(&self.sink.schema)?,
            settings: self.sink.settings.clone(),
            journals: shared(&self.journals)?,
            partitions: (*self.plan).clone(),
        })
    }

    /// Returns the dataset, with its namespace.
    pub fn dataset(&self) -> String {
        self.sink.name()
    }

    /// Returns the columns of the dataset, which the rows have to have.
    pub fn schema(&self) -> &SchemaRef {
        &self.sink.schema
    }

    /// Returns the partitions.
    pub fn partitions(&self) -> &PartitionPlan {
        &self.plan
    }

    /// Returns the place of the journals.
    pub fn journals(&self) -> &Arc<dyn PartitionJournals> {
        &self.journals.place
    }

    /// Runs the partition of the input with this number, or continues it.
    ///
    /// The result of the part is an error if nothing was sent, for instance because another run uses the journal. See
    /// [`PartitionPlan::run_partition`].
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe. If the future is dropped, the run stops, and the next run of the partition continues.
    pub async fn run(
        &self,
        number: usize,
        input: &Arc<dyn ExecutionPlan>,
        context: &TaskContext,
    ) -> InsertPart {
        let context = Arc::new(context_of_input(context));
        partitioned_insert::run(&self.plan, number, &self.sink, &self.journals, input, &context).await.1
    }
}
