//! The datasets that a rule makes in the place of a model.

use super::assign;
use super::levels::{Levels, Unfit, items_in};
use super::plan::{ColumnPlan, DatasetPlan, free_name};
use super::predefined::Predefined;
use crate::concurrency::work::{Map, Set};
use crate::store::column_profile::columns;
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
pub(super) fn split(rows: &[InputRow<'static>], is_taken: impl Fn(&str) -> bool) -> Result<Ruled, Unfit> {
    let looks = looks(rows);
    let identifier = looks.iter().find(|(_, look)| look.names_rows(rows)).map(|(name, _)| (*name).to_owned());
    let Some(identifier) = identifier else { return Ok(as_they_are(rows, is_taken)) };
    let opened = looks.iter().filter(|(_, look)| look.holds_objects() && !look.items.contains(&*identifier));
    let explode: Vec<String> = opened.map(|(name, _)| (*name).to_owned()).collect();
    if explode.is_empty() {
        return Ok(as_they_are(rows, is_taken));
    }
    let levels = Levels::of(rows, &explode)?;
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
    Ok((explode, plan))
}

/// The predefined datasets, filled with what their names fit.
pub(super) fn predefined(rows: &[InputRow<'static>], wanted: &[Predefined]) -> Result<Ruled, Unfit> {
    let arrays = arrays(rows, wanted);
    let plan = assign::by_rule(&Levels::of(rows, &arrays)?, wanted);
    Ok((arrays, plan))
}

/// The columns whose items go to a predefined dataset.
pub(super) fn arrays(rows: &[InputRow<'static>], wanted: &[Predefined]) -> Vec<String> {
    let looks = looks(rows);
    let names: Vec<&str> = looks.keys().copied().collect();
    let arrays = assign::arrays(wanted, &names).into_iter();
    let holds_objects = |column: &&str| looks.get(column).is_some_and(Look::holds_objects);
    arrays.filter(holds_objects).map(str::to_owned).collect()
}

/// What the values of a column are like.
#[derive(Debug, Default)]
struct Look<'a> {
    /// Values that are texts or numbers, no arrays, and all different. `None`: another value was found.
    names: Option<Set<&'a str>>,
    /// The names of the columns of its items.
    items: Set<String>,
    has_items: bool,
    has_others: bool,
}

impl Look<'_> {
    /// Whether the column names rows: each row has a value in it, and no two have the same.
    fn names_rows(&self, rows: &[InputRow<'static>]) -> bool {
        self.names.as_ref().is_some_and(|names| names.len() == rows.len())
    }

    /// Whether the column holds nothing but arrays of objects, and some. Null is nothing.
    fn holds_objects(&self) -> bool {
        self.has_items && !self.has_others
    }
}

impl<'a> Look<'a> {
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

/// What the values of all columns are like, in the order in which the columns are first seen.
fn looks<'a>(rows: &'a [InputRow<'static>]) -> Map<&'a str, Look<'a>> {
    let mut looks: Map<&str, Look<'_>> = Map::default();
    for row in rows {
        for (name, cell) in &row.cells {
            let look =
                looks.entry(name).or_insert_with(|| Look { names: Some(Set::default()), ..Look::default() });
            look.note(cell);
        }
    }
    looks
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
    use crate::concurrency::work::tests::assert_proportional;

    /// All values of all rows of the datasets.
    fn made(text: &str) -> Vec<String> {
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
        assert_eq!(made(text), expected);
    }

    #[test]
    fn many_columns_take_steps_in_proportion() {
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
