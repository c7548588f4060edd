//! Columns that do not exist.

use super::column::Column;
use crate::failure::{Exit, Failure, Result, nearest};
use crate::session::{explain_missing_dataset, full_name, or_missing_dataset};

/// Fails if a column does not exist, with the one that was probably meant. Returns the number of rows of its dataset.
pub(super) async fn check_column(column: &Column) -> Result<i64> {
    let info = or_missing_dataset(column.dataset.info().await, &column.dataset).await?;
    let wanted = column.reference().column;
    let known = &info.metadata.column_names;
    // A dataset without rows may have no columns yet.
    if known.contains(&wanted) || info.metadata.row_count == 0 {
        return Ok(info.metadata.row_count);
    }
    let what = format!("{} has no column {wanted:?}", full_name(&column.dataset));
    Err(suggest(Failure::new(Exit::NotFound, what), column, known))
}

/// Adds the column that was probably meant, or the dataset, to a failure if the column does not exist.
pub(super) async fn explain_missing_column(failure: Failure, column: &Column) -> Failure {
    match column.dataset.info().await {
        Err(_) => explain_missing_dataset(failure, &column.dataset).await,
        Ok(info) if info.metadata.column_names.contains(&column.reference().column) => failure,
        Ok(info) => suggest(failure, column, &info.metadata.column_names),
    }
}

fn suggest(failure: Failure, column: &Column, known: &[String]) -> Failure {
    let name = full_name(&column.dataset);
    match nearest(&column.reference().column, known.iter().map(String::as_str)) {
        Some(near) => failure.next(format!("did you mean {name}:{near}?")),
        None => failure.next(format!("datalinks dataset show {name}, which lists the columns")),
    }
}
