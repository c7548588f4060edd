//! Coalescence: groups columns into datasets with natural identifiers.

use serde::Deserialize;

use super::assign::with_assigned_columns;
use super::job::PipelineJob;
use super::levels::Levels;
use super::plan::{DatasetPlan, check, complete};
use super::predefined::Predefined;
use super::project::Projection;
use crate::models::{ModelError, ModelSession, parse_response};

const TASK: &str = "You design datasets. Group the columns by the kinds of things that they are about, and make one \
                    dataset of each kind. Give datasets and columns clear names, those of predefinedSchema and of the \
                    namespace where they fit, and merge columns that mean the same. Answer as {\"datasets\": [{\"name\": \
                    \"people\", \"identifier\": \"name\", \"columns\": [{\"name\": \"name\", \"from\": [\"d\", \
                    \"Director\"], \"description\": \"the full name\"}]}]}: `from` names columns of the table, new ones \
                    included. `identifier` is the natural identifier of a dataset, one of its columns, or null. There \
                    are no foreign keys: a dataset that mentions a thing of another one has the identifier of that \
                    thing, too. Any other column of the table stands in one dataset only. Columns that you leave out \
                    are added unchanged.";

const NORMALISE: &str = "You bring a table into datasets that are given as predefinedSchema. Answer as {\"datasets\": \
                         [{\"name\": \"people\", \"columns\": [{\"name\": \"name\", \"from\": [\"d\"]}]}]} with exactly \
                         these datasets and columns: `from` names the columns of the table that become the column, and \
                         is empty if no column fits. Columns of the table that you leave out are added unchanged.";

/// Name of the dataset for columns that a model did not assign, if its plan has no dataset.
const UNASSIGNED: &str = "rows";

#[derive(Deserialize)]
struct ModelGroups {
    datasets: Vec<DatasetPlan>,
}

/// Asks the model for the datasets. A plan that would lose or duplicate values is sent back to the model.
pub(super) async fn coalesce(
    job: &PipelineJob,
    levels: &Levels,
    session: &ModelSession<'_>,
) -> Result<Vec<DatasetPlan>, ModelError> {
    let material = job.material(levels, job.coalescence_prompt.as_ref());
    let prompt = job.prompt("coalescence", TASK, &material)?.temperature(job.llm.coalescence_temperature);
    session
        .ask_again(prompt, job.eval_retries, |json| {
            let ModelGroups { datasets } = parse_response(json)?;
            let columns = || datasets.iter().flat_map(|own| own.columns.iter().map(move |c| (&own.name, c)));
            if let Some((dataset, column)) = columns().find(|(_, column)| column.from.is_empty()) {
                return Err(format!("{:?} of {dataset:?} needs a column that it comes from", column.name));
            }
            complete_plan(levels, datasets)
        })
        .await
}

/// Asks the model which columns belong to the predefined datasets.
pub(super) async fn normalise(
    job: &PipelineJob,
    levels: &Levels,
    predefined: &[Predefined],
    session: &ModelSession<'_>,
) -> Result<Vec<DatasetPlan>, ModelError> {
    let material = job.material(levels, job.coalescence_prompt.as_ref());
    let prompt = job.prompt("normalise", NORMALISE, &material)?.temperature(job.llm.coalescence_temperature);
    session
        .ask_again(prompt, job.eval_retries, |json| {
            let ModelGroups { datasets } = parse_response(json)?;
            with_assigned_columns(predefined, datasets).and_then(|datasets| complete_plan(levels, datasets))
        })
        .await
}

/// Checks that all rows can be stored by a plan, and adds the columns that it leaves out.
fn complete_plan(levels: &Levels, mut datasets: Vec<DatasetPlan>) -> Result<Vec<DatasetPlan>, String> {
    check(levels, &datasets)?;
    complete(levels, &mut datasets, UNASSIGNED);
    let projection = Projection::new(levels, &datasets);
    for dataset in &datasets {
        projection.rows(dataset)?;
    }
    Ok(datasets)
}
