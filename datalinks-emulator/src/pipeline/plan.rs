//! The plan of the datasets that a run creates, and the assignment of columns to them.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::levels::Levels;
use crate::concurrency::work::{Map, Set, count};
use crate::store::Definition;

/// A dataset to be created.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct DatasetPlan {
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) description: String,
    /// The column that identifies a row. If it is set, duplicate rows are removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) identifier: Option<String>,
    pub(super) columns: Vec<ColumnPlan>,
}

/// A column and its sources.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct ColumnPlan {
    pub(super) name: String,
    /// The source columns. If there are none, the column is null.
    #[serde(default)]
    pub(super) from: Vec<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) description: String,
}

impl ColumnPlan {
    /// Creates a column that keeps the values of its source.
    pub(super) fn of(source: &str, name: &str) -> Self {
        Self { name: name.to_owned(), from: vec![source.to_owned()], description: String::new() }
    }
}

impl DatasetPlan {
    pub(super) fn new(name: impl Into<String>, columns: Vec<ColumnPlan>) -> Self {
        Self { name: name.into(), columns, ..Self::default() }
    }

    pub(super) fn column_names(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.name.as_str()).collect()
    }

    /// Returns the source columns of the identifier.
    fn identifier_sources(&self) -> &[String] {
        let identifier = self.columns.iter().find(|column| Some(&column.name) == self.identifier.as_ref());
        identifier.map_or(&[], |column| &column.from)
    }

    /// Returns the levels of the source columns.
    pub(super) fn levels(&self, level_of: impl Fn(&str) -> Option<usize>) -> Vec<usize> {
        let mut levels: Vec<usize> = self
            .columns
            .iter()
            .flat_map(|column| &column.from)
            .filter_map(|source| level_of(source))
            .collect();
        levels.sort_unstable();
        levels.dedup();
        levels
    }

    /// Returns the definition of the dataset. With `describe`, its name stands in for a missing description.
    pub(super) fn definition(&self, describe: bool) -> Definition {
        let described = self.columns.iter().filter(|column| !column.description.is_empty());
        let described: Vec<(String, String)> =
            described.map(|column| (column.name.clone(), column.description.clone())).collect();
        Definition {
            data_description: (describe || !self.description.is_empty()).then(|| self.described().to_owned()),
            schema_definition: (!described.is_empty()).then(|| described.into_iter().collect()),
            ..Definition::default()
        }
    }

    pub(super) fn described(&self) -> &str {
        if self.description.is_empty() { &self.name } else { &self.description }
    }
}

/// Checks the name of a dataset.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    let invalid = name.trim().is_empty()
        || matches!(name, "." | "..")
        || name.contains('\\')
        || name.chars().any(char::is_control);
    if invalid { Err(format!("{name:?} cannot be the name of a dataset")) } else { Ok(()) }
}

/// Checks a plan: every source must exist, and no value may be lost or duplicated.
pub(super) fn check(levels: &Levels, datasets: &[DatasetPlan]) -> Result<(), String> {
    let level_of = levels.by_column();
    let mut names: HashSet<&str> = HashSet::new();
    for dataset in datasets {
        check_name(&dataset.name)?;
        if !names.insert(&dataset.name) {
            return Err(format!("there would be two datasets {:?}", dataset.name));
        }
        let mut columns: HashSet<&str> = HashSet::new();
        let mut sources: HashSet<&str> = HashSet::new();
        for column in &dataset.columns {
            if column.name.trim().is_empty() {
                return Err(format!("a column of {:?} needs a name", dataset.name));
            }
            if !columns.insert(&column.name) {
                return Err(format!("{:?} would have two columns {:?}", dataset.name, column.name));
            }
            for source in &column.from {
                if !level_of.contains_key(source) {
                    return Err(format!("the rows have no column {source:?}"));
                }
                if !sources.insert(source) {
                    return Err(format!("{:?} uses the column {source:?} twice", dataset.name));
                }
            }
        }
        if let Some(identifier) = dataset.identifier.as_deref().filter(|own| !columns.contains(own)) {
            return Err(format!("{:?} has no column {identifier:?} to be named by", dataset.name));
        }
        check_chain(levels, dataset, |source| level_of.get(source).copied())?;
    }
    let identifiers: Set<&str> =
        datasets.iter().flat_map(DatasetPlan::identifier_sources).map(String::as_str).collect();
    let mut used: Set<&str> = Set::default();
    for source in datasets.iter().flat_map(sources) {
        if !used.insert(source) && !identifiers.contains(source) {
            return Err(format!(
                "the column {source:?} would be in several datasets and is the identifier of none of them"
            ));
        }
    }
    Ok(())
}

/// Returns the source columns of a dataset.
fn sources(dataset: &DatasetPlan) -> impl Iterator<Item = &str> {
    dataset.columns.iter().flat_map(|column| &column.from).map(String::as_str)
}

