//! The rule that plans datasets without a model.

use super::assign;
use super::levels::{Levels, PlanError, items_in};
use super::plan::{ColumnPlan, DatasetPlan, free_name};
use super::predefined::Predefined;
use crate::concurrency::work::{Map, Set};
use crate::store::column_profile::columns;
use crate::store::{Cell, InputRow};

/// Prefix of the names of the rule's datasets. A number follows.
const NAME: &str = "pipeline";

/// The result of the rule: the columns to open, and the datasets.
pub(super) type RulePlan = (Vec<String>, Vec<DatasetPlan>);

/// Plans one dataset with all rows unchanged.
pub(super) fn single_dataset(rows: &[InputRow<'static>], is_taken: impl Fn(&str) -> bool) -> RulePlan {
    let columns = columns(rows).into_iter().map(|column| ColumnPlan::of(column.name, column.name)).collect();
    (Vec::new(), vec![DatasetPlan::new(numbered_name(&[], is_taken), columns)])
}

/// Plans a dataset of the rows, and one of the items of each column with arrays of objects. A natural identifier of the
/// rows joins them: the first column that has a distinct value in every row. Items stay in their rows if there is no
/// identifier, or if they have a column of its name.
pub(super) fn split(
    rows: &[InputRow<'static>],
    is_taken: impl Fn(&str) -> bool,
) -> Result<RulePlan, PlanError> {
    let profiles = profiles(rows);
    let identifier =
        profiles.iter().find(|(_, profile)| profile.is_identifier(rows)).map(|(name, _)| (*name).to_owned());
    let Some(identifier) = identifier else { return Ok(single_dataset(rows, is_taken)) };
    let opened = profiles
        .iter()
        .filter(|(_, profile)| profile.holds_objects() && !profile.items.contains(&*identifier));
    let explode: Vec<String> = opened.map(|(name, _)| (*name).to_owned()).collect();
    if explode.is_empty() {
        return Ok(single_dataset(rows, is_taken));
    }
    let levels = Levels::of(rows, &explode)?;
    let endings: Vec<String> = explode.iter().map(|column| name_part(column)).collect();
    let base = numbered_name(&endings, &is_taken);
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
                let preferred = format!("{base}_{}", name_part(array));
                let name = free_name(&preferred, |name| plan.iter().any(|own| own.name == name));
                let join = ColumnPlan::of(&identifier, &identifier);
                DatasetPlan::new(name, std::iter::once(join).chain(own).collect())
            }
        });
    }
    Ok((explode, plan))
}

/// Plans the predefined datasets, with the columns that match their names.
pub(super) fn predefined(
    rows: &[InputRow<'static>],
    predefined: &[Predefined],
) -> Result<RulePlan, PlanError> {
    let arrays = arrays(rows, predefined);
    let plan = assign::by_rule(&Levels::of(rows, &arrays)?, predefined);
    Ok((arrays, plan))
}

/// Returns the columns whose items go to a predefined dataset.
pub(super) fn arrays(rows: &[InputRow<'static>], predefined: &[Predefined]) -> Vec<String> {
    let profiles = profiles(rows);
    let names: Vec<&str> = profiles.keys().copied().collect();
    let arrays = assign::arrays(predefined, &names).into_iter();
    let holds_objects = |column: &&str| profiles.get(column).is_some_and(ColumnProfile::holds_objects);
    arrays.filter(holds_objects).map(str::to_owned).collect()
}

/// The kinds of values in a column.
#[derive(Debug, Default)]
struct ColumnProfile<'a> {
    /// The distinct values, or `None` if a value is a duplicate, an array, or neither a string nor a number.
    names: Option<Set<&'a str>>,
    /// The names of the columns of the items.
    items: Set<String>,
    has_items: bool,
    has_others: bool,
}

impl ColumnProfile<'_> {
    /// Returns `true` if the column has a distinct value in every row.
    fn is_identifier(&self, rows: &[InputRow<'static>]) -> bool {
        self.names.as_ref().is_some_and(|names| names.len() == rows.len())
    }

    /// Returns `true` if the column contains at least one object in an array, and otherwise only such arrays and nulls.
    fn holds_objects(&self) -> bool {
        self.has_items && !self.has_others
    }
}

impl<'a> ColumnProfile<'a> {
    fn note(&mut self, cell: &'a Cell) {
        let name_of_row = match cell {
            Cell::Text(_) | Cell::Number(_) if cell.as_array().is_none() => cell.link_key(),
            _ => None,
        };
        match (&mut self.names, name_of_row) {
            (Some(names), Some(own)) if !names.contains(own) => drop(names.insert(own)),
            (names, _) => *names = None,
        }
        if matches!(cell, Cell::Null) || self.has_others {
            return;
        }
        self.has_others = items_in(cell).is_none_or(|items| {
            items.iter().any(|item| match serde_json::from_str::<InputRow<'_>>(item.get()) {
                Ok(object) => {
                    self.has_items = true;
                    self.items.extend(object.cells.into_iter().map(|(name, _)| name.into_owned()));
                    false
                }
                Err(_) => true,
            })
        });
    }
}

