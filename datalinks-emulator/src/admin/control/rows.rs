//! The endpoint that returns the first rows of a dataset, in their order or sorted by a column.

use serde::Serialize;

use crate::concurrency::work::background;
use crate::query::{Clause, Direction, Query, Sort, sorted};
use crate::request::query_string::{required, text};
use crate::response::{ApiResponse, Problem};
use crate::state::State;
use crate::store::{DatasetName, OrderedTexts, RowView, Store};

/// Maximum number of rows to return.
const SHOWN: u64 = 50;

#[derive(Serialize)]
struct Rows<'a> {
    columns: Vec<&'a str>,
    /// Descriptions of columns in the definition of the dataset.
    descriptions: Option<&'a OrderedTexts>,
    rows: Vec<RowView<'a>>,
    /// Number of rows in the dataset.
    total: usize,
    /// The query that finds these rows.
    query: String,
}

pub(super) async fn read(state: &State, query: &str) -> Result<ApiResponse, Problem> {
    let part = |name| required(query, name);
    let name = DatasetName::new(part("owner")?, part("namespace")?, part("dataset")?);
    let sort = sort(query)?;
    let store = {
        let _guard = state.generations.hold().await;
        state.snapshot()
    };
    background(move || first_rows(&store, &name, sort)).await
}

fn first_rows(store: &Store, name: &DatasetName, sort: Option<Sort>) -> Result<ApiResponse, Problem> {
    let dataset = store.find(name)?;
    let shown = sort.iter().cloned().map(Clause::Sort).chain([Clause::Limit(SHOWN)]);
    let rows: Vec<u32> = (0..).take(dataset.rows().len()).collect();
    let sorts: Vec<&Sort> = sort.iter().collect();
    let rows = sorted(dataset, &rows, &sorts, Some(SHOWN));
    Ok(ApiResponse::json(&Rows {
        columns: dataset.column_names(),
        descriptions: dataset.definition.schema_definition.as_ref(),
        rows: rows.into_iter().filter_map(|row| dataset.view(row)).collect(),
        total: dataset.rows().len(),
        query: Query { dataset: name.to_string(), clauses: shown.collect() }.to_string(),
    }))
}

/// Returns the requested sort, or `None`.
fn sort(query: &str) -> Result<Option<Sort>, Problem> {
    let Some(column) = text(query, "sort")? else { return Ok(None) };
    let direction = match text(query, "direction")?.as_deref() {
        None | Some("ASC") => Direction::Ascending,
        Some("DESC") => Direction::Descending,
        Some(_) => return Err(Problem::bad_request("direction must be ASC or DESC; use one of them")),
    };
    Ok(Some(Sort { column, direction }))
}
