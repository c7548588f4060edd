//! Ingestion: stores all rows in all datasets, in two inference steps.
//!
//! 1. *Extract* lets a model fill the columns that expansion has planned, and projects the rows to each dataset.
//! 2. *Normalise* renames the columns according to the plan.
//!
//! No lock is held during these steps. The datasets are created afterwards, in one transaction.

use super::extract::extract;
use super::failure::Failure;
use super::job::PipelineJob;
use super::levels::PlanError;
use super::plan::FreeNames;
use super::project::Projection;
use crate::concurrency::work::{Set, background};
use crate::models::ModelSession;
use crate::store::{Dataset, DatasetName, Store};

/// A dataset that is ready to be created.
#[derive(Debug)]
pub(super) struct PreparedDataset {
    name: String,
    dataset: Dataset,
}

/// Computes all rows of all datasets.
pub(super) async fn prepare(
    job: &PipelineJob,
    session: Option<&ModelSession<'_>>,
) -> Result<Vec<PreparedDataset>, Failure> {
    let mut levels = job.levels().await?;
    if let Some(session) = session {
        extract(job, &mut levels, session, usize::MAX).await?;
    }
    let (plan, describe) = (job.known.plan.clone(), job.switches.model);
    let ready = background(move || {
        let projection = Projection::new(&levels, &plan);
        let ready = plan.iter().map(|dataset| {
            let mut own = Dataset::new(dataset.definition(describe));
            own.append(projection.rows(dataset)?);
            Ok(PreparedDataset { name: dataset.name.clone(), dataset: own })
        });
        ready.collect::<Result<Vec<PreparedDataset>, PlanError>>()
    });
    Ok(ready.await?)
}

/// Creates the datasets, and returns their names and numbers of rows. If a name is taken, a number is added to it: a
/// run never adds rows to an existing dataset.
pub(super) fn store(
    store: &mut Store,
    job: &PipelineJob,
    ready: Vec<PreparedDataset>,
) -> Result<Vec<(DatasetName, usize)>, Failure> {
    let mut new: Vec<(DatasetName, Dataset)> = Vec::with_capacity(ready.len());
    let mut names: Set<String> = Set::default();
    let mut free = FreeNames::default();
    for PreparedDataset { name, dataset } in ready {
        let is_taken =
            |name: &str| names.contains(name) || store.dataset(&job.namespace.dataset(name)).is_some();
        let name = free.find(&name, is_taken);
        names.insert(name.clone());
        new.push((job.namespace.dataset(&name), dataset));
        #[cfg(test)]
        crate::concurrency::panics::panic_if_requested(&job.namespace.name);
    }
    // All datasets are inserted here, so that no failure occurs between two of them.
    let created = new.iter().map(|(name, dataset)| (name.clone(), dataset.rows().len())).collect();
    for (name, dataset) in new {
        store.insert(name, dataset)?;
    }
    Ok(created)
}
