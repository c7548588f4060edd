//! The end of modeling: the description and evaluation of the datasets.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::job::PipelineJob;
use super::levels::Levels;
use super::plan::DatasetPlan;
use super::project::Projection;
use crate::models::{ModelError, ModelSession, parse_response};
use crate::store::InputRow;

const DESCRIBE: &str = "You describe datasets. Say in a sentence what each is about. Answer as {\"descriptions\": \
                        {\"films\": \"films with their directors\"}} with the names of the datasets as keys.";

const EVALUATE: &str = "You judge datasets that were made of a table: whether they fit the instructions, whether each is \
                        about one kind of thing, and whether names and identifiers are right. Answer as {\"approved\": \
                        true, \"reasons\": \"why, and what to do better\"}.";

/// The evaluation of the datasets.
#[derive(Debug, Deserialize)]
pub(super) struct Evaluation {
    pub(super) approved: bool,
    #[serde(default)]
    pub(super) reasons: String,
}

#[derive(Deserialize)]
struct Descriptions {
    descriptions: HashMap<String, Option<String>>,
}

/// Asks the model to describe each dataset. If no response can be used, the datasets have no descriptions.
pub(super) async fn describe(
    job: &PipelineJob,
    levels: &Levels,
    session: &ModelSession<'_>,
) -> Result<Vec<DatasetPlan>, ModelError> {
    let prompt = job.prompt("descriptions", DESCRIBE, &material(job, levels))?;
    let read = |json: &str| parse_response::<Descriptions>(json);
    let mut described = match session.ask_again(prompt, job.eval_retries, read).await {
        Ok(Descriptions { descriptions }) => descriptions,
        Err(ModelError::Unusable { .. }) => HashMap::new(),
        Err(error) => return Err(error),
    };
    let mut plan = job.known.plan.clone();
    for dataset in &mut plan {
        dataset.description = described.remove(&dataset.name).flatten().unwrap_or_default().trim().to_owned();
    }
    Ok(plan)
}

/// Asks the model to evaluate the datasets.
pub(super) async fn evaluate(
    job: &PipelineJob,
    levels: &Levels,
    session: &ModelSession<'_>,
) -> Result<Evaluation, ModelError> {
    let prompt = job.prompt("evaluation", EVALUATE, &material(job, levels))?;
    let prompt = prompt.temperature(job.llm.evaluation_temperature);
    session.ask_again(prompt, job.eval_retries, |json| parse_response(json)).await
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Material<'a> {
    instructions: &'a str,
    datasets: &'a [DatasetPlan],
    first_rows: Samples,
}

fn material<'a>(job: &'a PipelineJob, levels: &Levels) -> Material<'a> {
    Material {
        instructions: job.instructions(),
        datasets: &job.known.plan,
        first_rows: samples(job, levels, job.rows_for_modeling),
    }
}

/// The first rows of datasets, by name. Values are written unchanged.
pub(super) type Samples = BTreeMap<String, Vec<InputRow<'static>>>;

/// Returns the first rows of each dataset.
fn samples(job: &PipelineJob, levels: &Levels, max_rows: usize) -> Samples {
    let plan = &job.known.plan;
    let projection = Projection::new(levels, plan);
    let first = |dataset: &DatasetPlan| -> Vec<InputRow<'static>> {
        // A plan that does not match the rows was rejected before this stage.
        let mut rows = projection.rows(dataset).unwrap_or_default();
        rows.truncate(max_rows);
        rows
    };
    plan.iter().map(|dataset| (dataset.name.clone(), first(dataset))).collect()
}
