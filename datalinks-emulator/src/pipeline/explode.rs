//! Explosion: rows that hold several things become several rows.

use std::sync::Arc;

use super::Job;
use crate::models::{Asker, ModelError, said};
use crate::steps::unfold;
use crate::store::InputRow;

const TASK: &str = "You look for columns of a table that hold arrays whose items should be rows of their own. The other \
                    values of a row are repeated for each item. Answer as {\"explode\": [\"column\"]} with their names, \
                    in the order in which they are to be unfolded; with an empty list if each row is one thing.";

#[derive(serde::Deserialize)]
struct Said {
    explode: Vec<String>,
}

/// What became of the rows.
pub(super) struct Exploded {
    pub(super) columns: Vec<String>,
    pub(super) rows: Arc<Vec<InputRow<'static>>>,
}

/// Asks which columns to unfold, and unfolds them.
pub(super) async fn explode(job: &Job, asker: &Asker<'_>) -> Result<Exploded, ModelError> {
    let prompt = job.prompt("explosion", TASK, job.explosion_prompt.as_ref(), job.llm.explosion_temperature);
    asker
        .ask_again(prompt, job.eval_retries, |json| {
            let Said { explode } = said(json)?;
            let mut rows = job.rows.as_ref().clone();
            for column in &explode {
                let holds_arrays =
                    |row: &InputRow<'_>| row.get(column).is_some_and(|cell| cell.as_array().is_some());
                if !rows.iter().any(holds_arrays) {
                    return Err(format!("no row has an array in a column {column:?}"));
                }
                rows = unfold(rows, column).map_err(|problem| problem.message)?;
            }
            Ok(Exploded { columns: explode, rows: Arc::new(rows) })
        })
        .await
}