/// Rejects sources from two sibling arrays: no record contains items of both.
fn check_chain(
    levels: &Levels,
    dataset: &DatasetPlan,
    level_of: impl Fn(&str) -> Option<usize>,
) -> Result<(), String> {
    let own = dataset.levels(level_of);
    let Some(deepest) = own.last() else { return Ok(()) };
    let chain: Vec<usize> = levels.upwards(*deepest).collect();
    match own.iter().find(|level| !chain.contains(level)) {
        None => Ok(()),
        Some(_) => Err(format!(
            "the columns of {:?} come from arrays that stand beside each other; make them datasets of their own",
            dataset.name
        )),
    }
}

/// Assigns every unused column to a dataset, so that no value is lost. The column goes to the first dataset of the same
/// items, otherwise to the first dataset that repeats its level, otherwise to a new dataset named after the array or
/// `base`.
pub(super) fn complete(levels: &Levels, datasets: &mut Vec<DatasetPlan>, base: &str) {
    let level_of = levels.by_column();
    let used: Set<String> = datasets.iter().flat_map(sources).map(str::to_owned).collect();
    let mut names: Vec<Set<String>> = datasets.iter().map(names_of).collect();
    let mut dataset_names: Set<String> = datasets.iter().map(|own| own.name.clone()).collect();
    // The first dataset of each level, by the deepest level of a dataset and by the levels above it.
    let (mut by_deepest_level, mut by_any_level): (Map<usize, usize>, Map<usize, usize>) =
        (Map::default(), Map::default());
    for (at, dataset) in datasets.iter().enumerate() {
        if let Some(deepest) = dataset.levels(|source| level_of.get(source).copied()).pop() {
            by_deepest_level.entry(deepest).or_insert(at);
            for above in levels.upwards(deepest) {
                by_any_level.entry(above).or_insert(at);
            }
        }
    }
    for (level, column) in levels.columns() {
        if used.contains(column.name) {
            continue;
        }
        let known = by_deepest_level.get(&level).or_else(|| by_any_level.get(&level)).copied();
        let at = known.unwrap_or_else(|| {
            let array = levels.get(level).and_then(|level| level.array.as_deref());
            let name = free_name(array.unwrap_or(base), |name| dataset_names.contains(name));
            dataset_names.insert(name.clone());
            datasets.push(DatasetPlan::new(name, Vec::new()));
            names.push(Set::default());
            let at = datasets.len() - 1;
            by_deepest_level.insert(level, at);
            for above in levels.upwards(level) {
                by_any_level.entry(above).or_insert(at);
            }
            at
        });
        if let (Some(dataset), Some(names)) = (datasets.get_mut(at), names.get_mut(at)) {
            let name = free_name(column.name, |name| names.contains(name));
            names.insert(name.clone());
            dataset.columns.push(ColumnPlan::of(column.name, &name));
        }
    }
}

fn names_of(dataset: &DatasetPlan) -> Set<String> {
    dataset.columns.iter().map(|column| column.name.clone()).collect()
}

/// Returns a free name: the preferred name, or the name with the next free number, as in `films_2`.
pub(super) fn free_name(preferred: &str, is_taken: impl Fn(&str) -> bool) -> String {
    FreeNames::default().find(preferred, is_taken)
}

/// Maximum number of digits of a suffix that is incremented. A longer number could overflow.
const MAX_DIGITS: usize = 18;

/// Splits a name into its stem and its number. The number is 1 if the name has none.
fn stem_of(name: &str) -> (&str, u64) {
    let numbered = name.rsplit_once('_').and_then(|(stem, digits)| {
        let is_number = digits.len() <= MAX_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.parse().ok().filter(|_| is_number && !stem.is_empty())?;
        Some((stem, number))
    });
    numbered.unwrap_or((name, 1))
}

/// Finds free names for a sequence of preferred names, without testing a taken name twice.
///
/// Taken names must stay taken.
#[derive(Default)]
pub(super) struct FreeNames {
    /// For each stem: a number whose name is taken, and a later number before which all are taken.
    later: HashMap<String, HashMap<u64, u64>>,
}

