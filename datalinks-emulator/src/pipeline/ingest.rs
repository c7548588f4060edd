//! Ingestion: all rows go into all datasets, by two inference steps.
//!
//! *Extract* fills the columns that expansion has planned, which a model does, and takes those of a dataset out of
//! the rows. *Normalise* gives them their names, as the plan says. No lock is held meanwhile; the datasets are made
//! afterwards, all at once.

use super::Job;
use super::extract::extract;
use super::failure::Failure;
use super::levels::Unfit;
use super::plan::free_name;
use super::project::Projection;
use crate::models::Asker;
use crate::store::{DatasetName, Definition, InputRow, Store};
use crate::work::background;

/// A dataset that is ready to be made.
#[derive(Debug)]
pub(super) struct Ready {
    name: String,
    definition: Definition,
    rows: Vec<InputRow<'static>>,
}

/// Works out all rows of all datasets.
pub(super) async fn prepare(job: &Job, asker: Option<&Asker<'_>>) -> Result<Vec<Ready>, Failure> {
    let mut levels = job.levels().await?;
    if let Some(asker) = asker {
        extract(job, &mut levels, asker, usize::MAX).await?;
    }
    let (plan, describe) = (job.known.plan.clone(), job.switches.model);
    let ready = background(move || {
        let projection = Projection::new(&levels, &plan);
        let ready = plan.iter().map(|dataset| {
            let (name, definition) = (dataset.name.clone(), dataset.definition(describe));
            Ok(Ready { name, definition, rows: projection.rows(dataset)? })
        });
        ready.collect::<Result<Vec<Ready>, Unfit>>()
    });
    Ok(ready.await?)
}

/// Makes the datasets, and tells their names and how many rows each has. A name that is taken gets a number: rows of
/// a run never go into a dataset that was there before.
pub(super) fn store(
    store: &mut Store,
    job: &Job,
    ready: Vec<Ready>,
) -> Result<Vec<(DatasetName, usize)>, Failure> {
    let mut made = Vec::with_capacity(ready.len());
    for Ready { name, definition, rows } in ready {
        let is_taken = |name: &str| store.dataset(&job.namespace.dataset(name)).is_some();
        let name = job.namespace.dataset(free_name(&name, is_taken));
        store.create(name.clone(), definition)?;
        let count = rows.len();
        store.find_mut(&name)?.append(rows);
        made.push((name, count));
    }
    Ok(made)
}
