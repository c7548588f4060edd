//! The datasets that a rule makes in the place of a model.

use std::collections::HashSet;

use super::assign;
use super::levels::{Levels, items_of};
use super::plan::{ColumnPlan, DatasetPlan, free_name};
use super::predefined::Predefined;
use crate::seen::{Column, columns};
use crate::store::{Cell, InputRow};

/// What the datasets of a rule are called, with a number.
const NAME: &str = "pipeline";

/// What a rule makes of rows: the columns to open, and the datasets.
pub(super) type Ruled = (Vec<String>, Vec<DatasetPlan>);

/// One dataset of all rows as they are.
pub(super) fn as_they_are(rows: &[InputRow<'static>], is_taken: impl Fn(&str) -> bool) -> Ruled {
    let columns = columns(rows).into_iter().map(|column| ColumnPlan::of(column.name, column.name)).collect();
    (Vec::new(), vec![DatasetPlan::new(numbered(&[], is_taken), columns)])
}

/// A dataset of the rows, and one of the items of each column that holds arrays of objects. A natural identifier of
/// the rows joins them: the first column whose values are all there and all different. Without one, or where the
/// items have a column of its name, items stay in their rows.
pub(super) fn split(rows: &[InputRow<'static>], is_taken: impl Fn(&str) -> bool) -> Ruled {
    let seen = columns(rows);
    let identifier = seen.iter().find(|column| names_rows(rows, column)).map(|column| column.name.to_owned());
    let Some(identifier) = identifier else { return as_they_are(rows, is_taken) };
    let explode: Vec<String> = seen
        .iter()
        .map(|column| column.name)
        .filter(|column| holds_objects(rows, column, &identifier))
        .map(str::to_owned)
        .collect();
    if explode.is_empty() {
        return as_they_are(rows, is_taken);
    }
    // Each of these columns holds arrays, so nothing can go wrong.
    let Ok(levels) = Levels::of(rows, &explode) else { return as_they_are(rows, is_taken) };
    let endings: Vec<String> = explode.iter().map(|column| plain(column)).collect();
    let base = numbered(&endings, &is_taken);
    let mut plan: Vec<DatasetPlan> = Vec::new();
    for (_, level) in levels.iter() {
        let own = columns(&level.records).into_iter().map(|column| {
            ColumnPlan::of(column.name, level.renamed.get(column.name).map_or(column.name, String::as_str))
        });
        plan.push(match &level.array {
            None => DatasetPlan {
                identifier: Some(identifier.clone()),
                ..DatasetPlan::new(base.clone(), own.collect())
            },
            Some(array) => {
                let wanted = format!("{base}_{}", plain(array));
                let name = free_name(&wanted, |name| plan.iter().any(|own| own.name == name));
                let join = ColumnPlan::of(&identifier, &identifier);
                DatasetPlan::new(name, std::iter::once(join).chain(own).collect())
            }
        });
    }
    (explode, plan)
}

/// The predefined datasets, filled with what their names fit.
pub(super) fn predefined(rows: &[InputRow<'static>], wanted: &[Predefined]) -> Ruled {
    let arrays = arrays(rows, wanted);
    match Levels::of(rows, &arrays) {
        Ok(levels) => {
            let plan = assign::by_rule(&levels, wanted);
            (arrays, plan)
        }
        // Each of these columns holds arrays, so nothing can go wrong.
        Err(_) => (Vec::new(), assign::by_rule(&Levels::whole(rows), wanted)),
    }
}

/// The columns whose items go to a predefined dataset.
pub(super) fn arrays(rows: &[InputRow<'static>], wanted: &[Predefined]) -> Vec<String> {
    let seen = columns(rows);
    let names: Vec<&str> = seen.iter().map(|column| column.name).collect();
    let arrays = assign::arrays(wanted, &names).into_iter();
    arrays.filter(|column| objects_in(rows, column).is_some()).map(str::to_owned).collect()
}

/// Whether a column names rows: each row has a value in it, and no two have the same.
fn names_rows(rows: &[InputRow<'static>], column: &Column<'_>) -> bool {
    let mut seen: HashSet<&str> = HashSet::new();
    rows.iter().all(|row| match row.get(column.name) {
        Some(cell @ (Cell::Text(_) | Cell::Number(_))) => {
            cell.link_key().is_some_and(|key| seen.insert(key)) && cell.as_array().is_none()
        }
        _ => false,
    })
}

/// Whether a column holds arrays of objects only, and these have no column of the identifier's name.
fn holds_objects(rows: &[InputRow<'static>], column: &str, identifier: &str) -> bool {
    objects_in(rows, column)
        .is_some_and(|objects| objects.iter().all(|object| object.get(identifier).is_none()))
}

/// All items of a column, if it holds nothing but arrays of objects, and some.
fn objects_in(rows: &[InputRow<'static>], column: &str) -> Option<Vec<InputRow<'static>>> {
    let mut objects = Vec::new();
    for row in rows.iter().filter(|row| !matches!(row.get(column), None | Some(Cell::Null))) {
        for item in items_of(row, column)? {
            objects.push(serde_json::from_str::<InputRow<'_>>(item.get()).ok()?.into_owned());
        }
    }
    (!objects.is_empty()).then_some(objects)
}

/// `pipeline_1`, or the next number with which nothing is taken that begins so.
fn numbered(endings: &[String], is_taken: impl Fn(&str) -> bool) -> String {
    free_name(&format!("{NAME}_1"), |base| {
        is_taken(base) || endings.iter().any(|ending| is_taken(&format!("{base}_{ending}")))
    })
}

/// The name of a column, as a part of the name of a dataset.
fn plain(column: &str) -> String {
    column.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::levels::tests::rows;
    use super::super::plan::check;
    use super::super::project::Projection;
    use super::*;

    /// All values of all rows of the datasets.
    fn made(text: &str) -> Vec<String> {
        let rows = rows(text);
        let (explode, plan) = split(&rows, |name| name == "pipeline_1");
        let levels = Levels::of(&rows, &explode).unwrap();
        assert_eq!(check(&levels, &plan), Ok(()));
        let dataset = |own: &DatasetPlan| {
            let rows = Projection::new(&levels, &plan).rows(own).unwrap();
            format!("{} {}", own.name, serde_json::to_string(&rows).unwrap())
        };
        plan.iter().map(dataset).collect()
    }

    #[test]
    fn arrays_of_objects_become_datasets() {
        let text = r#"[{"y":1,"d":"S","f":[{"t":"A","y":2},{"t":"G"}],"b c":[{"n":1}]},{"y":1,"d":"M","f":null,"b c":[]}]"#;
        let expected = [
            r#"pipeline_2 [{"y":1,"d":"S"},{"y":1,"d":"M"}]"#,
            r#"pipeline_2_f [{"d":"S","t":"A","y":2},{"d":"S","t":"G"}]"#,
            r#"pipeline_2_b_c [{"d":"S","n":1}]"#,
        ];
        assert_eq!(made(text), expected);
    }

    #[test]
    fn items_stay_where_nothing_would_join_them() {
        for text in [
            r#"[{"d":"S","f":[{"t":1}]},{"d":"S","f":[{"t":2}]}]"#,
            r#"[{"d":"S","f":[{"d":1}]}]"#,
            r#"[{"d":"S","f":[1]}]"#,
            r#"[{"d":"S","f":[{"t":1}]},{"d":"M","f":"none"}]"#,
            r#"[{"d":true,"f":[{"t":1}]}]"#,
            r#"[]"#,
        ] {
            assert_eq!(made(text), [format!("pipeline_2 {text}")]);
        }
    }
}