impl FreeNames {
    /// Returns a free name; see [`free_name`].
    pub(super) fn find(&mut self, preferred: &str, is_taken: impl Fn(&str) -> bool) -> String {
        count(1);
        if !is_taken(preferred) {
            return preferred.to_owned();
        }
        let (stem, number) = stem_of(preferred);
        let later = self.later.entry(stem.to_owned()).or_default();
        let (mut passed, mut number) = (Vec::new(), number + 1);
        loop {
            count(1);
            if let Some(next) = later.get(&number) {
                passed.push(number);
                number = *next;
                continue;
            }
            let name = format!("{stem}_{number}");
            if !is_taken(&name) {
                later.extend(passed.into_iter().map(|taken| (taken, number)));
                return name;
            }
            passed.push(number);
            number += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::levels::tests::rows;
    use super::*;
    use crate::concurrency::work::tests::assert_proportional;

    fn dataset(name: &str, columns: &[(&str, &[&str])]) -> DatasetPlan {
        let column = |(name, from): &(&str, &[&str])| ColumnPlan {
            name: (*name).to_owned(),
            from: from.iter().map(|source| (*source).to_owned()).collect(),
            description: String::new(),
        };
        DatasetPlan::new(name, columns.iter().map(column).collect())
    }

    fn levels() -> Levels {
        let rows = rows(r#"[{"a":1,"b":2,"x":[{"p":1}],"y":[{"q":1,"a":2}]}]"#);
        Levels::of(&rows, &["x".to_owned(), "y".to_owned()]).unwrap()
    }

    #[test]
    fn plan_that_loses_or_duplicates_values_is_rejected() {
        let levels = levels();
        let mut named = dataset("n", &[("a", &["a"])]);
        named.identifier = Some("a".to_owned());
        let join = vec![named.clone(), dataset("m", &[("of", &["a"]), ("p", &["p"])])];
        assert_eq!(check(&levels, &join), Ok(()));
        assert_eq!(check(&levels, &[dataset("m", &[("b", &["a", "b"]), ("a", &["p"])])]), Ok(()));
        named.identifier = Some("z".to_owned());
        for (choice, expected) in [
            (vec![dataset("m", &[("v", &["z"])])], "no column \"z\""),
            (vec![dataset("m", &[("v", &["a"]), ("w", &["a"])])], "uses the column \"a\" twice"),
            (vec![dataset("m", &[("v", &["a"]), ("v", &["b"])])], "two columns \"v\""),
            (vec![dataset("m", &[(" ", &["a"])])], "needs a name"),
            (vec![dataset(" ", &[])], "cannot be the name"),
            (vec![dataset("a\\b", &[])], "cannot be the name"),
            (vec![dataset("m", &[]), dataset("m", &[])], "two datasets \"m\""),
            (vec![dataset("m", &[("a", &["a"])]), dataset("n", &[("a", &["a"])])], "identifier of none"),
            (vec![dataset("m", &[("p", &["p"]), ("q", &["q"])])], "beside each other"),
            (vec![named], "no column \"z\" to be named by"),
        ] {
            let message = check(&levels, &choice).unwrap_err();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn unused_column_is_assigned_to_a_dataset() {
        let levels = levels();
        let mut plan = vec![dataset("of x", &[("p", &["p"])])];
        complete(&levels, &mut plan, "base");
        let shown: Vec<String> =
            plan.iter().map(|own| format!("{}: {}", own.name, own.column_names().join(" "))).collect();
        assert_eq!(shown, ["of x: p a b", "y: q y.a"]);
        let mut plan = Vec::new();
        complete(&levels, &mut plan, "base");
        assert_eq!(plan.iter().map(|own| own.name.as_str()).collect::<Vec<_>>(), ["base", "x", "y"]);
        let mut plan = vec![dataset("m", &[("b", &["a"])])];
        complete(&levels, &mut plan, "base");
        assert_eq!(plan[0].columns[1], ColumnPlan::of("b", "b_2"));
    }

    #[test]
    fn many_columns_take_linear_time() {
        assert_proportional(10_000, |size| {
            let cells: Vec<String> = (0..size).map(|number| format!(r#""c{number}":1"#)).collect();
            let levels = Levels::root(&rows(&format!("[{{{}}}]", cells.join(","))));
            let mut plan = Vec::new();
            complete(&levels, &mut plan, "base");
            assert_eq!(plan[0].columns.len(), size);
            assert_eq!(check(&levels, &plan), Ok(()));
        });
    }

    #[test]
    fn taken_numbered_names_take_linear_time() {
        assert_proportional(2_000, |size| {
            let mut taken: HashSet<String> = (1..=size).map(|number| format!("a_{number}")).collect();
            let mut free = FreeNames::default();
            for number in 1..=size {
                let name = free.find(&format!("a_{number}"), |name| taken.contains(name));
                assert_eq!(name, format!("a_{}", size + number));
                taken.insert(name);
            }
        });
    }

    #[test]
    fn many_datasets_with_the_same_stem_take_linear_time() {
        let levels = Levels::root(&rows(r#"[{"x":1}]"#));
        assert_proportional(2_000, |size| {
            let mut plan: Vec<DatasetPlan> = (1..=size).map(|at| dataset(&format!("a_{at}"), &[])).collect();
            complete(&levels, &mut plan, "a_1");
            assert_eq!(plan[size].name, format!("a_{}", size + 1));
        });
    }

    #[test]
    fn taken_name_gets_the_next_number() {
        for (preferred, free) in [
            ("a", "a"),
            ("films", "films_3"),
            ("p_1", "p_2"),
            ("_1", "_1_2"),
            ("p_+1", "p_+1_2"),
            // The number cannot be incremented.
            ("m_18446744073709551615", "m_18446744073709551615_2"),
            ("m_999999999999999999", "m_1000000000000000000"),
        ] {
            let taken =
                ["films", "films_2", "p_1", "_1", "p_+1", "m_18446744073709551615", "m_999999999999999999"];
            assert_eq!(free_name(preferred, |name| taken.contains(&name)), free);
        }
    }
}
