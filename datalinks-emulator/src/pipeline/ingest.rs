//! Ingestion: all rows go into all datasets, by two inference steps.
//!
//! *Extract* fills the columns that expansion has planned, which a model does, and takes those of a dataset out of
//! the rows. *Normalise* gives them their names, as the plan says. No lock is held meanwhile; the datasets are made
//! afterwards, all at once.

use super::Job;
use super::extract::extract;
use super::failure::Failure;
use super::plan::free_name;
use super::project::Projection;
use crate::models::Asker;
use crate::store::{Dataset, DatasetName, Definition, InputRow, Store};

/// A dataset that is ready to be made.
#[derive(Debug)]
pub(super) struct Ready {
    name: String,
    definition: Definition,
    rows: Vec<InputRow<'static>>,
}

/// Works out all rows of all datasets.
pub(super) async fn prepare(job: &Job, asker: Option<&Asker<'_>>) -> Result<Vec<Ready>, Failure> {
    let mut levels = job.levels()?;
    if let Some(asker) = asker {
        extract(job, &mut levels, asker, usize::MAX).await?;
    }
    let plan = &job.known.plan;
    let projection = Projection::new(&levels, plan);
    let mut ready = Vec::with_capacity(plan.len());
    for dataset in plan {
        // Requests are served between two datasets.
        tokio::task::yield_now().await;
        ready.push(Ready {
            name: dataset.name.clone(),
            definition: dataset.definition(job.switches.model),
            rows: projection.rows(dataset)?,
        });
    }
    Ok(ready)
}

/// Makes the datasets, and tells their names and how many rows each has. A name that is taken gets a number: rows of
/// a run never go into a dataset that was there before.
pub(super) fn store(
    store: &mut Store,
    job: &Job,
    ready: Vec<Ready>,
) -> Result<Vec<(DatasetName, usize)>, Failure> {
    let mut new: Vec<(DatasetName, Dataset)> = Vec::with_capacity(ready.len());
    for Ready { name, definition, rows } in ready {
        let is_taken = |name: &str| {
            store.dataset(&job.namespace.dataset(name)).is_some()
                || new.iter().any(|(own, _)| own.name == name)
        };
        let name = job.namespace.dataset(free_name(&name, is_taken));
        let mut dataset = Dataset::new(definition);
        dataset.append(rows);
        new.push((name, dataset));
        #[cfg(test)]
        crate::caught::panic_if_told(&job.namespace.name);
    }
    // All of them are made now, so that nothing fails between two of them.
    let made = new.iter().map(|(name, dataset)| (name.clone(), dataset.rows().len())).collect();
    for (name, dataset) in new {
        store.insert(name, dataset)?;
    }
    Ok(made)
}
