//! Which columns of the rows belong into the datasets that are predefined.

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
    // Worked out once for each level, because there may be as many datasets as columns.
    let mut items: Map<String, usize> = Map::default();
    for (level, array) in levels.iter().filter_map(|(at, level)| Some((at, level.array.as_deref()?))) {
        items.entry(letters(array)).or_insert(level);
    }
    let mut offers: Map<usize, Offer<'_>> = Map::default();
    for dataset in &mut plan {
        let level = items.get(&letters(&dataset.name)).copied().unwrap_or(0);
        assign(dataset, offers.entry(level).or_insert_with(|| Offer::of(&sources, level)));
    }
    complete(levels, &mut plan, wanted.first().map_or(UNNAMED, |own| &own.name));
    plan
}

/// A column: its level, its name, and its name in the items that it came from.
type Source = (usize, String, String);

/// Columns by what their names have in common: those of the items first, and those of the rows.
type Alike<'a, K> = Map<K, [Vec<&'a str>; 2]>;

/// The columns that datasets of one level may take.
struct Offer<'a> {
    by_name: Alike<'a, &'a str>,
    by_letters: Alike<'a, String>,
}

impl<'a> Offer<'a> {
    fn of(sources: &'a [Source], level: usize) -> Self {
        let mut offer = Self { by_name: Map::default(), by_letters: Map::default() };
        for (at, source, name) in sources.iter().filter(|(at, ..)| *at == level || *at == 0) {
            let rank = usize::from(*at != level);
            offer.by_name.entry(name).or_default()[rank].push(source);
            offer.by_letters.entry(letters(name)).or_default()[rank].push(source);
        }
        offer
    }
}

/// Gives the columns of a dataset what fits them: of the items of a level before what is of their rows, and the same
/// name before the same letters.
fn assign(dataset: &mut DatasetPlan, offer: &Offer<'_>) {
    let mut used: Set<&str> = Set::default();
    for column in dataset.columns.iter_mut().filter(|column| column.from.is_empty()) {
        column.from.extend(take(offer.by_name.get(column.name.as_str()), &mut 0, &mut used));
    }
    let mut passed: Map<String, usize> = Map::default();
    for column in dataset.columns.iter_mut().filter(|column| column.from.is_empty()) {
        let letters = letters(&column.name);
        let fitting = offer.by_letters.get(&letters);
        column.from.extend(take(fitting, passed.entry(letters).or_default(), &mut used));
    }
}

/// Takes the first column that is not used yet, and marks it as used. `passed` is the number of columns known to be used.
fn take<'a>(
    fitting: Option<&[Vec<&'a str>; 2]>,
    passed: &mut usize,
    used: &mut Set<&'a str>,
) -> Option<String> {
    for source in fitting?.iter().flatten().skip(*passed) {
        // A column that was used under another name is passed over once.
        *passed += 1;
        if used.insert(source) {
            return Some((*source).to_owned());
        }
    }
    None
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
    use crate::concurrency::work::tests::assert_proportional;

    #[test]
    fn many_columns_take_steps_in_proportion() {
        // Equal names, and names of the same letters.
        for name in [|number: usize| format!("c{number}"), |number| "-".repeat(number % 50) + "C"] {
            assert_proportional(5_000, |size| {
                let cells: Vec<String> = (0..size).map(|number| format!(r#""c{number}":1"#)).collect();
                let levels = Levels::root(&rows(&format!("[{{{}}}]", cells.join(","))));
                let columns = (0..size).map(|number| (name(number), String::new())).collect();
                let wanted = [Predefined { name: "d".to_owned(), columns, ..Predefined::default() }];
                arrays(&wanted, &levels.columns().iter().map(|(_, column)| column.name).collect::<Vec<_>>());
                by_rule(&levels, &wanted);
            });
        }
    }

    #[test]
    fn many_datasets_take_steps_in_proportion() {
        assert_proportional(2_000, |size| {
            let cells: Vec<String> = (0..size).map(|number| format!(r#""c{number}":1"#)).collect();
            let levels = Levels::root(&rows(&format!("[{{{}}}]", cells.join(","))));
            let dataset = |number| Predefined {
                name: format!("d{number}"),
                columns: vec![(format!("c{number}"), String::new())],
                ..Predefined::default()
            };
            let wanted: Vec<Predefined> = (0..size).map(dataset).collect();
            let plan = by_rule(&levels, &wanted);
            assert_eq!(plan[size - 1].columns[0].from, [format!("c{}", size - 1)]);
        });
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
