//! The assignment of columns of the rows to predefined datasets.

use super::levels::Levels;
use super::plan::{ColumnPlan, DatasetPlan, complete};
use super::predefined::{Predefined, UNNAMED};
use crate::concurrency::work::{Map, Set};

impl Predefined {
    fn plan(&self) -> DatasetPlan {
        let column = |(name, description): &(String, String)| ColumnPlan {
            name: name.clone(),
            from: Vec::new(),
            description: description.clone(),
        };
        DatasetPlan {
            name: self.name.clone(),
            description: self.description.clone(),
            identifier: self.identifier.clone(),
            columns: self.columns.iter().map(column).collect(),
        }
    }
}

/// Returns the columns with arrays of items for which a dataset of the same name is predefined.
pub(super) fn arrays<'a>(predefined: &[Predefined], columns: &[&'a str]) -> Vec<&'a str> {
    let datasets: Set<String> = predefined.iter().map(|own| normalized(&own.name)).collect();
    let own: Set<&str> =
        predefined.iter().flat_map(|own| &own.columns).map(|(name, _)| name.as_str()).collect();
    let is_predefined = |column: &str| datasets.contains(&normalized(column)) && !own.contains(column);
    columns.iter().copied().filter(|column| is_predefined(column)).collect()
}

/// Assigns the columns by a rule. A column of the rows goes to each dataset that has a column with the same letters,
/// and so joins datasets if there are several. Any other column is added to a dataset of the same items.
pub(super) fn by_rule(levels: &Levels, predefined: &[Predefined]) -> Vec<DatasetPlan> {
    let mut plan: Vec<DatasetPlan> = predefined.iter().map(Predefined::plan).collect();
    let columns = levels.columns();
    let own_name = |level: usize, source: &str| {
        let renamed = levels.get(level).and_then(|level| level.renamed.get(source));
        renamed.map_or_else(|| source.to_owned(), String::clone)
    };
    let sources: Vec<Source> = columns
        .iter()
        .map(|(level, column)| (*level, column.name.to_owned(), own_name(*level, column.name)))
        .collect();
    // Computed once per level, because there may be as many datasets as columns.
    let mut items: Map<String, usize> = Map::default();
    for (level, array) in levels.iter().filter_map(|(at, level)| Some((at, level.array.as_deref()?))) {
        items.entry(normalized(array)).or_insert(level);
    }
    let mut candidates_of: Map<usize, Candidates<'_>> = Map::default();
    for dataset in &mut plan {
        let level = items.get(&normalized(&dataset.name)).copied().unwrap_or(0);
        assign(dataset, candidates_of.entry(level).or_insert_with(|| Candidates::of(&sources, level)));
    }
    complete(levels, &mut plan, predefined.first().map_or(UNNAMED, |own| &own.name));
    plan
}

/// A column: its level, its name, and its name in the items that it came from.
type Source = (usize, String, String);

/// Columns by a common property of their names: the columns of the items first, then the columns of the rows.
type ByKey<'a, K> = Map<K, [Vec<&'a str>; 2]>;

/// The columns available to datasets of one level.
struct Candidates<'a> {
    by_name: ByKey<'a, &'a str>,
    by_letters: ByKey<'a, String>,
}

impl<'a> Candidates<'a> {
    fn of(sources: &'a [Source], level: usize) -> Self {
        let mut candidates = Self { by_name: Map::default(), by_letters: Map::default() };
        for (at, source, name) in sources.iter().filter(|(at, ..)| *at == level || *at == 0) {
            let rank = usize::from(*at != level);
            candidates.by_name.entry(name).or_default()[rank].push(source);
            candidates.by_letters.entry(normalized(name)).or_default()[rank].push(source);
        }
        candidates
    }
}

/// Assigns sources to the columns of a dataset. Columns of the items of a level are preferred to columns of their rows,
/// and equal names to equal letters.
fn assign(dataset: &mut DatasetPlan, candidates: &Candidates<'_>) {
    let mut used: Set<&str> = Set::default();
    for column in dataset.columns.iter_mut().filter(|column| column.from.is_empty()) {
        column.from.extend(take(candidates.by_name.get(column.name.as_str()), &mut 0, &mut used));
    }
    let mut passed: Map<String, usize> = Map::default();
    for column in dataset.columns.iter_mut().filter(|column| column.from.is_empty()) {
        let normalized = normalized(&column.name);
        let matching = candidates.by_letters.get(&normalized);
        column.from.extend(take(matching, passed.entry(normalized).or_default(), &mut used));
    }
}

