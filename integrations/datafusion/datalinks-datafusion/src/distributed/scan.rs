//! Scans as data.

use std::sync::Arc;

use datafusion::{
    error::{DataFusionError, Result},
    physical_plan::ExecutionPlan,
};
use datalinks::{DataLinks, Filter};
use serde::{Deserialize, Serialize};

use super::{
    columns::{self, Column},
    place::DatasetPlace,
    table::StartParts,
};
use crate::{
    error::external,
    options::{Pages, Pushdown},
    scan::{DatasetScan, Origin, Sort},
};

/// The scan of a dataset as data, without its client.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScanParts {
    place: DatasetPlace,
    columns: Vec<Column>,
    /// A condition in the query language.
    filter: Option<String>,
    limit: Option<usize>,
    pages: Option<Pages>,
    pushdown: Pushdown,
    start: Option<StartParts>,
    sorts: Vec<Sort>,
}

impl ScanParts {
    /// Returns the scan as data, or `None` if the plan is not the scan of a dataset.
    ///
    /// # Errors
    ///
    /// Returns [`NotImplemented`](DataFusionError::NotImplemented) for a question in natural language.
    pub fn of(plan: &dyn ExecutionPlan) -> Result<Option<Self>> {
        let Some(scan) = plan.downcast_ref::<DatasetScan>() else { return Ok(None) };
        let Origin::Dataset(dataset) = &scan.origin else {
            return Err(DataFusionError::NotImplemented(
                "a question in natural language cannot be sent to another process; run the statement in one process".to_owned(),
            ));
        };
        Ok(Some(Self {
            place: DatasetPlace::of(dataset),
            columns: columns::of_schema(&scan.schema)?,
            filter: scan.filter.as_ref().map(Filter::to_text).transpose().map_err(external)?,
            limit: scan.limit,
            pages: scan.pages.clone(),
            pushdown: scan.pushdown,
            start: scan.start.as_ref().map(StartParts::of),
            sorts: scan.sorts.clone(),
        }))
    }

    /// Returns the place of the dataset.
    pub fn place(&self) -> &DatasetPlace {
        &self.place
    }

    /// Returns the scan. Sends no request.
    ///
    /// # Errors
    ///
    /// Returns [`Plan`](DataFusionError::Plan) if the client has another host.
    pub fn scan(&self, client: &DataLinks) -> Result<Arc<dyn ExecutionPlan>> {
        let (dataset, schema) = (self.place.open(client)?, columns::schema(&self.columns));
        let mut scan = DatasetScan::new(dataset, schema, self.pushdown);
        scan.filter = self.filter.clone().map(Filter::raw);
        scan.limit = self.limit;
        scan.pages = self.pages.clone();
        scan.start = self.start.as_ref().map(|start| start.open(client)).transpose()?;
        Ok(Arc::new(scan.with_sorts(self.sorts.clone())?))
    }
}
