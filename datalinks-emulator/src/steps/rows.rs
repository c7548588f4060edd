//! `rows`: an array in a column becomes rows. It needs no model.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::problem::Problem;
use crate::store::{Cell, InputRow};

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Rows {
    pub(super) derive_from: String,
}

/// Turns each row that holds an array in a column into one row per item. An item that is an object
/// becomes a row; the other columns of the old row are kept before it, an item's own value winning.
/// An item that is no object stays in the column. A row without an array is left as it is.
pub(crate) fn unfold<'a>(rows: Vec<InputRow<'a>>, column: &str) -> Result<Vec<InputRow<'a>>, Problem> {
    let mut unfolded = Vec::with_capacity(rows.len());
    for (index, row) in rows.into_iter().enumerate() {
        let Some(array) = row.get(column).and_then(Cell::as_array) else {
            unfolded.push(row);
            continue;
        };
        let items: Vec<&RawValue> = serde_json::from_str(array).map_err(|error| {
            Problem::bad_request(format!("data[{index}].{column} is not a JSON array: {error}; mend the row"))
        })?;
        for item in items {
            unfolded.push(one_row(&row, column, item)?);
        }
    }
    Ok(unfolded)
}

fn one_row<'a>(row: &InputRow<'a>, column: &str, item: &RawValue) -> Result<InputRow<'a>, Problem> {
    let broken =
        |error| Problem::bad_request(format!("an item of {column} cannot be read: {error}; mend the row"));
    let kept = row.cells.iter().filter(|(name, _)| name != column).cloned();
    let mut cells: Vec<(Cow<'a, str>, Cell)> = kept.collect();
    match serde_json::from_str::<InputRow<'_>>(item.get()) {
        Err(_) => cells.push((Cow::Owned(column.to_owned()), Cell::from_raw(item).map_err(broken)?)),
        Ok(item) => {
            for (name, cell) in item.into_owned().cells {
                match cells.iter_mut().find(|(own, _)| *own == name) {
                    Some(slot) => slot.1 = cell,
                    None => cells.push((name, cell)),
                }
            }
        }
    }
    Ok(InputRow { cells })
}
