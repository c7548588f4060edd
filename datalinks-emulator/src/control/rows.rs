//! The first rows of one dataset.

use serde::Serialize;

use crate::answer::Answer;
use crate::lock;
use crate::problem::Problem;
use crate::query_string::required;
use crate::state::State;
use crate::store::{DatasetName, OrderedTexts, RowView};

/// Enough to see what a dataset is like.
const SHOWN: u32 = 50;

#[derive(Serialize)]
struct Rows<'a> {
    columns: Vec<&'a str>,
    /// What each column means, as far as somebody has said.
    meanings: Option<&'a OrderedTexts>,
    rows: Vec<RowView<'a>>,
    /// How many rows there are in all.
    total: usize,
}

pub(super) fn read(state: &State, query: &str) -> Result<Answer, Problem> {
    let part = |name| required(query, name);
    let name = DatasetName::new(part("owner")?, part("namespace")?, part("dataset")?);
    let store = lock::read(&state.store);
    let dataset = store.find(&name)?;
    Ok(Answer::json(&Rows {
        columns: dataset.column_names(),
        meanings: dataset.definition.schema_definition.as_ref(),
        rows: (0..SHOWN).map_while(|row| dataset.view(row)).collect(),
        total: dataset.rows().len(),
    }))
}
