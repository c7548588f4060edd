//! Which columns of the rows belong into the datasets that are predefined.

use std::collections::VecDeque;

use super::levels::Levels;
use super::plan::{ColumnPlan, DatasetPlan, complete};
use super::predefined::{Predefined, UNNAMED};
use crate::work::{Map, Set};

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

/// The columns with arrays of items that a dataset of the same name is predefined for.
pub(super) fn arrays<'a>(wanted: &[Predefined], columns: &[&'a str]) -> Vec<&'a str> {
    let datasets: Set<String> = wanted.iter().map(|own| letters(&own.name)).collect();
    let own: Set<&str> = wanted.iter().flat_map(|own| &own.columns).map(|(name, _)| name.as_str()).collect();
    let is_wanted = |column: &str| datasets.contains(&letters(column)) && !own.contains(column);
    columns.iter().copied().filter(|column| is_wanted(column)).collect()
}

/// The datasets by a rule. A column of the rows goes to each dataset that has a column of the same letters, which
/// joins them where there are several. Any other is added to a dataset of the same items.
pub(super) fn by_rule(levels: &Levels, wanted: &[Predefined]) -> Vec<DatasetPlan> {
    let mut plan: Vec<DatasetPlan> = wanted.iter().map(Predefined::plan).collect();
    let columns = levels.columns();
    let own_name = |level: usize, source: &str| {
        let renamed = levels.get(level).and_then(|level| level.renamed.get(source));
        renamed.map_or_else(|| source.to_owned(), String::clone)
    };
    let sources: Vec<Source> = columns
        .iter()
        .map(|(level, column)| (*level, column.name.to_owned(), own_name(*level, column.name)))
        .collect();
    for dataset in &mut plan {
        let items = levels
            .iter()
            .find(|(_, level)| level.array.as_deref().is_some_and(|array| alike(array, &dataset.name)));
        assign(dataset, &sources, items.map_or(0, |(level, _)| level));
    }
    complete(levels, &mut plan, wanted.first().map_or(UNNAMED, |own| &own.name));
    plan
}

/// A column: its level, its name, and its name in the items that it came from.
type Source = (usize, String, String);

/// Columns that are not used yet, by what their names have in common: those of the items first, and those of the rows.
type Left<'a, K> = Map<K, [VecDeque<&'a str>; 2]>;

/// Gives the columns of a dataset what fits them: of the items of `level` before what is of their rows, and the same
/// name before the same letters.
fn assign(dataset: &mut DatasetPlan, sources: &[Source], level: usize) {
    let (mut by_name, mut by_letters): (Left<'_, &str>, Left<'_, String>) = (Map::default(), Map::default());
    for (at, source, name) in sources.iter().filter(|(at, ..)| *at == level || *at == 0) {
        let rank = usize::from(*at != level);
        by_name.entry(name).or_default()[rank].push_back(source);
        by_letters.entry(letters(name)).or_default()[rank].push_back(source);
    }
    let mut used: Set<&str> = Set::default();
    for column in dataset.columns.iter_mut().filter(|column| column.from.is_empty()) {
        column.from.extend(take(by_name.get_mut(column.name.as_str()), &mut used));
    }
    for column in dataset.columns.iter_mut().filter(|column| column.from.is_empty()) {
        column.from.extend(take(by_letters.get_mut(&letters(&column.name)), &mut used));
    }
}

/// The first of some columns that is not used yet. From then on it is.
fn take<'a>(left: Option<&mut [VecDeque<&'a str>; 2]>, used: &mut Set<&'a str>) -> Option<String> {
    for left in left? {
        // A column that was used under another name is passed over once.
        while let Some(source) = left.pop_front() {
            if used.insert(source) {
                return Some(source.to_owned());
            }
        }
    }
    None
}

fn alike(one: &str, other: &str) -> bool {
    letters(one) == letters(other)
}

/// The letters and digits of a name, whatever their case.
fn letters(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The wanted datasets with the columns that a model has found for them.
pub(super) fn fit(wanted: &[Predefined], said: Vec<DatasetPlan>) -> Result<Vec<DatasetPlan>, String> {
    let mut plan: Vec<DatasetPlan> = wanted.iter().map(Predefined::plan).collect();
    for dataset in said {
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
    use crate::work::tests::assert_proportional;

    #[test]
    fn many_columns_take_steps_in_proportion() {
        // Equal names, and names of the same letters.
        for name in [|number: usize| format!("c{number}"), |number| "-".repeat(number % 50) + "C"] {
            assert_proportional(5_000, |size| {
                let cells: Vec<String> = (0..size).map(|number| format!(r#""c{number}":1"#)).collect();
                let levels = Levels::whole(&rows(&format!("[{{{}}}]", cells.join(","))));
                let columns = (0..size).map(|number| (name(number), String::new())).collect();
                let wanted = [Predefined { name: "d".to_owned(), columns, ..Predefined::default() }];
                arrays(&wanted, &levels.columns().iter().map(|(_, column)| column.name).collect::<Vec<_>>());
                by_rule(&levels, &wanted);
            });
        }
    }

    #[test]
    fn the_rule_finds_columns_and_loses_none() {
        let rows = rows(
            r#"[{"Title":"A","Year":1,"note":"n","cast":[{"name":"x","title":"t"},{"name":"y","x":1}]}]"#,
        );
        let wanted = read(&json!([
            { "name": "films", "fields": ["title", "year", "rating"] },
            { "name": "cast", "fields": ["Title", "name"] },
        ]))
        .unwrap();
        assert_eq!(arrays(&wanted, &["Title", "cast"]), ["cast"]);
        let levels = Levels::of(&rows, &["cast".to_owned()]).unwrap();
        let plan = by_rule(&levels, &wanted);
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
