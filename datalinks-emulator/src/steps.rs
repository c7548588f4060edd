//! Inference steps. One of them needs no model: `rows`.

use std::borrow::Cow;

use crate::body::Fields;
use crate::problem::Problem;
use crate::store::{Cell, InputRow};

/// What an ingest or a preview asks to do with its rows.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    /// The column of each `rows` step, in order.
    rows_from: Vec<String>,
    /// The first step that needs a model: its place and type.
    needs_model: Option<(usize, String)>,
}

/// The types that are public but for `rows`.
const WITH_MODEL: [&str; 6] = ["table", "normalise", "normalize", "validate", "reverseGeo", "namedEntities"];

impl Steps {
    /// Takes the field `infer`.
    pub(crate) fn take(fields: &mut Fields<'_>) -> Self {
        let mut steps = Self::default();
        let Some(mut infer) = fields.object("infer") else { return steps };
        for (index, mut step) in infer.objects("steps").into_iter().enumerate() {
            let kind: String = step.required("type");
            if kind == "rows" {
                steps.rows_from.push(step.required("deriveFrom"));
            } else if WITH_MODEL.contains(&kind.as_str()) {
                steps.needs_model.get_or_insert((index, kind));
                // Older and newer clients differ in the fields of these; none of them is used.
                step = step.drained();
            } else {
                if !kind.is_empty() {
                    step.wrong("type", "one of table, rows, normalise, validate, reverseGeo, namedEntities");
                }
                step = step.drained();
            }
            infer.close(step);
        }
        fields.close(infer);
        steps
    }

    /// Refuses steps that need a model.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        match &self.needs_model {
            None => Ok(()),
            Some((index, kind)) => Err(Problem::not_implemented(format!(
                "infer.steps[{index}] is a `{kind}` step, which needs a language model, and the emulator has none; \
                 leave the step out or use the service"
            ))),
        }
    }

    /// Runs the steps, each on what the one before left.
    pub(crate) fn run<'a>(&self, mut rows: Vec<InputRow<'a>>) -> Result<Vec<InputRow<'a>>, Problem> {
        self.check()?;
        for column in &self.rows_from {
            rows = unfold(rows, column)?;
        }
        Ok(rows)
    }
}

/// Turns each row that holds an array in a column into one row per item. An item that is an object
/// becomes a row; the other columns of the old row are kept before it, an item's own value winning.
/// An item that is no object stays in the column. A row without an array is left as it is.
fn unfold<'a>(rows: Vec<InputRow<'a>>, column: &str) -> Result<Vec<InputRow<'a>>, Problem> {
    let mut unfolded = Vec::with_capacity(rows.len());
    for (index, row) in rows.into_iter().enumerate() {
        let Some(array) = row.get(column).and_then(Cell::as_array) else {
            unfolded.push(row);
            continue;
        };
        let items: Vec<&serde_json::value::RawValue> = serde_json::from_str(array).map_err(|error| {
            Problem::bad_request(format!("data[{index}].{column} is not a JSON array: {error}; mend the row"))
        })?;
        for item in items {
            unfolded.push(one_row(&row, column, item)?);
        }
    }
    Ok(unfolded)
}

fn one_row<'a>(
    row: &InputRow<'a>,
    column: &str,
    item: &serde_json::value::RawValue,
) -> Result<InputRow<'a>, Problem> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn run(body: &str) -> Result<String, Problem> {
        let mut fields = Fields::read(body.as_bytes())?;
        let rows = fields.required_rows("data");
        let steps = Steps::take(&mut fields);
        fields.finish()?;
        Ok(serde_json::to_string(&steps.run(rows)?).unwrap())
    }

    #[test]
    fn an_array_becomes_rows() {
        let rows = run(
            r#"{"data":[{"id":1,"items":[{"a":1},{"b":2,"id":9}]},{"id":2,"items":"[3]"},{"id":3,"items":"none"},{"id":4,"items":[]}],
                "infer":{"steps":[{"type":"rows","deriveFrom":"items"}]}}"#,
        )
        .unwrap();
        assert_eq!(rows, r#"[{"id":1,"a":1},{"id":9,"b":2},{"id":2,"items":3},{"id":3,"items":"none"}]"#);
    }

    #[test]
    fn steps_with_a_model_are_named() {
        let problem = run(r#"{"data":[],"infer":{"steps":[{"type":"rows","deriveFrom":"x"},
                {"type":"table","deriveFrom":"t","helperPrompt":"","model":null}]}}"#)
        .unwrap_err();
        assert_eq!(problem.status, 501);
        assert!(problem.message.contains("infer.steps[1] is a `table` step"), "{}", problem.message);
    }

    #[test]
    fn an_unreadable_array_is_refused() {
        let problem =
            run(r#"{"data":[{"items":"[1,"}],"infer":{"steps":[{"type":"rows","deriveFrom":"items"}]}}"#)
                .unwrap_err();
        assert!(problem.message.starts_with("data[0].items is not a JSON array"), "{}", problem.message);
    }
}
