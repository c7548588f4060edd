//! The step `rows`: turns an array in a column into rows, without a model.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::cells::{size, sizes};
use super::limits::{MAX_BYTES, too_large};
use crate::concurrency::work::{Map, Pace};
use crate::response::Problem;
use crate::store::{Cell, InputRow};

/// Maximum number of rows that one `rows` step may make from items of arrays. Rows without an array do not count.
pub(crate) const MAX_ROWS: usize = 100_000;

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Rows {
    pub(super) derive_from: String,
}

/// A cell with its name.
type Named<'a> = (Cow<'a, str>, Cell);

impl Rows {
    /// Turns each row with an array in the column into one row per item. An item that is an object becomes a row that
    /// also has the other columns of the original row; values of the item take precedence. Any other item stays in the
    /// column. Rows without an array are unchanged.
    ///
    /// The size of the result is computed in advance, because every item repeats the other columns of its row. `step`
    /// names the step in errors.
    pub(super) async fn unfold<'a>(
        &self,
        rows: Vec<InputRow<'a>>,
        step: &str,
        pace: &mut Pace,
    ) -> Result<Vec<InputRow<'a>>, Problem> {
        let made = self.measure(&rows, step, pace).await?;
        let mut unfolded = Vec::with_capacity(made);
        for (index, row) in rows.into_iter().enumerate() {
            let Some(items) = self.items(index, &row)? else {
                unfolded.push(row);
                pace.step(1).await;
                continue;
            };
            let other_cells: Vec<&Named<'a>> =
                row.cells.iter().filter(|(name, _)| *name != self.derive_from).collect();
            let positions: Map<&str, usize> =
                other_cells.iter().enumerate().map(|(at, (name, _))| (&**name, at)).collect();
            for item in items {
                let row = self.one_row(&other_cells, &positions, item)?;
                pace.step(row.cells.len() + 1).await;
                unfolded.push(row);
            }
        }
        Ok(unfolded)
    }

    /// Returns the items of the array in a row, or `None` if the row has no array.
    fn items<'r>(&self, index: usize, row: &'r InputRow<'_>) -> Result<Option<Vec<&'r RawValue>>, Problem> {
        let Some(array) = row.get(&self.derive_from).and_then(Cell::as_array) else { return Ok(None) };
        let items = serde_json::from_str(array).map_err(|error| {
            let column = &self.derive_from;
            Problem::bad_request(format!(
                "data[{index}].{column} is not a JSON array: {error}; correct the row"
            ))
        })?;
        Ok(Some(items))
    }

    /// Returns the number of resulting rows. Fails if there are more rows or bytes than the limits.
    async fn measure(&self, rows: &[InputRow<'_>], step: &str, pace: &mut Pace) -> Result<usize, Problem> {
        let (mut rows_without_array, mut made, mut bytes) = (0_usize, 0_usize, 0_usize);
        for (index, row) in rows.iter().enumerate() {
            let Some(items) = self.items(index, row)? else {
                rows_without_array += 1;
                continue;
            };
            let other_cells = sizes(row.cells.iter().filter(|(name, _)| *name != self.derive_from));
            let own = items.iter().map(|item| size("", item.get())).sum::<usize>();
            made = made.saturating_add(items.len());
            bytes = bytes.saturating_add(own).saturating_add(other_cells.saturating_mul(items.len()));
            pace.step(items.len() + row.cells.len()).await;
        }
        if made > MAX_ROWS {
            return Err(too_large(
                step,
                &format!("would make {made} rows, and at most {MAX_ROWS} are made at a time"),
            ));
        }
        if bytes > MAX_BYTES {
            return Err(too_large(
                step,
                &format!(
                    "would make {made} rows of about {bytes} bytes in all, because each row repeats the other columns, \
                     and at most {MAX_BYTES} bytes are made at a time"
                ),
            ));
        }
        Ok(rows_without_array + made)
    }

    fn one_row<'a>(
        &self,
        other_cells: &[&Named<'a>],
        positions: &Map<&str, usize>,
        item: &RawValue,
    ) -> Result<InputRow<'a>, Problem> {
        let column = &self.derive_from;
        let unreadable = |error| {
            Problem::bad_request(format!("an item of {column} cannot be read: {error}; correct the row"))
        };
        let mut cells: Vec<Named<'a>> = other_cells.iter().map(|cell| (*cell).clone()).collect();
        match serde_json::from_str::<InputRow<'_>>(item.get()) {
            Err(_) => cells.push((Cow::Owned(column.clone()), Cell::from_raw(item).map_err(unreadable)?)),
            Ok(item) => {
                for (name, cell) in item.into_owned().cells {
                    match positions.get(&*name).and_then(|at| cells.get_mut(*at)) {
                        Some(slot) => slot.1 = cell,
                        None => cells.push((name, cell)),
                    }
                }
            }
        }
        Ok(InputRow { cells })
    }
}
