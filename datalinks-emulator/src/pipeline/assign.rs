//! Which columns of the rows belong into the datasets that are predefined.

use std::collections::HashSet;

use super::levels::Levels;
use super::plan::{ColumnPlan, DatasetPlan, complete};
use super::predefined::{Predefined, UNNAMED};

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
    let is_wanted = |column: &str| {
        wanted.iter().any(|own| letters(&own.name) == letters(column))
            && !wanted.iter().any(|own| own.columns.iter().any(|(name, _)| name == column))
    };
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

/// Gives the columns of a dataset what fits them: of the items of `level` before what is of their rows, and the same
/// name before the same letters.
fn assign(dataset: &mut DatasetPlan, sources: &[Source], level: usize) {
    let mut used: HashSet<&str> = HashSet::new();
    let fits: [fn(&str, &str) -> bool; 2] = [|one, other| one == other, alike];
    for fits in fits {
        for column in dataset.columns.iter_mut().filter(|column| column.from.is_empty()) {
            let own = sources.iter().filter(|(at, source, name)| {
                (*at == level || *at == 0) && fits(name, &column.name) && !used.contains(&**source)
            });
            if let Some((_, source, _)) = own.min_by_key(|(at, ..)| *at != level) {
                used.insert(source);
                column.from.push(source.clone());
            }
        }
    }
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