/// Returns the profiles of all columns, in the order of their first occurrence.
fn profiles<'a>(rows: &'a [InputRow<'static>]) -> Map<&'a str, ColumnProfile<'a>> {
    let mut profiles: Map<&str, ColumnProfile<'_>> = Map::default();
    for row in rows {
        for (name, cell) in &row.cells {
            let profile = profiles
                .entry(name)
                .or_insert_with(|| ColumnProfile { names: Some(Set::default()), ..ColumnProfile::default() });
            profile.note(cell);
        }
    }
    profiles
}

/// Returns `pipeline_1`, or the next number for which neither the name nor any of its extensions is taken.
fn numbered_name(endings: &[String], is_taken: impl Fn(&str) -> bool) -> String {
    free_name(&format!("{NAME}_1"), |base| {
        is_taken(base) || endings.iter().any(|ending| is_taken(&format!("{base}_{ending}")))
    })
}

/// Returns the name of a column in a form suitable for a part of a dataset's name.
fn name_part(column: &str) -> String {
    column.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::levels::tests::rows;
    use super::super::plan::check;
    use super::super::project::Projection;
    use super::*;
    use crate::concurrency::work::tests::assert_proportional;

    /// Returns all rows of the datasets as JSON.
    fn split_rows(text: &str) -> Vec<String> {
        let rows = rows(text);
        let (explode, plan) = split(&rows, |name| name == "pipeline_1").unwrap();
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
        assert_eq!(split_rows(text), expected);
    }

    #[test]
    fn many_columns_take_linear_time() {
        assert_proportional(10_000, |size| {
            let cells = |turned: bool| {
                let mut cells: Vec<String> = (0..size).map(|number| format!(r#""c{number}":true"#)).collect();
                if turned {
                    cells.reverse();
                }
                cells.join(",")
            };
            let rows = rows(&format!("[{{{}}},{{{}}}]", cells(false), cells(true)));
            assert_eq!(split(&rows, |_| false).unwrap().1[0].columns.len(), size);
        });
    }

    #[test]
    fn items_stay_in_their_rows_without_an_identifier() {
        for text in [
            r#"[{"d":"S","f":[{"t":1}]},{"d":"S","f":[{"t":2}]}]"#,
            r#"[{"d":"S","f":[{"d":1}]}]"#,
            r#"[{"d":"S","f":[1]}]"#,
            r#"[{"d":"S","f":[{"t":1}]},{"d":"M","f":"none"}]"#,
            r#"[{"d":true,"f":[{"t":1}]}]"#,
            r#"[]"#,
        ] {
            assert_eq!(split_rows(text), [format!("pipeline_2 {text}")]);
        }
    }
}
