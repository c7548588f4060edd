//! Ingestion: all rows go into all datasets, by two inference steps.
//!
//! *Extract* fills the columns that expansion has planned, which a model does, and takes those of a dataset out of
//! the rows. *Normalise* gives them their names, as the plan says. No lock is held meanwhile; the datasets are made
//! afterwards, all at once.

use super::extract::extract;
use super::failure::Failure;
use super::job::PipelineJob;
use super::levels::Unfit;
use super::plan::FreeNames;
use super::project::Projection;
use crate::concurrency::work::{Set, background};
use crate::models::ModelSession;
use crate::store::{Dataset, DatasetName, Store};

/// A dataset that is ready to be made.
#[derive(Debug)]
pub(super) struct Ready {
    name: String,
    dataset: Dataset,
}

/// Works out all rows of all datasets.
pub(super) async fn prepare(
    job: &PipelineJob,
    session: Option<&ModelSession<'_>>,
) -> Result<Vec<Ready>, Failure> {
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
            Ok(Ready { name: dataset.name.clone(), dataset: own })
        });
        ready.collect::<Result<Vec<Ready>, Unfit>>()
    });
    Ok(ready.await?)
}

/// Makes the datasets, and tells their names and how many rows each has. A name that is taken gets a number: rows of
/// a run never go into a dataset that was there before.
pub(super) fn store(
    store: &mut Store,
    job: &PipelineJob,
    ready: Vec<Ready>,
) -> Result<Vec<(DatasetName, usize)>, Failure> {
    let mut new: Vec<(DatasetName, Dataset)> = Vec::with_capacity(ready.len());
    let mut names: Set<String> = Set::default();
    let mut free = FreeNames::default();
    for Ready { name, dataset } in ready {
        let is_taken =
            |name: &str| names.contains(name) || store.dataset(&job.namespace.dataset(name)).is_some();
        let name = free.find(&name, is_taken);
        names.insert(name.clone());
        new.push((job.namespace.dataset(&name), dataset));
        #[cfg(test)]
        crate::concurrency::panics::panic_if_requested(&job.namespace.name);
    }
    // All of them are made now, so that nothing fails between two of them.
    let made = new.iter().map(|(name, dataset)| (name.clone(), dataset.rows().len())).collect();
    for (name, dataset) in new {
        store.insert(name, dataset)?;
    }
    Ok(made)
}
