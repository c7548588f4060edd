//! The first inference step of ingestion: fills the columns that expansion has planned.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::value::RawValue;

use super::job::Derived;
use super::job::PipelineJob;
use super::levels::Levels;
use crate::models::{ModelError, ModelSession, Prompt, parse_items};
use crate::store::{Cell, InputRow};

const TASK: &str = "You derive new columns of a table from columns that are there. Invent nothing. Answer as a JSON array \
                    of exactly one object for each row, in the order of the rows, whose keys are the names of the new \
                    columns; null where the row says nothing.";

/// Number of rows per prompt.
const BATCH: usize = 20;

impl Levels {
    /// Adds a column that is filled later. Until then, it is null in every record that has one of its sources.
    pub(super) fn derive(&mut self, derived: &Derived) {
        let level_of = self.by_column();
        let Some(level) = derived.from.first().and_then(|source| level_of.get(source)) else { return };
        for record in self.records_mut(*level) {
            record.cells.push((Cow::Owned(derived.name.clone()), Cell::Null));
        }
    }
}

/// Fills the derived columns of at most `max_records` records of each level.
pub(super) async fn extract(
    job: &PipelineJob,
    levels: &mut Levels,
    session: &ModelSession<'_>,
    max_records: usize,
) -> Result<(), ModelError> {
    let level_of = levels.by_column();
    let levels_to_fill: BTreeSet<usize> =
        job.known.derived.iter().filter_map(|own| level_of.get(&own.name)).copied().collect();
    for level in levels_to_fill {
        let own: Vec<&Derived> =
            job.known.derived.iter().filter(|own| level_of.get(&own.name) == Some(&level)).collect();
        let records = levels.records_mut(level);
        let max_records = max_records.min(records.len());
        for records in records.get_mut(..max_records).unwrap_or_default().chunks_mut(BATCH) {
            fill(job, &own, records, session).await?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Material<'a> {
    new_columns: &'a [&'a Derived],
    rows: Vec<InputRow<'a>>,
}

async fn fill(
    job: &PipelineJob,
    derived: &[&Derived],
    records: &mut [InputRow<'static>],
    session: &ModelSession<'_>,
) -> Result<(), ModelError> {
    let is_new = |name: &str| derived.iter().any(|own| own.name == name);
    let shown = records.iter().map(|record| InputRow {
        cells: record.cells.iter().filter(|(name, _)| !is_new(name)).cloned().collect(),
    });
    let material = Material { new_columns: derived, rows: shown.collect() };
    let model = job.llm.inference_model.as_ref().or(job.llm.model.as_ref());
    let prompt = Prompt::of("extract", TASK, &material)?.model(model.map(String::as_str));
    let count = records.len();
    let filled = session
        .ask_again(prompt, job.eval_retries, |json| {
            let raw: Vec<&RawValue> = parse_items(json, count)?;
            let row = |raw: &RawValue| {
                let row: InputRow<'_> = serde_json::from_str(raw.get()).map_err(|error| error.to_string())?;
                Ok(row.into_owned())
            };
            raw.into_iter().map(row).collect::<Result<Vec<InputRow<'static>>, String>>()
        })
        .await?;
    for (record, filled) in records.iter_mut().zip(filled) {
        for (name, cell) in record.cells.iter_mut().filter(|(name, _)| is_new(name)) {
            *cell = filled.get(name).cloned().unwrap_or(Cell::Null);
        }
    }
    Ok(())
}