/// Takes the first unused column and marks it as used. `passed` is the number of columns known to be used.
fn take<'a>(
    matching: Option<&[Vec<&'a str>; 2]>,
    passed: &mut usize,
    used: &mut Set<&'a str>,
) -> Option<String> {
    for source in matching?.iter().flatten().skip(*passed) {
        // A column that was used under another name is skipped only once.
        *passed += 1;
        if used.insert(source) {
            return Some((*source).to_owned());
        }
    }
    None
}

/// Returns the letters and digits of a name in lower case.
fn normalized(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Returns the predefined datasets with the columns that a model assigned to them.
pub(super) fn with_assigned_columns(
    predefined: &[Predefined],
    proposed: Vec<DatasetPlan>,
) -> Result<Vec<DatasetPlan>, String> {
    let mut plan: Vec<DatasetPlan> = predefined.iter().map(Predefined::plan).collect();
    for dataset in proposed {
        let own = plan.iter_mut().find(|own| own.name == dataset.name);
        let own = own.ok_or_else(|| format!("{:?} is not one of the predefined datasets", dataset.name))?;
        for column in dataset.columns {
            let slot = own.columns.iter_mut().find(|slot| slot.name == column.name);
            let slot = slot.ok_or_else(|| format!("{:?} has no column {:?}", dataset.name, column.name))?;
            slot.from = column.from;
        }
    }
    Ok(plan)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::levels::tests::rows;
    use super::super::predefined::read;
    use super::*;
    use crate::concurrency::work::tests::assert_proportional;

    #[test]
    fn many_columns_take_linear_time() {
        // Equal names, and names that differ only in other characters than letters and digits.
        for name in [|number: usize| format!("c{number}"), |number| "-".repeat(number % 50) + "C"] {
            assert_proportional(5_000, |size| {
                let cells: Vec<String> = (0..size).map(|number| format!(r#""c{number}":1"#)).collect();
                let levels = Levels::root(&rows(&format!("[{{{}}}]", cells.join(","))));
                let columns = (0..size).map(|number| (name(number), String::new())).collect();
                let predefined = [Predefined { name: "d".to_owned(), columns, ..Predefined::default() }];
                arrays(
                    &predefined,
                    &levels.columns().iter().map(|(_, column)| column.name).collect::<Vec<_>>(),
                );
                by_rule(&levels, &predefined);
            });
        }
    }

    #[test]
    fn many_datasets_take_linear_time() {
        assert_proportional(2_000, |size| {
            let cells: Vec<String> = (0..size).map(|number| format!(r#""c{number}":1"#)).collect();
            let levels = Levels::root(&rows(&format!("[{{{}}}]", cells.join(","))));
            let dataset = |number| Predefined {
                name: format!("d{number}"),
                columns: vec![(format!("c{number}"), String::new())],
                ..Predefined::default()
            };
            let predefined: Vec<Predefined> = (0..size).map(dataset).collect();
            let plan = by_rule(&levels, &predefined);
            assert_eq!(plan[size - 1].columns[0].from, [format!("c{}", size - 1)]);
        });
    }

    #[test]
    fn rule_assigns_every_column() {
        let rows = rows(
            r#"[{"Title":"A","Year":1,"note":"n","cast":[{"name":"x","title":"t"},{"name":"y","x":1}]}]"#,
        );
        let predefined = read(&json!([
            { "name": "films", "fields": ["title", "year", "rating"] },
            { "name": "cast", "fields": ["Title", "name"] },
        ]))
        .unwrap();
        assert_eq!(arrays(&predefined, &["Title", "cast"]), ["cast"]);
        let levels = Levels::of(&rows, &["cast".to_owned()]).unwrap();
        let plan = by_rule(&levels, &predefined);
        let shown = |own: &DatasetPlan| -> Vec<String> {
            own.columns.iter().map(|column| format!("{}<{}", column.name, column.from.join(","))).collect()
        };
        assert_eq!(shown(&plan[0]), ["title<Title", "year<Year", "rating<", "note<note"]);
        assert_eq!(shown(&plan[1]), ["Title<Title", "name<name", "title<title", "x<x"]);
        let both = read(&json!({ "a": ["Title"], "b": ["Title", "Year"] })).unwrap();
        let plan = by_rule(&Levels::of(&rows, &[]).unwrap(), &both);
        assert_eq!(shown(&plan[1])[0], "Title<Title", "a column of the same name joins two datasets");
    }
}
